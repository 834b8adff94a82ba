"""Text reaches the screen as it is: no markup, no control characters."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.pictures import opened, picture
from tracer.program.scenario import loads
from tracer.render.screen_lines import cut_text, safe_text
from tracer.text_width import width
from tracer.ui.parts.tracer_screen import content

UI = Path(__file__).resolve().parents[2] / "tracer" / "ui"
# What Textual reads as markup where it is given a text.
TITLES = {"border_title", "border_subtitle", "tooltip"}
WIDGETS = {"Static", "Label", "Button", "Checkbox", "RadioButton", "Option", "TabPane"}


def offenders(source: str) -> Iterator[str]:
    """Yield the lines of a module that hand a text to what may read it as markup."""
    own = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)}
    imported = {
        alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tracer")
        for alias in node.names
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            is_title = isinstance(target, ast.Attribute) and target.attr in TITLES
            if is_title and not _is_safe(node.value):
                yield f"{node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if name in WIDGETS - own - imported and node.args and not _is_safe(node.args[0]):
                yield f"{node.lineno}: {ast.unparse(node)}"
            if isinstance(node.func, ast.Attribute):
                if node.func.attr == "from_markup":
                    yield f"{node.lineno}: {ast.unparse(node)}"
                if node.func.attr == "notify" and not any(
                    word.arg == "markup" for word in node.keywords
                ):
                    yield f"{node.lineno}: {ast.unparse(node)}"


def _is_safe(node: ast.expr) -> bool:
    """Tell whether a value is Content, None or an empty text."""
    if isinstance(node, ast.Constant):
        return not node.value
    if isinstance(node, ast.Attribute) and node.attr == "markup":
        node = node.value
    if isinstance(node, ast.IfExp):
        return _is_safe(node.body) and _is_safe(node.orelse)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "content"


@pytest.mark.parametrize("path", sorted(UI.rglob("*.py")), ids=lambda path: path.stem)
def test_no_module_hands_text_to_markup(path: Path) -> None:
    assert list(offenders(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "Static(name)",
        "box.border_title = f'x[{i}]'",
        "app.notify(message)",
        "Content.from_markup(text)",
        "Label(f'{a}' if b else content(c))",
    ],
)
def test_offenders_are_found(source: str) -> None:
    assert list(offenders(source))


@given(st.text())
def test_safe_text_has_no_control_characters(text: str) -> None:
    for character in safe_text(text):
        assert character.isprintable() or character == " " or ord(character) > 159
        assert character not in "\x1b\n\r\t"


@given(st.text(), st.integers(0, 40))
def test_cut_text_fits(text: str, columns: int) -> None:
    assert width(cut_text(safe_text(text), columns)) <= columns


@given(st.text(alphabet="[]/x=@'\"\\ #i", max_size=20))
def test_content_keeps_brackets(text: str) -> None:
    assert content(text).plain == safe_text(text, lines=True)


def test_titles_keep_brackets() -> None:
    """A frame's title that looks like markup is shown whole."""

    async def run() -> None:
        async with opened() as pilot:
            pane = pilot.app.screen.query_one("#pane-2")
            pane.border_title = content("x[i] [/b] [red]").markup
            await pilot.pause()
            assert "x[i] [/b] [red]" in picture(pilot)

    asyncio.run(run())


def test_a_scenario_of_odd_texts_is_shown_as_it_is() -> None:
    """Escapes and brackets of a file reach no terminal and no markup."""
    text = (
        'title = "[/foo] [31m red"\n[data]\nx = [1, 2]\n[parameters]\nw = 0.5\n'
        '[network]\nequations = "y = w * x[0]\\nloss = y**2"\n'
        "[training]\niterations = 2\nlearning_rate = 0.1\n"
    )

    async def run() -> None:
        async with opened(loads(text, name="[bold]x[/]\x1b[2J"), (80, 24)) as pilot:
            assert "\x1b" not in picture(pilot)
            await pilot.press("n", "n", "e")
            await pilot.pause()
            assert "\x1b" not in picture(pilot)
            assert not pilot.app.title.count("\x1b")

    asyncio.run(run())
