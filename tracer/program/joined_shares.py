"""One gradient where a quantity stands in one formula several times, entry by entry.

In `a = z * sigmoid(z)` the backward pass finds a share by each factor. A textbook has one local
derivative, by the product rule: da/dz = sigmoid(z) + z * sigmoid'(z). So shares by one formula are
added up as local derivatives, where each is the gradient that comes in times something.
Shares that meet from different formulas, or through a sum over entries, stay what they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import sub

from tracer.expression import Call, Name, Node
from tracer.operations import Term, apply, bound, literal, number, replace_names
from tracer.operations.arithmetic import sum_of_terms
from tracer.program.program import Equation, names_in
from tracer.program.shapes import Shapes


def join_shares(equations: Sequence[Equation], shapes: Shapes) -> dict[str, Equation | None]:
    """Return what stands for each equation that changes where shares by one formula are one.

    That is None for a share that goes.
    """
    shares: dict[str, list[Equation]] = {}
    for item in equations:
        if item.path and "#" in item.name:
            shares.setdefault(item.name.partition("#")[0], []).append(item)
    several = {name: own for name, own in shares.items() if len({it.path for it in own}) < len(own)}
    if not several:
        return {}
    gradients = frozenset(item.name for item in equations if item.wrt)
    joined: dict[str, Equation | None] = {}
    for item in equations:
        own = several.get(item.name, [])
        if own and names_in(item.expression) == [share.name for share in own]:
            joined |= _joined(item, own, gradients, shapes)
    return joined


def with_joined(
    equations: Sequence[Equation], joined: Mapping[str, Equation | None]
) -> list[Equation]:
    """Return a backward pass with what stands for its shares, without what nothing uses then."""
    if not joined:
        return list(equations)
    used: set[str] = set()
    kept: list[Equation] = []
    for item in reversed([joined.get(item.name, item) for item in equations]):
        if item is not None and (not item.base or item.name in used):
            used.update(names_in(item.expression))
            kept.append(item)
    return kept[::-1]


def _joined(
    total: Equation, shares: Sequence[Equation], gradients: frozenset[str], shapes: Shapes
) -> dict[str, Equation | None]:
    """Return what stands for a sum and its shares; nothing where no two have one formula."""
    groups: dict[str, list[Equation]] = {}
    for share in shares:
        groups.setdefault(share.path, []).append(share)
    whole = {path: _sum_of_shares(group, gradients, shapes) for path, group in groups.items()}
    terms: list[Term] = []
    changed: dict[str, Equation | None] = {}
    for path, group in groups.items():
        first, term = group[0], whole[path]
        rules = tuple(dict.fromkeys(rule for share in group for rule in share.rules))
        if term is not None and len(groups) == 1:  # all shares are one: that is the gradient
            gone = dict.fromkeys((share.name for share in group), None)
            return {**gone, total.name: total.rewritten(term.node, rules)._replace(path=path)}
        if term is not None:
            changed |= dict.fromkeys((share.name for share in group), None)
            changed[first.name] = first.rewritten(term.node, rules)
        kept = group[:1] if term is not None else group
        terms += [Term(Name(share.name), share.shape) for share in kept]
    if changed:
        changed[total.name] = total.rewritten(sum_of_terms(terms).node, total.rules)
    return changed


def _sum_of_shares(
    shares: Sequence[Equation], gradients: frozenset[str], shapes: Shapes
) -> Term | None:
    """Return the gradient that comes in times the sum of what each share multiplies it with.

    None where there is one share, or where not all have one and the same gradient coming in.
    """
    incoming, *others = (gradients.intersection(names_in(it.expression)) for it in shares)
    if not others or len(incoming) > 1 or any(names != incoming for names in others):
        return None
    if not all(_is_by_entry(share.expression, incoming) for share in shares):
        return None
    one = {name: Term(number(1)) for name in incoming}  # a gradient is linear in what comes in
    factors = [replace_names(it.expression, shapes.of, one) for it in shares]
    times = Counter(factor.node for factor in factors)
    distinct = [times[it.node] * it for it in {it.node: it for it in factors}.values()]
    each = _joined_choices(distinct)
    gains = [term for term in each if term.operation != "negative"]
    losses = [term.parts[0] for term in each if term.operation == "negative"]
    total = reduce(sub, losses, sum_of_terms(gains)) if gains else sum_of_terms(each)
    for name in incoming:
        total = apply("multiply", Term(Name(name), shapes[name]), total)
    return total if total.shape == shares[0].shape else None


def _joined_choices(terms: Sequence[Term]) -> list[Term]:
    """Return terms of a sum, with one choice for what either side of a condition brings."""
    joined: list[Term] = []
    other_sides: dict[tuple[Node, bool], tuple[int, Term]] = {}
    for term in terms:
        chosen = _chosen(term)
        if chosen is None:
            joined.append(term)
            continue
        condition, is_first, mine = chosen
        other = other_sides.pop((condition.node, is_first), None)
        if other is None:
            other_sides[condition.node, not is_first] = len(joined), mine
            joined.append(term)
        else:
            place, theirs = other
            sides = (mine, theirs) if is_first else (theirs, mine)
            joined[place] = apply("where", condition, *sides)
    return joined


def _chosen(term: Term) -> tuple[Term, bool, Term] | None:
    """Return the condition under which a term is not 0, whether it holds then, and what it is."""
    if term.operation == "where":
        condition, first, second = term.parts
        if first.is_number(0) or second.is_number(0):
            is_first = second.is_number(0)
            return condition, is_first, first if is_first else second
    if term.operation == "multiply":
        for place, part in enumerate(term.parts):
            inner = _chosen(part)
            if inner is not None and part.shape == term.shape:
                factors = list(term.parts)
                factors[place] = inner[2]
                return inner[0], inner[1], apply("multiply", *factors)
    return None


def _is_by_entry(node: Node, names: frozenset[str]) -> bool:
    """Say whether each entry is made of the same entry of what some names stand for."""
    if not isinstance(node, Call) or literal(node) is not None:
        return True
    if names and names.isdisjoint(names_in(node)):
        return True
    row, operands, _ = bound(node)
    is_by_entry = row.elementwise or row.name == "broadcast"
    return is_by_entry and all(_is_by_entry(item, names) for item in operands)
