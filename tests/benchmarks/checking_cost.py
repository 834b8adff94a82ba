"""What `tracer check` of one article costs: processor time and memory of the whole process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measure import Figure
from tests.benchmarks.process import peak_memory, processes, standard_output

TITLE = "one article checked: alone, beside one_weight, beside an array scenario, and its memory"
ARTICLE = Path(__file__).with_name("one_weight_article.md")
"""One weight trained for three iterations, in 166 lines; two of its results are wrong."""
ARRAY_SCENARIO = "mlp_2_2_2"
MEGABYTES = 40  # that a check may take, Python's own included
DERIVATION = ("-m", "tracer", "derive", ARRAY_SCENARIO, "--set", "training.iterations=1")
CODES = (0, 1)  # slips were found


def measure(rounds: int) -> Iterator[Figure]:
    """Yield the processor time over that of an empty process, then the peak memory."""
    with TemporaryDirectory() as folder:
        arrays = Path(folder, "arrays.md")
        text = standard_output([*DERIVATION, "--format", "markdown"])
        arrays.write_text(text, encoding="utf-8")
        check = ("-m", "tracer", "check")
        commands = {
            "python -c pass": ("-c", "pass"),
            "article alone": (*check, str(ARTICLE)),
            "article beside one_weight": (*check, str(ARTICLE), "--scenario", "one_weight"),
            f"derivation beside {ARRAY_SCENARIO}": (
                *(*check, str(arrays), "--scenario", ARRAY_SCENARIO),
            ),
        }
        _, alone, beside, of_arrays = commands
        goals = {alone: (12, 8), beside: (12, 8), of_arrays: (25, 12)}
        yield from processes("check", commands, rounds, goals, CODES)
        for name in (alone, beside):
            most = max(peak_memory(commands[name]) for _ in range(min(rounds, 3)))
            figure = f"peak memory ÷ {MEGABYTES} MB"
            yield Figure("check", name, figure, most / MEGABYTES, most, "MB", must_hold=1)
