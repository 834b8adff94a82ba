"""Functions that a document states, `f(x) = (x - 2)²`, and what they are at figures, `f(3)`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, cast

from tracer.check.bind.worlds import WritersRun
from tracer.check.compare.joined_names import SOME_VALUE, with_products
from tracer.check.compare.value_comparison import Agreement, ValueComparison
from tracer.check.judge.index_sums import JOINED
from tracer.check.judge.side_readings import calculation_at, function_and_inputs, is_figure
from tracer.check.judge.slopes import is_smooth
from tracer.check.model.statements import EquationChain, Side, Statement
from tracer.check.model.written_trees import at_place, calls_in, is_literal, names_in, rewrite
from tracer.check.trace.aliases import APPLIED
from tracer.errors import TracerError
from tracer.expression.syntax import Call, Name, Node, count_number, walk
from tracer.frozen import Frozen, replace
from tracer.operations import Term, bound, table
from tracer.operations.arithmetic import sum_of_terms

ACTIVATIONS: Final = ("relu", "sigmoid", "tanh")
"""Functions that nobody takes for even or periodic, of which f(a) = f(b) says that a is b."""
WORKED: Final = 2  # sides behind a name: its figures and their result


class StatedFunction(Frozen):
    """The formula of a function of some letters, and whether nothing speaks against it.

    What words beside it make a condition, or what is stated a second time below the same heading,
    may hold elsewhere: it confirms, and refutes nothing.
    """

    letters: Sequence[str]
    formula: Side
    headings: tuple[int, ...]
    is_certain: bool
    is_derived: bool = False  # it is the derivative of what is stated


def with_functions(
    statements: Iterable[Statement], functions: dict[str, StatedFunction]
) -> Iterator[Statement]:
    """Yield statements, behind `f(3)` what a stated `f(x) = (x - 2)²` is there, as a side.

    `functions` are those stated above, by name; what the statements say of one is added.
    """
    statements = [*statements]
    heads = (each.sides[0].tree for each in statements if isinstance(each, EquationChain))
    stated = {head.id for head in heads if isinstance(head, Name)}
    for statement in statements:
        if isinstance(statement, EquationChain):
            yield _with_formulas(statement, stated, functions)
        else:
            yield statement


def _with_formulas(
    chain: EquationChain, stated: Collection[str], functions: dict[str, StatedFunction]
) -> EquationChain:
    slope = _slope_at_name(chain, stated, functions)
    if slope is not None:
        return replace(chain, sides=(slope, *chain.sides[1:]), doubts=(*chain.doubts, "start"))
    sides: list[Side] = []
    is_worked = is_changed = False  # the side before is the formula of its function
    is_certain = True
    head = chain.sides[0].tree
    if isinstance(head, Name) and head.id in functions:
        functions.pop(head.id)  # `f = 4` is another f
    for side, after in zip(chain.sides, (*chain.sides[1:], None), strict=True):
        applied = _function_at_figures(side)
        if not (is_worked and applied):  # else only its formula follows from the one before
            sides.append(side)
        is_worked = False
        if after is None or after.tree is None:
            continue
        if applied is None:
            named = function_and_inputs(side.tree.id) if isinstance(side.tree, Name) else None
            if named is not None and (side is chain.sides[0] or names_in(after.tree)):
                _state_function(*named, chain, after, stated, functions)
            continue
        name, inputs = applied
        function = _function_named(name, functions, stated)
        goes_on = _function_at_figures(after) is not None or not names_in(after.tree)
        if function is None or not goes_on or chain.is_inequality:
            continue
        if len(function.letters) == len(inputs):
            is_worked = is_changed = True
            sides.append(_formula_there(function, side))
            is_meant = function.is_certain and (
                all(map(is_figure, inputs)) or _is_worked_out(function, after, chain.sides[-1])
            )
            is_meant &= not function.is_derived  # a quotient of differences may be near a slope
            is_certain &= is_meant or _is_shown(sides[-1], after)
    if not is_changed:
        return chain
    doubts = chain.doubts if is_certain else (*chain.doubts, "other_function")
    return replace(chain, sides=tuple(sides), doubts=doubts)


def _slope_at_name(
    chain: EquationChain, stated: Collection[str], functions: Mapping[str, StatedFunction]
) -> Side | None:
    """Return the derivative at a name that a chain works out, `f'(x_0) = 3·2² = 12`, for its head.

    It may be another one than that of the formula above: what differs from it is open.
    """
    head, *worked = chain.sides
    applied = function_and_inputs(head.tree.id) if isinstance(head.tree, Name) else None
    are_figures = all(side.tree and not names_in(side.tree) for side in worked)
    if applied is None or len(worked) < WORKED or not are_figures or chain.is_inequality:
        return None
    function = _function_named(applied[0], functions, stated)
    if function is None or not function.is_derived or len(applied[1]) != len(function.letters):
        return None
    return None if any(map(calculation_at, applied[1])) else _formula_there(function, head)


def _function_at_figures(side: Side) -> tuple[str, Sequence[str]] | None:
    """Return f with 2 for `f(2)`, with 1 + 1 for `f(1 + 1)`; None for any other side."""
    applied = function_and_inputs(side.tree.id) if isinstance(side.tree, Name) else None
    return applied if applied is not None and all(map(calculation_at, applied[1])) else None


def _function_named(
    name: str, functions: Mapping[str, StatedFunction], stated: Collection[str]
) -> StatedFunction | None:
    """Return a stated function, or of `f'` the derivative of a stated f of one letter.

    Where the document says itself what `f'(x)` is, it may mean another function.
    """
    if name in functions or name[-1:] != "'":
        return functions.get(name)
    function = _function_named(name[:-1], functions, stated)
    if function is None or len(function.letters) > 1:
        return None
    slopes = (slope_formula(each, *function.letters) for each in function.formula.readings)
    readings = tuple(each for each in slopes if each is not None)
    if not readings:
        return None
    formula = replace(function.formula, readings=readings)
    is_certain = function.is_certain and all(map(has_one_slope, function.formula.readings))
    is_certain &= f"{name}({function.letters[0]})" not in stated
    return replace(function, formula=formula, is_certain=is_certain, is_derived=True)


def has_one_slope(formula: Node) -> bool:
    """Tell whether a formula has a slope everywhere, and no logarithm of which base is unsaid."""
    return is_smooth(formula) and all(call.sign == "ln" for call in calls_in(formula, ("log",)))


def slope_formula(formula: Node, letter: str) -> Node | None:
    """Return the derivative of a formula of numbers by a letter; None where no rule says it."""
    flows: list[Term] = []
    waiting = [(formula, Term(count_number(1)))]
    for node, flow in waiting:  # grows
        if isinstance(node, Name) and node.id == letter:
            flows.append(flow)
        elif isinstance(node, Call) and letter in names_in(node):
            try:
                row, operands, attributes = bound(node)
            except TracerError:  # several letters, as `max` has them
                return None
            if row.derivative is None:
                return None
            terms = map(Term, operands)
            onward = row.derivative(flow, Term(node), *terms, **attributes)
            arriving = zip(operands, onward, strict=True)
            waiting += [(operand, part) for operand, part in arriving if part is not None]
    return sum_of_terms(flows).node if flows else count_number(0)


def _is_shown(formula: Side, after: Side) -> bool:
    """Tell whether working is what a formula says, which then is of the function that is meant."""
    if after.tree is None or is_literal(after.tree) or names_in(after.tree):
        return False
    comparison = ValueComparison(WritersRun())
    return comparison.by_value(formula.readings[0], after.tree) is Agreement.HOLDS


def _is_worked_out(function: StatedFunction, side: Side, result: Side) -> bool:
    """Tell whether a side is an activation at a figure, and the result is what it has there.

    Then `f(0.3*0.5 + 0.6) = f(0.75) = 0.75` works out what the function is taken at: else f may be
    another function, or of a period.
    """
    formula, comparison = function.formula.readings[0], ValueComparison(WritersRun())
    operands = (Name(function.letters[0]),)
    is_activation = len(function.letters) == 1 and any(
        comparison.as_identity(formula, Call(each, operands)) is Agreement.HOLDS
        for each in ACTIVATIONS
    )
    if not (is_activation and _function_at_figures(side) and result.tree):
        return False
    there = _formula_there(function, side).readings[0]
    return comparison.by_value(there, result.tree) is Agreement.HOLDS


def _formula_there(function: StatedFunction, side: Side) -> Side:
    """Return the formula of a function, with the figures and in the place of `f(2)`."""
    call, text = cast("Name", side.tree), side.written.text
    start = text.index("(", call.start) + 1
    inside = text[start : call.end].rpartition(")")[0].removesuffix(r"\right")
    inputs: dict[str, Node] = {}
    _, keys = cast("tuple[str, list[str]]", function_and_inputs(call.id))
    for letter, key, figures in zip(function.letters, keys, inside.split(","), strict=True):
        first, last = start + len(figures) - len(figures.lstrip()), start + len(figures.rstrip())
        there = partial(at_place, start=first, end=last)
        inputs[letter] = rewrite(calculation_at(key) or Name(key), there)
        start += len(figures) + 1
    whole = partial(at_place, start=call.start, end=call.end)

    def put_in(part: Node) -> Node:
        return inputs[part.id] if isinstance(part, Name) and part.id in inputs else whole(part)

    readings = (rewrite(each, put_in) for each in function.formula.readings)
    return replace(side, readings=tuple(readings))


def _state_function(
    name: str,
    letters: Sequence[str],
    chain: EquationChain,
    side: Side,
    stated: Collection[str],
    functions: dict[str, StatedFunction],
) -> None:
    """Note what a function of some letters is on a side of a chain, in the place of all before."""
    before = functions.pop(name, None)
    functions.pop(f"{name}'", None)  # the slope of another one
    formula = _formula_of(side, letters, stated)
    is_clear = formula is not None and len(formula.readings) == 1
    doubts = {*chain.doubts} - ({"other_reading"} if is_clear else set())
    if formula and not doubts and _is_of_numbers(formula.readings[0]):
        is_another = before is not None and before.headings == chain.headings
        is_certain = side.relation == "=" and not (chain.qualified_by or is_another)
        functions[name] = StatedFunction(letters, formula, chain.headings, is_certain)


def _formula_of(side: Side, inputs: Sequence[str], stated: Collection[str]) -> Side | None:
    """Return what a function of some letters is, if of all: `xy` and `x y` are their products.

    So is `kt` where k is stated and kt is not, and `πt`.
    """
    known = {*inputs, *stated}
    readings = [
        with_products(each, lambda it: SOME_VALUE if it in known else None)
        for each in side.readings
    ]
    counts = [
        sum(isinstance(part, Name) and part.id in inputs for part in walk(each))
        for each in readings
    ]
    meant = tuple(
        each
        for each, count in zip(readings, counts, strict=True)
        if count == max(counts) and set(inputs) <= set(names_in(each))
    )
    has_choice = side.has_choice and len(meant) > 1
    return replace(side, readings=meant, has_choice=has_choice) if meant else None


def _is_of_numbers(formula: Node) -> bool:
    """Tell whether a formula is of a number, and of no function: a sum runs over others."""
    calls = (part for part in walk(formula) if isinstance(part, Call))
    rows = ((call, table().get(call.operation)) for call in calls)
    are_of_numbers = all(
        call.operation in ("indicator", "equal")
        or (row is not None and row.elementwise)
        or (call.operation in JOINED and len(call.arguments) > 1)
        for call, row in rows
    )
    return are_of_numbers and not any(map(APPLIED.fullmatch, names_in(formula)))
