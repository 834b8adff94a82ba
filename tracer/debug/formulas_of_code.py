"""Code on single numbers as the formulas that it states, and the gradients among them.

Straight-line code says what a document says: `loss = (y_pred - y) ** 2` and a formula for `dw` are
held against each other as such formulas are, at chosen numbers. Nothing is run, so nothing has to
be bounded, and neither NumPy nor the engine is loaded. Only code that is right in all its gradients
and updates is decided here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from tracer.check.judge.stated_derivatives import is_derivative
from tracer.check.model.written_trees import names_in
from tracer.check_code.code_names import gradient_of, is_loss
from tracer.debug.gradient_names import word_gradient
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.operations import number

__all__ = ["CodeFormulas"]

OPERATIONS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}
FUNCTIONS: Final = ("exp", "log", "sqrt", "tanh", "sin", "cos")
LARGEST: Final = 1e15  # of the numbers that code states


class _OtherCodeError(Exception):
    """A statement that is no formula on single numbers, or in another order than those."""


class CodeFormulas:
    """The formulas of some statements; `is_whole` where all of them are such, in their order.

    A name is given one number or one formula. Updates of parameters come last.
    """

    def __init__(self, body: Sequence[ast.stmt]) -> None:
        self.formulas: dict[str, Node] = {}
        self.statements: dict[str, ast.stmt] = {}  # of the formulas
        self._numbers: dict[str, Node | None] = {}  # as they are stated; None: of a loop
        self._updates: dict[str, str] = {}  # the gradient that is subtracted from each parameter
        try:
            for statement in body:
                self._add(statement)
            self.is_whole = True
        except (_OtherCodeError, RecursionError):
            self.is_whole = False

    def right_gradients(self) -> tuple[str, list[str]] | None:
        """Return the loss and the names of its gradients; None unless all of them are right."""
        losses = [name for name in self.formulas if is_loss(name)]
        if not self.is_whole or len(losses) != 1:
            return None
        known = frozenset([*self._numbers, *self.formulas])
        quantities = dict(self._quantities(known))
        for parameter, gradient in self._updates.items():
            if quantities.get(gradient) != parameter:
                return None
        is_right = all(
            of is not None and is_derivative(self.formulas, name, losses[0], of)
            for name, of in quantities.items()
        )
        return (losses[0], list(quantities)) if quantities and is_right else None

    def _quantities(self, known: frozenset[str]) -> Iterator[tuple[str, str | None]]:
        """Yield the gradients with what each is taken of: by its name, else by its update."""
        for name in self.formulas:
            of = word_gradient(name, known)
            if of is None and gradient_of(name, known) != "":
                continue
            updated = [each for each, gradient in self._updates.items() if gradient == name]
            yield name, of or (updated[0] if len(updated) == 1 else None)

    def _add(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign([ast.Name(name)], value):
                self._assign(name, _tree_of(value), statement)
            case ast.Assign([ast.Tuple(targets)], ast.Tuple(values)) if len(targets) == len(values):
                for target, value in zip(targets, values, strict=True):
                    self._add(ast.copy_location(ast.Assign([target], value), statement))
            case ast.AugAssign(ast.Name(name), ast.Sub(), value):
                self._update(name, _tree_of(value))
            case ast.For(ast.Name(name), ast.Call(ast.Name("range")), body, []):
                self._numbers.setdefault(name)
                for inner in body:
                    self._add(inner)
            case ast.Expr(ast.Call(ast.Name("print"))) | ast.Import():
                pass
            case _:
                raise _OtherCodeError

    def _assign(self, name: str, tree: Node, statement: ast.stmt) -> None:
        if isinstance(tree, Call) and name in names_in(tree):
            start, *steps = tree.arguments
            if tree.operation != "subtract" or start != Name(name):
                raise _OtherCodeError
            self._update(name, steps[0])
            return
        used = names_in(tree)
        if self._updates or name in self.statements or name in self._numbers:
            raise _OtherCodeError
        if not all(each in self.formulas or each in self._numbers for each in used):
            raise _OtherCodeError
        if used:
            self.formulas[name], self.statements[name] = tree, statement
        else:
            self._numbers[name] = tree

    def _update(self, name: str, step: Node) -> None:
        """Note that a gradient is subtracted from a number, as often as a positive one says."""
        factors = step.children() if isinstance(step, Call) and step.operation == "multiply" else ()
        rates = [self._numbers.get(each.id) if isinstance(each, Name) else each for each in factors]
        positive = [isinstance(rate, Number) and rate.value > 0 for rate in rates]
        if name in self._updates or name not in self._numbers or sorted(positive) != [False, True]:
            raise _OtherCodeError
        gradient = factors[positive.index(False)]
        if not isinstance(gradient, Name) or gradient.id not in self.formulas:
            raise _OtherCodeError
        self._updates[name] = gradient.id


def _tree_of(node: ast.expr) -> Node:
    """Return an expression as a tree. Raises _OtherCodeError where it is more than a formula."""
    match node:
        case ast.Constant(bool()):
            pass
        case ast.Constant(int() | float() as value) if abs(value) < LARGEST:
            return number(value)
        case ast.Name(name):
            return Name(name)
        case ast.BinOp(left, operator, right) if type(operator) in OPERATIONS:
            return Call(OPERATIONS[type(operator)], (_tree_of(left), _tree_of(right)))
        case ast.UnaryOp(ast.USub(), operand):
            return Call("negative", (_tree_of(operand),))
        case ast.Call(ast.Attribute(ast.Name("math" | "np"), name), [operand], []):
            if name in FUNCTIONS:
                return Call(name, (_tree_of(operand),))
    raise _OtherCodeError
