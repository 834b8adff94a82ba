"""What a literal must be: the answer, put in, gives the wanted value."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracer.check.numbers.inverse import replaced, wanted
from tracer.expression import parse
from tracer.expression.syntax import Call, Name, Node, Number, walk
from tracer.intervals import Interval, Unevaluable, exactly, value_of
from tracer.operations import vocabulary

LEAF = "7777"  # stands where the literal is that is looked for


def read(text: str) -> tuple[Node, Node]:
    """Return a tree and the literal in it that is looked for."""
    node = parse(text, vocabulary=vocabulary())
    return node, next(part for part in walk(node) if isinstance(part, Number) and part.text == LEAF)


def put_in(node: Node, leaf: Node, answer: Interval) -> Interval:
    """Return the value with the answer in the literal's place."""
    found = value_of(replaced(node, leaf, Name("answer")), {"answer": answer})
    assert isinstance(found, Interval)
    return found


def meets(a: Interval, b: Interval) -> bool:
    """Tell whether two intervals have a number in common."""
    return a.low <= b.high and b.low <= a.high


@pytest.mark.parametrize(
    ("text", "target", "answers"),
    [
        (f"{LEAF} - 0.1 * -3.0", "0.8", ["0.5"]),
        (f"0.5 - {LEAF} * -3.0", "0.8", ["0.1"]),
        (f"2 * ({LEAF} - 2) * 1", "-3", ["0.5"]),
        (f"(1 - {LEAF}) ** 2", "4", ["3", "-1"]),
        (f"{LEAF} ** 3", "-8", ["-2"]),
        (f"{LEAF} ** -2", "1/4", ["2", "-2"]),
        (f"{LEAF} ** 0.5", "3", ["9"]),
        (f"2 ** {LEAF}", "8", ["3"]),
        (f"6 / {LEAF}", "4", ["1.5"]),
        (f"{LEAF} / 6", "4", ["24"]),
        (f"-{LEAF} + 1", "3", ["-2"]),
        (f"sqrt({LEAF})", "3", ["9"]),
        (f"abs({LEAF} - 1)", "2", ["3", "-1"]),
        (f"relu({LEAF})", "2", ["2"]),
        (f"max(0, {LEAF})", "2", ["2"]),
        (f"min(3, {LEAF})", "2", ["2"]),
        (f"exp({LEAF})", "1", ["0"]),
        (f"log({LEAF})", "0", ["1"]),
        (f"sigmoid({LEAF})", "1/2", ["0"]),
        (f"tanh({LEAF})", "0", ["0"]),
        (f"{LEAF} @ 3", "12", ["4"]),
        (f"[1, {LEAF}] @ [3, 4]", "11", ["2"]),
        (f"mean([1, {LEAF} + 1, 3])", "2", ["1"]),
        (f"mean(1, {LEAF}, 3)", "2", ["2"]),
        (f"sum({LEAF} * [1, 2]) + 1", "7", ["2"]),
        (f"[5, {LEAF} * 2][1]", "3", ["3/2"]),
    ],
)
def test_exact_answers(text: str, target: str, answers: list[str]) -> None:
    """Where all is rational, the answers are exact."""
    node, leaf = read(text)
    found = wanted(node, leaf, exactly(Fraction(target)))
    expected = sorted(map(Fraction, answers))
    assert all(item.high - item.low < Fraction(1, 10**40) for item in found)
    assert len(found) == len(expected)
    for item, answer in zip(sorted(found, key=lambda item: item.low), expected, strict=True):
        assert item.low <= answer <= item.high


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (f"0 * {LEAF}", "1"),
        (f"{LEAF} ** 2", "-1"),
        (f"{LEAF} ** 0", "1"),
        (f"abs({LEAF})", "-1"),
        (f"relu({LEAF})", "-1"),
        (f"relu({LEAF})", "0"),
        (f"exp({LEAF})", "-1"),
        (f"sigmoid({LEAF})", "1"),
        (f"sigmoid({LEAF})", "2"),
        (f"tanh({LEAF})", "-1"),
        (f"6 / {LEAF}", "0"),
        (f"0 / {LEAF}", "1"),
        (f"step({LEAF})", "1"),
        (f"sin({LEAF})", "0.5"),
        (f"[1, {LEAF}] + [3, 4]", "1"),
        (f"sum([1, {LEAF}] * 0)", "1"),
        (f"mse([1, {LEAF}], [3, 4])", "1"),
        (f"mae([{LEAF}], [0])", "-1"),
        (f"nobody + {LEAF}", "1"),
        (f"(1 / 0) * {LEAF}", "1"),
        (f"[1, 2, 3][{LEAF}]", "5"),
    ],
)
def test_no_answer(text: str, target: str) -> None:
    """Nothing will do, the literal does not matter, or its place cannot be inverted."""
    node, leaf = read(text)
    assert wanted(node, leaf, exactly(Fraction(target))) == ()


def test_leaf_is_found_by_identity() -> None:
    """Of two equal literals the one that is asked for is solved for; another's is none."""
    node = parse("0.8 - 0.1 * 0.8", vocabulary=vocabulary())
    assert isinstance(node, Call)
    first = node.arguments[0]
    product = node.arguments[1]
    assert isinstance(product, Call)
    target = exactly(Fraction("0.42"))
    assert wanted(node, first, target) == (exactly(Fraction("0.5")),)
    assert wanted(node, product.arguments[1], target) == (exactly(Fraction("3.8")),)
    assert wanted(node, Number("0.8", Fraction("0.8")), target) == ()


def test_negative_literal() -> None:
    """The leaf may be the negative of a number."""
    node = parse("0.5 - 0.1 * -2", vocabulary=vocabulary())
    leaf = next(
        part for part in walk(node) if isinstance(part, Call) and part.operation == "negative"
    )
    assert wanted(node, leaf, exactly(Fraction("0.8"))) == (exactly(-3),)


def test_known_names() -> None:
    """Names have the values that are given."""
    node, leaf = read(f"w * {LEAF}")
    assert wanted(node, leaf, exactly(6), {"w": exactly(3)}) == (exactly(2),)


def test_target_of_a_printed_figure() -> None:
    """The answer to a figure that leaves half a unit open holds every literal that would do."""
    node, leaf = read(f"2 * ({LEAF} - 2)")
    target = Interval(Fraction("-3.05"), Fraction("-2.95"))
    assert wanted(node, leaf, target) == (Interval(Fraction("0.475"), Fraction("0.525")),)


STEPS = (
    *("({0} + {1})", "({1} - {0})", "({0} * {1})", "({1} / {0})", "({0} / {1})", "(-{0})"),
    *("({0} ** 2)", "({0} ** 3)", "({0} ** -1)", "({0} ** 0.5)", "({1} ** {0})"),
    *("exp({0})", "log({0})", "sqrt({0})", "sigmoid({0})", "tanh({0})", "abs({0})", "relu({0})"),
    *("softplus({0})", "square({0})", "log2({0})", "log10({0})", "([{1}, {0}] @ [2, {1}])"),
    *("mean({0}, {1}, 3)", "max({0}, {1})", "min({1}, {0})"),
)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.sampled_from(["0.3", "2", "1.25"])),
        min_size=1,
        max_size=5,
    ),
    st.fractions("-3", "3", max_denominator=20),
    st.fractions(0, "0.01", max_denominator=1000),
)
def test_answer_put_in_gives_the_target(
    steps: list[tuple[str, str]], start: Fraction, half: Fraction
) -> None:
    """Each answer to a value that a literal gives leads back to it, and one is the literal."""
    text = LEAF
    for step, other in steps:
        text = step.format(text, other)
    node, leaf = read(text)
    try:
        value = put_in(node, leaf, exactly(start))
    except Unevaluable:
        return
    assume(value.high - value.low < Fraction(1, 10**20))
    target = Interval(value.low - half, value.high + half)
    answers = wanted(node, leaf, target)
    for answer in answers:
        middle = (answer.low + answer.high) / 2
        narrow = answer.high - answer.low < Fraction(1, 10**30)
        with suppress(Unevaluable):  # so near to where the tree is undefined that bounds touch it
            assert meets(put_in(node, leaf, answer if narrow else exactly(middle)), target)
    # A way back without bounds is left out; max and its kin leave the literal open.
    if answers and not half and not any(word in text for word in ("max", "min", "relu")):
        assert any(answer.low <= start <= answer.high for answer in answers)


def test_replaced_leaves_the_rest() -> None:
    """A part is exchanged where it stands, and nowhere else."""
    node = parse("0.8 - 0.1 * [0.8, 1][0]", vocabulary=vocabulary())
    assert isinstance(node, Call)
    new = parse("0.8 - 0.1 * [0.5, 1][0]", vocabulary=vocabulary())
    leaf = [part for part in walk(node) if isinstance(part, Number) and part.text == "0.8"][1]
    assert replaced(node, leaf, Number("0.5", Fraction("0.5"))) == new
    assert replaced(node, Number("9", Fraction(9)), leaf) is node
