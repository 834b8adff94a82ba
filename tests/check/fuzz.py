"""Hostile texts for `tracer check`: `python -m tests.check.fuzz --cases 1000000 --minutes 25`.

A case is a text, how it is read, and whether a traced run stands beside it. `one` holds what must
be true of every case. The cases come from our own mutations of worked lines, or, with `--atheris`,
from coverage-guided fuzzing on top of them (`pip install atheris`; no other part of the project
needs it). What fails is written to `--keep FOLDER` and belongs into `fuzz_corpus/` once it is
mended: there pytest replays it.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tracer.check.checker import check_against, check_text
from tracer.check.report import Report
from tracer.check.report_json import report_json
from tracer.check.written import Kind
from tracer.errors import TracerError
from tracer.render.report_text import report_text

if TYPE_CHECKING:
    from tracer.run.trace import Trace

__all__ = ["CORPUS", "LINES", "MOST", "Case", "case_of", "cases", "changed", "data_of", "fails", "kept", "one"]

CORPUS: Final = Path(__file__).parent / "fuzz_corpus"
KINDS: Final[tuple[Kind, ...]] = ("md", "txt", "tex", "ipynb", "py")
BESIDE: Final = (None, "one_weight", "mlp_2_2_2")
SLOWEST: Final = 5.0  # processor seconds of one short case; it takes a thousandth of that
MOST: Final = 600  # characters of a mutated text

LINES: Final = (
    "y_pred = w * x = 0.5 * 1 = 0.5",
    "loss = (y_pred - y)^2 = (0.5 - 2)^2 = 2.25",
    "dloss_dw = 2 * (y_pred - y) * x = 2 * (0.5 - 2) * 1 = -3.0",
    "w = w - lr * dloss_dw = 0.8 - 0.1 * -3.0 = 0.8",
    "$\\frac{\\partial L}{\\partial w} = 2(0.5 - 2) \\cdot 1 = -3$",
    "\\begin{align}\na &= \\sigma(0.3) \\\\\n&= 0.574\n\\end{align}",
    "损失＝（0.5－2）²＝2.25，学习率 0.1。",
    "z = [[1, 2], [3, 4]] @ [0.5, 0.25] = [1, 2.5]",
    "softmax([1, 2, 3]) = [0.09, 0.24, 0.67]",
    "```python\nw = 0.5\nloss = (w * 1 - 2) ** 2\nprint('loss =', loss)\n```",
    "gradient = 2 * np.mean((y_pred - y) * x)\nw -= 0.1 * gradient",
    '{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": ["y = 2 * 3 = 7"]}]}',
    "<!-- tracer: scenario=one_weight -->",
    "---\nscenario: one_weight\n---",
    "## Iteration 2",
    "Let w = 0.5, x = 1 and y = 2; the learning rate is 0.1.",
    "| w | x |\n|---|---|\n| 0.5 | 1 |",
    "1. y = 3 × 4 = ____",
)
PIECES: Final = (
    *("=", "≈", ":=", "←", "&=", "+", "-", "−", "*", "×", "·", "/", "^", "**", "²", "√", "@"),
    *("(", ")", "[", "]", "{", "}", "|", "‖", "$", "$$", "\\(", "\\)", "\\[", "\\]", "`", "```\n"),
    *("\\frac{1}{2}", "\\frac", "\\sqrt", "\\hat{y}", "\\text{a b}", "\\\\", "\\begin{align}"),
    *("\\end{align}", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\boxed{", "e^", "10^", "x^{"),
    *("log(0)", "1/0", "exp(1000)", "9^9^9", "0.1^-400", "2^4096", "tan(1.5)", "sum(", "mean(["),
    *("0", "1", "0.0", "1e400", "1e-400", "9" * 41, "0." + "3" * 45, "0,5", "1,000", "1.2.3"),
    *("\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\u200f", "\ufeff", "\ud800"),
    *("١", "Ⅷ", "①", "½", "％", "🜁", "e\u0301", "ŷ", "\u0302", "\t", "\r", "\r\n", "\n", "\n\n"),
    *("def f(x):\n    return x", "for i in range(3):", "lambda: 0", "f'{w!r:>{w}}'", "w -= ", "'"),
    *("iteration 0", "第 2 步", "updated w", "scenario=", "worksheet:", "<b>", "&times;", "%", "#"),
)


class Case(NamedTuple):
    """A text, how it is read, and the scenario whose run stands beside it."""

    kind: Kind
    scenario: str | None
    text: str


def case_of(data: bytes) -> Case:
    """Return the case that some bytes stand for: the first says how, the others are the text."""
    first = data[0] if data else 0
    text = data[1:].decode("utf-8", "surrogateescape")
    return Case(KINDS[first % 5], BESIDE[first // 5 % 3], text)


def data_of(case: Case) -> bytes:
    """Return the bytes that stand for a case: `case_of` reads a lone surrogate back as three."""
    first = KINDS.index(case.kind) + 5 * BESIDE.index(case.scenario)
    return bytes([first]) + b"".join(map(_encoded, case.text))


def _encoded(sign: str) -> bytes:
    escaped = "\udc80" <= sign <= "\udcff"
    return sign.encode("utf-8", "surrogateescape" if escaped else "surrogatepass")


def one(case: Case) -> None:
    """Check one text and hold the report against it.

    Raises AssertionError where a place is not in the text, a control character would reach a
    terminal, or the work takes too long; any error but TracerError comes through.
    """
    begin = time.thread_time()
    try:
        report = _report(case)
    except TracerError:
        return
    finally:
        taken = time.thread_time() - begin
        assert taken < SLOWEST, f"{taken:.1f} s"
    for file in report.files:
        for entry in file.entries:
            for place in (entry.place, entry.span, *entry.more_spans):
                if place is not None:
                    assert 1 <= place.line <= len(file.lines)
                    assert 0 <= place.start <= place.end <= len(file.lines[place.line - 1]) + 1
    report_json(report)
    for line in report_text(report):
        assert line.replace("\t", " ").replace("\n", " ").isprintable() or _is_quiet(line), line


def _is_quiet(line: str) -> bool:
    """Say whether nothing in a line moves a terminal's cursor or turns its direction."""
    return not any(
        ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or sign in "\u202a\u202b\u202d\u202e\u2066\u2067"
        for sign in line.replace("\t", " ").replace("\n", " ")
    )


def _report(case: Case) -> Report:
    if case.scenario is None:
        return check_text(case.text, case.kind)
    return Report([check_against(case.text, case.kind, _trace(case.scenario))])


@cache
def _trace(name: str) -> Trace:
    from tracer.program.scenario import load
    from tracer.run.runner import run_scenario

    return run_scenario(load(name))


def kept() -> Iterator[tuple[str, Case]]:
    """Yield the cases of the kept corpus with their names."""
    for path in sorted(CORPUS.glob("*.bin")):
        yield path.stem, case_of(path.read_bytes())


# Mutations ----------------------------------------------------------------------------------------


def cases(seed: int) -> Iterator[Case]:
    """Yield cases without end, always the same for a seed."""
    draw = random.Random(seed)  # noqa: S311 - nobody's secret depends on it
    seeds = [*LINES, *(case.text for _, case in kept() if len(case.text) < MOST)]
    while True:
        kind = draw.choices(KINDS, (6, 3, 3, 1, 2))[0]
        scenario = draw.choices(BESIDE, (4, 1, 1))[0]
        yield Case(kind, scenario, mutated(draw, seeds))


def mutated(draw: random.Random, seeds: Sequence[str]) -> str:
    """Return a few lines, with some places changed."""
    text = "\n".join(draw.choice(seeds) for _ in range(draw.randint(1, 3)))
    return changed(draw, text, draw.randint(0, 6))


def changed(draw: random.Random, text: str, times: int) -> str:
    """Return a text with some places changed."""
    for _ in range(times):
        text = draw.choice(CHANGES)(draw, text)
    return text[:MOST]


def _put_in(draw: random.Random, text: str) -> str:
    place = draw.randint(0, len(text))
    return text[:place] + draw.choice(PIECES) + text[place:]


def _left_out(draw: random.Random, text: str) -> str:
    place = draw.randint(0, len(text))
    return text[:place] + text[place + draw.randint(1, 4) :]


def _replaced(draw: random.Random, text: str) -> str:
    place = draw.randint(0, len(text))
    return text[:place] + draw.choice(PIECES) + text[place + draw.randint(1, 3) :]


def _repeated(draw: random.Random, text: str) -> str:
    place = draw.randint(0, len(text))
    piece = text[place : place + draw.randint(1, 8)]
    return text[:place] + piece * draw.randint(2, 40) + text[place:]


def _moved(draw: random.Random, text: str) -> str:
    low, high = sorted((draw.randint(0, len(text)), draw.randint(0, len(text))))
    return text[high:] + text[low:high] + text[:low]


def _any_sign(draw: random.Random, text: str) -> str:
    place = draw.randint(0, len(text))
    sign = chr(draw.randrange(draw.choice((0x80, 0x500, 0x3100, 0x11_0000))))
    return text[:place] + sign + text[place + 1 :]


def _digit(draw: random.Random, text: str) -> str:
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    if not places:
        return text
    place = draw.choice(places)
    return text[:place] + draw.choice("0123456789.e-") + text[place + 1 :]


CHANGES: Final[tuple[Callable[[random.Random, str], str], ...]] = (
    _put_in,
    _replaced,
    _left_out,
    _repeated,
    _moved,
    _any_sign,
    _digit,
)


# The long run -------------------------------------------------------------------------------------


def run(count: int, minutes: float, seed: int, keep: Path) -> int:
    """Run so many cases or minutes; return how many failed. Each failure is kept as a file."""
    begin = time.monotonic()
    failed = done = 0
    slowest = 0.0
    for case in cases(seed):
        if done >= count or time.monotonic() - begin > minutes * 60:
            break
        started = time.thread_time()
        failed += fails(case, keep)
        slowest = max(slowest, time.thread_time() - started)
        done += 1
        if done % 10_000 == 0:
            print(f"{done} cases, {failed} failed, slowest {slowest:.2f} s", flush=True)
    print(f"{done} cases in {time.monotonic() - begin:.0f} s: {failed} failed", flush=True)
    return failed


def fails(case: Case, keep: Path) -> bool:
    """Run one case; say whether it failed, and keep it then."""
    try:
        one(case)
    except Exception as error:  # noqa: BLE001 - what the run is there to find
        data = data_of(case)
        name = f"{type(error).__name__}_{hashlib.sha256(data).hexdigest()[:12]}"
        (keep / f"{name}.bin").write_bytes(data)
        print(f"{name}: {error!s:.120}", flush=True)
        return True
    return False


def main(arguments: list[str]) -> int:
    """Run the fuzzer; 1 where a case failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.check.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, default=Path(), metavar="FOLDER")
    options = parser.parse_args(arguments)
    options.keep.mkdir(parents=True, exist_ok=True)
    return 1 if run(options.cases, options.minutes, options.seed, options.keep) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
