"""Fuzz the checker: `python -m tests.check.fuzz [RUNS]`; with atheris where it is installed.

Any text is read and judged, or refused with a TracerError; nothing else may come out, no case may
take long, every place must be in the text, and no control character may reach a terminal.
`fuzz_corpus/` holds the texts that the search starts from; of the worked pages in `articles/` and
`bad/` names, figures and signs are exchanged for others of the page: what is read without a doubt
and makes no sense goes all the way through the judge. With atheris further arguments are
libFuzzer's (`-max_total_time=1500 FOLDER`). `--random [RUNS [SEED]]` makes random changes only.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tracer.check.model.finding import FileReport, Report
from tracer.check.trace.traced_view import TracedView
from tracer.document_check import check_beside, check_text
from tracer.errors import TracerError
from tracer.render.report_json import report_json
from tracer.render.report_text import report_text

if TYPE_CHECKING:
    from tracer.run.trace import Trace

__all__ = [
    "CORPUS",
    "KINDS",
    "LONGEST",
    "PIECES",
    "SCENARIOS",
    "corpus",
    "mutations",
    "notebook",
    "tried",
]

CORPUS = Path(__file__).parent / "fuzz_corpus"
KINDS = ("md", "txt", "tex", "ipynb", "py")
SCENARIOS = (None, "one_weight", "mlp_2_2_2")  # whose run stands beside a text
ORDINARY = "w = 0.5 - 0.1 * 3 = 0.2\n" * 100
LONGEST = 50  # times as long as an ordinary text; what has no end takes far more
MOST = 800  # characters of a changed text
_SIGN = re.compile(r"[^\W\d]+\d*|\d+\.?\d*|[^\s\w]")
PROGRESS = 10_000  # cases between two words about how far it is
PIECES = (
    *"=≈()[]{}|$\\&_^'+-*/×·−.,;:#%0123456789eEwxyLd∂η你为\n\t\r\0\u200f\u202e\ud800",
    "\\frac{", "\\begin{matrix}", "\\end{matrix}", "\\cr", "\\\\", "$$", "**", "<-", "←", ":=",
    "1e999", "10^{400}", "9" * 41, "((((((((", "]]]]", "sqrt(", "log(0)", "1/0", "____", "---\n",
    "Iteration 2\n", "```python\n", "print(", "import os\n", "\ufeff", "0.5", "w = ", "dL/dw",
    "\\begin{align}", "\\hat{y}", "\\text{a b}", "\\sqrt", "²", "√", "∇", "∑", "∏_", "\\nabla",
    "@", "½", "％", "١", "Ⅷ", "①",
    "9^9^9", "0.1^-400", "2^4096", "exp(1000)", "tan(1.5)", "mean([", "0,5", "1,000", "1.2.3",
    "\x1b[31m", "\x7f", "\x85", "\u2028", "y\u0302", "def f(x):\n    return x",
    "for i in range(3):", "lambda: 0", "第 2 步", "updated w", "<!-- tracer: scenario=", "&times;",
    "<b>", "= 0.8 = ", "75 %", r"\%", "‰", "log_2 ", "log₂", "lg ", "‖", r"\lVert", r"\|_2", "⌊",
    "⌉", "5 cm * 2 = 10 m", "3 元", "个", r"\,\mathrm{ms}", " plus ", " gives ", " of ", "等于",
    "得", "→", "1.2 万", r"\underbrace{", "_{w}", "{,}000", r"1\,000", "∛", "30°",
    "outer(w)", "add()", "subtract(1, 2, 3)", "divide(", "power(2)", "index(", "sum()", "max(0, ",
    r"\operatorname{outer}(", "negative()", "matmul(w)", "softmax([1, 2])", "concat([", "where(",
)  # fmt: skip


def corpus() -> list[str]:
    """Return the kept texts."""
    return [path.read_text("utf-8") for path in sorted(CORPUS.glob("*.txt"))]


def changed(chance: random.Random, text: str, texts: list[str]) -> str:
    """Return a text with a few places changed: pieces, parts of other texts, repetitions."""
    for _ in range(chance.randint(1, 6)):
        place = chance.randint(0, len(text))
        end = min(len(text), place + chance.randint(0, 12))
        other = chance.choice(texts)
        begin = chance.randint(0, len(other))
        again = text[place:end] * chance.randint(2, 40)
        other = other[begin : begin + chance.choice((5, 20, 100))]
        sign = chr(chance.randrange(chance.choice((0x80, 0x500, 0x3100, 0x11_0000))))
        piece = chance.choice(
            (chance.choice(PIECES), chance.choice(PIECES), other, again, sign, "")
        )
        text = text[:place] + piece + text[end:]
    return text[:MOST]


def worked_pages() -> list[str]:
    """Return the worked pages, right and wrong ones."""
    return [
        path.read_text("utf-8")
        for folder in ("articles", "bad")
        for path in sorted((CORPUS.parent / folder).glob("*.md"))
    ]


def exchanged(chance: random.Random, text: str) -> str:
    """Return a text with some signs exchanged for others of it, and at times its lines too."""
    signs = [*_SIGN.finditer(text)]
    names = [sign[0] for sign in signs if sign[0][0].isalpha()] or ["w"]
    count = min(len(signs), chance.choice((1, 2, 4, 8, 20)))
    for sign in sorted(chance.sample(signs, count), key=re.Match.start, reverse=True):
        other = chance.choice((chance.choice(names), chance.choice(signs)[0]))
        text = text[: sign.start()] + other + text[sign.end() :]
    lines = text.split("\n")
    if chance.random() < 0.3:
        chance.shuffle(lines)
    return "\n".join(lines)


def mutations(seed: int, count: int) -> Iterator[tuple[str, str, str | None]]:
    """Yield changed texts of the corpus, each with a kind and the scenario beside it."""
    chance = random.Random(seed)
    texts, pages = corpus(), worked_pages()
    for number in range(count):
        text = (
            exchanged(chance, chance.choice(pages))
            if number % 2
            else changed(chance, chance.choice(texts), texts)
        )
        kind = chance.choice(KINDS)
        if kind == "ipynb" and chance.random() < 0.9:  # else it is refused before it is read
            text = notebook(text, chance.choice(("markdown", "code")))
        yield text, kind, chance.choice(SCENARIOS)


def notebook(text: str, cell_type: str) -> str:
    """Return a notebook whose one cell holds a text."""
    cell = {"cell_type": cell_type, "metadata": {}, "source": text.splitlines(keepends=True)}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def tried(text: str, kind: str, scenario: str | None = None) -> float:
    """Check a text; return how many times as long as an ordinary text it took.

    Raises what must not happen.
    """
    return _seconds(text, kind, scenario) / _ordinary_seconds()


@cache
def _ordinary_seconds() -> float:
    return median(_seconds(ORDINARY, "md", None) for _ in range(5))


def _seconds(text: str, kind: str, scenario: str | None) -> float:
    """Check a text; return how many processor seconds it took."""
    begin = time.thread_time()
    try:
        if scenario is None:
            report = check_text(text, kind)
        else:
            report = Report([check_beside(text, kind, TracedView(_trace(scenario)))])
    except TracerError as problem:
        str(problem)
        return time.thread_time() - begin
    for file in report.files:
        _check_places(file)
    report_json(report)
    for line in report_text(report):
        assert not any(map(_moves_cursor, line.replace("\t", " "))), ascii(line)
    return time.thread_time() - begin


def _check_places(file: FileReport) -> None:
    """Assert that what is reported stands in the text."""
    for entry in file.findings:
        for place in (entry.place, entry.wrong_place, *entry.more_places):
            if place is not None:
                assert 1 <= place.line <= len(file.lines)
                assert 0 <= place.start <= place.end <= len(file.lines[place.line - 1]) + 1


def _moves_cursor(sign: str) -> bool:
    """Say whether a character is one that a terminal obeys instead of showing it."""
    return ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or sign in "\u202a\u202b\u202d\u202e"


@cache
def _trace(name: str) -> Trace:
    from tracer.program.scenario import load
    from tracer.run.runner import run_scenario

    return run_scenario(load(name))


def one_input(data: bytes) -> None:
    """Check what atheris made: the first byte says how."""
    if data:
        text = data[1:].decode("utf-8", "replace" if data[0] & 128 else "surrogateescape")
        how = data[0] & 127
        assert tried(text, KINDS[how % 5], SCENARIOS[how // 5 % 3]) < 2 * LONGEST


def random_run(runs: int, seed: int) -> int:
    """Try changed texts; return 1 where one takes long. What must not happen ends the run."""
    begin = time.monotonic()
    slowest = 0.0
    for number, case in enumerate(mutations(seed, runs), 1):
        try:
            took = tried(*case)
            if took > LONGEST:
                print(f"case {number} of seed {seed} took {took:.0f} times", file=sys.stderr)
                print(f"as long as an ordinary text: {case!r}", file=sys.stderr)
            slowest = max(slowest, took)
        except BaseException:
            print(f"case {number} of seed {seed}: {case!r}", file=sys.stderr)
            raise
        if number % PROGRESS == 0:
            left = (time.monotonic() - begin) * (runs - number) / number
            print(f"{number} of {runs}, {left / 60:.0f} minutes left", file=sys.stderr, flush=True)
    print(f"{runs} cases, the longest {slowest:.1f} times as long as an ordinary text")
    return int(slowest > LONGEST)


def main(arguments: list[str]) -> int:
    """Run atheris where it is installed, else (or with `--random`) random changes."""
    is_random = "--random" in arguments
    numbers = [word for word in arguments if word != "--random"]
    runs = int(numbers[0]) if numbers else 10_000
    if not is_random:
        try:
            import atheris  # only for a long run
        except ImportError:
            is_random = True
    if is_random:
        return random_run(runs, int(numbers[1]) if len(numbers) > 1 else runs)
    texts = corpus()

    def mutator(data: bytes, most: int, seed: int) -> bytes:
        if seed % 2 or not data:
            return bytes(atheris.Mutate(data, most))
        text = data[1:].decode("utf-8", "surrogateescape")
        new = changed(random.Random(seed), text, texts).encode("utf-8", "replace")
        return (data[:1] + new)[:most]

    atheris.instrument_all()
    options = [f"-runs={runs}", "-timeout=30", "-max_len=400", *numbers[1:]]
    atheris.Setup([sys.argv[0], *options], one_input, custom_mutator=mutator)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
