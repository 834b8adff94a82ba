"""The general laws of the table hold: at drawn numbers, for two sizes, line by line."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tracer.expression.syntax import Call, Name, Node, Number
from tracer.narrative.examples import example_network, toml_array
from tracer.operations import Operation, table, vocabulary
from tracer.operations.law import law_sides
from tracer.run.runner import run_scenario

np = pytest.importorskip("numpy")

STEP = 1e-6
FUNCTIONS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negative": lambda a: -a,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "equal": np.equal,
    "sin": np.sin,
    "cos": np.cos,
    "pi": lambda: math.pi,
    "erf": lambda x: math.erf(x),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "maximum": max,
    "minimum": min,
    "step": lambda x: float(x > 0),
    "same": lambda a, b: float(a == b),
    "above": lambda a, b: float(a > b),
    "where": lambda condition, a, b: a if condition else b,
}
WITH_LAW = [row for row in table().values() if row.law is not None and row.law.lines]


class Law:
    """A row's law at drawn numbers; sizes begin at `least`."""

    def __init__(self, row: Operation, least: int) -> None:
        assert row.law is not None
        self.row = row
        self.lines = [law_sides(line.text, vocabulary) for line in row.law.lines]
        self.shapes = dict(row.law.sizes)
        self.slopes: dict[tuple[str, tuple[int, ...]], Any] = {}  # of the loss, as drawn
        drawn = random.Random(row.name + str(least))
        self.limits = dict(row.law.limits)
        self.text, *givens = (part.strip() for part in row.example.split(";"))
        self.operands = [given.partition("=")[0].strip() for given in givens]
        if row.law.call:
            self.operands = [
                name for name in self.shapes if f"{name}," in row.law.call.replace(")", ",")
            ]
        self.sizes: dict[str, int] = {}
        letters = [name for operand in self.operands for name in self.shapes.get(operand, ())]
        windows = {"w": 2, "h": 2, "f": 2, "l": least + 2, "r": least + 3, "s": least + 4}
        windows |= {"u": least + 1, "t": least + 2}
        if {"q", "r", "t"} & {*letters}:  # of two dimensions: their sums run over six letters
            windows |= {"r": 3, "s": 4, "u": 2, "t": 3, "n": 2, "q": 2}
        if "w" in letters:
            windows["m"] = 1
        for place, name in enumerate(dict.fromkeys(letters)):
            self.sizes[name] = windows.get(name, least + place)
        for name in self.limits.values():
            self.sizes.setdefault(name, windows[name])
        if {"h", "w"} <= self.sizes.keys() and "p" in letters:
            self.sizes["p"] = self.sizes["h"] * self.sizes["w"]
        if row.law.call:
            self.text = re.sub(
                r"\{(.*?)\}", lambda found: str(eval(found[1], {}, self.sizes)), row.law.call
            )
        elif row.law.sizes:
            self.text = self.text.replace(", 3)", f", {self.sizes.get('v', 3)})")
            self.text = self.text.replace("(2, 3)", f"({least}, {self.sizes.get('m', 3)})")
            self.text = self.text.replace("(3,)", f"({self.sizes.get('m', 3)},)")
        self.integers = {
            name for name, operand in self.pairs() if operand in row.integers or name == "labels"
        }
        self.given: dict[str, Any] = {}
        for name in self.operands:
            shape = tuple(self.sizes[letter] for letter in self.shapes.get(name, ()))
            if name in self.integers:
                bound = self.sizes.get("v" if "v" in self.sizes else "m", 2)
                values = [float(drawn.randrange(bound)) for _ in range(math.prod(shape))]
            elif name == "mask":
                values = [float(place % 2) for place in range(math.prod(shape))]
            else:
                values = [drawn.uniform(0.15, 0.85) for _ in range(math.prod(shape))]
            self.given[name] = np.reshape(values, shape)
        plain = example_network("law", f"y = {self.text}", {}, self.toml(), training="")
        self.y = self.values(plain, "y")
        for letter, size in zip(self.shapes.get("y", ()), self.y.shape, strict=False):
            self.sizes.setdefault(letter, size)
        weights = [drawn.uniform(0.5, 1.5) for _ in range(self.y.size)]
        self.c = np.reshape(weights, self.y.shape)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the names in the call with the row's operands; a list of them has one operand."""
        last = self.row.operands[-1:] * len(self.operands)
        return zip(self.operands, (*self.row.operands, *last), strict=False)

    def toml(self) -> dict[str, str]:
        """Return the drawn operands as a scenario writes them."""
        return {
            name: toml_array(list(map(float, value.reshape(-1))), value.shape)
            if name not in self.integers
            else str(value.astype(int).tolist())
            for name, value in self.given.items()
        }

    def values(self, scenario: Any, name: str) -> Any:
        """Return a quantity of a run."""
        iteration = run_scenario(scenario).iteration(1)
        return np.reshape(iteration.floats(name), iteration.shape(name))

    def gradient(self, operand: str) -> Any:
        """Return the gradient of the weighted sum of y by the row's own rule."""
        texts = self.toml()
        weights = toml_array(list(map(float, self.c.reshape(-1))), self.y.shape)
        loss = "sum(c * y)" if self.y.shape else "c * y"
        chosen = {operand: texts.pop(operand)}
        lines = f"y = {self.text}\nloss = {loss}"
        scenario = example_network("law", lines, chosen, {**texts, "c": weights})
        return self.values(scenario, f"dloss/d{operand}")

    def definitions(self, name: str) -> list[tuple[Node, ...]]:
        """Return the lines that define a name, entry by entry."""
        return [
            line
            for line in self.lines
            if line[0] == Name(name)
            or (
                (isinstance(line[0], Call) and line[0].operation == "index")
                and line[0].arguments[0] == Name(name)
            )
        ]

    def array(self, name: str, other: Mapping[str, Any]) -> Any:
        """Return a quantity, where some have other values than were drawn."""
        if name in other:
            return other[name]
        if name in self.given:
            return self.given[name]
        lines = self.definitions(name)
        if not lines:
            return self.y
        result = np.zeros([self.sizes[letter] for letter in self.shapes.get(name, ())])
        for line in lines:
            for at in self.places(line):
                place = self.place(line[0], at, other) if isinstance(line[0], Call) else ()
                result[place] = self.value(line[1], at, other)
        return result

    def value(self, node: Node, at: Mapping[str, int], other: Mapping[str, Any]) -> Any:
        """Return the value of a side at some subscripts."""
        if isinstance(node, Number):
            return float(node.value)
        if isinstance(node, Name):
            if node.id in at:
                return at[node.id]
            if node.id in self.row.attributes:
                return float(self.row.attributes[node.id])  # a law calls a setting by its name
            if node.id == "L":
                return np.sum(self.c * self.array("y", other))
            if node.id in self.sizes and node.id not in self.operands:
                return self.sizes[node.id]
            return self.array(node.id, other)
        assert isinstance(node, Call)
        if node.operation == "index":
            base = node.arguments[0]
            assert isinstance(base, Name)
            place = self.place(node, at, other)
            lines = self.definitions(base.id)
            letters = lines[0][0].children()[1:] if len(lines) == 1 else ()
            if not letters or base.id in other or not all(map(is_letter, letters)):
                return self.array(base.id, other)[place]
            names = [item.id for item in letters if isinstance(item, Name)]  # this entry alone
            at = dict(zip(names, (item + 1 for item in place), strict=True))
            return self.value(lines[0][1], at, other)
        if node.operation in ("over", "top"):
            letter, size, body = node.arguments
            assert isinstance(letter, Name)
            count = int(self.value(size, at, other))
            joined = sum if node.operation == "over" else max
            return joined(
                self.value(body, {**at, letter.id: place}, other) for place in range(1, count + 1)
            )
        if node.operation == "d":
            return self.difference(node.arguments[0], node.arguments[1], at, other)
        return FUNCTIONS[node.operation](*(self.value(item, at, other) for item in node.arguments))

    def place(self, node: Call, at: Mapping[str, int], other: Mapping[str, Any]) -> tuple[int, ...]:
        """Return where an entry stands, from 0."""
        return tuple(int(self.value(item, at, other)) - 1 for item in node.arguments[1:])

    def difference(
        self, above: Node, by: Node, at: Mapping[str, int], other: Mapping[str, Any]
    ) -> Any:
        """Return a derivative as a central difference."""
        base = by.arguments[0] if isinstance(by, Call) else by
        assert isinstance(base, Name)
        place = self.place(by, at, other) if isinstance(by, Call) else ()
        is_of_loss = above == Name("L") and not other  # sums ask for the same ones again and again
        if is_of_loss and (base.id, place) in self.slopes:
            return self.slopes[base.id, place]
        values = []
        for step in (STEP, -STEP):
            moved = np.array(self.array(base.id, other))
            moved[place] += step
            values.append(self.value(above, at, {**other, base.id: moved}))
        slope = (values[0] - values[1]) / (2 * STEP)
        if is_of_loss:
            self.slopes[base.id, place] = slope
        return slope

    def places(self, line: tuple[Node, ...]) -> Iterator[Mapping[str, int]]:
        """Yield values of a line's free subscripts."""
        sizes: dict[str, int] = {}
        self.free(line[0], sizes, frozenset())
        for side in line[1:]:
            self.free(side, sizes, frozenset())
        for at in itertools.product(*(range(1, size + 1) for size in sizes.values())):
            yield dict(zip(sizes, at, strict=True))

    def free(self, node: Node, sizes: dict[str, int], running: frozenset[str]) -> None:
        """Add the free subscripts of a side with their sizes."""
        if isinstance(node, Name) and node.id in self.limits and node.id not in running:
            sizes.setdefault(node.id, self.sizes[self.limits[node.id]])
        if not isinstance(node, Call):
            return
        if node.operation in ("over", "top"):
            letter = node.arguments[0]
            assert isinstance(letter, Name)
            self.free(node.arguments[2], sizes, running | {letter.id})
            return
        if node.operation == "index" and isinstance(node.arguments[0], Name):
            letters = self.shapes[node.arguments[0].id]
            for item, size in zip(node.arguments[1:], letters, strict=True):
                if isinstance(item, Name) and item.id not in running and item.id not in self.given:
                    sizes[item.id] = min(sizes.get(item.id, self.sizes[size]), self.sizes[size])
        for item in node.arguments:
            self.free(item, sizes, running)


def is_letter(node: Node) -> bool:
    """Tell whether a subscript is a letter alone."""
    return isinstance(node, Name)


@pytest.mark.parametrize("least", [2, pytest.param(3, marks=pytest.mark.proof)])
@pytest.mark.parametrize("row", WITH_LAW, ids=lambda row: row.name)
def test_a_law_holds_at_drawn_numbers(row: Operation, least: int) -> None:
    """All sides of each line are one number, for all subscripts, and y is what the run computes."""
    law = Law(row, least)
    assert np.ravel(law.array("y", {})) == pytest.approx(np.ravel(law.y))
    for line in law.lines:
        for at in law.places(line):
            sides = [float(law.value(side, at, {})) for side in line]
            assert sides == pytest.approx([sides[0]] * len(sides), rel=1e-5, abs=1e-7), (line, at)


@pytest.mark.parametrize("row", WITH_LAW, ids=lambda row: row.name)
def test_a_law_is_what_the_rule_of_the_row_computes(row: Operation) -> None:
    """Where a line gives the gradient of an operand, a run has the same numbers."""
    law = Law(row, 2)
    checked = 0
    for left, right, *more in law.lines:
        if not (isinstance(left, Call) and left.operation == "d"):
            continue
        above, by = left.arguments
        base = by.arguments[0] if isinstance(by, Call) else by
        assert isinstance(base, Name)
        scale = law.c.sum() if above == Name("y") else 1.0
        from_loss = above == Name("L") or (above == Name("y") and law.y.size == 1)
        if not from_loss or base.id not in law.operands:
            continue
        gradient = law.gradient(base.id)
        for at in law.places((left, right, *more)):
            place = law.place(by, at, {}) if isinstance(by, Call) else ()
            value = scale * law.value((right, *more)[-1], at, {})
            assert value == pytest.approx(gradient[place], rel=1e-4, abs=1e-6)
        checked += 1
    assert checked or law.y.shape or not law.operands or row.stops
