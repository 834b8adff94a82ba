"""One iteration as steps: each equation with its numbers, its rule and a sentence. No markup."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tracer.errors import UnknownNameError
from tracer.expression.syntax import Call, Name, Node, walk
from tracer.frozen import Frozen
from tracer.narrative.digits import Line, chosen_digits
from tracer.narrative.messages import Sentence, say
from tracer.narrative.numbers import array_node, fraction_node, number_texts, written_text
from tracer.operations import Shape, bound
from tracer.program.elements import Elements, UnknownInteger, place_node
from tracer.program.program import Equation, Phase, Program, names_in, substitute
from tracer.run.scalar_code import float_value
from tracer.run.scalars import places
from tracer.run.trace import Iteration

if TYPE_CHECKING:
    from tracer.run.exact import Exact

__all__ = ["MOST_ENTRIES", "Path", "Step", "Teller", "gradient_of", "public_name", "rules_of"]

MOST_ENTRIES = 6  # arrays up to this many entries are put into a line
MOST_SHOWN = 36  # matrices up to this many entries are printed as a result
SAME = "the same quantity"


class Step(Frozen):
    """One line: `left = formula = substituted = result`.

    `substituted` is None where an array is too large to put in, `result` where the value is; then
    `values` still holds every entry. `follows` is false where no digits make the line true.
    `name` is what JSON calls the step: an update is called after the parameter it updates.
    """

    equation: Equation
    name: str
    left: Node
    phase: Phase
    formula: Node
    substituted: Node | None
    result: Node | None
    shape: Shape
    values: Sequence[float]
    follows: bool
    rules: Sequence[Sentence]
    sentence: Sentence | None
    paths: Sequence[Path] = ()


class Path(Frozen):
    """One term of a gradient that sums over paths: what it comes through, and its numbers."""

    through: Node | None
    term: Node
    substituted: Node | None
    result: Node | None
    follows: bool


class Teller:
    """Tells iterations of one trace as steps, at a number of significant digits.

    With `exact` the numbers are fractions.
    """

    def __init__(self, digits: int = 6, exact: Exact | None = None) -> None:
        self.digits = digits
        self.exact = exact
        self._elements: dict[int, Elements] = {}

    def steps(self, iteration: Iteration) -> Iterator[Step]:
        """Yield the steps of an iteration in order; those after a fault are not there."""
        for equation in iteration.program.equations:
            if equation.phase == "metric":
                continue
            try:
                values = iteration.entries(equation.name)
            except UnknownNameError:
                return
            yield self.step(iteration, equation, values)

    def step(self, iteration: Iteration, equation: Equation, values: Sequence[float]) -> Step:
        """Return one equation as a step."""
        few = len(values) <= MOST_SHOWN and len(equation.shape) <= 2
        printable = few and all(map(math.isfinite, values))
        if self.exact is not None and printable:
            substituted, result = self.in_fractions(iteration, equation)
            return self.told(iteration, equation, values, substituted, result)
        if not printable:
            return self.told(iteration, equation, values)
        line = self.line(iteration, equation, values)
        if line is None:
            line = Line({}, tuple(number_texts(values, self.digits)), True)
        return self.with_line(iteration, equation, values, line)

    def with_line(
        self, iteration: Iteration, equation: Equation, values: Sequence[float], line: Line
    ) -> Step:
        """Return one equation as a step with these texts of its numbers."""
        substituted = None
        if line.operands:
            literals = {
                name: array_node(operand, iteration.shape(name))
                for name, operand in line.operands.items()
            }
            substituted = substitute(equation.expression, literals)
        result = array_node(line.result, equation.shape)
        return self.told(iteration, equation, values, substituted, result, line.follows)

    def told(
        self,
        iteration: Iteration,
        equation: Equation,
        values: Sequence[float],
        substituted: Node | None = None,
        result: Node | None = None,
        follows: bool = True,
    ) -> Step:
        """Return one equation as a step, with what is said of it."""
        name = public_name(iteration, equation)
        return Step(
            equation=equation,
            name=name,
            left=Name(name),
            phase=equation.phase,
            formula=equation.expression,
            substituted=substituted,
            result=result,
            shape=equation.shape,
            values=values,
            follows=follows,
            rules=rules_of(equation),
            sentence=sentence_of(iteration, equation),
        )

    def names(self, iteration: Iteration, equation: Equation) -> list[str] | None:
        """Return the names whose numbers a line puts in; None where there are none or too many."""
        names = list(dict.fromkeys(names_in(equation.expression)))
        if any(math.prod(iteration.shape(name)) > MOST_ENTRIES for name in names):
            return None
        return names or None

    def in_fractions(
        self, iteration: Iteration, equation: Equation
    ) -> tuple[Node | None, Node | None]:
        """Return a line's numbers put in and its result, as fractions."""
        assert self.exact is not None
        values = self.exact.values(iteration.number)
        result = fraction_node(values[equation.name], equation.shape)
        names = self.names(iteration, equation)
        if names is None:
            return None, result
        literals = {name: fraction_node(values[name], iteration.shape(name)) for name in names}
        return substitute(equation.expression, literals), result

    def line(
        self, iteration: Iteration, equation: Equation, values: Sequence[float]
    ) -> Line | None:
        """Choose the digits of a line; None where its numbers are not put in."""
        names = self.names(iteration, equation)
        if names is None:
            return None
        given: dict[str, tuple[str, ...]] = {}
        computed: dict[str, Sequence[float]] = {}
        for name in names:
            written = self.written(iteration, name)
            if written is not None:
                given[name] = written
            else:
                computed[name] = iteration.floats(name)
        try:
            entries = self.entries(iteration, equation)
        except UnknownInteger:
            return None
        leaves = {
            name: [place_node(name, at) for at in places(iteration.shape(name))] for name in names
        }

        def work_out(numbers: Mapping[str, Sequence[float]]) -> list[float]:
            at: dict[Node, float] = {}
            for name, entries_of_name in numbers.items():
                at.update(zip(leaves[name], entries_of_name, strict=True))
            return [float_value(entry, at) for entry in entries]

        return chosen_digits(given, computed, values, self.digits, work_out)

    def written(self, iteration: Iteration, name: str) -> tuple[str, ...] | None:
        """Return a given quantity as it was written, None where there is no such text."""
        given = iteration.given(name)
        if given is None or given.exact is None:
            return None
        return tuple(map(written_text, given.exact))

    def entries(self, iteration: Iteration, equation: Equation) -> list[Node]:
        """Return the scalar forms of an equation's entries. Raises UnknownInteger."""
        elements = self.elements(iteration)
        return [elements.entry(equation.expression, at).node for at in places(equation.shape)]

    def elements(self, iteration: Iteration) -> Elements:
        """Return the element forms of an iteration's program, kept for the next line."""
        integers = [name for name, item in iteration.program.inputs.items() if item.integer]
        # Labels differ from batch to batch; without any, all iterations share their forms.
        key = id(iteration.built) if not integers else -iteration.number
        elements = self._elements.get(key)
        if elements is None:

            def integer(name: str, index: Shape) -> int | None:
                if name not in integers:
                    return None
                position = places(iteration.shape(name)).index(index)
                return int(iteration.floats(name)[position])

            self._elements.clear()
            elements = self._elements[key] = Elements(iteration.built.shapes, integer, stable=True)
        return elements


def gradient_of(program: Program, name: str) -> str | None:
    """Return the name of a quantity's gradient, None where it has none."""
    gradients = (
        item.name for item in program.phase("backward") if item.wrt == name and "#" not in item.name
    )
    return next(gradients, None)


def public_name(iteration: Iteration, equation: Equation) -> str:
    """Return the name a reader gives a step: an update is called after what it updates."""
    if equation.phase == "update" and equation.name in iteration.program.carried.values():
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
    node = equation.expression
    return [say(bound(node)[0].words if isinstance(node, Call) else SAME)]


def sentence_of(iteration: Iteration, equation: Equation) -> Sentence | None:
    """Return a sentence where one helps, else None."""
    if equation.phase == "backward" and equation.wrt:
        return _backward_sentence(equation)
    if equation.phase == "forward" and equation.base:
        return say(
            "A part of {base}, with a name of its own.",
            base=Name(equation.base),
        )
    if equation.phase == "update":
        return _update_sentence(iteration, equation)
    return None


def _backward_sentence(equation: Equation) -> Sentence | None:
    wrt = Name(equation.wrt)
    if "no path" in equation.rules:
        return say("{name} has no path to the loss, so its gradient is 0.", name=wrt)
    if equation.rules == ("sum over paths",):
        count = sum(isinstance(part, Name) for part in walk(equation.expression))
        return say(
            "{name} reaches the loss along {count} paths; their contributions add up.",
            name=wrt,
            count=count,
        )
    if equation.path and equation.path != equation.of:
        return say("{name} reaches the loss through {user}.", name=wrt, user=Name(equation.path))
    return None


def _update_sentence(iteration: Iteration, equation: Equation) -> Sentence | None:
    before = equation.name.removesuffix("'")
    if before not in iteration.program.parameters or equation.shape:
        return None
    gradient = gradient_of(iteration.program, before)
    if gradient is None or iteration.program.loss is None:
        return None
    slope = iteration.floats(gradient)[0]
    moved = iteration.floats(equation.name)[0] - iteration.floats(before)[0]
    slots: dict[str, Node] = {"name": Name(before), "loss": Name(iteration.program.loss)}
    if slope == 0:
        if moved:
            return None
        return say("The gradient is 0, so {name} stays where it is.", **slots)
    if slope < 0 < moved:
        return say(
            "The gradient is negative: {loss} falls as {name} grows, so the step goes up.", **slots
        )
    if moved < 0 < slope:
        return say(
            "The gradient is positive: {loss} grows with {name}, so the step goes down.", **slots
        )
    if slope * moved > 0:
        return say(
            "The step goes along the gradient, not against it: what the optimizer remembers "
            "of earlier gradients is stronger.",
            **slots,
        )
    return None
