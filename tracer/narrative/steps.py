"""One iteration as steps: each equation with its numbers, its rule and a sentence. No markup."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain

from tracer.errors import TracerError, UnknownNameError
from tracer.expression import Call, Name, Node, walk
from tracer.frozen import Frozen, replace
from tracer.narrative.blocks import EquationLine, present, rules_paragraph
from tracer.narrative.entry_functions import MOST_KEPT, EntryFunctions, leaves_of, place_of
from tracer.narrative.line_forms import MOST_FORMS, Once, Spelling
from tracer.narrative.printed_values import MOST_SHOWN, printed_values, value_texts
from tracer.narrative.step_reasons import AnyReason, ReasonFinder, Spoken, entries_of
from tracer.operations import (
    Shape,
    array_node,
    bound,
    bound_calls,
    indices_of,
    literal,
    nested_array,
    number,
    number_node,
    number_text,
    number_texts,
    ravel,
    table,
)
from tracer.operations.reductions import untied_form
from tracer.program.elements import Elements, place_node, share_form
from tracer.program.program import BuiltProgram, Equation, Phase, Program, names_in, substitute
from tracer.program.shapes import Shapes
from tracer.run.exact import Exact
from tracer.run.scalar_code import float_value
from tracer.run.trace import Iteration
from tracer.sentences import Sentence, say

MOST_WORKED = 24  # entries of arrays from which a single number is worked out in one line
MOST_DIGITS = 15  # that a float holds, whatever they are
SAME = "the same quantity"
_LINEAR_RULES = ("sum rule", "constant factor rule", "derivative of a sum", "derivative of a mean")
ONE = number(1)


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
    reasons may hold of it, the most telling one first; `remark` is said where none does.
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
    asked: Callable[[], Sequence[AnyReason]] = tuple
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
        return present(*(it.told() for it in self.asked()))

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
    ) -> Sequence[AnyReason]:
        """Return all reasons that may hold of a step or of one entry, the most telling first."""
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
        rest = without_zeros(item.expression, zeros)
        if rest is None:
            zeros.add(Name(item.name))
        elif isinstance(rest, Name) and item.name not in built.program.carried.values():
            idle[item.name] = rest
    return idle


def without_zeros(node: Node, zeros: Collection[Node]) -> Node | None:
    """Return an expression without terms that have a factor of 0; None where nothing is left.

    Nor has it factors of 1 then: of 1·a + (1 − 1)·b it is a.
    """
    if node in zeros or not isinstance(node, Call):
        return None if node in zeros else node
    rests = [without_zeros(item, zeros) for item in node.arguments]
    match node.operation, rests:
        case "multiply", _ if None in rests:
            return None
        case "multiply", _ if ONE in rests:
            return rests[1 - rests.index(ONE)]
        case "add" | "subtract", [rest, None]:
            return rest
        case "add", [None, rest]:
            return rest
        case "subtract", [None, Node() as rest]:
            return Call("negative", (rest,))
    kept = [rest or item for rest, item in zip(rests, node.arguments, strict=True)]
    return Call(node.operation, (*kept,), node.keywords)


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


def entry_value(iteration: Iteration, leaf: Node) -> float:
    """Return the number of an entry in an iteration."""
    name, index = place_of(leaf)
    return iteration.floats(name)[ravel(index, iteration.shape(name))]


def inner_operands(node: Node) -> list[Node]:
    """Return what is put into functions and has functions in it: of ln(eᵃ/(eᵃ + eᵇ)) the share.

    Of a condition, 1[|a| > 1], it is all of that: whether it holds.
    """
    if not isinstance(node, Call):
        return []
    if is_function(node) and any(map(is_function, walk(node.arguments[0]))):
        return [node if node.operation == "step" else node.arguments[0]]
    return [*dict.fromkeys(chain.from_iterable(map(inner_operands, node.arguments)))]


def reduced_form(form: Node, figures: Sequence[str], leaves: Mapping[Node, Node]) -> Node | None:
    """Return a form with these figures for its inner operands; None where it has none."""
    operands = dict(zip(inner_operands(form), map(number_node, figures), strict=False))
    return put_in(form, {**operands, **leaves}) if figures else None


def is_function(node: Node) -> bool:
    """Say whether an expression is a function of each entry of one operand."""
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


def _is_linear(rule: str) -> bool:
    """Say whether a derivative takes no other one along: that of a sum, 2 times x, a mean."""
    is_derivative = rule.endswith("rule") or rule.startswith("derivative")
    return rule in _LINEAR_RULES or not is_derivative


def rules_of(equation: Equation) -> Sequence[Sentence]:
    """Return the rules that give a line, in words."""
    if equation.phase == "backward" and equation.wrt:
        rules = [rule for rule in equation.rules if rule != SAME]
        incoming = any(
            name.startswith(f"d{equation.of}/d") for name in names_in(equation.expression)
        )
        is_joined = incoming and equation.rules != ("sum over paths",)
        if is_joined or not all(map(_is_linear, rules[:-1])):
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
            user = Name(equation.path)
            if "#" in equation.name:
                return say(
                    "One way from {name} to the loss leads through {user}.", name=wrt, user=user
                )
            return say("{name} reaches the loss through {user}.", name=wrt, user=user)
    return None
