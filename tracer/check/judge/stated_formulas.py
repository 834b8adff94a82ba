"""What the names of a document are said to be.

A name may have several formulas; nobody knows which one holds then, unless they are one formula at
any numbers. Figures that stand in one for a name's value are that name. What equations bind, and
what has a derivative without a formula, varies with what nobody has stated.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from fractions import Fraction
from functools import cached_property
from typing import Final, Self

from tracer.check.bind.worlds import HeadedFormula, RunView, WritersRun
from tracer.check.compare.bounded_values import (
    entries_of,
    is_telling,
)
from tracer.check.compare.canonical_trees import canonical_tree, partial_derivative
from tracer.check.compare.joined_names import SOME_VALUE, with_products
from tracer.check.compare.side_comparison import figures_put_in
from tracer.check.compare.value_comparison import Agreement, ValueComparison
from tracer.check.judge.derivative_slips import (
    MULTIPLES,
    Readings,
    smooth_readings,
)
from tracer.check.judge.evidence import WrongPart
from tracer.check.judge.index_notation import WholeArrays
from tracer.check.judge.index_sums import index_of, indexed_name
from tracer.check.judge.side_readings import function_and_inputs
from tracer.check.judge.slopes import (
    HALF,
    MOST_ENTRIES,
    OF_ARRAYS,
    names_above,
    names_below,
)
from tracer.check.model.statements import CodeListing, EquationChain, StageMarker, Statement
from tracer.check.model.written_trees import (
    DIFFERENTIALS,
    calls_in,
    is_literal,
    names_in,
    negate,
    numbers_in,
    replace_parts,
    rewrite,
    signed_factors,
    signed_terms,
)
from tracer.check.slips.rewriting import is_call
from tracer.check.trace.aliases import (
    APPLIED,
    DIGITS,
    ENTRY,
    derivative_of,
    is_loss,
    quantity_key,
)
from tracer.expression.names import GREEK
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import Interval, value_of, value_or_none
from tracer.lazy_regex import lazy_regex
from tracer.operations import Term
from tracer.operations.array_shape import nested
from tracer.program.program import substitute
from tracer.run.interpret import shape_of

PRIMED: Final = lazy_regex(r"([^\W\d_]+'*)'\((-?[\w.]+)\)")
MOST_LINKS: Final = 4  # of a chain of derivatives that nobody has written
LOSS: Final = "loss"
LAYER: Final = lazy_regex(r"(.+?)(?:_([a-z])|\[([A-Za-z])(?: ([+-] \d))?\])")


class StatedFormula(Frozen):
    """What a name is said to be, none where that was not read for certain, and where."""

    readings: tuple[Node, ...]
    line: int
    headings: Sequence[int]
    is_guess: bool  # it was written in figures, or stands further down
    figures: frozenset[Fraction] = frozenset()  # in which it was written
    is_presumed: bool = False  # it was written for other layers

    @property
    def tree(self) -> Node | None:
        """The likeliest reading."""
        return self.readings[0] if self.readings else None


class StatedFormulas:
    """The formulas that one part of a document has stated so far, by the names that they are of.

    `statements` are all of the part: an equation between names that is no definition (`y² = 1`,
    `p + q = 1`) holds for what stands before it too, and so do words that a factor is left out,
    under their heading.
    """

    def __init__(self, statements: Sequence[Statement] = (), view: RunView | None = None) -> None:
        self.view = view
        self._formulas: dict[str, list[StatedFormula]] = {}
        self.has_functions = False  # whether one of them is a function of something
        self.has_short_gradients = False  # whether a `dc` was shown to be the gradient by c
        self._leaving_out: set[int] = set()  # the headings under which such words stand
        self._slips: dict[tuple[int, tuple[str, ...]], int] = {}  # in derivatives of a formula
        self._name_of: Callable[[str], str] = str  # of an entry, that of its array
        self._chains = [each for each in statements if isinstance(each, EquationChain)]
        heading = 0
        for each in statements:
            if isinstance(each, StageMarker) and each.kind == "heading":
                heading = each.place.line
            elif isinstance(each, StageMarker) and each.kind == "left out":
                self._leaving_out.add(heading)

    @cached_property
    def _equations(self) -> Sequence[tuple[Node, Node]]:
        return [sides for chain in self._chains for sides in _equations_in(chain)]

    @cached_property
    def _names_alone(self) -> frozenset[str]:
        """The names of one letter, beside `*`, or that something is said of or derived by.

        So is the letter beside one of these: `f(x) = ax + b` has an a.
        """
        sides = (side.tree for chain in self._chains for side in chain.sides)
        trees = [tree for tree in sides if tree is not None]
        names = {name for tree in trees for name in names_in(tree)}
        heads = [chain.sides[0].tree for chain in self._chains]
        products = (each for tree in trees for each in calls_in(tree, ("multiply",)))
        heads += (part for each in products if each.sign == "*" for part in each.arguments)
        slopes = filter(None, map(derivative_parts, names))
        alone = {name for name in names if len(name) == 1}
        applied = filter(None, (function_and_inputs(name) for name in names))
        alone.update(each for _, inputs in applied for each in inputs if len(each) == 1)
        named = {part.id for part in heads if isinstance(part, Name)}
        moved = {by for _, by in slopes}
        pairs = (name for name in names - named if len(name) == 2 and name[0] not in DIFFERENTIALS)
        beside = {
            letter
            for pair in pairs
            if not {*pair}.isdisjoint(moved | alone)
            for letter in pair
            if letter.islower()
        }
        return frozenset((*alone, *named, *moved, *beside, *GREEK))

    def with_letters(self, tree: Node, run: WritersRun) -> Node:
        """Return a formula with the products of letters in it, `w x + b` of `wx + b`."""
        return with_products(
            tree,
            lambda it: run.known_value(it) or (SOME_VALUE if it in self._names_alone else None),
        )

    @cached_property
    def _derived(self) -> frozenset[str]:
        """The quantities of which the part has a derivative: without a formula, they still vary."""
        trees = (side.tree for chain in self._chains for side in chain.sides)
        parts = (derivative_of(n) for tree in trees if tree is not None for n in names_in(tree))
        return frozenset(each[0] for each in parts if each)

    def note(
        self, chain: EquationChain, name: str | None, sides: Readings, run: WritersRun
    ) -> None:
        """Note what a chain, of these sides, says a name to be: `L = (p - y)²`."""
        is_read = chain.is_certain and not chain.sides[1].units
        readings = smooth_readings(sides[1]) if is_read else ()
        readings = tuple(self.with_letters(each, run) for each in readings)
        names = names_in(readings[0]) if readings else ()
        defined_names = self._formulas.keys() & names  # `e` is the error where that is stated
        readings = tuple(each for each in readings if defined_names.issubset(names_in(each)))
        second = chain.sides[1].tree
        is_slope = name is not None and derivative_parts(name) is not None
        if name is not None and is_slope and isinstance(second, Name):
            if self.has(second.id) or self.is_used(second.id):
                return  # `∂L/∂b = δ`
            name, readings, names = second.id, (Name(name),), (name,)  # `∂L/∂z = δ = 0.7`
        if name is None or name in names or derivative_of(name) is not None:
            return
        is_guess = bool(readings) and not names and not is_literal(readings[0])
        if is_guess and self.has(name):
            return  # they are put in for the names of the formula above
        if is_guess:
            named = _with_names_for_figures(readings[0], run)
            # Figures that nobody can name may stand for what moves: it is no constant.
            readings = (named,) if names_in(named) else ()
        if not (readings and is_literal(readings[0])):
            self.has_functions |= any(len(each.children()) == 1 for each in readings)
            # Beside a run all headings are of one example.
            headings = chain.headings if self.view is None else ()
            figures = (
                frozenset(each.value for each in numbers_in(sides[1][0]))
                if is_guess
                else frozenset()
            )
            line = chain.place.line
            self.add(name, StatedFormula(readings, line, headings, is_guess, figures), run)

    def note_code(self, code: CodeListing, run: WritersRun) -> None:
        """Note what code says names to be that have formulas: these hold no more if it differs."""
        for code_name, tree in code.formulas:
            formulas = self._formulas.get(quantity_key(code_name))
            if formulas and not (tree is not None and is_literal(tree)):
                readings = () if tree is None else smooth_readings([canonical_tree(tree)])
                one = StatedFormula(readings, code.line, formulas[-1].headings, is_guess=False)
                self.add(quantity_key(code_name), one, run)

    def add(self, name: str, formula: StatedFormula, run: WritersRun) -> None:
        """Add a formula; of those that are one at any numbers all have one tree."""
        formulas = self._formulas.setdefault(name, [])
        same = (one.readings for one in formulas if _are_one(one.readings, formula.readings, run))
        readings = next(same, None)
        if formulas and readings is None and name.endswith(")"):  # of another function of that name
            derivatives = [each for each in self._formulas if each.startswith(f"{head_of(name)}'")]
            for each in derivatives:
                del self._formulas[each]
        formulas.append(replace(formula, readings=readings or formula.readings))

    def take_up(self, above: StatedFormulas) -> None:
        """Take up the formulas of the part above."""
        self._formulas = {name: [*formulas] for name, formulas in above._formulas.items()}
        self.has_short_gradients = above.has_short_gradients

    def forget(self, chain: EquationChain) -> None:
        """Note that the formula of a chain did not hold: nobody knows what its name is then."""
        for formulas in self._formulas.values():
            line = chain.place.line
            formulas[:] = [
                replace(each, readings=()) if each.line == line else each for each in formulas
            ]

    @property
    def names(self) -> Collection[str]:
        """The names that have formulas, be they read or not."""
        return self._formulas.keys()

    def of(self, name: str) -> Sequence[StatedFormula]:
        """Return what a name is said to be."""
        return self._formulas.get(name, ())

    def trees(self) -> list[tuple[str, Node]]:
        """Return the likeliest reading of each formula, with the name that it is of."""
        return [(n, each.tree) for n, own in self._formulas.items() for each in own if each.tree]

    @property
    def are_in_figures(self) -> bool:
        """Whether some formula is in figures that nobody can name."""
        formulas = (each for own in self._formulas.values() for each in own)
        return any(each.is_guess and not each.readings for each in formulas)

    def trees_of(self, name: str) -> list[Node | None]:
        """Return the formulas of a name, None for one that was not read for certain."""
        return [each.tree for each in self._formulas.get(name, ())]

    def are_left_out(self, chain: EquationChain) -> bool:
        """Tell whether words say of where a chain stands that a factor is left out."""
        return not self._leaving_out.isdisjoint((0, *chain.headings))

    def has(self, name: str) -> bool:
        """Tell whether a name was said to be worked out of others."""
        return any(each.tree is not None for each in self._formulas.get(name, ()))

    def only(self, name: str) -> Node | None:
        """Return the one formula that a name is said to be, if it is one."""
        trees = {None if each.is_guess else each.tree for each in self._formulas.get(name, ())}
        return trees.pop() if len(trees) == 1 else None

    def headed(self, name: str) -> HeadedFormula:
        """Return the one formula of a name, with the headings that it stands under."""
        formula = self.only(name)
        return formula, () if formula is None else self._formulas[name][-1].headings

    def of_derivative(self, slope: str, chain: EquationChain, run: WritersRun) -> Node | None:
        """Return the formula that the derivative of stated formulas of numbers has.

        It goes on from the nearest derivative that has a value: `∂L/∂z · x` for `∂L/∂w` where
        `z = w x`. None where a name on the way has several formulas, or one of another heading.
        """
        formulas = self._formulas.get(slope, ())
        tree = formulas[0].tree if formulas else None
        parts = derivative_of(tree.id if isinstance(tree, Name) else slope)
        if parts is None or not is_loss(parts[0]):
            return None
        losses = [name for name in self._formulas if is_loss(head_of(name))]
        formula = self._slope_by(losses, (parts[1],), chain, run) if len(losses) == 1 else None
        return None if formula is None else rewrite(formula, _without_place)

    def _slope_by(
        self, losses: Sequence[str], path: tuple[str, ...], chain: EquationChain, run: WritersRun
    ) -> Node | None:
        """Return the derivative of a loss by the end of a path, the only one that leads there.

        Of several paths a part may be meant.
        """
        if len(path) > MOST_LINKS:
            return None
        variable = path[-1]
        formulas = {name: self.only(name) for name in self._formulas}
        below = names_below(losses, formulas) & self._formulas.keys() - {variable}
        if any(formulas[name] is None and self._may_hold(variable, name, run) for name in below):
            return None
        above = names_above(variable, formulas) - {variable}
        direct = [name for name in above if (tree := formulas[name]) and variable in names_in(tree)]
        formula = formulas[direct[0]] if len(direct) == 1 and losses[0] in above else None
        if formula is None or not self.are_under_heading(direct, chain):
            return None
        name, local = direct[0], partial_derivative(formula, variable)
        places = [term for _, term in signed_terms(formula) if variable in names_in(term)]
        if local is None or len(places) > 1 or name in path:
            return None
        if name in losses:
            return local
        slopes = filter(run.known_value, self.names_of(f"d{LOSS}/d{name}"))
        outer = next(map(Name, slopes), None) or self._slope_by(losses, (*path, name), chain, run)
        return None if outer is None else (Term(outer) * Term(local)).node

    def _may_hold(self, variable: str, name: str, run: WritersRun) -> bool:
        """Tell whether a name without one formula may be worked out of another: by its figure."""
        value = run.known_value(variable)
        sizes = set() if value is None else {abs(each.low) for each in entries_of(value.printed)}
        return not sizes or any(
            not each.figures or not sizes.isdisjoint(each.figures) for each in self._formulas[name]
        )

    def with_later_formulas(self, run: WritersRun) -> Self:
        """Return the formulas with those that stand further down, of names that have none so far.

        What is said below is not shown to hold above it.
        """
        later = copy(self)
        given_names = {name for name, each in run.named_values() if each.is_given}
        later._formulas = {
            **{n: each for n, each in self._formulas_anywhere.items() if n not in given_names},
            **self._formulas,
        }
        return later

    @cached_property
    def _formulas_anywhere(self) -> Mapping[str, list[StatedFormula]]:
        formulas: dict[str, list[StatedFormula]] = {}
        for chain in self._chains:
            head, result, *_ = chain.sides
            names = names_in(result.tree) if result.tree is not None else ()
            if isinstance(head.tree, Name) and names and head.tree.id not in names:
                readings = smooth_readings(result.readings) if chain.is_certain else ()
                one = StatedFormula(readings, chain.place.line, chain.headings, is_guess=True)
                formulas.setdefault(head.tree.id, []).append(one)
        return formulas

    def names_of(self, slope: str) -> list[str]:
        """Return a derivative with the names that it was given, `g = ∂L/∂w`, `δ_k = ∂L/∂o_k`."""
        place = slope[len(slope.rstrip(DIGITS)) :]
        names = [slope]
        for name, formulas in self._formulas.items():
            meant = formulas[0].tree.id if isinstance(formulas[0].tree, Name) else ""
            if meant == slope:
                names.append(name)
            elif place and index_of(name) and index_of(meant) == index_of(name):
                is_member = indexed_name(meant, int(place)) == slope
                names += [indexed_name(name, int(place))] * is_member
        return names

    def with_layers(self, names: Iterable[str]) -> Self:
        """Return the formulas with those of the layers or times that names are of besides.

        `z^l = W^l a^{l-1}` says what z is at l + 1. So it is at the last layer, L, unless words say
        something else of that: it proves nothing wrong.
        """
        layers = {at[1:] for name in names if (at := self._layer_of(name)) is not None}
        others = [at for at in layers if at[0].isupper() or at[1] > 0]
        if not others:
            return self
        own = {*self._formulas, *names}.union(*(names_in(tree) for _, tree in self.trees()))
        places = {name: at for name in own if (at := self._layer_of(name)) is not None}
        lowered = {at[1] for name, at in places.items() if name[-2:] == f"_{at[1]}"}
        further = copy(self)
        further._formulas = {**self._formulas}
        for letter, shift in others:
            moved = {
                name: _in_layer(base, letter, own_shift + shift, letter in lowered)
                for name, (base, own_letter, own_shift) in places.items()
                if own_letter == letter.lower()
            }
            renamed = {name: Name(other) for name, other in moved.items()}
            for name in self._formulas.keys() & moved.keys():
                if places[name][2] == 0 and moved[name] not in self._formulas:
                    further._formulas[moved[name]] = [
                        replace(
                            each,
                            readings=tuple(substitute(r, renamed) for r in each.readings),
                            is_presumed=letter.isupper(),
                        )
                        for each in self._formulas[name]
                    ]
        return further

    def _layer_of(self, name: str) -> tuple[str, str, int] | None:
        """Return z, l and 1 for `z[l + 1]`, the z of a layer or a time; None for any other name."""
        match = LAYER.fullmatch(name)
        if match is None:  # `δ_{t+1}` was read as δ'
            is_next = name.endswith("'") and f"{name[:-1]}_t" in self._formulas
            return (name[:-1], "t", 1) if is_next else None
        return match[1], match[2] or match[3], int((match[4] or "0").replace(" ", ""))

    def short_form(self, target: str, run: WritersRun) -> tuple[str, str] | None:
        """Return what `dW` is the derivative of and by: where W is a name, of the loss."""
        name = quantity_key(target[1:]) if target[:1] == "d" else ""
        is_name = name in self._formulas or run.known_value(name) is not None or self.is_used(name)
        return (LOSS, name) if name and is_name else None

    def is_used(self, name: str) -> bool:
        """Tell whether some formula is made of a name."""
        return any(name in names_in(tree) for _, tree in self.trees())

    def entries(self, chain: EquationChain, run: WritersRun, stated: str) -> dict[str, str]:
        """Return the arrays of the names that are entries of stated ones."""
        trees = [side.tree for side in chain.sides]
        trees += [each.tree for formulas in self._formulas.values() for each in formulas]
        names = {name for tree in trees if tree is not None for name in names_in(tree)}
        places = {name: run.entry_place(name) for name in {stated, *names}}
        return {
            name: place[0]
            for name, place in places.items()
            if place and (name not in self._formulas or place[0] in self._formulas)
        }

    def with_entries(
        self,
        formulas: Mapping[str, Node | None],
        entries: Mapping[str, str],
        run: WritersRun,
        variable: str,
    ) -> dict[str, Node | None]:
        """Return formulas with those of entries, and of the array of which the variable is one."""
        given_names = {name for name, own_formulas in run.named_values() if own_formulas.is_given}
        all_formulas = {**dict.fromkeys(self._derived - given_names), **formulas}
        all_formulas.update({entry: Name(array) for entry, array in entries.items()})
        own_formulas = self._formulas.get(variable, ())
        if own_formulas and all(each.is_guess and not each.readings for each in own_formulas):
            del all_formulas[variable]  # whatever its figures stand for, it is what moves
        moved = array_of_names(variable, run) if variable not in self._formulas else None
        if moved is not None:  # each entry of its array may move
            all_formulas[moved[0]] = moved[1]
            all_formulas = {
                n: tree for n, tree in all_formulas.items() if n not in names_in(moved[1])
            }
        return _with_bare_functions(all_formulas)

    def names_bound(
        self, stated: str, formulas: Mapping[str, Node | None], run: WritersRun
    ) -> frozenset[str]:
        """Return the names that stated equations bind to each other, and what those are made of.

        An equation of which all names have values is no more than a calculation, and one of several
        names, with no two that `stated` is made of, takes no choice away.
        """
        bound: set[str] = set()
        led = names_below({stated}, formulas)
        used = {name for tree in formulas.values() if tree is not None for name in names_in(tree)}
        for left, right in self._equations:
            sides = (with_products(side, run.known_value) for side in (left, right))
            names = {name for side in sides for name in names_in(side)}
            if isinstance(left, Name):  # `uv = 1` of u and v
                names = used.intersection(left.id) if used.issuperset(left.id) else set()
            names = set(map(self._name_of, names))
            if all(
                run.known_value(each) and not run.is_told_again(each) and each not in run.imagined
                for each in names
            ):
                continue
            if len(names) == 1 or len(names_below(names, formulas) & led) > 1:
                bound |= names
        return names_below(bound, formulas)

    def are_under_heading(self, names: Iterable[str], chain: EquationChain) -> bool:
        """Tell whether a formula of each name stands under a heading of a chain's, or none."""
        return all(self.under_heading(name, chain) for name in names if name in self._formulas)

    def under_heading(self, name: str, chain: EquationChain) -> Sequence[StatedFormula]:
        """Return the formulas of a name that stand under a heading of a chain's."""
        own = self.of(name)
        return [each for each in own if each.headings == chain.headings[: len(each.headings)]]

    def formulas_for(self, chain: EquationChain) -> dict[str, Node | None]:
        """Return what names are said to be where a chain stands; None where that is not clear.

        What several other headings have of a name, each its own, is none here.
        """
        here = {name: self.under_heading(name, chain) for name in self._formulas}
        trees = {name: {each.tree for each in here[name] or self.of(name)} for name in here}
        return {
            name: next(iter(own)) if len(own) == 1 else None
            for name, own in trees.items()
            if here[name] or len(own) == 1
        }

    def of_whole_arrays(self, arrays: WholeArrays) -> Self:
        """Return the formulas of whole arrays, for those of their entries."""
        whole = copy(self)
        whole._formulas, whole._name_of = {}, arrays.name
        for name, formulas in self._formulas.items():
            for each in formulas:
                tree = None if each.tree is None else arrays.formula(each.tree, name)
                one = replace(each, readings=() if tree is None else (tree,))
                whole._formulas.setdefault(arrays.name(name), []).append(one)
        return whole

    def gradient_parts(self, name: str, run: WritersRun) -> tuple[str, str] | None:
        """Return what a name is the derivative of and by, `dW` and δ too."""
        return derivative_of(name) or self.given_to(name) or self.short_form(name, run)

    def given_to(self, name: str) -> tuple[str, str] | None:
        """Return the parts of the derivative that a name was last given to: `δ = ∂L/∂z`."""
        names = (each.tree.id for each in reversed(self.of(name)) if isinstance(each.tree, Name))
        return next(filter(None, map(derivative_of, names)), None)

    def forward_formulas(self, run: WritersRun) -> dict[str, Node]:
        """Return the first formula of each name that is no derivative."""
        first = {name: own[0].tree for name, own in self._formulas.items()}
        return {
            name: tree
            for name, tree in first.items()
            if tree and not self.gradient_parts(name, run)
            if name not in names_below(names_in(tree), first)  # `w_ij = w_ji`
        }

    def slope_parts(self, name: str, run: WritersRun) -> tuple[str, str] | None:
        """Return LOSS and what a gradient, by any of its names, is the derivative by."""
        formulas = self._formulas.get(name, ())
        tree = formulas[0].tree if formulas else None
        parts = self.gradient_parts(tree.id if isinstance(tree, Name) else name, run)
        return parts if parts and (parts[0] == LOSS or is_loss(parts[0])) else None

    def note_slip(self, wrong: WrongPart, line: int) -> int:
        """Note a slip in a derivative; return the line of the first of its formula that has it."""
        is_multiple = not MULTIPLES.isdisjoint(wrong.slips)
        return self._slips.setdefault((wrong.line, wrong.slips), line) if is_multiple else line


def _with_bare_functions(formulas: Mapping[str, Node | None]) -> dict[str, Node | None]:
    """Return formulas in which f is what `f(x)` is, where that stands at no other place.

    At others it is what it is said to be of x, with what stands there: `g(z_1)` beside `g(a) = …`.
    """
    trees = (tree for tree in formulas.values() if tree is not None)
    names = {*formulas, *(n for t in trees for n in names_in(t))}
    by_key = {quantity_key(name): name for name in names}
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in filter(None, map(APPLIED.fullmatch, names)):
        places[each[1]].append((each[0], each[0][len(each[1]) + 1 : -1].strip()))
    all_formulas = dict(formulas)
    for function, applied in places.items():
        (name, inner), *others = applied
        if not others and all(each.strip().isidentifier() for each in inner.split(",")):
            tree = all_formulas.get(name)
            if tree is not None:
                all_formulas.setdefault(function, tree)
            all_formulas[name] = Name(function)
        stated = [(each, of) for each, of in applied if formulas.get(each) and of.isidentifier()]
        for name, inner in applied if others and len(stated) == 1 else ():
            (own, variable), at = stated[0], by_key.get(quantity_key(inner))
            if name != own and at is not None and (body := formulas[own]) is not None:
                all_formulas[name] = substitute(body, {variable: Name(at)})
    return all_formulas


def puts_in_values(chain: EquationChain, run: WritersRun) -> bool:
    """Tell whether all figures that a chain puts in for names are what these are worth here.

    One figure of one digit is no sign of it: it may be so by chance. Names that have had other
    values may have had other formulas.
    """
    put_in = [*figures_put_in([side.tree for side in chain.sides[1:]], run)]
    if any(run.earlier(name) for name, _ in put_in):
        return False
    known_values = [run.known_value(name) for name, _ in put_in]
    are_values = all(
        each is not None and is_literal(figures) and each.fits(value_of(figures))
        for each, (_, figures) in zip(known_values, put_in, strict=True)
    )
    numbers = (number for _, figures in put_in for number in numbers_in(figures))
    return are_values and (len(put_in) > 1 or any(map(is_telling, numbers)))


def _equations_in(chain: EquationChain) -> Iterator[tuple[Node, Node]]:
    """Yield the sides of a chain that say how names are bound, and do not work out a value.

    That is `p + q = 1`, `dL/dx = y - k = 0` and `s = p + q = 1`, and neither `y - t = 2 - 3 = -1`,
    `dL/dp = p - y = 5` nor `(a + b)² = a² + 2ab + b²`; nor do an update and what was rounded.
    """
    trees = [side.tree for side in chain.sides]
    is_worked = any(tree is not None and not names_in(tree) for tree in trees[1:-1])
    head = trees[0]
    is_worked |= chain.sides[-1].relation == "≈" or (isinstance(head, Name) and head.id[-1:] == "'")
    is_named = isinstance(head, Name)
    # What a loss or a slope is worth binds nothing.
    is_slope = isinstance(head, Name) and (is_loss(head.id) or derivative_of(head.id) is not None)
    first = is_named and len(trees) > 2
    for left, right in itertools.pairwise(() if is_worked else trees[first:]):
        if left is None or right is None or (is_named and not is_literal(right)):
            continue
        is_calculation = is_slope and value_or_none(right) != Interval(Fraction(0))
        comparison = ValueComparison(WritersRun())
        if names_in(left) and not (
            is_calculation or comparison.as_identity(left, right) is Agreement.HOLDS
        ):
            yield left, right


def _are_one(trees: Sequence[Node], others: Sequence[Node], run: WritersRun) -> bool:
    """Tell whether two formulas of numbers are the same at any of these: `σ(z)`, `1/(1 + e⁻ᶻ)`."""
    if trees == others or not (trees and others):
        return trees == others
    known_values = filter(None, map(run.known_value, {*names_in(trees[0]), *names_in(others[0])}))
    is_of_numbers = all(isinstance(each.printed, Interval) for each in known_values)
    is_of_numbers &= OF_ARRAYS.isdisjoint(trees[0].content.operations)
    comparison = ValueComparison(WritersRun())
    return is_of_numbers and comparison.as_identity(trees[0], others[0]) is Agreement.HOLDS


def _with_names_for_figures(tree: Node, run: WritersRun) -> Node:
    """Return a formula with names for the figures that are their values.

    None is named where one may be that of several names. Whole numbers and ½ belong to the
    formula, unless they are factors beside figures alone, `0.5 * 2`, or all that a function is of.
    """
    put_in = {
        id(each)
        for call in walk(tree)
        if isinstance(call, Call) and (call.operation == "multiply" or len(call.arguments) == 1)
        if all(is_literal(factor) for _, factor in signed_factors(call)[1])
        for each in numbers_in(call)
    }
    meant = [
        number
        for number in numbers_in(tree)
        if id(number) in put_in or not (number.text.isdigit() or number.value == HALF)
    ]
    names: dict[Fraction, list[Node]] = {}
    for name, known_value in run.named_values() if meant else ():
        if derivative_of(name) is None:
            places = itertools.product(*map(range, shape_of(known_value.printed)))
            shape = shape_of(known_value.printed)
            for place, entry in zip(places, entries_of(known_value.printed), strict=True):
                id_ = name + _digits_of(place, shape)
                node = negate(Name(id_)) if entry.low < 0 else Name(id_)
                names.setdefault(abs(entry.low), []).append(node)
    if any(len(names.get(number.value, ())) > 1 for number in meant):
        return tree
    return replace_parts(tree, [(n, node) for n in meant for node in names.get(n.value, ())])


def _digits_of(place: Sequence[int], sizes: Sequence[int]) -> str:
    """Return the number behind the name of an entry, from 1, along the axes that have several."""
    return "".join(str(at + 1) for at, size in zip(place, sizes, strict=True) if size != 1)


def array_of_names(entry: str, run: WritersRun) -> tuple[str, Node] | None:
    """Return the stated array that a name is an entry of, with names for all entries, if any."""
    place = run.entry_place(entry)
    known_value = run.known_value(place[0]) if place else None
    if place is None or known_value is None:
        return None
    shape = shape_of(known_value.printed)
    indices = itertools.product(*map(range, shape))
    if ENTRY.fullmatch(entry):
        names = [Name(f"{place[0]}[{','.join(map(str, index))}]") for index in indices]
    else:
        stem = entry.removesuffix("".join(str(each + 1) for each in place[1]))
        sizes = shape if len(place[1]) < len(shape) else (0,) * len(shape)  # k₂ or k₂₁ of a column
        names = [Name(stem + _digits_of(index, sizes)) for index in indices]
    if entry not in {each.id for each in names} or len(names) > MOST_ENTRIES:
        return None
    return place[0], nested(names, shape, lambda row: Array(tuple(row)))


def may_be_slope(figures: Node | None, formula: Node) -> bool:
    """Tell whether figures may be put in for the formula of a derivative.

    A quotient may be one of differences, and a sum of more terms than it has one over samples.
    """
    if figures is None or is_call(figures, "divide"):
        return False
    return len(signed_terms(figures)) <= len(signed_terms(formula))


def head_of(name: str) -> str:
    """Return J for `J(w)`, and any other name as it is."""
    return name.partition("(")[0]


def derivative_parts(name: str) -> tuple[str, str] | None:
    """Return what a name is the derivative of and by: also `f(x)` and `x` for `f'(x)`."""
    called = PRIMED.fullmatch(name)
    return (f"{called[1]}({called[2]})", called[2]) if called else derivative_of(name)


def _in_layer(base: str, letter: str, shift: int, is_lowered: bool) -> str:
    if is_lowered and shift in (0, 1):
        return f"{base}'" if shift else f"{base}_{letter}"
    behind = f" {'+' if shift > 0 else '-'} {abs(shift)}" if shift else ""
    return f"{base}[{letter}{behind}]"


def _without_place(node: Node) -> Node:
    """Return a name or a figure that stands in no text."""
    match node:
        case Name(id=name):
            return Name(name)
        case Number(text=text, value=value):
            return Number(text, value)
    return node
