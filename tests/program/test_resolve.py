"""Equations as a scenario writes them: loops unrolled, standard forms, and every error's place."""

from __future__ import annotations

import pytest

import tracer
from tracer.errors import LimitError, TracerError, UnknownNameError
from tracer.expression import render
from tracer.operations import Shape, vocabulary
from tracer.program.resolve import resolve_equations
from tracer.program.shapes import Shapes

pytestmark = pytest.mark.filterwarnings("ignore:the loss does not depend")

SHAPES: dict[str, Shape] = {
    "w": (3,),
    "x": (),
    "X": (2, 3),
    "T": (2, 3, 4),
    "E": (5, 2),
    "ids": (4,),
    "tokens": (4, 2),
    "labels": (2,),
}
WHOLES = {"n": 4}


def resolved(text: str) -> list[str]:
    """Return the equations in ASCII, each with its shape where it is no single number."""
    equations = resolve_equations(text, Shapes(SHAPES), WHOLES, where="line {}".format)
    return [
        f"{item.name} = {render(item.expression, vocabulary=vocabulary())}"
        + (f"  {item.shape}" if item.shape else "")
        for item in equations
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = sum(X, 0)", ["a = sum(X, axis=0)  (3,)"]),
        ("a = sum(X, axis=[0, 1])", ["a = sum(X, axis=(0, 1))"]),
        ("a = sum(X, axis=None, keepdims=False)", ["a = sum(X)"]),
        ("a = softmax(axis=-1, z=X)", ["a = softmax(X)  (2, 3)"]),
        ("a = leaky_relu(w)", ["a = leaky_relu(w, 0.01)  (3,)"]),
        ("a = elu(w, alpha=x)", ["a = elu(w, x)  (3,)"]),
        ("a = zeros((2, 3))", ["a = zeros(2, 3)  (2, 3)"]),
        ("a = ones(n / 2, len(w) - 1)", ["a = ones(2, 2)  (2, 2)"]),
        ("a = len(X) * x", ["a = 2 * x"]),
        ("a = reshape(X, (-1, n - 2))", ["a = reshape(X, (-1, 2))  (3, 2)"]),
        ("a = [x, 2 * x]", ["a = stack([x, 2 * x])  (2,)"]),
        ("a = [[1, x], [2, 3]]", ["a = stack([stack([1, x]), [2, 3]])  (2, 2)"]),
        ("a = [[1, -2]] @ [3, 4]", ["a = [[1, -2]] @ [3, 4]  (1,)"]),
        ("a = ln(w) + pi", ["a = log(w) + pi  (3,)"]),
        ("a = x^2", ["a = x**2"]),
        ("ŷ = σ(w·x)", ["y_hat = sigmoid(w * x)  (3,)"]),
        ("a = ½·x²", ["a = 1 / 2 * x**2"]),
        ("a = X[n - 3, ::-1]", ["a = X[1, ::-1]  (3,)"]),
        ("a = E[tokens[:, 1]]", ["a = E[tokens[:, 1]]  (4, 2)"]),
        ("a = place(X, (2, n + 2), (:, ::2))", ["a = place(X, (2, 6), (:, ::2))  (2, 6)"]),
        ("a = x  # twice\n\nb = a", ["a = x", "b = a"]),
        ("a = (x +  # first\n     2)", ["a = x + 2"]),
    ],
)
def test_an_equation_gets_its_standard_form(text: str, expected: list[str]) -> None:
    """One form for each thing that can be said; static arguments are worked out, no others."""
    assert resolved(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for t in range(3):\n    h[t] = x * t", ["h[0] = x * 0", "h[1] = x * 1", "h[2] = x * 2"]),
        ("for t in range(n, 2, -1):\n  h[t] = x", ["h[4] = x", "h[3] = x"]),
        ("for t in range(1, len(w)):\n  h[t] = w[t]", ["h[1] = w[1]", "h[2] = w[2]"]),
        ("for t in range(0):\n    h[t] = x\na = x", ["a = x"]),
        (
            "for i in range(2):\n  for j in range(i + 1):\n    a[i, j] = x + i * j",
            ["a[0, 0] = x + 0 * 0", "a[1, 0] = x + 1 * 0", "a[1, 1] = x + 1 * 1"],
        ),
        (
            "h[0] = x\nfor t in range(2):\n    z[t] = 2 * h[t]\n    h[t + 1] = z[t]",
            ["h[0] = x", "z[0] = 2 * h[0]", "h[1] = z[0]", "z[1] = 2 * h[1]", "h[2] = z[1]"],
        ),
        ("h[0] = w\na = h[0][1:]", ["h[0] = w  (3,)", "a = h[0][1:]  (2,)"]),
        ("h[0] = x\nh[1] = 2\na = stack([h[0], h[1]])", ["h[0] = x", "h[1] = 2",
                                                     "a = stack([h[0], h[1]])  (2,)"]),
    ],
)  # fmt: skip
def test_a_loop_is_written_out(text: str, expected: list[str]) -> None:
    """Counters become numbers; members of a family become names of their own."""
    assert resolved(text) == expected


# Each case: the text, line and column of the error, and how its message begins.
ERRORS = [
    ("a = wz + 1", (1, 5), "wz is not known; did you mean w?"),
    ("a = x\nb = a * y", (2, 9), "y is not known; expected one of "),
    ("a = b\nb = x", (1, 5), "b is used before it is assigned"),
    ("a = w'", (1, 5), "w' is not known"),
    ("a = True", (1, 5), "True is not known"),
    ("a = sofmax(w)", (1, 5), "there is no operation sofmax; did you mean"),
    ("a = largest(w)", (1, 5), "there is no operation largest"),
    (
        "a = binary_cross_entropy(w, w)",
        (1, 5),
        "there is no operation binary_cross_entropy; did you mean bce",
    ),
    ("a = w(2)", (1, 5), "there is no operation w"),
    ("a = X @ X", (1, 5), "@: the shapes (2, 3) and (2, 3) do not fit in X @ X; found"),
    ("a = 1 + X @ X", (1, 9), "@: the shapes (2, 3) and (2, 3) do not fit"),
    ("a = x @ w", (1, 5), "@: a side is a single number in x @ w; found the shapes () and (3,)"),
    ("a = w + [1, 2]", (1, 5), "+: the shapes (3,) and (2,) do not fit"),
    ("a = mse(X, w)", (1, 5), "mse: the shapes (2, 3) and (3,) differ"),
    ("a = cross_entropy(X, w)", (1, 5), "cross_entropy: scores (2, 3) and labels (3,)"),
    ("a = T.T", (1, 5), ".T of the shape (2, 3, 4) in T.T; expected"),
    ("a = sum(X, axis=2)", (1, 5), "sum: there is no axis 2 in sum(X, axis=2); expected"),
    ("a = sum(X, axis=0.5)", (1, 17), "a whole number must be known before the run; found 0.5"),
    ("a = sum(X, axis=x)", (1, 17), "a whole number must be known before the run; found another"),
    ("a = sum(X, axes=0)", (1, 17), "sum does not take axes; expected sum(x, axis=None, keep"),
    ("a = mse(X, target=X)", (1, 19), "mse does not take target; expected mse(a, b)"),
    ("a = sum()", (1, 5), "sum needs x"),
    ("a = exp(x, x)", (1, 5), "too many arguments for exp; expected exp(x)"),
    ("a = reshape(X, 3, 2)", (1, 5), "too many arguments for reshape"),
    ("a = transpose(X)", (1, 5), "transpose needs axes"),
    ("a = transpose(X, (0, 0))", (1, 5), "transpose: axes (0, 0) of the shape (2, 3)"),
    ("a = reshape(X, (4, 4))", (1, 5), "reshape: (2, 3) to (4, 4) in reshape(X, (4, 4)); found"),
    ("a = concat(X, X)", (1, 5), "concat needs a list; expected concat([parts, …], axis=0)"),
    ("a = concat([X, w])", (1, 5), "concat: the shapes (2, 3) and (3,) do not fit"),
    ("a = stack([X, w])", (1, 5), "stack: the shapes (2, 3) and (3,)"),
    ("a = zeros(-2)", (1, 5), "an array of the shape (-2,)"),
    ("a = zeros(w)", (1, 11), "a whole number must be known before the run"),
    ("a = zeros(n / 3)", (1, 11), "a whole number must be known before the run; found 1.33"),
    ("a = x * 1e400", (1, 9), "the number is too large; expected a number up to 1.8e308"),
    ("a = layer_norm(X, epsilon=1e308 * 10)", (1, 27), "the number is too large"),
    ("a = zeros(1e5, 1e5)", (1, 5), "zeros: the result is too large; found the shape (100000, 1"),
    ("a = outer(zeros(99999), ones(99999))", (1, 5), "outer: the result is too large"),
    ("a = broadcast(w, 3.5)", (1, 18), "a whole number must be known before the run; found 3.5"),
    ("a = broadcast(w, None)", (1, 5), "broadcast: the shape None; expected a tuple of sizes"),
    ("a = sum(X, keepdims=(1, 2))", (1, 5), "sum: the keepdims (1, 2); expected True or False"),
    ("a = one_hot(labels, (2, 3))", (1, 5), "one_hot: the classes (2, 3); expected a whole numb"),
    ("a = one_hot(labels, -1)", (1, 5), "one_hot: the classes -1"),
    ("a = layer_norm(X, epsilon=(1, 2))", (1, 5), "layer_norm: the epsilon (1, 2); expected a n"),
    ("a = layer_norm(X, (1, 2, 3))", (1, 19), "a list of numbers is not a quantity"),
    ("a = layer_norm(X, False)", (1, 19), "False is not known"),
    (
        "a = max_pool1d(X, 2, stride=0)",
        (1, 5),
        "windows1d: 0 for 1 axes in max_pool1d(X, 2, stride=0); expected",
    ),
    ("a = softmax(X[:, 1:1])", (1, 5), "softmax of no entries in softmax(X[:, 1:1]); found"),
    ("a = logsumexp(w[1:1])", (1, 5), "logsumexp of no entries"),
    ("a = argmax(w[1:1])", (1, 5), "argmax of no entries"),
    ("a = scatter_add(X, ids, 3)", (1, 5), "scatter_add: (2, 3) for ids (4,)"),
    ("a = unpick(w, labels, 3)", (1, 5), "unpick: (3,) for labels (2,)"),
    (
        "a = conv1d_kernel(X, X, 2)",
        (1, 5),
        "conv1d_kernel: a gradient (2, 3) in conv1d_kernel(X, X, 2); expected",
    ),
    (
        "a = conv1d_input(X, T, (3, 9))",
        (1, 5),
        "conv1d_input: a gradient (2, 3) in conv1d_input(X, T, (3, 9)); expected",
    ),
    (
        "a = windows1d_add(X, (9,), 3)",
        (1, 5),
        "windows1d_add: a gradient (2, 3) in windows1d_add(X, (9,), 3); expected",
    ),
    ("a = len(x)", (1, 5), "len of a single number"),
    ("a = len(w, 1)", (1, 5), "len takes one array"),
    ("a = X[5]", (1, 5), "index 5 of an axis with 2 entries in X[5]; expected"),
    ("a = X[0, 0, 0]", (1, 5), "3 indices of the shape (2, 3) in X[0, 0, 0]; expected"),
    ("a = X[...]", (1, 7), "`...` is not supported as an index"),
    ("a = X[ids, 0]", (1, 5), "an array of ids beside other indices"),
    ("a = max(w[3:])", (1, 5), "max of no entries"),
    ("a = [[1, 2], [3]]", (1, 5), "the rows of an array literal differ in length"),
    ("a = (1, 2)", (1, 5), "a list of numbers is not a quantity"),
    ("h[0] = x\na = h", (2, 5), "h is a family of quantities; expected one of them, such as h[0]"),
    ("h[0] = x\na = h[-1]", (2, 5), "h[-1] counts from the end"),
    ("h[0] = x\na = h[2]", (2, 5), "h[2] is not known; expected one computed above: h[0]"),
    ("h[0] = x\na = h[:1]", (2, 5), "h is a family of quantities and has no slices"),
    ("h[0] = x\na = h[x]", (2, 7), "a whole number must be known before the run"),
    ("h = x\nh[0] = x", (2, 1), "h is one quantity and cannot be a family as well"),
    ("w[0] = x", (1, 1), "w is one quantity and cannot be a family as well"),
    ("h[0] = x\nh[0] = x", (2, 1), "h[0] is already computed above"),
    ("a = x\na = x", (2, 1), "a is already computed above"),
    ("w = x", (1, 1), "w is already given"),
    ("a' = x", (1, 1), "a' is the name of an updated quantity"),
    ("True = x", (1, 1), "True has a meaning of its own"),
    ("pi = x", (1, 1), "only a name can be assigned"),
    ("a + 1 = x", (1, 1), "only a name can be assigned"),
    ("x", (1, 2), "this is not an equation"),
    ("a = ", (1, 4), "the expression ends too early"),
    ("a = 2x", (1, 6), "an operator is missing; found `x`; expected `2 * x`"),
    ("a = x > 0", (1, 7), "unknown character `>`; expected `step(a - b)`"),
    ("a = (x + 1", (1, 5), "this bracket is not closed"),
    ("a = (x + 1\nb = a", (1, 5), "this bracket is not closed"),
    ("a = 1,5", (1, 6), "ambiguous: `1,5` may be a decimal comma"),
    ("for t in range(2):\n    a = x", (2, 5), "a is already computed above"),
    ("for x in range(2):\n    h[x] = w", (1, 1), "the loop's name x is taken"),
    ("for t in w:\n    h[t] = x", (1, 1), "this is not a loop"),
    ("for t in range(2):\nh[t] = x", (1, 1), "the loop has no body"),
    ("for t in range(0, 3, 0):\n    h[t] = x", (1, 1), "a range of step 0"),
    ("for t in range(x):\n    h[t] = x", (1, 16), "a whole number must be known before the run"),
    ("for t in range(2):\n    h[t] = x\na = x * t", (3, 9), "t is not known"),
    ("a = x\n  b = x", (2, 3), "unexpected indentation"),
    ("for t in range(10_001):\n    h[t] = x", (1, 18), "a number has no `_` in it"),
]


@pytest.mark.parametrize(("text", "place", "message"), ERRORS, ids=[row[0] for row in ERRORS])
def test_an_error_says_where_what_and_what_was_expected(
    text: str, place: tuple[int, int], message: str
) -> None:
    """Line and column of the text, and a message that begins like this."""
    with pytest.raises(TracerError) as caught:
        resolved(text)
    line, column = place
    where, _, rest = str(caught.value).partition(": ")
    assert (where, rest[: len(message)]) == (f"line {line}, column {column}", message)


def test_a_name_without_a_near_one_may_be_given_a_value() -> None:
    """The message says where a file gives it."""
    with pytest.raises(TracerError, match=r"or its value under \[data\], \[parameters\]"):
        resolved("a = quantity")


@pytest.mark.parametrize("count", [10_001, 10**9, 10**30])
def test_a_loop_that_is_too_long_ends_at_once(count: int) -> None:
    """It is refused before anything is unrolled, however far the range goes."""
    with pytest.raises(LimitError, match="too many equations; expected at most 10000"):
        resolved(f"for t in range({count}):\n    h[t] = x")


def test_loops_inside_loops_are_counted_together() -> None:
    """The limit is on equations, not on one range."""
    with pytest.raises(LimitError, match="too many equations"):
        resolved("for i in range(200):\n  for j in range(200):\n    h[i, j] = x")


def test_an_unknown_name_lists_what_is_near_it() -> None:
    """Up to a few names, from what is given and what is computed above."""
    with pytest.raises(UnknownNameError) as caught:
        resolved("hidden = x\na = hiden")
    assert str(caught.value.expected) == "did you mean hidden?"


def test_loops_that_write_nothing_end_too() -> None:
    """Ranges in ranges are counted, though there is no equation in them."""
    text = "for i in range(9999):\n  for j in range(9999):\n    for k in range(0):\n      a[k] = x"
    with pytest.raises(LimitError, match="too many equations"):
        resolve_equations(text, Shapes(SHAPES), {}, where=str)


def test_the_place_is_that_of_the_scenario_file() -> None:
    """`where` turns a line of the text into the line of the file."""
    with pytest.raises(TracerError) as caught:
        resolve_equations(
            "a = x\nb = y", Shapes(SHAPES), {}, where=lambda line: f"net.toml:{line + 9}"
        )
    assert str(caught.value.where) == "net.toml:11, column 5"


# What a whole scenario adds ----------------------------------------------------------------------


def run(equations: str) -> tracer.Trace:
    """Run equations on a small table and its ids."""
    return tracer.trace(
        equations=equations,
        data={"ids": [0, 1], "θ": 2},
        parameters={"E": [[1, 2], [3, 4]], "w": [0, 1]},
        learning_rate=0.1,
        iterations=1,
    )


@pytest.mark.parametrize(
    "labels", ["ids", "ids[::-1]", "[1, 0]", "argmax(E)", "reshape(ids, (2, 1))", "ids[1]"]
)
def test_labels_come_from_data_or_a_place(labels: str) -> None:
    """A datum, a part of one, an array that is written out, or the place of a largest entry."""
    assert run(f"k = {labels}\nloss = sum(E[k])").fault is None


@pytest.mark.parametrize(
    ("equations", "message"),
    [
        ("loss = sum(E[w])", "w is used as labels or ids; expected a datum or a constant"),
        ("loss = sum(E[ids + 1])", "ids + 1 is used as labels or ids"),
        ("k = ids - 1\nloss = sum(E[k])", "k is used as labels or ids"),
        ("loss = sum(pick(E, [1, 2]))", "[1, 2] is used as labels or ids; found 2"),
        ("loss = sum(pick(E, [1, 0.5]))", "[1, 0.5] is used as labels or ids; found 0.5; expected"),
        ("dloss = E[0, 0]\nloss = dloss**2", "the name dloss is taken: dloss/dw is the gradient"),
        ("loss = huber(w, w, delta=0)", "huber: the delta 0; expected a number above 0"),
        ("loss = E", "loss is the loss, but not a single number; found the shape (2, 2)"),
    ],
)
def test_what_would_be_guessed_is_refused(equations: str, message: str) -> None:
    """Calculated labels would be rounded or wrap around without a word."""
    with pytest.raises(TracerError) as caught:
        run(equations)
    assert message in str(caught.value)


def test_greek_letters_and_their_words_are_one_name() -> None:
    """In data given from Python as in a file."""
    assert run("loss = θ * sum(E) + theta").loss.tolist() == [22]


@pytest.mark.parametrize("small", [True, False], ids=["scalars", "arrays"])
def test_arrays_without_entries_are_recorded(small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have a column as all others have, of no entries."""
    monkeypatch.setattr("tracer.run.plans.is_small", lambda built: small)
    trace = run("e = w[1:1]\nz = zeros(0, 3)\nloss = sum(e) + sum(z @ ones(3)) + sum(w)")
    assert trace.values("e").shape == (1, 0)
    assert trace.values("z").shape == (1, 0, 3)
    assert trace.iteration(1)["e"].tolist() == []
    assert trace.values("w").tolist() == [[0, 1], [-0.1, 0.9]]


def test_one_entry_that_is_repeated_over_none_has_the_gradient_0() -> None:
    """The sum over no entries, in the shape of the one."""
    trace = run("e = w[:1] * zeros(0)\nloss = sum(e) + w[1]")
    assert trace.values("dloss/dw").tolist() == [[0, 1]]
