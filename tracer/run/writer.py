"""Writes scalar expressions as Python source on floats, from the table's own code.

All names in it are its own (`v1`, `n0`, and what the caller binds): no text of a user gets there.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tracer.expression.syntax import Call, Node, Number
from tracer.operations import literal, lookup

__all__ = ["NAMESPACE", "Writer", "compiled_operation"]

NAMESPACE: Mapping[str, object] = {
    name: getattr(math, name)
    for name in ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf", "pow")
} | {"abs": abs, "max": max}
DEEPEST = 40  # brackets in one generated expression; Python's own limit is 200


class Writer:
    """Writes values as statements (`lines`) and expressions.

    `variables` holds the source of what is known already; what needs only `before` (variables and
    numbers that never change) is written once, into `prelude`.
    """

    def __init__(self) -> None:
        self.variables: dict[Node, str] = {}
        self.uses: Counter[Node] = Counter()
        self.prelude: list[str] = []
        self.lines: list[str] = []
        self.count = 0
        self.depths: dict[str, int] = {}
        self.before: set[str] = set()

    def count_uses(self, nodes: Iterable[Node]) -> None:
        """Count how often each part of the expressions is used: what is used twice is held."""
        seen: set[Node] = set()
        for node in nodes:
            self.uses[node] += 1
            waiting = [node]
            while waiting:
                part = waiting.pop()
                if part in seen or not isinstance(part, Call) or part.operation == "index":
                    continue
                seen.add(part)
                for argument in part.arguments:
                    self.uses[argument] += 1
                waiting += part.arguments

    def new(self) -> str:
        """Return the name of a new variable."""
        self.count += 1
        return f"v{self.count}"

    def held(self, text: str) -> str:
        """Return a new variable that holds a value."""
        variable = self.new()
        self.lines.append(f"{variable} = {text}")
        return variable

    def value(self, node: Node) -> str:
        """Return the source of a value: a variable, a number, or an expression of both."""
        known = self.variables.get(node)
        if known is not None:
            return known
        if isinstance(node, Number):
            text = repr(float(node.value))
            self.before.add(text)
            return text
        assert isinstance(node, Call), node
        template = lookup(node.operation).scalar
        if not isinstance(template, str):
            template = template([literal(item) for item in node.arguments])
        operands = [self.value(item) for item in node.arguments]
        depth = 1 + max((self.depths.get(item, 0) for item in operands), default=0)
        for position, item in enumerate(operands):
            if item.isidentifier() or item in self.before:
                continue
            if template.count(f"{{{position}}}") > 1 or self.depths.get(item, 0) > DEEPEST:
                operands[position] = self.held(item)
            else:
                operands[position] = f"({item})"
        text = template.format(*operands, all=", ".join(operands))
        self.depths[text] = depth
        if self.before.issuperset(operands):
            variable = f"n{len(self.prelude)}"
            self.prelude.append(f"{variable} = {text}")
            self.before.add(variable)
            self.variables[node] = variable
            return variable
        if self.uses[node] > 1:
            variable = self.held(text)
            self.variables[node] = variable
            return variable
        return text


def compiled_operation(
    template: str, count: int, namespace: Mapping[str, object]
) -> Callable[..., Any]:
    """Return an operation of so many operands as a function, made of the table's own source."""
    names = [f"x{position}" for position in range(count)]
    body = template.format(*names, all=", ".join(names))
    made: dict[str, Any] = dict(namespace)
    source = f"def function({', '.join(names)}):\n  return {body}\n"
    exec(compile(source, "<operation>", "exec"), made)  # noqa: S102 - the table's source
    function: Callable[..., Any] = made["function"]
    return function
