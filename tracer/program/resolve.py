"""Statements of the language → equations: loops unrolled, names and shapes checked.

Everything that must be known before a run (axes, sizes, loop counters) is folded to numbers
here; nothing else is. Members of a family (`h[0]`, `h[1]`) become names of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import partial
from itertools import zip_longest
from typing import TypeVar

from tracer.errors import (
    LanguageError,
    LimitError,
    TracerError,
    UnknownNameError,
    known_name,
    nearest,
    refuse,
)
from tracer.expression import (
    Array,
    Assignment,
    Call,
    Loop,
    Name,
    Node,
    Number,
    Slice,
    Statement,
    Tuple,
    line_and_column,
    parse_program,
)
from tracer.operations import (
    CONSTANTS,
    Operation,
    bound,
    check_attributes,
    literal,
    lookup,
    number,
    standard_call,
    vocabulary,
)
from tracer.program.program import Equation
from tracer.program.shapes import Shapes
from tracer.sentences import Sentence, Text, say

MOST_EQUATIONS = 10_000
MOST_PASSES = 10 * MOST_EQUATIONS
LARGEST = Fraction(sys.float_info.max)
Result = TypeVar("Result")

_ARITHMETIC: dict[str, Callable[..., Fraction]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
}


def resolve_equations(
    text: str,
    shapes: Shapes,
    wholes: Mapping[str, int],
    *,
    where: Callable[[int], Text],
    outputs: Collection[str] | None = None,
    training: bool = True,
) -> list[Equation]:
    """Return the equations of a text, in order, all in the phase 'forward'.

    Without `training`, what only training does (dropout) is left out. With `outputs` only what
    these quantities need is read, so that a prediction needs no labels.

    `shapes` holds the inputs and gets the new names; `wholes` gives constants that are whole
    numbers, for axes, sizes and ranges; `where` names a line of the text for a message.
    Raises LanguageError, UnknownNameError, ShapeError or LimitError with the place.
    """
    try:
        statements = parse_program(text, vocabulary=vocabulary())
    except LanguageError as error:
        error.where = place_words(where, text, error.start) if error.start >= 0 else where(1)
        raise
    except LimitError as error:
        if error.where:
            error.where = say("{place}: {inner}", place=where(1), inner=error.where)
        raise error.at(where(1)) from None
    if outputs is not None:
        statements = _needed_statements(statements, outputs)
    resolver = _Resolver(text, shapes, wholes, where, training=training)
    return resolver.equations(statements)


def _needed_statements(
    statements: tuple[Statement, ...], outputs: Collection[str]
) -> tuple[Statement, ...]:
    """Return the statements that some quantities need; a loop is kept or left as a whole."""
    names = {name.partition("[")[0] for name in outputs}
    needed: list[Statement] = []
    for statement in reversed(statements):
        inside = list(_assignments_in((statement,)))
        if not names.isdisjoint(map(_target_base, inside)):
            names.update(*(assignment.value.content.names for assignment in inside))
            needed.append(statement)
    return tuple(reversed(needed))


def _assignments_in(statements: Iterable[Statement]) -> Iterator[Assignment]:
    """Yield the assignments of statements, those in loops too."""
    for statement in statements:
        if isinstance(statement, Loop):
            yield from _assignments_in(statement.body)
        else:
            yield statement


def _target_base(assignment: Assignment) -> str:
    """Return the name that is assigned, without indices."""
    match assignment.target:
        case (Name() as base) | Call(arguments=(Name() as base, *_)):
            return base.id
    raise AssertionError(assignment.target)


def place_words(where: Callable[[int], Text], text: str, start: int) -> Text:
    """Return a place in a text as messages name it; `where` names the line."""
    line, column = line_and_column(text, start)
    return say("{place}, column {column}", place=where(line), column=column)


class _Resolver:
    """Turns statements into equations, one after the other."""

    def __init__(
        self,
        text: str,
        shapes: Shapes,
        wholes: Mapping[str, int],
        where: Callable[[int], Text],
        *,
        training: bool = True,
    ) -> None:
        self.text = text
        self.training = training
        self.shapes = shapes
        self.wholes = wholes
        self.where = where
        self.inputs = frozenset(shapes.names())
        self.families: set[str] = set()
        self.counters: dict[str, int] = {}
        self.result: list[Equation] = []
        self.passes = 0  # how often bodies of loops have been passed
        self.known_families: set[str] = set()
        self.assigned: set[str] = set()  # anywhere in the text

    def equations(self, statements: tuple[Statement, ...]) -> list[Equation]:
        self.known_families = {
            _target_base(assignment)
            for assignment in _assignments_in(statements)
            if isinstance(assignment.target, Call)
        }
        self.assigned = set(map(_target_base, _assignments_in(statements)))
        for statement in statements:
            self.statement(statement)
        return self.result

    def statement(self, statement: Statement) -> None:
        if isinstance(statement, Loop):
            self.loop(statement)
        else:
            self.assignment(statement)

    def loop(self, loop: Loop) -> None:
        if loop.variable in self.inputs or loop.variable in self.counters:
            raise self.error(
                say("the loop's name {variable} is taken", variable=loop.variable), loop.start
            )
        parts = [
            self.whole_number(part)
            for part in (loop.first, loop.last, loop.step)
            if part is not None
        ]
        if loop.first is None:
            parts.insert(0, 0)
        if loop.step is not None and parts[2] == 0:
            raise self.error(say("a range of step 0"), loop.start)
        span = range(*parts)
        if span[MOST_EQUATIONS:]:  # its len() may be more than a machine word
            raise self.too_many(loop.start)
        for counter in span:
            self.counters[loop.variable] = counter
            self.passes += 1
            if self.passes > MOST_PASSES:
                raise self.too_many(loop.start)
            for statement in loop.body:
                self.statement(statement)
        self.counters.pop(loop.variable, None)

    def assignment(self, assignment: Assignment) -> None:
        name = self.target(assignment.target)
        expression = self.expression(assignment.value)
        shape = self.with_place(assignment.value, lambda: self.shapes.of(expression))
        self.shapes.add(name, shape)
        self.result.append(Equation(name, expression, shape, "forward", line=assignment.line))
        if len(self.result) > MOST_EQUATIONS:
            raise self.too_many(assignment.start)

    def target(self, target: Node) -> str:
        """Return the name an assignment gives. Raises where it is taken or cannot be one."""
        name = self.member(target) if isinstance(target, Call) else None
        if name is None:
            assert isinstance(target, Name)
            name = target.id
        refuse(
            (
                (
                    name in self.shapes,
                    say("{name} is already given", name=name)
                    if name in self.inputs
                    else say("{name} is already computed above", name=name),
                    say("a different name for each equation"),
                ),
                (
                    name.endswith("'"),
                    say("{name} is the name of an updated quantity", name=name),
                    say("a name without a prime; updates stand in [training.update]"),
                ),
                (name in (*CONSTANTS, "pi"), say("{name} has a meaning of its own", name=name), ""),
            ),
            partial(self.error, start=target.start),
        )
        return name

    def expression(self, node: Node) -> Node:
        """Return an expression in its standard form, with all names known."""
        match node:
            case Number():
                self.check_size(node.value, node.start)
                return node
            case Name():
                return self.name(node)
            case Array():
                return self.array(node)
            case Call():
                return self.call(node)
        raise self.error(
            say("a list of numbers is not a quantity"), node.start, expected=say("[…] for an array")
        )

    def name(self, node: Name) -> Node:
        if node.id in self.counters:
            return number(self.counters[node.id])
        if node.id in self.shapes:
            return node
        if node.id == "pi":
            return Call("pi", ())
        if node.id in self.known_families:
            raise self.error(
                say("{name} is a family of quantities", name=node.id),
                node.start,
                expected=say("one of them, such as {name}[0]; stack([…]) joins them", name=node.id),
            )
        names = [*self.shapes.names(), *self.counters, "pi"]
        is_later = node.id in self.assigned
        raise UnknownNameError(
            say("{name} is used before it is assigned", name=node.id)
            if is_later
            else say("{name} is not known", name=node.id),
            where=place_words(self.where, self.text, node.start),
            expected=say("its own equation above this one")
            if is_later
            else nearest(node.id, names)
            or say(
                "{names}, or its value under [data], [parameters] or [constants]",
                names=known_name(node.id, names),
            ),
        )

    def array(self, node: Array) -> Node:
        items = tuple(self.expression(item) for item in node.items)
        if all(isinstance(item, Array) or literal(item) is not None for item in items):
            return Array(items, node.start, node.end)
        return Call("stack", (Array(items),))

    def call(self, node: Call) -> Node:
        match node.operation:
            case "index":
                return self.index(node)
            case "len":
                return self.length(node)
        row = self.with_place(node, lambda: lookup(node.operation))
        if row.inner:
            raise self.error(say("there is no operation {name}", name=node.operation), node.start)
        front = 1 if row.variadic else len(row.operands)
        is_listed = isinstance(next(iter(node.arguments), None), Array)
        names = list(row.attributes) if is_listed or not row.variadic else []
        names += [] if row.operands else names * len(node.arguments)  # zeros(2, 3): sizes in a row
        keys = [*[""] * front, *names]
        plain = Call(
            node.operation,
            tuple(
                self.argument(row, key, item)
                for key, item in zip_longest(keys[: len(node.arguments)], node.arguments)
            ),
            tuple((key, self.argument(row, key, value)) for key, value in node.keywords),
            node.start,
            node.end,
        )
        _, operands, attributes = self.with_place(node, lambda: bound(plain))
        self.with_place(node, lambda: check_attributes(row, attributes))
        result = standard_call(row, operands, attributes)
        self.with_place(node, lambda: self.shapes.of(result))
        if row.training_only and not self.training:
            return operands[0]
        if not row.opened or row.definition is None:
            return result
        return row.definition(*map(self.shapes.term, operands), **attributes).node

    def argument(self, row: Operation, key: str | None, node: Node) -> Node:
        """Return an argument: a static one by the key of its attribute, else an expression.

        An attribute that may be a fraction takes any number. What has no place in the row stays
        an expression, and `bound` refuses it.
        """
        if key is not None and key in row.attributes:
            value = self.exact_value(node) if row.kinds[key].fits(Fraction(1, 2)) else None
            if value is None:
                return self.fold_argument(node)
            self.check_size(value, node.start)
            return number(value)
        if isinstance(node, Array) and row.variadic:
            return Array(tuple(self.expression(item) for item in node.items), node.start, node.end)
        return self.expression(node)

    def check_size(self, value: Fraction, start: int) -> None:
        """Raise LanguageError for a number that no float can hold."""
        if abs(value) > LARGEST:
            raise self.error(
                say("the number is too large"), start, expected=say("a number up to 1.8e308")
            )

    def fold_argument(self, node: Node) -> Node:
        """Return a static argument with its arithmetic done."""
        if isinstance(node, (Tuple, Array)):
            return Tuple(
                tuple(self.fold_argument(item) for item in node.items), node.start, node.end
            )
        if isinstance(node, Slice):
            parts = (node.first, node.last, node.step)
            first, last, step = (
                None if part is None else self.fold_argument(part) for part in parts
            )
            return Slice(first, last, step)
        if isinstance(node, Name) and node.id in CONSTANTS:
            return node
        return number(self.whole_number(node))

    def whole_number(self, node: Node) -> int:
        """Return a whole number that is known before the run."""
        value = self.exact_value(node)
        if value is None or value.denominator != 1:
            raise self.error(
                say("a whole number must be known before the run"),
                node.start,
                found=say("another expression") if value is None else str(float(value)),
                expected=say("numbers, whole constants, loop counters, len(x) and + - * / of them"),
            )
        return int(value)

    def exact_value(self, node: Node) -> Fraction | None:
        """Return the value of arithmetic on numbers, counters, whole constants and sizes."""
        match node:
            case Number():
                return node.value
            case Name():
                value = self.counters.get(node.id, self.wholes.get(node.id))
                return None if value is None else Fraction(value)
            case Call(operation="len"):
                return literal(self.length(node))
            case Call(operation=operation) if operation in _ARITHMETIC:
                parts = [self.exact_value(item) for item in node.arguments]
                if None not in parts:
                    with suppress(ZeroDivisionError):
                        return _ARITHMETIC[operation](*parts)
        return None

    def length(self, node: Call) -> Node:
        if len(node.arguments) != 1 or node.keywords:
            raise self.error(say("len takes one array"), node.start)
        shape = self.shapes.of(self.expression(node.arguments[0]))
        if not shape:
            raise self.error(say("len of a single number"), node.start, expected=say("an array"))
        return number(shape[0])

    def index(self, node: Call) -> Node:
        member = self.member(node)
        if member is not None:
            if member not in self.shapes:
                family = member.partition("[")[0]
                members = [name for name in self.shapes.names() if name.startswith(f"{family}[")]
                raise UnknownNameError(
                    say("{name} is not known", name=member),
                    where=place_words(self.where, self.text, node.start),
                    expected=say("one computed above: {names}", names=", ".join(members[:6]))
                    if members
                    else say("a name computed above"),
                )
            return Name(member, node.start, node.end)
        base = self.expression(node.arguments[0])
        items = [self.index_item(item) for item in node.arguments[1:]]
        arrays = [item for item in items if not isinstance(item, Slice) and literal(item) is None]
        if arrays and len(items) > 1:
            raise self.error(
                say("an array of ids beside other indices"),
                node.start,
                expected=say("E[ids] alone; pick(x, labels) takes one entry of each row"),
            )
        result = Call("index", (base, *items), (), node.start, node.end)
        self.with_place(node, lambda: self.shapes.of(result))
        return result

    def index_item(self, item: Node) -> Node:
        is_known = isinstance(item, Slice) or self.exact_value(item) is not None
        return self.fold_argument(item) if is_known else self.expression(item)

    def member(self, node: Call) -> str | None:
        """Return the name of a family's member, or None where the base is no family."""
        base = node.arguments[0]
        if (
            node.operation != "index"
            or not isinstance(base, Name)
            or base.id not in self.known_families
        ):
            return None
        if base.id in self.shapes:
            raise self.error(
                say("{name} is one quantity and cannot be a family as well", name=base.id),
                node.start,
            )
        places = []
        for item in node.arguments[1:]:
            if isinstance(item, Slice):
                raise self.error(
                    say("{name} is a family of quantities and has no slices", name=base.id),
                    node.start,
                    expected=say("stack([…]) of some of them"),
                )
            places.append(self.whole_number(item))
        if min(places) < 0:
            raise self.error(
                say(
                    "{name}[{places}] counts from the end",
                    name=base.id,
                    places=", ".join(map(str, places)),
                ),
                node.start,
                expected=say("members of a family are counted from 0"),
            )
        return f"{base.id}[{', '.join(map(str, places))}]"

    def with_place(self, node: Node, work: Callable[[], Result]) -> Result:
        """Do work on a node; an error without a place gets the node's."""
        try:
            return work()
        except TracerError as error:
            start = max(node.start, getattr(error, "start", 0))
            raise error.at(place_words(self.where, self.text, start)) from None

    def error(
        self, what: Sentence, start: int, *, found: Text = "", expected: Text = ""
    ) -> LanguageError:
        place = place_words(self.where, self.text, start)
        return LanguageError(what, start=start, where=place, found=found, expected=expected)

    def too_many(self, start: int) -> LimitError:
        return LimitError(
            say("too many equations"),
            where=place_words(self.where, self.text, start),
            expected=say("at most {most}, loops unrolled", most=MOST_EQUATIONS),
        )


def standard_form(
    node: Node,
    text: str,
    shapes: Shapes,
    wholes: Mapping[str, int],
    *,
    where: Callable[[int], Text],
) -> Node:
    """Return one expression of a text in its standard form, names and shapes checked.

    Raises LanguageError, UnknownNameError or ShapeError with the place.
    """
    resolver = _Resolver(text, shapes, wholes, where)
    expression = resolver.expression(node)
    resolver.with_place(node, lambda: shapes.of(expression))
    return expression
