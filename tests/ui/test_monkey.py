"""Whatever is pressed, clicked, pasted or resized, on every screen: the app goes on.

The guards press a few hundred events, the proofs some thousands: `make prove SEED=7` others than
`make prove`. With `-s` they show what came where.
"""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from textual import events
from textual.pilot import OutOfBounds, Pilot
from textual.widgets import Input, TextArea

from tests.case_lists import sampled
from tests.ui.pictures import opened
from tests.ui.walk.test_walk import app_of
from tracer.ui.screens import SCREENS

FEW, MANY = 50, 250  # events of a guard and of a proof
SCENARIOS = ["one_weight", "mlp_2_2_2", "xor"]
SIZES = [(80, 24), (60, 15), (120, 40), (200, 60), (20, 6), (1, 1), (61, 17)]
KEYS = [
    *"abcdefghijklmnoprstuvwxyzNPGU0123456789",
    "up", "down", "left", "right", "enter", "escape", "tab", "shift+tab", "backspace", "delete",
    "home", "end", "pageup", "pagedown", "space", "colon", "slash", "minus", "plus",
    "left_square_bracket", "right_square_bracket", "question_mark", "equals_sign", "f1", "f2",
    "ctrl+p", "ctrl+n", "ctrl+t", "ctrl+r", "ctrl+g", "ctrl+l", "ctrl+b", "ctrl+f", "ctrl+z",
    "ctrl+y", "ctrl+a", "ctrl+k", "ctrl+u", "ctrl+w", "ctrl+x", "ctrl+v",
]  # fmt: skip
# Not q, ctrl+q and ctrl+c, which end the app, and nothing that writes a file (ctrl+s, then Enter).
PIECES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="[]/x=@'\"\\ #i(){}_^$%&*", max_size=40),
    st.sampled_from(
        [
            "nan", "inf", "-inf", "1e999", "9" * 400, "1/0", "9**9**9", "\x1b[31m", "\x1b]0;x\x07",
            "数＝½", "[/foo]", "[red]x[/red]", "\u202ey", "\x00", "y_pred = w * x = 0.6\n" * 40,
            "W1[0, 1]", "3 dloss/dw", "../../etc/passwd", "a" * 5000, "(" * 300,
            "~nobody/x", "👩‍👩‍👧 = 3",
        ]
    ),
    st.floats().map(str),
    st.integers().map(str),
)  # fmt: skip


Seen = Counter[tuple[str, str, str]]
"""How often what came where: the kind of an event, the screen, the widget that had the focus."""


async def one_event(
    pilot: Pilot[None], chance: random.Random, texts: list[str], seen: Seen
) -> None:
    app = app_of(pilot)
    focused = app.focused

    def note(kind: str) -> None:
        place = "" if focused is None else focused.id or type(focused).__name__
        seen[kind, type(app.screen).__name__, place] += 1

    what = chance.random()
    if what < 0.62:
        note("key")
        await pilot.press(chance.choice(KEYS))
    elif what < 0.80:
        note("click")
        width, height = app.size
        place = (chance.randrange(max(width, 1)), chance.randrange(max(height, 1)))
        with suppress(OutOfBounds):  # the window became smaller meanwhile
            await pilot.click(offset=place, times=chance.choice([1, 1, 1, 2]))
    elif what < 0.93:
        note("paste")
        app.post_message(events.Paste(chance.choice(texts)))
        await pilot.pause()
    elif what < 0.97:
        note("resize")
        await pilot.resize_terminal(*chance.choice(SIZES))
    else:
        note("screen")
        app.open(chance.choice(list(SCREENS)))
        await pilot.pause()


async def monkey(scenario: str, most: int, begin: int, texts: list[str], seen: Seen) -> None:
    chance = random.Random(begin)
    async with opened(scenario, (80, 24), is_seen=True) as pilot:
        app = app_of(pilot)
        app.action_quit = _stay  # type: ignore[method-assign]  # it stands in the palette, too
        for number in range(most):
            await one_event(pilot, chance, texts, seen)
            inside = [error for error in app.reported if not _is_told(error)]
            assert inside == [], (scenario, begin, number, inside)
            assert app.is_running, (scenario, begin, number)
        await pilot.resize_terminal(80, 24)
        for _ in range(12):
            await pilot.press("escape")
        await pilot.pause()
        assert app.is_running


async def _stay() -> None:
    """Take the place of what ends the app on purpose."""


def _is_told(error: BaseException) -> bool:
    """Tell whether an error is a reader's, which is answered with a message."""
    from tracer.errors import TracerError

    return isinstance(error, TracerError)


GENERATED = settings(
    max_examples=1,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # to make an example smaller would take the whole run many times
    suppress_health_check=list(HealthCheck),
)


def press_many(scenario: str, events: int, begin: int) -> str:
    """Let the monkey play; return what came how often."""
    seen: Seen = Counter()

    @seed(begin)
    @GENERATED
    @given(st.lists(PIECES, min_size=20, max_size=60))
    def run(texts: list[str]) -> None:
        assume(len(set(texts)) > 3)  # the first lists are of empty texts
        asyncio.run(monkey(scenario, events, begin, texts, seen))

    run()
    kinds = Counter[str]()
    for (kind, _, _), number in seen.items():
        kinds[kind] += number
    places = sorted({f"{screen} {place}" for kind, screen, place in seen if kind == "paste"})
    print(f"\n{scenario}, seed {begin}: {sum(kinds.values())} events, {dict(kinds)}")
    print(f"  pasted on {', '.join(places)}")
    return ", ".join(f"{number} × {kind}" for kind, number in sorted(kinds.items()))


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize("scenario", sampled(SCENARIOS, ["xor"]))
def test_no_event_ends_the_app(scenario: str) -> None:
    press_many(scenario, FEW, 1)


@pytest.mark.proof
@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize("turn", range(8))
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_event_of_many_ends_the_app(
    scenario: str, turn: int, proof_seed: int, report_proof: Callable[[str], None]
) -> None:
    begin = proof_seed + 1000 * (turn + 1)
    seen = press_many(scenario, MANY, begin)
    report_proof(f"the app with {scenario} goes on, seed {begin}: {seen}")


# How each line that is typed in is reached, and the keys that take what was typed.
INPUTS = {
    "check": (["c"], ["ctrl+n", "ctrl+r"]),
    "play": (["l", "enter"], ["enter"]),
    "scenarios": (["s"], ["down"]),
    "glossary": (["x"], ["down"]),
    "go to": (["colon"], ["enter"]),
    "commands": (["ctrl+p"], []),
    "theme": (["t"], []),
    "export": (["e", "enter"], []),
    "save": (["l", "w"], []),
    "open": (["c", "ctrl+o"], ["enter"]),
}


def type_texts(name: str, most: int, begin: int) -> None:
    """Paste up to so many texts into an input, and take what was pasted."""
    opening, taking = INPUTS[name]

    async def typed(texts: list[str]) -> None:
        async with opened("one_weight", (80, 24), is_seen=True) as pilot:
            app = app_of(pilot)
            for text in texts:
                await pilot.press(*opening)
                await pilot.pause()
                assert isinstance(app.focused, Input | TextArea), name
                app.post_message(events.Paste(text))
                await pilot.press(*taking)
                await pilot.pause()
                inside = [error for error in app.reported if not _is_told(error)]
                assert inside == [], (name, text, inside)
                await pilot.press(*["escape"] * 4)
                app.open("walk")
                await pilot.pause()
            assert app.is_running

    @seed(begin)
    @GENERATED
    @given(st.lists(PIECES, min_size=min(most, 4), max_size=most))
    def run(texts: list[str]) -> None:
        assume(len(set(texts)) >= min(most, 4))  # the first lists are of empty texts
        asyncio.run(typed(texts))

    run()


@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize("name", [*INPUTS][::3])
def test_every_input_takes_every_text(name: str) -> None:
    type_texts(name, 2, 1)


@pytest.mark.proof
@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize("name", INPUTS)
def test_every_input_takes_many_texts(
    name: str, proof_seed: int, report_proof: Callable[[str], None]
) -> None:
    type_texts(name, 30, proof_seed + 1)
    report_proof(f"the input of {name} takes every text")
