r"""W6: a 1,000-step trace of W2 written as Markdown, and one step of a trace of any length.

The limit is what somebody would write by hand for this one network: one template of a step's
text, filled with numbers that are written once each. It writes numbers as tracer does (0.00012,
1.2\mathrm{e}{-7}), with six digits wherever they stand, and breaks its lines always at the same
places. Beside it tracer breaks lines by their length, and gives the numbers of a line as many
digits as its result follows from.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import patch

import tracer
from tests.benchmarks import w2
from tests.benchmarks.measure import Figure, in_turns
from tracer.narrative.derivation import Options, StepSource, derivation_in_sheets, notation_of
from tracer.render.markdown import MarkdownWriter, markdown
from tracer.run.trace import Trace

TITLE = "a 1,000-step trace of W2 as Markdown"
STEPS = 1000
LONG = 1_000_000
# The row of w2.recorded: first what a step computes, then its parameters afterwards.
COMPUTED = ["z1", "z2", "a1", "a2", "z3", "z4", "a3", "a4", "L", "da3", "da4", "dz3", "dz4"]
COMPUTED += ["dw5", "dw6", "dw7", "dw8", "da1", "da2", "dz1", "dz2", "dw1", "dw2", "dw3", "dw4"]
PARAMETERS = ["w1", "w2", "w3", "w4", "b1", "b2", "w5", "w6", "w7", "w8", "b3", "b4"]


def vector(*names: str) -> str:
    """Return a row of slots."""
    cells = " & ".join(f"<{name}>" for name in names)
    return rf"\left[\begin{{matrix}} {cells} \end{{matrix}}\right]"


def matrix(a: str, b: str, c: str, d: str) -> str:
    """Return a matrix of slots."""
    return rf"\begin{{bmatrix}} <{a}> & <{b}> \cr <{c}> & <{d}> \end{{bmatrix}}"


def rows(*lines: str) -> str:
    """Return an equation on several lines."""
    return "$$\n\\begin{aligned}\n" + " \\cr\n".join(lines) + "\n\\end{aligned}\n$$\n\n"


def gradient(name: str) -> str:
    """Return the gradient of the loss by something."""
    return rf"\frac{{\partial L}}{{\partial {name}}}"


X = r"\left[\begin{matrix} 0.6 & -0.4 \end{matrix}\right]"
Y = r"\left[\begin{matrix} 0.9 & 0.2 \end{matrix}\right]"
W1, W2 = matrix("w1", "w2", "w3", "w4"), matrix("w5", "w6", "w7", "w8")
B1, B2 = vector("b1", "b2"), vector("b3", "b4")
Z1, A1, Z2, A2 = vector("z1", "z2"), vector("a1", "a2"), vector("z3", "z4"), vector("a3", "a4")
DA2, DZ2 = vector("da3", "da4"), vector("dz3", "dz4")
DA1, DZ1 = vector("da1", "da2"), vector("dz1", "dz2")
DW1, DW2 = matrix("dw1", "dw2", "dw3", "dw4"), matrix("dw5", "dw6", "dw7", "dw8")
NEW_W1, NEW_W2 = matrix("w1'", "w2'", "w3'", "w4'"), matrix("w5'", "w6'", "w7'", "w8'")
NEW_B1, NEW_B2 = vector("b1'", "b2'"), vector("b3'", "b4'")
GA2, GZ2, GA1, GZ1 = map(gradient, (r"\hat{y}", "z_{2}", "a_{1}", "z_{1}"))
GW1, GB1, GW2, GB2 = map(gradient, ("W_{1}", "b_{1}", "W_{2}", "b_{2}"))


def by(rules: str, name: str, user: str) -> str:
    """Return the sentences below a gradient."""
    return f"By: {rules}. ${name}$ reaches the loss through ${user}$.\n\n"


def update(name: str, slope: str, before: str, slopes: str, after: str) -> str:
    """Return the update of a parameter."""
    return rows(
        rf"{name} &\leftarrow {name} - \eta \cdot {slope}",
        f"&= {before}",
        rf"&\quad {{}} - 0.5 \cdot {slopes}",
        f"&= {after}",
    )


SIGMOID = "chain rule, derivative of the sigmoid"
SUM = "chain rule, sum rule"
PRODUCT = "chain rule, sum rule, derivative of a matrix product"
TEXT = "".join(
    (
        f"## Iteration <number>\n\nSample 1 of 1. $x = {X}$. $y = {Y}$.\n\n**Forward**\n\n",
        rows(
            r"z_{1} &= W_{1}\thinspace x + b_{1}",
            rf"&= {W1}\thinspace {X}",
            rf"&\quad {{}} + {B1}",
            f"&= {Z1}",
        ),
        rows(r"a_{1} &= \sigma(z_{1})", rf"&= \sigma\left({Z1}\right)", f"&= {A1}"),
        rows(
            r"z_{2} &= W_{2}\thinspace a_{1} + b_{2}",
            rf"&= {W2}\thinspace {A1}",
            rf"&\quad {{}} + {B2}",
            f"&= {Z2}",
        ),
        rows(r"\hat{y} &= \sigma(z_{2})", rf"&= \sigma\left({Z2}\right)", f"&= {A2}"),
        "**Loss**\n\n",
        rows(
            r"L &= \mathrm{half\ squared\ error}(\hat{y}, y)",
            rf"&= \mathrm{{half\ squared\ error}}\left({A2}, {Y}\right)",
            "&= <L>",
        ),
        "**Backward**\n\n",
        rows(rf"{GA2} &= \hat{{y}} - y", f"&= {A2} - {Y}", f"&= {DA2}"),
        "By: derivative of the half squared error.\n\n",
        rows(
            rf"{GZ2} &= {GA2} \cdot \hat{{y}} \cdot (1 - \hat{{y}})",
            rf"&= {DA2} \cdot {A2}",
            rf"&\quad {{}} \cdot \left(1 - {A2}\right)",
            f"&= {DZ2}",
        ),
        by(SIGMOID, "z_{2}", r"\hat{y}"),
        f"$${GB2} = {GZ2} = {DZ2}$$\n\n",
        by(SUM, "b_{2}", "z_{2}"),
        rows(
            rf"{GW2} &= \mathrm{{outer}}\left({GZ2}, a_{{1}}\right)",
            rf"&= \mathrm{{outer}}\left({DZ2}, {A1}\right)",
            f"&= {DW2}",
        ),
        by(PRODUCT, "W_{2}", "z_{2}"),
        rows(
            rf"{GA1} &= W_{{2}}^{{\top}}\thinspace {GZ2}",
            rf"&= {W2}^{{\top}}\thinspace {DZ2}",
            f"&= {DA1}",
        ),
        by(PRODUCT, "a_{1}", "z_{2}"),
        rows(
            rf"{GZ1} &= {GA1} \cdot a_{{1}} \cdot (1 - a_{{1}})",
            rf"&= {DA1} \cdot {A1}",
            rf"&\quad {{}} \cdot \left(1 - {A1}\right)",
            f"&= {DZ1}",
        ),
        by(SIGMOID, "z_{1}", "a_{1}"),
        f"$${GB1} = {GZ1} = {DZ1}$$\n\n",
        by(SUM, "b_{1}", "z_{1}"),
        rows(
            rf"{GW1} &= \mathrm{{outer}}\left({GZ1}, x\right)",
            rf"&= \mathrm{{outer}}\left({DZ1}, {X}\right)",
            f"&= {DW1}",
        ),
        by(PRODUCT, "W_{1}", "z_{1}"),
        "**Update**\n\n",
        update("W_{1}", GW1, W1, DW1, NEW_W1),
        update("b_{1}", GB1, B1, DZ1, NEW_B1),
        update("W_{2}", GW2, W2, DW2, NEW_W2),
        update("b_{2}", GB2, B2, DZ2, NEW_B2),
    )
)

SLOTS = re.compile(r"<([\w']+)>")
TEMPLATE = SLOTS.sub("%s", TEXT.replace("%", "%%"))
NAMES = ["number", *PARAMETERS, *COMPUTED, *(f"{name}'" for name in PARAMETERS)]
ORDER = [NAMES.index(name) for name in SLOTS.findall(TEXT)]
ROW = struct.Struct("=37d")
FORMAT = " ".join(["%.6g"] * 37)
ZEROS = {"e-05": "0.0000", "e-06": "0.00000"}


def by_hand(buffer: bytearray, first: int, steps: int) -> list[str]:
    """Fill the template for some steps; every number is written once."""
    texts: list[str] = []
    unpack, size = ROW.unpack_from, ROW.size
    before = [small(text) for text in (FORMAT % unpack(buffer, (first - 2) * size)).split()][25:]
    for number in range(first, first + steps):
        written = (FORMAT % unpack(buffer, (number - 1) * size)).split()
        written = [small(text) if "e" in text else text for text in written]
        numbers = [str(number), *before, *written]
        texts.append(TEMPLATE % tuple([numbers[place] for place in ORDER]))
        before = written[25:]
    return texts


def small(text: str) -> str:
    r"""Write 1.2e-05 as 0.000012, and 1.2e-07 as 1.2\mathrm{e}{-7}."""
    mantissa, sign, power = text.partition("e-")
    if not sign:
        return text
    zeros = ZEROS.get(f"e-{power}")
    if zeros is None:
        return rf"{mantissa}\mathrm{{e}}{{-{int(power)}}}"
    minus = "-" if mantissa[0] == "-" else ""
    return f"{minus}{zeros}{mantissa.lstrip('-').replace('.', '')}"


def traced(steps: int) -> Trace:
    """Return W2's network trained for some steps."""
    return tracer.load("mlp_2_2_2").set(f"training.iterations={steps}").run()


def written(trace: Trace) -> int:
    """Write the whole derivation with all its iterations; return its length."""
    options = Options(show=tuple(range(1, len(trace) + 1)))
    return sum(map(len, markdown(derivation_in_sheets(trace, options), notation_of(trace))))


def without_choice() -> Any:
    """Let nothing look whether a line follows, so that no digits are chosen."""

    def checks(lines: Sequence[object], *_: object) -> list[None]:
        return [None] * len(lines)

    return patch("tracer.narrative.sheets.compiled_checks", checks)


class Reader:
    """Somebody who looks at single steps of a trace."""

    def __init__(self, trace: Trace) -> None:
        self.source = StepSource(trace, Options())
        self.writer = MarkdownWriter(notation_of(trace), str, None)

    def step(self, number: int) -> str:
        """Return the text of a step."""
        return "".join(map(self.writer.block, self.source.blocks(number)))

    def steps(self, numbers: Sequence[int]) -> None:
        """Look at some steps."""
        for number in numbers:
            self.step(number)


def figures_in(text: str) -> list[str]:
    """Return all numbers with a point in a text, in their order."""
    return re.findall(r"-?\d+\.\d+(?:\\mathrm\{e\}\{-\d+\})?", text)


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W6."""
    trace = traced(STEPS)
    buffer, _ = w2.recorded(STEPS)
    with without_choice():
        fixed = Reader(trace)
        fixed.steps(range(1, STEPS + 1))
    # The template does the same work: it prints the same numbers.
    for number in range(10, STEPS + 1, 90):
        (hand,) = by_hand(buffer, number, 1)
        assert figures_in(hand) == figures_in(fixed.step(number)), number
    chosen = Reader(trace)
    chosen.steps(range(1, STEPS + 1))
    later = range(10, STEPS + 1)
    times = in_turns(
        {
            "template limit": lambda: by_hand(buffer, 10, len(later)),
            "steps": lambda: chosen.steps(later),
            "steps, digits not chosen": lambda: fixed.steps(later),
            "whole derivation": lambda: written(trace),
        },
        rounds,
    )
    for name, steps, must_hold, aim in (
        ("template limit", len(later), None, None),
        ("steps", len(later), 6, 3),
        ("steps, digits not chosen", len(later), 2, None),
        # With what the template has not: what is compiled first, the head, the table, the curve.
        ("whole derivation", STEPS, 6, 3),
    ):
        yield Figure(
            "W6",
            name,
            "Markdown ÷ template limit",
            times.ratio(name, "template limit") * len(later) / steps,
            times.median(name) / steps * 1e6,
            "µs a step",
            must_hold,
            aim,
        )
    for count in (STEPS, LONG):
        yield from one_step(traced(count), rounds)


def one_step(trace: Trace, rounds: int) -> Iterator[Figure]:
    """One step of a trace: for a reader who has seen some, and the first that is asked for."""
    count = len(trace)
    reader = Reader(trace)
    reader.steps(range(2, 12))
    last = range(count - 50, count + 1)
    times = in_turns(
        {
            "one step": lambda: reader.steps(last),
            "the first step asked for": lambda: Reader(trace).step(count),
        },
        rounds,
    )
    for name, steps, must_hold, aim in (
        ("one step", len(last), 1.0, 0.02),
        ("the first step asked for", 1, None, None),
    ):
        amount = times.median(name) / steps * 1e3
        yield Figure("W6", f"{name} of {count:,}", "ms", amount, amount, "ms", must_hold, aim)
