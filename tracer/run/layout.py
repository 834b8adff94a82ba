"""Which quantity stands where in a record. Plain data, shared by the plans and the trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Batch", "Plan", "Record", "Store"]

Record = Literal["all", "gradients", "checkpoints", "none"]  # what is kept of a run


class Batch:
    """The samples that one step sees: their places in the data, and its epoch (from 1)."""

    __slots__ = ("epoch", "places")

    def __init__(self, epoch: int, places: Sequence[int] | None) -> None:
        self.epoch: Final = epoch
        self.places: Final = places


class Store(Protocol):
    """The values of some consecutive iterations, a column for each quantity."""

    count: int

    def names(self) -> Sequence[str]:
        """Return the recorded quantities in the order they are computed."""

    def __contains__(self, name: object) -> bool:
        """Tell whether a quantity is recorded."""

    def floats(self, name: str, row: int) -> list[float]:
        """Return the entries of a quantity in one iteration, row by row."""

    def several(self, names: tuple[str, ...], row: int) -> Sequence[float]:
        """Return the entries of several quantities in one iteration, one after the other."""

    def numbers(self, name: str) -> list[float]:
        """Return a single number in all iterations."""

    def column(self, name: str) -> NDArray[Any]:
        """Return a quantity in all iterations, the first axis being the iteration."""

    def first_non_finite(self) -> tuple[int, str] | None:
        """Return the first row with a value that is not finite, and the quantity."""

    def cut(self, count: int) -> None:
        """Forget the rows from `count` on."""

    def size(self) -> int:
        """Return the bytes that the values take."""


class Plan(Protocol):
    """A program, compiled. `start` and the result of `run` map carried names to entries."""

    @property
    def row_bytes(self) -> int:
        """The bytes that one step's values take."""

    def run(
        self, carried: Mapping[str, Any], first: int, batches: Sequence[Batch]
    ) -> tuple[Store, dict[str, Any], bool]:
        """Run steps numbered from `first`.

        Return their values, what is carried on, and whether the run ends here.
        """
