"""Trees for the property tests: every kind of node that the parser produces."""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from types import FrameType

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tracer.expression import (
    Array,
    Call,
    FunctionNames,
    Name,
    Node,
    Notation,
    Number,
    Slice,
    Tuple,
    Vocabulary,
)
from tracer.expression.pratt_parser import PrattParser

VOCABULARY = Vocabulary(
    {
        "sigmoid": FunctionNames("sigmoid", "σ", r"\sigma"),
        "log": FunctionNames("log", "", r"\log", also=("ln",)),
        "exp": FunctionNames("exp", "", r"\exp"),
        "sqrt": FunctionNames("sqrt", "√", form="root"),
        "abs": FunctionNames("abs", form="bars"),
        "pi": FunctionNames("pi", "π", r"\pi", form="constant"),
        "tanh": FunctionNames("tanh", "", r"\tanh"),
        "softmax": FunctionNames("softmax"),
        "leaky_relu": FunctionNames("leaky_relu", "", r"\operatorname{LeakyReLU}"),
        "mean": FunctionNames("mean"),
    }
)
FAMILIES = frozenset(("h[0]", "h[1]", "h[1, 2]", "m[w]", "m[w]'", "m[W_x]", "K[12]"))
DERIVATIVES = frozenset(
    (
        "dloss/dw",
        "dloss/dW1",
        "dloss/dw#1",
        "dloss/dw#12",
        "dloss/dh[0]",
        "dloss/dh[0]#2",
        "dloss/dy_pred",
        "dhv/d(dloss/dw)",
        "dloss/dw'",
    )
)
PLAIN = [
    "w",
    "x",
    "y",
    "b",
    "h",
    "m",
    "W",
    "W1",
    "W2",
    "W_1",
    "W_x",
    "W_xh",
    "W1_x",
    "w1",
    "w12",
    "w_12",
    "y_pred",
    "y_hat",
    "y_hat1",
    "y_hat_1",
    "y1_hat",
    "y_bar",
    "x_tilde",
    "theta",
    "theta1",
    "theta_1",
    "theta_hat",
    "alpha",
    "beta_1",
    "beta1",
    "epsilon",
    "eta",
    "learning_rate",
    "lr",
    "loss",
    "L",
    "e",
    "T",
    "d",
    "dx",
    "d_model",
    "lambda",
    "_x",
    "_",
    "a__b",
    "a1b",
    "x_1_2",
    "x_i_j",
    "x_1_new",
    "loss_new",
    "m_w",
    "h0",
    "h1",
    "h_1",
    "Sigma",
    "K",
    "w_alpha",
    "True",
    "None",
    "np",
    "out",
    "损失",
    "é",
    "y_b",
    "hat",
    "hat_y",
    "x_hat_bar",
    "cov_0",
    "l",
    "sigma",
]
names: SearchStrategy[str] = st.one_of(
    st.sampled_from(PLAIN),
    st.builds(
        lambda base, primes: base + "'" * primes, st.sampled_from(PLAIN[:40]), st.integers(1, 3)
    ),
    st.sampled_from(sorted(FAMILIES)),
    st.sampled_from(sorted(DERIVATIVES)),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}'{0,2}", fullmatch=True).filter(
        lambda text: text.rstrip("'") not in VOCABULARY.constants
    ),
)
numbers: SearchStrategy[Node] = st.one_of(
    st.sampled_from(
        ["0", "1", "2", "9", "11", "12", "0.5", ".5", "1e-3", "1.5E+10", "007", "100", "1000", "3."]
    ),
    st.from_regex(r"[0-9]{1,4}(\.[0-9]{0,3})?(e[+-]?[0-9]{1,2})?", fullmatch=True),
).map(lambda text: Number(text, Fraction(text if text[-1] != "." else text[:-1])))


def _without_members(node: Call) -> Node:
    """Return a member of a family by its name, as the parser reads it."""
    base, *items = node.arguments
    if isinstance(base, Name) and all(isinstance(item, (Name, Number)) for item in items):
        words = [item.id if isinstance(item, Name) else getattr(item, "text", "") for item in items]
        if (member := f"{base.id}[{', '.join(words)}]") in FAMILIES:
            return Name(member)
    return node


INFIX = ("add", "subtract", "multiply", "divide", "matmul", "power")
POSTFIX = ("negative", "transpose_last", "sqrt", "abs", "sigmoid")
FUNCTIONS = ("sigmoid", "log", "softmax", "leaky_relu", "sqrt", "abs", "f", "foo", "loss_of")
ENTRIES = [Number(str(index), Fraction(index)) for index in (0, 1, 8, 9, 11, 12)]


@st.composite
def trees(draw: DrawFn, depth: int = 4) -> Node:
    """Draw a tree."""

    def part() -> Node:
        return draw(trees(depth - 1))

    def parts(least: int = 0) -> tuple[Node, ...]:
        return tuple(part() for _ in range(draw(st.integers(least, 3))))

    kind = draw(
        st.sampled_from(
            ["leaf", "infix", "infix", "postfix", "index", "call", "array", "tuple", "matrix"]
        )
    )
    if depth <= 0 or kind == "leaf":
        return draw(leaves)
    if kind == "infix":
        return Call(draw(st.sampled_from(INFIX)), (part(), part()))
    if kind == "postfix":
        return Call(draw(st.sampled_from(POSTFIX)), (part(),))
    if kind == "index":
        base = part()
        items = [_index_item(draw, part) for _ in range(draw(st.integers(1, 3)))]
        return _without_members(Call("index", (base, *items)))
    if kind == "call":
        words = draw(st.lists(st.sampled_from(("axis", "T", "k", "a_b")), max_size=2, unique=True))
        keywords = tuple((word, part()) for word in words)
        return Call(draw(st.sampled_from(FUNCTIONS)), parts(), keywords)
    if kind == "array":
        return Array(parts())
    if kind == "tuple":
        return Tuple(parts(1))
    width = draw(st.integers(1, 3))
    rows = draw(st.integers(1, 2))
    return Array(tuple(Array(tuple(part() for _ in range(width))) for _ in range(rows)))


def _index_item(draw: DrawFn, part: Callable[[], Node]) -> Node:
    kind = draw(st.sampled_from(("entry", "entry", "part", "slice")))
    if kind == "entry":
        return draw(st.sampled_from(ENTRIES))
    if kind == "part":
        return part()
    first, last, step = (part() if draw(st.booleans()) else None for _ in range(3))
    return Slice(first, last, step)


leaves: SearchStrategy[Node] = st.one_of(names.map(Name), numbers, st.just(Call("pi", ())))

notations: SearchStrategy[Notation | None] = st.one_of(
    st.none(),
    st.builds(
        lambda overrides, loss, taken: Notation(overrides, loss=loss, taken=taken),
        st.dictionaries(
            st.sampled_from(PLAIN[:30]),
            st.sampled_from(
                ("ŷ", "θ₁", "W₁", "x", "L", "η", r"\hat{y}", r"\mathbf{W}", r"W^{(1)}", "w_x", "h₀")
            ),
            max_size=4,
        ),
        st.sampled_from((None, "loss", "w", "L")),
        st.sets(st.sampled_from([*PLAIN, *sorted(FAMILIES)])),
    ),
)


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions of a parser some work calls: how much it is, whatever the clock."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call" and isinstance(frame.f_locals.get("self"), PrattParser)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
