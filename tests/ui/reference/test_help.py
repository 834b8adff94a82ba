"""Help for what is in focus, and the glossary of all that a walk can print."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tests.case_lists import CHOSEN
from tests.conftest import MORE
from tests.ui.pictures import check, opened, pressed
from tracer.errors import TracerError
from tracer.narrative.catalogue import catalogue
from tracer.narrative.explanation import explain, explained_names
from tracer.narrative.steps import StepNarrator
from tracer.narrative.words import EXPLAINED
from tracer.program.scenario import load
from tracer.render.mathematics import Words
from tracer.render.screen_lines import line_text, line_width
from tracer.run.runner import run_scenario
from tracer.sentences import say
from tracer.ui.key_tables import TABLES
from tracer.ui.parts.tracer_screen import Pane
from tracer.ui.reference.glossary_screen import entry_lines, glossary_options, step_names
from tracer.ui.screens import SCREENS
from tracer.ui.walk.walk_screen import WalkScreen

SIZES = [(80, 24), (120, 40), (60, 15)]
THUMBS = dict.fromkeys(map(ord, "▁▂▃▄▅▆▇"), " ")  # they move with each entry of the glossary


def screens(
    *visits: Sequence[str],
    scenario: str = "one_weight",
    size: tuple[int, int] = (80, 24),
    **options: Any,
) -> list[str]:
    """Return the screen after each of some runs of keys, and see that nothing went wrong."""

    async def visited() -> list[str]:
        async with opened(scenario, size, **options) as pilot:
            found = [await pressed(pilot, *keys) for keys in visits]
            assert list(pilot.app.reported) == []  # type: ignore[attr-defined]  # the app is ours
            return found

    return asyncio.run(visited())


@pytest.mark.parametrize(
    ("size", "language"),
    [
        *((size, "en") for size in SIZES),
        pytest.param(SIZES[0], "zh", marks=pytest.mark.chinese),
        *(pytest.param(size, "zh", marks=[pytest.mark.chinese, MORE]) for size in SIZES[1:]),
    ],
)
def test_pictures(size: tuple[int, int], language: str) -> None:
    """Help and glossary look as they did when somebody looked at them."""
    helped, glossary = screens(
        ["n", "n", "n", "question_mark"], ["x"], size=size, language=language
    )
    name = f"{size[0]}x{size[1]}_{language}"
    check(f"help_{name}", helped)
    check(f"glossary_{name}", glossary.translate(THUMBS))


def test_help_is_for_the_pane_in_focus() -> None:
    """Each pane has its own help; Escape goes back to where one was."""
    found = screens(["4", "f1"], ["escape"], ["2", "question_mark"], ["backspace"])
    assert "4 Loss" in found[0]
    assert "The landscape of a small network" in found[0]
    assert "step 1/5" in found[1]
    assert "2 Derivation" in found[2]
    assert "step 1/5" in found[3]


def test_help_tells_of_panning_and_of_boxes() -> None:
    """The help of the network says what the mouse and the keys do there."""
    (found,) = screens(["3", "f1"])
    text = " ".join(found.split())
    assert "Left and right move over a drawing" in text
    assert "a click on a box goes to its step" in text


def test_help_names_the_keys_as_they_are_bound() -> None:
    """What help says of a key is what the reader has bound."""
    from tracer.ui.parts.preferences import Preferences

    (found,) = screens(["f1"], size=(120, 80), preferences=Preferences(keys={"walk.next": "m"}))
    (line,) = [line for line in found.splitlines() if line.endswith(" Next step")]
    assert line.split() == ["m", "Next", "step"]


def test_every_screen_and_pane_has_help() -> None:
    """Each screen says what it is for, and each pane of the walk what it shows."""
    for name in SCREENS.keys() - {"help"}:
        table = type(SCREENS[name]()).TABLE
        assert table is TABLES[name]
        assert table.about

    async def run() -> None:
        async with opened() as pilot:
            assert isinstance(pilot.app.screen, WalkScreen)
            panes = pilot.app.screen.query(Pane)
            assert len(panes) == WalkScreen.COUNT + 1, "the panes and the card"
            assert all(pane.ABOUT is not None for pane in panes)

    asyncio.run(run())


def test_glossary_opens_at_the_rules_of_the_step() -> None:
    """`x` explains the rule of the step that is shown; typing searches."""
    first, second, third = screens(["n", "n", "n", "x"], [*"tanh"], ["escape", "escape"])
    assert "This step" in first
    assert "▸ chain rule" in first
    assert "The derivative of one step after another" in " ".join(first.replace("│", " ").split())
    assert "derivative of tanh" in second
    assert "step 4/5" in third


@pytest.mark.chinese
def test_glossary_is_searched_in_both_languages() -> None:
    """In Chinese an English word finds its rule too."""
    (chinese,) = screens(["n", "n", "n", "x", *"chain"], language="zh")
    assert "链式法则" in chinese


def test_glossary_moves_and_finds_nothing_without_a_fault() -> None:
    """Arrows move, a search without a result says so, Tab and Enter reach the text."""
    moved, none, text = screens(
        ["x", "down", "down", "pagedown", "up"],
        ["z", "z", "z", "enter", "down", "escape"],
        ["escape", "tab", "down", "pagedown", "escape", "escape"],
    )
    assert "▸" in moved
    assert "Nothing matches what you" in none
    assert "typed." in none, "it goes on below where the list is narrow"
    assert "step 1/5" in text


def test_every_rule_that_is_printed_is_explained() -> None:
    """The glossary has an entry for each rule of each step of scenarios of all kinds."""
    rules = {}
    for scenario in map(load, CHOSEN):
        for step in StepNarrator(6).steps(run_scenario(scenario).iteration(1)):
            rules.update({rule.template: rule for rule in step.rules})
    assert len(rules) > 20
    assert [template for template, rule in rules.items() if not step_names([rule])] == []
    assert step_names([say("chain rule"), say("chain rule"), say("no rule of ours")]) == [
        "chain rule"
    ]


@pytest.mark.parametrize(
    ("language", "every"),
    [("en", 30), *(pytest.param(name, 1, marks=pytest.mark.proof) for name in ("en", "zh"))],
)
def test_all_entries_can_be_told(language: str, every: int) -> None:
    """Names have a text, in lines that fit, and what is unknown is an error of ours."""
    words = Words(catalogue(language))
    found = [each.value for each in glossary_options(words)]
    assert sorted(found) == sorted(explained_names())
    for name in found[::every]:
        lines = entry_lines(name, words, 40)
        assert len(lines) > (2 if name in EXPLAINED else 5)
        longest = max(lines, key=line_width)
        assert line_width(longest) <= 60, (name, line_text(longest))
    with pytest.raises(TracerError):
        explain("no such rule")
