"""Parameters that are updated alike, side by side in one vector.

An optimizer writes the same few elementwise equations for each parameter. Over arrays each of them
is a call of NumPy, whose overhead is more than the work where a parameter is small. So gradients,
states and parameters that play the same part are entries of one vector, and the equations are
written once for all of them. Elementwise arithmetic gives the same bits wherever an entry stands.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence

from tracer.expression import Call, Name, Node, walk
from tracer.frozen import Value
from tracer.operations import Shape, bound
from tracer.program.program import Equation, Program, names_in, substitute
from tracer.program.shapes import Shapes


class Stack(Value):
    """A vector and the quantities whose entries it holds, in order."""

    name: str
    members: tuple[str, ...]
    shapes: tuple[Shape, ...]

    def entries(self, member: str) -> tuple[int, int, Shape]:
        """Return the half-open range of a member's entries, and its shape."""
        place = self.members.index(member)
        begin = sum(map(math.prod, self.shapes[:place]))
        return begin, begin + math.prod(self.shapes[place]), self.shapes[place]


class StackedProgram(Value):
    """Equations over stacks and single quantities, which compute what a program's compute.

    `carried` maps what goes from step to step to its new name, stacks in the place of their
    members. A stack that no equation computes is filled by the equations of its members.
    """

    equations: tuple[Equation, ...]
    carried: Mapping[str, str]
    stacks: Mapping[str, Stack]
    shapes: Shapes


class _Chain(Value):
    """The update of one parameter: its equations, and which names play which part in them."""

    equations: tuple[Equation, ...]
    parts: tuple[str, ...]  # its arrays, in the order in which they are first used
    form: tuple[object, ...]  # the equations with the numbers of parts in the place of names


def stack_updates(program: Program, shapes: Shapes, recorded: Collection[str]) -> StackedProgram:
    """Return a program with alike updates stacked; all members of a stack are recorded or none."""
    position = {equation.name: place for place, equation in enumerate(program.equations)}
    alike: dict[tuple[object, ...], list[_Chain]] = {}
    for equations in _parameter_updates(program):
        chain = _update_chain(equations, program, shapes)
        if chain is not None:
            alike.setdefault(chain.form, []).append(chain)
    stacks: dict[str, Stack] = {}
    vectors: dict[str, Shape] = {}
    instead: dict[str, str] = {}  # a member, and the stack in its place
    inserted: dict[int, list[Equation]] = {}
    for chains in alike.values():
        new_stacks = [  # one for each part that names play in alike updates
            Stack("|".join(members), members, tuple(shapes[name] for name in members))
            for members in zip(*(chain.parts for chain in chains), strict=True)
        ]
        members = {name for stack in new_stacks for name in stack.members}
        if (
            len(chains) < 2
            or len(members) < len(chains) * len(new_stacks)
            or not members.isdisjoint(instead)
            or any(len({name in recorded for name in stack.members}) > 1 for stack in new_stacks)
            or not _can_move(chains, program, position)
        ):
            continue
        stacks.update((stack.name, stack) for stack in new_stacks)
        vectors.update((stack.name, (sum(map(math.prod, stack.shapes)),)) for stack in new_stacks)
        instead.update((name, stack.name) for stack in new_stacks for name in stack.members)
        names = {
            part: Name(stack.name) for part, stack in zip(chains[0].parts, new_stacks, strict=True)
        }
        inserted[position[chains[-1].equations[-1].name]] = [
            Equation(
                instead[equation.name],
                substitute(equation.expression, names),
                vectors[instead[equation.name]],
                "update",
            )
            for equation in chains[0].equations
        ]
    computed = {equation.name for group in inserted.values() for equation in group}
    result: list[Equation] = []
    for place, equation in enumerate(program.equations):
        if instead.get(equation.name, "") not in computed:
            result.append(equation)
        result += inserted.get(place, ())
    return StackedProgram(
        equations=tuple(result),
        carried={
            instead.get(old, old): instead.get(new, new) for old, new in program.carried.items()
        },
        stacks=stacks,
        shapes=Shapes({**{name: shapes[name] for name in shapes.names()}, **vectors}),
    )


def _parameter_updates(program: Program) -> Iterator[list[Equation]]:
    """Yield the equations over arrays that update each parameter."""
    ends = {program.carried.get(name) for name in program.parameters}
    equations: list[Equation] = []
    for equation in program.phase("update"):
        if equation.shape:
            equations.append(equation)
        if equation.name in ends:
            yield equations
            equations = []


def _update_chain(equations: Sequence[Equation], program: Program, shapes: Shapes) -> _Chain | None:
    """Return what an update looks like; None where it is not elementwise over one shape."""
    before = {new: old for old, new in program.carried.items()}
    parts: dict[str, Node] = {}
    for equation in equations:
        if not is_elementwise(equation.expression):
            return None
        arrays = [name for name in names_in(equation.expression) if shapes[name]]
        for name in (*arrays, *filter(None, (before.get(equation.name),)), equation.name):
            parts.setdefault(name, Name(f"{len(parts)}"))
    if len({shapes[name] for name in parts}) != 1:
        return None
    form = tuple(
        (
            substitute(equation.expression, parts),
            parts[equation.name],
            parts.get(before.get(equation.name, "")),
        )
        for equation in equations
    )
    return _Chain(tuple(equations), tuple(parts), form)


def is_elementwise(expression: Node) -> bool:
    """Tell whether an expression is computed entry by entry."""
    return all(bound(node)[0].elementwise for node in walk(expression) if isinstance(node, Call))


def _can_move(chains: Sequence[_Chain], program: Program, position: Mapping[str, int]) -> bool:
    """Tell whether alike updates can be computed together, where the last of them stands.

    What they read is computed before the first of them, or is what they update; what they compute
    is read by none of the equations in between.
    """
    own = {equation.name for chain in chains for equation in chain.equations}
    begin = min(position[name] for name in own)
    end = max(position[name] for name in own)
    operands = {part for chain in chains for part in chain.parts} - own
    between = [item for item in program.equations[begin:end] if item.name not in own]
    return all(
        position[name] < begin if name in position else program.carried.get(name) in own
        for name in operands
    ) and own.isdisjoint(name for item in between for name in names_in(item.expression))
