"""The themes can be read."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest
from rich.style import Style

from tracer.ui.parts.themes import COLORS, NAMES, ROLES, styles_on

LEAST = 4.5  # WCAG 2.2, success criterion 1.4.3


def luminance(color: str) -> float:
    """Return the relative luminance of #rrggbb, as WCAG 2.2 defines it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_colors() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", NAMES)
@pytest.mark.parametrize("role", ROLES)
def test_text_stands_out_from_its_grounds(theme: str, role: str) -> None:
    colors = COLORS[theme]
    text = colors[ROLES[role][0]]
    grounds = ("cursor",) if role == "cursor" else ("ground", "raised")
    for ground in grounds:
        assert contrast(text, colors[ground]) >= LEAST, (theme, role, ground)
    assert contrast(colors["text"], colors["cursor"]) >= LEAST
    assert contrast(colors["focus"], colors["ground"]) >= LEAST


@pytest.mark.parametrize("theme", NAMES)
def test_every_role_has_a_style(theme: str) -> None:
    assert set(styles_on(theme, Style())) == set(ROLES)


def test_right_and_wrong_are_not_told_by_red_and_green() -> None:
    assert COLORS["dark"]["good"] == "#56b4e9"
    assert COLORS["dark"]["bad"] == "#e69f00"


def test_monochrome_has_no_color() -> None:
    for color in COLORS["monochrome"].values():
        assert color[1:3] == color[3:5] == color[5:7]
