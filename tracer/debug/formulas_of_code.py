"""Code on single numbers as the formulas that it states, and the gradients among them.

Straight-line code says what a document says: `loss = (y_pred - y) ** 2` and a formula for `dw` are
held against each other as such formulas are, at chosen numbers. Nothing is run, so nothing has to
be bounded, and neither NumPy nor the engine is loaded. Only code that is right in all its gradients
and updates is decided here.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from tracer.check.judge.slopes import is_derivative
from tracer.check.model.written_trees import is_literal
from tracer.check_code.code_names import gradient_of, is_loss
from tracer.debug.gradient_names import word_gradient
from tracer.errors import TracerError
from tracer.expression import parse
from tracer.expression.syntax import Call, Name, Node, Number


class _OtherCodeError(Exception):
    """A statement that is no formula on single numbers, or not in its order."""


def right_gradients(body: Sequence[ast.stmt]) -> tuple[str, Mapping[str, ast.stmt]] | None:
    """Return the loss of some code, and its gradients by their names with their statements.

    None unless the code is nothing but formulas, and all gradients and updates are right.
    """
    code = _StraightCode()
    try:
        for statement in body:
            code.add(statement)
    except (_OtherCodeError, TracerError, RecursionError):
        return None
    known = frozenset([*code.numbers, *code.formulas])
    losses = [name for name in code.formulas if is_loss(name)]
    updated = {gradient: parameter for parameter, gradient in code.updates.items()}
    quantities = {
        name: word_gradient(name, known) or updated.get(name, "")
        for name in code.formulas
        if word_gradient(name, known) or gradient_of(name, known) == ""
    }
    is_right = (
        len(losses) == 1
        and all(quantities.get(gradient) == name for name, gradient in code.updates.items())
        and all(
            is_derivative(code.formulas, name, losses[0], of) for name, of in quantities.items()
        )
    )
    if not quantities or not is_right:
        return None
    return losses[0], {name: code.statements[name] for name in quantities}


class _StraightCode:
    """Statements that give each name one number or one formula; updates come last."""

    def __init__(self) -> None:
        self.numbers: Final[dict[str, Node | None]] = {}  # as they are stated; None: a loop's
        self.formulas: Final[dict[str, Node]] = {}
        self.statements: Final[dict[str, ast.stmt]] = {}  # of the formulas
        self.updates: Final[dict[str, str]] = {}  # the gradient subtracted from each parameter

    def add(self, statement: ast.stmt) -> None:
        """Take in a statement. Raises _OtherCodeError, or TracerError for no formula."""
        match statement:
            case ast.Assign([ast.Tuple(targets)], ast.Tuple(values)) if len(targets) == len(values):
                for target, value in zip(targets, values, strict=True):
                    self._assign(target, value, statement)
            case ast.Assign([target], value):
                self._assign(target, value, statement)
            case ast.AugAssign(target, operator, value):
                self._assign(target, ast.BinOp(target, operator, value), statement)
            case ast.For(ast.Name(name), ast.Call(ast.Name("range")), body, []):
                self.numbers.setdefault(name)
                for inner in body:
                    self.add(inner)
            case ast.Expr(ast.Call(ast.Name("print"))) | ast.Import():
                pass
            case _:
                raise _OtherCodeError

    def _assign(self, target: ast.expr, value: ast.expr, statement: ast.stmt) -> None:
        text = ast.unparse(value).replace("math.", "")
        if not (isinstance(target, ast.Name) and text.isascii()):
            raise _OtherCodeError  # other letters may be the same names in the language
        name, tree = target.id, parse(text)
        used = {*tree.content.names}
        if name in self.numbers and name not in self.updates and used:
            self.updates[name] = self._gradient_subtracted(name, tree)
        elif self.updates or name in self.numbers or name in self.formulas:
            raise _OtherCodeError
        elif used and all(each in self.numbers or each in self.formulas for each in used):
            self.formulas[name], self.statements[name] = tree, statement
        elif isinstance(tree, (Number, Call)) and is_literal(tree):
            self.numbers[name] = tree
        else:
            raise _OtherCodeError

    def _gradient_subtracted(self, name: str, tree: Node) -> str:
        """Return the name of which a positive multiple is subtracted from another one."""
        match tree:
            case Call(
                operation="subtract",
                arguments=(Name(id=start), Call(operation="multiply", arguments=(one, other))),
            ) if start == name:
                for factor, gradient in ((one, other), (other, one)):
                    rate = self.numbers.get(factor.id) if isinstance(factor, Name) else factor
                    is_positive = isinstance(rate, Number) and rate.value > 0
                    if is_positive and isinstance(gradient, Name) and gradient.id in self.formulas:
                        return gradient.id
        raise _OtherCodeError
