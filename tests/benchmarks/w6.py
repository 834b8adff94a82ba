r"""W6: a 1,000-step trace of W2 written as Markdown, and one step of a trace of any length.

The limit is what somebody would write by hand for this one network: one template of a step's
text, filled with numbers that are written once each. Beside it tracer makes a line anew where its
figures have another form than before, and chooses each sentence by what holds in the iteration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import tracer
from tests.benchmarks.measure import Figure, in_turns
from tracer.narrative.derivation import derivation, iteration_blocks
from tracer.narrative.derivation_options import Options
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator
from tracer.render.markdown import MarkdownWriter, markdown
from tracer.run.trace import Trace

TITLE = "a 1,000-step trace of W2 as Markdown"
STEPS = 1000
LONG = 1_000_000
FIGURE = re.compile(r"-?\d+\.\d+(?:\\mathrm\{e\}\{-\d+\})?")


def traced(steps: int) -> Trace:
    """Return W2's network trained for some steps."""
    return tracer.load("mlp_2_2_2").set(f"training.iterations={steps}").run()


def written(trace: Trace) -> int:
    """Write the whole derivation with all its iterations; return its length."""
    options = Options(show=tuple(range(1, len(trace) + 1)))
    return sum(map(len, markdown(derivation(trace, options), notation_of(trace))))


class Template:
    """The text of one step with slots for its figures."""

    def __init__(self, text: str) -> None:
        figures = FIGURE.findall(text)
        names = list(dict.fromkeys(figures))
        self.values = [float(re.sub(r"\\mathrm\{e\}\{(-\d+)\}", r"e\1", name)) for name in names]
        self.order = [names.index(figure) for figure in figures]
        self.text = FIGURE.sub("%s", text.replace("%", "%%"))
        self.formats = " ".join(["%.6g"] * len(names))

    def filled(self) -> str:
        """Write every number once, and put it wherever it stands."""
        texts = (self.formats % tuple(self.values)).split()
        return self.text % tuple([texts[place] for place in self.order])


class Reader:
    """Somebody who looks at single steps of a trace."""

    def __init__(self, trace: Trace) -> None:
        self.source = Narrator(trace, Options())
        self.writer = MarkdownWriter(notation_of(trace), str, None)

    def step(self, number: int) -> str:
        """Return the text of a step."""
        return "".join(map(self.writer.block, iteration_blocks(self.source, number)))

    def steps(self, numbers: Sequence[int]) -> None:
        """Look at some steps."""
        for number in numbers:
            self.step(number)


def measure(rounds: int) -> Iterator[Figure]:
    """Yield all figures of W6."""
    trace = traced(STEPS)
    reader = Reader(trace)
    template = Template(reader.step(10))
    later = range(10, STEPS + 1)
    shorter = traced(STEPS // 10)
    times = in_turns(
        {
            "template limit": lambda: [template.filled() for _ in later],
            "steps": lambda: reader.steps(later),
            "whole derivation": lambda: written(trace),
            "whole derivation of a tenth": lambda: written(shorter),
        },
        rounds,
    )
    for name, steps, must_hold, aim in (
        ("template limit", len(later), None, None),
        ("steps", len(later), 100, None),
        ("whole derivation", STEPS, 100, None),
        ("whole derivation of a tenth", STEPS // 10, 100, None),
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
