"""One chain on the bench: its reading, its judged links, and what is known of its target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from tracer.check.judging.agreement import agrees, mismatched_entries, mismatches
from tracer.check.judging.alignment import Binding
from tracer.check.judging.blame import Blame
from tracer.check.judging.chain_reading import (
    Numeric,
    Reading,
    environment,
    flattened,
)
from tracer.check.judging.links import GOOD, judged_links, tier_of, unrounded_figures, worst
from tracer.check.judging.quantities import Known, Quantities, is_within
from tracer.check.judging.values import relaxed, value_or_none
from tracer.check.numbers.figures import figure
from tracer.check.report import Tier
from tracer.check.trace.aliases import quantities_in
from tracer.expression.syntax import Node
from tracer.intervals import Value

__all__ = ["Case", "Contradiction", "are_exchanged", "bound_values"]

Contradiction = tuple[Numeric, Binding, Known]
"""A figure put in, and what its name is known to be instead."""


class Case:
    """A chain that is judged."""

    def __init__(self, reading: Reading) -> None:
        self.reading: Final = reading
        self.known: Final[Quantities] = reading.known
        self.differs = False  # only supposed or recalled, and not what is known
        self.begins_anew = False  # several of its figures are new: another exercise, or sample
        self.links: Final = judged_links(reading.numbers, self.unrounded(), reading.known)

    @property
    def is_compared(self) -> bool:
        """Whether the value of the target is known from outside."""
        return self.known.target is not None and self.known.target.value is not None

    def unrounded(self) -> Value | None:
        """Return the target's value as a calculator has it that rounds nothing."""
        target = self.known.target
        if target is not None and target.value is not None:
            return target.value
        return self.stated_unrounded

    @cached_property
    def stated_unrounded(self) -> Value | None:
        """What a calculator gives with what it kept of each quantity stated before."""
        numbers = self.reading.numbers
        value = self._formula_unrounded()
        if value is None and len(numbers) > 1:
            return unrounded_figures(numbers[0], self.known)
        return value

    def _formula_unrounded(self) -> Value | None:
        formula = self.reading.formula
        if formula is None:
            return None
        values: dict[str, Value] = {}
        for name, part in quantities_in(formula).items():
            own = self.known.own(part)
            kept = None if own is None else own.kept
            if kept is None:
                return None
            values[name] = kept
        return value_or_none(flattened(formula), values)

    def kept(self) -> Value | None:
        """Return what the writer's calculator keeps of the result, where that can be told."""
        value = self.stated_unrounded
        first = self.reading.numbers[0] if len(self.reading.numbers) > 1 else None
        if value is None and first is not None and first.is_certain:
            return first.exact
        return value

    def tier(self) -> Tier:
        """Return the worst tier; what agrees with the traced value needs no working."""
        result = self.reading.result
        target = self.known.target
        tiers = [link.tier for link in self.links]
        if target is not None and target.value is not None and result is not None:
            outer = tier_of(result, target.value, target.value, None)
            if not tiers:
                # What is found wrong has a finding; else roundings have added up.
                return "within_rounding" if outer == "wrong" else outer or "exact"
            if worst(tiers) == "within_rounding" and outer in GOOD:
                return "rounded_from_unrounded"
        return worst(tiers)

    def contradicting(self) -> list[Contradiction]:
        """Return the figures put in that differ from what their names are known to be.

        Entries of arrays too where a traced run says what they are; not signs that were turned
        twice, as in -2 * 1.5 and -2 * (2 - 0.5) for 2 * (0.5 - 2).
        """
        differing = [
            (numeric, binding, current)
            for numeric in self.reading.numbers
            for binding, current in mismatches(numeric, self.known)
        ]
        found = [item for item in differing if not self._is_rewritten(item, differing)]
        if found or self.known.traced is None:
            return found
        return [
            (numeric, binding, current)
            for numeric in self.reading.numbers
            for binding, current in mismatched_entries(numeric, self.known)
        ]

    def _is_rewritten(self, item: Contradiction, found: Sequence[Contradiction]) -> bool:
        """Say whether a figure has the other sign, or its neighbour's place, in a right working."""
        numeric, binding, current = item
        written, right = figure(binding.written), self.referee()
        if written is None or right is None or not is_within(numeric.exact, relaxed(right)):
            return False
        others = [other for other in found if other[0] is numeric and other is not item]
        is_turned = agrees(written._replace(value=-written.value), current)
        return is_turned or (len(others) == 1 and are_exchanged(item, others[0]))

    def document_value(self) -> Value | None:
        """Return what the formula gives with the values that are known of its names."""
        formula = self.reading.formula
        return None if formula is None else self.value_with_document(formula)

    def value_with_document(self, formula: Node) -> Value | None:
        """Return what a formula gives with the values that are known of its names."""
        values = environment(formula, self.known)
        return None if values is None else value_or_none(flattened(formula), values)

    def referee(self) -> Value | None:
        """Return the value that the result should have by what is known from outside the line."""
        target = self.known.target
        if target is not None and target.value is not None:
            return target.value
        return self.document_value()

    def result_agrees(self, blame: Blame) -> bool | None:
        """Say whether the result is right although the working is not."""
        result = self.reading.result
        if result is None or result.figure is None:
            return None
        referee = self.referee()
        if referee is not None:
            return tier_of(result, referee, referee, None) not in ("wrong", "last_digit", None)
        return blame.numeric is not result

    def written_formulas(self) -> Iterator[tuple[Node, Mapping[str, Value]]]:
        """Yield the formulas on the line whose names are all known, with their values."""
        for formula in self.reading.formulas:
            values = environment(formula, self.known)
            if values is not None:
                yield flattened(formula), values


def bound_values(bindings: Sequence[Binding]) -> dict[str, Value] | None:
    """Return what stands for each name; None where one name stands for two things."""
    values: dict[str, Value] = {}
    for item in bindings:
        name, node = item.name, item.written
        value = value_or_none(node, {})
        if name and value is not None:
            if name in values and values[name] != value:
                return None
            values[name] = value
    return values


def are_exchanged(one: Contradiction, other: Contradiction) -> bool:
    """Say whether each of two figures is what belongs in the place of the other."""
    first, second = figure(one[1].written), figure(other[1].written)
    if first is None or second is None:
        return False
    return agrees(first, other[2]) and agrees(second, one[2])
