"""The derivatives that a document states, beside the formulas that it states itself.

`L = (p - y)²` says what `∂L/∂p` is, whatever the names are worth: the formula that stands for the
derivative is held against the slope of the other one at chosen numbers. Figures that stand in it
for a name's value prove nothing. A formula may be the slope along every path, or along its own
with all other names held; where a kink may lie between, or names of one family may be bound to
each other (`p_1 + p_2 = 1`), only a factor or a sign is certain to be wrong.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from tracer.check.bind.writers_run import WritersRun
from tracer.check.judge.array_slopes import differs_from_slope
from tracer.check.judge.blame_finder import WrongPart
from tracer.check.model.statements import EquationChain, Side
from tracer.check.model.written_trees import CONSTANTS, names_in, numbers_in, signed_terms
from tracer.check.slips.rewriting import is_call
from tracer.check.trace.aliases import derivative_of, is_loss
from tracer.expression.syntax import Call, Name, Node, Number, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval
from tracer.lazy_regex import lazy_regex
from tracer.run.scalar_code import float_value

__all__ = ["StatedFormulas", "is_derivative"]

POINTS: Final = (0.31, 0.47, 0.73)  # of (0, 1), so that logarithms and roots are defined
STEP: Final = 1e-5  # of a central difference, which is then right to some ten digits
NEAR: Final = 1e-6
SMOOTH: Final = frozenset(
    ("add", "subtract", "multiply", "divide", "negative", "power", "exp", "log", "sqrt",
     "square", "tanh", "sigmoid", "sin", "cos", "softplus")
)  # fmt: skip
PRIMED: Final = lazy_regex(r"([^\W\d_]+)'\((\w+)\)")
AFTER_A_FIGURE: Final = lazy_regex(r"\d *([a-zA-Z])(?![a-zA-Z_{])")
DEEPEST: Final = 12  # formulas that are put in for names, one in the other
HALF: Final = Fraction(1, 2)
TWO: Final = Number("2", Fraction(2))
NOUGHT: Final = Interval(Fraction(0), Fraction(0))
ONE: Final = Interval(Fraction(1), Fraction(1))
LOSS: Final = "loss"
EULER: Final = "e"
DELTA: Final = "delta"  # where nothing says of what, the derivative by what an array leads to


class _OpenError(Exception):
    """A derivative cannot be compared: what it is made of is not known, or is no number."""


class _Formula(Frozen):
    """What a name is said to be, None where that was not read for certain, and where."""

    tree: Node | None
    line: int
    headings: Sequence[int]


class StatedFormulas:
    """The formulas that one part of a document has stated so far, by the names that they are of."""

    def __init__(self) -> None:
        self._formulas: dict[str, list[_Formula]] = {}

    def note(self, chain: EquationChain, name: str | None, trees: Sequence[Node | None]) -> None:
        """Note what a chain, of these trees, says a name to be: `L = (p - y)²`."""
        tree = trees[1] if chain.is_certain and _has_one_meaning(chain.sides[1]) else None
        names = () if tree is None else names_in(tree)
        if name is None or name in names or _derivative_parts(name) is not None:
            return
        if names or tree is None:
            line = chain.place.line
            self._formulas.setdefault(name, []).append(_Formula(tree, line, chain.headings))

    def only(self, name: str) -> Node | None:
        """Return the one formula that a name is said to be, if it is one."""
        trees = {each.tree for each in self._formulas.get(name, ())}
        return trees.pop() if len(trees) == 1 else None

    def wrong_derivative(
        self,
        chain: EquationChain,
        target: str | None,
        trees: Sequence[Node | None],
        run: WritersRun,
    ) -> WrongPart | None:
        """Return the formula of a chain that is not the derivative which it stands for, if any."""
        parts = _derivative_parts(target or "")
        if parts is None or not chain.is_certain:
            return None
        stated, variable = parts
        if f"{stated}({variable})" in self._formulas:
            stated = f"{stated}({variable})"
        names = [stated] if stated != LOSS else [n for n in self._formulas if is_loss(n)]
        candidates = {
            each.tree: (name, each) for name in names for each in self._formulas.get(name, ())
        }
        found: list[WrongPart] = []
        try:
            for tree, (name, formula) in candidates.items():
                formulas = {**self._formulas_for(chain, names), stated: tree}
                part = _wrong_part(chain, trees, formulas, run, (stated, variable))
                if part is None:
                    return None
                found.append(replace(part, name=name, line=formula.line))
        except _OpenError:
            found.clear()
        best = max(found, key=lambda part: len(part.slips), default=None)
        return best or self._wrong_array(chain, trees, (stated, variable), run)

    def _wrong_array(
        self,
        chain: EquationChain,
        trees: Sequence[Node | None],
        derived: tuple[str, str],
        run: WritersRun,
    ) -> WrongPart | None:
        """Return the formula that is not the derivative by an array which it stands for, if any."""
        stated, variable = derived
        leading = [
            (name, each)
            for name, known in self._formulas.items()
            for each in known
            if each.tree is None or variable in names_in(each.tree)
        ]
        if len({(name, each.tree) for name, each in leading}) != 1:
            return None  # there may be another path
        name, formula = leading[0]
        slope = f"d{stated}/d{name}"
        above = [slope, *(n for n, known in self._formulas.items() if known[0].tree == Name(slope))]
        gradient = next(filter(None, map(run.known, above)), None)
        is_alone = gradient is None  # then δ may be of anything, but in a product of two
        gradient = gradient or run.known(DELTA)
        reached = run.known(name)
        values = {each: known.printed for each, known in run.named_values()}
        same = {*names_in(formula.tree or Name(name)), *above, DELTA}  # figures of both formulas
        bounds = {
            each: values[each] if each in same else known.unrounded or known.bounds
            for each, known in run.named_values()
        }
        is_here = formula.headings == chain.headings[: len(formula.headings)]
        if formula.tree is None or gradient is None or reached is None:
            return None
        if variable not in values or not is_here:
            return None
        for position, tree in enumerate(trees):
            if (
                tree is not None
                and position
                and not (is_alone and len(names_in(tree)) > 2)
                and all(  # a term without it comes from elsewhere: `∂L/∂z x + λ w`
                    not {*above, DELTA}.isdisjoint(names_in(term)) for _, term in signed_terms(tree)
                )
                and differs_from_slope(
                    tree, formula.tree, variable, values, bounds, reached.bounds, gradient.printed
                )
            ):
                return WrongPart(
                    position, tree, None, "derivative", name=name, line=formula.line, other=name
                )
        return None

    def _formulas_for(self, chain: EquationChain, names: Sequence[str]) -> dict[str, Node | None]:
        """Return what names are said to be where a chain stands; None where that is not clear.

        A formula holds below its own heading; under another one there may be another example.
        Raises _OpenError where that is so of all formulas of one of some names.
        """
        is_here = {
            name: any(each.headings == chain.headings[: len(each.headings)] for each in known)
            for name, known in self._formulas.items()
        }
        if not all(is_here.get(name, True) for name in names):
            raise _OpenError
        return {
            name: known[0].tree
            if is_here[name] and all(each.tree == known[0].tree for each in known)
            else None
            for name, known in self._formulas.items()
        }


def _wrong_part(
    chain: EquationChain,
    trees: Sequence[Node | None],
    formulas: Mapping[str, Node | None],
    run: WritersRun,
    derived: tuple[str, str],
) -> WrongPart | None:
    """Return the side of a chain that is not the derivative of a name by another one, if any.

    Raises _OpenError where one cannot be compared.
    """
    name, variable = derived
    formula = formulas[name]
    if formula is None:
        raise _OpenError
    for position, tree in enumerate(trees):
        if tree is None or not position or not names_in(tree):
            continue
        if chain.sides[position].relation != "=":
            continue
        if not _has_one_meaning(chain.sides[position]):
            raise _OpenError
        places = [_Place(formulas, run, point) for point in POINTS]
        ratios = [_ratio_to_slope(tree, at, name, variable) for at in places]
        if any(abs(ratio - 1) < NEAR for ratio in ratios) or all(
            at.is_own_slope(tree, formula, variable) for at in places
        ):
            continue
        stated = {
            each: known.printed.low
            for each in (places[0].used & places[0].leaves.keys()) - {*names_in(tree), variable}
            if (known := run.known(each)) is not None and known.is_given
            if isinstance(known.printed, Interval) and known.printed != ONE
        }
        if stated and any(
            abs(_ratio_to_slope(tree, _Place(formulas, run, point, stated), name, variable) - 1)
            < NEAR
            for point in POINTS
        ):
            raise _OpenError  # the values of names that it leaves out are put in: 2/N with N = 2
        is_multiple = max(ratios) - min(ratios) < NEAR
        if not is_multiple and any(map(_has_index, places[0].leaves)):
            raise _OpenError
        slip = _slip_of(round(ratios[0], 5), tree, formula) if is_multiple else ""
        return WrongPart(position, tree, None, "derivative", (slip,) if slip else ())
    return None


def _has_one_meaning(side: Side) -> bool:
    """Tell whether letters after figures are names for certain: the m of `2 m` may be a unit."""
    text, trees = side.written.text, side.readings[:1]
    counted = Counter(name for tree in trees for name in tree.content.names)
    return all(
        counted[letter] >= len(re.findall(rf"(?<![\\a-zA-Z]){letter}(?![a-zA-Z])", text))
        for letter in AFTER_A_FIGURE.findall(text)
    )


def is_derivative(formulas: Mapping[str, Node], gradient: str, name: str, variable: str) -> bool:
    """Tell whether one formula is the derivative of another one by a name, at any numbers."""
    try:
        for point in POINTS:
            at = _Place(formulas, WritersRun(), point)
            if abs(at.value(gradient) / at.slope(name, variable) - 1) >= NEAR:
                return False
    except _OpenError:
        return False
    return True


def _ratio_to_slope(tree: Node, at: _Place, name: str, variable: str) -> float:
    """Return the ratio of a formula to the slope of a name at some numbers."""
    slope = at.slope(name, variable)
    values: dict[Node, float] = {Name(each): at.value_beside(each) for each in names_in(tree)}
    if not _is_smooth(tree):
        raise _OpenError
    figures = {number.value for number in numbers_in(tree)}
    others = figures - at.figures_derived()
    may_stand = not all(each.denominator == 1 for each in others) or not at.leads_only_to(
        values, variable
    )
    if figures & at.figures_put_in(names_in(tree)) or (others and may_stand):
        raise _OpenError  # it may stand for a name
    ratio = _finite(float_value(tree, values)) / slope
    if at.beside and abs(ratio - 1) >= NEAR:  # `+ λ w` comes from elsewhere
        values |= dict.fromkeys(map(Name, at.beside), 0.0)
        if abs(_finite(float_value(tree, values)) / slope - 1) < NEAR:
            raise _OpenError
    return ratio


class _Place:
    """Numbers for the names of some formulas, each of a name without a formula chosen.

    Those of `stated` have the values that they are stated to have.
    """

    def __init__(
        self,
        formulas: Mapping[str, Node | None],
        run: WritersRun,
        point: float,
        stated: Mapping[str, Fraction] = MappingProxyType({}),
    ) -> None:
        self._formulas = formulas
        self._run = run
        self._point = point
        self._stated = stated
        self.leaves: dict[str, float] = {}
        self._values: dict[str, float] = {}  # so that each formula is worked out once
        self.figures = {Fraction(1), Fraction(2)}  # of the formulas
        self.beside: set[str] = set()  # names of a formula that the derived one does not have
        self.used: set[str] = set()  # names that the quantity which is derived is made of

    def figures_put_in(self, names: Sequence[str]) -> set[Fraction]:
        """Return the figures that may stand for names that are not among those of a formula."""
        return {
            abs(known.printed.low)
            for name, known in self._run.named_values()
            if name not in names
            and (name in self.used or derivative_of(name) is not None)
            and isinstance(known.printed, Interval)
        }

    def figures_derived(self) -> set[Fraction]:
        """Return the figures that a derivative of the formulas may have."""
        products = {one * other for one in self.figures for other in self.figures}
        return products | {each - 1 for each in self.figures}

    def leads_only_to(self, values: Mapping[Node, float], variable: str) -> bool:
        """Tell whether a formula has all names that the derived quantity is made of in the end."""
        return all(Name(each) in values for each in {variable, *self.used & self.leaves.keys()})

    def value_beside(self, name: str) -> float:
        """Return what a name is worth in a formula beside those of the quantity that is derived.

        A loss that is written for one class, `-ln p`, leaves out the target of 0 or 1.
        """
        leaves = set(self.leaves)
        value = self.value(name)
        if leaves == self.leaves.keys():
            return value
        known = self._run.known(name)
        if known is None or not known.is_given or known.printed not in (NOUGHT, ONE):
            raise _OpenError  # the formulas do not lead to it
        self.beside.add(name)
        return float(known.printed == ONE)

    def value(self, name: str, values: dict[str, float] | None = None, depth: int = 0) -> float:
        """Return what a name is worth; `values` are known besides: of names that are moved."""
        if values is None:
            values = self._values
        else:
            self.used.add(name)
        if name not in values:
            values[name] = self._worked_out(name, values, depth)
        return values[name]

    def _worked_out(self, name: str, values: dict[str, float], depth: int) -> float:
        known = self._run.known(name)
        if depth > DEEPEST or (known is not None and not isinstance(known.printed, Interval)):
            raise _OpenError
        if name not in self._formulas:
            parts = derivative_of(name)
            if parts is not None:
                return self.slope(*parts)
            if name == EULER:
                return math.e
            if name in CONSTANTS:
                raise _OpenError
            number = len(self.leaves) + 1
            drawn = (self._point * number * number + number / 7) % 1
            return self.leaves.setdefault(name, float(self._stated.get(name, drawn)))
        formula = self._formulas[name]
        if formula is None or not _is_smooth(formula):
            raise _OpenError
        self.figures |= {each.value for each in numbers_in(formula)}
        below: dict[Node, float] = {
            Name(each): self.value(each, values, depth + 1) for each in names_in(formula)
        }
        return _finite(float_value(formula, below))

    def slope(self, name: str, variable: str) -> float:
        """Return the derivative of a name by another one, along every path."""
        if name not in self._formulas:
            raise _OpenError
        middle = self.value(variable)
        above, below = (self.value(name, {variable: middle + move}) for move in (STEP, -STEP))
        slope = (above - below) / (2 * STEP)
        if abs(slope) < NEAR:
            raise _OpenError
        return slope

    def is_own_slope(self, tree: Node, formula: Node, variable: str) -> bool:
        """Tell whether a tree is the slope of a formula by one of its names, the others held."""
        if variable not in names_in(formula):
            return False
        values: dict[Node, float] = {
            Name(each): self.value(each) for each in {*names_in(formula), *names_in(tree)}
        }
        middle = values[Name(variable)]
        above, below = (
            _finite(float_value(formula, {**values, Name(variable): middle + move}))
            for move in (STEP, -STEP)
        )
        return math.isclose(
            _finite(float_value(tree, values)), (above - below) / (2 * STEP), rel_tol=NEAR
        )


def _derivative_parts(name: str) -> tuple[str, str] | None:
    """Return what a name is the derivative of and by: also `f(x)` and `x` for `f'(x)`."""
    called = PRIMED.fullmatch(name)
    return (f"{called[1]}({called[2]})", called[2]) if called else derivative_of(name)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise _OpenError
    return value


def _is_smooth(tree: Node) -> bool:
    """Tell whether a formula is one of single numbers, and has a slope everywhere."""
    return all(
        isinstance(part, Name | Number)
        or (isinstance(part, Call) and part.operation in SMOOTH and not part.keywords)
        for part in walk(tree)
    )


def _has_index(name: str) -> bool:
    return any(sign.isdigit() or sign == "[" for sign in name)


def _slip_of(ratio: float, tree: Node, formula: Node) -> str:
    """Return the slip that the ratio of a formula to the derivative of another shows, if any."""
    if ratio == -1 and any(is_call(part, "subtract") for part in walk(tree)):
        return "difference_reversed"
    if ratio == 0.5 and any(
        is_call(part, "square") or (is_call(part, "power") and part.children()[1] == TWO)
        for part in walk(formula)
    ):
        return "factor_2_left_out"
    has_half = any(
        (isinstance(part, Number) and part.value == HALF)
        or (is_call(part, "divide") and part.children()[1] == TWO)
        for part in walk(formula)
    )
    return "factor_2_added" if ratio == 2 and has_half else ""
