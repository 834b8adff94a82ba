"""A chain made ready for judging: which members are formulas, which are numbers, and their values.

Each numeric member gets its exact value, and its value when the figures that print computed
quantities move by half a unit: people keep more digits in their calculator than they write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Final

from tracer.check.judging.alignment import Binding, aligned, leaves, number_of
from tracer.check.judging.quantities import Known, Quantities, is_within, widened
from tracer.check.numbers.figures import Figure, bounds_of, figure
from tracer.check.trace.aliases import key_of, name_of, quantities_in
from tracer.check.written import Chain, Member, has_names
from tracer.expression.syntax import Array, Call, Name, Node, Tuple
from tracer.intervals import Interval, Unevaluable, Value, value_of

__all__ = [
    "Numeric",
    "Reading",
    "entries",
    "environment",
    "flattened",
    "without_brackets",
]

SOME_GRADIENT: Final = Known("", Interval(Fraction(0), Fraction(0)), Fraction(1), computed=True)
"""A gradient that was not stated: whatever it is, it was computed."""
UNBOUNDED: Final = 10**30
LONG: Final = 3  # significant digits from which a figure of unknown origin may be a rounded one


class Numeric:
    """A member whose value is known: exactly as written, and with its figures widened."""

    def __init__(
        self,
        place: int,
        member: Member,
        node: Node,
        exact: Value,
        bindings: list[Binding],
        values: Mapping[str, Value],
        loose: Mapping[str, Value],
        halves: Mapping[int, Fraction],
    ) -> None:
        self.place: Final = place  # among the members of the chain
        self.member: Final = member
        self.node: Final = node
        self.figure: Final = figure(node)  # None where it is an expression
        self.exact: Final = exact
        self.bindings: Final = bindings
        self.values: Final = values  # of the names in it
        self.loose: Final = loose  # what they may be worth where they were rounded
        self.halves: Final = halves  # by how much its figures may be off

    @cached_property
    def wide(self) -> Value:
        """What it may be worth where its figures and names are rounded ones."""
        if not self.halves and not self.loose:
            return self.exact
        return _widest(self.node, self.loose, self.halves, self.exact)

    @property
    def is_certain(self) -> bool:
        """Whether nothing in it is rounded."""
        return not self.halves and self.wide == self.exact

    def cut(self) -> Value:
        """Return what it may be worth where its figures are cut off: a whole unit away."""
        whole = {place: 2 * half for place, half in self.halves.items()}
        return _widest(self.node, self.values, whole, self.exact)

    def as_matrices(self) -> Numeric | None:
        """Return the member with products of arrays as matrix products; None without any."""
        if isinstance(self.exact, Interval) or self.figure is not None:
            return None
        try:
            exact = value_of(self.node, self.values, products="matrix")
        except Unevaluable:
            return None
        if exact == self.exact:
            return None
        return Numeric(
            self.place, self.member, self.node, exact, self.bindings, self.values, {}, {}
        )

    def binding_of(self, leaf: Node) -> Binding | None:
        """Return the name that a figure stands for, where the formula beside it says so."""
        return next((item for item in self.bindings if item.name and item.written is leaf), None)


class Reading:
    """The members of a chain, sorted: `formulas` have names, `numbers` have values."""

    def __init__(self, chain: Chain, known: Quantities, *, own_e: bool = True) -> None:
        self.chain: Final = chain
        self.known: Final = known
        self.problem: Unevaluable | None = None
        # With `own_e` an e is what the document calls e, where it does: an error, say.
        self._has_e: Final = own_e and known.memory.current("e") is not None
        begin = 0 if chain.target is None else 1
        nodes = [
            (place, member, self._plain(member, member.node))
            for place, member in enumerate(chain.members)
            if member.node is not None and place >= begin
        ]
        self.formulas: Final[list[Node]] = [
            node
            for _, member, node in nodes
            if self._has_names(member, node) and name_of(node) is None
        ]
        self.numbers: Final[list[Numeric]] = []
        for place, member, node in nodes:
            numeric = self._numeric(place, member, node)
            if numeric is not None:
                self.numbers.append(numeric)
        first = self.numbers[0] if len(self.numbers) > 2 else None
        names = first is not None and has_names(first.node)
        if names and self.numbers[1].figure is None:
            del self.numbers[0]  # it is the formula of the numbers beside it

    @property
    def has_power_of_e(self) -> bool:
        """Whether a power of what the document calls e stands here; it may be Euler's number."""
        texts = (member.text for member in self.chain.members)
        return self._has_e and any("e^" in text or "e**" in text for text in texts)

    @property
    def is_cut_short(self) -> bool:
        """Whether the last member was not read, so that the result is not known."""
        return self.chain.members[-1].problem is not None

    @property
    def formula(self) -> Node | None:
        """The formula that stands nearest before the numbers."""
        return self.formulas[-1] if self.formulas else None

    @property
    def aliases(self) -> list[Node]:
        """The names of other quantities that the target is said to be: `b` of `a = b = 0.5`."""
        members = self.chain.members[1:]
        return [item.node for item in members if item.node is not None and name_of(item.node)]

    @property
    def result(self) -> Numeric | None:
        """The last member with a value."""
        return self.numbers[-1] if self.numbers else None

    def _has_names(self, member: Member, node: Node) -> bool:
        """Say whether names stand in a member; only `e` becomes one of what was a number."""
        return has_names(node) if self._has_e else member.role != "numbers"

    def _plain(self, member: Member, node: Node) -> Node:
        """Return the tree of a member, brackets being brackets and `e` what the document says."""
        if "[" in member.text or "\\" in member.text:
            node = without_brackets(node)
        node = _own_e(node, member.text) if self._has_e else node
        return node if member.role == "numbers" else _with_products(node, self.known)

    def _numeric(self, place: int, member: Member, node: Node) -> Numeric | None:
        written = figure(node)
        if written is not None:
            exact: Value = Interval(written.value, written.value)
            return Numeric(place, member, node, exact, [], {}, {}, {})
        values: Mapping[str, Value] = {}
        loose: Mapping[str, Value] = {}
        if self._has_names(member, node):
            if member.role == "symbols" or "." not in member.text:
                return None
            found = environment(node, self.known)
            if found is None or self._is_charged(node):
                return None
            loose = self._loosened(node, found)
            node, values = flattened(node), found
        bindings = self._bindings(node)
        halves = self._halves(node, bindings)
        try:
            exact = value_of(node, values)
        except Unevaluable as problem:
            self.problem = self.problem or problem
            return None
        return Numeric(place, member, node, exact, bindings, values, loose, halves)

    def _is_charged(self, node: Node) -> bool:
        """Say whether a name in an expression has its value from a slip."""
        known = map(self.known.current, quantities_in(node).values())
        return any(item is not None and item.charged for item in known)

    def fits(self, binding: Binding) -> bool:
        """Say whether a figure may print what its name is known to be, or an array of its kind."""
        known = self.known.current(binding.symbol) if binding.name else None
        if known is None:
            return True
        written = figure(binding.written)
        if isinstance(known.value, Interval):
            if written is None:
                return not (isinstance(binding.written, Array) and len(binding.written.items) > 1)
            return known.value.holds(written.value) or is_within(known.value, bounds_of(written))
        return written is None or len(known.value) == 1

    def _loosened(self, node: Node, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return what names may be worth whose values were stated with rounded figures."""
        loose = dict(values)
        for name, part in quantities_in(node).items():
            known = self.known.current(part)
            if known is not None:
                loose[name] = widened(known.value, known.half)
        return loose

    def _bindings(self, node: Node) -> list[Binding]:
        if isinstance(node, Array):
            return []
        for formula in reversed(self.formulas):
            found = aligned(formula, node, self.fits)
            if found is not None:
                return found
        return []

    def _halves(self, node: Node, bindings: list[Binding]) -> dict[int, Fraction]:
        """Return by how much each figure may be off."""
        named = self._named(bindings)
        halves: dict[int, Fraction] = {}
        for leaf in leaves(node):
            number = number_of(leaf)
            half = self._half(leaf, named)
            if half:
                halves[id(number)] = half
        return halves

    def _named(self, bindings: list[Binding]) -> dict[int, Known | None]:
        """Return what is known of each figure that stands for a name, or for an entry of one."""
        named: dict[int, Known | None] = {}
        for item in bindings:
            if not item.name:
                continue
            known = self.known.current(item.symbol)
            if known is None and "/d" in (key_of(item.symbol) or ""):
                decimals = [leaf for leaf in leaves(item.written) if _has_decimals(leaf)]
                named.update((id(number_of(leaf)), SOME_GRADIENT) for leaf in decimals)
            elif figure(item.written) is not None:
                named[id(number_of(item.written))] = known
            elif known is not None:
                for leaf, value in entries(item.written, known.value) or ():
                    named[id(number_of(leaf))] = known._replace(value=value)
        return named

    def _half(self, leaf: Node, named: Mapping[int, Known | None]) -> Fraction:
        written = figure(leaf)
        if written is None or not written.half:
            return Fraction(0)
        number = number_of(leaf)
        known = named.get(id(number))
        if known is None and id(number) not in named:
            known = self._equal(written)
        if known is not None:
            return written.half if is_rounded(known, written) else Fraction(0)
        if "." not in written.text and "e" not in written.text.lower():
            return Fraction(0)
        return written.half if written.digits >= LONG else Fraction(0)

    def _equal(self, written: Figure) -> Known | None:
        """Return what a figure may print by its value; a whole number prints no slip's result."""
        found = self.known.memory.equal_to(Interval(written.value, written.value))
        return next((item for item in found if written.decimals or not item.charged), None)


def _has_decimals(leaf: Node) -> bool:
    written = figure(leaf)
    return written is not None and written.decimals > 0


def is_rounded(known: Known, written: Figure) -> bool:
    """Say whether a figure prints a computed value that has more digits than it shows."""
    if not isinstance(known.value, Interval):
        return False
    if not known.computed:  # so many digits may have been rounded before they were stated
        return known.line > 0 and written.digits > LONG
    return bool(known.half) or known.value != Interval(written.value, written.value)


def environment(node: Node, known: Quantities) -> dict[str, Value] | None:
    """Return the values of all names in an expression; None where one is unknown."""
    values: dict[str, Value] = {}
    for name, part in quantities_in(node).items():
        found = known.current(part)
        if found is None:
            return None
        values[name] = found.value
    return values


def flattened(node: Node) -> Node:
    """Return the expression with each entry such as `w[0, 1]` as one name."""
    name = name_of(node)
    if name is not None:
        return node if isinstance(node, Name) else Name(name, node.start, node.end)
    if isinstance(node, Call):
        arguments = tuple(map(flattened, node.arguments))
        if all(new is old for new, old in zip(arguments, node.arguments, strict=True)):
            return node
        return Call(node.operation, arguments, node.keywords, node.start, node.end)
    if isinstance(node, (Array, Tuple)):
        items = tuple(map(flattened, node.items))
        if all(new is old for new, old in zip(items, node.items, strict=True)):
            return node
        return type(node)(items, node.start, node.end)
    return node


def _widest(
    node: Node, values: Mapping[str, Value], halves: Mapping[int, Fraction], exact: Value
) -> Value:
    """Return what an expression may be worth where its figures are off by up to half a unit.

    That has no bounds where a divisor or the argument of a logarithm may be 0 then.
    """
    try:
        return value_of(node, values, halves)
    except Unevaluable:
        return widened(exact, Fraction(UNBOUNDED))


def _own_e(node: Node, text: str) -> Node:
    """Return the expression with `e^2` as a power of the document's own e, an error perhaps."""
    if not isinstance(node, Call):
        return node
    arguments = tuple(_own_e(item, text) for item in node.arguments)
    if node.operation == "exp" and text[node.start : node.start + 2] in ("e^", "e²", "e³", "e⁴"):
        base = Name("e", node.start, node.start + 1)
        return Call("power", (base, *arguments), (), node.start, node.end)
    return Call(node.operation, arguments, node.keywords, node.start, node.end)


def _with_products(node: Node, known: Quantities) -> Node:
    """Return the expression with `wx` as w times x, where w and x have values and wx has none."""
    if isinstance(node, Name):
        letters = node.id
        if not 1 < len(letters) < 4 or not letters.isalpha() or known.current(node) is not None:
            return node
        names = [
            Name(letter, node.start + place, node.start + place + 1)
            for place, letter in enumerate(letters)
        ]
        if any(known.current(name) is None for name in names):
            return node
        product: Node = names[0]
        for name in names[1:]:
            product = Call("multiply", (product, name), (), node.start, name.end)
        return product
    if not isinstance(node, Call):
        return node
    arguments = tuple(_with_products(item, known) for item in node.arguments)
    if all(new is old for new, old in zip(arguments, node.arguments, strict=True)):
        return node
    return Call(node.operation, arguments, node.keywords, node.start, node.end)


def without_brackets(node: Node) -> Node:
    """Return the expression with square brackets round a calculation as what they are.

    `-[ln(0.6) + 0]` is no array; `[0.5]` stays a vector of one entry.
    """
    if isinstance(node, Array) and len(node.items) == 1:
        inner = node.items[0]
        if isinstance(inner, Call) and figure(inner) is None:
            return without_brackets(inner)
    if isinstance(node, Call):
        arguments = tuple(map(without_brackets, node.arguments))
        if any(new is not old for new, old in zip(arguments, node.arguments, strict=True)):
            return Call(node.operation, arguments, node.keywords, node.start, node.end)
    return node


def entries(node: Node, value: Value) -> Iterator[tuple[Node, Interval]] | None:
    """Return the printed entries of an array beside their values; None where shapes differ."""
    found = list(_entries(node, value))
    pairs = [pair for pair in found if pair is not None]
    return iter(pairs) if len(pairs) == len(found) else None


def _entries(node: Node, value: Value) -> Iterator[tuple[Node, Interval] | None]:
    if isinstance(value, Interval):
        if isinstance(node, Array) and len(node.items) == 1:  # one entry is a number too
            yield from _entries(node.items[0], value)
        else:
            yield (node, value) if figure(node) is not None else None
    elif isinstance(node, (Array, Tuple)) and len(node.items) == len(value):
        for item, entry in zip(node.items, value, strict=True):
            yield from _entries(item, entry)
    elif len(value) == 1:
        yield from _entries(node, value[0])
    else:
        yield None
