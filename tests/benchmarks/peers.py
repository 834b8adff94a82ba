"""The same steps in other libraries, where these are installed: PyTorch, and JAX compiled.

They are measured after tracer, in turns with NumPy by hand, and have no goal to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.benchmarks.measure import RECORD_BYTES, TUNED, Figure, in_turns

__all__ = ["installed_peers", "peer_steps"]

Arrays = Sequence[Any]
Loss = Callable[[Any, Arrays, Arrays], Any]  # of a library, the parameters and a batch
Ready = Callable[[], Callable[[], list[float]]]


class Torch:
    """PyTorch, operation by operation, with its own optimizers."""

    name, package = "PyTorch", "torch"

    def __init__(self) -> None:
        self.torch: Any = import_module("torch")
        functional = self.torch.nn.functional
        self.relu = functional.relu
        self.gelu = lambda z: functional.gelu(z, approximate="tanh")
        self.cross_entropy = functional.cross_entropy
        self.mean_squared_error = functional.mse_loss

    def steps(
        self, parameters: Arrays, batches: Sequence[Arrays], loss: Loss, *, rate: float, adam: bool
    ) -> Ready:
        """Return what gets ready, and returns the loop over the batches, which keeps each loss."""
        torch = self.torch
        given = [[torch.tensor(item) for item in batch] for batch in batches]

        def ready() -> Callable[[], list[float]]:
            weights = [torch.tensor(item, requires_grad=True) for item in parameters]
            kind = torch.optim.Adam if adam else torch.optim.SGD
            optimizer = kind(weights, lr=rate)
            losses: list[float] = []

            def run() -> list[float]:
                for batch in given:
                    optimizer.zero_grad()
                    value = loss(self, weights, batch)
                    value.backward()
                    optimizer.step()
                    losses.append(value.item())
                return losses

            return run

        return ready


class Jax:
    """JAX, each step compiled as a whole."""

    name, package = "JAX, compiled", "jax"

    def __init__(self) -> None:
        self.jax: Any = import_module("jax")
        nn, jnp = self.jax.nn, self.jax.numpy
        self.relu = nn.relu
        self.gelu = nn.gelu  # by tanh, as it stands there
        self.cross_entropy = lambda z, labels: (
            -jnp.mean(jnp.take_along_axis(nn.log_softmax(z), labels[:, None], axis=1))
        )
        self.mean_squared_error = lambda out, target: jnp.mean((out - target) ** 2)

    def steps(
        self, parameters: Arrays, batches: Sequence[Arrays], loss: Loss, *, rate: float, adam: bool
    ) -> Ready:
        """Return what gets ready, and returns the loop over the batches, which keeps each loss."""
        jnp, trees = self.jax.numpy, self.jax.tree_util
        slopes = self.jax.value_and_grad(lambda weights, batch: loss(self, weights, batch))
        given = [[jnp.asarray(item) for item in batch] for batch in batches]

        def step(weights: Any, means: Any, squares: Any, count: Any, batch: Any) -> Any:
            value, gradients = slopes(weights, batch)
            if not adam:
                return value, [w - rate * g for w, g in zip(weights, gradients, strict=True)], 0, 0
            means = trees.tree_map(lambda m, g: 0.9 * m + 0.1 * g, means, gradients)
            squares = trees.tree_map(lambda v, g: 0.999 * v + 0.001 * g**2, squares, gradients)
            one, two = 1 - 0.9**count, 1 - 0.999**count
            weights = trees.tree_map(
                lambda w, m, v: w - rate * (m / one) / (jnp.sqrt(v / two) + 1e-8),
                *(weights, means, squares),
            )
            return value, weights, means, squares

        compiled = self.jax.jit(step)

        def ready() -> Callable[[], list[float]]:
            weights = [jnp.asarray(item) for item in parameters]
            zeros = [jnp.zeros_like(item) for item in weights] if adam else 0
            for batch in (given[0], given[-1]):  # the last one may be smaller
                compiled(weights, zeros, zeros, 1.0, batch)[0].block_until_ready()
            losses: list[float] = []

            def run() -> list[float]:
                state = (weights, zeros, zeros)
                for count, batch in enumerate(given, 1):
                    value, *state = compiled(*state, float(count), batch)
                    losses.append(float(value))
                return losses

            return run

        return ready


def installed_peers() -> list[Torch | Jax]:
    """Return the libraries that are installed."""
    return [kind() for kind in (Torch, Jax) if find_spec(kind.package) is not None]


def peer_steps(
    work: str,
    label: str,
    by_hand: Callable[[], object],
    parameters: Arrays,
    batches: Sequence[Arrays],
    loss: Loss,
    rounds: int,
    *,
    rate: float,
    adam: bool,
    unit: str,
) -> Iterator[Figure]:
    """Yield the time of a step of the libraries that are installed, over that of NumPy by hand."""
    peers = installed_peers()
    runs = {TUNED: by_hand}
    for peer in peers:
        runs[peer.name] = peer.steps(parameters, batches, loss, rate=rate, adam=adam)
    times = in_turns(runs, rounds if peers else 0, memory=RECORD_BYTES, prepared=True)
    factor = {"µs": 1e6, "ms": 1e3}[unit] / len(batches)
    for peer in peers:
        amount = times.median(peer.name) * factor
        ratio = times.ratio(peer.name, TUNED)
        yield Figure(
            work, f"{label}{peer.name}", f"step ÷ {TUNED}", ratio, amount, f"{unit} a step"
        )
