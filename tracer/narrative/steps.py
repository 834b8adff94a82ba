"""One iteration as steps: each equation with its numbers, its rule and a sentence. No markup."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cache, lru_cache, partial
from itertools import chain
from typing import Final
from weakref import ref

from tracer.errors import TracerError, UnknownNameError
from tracer.expression import Call, Name, Node, Number, walk
from tracer.frozen import Frozen, replace
from tracer.intervals import INTERVALS, Interval, Unevaluable, exact_interval
from tracer.narrative.blocks import EquationLine, present, rules_paragraph
from tracer.narrative.line_forms import MOST_FORMS, Once, Spelling
from tracer.narrative.step_reasons import ReasonFinder, Spoken, entries_of
from tracer.operations import (
    Shape,
    array_node,
    bound,
    bound_calls,
    figure_value,
    indices_of,
    literal,
    nested_array,
    number_node,
    number_text,
    number_texts,
    ravel,
    table,
    unravel,
    written_text,
)
from tracer.operations.reductions import untied_form
from tracer.program.elements import Elements, UnknownInteger, place_node, share_form
from tracer.program.program import BuiltProgram, Equation, Phase, Program, names_in, substitute
from tracer.program.shapes import Shapes
from tracer.run.exact import Exact
from tracer.run.interpret import interpret
from tracer.run.scalar_code import float_value
from tracer.run.scalars import compile_expression
from tracer.run.trace import Iteration
from tracer.sentences import Sentence, say

MOST_WORKED = 24  # entries of arrays from which a single number is worked out in one line
MOST_SHOWN = 64  # arrays up to this many entries are printed, and put into lines
MOST_KEPT: Final = 512  # equations whose entries are kept as functions
MOST_DIGITS = 15  # that a float holds, whatever they are
SAME = "the same quantity"
ROUNDED: Final = 1e-13  # more than the rounding of floats changes a sum of products of numbers to 1
CANCELLED: Final = 1e-10  # below it a number may be what rounding has left of larger ones


class Figures(Frozen):
    """The figures of a line, entry by entry: what is put in for each name, and the result.

    `inner` returns those of the operands that a number is worked out from by way of.
    """

    inputs: Mapping[str, Sequence[str]]
    result: Sequence[str]
    inner: Callable[[], Sequence[str]] = tuple

    def texts(self) -> list[str]:
        """Return all of them in their order."""
        return [*chain(*self.inputs.values()), *self.result, *self.inner()]


class LineNumbers(Frozen):
    """The numbers of a line: put into its formula, worked out entry by entry, and the result.

    `reduced` stands before the result: what is put into a function is worked out there.
    """

    substituted: Node | None = None
    worked: Node | None = None
    reduced: Node | None = None
    result: Node | None = None


class Step(Frozen):
    """One line: `left = formula = substituted = result`.

    `substituted` is None where an array is too large to put in, `result` where the value is; then
    `values` still holds every entry. `worked` is a single number worked out from arrays, entry by
    entry; in `reduced` the operands of its outer functions are. `numbers` returns these four, made
    when they are asked for; `figures` is what they are made of, None where they are not of whole
    quantities.
    `holds` tells whether the result follows exactly from the printed figures, `asked` which
    reasons hold of it, the most telling one first; `remark` is said where none does.
    `name` is what JSON calls the step: an update is called after the parameter it updates.
    `paths` are the terms of a sum over paths, each with what it is called.
    """

    equation: Equation
    name: str
    left: Node
    phase: Phase
    formula: Node
    numbers: Callable[[], LineNumbers]
    shape: Shape
    values: Sequence[float]
    holds: Callable[[], bool]
    rules: Sequence[Sentence]
    asked: Callable[[], Sequence[Spoken]] = tuple
    remark: Sentence | None = None
    figures: Figures | None = None
    paths: Sequence[tuple[Sentence, EquationLine]] = ()

    @property
    def follows(self) -> bool:
        """Whether the result follows exactly from the printed figures."""
        return self.holds()

    @property
    def reasons(self) -> Sequence[Spoken]:
        """The reasons that hold of it, the most telling one first."""
        return self.asked()

    @property
    def sentence(self) -> Sentence | None:
        """Why the step is as it is: the most telling reason in full, else the remark."""
        reasons = self.reasons
        return reasons[0].full if reasons else self.remark

    @property
    def sentences(self) -> list[Sentence]:
        """What is said of it: which rules give it, and why it is as it is."""
        rules = rules_paragraph(self.rules).sentences if self.rules else []
        return [*rules, *present(self.sentence)]

    @property
    def substituted(self) -> Node | None:
        """The formula with its numbers."""
        return self.numbers().substituted

    @property
    def worked(self) -> Node | None:
        """A number worked out entry by entry."""
        return self.numbers().worked

    @property
    def reduced(self) -> Node | None:
        """The number with what is put into its outer functions worked out."""
        return self.numbers().reduced

    @property
    def result(self) -> Node | None:
        """The value, where it is printed."""
        return self.numbers().result


class StepFrame(Frozen):
    """What a step is in each iteration of a program.

    `equation` lacks what does nothing; `inputs` are the names whose numbers a line puts in, none
    where one has too many; `is_whole` says that these are all the names in the expression, and
    `is_worked` that a single number may be worked out from their entries.
    """

    equation: Equation
    name: str
    left: Name
    inputs: Sequence[str]
    is_whole: bool
    is_worked: bool
    rules: Sequence[Sentence]
    remark: Sentence | None


class EntryFunctions:
    """The entries of an expression as expressions of entries, each made when it is first needed.

    They are asked of figures: the entries of each quantity in the expression, by its name.
    """

    def __init__(self, elements: Elements, equation: Equation) -> None:
        self.elements = elements
        self._expression = equation.expression
        self._shape = equation.shape
        self._entries: dict[int, tuple[Node, Mapping[Node, tuple[str, int]]]] = {}
        self._compiled: dict[int, Callable[..., float]] = {}
        self._asked: set[int] = set()  # the entries that were worked out once

    def is_equal(self, at: int, texts: Mapping[str, Sequence[str]], text: str) -> bool:
        """Tell whether an entry of these figures is exactly a figure; not where it has no value.

        Bounds tell it: they meet in what is exact, 1/3 or the sigmoid of 0, and hold more than one
        number of anything else. They are asked only where floats see next to no difference.
        """
        try:
            node, places = self.entry(at)
            figures = [texts[name][place] for name, place in places.values()]
            numbers = [*map(float, figures)]
            size = max([1.0, *map(abs, numbers)])
            near = self._worth(at, numbers)
            if not math.isclose(near, float(text), abs_tol=size * size * ROUNDED):
                return False
            bounds = dict(zip(places, map(exact_figure, figures), strict=True))
            equal: bool = interpret(node, INTERVALS, bounds.get) == exact_figure(text)
        except (UnknownInteger, Unevaluable, TracerError, ArithmeticError, ValueError):
            return False
        return equal

    def _worth(self, at: int, numbers: Sequence[float]) -> float:
        """Return what an entry is worth; it is compiled when it is asked for again."""
        node, places = self.entry(at)
        if at not in self._asked:  # most derivations are of one iteration
            self._asked.add(at)
            return float_value(node, dict(zip(places, numbers, strict=True)))
        if at not in self._compiled:
            self._compiled[at] = compile_expression(node, list(places))
        return self._compiled[at](*numbers)

    def least_followed(
        self, texts: Mapping[str, Sequence[str]], result: Sequence[str], tolerance: float
    ) -> tuple[Shape, float] | None:
        """Return the entry of a result that figures give worst, and what they give.

        None where all are right to a relative tolerance; a 0 has no such.
        """
        worst: tuple[int, float] | None = None
        most = tolerance
        for at, value in enumerate(map(float, result)):
            if not value:
                continue
            with suppress(UnknownInteger, TracerError, ArithmeticError, ValueError):
                places = self.entry(at)[1].values()
                near = self._worth(at, [float(texts[name][place]) for name, place in places])
                away = abs(near - value) / abs(value)
                if away > most:
                    worst, most = (at, near), away
        return worst and (unravel(worst[0], self._shape), worst[1])

    def entry(self, at: int) -> tuple[Node, Mapping[Node, tuple[str, int]]]:
        """Return an entry over single entries, and the quantities and places of these."""
        if at not in self._entries:
            node = self.elements.entry(self._expression, unravel(at, self._shape)).node
            self._entries[at] = (
                node,
                {
                    leaf: (name, ravel(index, self.elements.shapes[name]))
                    for leaf in leaves_of(node)
                    for name, index in [place_of(leaf)]
                },
            )
        return self._entries[at]

    def are_equal(self, texts: Mapping[str, Sequence[str]], result: Sequence[str]) -> bool:
        """Tell whether all entries of these figures are exactly the figures that are shown."""
        if isinstance(self._expression, Name):
            return texts[self._expression.id] == result
        return all(self.is_equal(at, texts, text) for at, text in enumerate(result))


def exact_figure(text: str) -> Interval:
    """Return a figure as the bounds that hold it alone. Raises ValueError as `figure_value`."""
    return exact_interval(figure_value(text))


class RecordedElements(Elements):
    """Element forms in which labels and ids are those of an iteration, computed ones too."""

    def __init__(self, iteration: Iteration, shapes: Shapes, *, stable: bool = False) -> None:
        super().__init__(shapes, stable=stable)
        self.iteration = iteration

    def whole(self, node: Node) -> int:
        """Return the value of an entry that is a label or an id."""
        values = {leaf: entry_value(self.iteration, leaf) for leaf in leaves_of(node)}
        return int(float_value(node, values))


class StepNarrator:
    """Tells iterations of one trace as steps, at a number of significant digits.

    Arrays of at most `most` entries are printed and put into lines. With `exact` the numbers are
    fractions.
    """

    def __init__(
        self, digits: int = 6, exact: Exact | None = None, *, most: float = MOST_SHOWN
    ) -> None:
        self.digits = digits
        self.exact = exact
        self.most = most
        self._elements: dict[bool, tuple[tuple[int, int], Elements]] = {}
        self._functions = lru_cache(MOST_KEPT)(EntryFunctions)
        self._frames = lru_cache(MOST_FORMS)(self._make_frame)
        self._texts: tuple[Iteration | None, dict[str, Sequence[str]]] = None, {}
        self._reasons: dict[BuiltProgram, ReasonFinder] = {}

    def steps(self, iteration: Iteration) -> Iterator[Step]:
        """Yield the steps of an iteration in order; those after a fault are not there."""
        for equation in _told_equations(iteration.built):
            try:
                values = iteration.entries(equation.name)
            except UnknownNameError:
                return
            step = self.step(iteration, equation, values)
            if step.figures is not None and step.figures.inputs:
                self._texts[1][equation.name] = step.figures.result  # put into later lines
            yield step

    def step(
        self,
        iteration: Iteration,
        equation: Equation,
        values: Sequence[float],
        *,
        left: Node | None = None,
    ) -> Step:
        """Return one equation as a step; `left` is its left side where the program has no name."""
        frame = self._frames(iteration.built, without_ties(iteration, equation))
        equation = frame.equation
        figures: Figures | None = None
        numbers: Callable[[], LineNumbers] = LineNumbers
        has_result = len(values) <= self.most and _has_numbers(values)
        if has_result or (
            len(values) <= self.most
            and all(map(math.isfinite, chain(*map(iteration.floats, frame.inputs))))
        ):
            texts = {name: self.texts(iteration, name) for name in frame.inputs}
            result = (
                None
                if not has_result
                else number_texts(printed_values(iteration, equation.name, values), self.digits)
                if self.exact is None
                else self.exact.texts(iteration, equation.expression)
            )
            inner: Callable[[], Sequence[str]] = tuple
            if frame.is_worked:
                at = partial(entry_value, iteration)
                form = partial(self.worked_form, iteration, equation)
                inner = Once(lambda: self.inner_figures(form(), at))
            figures = None if result is None else Figures(texts, result, inner)
            numbers = self.numbers(iteration, equation, texts, result, inner)
        return Step(
            equation,
            frame.name,
            left or frame.left,
            equation.phase,
            equation.expression,
            numbers,
            equation.shape,
            values,
            partial(self.follows, iteration, frame, figures, values),
            frame.rules,
            partial(self.reasons, iteration, equation),
            frame.remark,
            figures,
        )

    def _make_frame(self, built: BuiltProgram, equation: Equation) -> StepFrame:
        """Return what an equation is in each iteration."""
        idle = idle_lines(built) if equation.phase == "update" else {}
        if idle.keys() & equation.expression.content.names:
            equation = equation._replace(expression=substitute(equation.expression, idle))
        name = public_name(built.program, equation)
        names = list(dict.fromkeys(names_in(equation.expression)))
        sizes = [math.prod(built.shapes[name]) for name in names]
        few = all(size <= self.most for size in sizes)
        fits = few and any(size != 1 for size in sizes) and sum(sizes) <= MOST_WORKED
        return StepFrame(
            equation,
            name,
            Name(name),
            names if few else [],
            few or not names,
            fits and not equation.shape and not compares_quantities(equation.expression),
            rules_of(equation),
            remark_of(equation),
        )

    def reasons(
        self, iteration: Iteration, equation: Equation, index: Shape = ()
    ) -> Sequence[Spoken]:
        """Return all reasons that hold of a step or of one entry, the most telling one first."""
        finder = self._reasons.get(iteration.built)
        if finder is None:
            finder = self._reasons[iteration.built] = ReasonFinder(iteration, self.digits)
        return (
            finder.entry_reasons(iteration, equation, index)
            if index
            else finder.reasons(iteration, equation)
        )

    def numbers(
        self,
        iteration: Iteration,
        equation: Equation,
        inputs: Mapping[str, Sequence[str]],
        result: Sequence[str] | None,
        inner: Callable[[], Sequence[str]],
    ) -> Callable[[], LineNumbers]:
        """Return what makes the numbers of a line of these figures.

        A `result` that is not finite is None: what it was computed from is shown all the same.
        """

        def write_numbers() -> LineNumbers:
            entries = {name: list(map(number_node, texts)) for name, texts in inputs.items()}
            arrays = {
                name: nested_array(nodes, iteration.shape(name)) for name, nodes in entries.items()
            }
            worked = self.worked_form(iteration, equation)
            reduced: Node | None = None
            if worked is not None:
                leaves = {
                    place_node(name, index): entry
                    for name, nodes in entries.items()
                    for index, entry in zip(indices_of(iteration.shape(name)), nodes, strict=True)
                }
                reduced = reduced_form(worked, inner(), leaves)
                worked = put_in(worked, leaves)
            return LineNumbers(
                substitute(equation.expression, arrays) if arrays else None,
                worked,
                reduced,
                None if result is None else array_node(result, equation.shape),
            )

        return Once(write_numbers)

    def spelled_step(self, iteration: Iteration, step: Step, spelling: Spelling) -> Step:
        """Return a step of figures with what stands for each of them."""
        assert step.figures is not None
        texts = step.figures.inputs.items()
        inputs = {name: list(map(spelling, entries)) for name, entries in texts}
        inner = list(map(spelling, step.figures.inner()))
        figures = Figures(inputs, list(map(spelling, step.figures.result)), lambda: inner)
        numbers = self.numbers(iteration, step.equation, inputs, figures.result, figures.inner)
        return replace(step, figures=figures, numbers=numbers)

    def texts(self, iteration: Iteration, name: str) -> Sequence[str]:
        """Return the figures of a quantity, entry by entry: a given one's as they were written."""
        if self._texts[0] is not iteration:
            self._texts = iteration, {}
        texts = self._texts[1].get(name)
        if texts is None:
            texts = self._texts[1][name] = (
                value_texts(iteration, name, self.digits)
                if self.exact is None
                else self.exact.texts(iteration, Name(name))
            )
        return texts

    def follows(
        self,
        iteration: Iteration,
        frame: StepFrame,
        figures: Figures | None,
        values: Sequence[float],
    ) -> bool:
        """Tell whether a printed result follows exactly from the figures put into the line."""
        if figures is None or self.exact is not None:
            return True  # nothing is rounded
        if not all(map(math.isfinite, values)):
            return False
        texts, result = figures.inputs, figures.result
        # Else it comes from figures that stand elsewhere.
        if not frame.is_whole:
            return result == number_texts(values, MOST_DIGITS)
        return self.functions(iteration, frame.equation).are_equal(texts, result)

    def is_exact(
        self, iteration: Iteration, equation: Equation, index: Shape, value: float
    ) -> bool:
        """Tell whether an entry is just what is printed of it, whatever its line looks like.

        The form that keeps floats in range has no exponential of a single score: so a softmax of
        one score is seen to be 1. A line with a part that the run does not record shows no more
        than it looks like.
        """
        text, names = number_text(value, self.digits), names_in(equation.expression)
        if text != number_text(value, MOST_DIGITS) or any(
            name not in iteration or math.prod(iteration.shape(name)) > MOST_SHOWN for name in names
        ):
            return False
        texts = {name: self.texts(iteration, name) for name in names}
        place = ravel(index, equation.shape)
        return self.functions(iteration, equation).is_equal(place, texts, text)

    def functions(self, iteration: Iteration, equation: Equation) -> EntryFunctions:
        """Return an equation's entries as functions, kept for the next iteration."""
        return self._functions(self.elements(iteration), equation)

    def worked_values(self, iteration: Iteration, equation: Equation) -> list[float]:
        """Return the entries of an expression that the run does not record; nan for no value."""
        try:
            return entries_of(iteration, equation.expression, equation.shape)
        except (ArithmeticError, ValueError):
            return [math.nan] * math.prod(equation.shape)

    def worked_form(self, iteration: Iteration, equation: Equation) -> Node | None:
        """Return what a single number is worked out from, entry by entry.

        None where it comes from single numbers, or from more entries than fit into a line.
        """
        if not self._frames(iteration.built, equation).is_worked:
            return None
        entry = self.elements(iteration, stable=False).entry(equation.expression, ())
        return share_form(entry.node)

    def inner_figures(self, form: Node | None, number_at: Callable[[Node], float]) -> Sequence[str]:
        """Return the figures of a form's inner operands, of the numbers at its entries.

        There are none where some are not finite, and of fractions.
        """
        operands = [] if form is None or self.exact is not None else inner_operands(form)
        numbers = {leaf: number_at(leaf) for leaf in chain.from_iterable(map(leaves_of, operands))}
        values = [float_value(operand, numbers) for operand in operands]
        return number_texts(values, self.digits) if all(map(math.isfinite, values)) else ()

    def elements(self, iteration: Iteration, *, stable: bool = True) -> Elements:
        """Return the element forms of an iteration's program, kept for the next line.

        Those that are not `stable` lack what keeps floats in range, as in textbooks.
        """
        # Labels differ from batch to batch; without any, all iterations share their forms.
        owner = id(iteration.built), iteration.number if label_names(iteration.built) else 0
        memo = self._elements.get(stable)
        if memo is None or memo[0] != owner:
            elements = RecordedElements(iteration, iteration.built.shapes, stable=stable)
            memo = self._elements[stable] = owner, elements
        return memo[1]


@lru_cache(MOST_FORMS)
def label_names(built: BuiltProgram) -> Collection[str]:
    """Return the quantities of a program that hold labels or ids, or that these are made of."""
    return {
        name
        for equation in built.program.equations
        for _, row, operands, _ in bound_calls(equation.expression)
        for key, operand in zip(row.operands, operands, strict=False)
        if key in row.integers
        for name in names_in(operand)
    }


@lru_cache(MOST_FORMS)
def _told_equations(built: BuiltProgram) -> Sequence[Equation]:
    """Return the equations of a program that are told as steps."""
    idle = idle_lines(built)
    return [
        equation
        for equation in built.program.equations
        if equation.phase != "metric" and (equation.base or equation.name) not in idle
    ]


@lru_cache(MOST_FORMS)
def idle_lines(built: BuiltProgram) -> Mapping[str, Name]:
    """Return the lines of an update that do nothing, as their settings are 0, and what they repeat.

    Without a decay decayed = w − η λ w is w, so no line is told of it.
    """
    settings = [name for name, item in built.program.inputs.items() if item.kind == "setting"]
    zeros: set[Node] = {Name(name) for name in settings if built.settings[name].floats() == [0.0]}
    idle: dict[str, Name] = {}
    for item in built.program.phase("update"):
        rest = _without_zeros(item.expression, zeros)
        if rest is None:
            zeros.add(Name(item.name))
        elif isinstance(rest, Name) and item.name not in built.program.carried.values():
            idle[item.name] = rest
    return idle


def _without_zeros(node: Node, zeros: Collection[Node]) -> Node | None:
    """Return an expression without terms that have a factor of 0; None where nothing is left."""
    if node in zeros or not isinstance(node, Call):
        return None if node in zeros else node
    rests = [_without_zeros(item, zeros) for item in node.arguments]
    match node.operation:
        case "multiply" if None in rests:
            return None
        case "add" | "subtract" if rests[1] is None:
            return rests[0]
        case "add" if rests[0] is None:
            return rests[1]
    return node


def without_ties(iteration: Iteration, equation: Equation) -> Equation:
    """Return a gradient's equation without what it has for ties, where no numbers tie."""
    forms: dict[Node, Node] = {}
    for part, form in _untied_parts(equation):
        shape = iteration.built.shapes.of(part)
        try:
            value, untied = (entries_of(iteration, node, shape) for node in (part, form))
        except (TracerError, ArithmeticError, ValueError):
            continue
        if value == untied:
            forms[part] = form
    if not forms:
        return equation
    return equation._replace(expression=put_in(equation.expression, forms))


@lru_cache(MOST_FORMS)
def _untied_parts(equation: Equation) -> Sequence[tuple[Node, Node]]:
    """Return the parts of a gradient that share it where numbers tie, each with its other form."""
    is_shared = equation.phase == "backward" and "equal" in equation.expression.content.operations
    parts = walk(equation.expression) if is_shared else ()
    forms = ((part, untied_form(part)) for part in parts)
    return [(part, form) for part, form in forms if form is not None]


def compares_quantities(node: Node) -> bool:
    """Say whether it has no derivative: written out entry by entry, it is a tangle of switches."""
    return isinstance(node, Call) and bound(node)[0].derivative is None


def _has_numbers(values: Sequence[float]) -> bool:
    """Tell whether there are finite numbers, and beside them nothing but a mask's −∞."""
    masked = [value for value in values if not math.isfinite(value)]
    return len(masked) < max(len(values), 1) and all(value == -math.inf for value in masked)


def place_of(leaf: Node) -> tuple[str, Shape]:
    """Return the quantity and the index of an entry."""
    if isinstance(leaf, Name):
        return leaf.id, ()
    assert isinstance(leaf, Call)
    base, *items = leaf.arguments
    assert isinstance(base, Name)
    return base.id, tuple(int(item.value) for item in items if isinstance(item, Number))


def entry_value(iteration: Iteration, leaf: Node) -> float:
    """Return the number of an entry in an iteration."""
    name, index = place_of(leaf)
    return iteration.floats(name)[ravel(index, iteration.shape(name))]


def is_entry(node: Node) -> bool:
    """Tell whether a tree is a quantity of one number, or an entry of one with several."""
    if isinstance(node, Call) and node.operation == "index":
        return isinstance(node.arguments[0], Name)
    return isinstance(node, Name)


def leaves_of(node: Node) -> list[Node]:
    """Return the entries an expression uses, each once, from the left."""
    leaves: dict[Node, None] = {}
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if is_entry(part):
            leaves[part] = None
        else:
            waiting.extend(reversed(part.children()))
    return list(leaves)


def value_texts(iteration: Iteration, name: str, digits: int) -> list[str]:
    """Return the figures of a quantity, entry by entry: a given one's as they were written."""
    input_value = iteration.given_value(name)
    if input_value is None or input_value.exact is None:
        return number_texts(printed_values(iteration, name, iteration.floats(name)), digits)
    return list(map(written_text, input_value.exact))


def printed_values(iteration: Iteration, name: str, values: Sequence[float]) -> Sequence[float]:
    """Return values as they are printed: 0 for what only rounding has left of a quantity's."""
    places = rounding_left(iteration, name, values)
    return [0.0 if at in places else value for at, value in enumerate(values)] if places else values


def rounding_left(iteration: Iteration, name: str, values: Sequence[float]) -> Collection[int]:
    """Return the places of values, if they are a quantity's, that only rounding has left of 0.

    Floats are rounded, so 0.1 + 0.2 - 0.3 leaves 5.6e-17. Nothing is where another number is as
    small: lines with 0 put in would not add up.
    """
    if len(values) > MOST_SHOWN or not any(0 < abs(value) < CANCELLED for value in values):
        return ()
    reference, places_by_name = _last_rounding[0] if _last_rounding else (None, {})
    last_iteration = None if reference is None else reference()
    if last_iteration is None or not last_iteration.has_record_of(iteration):
        places_by_name = _rounding_in(iteration)
        _last_rounding[:] = [(ref(iteration), places_by_name)]
    numbers, places = places_by_name.get(name, ((), ()))
    return places if [*values] == numbers else ()


RoundingLeft = Mapping[str, tuple[Sequence[float], Sequence[int]]]
"""By quantity its entries, and the places of those that only rounding has left of 0."""

_last_rounding: Final[list[tuple[ref[Iteration], RoundingLeft]]] = []
"""What rounding has left in the iteration that was asked about last: each of its lines asks."""


@lru_cache(MOST_KEPT)
def _entries_of(built: BuiltProgram, equation: Equation) -> EntryFunctions:
    return EntryFunctions(Elements(built.shapes, stable=True), equation)


def _rounding_in(iteration: Iteration) -> RoundingLeft:
    """Return what only rounding has left of 0 in an iteration; nothing where one may not be.

    0 is then among the values that the entry may have, each number that it is made of rounded.
    """
    places_by_name: dict[str, list[int]] = {}
    floats = cache(iteration.floats)
    unit = 2**-20 if iteration.scenario.dtype == "float32" else 2**-49

    @cache
    def range_of(each: str, at: int) -> Interval:
        number = floats(each)[at]
        share = 1 if at in places_by_name.get(each, ()) else unit
        low, high = sorted((number * (1 - share), number * (1 + share)))
        return Interval(Fraction(low), Fraction(high))

    small = (
        (equation, at)
        for equation in iteration.program.equations
        if math.prod(equation.shape) <= MOST_SHOWN and equation.name in iteration
        for at, value in enumerate(floats(equation.name))
        if 0 < abs(value) < CANCELLED
    )
    for equation, at in small:
        try:
            entry, places = _entries_of(iteration.built, equation).entry(at)
            ranges = {leaf: range_of(*place) for leaf, place in places.items()}
            if not interpret(entry, INTERVALS, ranges.get).holds(Fraction(0)):
                return {}
        except (UnknownInteger, Unevaluable, TracerError, ArithmeticError, ValueError):
            return {}
        places_by_name.setdefault(equation.name, []).append(at)
    return {name: (floats(name), places) for name, places in places_by_name.items()}


def value_node(iteration: Iteration, name: str, digits: int) -> Node:
    """Return the numbers of a quantity; what is given as it was written."""
    return array_node(value_texts(iteration, name, digits), iteration.shape(name))


def written_entry(iteration: Iteration, leaf: Node) -> str | None:
    """Return a given entry as it was written, else None."""
    name, index = place_of(leaf)
    input_value = iteration.given_value(name)
    if input_value is None or input_value.exact is None:
        return None
    return written_text(input_value.exact[ravel(index, input_value.shape)])


def inner_operands(node: Node) -> list[Node]:
    """Return what is put into functions and has functions in it: of ln(eᵃ/(eᵃ + eᵇ)) the share.

    Of a condition, 1[|a| > 1], it is all of that: whether it holds.
    """
    if not isinstance(node, Call):
        return []
    if _is_function(node) and any(map(_is_function, walk(node.arguments[0]))):
        return [node if node.operation == "step" else node.arguments[0]]
    return [*dict.fromkeys(chain.from_iterable(map(inner_operands, node.arguments)))]


def reduced_form(form: Node, figures: Sequence[str], leaves: Mapping[Node, Node]) -> Node | None:
    """Return a form with these figures for its inner operands; None where it has none."""
    operands = dict(zip(inner_operands(form), map(number_node, figures), strict=False))
    return put_in(form, {**operands, **leaves}) if figures else None


def _is_function(node: Node) -> bool:
    if not isinstance(node, Call) or len(node.arguments) != 1 or node.operation == "negative":
        return False
    row = table().get(node.operation)
    return row is not None and row.elementwise


def put_in(node: Node, values: Mapping[Node, Node]) -> Node:
    """Return an expression with some of its leaves replaced."""
    replacement = values.get(node)
    if replacement is not None:
        return replacement
    if not isinstance(node, Call) or literal(node) is not None:
        return node
    arguments = tuple(put_in(item, values) for item in node.arguments)
    return Call(node.operation, arguments, node.keywords)


def gradient_of(program: Program, name: str) -> str | None:
    """Return the name of a quantity's gradient, None where it has none."""
    gradients = (
        item.name for item in program.phase("backward") if item.wrt == name and "#" not in item.name
    )
    return next(gradients, None)


def public_name(program: Program, equation: Equation) -> str:
    """Return the name a reader gives a step: an update is called after what it updates."""
    if equation.phase == "update" and equation.name in program.carried.values():
        return equation.name.removesuffix("'")
    return equation.name


def rules_of(equation: Equation) -> Sequence[Sentence]:
    """Return the rules that give a line, in words."""
    if equation.phase == "backward" and equation.wrt:
        rules = [rule for rule in equation.rules if rule != SAME]
        incoming = any(
            name.startswith(f"d{equation.of}/d") for name in names_in(equation.expression)
        )
        if incoming and equation.rules != ("sum over paths",):
            rules = ["chain rule", *rules]
        return [say(rule) for rule in rules or [SAME]]
    if equation.phase == "update" and not equation.base:
        return [say("update rule")]
    calls = bound_calls(equation.expression)
    rows = [row for call, row, *_ in calls if literal(call) is None][::-1]  # −1 and ½ are numbers
    rows = [row for row in rows if not row.moves] or rows
    titles = dict.fromkeys(row.title for row in rows)  # in the order they are worked out in
    if len(titles) > 1:
        return [say(title) for title in titles]
    return [say(row.words) for row in rows[:1]] or [say(SAME)]


def remark_of(equation: Equation) -> Sentence | None:
    """Return what the graph alone says of a step for which no reason holds, else None."""
    if equation.phase == "backward" and equation.wrt:
        wrt = Name(equation.wrt)
        if "no path" in equation.rules:
            return say("No path brings a gradient back to {name}, so its gradient is 0.", name=wrt)
        if equation.path and equation.path != equation.of:
            return say(
                "{name} reaches the loss through {user}.", name=wrt, user=Name(equation.path)
            )
    return None
