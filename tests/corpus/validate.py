"""Prove the corpus: `python -m tests.corpus.validate`.

Each right line must hold, each slip's figure must not, and what belongs there must. The arithmetic
is that of `arithmetic.py`; the checker has no part in it. What the evaluator cannot read counts as
left, unless a case gives `value` (a formula for the right figure) or `mistake` (one for the wrong).
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from tests.corpus.arithmetic import UnreadableError, Value, evaluate, flat, half_width, plain
from tests.corpus.cases import Case, Expected, load, slips

RELATION = re.compile(
    r"&?(?:=|≈|~=|:=|←|<-|\\approx\b|\\gets\b|\\leftarrow\b)|(?<=\d)\s*\\(?:\\|cr\b)\s*$"
)
WORDS = r"\s(?:and|so|so that|then|with|here|was found above)\b|[;。；，：]|:(?!=)|\$|\|(?=\s)"
FIGURE = re.compile(r"[-+−－]?\s*(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
SMALL = Decimal("1e-40")


@dataclass(frozen=True, slots=True)
class Member:
    """One side of a link: its text and where it begins in the line, or -1 on a later line."""

    text: str
    start: int


def decimals(figure: str) -> int:
    """Return how many decimals a figure is printed with: 0.50 → 2, 4.5e-5 → 6."""
    digits, _, exponent = figure.lower().partition("e")
    return len(digits.partition(".")[2].strip()) - int(exponent or 0)


def number(figure: str) -> Decimal:
    """Return a figure's value."""
    value = evaluate(figure.strip().strip("()"))
    if not isinstance(value, Decimal):
        raise UnreadableError(figure)
    return value


def half_unit(figure: str) -> Decimal:
    """Return half a unit of a figure's last place."""
    return Decimal(5).scaleb(-decimals(figure) - 1)


def figures(text: str) -> list[str] | None:
    """Return the figures of a result that is a number or an array of numbers, else None."""
    bare = plain(text).strip()
    if bare.startswith("[") or "[" in bare[:2]:
        parts = re.split(r"[\[\],\s]+", bare.strip())
        parts = [part for part in parts if part]
    else:
        parts = [bare.strip("() ")]
    good = all(FIGURE.fullmatch(part) for part in parts)
    return [part.replace(" ", "") for part in parts] if good and parts else None


def chains(case: Case, line: int) -> Iterator[list[Member]]:
    """Yield the chains that begin on a line, with the lines that go on with `=`."""
    raw = _own_e(case, half_width(case.lines[line - 1]))
    depth, begin, parts = 0, 0, []
    breaks = {found.start(): found.end() for found in re.finditer(WORDS, raw)}
    for place, sign in enumerate(raw):
        depth += (sign in "([{") - (sign in ")]}")
        if depth > 0 and place in breaks and raw[place] != "$":
            continue
        if raw[place - 1 : place] == "\\":
            continue
        if place in breaks or (sign == "," and depth <= 0) or raw[place : place + 2] == ". ":
            parts.append((begin, raw[begin:place]))
            begin = breaks.get(place, place + 1)
    parts.append((begin, raw[begin:]))
    for number_, (start, text) in enumerate(parts):
        members = list(_split(text, start))
        if number_ == len(parts) - 1 or not "".join(t for _, t in parts[number_ + 1 :]).strip():
            members += _later(case, line)
        if len(members) > 1:
            yield members


def _own_e(case: Case, raw: str) -> str:
    """Return the line with e struck out where the document has a quantity of that name."""
    named = re.search(r"\be\b\s*=", case.text)
    return re.sub(r"\be\b", "ë", raw) if named else raw


def _later(case: Case, line: int) -> list[Member]:
    found: list[Member] = []
    for raw in case.lines[line:]:
        if not re.match(r"\s*&?\s*=", raw):
            break
        found += [Member(one.text, -1) for one in _split(half_width(raw), 0)][1:]
    return found


def _split(text: str, start: int) -> Iterator[Member]:
    depth = begin = place = 0
    while place < len(text):
        depth += (text[place] in "([{") - (text[place] in ")]}")
        found = RELATION.match(text, place) if depth <= 0 else None
        if found:
            yield Member(text[begin:place], start + begin)
            begin = place = found.end()
        else:
            place += 1
    yield Member(text[begin:], start + begin)


def worked(member: Member, *, first: bool, last: bool) -> tuple[str, Value] | None:
    """Return a member's mathematics and its value, without the prose around it."""
    text = re.sub(r"\\\\\s*$|\\cr\s*$|\\\]|\\\)|\\\(|\$", " ", member.text).replace("&", " ")
    if "matrix" in member.text:
        text = re.sub(r"\\\]|\$", " ", member.text)
    for trial in _trials(text.strip(), first=first, last=last):
        try:
            return trial, evaluate(trial)
        except UnreadableError:
            continue
    return None


def _trials(text: str, *, first: bool, last: bool) -> Iterator[str]:
    if last and (found := FIGURE.match(text)):
        rest = text[found.end() :].lstrip()
        if (
            not rest
            or rest[0] not in "+-*/^@×·−÷²\\'%(e"
            or (rest[0] == "(" and text[found.end()].isspace())
        ):
            yield found[0]
    yield text
    if first:
        for found in re.finditer(r"(?<=[A-Za-z*>\u4e00-\u9fff.\-])\s+|(?<=[\u4e00-\u9fff)])", text):
            rest = text[found.end() :]
            before = text[: found.start()].rstrip()
            if not (rest[:1] in "-+−" and before[-1:].isascii() and before[-1:].isalpha()):
                yield rest
    if last:
        for place in range(len(text) - 1, 0, -1):
            if text[place] in " ,.。，)(" or not text[place].isascii():
                yield text[:place]


def near(figure: str, value: Decimal) -> bool:
    """Whether a figure is a right rounding of a value; both rules for ties are good."""
    return abs(number(figure) - value) <= half_unit(figure) + SMALL


def play(text: str) -> Decimal:
    """Return how far the value of an expression moves when its decimals move by half a unit."""
    total = Decimal(0)
    value = evaluate(text)
    for found in re.finditer(r"\d+\.\d+", text):
        moved = str(Decimal(found[0]) + half_unit(found[0]))
        other = evaluate(text[: found.start()] + moved + text[found.end() :])
        total += max(abs(a - b) for a, b in zip(flat(value), flat(other), strict=True))
    return total * 2


def holds(left: tuple[str, Value], right: tuple[str, Value]) -> bool:
    """Whether a link between two members holds."""
    values, printed = flat(left[1]), figures(right[0])
    if printed is not None:
        if len(printed) != len(values):
            return False
        return all(near(one, value) for one, value in zip(printed, values, strict=True))
    others = flat(right[1])
    if len(others) != len(values):
        return False
    bound = play(right[0]) + play(left[0]) + SMALL
    return all(abs(a - b) <= bound for a, b in zip(values, others, strict=True))


class Proof:
    """What could be proved of one case, and what is wrong in it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.faults: list[str] = []
        self.left: list[str] = []
        self.proved: Counter[str] = Counter()
        for expected in case.expected:
            self.one(expected)

    def fault(self, expected: Expected, what: str) -> None:
        """Note what is wrong with an expectation."""
        self.faults.append(f"{self.case.id}:{expected.line}: {what}")

    def one(self, expected: Expected) -> None:
        """Prove one expectation."""
        if not 1 <= expected.line <= len(self.case.lines):
            return self.fault(expected, "no such line")
        if expected.span is not None:
            start, end = expected.span
            if self.case.lines[expected.line - 1][start:end] != expected.written:
                return self.fault(expected, f"the span is not {expected.written!r}")
        if expected.slip and expected.kind != slips().get(expected.slip):
            return self.fault(expected, f"{expected.slip} is not a {expected.kind}")
        if expected.cause and expected.slip not in (None, expected.cause):
            return self.fault(expected, "another cause than the slip")
        try:
            done = self.judge(expected)
        except UnreadableError:
            done = False
        self.proved[f"{expected.verdict} {'proved' if done else 'left'}"] += 1
        if not done and expected.verdict in ("correct", "slip", "rounding"):
            self.left.append(f"{self.case.id}:{expected.line}")
        return None

    def judge(self, expected: Expected) -> bool:
        """Return whether the arithmetic of an expectation was proved, right or wrong."""
        if expected.verdict in ("correct", "carried_forward"):
            return self.right(expected)
        if expected.verdict == "undecided":
            return self.undecided(expected)
        if expected.verdict in ("slip", "rounding") and expected.written and expected.expected:
            return self.wrong(expected)
        return False

    def own_chains(self, expected: Expected) -> list[list[tuple[str, Value, Member]]]:
        """Return the figures of the chains of an expectation, without those of other slips."""
        spans = [e.span for e in self.case.expected if e.span and e.line == expected.line]
        found = []
        for members in chains(self.case, expected.line):
            begin, end = members[0].start, max(m.start + len(m.text) for m in members)
            inside = [s for s in spans if begin <= s[0] and s[1] <= end]
            if expected.span in inside or (expected.span is None and not inside):
                read = [
                    (worked(m, first=not n, last=n == len(members) - 1), m)
                    for n, m in enumerate(members)
                ]
                found.append([(w[0], w[1], m) for w, m in read if w is not None])
        return found

    def right(self, expected: Expected) -> bool:
        """Prove that the links of a right line hold, in the tier that is named."""
        done = False
        for members in self.own_chains(expected):
            if expected.value and members:
                printed = figures(members[-1][0])
                if printed and not near(printed[-1], _single(expected.value)):
                    self.fault(expected, f"{printed[-1]} is not {_single(expected.value):.12}")
                done = True
                if expected.tier == "rounded_from_unrounded" and len(members) > 1:
                    self.tier_three(expected, members[-2], members[-1])
                continue
            for left, right in pairwise(members):
                done = True
                if not holds(left[:2], right[:2]):
                    value = [f"{entry:.12}" for entry in flat(left[1])]
                    self.fault(expected, f"{left[0]} is {value}, not {right[0]}")
            if expected.tier in ("exact", "rounded") and len(members) > 1:
                self.tier(expected, members)
        return done

    def tier(self, expected: Expected, members: list[tuple[str, Value, Member]]) -> None:
        """Find fault where the figures are exact and called rounded, or the other way round."""
        values = [flat(value) for _, value, _ in members]
        same = all(
            abs(a - b) <= SMALL
            for one, other in pairwise(values)
            for a, b in zip(one, other, strict=False)
        )
        if same != (expected.tier == "exact"):
            self.fault(expected, f"the tier is not {expected.tier}")

    def tier_three(
        self,
        expected: Expected,
        left: tuple[str, Value, Member],
        right: tuple[str, Value, Member],
    ) -> None:
        """Find fault where the printed figures give the result as well."""
        if holds(left[:2], right[:2]):
            self.fault(expected, "the printed figures give it too")

    def undecided(self, expected: Expected) -> bool:
        """Prove that the printed figures do not give it, and that they may have been rounded."""
        done = False
        for members in self.own_chains(expected):
            for left, right in pairwise(members):
                printed = figures(right[0])
                if printed is None or len(printed) != 1:
                    continue
                done = True
                gap = abs(flat(left[1])[0] - number(printed[0]))
                if near(printed[0], flat(left[1])[0]) or gap > play(left[0]):
                    self.fault(expected, "this can be decided")
        return done

    def wrong(self, expected: Expected) -> bool:
        """Prove that a blamed figure does not hold, and that the one for it does."""
        assert expected.written is not None
        assert expected.expected is not None
        if expected.mistake and not near(expected.written, _single(expected.mistake)):
            self.fault(expected, f"the mistake gives {_single(expected.mistake):.12}")
        for members in self.own_chains(expected):
            for place, (text, _, member) in enumerate(members):
                if not _holds_span(member, expected):
                    continue
                printed = figures(text)
                if printed and len(printed) == 1 and place:
                    value = _single(expected.value) if expected.value else None
                    value = value if value is not None else flat(members[place - 1][1])[0]
                    return self.result(expected, value)
                if not printed:
                    return self.literal(expected, members, place)
        if expected.value:
            return self.result(expected, _single(expected.value))
        return False

    def result(self, expected: Expected, value: Decimal) -> bool:
        """Prove that a result is wrong by more than its rounding, or by what its remark says."""
        assert expected.written is not None
        assert expected.expected is not None
        written, unit = number(expected.written), 2 * half_unit(expected.written)
        if not near(expected.expected, value):
            self.fault(expected, f"{expected.expected} does not belong there, {value:.12} does")
        if decimals(expected.expected) < decimals(expected.written) and "." in expected.written:
            self.fault(expected, "what belongs there has fewer decimals than what is written")
        if expected.verdict == "slip" and abs(written - value) <= Decimal("1.5") * unit:
            self.fault(expected, f"{expected.written} is too near {value:.12}")
        if expected.slip == "chopped" and not 0 < abs(value) - abs(written) < unit:
            self.fault(expected, "not chopped")
        if expected.slip == "last_digit" and abs(written - number(expected.expected)) != unit:
            self.fault(expected, "not off by one")
        return True

    def literal(
        self, expected: Expected, members: list[tuple[str, Value, Member]], place: int
    ) -> bool:
        """Prove that a wrong figure within a member was put in: the chain holds with or without."""
        assert expected.written is not None
        assert expected.expected is not None
        if number(expected.written) == number(expected.expected):
            self.fault(expected, "written and expected are the same")
        text, value, member = members[place]
        assert expected.span is not None
        raw = half_width(self.case.lines[expected.line - 1])
        shift = raw.find(text, member.start)
        at = expected.span[0] - shift
        if shift < 0 or place + 1 >= len(members):
            return False
        length = expected.span[1] - expected.span[0]
        mended = f"{text[:at]}({expected.expected}){text[at + length :]}"
        after = members[place + 1]
        kept = holds((text, value), after[:2])
        if not kept and not holds((mended, evaluate(mended)), after[:2]):
            self.fault(expected, f"{text} and {mended} both miss {after[0]}")
        if kept and expected.slip == "updated_for_old":
            self.fault(expected, "the arithmetic holds with the updated value too")
        return True


def _holds_span(member: Member, expected: Expected) -> bool:
    assert expected.span is not None
    start, end = expected.span
    return member.start <= start and end <= member.start + len(member.text)


def _single(formula: str) -> Decimal:
    value = evaluate(formula)
    assert isinstance(value, Decimal)
    return value


def main() -> int:
    """Print what was proved; 1 where a case is wrong."""
    proofs = [Proof(case) for case in load()]
    total: Counter[str] = Counter()
    for proof in proofs:
        total += proof.proved
    for name, count in sorted(total.items()):
        print(f"{name:28}{count:5}")
    faults = [fault for proof in proofs for fault in proof.faults]
    if "--left" in sys.argv:
        print(*(where for proof in proofs for where in proof.left), sep="\n")
    print(*faults, sep="\n", file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
