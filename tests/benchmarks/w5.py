r"""W5: the derivation of all eight weight gradients of W2's network as LaTeX.

The network is written with single numbers, so that each weight has a gradient of its own, as SymPy
takes it. Ours: the backward pass is differentiated, and each of its lines printed; the way to
each gradient is in lines that others share. SymPy's: `latex(diff(loss, w))` for each weight.
Deeper networks of the same kind show how lines and characters grow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from tests.benchmarks.measure import Figure, in_turns
from tests.benchmarks.process import standard_output
from tracer.expression import Notation, render
from tracer.operations import vocabulary
from tracer.program.differentiate import differentiate
from tracer.program.program import Equation
from tracer.program.resolve import resolve_equations
from tracer.program.shapes import Shapes

TITLE = "eight weight gradients of a 2-2-2 network as LaTeX"
DEPTHS = (2, 4, 8, 16)
MOST_OF_SYMPY = 4  # rounds: each takes a thousand times as long

Network = tuple[list[Equation], Shapes, list[str], Notation]


def network(layers: int) -> Network:
    """Return a network of layers of two sigmoids: equations, shapes, weights, notation."""
    lines: list[str] = []
    weights = [f"w{number}" for number in range(1, 4 * layers + 1)]
    inputs = ["x1", "x2", "y1", "y2", *(f"b{number}" for number in range(1, 2 * layers + 1))]
    before = ["x1", "x2"]
    for layer in range(layers):
        units = (2 * layer + 1, 2 * layer + 2)
        for unit in units:
            first, second = f"w{2 * unit - 1}", f"w{2 * unit}"
            lines.append(f"z{unit} = {first} * {before[0]} + {second} * {before[1]} + b{unit}")
        lines += [f"a{unit} = sigmoid(z{unit})" for unit in units]
        before = [f"a{unit}" for unit in units]
    lines.append(f"L = (({before[0]} - y1)**2 + ({before[1]} - y2)**2) / 2")
    shapes = Shapes(dict.fromkeys((*inputs, *weights), ()))
    equations = resolve_equations("\n".join(lines), shapes, {}, where=str)
    return equations, shapes, weights, Notation({}, loss="L")


def derived(equations: list[Equation], given: Network) -> list[str]:
    """Differentiate and print."""
    _, shapes, weights, notation = given
    found = differentiate(equations, "L", weights, shapes)
    words = vocabulary()
    return [
        f"{notation.look(equation.name, 'latex')} = "
        + render(equation.expression, "latex", vocabulary=words, notation=notation)
        for equation in found.backward
    ]


def ours(layers: int) -> Callable[[], list[str]]:
    """Return what derives a network that is new to it each time: nothing is kept in between."""

    def derive() -> list[str]:
        given = network(layers)
        return derived(given[0], given)

    return derive


def from_equations(times: int) -> Callable[[], None]:
    """Return what derives the network so many times from equations that are read already.

    Shapes and notation are new each time: nothing that was found out before is known.
    """
    equations, shapes, weights, _ = network(2)
    names = dict.fromkeys(shapes.names(), ())

    def derive() -> None:
        for _ in range(times):
            derived(equations, (equations, Shapes(names), weights, Notation({}, loss="L")))

    return derive


def with_sympy() -> Callable[[], object]:
    """Return what differentiates and prints the same with SymPy."""
    import sympy

    symbols: Any = sympy.symbols
    x1, x2, y1, y2, b1, b2, b3, b4 = symbols("x1 x2 y1 y2 b1:5")
    weights = symbols("w1:9")

    def sigmoid(value: Any) -> Any:
        return 1 / (1 + sympy.exp(-value))

    w = weights
    a1 = sigmoid(w[0] * x1 + w[1] * x2 + b1)
    a2 = sigmoid(w[2] * x1 + w[3] * x2 + b2)
    a3 = sigmoid(w[4] * a1 + w[5] * a2 + b3)
    a4 = sigmoid(w[6] * a1 + w[7] * a2 + b4)
    loss = ((a3 - y1) ** 2 + (a4 - y2) ** 2) / 2

    def derive() -> list[str]:
        sympy.core.cache.clear_cache()
        return [str(sympy.latex(sympy.diff(loss, weight))) for weight in weights]

    return derive


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W5."""
    times = in_turns(
        {"differentiate and print": from_equations(20), "with reading": ours(2)}, rounds
    )
    for name, count, must_hold, aim in (
        ("differentiate and print", 20, 1.0, 0.1),
        ("with reading", 1, None, None),
    ):
        amount = times.median(name) / count * 1e3
        yield Figure("W5", name, "ms, eight gradients", amount, amount, "ms", must_hold, aim)
    yield from growth()
    yield loads_sympy()
    few = min(rounds, MOST_OF_SYMPY)
    times = in_turns({"SymPy": with_sympy(), "ours": from_equations(20)}, few)
    yield Figure(
        "W5",
        "differentiate and print",
        "÷ a hundredth of SymPy's diff and latex",
        times.ratio("ours", "SymPy") / 20 * 100,
        times.median("SymPy") * 1e3,
        "ms, SymPy",
        1.0,
    )


def growth() -> Iterator[Figure]:
    """What a further layer adds, in a deep network and in a flat one."""
    texts = {layers: ours(layers)() for layers in DEPTHS}
    sizes = {layers: (len(text), sum(map(len, text))) for layers, text in texts.items()}
    for place, what in enumerate(("lines", "characters")):
        added = [
            (sizes[deep][place] - sizes[flat][place]) / (deep - flat)
            for flat, deep in pairwise(DEPTHS)
        ]
        all_sizes = ", ".join(f"{sizes[layers][place]} at {layers}" for layers in DEPTHS)
        yield Figure(
            "W5",
            "differentiate and print",
            f"{what} that a layer adds, from 8 to 16 ÷ from 2 to 4 layers",
            added[-1] / added[0],
            added[-1],
            f"{what} a layer; {all_sizes}",
            1.15,
        )


def loads_sympy() -> Figure:
    """Count the parts of SymPy that a process has loaded after deriving."""
    text = (
        "import sys\nfrom tests.benchmarks.w5 import ours\nours(2)()\n"
        "print(sum(name.partition('.')[0] == 'sympy' for name in sys.modules))"
    )
    loaded = int(standard_output(["-c", text]))
    name = "differentiate and print"
    return Figure("W5", name, "modules of SymPy loaded", loaded, must_hold=0)
