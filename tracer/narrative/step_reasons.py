"""Why a step is as it is: the reasons of the rows whose conditions hold of the record.

Rows of the table and of the optimizers say what may be said; here the record is laid out as their
conditions ask for it, and what holds is put into sentences, the most telling one first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Final

from tracer.errors import RunError, UnknownNameError
from tracer.expression import Call, Name, Node, render, with_parts
from tracer.frozen import Frozen, replace
from tracer.narrative.blocks import present
from tracer.narrative.line_forms import Spelling
from tracer.narrative.printed_values import printed_values
from tracer.operations import (
    Operation,
    Shape,
    bound,
    flat_entries,
    literal,
    lookup,
    nested,
    number,
    number_node,
    number_text,
    ravel,
    vocabulary,
)
from tracer.operations.law import law_sides
from tracer.operations.reason import SLOT, OperandUse, Reason, Record, Slots, mixed_terms
from tracer.operations.reasons import BACKWARD, FORWARD
from tracer.operations.signature import CONSTANTS
from tracer.program.optimizers import OPTIMIZERS, Optimizer
from tracer.program.program import Equation, Phase, names_in, needed_for
from tracer.program.quantity_places import OperationLink, QuantityPlace, places_of
from tracer.program.update_reasons import MOVES, UnknownFigures, UpdateLine
from tracer.run.interpret import interpret
from tracer.run.scalar_code import FLOATS
from tracer.run.trace import Iteration
from tracer.sentences import Sentence

MOVING = 1  # rank of reasons of what only moves entries
SPECIAL = 3  # rank of what is special about the numbers; above it nothing else is to be said
MOST_LOOKED_AT = 4096  # entries of an array that conditions look at


class Spoken(Frozen):
    """A reason that holds of a step, with what goes into its sentences; `digits` of figures.

    `call` is the operation that it speaks of, on the way that a gradient comes, and `depth` says
    how far down on that way it stands; None of others.
    """

    reason: Reason
    slots: Slots
    digits: int
    call: Node | None = None
    depth: int = 0

    def told(self) -> Spoken:
        """Return itself: what is known to hold is told as what may hold is (`PossibleReason`)."""
        return self

    @property
    def full(self) -> Sentence:
        """The sentence in full."""
        return self.sentence(self.reason.full)

    @property
    def figures(self) -> Mapping[str, str]:
        """The figures in its sentences by their slots, with the reader's digits."""
        return {
            name: number_text(value, self.digits)
            for name, value in self.slots.items()
            if isinstance(value, float)
        }

    def sentence(self, template: str, spelling: Spelling = str) -> Sentence:
        """Return a template with its slots filled in; `spelling` says what stands for a figure."""
        slots = {
            name: number_node(spelling(number_text(value, self.digits)))
            if isinstance(value, float)
            else value
            for name, value in self.slots.items()
        }
        return Sentence(template, slots)


class PossibleReason(Frozen):
    """A reason that may hold of a step; `told` works out what it says, None where it does not hold.

    It is of the iteration that was asked about last. `call` and `depth` as in `Spoken`.
    """

    reason: Reason
    call: Node | None
    depth: int
    told: Callable[[], Spoken | None]


AnyReason = PossibleReason | Spoken


class ReasonPage:
    """Which reasons have been said on a page: in full once, then in short.

    What is special about the numbers is said at each step, behind what explains such a step where
    that is new; another reason twice, and no short sentence again as it is. That a reason goes on
    to hold where a step has no words, the head of a derivation says (`derivation`).
    """

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()
        self._short: set[tuple[str, tuple[object, ...]]] = set()  # said in short, with its slots
        self.rules: set[tuple[str, ...]] = set()  # that have been named together

    def choose(self, reasons: Sequence[AnyReason]) -> list[tuple[Spoken, str]]:
        """Return what to say of a step, each with its template: the most telling, or a new one.

        Where a gradient comes through several operations in one step, each has its reason, in the
        order in which the gradient comes. Whether a reason holds is worked out only where that may
        change what is said.
        """
        chosen: list[Spoken] = []
        rest = [*reasons]
        while rest:
            best = self._first_told(rest)
            if best is None:
                break
            chosen += [*self._explained_first(best, rest), best]
            if best.call is None or best.reason.rank > SPECIAL:
                break
            rest = [
                item
                for item in rest
                if item.call != best.call and item.reason.rank > MOVING and item.call is not None
            ]
        chosen.sort(key=lambda item: -item.depth)
        return [(it, template) for it in chosen if (template := self._next_template(it))]

    def _first_told(self, reasons: list[AnyReason]) -> Spoken | None:
        """Return the most telling of the reasons that hold; None where nothing is said of any.

        Those that are found not to hold are taken out.
        """
        ranked = sorted(
            reasons, key=lambda item: (-item.reason.rank, item.reason.id in self._times)
        )
        while ranked and self._has_no_words(ranked[-1].reason):
            ranked.pop()
        for item in ranked:
            spoken = item.told()
            if spoken is not None:
                return spoken
            reasons.remove(item)  # it does not hold
        return None

    def _has_no_words(self, reason: Reason) -> bool:
        return reason.rank < SPECIAL and self._times[reason.id] > 1

    def _explained_first(self, remark: Spoken, others: Sequence[AnyReason]) -> list[Spoken]:
        """Return what explains a step of which only a remark would be made, where that is new.

        Why a gradient is an outer product comes before that one of its rows is 0.
        """
        if not remark.reason.is_remark:
            return []
        explaining = [
            item
            for item in others
            if item.call == remark.call and item.reason.rank > MOVING and not item.reason.is_remark
        ]
        if all(item.reason.id in self._times for item in explaining):
            return []
        explaining.sort(key=lambda item: -item.reason.rank)
        best = next(filter(None, (item.told() for item in explaining)), None)
        return [best] if best is not None and best.reason.id not in self._times else []

    def _next_template(self, spoken: Spoken) -> str:
        """Return what is said of a reason now, and count it."""
        reason = spoken.reason
        self._times[reason.id] += 1
        times = self._times[reason.id]
        if times == 1:
            return reason.full
        names = SLOT.findall(reason.short)
        sentence = reason.short, tuple(spoken.slots[name] for name in names)
        if sentence in self._short:
            return ""
        self._short.add(sentence)
        return reason.short if times == 2 or reason.rank >= SPECIAL else ""


class Joint(Frozen):
    """A gradient that several paths add up to, as reasons ask of it.

    `users` are the quantities that `x` goes into, one for each path; `parts` the names of what
    each path brings, `whole` of what they add up to; `first_calls` are the operations on `x` at the
    start of each path, where that can be told; `skips` says that a path passes the gradient
    of its user on unchanged while another does not. `loss` is what the gradient is of.
    """

    record: Record
    x: Name
    users: Sequence[str]
    parts: Sequence[Name]
    whole: Name
    skips: str
    first_calls: Sequence[Node]
    loss: str


def _times(joint: Joint) -> Slots | None:
    """The users are members of one family: the same step, again and again."""
    families = {name.partition("[")[0] for name in joint.users}
    members = set(joint.users)
    if len(families) != 1 or len(members) < 2 or any("[" not in name for name in members):
        return None
    return {"x": joint.x, "count": len(members)}


def _own_rows(joint: Joint) -> Slots | None:
    """Each step of a family takes a row of its own, and nothing else of x."""
    rows = set(joint.first_calls)
    are_rows = len(joint.record.shape(joint.x)) > 1 and all(
        isinstance(part, Call) and part.operation == "index" and len(part.arguments) == 2
        for part in rows
    )
    return _times(joint) if are_rows and len(rows) == len(joint.users) else None


def _own_entries(joint: Joint) -> Slots | None:
    """Each path leads from entries of an array of which no other one does."""
    shares = [*map(joint.record.numbers, joint.parts)]
    if len(shares) < 2 or any(share is None or sum(map(bool, share)) < 2 for share in shares):
        return None
    entries = zip(*(share or () for share in shares), strict=True)
    are_apart = all(sum(map(bool, entry)) < 2 for entry in entries)
    return {"x": joint.x} if are_apart else None


def _opposed(joint: Joint) -> Slots | None:
    """Two shares of a single number pull in opposite directions."""
    if len(joint.parts) != 2 or math.prod(joint.record.shape(joint.whole)) != 1:
        return None
    one, other, total = map(joint.record.numbers, (*joint.parts, joint.whole))
    if one is None or other is None or total is None or one[0] * other[0] >= 0:
        return None
    return {"one": one[0], "other": other[0], "total": total[0]}


def _two_users(joint: Joint) -> Slots | None:
    """Two quantities, the loss first where it is one of them."""
    if len(joint.users) != 2 or len(set(joint.users)) != 2:
        return None
    one, other = joint.users[::-1] if joint.users[1] == joint.loss else joint.users
    return {"x": joint.x, "one": Name(one), "other": Name(other), "loss": Name(one)}


JOINTS: Final = (
    Reason(
        "paths.skip",
        lambda it: {"x": it.x, "y": Name(it.skips)} if it.skips else None,
        "One of the paths is a shortcut: {x} was added into {y} as it is, so the gradient of {y} "
        "arrives here undiminished, whatever becomes of it on the other path.",
        "The shortcut into {y} brings its gradient undiminished.",
        4,
    ),
    Reason(
        "paths.opposed",
        _opposed,
        "The two paths have opposite signs: one brings {one}, the other {other}. They are added, "
        "and {total} is left.",
        "Two paths of opposite signs: {total} is left.",
        4,
    ),
    Reason(
        "paths.own_rows",
        _own_rows,
        "Each of the {count} steps takes a row of {x} of its own: its share is the gradient of "
        "this row, and 0 in the others.",
        "Each step fills its own row.",
    ),
    Reason(
        "paths.apart",
        _own_entries,
        "The shares fill different entries of {x}: each entry reaches the loss along one path "
        "alone.",
        "Again each path of {x} fills entries of its own.",
        3,
    ),
    Reason(
        "paths.time",
        _times,
        "The same {x} stands in {count} places. A nudge of it moves all of them at once, so their "
        "shares are added.",
        "{count} places share {x}: their shares are added.",
    ),
    Reason(
        "paths.same",
        lambda it: (
            {"x": it.x, "y": Name(it.users[0]), "count": len(it.users)}
            if len(set(it.users)) == 1
            else None
        ),
        "{x} occurs in {y} in {count} places. Each of them brings a share, and the shares add up.",
        "{x} occurs in {y} {count} times; the shares add up.",
    ),
    Reason(
        "paths.direct",
        lambda it: _two_users(it) if it.loss in it.users else None,
        "{x} stands in {loss} itself and in {other}. A nudge of it reaches the loss directly and "
        "by {other}, and the changes add up.",
        "Two paths, the direct one and the one by {other}: their shares add up.",
    ),
    Reason(
        "paths.two",
        lambda it: None if it.loss in it.users else _two_users(it),
        "{x} feeds both {one} and {other}. A nudge of it reaches the loss along both paths, and "
        "the changes add up.",
        "Two paths, by {one} and by {other}: their shares add up.",
    ),
    Reason(
        "paths.many",
        lambda it: {"x": it.x, "count": len(it.users)} if len(it.users) > 1 else None,
        "{x} reaches the loss along {count} paths. Each brings what it would bring alone, and "
        "they add up.",
        "{count} paths, added up.",
        MOVING,
    ),
)


ARRIVALS: Final = (
    Reason(
        "arrivals.none",
        lambda use: use.upstream is not None and not any(use.upstream),
        "The gradient of {y} is 0, so there is nothing to pass on: {x} gets 0 too.",
        "Nothing comes in from {y}.",
        4,
    ),
)


SHARED: Final = Reason(
    "update.shared",
    lambda equation: {"name": Name(equation.name)},
    "No gradient goes into {name}: it is the same for all parameters, so it is worked out once.",
    "",
    0,
)


MIXED: Final = Reason(
    "update.mixed",
    lambda equation: mixed_terms(equation.expression),
    "A running mean: of {one} the share {other} stays, and the rest is new.",
    "",
    1,
)


RENAMED: Final = (  # where it is the only path, and where others add to the gradient
    Reason(
        "renamed",
        lambda names: dict(zip("xy", names, strict=True)),
        "{y} is {x} under another name, so it has the same gradient.",
        "{y} and {x} are one quantity.",
        1,
    ),
    Reason(
        "renamed.beside",
        lambda names: dict(zip("xy", names, strict=True)),
        "{y} is {x} under another name: on this path its gradient arrives unchanged.",
        "{y} is {x}: on this path its gradient arrives unchanged.",
        1,
    ),
)


GATHERED: Final = Reason(
    "places",
    lambda names: dict(zip(("x", "y", "count"), names, strict=True)),
    "{x} stands in {y} in {count} places. The local derivative adds up what each of them brings, "
    "the others held fixed.",
    "{count} places of {x} in {y}: what they bring is added up.",
    9,
)

NAMED: Final = Reason(
    "for.name",
    lambda names: dict(zip("xy", names, strict=True)),
    "{y} is {x} under another name.",
    "",
)

GRAPH_REASONS: Final = (*JOINTS, *ARRIVALS, *RENAMED, GATHERED, MIXED, NAMED, SHARED)
"""What is said of how quantities hang together, and of no operation."""


def sentence_of_law(row: Operation, operand: str) -> str:
    """Return why the law of an operation gives the gradient of an operand as it does; '' for none.

    It speaks of any use of the operation, and so stands where a row has no reasons of its own.
    """
    for line in reversed(row.law.lines if row.law is not None else ()):
        left = law_sides(line.text, vocabulary)[0]
        if isinstance(left, Call) and left.operation == "d" and line.because:
            by = left.arguments[1]
            if Name(operand) in (by, *by.children()[:1]):
                return line.because
    return ""


def reasons_of_laws(optimizer: Optimizer) -> Mapping[Node, Reason]:
    """Return why an optimizer's lines are as they are, by the names that it gives their results.

    A line without a law of its own has that which ends in its formula. What laws say of an update
    stands where nothing is special about its numbers.
    """
    by_result: dict[Node, Reason] = {}
    for line in optimizer.law:
        left, *_, right = law_sides(line.text, vocabulary)
        name = f"law.{optimizer.name}.{render(left)}"
        reason = Reason(name, lambda it: {}, line.because, "", 1)
        is_entry = isinstance(left, Call) and left.operation == "index"
        for result in (*left.children()[:is_entry], right):
            by_result.setdefault(result, reason)
    return by_result


def entries_of(iteration: Iteration, node: Node, shape: Shape) -> list[float]:
    """Return the entries of an expression that the run does not record.

    Raises UnknownNameError, ArithmeticError, ValueError where one has no value.
    """
    values: dict[Node, object] = {
        Name(name): nested(iteration.floats(name), iteration.shape(name))
        for name in set(names_in(node))
    }
    return flat_entries(interpret(node, FLOATS, values.get), shape)


class _Values:
    """The record of an iteration as conditions ask of it, each quantity fetched once.

    The whole formula of a quantity is worth what the record has of that.
    `is_asked` is set where figures are: what the program alone says is so in each iteration. With
    an `entry`, a shape and a place in it, those of `by_entry`, and what operations entry by entry
    make of them, are this one of their entries.
    """

    def __init__(self, iteration: Iteration) -> None:
        self.iteration = iteration
        self.is_asked = False
        self.entry: tuple[Shape, int] = ((), 0)
        self.by_entry: frozenset[Node] = frozenset()
        # The entries of what was asked for, and the same again where all are finite.
        self.known: dict[Node | str, tuple[Sequence[float] | None, Sequence[float] | None]] = {}
        self.known_differences: dict[tuple[str, str], Sequence[float]] = {}
        phases: Sequence[Phase] = ("forward", "loss", "backward")
        self.equations = {item.name: item for item in iteration.program.phase(*phases)}
        self.computed = {item.expression: item.name for item in self.equations.values()}
        self.inputs = iteration.program.inputs
        self.sources = cache(self.find_sources)
        self.operations = cache(self.find_operations)

    def read(self, iteration: Iteration) -> None:
        """Go on to an iteration of the same program, or to one with a number nudged."""
        if not iteration.has_record_of(self.iteration):
            self.known.clear()
            self.known_differences.clear()
        self.iteration = iteration

    def number(self) -> int:
        """Return the iteration's number, on which a reason may depend as on a figure."""
        self.is_asked = True
        return self.iteration.number

    def slope_after(self, x: Name, gradient: Name) -> Sequence[float] | None:
        """Return a gradient one iteration later; None where not only the move of `x` changed it.

        None too where the next iteration sees other samples or is not recorded.
        """
        later = self.iteration.following()
        if later is None or later.samples != self.iteration.samples:
            return None
        program = self.iteration.program
        equations = {item.name: item for item in program.phase("forward", "loss", "backward")}
        waiting, visited = [gradient.id], {gradient.id}
        while waiting:
            equation = equations.get(waiting.pop())
            new = set() if equation is None else set(names_in(equation.expression)) - visited
            visited |= new
            waiting += new
        if any(name in program.carried and name != x.id for name in visited):
            return None
        return _Values(later).numbers(gradient)

    def numbers(self, node: Node) -> Sequence[float] | None:
        """Return the entries of an expression; None where they are too many or not finite."""
        return self._known_entries(node)[1]

    def entries(self, node: Node) -> Sequence[float] | None:
        """Return the entries of an expression, infinite ones too; None where too many."""
        return self._known_entries(node)[0]

    def differences(self, after: Name, before: Name) -> Sequence[float] | None:
        """Return how far the entries of two quantities are apart; None where numbers are."""
        key = after.id, before.id
        if self.entry[0] or key not in self.known_differences:
            old, new = self.numbers(before), self.numbers(after)
            if old is None or new is None:
                return None
            moves = [b - a for a, b in zip(old, new, strict=True)]
            if self.entry[0]:
                return moves
            self.known_differences[key] = moves
        return self.known_differences[key]

    def _known_entries(self, node: Node) -> tuple[Sequence[float] | None, Sequence[float] | None]:
        """Return the entries; None for too many, and the second time for infinite ones too."""
        self.is_asked = True
        key: Node | str = node.id if type(node) is Name else node  # a text is compared quicker
        known = self.known.get(key)
        if known is None:
            values = self._entries(node)
            is_finite = values is not None and all(map(math.isfinite, values))
            known = self.known[key] = values, values if is_finite else None
        shape, place = self.entry
        if not (shape and known[0] and self._is_of_entry(node)):
            return known
        value = known[0][place]
        return [value], [value] if math.isfinite(value) else None

    def _entries(self, node: Node) -> Sequence[float] | None:
        name = node.id if isinstance(node, Name) else self.computed.get(node)
        value = None if name is not None else literal(node)
        if value is not None:
            return [float(value)]
        try:
            if name is not None:
                if math.prod(self.iteration.shape(name)) > MOST_LOOKED_AT:
                    return None
                return printed_values(self.iteration, name, self.iteration.floats(name))
            shapes = [self.iteration.shape(name) for name in set(names_in(node))]
            shapes.append(self._shape(node))
            if any(math.prod(shape) > MOST_LOOKED_AT for shape in shapes):
                return None
            return entries_of(self.iteration, node, shapes[-1])
        except (RunError, UnknownNameError, KeyError, ArithmeticError, ValueError):
            return None  # not computed in this iteration, or not a number

    def shape(self, node: Node) -> Shape:
        return () if self.entry[0] and self._is_of_entry(node) else self._shape(node)

    def _is_of_entry(self, node: Node) -> bool:
        """Tell whether an expression stands for one of its entries: the one that is asked about."""
        if self._shape(node) != self.entry[0]:
            return False
        return node in self.by_entry or (
            isinstance(node, Call)
            and lookup(node.operation).elementwise
            and all(not self._shape(it) or self._is_of_entry(it) for it in node.arguments)
        )

    def entry_form(self, node: Node, index: Shape) -> Node:
        """Return an expression as the entry that it stands for, written by entries of names."""
        if not self._is_of_entry(node):
            return node
        if isinstance(node, Call) and lookup(node.operation).elementwise:
            return with_parts(node, lambda part: self.entry_form(part, index))
        return Call("index", (node, *map(number, index)))

    def _shape(self, node: Node) -> Shape:
        return self.iteration.built.shapes.of(node)

    def kind(self, name: str) -> str:
        item = self.inputs.get(name)
        return "value" if item is None else item.kind

    def definition(self, name: str) -> Node | None:
        equation = self.equations.get(name)
        return None if equation is None else equation.expression

    def find_sources(self, node: Node) -> frozenset[str]:
        """Return all quantities that an expression is computed from."""
        waiting, visited = {*node.content.names} - CONSTANTS.keys(), set[str]()
        while waiting:
            visited.add(name := waiting.pop())
            formula = self.definition(name)
            waiting |= {*(formula.content.names if formula else ())} - CONSTANTS.keys() - visited
        return frozenset(visited)

    def find_operations(self, node: Node) -> frozenset[str]:
        """Return all operations that an expression is computed with."""
        formulas = filter(None, map(self.definition, self.sources(node)))
        return frozenset[str]().union(*(it.content.operations for it in formulas))


def _is_by_entry(use: OperandUse, shape: Shape) -> bool:
    """Say whether an operation has an entry of each operand at the place of each of its own."""
    sizes = [*map(use.shape, use.operands), use.shape(use.y)]
    return all(size in ((), shape) for size in sizes)


def _call_of(asked: object) -> tuple[Node | None, int]:
    """Return the operation that a reason speaks of, and how far down the way it stands."""
    if isinstance(asked, OperandUse) and asked.position >= 0:
        return asked.call, asked.depth
    return None, 0


class ReasonFinder:
    """Finds the reasons of the steps of one program; `digits` are those of the figures in them.

    What the program alone decides is decided once for it.
    """

    def __init__(self, iteration: Iteration, digits: int) -> None:
        self.program = iteration.program
        self.digits = digits
        self.values = _Values(iteration)
        self.backward_by_name = {item.name: item for item in self.program.phase("backward")}
        self.settings = [
            Name(name) for name, item in self.program.inputs.items() if item.kind == "setting"
        ]
        training = iteration.scenario.training
        rule = training and training.optimizer
        own = OPTIMIZERS[rule].reasons if rule else ()
        self.update_laws = reasons_of_laws(OPTIMIZERS[rule]) if rule else {}
        self.update_reasons = sorted((*own, *MOVES), key=lambda reason: -reason.rank)
        self._cases: dict[str, list[PossibleReason]] = {}
        self._places = cache(self.find_places)

    def reasons(self, iteration: Iteration, equation: Equation) -> Sequence[PossibleReason]:
        """Return the reasons that may hold of a step in an iteration, by rank."""
        self.values.read(iteration)
        cases = self._cases.get(equation.name)
        if cases is None:
            possible = sorted(self.possible_reasons(equation), key=lambda item: -item[0].rank)
            cases = present(*(self.first_case(reason, asked) for reason, asked in possible))
            self._cases[equation.name] = cases
        return cases

    def entry_reasons(self, iteration: Iteration, equation: Equation, index: Shape) -> list[Spoken]:
        """Return the reasons that hold of one entry of a gradient, the most telling one first.

        Where operations work entry by entry, the figures are those of this entry; where entries
        meet, what is said with figures is of others too, and left out. What is said of some entries
        is said of one where it holds of that one.
        """
        self.values.read(iteration)
        shape, reasons = equation.shape, []
        for reason, asked in self.possible_reasons(equation):
            alone = (
                isinstance(asked, OperandUse)
                and (reason.of_some or lookup(asked.call.operation).elementwise)
                and _is_by_entry(asked, shape)
            )
            if isinstance(asked, OperandUse) and alone:
                self.values.entry = shape, ravel(index, shape)
                gradients = Name(asked.gradient_name), Name(asked.upstream_name)
                self.values.by_entry = frozenset(
                    (asked.x, asked.y, asked.call, *asked.operands, *gradients)
                )
            spoken = self.speak(reason, asked, *_call_of(asked))
            if spoken is not None and alone:
                slots = {
                    name: self.values.entry_form(value, index) if isinstance(value, Node) else value
                    for name, value in spoken.slots.items()
                }
                reasons.append(replace(spoken, slots=slots))
            elif spoken is not None and not spoken.figures:
                reasons.append(spoken)
            self.values.entry = (), 0
        return sorted(reasons, key=lambda spoken: -spoken.reason.rank)

    def speak(
        self, reason: Reason, asked: object, call: Node | None = None, depth: int = 0
    ) -> Spoken | None:
        """Return what a reason says; None where it does not hold."""
        try:
            slots = reason.slots(asked)
        except UnknownFigures:
            return None
        return None if slots is None else Spoken(reason, slots, self.digits, call, depth)

    def first_case(self, reason: Reason, asked: object) -> PossibleReason | None:
        """Return a reason as iterations ask it; None where it never holds.

        A condition that has asked for no figures holds in all iterations or in none.
        """
        self.values.is_asked = False
        call, depth = _call_of(asked)
        spoken = self.speak(reason, asked, call, depth)
        if self.values.is_asked:
            told = partial(self.speak, reason, asked, call, depth)
            return PossibleReason(reason, call, depth, told)
        return None if spoken is None else PossibleReason(reason, call, depth, spoken.told)

    def possible_reasons(self, equation: Equation) -> Iterator[tuple[Reason, object]]:
        """Yield the reasons that may hold of a step, each with what it is asked of."""
        if equation.phase in ("forward", "loss"):
            links: list[OperationLink] = []
            _all_calls(equation.expression, links)
            name = Name(equation.name)
            if isinstance(equation.expression, Name):
                yield NAMED, (equation.expression, name)
            yield from self.of_links(equation, links, name, name)
        elif equation.phase == "backward" and equation.wrt:
            yield from self.backward(equation)
        elif equation.phase == "update":
            line = self.update_line(equation)
            if line is not None:
                yield from ((reason, line) for reason in self.update_reasons)
            yield from ((reason, equation) for reason in self.line_reasons(equation))

    def backward(self, equation: Equation) -> Iterator[tuple[Reason, object]]:
        """Yield why a gradient may be as it is: by the operation that the quantity goes into."""
        if equation.rules == ("sum over paths",):
            joint = self.joint(equation)
            if joint is not None:
                for reason in JOINTS:
                    yield reason, joint
            return
        places = self.places(equation)
        if len(places) > 1:
            yield GATHERED, (Name(equation.wrt), Name(equation.path), len(places))
        for place in places:
            x, y = Name(equation.wrt), Name(place.user.name)
            if not place.links:
                yield RENAMED["#" in equation.name], (x, y)
            yield from self.of_links(equation, place.links, x, y, alone=place.alone)

    def places(self, equation: Equation) -> Sequence[QuantityPlace]:
        """Return the places from which a gradient comes; none where that cannot be told."""
        return self._places(equation.of, equation.wrt, equation.path).get(equation.name, ())

    def find_places(self, of: str, wrt: str, path: str) -> dict[str, Sequence[QuantityPlace]]:
        """Return the places from which the gradients of a quantity by an equation come.

        A quantity may stand in an equation several times: its gradients by that equation are as
        many, in the order of the places, or one of all.
        """
        backward = [*self.program.phase("backward")]
        shares = [it.name for it in backward if (it.of, it.wrt, it.path) == (of, wrt, path)]
        stations = {item.wrt for item in backward}
        places = places_of(wrt, path, self.values.equations, stations)
        if len(shares) == 1:
            return {shares[0]: places}
        each = zip(shares, places, strict=True) if len(shares) == len(places) else ()
        return {share: [place] for share, place in each}

    def of_links(
        self,
        equation: Equation,
        links: Sequence[OperationLink],
        x: Name,
        y: Name,
        *,
        alone: bool = False,
    ) -> Iterator[tuple[Reason, OperandUse]]:
        """Yield the reasons of some operations, each with the use that it is asked of."""
        loss = equation.of or self.program.loss or ""
        is_backward = equation.phase == "backward"
        for place, link in enumerate(links):
            row = link.row
            use = OperandUse(
                self.values,
                Name(loss),
                x,
                y,
                link.call,
                link.operands,
                link.attributes,
                link.position,
                place,
                link.whole,
                link.copies,
                link.whole or (is_backward and links[place + 1].copies),
                alone,
                equation.name,
                f"d{loss}/d{y.id}",
            )
            own = (BACKWARD if is_backward else FORWARD).get(row.name, ())
            reasons = [*own]
            if is_backward and not place:
                reasons[:0] = ARRIVALS
                if not own and row.operands:
                    operand = row.operands[min(link.position, len(row.operands) - 1)]
                    sentence = sentence_of_law(row, operand)
                    if sentence:
                        law = Reason(f"law.{row.name}.{operand}", lambda use: {}, sentence, "", 1)
                        reasons.append(law)
            for reason in reasons:
                yield reason, use

    def joint(self, equation: Equation) -> Joint | None:
        """Return what is known of paths that meet; None of sums of some of very many paths."""
        names = names_in(equation.expression)
        parts = [self.backward_by_name[name] for name in names if name in self.backward_by_name]
        if not all(part.path for part in parts) or not parts:
            return None
        copies = [
            part.path
            for part in parts
            if part.expression == Name(f"d{part.of}/d{part.path}")
            and math.prod(part.shape) > 1
            and self.values.definition(part.path) != Name(equation.wrt)  # another name for it
        ]
        # The other path must lead to the same sum, or nothing is passed by. What the mean of a
        # quantity is taken from is centred, and no shortcut.
        computed = [*self.program.phase("forward", "loss")]
        copies = [
            it for it in copies if needed_for([it], computed) >= {part.path for part in parts}
        ]
        others = [self.values.definition(part.path) for part in parts]
        if any(isinstance(each, Call) and each.operation == "mean" for each in others):
            copies = []
        return Joint(
            self.values,
            Name(equation.wrt),
            [part.path for part in parts],
            [Name(part.name) for part in parts],
            Name(equation.name),
            copies[0] if len(copies) == 1 and len(parts) == 2 else "",
            [it.links[0].call for places in map(self.places, parts) for it in places if it.links],
            parts[0].of,
        )

    def line_reasons(self, equation: Equation) -> list[Reason]:
        """Return why a line of an update stands in its rule, whatever its numbers are.

        One of a parameter that has no law is a part of its step, and has the step's.
        """
        if equation.base:
            return []
        results = [Name(self.target(equation)), equation.expression]
        results += [Name("w")] * bool(equation.wrt)
        laws = present(*map(self.update_laws.get, results))
        if laws:
            return laws[:1]
        return [SHARED] if not equation.wrt and self.has_no_gradient(equation) else [MIXED]

    def has_no_gradient(self, equation: Equation) -> bool:
        """Tell whether a line of an update is made of settings and numbers alone, in any step."""
        updates = {item.name: item.expression for item in self.program.phase("update")}
        waiting, visited = {equation.name}, set[str]()
        while waiting:
            visited.add(name := waiting.pop())
            used = names_in(updates[name]) if name in updates else ()
            waiting |= {self.program.carried.get(it, it) for it in used} - visited
        kinds = {self.values.kind(name) for name in visited - updates.keys()}
        return kinds <= {"setting", "counter", "constant"}

    def target(self, equation: Equation) -> str:
        """Return what an update's rule calls the result of a line: 'w' the parameter itself."""
        is_last = equation.name == self.program.carried.get(equation.wrt)
        return "w" if is_last else equation.name.removesuffix("'").partition("[")[0]

    def update_line(self, equation: Equation) -> UpdateLine | None:
        """Return a line of an update as its reasons ask of it; None where no gradient moves it."""
        program, wrt = self.program, equation.wrt
        after, gradient = program.carried.get(wrt), f"d{program.loss}/d{wrt}"
        if after is None or gradient not in self.backward_by_name or program.loss is None:
            return None
        old, penalized, decayed = (
            equation.name.removesuffix("'"),
            f"penalized[{wrt}]",
            f"decayed[{wrt}]",
        )
        names = {it.name for it in program.phase("update")}
        return UpdateLine(
            self.values,
            Name(wrt),
            Name(after),
            Name(gradient),
            Name(program.loss),
            self.target(equation),
            Name(equation.name),
            Name(old) if old in program.carried else None,
            Name(penalized if penalized in names else gradient),
            Name(decayed if decayed in names else wrt),
            self.settings,
        )


def _all_calls(node: Node, links: list[OperationLink], *, whole: bool = True) -> None:
    if not isinstance(node, Call) or literal(node) is not None:
        return
    row, operands, attributes = bound(node)
    links.append(OperationLink(node, row, operands, attributes, -1, whole, False))
    for item in operands:
        _all_calls(item, links, whole=False)
