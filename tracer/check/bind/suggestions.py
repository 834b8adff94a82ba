"""A scenario to suggest for a document: its stated values beside those of the bundled ones.

Nothing is run for it. `given_values` is made from the scenario files
(`python -m tests.check.given_values`), and a test holds it against them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from tracer.check.bind.given_values import GIVEN_VALUES
from tracer.check.bind.worlds import WritersRun
from tracer.check.compare.side_comparison import figures_put_in
from tracer.check.model.statements import WorkedDocument
from tracer.check.model.written_trees import is_literal, names_in, numbers_in
from tracer.expression.syntax import Array, Name, Node, Tuple

LEAST_AGREEING: Final = 3  # names; two small numbers agree by chance
GIVEN_NAMES: Final = frozenset().union(*GIVEN_VALUES.values())


def suggested_scenario(document: WorkedDocument) -> str | None:
    """Return the bundled scenario whose given values a document states; None if there is none.

    All that it states of the scenario's names has to agree, and be half of them: a sample alone may
    be that of another network. Of several that fit it is the one with the most names in common, and
    of those the first: `one_weight` before `one_weight_sum`.
    """
    figures: dict[str, list[Fraction]] = {}
    for chain in document.chains():
        trees = [side.tree for side in chain.sides]
        names = {name for tree in trees if tree is not None for name in names_in(tree)}
        if len(figures) >= LEAST_AGREEING:
            names &= GIVEN_NAMES
        if not names <= figures.keys():  # else it says nothing new, as most lines of a long page
            for name, node in _values_stated_by(trees):
                figures.setdefault(name, [number.value for number in numbers_in(node)])
    if len(figures) < LEAST_AGREEING:
        return None
    agreeing: dict[str, int] = {}
    for scenario, scenario_values in GIVEN_VALUES.items():
        shared = figures.keys() & scenario_values.keys()
        least = max(min(LEAST_AGREEING, len(scenario_values)), len(scenario_values) / 2)
        if len(shared) >= least and _do_agree(
            figures, {name: scenario_values[name] for name in shared}
        ):
            agreeing[scenario] = len(shared)
    return max(agreeing, key=lambda name: agreeing[name], default=None)


def _do_agree(
    stated: Mapping[str, Sequence[Fraction]], given: Mapping[str, Sequence[float]]
) -> bool:
    """Tell whether the stated values of names are the given ones, or those of one sample."""
    samples: dict[int, set[int]] = {}
    counts: set[int] = set()  # of samples, where some have several values
    for name, floats in given.items():
        own, size = stated[name], len(stated[name])
        values = [Fraction(str(each)) for each in floats]
        if own == values:
            continue
        starts = range(0, len(values) - size + 1, max(size, 1))
        places = {at // size for at in starts if own == values[at : at + size]}
        count = len(values) // max(size, 1)
        counts |= {count} if size > 1 else set()
        samples[count] = samples.get(count, places) & places
    return all(samples.values()) and len(counts) <= 1


def _values_stated_by(trees: Sequence[Node | None]) -> Iterator[tuple[str, Node]]:
    """Yield names with what the sides of a chain say of them: stated, or put in for them."""
    put_in = [*figures_put_in(trees, WritersRun())]
    if all(isinstance(tree, (Array, Tuple)) for tree in trees):  # `(x, y) = (1, 2)`
        parts = zip(*(tree.children() for tree in trees if tree is not None), strict=False)
        put_in += [(name.id, node) for name, node, *_ in parts if isinstance(name, Name)]
    yield from ((name, node) for name, node in put_in if is_literal(node))
