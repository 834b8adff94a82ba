"""`tracer explain`: what an operation, an optimizer, a rule or an idea is, and the proof of it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import chain
from typing import Any

from tracer.commands.arguments import argument, block_format_arguments, digits_argument
from tracer.commands.output import json_pieces, print_blocks, translation
from tracer.commands.progress import Progress
from tracer.narrative.blocks import EquationLine
from tracer.narrative.explanation import (
    Explanation,
    Proof,
    explain,
    explanation_blocks,
    page_notation,
    split_names,
)
from tracer.narrative.ideas import IDEAS
from tracer.narrative.words import formula_text
from tracer.notebook.shown_explanation import proofs_of
from tracer.render.json import block_data, sentence_text, series_data, step_data
from tracer.sentences import Translate, say

EXAMPLES = """\
examples:
  tracer explain tanh
  tracer explain adam
  tracer explain backpropagation
  tracer explain sigmoid tanh relu
  tracer explain 'sum over paths' --format markdown
"""


ARGUMENTS = (
    argument(
        "name",
        nargs="+",
        metavar="NAME",
        help="operations (tracer list --operations), optimizers, names of rules, or ideas: "
        f"{', '.join(IDEAS)}",
        completion="name",
    ),
    *block_format_arguments(),
    digits_argument(),
)


def run(options: argparse.Namespace) -> None:
    """Print the explanations of the names, one after the other."""
    translate = translation(options)
    asked = split_names(options.name)
    explanations = [explain(name, digits=options.digits) for name in asked]
    proofs = []
    for explanation in explanations:
        with Progress(say("proving {name}", name=explanation.name), options):
            proofs.append(proofs_of(explanation))
    pairs = list(zip(explanations, proofs, strict=True))

    def data() -> list[str]:
        pages = [
            _explanation_data(explanation, proof_list, translate)
            for explanation, proof_list in pairs
        ]
        return json_pieces(pages if len(pages) > 1 else pages[0])

    pages = chain.from_iterable(
        explanation_blocks(explanation, proof_list) for explanation, proof_list in pairs
    )
    title = ", ".join(explanation.name for explanation in explanations)
    print_blocks(pages, page_notation(*explanations), options, title=title, data=data)


def _explanation_data(
    explanation: Explanation, proofs: list[Proof], translate: Translate
) -> dict[str, Any]:
    """Return the explanation as plain data."""

    def lines(equation_lines: Sequence[EquationLine]) -> list[dict[str, str]]:
        return [
            {"name": formula_text(line.left), "formula": formula_text(line.formula)}
            for line in equation_lines
        ]

    return {
        "version": 1,
        "name": explanation.name,
        "kind": explanation.kind,
        "usage": explanation.usage,
        "words": sentence_text(explanation.words, translate),
        "conventions": [translate(text) for text in explanation.convention],
        "sources": list(explanation.source),
        "defaults": {key.name: str(key.default) for key in explanation.settings},
        "purpose": [sentence_text(sentence, translate) for sentence in explanation.purpose],
        "sizes": {}
        if explanation.general is None
        else {name: list(letters) for name, letters in explanation.general.sizes.items()},
        "law": [
            {"line": line.text, "because": translate(line.because)} for line in explanation.law
        ],
        "formulas": lines(explanation.formulas),
        "gradients": lines(explanation.gradients),
        "worked": [
            {
                "title": sentence_text(worked.title, translate),
                "steps": [step_data(step, translate) for step in worked.steps],
            }
            for worked in explanation.worked
        ],
        "proofs": [
            {"witness": proof.witness, "difference": proof.difference, "limit": proof.limit}
            for proof in proofs
        ],
        "plot": None if explanation.plot is None else series_data(explanation.plot, translate),
        "places": [sentence_text(sentence, translate) for sentence in explanation.places],
        "limits": [sentence_text(sentence, translate) for sentence in explanation.limits],
        "frameworks": dict(explanation.frameworks),
        "dependences": [
            {
                "result": item.result,
                "operand": item.operand,
                "touches": [list(row) for row in item.touches],
            }
            for item in explanation.pictures
        ],
        "jacobian": [block_data(block, translate) for block in explanation.jacobian],
        "shown": [block_data(block, translate) for block in explanation.examples],
        "used_in": list(explanation.used_in),
    }
