"""Interprets scalar expressions as Python source on floats, made of the table's own code.

All names in it are its own (`v1`, `n0`, and what the caller binds): no text of a user gets there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from typing import ClassVar, Final

from tracer.expression.syntax import Call, Node, Number
from tracer.operations import Operation, code_template
from tracer.run.interpret import Algebra, Attributes, Interpreter

DEEPEST: Final = 40  # brackets in one generated expression; Python's own limit is 200


class _Expressions(Algebra[str]):
    """Expressions of source; what is more than a name or a number is put in brackets."""

    def number(self, value: Fraction) -> str:
        return repr(float(value))

    def function(self, row: Operation, operands: Sequence[Node]) -> Callable[..., str] | None:
        template = code_template(row.scalar, operands)
        return partial(_fill_template, template) if template else None

    def whole(self, value: str) -> int:
        return int(float(value))  # a literal; other labels are known to the plan only


def _fill_template(template: str, *texts: str) -> str:
    parts = [text if _is_atom(text) else f"({text})" for text in texts]
    return template.format(*parts, all=", ".join(parts))


@lru_cache(4096)
def _is_atom(text: str) -> bool:
    return text.isidentifier() or (text[0].isdigit() and " " not in text)


SOURCE: Final = _Expressions()


class Writer(Interpreter[str]):
    """Writes values as statements (`lines`) and expressions.

    `variables` holds the source of what is known already; what needs only `before` (variables and
    numbers that never change) is written once, into `prelude`.
    """

    arithmetic: ClassVar[
        Mapping[str, int]
    ] = {}  # each operation's node decides where its value is held

    def __init__(self) -> None:
        self.variables: dict[Node, str] = {}
        super().__init__(SOURCE, self.variables.get)
        self.uses: Counter[Node] = Counter()
        self.prelude: list[str] = []
        self.lines: list[str] = []
        self.depths: dict[str, int] = {}
        self.before: set[str] = set()
        self._held = 0

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

    def template(self, row: Operation, operands: Sequence[Node], values: Sequence[str]) -> str:
        """Return the source of an operation on such values; '' where its definition stands."""
        return code_template(row.scalar, operands)

    def new_variable(self, text: str) -> str:
        """Return a new variable that holds a value."""
        self._held += 1
        variable = f"v{self._held}"
        self.lines.append(f"{variable} = {text}")
        return variable

    def number(self, node: Number) -> str:
        """Return a literal, which never changes."""
        text = SOURCE.number(node.value)
        self.before.add(text)
        return text

    def value_before_operands(self, call: Call) -> str | None:
        """Return the variable of a value that was computed before."""
        return self.variables.get(call)

    def apply(
        self,
        node: Node,
        row: Operation | None,
        operands: Sequence[Node],
        values: Sequence[str],
        attributes: Attributes,
    ) -> str:
        """Return the source of an operation: an expression, or the variable that holds it."""
        assert row is not None, node
        template = self.template(row, operands, values)
        depth = 1 + max((self.depths.get(item, 0) for item in values), default=0)
        texts = [
            self.new_variable(item)
            if not _is_atom(item)
            and (template.count(f"{{{place}}}") > 1 or self.depths.get(item, 0) > DEEPEST)
            else item
            for place, item in enumerate(values)
        ]
        text = (
            _fill_template(template, *texts)
            if template
            else super().apply(node, row, operands, texts, attributes)
        )
        self.depths[text] = depth
        if self.before.issuperset(texts):
            variable = f"n{len(self.prelude)}"
            self.prelude.append(f"{variable} = {text}")
            self.before.add(variable)
        elif self.uses[node] > 1:
            variable = self.new_variable(text)
        else:
            return text
        self.variables[node] = variable
        return variable
