"""Chains, ready to be judged: what their sides are, what they are of, how exact their figures are.

Names have one spelling there, and a formula and its figures are one chain.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from typing import Final

from tracer.check.bind.worlds import RunView, WritersRun
from tracer.check.compare.bounded_values import (
    LEAST_DIGITS_PUT_IN,
    MOST_HABITUAL_DIGITS,
    KnownValue,
    RoundingHabit,
    around,
    entries_of,
    half_place,
    have_one_shape,
    is_result,
    is_telling,
    range_of_both,
    significant_digits,
)
from tracer.check.compare.canonical_trees import as_decimal, canonical_tree
from tracer.check.compare.side_comparison import SideComparison, figures_put_in
from tracer.check.compare.value_comparison import (
    ANY_PRODUCT,
    Agreement,
    ValueComparison,
    World,
    has_call,
)
from tracer.check.judge.blame_of_formulas import OPERATIONS
from tracer.check.judge.part_state import PartState
from tracer.check.judge.side_readings import (
    function_places,
    readings_of,
    with_chain_rule,
)
from tracer.check.judge.stated_formulas import head_of
from tracer.check.model.statements import EquationChain, Side, Statement, WorkedDocument
from tracer.check.model.written_trees import (
    DIFFERENTIALS,
    calls_in,
    is_literal,
    is_matrix,
    names_in,
    numbers_in,
    rename_calls,
    rewrite,
    rewrite_calls,
    signed_figures,
    signed_terms,
)
from tracer.check.read.word_tables import STATISTICS
from tracer.check.slips.rewriting import is_call, is_number
from tracer.check.trace.aliases import derivative_of, is_loss, name_of
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.frozen import replace
from tracer.intervals import Interval, Value, value_or_none
from tracer.operations import table

EXACT: Final = frozenset(
    ("add", "subtract", "multiply", "negative", "power", "matmul", "dot", "sum", "transpose_last")
)
"""Operations whose results a writer need not round."""
MOST_LINES_BETWEEN: Final = 2  # a formula and its figures; further apart, another may be meant
OTHER_FORMS: Final = {"gelu": "gelu_tanh"}
"""Functions of which one name is said: what it means beside a run, the run says."""
LARGEST_DENOMINATOR: Final = 12  # of a fraction that is written as a decimal of four digits
PI: Final = "π"
NO_NAME: Final = frozenset(("add", "subtract", "multiply", "negative", "matmul"))


_Figure = tuple[Fraction, Fraction | None]
"""A value with half its last decimal: 1.0 may have been rounded where 1 was not."""


class ChainWork:
    """One chain, ready to be judged: its trees, its target, and how exact its figures are.

    `formulas` are its sides with names, but for the first; `begin` is the position of its first
    side that is compared: a target only names the value. `is_statement` says whether a name and a
    literal are all there is, `has_another_rule` whether the target was worked out otherwise above.
    """

    def __init__(self, chain: EquationChain, state: PartState) -> None:
        self.chain: Final = chain
        self.worked_out: Final = state.worked_out
        self.run: Final = state.run
        self.view: Final = state.view
        self.is_one_example: Final = state.is_one_example
        value_of_name = state.values_of_names()
        formula_of = state.formulas.only if state.formulas.has_functions else None
        applies = any("(" in n for each in chain.sides if each.tree for n in names_in(each.tree))
        places = function_places(state.run.named_values()) if applies else {}
        readings = readings_of(chain, state.named_sides, value_of_name, formula_of, places)
        has = frozenset() if state.view is None else state.view.operations
        forms = {it: other for it, other in OTHER_FORMS.items() if other in has and it not in has}
        if forms:
            readings = [[rename_calls(tree, forms) for tree in trees] for trees in readings]
        self.readings: Final = with_chain_rule(readings, value_of_name)
        self.trees: Final[list[Node | None]] = [each[0] if each else None for each in self.readings]
        self.formulas: Final = [each for each in self.trees[1:] if each and names_in(each)]
        right = self.trees[-1]
        is_short = len(self.trees) == 2 and not chain.is_inequality
        self.is_statement: Final = is_short and right is not None and is_literal(right)
        self.habit: Final = state.habit
        self.ranges: Final = self._ranges(state.habit, self._figures_worked_out(state))
        self.comparison: Final = self.comparison_in(state.run)
        self.formula_of: Final = state.formula_of
        self.result_below: Final = state.result_below
        self.target: Final = None if chain.is_inequality else self._find_target(state.named_sides)
        head = self.target or self.trees[0]
        self.worked: Final[set[Node | str]] = {*self.formulas, *([head] if head else [])}
        self.begin: Final = 0 if self.target is None else 1
        self.has_another_rule: Final = state.is_another_rule(self.target or "", chain)

    def comparison_in(self, world: World) -> SideComparison:
        """Return a comparison of its sides in a world."""
        return SideComparison(world, self.habit, self.ranges, self.worked_out)

    def is_of_another_case(self, before: KnownValue | None) -> bool:
        """Tell whether words of its own may make its value that of another case.

        That is `the best weight is w = 6/3 = 2`; what adds to the value that the name had `before`,
        is worked out of it, `0.1/2`, or of the name, is its next one. Small whole numbers stand
        anywhere.
        """
        had = set() if before is None else {abs(each.low) for each in entries_of(before.printed)}
        words = self.chain.qualified_by
        is_of_slope = words == "derivative" and before is not None and before.is_given
        return (words in ("sentence", "place") or is_of_slope) and not any(
            self.target in names_in(tree)
            or any(each.value in had and each.value.denominator > 1 for each in numbers_in(tree))
            or (
                len(terms) > 1
                and any(isinstance(each, Number) and each.value in had for _, each in terms)
            )
            for tree in filter(None, self.trees[1:])
            for terms in [signed_terms(tree)]
        )

    @property
    def is_worked(self) -> bool:
        """Whether figures stand in it beside a name, or on both sides of a relation.

        Decimals that are worked out in a formula, `w - 0.1 * 0.5`, were put in for names.
        """
        if any(not each for each in self.readings) or any(
            tree is not None and not names_in(tree) for tree in self.trees
        ):
            return True
        parts = (
            part
            for tree in self.trees[1:]
            if tree is not None
            for part in calls_in(tree, OPERATIONS)
        )
        return (
            self.is_no_identity
            or self._tells_any_value
            or (
                len(self.trees) > 2
                and any(
                    not names_in(part) and any(map(half_place, numbers_in(part))) for part in parts
                )
            )
        )

    @property
    def is_no_identity(self) -> bool:
        """Whether two formulas of the same names, `3(x - 1) = 3x + 1`, differ at chosen numbers."""
        return self.chain.is_certain and any(
            {*names_in(left)} == {*names_in(right)}
            and ValueComparison(WritersRun(), self.habit).as_identity(left, right)
            is Agreement.DIFFERS
            for left, right in itertools.pairwise(self.trees[1:])
            if left is not None and right is not None
        )

    @property
    def _tells_any_value(self) -> bool:
        """Whether formulas in decimals agree, or differ, for all values of what has none.

        That is `(1 - β) g = 0.1 g`, whatever g is.
        """
        known = self.comparison.world.known_value
        return any(
            any(map(half_place, (*numbers_in(left), *numbers_in(right))))
            and left != right
            and len({frozenset(n for n in names_in(it) if not known(n)) for it in (left, right)})
            == 1
            and self.comparison.as_identity(left, right) is not Agreement.UNKNOWN
            for left, right in itertools.pairwise(self.trees[1:])
            if left is not None and right is not None
        )

    @property
    def is_of_state(self) -> bool:
        """Whether its target is what the run carries on, and may be said anew where it began."""
        if self.view is None:
            return True
        spots = self.view.spots(self.target or "", is_target=False)
        return any(name in self.view.carried for name, _ in spots)

    def names_of_result(self) -> list[Node]:
        """Return the further names that a literal gets, where nobody knows a value to compare.

        There are none where anything else stands before the literal. A function of such a name is
        one too.
        """
        middle, last = self.trees[1:-1], self.trees[-1]
        names = [tree for tree in middle if tree is not None and self.comparison.is_name(tree)]
        is_all = len(names) == len(middle) and last is not None and is_literal(last)
        return names if is_all else []

    def _find_target(self, named_sides: dict[Node, str]) -> str | None:
        """Return the name that the chain gives a value, which may be written as an expression."""
        first, name = self.trees[0], f"«{self.chain.sides[0].written.text.strip()}»"
        if first is None:
            return name
        if isinstance(first, Name):
            return first.id
        if (
            not any(map(is_result, self.readings[-1]))  # its formula says what it is worth
            or (isinstance(first, Call) and first.operation in NO_NAME)
            or (has_call(first, "length", "norm") and self._are_entries_put_in())
            or (  # worked out, `f(1)/c`, and no derivative, `d²y/dx²`
                isinstance(first, Call)
                and first.operation == "divide"
                and not any(each.startswith(DIFFERENTIALS) for each in names_in(first.arguments[0]))
            )
            or (
                self.comparison.value(first, "bounds") is not None
                and not self._is_first_of_its_kind(first)
            )
            or not (names_in(first) or _is_label(first))
        ):
            return None
        # In `√(Var(h) + ε)` the brackets may apply a name, or the function that is called so.
        own = first.content.operations
        applied = (
            reading
            for reading in self.readings[0]
            if set() < reading.content.operations - own <= {*STATISTICS.values()}
        )
        named_sides |= dict.fromkeys((first, *applied), name)
        return name

    def _are_entries_put_in(self) -> bool:
        """Tell whether a sum of figures comes next, `‖w‖ = √(3² + 4²) = 5`, and its result."""
        following = self.trees[1] if len(self.trees) > 2 else None
        if isinstance(following, Call) and following.operation == "sqrt":
            following = following.arguments[0]
        if following is None or names_in(following):
            return False
        return len(signed_terms(following)) > 1

    def _is_first_of_its_kind(self, tree: Node) -> bool:
        """Tell whether a tree is the name `δ^1`: no power of a δ that has another value."""
        result = self.trees[-1]
        match tree:
            case Call(operation="power", arguments=(base, exponent)) if is_number(exponent, 1):
                known = self.run.known_value(base.id) if isinstance(base, Name) else None
                is_value = known and result and known.fits(self.comparison.stands_for(result))
                return not is_value
        return False

    def _figures_worked_out(self, state: PartState) -> Collection[int]:
        """Return the figures put in for derivatives, and for what the run or a formula computes.

        A derivative or a formula says so where no value was stated. What is not the run's value of
        its name was not rounded from that.
        """
        world = state.present_world()
        names = {name for tree in self.formulas for name in names_in(tree)}
        values = (
            None if state.run.is_told_again(name) else world.known_value(name) for name in names
        )  # nobody knows the value that was told again
        computed = {
            name: known_value
            for name, known_value in zip(names, values, strict=True)
            if (
                derivative_of(name) or state.formulas.has(name)
                if known_value is None
                else state.view is not None and not known_value.is_given
            )
        }
        comparison = state.comparison_in(world)
        return {
            id(each)
            for name, node in (figures_put_in(self.trees[1:], world) if computed else ())
            if name in computed
            if (known_value := computed[name]) is None
            or not is_literal(node)
            or known_value.fits(comparison.stands_for(node))
            for each in numbers_in(node)
        }

    def _ranges(self, habit: RoundingHabit, worked_out: Collection[int]) -> Mapping[int, Interval]:
        """Return what each figure may stand for that is not exact.

        A figure is computed, and rounded, if it was printed as a result before, or first appears
        after the first side of figures, or in a side that has fewer operations than the formula
        above, so that one was worked out, with as many digits as any there. One digit stands only
        for a function or a quotient. Every other figure is data and exact, and so are those of an
        array that was given, turned or not, and what a part of the side above gives exactly.
        """
        ranges: dict[int, Interval] = {}
        above: Node | None = None
        earlier: dict[_Figure, Interval] = {}
        has_figures = False
        most_worked = most_rounded = 0  # operations of a formula above; those that are rounded
        for position, trees in enumerate(self.readings):
            tree = trees[0] if trees else None
            if tree is None or (position == len(self.readings) - 1 and is_literal(tree)):
                continue
            parts = (part.operation for part in walk(tree) if isinstance(part, Call))
            calls = [operation for operation in parts if operation != "index"]  # works nothing out
            rounded = len([operation for operation in calls if operation not in EXACT])
            powers = (call.arguments[1] for each in trees for call in calls_in(each, ("power",)))
            exact = {id(n) for n in powers if isinstance(n, Number) and half_place(n) is None}
            exact |= {id(number) for each in trees for number in self._of_given_arrays(each)}
            if names_in(tree):  # the 1 of 1 - β is no result that was printed as 1.0
                whole = (n for n in numbers_in(tree) if half_place(n) is None)
                earlier |= {(n.value, None): Interval(n.value) for n in whole}
            inexact: list[tuple[Number, Interval]] = []
            for number in [number for each in trees for number in numbers_in(each)]:
                if id(number) in exact:
                    continue  # of the formula or of the data, whatever results equal it
                is_worked_out = rounded < most_rounded or (
                    len(calls) < most_worked and is_telling(number)
                )
                is_coarse = habit.is_coarse(number, numbers_in(tree))
                is_put_in = id(number) in worked_out and (is_telling(number) or not is_coarse)
                is_result = is_put_in or (is_worked_out and not is_coarse)
                is_first = not (has_figures or is_result)
                interval = self._range_of(number, earlier, habit, is_first=is_first)
                inexact += [] if interval.is_exact else [(number, interval)]
            if inexact and above is not None:
                exact_parts = _values_of_exact_parts(above, ranges.keys())
                inexact = [each for each in inexact if each[0].value not in exact_parts]
            ranges.update((id(number), interval) for number, interval in inexact)
            has_figures = has_figures or bool(numbers_in(tree) and not names_in(tree))
            if names_in(tree):
                most_worked, most_rounded = max(most_worked, len(calls)), max(most_rounded, rounded)
                earlier |= {(n.value, half_place(n)): Interval(n.value) for n in numbers_in(tree)}
            above = tree
        return ranges

    def _of_given_arrays(self, tree: Node) -> Iterator[Number]:
        """Yield the figures of those arrays in a tree that have the entries of a given one."""
        for part in walk(tree) if self.run.given_arrays else ():
            figures = signed_figures(part) if isinstance(part, Array) and is_literal(part) else []
            if tuple(sorted(signed for signed, _ in figures)) in self.run.given_arrays:
                yield from (number for _, number in figures)

    def _range_of(
        self,
        number: Number,
        seen: dict[_Figure, Interval],
        habit: RoundingHabit,
        *,
        is_first: bool,
    ) -> Interval:
        value, half = number.value, half_place(number)
        exactly = Interval(value)
        if value in self.run.exact_figures:
            return exactly
        is_given = value in self.run.given_figures
        computed = self.run.computed_figures.get(value)
        if computed is None and not is_given:
            computed = self.run.figures_above.get(value)
        if computed is None and not is_given and half is not None:
            computed = self.run.rounded_figures.get((value, half))
        interval = seen.get((value, half))
        if half is None:
            if computed is None or is_given or interval is not None:
                return interval or exactly
            return range_of_both(computed, around(value, habit.half_unit(number)))
        if interval is None:
            near = around(value, half)
            interval = near
            if computed is not None and is_first:  # it, the result that it stands for, or between
                interval = range_of_both(computed, exactly)
            # A given 0.1 is no result that was printed as 0.10.
            is_result = (value, half) in self.run.rounded_figures
            if (is_given or is_first) if computed is None else (is_given and not is_result):
                interval = _as_rounded(number) or exactly
            seen[value, half] = interval
        return interval

    def is_exact(self, position: int) -> bool:
        """Tell whether a result is exactly what the figures before it give: nothing was rounded."""
        before, tree = self.trees[position - 1], self.trees[position]
        if before is None or tree is None or names_in(before) or not is_literal(tree):
            return False
        value = self.comparison.value(before)
        return value is not None and value == self.comparison.value(tree)

    def value_in_run(self) -> Value | None:
        """Return what the run would have for a result of figures, which rounding has led off."""
        result = None if self.trees[-1] is None else self.comparison.value(self.trees[-1])
        worked = self.readings[self.begin : -1]
        sides = ([tree for tree in each if not names_in(tree)] for each in worked)
        comparison, figures = self.comparison_in(self.run), next(filter(None, sides), ())
        values = (value for tree in figures for value in comparison.values(tree, "bounds"))
        return next((v for v in values if result is None or have_one_shape(v, result)), None)


def _as_rounded(number: Number) -> Interval | None:
    """Return what a figure may be whose digits show that it was rounded.

    It has four and more and rounds a small fraction, 0.166667, or has so many that a program
    printed it. None where they do not show it.
    """
    value, half = number.value, half_place(number) or Fraction(0)
    if significant_digits(number) > MOST_HABITUAL_DIGITS:
        return around(value, half)
    meant = value.limit_denominator(LARGEST_DENOMINATOR)
    is_rounded = abs(meant - value) <= half and significant_digits(number) > LEAST_DIGITS_PUT_IN
    return range_of_both(Interval(value), Interval(meant)) if is_rounded else None


def _is_label(side: Node) -> bool:
    """Tell whether a side names an entry or a case by a figure: `softmax(0)`, `Pr(W = 1)`."""
    row = table().get(side.operation) if isinstance(side, Call) else None
    return isinstance(side, Call) and (row is None or not row.elementwise)


def _values_of_exact_parts(tree: Node, rounded: Set[int]) -> set[Fraction]:
    """Return what each calculation in a side is worth of which no figure was rounded."""
    calls = calls_in(tree, EXACT)
    exact = (part for part in calls if rounded.isdisjoint(map(id, numbers_in(part))))
    values = map(value_or_none, exact)
    return {value.low for value in values if isinstance(value, Interval) and value.is_exact}


# Rows of one name -----------------------------------------------------------------------------


def join_rows(document: WorkedDocument, view: RunView | None = None) -> WorkedDocument:
    """Return a document with the rows that say one after the other what a name is as one chain.

    Names have one spelling in it, and a row times a turned row is read as both that it may be.
    π is a name where the document says what it is, `π = σ(θ)`.
    """
    heads = (chain.sides[0].tree for chain in document.chains())
    is_name = any(head is not None and is_call(head, "pi") for head in heads)
    apart = _other_losses(document, view) | ({PI} if is_name else set[str]())
    statements = (
        _with_one_spelling(each, apart) if isinstance(each, EquationChain) else each
        for each in document.statements
    )
    return replace(document, statements=tuple(joined_chains(statements)))


def _other_losses(document: WorkedDocument, view: RunView | None) -> set[str]:
    """Return the losses of which derivatives are not those of the loss that is trained on.

    They are parts of it, E of `J = E + R`, or quantities of the run beside its loss.
    """
    loss = None if view is None else view.program.loss
    wholes, parts = set[str](), set[str]()
    for first, *others in (chain.sides for chain in document.chains()):
        whole = first.tree.id if isinstance(first.tree, Name) and is_loss(first.tree.id) else ""
        trees = [side.tree for side in others if isinstance(side.tree, Call)] if whole else []
        losses = {name for tree in trees for name in names_in(tree) if is_loss(name)} - {whole}
        parts |= losses
        wholes |= {whole} if losses else set()
    return (wholes if loss in parts else parts) | {
        name for name in (() if view is None else view.names) if is_loss(name) and name != loss
    }


def _with_one_spelling(chain: EquationChain, apart: Set[str]) -> EquationChain:
    def marked(node: Node) -> Node:
        if PI in apart and is_call(node, "pi"):
            return Name(PI, node.start, node.end)
        above, below = derivative_of(name_of(node) or "") or ("", "")
        return Name(f"d({above})/d{below}", node.start, node.end) if above in apart else node

    matrices = [any(map(is_matrix, side.readings)) for side in chain.sides]
    sides = [
        Side(
            side.written,
            side.relation,
            tuple(
                as_decimal(canonical_tree(tree)) if side.relation == "≈" else canonical_tree(tree)
                for tree in _with_outer_products(
                    [rewrite(each, marked) for each in side.readings] if apart else side.readings,
                    is_likeliest=any(matrices[at:]),
                )
            ),
            side.problem,
            side.units,
            derivand=tuple(map(canonical_tree, side.derivand)),
        )
        for at, side in enumerate(chain.sides, 1)
    ]
    head = chain.sides[0].tree
    above, _ = derivative_of((head and name_of(head)) or "") or ("", "")
    return replace(chain, sides=tuple(sides), loss=head_of(above) if is_loss(above) else "")


def _with_outer_products(trees: Sequence[Node], *, is_likeliest: bool) -> list[Node]:
    """Return readings, with `[a, b] [c, d]ᵀ` as a product of vectors and as an outer product."""
    outer = [
        rewrite_calls(tree, _as_outer_product, ANY_PRODUCT)
        if "transpose_last" in tree.content.operations
        else tree
        for tree in trees
    ]
    others = [tree for tree, before in zip(outer, trees, strict=True) if tree is not before]
    return [*others, *trees] if is_likeliest else [*trees, *others]


def _as_outer_product(node: Call) -> Node:
    """Return a row that stands for a column, times a row that is turned, as matrices."""
    one, other = node.arguments
    if not isinstance(other, Call) or other.operation != "transpose_last":
        return node
    row = other.arguments[0]
    if any(not isinstance(each, Array) or is_matrix(each) for each in (one, row)):
        return node
    column = Array(tuple(Array((entry,)) for entry in one.children()), one.start, one.end)
    return Call("matmul", (column, Array((row,))), node.keywords, node.start, node.end)


def joined_chains(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield statements, the rows of one left side as one chain, down to the row with its value.

    `y = w*x`, `y = 0.5*2` and `y = 1`: all say what y is, so each side follows from the one above.
    """
    waiting: EquationChain | None = None
    between: list[Statement] = []  # values for its names: where it goes on, they stand above it
    for statement in statements:
        if waiting is not None:
            if _tells_a_value_for(waiting, statement):
                between.append(statement)
                continue
            if isinstance(statement, EquationChain) and _goes_on(waiting, statement):
                statement = _join_chains(waiting, statement)
            else:
                yield waiting
            yield from between
            waiting, between = None, []
        if isinstance(statement, EquationChain) and _is_open(statement):
            waiting = statement
        else:
            yield statement
    if waiting is not None:
        yield waiting
        yield from between


def _is_open(chain: EquationChain) -> bool:
    """Tell whether a chain says how a name is computed, and does not end in its value."""
    ends = (chain.sides[0].tree, chain.sides[-1].tree)
    is_told = chain.is_claim or chain.printed is not None
    return not is_told and all(end is not None and not is_literal(end) for end in ends)


def _tells_a_value_for(formula: EquationChain, statement: Statement) -> bool:
    """Tell whether a statement is no more than the value of a name of the formula above it."""
    last = formula.sides[-1].tree
    if not isinstance(statement, EquationChain) or len(statement.sides) > 2 or last is None:
        return False
    name, value = (side.tree for side in statement.sides)
    is_value = value is not None and is_literal(value) and name != formula.sides[0].tree
    return is_value and isinstance(name, Name) and name.id in names_in(last)


def _goes_on(above: EquationChain, below: EquationChain) -> bool:
    """Tell whether a row goes on with the one right above it.

    Figures go on with a formula. A formula, and a value that stands alone, may also begin anew
    (a given value, the next step): they go on only with a row that they follow directly, and such
    a value only with a row of figures.
    """
    name, left, right = above.sides[0].tree, below.sides[0].tree, below.sides[1].tree
    last = above.sides[-1].tree
    if below.is_claim or name is None or left is None or right is None or last is None:
        return False
    gap = below.place.line - above.last_line
    if name != left or (gap > MOST_LINES_BETWEEN and not below.follows_on):
        return False
    is_value = len(below.sides) == 2 and is_literal(right)
    if names_in(last):
        return not is_value and not names_in(right)
    is_worked_out = len(above.sides) > 2 and is_result(last)  # `p = 1/2 + 1/3 = 5/6`
    is_below = gap > 0 and below.follows_on and not names_in(right)
    return is_below and (is_value or not is_worked_out)


def _join_chains(above: EquationChain, below: EquationChain) -> EquationChain:
    doubts = (*above.doubts, *below.doubts)
    if not {"start", "end"}.isdisjoint(doubts):
        doubts = (*doubts, "other_line")  # what was its first side, or its last, is so no more
    return replace(
        below,
        sides=(*above.sides, *below.sides[1:]),
        place=above.place,
        text=above.text + "\n" * max(below.place.line - above.last_line, 1) + below.text,
        doubts=tuple(dict.fromkeys(doubts)),
        iteration=below.iteration or above.iteration,
        refers_elsewhere=above.refers_elsewhere or below.refers_elsewhere,
        follows_on=above.follows_on,
    )
