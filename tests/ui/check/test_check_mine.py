"""Check mine on the screen: typing, verdicts, findings, repairs, files."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.ui.pictures import check, opened, picture, press, pressed, wait_until
from tests.ui.walk.test_walk import app_of, on
from tracer.check.trace.traced_view import TracedView
from tracer.document_check import check_beside
from tracer.errors import TracerError
from tracer.program.scenario import load
from tracer.render.screen_lines import Line
from tracer.run.runner import run_scenario
from tracer.sentences import say
from tracer.ui.check import checking
from tracer.ui.check.check_panes import FindingsPane
from tracer.ui.check.check_screen import CheckScreen
from tracer.ui.check.editor import MOST_CHARACTERS, Editor, Verdicts, clean_text
from tracer.ui.parts.tracer_screen import Lines

WRITTEN = """Iteration 1
y_pred = w * x = 0.5 * 1 = 0.6
loss = (y_pred - y)**2 = 1.96
dloss/dy_pred = 2 * (y_pred - y) = 2 * (0.6 - 2) = 2.8
foo = [[3*4)) = 5*2 = 10
"""


def screen_of(pilot: Pilot[None]) -> CheckScreen:
    screen = pilot.app.get_screen("check")
    assert isinstance(screen, CheckScreen)
    return screen


async def judged(pilot: Pilot[None]) -> str:
    """Wait for the report on the present text; return the screen."""
    screen = screen_of(pilot)
    await pilot.pause(0.02)
    await wait_until(pilot, lambda: not screen.is_checking)
    return picture(pilot)


async def pasted(pilot: Pilot[None], text: str) -> str:
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()
    return await judged(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 15)], ids=lambda size: f"{size[0]}")
def test_check_at_each_size(size: tuple[int, int]) -> None:
    async def run() -> None:
        async with opened("one_weight", size) as pilot:
            await press(pilot, "c")
            await pasted(pilot, WRITTEN)
            shown = await pressed(pilot, "ctrl+n")
            check(f"check_{size[0]}x{size[1]}", shown)

    asyncio.run(run())


def test_findings_are_drawn_for_their_room_from_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def show(pane: FindingsPane, lines: Sequence[Line], *, home: bool = True) -> None:
        drawn.append(len(lines))
        Lines.show(pane, lines, home=home)

    monkeypatch.setattr(FindingsPane, "show", show)

    async def run() -> None:
        async with opened("one_weight", (80, 24)) as pilot:
            await press(pilot, "c")
            await pasted(pilot, WRITTEN)
            assert set(drawn) == {14}, "the same lines each time"

    asyncio.run(run())


@pytest.mark.chinese
def test_check_in_chinese() -> None:
    async def run() -> None:
        async with opened("one_weight", (80, 24), language="zh") as pilot:
            await press(pilot, "c")
            await pasted(pilot, WRITTEN)
            check("check_zh_80x24", await pressed(pilot, "ctrl+n"))

    asyncio.run(run())


def test_check_in_ascii() -> None:
    async def run() -> None:
        async with opened("one_weight", (80, 24), unicode=False) as pilot:
            await press(pilot, "c")
            await pasted(pilot, WRITTEN)
            assert (await pressed(pilot, "ctrl+n")).isascii()

    asyncio.run(run())


@on()
async def test_lines_are_judged_while_one_types(pilot: Pilot[None]) -> None:
    await press(pilot, "c", *"w*x=0.5*1=0.7")
    shown = await judged(pilot)
    assert "✗ arithmetic" in shown
    assert "1 slip," in shown
    await press(pilot, "backspace", "5")
    shown = await judged(pilot)
    assert "✓ right" in shown
    assert "0 slips" in shown


@on()
async def test_nothing_is_said_of_a_line_that_has_changed_since(pilot: Pilot[None]) -> None:
    await press(pilot, "c", *"w*x=0.5*1=0.7", "enter", *"y=2")
    assert "✗ arithmetic" in await judged(pilot)
    screen = screen_of(pilot)
    screen.check_soon = lambda: None  # type: ignore[method-assign]  # the next check takes long
    assert "✗ arithmetic" in await pressed(pilot, "space")
    screen.editor.move_cursor((0, 12))
    assert "✗ arithmetic" not in await pressed(pilot, "delete")


@on()
async def test_findings_are_visited_and_repaired(pilot: Pilot[None]) -> None:
    await press(pilot, "c")
    await pasted(pilot, WRITTEN)
    screen = screen_of(pilot)
    screen.editor.move_cursor((0, 0))
    await press(pilot, "ctrl+n")
    assert screen.editor.selected_text == "0.6"
    await press(pilot, "ctrl+r")
    shown = await judged(pilot)
    assert "= 0.5 * 1 = 0.5" in shown
    await press(pilot, "ctrl+z")
    assert screen.editor.text == WRITTEN
    shown = await judged(pilot)
    assert "↷ carried forward" in shown
    await press(pilot, "ctrl+b")
    assert screen.findings.at == len(screen.findings.findings) - 1
    await press(pilot, "ctrl+g")
    assert "2 * (0.6 - 2) = -2.8" in screen.editor.text


@on()
async def test_a_right_line_needs_no_repair(pilot: Pilot[None]) -> None:
    """Also where a slip stands on another line."""
    await press(pilot, "c")
    await pasted(pilot, "y_pred = w * x = 0.5\nloss = (0.5 - 2)**2 = 2.2501\n")
    screen_of(pilot).editor.move_cursor((0, 3))
    await pilot.pause()
    assert "There is nothing to repair." in await pressed(pilot, "ctrl+r")
    assert "2.2501" in screen_of(pilot).editor.text


@on()
async def test_a_repair_on_an_empty_line_goes_to_the_first_slip(pilot: Pilot[None]) -> None:
    await press(pilot, "c")
    text = "\nfoo = [[3*4)) = 5*2 = 10\ny_pred = w * x = 0.5 * 1 = 0.6\nloss = 1.96\n"
    await pasted(pilot, text)
    screen_of(pilot).editor.move_cursor((0, 0))
    await pilot.pause()
    await press(pilot, "ctrl+r")
    assert screen_of(pilot).editor.selected_text == "0.6"
    await press(pilot, "ctrl+r")
    assert "= 0.5 * 1 = 0.5" in screen_of(pilot).editor.text


@on()
async def test_many_pasted_lines_can_be_undone_and_redone(pilot: Pilot[None]) -> None:
    """The scroll bar goes while the cursor is still below what is left of the text."""
    await press(pilot, "c", "a", "enter")
    await pasted(pilot, "\n".join(WRITTEN.splitlines() * 8))
    editor = screen_of(pilot).query_one(Editor)
    lines = editor.text
    await press(pilot, "ctrl+z")
    assert (editor.text, editor.cursor_location) == ("a\n", (1, 0))
    await press(pilot, "ctrl+y")
    assert editor.text == lines
    assert not app_of(pilot).reported


@on()
async def test_only_what_was_checked_as_it_stands_is_repaired(pilot: Pilot[None]) -> None:
    """The marked finding is, wherever the cursor stands; nothing while a line has changed."""
    await press(pilot, "c")
    await pasted(pilot, "Iteration 1\ny_pred = w * x = 0.6\ndloss/dy_pred = 2 * (0.6 - 2) = -2.8\n")
    editor = screen_of(pilot).editor
    before = editor.text
    editor.move_cursor((0, 0))
    await pilot.pause()
    assert "Line 2 is repaired." in await pressed(pilot, "ctrl+r")
    await press(pilot, "ctrl+z")
    assert editor.text == before
    editor.replace("2", (0, 10), (0, 11))  # the figure below would be another one there
    editor.move_cursor((1, 0))
    await pilot.press("ctrl+r")
    assert editor.text == before.replace("Iteration 1", "Iteration 2")


@on()
async def test_all_repairs_are_taken_back_as_one(pilot: Pilot[None]) -> None:
    await press(pilot, "c")
    await pasted(pilot, WRITTEN)
    await press(pilot, "ctrl+g")
    editor = screen_of(pilot).editor
    await wait_until(pilot, lambda: editor.text != WRITTEN)
    repaired = editor.text
    assert "0.5 * 1 = 0.5" in repaired
    assert "2 * (0.6 - 2) = -2.8" in repaired
    await press(pilot, "ctrl+z")
    assert screen_of(pilot).editor.text == WRITTEN
    await press(pilot, "ctrl+y")
    assert screen_of(pilot).editor.text == repaired


@on()
async def test_what_follows_from_a_slip_is_repaired_with_it_and_earns_nothing(
    pilot: Pilot[None],
) -> None:
    await press(pilot, "c")
    shown = await pasted(pilot, "ŷ = 0.5\ndL/dw = 2*(0.5 - 2)*1 = 3\nw = 0.5 - 0.1*3 = 0.2\n")
    assert "↷ carried forward" in shown
    practice = app_of(pilot).predictions.practice
    assert practice is not None
    points = practice.total
    await press(pilot, "ctrl+g")
    editor = screen_of(pilot).editor
    await wait_until(pilot, lambda: "0.5 - 0.1*(-3) = 0.8" in editor.text)
    assert "3 right" in await judged(pilot)
    assert practice.total <= points


@on()
async def test_an_emptied_text_is_of_no_file(pilot: Pilot[None]) -> None:
    """What is typed after a Python file was opened and deleted is no Python."""
    await press(pilot, "c")
    screen = screen_of(pilot)
    screen.editor.kind, screen.editor.path = "py", "calc.py"
    await pasted(pilot, "w = 0.5\n")
    screen.editor.take("")
    await judged(pilot)
    shown = await pasted(pilot, WRITTEN)
    assert "calc.py" not in shown
    assert "0.6 should be 0.5" in shown


@on()
async def test_a_line_that_has_changed_is_not_repaired(pilot: Pilot[None]) -> None:
    await press(pilot, "c")
    await pasted(pilot, WRITTEN)
    screen = screen_of(pilot)
    screen.editor.move_cursor((1, 0))
    await press(pilot, "1", "ctrl+r")
    assert screen.editor.text.split("\n")[1] == "1y_pred = w * x = 0.5 * 1 = 0.6"


@on()
async def test_the_iteration_is_filled_in(pilot: Pilot[None]) -> None:
    await press(pilot, "N", "c", "ctrl+l")
    screen = screen_of(pilot)
    assert screen.editor.text.startswith("Iteration 2\n")
    assert screen.editor.selected_text == "____"
    await press(pilot, *"0.8", "tab", *"0.8")
    assert "ŷ = w·x = 0.8 = 0.8" in screen.editor.text
    shown = await judged(pilot)
    assert "1 right" in shown
    assert "4 still open" in shown


@on()
async def test_the_run_that_is_shown_counts(pilot: Pilot[None]) -> None:
    """The learning rate was changed in the play: the same line is right now."""
    await press(pilot, "c")
    shown = await pasted(pilot, "w' = w - learning_rate * dloss/dw = 0.5 - 0.2 * (-3) = 1.1")
    assert "1 slip," in shown
    app_of(pilot).show_trace(run_scenario(load("one_weight", settings=["learning_rate=0.2"])))
    await pilot.pause()
    shown = await judged(pilot)
    assert "1 right" in shown
    assert "0 slips" in shown


@on()
async def test_the_mouse_goes_to_a_finding(pilot: Pilot[None]) -> None:
    await press(pilot, "c")
    await pasted(pilot, WRITTEN)
    editor = screen_of(pilot).editor
    await pilot.click(Verdicts, offset=(3, 3))
    await pilot.pause()
    assert editor.selection.end[0] == 3
    at = picture(pilot).splitlines()[-1].index("Ctrl+R")
    await pilot.click("#keys", offset=(at, 0))
    await pilot.pause()
    assert editor.text == WRITTEN.replace("= 2.8", "= -2.8")
    await judged(pilot)
    await pilot.click(FindingsPane, offset=(6, 2))
    await pilot.pause()
    assert editor.selection.end[0] in (1, 2)


LONG = "y_pred = w * x = 0.5 * 1" + " + 0 * 1" * 12 + " = 0.6"


@on()
async def test_a_long_line_is_read_to_its_end_and_its_verdict_stands_beside_it(
    pilot: Pilot[None],
) -> None:
    await press(pilot, "c")
    await pasted(pilot, f"{LONG}\nloss = (0.5 - 2)**2 = 2.25\n{LONG}")
    screen = screen_of(pilot)
    verdicts = screen.query_one(Verdicts)
    for size in ((80, 24), (60, 15), (120, 40), (200, 60), (80, 24)):
        await pilot.resize_terminal(*size)
        screen.editor.move_cursor((0, 0))
        await pilot.pause()
        shown = ""
        for y in range(screen.editor.size.height):
            row = screen.editor.render_line(y).text
            number, text = row[:3].strip(), row[3:].strip()
            assert bool(verdicts.render_line(y).text.strip()) == bool(number and text)
            shown += text + " "
        assert size == (60, 15) or shown.count(LONG) == 2


@on()
async def test_the_figure_that_is_wrong_is_marked_where_the_line_goes_on(
    pilot: Pilot[None],
) -> None:
    await press(pilot, "c")
    await pasted(pilot, LONG)
    editor = screen_of(pilot).editor
    marked = [
        segment.text
        for y in range(4)
        for segment in editor.render_line(y)
        if segment.style is not None and segment.style.underline
    ]
    assert marked == ["0.6"]
    await pilot.click(Verdicts, offset=(3, 1))  # beside the second row of the same line
    assert editor.selection.end[0] == 0


@on()
async def test_why_a_text_has_no_report_stays_while_the_cursor_moves(pilot: Pilot[None]) -> None:
    await press(pilot, "c")
    await pasted(pilot, "a = 1\nb = 2")
    screen = screen_of(pilot)
    screen.show_checked(
        (screen.editor.text, screen.session.trace), None, TracerError(say("nobody can read this"))
    )
    await pilot.pause()
    assert "nobody can read this" in picture(pilot)
    assert "nobody can read this" in await pressed(pilot, "up")


def test_a_file_is_opened_and_the_report_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").write_text(WRITTEN.replace("\n", "\r\n"), "utf-8", newline="")

    async def run() -> None:
        async with opened() as pilot:
            await press(pilot, "c", "ctrl+o", *"no.txt", "enter")
            assert "cannot be read" in picture(pilot)
            await press(pilot, *["backspace"] * 6, *"mine.txt", "enter")
            shown = await judged(pilot)
            assert "mine.txt" in shown
            assert screen_of(pilot).editor.text == WRITTEN
            await press(pilot, "ctrl+s", *"save the report", "enter", "enter")
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            report = (tmp_path / "mine.report.md").read_text("utf-8")
            assert "0.6 should be 0.5" in report
            await press(pilot, "ctrl+s", *"copy the report", "enter")
            assert app_of(pilot).clipboard == report

    asyncio.run(run())


@pytest.mark.parametrize(
    "text",
    [
        "x[i] [/b] [red] = 3 = 4\n\x1b[31m\x00\u202e数 = ½ = 0.5",
        "nan = inf = -nan = 1e999\n9**9**9**9 = 3\n" + "(" * 5000 + "= 3",
        "a" * (MOST_CHARACTERS + 1),
        "w = " + "9" * 15_000,
        "\u2028\u0085\x0c" * 50 + "1 + 1 = 3",
    ],
    ids=["brackets", "huge", "long", "digits", "ends"],
)
def test_nothing_pasted_ends_the_app(text: str) -> None:
    async def run() -> None:
        async with opened() as pilot:
            await press(pilot, "c")
            shown = await pasted(pilot, text)
            assert "\x1b" not in shown
            await press(pilot, "x", "ctrl+n", "ctrl+r", "tab", "down", "ctrl+z")
            await judged(pilot)
            assert list(app_of(pilot).reported) == []

    asyncio.run(run())


def test_too_long_a_text_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracer.check.read.reader.MAX_LINES", 500)

    async def run() -> None:
        async with opened() as pilot:
            await press(pilot, "c")
            await pasted(pilot, "1 + 1 = 3\n" * 501)
            await wait_until(pilot, lambda: "too many lines" in picture(pilot))
            await press(pilot, "x", "ctrl+n", "ctrl+r", "tab", "down", "ctrl+z")
            assert list(app_of(pilot).reported) == []

    asyncio.run(run())


def test_cleaned_text_keeps_lines_and_tabs() -> None:
    assert clean_text("a\tb\r\nc\rd\u2028e\x1b") == "a\tb\nc\nd\ne␛"


def test_the_checker_is_loaded_with_the_screen_and_not_before() -> None:
    code = (
        "import sys, asyncio\n"
        "from tests.ui.pictures import opened\n"
        "async def run():\n"
        "    async with opened() as pilot:\n"
        "        assert 'tracer.check.document_lines' not in sys.modules\n"
        "        await pilot.press('c')\n"
        "        await pilot.pause()\n"
        "        assert 'tracer.check.document_lines' in sys.modules\n"
        "asyncio.run(run())\n"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=60)


@on()
async def test_a_text_that_is_not_saved_is_not_lost_without_a_question(pilot: Pilot[None]) -> None:
    await press(pilot, "c")
    await pasted(pilot, WRITTEN)
    shown = await pressed(pilot, "escape", "q")
    assert "Your calculation is not saved." in shown
    assert "My calculation" in await pressed(pilot, "enter")
    assert screen_of(pilot).editor.text == WRITTEN
    await press(pilot, "escape", "q", "down", "enter")
    assert not pilot.app.is_running or pilot.app._exit


@on()
async def test_a_form_that_nobody_filled_in_may_go(pilot: Pilot[None]) -> None:
    await press(pilot, "c", "ctrl+l")
    assert screen_of(pilot).unsaved_question is None
    await press(pilot, "3")
    assert screen_of(pilot).unsaved_question is not None


@on()
async def test_a_finding_that_is_visited_stays_and_one_that_is_being_written_waits(
    pilot: Pilot[None],
) -> None:
    await press(pilot, "c")
    await pasted(pilot, "0.5 * 1 = 0.5\n\nq = exp(12.3) ≈ 2.2e5 = 219695\n")
    for _ in range(2):
        shown = await pressed(pilot, "ctrl+n")
        assert "? line 3: undecided" in shown
        assert "cannot tell: within rounding error" in shown
    await press(pilot, "end", "0")
    assert "undecided" not in await judged(pilot)
    assert "undecided" in await pressed(pilot, "up")


@on()
async def test_the_finding_of_the_line_on_which_one_writes_stays_chosen(pilot: Pilot[None]) -> None:
    await press(pilot, "c")
    await pasted(pilot, "0.5 * 1 = 0.6\n\n2 * 3 = 7\n")
    screen = screen_of(pilot)
    screen.editor.move_cursor((2, 9))
    await press(pilot, "backspace", "8")
    await judged(pilot)
    assert screen.findings.chosen_finding is not None
    assert screen.findings.chosen_finding.line == 3


@pytest.mark.parametrize(
    "text",
    [
        r"\frac{\partial L}{\partial w} = 2(0.5-2)\cdot 1 = 3",
        r"\hat{y} = w \cdot x = 0.5 \cdot 1 = 0.6",
    ],
)
def test_a_formula_of_latex_alone_is_judged(text: str) -> None:
    trace = run_scenario(load("one_weight"))
    report = check_beside(text, checking.kind_of_text(text), TracedView(trace))
    assert [finding.verdict for finding in report.findings] == ["slip"]


def test_recorded_values_are_compared_with_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.json").write_text('{"y_pred": [0.5], "dloss/dw": [3.0]}', "utf-8")

    async def run() -> None:
        async with opened() as pilot:
            await press(pilot, "c", "x", "ctrl+o", *"mine.json", "enter")
            await wait_until(pilot, lambda: "first mismatch" in picture(pilot))
            assert "dloss/dw" in picture(pilot)
            assert screen_of(pilot).editor.text == "x"
            assert list(app_of(pilot).reported) == []

    asyncio.run(run())
