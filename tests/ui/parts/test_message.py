"""Messages in the corner: whole in every language, gone in time, there on the next screen too."""

from __future__ import annotations

import asyncio
import re
from time import monotonic

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.pilot import Pilot
from textual.strip import Strip

from tests.case_lists import crossed
from tests.ui.pictures import opened, picture, pressed
from tests.ui.walk.test_walk import app_of, on
from tracer.ui.parts.dialogs import Say
from tracer.ui.parts.host import ShortMessage
from tracer.ui.parts.message import Corner, Uncut

TOLD = "每个终端都接受这一行，a 也是，从左到右，不少一格。"


@pytest.mark.parametrize(
    ("size", "end"), crossed([(80, 24), (61, 20), (120, 40), (60, 15)], ["", "a"])
)
def test_a_wide_character_across_the_edge_of_a_pane(size: tuple[int, int], end: str) -> None:
    """Panes below a message have edges on even and odd columns; not a character is lost."""

    async def run() -> None:
        async with opened("one_weight", size, language="zh") as pilot:
            app_of(pilot).tell(TOLD + end)
            await pilot.pause()
            assert TOLD + end in picture(pilot)

    asyncio.run(run())


def written(pieces: list[tuple[int, Strip]], columns: int) -> str:
    """Return what a terminal shows of pieces that are written at their columns."""
    cells = [" "] * columns
    for column, piece in pieces:
        for segment in piece:
            for sign in re.findall(r"\x1b\[1[CD]|.[\u0300-\u036f]*", segment.text):
                if sign.startswith("\x1b"):
                    column += 1 if sign.endswith("C") else -1
                    continue
                if not cell_len(sign):  # a mark belongs to the sign before it
                    cells[column - 1] += sign
                    continue
                for at in range(column, column + cell_len(sign)):
                    whole = cells[at]  # who writes on half of a wide character erases it
                    if cell_len(whole) == 2 or whole == "":
                        cells[at - (whole == "") : at + 1 + (whole != "")] = [" ", " "]
                cells[column : column + cell_len(sign)] = [sign, ""][: cell_len(sign)]
                column += cell_len(sign)
    return "".join(cells)


@given(
    st.lists(
        st.sampled_from(["a", "b", " ", "中", "文", "，", "é", "x̂"]), min_size=1, max_size=12
    ).map("".join),
    st.sets(st.integers(1, 23)),
    st.booleans(),
)
@example("a中文", {2}, False)
@example("中文", {1, 2, 3}, True)
def test_pieces_are_the_line(text: str, cuts: set[int], turned: bool) -> None:
    """Wherever a line is cut, its pieces are the line, in one go and each at its own column."""
    line = Uncut([Segment(text)], cell_len(text))
    ends = [cut for cut in sorted(cuts) if cut < line.cell_length] + [line.cell_length]
    pieces = line.divide([*ends, line.cell_length + 1])  # an edge beyond it
    begins = [0, *ends[:-1]]
    assert [piece.cell_length for piece in pieces] == [
        end - begin for begin, end in zip(begins, ends, strict=True)
    ]
    placed = list(zip(begins, pieces, strict=True))
    turned = turned and "x̂" not in text  # Textual cuts before a mark: it needs the sign before it
    assert written(placed[::-1] if turned else placed, line.cell_length) == text
    assert written([(0, Strip.join(pieces))], line.cell_length) == text
    for begin, piece in placed:
        for end in range(1, piece.cell_length):
            part = piece.crop(0, end)
            whole = Strip([Segment(text)]).crop(begin, begin + end)
            assert part.text.strip("\u0302") == whole.text.strip("\u0302")  # marks at the edges


def test_a_message_goes_along_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a dialog tells as it closes is seen below it; time or a click takes it away."""
    monkeypatch.setattr("tracer.ui.parts.host.EACH_SIGN", 0.0)

    async def run() -> None:
        async with opened("one_weight") as pilot:
            app = app_of(pilot)
            await pressed(pilot, ":")
            app.tell("first")
            await pilot.pause()
            assert "first" in picture(pilot)
            assert "first" in await pressed(pilot, "escape")
            app.tell("second")
            await pilot.pause()
            assert "second" in picture(pilot)
            assert "first" not in picture(pilot)
            await pilot.click("Corner MessageBox")
            await pilot.pause()
            assert not app.screen.query_one(Corner).display
            monkeypatch.setattr("tracer.ui.parts.host.LEAST_TOLD", 0.05)
            app.tell("third")
            await pilot.pause(0.3)
            assert "third" not in picture(pilot)

    asyncio.run(run())


@on()
async def test_a_key_takes_a_message_away_that_was_read(pilot: Pilot[None]) -> None:
    """What was told only just stays."""
    app_of(pilot).tell("told")
    assert "told" in await pressed(pilot, "n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracer.ui.app.READING_SECONDS", 0.0)
        assert "told" not in await pressed(pilot, "n")


def test_a_message_stays_on_no_screen_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen is kept when it is left; its message's time is not that of the next one."""
    monkeypatch.setattr("tracer.ui.parts.host.EACH_SIGN", 0.0)
    monkeypatch.setattr("tracer.ui.parts.host.LEAST_TOLD", 3.0)

    async def run() -> None:
        async with opened("one_weight") as pilot:
            app = app_of(pilot)
            shown = await pressed(pilot, "l", "u")
            assert "nothing to undo" in shown or "as it was loaded" in shown
            await pressed(pilot, "escape")
            monkeypatch.setattr("tracer.ui.parts.host.LEAST_TOLD", 60.0)
            app.tell("next")
            await pilot.pause(3.1)  # the first one's time is over
            assert "next" in picture(pilot)
            assert "as it was loaded" not in await pressed(pilot, "l")
            assert "Ctrl+Q: Quit" in await pressed(pilot, "ctrl+c")

    asyncio.run(run())


@pytest.mark.parametrize("wait", [0.0, 0.01, 0.05, 0.2])
def test_the_app_ends_while_a_message_comes_or_goes(
    wait: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is mounted or removed that the end would have to wait for."""
    monkeypatch.setattr("tracer.ui.parts.host.EACH_SIGN", 0.0)
    monkeypatch.setattr("tracer.ui.parts.host.LEAST_TOLD", 0.05)

    async def run() -> None:
        async with opened("one_weight") as pilot:
            app = app_of(pilot)
            await pressed(pilot, "l")
            app.tell("first")
            await pilot.pause(wait)
            app.tell("second")
            await pilot.press("escape")
            app.exit()

    asyncio.run(asyncio.wait_for(run(), 60))


@pytest.mark.parametrize("size", [(80, 24), (60, 15)], ids=lambda size: f"{size[0]}")
def test_a_long_dialog_scrolls_and_says_how_to_close_it(size: tuple[int, int]) -> None:
    """Of a damaged settings file there may be much to say."""

    async def run() -> None:
        async with opened("one_weight", size) as pilot:
            pilot.app.push_screen(Say("Faults", "\n\n".join(f"fault {n}" for n in range(40))))
            await pilot.pause()
            shown = picture(pilot)
            assert "fault 0" in shown
            assert "fault 39" not in shown
            assert "[Enter or Esc closes this.]" in shown
            shown = await pressed(pilot, "end")
            assert "fault 39" in shown
            assert "[Enter or Esc closes this.]" in shown
            assert "Faults" not in await pressed(pilot, "enter")

    asyncio.run(run())


def test_a_message_whose_time_is_over_before_it_is_shown_is_no_error() -> None:
    """Beside other work a message may wait longer for its corner than it was to be seen."""

    async def run() -> None:
        async with opened() as pilot:
            corner = Corner()
            await pilot.app.screen.mount(corner)
            corner.show(ShortMessage("late", False, monotonic() - 2, monotonic() - 1))
            await pilot.pause(0.05)

    asyncio.run(run())
