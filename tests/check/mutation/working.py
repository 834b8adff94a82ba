"""Work a network out as one writer does: which sides a line has, and the figures on them.

Every line that comes out is right: `unproved_pairs` evaluates each two neighbouring sides by
intervals and returns those that do not meet.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from tests.check.mutation.formula_trees import (
    Call,
    Figure,
    Halves,
    Name,
    Node,
    Path,
    Reference,
    Texts,
    entry_at,
    evaluate,
    half_unit,
    names_of,
    replace_at,
    replace_names,
    walk,
)
from tests.check.mutation.fraction_intervals import (
    Array,
    Interval,
    UndefinedValueError,
    apply_entrywise,
    is_disjoint,
    point,
)
from tests.check.mutation.hands import Hand
from tests.check.mutation.worked_networks import Network, Step

__all__ = [
    "Change",
    "Role",
    "Run",
    "WorkedLine",
    "exact_run",
    "is_whole",
    "leaves_open",
    "print_number",
    "result_value",
    "side_value",
    "unproved_pairs",
    "with_side",
    "work",
]

Role: TypeAlias = Literal["target", "formula", "figures", "middle", "result"]
LARGEST: Final = 10**6  # beyond it an example has run away
OPEN_UNITS: Final = 4  # of a result's last place: what its figures may give without being open
OPEN_SHARE: Final = Fraction(2, 100)  # of the largest entry, for the same
LARGEST_DENOMINATOR: Final = 2000  # of a fraction that somebody writes by hand
SMALLEST_MAGNITUDE: Final = -2  # below it a power of ten is written, where the writer does that
SHORTEST: Final = 2  # significant digits that a small number has at least


@dataclass(frozen=True)
class Change:
    """A slip: another node in a side of a line.

    `local`: nothing else is changed. `worked`: what stands right of it and all that comes later
    is worked out with it. `hidden`: the same, but the line shows the right formula and figures.
    """

    line: int
    role: Role
    path: Path
    node: Node
    mode: Literal["local", "worked", "hidden"]


@dataclass(frozen=True)
class WorkedLine:
    """A line of a derivation; `number` is that of its step in the right order of all steps.

    `figures` are what the writer has for the names of the formula, `unstated` those of them that
    the document has not given before; `run` are the values of the network without any rounding.
    """

    number: int
    iteration: int
    step: Step
    roles: tuple[Role, ...]
    sides: tuple[Node, ...]
    signs: tuple[str, ...]
    figures: Mapping[Reference, Figure]
    unstated: frozenset[Reference]
    run: Mapping[Reference, Array]
    run_value: Array
    full_value: Array
    versions: Mapping[str, int]

    def side(self, role: Role) -> Node | None:
        """Return the side with a role, where the line has one."""
        return self.sides[self.roles.index(role)] if role in self.roles else None

    @property
    def result(self) -> Figure:
        """The value that the line ends with."""
        last = self.sides[-1]
        assert isinstance(last, Figure)
        return last


Run: TypeAlias = Mapping[Reference, Array]


def _find(values: Mapping[Reference, Array], reference: Reference) -> Array:
    """Return a value or the entry of one; raises KeyError."""
    if reference in values:
        return values[reference]
    key, index = reference
    whole: Array = entry_at(values[key, ()], index)
    return whole


def exact_run(network: Network, givens: Mapping[str, Array] | None = None) -> list[Run]:
    """Return the values before each step, and after the last; nothing is rounded.

    Raises UndefinedValueError where the numbers do not go.
    """
    values: dict[Reference, Array] = {(g.key, ()): Figure(g.texts).value() for g in network.givens}
    values |= {(key, ()): value for key, value in (givens or {}).items()}
    states: list[Run] = [dict(values)]
    for step in (step for iteration in network.iterations for step in iteration):
        values[step.target.reference] = evaluate(
            step.formula, lambda reference: _find(values, reference)
        )
        states.append(dict(values))
    return states


# ---- printing numbers


def is_whole(text: str) -> bool:
    """Say whether a figure has no decimals."""
    return "." not in text and "e" not in text


def print_number(value: Fraction, hand: Hand) -> tuple[str, Fraction]:
    """Return a computed number in the writer's digits, and how far it may be rounded."""
    places = hand.digits
    if hand.numerals == "fractions" and value.denominator <= LARGEST_DENOMINATOR:
        return str(value), Fraction(0)
    magnitude = _magnitude(value) if value else 0
    if hand.numerals == "powers" and magnitude < SMALLEST_MAGNITUDE:
        mantissa = replace(hand, numerals="decimals", is_significant=True, digits=max(places, 2))
        text, half = print_number(value / Fraction(10) ** magnitude, mantissa)
        return f"{text}e{magnitude}", half * Fraction(10) ** magnitude
    if hand.is_significant:
        places = max(hand.digits - 1 - magnitude, 0)
    elif magnitude < 0:  # a small number keeps digits that say something
        places = max(places, min(hand.digits, SHORTEST) - 1 - magnitude)
    text = _fixed(value, places, halves_up=hand.halves_up)
    if hand.strips_zeros and "." in text and Fraction(text) == value:
        text = text.rstrip("0").rstrip(".")
    is_exact_whole = is_whole(text) and Fraction(text) == value
    return text, Fraction(0) if is_exact_whole else Fraction(1, 2 * 10**places)


def _magnitude(value: Fraction) -> int:
    """Return the exponent of the first digit."""
    exponent = math.floor(math.log10(abs(value)))
    if Fraction(10) ** (exponent + 1) <= abs(value):
        exponent += 1
    return exponent - (Fraction(10) ** exponent > abs(value))


def _fixed(value: Fraction, places: int, *, halves_up: bool) -> str:
    scaled = abs(value) * 10**places
    whole = math.floor(scaled + Fraction(1, 2)) if halves_up else round(scaled)
    digits = str(whole).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if value < 0 and whole else text


def _print_array(value: Array, hand: Hand) -> tuple[Texts, Halves]:
    if isinstance(value, Interval):
        return print_number(value.low, hand)
    printed = [_print_array(entry, hand) for entry in value]
    return tuple(texts for texts, _ in printed), tuple(halves for _, halves in printed)


def _check_size(value: Array) -> None:
    if isinstance(value, Interval):
        if abs(value.low) > LARGEST:
            raise UndefinedValueError("a value that runs away")
    else:
        for entry in value:
            _check_size(entry)


def _computed(value: Array, hand: Hand, source: Reference | None = None) -> Figure:
    _check_size(value)
    texts, halves = _print_array(value, hand)
    return Figure(texts, halves, source)


# ---- one line after the other


class _Writer:
    """Works one line after the other; holds what was printed and what it stands for."""

    def __init__(self, network: Network, hand: Hand, seed: str) -> None:
        self.network, self.hand, self.seed = network, hand, seed
        self.printed: dict[Reference, Figure] = {}
        self.full: dict[Reference, Array] = {}
        self.run: dict[Reference, Array] = {}
        self.unstated = {g.key for g in network.givens} if hand.givens == "none" else set()
        self.versions: dict[str, int] = {}
        if hand.style.counts_updates:
            steps = (step for steps in network.iterations for step in steps)
            self.versions = {step.target.key: 0 for step in steps if step.phase == "state"}
        for given in network.givens:
            figure = Figure(given.texts, source=(given.key, ()))
            self.printed[given.key, ()] = figure
            self.full[given.key, ()] = self.run[given.key, ()] = figure.value()

    def figure(self, name: Name) -> Figure:
        """Return what is printed in the place of a name."""
        if name.reference in self.printed:
            return self.printed[name.reference]
        whole = self.printed[name.key, ()]
        halves = None if whole.halves is None else entry_at(whole.halves, name.index)
        return Figure(entry_at(whole.texts, name.index), halves, name.reference)

    def _put_in(self, formula: Node) -> Node:
        """Return the formula with figures; an open or a closed ReLU is 1 or 0."""
        for path, node in list(walk(formula)):
            if isinstance(node, Call) and node.operation == "gate":
                value = evaluate(node, lambda reference: _find(self.full, reference))
                formula = replace_at(formula, path, Figure(_whole_texts(value)))
        return replace_names(formula, self.figure)

    def _worth(self, node: Node) -> Array:
        """Return what figures give: as they are printed, or with all digits that they stand for."""
        if self.hand.is_rounded:
            return evaluate(node, self._no_name)
        return evaluate(node, self._no_name, self._full_value)

    def _full_value(self, figure: Figure) -> Array:
        if figure.source is None:
            return figure.value()
        return _find(self.full, figure.source)

    @staticmethod
    def _no_name(reference: Reference) -> Array:
        raise KeyError(reference)

    def line(self, number: int, iteration: int, step: Step, change: Change | None) -> WorkedLine:
        """Return the next line and remember its result."""
        hand, source = self.hand, random.Random(f"{self.seed}/{number}")
        dice = [source.random() for _ in range(4)]
        carried = change if change is not None and change.mode != "local" else None
        is_hidden = carried is not None and carried.mode == "hidden"
        formula = worked = step.formula
        if carried is not None and carried.role == "formula":
            worked = replace_at(step.formula, carried.path, carried.node)
        figures = worked_figures = self._put_in(worked)
        if carried is not None and carried.role == "figures":
            figures = worked_figures = replace_at(figures, carried.path, carried.node)
        if is_hidden:
            figures = self._put_in(formula)
        else:
            formula = worked
        shown = self._shown(formula, figures, dice)
        middle = self._middle(worked_figures)
        shows_middle = dice[2] < hand.middle_share and "figures" in shown and not is_hidden
        if middle is not None and shows_middle:
            shown["middle"] = middle
        last = shown.get("middle", worked_figures) if hand.is_rounded else worked_figures
        value = self._worth(last)
        run_value = evaluate(step.formula, lambda reference: _find(self.run, reference))
        reference = step.target.reference
        result = _computed(value, hand, reference)
        if carried is not None and carried.role == "result":
            assert isinstance(carried.node, Figure)
            result = replace(carried.node, source=reference)
            value = result.value()
        shown["result"] = result
        is_exact = result.value() == value and result.value() == self._exact(shown)
        signs = self._signs(shown, is_exact, dice[3])
        names = {*names_of(step.formula), *names_of(formula)}
        known = {name.reference: self.figure(name) for name in names}
        unstated = {name.reference for name in names if name.key in self.unstated}
        before = dict(self.run)
        versions = dict(self.versions)
        self.printed[reference] = result
        self.full[reference] = result.value() if hand.is_rounded else value
        self.run[reference] = run_value
        self.unstated.discard(step.target.key)
        if step.target.key in self.versions:
            self.versions[step.target.key] += 1
        return WorkedLine(
            number,
            iteration,
            step,
            tuple(shown),
            tuple(shown.values()),
            signs,
            known,
            frozenset(unstated),
            before,
            run_value,
            self.full[reference],
            versions,
        )

    def _exact(self, shown: Mapping[Role, Node]) -> Array | None:
        """Return the value of the last side of figures as it is printed."""
        node = shown.get("middle", shown.get("figures"))
        return evaluate(node, self._no_name) if node is not None else None

    def _shown(self, formula: Node, figures: Node, dice: Sequence[float]) -> dict[Role, Node]:
        """Return the formula and the figures, as far as the writer shows them."""
        hand = self.hand
        shown: dict[Role, Node] = {}
        if dice[0] < hand.formula_share:
            shown["formula"] = formula
        if not isinstance(figures, Figure) and (not shown or dice[1] < hand.figures_share):
            shown["figures"] = figures
        return shown

    def _signs(self, shown: Mapping[Role, Node], is_exact: bool, die: float) -> tuple[str, ...]:
        """Return the sign before each side; a rounded whole number never stands behind `=`."""
        equals, about = self.hand.style.equals, self.hand.approximate
        approximates = about == "≈" or (about != "" and die < 0.5)
        result = shown["result"]
        assert isinstance(result, Figure)
        needed = isinstance(result.texts, str) and is_whole(result.texts)
        is_about = not is_exact and (approximates or needed)
        sign = r"\approx" if self.hand.style.notation == "latex" else "≈"
        signs = [equals] * (len(shown) - 1) + [sign if is_about else equals]
        if "middle" in shown and approximates and self._is_rounding(shown):
            signs[-2] = sign
        return tuple(signs)

    def _is_rounding(self, shown: Mapping[Role, Node]) -> bool:
        values = [evaluate(shown[role], self._no_name) for role in ("figures", "middle")]
        return values[0] != values[1]

    def _middle(self, figures: Node) -> Node | None:
        """Return the figures with the innermost operations worked out; None where all would be."""
        middle = figures
        for path, node in reversed(list(walk(figures))):
            if path and isinstance(node, Call) and not _is_sign(node) and _is_inner(node):
                value = self._worth(node)
                if isinstance(value, tuple):
                    return None
                figure = _computed(value, self.hand)
                if is_whole(str(figure.texts)) and figure.value() != value:
                    return None  # a rounded whole number would pass for an exact one
                middle = replace_at(middle, path, figure)
        return None if middle == figures or isinstance(middle, Figure) else middle


def _whole_texts(value: Array) -> Texts:
    if isinstance(value, Interval):
        return str(int(value.low))
    return tuple(_whole_texts(entry) for entry in value)


def _is_sign(node: Node) -> bool:
    return (
        isinstance(node, Call)
        and node.operation == "neg"
        and not isinstance(node.arguments[0], Call)
    )


def _is_inner(node: Call) -> bool:
    """Say whether only figures stand in an operation, and one at least."""
    has_figure = any(isinstance(part, Figure) for _, part in walk(node))
    return has_figure and all(
        not isinstance(argument, Call) or _is_sign(argument) for argument in node.arguments
    )


def work(
    network: Network,
    hand: Hand,
    seed: str,
    change: Change | None = None,
    order: Sequence[int] | None = None,
) -> list[WorkedLine]:
    """Return the lines of a derivation, with a slip that is carried or steps in another order.

    Raises UndefinedValueError where the writer's figures do not go.
    """
    writer = _Writer(network, hand, seed)
    steps = [(i, step) for i, steps in enumerate(network.iterations, 1) for step in steps]
    lines = []
    for number in order or range(len(steps)):
        iteration, step = steps[number]
        here = change if change is not None and change.line == number else None
        lines.append(writer.line(number, iteration, step, here))
    return lines


def with_side(line: WorkedLine, role: Role, node: Node, path: Path = ()) -> WorkedLine:
    """Return a line with another part in the side of a role, and all else as it was."""
    place = line.roles.index(role)
    sides = list(line.sides)
    sides[place] = replace_at(sides[place], path, node)
    return replace(line, sides=tuple(sides))


# ---- proof


def side_value(line: WorkedLine, node: Node, *, knows_all: bool = False) -> Array:
    """Return all that a side may be worth, from the figures that are stated.

    With `knows_all`, also from what the writer put in without having stated it. Raises KeyError
    where a name has no stated value, UndefinedValueError where there is none.
    """

    def stated(reference: Reference) -> Array:
        if reference in line.unstated and not knows_all:
            raise KeyError(reference)
        return line.figures[reference].rounded_value()

    return evaluate(node, stated, Figure.rounded_value)


def result_value(figure: Figure, *, last_digit: bool = False) -> Array:
    """Return what a result may have been rounded from; with `last_digit`, or off by one more.

    A whole number is not allowed to be off by one.
    """

    def around(texts: Texts) -> Array:
        if isinstance(texts, str):
            wide = last_digit and not is_whole(texts)
            return point(texts).widened(half_unit(texts) * (3 if wide else 1))
        return tuple(map(around, texts))

    return around(figure.texts)


def leaves_open(line: WorkedLine) -> bool:
    """Say whether the rounded figures of a line would give clearly different results too."""
    try:
        value = side_value(line, line.sides[-2])
    except (KeyError, UndefinedValueError):
        return False
    units: list[Fraction] = []
    widths: list[Fraction] = []
    sizes: list[Fraction] = []

    def measure(inner: Interval, result: Interval) -> Interval:
        units.append(inner.width / result.width)
        widths.append(inner.width)
        sizes.append(max(abs(inner.low), abs(inner.high)))
        return inner

    apply_entrywise(measure, value, result_value(line.result))
    return max(units) > OPEN_UNITS and max(widths) > OPEN_SHARE * max(sizes)


def unproved_pairs(line: WorkedLine, *, last_digit: bool = False) -> list[tuple[Role, Role]]:
    """Return the neighbouring sides that do not meet; in a right line there are none."""
    values: list[tuple[Role, Array]] = []
    for role, node in zip(line.roles, line.sides, strict=True):
        try:
            if role == "result":
                values.append((role, result_value(line.result, last_digit=last_digit)))
            else:
                values.append((role, side_value(line, node)))
        except (KeyError, UndefinedValueError):
            continue  # a name whose value is not stated, or any quotient: nothing to compare
    return [
        (left[0], right[0]) for left, right in pairwise(values) if is_disjoint(left[1], right[1])
    ]
