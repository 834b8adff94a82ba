"""Judge one chain: does each figure follow from its line, and is it the figure it should be?

Two questions, kept apart. The internal one looks at the chain alone: each link between two
members with values has a tier. The external one asks what the traced step, or the document
before this line, says the quantity is. A chain gets one finding: of the repairs that make the
line true, the one that both questions accept.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from tracer.check.judging.against_document import against_document
from tracer.check.judging.against_trace import against_trace, wrongly_put_in
from tracer.check.judging.case import Case
from tracer.check.judging.chain_reading import Numeric, Reading
from tracer.check.judging.findings import (
    Found,
    correct,
    entry_of,
    not_checked,
    printed_anew,
    undecided,
)
from tracer.check.judging.givens import Givens
from tracer.check.judging.internal import broken_link
from tracer.check.judging.links import worst
from tracer.check.judging.quantities import Quantities, is_within
from tracer.check.judging.remembering import remember
from tracer.check.judging.stepping import has_no_result, in_full, is_only_figures, take
from tracer.check.judging.values import printed_value
from tracer.check.numbers.figures import bounds_of, figure
from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.report import Entry
from tracer.check.written import Chain
from tracer.expression.syntax import Name
from tracer.intervals import Interval

__all__ = ["judge"]

_FOR: Final = lazy_regex(
    r"[\s$)`,，]*(?:\b(?:for|when|if|where|with|at)\s|当|若|其中)[\s$(`]*"
    r"(?P<name>[A-Za-z]\w*)\s*=\s*(?P<value>[-−]?[0-9]+(?:\.[0-9]+)?)"
)
ACCUSING: Final = ("slip", "carried_forward")


def judge(chain: Chain, known: Quantities) -> Entry | None:
    """Return what is found in a chain, and note what it states; None where nothing is worked."""
    if has_no_result(chain):
        take(chain, known)
        return None
    written, chain = chain, in_full(chain, known)
    node = chain.members[-1].node
    last = None if node is None else printed_value(node)
    worked = any(member.role in ("numbers", "mixed") for member in chain.members)
    known.begin(
        chain,
        last,
        stated=not worked or (len(chain.members) == 2 and last is not None),
    )
    if chain is not written and is_only_figures(chain):
        known.is_doubtful = True
    case = Case(Reading(chain, known))
    found = _found(case)
    if found is not None and found.verdict in ACCUSING and case.reading.has_power_of_e:
        other = Case(Reading(chain, known, own_e=False))
        found_other = _found(other)
        if found_other is not None and found_other.verdict not in ACCUSING:
            case, found = other, found_other
    rest: Sequence[Numeric] = ()
    if known.traced is not None and known.target is not None:
        before = _wrong_before(case)
        if before is not None:
            rest = case.reading.numbers[len(before[0].reading.numbers) :]
            case, found = before
    if known.givens is not None and not (chain.supposed or known.is_told):
        _mention(case.reading, known.givens)
    if case.differs and not known.is_told:
        known.supposed_line = chain.place.line  # what follows on it is of the same sentence
    if not (case.differs or known.is_told):
        remember(case.reading, found, case.kept(), anew=case.begins_anew)
    if found is None:
        return None
    entry = entry_of(case.reading, found)
    if rest and entry.repairs and known.target is not None:
        entry.repairs += tuple(printed_anew(rest, known.target.value) or ())
    return entry


def _wrong_before(case: Case) -> tuple[Case, Found] | None:
    """Return the finding on a figure that is wrong itself, where the next one differs from it."""
    link = next((link for link in case.links if link.tier == "wrong"), None)
    if link is None or link.left.figure is None or link.right.figure is None:
        return None
    chain = case.reading.chain
    members = chain.members[: chain.members.index(link.left.member) + 1]
    shorter = Chain(members, chain.place, chain.text, stated=chain.stated)
    shorter.supposed, shorter.beside = chain.supposed, chain.beside
    before = Case(Reading(shorter, case.known))
    found = _found(before)
    return None if found is None or found.verdict != "slip" else (before, found)


def _mention(reading: Reading, givens: Givens) -> None:
    """Note what a chain says of given numbers: it states one, or puts some in."""
    chain, result, now = reading.chain, reading.result, reading.known.iteration
    if len(chain.members) == 2 and chain.target is not None and result is not None:
        value = printed_value(result.node)
        if value is not None:
            text = result.member.text.strip()
            givens.mention(chain.target, value, text, now, stated=True)
    for numeric in reading.numbers:
        for binding in numeric.bindings:
            written = figure(binding.written) if binding.name else None
            if written is not None:
                givens.mention(binding.symbol, bounds_of(written), written.text, now, stated=False)


def _found(case: Case) -> Found | None:
    """Return the finding, None where there is nothing to judge."""
    reading, known = case.reading, case.known
    if not reading.numbers:
        return not_checked(reading)
    broken = next((place for place, link in enumerate(case.links) if link.tier == "wrong"), -1)
    if broken >= 0:
        return broken_link(case, broken)
    outer = None
    is_traced = known.traced is not None and known.target is not None
    if not reading.is_cut_short:
        outer = against_trace(case) if is_traced else against_document(case)
    elif is_traced:
        outer = wrongly_put_in(case)
    is_supposed = (
        reading.chain.supposed
        or known.supposed_line == reading.chain.place.line
        or _is_for_another(reading)
    )
    if outer is not None and is_supposed and outer.verdict in ACCUSING:
        case.differs = True
        outer = _supposed(case)
    if known.is_doubtful and (outer is None or outer.verdict == "correct"):
        return undecided(case.links)
    if outer is not None:
        return outer
    if not case.links and not case.is_compared:
        return not_checked(reading)
    return correct(case.tier(), case.links)


def _is_for_another(reading: Reading) -> bool:
    """Say whether words after a chain give one of its names another value: `= 1 for x = 2`."""
    found = _FOR.match(reading.chain.after)
    if found is None:
        return False
    known = reading.known.current(Name(found["name"]))
    value = Fraction(found["value"].replace("−", "-"))
    return known is not None and not is_within(known.value, Interval(value, value))


def _supposed(case: Case) -> Found:
    """Return the finding on what would be: its working holds or not; a bare value is left open."""
    if not case.links:
        return undecided(case.links)
    return correct(worst([link.tier for link in case.links]), case.links)
