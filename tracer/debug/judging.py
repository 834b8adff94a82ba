"""Judging Python in a document: the gradients it computes, the labels it prints.

The code is never executed. NumPy and the engine are loaded, and a process of its own is begun, only
where code is followed: where it is more than formulas on single numbers that are right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tracer.check.judge.chain_findings import unread_finding
from tracer.check.model.finding import Finding, Replacement, corrected_line
from tracer.check.model.mapped_text import TextPlace
from tracer.check.model.statements import CodeListing
from tracer.check_code.code_breaks import is_update
from tracer.check_code.code_messages import gradient_words
from tracer.check_code.code_names import gradient_of, is_gradient, is_loss, role_of
from tracer.check_code.labels import names_stored, wrong_labels
from tracer.check_code.reading import CodeReading, read_code
from tracer.debug.bounded_process import result_within_bounds
from tracer.debug.formulas_of_code import right_gradients
from tracer.debug.gradient_names import word_gradient
from tracer.sentences import Sentence, say


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
    if _looks_like_training(before, names):
        about = "\n".join(listing.text for listing in listings)
        judged, compared, unknown = _right_in_formulas(readings) or _followed(
            readings, raw_lines, about
        )
        found += judged
        for reading in readings:
            found += _not_checked(reading, compared, names, unknown)
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


def _followed(readings: Sequence[CodeReading], raw_lines: Sequence[str], about: str) -> Judged:
    """Return what is found where the code is followed, in a process of its own."""
    from tracer.debug.code_gradients import judge_gradients

    return result_within_bounds(lambda: judge_gradients(readings, raw_lines, about))


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


def _looks_like_training(body: Sequence[ast.stmt], names: frozenset[str]) -> bool:
    """Tell whether a name is that of a gradient, or a loss stands beside updates."""
    return any(
        is_gradient(name) or name.endswith("_prime") or word_gradient(name, names) for name in names
    ) or (any(map(is_loss, names)) and any(map(is_update, ast.walk(ast.Module([*body], [])))))


def _not_checked(
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
        if name not in judged and is_named and not is_on_way and _is_arithmetic(value):
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


def _is_arithmetic(node: ast.expr) -> bool:
    """Tell whether an expression multiplies or adds: no `zeros`, no function of the reader's."""
    return any(
        isinstance(part, ast.BinOp)
        or (isinstance(part, ast.Attribute) and part.attr in ("outer", "dot", "matmul", "einsum"))
        for part in ast.walk(node)
    )
