"""Why a step is as it is: the reasons of the rows whose conditions hold of the record.

Rows of the table and of the optimizers say what may be said; here the record is laid out as their
conditions ask for it, and what holds is put into sentences, the most telling one first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tracer.errors import RunError, UnknownNameError
from tracer.expression.syntax import Call, Name, Node
from tracer.frozen import Frozen
from tracer.narrative.messages import Sentence, Slot
from tracer.operations import Operation, Shape, bound, literal, vocabulary
from tracer.operations.law import law_sides
from tracer.operations.numbers import number_node, number_text
from tracer.operations.reason import Reason, Slots, Use
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import Equation, names_in
from tracer.program.update_reasons import MOVES, Move
from tracer.run.interpret import interpret, nested
from tracer.run.scalar_code import FLOATS
from tracer.run.trace import Iteration

__all__ = ["JOINTS", "Joint", "ReasonFinder", "ReasonPage", "Spoken", "sentence_of_law"]

MOST_LOOKED_AT = 4096  # entries of an array that conditions look at
ADDITIONS: Final = {"add": (0, 1), "subtract": (0,)}  # operands that a gradient reaches unchanged


class Spoken(Frozen):
    """A reason that holds of a step, with what goes into its sentences; `digits` of figures."""

    reason: Reason
    slots: Slots
    digits: int

    @property
    def id(self) -> str:
        """The reason's own name."""
        return self.reason.id

    @property
    def full(self) -> Sentence:
        """The sentence in full."""
        return self.sentence(self.reason.full)

    @property
    def short(self) -> Sentence | None:
        """The sentence in short; None for a reason that is said only once."""
        return self.sentence(self.reason.short) if self.reason.short else None

    def sentence(self, template: str) -> Sentence:
        """Return a template with its slots filled in."""
        return Sentence(template, {name: self.slot(value) for name, value in self.slots.items()})

    def slot(self, value: Node | int | float) -> Slot:
        """Return what goes into a template; a figure has the reader's digits."""
        if isinstance(value, float):
            return number_node(number_text(value, self.digits))
        return value


class ReasonPage:
    """What has been said on a page: a reason is said in full once, in short afterwards."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def choose(self, reasons: Sequence[Spoken]) -> Sentence | None:
        """Return what to say of a step: the most telling reason, of equal ones a new one."""
        if not reasons:
            return None
        best = min(reasons, key=lambda item: (-item.reason.rank, item.id in self._said))
        if best.id in self._said:
            return best.short
        self._said.add(best.id)
        return best.full


class Joint(Frozen):
    """A gradient that several paths add up to, as reasons ask of it.

    `users` are the quantities that `x` goes into, one for each path; `shares` the entries that
    each path brings, None where there are too many; `skips` says that a path passes the gradient
    of its user on unchanged while another does not.
    """

    x: Name
    loss: Name
    users: Sequence[str]
    shares: Sequence[Sequence[float]] | None
    total: Sequence[float] | None
    skips: str


def _times(joint: Joint) -> Slots | None:
    """The users are members of one family: the same step, again and again."""
    families = {name.partition("[")[0] for name in joint.users}
    members = set(joint.users)
    if len(families) != 1 or len(members) < 2 or any("[" not in name for name in members):
        return None
    return {"x": joint.x, "count": len(members)}


def _used_twice_there(joint: Joint) -> Slots | None:
    if len(set(joint.users)) != 1:
        return None
    return {"x": joint.x, "y": Name(joint.users[0]), "count": len(joint.users)}


def _skip(joint: Joint) -> Slots | None:
    return {"x": joint.x, "y": Name(joint.skips)} if joint.skips else None


def _opposed(joint: Joint) -> Slots | None:
    """Two shares of a single number pull in opposite directions."""
    if joint.shares is None or len(joint.shares) != 2 or joint.total is None:
        return None
    one, other = joint.shares
    if len(one) != 1 or one[0] * other[0] >= 0:
        return None
    return {"one": one[0], "other": other[0], "total": joint.total[0]}


def _two_users(joint: Joint) -> Slots | None:
    if len(joint.users) != 2 or joint.users[0] == joint.users[1]:
        return None
    return {"x": joint.x, "one": Name(joint.users[1]), "other": Name(joint.users[0])}


def _many_users(joint: Joint) -> Slots | None:
    return {"x": joint.x, "count": len(joint.users)} if len(joint.users) > 1 else None


JOINTS: Final = (
    Reason(
        "paths.skip",
        _skip,
        "One of the ways is a shortcut: {x} was added into {y} as it stands, so the gradient of "
        "{y} arrives here undiminished, whatever becomes of it on the other way.",
        "The shortcut into {y} brings its gradient undiminished.",
        4,
    ),
    Reason(
        "paths.opposed",
        _opposed,
        "The two ways disagree: one brings {one}, the other {other}. They are added, and {total} "
        "is left.",
        "Two ways that disagree: {total} is left.",
        4,
    ),
    Reason(
        "paths.time",
        _times,
        "It is the same {x} in all {count} places. A nudge of it moves all of them at once, so the "
        "shares of all of them are added.",
        "{count} places share {x}: their shares are added.",
        3,
    ),
    Reason(
        "paths.same",
        _used_twice_there,
        "{x} stands in {y} in {count} places. Each of them brings a share, and shares add up.",
        "{x} stands in {y} {count} times; the shares add up.",
        3,
    ),
    Reason(
        "paths.two",
        _two_users,
        "{x} feeds both {one} and {other}. A nudge of it reaches the loss both ways, and the "
        "changes add up.",
        "Two ways, by {one} and by {other}: their shares add up.",
        3,
    ),
    Reason(
        "paths.many",
        _many_users,
        "{x} reaches the loss in {count} ways. Each brings what it would bring alone, and they add "
        "up.",
        "{count} ways, added up.",
    ),
)


def _nothing_arrives(use: Use) -> Slots | None:
    upstream = use.upstream
    if upstream is None or any(upstream):
        return None
    return {"x": use.x, "y": use.y}


ARRIVALS: Final = (
    Reason(
        "arrivals.none",
        _nothing_arrives,
        "The gradient of {y} is 0 throughout, so there is nothing to pass on: {x} gets 0 too.",
        "Nothing comes in from {y}.",
        4,
    ),
)


RENAMED: Final = Reason(
    "renamed",
    lambda asked: {},
    "{y} is {x} under another name, so it has the same gradient.",
    "{y} and {x} are one quantity.",
    1,
)


def sentence_of_law(row: Operation, operand: str) -> str:
    """Return why the law of an operation gives the gradient of an operand as it does; '' for none.

    It speaks of any use of the operation, and so stands where a row has no reasons of its own.
    """
    found = ""
    for line in row.law.lines if row.law is not None else ():
        left = law_sides(line.text, vocabulary)[0]
        if isinstance(left, Call) and left.operation == "d" and line.because:
            by = left.arguments[1]
            base = by.arguments[0] if isinstance(by, Call) else by
            if base == Name(operand):
                found = line.because
    return found


class _Link(Frozen):
    """An operation on the way from a quantity down to one that it is computed from."""

    call: Call
    row: Operation
    operands: Sequence[Node]
    attributes: Mapping[str, object]
    position: int
    whole: bool
    copies: bool


class _Place(Frozen):
    """One place where a quantity stands: in `user`, under `links`, the innermost first.

    `alone` says that it stands nowhere else in what the user computes.
    """

    user: Equation
    links: Sequence[_Link]
    alone: bool


class _Walk:
    """Walks through an equation as the backward pass takes it apart, to all places of a quantity.

    Parts come before what is made of them, and of one operation the last operand comes first: so
    `differentiate` numbers the gradients. An expression that stands there twice is one value.
    """

    def __init__(self, wrt: str, path: str, equations: Mapping[str, Equation]) -> None:
        self.leaf = Name(wrt)
        self.path = path
        self.equations = equations
        self.counts: Counter[Node] = Counter()  # how often each expression stands there
        self.found: list[_Place] = []

    def places(self) -> list[_Place]:
        """Return the places, in the order of the gradients that come from them."""
        user = self.equations.get(self.path)
        if user is None:
            return []
        if user.expression == self.leaf:
            return [_Place(user, (), True)]
        self.count(user.expression)
        alone = self.counts[self.leaf] == 1 and not any(
            times > 1 and (self.part(node) is not None or self.leaf.id in names_in(node))
            for node, times in self.counts.items()
        )
        self.enter(user, user.expression, ())
        return [_Place(place.user, place.links, alone) for place in self.found]

    def count(self, node: Node) -> None:
        """Count expressions, and look into each but once."""
        self.counts[node] += 1
        if self.counts[node] > 1 or node == self.leaf:
            return
        part = self.part(node)
        if part is not None:
            self.count(part.expression)
        elif isinstance(node, Call) and literal(node) is None:
            for item in bound(node)[1]:
                self.count(item)

    def part(self, node: Node) -> Equation | None:
        """Return the equation of a part of the equation that has one of its own."""
        found = self.equations.get(node.id) if isinstance(node, Name) else None
        return found if found is not None and found.base == self.path else None

    def enter(self, user: Equation, node: Node, above: Sequence[_Link]) -> None:
        """Add the places in an expression; `above` are the operations around it."""
        times = self.counts.pop(node, 0)  # 0 for what has been entered before
        part = self.part(node)
        if times and part is not None:
            self.enter(part, part.expression, ())
        if not times or not isinstance(node, Call) or literal(node) is not None:
            return
        row, operands, attributes = bound(node)
        if row.derivative is None:
            return
        here = []
        for position, item in enumerate(operands):
            copies = (
                times == 1
                and position in ADDITIONS.get(row.name, ())
                and (not above or above[0].copies)
            )
            link = _Link(node, row, operands, attributes, position, not above, copies)
            if item == self.leaf:
                here.append(_Place(user, (link, *above), False))
            else:
                self.enter(user, item, (link, *above))
        self.found += reversed(here)


class _Values:
    """The record of an iteration as conditions ask of it, each quantity fetched once."""

    def __init__(self, iteration: Iteration) -> None:
        self.iteration = iteration
        self.known: dict[Node | str, tuple[Sequence[float] | None, bool]] = {}
        program = iteration.program
        self.equations = {item.name: item for item in program.phase("forward", "loss")}
        self.inputs = program.inputs

    def numbers(self, node: Node) -> Sequence[float] | None:
        """Return the entries of an expression; None where they are too many or not finite."""
        values, are_finite = self._look_up(node)
        return values if are_finite else None

    def entries(self, node: Node) -> Sequence[float] | None:
        """Return the entries of an expression, infinite ones too; None where too many."""
        return self._look_up(node)[0]

    def _look_up(self, node: Node) -> tuple[Sequence[float] | None, bool]:
        key: Node | str = node.id if type(node) is Name else node  # a text is compared quicker
        if key not in self.known:
            values = self._entries(node)
            self.known[key] = values, values is not None and all(map(math.isfinite, values))
        return self.known[key]

    def _entries(self, node: Node) -> Sequence[float] | None:
        value = None if isinstance(node, Name) else literal(node)
        if value is not None:
            return [float(value)]
        try:
            if isinstance(node, Name):
                if math.prod(self.iteration.shape(node.id)) > MOST_LOOKED_AT:
                    return None
                values = self.iteration.floats(node.id)
            else:
                shapes = [self.iteration.shape(name) for name in set(names_in(node))]
                shapes.append(self.shape(node))
                if any(math.prod(shape) > MOST_LOOKED_AT for shape in shapes):
                    return None
                values = _flat(interpret(node, FLOATS, self._leaf), shapes[-1])
        except (RunError, UnknownNameError, KeyError, ArithmeticError, ValueError):
            return None  # not computed in this iteration, or not a number
        return values

    def _leaf(self, leaf: Node) -> object:
        if not isinstance(leaf, Name):
            return None  # an entry: the index is worked out like any operation
        return nested(self.iteration.shape(leaf.id), self.iteration.floats(leaf.id))

    def shape(self, node: Node) -> Shape:
        return self.iteration.built.shapes.of(node)

    def kind(self, name: str) -> str:
        item = self.inputs.get(name)
        return "value" if item is None else item.kind

    def definition(self, name: str) -> Node | None:
        equation = self.equations.get(name)
        return None if equation is None else equation.expression


def _flat(value: Any, shape: Shape) -> list[float]:
    """Return the entries of a number, or of nested tuples of them, row by row."""
    if not shape:
        return [float(value)]
    return [entry for part in value for entry in _flat(part, shape[1:])]


class ReasonFinder:
    """Finds the reasons of steps; `digits` are those of the figures in them."""

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self._links: dict[tuple[int, str], list[_Link]] = {}
        self._places: dict[tuple[int, str, str, str], dict[str, _Place]] = {}
        self._values: _Values | None = None

    def reasons(self, iteration: Iteration, equation: Equation) -> list[Spoken]:
        """Return the reasons that hold of a step, the most telling one first."""
        found: list[tuple[Reason, Slots]] = []
        if equation.phase == "backward":
            found = self.backward(iteration, equation) if equation.wrt else []
        elif equation.phase in ("forward", "loss"):
            found = self.forward(iteration, equation)
        elif equation.phase == "update":
            found = self.update(iteration, equation)
        found.sort(key=lambda item: -item[0].rank)
        return [Spoken(reason, slots, self.digits) for reason, slots in found]

    def values(self, iteration: Iteration) -> _Values:
        """Return the record of an iteration, kept for its next step."""
        known = self._values
        if (
            known is None
            or known.iteration.number != iteration.number
            or known.iteration.built is not iteration.built
        ):
            known = self._values = _Values(iteration)
        return known

    def forward(self, iteration: Iteration, equation: Equation) -> list[tuple[Reason, Slots]]:
        """Return what the operations of an equation are for, the outermost first."""
        links = self.links(iteration, equation)
        return self.holding(iteration, equation, links, Name(equation.name), Name(equation.name))

    def backward(self, iteration: Iteration, equation: Equation) -> list[tuple[Reason, Slots]]:
        """Return why a gradient is as it is: by the operation that the quantity goes into."""
        if equation.rules == ("sum over paths",):
            joint = self.joint(iteration, equation)
            return [] if joint is None else _held(JOINTS, joint)
        use = self.use(iteration, equation)
        if use is None:
            return []
        if not use.links:
            return [(RENAMED, {"x": Name(equation.wrt), "y": Name(use.user.name)})]
        x, y = Name(equation.wrt), Name(use.user.name)
        return self.holding(iteration, equation, use.links, x, y, alone=use.alone)

    def links(self, iteration: Iteration, equation: Equation) -> list[_Link]:
        """Return all operations of an equation, the outermost first."""
        key = id(iteration.built), equation.name
        if key not in self._links:
            self._links[key] = []
            _all_calls(equation.expression, self._links[key])
        return self._links[key]

    def use(self, iteration: Iteration, equation: Equation) -> _Place | None:
        """Return the place from which a gradient comes; None where that cannot be told.

        A quantity may stand in an equation several times: its gradients by that equation are as
        many, in the order of the places.
        """
        key = id(iteration.built), equation.of, equation.wrt, equation.path
        if key not in self._places:
            known = self.values(iteration).equations
            program = iteration.program
            walk = _Walk(equation.wrt, equation.path, known)
            shares = [
                item.name
                for item in program.phase("backward")
                if (item.of, item.wrt, item.path) == (equation.of, equation.wrt, equation.path)
            ]
            found = walk.places()
            together = zip(shares, found, strict=True) if len(shares) == len(found) else ()
            self._places[key] = dict(together)
        return self._places[key].get(equation.name)

    def holding(
        self,
        iteration: Iteration,
        equation: Equation,
        links: Iterable[_Link],
        x: Name,
        y: Name,
        *,
        alone: bool = False,
    ) -> list[tuple[Reason, Slots]]:
        """Return the reasons of some operations that hold."""
        values = self.values(iteration)
        loss = equation.of or iteration.program.loss or ""
        found: list[tuple[Reason, Slots]] = []
        is_backward = equation.phase == "backward"
        for place, link in enumerate(links):
            row = link.row
            use = Use(
                values,
                loss,
                x,
                y,
                link.call,
                link.operands,
                link.attributes,
                link.position,
                link.whole,
                link.copies,
                alone,
                equation.name,
                f"d{loss}/d{y.id}",
            )
            if is_backward and not place:
                found += _held(ARRIVALS, use)
            found += _held(row.reasons if is_backward else row.purposes, use)
            if is_backward and not place and not row.reasons and row.operands:
                sentence = sentence_of_law(
                    row, row.operands[min(link.position, len(row.operands) - 1)]
                )
                if sentence:
                    found.append((Reason(f"law.{row.name}", lambda use: {}, sentence, "", 1), {}))
        return found

    def joint(self, iteration: Iteration, equation: Equation) -> Joint | None:
        """Return what is known of paths that meet; None of sums of some of very many paths."""
        values = self.values(iteration)
        by_name = {item.name: item for item in iteration.program.phase("backward")}
        parts = [by_name[name] for name in names_in(equation.expression) if name in by_name]
        if not all(part.path for part in parts) or not parts:
            return None
        shares = [values.numbers(Name(part.name)) for part in parts]
        copies = [
            part.path
            for part in parts
            if part.expression == Name(f"d{part.of}/d{part.path}") and math.prod(part.shape) > 1
        ]
        return Joint(
            Name(equation.wrt),
            Name(equation.of),
            [part.path for part in parts],
            None if any(share is None for share in shares) else [share or [] for share in shares],
            values.numbers(Name(equation.name)),
            copies[0] if len(copies) == 1 and len(parts) == 2 else "",
        )

    def update(self, iteration: Iteration, equation: Equation) -> list[tuple[Reason, Slots]]:
        """Return why a line of an update is as it is."""
        move = self.move(iteration, equation)
        if move is None:
            return []
        training = iteration.scenario.training
        name = None if training is None else training.optimizer
        own = OPTIMIZERS[name].reasons if name else ()
        return _held((*own, *MOVES), move)

    def move(self, iteration: Iteration, equation: Equation) -> Move | None:
        """Return a line of an update as its reasons ask of it."""
        program, wrt = iteration.program, equation.wrt
        values = self.values(iteration)
        after = program.carried.get(wrt)
        gradient = next(
            (
                item.name
                for item in program.phase("backward")
                if item.wrt == wrt and "#" not in item.name and item.of == program.loss
            ),
            None,
        )
        if after is None or gradient is None or program.loss is None:
            return None
        old = equation.name.removesuffix("'")
        rows = [values.numbers(Name(name)) for name in (wrt, after, gradient, equation.name)]
        if any(row is None for row in rows):
            return None
        first, last, slopes, new = (row or [] for row in rows)
        is_state = old in program.carried
        settings = {
            name: found[0]
            for name, item in program.inputs.items()
            if item.kind == "setting" and (found := values.numbers(Name(name)))
        }
        return Move(
            Name(wrt),
            Name(program.loss),
            "w" if equation.name == after else old.partition("[")[0],
            iteration.number,
            first,
            last,
            slopes,
            (values.numbers(Name(old)) or [] if is_state else []),
            new,
            settings,
            lambda: _looked_ahead(iteration, wrt, gradient),
        )


def _looked_ahead(iteration: Iteration, wrt: str, gradient: str) -> Sequence[float] | None:
    """Return a gradient one iteration later, where only the move of `wrt` has changed it.

    None too where the next iteration sees other samples or is not recorded.
    """
    later = iteration.following()
    if later is None or later.samples != iteration.samples:
        return None
    program = iteration.program
    equations = {item.name: item for item in program.phase("forward", "loss", "backward")}
    waiting, met = [gradient], {gradient}
    while waiting:
        equation = equations.get(waiting.pop())
        new = set() if equation is None else set(names_in(equation.expression)) - met
        met |= new
        waiting += new
    if any(name in program.carried and name != wrt for name in met):
        return None
    return _Values(later).numbers(Name(gradient))


def _held(reasons: Iterable[Reason], asked: object) -> list[tuple[Reason, Slots]]:
    found = []
    for reason in reasons:
        slots = reason.holds(asked)
        if slots is not None:
            found.append((reason, slots))
    return found


def _all_calls(node: Node, found: list[_Link], *, whole: bool = True) -> None:
    if not isinstance(node, Call) or literal(node) is not None:
        return
    row, operands, attributes = bound(node)
    found.append(_Link(node, row, operands, attributes, -1, whole, False))
    for item in operands:
        _all_calls(item, found, whole=False)
