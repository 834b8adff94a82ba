"""The gradient by one quantity of an iteration, proved: by a parameter or a value between."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tracer.errors import RunError
from tracer.expression import render
from tracer.program.scenario import load
from tracer.run.runner import run_scenario
from tracer.sentences import fill_sentence
from tracer.witness.report import quantity_lines


def _lines(scenario: str, name: str) -> list[str]:
    lines = quantity_lines(run_scenario(load(scenario)).iteration(1), name)
    return [
        line if isinstance(line, str) else fill_sentence(line, str, render, str).strip()
        for line in lines
    ]


@pytest.mark.parametrize("name", ["w", "y_pred"])
def test_each_witness_has_its_own_figure(name: str) -> None:
    lines = _lines("one_weight", name)
    assert lines[0] == "verified"
    assert lines.count("by this method -3, by the rules -3") == 4
    assert len(set(lines[2::4])) == len(set(lines[3::4])) == 4  # which it is, and what it does


def test_of_an_array_an_entry_is_shown() -> None:
    lines = _lines("mlp_2_2_2", "W1")
    assert "(2, 1) by this method 0.00787873863568, by the rules 0.00787873863568" in lines


def test_the_slope_of_the_loss_by_itself_needs_no_proof() -> None:
    with pytest.raises(RunError, match="loss by itself has the slope 1"):
        _lines("one_weight", "loss")


def test_without_a_gradient_there_is_nothing_to_prove() -> None:
    with pytest.raises(RunError, match="computes no gradient of x"):
        _lines("one_weight", "x")
