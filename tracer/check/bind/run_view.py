"""A run as a document is held against it: what a name may mean, and what it is in an iteration.

Nothing here loads a run: a document is judged without one too. `trace/traced_view` is a view of
a traced run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from tracer.check.compare.known_value import KnownValue
from tracer.expression.syntax import Node
from tracer.operations import Shape
from tracer.sentences import Sentence

__all__ = ["RunView", "Spot"]

Spot = tuple[str, Shape]  # a quantity, and the index of an entry; () for all of it


class RunView(Protocol):
    """A run, asked by written names and iterations; iterations count from 1."""

    @property
    def scenario(self) -> str:
        """The name of the scenario."""

    @property
    def loss(self) -> str | None:
        """The name of the loss, None where the scenario has none."""

    @property
    def iterations(self) -> int:
        """How many iterations were traced."""

    @property
    def names(self) -> Collection[str]:
        """The names that the scenario itself has."""

    @property
    def data(self) -> Collection[str]:
        """The names of the scenario's data."""

    @property
    def carried(self) -> Mapping[str, str]:
        """What each parameter and state is called after its update."""

    def counted_as_by(self, names: Iterable[str]) -> RunView:
        """Return the run with families counted from 0 where a writer's first member is `z[0]`."""

    def spots(self, name: str, *, is_target: bool) -> Sequence[Spot]:
        """Return the quantities that a name may mean, the likeliest first."""

    def is_given(self, name: str) -> bool:
        """Tell whether a name is data, a parameter or a setting."""

    def value(self, spot: Spot, iteration: int) -> KnownValue | None:
        """Return what a quantity is in an iteration; None where it has no value there."""

    def is_state(self, spot: Spot) -> bool:
        """Tell whether a quantity is what an optimizer carries, and no parameter."""

    def step_of(self, name: str) -> tuple[str, int] | None:
        """Return the name and the step of a quantity whose index is time, `m_1` or `v_hat_2`.

        That is where an optimizer's quantity is a single number, which has no entry to name.
        """

    def phase(self, spot: Spot) -> str:
        """Return forward, loss, backward, update or given."""

    def formulas(self, spot: Spot) -> Sequence[Node]:
        """Return the formulas by which the run computes a quantity, the shortest first."""

    def perturbed(self) -> RunView | None:
        """Return one iteration at other given values; None where it has none."""

    def alternatives(self) -> Iterator[tuple[Sentence, RunView]]:
        """Yield the run under other conventions, with what is said of each."""
