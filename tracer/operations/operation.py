"""What the table knows of an operation, and the terms that its rules write.

A row is one frozen record with all its readings. One that lacks a reading is an error at import;
so is a second row of the same name. Nothing outside the table branches on an operation's name.

A `Term` is a tree with its shape; arithmetic on terms writes larger trees through the table, and
so the two stand together. Only rewrites that no reader would miss are made while writing: ×1, +0,
−−, a broadcast under an elementwise operation of full shape, transposes of transposes and of
products, nested reshapes, and division by a count last. Each stands in the row of its operation.
Nothing is reordered and no two numbers are folded.

Which row a call means, with which operands and attributes, is read off here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from tracer.errors import LanguageError, UnknownNameError, nearest
from tracer.expression import (
    Array,
    Call,
    FunctionNames,
    Name,
    Node,
    Number,
    Tuple,
    Vocabulary,
    walk,
)
from tracer.frozen import Value
from tracer.lazy_modules import LazyModule
from tracer.operations.array_shape import Shape, broadcast_shape
from tracer.operations.framework_code import FRAMEWORK_CODE, FRAMEWORK_NAMES, FrameworkCode
from tracer.operations.law import Law
from tracer.operations.signature import (
    KINDS,
    REQUIRED,
    AttributeKind,
    attribute_node,
    decimal_text,
    literal,
    number,
    read_signature,
    static_value,
)
from tracer.sentences import join_by_or, say

if TYPE_CHECKING:
    from tracer.operations import laws
else:
    laws = LazyModule("tracer.operations.laws")

# A source template, or a function that picks one by what the operands literally are.
Code = str | Callable[[Sequence[Fraction | None]], str]
# Whether something is so of a call: asked with its operands' shapes and its attributes.
CallTest = Callable[[Sequence[Shape], Mapping[str, Any]], bool]


class OfDerivative(str):
    """A convention on a derivative: it concerns what is differentiated only."""

    __slots__ = ()


def always(shapes: Sequence[Shape], attributes: Mapping[str, Any]) -> bool:
    """Tell that a convention concerns every call."""
    return True


def code_template(code: Code, operands: Sequence[Node]) -> str:
    """Return a source template, picked by what the operands literally are; '' for none."""
    return code if isinstance(code, str) else code([literal(item) for item in operands])


class Operation(Value):
    """One row of the table.

    The first fields are read off its signature. A row computes either with code of its
    own (`scalar` for floats and `array` for NumPy, as source templates) or, without it, through
    its `definition` in other operations. `definition` is also what the witnesses know of it.
    """

    name: str
    operands: tuple[str, ...]
    attributes: Mapping[str, Any]  # their default values
    kinds: Mapping[str, AttributeKind]  # the kind of each attribute
    defaults: Mapping[str, Fraction]  # default values of operands that may be left out
    integers: frozenset[str]  # operands that must be whole numbers: labels, ids
    probabilities: frozenset[str]  # operands that are from 0 to 1
    variadic: bool  # one operand name stands for a list of them: concat([a, b])
    shape: Callable[..., Shape]
    derivative: Callable[..., Sequence[Term | None]] | None
    element: Callable[..., Term] | None
    rewrite: Callable[..., Term | None] | None  # what is written instead, where it is simpler
    definition: Callable[..., Term] | None
    scalar: Code
    array: Code
    steps: Callable[..., Term] | None  # the same without overflow: what is computed, without code
    is_loss: bool  # it compares a prediction, its first operand, with a target, its second
    metric: Callable[..., Term] | None  # the metric that goes with a loss on classes
    limit: Callable[..., int] | None  # integer operands are below this; None: no bound
    view: bool  # the array form is a view of its operand
    elementwise: bool
    infinite: bool  # its result may rightly be minus infinity: a mask for a softmax
    passes_mask: bool  # where an operand is such a mask, so is the result
    moves: bool  # it puts entries elsewhere, or says which ones: done where numbers are put in
    scales: bool  # it multiplies each entry by a number that only the entry's place decides
    training_only: bool  # evaluation and prediction pass its first operand through
    opened: bool  # a program has its definition in its place, so that each part has a value
    analytic: bool  # complex step holds
    stops: bool  # its operand is a constant to differentiation, whatever it is made of
    inner: bool  # a helper of element forms, not part of the language
    look: FunctionNames
    textbook: Callable[..., Node] | None  # what a textbook writes for a call: see `textbook`
    sign: str  # a name for its result in a longer formula, with the operand below it; or ''
    rules: tuple[str, ...]  # one for all operands, or one for each
    words: str
    example: str  # a call with its numbers: 'a + b; a = 0.5; b = -1.2'
    conventions: Mapping[str, CallTest]  # what is agreed on, and the calls that it concerns
    title: str
    source: str
    frameworks: Mapping[str, str]  # what others call it, by framework
    framework_code: Mapping[str, FrameworkCode]  # see the module `framework_code`

    def entry_definition(self, *, stable: bool) -> Callable[..., Term] | None:
        """Return the operations that an entry is worked out by; None where `element` makes it.

        A `stable` one keeps floats in range; the other is as textbooks write it.
        """
        if stable:
            return self.steps or self.definition
        return None if self.element is not None else self.definition

    @property
    def is_activation(self) -> bool:
        """Whether it is a function that people call by a name, σ or softmax: no root, no ln."""
        is_elementary = self.elementwise and self.definition is None
        return not (is_elementary or self.textbook or self.moves)

    @property
    def law(self) -> Law | None:
        """Definition and derivative for any size; None where the rule speaks for itself."""
        return laws.LAWS.get(self.name)


class TextbookWriter(Protocol):
    """What writes expressions as a textbook does, for the rows' `textbook` readings."""

    @property
    def shape_of(self) -> Callable[[Node], Shape]:
        """Returns the shape of an expression."""

    def term(self, term: Term) -> Node:
        """Return what is drawn for a term."""

    def has(self, name: str) -> bool:
        """Tell whether a quantity has this name: no other sign is to look like it."""

    def computed_as(self, call: Call) -> Node | None:
        """Return the quantity that the program computes as a call, as drawn; None without one."""

    def align_operands(self, terms: Sequence[Term], shape: Shape) -> tuple[Node, ...]:
        """Return operands of an elementwise operation: a vector beside a matrix is a row."""

    def letters(self, count: int) -> list[Node]:
        """Return so many indices."""

    def entry(self, term: Term, subscripts: Sequence[Node]) -> Node:
        """Return an entry of a term."""

    def draw_reduction(self, sign: str, term: Term, axes: int | Sequence[int] | None) -> Node:
        """Return a sum or an extreme over all entries, or over some axes, of a term."""

    def draw_rearranged(self, term: Term, axes: Sequence[int]) -> Node:
        """Return a term with its axes in another order."""

    def draw_reshaped(self, term: Term, shape: Shape) -> Node:
        """Return a term with its entries, row by row, in another shape."""


_TABLE: dict[str, Operation] = {}


def operation(
    name: str,
    signature: str,
    *,
    shape: Callable[..., Shape],
    derivative: Callable[..., Sequence[Term | None]] | None,
    rule: str | tuple[str, ...],
    words: str,
    example: str = "",
    element: Callable[..., Term] | None = None,
    rewrite: Callable[..., Term | None] | None = None,
    definition: Callable[..., Term] | None = None,
    scalar: Code = "",
    array: Code = "",
    steps: Callable[..., Term] | None = None,
    is_loss: bool = False,
    metric: Callable[..., Term] | None = None,
    limit: Callable[..., int] | None = None,
    view: bool = False,
    elementwise: bool = False,
    infinite: bool = False,
    passes_mask: bool = False,
    moves: bool = False,
    scales: bool = False,
    training_only: bool = False,
    opened: bool = False,
    analytic: bool = True,
    stops: bool = False,
    inner: bool = False,
    look: FunctionNames | None = None,
    textbook: Callable[..., Node] | None = None,
    sign: str = "",
    convention: str | Mapping[str, CallTest] = "",
    title: str = "",
    source: str = "",
) -> Operation:
    """Add a row. `signature` reads 'x, slope=0.01; axis:axis=-1': operands, then attributes.

    An operand may have a kind too: `labels:int`, `p:probability`.

    `derivative` is None where no gradient flows (a step, an index); `rule` names the rule of all
    operands, or of each, '' of one that no gradient flows to. Raises ValueError
    where a reading is missing, the name is taken or an attribute has no kind.
    """
    if name in _TABLE:
        raise ValueError(f"the table has a row for {name!r} already")
    signature_fields = read_signature(signature)
    if not (array or steps or definition or inner):
        raise ValueError(f"{name} has neither code nor a definition")
    if not (elementwise or element or definition):
        raise ValueError(f"{name} has no element form")
    if isinstance(convention, str):
        convention = {convention: always} if convention else {}
    row = Operation(
        name=name,
        **signature_fields,
        shape=shape,
        derivative=derivative,
        element=element,
        rewrite=rewrite,
        definition=definition,
        scalar=scalar,
        array=array,
        steps=steps,
        is_loss=is_loss,
        metric=metric,
        limit=limit,
        view=view,
        elementwise=elementwise,
        infinite=infinite,
        passes_mask=passes_mask,
        moves=moves,
        scales=scales,
        training_only=training_only,
        opened=opened,
        analytic=analytic,
        stops=stops,
        inner=inner,
        look=look or FunctionNames(name),
        textbook=textbook,
        sign=sign,
        rules=(rule,) if isinstance(rule, str) else rule,
        words=words,
        example=example,
        conventions=convention,
        title=title or name,
        source=source,
        frameworks=FRAMEWORK_NAMES.get(name, {}),
        framework_code=FRAMEWORK_CODE.get(name, {}),
    )
    _TABLE[name] = row
    return row


def table() -> Mapping[str, Operation]:
    """Return the whole table, by name."""
    return _TABLE


def lookup(name: str) -> Operation:
    """Return a row. Raises UnknownNameError, which lists what is near the name."""
    try:
        return _TABLE[name]
    except KeyError:
        names = [row.name for row in _TABLE.values() if not row.inner]
        same = [  # binary_cross_entropy is a framework's bce, and no cross_entropy
            each
            for each in names
            if any(text.endswith(f".{name}") for text in _TABLE[each].frameworks.values())
        ]
        raise UnknownNameError(
            say("there is no operation {name}", name=name),
            expected=(say("did you mean {names}?", names=join_by_or(same)) if same else "")
            or nearest(name, names)
            or say("an operation of the table (tracer list --operations)"),
        ) from None


def vocabulary() -> Vocabulary:
    """Return the looks of all operations, for the parser and the printer."""
    return _vocabulary(len(_TABLE))


@lru_cache(1)
def _vocabulary(rows: int) -> Vocabulary:
    """Return the vocabulary of a table of so many rows; rows are only ever added."""
    return Vocabulary({row.name: row.look for row in _TABLE.values() if not row.inner})


class Term:
    """A tree and its shape. Operators write trees; numbers may stand for terms.

    `parts` are the terms it was written from, so that rewrites can look inside; a term that
    stands for a tree of the program has none, and is left as it is.
    """

    __slots__ = ("node", "parts", "shape")

    def __init__(self, node: Node, shape: Shape = (), parts: tuple[Term, ...] = ()) -> None:
        self.node = node
        self.shape = shape
        self.parts = parts

    def __add__(self, other: Operand) -> Term:
        return apply("add", self, other)

    def __radd__(self, other: Operand) -> Term:
        return apply("add", other, self)

    def __sub__(self, other: Operand) -> Term:
        return apply("subtract", self, other)

    def __rsub__(self, other: Operand) -> Term:
        return apply("subtract", other, self)

    def __mul__(self, other: Operand) -> Term:
        return apply("multiply", self, other)

    def __rmul__(self, other: Operand) -> Term:
        return apply("multiply", other, self)

    def __truediv__(self, other: Operand) -> Term:
        return apply("divide", self, other)

    def __rtruediv__(self, other: Operand) -> Term:
        return apply("divide", other, self)

    def __pow__(self, other: Operand) -> Term:
        return apply("power", self, other)

    def __matmul__(self, other: Term) -> Term:
        return apply("matmul", self, other)

    def __neg__(self) -> Term:
        return apply("negative", self)

    @property
    def operation(self) -> str:
        """The operation that the term was written with; '' for a tree of the program."""
        return self.node.operation if self.parts and isinstance(self.node, Call) else ""

    @property
    def is_repeated(self) -> bool:
        """Whether the term is one of a smaller shape, repeated."""
        return self.operation in ("broadcast", "ones")

    @property
    def is_repeated_number(self) -> bool:
        """Whether the term is a single number, repeated."""
        return self.is_repeated and not self.parts[0].shape

    def is_number(self, value: int) -> bool:
        """Say whether the term is this literal number."""
        return not self.shape and literal(self.node) == value

    @property
    def literal(self) -> Fraction | None:
        """The value where the term is a literal number, else None."""
        return literal(self.node)


Operand = Term | int | float | Fraction


class Entries:
    """The entries of one operand: `entries(i, j)` a term, `entries.integer(i)` a whole number."""

    __slots__ = ("_at", "_integer", "shape")

    def __init__(
        self,
        shape: Shape,
        at: Callable[[Shape], Term],
        integer: Callable[[Shape], int] | None = None,
    ) -> None:
        self.shape = shape
        self._at = at
        self._integer = integer

    def __call__(self, *index: int) -> Term:
        """Return the entry at an index, counted from 0."""
        return self._at(index)

    def integer(self, *index: int) -> int:
        """Return an entry's value; labels and ids are known where element forms are made."""
        if self._integer is None:
            raise ValueError("a label's value is not known here")
        return self._integer(index)


def term(value: Operand) -> Term:
    """Return a number as a term; a term as it is."""
    return value if isinstance(value, Term) else Term(number(value))


def apply(name: str, *operands: Operand, **attributes: Any) -> Term:
    """Write an operation on terms, simplified where a reader would; the shape is checked.

    Raises ShapeError where the operands do not fit.
    """
    row = lookup(name)
    terms = [item if type(item) is Term else term(item) for item in operands]
    single = row.elementwise and not any([item.shape for item in terms])  # noqa: C419 - quicker
    if row.elementwise and len(terms) > 1 and not single:
        _drop_broadcasts(row.shape, terms)
        outside = _broadcast_outside(name, terms)
        if outside is not None:
            return outside
    if row.rewrite is not None:
        simpler = row.rewrite(*terms, **attributes)
        if simpler is not None:
            return simpler
    if single and not row.attributes:  # most of what element forms write
        return Term(Call(row.name, tuple([item.node for item in terms])), (), tuple(terms))
    attributes = {key: attributes.get(key, default) for key, default in row.attributes.items()}
    shape = row.shape(*(item.shape for item in terms), **attributes)
    parts = (term(1),) if name == "ones" else tuple(terms)  # ones are a 1, repeated
    return Term(standard_call(row, tuple(item.node for item in terms), attributes), shape, parts)


def _drop_broadcasts(shape: Callable[..., Shape], terms: list[Term]) -> None:
    """Take the operand out of a broadcast that an elementwise operation does by itself."""
    full: Shape | None = None
    for position, item in enumerate(terms):
        if not item.is_repeated:
            continue
        full = full or shape(*(other.shape for other in terms))
        inner = item.parts[0]
        others = [other.shape for other in terms]
        others[position] = inner.shape
        if shape(*others) == full:
            terms[position] = inner


def _broadcast_outside(name: str, terms: list[Term]) -> Term | None:
    """Write a broadcast last, where an operation joins what is repeated with numbers only."""
    repeated = [item for item in terms if item.is_repeated]
    if not repeated or any(item.shape and not item.is_repeated for item in terms):
        return None
    shape = broadcast_shape(name, *(item.shape for item in repeated))
    inner = [item.parts[0] if item.is_repeated else item for item in terms]
    return apply("broadcast", apply(name, *inner), shape=shape)


def standard_call(row: Operation, operands: tuple[Node, ...], attributes: dict[str, Any]) -> Call:
    """Return a call in its one standard form: operands first, then what is not a default."""
    if row.name == "index":
        return Call("index", (*operands, *(attribute_node(item) for item in attributes["items"])))
    if row.name == "gather":
        return Call("index", operands)
    nodes: tuple[Node, ...] = (Array(operands),) if row.variadic and not row.inner else operands
    keywords: list[tuple[str, Node]] = []
    for key, value in attributes.items():
        if row.attributes[key] is not REQUIRED:
            if row.attributes[key] is not value:
                keywords.append((key, attribute_node(value)))
        elif row.operands:
            nodes = (*nodes, attribute_node(value))
        else:
            nodes = (*nodes, *map(attribute_node, value))  # zeros(2, 3)
    return Call(row.name, nodes, tuple(keywords))


Attributes = dict[str, Any]  # decoded: int, tuple, bool, None or Slice items; checked by the rows


def bound(call: Call) -> tuple[Operation, tuple[Node, ...], Attributes]:
    """Return the row of a call, its operands in order (defaults put in), and its attributes.

    Raises LanguageError naming the call where arguments are missing, unknown or too many.
    """
    row = lookup(call.operation)
    plain = not (row.attributes or row.variadic or call.keywords)
    if plain and len(call.arguments) == len(row.operands):
        return row, call.arguments, {}
    arguments = list(call.arguments)
    if row.name == "index":
        if any(  # an array of ids: a name, an expression, a list of numbers
            isinstance(item, Array) or (isinstance(item, (Name, Call)) and not _is_whole(item))
            for item in arguments[1:]
        ):
            return lookup("gather"), (arguments[0], arguments[1]), {}
        return row, (arguments[0],), {"items": tuple(static_value(item) for item in arguments[1:])}
    operands, arguments = _listed_operands(row, call) if row.variadic else ([], arguments)
    shape = next((name for name, kind in row.kinds.items() if kind is KINDS["shape"]), "")
    is_tuple = len(arguments) == 1 and isinstance(arguments[0], (Tuple, Array))
    if shape and not row.operands and arguments and not is_tuple:
        arguments = [Tuple(tuple(arguments))]  # zeros(2, 3)
    names = [*(() if row.variadic else row.operands), *row.attributes]
    positional = dict(zip(names, arguments, strict=False))
    arguments_by_name = {**dict(call.keywords), **positional}
    twice = positional.keys() & row.attributes.keys()
    keywords = {*names, *row.operands} - twice
    key, extra = next((item for item in call.keywords if item[0] not in keywords), ("", None))
    if extra is not None or len(arguments) > len(names):
        raise LanguageError(
            say("too many arguments for {name}", name=row.name)
            if extra is None
            else say("{name} does not take {key}", name=row.name, key=key),
            start=(extra or call).start,
            expected=usage(row),
        )
    attributes: Attributes = {}
    for name in names:
        node = arguments_by_name.get(name)
        if node is None and name in row.defaults:
            node = Number(decimal_text(row.defaults[name]), row.defaults[name])
        if node is None and row.attributes.get(name, REQUIRED) is REQUIRED:
            raise LanguageError(
                say("{name} needs {key}", name=row.name, key=name),
                start=call.start,
                expected=usage(row),
            )
        if name in row.attributes:
            value = row.attributes[name] if node is None else static_value(node)
            whole = node is not None and name == shape and isinstance(value, int)
            attributes[name] = (value,) if whole else value  # reshape(x, 6), zeros(shape=6)
        elif node is not None:
            operands.append(node)
    return row, tuple(operands), attributes


def bound_calls(node: Node) -> Iterator[tuple[Call, Operation, tuple[Node, ...], Attributes]]:
    """Yield each call of a tree with its row, operands and attributes. Raises as `bound`."""
    return ((part, *bound(part)) for part in walk(node) if isinstance(part, Call))


def _listed_operands(row: Operation, call: Call) -> tuple[list[Node], list[Node]]:
    """Return the operands that a call lists, concat([a, b]), and its other arguments."""
    if call.arguments and isinstance(call.arguments[0], Array):
        return list(call.arguments[0].items), list(call.arguments[1:])
    if row.inner:
        return list(call.arguments), []
    raise LanguageError(
        say("{name} needs a list", name=row.name), start=call.start, expected=usage(row)
    )


def is_drawn(node: Node) -> bool:
    """Tell whether a seed decides the value of an expression: without the seed it is given."""
    return isinstance(node, Call) and "seed" in lookup(node.operation).attributes


def check_attributes(row: Operation, attributes: Attributes) -> None:
    """Check what a person wrote for the static attributes of a row. Raises LanguageError."""
    for name, value in attributes.items():
        kind = row.kinds[name]
        if value is not row.attributes[name] and not kind.fits(value):
            raise LanguageError(
                say("{name}: the {key} {value}", name=row.name, key=name, value=str(value)),
                expected=kind.expected,
            )


def _is_whole(node: Node) -> bool:
    match node:
        case Tuple(items=items) | Array(items=items) | Call(operation="negative", arguments=items):
            return all(map(_is_whole, items))
        case _:
            return isinstance(node, Number)


def usage(row: Operation) -> str:
    """Return how a row is called: 'softmax(z, axis=-1)'."""
    parts = ["[" + row.operands[0] + ", …]"] if row.variadic else list(row.operands)
    defaults = {name: decimal_text(value) for name, value in row.defaults.items()}
    parts = [f"{part}={defaults[part]}" if part in defaults else part for part in parts]
    parts += [
        name
        if default is REQUIRED
        else f"{name}={decimal_text(default) if isinstance(default, Fraction) else default}"
        for name, default in row.attributes.items()
    ]
    return f"{row.name}({', '.join(parts)})"


def replace_names(
    node: Node, shape_of: Callable[[Node], Shape], values: Mapping[str, Term]
) -> Term:
    """Return an expression with some names replaced, written anew so that it is simplified."""
    if isinstance(node, Name):
        return values.get(node.id) or Term(node, shape_of(node))
    if not isinstance(node, Call):
        return Term(node, shape_of(node))
    row, operands, attributes = bound(node)
    terms = [replace_names(item, shape_of, values) for item in operands]
    return apply(row.name, *terms, **attributes)
