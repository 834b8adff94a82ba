"""A trace as JSON, iteration by iteration: every step with its formula, numbers and rule.

The schema is docs/trace.schema.json. Values keep full precision; formulas are ASCII.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tracer.expression import render
from tracer.expression.notation import Notation
from tracer.expression.syntax import Node
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Graph,
    Heading,
    Paragraph,
    Plot,
    Table,
)
from tracer.narrative.derivation import conventions
from tracer.narrative.derivation_options import Detail, Options, shown_iterations
from tracer.narrative.loss_paths import LossChain
from tracer.narrative.messages import Equality, Sentence, Translate, filled
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator, line_of
from tracer.narrative.steps import Step
from tracer.narrative.textbook_blocks import line_in_textbook, textbook_of
from tracer.operations import Shape, vocabulary
from tracer.operations.array_shape import nested
from tracer.program.elements import public_form
from tracer.program.program import names_in
from tracer.render.equations import latex_row
from tracer.render.verdict_text import verdict_data
from tracer.run.diagnosis import diagnose
from tracer.run.trace import Iteration, Trace

__all__ = [
    "block_data",
    "formula",
    "loss_paths_data",
    "series_data",
    "step_data",
    "trace_json",
    "words",
]

AT_ONCE = 4096  # entries that are written at once


def trace_json(
    trace: Trace,
    *,
    show: Sequence[int] | None = None,
    digits: int = 6,
    translate: Translate = str,
    detail: Detail = "equation",
    focus: str | None = None,
    exact: bool = False,
) -> Iterator[str]:
    """Return the pieces of the JSON text, step by step: one of a large network holds millions.

    Nothing is left out unless `show` picks iterations, `detail` or `focus` picks steps. Raises
    RunError, LanguageError or UnknownNameError at once where they ask for what is not there.
    """
    numbers = range(1, len(trace) + 1) if show is None else shown_iterations(trace, show)
    source = Narrator(trace, Options(digits, None, detail, focus, exact))
    if numbers:
        source.check(numbers[0])
    steps = source if detail != "summary" or focus is not None else None
    return _pieces(trace, numbers, _Telling(steps, translate, digits, notation_of(trace)))


class _Telling(NamedTuple):
    """What an iteration is told with; a summary has no source of steps."""

    source: Narrator | None
    translate: Translate
    digits: int
    notation: Notation


def _pieces(trace: Trace, numbers: Sequence[int], telling: _Telling) -> Iterator[str]:
    head: dict[str, Any] = {
        "version": 1,
        "scenario": trace.scenario.name,
        "conventions": [words(item, telling.translate) for item in conventions(trace)],
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "iterations": ['
    separator = "\n"
    for number in numbers:
        yield separator
        yield from _iteration(trace.iteration(number), telling)
        separator = ",\n"
    tail: dict[str, Any] = {"fault": None}
    if trace.fault is not None:
        tail["fault"] = {
            "iteration": trace.fault.iteration,
            "name": trace.fault.name,
            "non_finite": trace.fault.kind,
        }
    tail["diagnosis"] = verdict_data(diagnose(trace), telling.translate)
    yield "\n], " + _dumped(_all_finite(tail))[1:] + "\n"


def _iteration(iteration: Iteration, telling: _Telling) -> Iterator[str]:
    """Yield the text of an iteration; a summary has no steps, but its loss."""
    source = telling.source
    samples = iteration.samples
    there = set(iteration)
    program = iteration.program
    metrics = [equation.name for equation in program.phase("metric") if equation.name in there]
    head: dict[str, Any] = {
        "iteration": iteration.number,
        "epoch": iteration.epoch,
        "samples": None if samples is None else list(samples),
    }
    yield json.dumps(head)[:-1] + ', "steps": ['
    separator = ""
    shown = iteration if source is None else source.iteration(iteration.number)
    for step in source.steps(iteration.number) if source is not None else ():
        yield separator
        yield from _step(step, _graph_data(step, shown, telling), telling.translate)
        separator = ", "
    tail: dict[str, Any] = {}
    if source is None and program.loss in there:
        tail["loss"] = _finite(iteration.floats(program.loss)[0])
    chain = source.loss_chain(iteration) if source is not None else None
    if chain is not None:
        tail["loss_paths"] = _all_finite(loss_paths_data(chain))
    if metrics:
        tail["metrics"] = {name: _finite(iteration.floats(name)[0]) for name in metrics}
    after = json.dumps(tail, ensure_ascii=False)[1:]
    yield f"], {after}" if tail else "]}"


def _graph_data(step: Step, iteration: Iteration, telling: _Telling) -> dict[str, Any]:
    """Return the step's line in LaTeX, as a textbook has it, and the edges that lead to it."""
    line = line_in_textbook(line_of(step, telling.digits), textbook_of(iteration))
    return {
        "latex": latex_row(line, telling.notation, vocabulary()),
        "uses": list(dict.fromkeys(names_in(step.equation.expression))),
    }


def _step(step: Step, graph: dict[str, Any], translate: Translate) -> Iterator[str]:
    """Yield the text of a step, a large array in parts: nothing else runs while one is written."""
    if len(step.values) <= AT_ONCE:
        yield _dumped(step_data(step, translate) | graph)
        return
    content = step_data(step, translate, is_whole=False) | graph
    before = {key: content[key] for key in list(content)[: list(content).index("value")]}
    after = {key: item for key, item in content.items() if key not in (*before, "value")}
    yield _dumped(before)[:-1] + ', "value": '
    yield from _array(step.values, step.shape)
    yield ", " + _dumped(after)[1:]


def _dumped(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def _array(values: Sequence[float], shape: Shape) -> Iterator[str]:
    """Yield the text of nested lists."""
    separator = "["
    if len(shape) > 1 and len(values) > AT_ONCE:
        size = len(values) // shape[0]
        for place in range(0, len(values), size):
            yield separator
            yield from _array(values[place : place + size], shape[1:])
            separator = ", "
        yield "]"
    elif len(shape) > 1:
        yield _dumped(_value(values, shape))
    else:
        for place in range(0, len(values), AT_ONCE):
            part = values[place : place + AT_ONCE]
            yield separator + _dumped(_value(part, (len(part),)))[1:-1]
            separator = ", "
        yield "]"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _all_finite(value: Any) -> Any:
    """Return plain data with null for every number that is not finite."""
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, dict):
        return {key: _all_finite(item) for key, item in value.items()}
    return [_all_finite(item) for item in value] if isinstance(value, list) else value


def step_data(step: Step, translate: Translate, *, is_whole: bool = True) -> dict[str, Any]:
    """Return a step as plain data, as the schema has it; without its value if not `is_whole`."""
    is_gradient = step.phase == "backward"
    non_finite = next((_kind(float(it)) for it in step.values if not math.isfinite(it)), None)
    result: dict[str, Any] = {
        "phase": step.phase,
        "name": step.name,
        "of": step.equation.of if is_gradient else None,
        "wrt": step.equation.wrt if is_gradient else None,
        "formula": formula(step.formula),
        "substituted": None if step.substituted is None else formula(step.substituted),
        "value": _value(step.values, step.shape) if is_whole else None,
        "rule": translate(", ").join(words(rule, translate) for rule in step.rules),
        "sentence": "" if step.sentence is None else words(step.sentence, translate),
    }
    if non_finite:
        result["non_finite"] = non_finite
    return result


def loss_paths_data(chain: LossChain) -> dict[str, Any]:
    """Return all ways from the loss to an entry as plain data, as the schema has it."""
    return {
        "entry": formula(chain.entry),
        "paths": [
            {
                "factors": [
                    {
                        "of": formula(factor.above),
                        "wrt": formula(factor.below),
                        "formula": formula(public_form(factor.formula)),
                        "value": factor.value,
                        "folded": factor.folded,
                    }
                    for factor in path.factors
                ],
                "product": path.value,
            }
            for path in chain.paths
        ],
        "sum": chain.value,
    }


def block_data(block: Block, translate: Translate) -> dict[str, Any]:
    """Return a block of a page as plain data: its kind, and what it says."""

    def shown(cell: Cell) -> str:
        if isinstance(cell, Node):
            return formula(cell)
        return words(cell, translate) if isinstance(cell, Sentence) else cell

    if isinstance(block, Heading):
        return {"kind": "heading", "text": words(block.text, translate)}
    if isinstance(block, Paragraph):
        texts = [words(sentence, translate) for sentence in block.sentences]
        return {"kind": block.kind, "sentences": texts}
    if isinstance(block, EquationLine):
        sides = (block.left, block.formula, block.substituted, block.worked, block.result)
        texts = [formula(side) for side in sides if side is not None]
        return {"kind": "equation", "sides": texts, "exact": block.follows}
    if isinstance(block, Table):
        rows = [list(map(shown, row)) for row in block.rows]
        return {"kind": "table", "head": list(map(shown, block.head)), "rows": rows}
    caption = words(block.caption, translate)
    if isinstance(block, Graph):
        return {"kind": "graph", "caption": caption, "edges": list(map(list, block.edges))}
    return {"kind": "plot", "caption": caption, "series": series_data(block, translate)}


def series_data(plot: Plot, translate: Translate) -> list[dict[str, Any]]:
    """Return the curves of a plot by their points."""
    return [
        {"name": words(series.name, translate), "points": list(map(list, series.points))}
        for series in plot.series
    ]


def words(sentence: Sentence, translate: Translate) -> str:
    """Return a sentence with its formulas in ASCII."""
    return filled(sentence, translate, _inline, str)


def formula(node: Node) -> str:
    """Return a formula in ASCII, as the equations of a scenario are written."""
    return render(node, "ascii", vocabulary=vocabulary())


def _inline(part: Node | Equality) -> str:
    if isinstance(part, Equality):
        return f"{formula(part.left)} = {formula(part.right)}"
    return formula(part)


def _value(values: Sequence[float], shape: Shape) -> Any:
    """Return nested lists of numbers, null for what is not finite."""
    plain = [float(value) if math.isfinite(value) else None for value in values]
    return nested(plain, shape, list)


def _kind(value: float) -> str:
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
