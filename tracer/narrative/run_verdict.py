"""What a run comes to, in words: whether the loss falls, by which factor, and why not.

The one place for these sentences: a derivation, `tracer run`, JSON, Python and the interface say
them alike. The facts are those of `tracer.run.diagnosis`.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, Literal

from tracer.expression import Call, Name, Node
from tracer.frozen import Frozen
from tracer.narrative.blocks import Block, Heading, Table, equality, item_blocks, present
from tracer.operations import (
    figure_node,
    lookup,
    number_node,
    rough_node,
    short_text,
    written_text,
)
from tracer.program.given_array import GivenArray
from tracer.run.diagnosis import MARKS, Diagnosis, LossCourse
from tracer.run.fault_cause import FaultCause
from tracer.run.trace import Trace, gradient_names
from tracer.run.unit_states import UnitState
from tracer.run.update_map import UpdateMap
from tracer.sentences import Code, Sentence, Slot, first_few, say

DIGITS: Final = 6  # more where two numbers would look the same
MOST_DIGITS: Final = 15
MOST_UNITS: Final = 3  # activations that are spoken of
MOST_NAMES: Final = 6
MOST_VARIANTS: Final = 3  # that a run suggests
BEYOND: Final = 1.1  # the largest rate that converges, times this, is a rate worth a look
WITHIN: Final = 0.5  # and this, where the run was beyond it
LARGEST: Final = {"float32": "3.4e38"}  # numbers of a dtype


class Remark(Frozen):
    """A sentence on a run and what it means: good news, bad news, or neither ('words').

    Where it lists figures, `blocks` is what a page has in its place.
    """

    sentence: Sentence
    role: Literal["good", "bad", "words"]
    blocks: Sequence[Block] = ()


def verdict_remarks(diagnosis: Diagnosis, digits: int = DIGITS) -> list[Remark]:
    """Return all that is to be said of a run, in the order in which it is said.

    Its losses are said at so many digits.
    """
    return [
        *loss_remarks(diagnosis, digits),
        *factor_remarks(diagnosis),
        *_step_remarks(diagnosis),
        *_fall_remarks(diagnosis, digits),
        *_rate_remarks(diagnosis, digits),
        *_zero_remarks(diagnosis),
        *_unit_remarks(diagnosis),
    ]


def verdict_blocks(diagnosis: Diagnosis, digits: int = DIGITS) -> Iterator[Block]:
    """Tell what the run comes to, and why: not of one iteration that only shows no trend."""
    trace = diagnosis.trace
    remarks = [] if trace.program.loss is None else verdict_remarks(diagnosis, digits)
    if len(trace) > 1 or trace.fault is not None or len(remarks) > 1:
        yield Heading(2, say("What happened"))
        for remark in remarks:
            yield from remark.blocks or item_blocks(remark.sentence)


def command_of(name: str, *arguments: str) -> Code:
    """Return a command as a person types it."""
    return Code(shlex.join(["tracer", name, *arguments]))


def next_commands(diagnosis: Diagnosis) -> Iterator[Block]:
    """Yield commands that go on from a run: another rate, one entry's gradient, the variants.

    None of a run without a scenario's text.
    """
    scenario, gradients = diagnosis.trace.scenario, gradient_names(diagnosis.trace)
    same, others = scenario.arguments(), scenario.arguments(without="learning_rate")
    if same is None or others is None:
        return
    other = _rate_worth_a_look(diagnosis)
    variants = [it for it in scenario.variants if it.name != scenario.variant_name]
    sentences = present(
        say(
            "Another learning rate: {command}",
            command=command_of("derive", *others, "--learning-rate", short_text(other, 2)),
        )
        if other is not None
        else None,
        *(
            say(
                "All paths from the loss to one entry: {command}",
                command=command_of("derive", *same, "--focus", _first_entry(diagnosis.trace, name)),
            )
            for name in [*gradients][:1]
        ),
        *(
            say(
                "The variant {name}: {command}",
                name=scenario.variant_heading(variant),
                command=command_of("derive", same[0], "--variant", variant.name),
            )
            for variant in variants[:MOST_VARIANTS]
        ),
    )
    if sentences:
        yield Heading(2, say("What to try next"))
        yield from item_blocks(*sentences)


def _first_entry(trace: Trace, name: str) -> str:
    """Return the first entry of a parameter as a command names it."""
    places = ", ".join("0" for _ in trace.program.inputs[name].shape)
    return f"{name}[{places}]" if places else name


def _rate_worth_a_look(diagnosis: Diagnosis) -> float | None:
    """Return a rate on the other side of the largest that converges, or the best of those tried."""
    if not diagnosis.losses or not diagnosis.trained_names:
        return None
    limit, rate = diagnosis.rate_limit, diagnosis.learning_rate
    own = diagnosis.losses[:2][-1]  # where the run's own first step has led, if it is known
    better = [item for item in diagnosis.other_rates if not item.loss >= own]
    other = min(better, key=lambda item: item.loss).rate if better else None
    is_beyond = limit is not None and rate is not None and rate.floats()[0] > limit
    if limit is not None and (diagnosis.parameter or (is_beyond and other is None)):
        return limit * (WITHIN if is_beyond else BEYOND)
    return other


def shortest_number(value: float, *others: float, digits: int = DIGITS) -> Node:
    """Return a number, with as many digits as tell it from others that are not it."""
    apart = [other for other in others if other != value]
    telling = (
        digits
        for digits in range(digits, MOST_DIGITS)
        if all(short_text(value, digits) != short_text(other, digits) for other in apart)
    )
    return figure_node(value, next(telling, MOST_DIGITS))


# The loss ---------------------------------------------------------------------------------------


def loss_remarks(diagnosis: Diagnosis, digits: int = DIGITS) -> list[Remark]:
    """Return whether the loss falls or diverges, and in which iteration it happens."""
    course, alone = diagnosis.loss_course, len(diagnosis.losses) == 1
    program = diagnosis.trace.program
    remarks = list(_fault_sentences(diagnosis))
    remarks += present(
        Remark(say("This network has no loss."), "words")
        if not diagnosis.losses and not remarks
        else None,
        Remark(say("One iteration shows no trend: there is only one loss."), "words")
        if alone and not remarks
        else None,
    )
    if len(diagnosis.losses) < 2:
        return remarks
    return remarks + present(
        _course_of_run(diagnosis, course, digits) if course is not None else None,
        Remark(
            say(
                "The iterations see different samples, so a loss may well be larger than the one "
                "before."
            )
            if program.data & program.needed_by_loss
            else say(
                "Each update comes from other samples, while the loss is always of the same "
                "values: an update that suits its own samples may raise it."
            ),
            "words",
        )
        if not diagnosis.is_same_data
        else None,
    )


def _course_of_run(diagnosis: Diagnosis, course: LossCourse, digits: int) -> Remark:
    """Return where the loss goes."""
    first, last = course.first, course.last
    loss_number = partial(shortest_number, digits=digits)
    ends = {"first": loss_number(first, last), "last": loss_number(last, first)}
    bad = present(
        say("The loss stays at {first}.", first=loss_number(first)) if course.is_constant else None,
        say(
            "The loss goes up and down and ends at {last}, where it began; its lowest is {lowest}.",
            last=loss_number(last),
            lowest=loss_number(course.lowest),
        )
        if course.is_back
        else None,
        _growth_sentence(diagnosis, course, ends) if last > first else None,
    )
    good = present(
        say("The loss falls from iteration 1 to iteration 2: {first} to {last}.", **ends)
        if course.iterations == 2
        else None,
        say("The loss falls in every step, from {first} to {last}.", **ends)
        if course.always_falls
        else None,
        say("The loss never rises: {first} to {last}.", **ends) if course.never_rises else None,
        say("The loss never rises by more than rounding: {first} to {last}.", **ends)
        if not course.rises
        else None,
        say(
            "The loss falls from {first} to {last}, but it rises in {count} of {steps} steps, "
            "first in iteration {number}, from {before} to {after}.",
            **ends,
            count=len(course.rises),
            steps=course.iterations - 1,
            number=course.rises[0],
            before=loss_number(*diagnosis.losses[course.rises[0] - 2 : course.rises[0]]),
            after=loss_number(*diagnosis.losses[course.rises[0] - 2 : course.rises[0]][::-1]),
        )
        if course.rises
        else None,
    )
    return Remark(bad[0], "bad") if bad else Remark(good[0], "good")


def _growth_sentence(diagnosis: Diagnosis, course: LossCourse, ends: dict[str, Node]) -> Sentence:
    """Return how a loss grew that ends above its start."""
    number, diverges = course.above or 1, diagnosis.verdict == "diverges"
    return present(
        say(
            "It diverges from the first step on: the loss grows in every step, {first} to {last}.",
            **ends,
        )
        if diverges and course.always_grows
        else None,
        say(
            "It diverges: the loss is larger than at the start in iteration {number}, and at the "
            "end it has grown {count} times in a row, to {last}.",
            last=ends["last"],
            number=number,
            count=course.growing,
        )
        if diverges
        else None,
        say("The loss rises from iteration 1 to iteration 2: {first} to {last}.", **ends)
        if course.iterations == 2
        else None,
        say("The loss rises in every step: {first} to {last}.", **ends)
        if course.always_grows
        else None,
        say(
            "The loss ends higher than it began: {first} became {last}. It is larger than at the "
            "start first in iteration {number}.",
            **ends,
            number=number,
        ),
    )[0]


# A value that is not finite ---------------------------------------------------------------------


def _fault_sentences(diagnosis: Diagnosis) -> Iterator[Remark]:
    fault, cause = diagnosis.trace.fault, diagnosis.fault_cause
    if fault is None:
        return
    yield Remark(
        say(
            "The run stops in iteration {number}: {name} is {kind}, not a finite number.",
            name=Name(fault.name) if cause is None else cause.stopped,
            kind=fault.kind if cause is None else cause.stopped_kind,
            number=fault.iteration,
        ),
        "bad",
    )
    if cause is not None:
        yield Remark(_made_by(cause, diagnosis.trace.scenario.dtype), "words")
        yield from _led_to(diagnosis, cause)


def _made_by(cause: FaultCause, dtype: str) -> Sentence:
    """Return which operation made the value, from what, and why it has no finite one."""
    if cause.reason == "share":
        share = cause.inputs[0]
        return say(
            "{x} holds {value}, which is no probability: this loss takes numbers from 0 to 1.",
            x=share.node,
            value=shortest_number(share.lowest if share.lowest < 0 else share.highest),
        )
    overflow = say("its value is larger than a double can hold, 1.8e308")
    if dtype != "float64":
        overflow = say(
            "its value is larger than a {dtype} can hold, {most}",
            dtype=dtype,
            most=number_node(LARGEST[dtype]),
        )
    reason = {
        "domain": say("it has no real value there"),
        "pole": say("at 0 it has no value, and near 0 its size has no bound"),
        "overflow": overflow,
    }[cause.reason]
    if cause.elementwise and cause.inputs:
        numbers = tuple(shortest_number(item.lowest) for item in cause.inputs)
        return say(
            "The first such value is {formula}: {reason}.",
            formula=equality(cause.formula, Call(cause.operation, numbers)),
            reason=reason,
        )
    if not cause.inputs:
        return say(
            "The first such value is {formula}: {reason}.", formula=cause.formula, reason=reason
        )
    return say(
        "The first such value is an entry of {formula}, which is made of numbers from {lowest} to "
        "{highest}: {reason}.",
        formula=cause.formula,
        lowest=shortest_number(min(item.lowest for item in cause.inputs)),
        highest=shortest_number(max(item.highest for item in cause.inputs)),
        reason=reason,
    )


def _led_to(diagnosis: Diagnosis, cause: FaultCause) -> Iterator[Remark]:
    """Return what led there: the given values, a run that diverged, or an update."""
    moved = [
        say(
            "In iteration 1 {value} was {before}; the updates have brought it to {after}.",
            value=item.node,
            before=shortest_number(item.first),
            after=shortest_number(item.lowest),
        )
        for item in cause.inputs
        if item.first is not None and item.first != item.lowest
    ]
    at_once = say("No update came before it: the given values cause it, at any learning rate.")
    if any(each.name == cause.name for each in diagnosis.trace.program.phase("update")):
        at_once = say("No update came before it: the first one is already too large.")
    diverged = say(
        "The loss had grown {count} times in a row before it: the steps were too large.",
        count=cause.growing,
    )
    sentences = [at_once] if cause.iteration == 1 else [diverged] if cause.diverged else moved
    yield from (Remark(sentence, "words") for sentence in sentences)


# One parameter ----------------------------------------------------------------------------------


def factor_remarks(diagnosis: Diagnosis) -> list[Remark]:
    """Return by what each step multiplies the error, and why that converges or diverges.

    Empty where more than one number is trained, or where the record does not tell it.
    """
    factors = diagnosis.factors
    if not diagnosis.parameter or diagnosis.measured_errors.node is None or not factors:
        return []
    factor, slope, limit = diagnosis.common_factor, diagnosis.factor_slope, diagnosis.rate_limit
    rate = diagnosis.learning_rate
    if factor is None:
        return [Remark(_varying_sentences(diagnosis, min(factors), max(factors)), "words")]
    meaning = next(words for holds, words in _MEANINGS if holds(factor))
    return present(
        Remark(
            say(
                "Each step multiplies {error} by {factor}.",
                error=diagnosis.measured_errors.node,
                factor=shortest_number(factor, *MARKS),
            ),
            "words",
        ),
        Remark(_factor_formula(diagnosis, rate, slope, factor), "words")
        if slope is not None and rate is not None
        else None,
        Remark(meaning, "good" if abs(factor) < 1 else "bad"),
        Remark(converging_rates(shortest_number(limit), _rate_sentences(rate)), "words")
        if slope is not None and limit is not None and rate is not None
        else None,
    )


def converging_rates(limit: Node, rate: Node) -> Sentence:
    """Return which learning rates converge, beside that of the run."""
    return say(
        "Training converges for learning rates between 0 and {limit}; here the rate is {rate}.",
        limit=limit,
        rate=rate,
    )


def _rate_sentences(rate: GivenArray) -> Node:
    """Return the learning rate as it was written."""
    return number_node(written_text(rate.written_entry(0)))


def _varying_sentences(diagnosis: Diagnosis, low: float, high: float) -> Sentence:
    error = diagnosis.measured_errors.node or Name("error")
    if len(diagnosis.factors) == 1:
        return say(
            "This step multiplied {error} by {factor}; another step may have another factor.",
            error=error,
            factor=shortest_number(low, *MARKS),
        )
    slots = {"error": error, "low": shortest_number(low), "high": shortest_number(high)}
    if diagnosis.is_plain_descent:
        return say(
            "A step multiplies {error} by {low} to {high}: not always by the same factor, "
            "because the loss is not quadratic in {name}.",
            **slots,
            name=Name(diagnosis.parameter),
        )
    return say(
        "A step multiplies {error} by {low} to {high}: not always by the same factor. The update "
        "depends on more than the present gradient, and the loss need not be quadratic in {name}.",
        **slots,
        name=Name(diagnosis.parameter),
    )


# Why a factor converges or diverges: the first one that holds of it is meant.
_MEANINGS: Final[Sequence[tuple[Callable[[float], bool], Sentence]]] = (
    (lambda factor: factor == 0, say("The factor is 0: one step reaches the target.")),
    (
        lambda factor: factor == -1,
        say(
            "The factor is −1: each step overshoots and lands just as far away on the other side. "
            "The run never converges."
        ),
    ),
    (
        lambda factor: factor < -1,
        say(
            "The factor is below −1: each step overshoots and lands farther away than before, and "
            "the run diverges."
        ),
    ),
    (
        lambda factor: factor < 0,
        say(
            "The factor is above −1: each step overshoots, but lands nearer, and the run converges."
        ),
    ),
    (lambda factor: factor == 1, say("The factor is 1: the error stays as it is.")),
    (
        lambda factor: factor > 1,
        say(
            "The factor is above 1: the error grows, always to the same side, and the run diverges."
        ),
    ),
    (
        lambda factor: True,
        say("The factor is between 0 and 1: each step comes nearer, and the run converges."),
    ),
)


def _factor_formula(
    diagnosis: Diagnosis, learning_rate: GivenArray, slope: float, factor: float
) -> Sentence:
    """Return the formula of the factor: 1 − 2·η·x² for ŷ = w·x, else with the recorded slope."""
    datum, rate = diagnosis.data_factor, _rate_sentences(learning_rate)
    if datum is None:
        return say(
            "That is {formula}, as the gradient changes by {slope} where {name} changes by 1.",
            slope=shortest_number(slope),
            name=Name(diagnosis.parameter),
            formula=_one_minus(Call("multiply", (rate, shortest_number(slope)))),
        )
    count, name, value = datum

    def product(rate: Node, x: Node) -> Node:
        square = Call("power", (x, shortest_number(2)))
        begin = rate if count == 1 else Call("multiply", (shortest_number(count), rate))
        return _one_minus(Call("multiply", (begin, square)))

    figure = shortest_number(factor, *MARKS)
    formula = product(Name("learning_rate"), Name(name))
    numbers = product(rate, shortest_number(value))
    is_exact = figure == shortest_number(round(factor, 12))
    return say("That is {formula}.", formula=equality(formula, numbers, figure, follows=is_exact))


def _one_minus(node: Node) -> Node:
    return Call("subtract", (shortest_number(1), node))


# Several parameters -----------------------------------------------------------------------------


def _step_remarks(diagnosis: Diagnosis) -> Iterator[Remark]:
    """Yield how the steps of several numbers shrink or grow."""
    if diagnosis.parameter:
        return
    verdict, factor, rate = diagnosis.verdict, diagnosis.step_factor, diagnosis.learning_rate
    if diagnosis.linear_map is not None and rate is not None:
        if verdict not in ("single", "constant", "stuck"):
            yield from _map_remarks(diagnosis.linear_map, rate)
        return
    if factor is not None:
        size = abs(factor)  # which is known to so many digits
        figure = shortest_number(float(f"{size:.3g}" if size < 0.99 else f"{size:.5g}"), 1)
        yield from present(
            Remark(
                say(
                    "At the end each step changes the parameters against the step before: the "
                    "change is {factor} times as long, and overshoots from side to side.",
                    factor=figure,
                )
                if factor < 0
                else say(
                    "At the end the change of the parameters in each step is {factor} times as "
                    "long as in the step before.",
                    factor=figure,
                ),
                "words",
            )
            if verdict in ("converges", "oscillates", "falls")
            else None,
            Remark(
                say(
                    "If the steps go on shrinking like this, the run converges: after about "
                    "{count} more iterations a tenth of the remaining distance is left.",
                    count=math.ceil(math.log(0.1) / math.log(abs(factor))),
                ),
                "good",
            )
            if verdict == "converges" and 0 < abs(factor) < 1
            else None,
        )
    yield from _limit_remarks(diagnosis)


def _map_remarks(update_map: UpdateMap, rate: GivenArray) -> Iterator[Remark]:
    """Yield by what each step multiplies the distance along the directions that it moves in."""
    factors = [shortest_number(float(factor), *MARKS) for factor in update_map.moving_factors]
    if update_map.fixed_point is None or not factors:
        return
    slots: dict[str, Slot] = {"factors": first_few(factors, MOST_NAMES)}
    yield from present(
        Remark(
            say(
                "Along each direction in which the loss curves, each step multiplies the offset "
                "from its lowest point, with its sign, by one factor, the largest first: "
                "{factors}. All lie between −1 and 1: each step comes nearer, and the run "
                "converges.",
                **slots,
            ),
            "good",
        )
        if update_map.converges
        else Remark(
            say(
                "Along each direction in which the loss curves, each step multiplies the offset "
                "from its turning point, with its sign, by one factor, the largest first: "
                "{factors}. Not all lie between −1 and 1.",
                **slots,
            ),
            "bad",
        ),
        Remark(
            converging_rates(
                rough_node(float(update_map.rate_limit), DIGITS), _rate_sentences(rate)
            ),
            "words",
        )
        if update_map.rate_limit is not None
        else None,
    )


def _fall_remarks(diagnosis: Diagnosis, digits: int) -> Iterator[Remark]:
    """Yield why the loss falls by as much as it does in the first step, where no factor says so."""
    if diagnosis.common_factor is not None or diagnosis.linear_map is not None:
        return
    straight, fall = diagnosis.first_fall or (0.0, 0.0)
    loss_number = partial(shortest_number, digits=digits)
    slots = {"straight": loss_number(straight, fall), "fall": loss_number(fall, straight)}
    if straight:
        yield Remark(
            say(
                "To first order the loss would fall by {straight} in the first step: the "
                "gradients times the steps, added up. In fact it rises by {rise}: the step goes "
                "past the lowest point on its way.",
                straight=slots["straight"],
                rise=loss_number(-fall),
            )
            if fall < 0
            else say(
                "To first order the loss would fall by {straight} in the first step: the "
                "gradients times the steps, added up. In fact it falls by {fall}: the step goes "
                "past the lowest point on its way.",
                **slots,
            )
            if diagnosis.is_uphill_at_end
            else say(
                "To first order the loss would fall by {straight} in the first step: the "
                "gradients times the steps, added up. In fact it falls by {fall}: along the step "
                "the slope is, on average, less steep than at its start.",
                **slots,
            )
            if fall < straight
            else say(
                "To first order the loss would fall by {straight} in the first step: the "
                "gradients times the steps, added up. In fact it falls by {fall}: along the step "
                "the slope is, on average, steeper than at its start.",
                **slots,
            ),
            "words",
        )
    first = diagnosis.losses[0] if straight else 0
    if 0 < first < straight and 2 * fall < straight:
        yield Remark(
            say(
                "{straight} is more than the loss itself, {first}: the straight line holds only "
                "for a much smaller step.",
                straight=slots["straight"],
                first=loss_number(first, straight),
            ),
            "words",
        )


def _rate_remarks(diagnosis: Diagnosis, digits: int) -> Iterator[Remark]:
    """Yield what the first step would have come to at other rates."""
    other_rates, losses, rate = diagnosis.other_rates, diagnosis.losses, diagnosis.learning_rate
    if not other_rates:
        return
    own = math.nan if rate is None else rate.floats()[0]
    lower = {item.rate: item.loss for item in other_rates if item.loss < losses[0]}
    if losses[1:] and losses[1] < losses[0]:
        lower[own] = losses[1]
    nearer = [it for it in lower if it < own and losses[1:] and lower[it] < losses[1]]
    worse = [
        it.rate
        for it in other_rates
        if it.loss > losses[0] and it.rate > min(lower, default=math.inf)
    ]
    first = figure_node(losses[0], digits)
    figures = [(shortest_number(it.rate), figure_node(it.loss, digits)) for it in other_rates]
    yield Remark(
        say(
            "With another learning rate the first step would have taken the loss from {first} to "
            "{others}.",
            first=first,
            others=[say("{loss} at {rate}", loss=loss, rate=rate) for rate, loss in figures],
        ),
        "words",
        [
            *item_blocks(
                say(
                    "At other learning rates the first step would have taken the loss from {first} "
                    "to:",
                    first=first,
                )
            ),
            Table([say("learning rate"), say("loss after the first step")], figures),
        ],
    )
    yield from (
        Remark(sentence, "words")
        for sentence in present(
            say(
                "The first step ends lower at the rate {other} than at this run's rate, {rate}, "
                "which steps past the lowest point on its way.",
                other=shortest_number(min(nearer, key=lower.__getitem__)),
                rate=shortest_number(own),
            )
            if nearer
            else None,
            say(
                "At the rate {rate} the first step goes too far: the loss is larger after it "
                "than before.",
                rate=shortest_number(worse[0]),
            )
            if worse
            else None,
        )
    )


def _limit_remarks(diagnosis: Diagnosis) -> Iterator[Remark]:
    """Yield from which rate on the steps overshoot, where the run was above it."""
    rate, limit = diagnosis.learning_rate, diagnosis.rate_limit
    if diagnosis.diverges and limit is not None and rate is not None and rate.floats()[0] > limit:
        yield Remark(
            say(
                "Along the first step the gradient changes by {slope} where the parameters move by "
                "1: there a learning rate above {limit} overshoots by more than it had to go, and "
                "{rate} is above it.",
                slope=shortest_number(float(f"{2 / limit:.4g}")),
                limit=shortest_number(float(f"{limit:.4g}")),
                rate=_rate_sentences(rate),
            ),
            "words",
        )


# Gradients that are zero, units that pass none on -----------------------------------------------


def _zero_remarks(diagnosis: Diagnosis) -> Iterator[Remark]:
    names = diagnosis.zero_gradients
    if not names or len(diagnosis.losses) < 2 or not diagnosis.is_same_data:
        return
    stuck = diagnosis.is_stuck
    sentence = (
        say("All gradients are zero in the last iteration: gradient descent stands still.")
        if stuck
        else say(
            "In the last iteration these gradients are zero in every entry: {names}.",
            names=first_few(list(map(Name, names)), MOST_NAMES),
        )
    )
    yield Remark(sentence, "bad" if stuck and diagnosis.verdict == "stuck" else "words")


def _unit_remarks(diagnosis: Diagnosis) -> Iterator[Remark]:
    if len(diagnosis.losses) < 2:
        return
    for state in diagnosis.units[:MOST_UNITS]:
        seen = _seen_words(diagnosis)
        for count, is_dead in ((len(state.dead), True), (len(state.saturated), False)):
            if count:
                yield Remark(_unit_words(state, count, seen, is_dead=is_dead), "words")


def _seen_words(diagnosis: Diagnosis) -> Sentence:
    """Say of which samples a unit's state is known: those of the last whole iteration."""
    samples, training = diagnosis.last_samples, diagnosis.trace.scenario.training
    if training is not None and training.batch_size is None and len(samples) > 1:
        return say("for every sample")
    if len(samples) > 1:
        return say("for the {number} samples of the last iteration", number=len(samples))
    return say("for the sample of the last iteration")


def _unit_words(state: UnitState, count: int, seen: Sentence, *, is_dead: bool) -> Sentence:
    """Say how many units pass on nothing, or hardly anything, of the samples that were seen."""
    title = lookup(state.operation).title
    slots: dict[str, Slot] = {
        "seen": seen,
        "count": count,
        "units": state.units,
        "name": Name(state.name),
        "operation": say(title),
        "at": rough_node(state.at, 3),
        "slope": rough_node(state.slope, 3),
        "steepest": shortest_number(float(f"{state.steepest:.3g}")),
    }
    return {
        (True, True): say(
            "The {operation} unit of {name} passes no gradient on at the end: its slope is 0 "
            "{seen}.",
            **slots,
        ),
        (True, False): say(
            "{count} of the {units} {operation} units of {name} {count:passes|pass} no gradient "
            "on at the end: the slope is 0 {seen}.",
            **slots,
        ),
        (False, True): say(
            "The {operation} unit of {name} is saturated at the end {seen}: at {at} the slope is "
            "{slope}, at its steepest {steepest}.",
            **slots,
        ),
        (False, False): say(
            "{count} of the {units} {operation} units of {name} {count:is|are} saturated at the "
            "end {seen}: at {at} the slope is {slope}, at its steepest {steepest}.",
            **slots,
        ),
    }[is_dead, state.units == 1]
