"""The list of equations: what a training step is made of. Plain records, no mathematics.

Each equation has one name, one phase and one shape. Forward, loss, backward and update are all
equations of the same language.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from tracer.expression import Name, Node, Number, with_parts
from tracer.frozen import Frozen, Value
from tracer.operations import CONSTANTS, Shape

if TYPE_CHECKING:  # a reader of programs does without the shapes' and the numbers' code
    from tracer.program.given_array import GivenArray
    from tracer.program.shapes import Shapes

Source = TypeVar("Source", bound=Hashable)
Phase = Literal["forward", "loss", "metric", "backward", "update"]
Kind = Literal["data", "parameter", "constant", "setting", "state", "counter"]


class Equation(NamedTuple):
    """`name = expression`.

    `rules` names the derivative rules that wrote a gradient, outermost first; `of` and `wrt` say
    which gradient it is; `path` names the equation a contribution came through; `base` is the
    equation that an unnamed value was taken out of ('' for a named one); `line` is the line of
    the scenario's equations.
    """

    name: str
    expression: Node
    shape: Shape
    phase: Phase
    line: int = 0
    rules: tuple[str, ...] = ()
    of: str = ""
    wrt: str = ""
    path: str = ""
    base: str = ""

    def __hash__(self) -> int:
        return hash(self.name)  # no two of a program have one

    def rewritten(self, expression: Node, rules: tuple[str, ...]) -> Equation:
        """Return the same quantity by another expression; quicker than by the fields' names."""
        return Equation(self[0], expression, *self[2:5], rules, *self[6:])


class Input(Value):
    """A quantity that no equation computes. `integer`: it is used as labels or ids."""

    name: str
    kind: Kind
    shape: Shape
    integer: bool = False


class Program(Value):
    """Equations in the order they are computed, and what they start from.

    `carried` maps each trained parameter and each state to the name it has after the update.
    `unreached` lists parameters without a path to the loss; their gradient is zero.
    """

    inputs: Mapping[str, Input]
    equations: tuple[Equation, ...]
    loss: str | None = None
    carried: Mapping[str, str] = MappingProxyType({})
    unreached: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters, in the order of the scenario."""
        return tuple(name for name, item in self.inputs.items() if item.kind == "parameter")

    @property
    def needed_by_loss(self) -> set[str]:
        """All that the loss is computed from, and the loss."""
        return needed_for([self.loss or ""], [*self.phase("forward", "loss")])

    @property
    def data(self) -> set[str]:
        """The names of what each batch has other samples of."""
        return {name for name, item in self.inputs.items() if item.kind == "data"}

    @property
    def reader_names(self) -> list[str]:
        """The names that a reader can know: of no unnamed value, and of no share of a gradient."""
        named = (item.name for item in self.equations if not item.base and "#" not in item.name)
        return [*named, *self.inputs]

    def written_form(self, name: str) -> Node:
        """Return what a reader calls a quantity: its name; an unnamed value by its formula."""
        return unnamed_values(self.equations).get(name, Name(name))

    def equation(self, name: str) -> Equation:
        """Return the equation that computes a name. Raises KeyError."""
        for equation in self.equations:
            if equation.name == name:
                return equation
        raise KeyError(name)

    def phase(self, *phases: Phase) -> Iterator[Equation]:
        """Yield the equations of some phases, in order."""
        return (equation for equation in self.equations if equation.phase in phases)


class StopCondition(Value):
    """When a run ends early: `left` compared with `right`, both single numbers."""

    left: Node
    comparison: str
    right: Node
    text: str


class BuiltProgram(Frozen):
    """A program with the shapes of all its names, the values of its settings and its end.

    `first_values` are those of the states that do not start at 0; `setting_names` gives the name
    that a key of [training] has in the program; `are_classes` says of the data that a loss on
    classes may be of whether they are classes.
    """

    program: Program
    shapes: Shapes
    settings: Mapping[str, GivenArray]
    stop: StopCondition | None
    metric: str | None
    masked: frozenset[str]  # names that may rightly hold minus infinity: masks for a softmax
    first_values: Mapping[str, GivenArray] = MappingProxyType({})
    setting_names: Mapping[str, str] = MappingProxyType({})
    are_classes: Mapping[str, bool] = MappingProxyType({})

    @property
    def structure(self) -> tuple[Hashable, ...]:
        """All that the source of a plan can depend on, but for labels; no other numbers."""
        program = self.program
        inputs, carried = tuple(program.inputs.values()), tuple(program.carried.items())
        return inputs, program.equations, carried, self.stop, self.masked


def needed_for(wanted: Iterable[str], equations: Sequence[Equation]) -> set[str]:
    """Return all that some quantities are computed from by equations in order, and themselves."""
    needed = set(wanted)
    for equation in reversed(equations):
        if equation.name in needed:
            needed.update(names_in(equation.expression))
    return needed


def all_sources(
    results: Iterable[Source], sources_of: Callable[[Source], Iterable[Source]]
) -> set[Source]:
    """Return some results and all that they are made of, by what each is made of directly."""
    sources: set[Source] = set()
    waiting = [*results]
    while waiting:
        item = waiting.pop()
        if item not in sources:
            sources.add(item)
            waiting.extend(sources_of(item))
    return sources


def names_in(node: Node) -> list[str]:
    """Return the quantities an expression uses, each time it uses them, from the left."""
    names: list[str] = []
    waiting = [node]  # quicker than `walk`: it is asked of every equation
    while waiting:
        part = waiting.pop()
        if type(part) is Name:
            if part.id not in CONSTANTS:
                names.append(part.id)
        elif type(part) is not Number:
            waiting += part.children()[::-1]
    return names


def unnamed_values(equations: Iterable[Equation], signs: Container[str] = ()) -> dict[str, Node]:
    """Return the formulas of values that have neither a name of their own nor one of some signs."""
    values: dict[str, Node] = {}
    for item in equations:
        if item.base and item.name not in signs:
            values[item.name] = substitute(item.expression, values)
    return values


def substitute(node: Node, replace: Mapping[str, Node]) -> Node:
    """Return the expression with names replaced by expressions."""

    def put_in(part: Node) -> Node:
        if type(part) is Name:
            return replace.get(part.id, part)
        return part if type(part) is Number else with_parts(part, put_in)

    return put_in(node)
