"""Reasons: each is said where its claim holds, and not where it does not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.case_lists import CHOSEN, sampled
from tests.narrative.messages_in_code import rows_without_reason
from tracer.expression.syntax import Call, Name, Number, walk
from tracer.narrative.blocks import Paragraph, present
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.step_reasons import (
    GRAPH_REASONS,
    MIXED,
    SHARED,
    AnyReason,
    ReasonFinder,
    ReasonPage,
    Spoken,
    sentence_of_law,
)
from tracer.narrative.steps import StepNarrator
from tracer.operations import table
from tracer.operations.reason import SLOT, OperandUse, Reason
from tracer.operations.reasons import BACKWARD, FORWARD
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import Equation, names_in
from tracer.program.scenario import bundled, load, loads
from tracer.program.update_reasons import MOVES
from tracer.run.runner import run_scenario
from tracer.run.trace import Iteration, Trace

SCENARIOS = [name for name in bundled() if not name.endswith("_full")]


def all_reasons() -> dict[str, Reason]:
    """Return every reason that a row, an optimizer or the graph has, by its id."""
    rows = [item for own in (*BACKWARD.values(), *FORWARD.values()) for item in own]
    own = [item for optimizer in OPTIMIZERS.values() for item in optimizer.reasons]
    found = [*rows, *own, *MOVES, *GRAPH_REASONS]
    return {item.id: item for item in found}


# Small programs ----------------------------------------------------------------------------------

DATA = ("x", "y", "X", "ids", "t", "mask")


def small(given: str, equations: str, training: str = "learning_rate = 0.1") -> Trace:
    """Run two steps of a small program; names of `DATA` are data, all others parameters."""
    tables: dict[str, list[str]] = {"data": [], "parameters": []}
    for item in given.split("; "):
        tables["data" if item.split(" = ")[0] in DATA else "parameters"].append(item)
    lines = "\n".join(equations.split("; "))
    training = "\n".join(training.split("; "))
    text = "\n".join(f"[{name}]\n" + "\n".join(rows) for name, rows in tables.items() if rows)
    text += f'\n[network]\nequations = """\n{lines}\n"""\nloss = "loss"\n'
    if "iterations" not in training:
        training += "\niterations = 2"
    return run_scenario(loads(f"{text}[training]\n{training}\n"))


def reasons_at(trace: Trace, step: str, number: int = 1) -> list[Spoken]:
    """Return the reasons that hold of a step."""
    iteration = trace.iteration(number)
    return told(ReasonFinder(iteration, 6).reasons(iteration, iteration.program.equation(step)))


def told(reasons: Sequence[AnyReason]) -> list[Spoken]:
    """Return those that hold."""
    return present(*(it.told() for it in reasons))


SQUARED = "loss = (w - y)**2"
RATE = "learning_rate = 0.1"
# A reason, the step, a program, the numbers for which it holds and those for which it does not.
# A program of its own for the second stands behind a bar.
SMALL = (
    ("error.too_small", "dloss/dw", SQUARED, "w = 1; y = 2", "w = 3; y = 2"),
    ("error.too_large", "dloss/dw", SQUARED, "w = 3; y = 2", "w = 1; y = 2"),
    ("error.none", "dloss/dw", SQUARED, "w = 2; y = 2", "w = 1; y = 2"),
    ("power.exponent", "dloss/dw", "loss = w**3", "w = 2", "w = 2|loss = w * 3"),
    ("square.double", "dloss/dw", "loss = square(w)", "w = 2", "w = 2|loss = w * 2"),
    ("product.zero", "dloss/dw", "a = w * x; loss = a**2", "w = 1; x = 0", "w = 1; x = 2"),
    (
        "product.mask",
        "dloss/dw",
        "a = w * mask; loss = sum(a)",
        "w = [1, 2]; mask = [0, 1]",
        "w = [1, 2]; mask = [0.5, 1]",
    ),
    (
        "product.gate",
        "dloss/dh",
        "h = w + 1; g = sigmoid(w); a = h * g; loss = sum(a)",
        "w = [1, 2]",
        "w = [1, 2]|h = w + 1; g = exp(w); a = h * g; loss = sum(a)",
    ),
    (
        "product.square",
        "dloss/dw",
        "a = w * w; loss = a",
        "w = 3",
        "w = 3|a = w * 2 + w; loss = a",
    ),
    ("product.fixed", "dloss/dw", "loss = 3 * w", "w = 1", "w = 1; x = 3|loss = x * w"),
    ("product.counts", "dloss/dw", "loss = w * x", "w = 1; x = 3", "w = 1; x = 3|loss = w + x"),
    (
        "product.swap",
        "dloss/da",
        "loss = sum(a * b)",
        "a = [1, 2]; b = [3, 4]",
        "a = [1, 2]; b = [3, 4]|loss = sum(a * a)",
    ),
    (
        "sum.rows",
        "dloss/dw",
        "a = v + reshape(w, (1, 2)); loss = sum(a**2)",
        "w = [1, 2]; v = [[3, 4], [5, 6]]",
        "w = [1, 2]; v = [[3, 4]]",
    ),
    (
        "for.sum.mixed",
        "h",
        "z = sigmoid(w); a = 2 * w; h = (1 - z) * a + z * v; loss = sum(h)",
        "w = [1, 2]; v = [3, 4]",
        "w = [1, 2]; v = [3, 4]|z = 3 * w; a = 2 * w; h = (1 - z) * a + z * v; loss = sum(h)",
    ),
    ("for.sum.entries", "h", "h = w + v; loss = sum(h)", "w = [1]; v = [3]", "w = 1; v = 3"),
    (
        "for.difference.error",
        "e",
        "p = w * 2; e = p - y; loss = e**2",
        "w = 1; y = 3",
        "w = 1; y = 3|p = w * 2; e = p - 1; loss = (e - y)**2",
    ),
    (
        "for.product.scaled",
        "h",
        "a = 2 * w; h = v * a; loss = sum(h)",
        "w = [1, 2]; v = [3, 4]",
        "w = [1, 2]; v = [3, 4]|a = 2 * w; h = a * a; loss = sum(h + v)",
    ),
    ("for.product.entries", "h", "h = w * v; loss = sum(h)", "w = [1]; v = [3]", "w = 1; v = 3"),
    (
        "for.quotient.mean",
        "loss",
        "a = w**2; b = v**2; loss = (a + b) / 2",
        "w = 1; v = 3",
        "w = 1; v = 3|a = w**2; b = v**2; loss = (a + b) / 3",
    ),
    (
        "for.squared",
        "a",
        "a = (w - v)**2; loss = a",
        "w = 1; v = 3",
        "w = 1; v = 3|a = w**2; loss = a + v",
    ),
    (
        "quotient.fixed",
        "dloss/dw",
        "loss = (w + v) / 4",
        "w = 1; v = 2",
        "w = 1; v = 2|loss = w / v",
    ),
    ("quotient.fixed", "dloss/dw", "loss = w / 4", "w = 1", "w = 1; v = 4|loss = w / v"),
    ("quotient.above", "dloss/dw", "loss = w / v", "w = 1; v = 4", "w = 1; v = 4|loss = v / w"),
    ("quotient.below", "dloss/dw", "loss = v / w", "w = 1; v = 4", "w = 1; v = 4|loss = w / v"),
    ("quotient.reciprocal", "dloss/dw", "loss = v / w", "w = 1; v = -4", "w = 1; v = 4"),
    (
        "quotient.root",
        "dloss/dp",
        "p = A @ B; s = p / sqrt(2); loss = sum(s)",
        "A = [[1, 2]]; B = [[1], [3]]",
        "A = [[1, 2]]; B = [[1], [3]]|p = A @ B; s = p / sqrt(3); loss = sum(s)",
    ),
    (
        "difference.taken",
        "dloss/dw",
        "a = v - w; loss = a**2",
        "v = 1; w = 3",
        "v = 1; w = 3|a = w - v; loss = a**2",
    ),
    (
        "difference.part",
        "dloss/dz",
        "h = (1 - z) * v; loss = h**2",
        "z = 0.3; v = 2",
        "z = 0.3; v = 2|h = 1 - z; loss = h**2 * v",
    ),
    (
        "difference.centred",
        "dloss/dm",
        "m = mean(V, axis=0); d = V - m; loss = sum(d * d)",
        "V = [[1, 2], [4, 3], [5, 9]]",
        "V = [[1, 2], [4, 3], [5, 9]]|m = mean(V, axis=0); d = V - m; loss = sum(d**3)",
    ),
    (
        "difference.rows",
        "dloss/dw",
        "a = V - w; loss = sum(a * a)",
        "V = [[1, 2], [4, 3], [5, 9]]; w = [3, 1]",
        "V = [[1, 2], [4, 3], [5, 9]]; w = [3, 1]|a = V + w; loss = sum(a * a)",
    ),
    (
        "sum.bias",
        "dloss/db",
        "z = x + b; loss = z**2",
        "x = 1; b = 2",
        "x = 1; b = 2|z = x * b; loss = z**2",
    ),
    (
        "sum.rows",
        "dloss/db",
        "z = X + b; loss = sum(z**2)",
        "X = [[1, 2], [3, 4]]; b = [0, 1]",
        "X = [[1, 2], [3, 4]]; b = [[0, 1], [2, 3]]",
    ),
    (
        "sum.copies",
        "dloss/da",
        "a = 2 * w; z = a + x; loss = z**2",
        "w = 1; x = 2",
        "w = 1; x = 2|a = 2 * w; z = a * x; loss = z**2",
    ),
    ("sign.turned", "dloss/dw", "a = -w; loss = a**2", "w = 2", "w = 2|a = w; loss = a**2"),
    (
        "mse.errors",
        "dloss/da",
        "a = 2 * w; loss = mse(a, y)",
        "w = [1, 2, 3]; y = [0, 0, 0]",
        "w = [1, 2]; y = [0, 0]",
    ),
    (
        "mse.two_errors",
        "dloss/da",
        "a = 2 * w; loss = mse(a, y)",
        "w = [1, 2]; y = [0, 0]",
        "w = [1]; y = [0]",
    ),
    # A loss that is a part of the loss has its reason too; not where its sign is turned.
    (
        "mse.errors",
        "dloss/dw",
        "a = mse(w, y); loss = 0.1 * a + 2",
        "w = [1, 2, 3]; y = [0, 0, 0]",
        "w = [1, 2, 3]; y = [0, 0, 0]|a = mse(w, y); loss = 2 - a",
    ),
    (
        "classes.p_minus_y",
        "dloss/dw",
        "loss = v**2 + cross_entropy(w, t)",
        "w = [[1, 2]]; t = [0]; v = 1",
        "w = [[1, 2]]; t = [0]; v = 1|loss = v**2 - cross_entropy(w, t)",
    ),
    (
        "extreme.one_place",
        "dloss/dw",
        "loss = 2 + max(w)",
        "w = [1, 2]",
        "w = [1, 2]|loss = 2 * max(w)",
    ),
    ("power.cancelled", "dloss/dw", "loss = w**2 / 2", "w = 3", "w = 3|loss = w**2 / 4"),
    ("power.merged", "dloss/dw", "loss = 3 * w**2", "w = 3", "w = 3|loss = w**2"),
    (
        "matrix.turned_weight",
        "dloss/dw",
        "a = w.T @ x; loss = sum(a)",
        "w = [[1, 2], [3, 4]]; x = [1, 2]",
        "w = [[1, 2], [3, 4]]; x = [1, 2]|a = w @ x; loss = sum(a)",
    ),
    (
        "sigmoid.same_slopes",
        "dloss/dw",
        "a = sigmoid(w); loss = sum(a)",
        "w = [1, -1]",
        "w = [1, 1]",
    ),
    ("tanh.same_slopes", "dloss/dw", "a = tanh(w); loss = sum(a)", "w = [1, -1]", "w = [1, 0]"),
    (
        "for.yes_no_mean",
        "loss",
        "loss = bce_with_logits(w, y)",
        "w = [1, 2]; y = [1, 0]",
        "w = [1]; y = [1]",
    ),
    (
        "for.sum.along",
        "a",
        "a = sum(w, axis=0); loss = sum(a**2)",
        "w = [[1, 2], [3, 4]]",
        "w = [[1, 2], [3, 4]]|a = sum(w); loss = a**2",
    ),
    (
        "squares.errors",
        "dloss/da",
        "a = 2 * w; loss = squared_error(a, y)",
        "w = [1, 2]; y = [0, 0]",
        "w = [1, 2]; y = [0, 0]|a = 2 * w; loss = mse(a, y)",
    ),
    (
        "half.errors",
        "dloss/da",
        "a = 2 * w; loss = half_squared_error(a, y)",
        "w = [1, 2]; y = [0, 0]",
        "w = [1, 2]; y = [0, 0]|a = 2 * w; loss = squared_error(a, y)",
    ),
    (
        "absolute.side",
        "dloss/da",
        "a = 2 * w; loss = mae(a, y)",
        "w = [1, 2]; y = [0, 9]",
        "w = [1, 2]; y = [0, 9]|a = 2 * w; loss = mse(a, y)",
    ),
    (
        "classes.sure",
        "dloss/dw",
        "loss = cross_entropy(w, t)",
        "w = [9, 0]; t = 0",
        "w = [1, 0]; t = 0",
    ),
    (
        "classes.wrong",
        "dloss/dw",
        "loss = cross_entropy(w, t)",
        "w = [0, 1]; t = 0",
        "w = [1, 0]; t = 0",
    ),
    (
        "classes.p_minus_y",
        "dloss/dw",
        "loss = cross_entropy(w, t)",
        "w = [0, 1]; t = 0",
        "w = [[0, 1], [2, 3]]; t = [0, 1]",
    ),
    (
        "classes.p_minus_y_mean",
        "dloss/dw",
        "loss = cross_entropy(w, t)",
        "w = [[0, 1], [2, 3]]; t = [0, 1]",
        "w = [0, 1]; t = 0",
    ),
    (
        "label.only",
        "dloss/dp",
        "p = softmax(w); loss = nll(p, t)",
        "w = [0, 1]; t = 0",
        "w = [0, 1]; t = 0|p = softmax(w); loss = sum(p * p)",
    ),
    (
        "yes_no.sigmoid",
        "dloss/dp",
        "p = sigmoid(w); loss = bce(p, y)",
        "w = 1; y = 1",
        "w = [0, 1]; y = [0, 1]",
    ),
    (
        "yes_no.sigmoid_mean",
        "dloss/dp",
        "p = sigmoid(w); loss = bce(p, y)",
        "w = [0, 1]; y = [0, 1]",
        "w = [0, 1]; y = [0, 1]|p = softmax(w); loss = bce(p, y)",
    ),
    (
        "yes_no.steep",
        "dloss/dp",
        "p = w * 1; loss = bce(p, y)",
        "w = 0.4; y = 1",
        "w = [0.4, 0.3]; y = [1, 0]",
    ),
    (
        "yes_no.steep_mean",
        "dloss/dp",
        "p = softmax(w); loss = bce(p, y)",
        "w = [0, 1]; y = [0, 1]",
        "w = [0, 1]; y = [0, 1]|p = softmax(w); loss = mse(p, y)",
    ),
    (
        "absolute.hit",
        "dloss/da",
        "a = 2 * w; loss = mae(a, y)",
        "w = [1, 2]; y = [2, 9]",
        "w = [1, 2]; y = [0, 9]",
    ),
    (
        "yes_no.logits",
        "dloss/dw",
        "loss = bce_with_logits(w, y)",
        "w = 1; y = 1",
        "w = [0, 1]; y = [0, 1]",
    ),
    (
        "yes_no.logits_mean",
        "dloss/dw",
        "loss = bce_with_logits(w, y)",
        "w = [0, 1]; y = [0, 1]",
        "w = 1; y = 1",
    ),
    (
        "yes_no.label",
        "dloss/dv",
        "loss = bce(w, v)",
        "w = 0.5; v = 1",
        "w = 0.5; v = 0.5|loss = (w - v)**2",
    ),
    (
        "yes_no.logits_label",
        "dloss/dv",
        "loss = bce_with_logits(w, v)",
        "w = 0.5; v = 1",
        "w = 0.5; v = 0.5|loss = (w - v)**2",
    ),
    (
        "for.yes_no",
        "loss",
        "loss = bce_with_logits(w, y)",
        "w = 1; y = 1",
        "w = 1; y = 0.3",
    ),
    (
        "label.only_mean",
        "dloss/dp",
        "p = softmax(w); loss = nll(p, t)",
        "w = [[0, 1], [2, 3]]; t = [0, 1]",
        "w = [0, 1]; t = 0",
    ),
    # A loss written out: p − y is left of it, where p is what the logarithm is taken of.
    (
        "error.left",
        "dloss/dz",
        "z = w * 2; p = sigmoid(z); loss = -y * log(p) - (1 - y) * log(1 - p)",
        "w = 1; y = 0",
        "w = 1; y = 0|z = w * 2; p = sigmoid(z); loss = -y * log(p) - (1 - y) * log(2 - p)",
    ),
    (
        "error.left",
        "dloss/dz",
        "z = w * 2; n = exp(z); p = n / sum(n); loss = -log(p @ y)",
        "w = [1, 2]; y = [0, 1]",
        "w = [1, 2]; y = [0, 1]|z = w * 2; n = exp(z); p = n / sum(n); loss = p @ y",
    ),
    (
        "error.left",
        "dloss/dz",
        "z = w * 2; p = softmax(z); loss = mean(-sum(y * log(p), axis=1))",
        "w = [[1, 2], [3, 1]]; y = [[0, 1], [0, 1]]",
        "w = [[1, 2]]; y = [[0, 1]]|z = w * 2; p = softmax(z); loss = mean(-sum(y * p, axis=1))",
    ),
    (
        "error.left",
        "dloss/dz",
        "z = w * 2; p = softmax(z); loss = nll(p, ids)",
        "w = [[1, 2], [3, 1]]; ids = [1, 0]",
        "w = [[1, 2], [3, 1]]; ids = [1, 0]|z = w * 2; p = softmax(z); loss = sum(pick(p, ids))",
    ),
    (
        "error.left",
        "dloss/dp_1",
        "p = sigmoid(w * x); loss = bce(p, y)",
        "w = 20; x = [1, -1]; y = [1, 0]",
        "w = 20; x = [1, -1]; y = [1, 0]|p = sigmoid(w * x); loss = mse(p, y)",
    ),
    (
        "for.surprise",
        "loss",
        "p = sigmoid(w); loss = -log(p)",
        "w = 40",
        "w = 40|p = sigmoid(w); loss = log(p)**2",
    ),
    ("sigmoid.saturated", "dloss/dw", "a = sigmoid(w); loss = a**2", "w = 6", "w = 1"),
    ("sigmoid.slope", "dloss/dw", "a = sigmoid(w); loss = a**2", "w = 1", "w = 6"),
    ("sigmoid.slopes", "dloss/dw", "a = sigmoid(w); loss = sum(a)", "w = [1, 0]", "w = [1, 7]"),
    ("tanh.saturated", "dloss/dw", "a = tanh(w); loss = sum(a)", "w = [5, 0]", "w = [1, 0]"),
    ("tanh.straight", "dloss/dw", "a = tanh(w); loss = sum(a)", "w = [0.1, 0]", "w = [1, 0]"),
    ("tanh.slope", "dloss/dw", "a = tanh(w); loss = a**2", "w = 1", "w = 6"),
    ("tanh.slopes", "dloss/dw", "a = tanh(w); loss = sum(a)", "w = [1, 0]", "w = [7, 0]"),
    ("relu.off", "dloss/dw", "a = relu(w); loss = sum(a)", "w = [-1, -2]", "w = [-1, 0]"),
    ("relu.some", "dloss/dw", "a = relu(w); loss = sum(a)", "w = [-1, 2]", "w = [1, 2]"),
    ("relu.corner", "dloss/dw", "a = relu(w); loss = sum(a)", "w = [0, 2]", "w = [-1, 2]"),
    ("relu.on", "dloss/dw", "a = relu(w); loss = sum(a)", "w = [1, 2]", "w = [-1, 2]"),
    ("leaky.below", "dloss/dw", "a = leaky_relu(w); loss = sum(a)", "w = [-1, 2]", "w = [1, 2]"),
    (
        "leaky.corner",
        "dloss/dw",
        "a = leaky_relu(w); loss = sum(a)",
        "w = [-1, 0]",
        "w = [-1, 0]|a = elu(w); loss = sum(a)",
    ),
    ("leaky.all_on", "dloss/dw", "a = leaky_relu(w); loss = sum(a)", "w = [1, 2]", "w = [-1, 2]"),
    (
        "leaky.slope",
        "dloss/ds",
        "a = prelu(x, s); loss = sum(a)",
        "x = [-1, 2]; s = 0.5",
        "x = [-1, 2]; s = 0.5|a = x * s; loss = sum(a)",
    ),
    ("smooth.bends_back", "dloss/dw", "a = silu(w); loss = sum(a)", "w = [-2, 1]", "w = [1, 2]"),
    ("smooth.slope", "dloss/dw", "a = silu(w); loss = sum(a)", "w = [1, 1]", "w = [1, 2]"),
    ("smooth.slopes", "dloss/dw", "a = silu(w); loss = sum(a)", "w = [1, 2]", "w = [1, 1]"),
    # A sum around it hands the gradient on whole.
    (
        "smooth.slopes",
        "dloss/dw",
        "a = x + silu(w); loss = sum(a)",
        "w = [1, 2]; x = 3",
        "w = [1, 1]; x = 3",
    ),
    (
        "softplus.sigmoid",
        "dloss/dw",
        "a = softplus(w); loss = a",
        "w = 1",
        "w = 1|a = relu(w); loss = a",
    ),
    ("exp.itself", "dloss/dw", "a = exp(w); loss = a", "w = 1", "w = 1|a = tanh(w); loss = a"),
    ("log.steep", "dloss/dw", "loss = -log(w)", "w = 0.01", "w = 2"),
    (
        "log.of_sigmoid",
        "dloss/dw",
        "loss = -log(sigmoid(w))",
        "w = 2",
        "w = 2|loss = -log(w + sigmoid(w))",
    ),
    ("log.inverse", "dloss/dw", "loss = -log(w)", "w = 2", "w = 2|loss = -sqrt(w)"),
    ("root.slope", "dloss/dw", "loss = sqrt(w)", "w = 2", "w = 2|loss = log(w)"),
    ("absolute.sign", "dloss/dw", "loss = abs(w)", "w = -2", "w = -2|loss = relu(w)"),
    ("absolute.corner", "dloss/dw", "loss = mean(abs(w))", "w = [0, 1]", "w = [2, 1]"),
    ("power.base", "dloss/dw", "loss = x**w", "w = 2; x = 3", "w = 2; x = 0"),
    (
        "product.often",
        "dloss/dw",
        "a = x * w; loss = sum(a)",
        "w = [[2], [1]]; x = [3, 4]",
        "w = [2, 1]; x = [3, 4]",
    ),
    (
        "extremes.halved",
        "dloss/dw",
        "a = minimum(w, x); loss = sum(a)",
        "w = [1, 2]; x = [1, 3]",
        "w = [1, 2]; x = [0, 3]",
    ),
    (
        "extreme.shared",
        "dloss/dw",
        "a = max(w); loss = a**2",
        "w = [2, 1, 2]",
        "w = [2, 1, 0]",
    ),
    (
        "sum.along",
        "dloss/dw",
        "a = sum(w, axis=0); loss = a @ a",
        "w = [[1, 2], [3, 4]]",
        "w = [1, 2]|a = sum(w); loss = a**2",
    ),
    (
        "matrix.rows_to_numbers",
        "dloss/dh",
        "h = tanh(V); o = h @ w; loss = o @ o",
        "V = [[1, 2], [3, 4]]; w = [2, 1]",
        "V = [[1, 2], [3, 4]]; w = [2, 1]|h = 2 * w; o = V @ h; loss = o @ o",
    ),
    (
        "filter.at_rest",
        "dloss/dk",
        "a = conv1d(X, k); loss = sum(a * a)",
        "X = [[1, 2]]; k = [[[1, 2]]]",
        "X = [[1, 2, -1]]; k = [[[1, 2]]]",
    ),
    (
        "filter.input_once",
        "dloss/dh",
        "h = 2 * W; a = conv1d(h, k, stride=2); loss = sum(a * a)",
        "W = [[1, 2, -1, 3]]; k = [[[1, 2]]]",
        "W = [[1, 2, -1, 3]]; k = [[[1, 2, 1]]]|h = 2 * W; a = conv1d(h, k); loss = sum(a * a)",
    ),
    (
        "softmax.rows_cancel",
        "dloss/dw",
        "p = softmax(w); loss = p @ x",
        "w = [1, 2]; x = [1, 3]",
        "w = [1, 2]; x = [1, 3]|p = exp(w); loss = p @ x",
    ),
    (
        "softmax.masked",
        "dloss/ds",
        "s = causal_mask(w); p = softmax(s); loss = sum(p * x)",
        "w = [[1, 2], [3, 4]]; x = [[1, 2], [3, 5]]",
        "w = [[1, 2], [3, 4]]; x = [[1, 2], [3, 5]]|s = 2 * w; p = softmax(s); loss = sum(p * x)",
    ),
    (
        "mask.future",
        "dloss/dw",
        "s = causal_mask(w); p = softmax(s); loss = sum(p * x)",
        "w = [[1, 2], [3, 4]]; x = [[1, 2], [3, 5]]",
        "w = [[1, 2], [3, 4]]; x = [[1, 2], [3, 5]]|s = 2 * w; p = softmax(s); loss = sum(p * x)",
    ),
    ("shares.softmax", "dloss/dw", "loss = logsumexp(w)", "w = [1, 2]", "w = [1, 2]|loss = sum(w)"),
    (
        "log_softmax.rows_cancel",
        "dloss/dw",
        "l = log_softmax(w); loss = l @ x",
        "w = [1, 2]; x = [1, 3]",
        "w = [1, 2]; x = [1, 3]|l = 2 * w; loss = l @ x",
    ),
    ("sum.each", "dloss/dw", "loss = sum(w)", "w = [1, 2]", "w = [1, 2]|loss = mean(w)"),
    ("even.share", "dloss/dw", "loss = mean(w)", "w = [1, 2]", "w = [1]"),
    ("even.single", "dloss/dw", "loss = mean(w)", "w = [1]", "w = [1, 2]"),
    (
        "matrix.shares_cancel",
        "dloss/dW",
        "Z = X @ W; loss = mse(Z, y)",
        "W = [[0.0]]; X = [[1.0], [-1.0]]; y = [[1.0], [1.0]]",
        "W = [[0.0]]; X = [[1.0], [0.0]]; y = [[0.0], [1.0]]",  # no share to cancel
    ),
    (
        "even.pool",
        "dloss/dw",
        "p = avg_pool1d(w, 2, stride=4); loss = p @ p",
        "w = [1, 2, 3, 4, 5, 6, 7, 8]",
        "w = [1, 2, 3]|p = avg_pool1d(w, 2, stride=1); loss = p @ p",
    ),
    (
        "for.norm.plain",
        "n",
        "n = standardize(w); loss = n @ x",
        "w = [1, 2]; x = [1, 3]",
        "w = [2, 2]; x = [1, 3]",
    ),
    (
        "for.product.input",
        "h",
        "h = w * x; p = 2 * h; loss = (p - y)**2",
        "w = 1; x = 2; y = 3",
        "w = 1; v = 2; y = 3|h = w * v; p = 2 * h; loss = (p - y)**2",
    ),
    ("extreme.one_place", "dloss/dw", "loss = max(w)", "w = [1, 2]", "w = [2, 2]"),
    (
        "extreme.first",
        "dloss/dw",
        "a = max(w, axis=1); loss = sum(a)",
        "w = [[3, 3, 1]]",
        "w = [[3, 2, 1]]",
    ),
    (
        "larger.wins",
        "dloss/dw",
        "a = maximum(w, x); loss = sum(a)",
        "w = [1, 2]; x = [0, 3]",
        "w = [1, 2]; x = [1, 3]",
    ),
    (
        "smaller.wins",
        "dloss/dw",
        "a = minimum(w, x); loss = sum(a)",
        "w = [1, 2]; x = [0, 3]",
        "w = [1, 2]; x = [1, 3]",
    ),
    (
        "choice.single",
        "dloss/dw",
        "loss = where(x, w**2, 0)",
        "w = 2; x = 1",
        "w = 2; x = 0",
    ),
    (
        "choice.other",
        "dloss/dw",
        "loss = where(x, 0, w**2)",
        "w = 2; x = 1",
        "w = 2; x = 0",
    ),
    (
        "for.dropout_mask",
        "m",
        "m = dropout_mask(w, rate=0.5, seed=1); loss = sum(dropout_with(w, m))",
        "w = [1, 2]",
        "w = [1, 2]|m = w * 2; loss = sum(m)",
    ),
    (
        "choice.taken",
        "dloss/dw",
        "a = where(mask, w, x); loss = sum(a)",
        "mask = [1, 0]; w = [1, 2]; x = [0, 3]",
        "mask = [1, 0]; w = [1, 2]; x = [0, 3]|a = w * mask; loss = sum(a)",
    ),
    (
        "matrix.silent",
        "dloss/dW",
        "z = W @ x; loss = sum(z)",
        "W = [[1, 2], [3, 4]]; x = [0, 0]",
        "W = [[1, 2], [3, 4]]; x = [0, 1]",
    ),
    (
        "matrix.silent_input",
        "dloss/dW",
        "z = W @ x; loss = sum(z)",
        "W = [[1, 2], [3, 4]]; x = [0, 1]",
        "W = [[1, 2], [3, 4]]; x = [2, 1]",
    ),
    (
        "matrix.weight",
        "dloss/dW",
        "z = W @ x; loss = sum(z)",
        "W = [[1, 2], [3, 4]]; x = [2, 1]",
        "W = [[1, 2], [3, 4]]; x = [[2], [1]]",
    ),
    (
        "matrix.input",
        "dloss/da",
        "a = 2 * v; z = W @ a; loss = sum(z)",
        "W = [[1, 2], [3, 4]]; v = [2, 1]",
        "W = [[1, 2], [3, 4]]; v = [2, 1]|a = 2 * v; z = a @ W; loss = sum(z)",
    ),
    (
        "matrix.one_output",
        "dloss/da",
        "a = 2 * v; z = W @ a; loss = sum(z)",
        "W = [[1, 2]]; v = [2, 1]",
        "W = [[1, 2], [3, 4]]; v = [2, 1]",
    ),
    (
        "matrix.weight_rows",
        "dloss/dW",
        "Z = X @ W; loss = sum(Z)",
        "X = [[1, 2], [3, 4]]; W = [[1], [2]]",
        "X = [[1, 2]]; W = [[1], [2]]",
    ),
    (
        "matrix.weight_row",
        "dloss/dW",
        "Z = X @ W; loss = sum(Z)",
        "X = [[1, 2]]; W = [[1], [2]]",
        "X = [[1, 2], [3, 4]]; W = [[1], [2]]",
    ),
    (
        "matrix.weight_columns",
        "dloss/dW",
        "Z = W @ X; loss = sum(Z)",
        "X = [[1, 2], [3, 4]]; W = [[1, 2]]",
        "X = [1, 3]; W = [[1, 2]]",
    ),
    (
        "matrix.weight_batch",
        "dloss/dW",
        "Z = X @ W; loss = sum(Z)",
        "X = [[[1, 2], [3, 4]], [[1, 2], [3, 4]]]; W = [[1], [2]]",
        "X = [[1, 2], [3, 4]]; W = [[1], [2]]",
    ),
    (
        "matrix.input_rows",
        "dloss/dA",
        "A = 2 * V; Z = A @ W; loss = sum(Z)",
        "V = [[1, 2], [3, 4]]; W = [[1], [2]]",
        "V = [[1, 2], [3, 4]]; X = [[1], [2]]|A = 2 * V; Z = A @ X; loss = sum(Z)",
    ),
    (
        "matrix.input_row",
        "dloss/dA",
        "A = 2 * V; Z = A @ W; loss = sum(Z)",
        "V = [[1, 2]]; W = [[1], [2]]",
        "V = [[1, 2], [3, 4]]; W = [[1], [2]]",
    ),
    (
        "matrix.row_input",
        "dloss/da",
        "a = 2 * v; z = a @ W; loss = sum(z)",
        "W = [[1, 2], [3, 4]]; v = [2, 1]",
        "W = [[1, 2], [3, 4]]; v = [2, 1]|a = 2 * v; z = W @ a; loss = sum(z)",
    ),
    (
        "matrix.row_weight",
        "dloss/dW",
        "z = x @ W; loss = sum(z)",
        "W = [[1, 2], [3, 4]]; x = [2, 1]",
        "W = [[1, 2], [3, 4]]; x = [2, 1]|z = W @ x; loss = sum(z)",
    ),
    (
        "matrix.dot",
        "dloss/dw",
        "loss = w @ x",
        "w = [1, 2]; x = [2, 1]",
        "w = [1, 2]; x = [2, 1]|loss = sum(w + x)",
    ),
    (
        "matrix.computed",
        "dloss/dQ",
        "Q = 2 * V; K = 3 * V; S = Q @ K.T; loss = sum(S)",
        "V = [[1, 2], [3, 4]]",
        "V = [[1, 2], [3, 4]]; K = [[1, 2]]|Q = 2 * V; S = Q @ K.T; loss = sum(S)",
    ),
    (
        "matrix.computed_turned",
        "dloss/dK",
        "Q = 2 * V; K = 3 * V; S = Q @ K.T; loss = sum(S)",
        "V = [[1, 2], [3, 4]]",
        "V = [[1, 2], [3, 4]]|Q = 2 * V; K = 3 * V; S = Q @ K; loss = sum(S)",
    ),
    (
        "for.surprise",
        "loss",
        "p = sigmoid(w); loss = -log(p)",
        "w = 1",
        "w = 1|p = exp(w); loss = -log(p)",
    ),
    (
        "for.surprise",
        "loss",
        "p = w * x; loss = -log(p)",
        "w = 1; x = 0.5",
        "w = 1; x = 1|p = w * x; loss = log(p)",
    ),
    (
        "matrix.mixed",
        "dloss/dV",
        "A = softmax(S); Z = A @ V; loss = sum(Z * Z)",
        "S = [[1, 2], [3, 4]]; V = [[1], [2]]",
        "S = [[1, 2], [3, 4]]; V = [[1], [2]]|A = exp(S); Z = A @ V; loss = sum(Z * Z)",
    ),
    (
        "matrix.shares",
        "dloss/dA",
        "A = softmax(S); Z = A @ V; loss = sum(Z * Z)",
        "S = [[1, 2], [3, 4]]; V = [[1], [2]]",
        "S = [[1, 2], [3, 4]]; V = [[1], [2]]|A = exp(S); Z = A @ V; loss = sum(Z * Z)",
    ),
    (
        "pairs.sum",
        "dloss/da",
        "P = outer(a, x); loss = sum(P)",
        "a = [1, 2]; x = [3, 4]",
        "a = [1, 2]; x = [3, 4]|P = a * x; loss = sum(P)",
    ),
    (
        "moved.back",
        "dloss/dW",
        "V = W.T; loss = sum(V * X)",
        "W = [[1, 2], [3, 4]]; X = [[1, 2], [3, 5]]",
        "W = [[1, 2], [3, 4]]; X = [[1, 2], [3, 5]]|V = 2 * W; loss = sum(V * X)",
    ),
    (
        "heads.joined",
        "dloss/dW",
        "h = transpose(reshape(W, (2, 2, 2)), (1, 0, 2)); loss = sum(h * h)",
        "W = [[1, 2, 3, 4], [5, 6, 7, 8]]",
        "W = [[1, 2, 3, 4], [5, 6, 7, 8]]"
        "|h = transpose(reshape(W, (2, 2, 2)), (2, 0, 1)); loss = sum(h * h)",
    ),
    (
        "heads.split",
        "dloss/dh",
        "h = transpose(reshape(2 * W, (2, 2, 2)), (1, 0, 2)); "
        "j = reshape(transpose(h, (1, 0, 2)), (2, 4)); loss = sum(j * j)",
        "W = [[1, 2, 3, 4], [5, 6, 7, 8]]",
        "W = [[1, 2, 3, 4], [5, 6, 7, 8]]|h = reshape(2 * W, (2, 2, 2)); "
        "j = reshape(transpose(h, (2, 0, 1)), (2, 4)); loss = sum(j * j)",
    ),
    (
        "joined.own_piece",
        "dloss/da",
        "c = concat([a, b]); loss = c @ c",
        "a = [1, 2]; b = [3]",
        "a = [1, 2]; b = [3]|c = 2 * a; loss = c @ c + sum(b)",
    ),
    (
        "stacked.own_row",
        "dloss/da",
        "c = stack([a, b]); loss = sum(c * c)",
        "a = [1, 2]; b = [3, 4]",
        "a = [1, 2]; b = [3, 4]|c = a + b; loss = sum(c * c)",
    ),
    (
        "chosen.here",
        "dloss/dw#1",
        "loss = w[1]**2 + sum(w)",
        "w = [1, 2]",
        "w = [1, 2]|a = w[1]; loss = a + sum(w)",
    ),
    (
        "chosen.entries",
        "dloss/dw",
        "a = w[1]; loss = a**2",
        "w = [1, 2]",
        "w = [1, 2]|a = sum(w); loss = a**2",
    ),
    (
        "rows.some",
        "dloss/dE",
        "e = E[ids]; loss = sum(e * e)",
        "E = [[1, 2], [3, 4], [5, 6]]; ids = [0, 2]",
        "E = [[1, 2], [3, 4], [5, 6]]; ids = [0, 0]",
    ),
    (
        "rows.again",
        "dloss/dE",
        "e = E[ids]; loss = sum(e * e)",
        "E = [[1, 2], [3, 4], [5, 6]]; ids = [0, 0]",
        "E = [[1, 2], [3, 4], [5, 6]]; ids = [0, 2]",
    ),
    (
        "norm.no_stretch",
        "dloss/dw",
        "a = layer_norm(w, g, b); loss = a @ x",
        "w = [1, 2, 5]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]",
        "w = [0.001, 0.002, 0.005]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]",
    ),
    (
        "norm.rows_cancel",
        "dloss/dw",
        "a = layer_norm(w, g, b); loss = a @ x",
        "w = [0.001, 0.002, 0.005]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]",
        "w = [1, 2, 5]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]",
    ),
    (
        "norm.groups_cancel",
        "dloss/dw",
        "a = group_norm(w, g, b, groups=2); loss = sum(a * x)",
        "w = [[1, 2, 5, 3]]; g = [1, 1, 2, 1]; b = [0, 0, 0, 0]; x = [[1, 0, 0, 2]]",
        "w = [[1, 2, 5, 3]]; g = [1, 1, 2, 1]; b = [0, 0, 0, 0]; x = [[1, 0, 0, 2]]"
        "|a = w * g + b; loss = sum(a * x)",
    ),
    (
        "norm.gain_once",
        "dloss/dg",
        "a = layer_norm(w, g, b); loss = a @ x",
        "w = [1, 2, 5]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]",
        "w = [1, 2, 5]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]|a = w * g + b; loss = a @ x",
    ),
    (
        "norm.gain",
        "dloss/dg",
        "a = layer_norm(w, g, b); loss = sum(a @ x)",
        "w = [[1, 2, 5], [2, 1, 3]]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]",
        "w = [1, 2, 5]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]",
    ),
    (
        "norm.offset",
        "dloss/db",
        "a = layer_norm(w, g, b); loss = a @ x",
        "w = [1, 2, 5]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]",
        "w = [1, 2, 5]; g = [1, 1, 2]; b = [0, 0, 0]; x = [1, 0, 0]|a = w * g + b; loss = a @ x",
    ),
    (
        "dropout.mask",
        "dloss/dw",
        "a = dropout(w, rate=0.5, seed=1); loss = sum(a)",
        "w = [1, 2, 3, 4, 5, 6, 7, 8]",
        "w = [1, 2, 3, 4, 5, 6, 7, 8]|a = dropout(w, rate=0, seed=1); loss = sum(a)",
    ),
    (
        "dropout.mask_slope",
        "dloss/dv",
        "a = dropout_with(w, v); loss = sum(a)",
        "w = [1, 2]; v = [0, 1]",
        "w = [1, 2]; v = [0, 1]|a = w + v; loss = sum(a)",
    ),
    (
        "filter.everywhere",
        "dloss/dk",
        "a = conv1d(X, k); loss = sum(a * a)",
        "X = [[1, 2, -1]]; k = [[[1, 2]]]",
        "X = [[1, 2]]; k = [[[1, 2]]]",
    ),
    (
        "filter.everywhere",
        "dloss/dw",
        "a = conv1d(X, reshape(w, (1, 1, 2))); loss = sum(a * a)",
        "X = [[1, 2, -1]]; w = [1, 2]",
        "X = [[1, 2, -1]]; w = [1, 2]|a = conv1d(X, reshape(w + 1, (1, 1, 2))); loss = sum(a * a)",
    ),
    (
        "filter.offset",
        "dloss/db",
        "a = conv1d(X, k, reshape(b, (1,))); loss = sum(a * a)",
        "X = [[1, 2, -1]]; k = [[[1, 2]]]; b = 1",
        "X = [[1, 2, -1]]; k = [[[1, 2]]]; b = 1|a = conv1d(X, k) + b; loss = sum(a * a)",
    ),
    (
        "tanh.slopes",
        "dloss/dw",
        "a = v * tanh(w); loss = sum(a)",
        "v = [1, 2]; w = [1, 0]",
        "v = [1, 2]; w = [1, 0]|a = v * exp(w); loss = sum(a)",
    ),
    (
        "filter.input",
        "dloss/dh",
        "h = 2 * W; a = conv1d(h, k); loss = sum(a * a)",
        "W = [[1, 2, -1]]; k = [[[1, 2]]]",
        "W = [[1, 2, -1]]; k = [[[1, 2]]]|h = 2 * W; a = h * 3; loss = sum(a * a) + sum(k)",
    ),
    (
        "paths.two",
        "dloss/dw",
        "a = 2 * w; b = 3 * w; loss = a * b",
        "w = 1",
        "w = 1|a = 2 * w; loss = a * a",
    ),
    (
        "paths.many",
        "dloss/dw",
        "a = 2 * w; b = 3 * w; c = 4 * w; loss = a * b * c",
        "w = 1",
        "w = 1|a = 2 * w; loss = a",
    ),
    (
        "places",
        "dloss/dw",
        "a = w * exp(w); loss = 2 * a",
        "w = 1",
        "w = 1|a = 2 * w; b = 3 * w; loss = a * b",
    ),
    (
        "paths.same",
        "dloss/dw",
        "a = w @ w; loss = sum(a)",
        "w = [[1, 2], [3, 4]]",
        "w = 1|a = w * w; loss = 2 * a",
    ),
    (
        "paths.opposed",
        "dloss/dw",
        "a = 2 * w; b = 3 * w; loss = a**2 - b",
        "w = 1",
        "w = 1|a = 2 * w; b = 3 * w; loss = a**2 + b",
    ),
    (
        "paths.skip",
        "dloss/da",
        "a = 2 * w; f = tanh(a); r = a + f; loss = r @ r",
        "w = [1, 2]",
        "w = [1, 2]|a = 2 * w; f = tanh(a); r = a * f; loss = r @ r",
    ),
    (
        "paths.apart",
        "dloss/dw",
        "a = sum(w[:2]); b = sum(w[2:]); loss = a * b",
        "w = [1, 2, 3, 4]",
        "w = [1, 2, 3, 4]|a = sum(w[:3]); b = sum(w[2:]); loss = a * b",
    ),
    (
        "paths.time",
        "dloss/dw",
        "h[0] = x; h[1] = w * h[0]; h[2] = w * h[1]; loss = h[2]**2",
        "w = 2; x = 1",
        "w = 2; x = 1|a = w * x; b = w * a; loss = b**2",
    ),
    ("arrivals.none", "dloss/dw", "a = w * 2; b = relu(a); c = b * 3; loss = c", "w = -2", "w = 2"),
    (
        "renamed",
        "dloss/da",
        "a = 2 * w; b = a; loss = b**2",
        "w = 1",
        "w = 1|a = 2 * w; b = 3 * a; loss = b**2",
    ),
    (
        "renamed.beside",
        "dloss/da#1",
        "a = 2 * w; b = a; loss = b**2 + 3 * a",
        "w = 1",
        "w = 1|a = 2 * w; b = 4 * a; loss = b**2 + 3 * a",
    ),
    (
        "for.mse",
        "loss",
        "loss = mean((w - y)**2)",
        "w = [1, 2]; y = [3, 4]",
        "w = [1, 2]; y = [3, 4]|loss = mean((w - y)**3)",
    ),
    (
        "for.squares",
        "loss",
        "loss = sum((w - y)**2) / 2",
        "w = [1, 2]; y = [3, 4]",
        "w = [1, 2]; y = [3, 4]|loss = sum(w**2) / 2",
    ),
    (
        "for.difference.mean",
        "d",
        "m = mean(w); d = w - m; loss = d @ d",
        "w = [1, 2, 4]",
        "w = [1, 2, 4]|m = max(w); d = w - m; loss = d @ d",
    ),
    (
        "for.root.size",
        "s",
        "s = sqrt(mean(w**2)); loss = s",
        "w = [1, 2, 4]",
        "w = [1, 2, 4]|s = sqrt(mean(w**3)); loss = s",
    ),
    (
        "for.root.size_above_0",
        "s",
        "s = sqrt(mean(w**2) + 1e-5); loss = s",
        "w = [1, 2, 4]",
        "w = [1, 2, 4]|s = sqrt(mean(w**2)); loss = s",
    ),
    (
        "for.quotient.size",
        "n",
        "s = sqrt(mean(w**2) + 1e-5); n = w / s; loss = sum(n)",
        "w = [1, 2, 4]",
        "w = [0.001, 0.002, 0]",
    ),
    (
        "for.sum.right_class",
        "loss",
        "loss = -sum(y * log(w))",
        "w = [0.2, 0.8]; y = [0, 1]",
        "w = [0.2, 0.8]; y = [0.5, 0.5]",
    ),
    (
        "for.sum.all",
        "t",
        "t = sum(w); loss = t**2",
        "w = [1, 2]",
        "w = [1, 2]|t = sum(w) * 2; loss = t**2",
    ),
    (
        "for.sum.skip_input",
        "r",
        "f = tanh(X); r = X + f; loss = sum(w * r)",
        "X = [1, 2]; w = 2",
        "X = [1, 2]; w = 2|f = tanh(w * w); r = X + f; loss = sum(r)",
    ),
    (
        "for.product.each",
        "p",
        "p = w * x; loss = p @ p",
        "w = 1; x = [1, 2]",
        "w = 1; x = 2|p = w * x; loss = p",
    ),
    (
        "for.product.input",
        "b",
        "a = w * x; b = v * a; loss = b**2",
        "w = 1; v = 2; x = 3",
        "w = 1; v = 2; x = 3|b = w * v; loss = b * x",
    ),
    (
        "for.matrix.compares_one",
        "s",
        "H = 2 * W; q = 2 * v; s = H @ q; loss = sum(s)",
        "W = [[1, 2]]; v = [3, 4]",
        "W = [[1, 2]]; v = [3, 4]|s = W @ v; loss = sum(s)",
    ),
    (
        "for.matrix.mixes_one",
        "c",
        "a = softmax(v); c = a @ W; loss = sum(c)",
        "W = [[1, 2], [3, 4]]; v = [3, 4]",
        "W = [[1, 2], [3, 4]]; v = [3, 4]|a = tanh(v); c = a @ W; loss = sum(c)",
    ),
    (
        "for.heads.two",
        "h",
        "h = transpose(reshape(2 * W, (2, 2, 2)), (1, 0, 2)); loss = sum(h)",
        "W = [[1, 2, 3, 4], [5, 6, 7, 8]]",
        "W = [[1, 2, 3], [5, 6, 7]]"
        "|h = transpose(reshape(2 * W, (2, 3, 1)), (1, 0, 2)); loss = sum(h)",
    ),
    (
        "for.heads_joined",
        "j",
        "h = transpose(reshape(2 * W, (2, 2, 2)), (1, 0, 2)); "
        "j = reshape(transpose(h, (1, 0, 2)), (2, 4)); loss = sum(j)",
        "W = [[1, 2, 3, 4], [5, 6, 7, 8]]",
        "W = [[1, 2, 3, 4], [5, 6, 7, 8]]|h = reshape(2 * W, (2, 2, 2)); "
        "j = reshape(transpose(h, (2, 0, 1)), (2, 4)); loss = sum(j)",
    ),
    (
        "for.shape",
        "f",
        "f = flatten(2 * W); loss = f @ f",
        "W = [[1, 2]]",
        "W = [[1, 2]]|f = 2 * W; loss = sum(f)",
    ),
    (
        "for.answer",
        "a",
        "a = argmax(w); loss = sum(w)",
        "w = [1, 2]",
        "w = [1, 2]|a = 2 * argmax(w); loss = sum(w)",
    ),
    (
        "for.beginning",
        "h[0]",
        "h[0] = zeros(2); h[1] = tanh(h[0] + w); loss = sum(h[1])",
        "w = [1, 2]",
        "w = [1, 2]|h[0] = ones(2); h[1] = tanh(h[0] + w); loss = sum(h[1])",
    ),
    (
        "for.yes_or_no",
        "a",
        "a = step(w); loss = sum(a * w)",
        "w = [1, 2]",
        "w = [1, 2]|a = sign(w); loss = sum(a * w)",
    ),
    (
        "for.name",
        "b",
        "a = 2 * w; b = a; loss = b**2",
        "w = 1",
        "w = 1|a = 2 * w; b = a * 1; loss = b**2",
    ),
    (
        "for.penalty",
        "ridge",
        "data = sum((w - y)**2); ridge = 0.1 * sum(w**2); loss = data + ridge",
        "w = [1, 2]; y = [3, 4]",
        "w = [1, 2]; y = [3, 4]|data = sum((w - y)**2); ridge = sum(w**2); loss = data / ridge",
    ),
    (
        "for.penalty",
        "lasso",
        "lasso = 0.1 * sum(abs(w)); loss = (w @ y)**2 + lasso",
        "w = [1, 2]; y = [3, 4]",
        "w = [1, 2]; y = [3, 4]|lasso = -sum(abs(w)); loss = (w @ y)**2 + lasso",
    ),
    (
        "for.sum.terms",
        "loss",
        "data = (w - y)**2; ridge = w**2; loss = data + ridge",
        "w = 1; y = 3",
        "w = 1; y = 3|loss = w + y",
    ),
    (
        "for.rows",
        "e",
        "e = w[ids]; loss = sum(e)",
        "w = [[1], [2]]; ids = [1]",
        "w = [1]; ids = [0]",
    ),
    (
        "for.rows.numbers",
        "e",
        "e = w[ids]; loss = sum(e)",
        "w = [1]; ids = [0]",
        "w = [[1], [2]]; ids = [1]",
    ),
    (
        "for.guess",
        "loss",
        "p = w * x; loss = (p - y)**2",
        "w = 1; x = 2; y = 3",
        "w = 1; x = 2; y = 3|p = w * x; loss = p**2 + y",
    ),
    (
        "for.product.weight",
        "p",
        "p = w * x; loss = (p - y)**2",
        "w = 1; x = 2; y = 3",
        "w = 1; v = 2; y = 3|p = w * v; loss = (p - y)**2",
    ),
    (
        "for.matrix.rows_ask",
        "z",
        "z = W @ x; loss = sum(z)",
        "W = [[1, 2]]; x = [1, 3]",
        "W = [[1, 2]]; x = [[1], [3]]",
    ),
    (
        "for.matrix.compares",
        "S",
        "Q = 2 * V; K = 3 * V; S = Q @ K.T; loss = sum(S)",
        "V = [[1, 2], [3, 4]]",
        "V = [[1, 2], [3, 4]]|Q = 2 * V; K = 3 * V; S = Q @ K; loss = sum(S)",
    ),
    (
        "for.matrix.mixes",
        "Z",
        "A = softmax(S); Z = A @ V; loss = sum(Z * Z)",
        "S = [[1, 2], [3, 4]]; V = [[1], [2]]",
        "S = [[1, 2], [3, 4]]; V = [[1], [2]]|A = exp(S); Z = A @ V; loss = sum(Z * Z)",
    ),
    (
        "for.sum.rows",
        "z",
        "z = X + b; loss = sum(z**2)",
        "X = [[1, 2], [3, 4]]; b = [0, 1]",
        "X = [[1, 2], [3, 4]]; b = [[0, 1], [2, 3]]",
    ),
    (
        "for.sum.skip",
        "r",
        "a = 2 * w; f = tanh(a); r = a + f; loss = r @ r",
        "w = [1, 2]",
        "w = [1, 2]|a = 2 * w; f = tanh(w); r = a + f; loss = r @ r",
    ),
    (
        "for.quotient.shares",
        "p",
        "s = sum(e); p = e / s; loss = p @ p",
        "e = [1, 2]",
        "e = [1, 2]|s = max(e); p = e / s; loss = p @ p",
    ),
    (
        "for.relu.count",
        "a",
        "a = relu(w); loss = sum(a)",
        "w = [-1, 2]",
        "w = -1|a = relu(w); loss = a",
    ),
)

# The same for updates: the line, the training, numbers for which it holds, and for which not.
UPDATES = (
    ("move.up", "w'", RATE, "w = 1; y = 2", "w = 3; y = 2"),
    ("move.down", "w'", RATE, "w = 3; y = 2", "w = 1; y = 2"),
    ("move.stays", "w'", RATE, "w = 2; y = 2", "w = 1; y = 2"),
    ("move.overshoots", "w'", "learning_rate = 0.8", "w = 1; y = 2", "w = 2; y = 2"),
    ("move.mirrored", "w'", "learning_rate = 1", "w = 1; y = 2", "w = 2; y = 2"),
    ("move.climbs", "w'", "learning_rate = 1.1", "w = 1; y = 2", "w = 2; y = 2"),
    (
        "velocity.first",
        "v[w]'",
        'optimizer = "momentum"; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 2; y = 2",
    ),
    (
        "mean.first",
        "m[w]'",
        'optimizer = "adam"; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 2; y = 2",
    ),
    (
        "mean.corrected",
        "m_hat[w]",
        'optimizer = "adam"; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 2; y = 2",
    ),
    (
        "squares.first",
        "v[w]'",
        'optimizer = "adam"; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 2; y = 2",
    ),
    ("rate.sign", "w'", 'optimizer = "adam"; learning_rate = 0.1', "w = 1; y = 2", "w = 2; y = 2"),
    (
        "rate.leap",
        "w'",
        'optimizer = "rmsprop"; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 2; y = 2",
    ),
    (
        "decay.added",
        "penalized[w]",
        'optimizer = "adam"; weight_decay = 0.1; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 0; y = 2",
    ),
    (
        "mean.first",
        "m[w]'",
        'optimizer = "adam"; weight_decay = 0.5; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 4; y = 5",
    ),
    (
        "rate.sign",
        "w'",
        'optimizer = "adamax"; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 2; y = 2",
    ),
    (
        "rate.sign_apart",
        "w'",
        'optimizer = "adamw"; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 0; y = 2",
    ),
    (
        "decay.apart",
        "decayed[w]",
        'optimizer = "adamw"; learning_rate = 0.1',
        "w = 1; y = 2",
        "w = 0; y = 2",
    ),
)


# What a condition has to rule out: ties, zeros, signs, sizes.
NOT_SAID = (
    ("product.fixed", "dloss/dw", "w = 1", "loss = 0.5 * w"),
    ("quotient.fixed", "dloss/dw", "w = 1", "loss = w / 0.25"),
    ("quotient.fixed", "dloss/dw", "w = 1", "loss = w / (-4)"),
    ("quotient.below", "dloss/dw", "w = 2; v = -3", "loss = v / w"),
    ("quotient.below", "dloss/dw", "w = 2", "loss = -4 / w"),
    ("relu.off", "dloss/dw", "w = [0, 0]", "a = relu(w); loss = sum(a)"),
    ("relu.some", "dloss/dw", "w = [0, 2]", "a = relu(w); loss = sum(a)"),
    ("leaky.below", "dloss/dw", "w = [0, 2]", "a = leaky_relu(w); loss = sum(a)"),
    ("leaky.below", "dloss/dw", "w = [-1, 2]", "a = leaky_relu(w, 0); loss = sum(a)"),
    (
        "filter.input",
        "dloss/dh",
        "W = [[1, 2]]; k = [[[3]]]",
        "h = 2 * W; a = conv1d(h, k); loss = sum(a)",
    ),
    (
        "filter.input",
        "dloss/dh",
        "W = [[1, 2]]; k = [[[3, 1]]]",
        "h = 2 * W; a = conv1d(h, k); loss = sum(a)",
    ),
    (
        "matrix.weight",
        "dloss/dh",
        "V = [[1, 2], [3, 4]]; w = [2, 1]",
        "h = 2 * V; o = h @ w; loss = o @ o",
    ),
    ("paths.skip", "dloss/da", "w = [1, 2]", "a = 2 * w; b = a; c = a * b; loss = sum(c)"),
    ("paths.skip", "dloss/da", "w = [1, 2]", "a = 2 * w; m = mean(a); c = a - m; loss = c @ c"),
    (
        "larger.wins",
        "dloss/dw",
        "w = [1, 9]; x = [3, 2]",
        "a = minimum(w, x); b = maximum(a, -1); loss = sum(b)",
    ),
    ("yes_no.sigmoid", "dloss/dp", "w = 2; y = 0", "p = sigmoid(40 * w); loss = bce(p, y)"),
    ("yes_no.steep", "dloss/dp", "w = 1; y = 0", "p = 1 * w; loss = bce(p, y)"),
    ("absolute.side", "dloss/dw", "w = [1, 2]; y = [1, 9]", "loss = mae(w, y)"),
    (
        "softmax.masked",
        "dloss/dw",
        "w = [800, 0, 1]; x = [1, 2, 3]",
        "p = softmax(w); loss = p @ x",
    ),
    (
        "even.pool",
        "dloss/dw",
        "w = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]",
        "p = avg_pool1d(w, 4, stride=2); loss = p @ p",
    ),
    ("log.steep", "dloss/dw", "w = [1e-300, 1]", "a = clipped_log(w); loss = sum(a)"),
    ("for.norm.plain", "n", "w = [2, 2]; x = [1, 3]", "n = standardize(w); loss = n @ x"),
    ("for.product.weight", "h", "w = 1; x = 2; y = 3", "h = w * x; p = 2 * h; loss = (p - y)**2"),
    ("for.sum.bias", "z", "w = 2", "a = w - 1; z = a + w; loss = z**2"),
    ("extreme.one_place", "dloss/dw", "w = [[3, 3, 1]]", "a = max(w, axis=1); loss = sum(a)"),
    # A valley, and no data that it could be a penalty beside.
    ("for.penalty", "loss", "w = 1; v = 2", "loss = w**2 + 10 * v**2"),
    # 2 wins in one row and loses in another.
    ("extreme.first", "dloss/dw", "w = [[3, 2], [2, 1]]", "a = max(w, axis=1); loss = sum(a)"),
    # The rows of H went through W, whatever else trains.
    (
        "matrix.weight_columns",
        "dloss/dH",
        "H = [[1, 2], [3, 4]]; W = [[1, 0], [2, 1]]",
        "Z = H @ W; loss = sum(Z)",
    ),
    # One column makes one number of each row, and a loss is no layer.
    (
        "for.matrix.each_row",
        "z",
        "X = [[1, 2], [3, 4]]; w = [1, 0]; y = [1, 2]",
        "z = X @ w; loss = mse(z, y)",
    ),
    (
        "for.matrix.each_row_once",
        "loss",
        "X = [[1, 2], [3, 4]]; w = [1, 0]; y = [1, 2]",
        "loss = sum(abs(X @ w - y))",
    ),
    # What is multiplied by itself is no gate of itself.
    ("product.gate", "dloss/ds", "w = [1, 2]", "s = softmax(w); loss = sum(s * s)"),
)


@pytest.mark.parametrize(("id", "step", "given", "equations"), NOT_SAID)
def test_a_reason_is_not_said_where_a_tie_a_sign_or_a_size_makes_it_false(
    id: str, step: str, given: str, equations: str
) -> None:
    """The step is there, and what is said of others of its kind would be wrong of it."""
    assert id not in {item.reason.id for item in reasons_at(small(given, equations), step)}


def line_words(trace: Trace, number: int = 1) -> dict[str, list[str]]:
    """Return what holds of each line of an update, whatever is special about its numbers."""
    iteration = trace.iteration(number)
    finder = ReasonFinder(iteration, 6)
    updates = iteration.program.phase("update")
    return {
        item.name: [it.full.template for it in told(finder.reasons(iteration, item))]
        for item in updates
    }


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_line_of_an_update_has_a_reason(optimizer: str) -> None:
    """In any iteration: what its law says, where nothing is special about its numbers."""
    training = f'optimizer = "{optimizer}"; weight_decay = 0.1; learning_rate = 0.1; iterations = 3'
    trace = small("w = [1, 2, 7]; y = [2, 8, 9]", "loss = sum((w - y)**2)", training)
    for number in (1, 3):
        assert all(line_words(trace, number).values())


def test_a_line_of_an_update_says_why_it_stands_in_the_rule() -> None:
    """By its name or its formula in the law; what all parameters share says that."""
    training = 'optimizer = "nadam"; learning_rate = 0.1'
    words = line_words(small("w = [1, 2]; y = [2, 8]", "loss = sum((w - y)**2)", training), 2)
    assert words["m_hat[w]"][-1].startswith("As with nesterov")
    assert words["mu"][0].startswith("The weight of the running mean in a step")


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_the_first_step_of_many_numbers_is_the_sign_too(optimizer: str, number: int) -> None:
    """They are too many to look at; later on gradients may agree or not."""
    equations = "w = broadcast(v, (100, 50)) * u; loss = mean(w)"
    training = f'optimizer = "{optimizer}"; learning_rate = 0.1'
    text = small("v = 1; u = 2", equations, training).scenario.text
    text = text.replace("u = 2", 'u = {shape = [100, 50], init = "ones"}')
    trace = run_scenario(loads(text))
    first, *_ = reasons_at(trace, "u'", number)
    assert ("In the first step" in first.reason.full) == (number == 1)


def test_no_short_sentence_is_said_again_as_it_is() -> None:
    """What is special about numbers is said at each step, but of other numbers or quantities."""
    reason, page = Reason("r", lambda it: {}, "In full, {x}.", "{x} again.", 3), ReasonPage()
    slots = [{"x": Name("a")}, {"x": Name("a")}, {"x": Name("b")}, {"x": Name("b")}]
    said = [page.choose([Spoken(reason, slot, 6)]) for slot in slots]
    templates = [[template for _, template in choice] for choice in said]
    assert templates == [["In full, {x}."], ["{x} again."], ["{x} again."], []]


def test_what_has_a_gradient_in_it_is_not_the_same_for_all_parameters() -> None:
    """A velocity that a rule of one's own has beside its parameters."""
    trace = run_scenario(load("optimizers_side_by_side"))
    (velocity,) = (it for it in trace.program.phase("update") if it.name == "v'")
    assert not velocity.wrt
    words = line_words(trace)
    assert SHARED.full not in words["v'"]
    assert words["s'"] == [MIXED.full]


def pieces(numbers: str, equations: str) -> tuple[str, str]:
    """Return what is given and the equations; behind a bar stand equations of their own."""
    given, _, own = numbers.partition("|")
    return given, own or equations


@pytest.mark.parametrize(
    ("id", "step", "equations", "holds", "fails"),
    SMALL,
    ids=[row[0] for row in SMALL],
)
def test_a_reason_is_said_of_one_small_program_and_not_of_another(
    id: str, step: str, equations: str, holds: str, fails: str
) -> None:
    """Beside each reason's instance stands one of the same kind where it would be wrong."""
    trace = small(*pieces(holds, equations))
    assert id in {item.reason.id for item in reasons_at(trace, step)}
    trace = small(*pieces(fails, equations))
    names = [item.name for item in trace.program.equations]
    assert step not in names or id not in {item.reason.id for item in reasons_at(trace, step)}


@pytest.mark.parametrize(
    ("id", "step", "training", "holds", "fails"),
    UPDATES,
    ids=[row[0] for row in UPDATES],
)
def test_a_reason_of_an_update_is_said_of_one_run_and_not_of_another(
    id: str, step: str, training: str, holds: str, fails: str
) -> None:
    """An update's reasons ask the numbers of the step, whatever the optimizer is called."""
    assert id in {item.reason.id for item in reasons_at(small(holds, SQUARED, training), step)}
    assert id not in {item.reason.id for item in reasons_at(small(fails, SQUARED, training), step)}


@pytest.mark.parametrize(
    ("given", "equations", "x"),
    [
        ("w = 2; x = 3", "z = sum([w, 2*w, w*x]) + w*x; loss = z", "w"),
        ("w = [1, 2]; x = [3, 4]", "z = w/x - softmax(w*2) * w; loss = z @ x", "w"),
    ],
)
def test_each_place_of_a_quantity_has_the_reason_of_its_own_share(
    given: str, equations: str, x: str
) -> None:
    """A factor or a divisor that is named is the one in that share of the gradient."""
    trace = small(given, equations)
    looked_at = 0
    for item in trace.program.phase("backward"):
        for spoken in reasons_at(trace, item.name) if item.wrt == x and item.path else ():
            other = spoken.slots.get("other")
            if spoken.reason.id in ("product.swap", "quotient.above") and isinstance(other, Name):
                assert other.id in names_in(item.expression), (item.name, spoken.reason.id)
                looked_at += 1
            if spoken.reason.id in ("product.fixed", "quotient.fixed") and not item.shape:
                share = np.max(np.abs(trace.iteration(1)[item.name]))
                assert share in (spoken.slots["value"], 1 / float(str(spoken.slots["value"])))
                looked_at += 1
    assert looked_at


def test_rows_that_are_moved_before_a_product_have_its_reason() -> None:
    """What went through the weights is named as it stands there, as the joined heads are."""
    trace = small("V = [[1, 2], [3, 4]]; W = [[1], [2]]", "A = 2 * V; Z = A.T @ W; loss = sum(Z)")
    found = {item.reason.id: item for item in reasons_at(trace, "dloss/dA")}
    operand = found["matrix.input_rows"].slots["operand"]
    assert isinstance(operand, Call)
    assert operand.operation == "transpose_last"


def test_heads_behind_weights_have_both_reasons_however_often_the_first_was_said() -> None:
    """What goes back through W after other weights still says that each head gets its own part."""
    trace = small(
        "W = [[1, 2, 3, 4], [5, 6, 7, 8]]; U = [[1, 0], [2, 1], [0, 1], [1, 2]]; "
        "V = [[1, 2], [3, 5]]; R = [[1, 2], [0, 1]]",
        "h = transpose(reshape(2 * W, (2, 2, 2)), (1, 0, 2)); "
        "a = reshape(transpose(h, (1, 0, 2)), (2, 4)) @ U; b = a @ V; c = b @ R; loss = sum(c * c)",
    )
    iteration, page = trace.iteration(1), ReasonPage()
    said = {
        step.name: [spoken.reason.id for spoken, _ in page.choose(step.reasons)]
        for step in StepNarrator().steps(iteration)
    }
    assert said["dloss/db"] == ["matrix.input_rows"]
    assert said["dloss/dh"] == ["heads.split"]  # the weights' reason was said twice before


def test_what_stands_twice_in_a_result_is_not_what_the_result_follows() -> None:
    """The difference v − v does not move with v, nor a square with one factor."""
    for given, equations, name in (
        ("v = 2", "z = v - v; loss = z", "v"),
        ("w = 2", "z = w * w; loss = z", "w"),
    ):
        trace = small(given, equations)
        for item in trace.program.phase("backward"):
            if item.wrt == name:
                ids = {it.reason.id for it in reasons_at(trace, item.name)}
                assert not ids & {
                    *("difference.taken", "difference.copies", "product.counts"),
                    *("sum.bias", "sum.copies"),
                }


def test_momentum_is_faster_while_gradients_agree_and_slower_where_they_turn() -> None:
    """The second step goes on from the first; after an overshoot the gradient pulls back."""
    training = 'optimizer = "momentum"; learning_rate = {}; momentum = 0.9; iterations = 3'
    slow = small("w = 1; y = 2", SQUARED, training.format(0.01))
    fast = small("w = 1; y = 2", SQUARED, training.format(0.6))
    assert {item.reason.id for item in reasons_at(slow, "v[w]'", 2)} >= {"velocity.faster"}
    assert {item.reason.id for item in reasons_at(fast, "v[w]'", 2)} >= {"velocity.opposed"}
    assert "velocity.opposed" not in {item.reason.id for item in reasons_at(slow, "v[w]'", 2)}


def test_a_step_back_as_steep_as_before_does_not_climb() -> None:
    """At the rate that mirrors the slope, it is neither steeper nor flatter on the other side."""
    ids = {
        item.reason.id
        for item in reasons_at(small("w = 1; y = 2", SQUARED, "learning_rate = 1"), "w'")
    }
    assert "move.mirrored" in ids
    assert not ids & {"move.climbs", "move.overshoots"}


def test_a_turned_slope_is_blamed_on_a_step_only_where_no_other_step_goes_into_it() -> None:
    """The slope of w turns here because b goes too far; apart from each other both are blamed."""
    apart = small("w = 0.5; b = 0.5", "loss = w**2 + b**2", "learning_rate = 0.8")
    for step in ("w'", "b'"):
        assert "move.overshoots" in {item.reason.id for item in reasons_at(apart, step)}
    trace = small("w = 0.5; b = 0.5; y = 1", "loss = (w + 10*b - y)**2", "learning_rate = 0.0095")
    for step in ("w'", "b'"):
        ids = {item.reason.id for item in reasons_at(trace, step)}
        assert not ids & {"move.climbs", "move.overshoots", "move.mirrored"}


# Claims, worked out anew --------------------------------------------------------------------------


class Said:
    """A reason that was found, with what an independent computation needs."""

    def __init__(self, iteration: Iteration, equation: Equation, spoken: Spoken) -> None:
        self.iteration = iteration
        self.equation = equation
        self.id = spoken.reason.id
        # What a sentence does not name is known all the same.
        around: dict[str, Any] = {}
        for reason, use in ReasonFinder(iteration, 6).possible_reasons(equation):
            if not isinstance(use, OperandUse) or reason.id != spoken.reason.id:
                continue
            if spoken.call in (None, use.call):
                around = {"x": use.x, "y": use.y}
                if len(use.operands) == 2 and use.position in (0, 1):
                    around["other"] = use.other
        self.slots = {**around, **spoken.full.slots}

    def array(self, name: str) -> Any:
        """Return a quantity of the iteration."""
        return np.asarray(self.iteration[name], dtype=float)

    @property
    def gradient(self) -> Any:
        """The value of the step."""
        return self.array(self.equation.name)

    @property
    def wrt(self) -> Any:
        """The value of what the step is the gradient of."""
        return self.array(self.equation.wrt)

    def upstream(self) -> Any:
        """Return the gradient that comes in."""
        user = slot_name(self.slots["y"])
        return 1.0 if user == self.equation.of else self.array(f"d{self.equation.of}/d{user}")

    def number(self, slot: str) -> float:
        """Return a figure of the sentence."""
        return node_value(self.slots[slot])

    def close(self, one: Any, other: Any) -> bool:
        """Tell whether two values agree but for the rounding of a run."""
        return bool(np.allclose(one, other, rtol=2e-5, atol=1e-12))


def slot_name(slot: object) -> str:
    """Return the quantity that a sentence names."""
    assert isinstance(slot, Name)
    return slot.id


def node_value(slot: object) -> float:
    """Return a figure, as a number."""
    if isinstance(slot, int):
        return float(slot)
    if isinstance(slot, Call) and slot.operation == "negative":
        return -node_value(slot.arguments[0])
    assert isinstance(slot, Number)
    return float(slot.text)


def value_of(said: Said, slot: str) -> Any:
    """Return the value of a quantity, or of an entry of one, that a sentence names."""
    node = said.slots[slot]
    if isinstance(node, Name):
        return said.array(node.id)
    if not isinstance(node, Call) or node.operation != "index":
        return node_value(node)
    base, *index = node.arguments
    return said.array(slot_name(base))[tuple(int(node_value(item)) for item in index)]


def direct(said: Said) -> bool:
    """Tell whether the quantity itself is an operand of what its user computes."""
    user = said.iteration.program.equation(said.equation.path)
    return Name(said.equation.wrt) in user.expression.children()


def error_sign(sign: int) -> Callable[[Said], bool]:
    """Claim on which side of its target a guess lies."""
    return lambda said: (
        np.sign(value_of(said, "x") - value_of(said, "other")) == sign
        and np.sign(said.gradient) == sign
    )


def row_sums(said: Said) -> bool:
    """Claim that each row adds up to 0."""
    rows = said.gradient.reshape(-1, said.gradient.shape[-1])
    return bool(np.all(np.abs(rows.sum(axis=-1)) <= 2e-5 * np.abs(rows).sum(axis=-1) + 1e-12))


def slopes(said: Said) -> Any:
    """Return the slopes of tanh or of the sigmoid, from its net input."""
    z = said.wrt
    return 1 - np.tanh(z) ** 2 if said.id.startswith("tanh") else 1 / (2 + np.exp(z) + np.exp(-z))


def within(said: Said, values: Any) -> bool:
    """Claim where values begin and end."""
    return said.close(values.min(), said.number("low")) and said.close(
        values.max(), said.number("high")
    )


def moved(said: Said) -> Any:
    """Return how far a parameter goes."""
    wrt = said.equation.wrt
    return said.array(said.iteration.program.carried[wrt]) - said.array(wrt)


def slope_of(said: Said) -> Any:
    """Return the gradient of the parameter that a line updates."""
    return said.array(f"d{said.iteration.program.loss}/d{said.equation.wrt}")


def taken(said: Said) -> Any:
    """Return what the rule takes for this gradient: with weight decay, where there is some."""
    penalized = f"penalized[{said.equation.wrt}]"
    return said.array(penalized) if penalized in set(said.iteration) else slope_of(said)


def rate(said: Said) -> float:
    """Return the learning rate."""
    return float(said.iteration["learning_rate"])


def silent_input(said: Said) -> bool:
    """Claim that an input is 0, and the gradients of the weights that it is multiplied by."""
    entry = said.slots["entry"]
    assert isinstance(entry, Call)
    place = int(node_value(entry.arguments[-1]))
    weight, user = Name(said.equation.wrt), said.iteration.program.equation(said.equation.path)
    is_behind = any(  # W in x W, not in W x
        isinstance(node, Call) and node.operation == "matmul" and node.arguments[1] == weight
        for node in walk(user.expression)
    )
    felt = np.take(said.gradient, place, axis=0 if is_behind else 1)
    return bool(value_of(said, "entry") == 0 and not felt.any())


def one_length(said: Said) -> bool:
    """Claim that entries with a slope go equally far against it, and the others not at all."""
    moves, slopes = moved(said), slope_of(said)
    felt = slopes != 0
    return bool(
        not moves[~felt].any()
        and np.allclose(moves[felt], -np.sign(slopes[felt]) * said.number("step"), rtol=0.02)
    )


CLAIMS: dict[str, Callable[[Said], Any]] = {
    "error.too_small": error_sign(-1),
    "error.too_large": error_sign(1),
    "sum.bias": lambda s: s.close(s.gradient.ravel(), s.upstream().ravel()),
    "sum.copies": lambda s: s.close(s.gradient, s.upstream()),
    "sum.rows": lambda s: (
        s.close(s.gradient.ravel(), s.upstream().reshape(-1, s.gradient.size).sum(axis=0))
        and s.upstream().size == s.number("count") * s.gradient.size
    ),
    "difference.centred": lambda s: abs(s.gradient).max() <= 1e-9 * abs(s.upstream()).max(),
    "product.counts": lambda s: (
        s.close(value_of(s, "other"), s.number("value"))
        and s.close(s.gradient, s.upstream() * s.number("value"))
    ),
    "product.zero": lambda s: not s.gradient.any(),
    "mse.errors": lambda s: s.close(
        s.gradient, s.upstream() * 2 * (value_of(s, "x") - value_of(s, "other")) / s.number("count")
    ),
    "squares.errors": lambda s: s.close(s.gradient, 2 * (value_of(s, "x") - value_of(s, "other"))),
    "half.errors": lambda s: s.close(s.gradient, value_of(s, "x") - value_of(s, "other")),
    "classes.p_minus_y": lambda s: s.close(s.gradient.sum(), 0) or abs(s.gradient.sum()) < 1e-7,
    "classes.p_minus_y_mean": row_sums,
    "yes_no.logits_mean": lambda s: (
        abs(s.gradient).max() * s.number("count") <= 1 and s.gradient.size == s.number("count")
    ),
    "classes.wrong": lambda s: (
        s.close(1 + s.gradient.min(), s.number("value")) and s.gradient.max() + 0 > 0
    ),
    "classes.sure": lambda s: s.number("value") >= 0.95,
    "sigmoid.saturated": lambda s: (
        s.close(slopes(s).min(), s.number("slope"))
        and s.number("slope") < 0.01
        and s.close(value_of(s, "x"), s.number("at"))
    ),
    "tanh.saturated": lambda s: (
        s.close(slopes(s).min(), s.number("slope")) and s.number("slope") < 0.01
    ),
    "sigmoid.slope": lambda s: s.close(slopes(s), s.number("slope")),
    "sigmoid.slopes": lambda s: within(s, slopes(s)) and s.number("high") <= 0.25,
    "tanh.slopes": lambda s: within(s, slopes(s)) and s.number("high") <= 1,
    "tanh.straight": lambda s: s.close(slopes(s).min(), s.number("low")) and s.number("low") >= 0.9,
    "relu.off": lambda s: not s.gradient.any() and (not direct(s) or (s.wrt < 0).all()),
    "relu.some": lambda s: (
        not direct(s)
        or (
            (s.wrt > 0).sum() == s.number("above")
            and s.wrt.size == s.number("count")
            and not s.gradient[s.wrt <= 0].any()
        )
    ),
    "relu.corner": lambda s: not direct(s) or (s.wrt == 0).sum() == s.number("zero"),
    "relu.on": lambda s: not direct(s) or (s.wrt > 0).all(),
    "leaky.below": lambda s: (s.wrt < 0).sum() == s.number("count"),
    "smooth.slope": lambda s: s.close(s.gradient, s.number("slope")),
    "smooth.bends_back": lambda s: s.number("low") < 0,
    "log.steep": lambda s: 0 < s.number("low") < 0.1,
    "softmax.rows_cancel": row_sums,
    "log_softmax.rows_cancel": row_sums,
    "norm.no_stretch": lambda s: (
        row_sums(s)
        and (
            abs((s.gradient * s.wrt).sum(axis=-1)) <= 0.01 * abs(s.gradient * s.wrt).sum(axis=-1)
        ).all()
    ),
    "norm.groups_cancel": lambda s: s.close(
        s.gradient.reshape(len(s.gradient), int(s.number("groups")), -1).sum(axis=-1), 0
    ),
    "sum.each": lambda s: not direct(s) or np.ptp(s.gradient) <= 1e-6 * abs(s.gradient).max(),
    "product.often": lambda s: (
        not direct(s) or s.array(s.equation.path).size == s.number("count") * s.gradient.size
    ),
    "extreme.shared": lambda s: (s.gradient != 0).sum() == s.number("count"),
    "absolute.hit": lambda s: (s.gradient == 0).sum() == s.number("count"),
    "extreme.one_place": lambda s: (s.gradient == 0).sum() == s.number("count"),
    "matrix.computed_turned": lambda s: s.close(
        s.gradient, np.swapaxes(s.upstream(), -1, -2) @ s.array(slot_name(s.slots["other"]))
    ),
    "matrix.silent": lambda s: not s.gradient.any(),
    "matrix.silent_input": silent_input,
    "matrix.weight": lambda s: np.linalg.matrix_rank(s.gradient) <= 1,
    "matrix.weight_rows": lambda s: len(value_of(s, "other")) == s.number("count"),
    "matrix.mixed": lambda s: s.close(value_of(s, "other").sum(axis=-1), 1),
    "rows.some": lambda s: s.gradient.any(axis=-1).sum() <= s.number("used") < s.number("count"),
    "rows.again": lambda s: s.gradient.any(axis=-1).sum() <= s.number("used"),
    "dropout.mask": lambda s: (s.gradient == 0).sum() >= s.number("count"),
    "paths.opposed": lambda s: (
        s.number("one") * s.number("other") < 0 and s.close(s.gradient, s.number("total"))
    ),
    "arrivals.none": lambda s: (  # 0 as it is printed: floats leave less than that of one
        not np.any(abs(s.gradient) > 1e-10) and not np.any(abs(s.upstream()) > 1e-10)
    ),
    "move.up": lambda s: slope_of(s) < 0 < moved(s),
    "move.down": lambda s: moved(s) < 0 < slope_of(s),
    "move.stays": lambda s: not slope_of(s).any() and not moved(s).any(),
    "move.along": lambda s: moved(s) * slope_of(s) > 0,
    "move.one_length": one_length,
    "move.some_along": lambda s: (moved(s) * slope_of(s) > 0).sum() == s.number("along"),
    "move.entries": lambda s: (
        re.findall(r"\d+ \w", re.sub(r"\ball\b", str(moved(s).size), str(s.slots["ways"])))
        == [
            f"{count} {word}"
            for count, word in zip(
                ((moved(s) > 0).sum(), (moved(s) < 0).sum(), (moved(s) == 0).sum()),
                "rfs",
                strict=True,
            )
            if count
        ]
        and s.close(abs(moved(s)).max(), s.number("step"))
    ),
    "move.overshoots": lambda s: (
        s.number("slope") * s.number("later") < 0
        and abs(s.number("later")) < abs(s.number("slope"))
    ),
    "move.mirrored": lambda s: s.close(s.number("later"), -s.number("slope")),
    "move.climbs": lambda s: (
        s.number("slope") * s.number("later") < 0
        and abs(s.number("later")) > abs(s.number("slope"))
    ),
    "mean.first": lambda s: s.close(s.gradient, s.number("share") * taken(s)),
    "mean.corrected": lambda s: s.close(s.gradient, taken(s)),
    "squares.first": lambda s: s.close(s.gradient, s.number("share") * taken(s) ** 2),
    "rate.sign": lambda s: np.allclose(abs(moved(s))[slope_of(s) != 0], rate(s), rtol=0.01),
    "rate.sign_apart": lambda s: np.allclose(
        abs(s.gradient - s.array(f"decayed[{s.equation.wrt}]"))[slope_of(s) != 0],
        rate(s),
        rtol=0.01,
    ),
    "velocity.first": lambda s: s.close(s.gradient, taken(s)),
    "velocity.faster": lambda s: s.number("velocity") > s.number("slope"),
    "velocity.opposed": lambda s: (
        s.number("velocity")
        < s.number("slope") + abs(s.array(s.equation.name.removesuffix("'"))).sum()
    ),
    "decay.apart": lambda s: s.close(s.gradient, s.number("factor") * s.wrt),
    "for.sum.rows": lambda s: s.array(s.equation.name).shape[0] == s.number("count"),
    "for.relu.count": lambda s: (s.array(s.equation.name) > 0).sum() == s.number("above"),
    "for.matrix.mixes": lambda s: s.close(value_of(s, "left").sum(axis=-1), 1),
    "for.guess": lambda s: s.close(value_of(s, "x"), s.number("guess")),
}


def runs(scenarios: Iterable[str]) -> tuple[Trace, ...]:
    """Return some bundled scenarios and the small programs, run."""
    programs = [small(*pieces(row[3], row[2])) for row in SMALL]
    updates = [small(row[3], SQUARED, row[2]) for row in UPDATES]
    kept = [run_scenario(load(name), record="checkpoints") for name in scenarios]
    return (*kept, *programs, *updates)


def found_in(trace: Trace) -> Iterator[Said]:
    """Yield all reasons that hold in the first two iterations of a run."""
    narrator = StepNarrator(12)
    for number in range(1, min(len(trace), 2) + 1):
        iteration = trace.iteration(number)
        for equation in iteration.program.equations:
            for spoken in told(narrator.reasons(iteration, equation)):
                yield Said(iteration, equation, spoken)


@pytest.mark.parametrize(
    "scenarios",
    [
        pytest.param(CHOSEN, id="chosen"),
        pytest.param(SCENARIOS, id="all", marks=pytest.mark.proof),
    ],
)
def test_what_reasons_claim_is_so(scenarios: Sequence[str]) -> None:
    """Every sentence with a claim about numbers is worked out anew with NumPy."""
    checked: dict[str, int] = {}
    wrong = []
    for trace in runs(scenarios):
        for said in found_in(trace):
            claim = CLAIMS.get(said.id)
            if claim is None:
                continue
            checked[said.id] = checked.get(said.id, 0) + 1
            if not claim(said):
                wrong.append((trace.scenario.name, said.id, said.equation.name))
    assert not wrong, wrong[:5]
    rare = {"velocity.faster", "velocity.opposed"}
    rare |= {"move.along", "move.one_length", "move.some_along"}
    assert set(checked) >= set(CLAIMS) - rare


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        pytest.param("w - rate * dloss/dw", {"move.entries"}, id="against"),
        pytest.param("w - rate * dloss/dw / 3", set(), id="no setting of its own"),
        pytest.param("w + rate * dloss/dw", set(), id="ascent needs no memory"),
        pytest.param("w - rate * sign(dloss/dw)", {"move.one_length"}, id="signs"),
        pytest.param("w - rate * dloss/dw - [0, 1]", {"move.some_along"}, id="one is pulled on"),
    ],
)
def test_updates_by_a_rule_of_ones_own_are_explained(rule: str, said: set[str]) -> None:
    """By what they come to: a setting of any name may be the rate."""
    update = f'rate = 0.1; iterations = 2; [training.update]; equations = "w\' = {rule}"'
    trace = small("w = [1, 5]; y = [2, 8]", "loss = sum((w - y)**2)", update)
    assert {spoken.reason.id for spoken in reasons_at(trace, "w'")} == said


def test_entries_that_go_along_their_slopes_are_counted() -> None:
    """Two of three are pulled along by what the rule adds."""
    rule = "w - rate * dloss/dw - [0, 1, 1]"
    update = f'rate = 0.1; iterations = 2; [training.update]; equations = "w\' = {rule}"'
    trace = small("w = [1, 5, 6]; y = [2, 8, 9]", "loss = sum((w - y)**2)", update)
    (spoken,) = reasons_at(trace, "w'")
    assert (spoken.slots["along"], spoken.slots["count"]) == (2, 3)


@pytest.mark.parametrize(("push", "is_said"), [("0", True), ("[0, 0, 1]", False)])
def test_entries_that_move_are_said_to_go_equally_far(push: str, is_said: bool) -> None:
    """One that has no slope may stay, but not go another way."""
    rule = f"w - rate * sign(dloss/dw) - {push}"
    update = f'rate = 0.1; iterations = 2; [training.update]; equations = "w\' = {rule}"'
    trace = small("w = [1, 5, 9]; y = [2, 8, 9]", "loss = sum((w - y)**2)", update)
    said = {spoken.reason.id for spoken in reasons_at(trace, "w'")}
    assert ("move.one_length" in said) == is_said


def test_at_least_forty_reasons_have_an_instance_and_a_counter_example() -> None:
    """What is tested are the reasons that rows have, and no others."""
    tested = {row[0] for row in (*SMALL, *UPDATES)}
    assert tested <= set(all_reasons())
    assert len([id for id in tested if not id.startswith("for.")]) >= 100


# On a page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_no_reason_is_said_in_full_more_than_once_on_a_page(name: str) -> None:
    """Names and figures are in slots: the same sentence is the same template.

    In short it stands once more.
    """
    trace = run_scenario(load(name), record="checkpoints")
    seldom = {item.full for item in all_reasons().values()}
    show = (1, 2) if len(trace) > 1 else None
    counts: dict[str, int] = {}
    for block in derivation(trace, Options(show=show)):
        for sentence in block.sentences if isinstance(block, Paragraph) else ():
            if sentence.template in seldom:
                counts[sentence.template] = counts.get(sentence.template, 0) + 1
    assert counts
    # Operations may share a sentence, such as what is said of an error, under one reason.
    assert max(counts.values()) <= 2, max(counts, key=lambda text: counts[text])


def test_a_reason_is_said_twice_and_what_is_special_of_each_step() -> None:
    """Of equal steps the third and the fourth say nothing; what is special is said of each."""
    for equation, count in (("{0} = {1}**3", 4), ("{0} = relu({1} - 9)", 5)):
        names = "wabcde"[: count + 1]
        lines = "; ".join(equation.format(name, before) for before, name in pairwise(names))
        trace = small("w = [1, 2, 3, 4]; y = 2", f"{lines}; loss = sum({names[-1]})")
        page = ReasonPage()
        said = [
            [template for _, template in page.choose(reasons_at(trace, f"dloss/d{name}"))]
            for name in reversed(names[:-1])
        ]
        if count == 4:
            assert [len(templates) for templates in said] == [1, 1, 0, 0]
            assert said[1] != said[0]
        else:
            assert all(said)
            assert said[2] == said[3]


def test_entries_that_an_update_leaves_are_counted() -> None:
    """Only the ways are named that some entry goes: none is said to stay, or 0 to rise."""
    for start, ways in (
        ("[1, 2, 5]", "1 rises, 1 falls and 1 stays, where it is 0"),
        ("[1, 3, 5]", "1 rises and 2 fall"),
        ("[3, 5]", "all fall"),
    ):
        trace = small(f"w = {start}; y = 2", "loss = sum((w - y)**2)")
        spoken = reasons_at(trace, "w'")[0]
        assert spoken.reason.id == "move.entries"
        assert str(spoken.slots["ways"]) == ways


def test_reasons_of_one_step_stand_in_the_order_in_which_the_gradient_comes() -> None:
    """First through the root and then through the product before it."""
    trace = small("w = 2; x = 9; v = 3", "h = sqrt(w * x); loss = (h * v)**2")
    said = ReasonPage().choose(reasons_at(trace, "dloss/dw"))
    assert [template[:7] for _, template in said] == ["A root ", "The slo"]


def test_a_row_without_a_reason_falls_back_to_its_law() -> None:
    """What derives the sine's law is said of each of its steps, and once on a page."""
    trace = small("w = 1", "a = sin(w); b = sin(a); loss = b**2")
    (spoken,) = reasons_at(trace, "dloss/dw")
    assert spoken.full.template == sentence_of_law(table()["sin"], "x")
    words = [
        sentence.template
        for block in derivation(trace, Options(show=(1,)))
        for sentence in (block.sentences if isinstance(block, Paragraph) else ())
    ]
    assert words.count(spoken.full.template) == 1


def test_every_operation_with_a_gradient_has_a_reason_or_a_law() -> None:
    """So that a step never stands bare."""
    assert not rows_without_reason()


FORBIDDEN = ("axis", "axes", "keepdims", "outer", "broadcast", "scatter", "reshape", "matmul")


def test_reasons_use_no_words_of_code() -> None:
    """They are read by people who know mathematics, not this program."""
    for reason in all_reasons().values():
        for text in (reason.full, reason.short):
            assert not [word for word in FORBIDDEN if word in text.lower().split()], reason.id
            assert math.isfinite(reason.rank)


def test_reasons_have_no_letters_of_their_own() -> None:
    """A letter may be another quantity of the page; i and j alone count rows and columns."""
    for reason in all_reasons().values():
        for text in (reason.full, reason.short):
            assert not re.search(r"(?<!')\b\d?(?![aij]\b)[a-z]\b", SLOT.sub("", text)), reason.id


def test_short_forms_are_shorter() -> None:
    """Or there would be no point in them."""
    for reason in all_reasons().values():
        assert len(reason.short) < len(reason.full), reason.id
