"""Fuzzing guided by coverage: `python -m tests.check.fuzz_guided --cases 1000000 --minutes 25`.

Needs atheris (`pip install atheris`), which no other part of the project does. Half of the changes
are libFuzzer's, half those of `fuzz`, which know what worked lines are made of.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

import atheris  # type: ignore[import-not-found]  # nothing else needs it

with atheris.instrument_imports(include=["tracer.check", "tracer.expression"]):
    from tests.check.fuzz import CORPUS, LINES, MOST, Case, case_of, changed, data_of, fails

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Run; libFuzzer ends the process. What fails is kept in a folder and said, and it goes on."""
    parser = argparse.ArgumentParser(prog="python -m tests.check.fuzz_guided", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz"), metavar="FOLDER")
    options = parser.parse_args(arguments)
    grown: Path = options.keep / "grown"
    grown.mkdir(parents=True, exist_ok=True)
    for number, line in enumerate(LINES):
        (grown / f"line_{number}").write_bytes(data_of(Case("md", None, line)))

    def target(data: bytes) -> None:
        fails(case_of(data), options.keep)

    def mutator(data: bytes, most: int, seed: int) -> bytes:
        if seed % 2:
            return bytes(atheris.Mutate(data, most))
        draw = random.Random(seed)  # noqa: S311 - nobody's secret depends on it
        case = case_of(data)
        text = changed(draw, case.text, draw.randint(1, 3))
        return data_of(case._replace(text=text))[:most]

    limits = [f"-runs={options.cases}", f"-max_total_time={options.minutes * 60:.0f}"]
    texts = [str(folder) for folder in (grown, CORPUS)]
    words = ["fuzz_guided", *limits, f"-max_len={MOST}", "-timeout=60", *texts]
    atheris.Setup(words, target, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
