"""One expression in every algebra: floats, fractions, intervals, many digits, SymPy, source."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tracer.errors import LanguageError, RunError, ShapeError, UnknownNameError
from tracer.expression import parse
from tracer.expression.syntax import Call, Name, Node, Number, Slice
from tracer.intervals import INTERVALS, Interval, Unevaluable
from tracer.operations import Operation, number, table, vocabulary
from tracer.operations.array_shape import nested
from tracer.run.interpret import Algebra, interpret, shape_of
from tracer.run.scalar_code import FLOATS, FRACTIONS, NAMESPACE, float_value
from tracer.run.scalars import SOURCE, Writer
from tracer.witness.elementary_algebra import PreciseAlgebra
from tracer.witness.symbolic_derivatives import SYMBOLS

DIGITS = PreciseAlgebra(60)
MARGIN = Fraction(1, 10**40)


def read(text: str) -> Node:
    """Return the tree of a text."""
    return parse(text, vocabulary=vocabulary())


def value(text: str | Node, algebra: Algebra[Any], **known: Any) -> Any:
    """Return the value of a text whose names are texts of numbers or arrays."""
    node = read(text) if isinstance(text, str) else text
    leaves: dict[Node, Any] = {
        Name(name): interpret(read(given), algebra, nothing) for name, given in known.items()
    }
    return interpret(node, algebra, leaves.get)


def nothing(node: Node) -> None:
    """Give no leaf a value."""


def flat(found: Any) -> list[Any]:
    """Return the entries of an array, row by row."""
    return [entry for row in found for entry in flat(row)] if isinstance(found, tuple) else [found]


def exactly(many: Any) -> Fraction:
    """Return a number of many digits as the fraction that it is."""
    sign, mantissa, exponent, _ = many._mpf_
    return int((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)


def run(source: str) -> float:
    """Return the value of source text."""
    return float(eval(source, dict(NAMESPACE)))


def in_fractions(node: str | Node, **known: str) -> list[Fraction] | None:
    """Return the value in fractions; None where that is said to be none."""
    try:
        return flat(value(node, FRACTIONS, **known))
    except RunError as error:
        if "has no fraction" not in str(error):
            raise
        return None


def known_of(example: str) -> tuple[str, dict[str, str]]:
    """Return the call of a row's example, and its numbers as texts."""
    call, *given_values = example.split("; ")
    pairs = [item.partition(" = ") for item in given_values]
    return call, {name: text for name, _, text in pairs}


EXPRESSIONS = (
    *("2 * (0.5 - 1.25)", "-3 / 7 + 0.1", "(2 / 3)**3", "(2 / 3)**-2", "2**0.5", "0.1 + 0.2 - 0.3"),
    *(
        "exp(-0.3)",
        "log(2.5)",
        "sqrt(2)",
        "sin(1) * cos(2)",
        "erf(0.4)",
        "tanh(0.7)",
        "abs(-2 / 3)",
    ),
    *("sigmoid(-0.7)", "softplus(0.3)", "silu(1.5)", "gelu(-0.5)", "gelu_tanh(0.5)", "elu(-0.5)"),
    *("relu(-2) + relu(0.5)", "abs(-2 / 3)", "leaky_relu(-0.5)", "maximum(2, 1 / 3)"),
    "sign(-0.1) + step(2)",
    *("where(step(0.5), 2, 3)", "equal(1 / 2, 0.5)", "2 * pi", "clipped_log(0.25)"),
    *("[[1, 2], [3, 4]] @ [1, 0.5]", "sum([1, 2, 3.5]) / 3", "mean([[1, 2], [3, 4.5]], axis=0)"),
    *("softmax([1, -0.5, 2])", "logsumexp([1, -0.5, 2])", "max([1, 3, 3]) - min([0.5, 2])"),
    *("[[1, 2], [3, 4]].T - [[1], [2]]", "[5, -2, 0.5][1:3]", "standardize([1, -2, 3.5])"),
    *("mse([0.5, 2], [1, 1 / 3])", "cross_entropy([[1, -0.5, 2]], [2])", "argmax([1, 3, 2])"),
    "nll(softmax([[1, -0.5], [0, 2]]), [1, 0])",
    "softmax(causal_mask([[1, 2], [3, 0.5]]))",
    "conv2d([[[[1, 2], [3, 4]]]], [[[[1, 1], [0.5, 1]]]])",
)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_has_one_value_in_every_algebra(text: str) -> None:
    """Bounds hold the value, fractions are it, floats and SymPy are near it; so is the source."""
    many = [exactly(entry) for entry in flat(value(text, DIGITS))]
    floats = flat(value(text, FLOATS))
    assert floats == [run(source) for source in flat(value(text, SOURCE))]
    for entry, exact in zip(floats, many, strict=True):
        assert math.isclose(entry, exact, rel_tol=1e-15, abs_tol=1e-16)
    bounds = flat(value(text, INTERVALS))
    for interval, exact in zip(bounds, many, strict=True):
        assert isinstance(interval, Interval)
        assert interval.low - MARGIN <= exact <= interval.high + MARGIN
        assert interval.high - interval.low <= MARGIN
    for symbols, exact in zip(flat(value(text, SYMBOLS)), many, strict=True):
        near = sympy.N(choices_made(symbols), 50) - sympy.Rational(
            exact.numerator, exact.denominator
        )
        assert abs(near) < 1e-40
    for fraction, interval in zip(in_fractions(text) or (), bounds, strict=False):
        assert type(fraction) is Fraction
        assert interval.holds(fraction)


def choices_made(expression: Any) -> Any:
    """Return an expression of SymPy's with the witness' own functions worked out."""
    from tracer.witness.symbolic_derivatives import Above, Choice

    def above(x: Any) -> Any:
        return sympy.Integer(1) if sympy.N(choices_made(x)) > 0 else sympy.Integer(0)

    def choice(condition: Any, a: Any, b: Any) -> Any:
        return choices_made(a) if sympy.N(choices_made(condition)) != 0 else choices_made(b)

    return expression.replace(Choice, choice).replace(Above, above)


ROWS = [row for row in table().values() if not row.inner]
AS_FLOATS: dict[Algebra[Any], Callable[[Any], float]] = {
    FRACTIONS: float,
    INTERVALS: lambda entry: float((entry.low + entry.high) / 2),
    DIGITS: float,
    SYMBOLS: lambda entry: float(sympy.N(choices_made(entry), 30)),
    SOURCE: run,
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("algebra", AS_FLOATS, ids=lambda algebra: type(algebra).__name__)
def test_every_operation_has_a_value_in_every_algebra(
    row: Operation, algebra: Algebra[Any]
) -> None:
    """On the row's example each algebra gives the float; fractions may say that there is none."""
    call, known = known_of(row.example)
    floats = flat(value(call, FLOATS, **known))
    if algebra is FRACTIONS:
        found = in_fractions(call, **known) or floats
    else:
        found = flat(value(call, algebra, **known))
    for entry, expected in zip(found, floats, strict=True):
        near = AS_FLOATS[algebra](entry)
        masked = expected == -math.inf and near < -1e300
        assert masked or math.isclose(near, expected, rel_tol=1e-14, abs_tol=1e-15)


# Any tree -----------------------------------------------------------------------------------------

JUMPS = {"step", "sign", "equal", "where"}  # whose value may hang on the last digit
SMOOTH = [row for row in ROWS if row.elementwise and row.operands and row.name not in JUMPS]
literals = st.decimals("0", "9", places=2).map(lambda x: Number(f"{x:f}", Fraction(x)))


def _calls(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.sampled_from(SMOOTH).flatmap(
        lambda row: st.tuples(*(parts for _ in row.operands)).map(
            lambda operands: Call(row.name, operands)
        )
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(literals, _calls, max_leaves=8))
def test_any_tree_has_one_value(node: Node) -> None:
    """Of any tree of the table, bounds hold the value at 60 digits, and fractions are within."""
    try:
        bounds = interpret(node, INTERVALS, nothing)
    except Unevaluable:
        assume(False)
    exact = exactly(interpret(node, DIGITS, nothing))
    room = MARGIN * max(abs(exact), Fraction(1))
    assert bounds.low - room <= exact <= bounds.high + room
    assert all(map(bounds.holds, in_fractions(node) or ()))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(literals, _calls, max_leaves=8))
def test_source_of_any_tree_is_its_float(node: Node) -> None:
    """Source, and statements of a writer, compute the same float to the last bit.

    What has no value may have one in source, which leaves out the branch that is not taken.
    """
    expected = float_value(node, {})
    writer = Writer()
    writer.count_uses([node])
    result = writer.value(node)
    lines = [*writer.prelude, *writer.lines, f"result = {result}"]
    for source in (f"result = {interpret(node, SOURCE, nothing)}", "\n".join(lines)):
        made = dict(NAMESPACE)
        try:
            exec(source, made)
            found = float(made["result"])  # type: ignore[arg-type]  # numbers of the template
        except (ArithmeticError, ValueError, SyntaxError, MemoryError):
            found = math.nan
        assert found == expected or math.isnan(expected)


@settings(deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.data())
def test_arrays_are_exact_in_fractions(n: int, d: int, k: int, data: st.DataObject) -> None:
    """A matrix product and a broadcast sum of fractions are the ones worked out by hand."""
    entries = st.fractions(-3, 3, max_denominator=9)
    a = [[data.draw(entries) for _ in range(d)] for _ in range(n)]
    b = [[data.draw(entries) for _ in range(k)] for _ in range(d)]
    c = [data.draw(entries) for _ in range(k)]
    leaves: dict[Node, Any] = {
        Name("a"): as_array(a),
        Name("b"): as_array(b),
        Name("c"): as_array(c),
    }
    expected = [
        [sum((a[i][m] * b[m][j] for m in range(d)), Fraction(0)) + c[j] for j in range(k)]
        for i in range(n)
    ]
    assert interpret(read("a @ b + c"), FRACTIONS, leaves.get) == as_array(expected)


def as_array(rows: Any) -> Any:
    """Return lists as nested tuples."""
    return tuple(map(as_array, rows)) if isinstance(rows, list) else rows


# The walk -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("algebra", [FLOATS, FRACTIONS, INTERVALS, DIGITS, SYMBOLS], ids=type)
def test_a_sum_of_thousands_needs_no_recursion(algebra: Algebra[Any]) -> None:
    """A tree of 5,000 terms has its value in every algebra, deep to the left or to the right."""
    terms: list[Node] = [number(place) for place in range(5001)]
    left = reduce(lambda a, b: Call("add", (a, b)), terms)
    right = reduce(lambda a, b: Call("add", (b, a)), terms)
    for node in (left, right):
        assert interpret(node, algebra, nothing) == algebra.number(Fraction(5000 * 5001 // 2))


def test_source_of_a_deep_sum_compiles() -> None:
    """A writer holds what has more brackets than Python reads."""
    writer = Writer()
    terms: list[Node] = [Name(f"x{place}") for place in range(300)]
    writer.variables |= {name: f"x{place}" for place, name in enumerate(terms)}
    result = writer.value(reduce(lambda a, b: Call("add", (a, b)), terms))
    made: dict[str, Any] = {f"x{place}": 1.0 for place in range(300)}
    exec("\n".join([*writer.lines, f"result = {result}"]), made)
    assert made["result"] == 300.0


def test_a_shared_call_is_worked_out_once() -> None:
    """What stands in many places of a tree is computed once: time grows with its depth only."""
    node: Node = Name("x")
    for _ in range(60):
        node = Call("tanh", (Call("add", (node, Call("exp", (node,)))),))
        node = Call("maximum", (node, node))
    calls = []

    def leaf(name: Node) -> float:
        calls.append(name)
        return 0.5

    interpret(node, FLOATS, leaf)
    assert len(calls) < 5


def test_entries_are_leaves_or_taken_from_their_array() -> None:
    """`w[1]` is what the caller says of it; where it says nothing, an entry of w."""
    node = read("w[1] * 2")
    assert float_value(node, {read("w[1]"): 1.5}) == 3.0
    array: dict[Node, Any] = {Name("w"): (1.0, 4.0)}
    assert interpret(node, FLOATS, array.get) == 8.0


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("nobody + 1", UnknownNameError, "the value of nobody is not known"),
        ("[[1, 2], [3]]", ShapeError, "differ in length"),
        ("[1, 2] + [1, 2, 3]", ShapeError, "do not fit"),
        ("[1, 2] @ [1, 2, 3]", ShapeError, "do not fit"),
        ("heard_of(1)", UnknownNameError, "there is no operation"),
        ("exp(1, 2)", LanguageError, "too many arguments"),
    ],
)
def test_what_cannot_be_worked_out_is_said(text: str, error: type, words: str) -> None:
    """Each fault is one error that names what is wrong."""
    with pytest.raises(error, match=words):
        value(text, FLOATS)


def test_an_operation_out_of_reach_is_named() -> None:
    """A function that an algebra lacks, and that has no definition, is one error; so is a slice."""

    class Wholes(Algebra[int]):
        def number(self, value: Fraction) -> int:
            return int(value)

        def function(self, row: Operation, operands: Sequence[Node]) -> Any:
            return operator.add if row.name == "add" else None

    assert value("1 + 2", Wholes()) == 3
    with pytest.raises(RunError, match=r"exp\(x\) cannot be worked out here"):
        value("1 + exp(2)", Wholes())
    with pytest.raises(RunError, match="slice"):
        interpret(Slice(None, None, None), FLOATS, nothing)


def test_a_float_without_a_value_is_nan() -> None:
    """Where Python refuses, a line has no value, and its printing goes on."""
    assert math.isnan(float_value(read("1 / 0"), {}))
    assert math.isnan(float_value(read("log(0)"), {}))


def test_entries_become_rows_and_back() -> None:
    """Entries row by row are nested by a shape, and the shape is found again."""
    assert nested(range(6), (2, 3)) == ((0, 1, 2), (3, 4, 5))
    assert shape_of(nested(range(6), (2, 3))) == (2, 3)
    assert nested([7], ()) == 7
    assert shape_of(()) == (0,)
