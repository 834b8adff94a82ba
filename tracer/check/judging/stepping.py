"""`w -= …` as the chain that it stands for.

What follows the sign is the step, `w -= 0.1 * -3 = -0.3`, or ends with the new value: of the step
(`w -= 0.1 * -3 = 0.8`) or of all of it (`w -= lr * g = 0.5 - 0.1 * -3 = 0.8`). The numbers say
which; where they say nothing, the last figure is the new value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracer.check.judging.alignment import aligned
from tracer.check.judging.chain_reading import Reading, environment, flattened
from tracer.check.judging.links import judged_links, tier_of
from tracer.check.judging.quantities import Quantities
from tracer.check.judging.values import value_or_none
from tracer.check.numbers.figures import figure
from tracer.check.trace.aliases import key_of, quantities_in
from tracer.check.written import Chain, Member, has_names
from tracer.expression.syntax import Call, Name

__all__ = ["has_no_result", "in_full", "is_only_figures", "take"]

_OPERATIONS: Final = {"+=": "add", "-=": "subtract"}


def has_no_result(chain: Chain) -> bool:
    """Say whether a chain is a step and nothing else, as `w -= 0.1 * -3`."""
    return len(chain.members) == 2 and chain.members[1].sign in _OPERATIONS


def take(chain: Chain, known: Quantities) -> None:
    """Note that a step without a result is made: what its name is from then on is not known.

    A formula whose names have no values yet is only a rule. A traced run goes on by itself.
    """
    name, step = chain.target, chain.members[1].node
    if name is None or step is None or chain.supposed:
        return
    if known.traced is not None and known.traced.quantities(name, target=True):
        return
    own = [known.own(part) for part in quantities_in(step).values()]
    if all(own) or any(value is not None and value.computed for value in own):
        known.memory.forget(key_of(name) or "")


def is_only_figures(chain: Chain) -> bool:
    """Say whether a chain is one figure after another, which says nothing of a step."""
    return all(member.node is not None and figure(member.node) for member in chain.members)


def in_full(chain: Chain, known: Quantities) -> Chain:
    """Return a chain with what `+=` or `-=` stands for written out; others as they are."""
    operation = _OPERATIONS.get(chain.members[1].sign) if len(chain.members) > 1 else None
    if operation is None:
        return chain
    target, *members = chain.members
    name = target.node
    assert isinstance(name, Name)
    full = [_joined(name, operation, member) for member in members]
    step = _like(chain, members)
    stepped = _like(chain, [target, *full[:-1], members[-1]])
    if len(members) < 3 or _is_step(members[0], members[-2]):
        return step if _holds(step, known) and not _holds(stepped, known) else stepped
    return _like(chain, [target, full[0], *members[1:]])


def _is_step(first: Member, working: Member) -> bool:
    """Say whether numbers are put into the step alone, not into the whole update."""
    if first.node is None or working.node is None or not has_names(first.node):
        return True
    return aligned(first.node, working.node) is not None


def _joined(name: Name, operation: str, member: Member) -> Member:
    """Return a member with the updated name before its step."""
    node = member.node
    if node is None:
        return member
    start = Name(name.id, node.start, node.start)
    whole = Call(operation, (start, node), (), node.start, node.end)
    return Member(
        member.text, "=", member.dialect, whole, member.rows, member.columns, member.problem
    )


def _like(chain: Chain, members: Sequence[Member]) -> Chain:
    """Return a chain of other members at the same place."""
    other = Chain(members, chain.place, chain.text)
    other.supposed, other.beside = chain.supposed, chain.beside
    return other


def _holds(chain: Chain, known: Quantities) -> bool:
    """Say whether all that is joined in a chain holds as it stands."""
    reading = Reading(chain, known)
    links = judged_links(reading.numbers, None, known)
    if links or reading.formula is None or reading.result is None:
        return bool(links) and all(link.tier != "wrong" for link in links)
    values = environment(reading.formula, known)
    value = None if values is None else value_or_none(flattened(reading.formula), values)
    return value is not None and tier_of(reading.result, value, value, None) not in ("wrong", None)
