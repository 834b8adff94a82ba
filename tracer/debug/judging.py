"""Judging Python in a document: the gradients it computes, the labels it prints.

The code is never executed. NumPy and the engine are loaded, and a process of its own is begun, only
where code is followed: where it is more than formulas on single numbers that are right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tracer.check.judge.chain_findings import unread_finding
from tracer.check.judge.slopes import is_derivative
from tracer.check.model.finding import Finding, Replacement, corrected_line
from tracer.check.model.statements import CodeListing, TextPlace
from tracer.check.model.written_trees import is_literal
from tracer.check_code.code_breaks import is_update
from tracer.check_code.code_messages import gradient_words
from tracer.check_code.code_names import gradient_of, is_gradient, is_loss, role_of
from tracer.check_code.labels import names_stored, wrong_labels
from tracer.check_code.reading import CodeReading, read_code
from tracer.debug.bounded_process import result_within_bounds
from tracer.debug.commented_values import judge_comments, with_commented_values
from tracer.debug.gradient_names import word_gradient
from tracer.errors import TracerError
from tracer.expression import Call, Name, Node, Number, parse
from tracer.lazy_modules import LazyModule
from tracer.sentences import Sentence, say

if TYPE_CHECKING:
    from tracer.debug import code_gradients
else:
    code_gradients = LazyModule("tracer.debug.code_gradients")

PRODUCTS: Final = ("outer", "dot", "matmul", "einsum")  # NumPy's names of products


def judge_listings(listings: Sequence[CodeListing], raw_lines: Sequence[str]) -> list[Finding]:
    """Return what is found in a document's listings, in the order of the text.

    All listings are one program, as if they were the cells of a notebook. Slips are gradients that
    are not the derivative of the loss, updates that go uphill, and labels that name another
    quantity; a gradient that agrees is a finding too, and one without a loss is not checked, nor is
    what is no Python. Raises OutOfBoundsError where the code takes too long to follow.
    """
    readings = [read_code(listing, raw_lines) for listing in listings]
    found = [unread_finding(piece) for reading in readings for piece in reading.unread]
    readings = [reading for reading in readings if reading.tree.body]
    before: list[ast.stmt] = []
    for reading in readings:
        found += _labels(reading, before)
        before += reading.tree.body
    names = _all_names(before)
    # A name is that of a gradient, or a loss stands beside updates.
    if any(
        is_gradient(name) or name.endswith("_prime") or word_gradient(name, names) for name in names
    ) or (any(map(is_loss, names)) and any(map(is_update, ast.walk(ast.Module(before, []))))):
        about = "\n".join(listing.text for listing in listings)
        judged, compared, unknown = _right_in_formulas(readings) or result_within_bounds(
            lambda: code_gradients.judge_gradients(readings, raw_lines, about)
        )
        found += judged
        for reading in readings:
            found += _unchecked_gradients(reading, compared, names, unknown)
    found = with_commented_values(found, judge_comments(readings, raw_lines))
    return sorted(found, key=lambda item: (item.line, item.column))


# Labels -------------------------------------------------------------------------------------------


def _labels(reading: CodeReading, before: Sequence[ast.stmt]) -> Iterator[Finding]:
    texts = {
        id(node): reading.text_of(reading.span(node))
        for node in ast.walk(reading.tree)
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    }
    if not texts:
        return
    for label in wrong_labels(reading.tree, texts, names_stored(ast.Module([*before], []))):
        whole = reading.span(label.node)
        start = whole.start + label.start
        span = TextPlace(whole.line, start, start + len(label.word))
        replacements = (Replacement(span, label.shown_name),)
        yield Finding(
            "slip",
            whole,
            reading.raw_lines[span.line - 1].strip(),
            tier="wrong",
            kind="label_error",
            candidates=("label_error",),
            cause="print_label",
            wrong_place=span,
            written=label.word,
            expected=label.shown_name,
            replacements=replacements,
            suggestion=corrected_line(replacements, reading.raw_lines),
            message=say(
                "the label says {word}, but the value shown is {shown}",
                word=label.word,
                shown=label.shown_name,
            ),
        )


# Gradients ----------------------------------------------------------------------------------------


Judged = tuple[list[Finding], set[str], Sentence | None]


def _right_in_formulas(readings: Sequence[CodeReading]) -> Judged | None:
    """Return what is found where all gradients are right by the formulas alone, else None."""
    right = right_gradients([each for reading in readings for each in reading.tree.body])
    if right is None:
        return None
    loss, statements = right
    first = next(iter(statements.values()))
    reading = next(each for each in readings if first in ast.walk(each.tree))
    place = reading.span(first)
    finding = Finding(
        "correct", place, reading.text_of(place), tier="exact",
        message=gradient_words("right", ", ".join(statements), loss), result_correct=True,
    )  # fmt: skip
    return [finding], set(statements), None


def _all_names(body: Sequence[ast.stmt]) -> frozenset[str]:
    """Return the variables, attributes, arguments, functions and keys of tables of the code."""
    names: set[str] = set()
    for part in ast.walk(ast.Module([*body], [])):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name):
                names.add(name)
            case ast.Constant(value=str(name)) if name.isidentifier():
                names.add(name)
    return frozenset(names)


def _unchecked_gradients(
    reading: CodeReading, judged: set[str], names: frozenset[str], reason: Sentence | None
) -> Iterator[Finding]:
    """Yield what is called a gradient and computed, and was not compared with anything."""
    for node in ast.walk(reading.tree):
        match node:
            case ast.Assign([ast.Name(name), *_], value) | ast.AugAssign(ast.Name(name), _, value):
                of = gradient_of(name, names)
            case _:
                continue
        of_parameter = bool(of) and role_of(of or "") in ("weight", "bias")
        is_on_way = bool(judged and of) and role_of(of or "") in ("other", "prediction")
        is_named = (is_gradient(name) or of_parameter) and of is not None
        is_arithmetic = any(  # no `zeros`, no function of the reader's
            isinstance(part, ast.BinOp)
            or (isinstance(part, ast.Attribute) and part.attr in PRODUCTS)
            for part in ast.walk(value)
        )
        if name not in judged and is_named and not is_on_way and is_arithmetic:
            judged.add(name)
            place = reading.span(node)
            yield Finding(
                "not_checked",
                place,
                reading.text_of(place),
                reason="unknown_quantity",
                message=gradient_words("unknown", name)
                if reason is None
                else say("{name}: not compared: {reason}", name=name, reason=reason),
            )


# Formulas -----------------------------------------------------------------------------------------

# Straight-line code says what a document says: `loss = (y_pred - y) ** 2` and a formula for `dw`
# are held against each other as such formulas are, at chosen numbers. Nothing is run, so nothing
# has to be bounded. Only code on single numbers that is right in all its gradients and updates is
# decided here.


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
        # Stated values; None for the counter of a loop.
        self.numbers: Final[dict[str, Node | None]] = {}
        self.formulas: Final[dict[str, Node]] = {}
        self.statements: Final[dict[str, ast.stmt]] = {}  # the statement of each formula
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
