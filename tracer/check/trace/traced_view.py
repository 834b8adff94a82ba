"""A traced run as a view that documents are held against."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from tracer.check.bind.run_view import Spot
from tracer.check.compare.known_value import KnownValue
from tracer.check.trace.conventions import alternatives
from tracer.check.trace.perturbed import perturbed_run
from tracer.check.trace.traced import Traced
from tracer.expression.syntax import Node
from tracer.run.trace import Trace
from tracer.sentences import Sentence

__all__ = ["TracedView", "traced_view"]

MOST_KEPT: Final = 2000  # values
TIMED: Final = re.compile(r"(.*[^\W\d_])(?:_?(\d+)|\[(\d+)\])")
MEMBER: Final = re.compile(r"(?P<base>.*[^\W\d_])(?P<open>\[?)(?P<place>\d)(?P<close>\]?'*)")


class TracedView:
    """A traced run, asked by written names and iterations; iterations count from 1."""

    def __init__(self, run: Traced, from_zero: frozenset[str] = frozenset()) -> None:
        self.run: Final = run
        self.from_zero: Final = from_zero  # families whose members this writer counts from 0
        self._known_value: Final = lru_cache(MOST_KEPT)(self._value_of)

    def counted_as_by(self, names: Iterable[str]) -> TracedView:
        """Return the run with families counted from 0 where a writer's first member is `z[0]`."""
        found: set[str] = set()
        for name in names:
            match = MEMBER.fullmatch(name)
            if match is None or int(match["place"]) or self.spots(name, is_target=False):
                continue
            next_name = f"{match['base']}{match['open']}1{match['close']}"
            if self.spots(next_name, is_target=False):
                found.add(match["base"])
        return TracedView(self.run, frozenset(found)) if found else self

    @property
    def scenario(self) -> str:
        """The name of the scenario."""
        return self.run.scenario_name

    @property
    def loss(self) -> str | None:
        """The name of the loss, None where the scenario has none."""
        return self.run.program.loss

    @property
    def iterations(self) -> int:
        """How many iterations were traced."""
        return self.run.iterations

    @property
    def data(self) -> Collection[str]:
        """The names of the scenario's data."""
        return self.run.trace.scenario.data.keys()

    @property
    def carried(self) -> Mapping[str, str]:
        """What each parameter and state is called after its update."""
        return self.run.program.carried

    def spots(self, name: str, *, is_target: bool) -> Sequence[Spot]:
        """Return the quantities that a name may mean, the likeliest first."""
        match = MEMBER.fullmatch(name) if self.from_zero else None
        if match and match["base"] in self.from_zero:
            place = int(match["place"]) + 1
            name = f"{match['base']}{match['open']}{place}{match['close']}"
        return self.run.quantities(name, target=is_target)

    @property
    def names(self) -> Collection[str]:
        """The names that the scenario itself has, in the order of the program."""
        program = self.run.program
        equations = (equation.name for equation in program.equations)
        return dict.fromkeys((*program.inputs, *program.carried, *equations)).keys()

    def is_given(self, name: str) -> bool:
        """Tell whether a name is data, a parameter or a setting."""
        spots = self.spots(name, is_target=False)
        return bool(spots) and self.run.given(spots[0][0], 1)

    def value(self, spot: Spot, iteration: int) -> KnownValue | None:
        """Return what a quantity is in an iteration; None where it has no value there."""
        if iteration < 1 or (iteration > self.run.iterations and not self.run.extend(iteration)):
            return None
        return self._known_value(spot, iteration)

    def _value_of(self, spot: Spot, iteration: int) -> KnownValue | None:
        value = self.run.value(*spot, iteration)
        is_given = self.run.given(spot[0], iteration)
        return None if value is None else KnownValue(value, value, value, is_given, 0)

    def is_state(self, spot: Spot) -> bool:
        """Tell whether a quantity is what an optimizer carries, and no parameter."""
        item = self.run.program.inputs.get(spot[0])
        return item is not None and item.kind == "state"

    def step_of(self, name: str) -> tuple[str, int] | None:
        """Return the name and the step of a quantity whose index is time, `m_1` or `v_hat_2`.

        That is where an optimizer's quantity is a single number, which has no entry to name.
        """
        match = TIMED.fullmatch(name)
        if match is None:
            return None
        spots = self.spots(match[1], is_target=False)
        if not spots or not (self.is_state(spots[0]) or self.phase(spots[0]) == "update"):
            return None
        others = self.spots(name, is_target=False)
        return None if others and others[0] != spots[0] else (match[1], int(match[2] or match[3]))

    def phase(self, spot: Spot) -> str:
        """Return forward, loss, backward, update or given."""
        return self.run.phase(spot[0])

    def formulas(self, spot: Spot) -> Sequence[Node]:
        """Return the formulas by which the run computes a quantity, the shortest first."""
        return self.run.formulas(*spot)

    def perturbed(self) -> TracedView | None:
        """Return one iteration at other given values; None where it has none."""
        other = perturbed_run(self.run)
        return None if other is None else TracedView(other, self.from_zero)

    def alternatives(self) -> Iterator[tuple[Sentence, TracedView]]:
        """Yield the run under other conventions, with what is said of each."""
        for words, other in alternatives(self.run):
            yield words, TracedView(other, self.from_zero)


def traced_view(trace: Trace) -> TracedView:
    """Return a run as documents are held against it."""
    return TracedView(Traced(trace))
