"""Iterations told quickly, in sheets, read the same as those told one by one."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache

import pytest

from tracer.narrative.blocks import Sheet
from tracer.narrative.derivation import (
    Options,
    StepSource,
    derivation,
    derivation_in_sheets,
    notation_of,
)
from tracer.narrative.digits import chosen_digits
from tracer.narrative.numbers import number_text, number_texts
from tracer.program.scenario import load, loads
from tracer.render import templates
from tracer.render.markdown import MarkdownWriter, markdown
from tracer.run.runner import run_scenario
from tracer.run.scalars import ScalarStore
from tracer.run.trace import Trace

SCENARIOS = ("one_weight", "neuron", "mlp_2_2_2", "linear_regression", "xor", "optimizers")

# What a text depends on besides digits: signs that change, whole numbers, powers, exponents, `≈`.
AWKWARD = {
    "signs": ("w = 1.5", "loss = (w**3 - 2 * w) * (-w) + w**2", "0.11"),
    "negative": ("w = 0.3", "a = -w\nb = a * 2\nloss = b**2 + (1 - a) * w", "0.3"),
    "tiny": ("w = 3e-5", "a = w * 1e-4\nloss = (a + w)**2", "0.4"),
    "large": ("w = 1234567.25", "a = w * 3\nloss = (a - w)**2 / 2", "0.1"),
    "whole": ("w = 64", "a = w / 2\nloss = a**2 + a", "0.5"),
    "long": ("w = 0.7", "a = w - 0.7\nb = a * w - a / (w + 1)\nloss = b**2 + 0.1 * w", "0.01"),
}


def awkward(name: str) -> Trace:
    """Return the trace of a small network whose numbers look different from step to step."""
    start, equations, rate = AWKWARD[name]
    text = (
        f'[parameters]\n{start}\n[network]\nequations = """\n{equations}\n"""\nloss = "loss"\n'
        f'[training]\noptimizer = "sgd"\nlearning_rate = {rate}\niterations = 40\n'
    )
    return run_scenario(loads(text, name=name))


@cache
def traces() -> dict[str, Trace]:
    """Return all traces that are told in both ways."""
    bundled = {name: run_scenario(load(name, settings=["iterations=40"])) for name in SCENARIOS}
    return bundled | {name: awkward(name) for name in AWKWARD}


@pytest.mark.parametrize("detail", ["equation", "operation"])
@pytest.mark.parametrize("digits", [3, 4, 6, 10])
def test_sheets_read_the_same(digits: int, detail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A derivation is the same text with sheets whose texts are kept and without any sheet."""
    for name, trace in traces().items():
        show = tuple(range(1, len(trace) + 1))
        options = Options(digits, show, detail=detail)  # type: ignore[arg-type]
        notation = notation_of(trace)
        quick = "".join(markdown(derivation_in_sheets(trace, options), notation))
        flattened = "".join(markdown(derivation(trace, options), notation))
        with monkeypatch.context() as patch:
            patch.setattr(StepSource, "sheets", lambda *_: None)
            slow = "".join(markdown(derivation_in_sheets(trace, options), notation))
        assert quick == slow, name
        assert flattened == slow, name


def test_sheets_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly all iterations of a long derivation come as sheets, most of them by filling."""
    filled = 0
    fill = templates._Template.filled

    def counted(template: templates._Template, looks: Sequence[str]) -> str:
        nonlocal filled
        filled += 1
        return fill(template, looks)

    monkeypatch.setattr(templates._Template, "filled", counted)
    trace = run_scenario(load("mlp_2_2_2", settings=["iterations=40"]))
    blocks = list(derivation_in_sheets(trace, Options(show=tuple(range(1, 41)))))
    assert sum(isinstance(block, Sheet) for block in blocks) == 39
    list(markdown(blocks, notation_of(trace)))
    assert filled >= 39


def test_one_step_does_not_read_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks at one iteration reads its row and the one before, whatever the trace's length."""
    trace = run_scenario(load("mlp_2_2_2", settings=["iterations=5000"]))
    source = StepSource(trace, Options())
    writer = MarkdownWriter(notation_of(trace), str, None)
    rows: set[int] = set()

    def seen(method: str) -> None:
        original = getattr(ScalarStore, method)

        def read(store: ScalarStore, name: object, row: int) -> object:
            rows.add(row)
            return original(store, name, row)

        monkeypatch.setattr(ScalarStore, method, read)

    def never(*_: object) -> object:
        raise AssertionError("a whole column was read")

    seen("floats")
    seen("several")
    monkeypatch.setattr(ScalarStore, "numbers", never)
    monkeypatch.setattr(ScalarStore, "column", never)
    for number in (4000, 4001, 17, 4999, 3, 2500):
        rows.clear()
        assert "".join(map(writer.block, source.blocks(number)))
        assert len(rows) <= 2


@pytest.mark.parametrize("digits", [2, 3, 6, 10, 15, 17])
def test_many_numbers_are_written_as_one(digits: int) -> None:
    """Writing many numbers at once gives what writing each gives."""
    values = [0.0, -0.0, 1.0, -3.0, 0.1, 1e15, 1e16, -1e22, 123456.7, 1234567.0, 1234567.5]
    values += [1e-4, 1.5e-5, -2.25e-6, 9.99999999e-7, 1e-7, -3.3e-12, 5e-324, 1e300, 0.99999999]
    values += [struct.unpack("d", struct.pack("Q", bits))[0] for bits in range(1, 1 << 62, 1 << 54)]
    assert number_texts(values, digits) == [number_text(value, digits) for value in values]


def test_digits_are_the_fewest() -> None:
    """All operands get more digits together, then each as few as it can."""
    line = chosen_digits(
        {}, {"a": (0.123456,), "b": (0.654321,)}, (0.123456 * 0.654321,), 3,
        lambda at: [at["a"][0] * at["b"][0]],
    )  # fmt: skip
    assert line.follows
    (a,), (b,) = line.operands["a"], line.operands["b"]
    assert abs(float(a) * float(b) - float(line.result[0])) <= 0.5e-4 * 1.000001
    assert len(a) <= len("0.1235")
    assert len(b) <= len("0.6543")
