"""Why an update moves as it does: reasons whose conditions ask an `UpdateLine`.

`MOVES` hold for any rule; an optimizer's own stand in its entry. See `operations.reason`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache, partial
from typing import Final, Protocol

from tracer.expression import Name
from tracer.frozen import Frozen
from tracer.operations.reason import Reason, Record, Slots, nearly_equal
from tracer.sentences import Sentence, say

NEAR: Final = 0.01  # relative difference up to which a length is "about" another
EQUAL: Final = 1e-4  # and up to which it is the same
SAME_FIGURE: Final = 2e-6  # and up to which six digits hardly tell two apart


class UnknownFigures(Exception):  # noqa: N818 - a turn of the work, nobody's error
    """Figures that a reason asks for are too many, or not finite: it does not hold."""


class UpdateRecord(Record, Protocol):
    """The values of an iteration, and which one it is."""

    def number(self) -> int:
        """Return the iteration's number."""

    def differences(self, after: Name, before: Name) -> Sequence[float] | None:
        """Return how far the entries of two quantities are apart; None where numbers are."""

    def slope_after(self, x: Name, gradient: Name) -> Sequence[float] | None:
        """Return a gradient one iteration later; None where not only the move of `x` changed it."""


class UpdateLine(Frozen):
    """A line of an update, as reasons ask of it; its figures are those of the record.

    `x` is the parameter, `moved` its name after the update, `slope` its gradient, `target` what the
    rule calls the line's result ('w' for the parameter itself) and `result` its name; `state` is
    that before the update, where it is carried. `g` is what the rule takes for the gradient, with
    weight decay where there is some; `begin` is what the step is taken from: the parameter, or
    what its decay has left of it.
    """

    record: UpdateRecord
    x: Name
    moved: Name
    slope: Name
    loss: Name
    target: str
    result: Name
    state: Name | None
    g: Name
    begin: Name
    setting_names: Sequence[Name]

    def figures(self, name: Name) -> Sequence[float]:
        """Return the entries of a quantity. Raises UnknownFigures."""
        values = self.record.numbers(name)
        if values is None:
            raise UnknownFigures
        return values

    @property
    def is_last(self) -> bool:
        """Whether the line is the parameter's own."""
        return self.target == "w"

    @property
    def count(self) -> int:
        """How many entries the parameter has."""
        return math.prod(self.record.shape(self.x))

    @property
    def number(self) -> int:
        """The iteration's number."""
        return self.record.number()

    @property
    def before(self) -> Sequence[float]:
        """The entries of the parameter before the update."""
        return self.figures(self.x)

    @property
    def after(self) -> Sequence[float]:
        """The entries of the parameter after the update."""
        return self.figures(self.moved)

    @property
    def moves(self) -> Sequence[float]:
        """How far the entries of the parameter go."""
        moves = self.record.differences(self.moved, self.x)
        if moves is None:
            raise UnknownFigures
        return moves

    @property
    def gradient(self) -> Sequence[float]:
        """The entries of the parameter's gradient."""
        return self.figures(self.slope)

    @property
    def slopes(self) -> Sequence[float]:
        """The entries of what the rule takes for the gradient."""
        return self.figures(self.g)

    @property
    def start(self) -> Sequence[float]:
        """The entries of what the step is taken from."""
        return self.figures(self.begin)

    @property
    def old(self) -> Sequence[float]:
        """The entries of what the line computes before the update; none where it is no state."""
        return () if self.state is None else self.figures(self.state)

    @property
    def new(self) -> Sequence[float]:
        """The entries of what the line computes."""
        return self.figures(self.result)

    @property
    def settings(self) -> Mapping[str, float]:
        """The settings of the rule by their names."""
        return {name.id: self.figures(name)[0] for name in self.setting_names}

    def lengths(self) -> list[float]:
        """Return how far the entries go that have a gradient."""
        return [
            abs(move) for move, slope in zip(self.moves, self.gradient, strict=True) if slope != 0
        ]


def _all_about(values: Sequence[float], wanted: float) -> bool:
    return bool(values) and all(abs(value - wanted) <= NEAR * wanted for value in values)


def _slope_and_move(move: UpdateLine) -> tuple[float, float] | None:
    """Return the gradient and the move of a single number."""
    if not move.is_last or move.count != 1:
        return None
    return move.gradient[0], move.moves[0]


def _is_multiple(move: UpdateLine, sign: int) -> bool:
    """Tell whether every entry goes a setting of the rule times its gradient, along it or not."""
    moves = move.moves
    pairs, largest = [*zip(moves, move.gradient, strict=True)], [*move.before, *moves]
    return any(
        max(abs(m - sign * rate * g) for m, g in pairs) <= 1e-6 * max(map(abs, largest))
        for rate in move.settings.values()
    )


def _goes_against(move: UpdateLine, sign: int) -> bool:
    """A single number goes up (1) or down (−1), against its slope."""
    slope, way = _slope_and_move(move) or (0.0, 0.0)
    return sign * slope < 0 < sign * way


def _goes_along(move: UpdateLine) -> bool:
    slope, way = _slope_and_move(move) or (0.0, 0.0)
    return slope * way > 0 and not _is_multiple(move, 1)


def _slope_turns(move: UpdateLine) -> tuple[float, float] | None:
    """Return this slope and the next where a step against the slope turns its sign."""
    slope_and_move = _slope_and_move(move)
    if slope_and_move is None or slope_and_move[0] * slope_and_move[1] >= 0:
        return None
    later = move.record.slope_after(move.x, move.slope)
    if later is None or len(later) != 1 or slope_and_move[0] * later[0] >= 0:
        return None
    return slope_and_move[0], later[0]


def _next_slope(move: UpdateLine, side: int) -> Slots | None:
    """The next slope is less steep than this one (−1), just as steep (0) or steeper (1)."""
    slopes = _slope_turns(move)
    if slopes is None:
        return None
    slope, later = slopes
    steeper = 0 if nearly_equal([-slope], [later]) else 1 if abs(later) > abs(slope) else -1
    return {"slope": slope, "later": later} if steeper == side else None


def _entry_by_entry(move: UpdateLine) -> Slots | None:
    """Every entry goes a setting of the rule times its gradient, against it; or some stay."""
    if not move.is_last or move.count < 2:
        return None
    moves = move.moves
    if not any(moves) or not _is_multiple(move, -1):
        return None
    if any(slope and not value for slope, value in zip(move.gradient, moves, strict=True)):
        return None  # its step is lost beside it, so that it stays though its slope is not 0
    up, down = sum(value > 0 for value in moves), sum(value < 0 for value in moves)
    return {"ways": _directions(up, down, len(moves) - up - down), "step": max(map(abs, moves))}


@lru_cache(256)  # what is the same sentence is drawn once
def _directions(up: int, down: int, still: int) -> Sentence:
    counted = (
        (up, say("all rise"), say("{count} {count:rises|rise}", count=up)),
        (down, say("all fall"), say("{count} {count:falls|fall}", count=down)),
        (still, say("all stay"), say("{count} {count:stays|stay}, where it is 0", count=still)),
    )
    ways = [words for count, *words in counted if count]
    if len(ways) == 1:
        return ways[0][0]
    *others, last = (some for _, some in ways)
    return say("{ways} and {last}", ways=others, last=last)


def _one_length(move: UpdateLine, *, is_exact: bool) -> Slots | None:
    """The entries that move go equally far, or nearly so, each against its gradient, though those
    differ.
    """
    if not move.is_last:
        return None
    moves, slopes = move.lengths(), [abs(slope) for slope in move.gradient if slope]
    share = min(moves) / max(moves) if any(moves) else 0
    if share < 1 - EQUAL or is_exact is not (share >= 1 - SAME_FIGURE):
        return None
    against = all(m * g < 0 for m, g in zip(move.moves, move.gradient, strict=True) if m or g)
    if not against or _all_about(slopes, max(slopes)):
        return None
    return {"least": min(moves), "step": max(moves), "low": min(slopes), "high": max(slopes)}


def _some_along(move: UpdateLine) -> Slots | None:
    """Some entries of an array go along their gradient, others against it."""
    if not move.is_last or move.count < 2:
        return None
    ways = [m * g for m, g in zip(move.moves, move.gradient, strict=True)]
    along = sum(way > 0 for way in ways)
    if not along or _is_multiple(move, 1):
        return None
    return {"along": along, "count": len(ways)}


MOVES: Final = (
    Reason(
        "decay.added",
        lambda move: move.target == "penalized" and any(move.before),
        "Weight decay adds a multiple of {x} to its gradient: the step also leads {x} towards 0.",
        "The decay of {x} is added too.",
    ),
    Reason(
        "decay.nothing",
        lambda move: move.target == "penalized" and not any(move.before),
        "Weight decay leads {x} towards 0, where it is: it adds nothing to its gradient.",
        "{x} is 0, so its decay adds nothing.",
    ),
    Reason(
        "move.stays",
        lambda move: move.is_last and not (any(move.gradient) or any(move.moves)),
        "The gradient is 0, so {x} stays where it is.",
        "{x} stays: its gradient is 0.",
        3,
    ),
    Reason(
        "move.climbs",
        partial(_next_slope, side=1),
        "The step is too long: it jumps over the valley and lands where {loss} is steeper still. "
        "The next slope is {later}, after {slope}.",
        "Over the valley again, from slope {slope} to {later}.",
        3,
    ),
    Reason(
        "move.mirrored",
        partial(_next_slope, side=0),
        "The step is too long: it jumps over the valley and lands where {loss} is just as steep on "
        "the other side. The next slope is {later}, after {slope}.",
        "To the other side again, from slope {slope} to {later}.",
        3,
    ),
    Reason(
        "move.overshoots",
        partial(_next_slope, side=-1),
        "The step goes a little too far: the next slope, {later}, has the other sign, but is "
        "smaller in size than this one was.",
        "Too far again: the next slope is {later}.",
        3,
    ),
    Reason(
        "move.up",
        partial(_goes_against, sign=1),
        "The gradient is negative: {loss} falls as {x} rises. The step goes against the "
        "gradient, so the minus makes it a step up.",
        "Negative gradient: {x} goes up.",
    ),
    Reason(
        "move.down",
        partial(_goes_against, sign=-1),
        "The gradient is positive: {loss} rises with {x}. The step goes against the gradient, "
        "down.",
        "Positive gradient: {x} goes down.",
    ),
    Reason(
        "move.along",
        _goes_along,
        "{x} goes along the gradient here, not against it: what the rule adds to this step, be it "
        "the memory of earlier gradients or decay, is stronger than the gradient itself.",
        "{x} goes along the gradient again.",
        3,
    ),
    Reason(
        "move.one_length",
        partial(_one_length, is_exact=True),
        "The entries of {x} that move go equally far, {step}, each against its slope, though the "
        "slopes run from {low} to {high} in size: in this step the rule makes no difference "
        "between steep and flat.",
        "Equally far again, {step}, for slopes from {low} to {high} in size.",
        3,
    ),
    Reason(
        "move.about_one_length",
        partial(_one_length, is_exact=False),
        "The entries of {x} that move go nearly equally far, by {least} to {step}, each against "
        "its slope, though the slopes run from {low} to {high} in size: in this step the rule "
        "makes hardly a difference between steep and flat.",
        "Nearly equally far again, by {least} to {step}, for slopes from {low} to {high} in size.",
        3,
    ),
    Reason(
        "move.some_along",
        _some_along,
        "Entries of {x} that go along their slopes here, not against them: {along} of {count}. "
        "What the rule adds to this step, be it the memory of earlier gradients or decay, is "
        "stronger there than the gradient itself.",
        "Along their slopes go {along} of {count} entries.",
        3,
    ),
    Reason(
        "move.entries",
        _entry_by_entry,
        "Each entry goes against its own slope: {ways}. The longest step is {step}, the learning "
        "rate times the largest gradient.",
        "Against the slope, entry by entry: the longest step is {step}.",
    ),
)


# Momentum ---------------------------------------------------------------------------------------


def _velocity_lengths(move: UpdateLine) -> tuple[float, float, float] | None:
    """Return the lengths of velocity and gradient, and how far memory and gradient agree."""
    if move.target != "v" or not any(move.gradient):
        return None
    agreement = math.fsum(a * b for a, b in zip(move.old, move.gradient, strict=bool(move.old)))
    return math.hypot(*move.new), math.hypot(*move.gradient), agreement


def _beside_memory(move: UpdateLine, sign: int) -> Slots | None:
    """The gradient agrees with what is remembered (1), and is longer for it; or it does not."""
    velocity, slope, agreement = _velocity_lengths(move) or (0.0, 0.0, 0.0)
    fits = sign * agreement > 0 and (sign < 0 or velocity > slope)
    return {"velocity": velocity, "slope": slope} if fits else None


MOMENTUM: Final = (
    Reason(
        "velocity.first",
        lambda move: (
            _velocity_lengths(move) is not None
            and not any(move.old)
            and nearly_equal(move.new, move.slopes)
        ),
        "There is nothing to remember yet: the velocity starts as {g}.",
        "The velocity of {x} starts as {g}, too.",
    ),
    Reason(
        "velocity.faster",
        partial(_beside_memory, sign=1),
        "What is left of earlier gradients points more with this one than against it, and adds to "
        "it: the velocity has the length {velocity}, the gradient alone {slope}.",
        "Faster than the gradient alone: {velocity} against {slope}.",
        3,
    ),
    Reason(
        "velocity.opposed",
        partial(_beside_memory, sign=-1),
        "The new gradient points against what is remembered, and the two cancel in part: the "
        "velocity has the length {velocity}, the gradient alone {slope}.",
        "Gradient against memory: the length {velocity} is left.",
        3,
    ),
)


# Steps divided by the size of gradients -----------------------------------------------------------


def _first_share(
    move: UpdateLine, targets: Collection[str], settings: Collection[str], power: int
) -> Slots | None:
    """A running mean starts at 0, and so as a share of the first gradient, or of its square."""
    if move.target not in targets or any(move.old) or not any(move.slopes):
        return None
    share = 1 - next((move.settings[name] for name in settings if name in move.settings), 1.0)
    steps = [share * value**power for value in move.slopes]
    return {"share": share} if 0 < share < 1 and nearly_equal(move.new, steps) else None


def _sign_times_rate(move: UpdateLine, *, decays: bool = False) -> Slots | None:
    """In the first step every entry goes about the learning rate, against its gradient."""
    if not move.is_last or move.number != 1:
        return None
    rate = move.settings.get("learning_rate", 0.0)
    steps = zip(move.start, move.after, move.gradient, strict=True)
    lengths = [abs(b - a) for a, b, slope in steps if slope]
    fits = decays == (move.start != move.before)
    return {"rate": rate} if fits and _all_about(lengths, rate) else None


def _divides_by_its_size(move: UpdateLine) -> Slots | None:
    """In the first step a mean gradient is the gradient, and its size the gradient's own."""
    if not move.is_last or move.number != 1:
        return None
    return {"rate": move.settings.get("learning_rate", 0.0), "epsilon": Name("epsilon")}


def _within_the_rate(move: UpdateLine) -> Slots | None:
    """The bound is that of Cauchy and Schwarz, for gradients that grow by beta2 / beta1 a step."""
    if not move.is_last or move.number == 1 or not move.count:
        return None
    rate = move.settings.get("learning_rate", 0.0)
    beta1, beta2 = move.settings.get("beta1", 0.0), move.settings.get("beta2", 0.0)
    if not beta1**2 < beta2 < 1:
        return None
    most = (1 - beta1) / math.sqrt((1 - beta2) * (1 - beta1**2 / beta2))
    longest = max(map(abs, move.moves))
    is_within = 0 < longest <= rate * (1 + NEAR)
    return {"step": longest, "rate": rate, "most": most} if is_within else None


def _first_leap(move: UpdateLine) -> Slots | None:
    if not move.is_last or move.number != 1:
        return None
    rate, alpha = move.settings.get("learning_rate", 0.0), move.settings.get("alpha", 1.0)
    if alpha >= 1:
        return None
    step = rate / math.sqrt(1 - alpha)
    return {"rate": rate, "step": step} if _all_about(move.lengths(), step) else None


def _only_grows(move: UpdateLine) -> bool:
    if move.target != "s" or not any(move.old) or not any(move.gradient):
        return False
    return all(b >= a for a, b in zip(move.old, move.new, strict=True))


def _weight_decay(move: UpdateLine) -> Slots | None:
    if move.target != "decayed" or not any(move.before):
        return None
    factor = 1 - move.settings.get("learning_rate", 0) * move.settings.get("weight_decay", 0)
    if not nearly_equal(move.new, [factor * value for value in move.before]) or not 0 < factor < 1:
        return None
    return {"factor": factor}


_FIRST_SQUARE: Final = Reason(
    "squares.first",
    partial(_first_share, targets=("v", "s"), settings=("beta2", "alpha"), power=2),
    "The running mean of squares starts at 0, so after one step it holds only {share} of the first "
    "square.",
    "",
)
_RATE: Final = Reason(
    "rate.sign",
    _sign_times_rate,
    "In the first step the gradient is divided by its own size: what is left is its sign. So every "
    "entry with a gradient moves by about {rate}, the learning rate, be it large or small.",
    "",
    3,
)

ADAM: Final = (
    Reason(
        "mean.first",
        partial(_first_share, targets=("m",), settings=("beta1",), power=1),
        "The running mean starts at 0, so after one step it holds only {share} of {g}: too little, "
        "which the correction will make up for.",
        "",
    ),
    _FIRST_SQUARE,
    Reason(
        "mean.corrected",
        lambda move: (
            move.target == "m_hat" and any(move.slopes) and nearly_equal(move.new, move.slopes)
        ),
        "The correction divides by exactly that share: the corrected mean is {g} itself.",
        "",
        3,
    ),
    _RATE,
    Reason(
        "rate.within",
        _within_the_rate,
        "Where gradients keep about their size, mean gradient over mean size is at most about 1; "
        "with this β₁ and β₂ it is never more than {most}. The longest step here is {step}, "
        "and the learning rate is {rate}.",
        "The longest step is {step}, the rate {rate}.",
    ),
    Reason(
        "rate.first",
        _divides_by_its_size,
        "In the first step the gradient is divided by its own size: what is left is its sign. So "
        "where a gradient is much larger than {epsilon}, the step is about {rate}, the learning "
        "rate.",
        "",
    ),
)
ADAMW: Final = (
    Reason(
        "decay.apart",
        _weight_decay,
        "The decay stands apart from the gradient: every weight is first multiplied by {factor}, a "
        "little nearer to 0.",
        "First multiplied by {factor}.",
    ),
    Reason(
        "rate.sign_apart",
        partial(_sign_times_rate, decays=True),
        "In the first step the gradient is divided by its own size: what is left is its sign. So, "
        "besides the decay, every entry with a gradient moves by about {rate}, the learning rate, "
        "be it large or small.",
        "",
        3,
    ),
    *ADAM,
)
RMSPROP: Final = (
    _FIRST_SQUARE,
    Reason(
        "rate.leap",
        _first_leap,
        "The running mean of squares is still too small, since it started at 0; so the first step "
        "divides by too little and goes {step}, further than the learning rate of {rate}.",
        "A first step of {step} again.",
        3,
    ),
)
ADAGRAD: Final = (
    Reason(
        "squares.grow",
        _only_grows,
        "Squares are added and never forgotten: the divisor only grows, so an equal gradient "
        "moves {x} less each time.",
        "The divisor of {x} grows as well.",
    ),
    _RATE,
)
