"""Judging Python in a document: the gradients it computes, the labels it prints.

The code is never executed. NumPy and the engine are loaded only where a gradient is compared.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from tracer.check.model.finding import Finding, Replacement, SlipKind, corrected_line
from tracer.check.model.mapped_text import TextPlace
from tracer.check.model.statements import CodeListing
from tracer.check_code.code_messages import What, words
from tracer.check_code.code_names import gradient_of, is_gradient, is_loss, role_of
from tracer.check_code.labels import Label, names_stored, wrong_labels
from tracer.check_code.reading import CodeReading, read_code
from tracer.debug.code_repair import repaired
from tracer.narrative.messages import Sentence, say

if TYPE_CHECKING:
    from tracer.debug.gradient_ratio import GradientFactor
    from tracer.debug.gradients import GradientComparison

__all__ = ["judge_code"]

MOST_EARLIER = 20_000  # characters of the code before


def judge_code(
    block: CodeListing, raw_lines: Sequence[str], earlier: Sequence[CodeListing] = ()
) -> list[Finding]:
    """Return what is found in a block, in the order of the text.

    `earlier` are the document's blocks before it, whose names and functions it may use. Slips are
    gradients that are not the derivative of the loss, updates that go uphill, and labels that
    name another quantity; a gradient that agrees is an entry too, and one without a loss is not
    checked.
    """
    reading = read_code(block, raw_lines)
    if not reading.tree.body:
        return []
    before = _trees(earlier)
    entries = [*_labels(reading, before), *_gradients(block, reading, before, earlier)]
    return sorted(entries, key=lambda entry: (entry.line, entry.column))


def _trees(earlier: Sequence[CodeListing]) -> list[ast.stmt]:
    """Return the statements of the blocks before, of the last ones where they are many."""
    left = MOST_EARLIER
    kept: list[ast.stmt] = []
    for block in reversed(earlier):
        left -= len(block.text)
        if left < 0:
            break
        kept[:0] = read_code(block).tree.body
    return kept


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
        yield _label_entry(reading, label)


def _label_entry(reading: CodeReading, label: Label) -> Finding:
    whole = reading.span(label.node)
    start = whole.start + label.start
    span = TextPlace(whole.line, start, start + len(label.word))
    line = reading.raw_lines[span.line - 1]
    replacements = (Replacement(span, label.shown),)
    return Finding(
        "slip",
        whole,
        line.strip(),
        tier="wrong",
        kind="label_error",
        candidates=("label_error",),
        cause="print_label",
        wrong_place=span,
        written=label.word,
        expected=label.shown,
        replacements=replacements,
        suggestion=corrected_line(replacements, reading.raw_lines),
        message=say(
            "the label says {word}, but the value shown is {shown}",
            word=label.word,
            shown=label.shown,
        ),
    )


# Gradients ----------------------------------------------------------------------------------------


def _gradients(
    block: CodeListing,
    reading: CodeReading,
    before: Sequence[ast.stmt],
    earlier: Sequence[CodeListing],
) -> Iterator[Finding]:
    tree = ast.Module([*before, *reading.tree.body], [])
    names = _all_names(tree.body)
    if not _looks_like_training(reading.tree.body, names):
        return
    stated = _derivatives(reading, tree)
    yield from (_unknown(reading, one.node, one.name) for one in stated if one.verdict is None)
    found = [one for one in stated if one.verdict is not None]
    if any(map(is_loss, names)):
        text = "\n".join(item.text for item in (*earlier, block))
        found += _compared(reading, tree, names, text)
    yield from _entries(reading, found)
    judged = {name for one in found for name in (one.name, *_targets(one.node), *_used(one.node))}
    yield from _not_checked(reading, judged, names)


def _all_names(body: Sequence[ast.stmt]) -> frozenset[str]:
    """Return the variables, arguments, functions and keys of tables of the code."""
    names: set[str] = set()
    for part in ast.walk(ast.Module([*body], [])):
        match part:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name):
                names.add(name)
            case ast.Constant(value=str(name)) if name.isidentifier():
                names.add(name)
    return frozenset(names)


def _looks_like_training(body: Sequence[ast.stmt], names: frozenset[str]) -> bool:
    """Tell whether something is named a gradient, or a name is updated with a sum or difference."""
    for part in ast.walk(ast.Module([*body], [])):
        name = _target(part)
        if (
            (name and gradient_of(name, names) is not None)
            or (
                isinstance(part, ast.FunctionDef)
                and (is_gradient(part.name) or part.name.endswith("_prime"))
            )
            or (isinstance(part, (ast.Assign, ast.AugAssign)) and _is_update(part))
        ):
            return True
    return False


def _is_update(node: ast.Assign | ast.AugAssign) -> bool:
    """Tell whether a statement adds to a name, or subtracts from it, what is computed."""
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, (ast.Add, ast.Sub)) and not isinstance(node.value, ast.Constant)
    return isinstance(node.value, ast.BinOp) and _target(node) in _sides(node.value)


def _target(node: ast.AST) -> str:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""


def _sides(node: ast.BinOp) -> set[str]:
    return {side.id for side in (node.left, node.right) if isinstance(side, ast.Name)}


def _used(node: ast.AST) -> set[str]:
    """Return the names that a statement reads: of a judged update, its gradient."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _targets(node: ast.AST) -> set[str]:
    return {name for part in ast.walk(node) if (name := _target(part))}


def _derivatives(reading: CodeReading, tree: ast.Module) -> list[GradientComparison]:
    """Return what is found of the derivatives of activations, where some are defined."""
    defining = (ast.FunctionDef, ast.Assign)
    if not any(isinstance(part, defining) for part in reading.tree.body):
        return []
    from tracer.debug.activations import derivatives

    return list(derivatives(reading.tree, tree))


def _compared(
    reading: CodeReading, tree: ast.Module, names: frozenset[str], text: str
) -> list[GradientComparison]:
    """Return what is found of the gradients whose code stands in this block."""
    from tracer.debug.alone import compared_alone, gradient_functions
    from tracer.debug.gradients import CodeGradients
    from tracer.debug.tracing import Tracing

    own = {id(part) for part in ast.walk(reading.tree)}
    tracing = Tracing(tree)
    tracing.run(tree.body)
    tracing.ask(is_loss)
    found = [
        one for one in CodeGradients(tracing, names, text).comparisons() if id(one.node) in own
    ]
    judged = {one.function for one in found if one.verdict is not None}
    for function in gradient_functions(reading.tree):
        if function.name not in judged:
            found = [one for one in found if one.function != function.name]
            found += compared_alone(tree, function, names, text)
    if "random" in text:  # shapes that are drawn may have been misread
        found = [one for one in found if not one.shapes]
    return [one for one in found if one.verdict is not None or one.shapes]


class _Fault(NamedTuple):
    """How a gradient is wrong: the kinds that fit, the slip's id, what is said."""

    kinds: tuple[SlipKind, ...]
    cause: str | None
    what: What
    left_out: bool = False
    ratio: str = ""


def _fault(one: GradientComparison) -> _Fault | None:
    """Return how a gradient is wrong; None where it is right."""
    if one.shapes:
        return _Fault(("transpose_shape",), None, "shapes")
    verdict = one.verdict
    assert verdict is not None, "what is not judged was left out"
    if verdict.is_right:
        return None
    if verdict.of_update:
        return _Fault(("sign_error",), "plus_for_minus", "uphill")
    if verdict.factors:
        finding = _of_factors(verdict.factors, verdict.ratio)
        return finding._replace(cause=None) if _mean_for_sum(one, finding) else finding
    if verdict.ratio is None:
        return _Fault(("wrong_formula",), None, "otherwise")
    return _Fault(("wrong_formula",), None, "constant", ratio=_number(verdict.ratio))


def _mean_for_sum(one: GradientComparison, finding: _Fault) -> bool:
    """Tell whether a gradient is divided by a count where the loss is a plain sum."""
    if finding.cause != "divided_twice":
        return False
    text = ast.dump(one.loss.node)
    return "'sum'" in text and "'mean'" not in text and "Div()" not in text


_KINDS: Final[Sequence[tuple[SlipKind, Callable[[GradientFactor], bool]]]] = (
    ("sign_error", lambda factor: factor.sign < 0),
    ("missing_1_over_n", lambda factor: factor.counts != 0),
    ("missing_factor_2", lambda factor: factor.twos != 0),
)


def _of_factors(factors: Sequence[GradientFactor], ratio: float | None) -> _Fault:
    kinds = dict.fromkeys(
        kind for factor in factors for kind, has_part in _KINDS if has_part(factor)
    )
    first = factors[0]
    if len(kinds) > 1 or abs(first.twos) + abs(first.counts) > 1:
        shown = "" if ratio is None else _number(ratio)
        return _Fault(tuple(kinds), None, "constant" if shown else "otherwise", ratio=shown)
    if first.sign < 0:
        return _Fault(("sign_error",), "error_reversed", "reversed")
    if first.twos:
        left_out = first.twos < 0
        cause = "factor_2_left_out" if left_out else "factor_2_added"
        return _Fault(("missing_factor_2",), cause, "half" if left_out else "twice", left_out)
    if first.counts > 0:
        return _Fault(("missing_1_over_n",), "sum_for_mean", "summed")
    return _Fault(("missing_1_over_n",), "divided_twice", "divided")


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _entries(reading: CodeReading, found: Sequence[GradientComparison]) -> Iterator[Finding]:
    """Yield one entry for the gradients of a function that are wrong, or right, in the same way."""
    groups: dict[tuple[str, str, _Fault | None], list[GradientComparison]] = {}
    right = {one.function for one in found if one.verdict is not None and one.verdict.is_right}
    for one in found:
        finding = _fault(one)
        is_error = one.function not in right and one.loss.value is not None
        if finding is not None and finding.what == "reversed" and not is_error:
            finding = finding._replace(cause=None, what="turned")  # the error itself is right
        of_update = "update" if one.verdict is not None and one.verdict.of_update else ""
        groups.setdefault((one.function, of_update, finding), []).append(one)
    for (_, of_update, finding), members in groups.items():
        if finding is None:
            yield _right_entry(reading, members, "downhill" if of_update else "right")
        else:
            yield _slip_entry(reading, members, finding)


def _names(members: Sequence[GradientComparison]) -> str:
    return ", ".join(dict.fromkeys(one.name for one in members))


def _right_entry(
    reading: CodeReading, members: Sequence[GradientComparison], what: What
) -> Finding:
    place = reading.span(members[0].node)
    message = words(what, _names(members), members[0].loss.name)
    text = reading.text_of(place)
    return Finding("correct", place, text, tier="exact", message=message, result_correct=True)


def _slip_entry(
    reading: CodeReading, members: Sequence[GradientComparison], finding: _Fault
) -> Finding:
    spans = list(dict.fromkeys(reading.span(one.node) for one in members))
    kind = finding.kinds[0]
    texts = {}
    if not (members[0].verdict is not None and members[0].verdict.of_update):
        for one in members:
            if len(finding.kinds) == 1:
                texts[reading.span(one.node)] = repaired(reading, one.node, kind, finding.left_out)
    written = reading.text_of(spans[0])
    replacements = _repairs(texts)
    return Finding(
        "slip",
        spans[0],
        written,
        tier="wrong",
        kind=kind,
        candidates=finding.kinds,
        cause=finding.cause,
        wrong_place=spans[0],
        more_places=spans[1:],
        written=written,
        expected=texts.get(spans[0]) or None,
        replacements=replacements,
        suggestion=corrected_line(replacements, reading.raw_lines),
        message=_message(members, finding),
        result_correct=False,
    )


def _message(members: Sequence[GradientComparison], finding: _Fault) -> Sentence:
    detail = members[0].shapes if finding.what == "shapes" else finding.ratio
    return words(finding.what, _names(members), members[0].loss.name, detail)


def _repairs(texts: dict[TextPlace, str]) -> tuple[Replacement, ...]:
    """Return the repairs of all gradients of a finding; none where one of them has no repair."""
    if not all(texts.values()):
        return ()
    return tuple(Replacement(span, text) for span, text in texts.items())


def _not_checked(
    reading: CodeReading, judged: set[str], names: frozenset[str]
) -> Iterator[Finding]:
    """Yield what is called a gradient and computed, where no loss was found for it."""
    for node in ast.walk(reading.tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        name = node.targets[0].id
        of = gradient_of(name, names)
        of_parameter = bool(of) and role_of(of or "") in ("weight", "bias")
        if name in judged or not (is_gradient(name) or of_parameter) or of is None:
            continue
        if not _is_arithmetic(node.value):
            continue
        if judged and role_of(of) in ("other", "prediction") and of:  # of a value on the way
            continue
        judged.add(name)
        yield _unknown(reading, node, name)


def _unknown(reading: CodeReading, node: ast.stmt | ast.expr, name: str) -> Finding:
    """Return the entry of a derivative that was not compared with anything."""
    place = reading.span(node)
    return Finding(
        "not_checked",
        place,
        reading.text_of(place),
        reason="unknown_quantity",
        message=words("unknown", name),
    )


def _is_arithmetic(node: ast.expr) -> bool:
    """Tell whether an expression multiplies or adds: no `zeros`, no function of the reader's."""
    return any(
        isinstance(part, ast.BinOp)
        or (isinstance(part, ast.Attribute) and part.attr in ("outer", "dot", "matmul", "einsum"))
        for part in ast.walk(node)
    )
