"""What can be known of a training beyond its record: its map, its curvature, its gradients."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from tracer.errors import TracerError
from tracer.operations import Shape
from tracer.run.derivative_modes import DerivativeModes, derivative_modes
from tracer.run.diagnosis import Diagnosis
from tracer.run.gradient_flow import gradient_flow
from tracer.run.landscape import landscape
from tracer.run.loss_surface import Curvature, LossSurface, hessian_curvature
from tracer.run.trace import Trace
from tracer.run.unit_states import unit_states
from tracer.run.update_map import UpdateMap, update_map

MOST_CURVED: Final = 200_000  # trained numbers, for which products with the Hessian are made


class Analysis:
    """The analysis of a run in one iteration.

    `update_map` is the update as an affine map, None where it is none. `curvature` has the
    eigenvalues of the Hessian, None where it is too large or not finite. `modes` are what a
    gradient costs forwards, backwards and by differences, None where that is not counted. Raises
    RunError where there is no such iteration, nothing is trained, or the landscape is not there.
    """

    def __init__(
        self, trace: Trace, number: int = 1, over: Sequence[tuple[str, Shape]] = ()
    ) -> None:
        self.trace = trace
        self.number = number
        self.surface = surface = LossSurface(trace, number)
        self.landscape = landscape(trace, over, number=number)
        self.diagnosis = Diagnosis(trace)
        self.update_map = update_map(trace)
        self.flow = gradient_flow(trace, number)
        self.units = unit_states(trace, number)
        self.curvature: Curvature | None = None
        if surface.size <= MOST_CURVED:
            self.curvature = hessian_curvature(surface, surface.start())
        self.modes: DerivativeModes | None = None
        with suppress(TracerError, ArithmeticError, ValueError):
            self.modes = derivative_modes(trace)

    def as_dictionary(self) -> dict[str, Any]:
        """Return the figures as plain data; fractions as texts such as '14/3'."""
        update, bends, modes = self.update_map, self.curvature, self.modes
        return {
            "version": 1,
            "scenario": self.trace.scenario.name,
            "iteration": self.number,
            "map": None if update is None else _map_data(update),
            "curvature": None
            if bends is None
            else {
                "largest": bends.largest,
                "smallest": bends.smallest,
                "rate_limit": bends.rate_limit,
                "products": bends.products,
            },
            "gradients": self.flow.as_dictionary(),
            "units": [state.as_dictionary() for state in self.units],
            "modes": None if modes is None else modes.as_dictionary(),
            "landscape": self.landscape.as_dictionary(),
        }


def _map_data(found: UpdateMap) -> dict[str, Any]:
    fastest = found.fastest_rate if found.is_plain else None
    minimum, point, limit = found.minimum, found.fixed_point, found.rate_limit
    return {
        "numbers": [f"{name}[{place}]" for name, place in found.places],
        "is_plain_descent": found.is_plain,
        "minimum": None if minimum is None else list(map(str, minimum)),
        "fixed_point": None if point is None else list(map(str, point)),
        "lowest_loss": None if minimum is None else str(found.settled_loss),
        "eigenvalues": list(map(str, found.eigenvalues)),
        "factors": list(map(str, found.factors)) if found.is_plain else None,
        "factor": found.radius(),
        "rate_limit": str(limit) if found.is_plain and limit is not None else limit,
        "fastest_rate": None if fastest is None else str(fastest[0]),
        "fastest_factor": None if fastest is None else str(fastest[1]),
    }
