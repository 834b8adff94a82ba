"""The loss of one batch and its gradient as functions of the trained numbers, and its curvature.

A Hessian is never written down for a large network: H v is the difference of two gradients,
(∇L(w + ε v) − ∇L(w − ε v)) / 2ε, and the extreme eigenvalues come out of some dozens of such
products. Source: Pearlmutter, Fast Exact Multiplication by the Hessian (1994); Golub and Van Loan,
Matrix Computations, chapter 10 (Lanczos).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tracer.errors import RunError, known_name
from tracer.frozen import Frozen, replace
from tracer.lazy_numpy import NDArray, np
from tracer.operations import ravel, unravel
from tracer.run.layout import row_parts
from tracer.run.plans import Plans
from tracer.run.trace import Trace, gradient_names
from tracer.run.update_map import stability_limit
from tracer.sentences import say

Vector = NDArray[Any]
Point = Sequence[float] | Vector


STEPS: Final = 60  # steps of Lanczos, each a product with the Hessian
SMALL_STEP: Final = 1e-5  # step of a difference quotient, relative to the size of the point
MARGIN: Final = 4  # times the change of a difference with its step, within which it is an error
ROUNDINGS: Final = 1000  # rounding errors that the difference of two gradients may contain
ENOUGH: Final = 1e-8  # relative residual at which an eigenvalue counts as found


class LossSurface:
    """Loss and gradient at any values of the trained numbers, with the samples of one iteration.

    A point is a vector of all trained numbers, parameter after parameter, each row by row. Raises
    RunError where nothing is trained.
    """

    def __init__(self, trace: Trace, number: int = 1) -> None:
        """Take the samples of an iteration."""
        iteration = trace.iteration(number)
        self.gradients: Final = gradient_names(trace)
        program = iteration.program
        if program.loss is None or not self.gradients:
            raise RunError(
                say("nothing is trained in {name}", name=trace.scenario.name),
                expected=say("a scenario with a loss and [training]"),
            )
        self.loss_name: Final = program.loss
        self.names: Final[Sequence[str]] = list(self.gradients)
        self.shapes: Final = {name: iteration.shape(name) for name in self.names}
        sizes = {name: math.prod(shape) for name, shape in self.shapes.items()}
        self._parts: Final = row_parts(sizes)
        self.size: Final = sum(sizes.values())  # how many numbers are trained
        self._number = number
        self._batch = iteration.batch
        self._carried: Mapping[str, Sequence[float]] = {
            name: iteration.floats(name) for name in program.carried
        }
        # Differences of gradients need all the digits, whatever the run had.
        self._plans: Final = Plans(replace(trace.scenario, dtype="float64"))
        self._kept = frozenset((self.loss_name, *self.gradients.values()))

    def place_entries(self) -> list[float]:
        """Return the point of the iteration, before its update, without NumPy."""
        return [entry for name in self.names for entry in self._carried[name]]

    def start(self) -> Vector:
        """Return the point of the iteration, before its update."""
        return np.asarray(self.place_entries())

    def entry(self, place: int) -> tuple[str, tuple[int, ...]]:
        """Return the parameter and the index of an entry of a point."""
        name = next(name for name, part in self._parts.items() if place < part.stop)
        return name, unravel(place - self._parts[name].start, self.shapes[name])

    def place(self, name: str, index: Sequence[int]) -> int:
        """Return where an entry of a parameter stands in a point. Raises RunError for others."""
        if name not in self.shapes:
            raise RunError(
                say("{name} is not trained", name=name), expected=known_name(name, self.names)
            )
        return int(self._parts[name].start) + ravel(tuple(index), self.shapes[name])

    def loss(self, point: Point) -> float:
        """Return the loss at a point; it may not be finite."""
        return float(self._values(point)(self.loss_name)[0])

    def gradient_entries(self, point: Point) -> list[float]:
        """Return the gradient at a point, without NumPy where the network is small."""
        values = self._values(point)
        return [entry for name in self.names for entry in values(self.gradients[name])]

    def hessian_product(
        self, point: Vector, direction: Vector, small: float = SMALL_STEP
    ) -> Vector:
        """Return the Hessian at a point times a direction, by a central difference of gradients.

        The difference goes by `small` to either side, relative to the size of the point.
        """
        length = float(np.linalg.norm(direction))
        if not length:
            return np.zeros_like(direction)
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is told as that
            step = small * (1 + float(np.abs(point).max())) / length
            ends = (point + way * direction for way in (step, -step))
            above, below = map(np.asarray, map(self.gradient_entries, ends))
            change: Vector = above - below
            return change / (2 * step)

    def uncertainty(self, point: Vector) -> float | None:
        """Return how far off an eigenvalue of the Hessian may be; None where there is no Hessian.

        A difference over a jump of the gradient doubles as the step is halved; one of a smooth
        gradient stays, but for its error. Tried along a fixed random direction, which crosses every
        kink at the point and has a share of every eigenvector.
        """
        direction = np.random.default_rng(0).standard_normal(len(point))
        direction /= np.linalg.norm(direction)
        products = [self.hessian_product(point, direction, SMALL_STEP / part) for part in (1, 2)]
        whole, half = (float(np.abs(product).max()) for product in products)
        size = 1 + max(map(abs, self.gradient_entries(point)))
        rounding = ROUNDINGS * np.finfo(float).eps * size / SMALL_STEP
        if half - whole > max(whole / 2, rounding):
            return None
        change = float(np.linalg.norm(products[1] - products[0]))
        return MARGIN * math.sqrt(len(point)) * change

    def _values(self, point: Point) -> Callable[[str], Sequence[float]]:
        """Return what gives the entries of a kept quantity at a point."""
        moved = {name: list(map(float, point[part])) for name, part in self._parts.items()}
        carried: dict[str, Any] = {**self._carried, **moved}
        plans = self._plans.of_size(self._batch)
        store = plans.step(carried, self._kept, self._number, self._batch)
        return lambda name: store.floats(name, 0)


def point_along(start: Sequence[float], direction: Sequence[float], distance: float) -> list[float]:
    """Return the point at `start + distance * direction`."""
    return [one + distance * way for one, way in zip(start, direction, strict=True)]


class Curvature(Frozen):
    """The smallest and the largest eigenvalue of the Hessian at one point.

    The smallest is below 0 where the loss curves downwards somewhere. An eigenvalue is within
    `residual` of each. One that may be nothing but the error of the differences is 0. `products`
    counts products with the Hessian.
    """

    smallest: float
    largest: float
    products: int
    residual: float

    @property
    def rate_limit(self) -> float | None:
        """The largest learning rate at which plain descent is stable: 2/λ; None where none is."""
        return stability_limit(self.largest)


def hessian_curvature(surface: LossSurface, point: Vector) -> Curvature | None:
    """Return the eigenvalues of the Hessian at a point.

    None where the loss is not finite, or not differentiable.
    """
    values = [surface.loss(point), *surface.gradient_entries(point)]
    error = surface.uncertainty(point) if all(map(math.isfinite, values)) else None
    if error is None:
        return None
    return extreme_eigenvalues(
        lambda direction: surface.hessian_product(point, direction), surface.size, error
    )


def extreme_eigenvalues(
    product: Callable[[Vector], Vector], size: int, error: float = 0.0
) -> Curvature | None:
    """Return the smallest and the largest eigenvalue of a symmetric matrix, given its products.

    One within `error` of 0 is 0, and one that is nothing beside the other. None where a product is
    not finite. Lanczos with the directions made orthogonal anew in each step, from a fixed random
    start.
    """
    direction = np.random.default_rng(0).standard_normal(size)
    direction /= np.linalg.norm(direction)
    basis, diagonal, beside = [direction], list[float](), list[float]()
    while True:
        image = product(basis[-1])
        if not np.isfinite(image).all():
            return None
        diagonal.append(float(basis[-1] @ image))
        rows = np.array(basis)
        for _ in range(2):
            image = image - rows.T @ (rows @ image)
        length = float(np.linalg.norm(image))
        matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        values, vectors = np.linalg.eigh(matrix)
        scale = max(abs(values[0]), abs(values[-1]))
        residual = length * max(abs(vectors[-1, 0]), abs(vectors[-1, -1]))
        if len(basis) == min(size, STEPS) or residual <= ENOUGH * scale or not length:
            error = max(error, ENOUGH * scale)
            low, high = (float(end) if abs(end) > error else 0.0 for end in values[[0, -1]])
            return Curvature(low, high, len(basis), residual)
        beside.append(length)
        basis.append(image / length)
