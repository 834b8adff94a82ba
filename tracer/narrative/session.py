"""Where a reader stands in a trace, what there is to see there, and the moves from there.

A place is an iteration (from 1), a step of it (from 0) and, inside a step, one of the lines it is
made of: its operations, or one entry of its array. A session knows no terminal and no screen,
computes nothing anew, and makes a step only when it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from tracer.errors import RunError, TracerError, UnknownNameError, known_name
from tracer.expression import Call, Name, Node, parse, render
from tracer.lazy_numpy import np
from tracer.narrative.blocks import EquationLine, Some, present
from tracer.narrative.derivation_options import Options, Style
from tracer.narrative.entries import Focus, entry_step, entry_steps
from tracer.narrative.entry_functions import place_of
from tracer.narrative.program_notation import notation_of
from tracer.narrative.step_lines import Narrator, line_of
from tracer.narrative.steps import Step, StepNarrator, gradient_of, public_name
from tracer.narrative.textbook_blocks import drawn_formulas, textbook_in
from tracer.operations import Shape, number_node, shape_text, vocabulary
from tracer.program.program import BuiltProgram, Equation, Phase, names_in
from tracer.program.scenario import Scenario
from tracer.run.nudge import Nudge, Nudges
from tracer.run.short_runs import Progress
from tracer.run.trace import LARGE, Iteration, Replay, Trace
from tracer.sentences import Sentence, say

KEPT_STEPS = 256
KEPT_ARRAYS = 8
MOST_IN_EXAMPLE = 5000  # entries of the operands of a step that is shown by an example
MOST_SEARCHED = 2000  # iterations that a search looks at
MOST_IN_A_LINE = 16  # entries of an array that stands in a line
LONG = 200_000  # numbers that are worked out anew before it is given to a worker


def place_of_number(words: Sequence[str]) -> int | None:
    """Return where words have the number of an iteration: 0 before the name, -1 behind it."""
    ends = (0, -1) if words else ()
    places = (at for at in ends if words[at].isascii() and words[at].isdigit())
    return next((at for at in places if len(words[at]) < 10), None)


class Inside(NamedTuple):
    """Inside a step: which of its lines, and of an array which entry (None: its operations)."""

    entry: Shape | None
    at: int


class StepPlace(NamedTuple):
    """An iteration from 1, a step from 0, and where inside it."""

    iteration: int
    step: int
    inside: Inside | None = None


class Change(NamedTuple):
    """What a step did: the quantity, its value before (None: it had none) and after."""

    name: str
    shape: Shape
    before: Sequence[float] | None
    after: Sequence[float]

    def is_changed(self, at: int) -> bool:
        """Tell whether an entry has another value than before."""
        if self.before is None:
            return True
        one, other = float(self.before[at]), float(self.after[at])
        return one != other and not (math.isnan(one) and math.isnan(other))


class Session:
    """A trace and a place in it. Moves return whether the place is another one now.

    Where values are predicted, `hidden_from` is the first step of the iteration whose value is not
    to be seen; None where all may be.
    """

    def __init__(self, trace: Trace, *, digits: int = 6, style: Style = "textbook") -> None:
        self.digits = digits
        self.style: Style = style
        self.version = 0  # counts the traces that were shown
        self.earlier: list[float] = []  # the losses of the trace before this one
        self._take(trace)
        self.place = StepPlace(1, 0)
        self.hidden_from: int | None = None

    def _take(self, trace: Trace) -> None:
        self.trace = trace
        self._nudges = Nudges(trace)
        self._nudge: tuple[int, Nudge] | None = None  # how many steps, and what follows
        self.notation = notation_of(trace)
        self._source = Narrator(trace, Options(digits=self.digits))
        self._narrator = StepNarrator(self.digits)
        self._replay: Replay | None = None
        self._forget()
        self._inner: tuple[tuple[int, int, Shape | None], list[Step]] | None = None
        self._listed = lru_cache(1)(self._list)
        self._searched = lru_cache(1)(self._search_texts)
        self._losses = lru_cache(1)(trace.floats)
        self._large = lru_cache(KEPT_ARRAYS)(self._large_entries)

    def _forget(self) -> None:
        """Forget the steps and lines that were made."""
        self._steps = lru_cache(KEPT_STEPS)(self._make_step)
        self._lines = lru_cache(KEPT_STEPS)(
            lambda step: self.in_notation(line_of(step, self.digits), self.shown_iteration)
        )
        self._factors = lru_cache(1)(
            lambda step: [*map(self.in_notation, self._source.lines(self.iteration, step, set()))]
        )
        self._examples = lru_cache(1)(self._make_example)

    # What there is ------------------------------------------------------------------------------

    @property
    def scenario(self) -> Scenario:
        """The scenario that was run."""
        return self.trace.scenario

    @property
    def iteration(self) -> Iteration:
        """The iteration of the place, as it follows from the number that is nudged."""
        return self._iteration(self.place.iteration)

    def _iteration(self, number: int) -> Iteration:
        nudged = None if self._nudge is None else self._nudge[1].iteration
        return nudged if nudged and nudged.number == number else self.trace.iteration(number)

    @property
    def losses(self) -> list[float]:
        """The loss of every iteration; empty without a loss."""
        loss = self.trace.program.loss
        return [] if loss is None else self._losses(loss)

    def label(self, equation: Equation, name: str | None = None) -> EquationLine:
        """Return an equation in symbols, under the name that a reader gives it."""
        shown_name = self.name_of(equation) if name is None else name
        arrow = shown_name != equation.name
        return self.in_notation(EquationLine(Name(shown_name), equation.expression, arrow=arrow))

    def step_at(self, number: int, index: int) -> Step:
        """Return one step of an iteration; the last few are kept."""
        return self._steps(number, self.equations(number)[index])

    def _make_step(self, number: int, equation: Equation) -> Step:
        # What computes the nudged value has its own result: it is moved behind it.
        is_moved = self.nudge is not None and self.nudge.name == equation.name
        iteration = self.trace.iteration(number) if is_moved else self._iteration(number)
        return self._narrator.step(iteration, equation, self.entries(iteration, equation.name))

    @property
    def outer(self) -> Step:
        """The step of the place, whole."""
        return self.step_at(self.place.iteration, self.place.step)

    @property
    def step(self) -> Step:
        """What is shown: the step, or the line inside it."""
        inside = self.place.inside
        return self.outer if inside is None else self.inner[inside.at]

    @property
    def line(self) -> EquationLine:
        """The shown step as a line of symbols, numbers and a result."""
        return self._lines(self.step)

    def lines_before(self, most: int) -> list[EquationLine]:
        """Return the lines of the iteration before the step, the last ones; symbols of large ones.

        There are none before a line inside a step: that is about the step alone.
        """
        number, step, inside = self.place
        before = range(max(step - most, 0), step) if inside is None else ()
        return [
            self._lines(self.step_at(number, at))
            if math.prod(self.equations()[at].shape) <= MOST_IN_A_LINE
            else self.label(self.equations()[at])
            for at in before
        ]

    def lines_after(self) -> Iterator[EquationLine]:
        """Yield the lines of the iteration behind the step, in symbols; none inside a step."""
        _, step, inside = self.place
        yield from map(self.label, self.equations()[step + 1 :] if inside is None else ())

    @property
    def factored_lines(self) -> Sequence[EquationLine]:
        """The shown gradient as what comes in times the local derivative; empty for all else."""
        is_whole = self.place.inside is None and self.phase == "backward" and self.style != "code"
        return self._factors(self.outer) if is_whole else ()

    @property
    def meaning(self) -> Sentence | None:
        """What the shown gradient of a parameter says, and the first one; None of others, and of 0.

        Who has not met gradients reads it where the walk turns back.
        """
        step, name, loss = self.outer, self.equation.wrt, self.equation.of
        program = self.iteration.program
        first = next((item for item in program.phase("backward") if item.wrt), None)
        is_told = name in program.parameters or self.equation is first
        if not is_told or gradient_of(program, name) != self.equation.name or self.place.inside:
            return None
        names = {"name": Name(name), "loss": Name(loss)}
        if step.shape:
            return say(
                "Each entry is a slope: how many times as much {loss} rises when that entry of "
                "{name} rises a little.",
                **names,
            )
        if step.figures is None or not (abs(step.values[0]) > 0):
            return None
        return say(
            "So when {name} rises a little, {loss} {changes} {size} times as much.",
            changes=say("falls") if step.values[0] < 0 else say("rises"),
            size=number_node(step.figures.result[0].lstrip("-")),
            **names,
        )

    def inner_line(self, at: int, digits: int) -> EquationLine:
        """Return a line inside the step of the place, in the chosen notation."""
        return self.in_notation(line_of(self.inner[at], digits), self.shown_iteration)

    def chain(self) -> EquationLine | None:
        """Return a gradient in one line through to the data; None where that says no more."""
        if self.place.inside is not None or self.phase != "backward" or self.equation.shape:
            return None
        return self.in_notation(self._source.chain(self.iteration, self.outer))

    def in_notation(self, value: Some, iteration: Iteration | None = None) -> Some:
        """Return a line, a name or a sentence in the chosen notation.

        It is of the present iteration's own equations, or of those of another one.
        """
        built = (iteration or self.iteration).built
        return drawn_formulas(value, textbook_in(self.style, built))

    def drawn_name(self, name: str) -> Node:
        """Return how a quantity is called in the chosen notation; without a name, what it is."""
        node: Node = Name(name)
        return self.in_notation(node)

    @property
    def shown_iteration(self) -> Iteration:
        """The iteration whose equations the shown lines are: only the replay knows operations."""
        inside = self.place.inside
        if inside is None or inside.entry is not None or not self.inner:
            return self.iteration
        assert self._replay is not None
        return self._replay.iteration(self.place.iteration)

    def example(self) -> EquationLine | None:
        """Return the first entry of a step whose arrays are too large to put in, written out.

        None where the step's own numbers stand in its line, or where that entry takes long.
        """
        step = self.outer
        whole = step.substituted is not None or not self.equation.shape
        if whole or self.place.inside is not None or not len(step.values):
            return None
        sizes = sum(math.prod(self.iteration.shape(name)) for name in self.operands())
        return None if sizes > MOST_IN_EXAMPLE else self._examples(step)

    def _make_example(self, step: Step) -> EquationLine | None:
        focus = Focus(self.equation.name, (0,) * len(step.shape))
        own = entry_step(self.iteration, focus, self._narrator)
        return None if own is None else self.in_notation(line_of(own, self.digits))

    def operands(self) -> list[str]:
        """Return the quantities that the step puts in, each once."""
        program = self.iteration.program
        names = dict.fromkeys(names_in(self.outer.equation.expression))
        quantities = {*program.inputs, *(equation.name for equation in program.equations)}
        return [name for name in names if name in quantities]

    def values(self, name: str) -> tuple[Shape, Sequence[float]]:
        """Return a quantity of this iteration. Raises UnknownNameError where it has no value."""
        return self.iteration.shape(name), self.entries(self.iteration, name)

    def entries(self, iteration: Iteration, name: str) -> Sequence[float]:
        """Return a quantity row by row; a large one as an array of NumPy's, kept for a while.

        Raises UnknownNameError where it has no value.
        """
        nudge = self.nudge
        if math.prod(iteration.shape(name)) <= LARGE or (nudge and iteration is nudge.iteration):
            return iteration.entries(name)
        return self._large(iteration.number, name)

    def _large_entries(self, number: int, name: str) -> Sequence[float]:
        iteration = self.trace.iteration(number)
        after = iteration.program.carried.get(name)
        parameter = self.scenario.parameters.get(name)
        if after is not None and number > 1:
            return self.trace.iteration(number - 1).entries(after)
        if after is not None and parameter is not None:
            return cast("Sequence[float]", parameter.array(self.scenario.dtype).reshape(-1))
        values = iteration.entries(name)
        return cast("Sequence[float]", np.array(values)) if isinstance(values, list) else values

    def change(self) -> Change:
        """Return what the step of the place did to its quantity, or what a nudge has."""
        if self.nudge is not None:
            return self.nudge_change(self.equation.name)
        equation, iteration = self.equation, self.iteration
        after = self.entries(iteration, equation.name)
        before: Sequence[float] | None = None
        name = self.name_of(equation)
        if name != equation.name:
            before = self.entries(iteration, name)
        elif iteration.number > 1:
            earlier = self.trace.iteration(iteration.number - 1)
            previous_values = (
                self.entries(earlier, equation.name) if equation.name in earlier else ()
            )
            if len(previous_values) == len(after):  # no batch of another size
                before = previous_values
        return Change(name, equation.shape, before, after)

    def computed(self) -> frozenset[str]:
        """Return the names of what has a value once the step of the place is done."""
        equations = self.equations()[: self.place.step + 1][: self.hidden_from]
        return frozenset(equation.name for equation in equations)

    def is_hidden(self, name: str) -> bool:
        """Tell whether a value of the iteration is not to be seen, as it is yet to be predicted."""
        hidden_equations = () if self.hidden_from is None else self.equations()[self.hidden_from :]
        return name in {equation.name for equation in hidden_equations}

    def sample_counts(self) -> tuple[tuple[int, ...] | None, int | None]:
        """Return the samples that the iteration sees, from 0, and how many there are."""
        lengths = {array.shape[0] for array in self.scenario.data.values() if array.shape}
        return self.iteration.samples, lengths.pop() if len(lengths) == 1 else None

    @property
    def count(self) -> int:
        """How many iterations there are."""
        return len(self.trace)

    def equations(self, number: int | None = None) -> tuple[Equation, ...]:
        """Return the equations of an iteration that are steps: those with a value, no metrics."""
        return self._listed(self.place.iteration if number is None else number)

    def _list(self, number: int) -> tuple[Equation, ...]:
        iteration, fault = self.trace.iteration(number), self.trace.fault
        is_broken = fault is not None and fault.iteration == number
        recorded_names = frozenset(iteration) if is_broken else None
        return tuple(
            equation
            for equation in iteration.program.equations
            if equation.phase != "metric"
            and (recorded_names is None or equation.name in recorded_names)
        )

    @property
    def equation(self) -> Equation:
        """The equation of the place."""
        return self.equations()[self.place.step]

    @property
    def phase(self) -> Phase:
        """The phase of the place."""
        return self.equation.phase

    # Nudging ------------------------------------------------------------------------------------

    @property
    def nudge(self) -> Nudge | None:
        """The number of the present iteration that is nudged; None where none is."""
        nudge = None if self._nudge is None else self._nudge[1]
        return nudge if nudge and nudge.iteration.number == self.place.iteration else None

    def nudge_by(self, name: str, entry: int, steps: int) -> tuple[int, Nudge] | None:
        """Return what follows where an entry is moved by some small steps more, and how many.

        None where it is back. It is not shown yet: `show_nudge` does that. Raises RunError where
        the entry cannot be moved.
        """
        nudge, previous_steps = self.nudge, 0
        if self._nudge is not None and nudge and (nudge.name, nudge.place) == (name, entry):
            previous_steps = self._nudge[0]
        count = previous_steps + steps
        if count == 0:
            return None
        return count, self._nudges.nudge(self.place.iteration, name, entry, count)

    def show_nudge(self, counted_nudge: tuple[int, Nudge] | None) -> None:
        """Show an iteration as it follows from a nudged number, or as it is."""
        self._nudge = counted_nudge
        # Other numbers stand in its steps.
        self.place = self.place._replace(inside=None)
        self._forget()

    def nudged_name(self, name: str) -> str:
        """Return what is nudged where one looks at a quantity. Raises RunError for nothing."""
        return self._nudges.quantity(self.place.iteration, name)

    def nudge_change(self, name: str) -> Change:
        """Return what the nudge has done to a quantity of the iteration."""
        number = self.place.iteration
        before = self.trace.iteration(number).entries(name)
        shown_name = next(
            (self.name_of(each) for each in self.equations() if each.name == name), name
        )
        shape, after = self.values(name)
        return Change(shown_name, shape, before, after)

    def end_nudge(self) -> bool:
        """Put the nudged number back; tell whether there was one."""
        was_nudged = self._nudge is not None
        if was_nudged:
            self.show_nudge(None)
        return was_nudged

    # Inside a step ------------------------------------------------------------------------------

    @property
    def inner(self) -> list[Step]:
        """The lines inside the step of the place; empty where one does not stand inside."""
        inside = self.place.inside
        if inside is None:
            return []
        key = (self.place.iteration, self.place.step, inside.entry)
        if self._inner is None or self._inner[0] != key:
            self._inner = (key, self.lines_inside(inside.entry))
        return self._inner[1]

    def is_long_inside(self, entry: Shape | None = None) -> bool:
        """Tell whether a reader would wait for the lines inside the step, or for a nudge."""
        whole = [equation.name for equation in self.equations()]
        names = whole if entry is None else self.operands()
        return sum(math.prod(self.iteration.shape(name)) for name in names) > LONG

    def lines_inside(
        self, entry: Shape | None, progress: Progress = lambda done, count: None
    ) -> list[Step]:
        """Return the lines inside the step of the place: its operations, or those of an entry.

        `progress` is called between two of them.
        """
        return self._operations(progress) if entry is None else self._entry(entry, progress)

    def _operations(self, progress: Progress) -> list[Step]:
        """Return the operations of a step: what the replay computes up to it, from the one before.

        A run of the same plan, operation by operation: its numbers are those of the record.
        """
        if self._replay is None:
            self._replay = Replay(self.trace)
        progress(0, 0)
        iteration = self._replay.iteration(self.place.iteration)
        recorded = {item.name for item in self.iteration.program.equations}
        part: list[Equation] = []
        for equation in iteration.program.equations:
            part.append(equation)
            if equation.name == self.equation.name:
                steps: list[Step] = []
                for item in part:
                    progress(len(steps), len(part))
                    if item.name in iteration:
                        values = iteration.entries(item.name)
                        steps.append(self._narrator.step(iteration, item, values))
                return steps
            if equation.name in recorded:
                part = []
        return []

    def _entry(self, index: Shape, progress: Progress) -> list[Step]:
        """Return the lines that concern one entry, the entry's own line first."""
        focus = Focus(self.equation.name, index)
        if math.prod(self.equation.shape) > MOST_SEARCHED:
            return present(entry_step(self.iteration, focus, self._narrator))
        lines = []
        for line in entry_steps(self.iteration, focus, self._narrator):
            progress(0, 0)
            lines.append(line)
        return lines

    def enter(self, index: Shape | None = None, lines: list[Step] | None = None) -> bool:
        """Step inside: to the operations, or with an index to one entry of the array.

        `lines` are those that `lines_inside` has given already.
        """
        if index is not None:
            self.check_index(index)
        before = self.place
        if lines is not None:
            self._inner = ((before.iteration, before.step, index), lines)
        self.place = before._replace(inside=Inside(index, 0))
        if len(self.inner) > (1 if index is None else 0):
            return self.place != before
        self.place = before
        return False

    def check_index(self, index: Shape, of: Equation | None = None) -> None:
        """Raise RunError where the array of the step, or of another one, has no such entry."""
        equation = of or self.equation
        shape = equation.shape
        fits = len(index) == len(shape) and all(
            0 <= at < size for at, size in zip(index, shape, strict=True)
        )
        if not fits:
            raise RunError(
                say("{equation} has no such entry", equation=self.name_of(equation)),
                found=shape_text(index),
                expected=say("an index below {shape}, from 0", shape=shape_text(shape)),
            )

    # Another run --------------------------------------------------------------------------------

    def replace(self, trace: Trace) -> None:
        """Show another run and stay where one was: the same iteration and step, by name."""
        name = self.equation.name
        number, step, _ = self.place
        self.earlier = self.losses
        self._take(trace)
        self.version += 1
        number = min(number, self.count)
        self.place = StepPlace(number, 0)
        names = [equation.name for equation in self.equations(number)]
        self.go(number, names.index(name) if name in names else step)

    # Moves --------------------------------------------------------------------------------------

    def _to(self, place: StepPlace, *others: StepPlace) -> bool:
        """Go to the first of some places; tell whether that is another one."""
        moved = place != self.place
        self.place = place
        return moved

    def go(self, iteration: int, step: int = 0, inside: Inside | None = None) -> bool:
        """Go to a step; what is out of range becomes the nearest there is."""
        iteration = min(max(iteration, 1), self.count)
        step = min(max(step, 0), len(self.equations(iteration)) - 1)
        if inside is not None and (iteration, step) != self.place[:2]:
            inside = None
        return self._to(StepPlace(iteration, step, inside))

    def next(self) -> bool:
        """Go to the next line inside, else to the next step, else to the next iteration."""
        iteration, step, inside = self.place
        return self._to(
            *present(
                StepPlace(iteration, step, inside._replace(at=inside.at + 1))
                if inside is not None and inside.at + 1 < len(self.inner)
                else None,
                StepPlace(iteration, step + 1) if step + 1 < len(self.equations()) else None,
                StepPlace(iteration + 1, 0) if iteration < self.count else None,
                self.place,
            )
        )

    def previous(self) -> bool:
        """Go back: the way of `next`, the other way round."""
        iteration, step, inside = self.place
        return self._to(
            *present(
                StepPlace(iteration, step, inside._replace(at=inside.at - 1))
                if inside is not None and inside.at
                else None,
                StepPlace(iteration, step) if inside is not None else None,
                StepPlace(iteration, step - 1) if step else None,
                StepPlace(iteration - 1, len(self.equations(iteration - 1)) - 1)
                if iteration > 1
                else None,
                self.place,
            )
        )

    def next_iteration(self) -> bool:
        """Go to the same step of the next iteration; of the last one, to its end."""
        iteration, step, _ = self.place
        return self.last() if iteration == self.count else self.go(iteration + 1, step)

    def previous_iteration(self) -> bool:
        """Go to the same step of the iteration before; of the first one, to its beginning."""
        iteration, step, _ = self.place
        return self.first() if iteration == 1 else self.go(iteration - 1, step)

    def next_phase(self) -> bool:
        """Go to the first step of the next phase, perhaps of the next iteration."""
        iteration, step, _ = self.place
        ahead = [at for at in self._phases(iteration) if at > step]
        if ahead:
            return self._to(StepPlace(iteration, ahead[0]))
        return self._to(StepPlace(iteration + 1, 0)) if iteration < self.count else self.last()

    def previous_phase(self) -> bool:
        """Go to the first step of this phase, or from there of the phase before."""
        iteration, step, _ = self.place
        behind = [at for at in self._phases(iteration) if at < step]
        if behind or iteration == 1:
            return self._to(StepPlace(iteration, behind[-1] if behind else 0))
        return self._to(StepPlace(iteration - 1, self._phases(iteration - 1)[-1]))

    def _phases(self, number: int) -> list[int]:
        """Return the first step of each phase of an iteration."""
        phases = [equation.phase for equation in self.equations(number)]
        return [at for at, phase in enumerate(phases) if not at or phases[at - 1] != phase]

    def first(self) -> bool:
        """Go to the first step of all."""
        return self.go(1, 0)

    def last(self) -> bool:
        """Go to the last step of all."""
        return self.go(self.count, len(self.equations(self.count)) - 1)

    def run_on(self, stride: int) -> bool:
        """Go on: by a line where `stride` is 0, else to the end of this iteration, then by many."""
        iteration, step, _ = self.place
        if not stride or step + 1 < len(self.equations()):
            return self.next()
        ahead = min(iteration + stride, self.count)
        return self.go(ahead, len(self.equations(ahead)) - 1)

    def stride(self, most: int) -> int:
        """Return how many iterations `run_on` takes at once to end after about `most` moves.

        0, which is line by line, where that is short enough.
        """
        remaining = self.count - self.place.iteration
        return (
            0 if (remaining + 1) * len(self.equations()) <= most else -(-remaining // (most // 2))
        )

    @property
    def is_at_end(self) -> bool:
        """Whether the place is the last of all."""
        return self.place[:2] == (self.count, len(self.equations(self.count)) - 1)

    def leave(self) -> bool:
        """Step out again."""
        return self._to(self.place._replace(inside=None))

    def name_of(self, equation: Equation) -> str:
        """Return the name that a reader gives a step: an update is called after what it sets."""
        return public_name(self.iteration.program, equation)

    # By name ------------------------------------------------------------------------------------

    def names(self, number: int | None = None) -> list[str]:
        """Return what the steps of an iteration, or of this one, are called, in order."""
        program = self.trace.iteration(number or self.place.iteration).program
        return [public_name(program, equation) for equation in self.equations(number)]

    def looks(self, number: int | None = None) -> list[str]:
        """Return how these names are written, as a reader sees them."""
        return [self._formula_text(Name(name)) for name in self.names(number)]

    def _formula_text(self, node: Node) -> str:
        return render(node, "unicode", vocabulary=vocabulary(), notation=self.notation)

    def go_to(self, text: str) -> bool:
        """Go to '3' (an iteration), 'dloss/dw' (a step), '3 dloss/dw' or 'dloss/dw 3', or an end.

        A step may be named as in the record or as it is shown, and so may an entry of its array;
        from there its name leads to the next time. What no step is named is looked for in their
        formulas.
        Raises UnknownNameError, RunError.
        """
        words = text.split()
        if not words:
            return False
        if words in (["first"], ["last"]):
            return self.first() if words == ["first"] else self.last()
        number = self.place.iteration
        place = self._step_called(number, text)
        at = place_of_number(words) if place is None else None
        if at is not None:
            number = int(words.pop(at))
        if not 1 <= number <= self.count:
            raise self._no_iteration(str(number))
        if not words:
            return self.go(number, self.place.step)
        name = " ".join(words)
        place = place or self._step_called(number, name) or self._entry_named(number, name)
        place = place or self._next_match(text.strip())
        if place is None and not any(map(str.isalpha, text)):
            raise self._no_iteration(text.strip())
        if place is None:
            reader_names = {*self.trace.program.reader_names}
            pairs = zip(self.equations(number), self.looks(number), strict=True)
            raise UnknownNameError(
                say("there is no step {name}", name=name),
                expected=known_name(
                    name.replace(" ", ""),
                    [look for item, look in pairs if item.name in reader_names],
                ),
            )
        if at is None and place == self.place and number < self.count:
            place = self._step_called(number + 1, text) or place
        return self._to(place)

    def _step_called(self, number: int, name: str) -> StepPlace | None:
        """Return the step of an iteration that a reader names so; None without one."""
        compact_name = name.replace(" ", "")
        for names in (self.names(number), [item.name for item in self.equations(number)]):
            step_name = self.notation.id_shown_as(compact_name, names)
            if step_name is not None:
                return StepPlace(number, names.index(step_name))
        return None

    def _entry_named(self, number: int, text: str) -> StepPlace | None:
        """Return the step that computes an entry, W2[0, 1] or (W₂)₁₂, and inside it that entry.

        None without such a step. Raises RunError where its array has no such entry.
        """
        try:
            families = frozenset(name for name in self.names(number) if "[" in name)
            node = parse(text, "unicode", names=self.notation, families=families)
        except TracerError:
            return None  # a part of a formula, perhaps
        if not isinstance(node, Call) or not isinstance(node.arguments[0], Name):
            return None
        name, index = place_of(node) if node.operation == "index" else ("", ())
        place = self._step_called(number, name)
        if place is not None:
            self.check_index(index, self.equations(number)[place.step])
        return place and place._replace(inside=Inside(index, 0))

    def _no_iteration(self, number: str) -> RunError:
        return RunError(
            say("there is no iteration {number}", number=number),
            expected=say("an iteration from 1 to {count}", count=self.count),
        )

    def go_to_quantity(self, name: str) -> bool:
        """Go to where a quantity is computed; from the backward pass on, where its gradient is.

        A parameter is computed where it is updated. Return whether there is such a step.
        """
        program = self.iteration.program
        gradient = gradient_of(program, name)
        is_back = self.phase in ("backward", "update")
        candidates = [gradient if is_back else name, program.carried.get(name), name, gradient]
        names = [equation.name for equation in self.equations()]
        target = next((each for each in candidates if each in names), None)
        if target is None:
            return False
        self.go(self.place.iteration, names.index(target))
        return True

    def _next_match(self, text: str) -> StepPlace | None:
        """Return the next step whose name or formula holds a text; round past the end."""
        here, query = self.place, text.casefold()
        for turn in range(min(self.count, MOST_SEARCHED) + 1):
            number = (here.iteration - 1 + turn) % self.count + 1
            texts = self._searched(self.trace.iteration(number).built)
            for at, searched in enumerate(texts[: len(self.equations(number))]):
                if (turn or at > here.step) and query in searched:
                    return StepPlace(number, at)
        return None

    def _search_texts(self, built: BuiltProgram) -> list[str]:
        """Return what a search looks at: names, looks and formulas of all steps."""
        program, text_of = built.program, self._formula_text
        names = {item: text_of(Name(public_name(program, item))) for item in program.equations}
        return [
            f"{item.name}\n{names[item]}\n{names[item]} = {text_of(item.expression)}".casefold()
            for item in program.equations
            if item.phase != "metric"
        ]
