"""The four themes. Every text colour stands at 4.5:1 or more on the grounds it is shown on.

What is right is sky blue, what is wrong is orange, and both are also told by a sign and words.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.style import Style
    from textual.theme import Theme

DEFAULT: Final = "dark"
MONOCHROME: Final = "monochrome"

# ground: of the panes; raised: of dialogs and bars; cursor: behind a chosen row.
COLORS: Final[dict[str, dict[str, str]]] = {
    "dark": {
        "ground": "#10151d",
        "raised": "#1a2230",
        "cursor": "#2b3a52",
        "line": "#46566e",
        "focus": "#56b4e9",
        "text": "#dbe2ec",
        "faint": "#94a2b6",
        "accent": "#56b4e9",
        "numbers": "#c9a6f5",
        "result": "#7fe0c3",
        "lit": "#ffd866",
        "changed": "#ffd866",
        "good": "#56b4e9",
        "bad": "#e69f00",
    },
    "light": {
        "ground": "#fdfdfb",
        "raised": "#eef1f4",
        "cursor": "#d3e5f2",
        "line": "#9aa7b5",
        "focus": "#00639c",
        "text": "#1c232c",
        "faint": "#505b68",
        "accent": "#00578a",
        "numbers": "#6a2fa3",
        "result": "#00604c",
        "lit": "#7a4a00",
        "changed": "#7a4a00",
        "good": "#00578a",
        "bad": "#8f4a00",
    },
    "high-contrast": {
        "ground": "#000000",
        "raised": "#000000",
        "cursor": "#003b6f",
        "line": "#ffffff",
        "focus": "#ffff00",
        "text": "#ffffff",
        "faint": "#e0e0e0",
        "accent": "#66ccff",
        "numbers": "#e6ccff",
        "result": "#80ffdd",
        "lit": "#ffff00",
        "changed": "#ffff00",
        "good": "#66ccff",
        "bad": "#ffb84d",
    },
    "monochrome": {
        "ground": "#000000",
        "raised": "#1c1c1c",
        "cursor": "#3a3a3a",
        "line": "#808080",
        "focus": "#ffffff",
        "text": "#e4e4e4",
        "faint": "#b0b0b0",
        "accent": "#ffffff",
        "numbers": "#d0d0d0",
        "result": "#ffffff",
        "lit": "#ffffff",
        "changed": "#ffffff",
        "good": "#ffffff",
        "bad": "#ffffff",
    },
}

NAMES: Final = tuple(COLORS)

# What a piece of a line may be: the colour of its text, and how else it is told apart.
ROLES: Final[dict[str, tuple[str, str]]] = {
    "left": ("text", "bold"),
    "sign": ("text", ""),
    "formula": ("text", ""),
    "numbers": ("numbers", ""),
    "result": ("result", "bold"),
    "words": ("text", ""),
    "inline": ("accent", ""),
    "label": ("accent", "bold"),
    "heading": ("accent", "bold"),
    "title": ("text", "bold"),
    "strong": ("accent", "bold"),
    "faint": ("faint", ""),
    "lit": ("lit", "bold reverse"),
    "changed": ("changed", "bold"),
    "good": ("good", "bold"),
    "bad": ("bad", "bold"),
    "cursor": ("text", "bold"),  # on a ground of its own
    "curve": ("accent", ""),
    "mark": ("lit", "bold"),
    "wire": ("faint", ""),
    "wire-lit": ("lit", "bold"),
    "negative": ("bad", ""),
    "positive": ("good", ""),
    "sample": ("text", "bold"),
}


@cache
def styles_on(name: str, ground: Style) -> dict[str, Style]:
    """Return each role's style in a theme on a ground; where it says nothing of that, it stays."""
    from rich.style import Style

    colors = COLORS[name if name in COLORS else DEFAULT]
    return {
        role: ground
        + Style.parse(
            f"{attributes} {colors[color]}"
            + (f" on {colors['cursor']}" if role == "cursor" else "")
        )
        for role, (color, attributes) in ROLES.items()
    }


def textual_themes() -> list[Theme]:
    """Return the themes for Textual; each colour is also the variable `$tracer-…`."""
    from textual.theme import Theme

    return [
        Theme(
            name=name,
            primary=colors["accent"],
            secondary=colors["numbers"],
            warning=colors["bad"],
            error=colors["bad"],
            success=colors["good"],
            accent=colors["focus"],
            foreground=colors["text"],
            background=colors["ground"],
            surface=colors["ground"],
            panel=colors["raised"],
            dark=name != "light",
            text_alpha=1.0,
            variables=theme_variables(name),
        )
        for name, colors in COLORS.items()
    ]


def theme_variables(name: str) -> dict[str, str]:
    """Return what a theme's style sheet may name."""
    colors = COLORS[name]
    return {
        **{f"tracer-{role}": color for role, color in colors.items()},
        "input-cursor-background": colors["text"],
        "input-cursor-foreground": colors["ground"],
        "input-selection-background": colors["cursor"],
        "border": colors["focus"],
        "border-blurred": colors["line"],
        "scrollbar": colors["line"],
        "scrollbar-hover": colors["focus"],
        "scrollbar-active": colors["focus"],
        "scrollbar-background": colors["ground"],
        "scrollbar-background-hover": colors["ground"],
        "scrollbar-background-active": colors["ground"],
        "scrollbar-corner-color": colors["ground"],
    }
