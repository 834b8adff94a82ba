"""A plain Python function is traced into the equations a person would write."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tracer
from tracer import functions as F  # noqa: N812 - as torch.nn.functional is called
from tracer.errors import TracerError
from tracer.program.function import record_function, traced_functions


def one_weight(w: Any, x: Any, y: Any) -> Any:
    """The demo as a function."""
    y_pred = w * x
    loss = (y_pred - y) ** 2
    return loss


def layers(W: Any, X: Any) -> Any:
    """A name that is given again and again becomes a family."""
    h = X
    for step in range(2):
        h = np.tanh(h @ W + step)
    return np.mean(h**2)


TABLE = np.arange(6.0).reshape(2, 3)


def many(W: Any, ids: Any) -> Any:
    """Indices, joins, choices, operations of the table, a table from outside."""
    e = W[ids]
    s = np.concatenate([e, TABLE], axis=0).sum(axis=1)
    q = np.where(s > 0.5, s, 0.1 * s)
    a = F.softmax(q)
    return np.dot(a, a) / len(q) + np.stack([a, a]).mean() + a[1:].max()


@pytest.mark.parametrize(
    ("function", "parameters", "data", "equations"),
    [
        (
            one_weight,
            {"w": ()},
            {"x": (), "y": ()},
            ["y_pred = w * x", "loss = (y_pred - y)**2"],
        ),
        (
            layers,
            {"W": (3, 3)},
            {"X": (2, 3)},
            [
                "h[0] = tanh(X @ W + 0)",
                "h[1] = tanh(h[0] @ W + 1)",
                "loss = mean(h[1]**2)",
            ],
        ),
        (
            many,
            {"W": (4, 3)},
            {"ids": (2,)},
            [
                "e = W[ids]",
                "s = sum(concat([e, constant1]), axis=1)",
                "q = where(step(s - 0.5), s, 0.1 * s)",
                "a = softmax(q)",
                "loss = a @ a / 4 + mean(stack([a, a])) + max(a[1:])",
            ],
        ),
        (
            lambda w: (w * 2 + 1) * (w * 2 + 1),
            {"w": ()},
            {},
            ["loss = (w * 2 + 1) * (w * 2 + 1)"],
        ),
    ],
)
def test_a_function_becomes_equations(
    function: Callable[..., Any],
    parameters: dict[str, tuple[int, ...]],
    data: dict[str, tuple[int, ...]],
    equations: list[str],
) -> None:
    """Local names are kept, NumPy's calls get the table's names, loops are unrolled."""
    assert record_function(function, parameters, data).equations.split("\n") == equations


def test_a_traced_function_runs_as_its_equations_do() -> None:
    """The one-weight demo as a function has the demo's record."""
    run = tracer.trace(
        one_weight,
        parameters={"w": 0.5},
        data={"x": [1, 2, 3], "y": [2, 4, 6]},
        optimizer="sgd",
        learning_rate=0.1,
        iterations=3,
        sample=0,
    )
    demo = tracer.load("one_weight").run()
    assert [item.name for item in run.program.equations] == [
        item.name for item in demo.program.equations
    ]
    for name in ("w", "loss", "dloss/dw", "y_pred"):
        assert run.values(name).tolist() == demo.values(name).tolist()


def test_a_value_without_a_name_that_is_used_twice_gets_one() -> None:
    """A shared part of a lambda is computed once and has one gradient."""

    def squared(w: Any) -> Any:
        return (lambda part: part * part)(w * 2 + 1)

    assert record_function(squared, {"w": ()}, {}).equations.split("\n") == [
        "value1 = w * 2 + 1",
        "loss = value1 * value1",
    ]


def defaults(w: Any, scale: float = 2.0) -> Any:
    """A default that nobody names."""
    return np.sum(w) * scale


class Layers:
    """A network as an object, with a method for each layer."""

    scale = np.float64(2)

    def layer(self, h: Any, W: Any) -> Any:
        """One layer."""
        return np.tanh(h @ W) * self.scale

    def __call__(self, W: Any, x: Any) -> Any:
        """Two layers that share their weights."""
        h = self.layer(x, W)
        h = self.layer(h, W)
        return h.mean()


def in_place(w: Any, x: Any) -> Any:
    """An array that changes in place, under two names; a number is only named anew."""
    v = w * 1
    u = v
    v -= x[0]
    v *= 2
    total = np.sum(u)
    other = total
    total += 1
    return total * other


def own_arguments(w: Any, x: Any) -> Any:
    """Arguments that change, and names of arguments that are given anew."""
    w /= np.float64(2)
    x = x * w
    w = w + np.sum(x, 0)
    return np.sum(w**2)


def counted(w: Any) -> Any:
    """A loop that counts by itself, and a recursion."""
    step, h = 0, w
    while step < 2:
        h = np.tanh(h)
        step += 1

    def power(base: Any, n: int) -> Any:
        return base if n == 1 else base * power(base, n - 1)

    return np.sum(power(h, 3))


def builtins(w: Any, x: Any) -> Any:
    """Unpacked, zipped, added by Python's own sum; len and abs."""
    first, *rest = w
    rows = sum(place * abs(row) for place, row in enumerate(x))
    return first * sum(rest) + sum(rows) / len(x) + sum(a * row[0] for a in w for row in x)


def shapes(w: Any, x: Any) -> Any:
    """Axes moved, added and dropped; NumPy's whole numbers as indices."""
    a = np.expand_dims(x * w, (0, -1))
    b = np.squeeze(a, axis=0).reshape(2, -1).swapaxes(0, np.int64(1))
    return np.sum(b[np.int64(1) :, 0] ** 2) + np.transpose(x)[2] @ b[0] + np.size(x, 1) * b[-1, -1]


def choices(w: Any, x: Any) -> Any:
    """Comparisons are 1 and 0; ids come from an array and a list."""
    a = (w == w[0]) * w + (w != w[1]) * (w >= 0)
    return np.sum(a * w[np.array([2, 0, 0])]) + np.sum(w[[1, 1]]) * np.argmax(x * w)


def outside(w: Any, x: Any) -> Any:
    """Arrays, lists and NumPy's numbers on the left."""
    a = np.eye(3) @ w + [1, 2, 3] * w + np.sqrt(2) * w
    b = np.matmul(np.ones((2, 3)), a) + np.dot(x, w) + np.add([1, 2], np.float32(0.5) * w[:2])
    c = np.array([w[0], w[1] * 2]) * b
    return np.sum(c) + np.dot(w, w) + np.sum([w[0], w[2]]) + np.linalg.norm(TABLE)


WEIGHTS = np.array([0.5, -1.25, 0.5])
SQUARE = np.array([[0.1, 0.2, -0.3], [0.4, -0.5, 0.6], [-0.7, 0.8, 0.9]])
INPUTS = np.array([[1.5, -0.5, 2.0], [0.25, 1.0, -1.0]])


@pytest.mark.filterwarnings("ignore:the loss does not depend")  # all functions are given the same
@pytest.mark.parametrize(
    "function",
    [
        *(defaults, Layers(), Layers().__call__, functools.partial(defaults, scale=3.0), in_place),
        *(own_arguments, counted, builtins, shapes, choices, outside),
    ],
    ids=lambda function: getattr(function, "__name__", type(function).__name__),
)
def test_a_traced_function_gives_what_numpy_gives(function: Callable[..., Any]) -> None:
    """The loss of the record is what the function itself returns."""
    given = {"w": WEIGHTS, "W": SQUARE, "x": INPUTS}
    trace = tracer.trace(
        function,
        parameters={"w": WEIGHTS, "W": SQUARE},
        data={"x": INPUTS},
        learning_rate=0.1,
        iterations=1,
    )
    wanted = inspect.signature(function).parameters
    plain = function(**{name: value.copy() for name, value in given.items() if name in wanted})
    assert trace.loss[0] == pytest.approx(float(plain), rel=1e-12)


def collisions(w: Any) -> Any:
    """Local names that the language, the recorder or a gradient has."""
    value1 = w * 2
    pi = value1 + np.arange(3.0)
    constant1 = pi * pi
    w_ = constant1 + 1
    w = w_ * w
    dloss = np.tanh(w) + value1 * np.ones(3)
    loss = np.sum((dloss + 1) * (lambda part: part * part)(dloss + 1))
    return loss


def anew(w: Any) -> Any:
    """A number that is named again by `total += …`, and Python's sum."""
    total = np.sum(w)
    total += sum(w)
    return total


def tables(w: Any) -> Any:
    """Operations of the table by keyword, by position, with what is left out."""
    a = F.softmax(z=w, axis=np.int64(0)) + F.leaky_relu(w, slope=0.3) + F.leaky_relu(w, 0.2)
    b = F.concat([np.ones(2), a], axis=0)
    return np.sum(F.layer_norm(b, epsilon=1e-3)) + F.dropout(w[0], 0.25)


@pytest.mark.parametrize(
    ("function", "equations"),
    [
        (
            collisions,
            [
                "value1 = w * 2",
                "pi_ = value1 + constant1",
                "constant1_ = pi_ * pi_",
                "w_ = constant1_ + 1",
                "w__ = w_ * w",
                "dloss_ = tanh(w__) + value1 * constant2",
                "value2 = dloss_ + 1",
                "loss = sum((dloss_ + 1) * (value2 * value2))",
            ],
        ),
        (anew, ["total[0] = sum(w)", "total[1] = total[0] + (w[0] + w[1] + w[2])"]),
        (
            tables,
            [
                "a = softmax(w, axis=0) + leaky_relu(w, 0.3) + leaky_relu(w, 0.2)",
                "b = concat([constant1, a])",
                "loss = sum(layer_norm(b, 1, 0, epsilon=0.001)) + dropout(w[0], rate=0.25)",
            ],
        ),
        (lambda w, /: np.sum(w), ["loss = sum(w)"]),
        (lambda **given: np.sum(given["w"]), ["loss = sum(w)"]),
        (lambda _0: np.sum(_0 * 2), ["loss = sum(_0 * 2)"]),
        (lambda θ: np.sum(θ), ["loss = sum(theta)"]),
    ],
)
def test_names_and_arguments(function: Callable[..., Any], equations: list[str]) -> None:
    """No name means two things; arguments are found however the function takes them."""
    given: dict[str, tuple[int, ...]] = {"w": (3,), "_0": (3,), "theta": (3,)}
    assert record_function(function, given, {}).equations.split("\n") == equations


LEFT: list[Any] = []


def leaving(w: Any) -> Any:
    """Leaves a stand-in behind."""
    LEFT.append(w * 2)
    return np.sum(w)


def test_stand_ins_of_another_function_are_refused() -> None:
    """One record, one function."""
    record_function(leaving, {"w": (3,)}, {})
    for function in (lambda w: w + LEFT[0], lambda w: LEFT[0]):
        with pytest.raises(TracerError, match="a value of another traced function"):
            record_function(function, {"w": (3,)}, {})


def test_an_array_is_split_as_numpy_splits_it() -> None:
    """Parts that are not equal are NumPy's own error, and no further part."""
    with pytest.raises(ValueError, match="equal division"):
        record_function(lambda w: np.split(w, 2)[0].sum(), {"w": (3,)}, {})


def assigned(w: Any) -> Any:
    """An assignment into an array of whole numbers."""
    h = np.array([1, 2, 3])
    h[0] = w[0]
    return np.sum(h)


def filled(w: Any) -> Any:
    """An array that is filled with numbers first, and entry by entry then."""
    h = np.zeros((3, 3))
    for place, row in enumerate(w):
        h[place] = row * place
        h[0, place] = np.max(row)
    return np.full(3, 0.5) * h


def part_in_place(w: Any) -> Any:
    """A change in place of a part."""
    row = (w * TABLE)[0]
    row += 1
    return np.sum(row)


def changed(array: Any, index: Any, value: Any) -> Any:
    """Return an array after an assignment to some of its entries."""
    array[index] = value
    return array


def seen_after(array: Any, part: Callable[[Any], Any]) -> Any:
    """Return a part that was taken before its array was changed."""
    taken = part(array)
    array[0] = array[1] * 2
    array += 0.5
    return taken * 3


def grown(w: Any) -> Any:
    """A change in place to another shape."""
    h = w * 1
    h += TABLE
    return np.sum(h)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda w: np.cumprod(w),
            r"np\.cumprod cannot be traced; expected a function",
        ),
        (
            lambda w: w.cumprod(),
            r"the method \.cumprod cannot be traced; expected a function",
        ),
        (lambda w: changed(w * 1, (np.argmax(w), w), 0), "an assignment to computed places"),
        (lambda w: changed(w * 1, slice(2), [1, 2, 3]), "an assignment to entries; found could"),
        (
            lambda w: np.arctan(w),
            r"np\.arctan cannot be traced; expected a function of tracer.functions",
        ),
        (lambda w: np.linalg.norm(w, np.inf), r"np\.linalg\.norm\(…, ord=inf\)"),
        (lambda w: np.einsum("ii->i", w), r"np\.einsum with 'ii->i'"),
        (lambda w: math.exp(w), r"float\(…\) or a function of `math`"),
        (lambda w: w if w > 0 else -w, "a decision on a value"),
        (lambda w: 3, "the function does not return a traced number; found int"),
        (lambda w: w, "the function returns one of its arguments"),
        (lambda q: q, "the function takes q; found parameters and data w"),
        (lambda w: w @ np.ones((4, 4)), "@: the shapes"),
        (lambda w: F.softmax(w, axes=1), r"softmax\(…, axes=…\) cannot be traced"),
        (lambda w: F.one_hot(w), "one_hot needs classes"),
        (lambda w: np.sum(w, dtype=float), "np.sum with these arguments"),
        (lambda w: w + "a", "cannot be traced"),
        (lambda w: max(w), "a decision on a value .* max, min, sorted, in"),
        (lambda w: sorted(w)[0], "a decision on a value"),
        (lambda w: np.sum(w) if 1.0 in w else 0, "a decision on a value"),
        (lambda w: np.sum(w[w > 0]), "an index with a traced condition"),
        (lambda w: (w > 0) & (w < 1), "& cannot be traced; expected the product of the conditions"),
        (lambda w: ~(w > 0), "~ cannot be traced; expected 1 - condition"),
        (
            lambda w: np.linalg.pinv(w),
            r"test_function\.py:\d+: np\.linalg\.pinv cannot be traced",
        ),
        (lambda w: w // 2, "// or %"),
        (lambda w: round(w[0]), "rounding"),
        (lambda w: f"{w[0]:.2f}", "a value as text"),
        (lambda w: w * np.inf, "a number that is not finite"),
        (lambda w: w * np.array([0, -np.inf, 0]), "a number that is not finite"),
        (lambda w: w * 10**400, "a number that no float can hold"),
        (lambda w: w * 1j, "an operand of the type complex"),
        (lambda w: np.reshape(w, (3, 1), order="F"), r"np\.reshape\(…, order='F'\)"),
        (lambda w: np.dot(w, np.ones((2, 3, 3))), r"np\.dot of more than two axes"),
        (lambda w: np.exp(w, out=np.zeros(3)), r"np\.exp\(…, out=\)"),
        (lambda w: w.dtype, r"expected np\.stack of the parts"),
        (lambda w: np.sum(w, axis=w), "as an axis, a size or a setting"),
        (lambda w: w.astype(int), "expected the value itself: all numbers are floats"),
        (lambda w: F.softmax(), "softmax needs z"),
        (lambda w: F.mse(w), "mse needs b"),
        (lambda w: F.exp(w, 1, 2), "exp with these arguments"),
        (lambda w: F.softmax(w, 0, axis=0), "softmax with these arguments"),
        (lambda w: F.softmax(np.ones(3)), "softmax of an untraced value"),
        (lambda w: F.one_hot(w, classes=(2, 3)), r"one_hot: the classes \(2, 3\)"),
        (lambda w: w[5], "index 5 of an axis with 3 entries"),
        (assigned, r"int\(…\) cannot be traced"),
        (part_in_place, "an in-place change of a part"),
        (grown, r"an in-place change of the shape; found \(2, 3\); expected \(3,\)"),
    ],
)
def test_what_cannot_be_traced_is_named_with_what_to_use(
    function: Callable[..., Any], message: str
) -> None:
    """One message: the call, and what is expected instead."""
    with pytest.raises(TracerError, match=message):
        record_function(function, {"w": (3,)}, {})


@pytest.mark.parametrize(
    "function",
    [
        lambda w: w[np.arange(3), [2, 0, 1]],
        lambda w: w[[0, 2], [1, 1]],
        lambda w: w[np.eye(3) > 0],
        lambda w: w[:, None] * w[..., 0],
        lambda w: w[None, 1:, 2],
        lambda w: w.var(axis=0) + np.var(w, ddof=1) + w.std() + np.std(w, axis=1, ddof=1),
        lambda w: np.clip(w, -0.55, 0.45) + w.clip(0.15, None) + np.log1p(w**2),
        lambda w: np.pad(w, 1)[1:] + np.pad(w, ((1, 0), (2, 3)), constant_values=0.5)[:, 3:],
        lambda w: np.pad(w, ((0, 0), (1, 1)), "reflect") * np.squeeze(w[:1, 1:2]),
        lambda w: np.linalg.norm(w) + np.linalg.norm(w, axis=1) + np.linalg.norm(w[0], 1),
        lambda w: np.einsum("ij,kj->ik", w, w) + np.einsum("ji,jk->ki", w, SQUARE),
        lambda w: (
            np.einsum("ij,ij->j", w, SQUARE) + np.einsum("ij->", w) + np.einsum("ij,jk", w, w)
        ),
        lambda w: np.einsum("i,j,ij->ji", w[0], w[1], w) + w.sum(1, keepdims=True) / w.shape[0],
        lambda w: np.vstack([w, w[0][None]])[1:] + np.hstack([w, w])[:, :3],
        lambda w: (w > 0).astype(int) * w.astype(np.float64),
        lambda w: np.tensordot(w, SQUARE, 1) + np.tensordot(w, w, axes=([0, 1], [1, 0])),
        lambda w: np.inner(w, SQUARE) + np.vdot(w, SQUARE) + np.inner(w[0], w[1]),
        lambda w: np.cumsum(w, axis=0) + w.cumsum()[:3] + np.cumsum(w, 1) * np.prod(w, axis=1),
        lambda w: np.diff(w, axis=0) + w.prod() + np.diff(w, 2)[:2],
        lambda w: np.take_along_axis(w, np.array([[1], [0], [2]]), axis=1) * w,
        lambda w: changed(w * 1, (slice(None), 0), w[1]) + changed(w * 1, 2, 0.5),
        lambda w: changed(w * w, np.eye(3) > 0, w[0]) + changed(w * w, [0, 0], w[1:]),
        lambda w: changed(w * 1, (np.arange(3), [2, 0, 1]), w[0] * 3),
        lambda w: changed(w * 1, (np.arange(3), [2, 0, 1]), 1),
        lambda w: changed(w * 1, w * w > 0.3, 0.5),
        lambda w: seen_after(w * 1, lambda h: h[0]) + seen_after(w * 1, lambda h: h[0].copy()),
        filled,
        lambda w: np.tanh(np.array([w[0] @ w[1], 1.0, w[2, 2]])) * w,
        lambda w: np.array([np.asarray(w[0]), w[1] * 2], dtype=float)[:, :2].T @ np.array(w)[:2],
        lambda w: np.maximum(np.array([row.max() for row in w]), 0.3) + np.array([[w[0, 0]]]),
        lambda w: np.log([w[0, 0], w[1, 1] + 2]),
        lambda w: seen_after(w * 1, lambda h: h.T[1:]) * seen_after(w * 1, lambda h: h[0, 1]),
    ],
)
def test_numpy_calls_give_numpys_values(function: Callable[..., Any]) -> None:
    """A traced call has the value of NumPy's, and its gradient is that of differences."""

    def loss(w: Any) -> Any:
        return np.sum(function(w) * 1.25) + np.sum(np.square(function(w)))

    run = tracer.trace(loss, parameters={"w": SQUARE}, data={}, learning_rate=0.1, iterations=1)
    assert run.loss[0] == pytest.approx(loss(SQUARE))
    moved = np.eye(9).reshape(9, 3, 3) * 1e-6
    slopes = [(loss(SQUARE + step) - loss(SQUARE - step)) / 2e-6 for step in moved]
    gradient = run.iteration(1)[f"d{run.program.loss}/dw"]
    assert np.ravel(gradient) == pytest.approx(slopes, rel=1e-6, abs=1e-7)


def test_every_operation_of_the_table_is_a_function() -> None:
    """`tracer.functions` has each of them, and a clear error for what it has not."""
    assert set(traced_functions()) <= set(dir(F))
    with pytest.raises(AttributeError, match="did you mean softmax"):
        _ = F.sofmax
    with pytest.raises(AttributeError, match=r"use np\.zeros"):
        _ = F.zeros


def test_a_batch_size_that_does_not_divide_is_refused_where_it_is_written_down() -> None:
    """len(x) differs in the last batch; np.mean does not mind."""
    data = {"x": [1.0, 2.0, 3.0]}
    rest = {"parameters": {"w": 1.0}, "learning_rate": 0.1, "epochs": 1, "batch_size": 2}

    def counted(w: Any, x: Any) -> Any:
        return np.sum(w * x) / len(x)

    with pytest.raises(TracerError, match="the last batch is smaller"):
        tracer.trace(counted, data=data, **rest)  # type: ignore[arg-type]
    run = tracer.trace(lambda w, x: np.mean((w * x) ** 2), data=data, **rest)  # type: ignore[arg-type]
    assert run.loss.tolist() == pytest.approx([2.5, 9 * (1 - 0.5) ** 2])
