"""The practice without a terminal: what is asked, how it is judged, what it counts."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.case_lists import sampled
from tracer.check.model.statements import TextPlace
from tracer.expression import render
from tracer.narrative.program_notation import notation_of
from tracer.operations import vocabulary
from tracer.program.scenario import bundled, load, loads
from tracer.render.mathematics import Mathematics, Words
from tracer.run.runner import run_scenario
from tracer.worksheets.practice import MOST_ASKED, POINTS, Practice, points_of


def practice(scenario: str = "one_weight", iteration: int = 1, step: int = 0) -> Practice:
    found = Practice(run_scenario(load(scenario)), iteration)
    found.to_step(step)
    return found


def right(asked: Practice) -> str:
    step = asked.steps[asked.question]
    assert step.result is not None
    return render(step.result, "ascii", vocabulary=vocabulary())


def check_answers(asked: Practice, at: Iterable[int]) -> None:
    """Give a wrong and the right answer to each question, in an order."""
    for asked.at in at:
        text = right(asked)
        far = f"{float(text) * 1.37 + 0.91:.6f}"
        assert asked.judge(far) == "wrong", (asked.question, far)
        assert asked.judge(text) == "right", (asked.question, text)
    asked.at += 1
    assert asked.total[0] == asked.total[1] * (POINTS - 1) // POINTS


@pytest.mark.parametrize(
    "scenario", ["one_weight", "mlp_2_2_2", "digit_cnn", "softmax_example", "losses"]
)
def test_the_value_of_the_run_is_right_and_another_is_not(scenario: str) -> None:
    asked = practice(scenario)
    check_answers(asked, range(len(asked.questions)))
    assert asked.is_over


@pytest.mark.parametrize(
    "scenario",  # dloss/do, both[1, 0]
    sampled(("rnn_step", "rnn_language_model", "seq2seq", "seq2seq_attention")),
)
def test_the_questions_may_be_answered_from_the_last_to_the_first(scenario: str) -> None:
    """No answer stands above the one that is judged."""
    asked = practice(scenario)
    check_answers(asked, reversed(range(len(asked.questions))))


@pytest.mark.proof
@pytest.mark.parametrize("scenario", bundled())
def test_every_value_of_a_run_is_right_and_another_is_not(
    scenario: str, report_proof: Callable[[str], None]
) -> None:
    asked = practice(scenario)
    check_answers(asked, range(len(asked.questions)))
    report_proof(f"practice with {scenario}: {len(asked.questions)} answers judged")


def test_one_number_for_an_array_stays_wrong_when_its_entries_are_right() -> None:
    asked = practice("mlp_2_2_2")
    for text in ("1", right(asked)):
        asked.judge(text)
    asked.at += 1
    asked.judge(right(asked))
    found = asked.finding_on("z1", "1", TextPlace(2, 0, 6))
    assert found is not None
    assert found.verdict == "slip"


def test_a_step_that_was_not_made_or_goes_the_other_way_is_not_right() -> None:
    """It may be as near to the value of an update as rounding is to other values."""
    asked = practice("deep_sigmoid")
    steps = [each for each in asked.questions if each.equation.phase == "update"]
    for question in steps:
        asked.at = asked.questions.index(question)
        name = question.equation.name.removesuffix("_new").rstrip("'")
        (before,) = asked.trace.iteration(1).floats(name)
        after = asked.steps[question].values[0]
        for guess in (before, 2 * before - after):
            assert asked.judge(f"{guess:.6f}") == "wrong", (question, guess)
    assert steps


def test_a_number_alone_is_no_wrong_formula() -> None:
    """Nobody wrote one: the formula on its line is the one that is given."""
    asked = practice(step=3)
    for text in ("-2", "3", "1.5"):
        assert asked.judge(text) == "wrong"
        assert asked.answer.finding is not None
        assert asked.answer.finding.kind != "wrong_formula"


def test_a_value_that_follows_from_a_wrong_one_is_accepted_and_named() -> None:
    asked = practice()
    assert asked.judge("0.6") == "wrong"
    asked.at += 1
    assert asked.judge("1.96") == "carried"
    assert asked.answer.points == POINTS
    asked.at += 1
    assert asked.judge("2*(0.6 - 2) = -2.8") == "carried"
    asked.at += 1
    assert asked.judge("2.8") == "wrong"
    assert asked.slips["sign_error"] == 1
    assert asked.judge("-2.8") == "carried"


def test_what_has_no_name_is_asked_for_by_its_formula() -> None:
    """Once: no name is made up for it, and it is not written on both sides of a sign."""
    text = load("softmax_example").text.replace("-sum(y * log(p))", "-log(p @ y)")
    asked = Practice(run_scenario(loads(text)), 1)
    questions = enumerate(asked.questions)
    asked.at = next(at for at, it in questions if it.equation.base == "loss")
    drawing = Mathematics(notation_of(asked.trace), Words())
    assert drawing.in_one_row(asked.line()) == "pᵀ y"
    assert drawing.in_one_row(asked.line(result=True)) == "pᵀ y = 0.583244"


def test_the_right_value_is_right_after_a_wrong_one_too() -> None:
    asked = practice()
    asked.judge("0.6")
    asked.at += 1
    assert asked.judge("2.25") == "right"


def test_an_own_value_goes_into_what_follows() -> None:
    asked = practice()
    asked.judge("1.5 * 0.4 = 0.6")
    asked.at += 1
    known = {
        right_of(item.name): (right_of(item.value), item.is_own) for item in asked.known_numbers()
    }
    assert known == {"y_pred": ("0.6", True), "y": ("2", False)}


def right_of(node: object) -> str:
    return render(node, "ascii", vocabulary=vocabulary())  # type: ignore[arg-type]  # a tree


def test_a_slip_is_told_by_its_kind() -> None:
    asked = practice("one_weight", step=2)
    assert asked.judge("3") == "wrong"
    assert asked.judge("-1.5") == "wrong"
    assert set(asked.slips) == {"sign_error", "missing_factor_2"}


def test_hints_and_wrong_tries_cost_and_the_value_leaves_nothing() -> None:
    asked = practice()
    asked.hint()
    assert asked.judge("0.5") == "right"
    assert asked.answer.points == POINTS - 1
    asked.at += 1
    asked.judge("7")
    asked.judge("7")  # once more the same: it costs nothing
    asked.judge("8")
    asked.judge("2.25")
    assert asked.answer.points == POINTS - 2
    asked.at += 1
    for stage in (1, 2, 3, 3):
        asked.hint()
        assert asked.answer.hints == stage
    asked.judge("-3")
    assert asked.answer.points == 0
    scores = {phase: points_of(each) for phase, each in asked.answers_by_phase().items()}
    assert scores == {"forward": (2, 3), "loss": (1, 3), "backward": (0, 6), "update": (0, 3)}


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "=", "apples", "w * x", "((", "nan", "0.5 # 0.6", "[/b]", "\x1b[31m", "数",
        "9" * 400, "1e999", "9**9**9", "x[i]", "inf", "1/0", "= = =", "\u202e3",
    ],
)  # fmt: skip
def test_what_is_no_number_costs_nothing(text: str) -> None:
    asked = practice()
    assert asked.judge(text) == "unread"
    assert asked.answer.note is not None
    assert asked.answer.wrong == 0


WORKING = "((0.584 - 0.9)^2 + (0.4833 - 0.2)^2)/2 = "
# The step of mlp_2_2_2, an answer, what it is, and of which kind its slip.
ROUNDED = [
    *((1, text, "right", None) for text in ("0.5597", "0.56", "0.55971", "5.597e-1")),
    # The loss is 0.0900447: more digits than three may come from rounded numbers.
    *((4, text, "right", None) for text in ("0.090", "0.0901", "0.09006", WORKING + "0.09006")),
    (4, "0.0902", "wrong", "arithmetic_error"),
    (4, WORKING + "0.1900", "wrong", "arithmetic_error"),  # the formula is right
]


@pytest.mark.parametrize(("step", "text", "outcome", "kind"), ROUNDED)
def test_rounded_answers_are_right(step: int, text: str, outcome: str, kind: str | None) -> None:
    asked = practice("mlp_2_2_2", step=step)
    assert asked.judge(text) == outcome
    assert (asked.answer.finding and asked.answer.finding.kind) == kind


def test_an_answer_of_one_digit_shows_no_work() -> None:
    asked = practice("mlp_2_2_2", step=1)
    assert asked.judge("0.6") == "unread"
    assert asked.judge("1") == "unread"


def test_a_chopped_answer_is_right_with_a_remark() -> None:
    asked = practice("mlp_2_2_2", step=1)
    assert asked.judge("0.559713") == "right"  # of 0.55971364…
    assert asked.judge("0.559714") == "right"
    second = practice("mlp_2_2_2", step=1)
    assert second.judge("0.5597136") == "right"
    chopped = practice("mlp_2_2_2", step=1)
    chopped.judge("0.55")
    finding = chopped.answer.finding
    assert finding is None or finding.tier in ("chopped", "wrong", "last_digit")


def test_it_begins_at_the_place_of_the_walk() -> None:
    asked = practice("one_weight", iteration=2, step=3)
    names = [question.equation.name for question in asked.questions[asked.at :]]
    assert names == ["dloss/dw", "w'"]
    assert asked.judge(right(asked)) == "right"


def test_of_a_large_array_a_few_entries_are_asked_for() -> None:
    asked = practice("digit_mlp")
    counts: dict[str, int] = {}
    for question in asked.questions:
        counts[question.equation.name] = counts.get(question.equation.name, 0) + 1
    assert max(counts.values()) <= 6
    assert counts["dloss/dW1"] == MOST_ASKED
    assert "z1" not in counts  # sums of 36 terms
    assert asked.left_out > 0


def test_a_network_of_full_size_leaves_out_what_nobody_works_out() -> None:
    asked = practice("four_layer_classifier")
    assert asked.left_out > 0
    assert asked.questions


def test_values_that_are_not_finite_are_not_asked_for() -> None:
    scenario = load("one_weight", settings=["learning_rate=1e100", "iterations=9"])
    trace = run_scenario(scenario)
    assert trace.fault is not None
    asked = Practice(trace, len(trace))
    assert all(asked.steps[question] is not None for question in asked.questions)


def test_going_on_finds_what_is_open() -> None:
    asked = practice()
    asked.at += 1
    asked.judge(right(asked))
    assert asked.to_open()
    assert asked.at == 2
    for at in (2, 3, 4):
        asked.at = at
        asked.judge(right(asked))
    assert asked.to_open()
    assert asked.at == 0
    asked.judge(right(asked))
    assert not asked.to_open()


@pytest.mark.parametrize(
    ("scenario", "iteration"),
    [("softmax_example", 2), ("rnn_step", 2), ("optimizers_side_by_side", 2)],
)
def test_the_working_of_the_hint_is_right(scenario: str, iteration: int) -> None:
    """What the second hint shows, with the value, is no slip: in later iterations neither."""
    asked = practice(scenario, iteration)
    for question in asked.questions:
        line = asked.line(numbers=True, result=True)
        if line.substituted is not None and line.result is not None:
            working = render(line.substituted, "unicode", vocabulary=vocabulary())
            assert asked.judge(f"{working} = {right(asked)}") == "right", question
        asked.at += 1


def test_the_hint_reduces_what_its_derivation_reduces() -> None:
    """An inner function is worked out before the result, and both lead to it."""
    asked = practice("activations", 1)
    reduced = 0
    for question in asked.questions:
        line = asked.line(numbers=True, result=True)
        if line.reduced is not None:
            reduced += 1
            working = render(line.reduced, "unicode", vocabulary=vocabulary())
            assert asked.judge(f"{working} = {right(asked)}") == "right", question
            assert asked.line().reduced is None  # it has numbers
        asked.at += 1
    assert reduced


def asked_for(asked: Practice, name: str) -> Practice:
    """Go to a value by its name."""
    names = [render(asked.name(item), "ascii", vocabulary=vocabulary()) for item in asked.questions]
    asked.at = names.index(name)
    return asked


@pytest.mark.parametrize(
    ("scenario", "name", "answers"),
    [
        ("mlp_2_2_2", "W1'[0, 0]", ["0.111"]),  # it is 0.1055 here, and that in iteration 2
        ("seq2seq_attention", "y[0, 1]", ["0.11", "0.099", "0.101"]),  # looked up: 0.1
        ("ngram_cnn", "winner[0, 1]", ["0.99", "1.01", "1.001"]),  # a step: 1
        ("rnn_language_model", "(dloss/do[4])[4]", ["4", "4.0000"]),
    ],
)
def test_what_is_near_but_not_the_value_is_wrong(
    scenario: str, name: str, answers: list[str]
) -> None:
    for answer in answers:
        assert asked_for(practice(scenario), name).judge(answer) == "wrong", answer


@pytest.mark.parametrize("answer", ["0.5*1", "0.25*2", "(0.5 - 2)**2", "2*(0.5 - 2)"])
def test_working_without_its_number_is_no_answer(answer: str) -> None:
    asked = practice()
    assert asked.judge(answer) == "unread"
    assert "is the working" in str(asked.answer.note)


def test_all_digits_of_the_float_are_right() -> None:
    asked = asked_for(practice("linear_regression", 5), "(dloss/dw)[0]")
    (value, *_) = asked.trace.iteration(5).floats("dloss/dw")
    assert asked.judge(repr(value)) == "right"


def test_a_wrong_value_is_carried_forward_through_names_with_brackets() -> None:
    asked = asked_for(practice("rnn_step"), "h[1][0]")
    assert asked.judge("-0.4621") == "wrong"
    asked_for(asked, "z[2][0]")
    assert asked.judge("-0.6355") == "carried"
    assert asked.judge("-0.3*1 + 0.6*(-0.4621) + -0.2*0.2913 = -0.6355") == "carried"


def test_what_follows_from_the_shown_numbers_is_right() -> None:
    """A rounded answer of one's own goes into the next value, also as an entry of an array."""
    asked = asked_for(practice("xor"), "(dloss/dz2)[0, 0]")
    assert asked.judge("0.1299") == "right"
    assert asked_for(asked, "(dloss/dh)[0, 0]").judge("0.09093") == "right"
    asked = asked_for(practice("mlp_2_2_2", 2), "a2[0]")
    assert asked.judge("0.5995") == "right"
    assert asked_for(asked, "a2[1]").judge("0.469") == "right"
    assert asked_for(asked, "loss").judge("0.08133") == "right"
    asked = asked_for(practice("mlp_2_2_2", 2), "a2[0]")
    assert asked.judge("0.5") == "wrong"
    assert asked_for(asked, "loss").judge("0.1162") == "carried"  # (0.4² + 0.269053²) / 2


@pytest.mark.parametrize(
    ("name", "working"),
    [
        ("loss", "(0.5-2)^2 = 1.5^2 = 2.25"),
        ("loss", "1.5^2 = 2.25"),
        ("dloss/dy_pred", "-2*(2-0.5) = -3"),
        ("dloss/dy_pred", "-2*1.5 = -3"),
        ("dloss/dy_pred", "-3*1 = -3"),
    ],
)
def test_working_that_holds_and_ends_with_the_value_is_right(name: str, working: str) -> None:
    assert asked_for(practice(), name).judge(working) == "right"


def test_working_may_end_with_the_value_rounded_to_a_whole_number() -> None:
    """The second answer of two digits: 0.1359 / (1 - 0.999²) is 67.98…"""
    asked = asked_for(practice("optimizers_side_by_side", 2), "m2_hat[1]")
    assert asked.judge("0.1359 / (1 - 0.999**2) = 68") == "right"


@pytest.mark.parametrize("scenario", ["mlp_2_2_2", "optimizers_side_by_side"])
def test_the_value_of_another_iteration_is_not_accepted(scenario: str) -> None:
    asked, others = practice(scenario, 2), [practice(scenario, 1), practice(scenario, 3)]
    for at in range(len(asked.questions)):
        asked.at = at
        for other in others:
            other.at = at
            value, own = float(right(other)), float(right(asked))
            if abs(value - own) > 0.01 * abs(own):
                assert asked.judge(f"{value:#.5g}") == "wrong", asked.question
        assert asked.judge(right(asked)) == "right"


@pytest.mark.parametrize("answer", ["-2.9", "-2.90", "2*(0.5 - 2) = -2.9"])
def test_figures_that_are_exact_leave_nothing_to_round(answer: str) -> None:
    assert asked_for(practice(), "dloss/dy_pred").judge(answer) == "wrong"


def test_working_may_round_on_the_way() -> None:
    """Its figures are -0.31598, 0.58402 and 1 - 0.58402, and the value is -0.0767643."""
    asked = asked_for(practice("mlp_2_2_2"), "(dloss/dz2)[0]")
    assert asked.judge("-0.0780") == "wrong"
    assert asked.judge("-0.32 * 0.58 * 0.42 = -0.0812") == "wrong"
    assert asked.judge("-0.42 * 0.58 * 0.42 = -0.1023") == "wrong"
    assert asked.judge("-0.32 * 0.58 * 0.42 = -0.0780") == "right"


def test_an_array_is_as_many_answers_as_it_has_entries() -> None:
    """The worst of them counts, and the entry that is not right is asked for next."""
    asked = practice("mlp_2_2_2")
    assert asked.judge("[0.24, 0.1]") == "wrong"
    assert [answer.outcome for answer in asked.answers[:2]] == ["right", "wrong"]
    assert asked.question.index == (1,)
    assert asked.judge("[0.24, 0.02]") == "right"
    assert asked.answers[0].points == POINTS


def test_a_matrix_is_typed_whole() -> None:
    asked = asked_for(practice("mlp_2_2_2"), "(dloss/dW2)[0, 0]")
    values = asked.trace.iteration(1).entries("dloss/dW2")
    one, two, three, four = (f"{value:.6g}" for value in values)
    assert asked.judge(f"[[{one}, {two}], [{three}, {four}]]") == "right"


def test_a_wrong_number_may_be_near() -> None:
    asked = practice(step=1)
    asked.judge("2.4")
    assert asked.answer.is_near
    asked.judge("3")
    assert not asked.answer.is_near


def test_a_value_that_was_shown_takes_the_place_of_a_wrong_one() -> None:
    asked = practice()
    asked.judge("0.7")
    for _ in range(3):
        asked.hint()
    asked.at += 1
    assert not any(item.is_own for item in asked.known_numbers())


def test_the_exact_result_of_an_own_wrong_value_needs_no_more_digits() -> None:
    asked = practice()
    asked.at = 3
    assert asked.judge("3") == "wrong"
    asked.at = 4
    assert asked.judge("0.3") == "wrong"
    assert asked.judge("0.2") == "carried"  # 0.5 - 0.1·3
