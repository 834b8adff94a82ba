"""A trace as JSON, iteration by iteration: every step with its formula, numbers and rule.

The schema is docs/trace.schema.json. Values keep full precision; formulas are ASCII.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from itertools import chain, filterfalse
from typing import Any, NamedTuple

from tracer.expression import Node, Notation
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
from tracer.narrative.program_notation import notation_of
from tracer.narrative.run_verdict import verdict_remarks
from tracer.narrative.step_lines import Narrator, line_of
from tracer.narrative.steps import Step
from tracer.narrative.textbook_blocks import line_in_textbook, textbook_for
from tracer.narrative.words import formula_text
from tracer.operations import Shape, nested, number_text
from tracer.operations.textbook import DrawnPart
from tracer.program.elements import printed_form
from tracer.program.program import names_in
from tracer.render.equations import latex_row
from tracer.run.diagnosis import Diagnosis
from tracer.run.trace import Iteration, Trace
from tracer.sentences import Sentence, Translate, fill_sentence

AT_ONCE = 4096  # entries of an array that are written at once


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
    writer = _TraceData(source, translate, digits, notation_of(trace))
    is_summary = detail == "summary" and focus is None
    write = writer.summary if is_summary else writer.iteration
    fault = trace.fault
    data = {
        "version": 1,
        "scenario": trace.scenario.name,
        "conventions": [sentence_text(item, translate) for item in conventions(trace)],
        "iterations": (write(trace.iteration(number)) for number in numbers),
        "fault": None
        if fault is None
        else {"iteration": fault.iteration, "name": fault.name, "non_finite": fault.kind},
        "diagnosis": _all_finite(verdict_data(Diagnosis(trace), translate, digits)),
    }
    return chain(_json_pieces(data), "\n")


def _json_pieces(value: Any) -> Iterator[str]:
    """Yield the text of plain data; an iterator is a list whose items are made one by one."""
    if isinstance(value, Iterator):
        before = "["
        for item in value:
            is_record = isinstance(item, dict)  # a record begins a line
            yield before + ("\n" if is_record else "")
            yield from _json_pieces(item)
            before = "," if is_record else ", "
        yield "[]" if before == "[" else "]"
    elif isinstance(value, dict) and any(isinstance(item, Iterator) for item in value.values()):
        separator = "{"
        for key, item in value.items():
            yield f'{separator}"{key}": '
            yield from _json_pieces(item)
            separator = ", "
        yield "}"
    else:
        yield json.dumps(value, ensure_ascii=False, allow_nan=False)


class _TraceData(NamedTuple):
    """Makes plain data of iterations, their steps one by one."""

    source: Narrator
    translate: Translate
    digits: int
    notation: Notation

    def summary(self, iteration: Iteration) -> dict[str, Any]:
        """Return an iteration without its steps, with its loss."""
        data = self.head(iteration)
        loss = iteration.program.loss
        if loss is not None and loss in iteration:
            data["loss"] = _finite_or_null(iteration.floats(loss)[0])
        return data | self.metrics(iteration)

    def iteration(self, iteration: Iteration) -> dict[str, Any]:
        """Return an iteration with its steps."""
        full_iteration = self.source.iteration(iteration.number)
        data = self.head(iteration)
        data["steps"] = (
            self.step(step, full_iteration) for step in self.source.steps(iteration.number)
        )
        paths = self.source.loss_chain(iteration)
        if paths is not None:
            data["loss_paths"] = _all_finite(loss_paths_data(paths))
        return data | self.metrics(iteration)

    def head(self, iteration: Iteration) -> dict[str, Any]:
        """Return which iteration it is, without steps."""
        samples = iteration.samples
        return {
            "iteration": iteration.number,
            "epoch": iteration.epoch,
            "samples": None if samples is None else list(samples),
            "steps": [],
        }

    def metrics(self, iteration: Iteration) -> dict[str, Any]:
        """Return the metrics that were computed, where there are any."""
        names = [item.name for item in iteration.program.phase("metric") if item.name in iteration]
        values = {name: _finite_or_null(iteration.floats(name)[0]) for name in names}
        return {"metrics": values} if values else {}

    def step(self, step: Step, iteration: Iteration) -> dict[str, Any]:
        """Return a step with its line as a textbook has it and the edges that lead to it."""
        line = line_in_textbook(line_of(step, self.digits), textbook_for(iteration.built))
        return step_data(step, self.translate) | {
            "latex": latex_row(line, self.notation),
            "uses": list(dict.fromkeys(names_in(step.equation.expression))),
        }


def verdict_data(
    diagnosis: Diagnosis, translate: Translate = str, digits: int = 6
) -> dict[str, Any]:
    """Return what a run comes to as plain data: the facts, and the sentences."""
    sentences = [sentence_text(it.sentence, translate) for it in verdict_remarks(diagnosis, digits)]
    return {**diagnosis.as_dictionary(), "sentences": sentences}


def _finite_or_null(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _all_finite(value: Any) -> Any:
    """Return plain data with null for every number that is not finite."""
    if isinstance(value, float):
        return _finite_or_null(value)
    if isinstance(value, dict):
        return {key: _all_finite(item) for key, item in value.items()}
    return [_all_finite(item) for item in value] if isinstance(value, list) else value


def step_data(step: Step, translate: Translate) -> dict[str, Any]:
    """Return a step as plain data, as the schema has it; the rows of a large array one by one."""
    is_gradient, sentence = step.phase == "backward", step.sentence
    non_finite = next(filterfalse(math.isfinite, step.values), None)
    result: dict[str, Any] = {
        "phase": step.phase,
        "name": formula_text(step.left) if isinstance(step.left, DrawnPart) else step.name,
        "of": step.equation.of if is_gradient else None,
        "wrt": step.equation.wrt if is_gradient else None,
        "formula": formula_text(step.formula),
        "substituted": None if step.substituted is None else formula_text(step.substituted),
        "value": _value_data(step.values, step.shape),
        "rule": translate(", ").join(sentence_text(rule, translate) for rule in step.rules),
        "sentence": "" if sentence is None else sentence_text(sentence, translate),
    }
    if step.reduced is not None and not step.follows:
        result["reduced"] = formula_text(step.reduced)
    if non_finite is not None:
        result["non_finite"] = number_text(float(non_finite), 6)
    return result


def loss_paths_data(chain: LossChain) -> dict[str, Any]:
    """Return all ways from the loss to an entry as plain data, as the schema has it."""
    return {
        "entry": formula_text(chain.entry),
        "paths": [
            {
                "factors": [
                    {
                        "of": formula_text(factor.above),
                        "wrt": formula_text(factor.below),
                        "formula": formula_text(printed_form(factor.formula)),
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

    def cell_text(cell: Cell) -> str:
        if isinstance(cell, Node):
            return formula_text(cell)
        return sentence_text(cell, translate) if isinstance(cell, Sentence) else cell

    if isinstance(block, Heading):
        return {"kind": "heading", "text": sentence_text(block.text, translate)}
    if isinstance(block, Paragraph):
        texts = [sentence_text(sentence, translate) for sentence in block.sentences]
        return {"kind": block.kind, "sentences": texts}
    if isinstance(block, EquationLine):
        reduced = None if block.follows else block.reduced
        sides = (
            *(block.left, block.formula, block.substituted),
            *(block.worked, reduced, block.result),
        )
        texts = [formula_text(side) for side in sides if side is not None]
        return {"kind": "equation", "sides": texts, "exact": block.follows}
    if isinstance(block, Table):
        rows = [list(map(cell_text, row)) for row in block.rows]
        return {"kind": "table", "head": list(map(cell_text, block.head)), "rows": rows}
    caption = sentence_text(block.caption, translate)
    if isinstance(block, Graph):
        return {"kind": "graph", "caption": caption, "edges": list(map(list, block.edges))}
    return {"kind": "plot", "caption": caption, "series": series_data(block, translate)}


def series_data(plot: Plot, translate: Translate) -> list[dict[str, Any]]:
    """Return the curves of a plot by their points."""
    return [
        {"name": sentence_text(series.name, translate), "points": list(map(list, series.points))}
        for series in plot.series
    ]


def sentence_text(sentence: Sentence, translate: Translate) -> str:
    """Return a sentence with its formulas in ASCII."""
    return fill_sentence(sentence, translate, formula_text, str)


def _value_data(values: Sequence[float], shape: Shape) -> Any:
    """Return numbers, row by row, null for what is not finite; many of them in an iterator."""
    if shape and len(values) > AT_ONCE:
        size = len(values) // shape[0]
        starts = range(0, len(values), size)
        return (_value_data(values[start : start + size], shape[1:]) for start in starts)
    numbers = [*map(float, values)]
    are_finite = all(map(math.isfinite, numbers))
    return nested(numbers if are_finite else [*map(_finite_or_null, numbers)], shape, list)
