"""Numbers above names that count layers, `W^1`, `w_{11}^2`, and raise nothing.

Nobody writes the first power of a quantity: where its number is 1, those of its family count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from tracer.check.model.statements import EquationChain, Statement
from tracer.check.model.written_trees import rewrite_calls
from tracer.expression.syntax import Call, Name, Node, Number, walk
from tracer.frozen import replace

_FIGURES: Final = "0123456789_,"


def with_upper_indices(statements: Sequence[Statement]) -> Sequence[Statement]:
    """Return statements with a name for each power that counts, `w11[2]`.

    That is so of the names of a family of which one has the number 1 above, where the document has
    one with an index below besides, or one that is all of a left side.
    """
    first_powers = [
        (base, power is chain.sides[0].tree)
        for chain in statements
        if isinstance(chain, EquationChain)
        for side in chain.sides
        for tree in side.readings
        if "power" in tree.content.operations
        for power in walk(tree)
        for base, number in [_parts(power)]
        if number == 1
    ]
    if not any(is_left or base != _family(base) for base, is_left in first_powers):
        return statements
    families = {_family(base) for base, _ in first_powers}
    renamed = partial(_renamed, families)
    return [
        replace(
            each,
            sides=tuple(
                replace(
                    side,
                    readings=tuple(
                        rewrite_calls(tree, renamed, ("power",)) for tree in side.readings
                    ),
                )
                for side in each.sides
            ),
        )
        if isinstance(each, EquationChain)
        else each
        for each in statements
    ]


def _parts(call: Node) -> tuple[str, int]:
    """Return the name and the number above it; '' where a call is no such power."""
    match call:
        case Call(operation="power", arguments=(Name(id=base), Number(text=text))) if (
            text.isdecimal()
        ):
            return base, int(text)
    return "", 0


def _family(name: str) -> str:
    return name.rstrip(_FIGURES)


def _renamed(families: set[str], call: Call) -> Node:
    base, number = _parts(call)
    is_index = bool(base) and _family(base) in families
    return Name(f"{base}[{number}]", call.start, call.end) if is_index else call
