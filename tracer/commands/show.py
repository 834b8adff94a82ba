"""`tracer show`: a scenario before it runs."""

from __future__ import annotations

import argparse
from typing import Any

from tracer.commands.arguments import NOTATION, block_format_arguments, scenario_arguments
from tracer.commands.output import json_pieces, print_blocks, translation
from tracer.commands.requested_run import scenario_of
from tracer.narrative.overview import overview, trained_numbers
from tracer.narrative.pictures import network_graph
from tracer.narrative.program_notation import notation_for
from tracer.narrative.words import formula_text
from tracer.operations import nested
from tracer.program.program import BuiltProgram
from tracer.program.scenario import Scenario
from tracer.run.runner import first_program
from tracer.sentences import Translate

MOST_ENTRIES = 10_000  # entries; a larger quantity is not printed whole in JSON

EXAMPLES = """\
examples:
  tracer show xor
  tracer show my_network.toml --format json
"""


ARGUMENTS = (
    *scenario_arguments(),
    *block_format_arguments(),
    NOTATION,
)


def run(options: argparse.Namespace) -> None:
    """Print the scenario."""
    scenario = scenario_of(options)
    built = first_program(scenario)
    print_blocks(
        overview(scenario, built, options.notation),
        notation_for(scenario, built.program),
        options,
        title=scenario.heading,
        data=lambda: json_pieces(_scenario_data(scenario, built, translation(options))),
    )


def _scenario_data(scenario: Scenario, built: BuiltProgram, translate: Translate) -> dict[str, Any]:
    """Return the scenario as plain data."""
    tables = (
        ("data", scenario.data),
        ("parameter", scenario.parameters),
        ("constant", scenario.constants),
    )
    training = scenario.training
    graph = network_graph(built.program)
    return {
        "version": 1,
        "name": scenario.name,
        "title": scenario.heading.text_in(translate),
        "description": scenario.purpose.text_in(translate),
        "quantities": [
            {
                "name": name,
                "kind": kind,
                "shape": list(array.shape),
                "trained": kind == "parameter"
                and training is not None
                and (scenario.trainable is None or name in scenario.trainable),
                "values": nested(array.floats(), array.shape, list)
                if array.size <= MOST_ENTRIES
                else None,
            }
            for kind, table in tables
            for name, array in table.items()
        ],
        "trained_numbers": trained_numbers(scenario) if training is not None else 0,
        "equations": [
            {
                "phase": equation.phase,
                "name": equation.name,
                "formula": formula_text(equation.expression),
                "shape": list(equation.shape),
                "rules": list(equation.rules),
            }
            for equation in built.program.equations
        ],
        "loss": built.program.loss,
        "graph": None
        if graph is None
        else {
            "nodes": [
                {
                    "id": node.id,
                    "name": formula_text(node.label),
                    "kind": node.kind,
                }
                for node in graph.nodes
            ],
            "edges": [list(edge) for edge in graph.edges],
        },
        "training": None
        if training is None
        else {
            "optimizer": training.optimizer or None,
            "settings": {name: array.floats()[0] for name, array in built.settings.items()},
            "iterations": training.iterations,
            "epochs": training.epochs,
            "batch_size": training.batch_size,
            "sample": training.sample,
            "samples": None if training.samples is None else list(training.samples),
            "stop_when": training.stop_when,
        },
        "variants": [
            {"name": variant.name, "settings": list(variant.settings)}
            for variant in scenario.variants
        ],
    }
