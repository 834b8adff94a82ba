"""Derivations of operations within operations that have no name of their own."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from tracer.errors import RunError, TracerError
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Detail, Options
from tracer.narrative.program_notation import notation_of
from tracer.operations import table
from tracer.program.scenario import loads
from tracer.render.markdown import markdown
from tracer.run.runner import run_scenario

DETAILS: tuple[Detail, ...] = ("operation", "element", "equation")
NETWORK = """
[data]
X = {X}
H = {H}
Y = {Y}
P = {P}
t = {t}
[parameters]
W = {W}
V = {V}
b = {b}
[network]
equations = \"\"\"
{equations}
\"\"\"
loss = "loss"
[training]
learning_rate = 0.1
iterations = 2
"""
SIZE = 3
LOSSES = (
    "mean((A - Y)**2)", "mse(A, Y)", "sum(A**2)", "0.5*sum((A - Y)**2)", "mean(abs(A - Y))",
    "mean(A*Y)", "cross_entropy(A, t)", "bce(sigmoid(A), P)", "bce_with_logits(A, P)",
    "mean(-log(A**2 + 1)*Y)",
)  # fmt: skip


def network(equations: str, rows: int, draws: random.Random) -> str:
    """Return a scenario with these equations and short numbers."""

    def matrix(rows: int) -> list[list[float]]:
        return [[round(draws.uniform(-1.5, 1.5), 2) for _ in range(SIZE)] for _ in range(rows)]

    return NETWORK.format(
        X=matrix(rows), H=matrix(rows), Y=matrix(rows), W=matrix(SIZE), V=matrix(SIZE),
        P=[[draws.randrange(2) for _ in range(SIZE)] for _ in range(rows)],
        t=[draws.randrange(SIZE) for _ in range(rows)], b=matrix(1)[0], equations=equations,
    )  # fmt: skip


def pages(text: str, details: Sequence[Detail] = DETAILS) -> list[str]:
    """Return the derivation of the first iteration, once for each detail."""
    trace = run_scenario(loads(text))
    return [
        "".join(markdown(derivation(trace, Options(detail=detail, show=(1,))), notation_of(trace)))
        for detail in details
    ]


@pytest.mark.parametrize(
    "equations",
    [
        "A = softmax(X @ W / 1.5)\nloss = sum(A**2)",  # X has the size of W
        "A = softmax((X @ W / 1.5) * X)\nloss = cross_entropy(A, t)",
        "A = layer_norm(X @ W)\nloss = sum(A**2)",
        pytest.param("A = dropout(X @ W, 0.5)\nloss = sum(A**2)", marks=pytest.mark.proof),
        "loss = bce_with_logits(X @ W, P)",
        "A = log(-exp(X @ W / 1.5))\nloss = sum(A**2)",  # never finite
        "A = softplus(2*X) * ((X @ W) @ W) + causal_keep(layer_norm(X @ W))\nloss = mean(A*Y)",
    ],
)
def test_each_detail_has_a_page_without_made_up_names(equations: str) -> None:
    """What the engine calls `A_1` or a part has no name on the page."""
    for page in pages(network(equations, SIZE, random.Random(1))):
        assert r"\mathrm{part" not in page
        assert "part_" not in page


def test_what_mixes_entries_in_front_of_a_product_is_a_step_of_its_own() -> None:
    """Softmax's sum over a row could not be read in the middle of a product."""
    (page,) = pages(
        network("A = softmax(X @ W)\nloss = sum(A*Y)", 2, random.Random(2)), ["equation"]
    )
    assert r"\frac{\partial L}{\partial W} = \underbrace{X^{\top}}" in page.replace("&", "")


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(24))
def test_random_nests_have_pages(seed: int) -> None:
    """Whatever runs can be told: five networks of random operations a seed."""
    draws = random.Random(seed)
    unary = [
        row.name
        for row in table().values()
        if not (row.inner or row.variadic or row.integers) and len(row.operands) == 1
    ]
    forms = ["({0}) * ({1})", "({0}) + ({1})", "({0}) @ W", "({0}) / sqrt(2)", "softmax({0})"]
    forms += ["layer_norm({0})", "dropout({0}, 0.25)", *(f"{name}({{0}})" for name in unary)]

    def nested(depth: int) -> str:
        if not depth:
            return draws.choice(["X @ W", "X @ W + b", "X", "H", "X @ W / 1.5", "2*X"])
        form = draws.choice(forms[:7] if draws.random() < 0.5 else forms)
        return form.format(nested(depth - 1), nested(depth - 1))

    told = 0
    for _ in range(5):
        equations = f"A = {nested(draws.choice([1, 2, 2, 3]))}\nloss = {draws.choice(LOSSES)}"
        text = network(equations, draws.choice([2, SIZE]), draws)
        try:
            run_scenario(loads(text)).iteration(1)
        except (TracerError, RunError):
            continue  # shapes that do not fit
        told += len(pages(text))
    assert told
