"""What a run came to, told from its record: does the loss fall, and why not.

Nothing is computed that the record does not hold: a factor is the quotient of two recorded
numbers. It knows no screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from tracer.errors import TracerError
from tracer.expression.syntax import Call, Name, Node
from tracer.narrative.messages import Sentence, say
from tracer.narrative.numbers import number_node, short_text, written_text
from tracer.ui.losses import Loss, loss_of

if TYPE_CHECKING:
    from tracer.run.trace import Trace

__all__ = ["Column", "Course", "Told", "course_of", "told_factor", "told_loss"]

MOST_LOOKED_AT: Final = 2000  # iterations whose errors are compared
MOST_ENTRIES: Final = 1000  # of an error that is looked at
MOST_PARAMETERS: Final = 4  # in the table
IN_A_ROW: Final = 3  # times that a loss grows before it is said
SAME: Final = 1e-6  # relative difference below which two factors are the same
MARKS: Final = (-1.0, 0.0, 1.0)  # factors that mean something of their own
EXACT: Final = 1e-12  # a difference from them that is rounding
NOTHING: Final = 1e-9  # of the largest error, below which rounding decides on a quotient
DIGITS: Final = 6  # more where two numbers would look the same
MOST_DIGITS: Final = 15


class Told(NamedTuple):
    """A sentence and what it is: 'good', 'bad' or 'words'."""

    sentence: Sentence
    role: str


class Column(NamedTuple):
    """A column of the table; `value` gives the number of an iteration, None for none."""

    title: Node | Sentence
    value: Callable[[int], float | None]
    rank: int  # where there is no room, the highest go first


class Course(NamedTuple):
    """A run in one look.

    `parameter` is the one number that is trained, '' where there are more. `errors` are the
    prediction minus the target of each iteration, `measure` what they are called; where the loss
    is of no known form they are the gradients.
    """

    trace: Trace
    losses: Sequence[float]
    parameter: str
    weights: Sequence[float]  # as each iteration found it
    gradients: Sequence[float]
    loss: Loss | None
    measure: Node | None
    errors: Sequence[Sequence[float]]
    is_same_data: bool

    def factor(self, number: int) -> float | None:
        """Return by what an iteration multiplied the error, None where it cannot be told.

        With several errors it is told where it is the same for all of them.
        """
        if not 1 <= number < len(self.errors) or not self.is_same_data:
            return None
        before, after = self.errors[number - 1], self.errors[number]
        size = max(map(abs, before), default=0.0)
        if not 0 < size < math.inf or not all(map(math.isfinite, after)):
            return None
        largest = max(abs(entry) for entry in self.errors[0])
        if size <= NOTHING * largest or len(before) != len(after):
            return None
        place = max(range(len(before)), key=lambda at: abs(before[at]))
        factor = after[place] / before[place]
        for one, other in zip(before, after, strict=True):
            if abs(other - factor * one) > SAME * size * max(abs(factor), 1):
                return None
        return factor

    def factors(self) -> list[float]:
        """Return all factors that can be told."""
        found = (self.factor(number) for number in range(1, len(self.errors)))
        return [factor for factor in found if factor is not None]

    def columns(self, earlier: Sequence[float]) -> list[Column]:
        """Return the columns of the table, from the left."""
        return [
            *self._parameters(),
            *self._prediction(),
            *self._loss(earlier),
        ]

    def _parameters(self) -> Iterator[Column]:
        for name in list(_scalars(self.trace))[:MOST_PARAMETERS]:
            values = self.weights if name == self.parameter else _weights(self.trace, name)
            yield Column(Name(name), _entry(values), 1)

    def _prediction(self) -> Iterator[Column]:
        loss = self.loss
        if loss is not None and isinstance(loss.prediction, Name):
            name = loss.prediction.id
            if self.trace.iteration(1).shape(name) == ():
                yield Column(loss.prediction, _entry(self.trace.floats(name)), 2)
        if self.measure is not None and self.errors and len(self.errors[0]) == 1:
            yield Column(self.measure, _entry([entries[0] for entries in self.errors]), 6)
        if self.measure is not None and len(self.errors) > 1:
            yield Column(say("factor"), self._factor_before, 4)

    def _factor_before(self, number: int) -> float | None:
        """Return the factor of the step that led to an iteration."""
        return self.factor(number - 1)

    def _loss(self, earlier: Sequence[float]) -> Iterator[Column]:
        name = self.trace.program.loss
        if name is None:
            return
        yield Column(Name(name), _entry(self.losses), 3)
        if earlier:
            yield Column(say("before"), _entry(earlier), 5)


def _entry(values: Sequence[float]) -> Callable[[int], float | None]:
    return lambda number: values[number - 1] if 0 < number <= len(values) else None


# From the record --------------------------------------------------------------------------------


def course_of(trace: Trace) -> Course:
    """Return what the record of a run says."""
    name = trace.program.loss
    losses = [] if name is None else trace.floats(name)
    trained = [
        name for name in trace.program.carried if trace.program.inputs[name].kind == "parameter"
    ]
    parameter = ""
    if len(trained) == 1 and trace.iteration(1).shape(trained[0]) == ():
        parameter = trained[0]
    weights = _weights(trace, parameter) if parameter else []
    gradient = _gradient(trace, parameter) if parameter else ""
    gradients = trace.floats(gradient) if gradient else []
    loss = loss_of(trace.scenario)
    measure, errors = None, list[list[float]]()
    if parameter and loss is not None:
        measure, errors = _errors(trace, loss)
    if gradients and not errors:
        measure, errors = Name(gradient), [[value] for value in gradients]
    return Course(
        trace, losses, parameter, weights, gradients, loss, measure, errors, _is_same(trace)
    )


def _scalars(trace: Trace) -> Iterator[str]:
    """Yield the trained parameters that are one number."""
    for name in trace.program.carried:
        if trace.program.inputs[name].kind == "parameter" and not trace.iteration(1).shape(name):
            yield name


def _weights(trace: Trace, name: str) -> list[float]:
    """Return a parameter as each iteration found it."""
    after = trace.floats(trace.program.carried[name])
    return [*trace.initial[name], *after][: len(trace)]


def _gradient(trace: Trace, parameter: str) -> str:
    """Return the name of the parameter's gradient in the record."""
    for equation in trace.program.phase("backward"):
        is_whole = "#" not in equation.name  # not one of several contributions
        if equation.wrt == parameter and is_whole and not equation.shape:
            return equation.name
    return ""


def _errors(trace: Trace, loss: Loss) -> tuple[Node | None, list[list[float]]]:
    """Return prediction minus target of each iteration, where both are recorded."""
    sides = (loss.prediction, loss.target)
    found: list[list[float]] = []
    try:
        for number in range(1, min(len(trace), MOST_LOOKED_AT) + 1):
            iteration = trace.iteration(number)
            entries = []
            for side in sides:
                if not isinstance(side, Name) or math.prod(iteration.shape(side.id)) > MOST_ENTRIES:
                    return None, []
                entries.append(iteration.floats(side.id))
            if len(entries[0]) != len(entries[1]):
                return None, []
            found.append([one - other for one, other in zip(*entries, strict=True)])
    except (TracerError, KeyError):
        pass  # a value that is not finite cut the last iteration off
    return (Call("subtract", sides), found) if found else (None, [])


def _is_same(trace: Trace) -> bool:
    """Tell whether all iterations see the same samples."""
    first = trace.iteration(1).samples
    numbers = range(2, min(len(trace), MOST_LOOKED_AT) + 1)
    return all(trace.iteration(number).samples == first for number in numbers)


# In words: the loss -----------------------------------------------------------------------------


def _number(value: float, *others: float) -> Node:
    """Return a number, with as many digits as tell it from others that are not it."""
    apart = [other for other in others if other != value]
    for digits in range(DIGITS, MOST_DIGITS + 1):
        text = short_text(value, digits)
        if all(text != short_text(other, digits) for other in apart):
            break
    return number_node(text)


def told_loss(course: Course) -> list[Told]:
    """Return whether the loss falls or diverges, and in which iteration it happens."""
    told = list(_fault(course))
    if not course.losses:
        return told or [Told(say("This network has no loss."), "words")]
    if len(course.losses) == 1:
        return told or [Told(say("One iteration has no course: there is one loss only."), "words")]
    finite = [loss for loss in course.losses if math.isfinite(loss)]
    if len(finite) > 1:
        told.append(_way(finite))
    if not course.is_same_data:
        told.append(
            Told(
                say(
                    "The iterations see different samples, so a loss may well be larger than the "
                    "one before."
                ),
                "words",
            )
        )
    return told


def _fault(course: Course) -> Iterator[Told]:
    fault = course.trace.fault
    if fault is not None:
        yield Told(
            say(
                "{name} is {kind} in iteration {number}: the run stops there.",
                name=Name(fault.name),
                kind=fault.kind,
                number=fault.iteration,
            ),
            "bad",
        )


def _way(losses: Sequence[float]) -> Told:
    """Return where the loss goes."""
    first, last = losses[0], losses[-1]
    ends = {"first": _number(first, last), "last": _number(last, first)}
    spread = max(losses) - min(losses)
    if spread <= EXACT * max(map(abs, losses)):
        same = say("The loss stays at {first}.", first=_number(first))
        return Told(same, "bad")
    rises = [number for number, (one, two) in enumerate(pairwise(losses), 2) if two > one]
    steps = len(losses) - 1
    if last > first:
        above = next(number for number, loss in enumerate(losses, 1) if loss > first)
        return Told(_grown(losses, above, ends), "bad")
    if not rises and all(two < one for one, two in pairwise(losses)):
        return Told(say("The loss falls in every step: {first} to {last}.", **ends), "good")
    if not rises:
        return Told(say("The loss never rises: {first} to {last}.", **ends), "good")
    row = _in_a_row(losses)
    counts = {"count": len(rises), "steps": steps, "number": rises[0]}
    if row is not None:
        sentence = say(
            "The loss falls from {first} to {last}, but it grew three times in a row up to "
            "iteration {number}.",
            **ends,
            number=row,
        )
    else:
        sentence = say(
            "The loss falls from {first} to {last}, but it rises in {count} of {steps} steps, "
            "first in iteration {number}.",
            **ends,
            **counts,
        )
    return Told(sentence, "good")


def _grown(losses: Sequence[float], above: int, ends: dict[str, Node]) -> Sentence:
    """Return how a loss grew that ends above its start."""
    count = 0
    for one, two in pairwise(reversed(losses)):
        if one <= two:
            break
        count += 1
    if count == len(losses) - 1:
        return say(
            "It diverges from iteration {number} on: the loss grows in every step, {first} to "
            "{last}.",
            **ends,
            number=above,
        )
    if count >= IN_A_ROW:
        return say(
            "It diverges: the loss is larger than at the start in iteration {number}, and at the "
            "end it has grown {count} times in a row, to {last}.",
            last=ends["last"],
            number=above,
            count=count,
        )
    return say(
        "The loss ends higher than it began: {first} became {last}. It is larger than at the start "
        "first in iteration {number}.",
        **ends,
        number=above,
    )


def _in_a_row(losses: Sequence[float]) -> int | None:
    """Return the first iteration whose loss is the third in a row to have grown."""
    count = 0
    for number, (one, two) in enumerate(pairwise(losses), 2):
        count = count + 1 if two > one else 0
        if count == IN_A_ROW:
            return number
    return None


# In words: one parameter ------------------------------------------------------------------------


def told_factor(course: Course) -> list[Told]:
    """Return by what each step multiplies the error, and why that converges or diverges.

    Empty where more than one number is trained, or where the record does not tell it.
    """
    factors = course.factors()
    if not course.parameter or course.measure is None or not factors:
        return []
    low, high = min(factors), max(factors)
    if high - low > SAME * max(abs(low), abs(high), 1):
        return [Told(_varying(course, low, high), "words")]
    factor = next((mark for mark in MARKS if abs(factors[0] - mark) <= EXACT), factors[0])
    each = say(
        "Each step multiplies {error} by {factor}.",
        error=course.measure,
        factor=_number(factor, *MARKS),
    )
    formula, limit = _reason(course, factor)
    meaning = Told(_meaning(factor), "good" if abs(factor) < 1 else "bad")
    return [Told(each, "words"), *formula, meaning, *limit]


def _varying(course: Course, low: float, high: float) -> Sentence:
    training = course.trace.scenario.training
    slots = {"error": course.measure or Name("error"), "low": _number(low), "high": _number(high)}
    if training is not None and training.optimizer == "sgd":
        return say(
            "A step multiplies {error} by {low} to {high}: not always by the same, as the loss is "
            "not quadratic in {name}.",
            **slots,
            name=Name(course.parameter),
        )
    return say(
        "A step multiplies {error} by {low} to {high}: not always by the same, as the update "
        "depends on more than the present gradient.",
        **slots,
    )


def _meaning(factor: float) -> Sentence:
    """Return why a factor converges or diverges."""
    if factor == 0:
        return say("It is 0: one step reaches the target.")
    if factor == -1:
        return say(
            "It is −1: each step overshoots and lands just as far away on the other side. It never "
            "converges."
        )
    if factor < -1:
        return say(
            "It is below −1: each step overshoots and lands farther away than before. It diverges."
        )
    if factor < 0:
        return say("It is above −1: each step overshoots, but lands nearer. It converges.")
    if factor == 1:
        return say("It is 1: the steps change nothing.")
    if factor > 1:
        return say("It is above 1: the error grows, always to the same side. It diverges.")
    return say("It is between 0 and 1: nearer each time. It converges.")


def _reason(course: Course, factor: float) -> tuple[list[Told], list[Told]]:
    """Return where the factor comes from, and the rate at which it becomes −1.

    Of plain descent only: with the gradient g = c · (w − w*), w − η g leaves (1 − η c) (w − w*); c
    is the quotient of two recorded differences.
    """
    training = course.trace.scenario.training
    if training is None or training.optimizer != "sgd" or training.learning_rate is None:
        return [], []
    if len(course.weights) < 2 or len(course.gradients) < 2:
        return [], []
    step = course.weights[1] - course.weights[0]
    if step == 0 or training.settings.get("weight_decay"):
        return [], []
    slope = (course.gradients[1] - course.gradients[0]) / step
    written = training.learning_rate.written(0)
    difference = abs(1 - float(written) * slope - factor)
    if not difference <= SAME * max(1, abs(factor)):  # nan is no difference either
        return [], []
    formula = Told(_factor_words(course, slope, number_node(written_text(written))), "words")
    if slope <= 0:
        return [formula], []
    limit = say("It converges for learning rates below {limit}.", limit=_number(2 / slope))
    return [formula], [Told(limit, "words")]


def _factor_words(course: Course, slope: float, rate: Node) -> Sentence:
    """Return the formula of the factor: 1 − 2·η·x² for ŷ = w·x, else with the recorded slope."""
    datum = _datum(course, slope)
    if datum is None:
        return say(
            "That is {formula}, as the gradient changes by {slope} where {name} changes by 1.",
            slope=_number(slope),
            name=Name(course.parameter),
            formula=_one_minus(Call("multiply", (rate, _number(slope)))),
        )
    count, name, value = datum

    def product(rate: Node, x: Node) -> Node:
        square = Call("power", (x, _number(2)))
        begin = rate if count == 1 else Call("multiply", (_number(count), rate))
        return _one_minus(Call("multiply", (begin, square)))

    return say(
        "That is {formula} = {numbers}.",
        formula=product(Name("learning_rate"), Name(name)),
        numbers=product(rate, _number(value)),
    )


def _one_minus(node: Node) -> Node:
    return Call("subtract", (_number(1), node))


def _datum(course: Course, slope: float) -> tuple[int, str, float] | None:
    """Return 2, x and its value for ŷ = w·x with (ŷ − y)² (1 for its half), else None."""
    loss = course.loss
    counts = {"squared_error": 2, "mse": 2, "half_squared_error": 1}
    if loss is None or loss.form not in counts or not isinstance(loss.prediction, Name):
        return None
    iteration = course.trace.iteration(1)
    try:
        formula = iteration.program.equation(loss.prediction.id).expression
    except KeyError:
        return None
    weight = Name(course.parameter)
    if not isinstance(formula, Call) or formula.operation != "multiply":
        return None
    others = [side for side in formula.arguments if side != weight]
    if len(others) != 1 or not isinstance(others[0], Name) or iteration.shape(others[0].id):
        return None
    count, value = counts[loss.form], iteration.floats(others[0].id)[0]
    is_told = abs(count * value**2 - slope) <= SAME * max(1, abs(slope))
    return (count, others[0].id, value) if is_told else None
