"""Guesses on the page of a calculation: hidden values, hints, verdicts, the score."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.pilot import Pilot

from tests.case_lists import crossed
from tests.ui.check.test_check_mine import judged, pasted, screen_of
from tests.ui.pictures import check, opened, picture, press, pressed, shown_text, wait_until
from tests.ui.walk.test_prediction import typed
from tests.ui.walk.test_walk import app_of, on
from tracer.narrative.session import Session, StepPlace
from tracer.program.scenario import load
from tracer.run.runner import run_scenario
from tracer.run.short_runs import run
from tracer.ui.check.check_panes import QuestionPane
from tracer.ui.check.checking import Guess, guess_of
from tracer.worksheets.practice import Predictions

SIZES = [(80, 24), (120, 40), (60, 15), (200, 60)]


def lines_of(pilot: Pilot[None]) -> list[str]:
    return screen_of(pilot).editor.text.split("\n")


@pytest.mark.parametrize(("scenario", "size"), crossed(["one_weight", "mlp_2_2_2"], SIZES))
def test_guesses_at_each_size(scenario: str, size: tuple[int, int]) -> None:
    async def run() -> None:
        async with opened(scenario, size) as pilot:
            await press(pilot, "c", *typed("0.6"), "ctrl+n", *typed("1.96"), "ctrl+n")
            await press(pilot, "ctrl+t", "ctrl+t")
            await judged(pilot)
            check(f"guesses_{scenario}_{size[0]}x{size[1]}", picture(pilot))

    asyncio.run(run())


@pytest.mark.chinese
def test_guesses_in_chinese() -> None:
    async def run() -> None:
        async with opened("one_weight", (80, 24), language="zh") as pilot:
            await press(pilot, "c", *typed("0.6"), "ctrl+n", *typed("1.96"))
            check("guesses_zh_80x24", await judged(pilot))

    asyncio.run(run())


def test_guesses_in_ascii() -> None:
    async def run() -> None:
        async with opened("one_weight", (80, 24), unicode=False) as pilot:
            await press(pilot, "c", *typed("0.6"), "ctrl+n", *typed("1.96"))
            assert (await judged(pilot)).isascii()
            assert lines_of(pilot)[1:3] == ["y_pred = 0.6", "loss = 1.96"]

    asyncio.run(run())


@on()
async def test_right_lines_that_are_pasted_count_without_enter(pilot: Pilot[None]) -> None:
    """Working counts by its result; a slip is told, and costs nothing; the last line is typed."""
    await press(pilot, "c")
    lines = ["Iteration 1", "ŷ = w·x = 0.5·1 = 0.5", "loss = 2.25", "dloss/dy_pred = 3", "w"]
    shown = await pasted(pilot, "\n".join(lines))
    assert "6 of 15 points" in shown
    assert "value 3/5" in shown
    assert "✗ sign" in shown


@on()
async def test_guesses_say_nothing_of_how_all_gradients_are_meant(pilot: Pilot[None]) -> None:
    """A sign that is wrong twice is a slip, and what follows from it is carried forward."""
    keys = (key for text in ("0.5", "2.25", "3") for key in typed(text))
    await press(pilot, "c", *keys, "ctrl+n", *typed("3"), "ctrl+n", *typed("0.2"))
    shown = await judged(pilot)
    assert "2 right, 1 slip, 2 carried forward" in shown.replace("\n", "")
    assert "opposite sign" not in shown


@on()
async def test_from_the_end_of_the_walk_all_values_are_asked_for(pilot: Pilot[None]) -> None:
    """The first value of the first iteration comes first; the walk stays at its end."""
    shown = await pressed(pilot, "G", "n", "c")
    assert "iteration 1 · value 1/5" in shown
    assert "after the last step" in await pressed(pilot, "escape")
    assert app_of(pilot).session.place == StepPlace(3, 4)


@on("mlp_2_2_2", (120, 40))
async def test_the_network_tells_no_value_that_is_asked_for(pilot: Pilot[None]) -> None:
    for keys in ((), ("G", "n")):
        shown = await pressed(pilot, *keys, "c")
        assert "iteration 1 · value 1/" in shown
        assert "z₁" in shown
        assert "0.24" not in shown
        await press(pilot, "escape")


@on()
async def test_a_number_becomes_a_line_of_the_calculation(pilot: Pilot[None]) -> None:
    """Its name and the iteration are written down; the next value is asked for."""
    shown = await pressed(pilot, "N", "c")
    assert "= ?" in shown
    assert "ŷ 0.8" not in shown
    await press(pilot, *typed("0.8"))
    shown = await judged(pilot)
    assert lines_of(pilot) == ["Iteration 2", "ŷ = 0.8", ""]
    assert "value 2/5" in shown
    assert "3 of 15 points" in shown
    assert "✓ right" in shown


@on()
async def test_a_wrong_guess_is_typed_anew_and_is_not_told_the_answer(pilot: Pilot[None]) -> None:
    await press(pilot, "c", *typed("0.6"))
    shown = await judged(pilot)
    assert "✗ Not right: look at the arithmetic" in shown
    assert "should be" not in shown
    assert screen_of(pilot).editor.selected_text == "ŷ = 0.6"
    assert "This is your guess; Ctrl+T gives a hint." in await pressed(pilot, "ctrl+r")
    assert "the same answer as before" in await pressed(pilot, *typed("0.6"))
    assert screen_of(pilot).editor.selected_text == "ŷ = 0.6", "it does not stand there unjudged"
    await press(pilot, *typed("0.5"))
    assert lines_of(pilot) == ["Iteration 1", "ŷ = 0.5", ""]
    assert "2 of 15 points" in await judged(pilot)


@on()
async def test_a_line_of_another_value_leaves_a_wrong_guess_above_it(pilot: Pilot[None]) -> None:
    await press(pilot, "c", *typed("0.6"), *typed("dL/dw = -3"))
    assert lines_of(pilot) == ["Iteration 1", "ŷ = 0.6", "dL/dw = -3", ""]


@on()
async def test_what_is_no_answer_leaves_a_wrong_guess_above_it(pilot: Pilot[None]) -> None:
    """Neither a remark nor a value that is given takes its place."""
    await press(pilot, "c", *typed("0.6"), *typed("the weather is fine"))
    assert lines_of(pilot)[:3] == ["Iteration 1", "ŷ = 0.6", "the weather is fine"]
    await press(pilot, *typed("L = 5"), *typed("x = 3"))
    assert lines_of(pilot)[3:5] == ["L = 5", "x = 3"]


@on()
async def test_what_follows_from_a_wrong_value_is_named(pilot: Pilot[None]) -> None:
    await press(pilot, "c", *typed("0.6"), "ctrl+n", *typed("1.96"))
    assert "↷ carried forward" in await judged(pilot)


@on()
async def test_enter_again_leaves_a_wrong_guess_as_it_is(pilot: Pilot[None]) -> None:
    """The value is still asked for, on a line of its own."""
    await press(pilot, "c", *typed("0.6"), "enter")
    assert lines_of(pilot) == ["Iteration 1", "ŷ = 0.6", ""]
    assert "value 1/5" in await judged(pilot)


@on("mlp_2_2_2")
async def test_an_array_is_typed_whole(pilot: Pilot[None]) -> None:
    await press(pilot, "c", *typed("[0.24, 0.1]"))
    assert lines_of(pilot) == ["Iteration 1", "z₁ = [0.24, 0.1]"]
    assert "value 2/41" in await judged(pilot), "the entry that is wrong is asked for"
    await press(pilot, *typed("[0.24, 0.02]"))
    assert "value 3/41" in await judged(pilot)
    await press(pilot, *typed("[0.56, 0.5]"))
    shown = await judged(pilot)
    assert "value 4/41" in shown, "one digit is too few to judge it by"
    assert "a₁ = [0.56, 0.5]" in shown
    assert "○ still open" in shown
    await press(pilot, *typed("[0.56, 0.505]"))
    assert "still open" not in await judged(pilot)


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        (["y_pred = w*x = 0.8*1 = 0.8"], "✓ right"),
        (["y_pred = w*x = 0.5*1 = 0.5"], "✗ stale value"),
        (["y_pred = w*x = 0.5*1 = 0.5", "loss = (0.5 - 2)**2 = 2.25"], "✓ right"),
        (["Iteration 1", "y_pred = w*x = 0.5*1 = 0.5"], "✓ right"),
    ],
)
def test_what_is_typed_without_a_head_is_of_the_iteration_that_is_asked_for(
    lines: list[str], verdict: str
) -> None:
    """A page that is pasted begins with the first iteration, as a document does."""

    async def run() -> None:
        async with opened("one_weight") as pilot:
            await press(pilot, "N", "c")
            await pasted(pilot, "\n".join(lines))
            assert verdict in await judged(pilot)

    asyncio.run(run())


@on()
async def test_a_head_that_is_erased_changes_no_verdict(pilot: Pilot[None]) -> None:
    await press(pilot, "N", "c", *typed("0.8"))
    assert lines_of(pilot)[:2] == ["Iteration 2", "ŷ = 0.8"]
    await press(pilot, "up", "up", "home", "ctrl+k", "delete")
    assert lines_of(pilot)[0] == "ŷ = 0.8"
    assert "✓ right" in await judged(pilot)


@on()
async def test_a_line_with_a_name_is_a_guess_of_that_value(pilot: Pilot[None]) -> None:
    """As a scenario names it, as it is shown, and behind its working."""
    for line in ("dloss/dw = -3", "∂L/∂ŷ = 2*(0.5 - 2) = -3", "loss = 2.25"):
        pilot.app.post_message(events.Paste(line))
        if line.startswith("dloss"):
            await press(pilot, "c")
            pilot.app.post_message(events.Paste(line))
        await press(pilot, "enter")
    shown = await judged(pilot)
    assert "9 of 15 points" in shown
    assert shown.count("✓ right") == 3


@on()
async def test_hints_come_in_three_stages(pilot: Pilot[None]) -> None:
    await press(pilot, "c", "ctrl+n")
    shown = await pressed(pilot, "ctrl+t")
    assert "Hint 1" in shown
    assert "(0.5 − 2)²" not in shown
    shown = await pressed(pilot, "ctrl+t")
    assert "(0.5 − 2)²" in shown
    assert "2.25" not in shown
    shown = await pressed(pilot, "ctrl+t")
    assert "2.25" in shown


@on()
async def test_behind_the_last_value_stands_the_score(pilot: Pilot[None]) -> None:
    await press(pilot, "n", "n", "c", *typed("3"))
    shown = await pressed(pilot, *["ctrl+n"] * 3)
    assert "Slips by kind" in shown
    assert "1  sign" in shown
    assert "value 5/5" in await pressed(pilot, "ctrl+b")
    assert "Slips by kind" in await pressed(pilot, "ctrl+n")
    assert "2 Derivation" in await pressed(pilot, "escape")
    shown = await pressed(pilot, "c")
    assert "Slips by kind" not in shown, "there is a value to be found"


@on()
async def test_the_score_is_shown_from_the_menu_and_the_question_stays(pilot: Pilot[None]) -> None:
    await press(pilot, "c", *typed("0.5"), "ctrl+s", *"score", "enter")
    await wait_until(pilot, lambda: "3 of 3 points, 1 of 1 values" in picture(pilot))
    assert "L = (ŷ − y)² = ?" in await pressed(pilot, "ctrl+n")


@on()
async def test_without_the_line_of_an_answer_the_open_value_is_asked_for(
    pilot: Pilot[None],
) -> None:
    """While one is on the line its value is seen; once it is gone no old verdict stays."""
    assert "L = (ŷ − y)² = ?" in await pressed(pilot, "c", *typed("0.5"))
    assert "Right: 3 points" in await pressed(pilot, "up")
    shown = await pressed(pilot, "end", *["backspace"] * 7)
    assert lines_of(pilot) == ["Iteration 1", "", ""]
    assert "L = (ŷ − y)² = ?" in shown
    assert "Right: 3 points" not in shown


@on()
async def test_the_walk_stays_and_the_values_go_on_after_it(pilot: Pilot[None]) -> None:
    session = app_of(pilot).session
    await press(pilot, "n", "c", *typed("2.25"), "escape")
    assert session.place == StepPlace(1, 1)
    assert session.hidden_from is None
    shown = await pressed(pilot, "n", "c")
    assert "value 3/5" in shown
    assert "L = 2.25" in shown
    await press(pilot, "escape", "N", "c")
    assert "iteration 2" in picture(pilot)
    await press(pilot, "escape", "P", "c")
    assert "3 of 15 points" in picture(pilot)
    assert lines_of(pilot)[1] == "L = 2.25"


@on()
async def test_what_is_asked_for_is_hidden_though_the_walk_has_shown_it(pilot: Pilot[None]) -> None:
    """Values of the walk that nobody asks for stay: they go into the one that is asked for."""
    assert "∂ −3" in await pressed(pilot, *"nnnnc")
    shown = await pressed(pilot, *typed("the loss is 2.25"))
    assert "value 3/5" in shown
    assert "−3" not in shown
    assert "∂ −3" in await pressed(pilot, "ctrl+n", "ctrl+n")


@on()
async def test_a_value_that_was_predicted_in_the_walk_is_answered_here(pilot: Pilot[None]) -> None:
    await press(pilot, "a", *typed("0.5"), "escape")
    shown = await pressed(pilot, "c")
    assert "value 2/5" in shown
    assert "3 of 15 points" in shown


@on()
async def test_the_values_of_another_run_are_asked_anew(pilot: Pilot[None]) -> None:
    await press(pilot, "c", *typed("0.5"))
    app_of(pilot).show_trace(run(load("one_weight", settings=["parameters.w=0.6"])))
    await pilot.pause()
    shown = await judged(pilot)
    assert "0 of 15 points" in shown
    assert "w = 0.6" in shown_text(screen_of(pilot).query_one(QuestionPane))


@on()
async def test_the_mouse_does_what_keys_do(pilot: Pilot[None]) -> None:
    await press(pilot, "c", "7")
    await pilot.click("#keys", offset=(3, 0))
    await pilot.pause()
    assert "Not right" in picture(pilot)
    rows = picture(pilot).splitlines()
    y, row = next((y, row) for y, row in enumerate(rows) if "▶ L" in row)
    await pilot.click(offset=(row.index("▶ L") + 2, y))
    await pilot.pause()
    assert "value 2/5" in picture(pilot)


HOSTILE = ("[/b]", "x[i]", "\x1b[31m3", "nan", "1e999", "9" * 15_000, "数 = ½", "= = =", "\u202e3")


@on()
async def test_nothing_guessed_ends_the_app(pilot: Pilot[None]) -> None:
    for text in HOSTILE:
        await press(pilot, "c")
        pilot.app.post_message(events.Paste(text))
        await pilot.pause()
        shown = await pressed(pilot, "enter", "ctrl+t", "ctrl+n", "ctrl+b", "enter")
        assert "\x1b" not in shown
        assert list(app_of(pilot).reported) == [], text
        app_of(pilot).open("walk")
        await pilot.pause()


def test_a_large_scenario_is_looked_through_in_a_thread() -> None:
    async def run() -> None:
        scenario = load("four_layer_classifier").with_overrides(["training.epochs=1"])
        async with opened(scenario, (120, 40)) as pilot:
            await wait_until(pilot, lambda: app_of(pilot).has_session)
            await press(pilot, "c")
            await wait_until(pilot, lambda: "value 1/" in picture(pilot))
            assert list(app_of(pilot).reported) == []

    asyncio.run(run())


@on()
async def test_a_page_is_judged_beside_the_guesses(pilot: Pilot[None]) -> None:
    """Its lines say what is right; the guesses above do not."""
    await press(pilot, "c", *typed("0.6"), "ctrl+n")
    await pasted(pilot, "y_pred = w * x = 0.5 * 1 = 0.6\n")
    assert "0.6 should be 0.5" in await pressed(pilot, "ctrl+n")
    await press(pilot, "ctrl+r")
    assert lines_of(pilot)[1:3] == ["ŷ = 0.6", "y_pred = w * x = 0.5 * 1 = 0.5"]


@on()
async def test_one_begins_again_from_the_menu(pilot: Pilot[None]) -> None:
    await press(pilot, "c", *typed("0.5"), "ctrl+s", *"begin", "enter")
    await wait_until(pilot, lambda: "0 of 15 points" in picture(pilot))


@pytest.mark.parametrize(
    ("line", "guess"),
    [
        ("0.6", Guess("", "0.6")),
        ("2*(0.5 - 2) = -3", Guess("", "2*(0.5 - 2) = -3")),
        ("z1 = [0.24, 0.02]", Guess("z1", "[0.24, 0.02]")),
        ("∂L/∂w = -3", Guess("∂L/∂w", "-3")),
        ("梯度是 3", Guess("", "3", "梯度")),
        ("the loss is 2.25", Guess("", "2.25", "the loss")),
        ("y_pred = w * x = 0.5", None),
        ("Iteration 1", None),
        ("", None),
        ("so that", None),
    ],
)
def test_a_guess_is_numbers_alone(line: str, guess: Guess | None) -> None:
    assert guess_of(line) == guess


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("the loss is 2.25", "L = 2.25"),
        ("So the loss is 1.5^2 = 2.25", "L = 1.5^2 = 2.25"),
        ("the gradient is -3", "∂L/∂w = -3"),
        ("梯度是 -3", "∂L/∂w = -3"),
        ("the learning rate is 0.1", "the learning rate is 0.1"),  # given: it answers nothing
        ("损失为 2.25", "L = 2.25"),
        ("the new value of w is 0.8", "w′ = 0.8"),
        ("dL_dw = -3", "dL_dw = -3"),
        ("the answer is 0.5", "ŷ = 0.5"),  # what names nothing is the value that is asked for
    ],
)
def test_a_sentence_is_of_the_quantity_that_it_names(line: str, written: str) -> None:
    """Whatever is asked for: nobody is blamed for a value that was said of another quantity."""

    async def run() -> None:
        async with opened("one_weight", (80, 24)) as pilot:
            await press(pilot, "c")
            pilot.app.post_message(events.Paste(line))
            await press(pilot, "enter")
            assert written in lines_of(pilot)
            assert "✗" not in await judged(pilot)

    asyncio.run(run())


@pytest.mark.parametrize("line", ["loss = 2.25", "the loss is 2.25"])
def test_after_a_value_that_was_named_the_next_one_is_asked_for(line: str) -> None:
    """None is passed over."""

    async def run() -> None:
        async with opened("one_weight", (80, 24)) as pilot:
            await press(pilot, "c")
            pilot.app.post_message(events.Paste(line))
            assert "value 2/5" in await pressed(pilot, "left", "end")
            assert "value 3/5" in await pressed(pilot, "enter")

    asyncio.run(run())


@on()
async def test_enter_without_an_answer_says_what_to_type(pilot: Pilot[None]) -> None:
    """One empty line may stand between others; Enter on it makes no second one."""
    await press(pilot, "c", "ctrl+n", "ctrl+b")
    shown = await pressed(pilot, "enter", "enter")
    assert "Type a number, or the working" in shown
    assert lines_of(pilot) == [""]
    await press(pilot, *typed("0.5"), "enter", "enter")
    assert lines_of(pilot) == ["Iteration 1", "ŷ = 0.5", "", ""]


@pytest.mark.parametrize("line", ["abc2.5", "w=1.2.3", "hello"])
def test_a_line_that_nobody_can_read_is_told_so(line: str) -> None:
    """It stays as it is, and costs nothing; what can be read is told nothing of the kind."""

    async def run() -> None:
        async with opened("one_weight", (80, 24)) as pilot:
            await press(pilot, "c")
            for text, is_told in [(line, True), ("Iteration 1", False), ("ŷ = w·x", False)]:
                pilot.app.post_message(events.Paste(text))
                assert (
                    "This could not be read as a value" in await pressed(pilot, "enter")
                ) == is_told
                screen_of(pilot).ask_at(0)
            assert lines_of(pilot)[0] == line
            assert "0 of 15 points" in picture(pilot)

    asyncio.run(run())


@on()
async def test_a_page_that_states_other_values_says_so(pilot: Pilot[None]) -> None:
    """Even before there is a line on it that could be judged."""
    await press(pilot, "c")
    await pasted(pilot, "Iteration 1\nw = 0.7\n")
    await wait_until(pilot, lambda: "state other values" in picture(pilot))


@pytest.mark.parametrize("scenario", ["mlp_2_2_2", "xor", "self_attention"])
def test_every_name_that_is_written_down_is_understood(scenario: str) -> None:
    session = Session(run_scenario(load(scenario)))
    practice = Predictions(session).find_practice()
    for at in range(len(practice.questions)):
        practice.at = at
        for unicode in (True, False):
            assert at in (
                practice.questions_named(practice.written_name("1", unicode=unicode)) or ()
            )
