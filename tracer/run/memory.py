"""What a run takes of the memory, worked out before it begins, and what to do where it is too much.

Counted is what a run adds to a process that has loaded tracer, NumPy and the scenario's file: the
numbers of the scenario, the programs, the record with its checkpoints, the buffers, the data of the
evaluation, and the iterations that are computed again when somebody asks for them. Python, its
libraries and the texts that are made of a run are not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from tracer.errors import LimitError
from tracer.frozen import Value
from tracer.run.layout import Plan, Record
from tracer.sentences import Text, join_by_or, say

BUDGET_BYTES: Final = 1024**3

# Measured, between Python 3.11 and 3.13: what Python takes while it compiles a plan's source, for
# any and for each of its characters.
COMPILER_BYTES: Final = 12_000
COMPILING_BYTES: Final = 150
RUN_BYTES: Final = 12_000  # memory for the objects of any run

UNITS: Final = (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))


class Recording(Value):
    """What is kept of runs, and the bytes that each of them may take."""

    record: Record = "all"
    budget: int = BUDGET_BYTES


KEEP_ALL: Final = Recording()


def compile_bytes(plans: Iterable[Plan]) -> int:
    """Return what Python takes while it compiles the largest of some plans."""
    sizes = (COMPILER_BYTES + COMPILING_BYTES * len(plan.source) for plan in plans)
    return max(sizes, default=0)


def size_text(size: int) -> str:
    """Return bytes as people and `--memory` write them: 1.5 GiB."""
    unit, factor = _largest_unit(size)
    return f"{size / factor:.3g} {unit}" if unit else f"{size} B"


class MemoryLimitError(LimitError):
    """A run that takes more memory than it may.

    `needed` are the bytes that it takes as it would be recorded, `least` those where nothing is
    kept, and `fixed` those of them that do not grow with its iterations. What can be done is said
    as options of the command line, as far as the command has them (`offered`); `in_python` says it
    as arguments.
    """

    def __init__(
        self, needed: int, budget: int, count: int, record: Record, least: int, fixed: int
    ) -> None:
        super().__init__(
            say("this run does not fit into the memory that it may use"),
            found=say(
                "{size} for {count} iterations, recorded as {record}",
                size=size_text(needed),
                count=f"{count:,}",
                record=record,
            ),
        )
        self._needed = needed
        self._budget = budget
        self._least = least
        self._fixed = fixed
        self.with_advice(("--memory", "--record"))

    def with_advice(self, options: Collection[str]) -> MemoryLimitError:
        """Return the error with advice among the options that a command has."""
        unit, factor = _largest_unit(self._needed)
        size = f"{-(-self._needed * 10 // factor) / 10:g}{unit}"  # no less, as `--memory` takes it
        self._advise(
            f"--memory {size}" if "--memory" in options else "",
            "--record none" if "--record" in options else "",
        )
        return self

    def in_python(self) -> MemoryLimitError:
        """Return the error with arguments in the place of options."""
        self._advise(f"budget={-(-self._needed // 1024**2)} * 1024**2", "record='none'")
        return self

    def _advise(self, more: str, nothing: str) -> None:
        fits_unrecorded = self._least <= self._budget < self._needed
        fits = self._fixed <= self._budget
        rest = say("fewer iterations") if fits else say("a smaller network")
        ways: list[Text] = [way for way in (more, nothing if fits_unrecorded else "") if way]
        self.expected = say(
            "at most {budget}; {ways}",
            budget=size_text(self._budget),
            ways=join_by_or([*ways, rest]),
        )


def _largest_unit(size: int) -> tuple[str, int]:
    """Return the largest unit that fits into so many bytes, and its bytes; '' for a byte."""
    return next((unit for unit in UNITS if size >= unit[1]), ("", 1))
