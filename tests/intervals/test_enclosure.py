"""Values of written expressions, against fractions, NumPy's shapes and 50 digits of mpmath."""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]  # has no types
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.expression import parse
from tracer.expression.names import Dialect
from tracer.expression.syntax import Array, Call, Name, Node, Number, Slice, Tuple, walk
from tracer.intervals import (
    Interval,
    Unevaluable,
    Value,
    exact_interval,
    value_of,
    value_or_none,
)
from tracer.operations import literal, table, vocabulary

DIGITS = mpmath.MPContext()
DIGITS.dps = 50
MARGIN = Fraction(1, 10**45)


def read(text: str, dialect: Dialect = "ascii") -> Node:
    """Return the tree of a text."""
    return parse(text, dialect, vocabulary=vocabulary())


def value(text: str, dialect: Dialect = "ascii", **known: Value) -> Value:
    """Return the value of a text."""
    return value_of(read(text, dialect), known)


def plain(found: Value) -> Any:
    """Return a value as lists of numbers; all must be exact."""
    if isinstance(found, Interval):
        assert found.low == found.high
        return found.low
    return [plain(item) for item in found]


def rational(number: Any) -> Fraction:
    """Return a number of mpmath's exactly."""
    sign, mantissa, exponent, _ = DIGITS.mpf(number)._mpf_
    return int((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)


def holds(found: Value, number: Any) -> bool:
    """Tell whether bounds hold a number of 50 digits, and not much more."""
    assert isinstance(found, Interval)
    exact = rational(number)
    margin = MARGIN * max(abs(exact), Fraction(1))
    near = found.low - margin <= exact <= found.high + margin
    return near and found.high - found.low <= margin * 100


# Rational arithmetic ------------------------------------------------------------------------------

ARITHMETIC: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}
literals = st.decimals("0", "999", places=3).map(lambda number: read(f"{number:f}"))


def calculations(leaves: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Return trees of arithmetic over leaves."""
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.builds(
                lambda name, a, b: Call(name, (a, b)),
                st.sampled_from(sorted(ARITHMETIC)),
                parts,
                parts,
            ),
            st.builds(lambda a: Call("negative", (a,)), parts),
            st.builds(
                lambda a, n: Call("power", (a, Number(str(n), Fraction(n)))),
                parts,
                st.integers(0, 3),
            ),
        ),
        max_leaves=12,
    )


def calculated(node: Node, moved: dict[int, Fraction] | None = None) -> Fraction:
    """Return the value of a tree of arithmetic, by plain fractions."""
    if isinstance(node, Number):
        return node.value + (moved or {}).get(id(node), Fraction(0))
    assert isinstance(node, Call)
    parts = [calculated(part, moved) for part in node.arguments]
    if node.operation == "negative":
        return -parts[0]
    if node.operation == "power":
        return parts[0] ** int(parts[1])
    return ARITHMETIC[node.operation](*parts)


@settings(deadline=None)
@given(calculations(literals))
def test_arithmetic_is_exact(node: Node) -> None:
    """Sums, products, quotients and whole powers are what fractions give, or undefined."""
    try:
        expected = calculated(node)
    except ZeroDivisionError:
        with pytest.raises(Unevaluable, match="division by 0"):
            value_of(node)
        return
    found = value_of(node)
    assert isinstance(found, Interval)
    assert found.low <= expected <= found.high
    if expected.denominator.bit_length() < 100:
        assert found == exact_interval(expected)


@settings(deadline=None)
@given(calculations(literals), st.data())
def test_moved_literals_stay_inside(node: Node, data: st.DataObject) -> None:
    """Wherever literals stand within their ranges, the value is within the bounds."""
    numbers = [part for part in walk(node) if isinstance(part, Number) and "." in part.text]
    half = Fraction(1, 2000)
    ranges = {id(each): Interval(each.value - half, each.value + half) for each in numbers}
    moves = st.fractions(-half, half, max_denominator=10**6)
    moved = {place: data.draw(moves) for place in ranges}
    try:
        found = value_of(node, {}, ranges)
    except Unevaluable:
        return
    assert isinstance(found, Interval)
    assert found.low <= calculated(node, moved) <= found.high


def test_ranges_make_the_narrowest_bounds() -> None:
    """The ends of the literals give the ends of a product of positive numbers."""
    node = read("0.4 * 0.30")
    assert isinstance(node, Call)
    first, second = node.arguments
    ranges = {
        id(first): Interval(Fraction("0.35"), Fraction("0.45")),
        id(second): Interval(Fraction("0.295"), Fraction("0.305")),
    }
    assert value_of(node, {}, ranges) == Interval(
        Fraction("0.35") * Fraction("0.295"), Fraction("0.45") * Fraction("0.305")
    )


def test_even_power_of_what_may_be_zero() -> None:
    """The square of something around 0 is nowhere negative."""
    node = read("0.01 ** 2")
    assert isinstance(node, Call)
    ranges = {id(node.arguments[0]): Interval(Fraction("-0.01"), Fraction("0.03"))}
    assert value_of(node, {}, ranges) == Interval(Fraction(0), Fraction("0.0009"))


@settings(deadline=None)
@given(st.lists(st.fractions(-3, 3, max_denominator=9), min_size=4, max_size=4))
def test_product_of_bounds_is_the_narrowest(ends: list[Fraction]) -> None:
    """A product, a quotient and an absolute value have just the bounds that their ends give."""
    a, b = (Interval(*sorted(pair)) for pair in (ends[:2], ends[2:]))
    products = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    assert value("a * b", a=a, b=b) == Interval(min(products), max(products))
    if b.low > 0 or b.high < 0:
        quotients = [x / y for x in (a.low, a.high) for y in (b.low, b.high)]
        assert value("a / b", a=a, b=b) == Interval(min(quotients), max(quotients))
    sizes = abs(a.low), abs(a.high)
    low = Fraction(0) if a.holds(Fraction(0)) else min(sizes)
    assert value("abs(a)", a=a) == Interval(low, max(sizes))


# Functions ----------------------------------------------------------------------------------------


def witness(name: str) -> Callable[[Any], Any]:
    """Return a function of one number at 50 digits, by its textbook formula."""
    m = DIGITS
    formulas: dict[str, Callable[[Any], Any]] = {
        "sigmoid": lambda x: 1 / (1 + m.exp(-x)),
        "softplus": lambda x: m.log(1 + m.exp(x)),
        "silu": lambda x: x / (1 + m.exp(-x)),
        "gelu": lambda x: x * m.ncdf(x),
        "gelu_tanh": lambda x: (
            x / 2 * (1 + m.tanh(m.sqrt(2 / m.pi) * (x + m.mpf("0.044715") * x**3)))
        ),
        "relu": lambda x: max(x, m.mpf(0)),
        "leaky_relu": lambda x: x if x > 0 else x / 100,
        "elu": lambda x: x if x > 0 else m.expm1(x),
        "abs": abs,
        "square": lambda x: x * x,
        "sign": m.sign,
        "sgn": m.sign,
        "step": lambda x: m.mpf(x > 0),
        "log2": lambda x: m.log(x, 2),
        "ln": m.log,
        "clipped_log": m.log,
        "logistic": lambda x: 1 / (1 + m.exp(-x)),
        "sigma": lambda x: 1 / (1 + m.exp(-x)),
        "norm": abs,
    }
    return formulas.get(name) or getattr(m, name)


POSITIVE = ("log", "ln", "log2", "log10", "sqrt", "clipped_log")
FUNCTIONS = (
    *("exp", "tanh", "sigmoid", "softplus", "silu", "gelu", "gelu_tanh", "relu", "leaky_relu"),
    *("elu", "abs", "square", "sign", "sgn", "step", "sin", "cos", "tan", "erf", "sinh", "cosh"),
    *("logistic", "sigma", "norm"),
)


@pytest.mark.parametrize("name", [*FUNCTIONS, *POSITIVE])
@pytest.mark.parametrize("text", ["0.3", "1", "2.5", "7.125", "12", "-0.0004", "-0.8", "-3", "-11"])
def test_function_at_50_digits(name: str, text: str) -> None:
    """Each function's bounds hold what mpmath says, and are narrow."""
    if name in POSITIVE:
        text = text.lstrip("-")
    assert holds(value(f"{name}({text})"), witness(name)(DIGITS.mpf(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exp(0)", "1"),
        ("log(1)", "0"),
        ("sigmoid(0)", "1/2"),
        ("tanh(0)", "0"),
        ("sin(0)", "0"),
        ("cos(0)", "1"),
        ("sqrt(0.49)", "7/10"),
        ("8 ** (1 / 3)", "2"),
        ("(4 / 9) ** 0.5", "2/3"),
        ("(4 / 9) ** -1.5", "27/8"),
        ("log10(0.001)", "-3"),
        ("log2(1024)", "10"),
        ("0 ** 0", "1"),
        ("(-2) ** -3", "-1/8"),
        ("(-1) ** 100001", "-1"),
        ("norm([3, 4])", "5"),
        ("norm(3, 4)", "5"),
    ],
)
def test_rational_results_are_exact(text: str, expected: str) -> None:
    """Where a function's value is rational and simple, it is exact."""
    assert value(text) == exact_interval(Fraction(expected))


def test_logarithm_next_to_1() -> None:
    """A number that 50 digits cannot tell from 1 has a logarithm with narrow bounds."""
    for offset in (Fraction(1, 10**60), Fraction(-1, 10**60)):
        found = value("log(x)", x=exact_interval(1 + offset))
        assert isinstance(found, Interval)
        assert found.low <= offset - offset**2 <= found.high
        assert found.high - found.low < Fraction(1, 10**45)


@pytest.mark.parametrize("text", ["e ** -0.5", "exp(-0.5)"])
def test_euler_is_the_base(text: str) -> None:
    """A name e that nobody gave a value is Euler's number as a base."""
    assert holds(value(text), DIGITS.exp(DIGITS.mpf("-0.5")))


def test_known_e_is_a_quantity() -> None:
    """An e with a value is that value."""
    assert value("e ** 2", e=exact_interval(3)) == exact_interval(9)


@pytest.mark.parametrize("exponent", ["0.3", "-1.7", "2.25"])
def test_fractional_power(exponent: str) -> None:
    """Fractional powers lie within their bounds."""
    found = value(f"1.9 ** {exponent}")
    assert holds(found, DIGITS.power(DIGITS.mpf("1.9"), DIGITS.mpf(exponent)))


@settings(deadline=None)
@given(
    st.sampled_from(["exp", "tanh", "sigmoid", "softplus", "sin", "cos", "gelu", "silu", "erf"]),
    st.decimals(-20, 20, places=2),
    st.decimals(0, 3, places=2),
    st.fractions(-1, 1, max_denominator=1000),
)
def test_function_of_bounds_holds_inner_points(name: str, x: Any, half: Any, at: Fraction) -> None:
    """The function of a literal that may move holds the function of each place in between."""
    node = read(f"{name}({abs(x):f})")
    number = next(part for part in walk(node) if isinstance(part, Number))
    half = Fraction(half)
    ends = Interval(number.value - half, number.value + half)
    found = value_of(node, {}, {id(number): ends})
    assert isinstance(found, Interval)
    point = number.value + at * half
    exact = rational(witness(name)(DIGITS.mpf(point.numerator) / point.denominator))
    assert found.low - MARGIN * 10 <= exact * (1 + MARGIN)
    assert exact * (1 - MARGIN) <= found.high + MARGIN * 10


@pytest.mark.parametrize(
    "text", ["sigmoid(-5000)", "tanh(-4000)", "exp(-100000)", "softmax([0, 5000])", "erf(900)"]
)
def test_saturation_is_no_limit(text: str) -> None:
    """Functions that flatten out have narrow bounds at any argument."""
    found = value(text)
    ends = found if isinstance(found, Interval) else found[0]
    assert isinstance(ends, Interval)
    assert ends.high - ends.low < Fraction(1, 10**100)


# Arrays -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2] @ [[1, 2], [3, 4]]", [7, 10]),
        ("[[1, 2], [3, 4]] @ [1, 2]", [5, 11]),
        ("[1, 2, 3] @ [4, 5, 6]", 32),
        ("dot([1, 2, 3], [4, 5, 6])", 32),
        ("[[1], [2]] * [[3, 4]]", [[3, 4], [6, 8]]),
        ("[1, 2] * [3, 4]", [3, 8]),
        ("2 * [1, 2] + 1", [3, 5]),
        ("3 @ 4", 12),
        ("2 @ [1, 3]", [2, 6]),
        ("(1, 2) + (3, 5)", [4, 7]),
        ("[[1, 2], [3, 4]].T", [[1, 3], [2, 4]]),
        ("[1, 2].T", [[1, 2]]),  # a vector is a column, as in a textbook
        ("transpose([[1, 2]])", [[1], [2]]),
        ("[[1, 2], [3, 4]][1, 0]", 3),
        ("[1, 2, 3, 4][1:3]", [2, 3]),
        ("sum([[1, 2], [3, 4]])", 10),
        ("sum([[1, 2], [3, 4]], axis=0)", [4, 6]),
        ("sum([[1, 2], [3, 4]], 1)", [3, 7]),
        ("sum(1, 2, 4)", 7),
        ("mean(1, 2, 4.5)", Fraction(5, 2)),
        ("relu(-1, 2, 4.5)", [0, 2, Fraction(9, 2)]),
        ("conv([1, 2, 4], [1, 3])", [7, 14]),
        ("conv2d([[1, 2, 0], [3, 1, 2], [0, 1, 4]], [[1, 0], [-1, 2]])", [[0, 5], [5, 8]]),
        ("average([1, 2, 4.5])", Fraction(5, 2)),
        ("max(0, -1.5)", 0),
        ("max(0, [-1, 2])", [0, 2]),
        ("max([-1, 2], 0)", [0, 2]),
        ("max([[1, 5], [7, 2]], axis=0)", [7, 5]),
        ("min(3, 1, 2)", 1),
        ("minimum(3, 1)", 1),
        ("concat([[1, 2], [3]])", [1, 2, 3]),
        ("stack([[1, 2], [3, 4]], axis=1)", [[1, 3], [2, 4]]),
        ("outer([1, 2], [3, 4])", [[3, 4], [6, 8]]),
        ("mse([1, 2], [3, 5])", Fraction(13, 2)),
        ("mse(1, 3)", 4),
        ("mae((1, 2), (3, 5))", Fraction(5, 2)),
        ("half_squared_error([1, 2], [3, 5])", Fraction(13, 2)),
        ("relu([[-1, 2], [3, -4]])", [[0, 2], [3, 0]]),
        ("argmax([1, 3, 2])", 1),
        ("one_hot([2, 0], 3)", [[0, 0, 1], [1, 0, 0]]),
        ("where(1, 2, 3)", 2),
        ("-[1, 2]", [-1, -2]),
        ("zeros(2, 2)", [[0, 0], [0, 0]]),
        ("[1, 2] ** 2", [1, 4]),
        ("conv2d([[[[1, 2], [3, 4]]]], [[[[1, 1], [1, 1]]]])", [[[[10]]]]),
    ],
)
def test_array_operations(text: str, expected: Any) -> None:
    """Arrays follow NumPy's rules; a number beside an array multiplies each entry."""
    assert plain(value(text)) == expected


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_matrix_product_is_numpys(n: int, d: int, k: int, random: Any) -> None:
    """A matrix product has the entries and the shape of NumPy's."""
    a = [[random.randint(-9, 9) for _ in range(d)] for _ in range(n)]
    b = [[random.randint(-9, 9) for _ in range(k)] for _ in range(d)]
    assert plain(value(f"{a} @ {b}")) == (np.array(a) @ np.array(b)).tolist()


def test_product_sign_of_what_fits_as_matrices_only() -> None:
    """`W·x` is the matrix product where the entries do not pair up."""
    assert plain(value("[[1, 2, 3], [4, 5, 6]]·[[1], [0], [2]]", "unicode")) == [[7], [16]]


def test_product_sign_read_as_matrix_product() -> None:
    """Where asked for, a product sign is the matrix product wherever that fits."""
    for text, expected in [
        ("[[1, 2], [3, 4]] * [5, 6]", [17, 39]),
        ("[1, 2] * [3, 4]", 11),
        ("2 * [3, 4]", [6, 8]),
        ("mse([1, 2] * 2, [2, 5])", Fraction(1, 2)),
    ]:
        assert plain(value_of(read(text), products="matrix")) == expected


def test_softmax_and_cross_entropy() -> None:
    """Softmax and its cross-entropy are the textbook quotient and its logarithm."""
    logits = [DIGITS.mpf(text) for text in ("1", "-0.5", "2")]
    total = sum(map(DIGITS.exp, logits))
    for at, logit in enumerate(logits):
        assert holds(value(f"softmax([1, -0.5, 2])[{at}]"), DIGITS.exp(logit) / total)
    assert holds(value("cross_entropy([1, -0.5, 2], 0)"), -DIGITS.log(DIGITS.exp(1) / total))
    assert holds(value("nll(softmax([1, -0.5, 2]), 2)"), -DIGITS.log(DIGITS.exp(2) / total))


def test_masked_softmax() -> None:
    """What a mask hides gets the weight 0."""
    found = value("softmax(causal_mask([[1, 2], [3, 0.5]]))")
    assert isinstance(found, tuple)
    first = found[0]
    assert isinstance(first, tuple)
    hidden = first[1]
    assert isinstance(hidden, Interval)
    assert 0 <= hidden.low <= hidden.high < Fraction(1, 10**100)


def test_binary_cross_entropy_of_a_sure_prediction() -> None:
    """The logarithm of 0 that is multiplied by 0 does not count, as in the table's row."""
    assert plain(value("bce([1, 0], [1, 0])")) == 0


def test_known_names() -> None:
    """Names have the values that are given, arrays too; an entry may be known by its own name."""
    weights = (exact_interval(1), exact_interval(2))
    assert plain(value("w @ w + b", w=weights, b=exact_interval(3))) == 8
    assert plain(value("w[1]", w=weights)) == 2
    assert plain(value_of(read("h[0] * 2"), {"h[0]": exact_interval(4)})) == 8
    bounds = Interval(Fraction(1), Fraction(2))
    assert value("x - x", x=bounds) == Interval(Fraction(-1), Fraction(1))


def test_examples_of_the_table() -> None:
    """Every operation of the language has a value on its own example."""
    rows = [row for row in table().values() if not row.inner]
    assert rows
    for row in rows:
        call, *given_values = row.example.split("; ")
        known = {}
        for item in given_values:
            name, _, text = item.partition(" = ")
            known[name] = value_of(read(text))
        value_of(read(call), known)


def test_a_vector_goes_with_a_matrix_as_a_column() -> None:
    """That is so with ⊙; any other sign between them is a matrix product, where it fits."""
    tree = read("[2, 3] * [[1, 0, 1], [0, 1, 0]]")
    assert isinstance(tree, Call)
    assert plain(value_of(tree)) == [2, 3, 2]
    assert plain(value_of(with_sign(tree, "⊙"))) == [[2, 0, 2], [0, 3, 0]]
    assert value_or_none(with_sign(tree, "⋆")) is None  # how far it slides, nobody says


def with_sign(call: Call, sign: str) -> Call:
    """Return a product with the sign that a person wrote."""
    return Call(call.operation, call.arguments, call.keywords, call.start, call.end, sign)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("maxpool([[1, 2, 0, 1], [3, 4, 5, 0]], 2 * 2)", [[4, 5]]),
        ("meanpool([[1, 2, 0, 1], [3, 4, 5, 0]], 2 * 2)", [[Fraction(5, 2), Fraction(3, 2)]]),
        ("maxpool([1, 3, 2, -1], 2)", [3, 2]),
        ("maxpool([1, 3, 2, -1], 2, 1)", [3, 3, 2]),
    ],
)
def test_pooling_has_its_window_behind_the_array(text: str, expected: list[Any]) -> None:
    """A window of two axes is written as a product of its sides."""
    assert plain(value(text)) == expected


# What has no value --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "1 / (2 - 2)",
        "0 ** -1",
        "log(0)",
        "log(-1)",
        "sqrt(-1)",
        "(-8) ** (1 / 3)",
        "maxpool([1, 2], 0.5)",
        "maxpool([1, 2], x)",
        "unheard_of",
        "f(2)",
        "w[0]",
        "[1, 2] + [1, 2, 3]",
        "[[1, 2], [3]]",
        "[1, 2] @ [1, 2, 3]",
        "[]",
        "[1, 2][5]",
        "softmax(1)",
        "sum([1, 2], axis=3)",
        "sum([1, 2], axis=True)",
        "exp()",
        "conv([1, 2], [1, 2, 3])",
        "[1, 2] * [1, 2, 3]",
        "cross_entropy([1, 2], 2)",
        "cross_entropy([1, 2], 0.5)",
        "one_hot([1], 1)",
        "2 ** 5000",
        "2 ** 2 ** 2 ** 2 ** 2 ** 2",
        "exp(exp(10))",
        "zeros(100, 100)",
        "9 ** 400 ** 400",
    ],
)
def test_no_value(text: str) -> None:
    """What cannot be worked out says why."""
    with pytest.raises(Unevaluable) as caught:
        value(text)
    assert str(caught.value.message)


def test_division_by_what_may_be_zero() -> None:
    """A divisor whose bounds hold 0 leaves the quotient undefined."""
    with pytest.raises(Unevaluable, match="division by 0"):
        value("1 / x", x=Interval(Fraction(-1), Fraction(1)))


@pytest.mark.parametrize(
    "text",
    [
        "x * y",
        "argmax(x)",
        "first_max(x, 0)",
        "outer(x, x) @ outer(x, x)",
        "logsumexp(outer(x, x), (0, 1))",
    ],
)
def test_large_work_is_refused(text: str) -> None:
    """What would take long is refused, not tried."""
    x = tuple(exact_interval(n) for n in range(1000))
    with pytest.raises(Unevaluable, match=r"too much work|more than|too large"):
        value(text, x=x, y=tuple((item,) for item in x))


@pytest.mark.parametrize("name", ["sum", "average", "norm", "max"])
def test_nested_calls_are_worked_out_once(name: str) -> None:
    """Time grows with the depth of nested calls, not with a power of two."""
    text = "x"
    for _ in range(40):
        text = f"{name}({text}, 0) + [1, 2]" if name != "norm" else f"norm({text}) + [1, 2]"
    value(text, x=(exact_interval(1), exact_interval(2)))


def test_digits_are_bounded() -> None:
    """Long chains of divisions end in bounds of few digits that hold the exact value."""
    text = " + ".join(f"1/{odd}" for odd in range(3, 363, 2))
    found = value(text)
    assert isinstance(found, Interval)
    text = " * ".join(["(1 + 1/7)"] * 90)
    product = value(f"({text}) ** 9 / 1.1 ** 200")
    assert isinstance(product, Interval)
    exact = Fraction(8, 7) ** 810 / Fraction("1.1") ** 200
    assert product.low <= exact <= product.high
    assert product.low < product.high
    assert max(end.denominator.bit_length() for end in (product.low, product.high)) < 1000


# Any tree at all ----------------------------------------------------------------------------------

NAMES = [*sorted(row.name for row in table().values()), "log2", "norm", "dot", "nothing", "sgn"]
KEYS = sorted({key for row in table().values() for key in row.attributes})
leaves = st.one_of(
    literals,
    st.integers(-3, 5).map(lambda n: read(str(n))),
    st.sampled_from(["w", "v", "x", "e", "True", "None", "gone"]).map(Name),
    st.sampled_from(["1e400", "1e-400", "0", "12345678901234567890.123456789"]).map(read),
)


def _mixed(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(parts, min_size=0, max_size=3).map(tuple)
    keywords = st.lists(st.tuples(st.sampled_from(KEYS), parts), max_size=1).map(tuple)
    optional = st.none() | parts
    return st.one_of(
        st.builds(Call, st.sampled_from(NAMES), some.filter(bool), keywords),
        st.builds(
            lambda name, a, b: Call(name, (a, b)),
            st.sampled_from([*ARITHMETIC, "power", "matmul"]),
            parts,
            parts,
        ),
        st.builds(Array, some),
        st.builds(Tuple, some),
        st.builds(Slice, optional, optional, optional),
    )


KNOWN: dict[str, Value] = {
    "w": (exact_interval(1), exact_interval(2)),
    "v": ((exact_interval(1), exact_interval(2)), (exact_interval(3), exact_interval(-4))),
    "x": Interval(Fraction(-1), Fraction(1, 2)),
}


def _is_value(found: Any) -> bool:
    if type(found) is Interval:
        return (
            all(type(end) is Fraction for end in (found.low, found.high))
            and found.low <= found.high
        )
    return type(found) is tuple and bool(found) and all(map(_is_value, found))


@settings(deadline=None)
@given(st.recursive(leaves, _mixed, max_leaves=10))
def test_any_tree_has_a_value_or_none(node: Node) -> None:
    """Whatever the tree, there are bounds or Unevaluable, and no other exception."""
    with suppress(Unevaluable):
        found = value_of(node, KNOWN)
        assert _is_value(found)
        if (number := literal(node)) is not None:
            assert found == exact_interval(number)
