r"""Units after figures: `5 cm * 2 = 10 cm`, `3 × 5 元 = 15 元`, `10\,\mathrm{ms}`.

They are dropped, place for place, where each quantity has one unit throughout: then the figures
alone decide. Where metres stand beside centimetres they do not, and the line is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tracer.check.read.lazy_regex import lazy_regex
from tracer.check.reading.line_tokens import FUNCTIONS, STOP_WORDS

__all__ = ["HAS_UNIT", "without_units"]

_DIMENSIONS: Final = (
    "nm µm μm mm cm m km 毫米 厘米 分米 米 千米 公里",
    "ns µs μs us ms s sec min h 毫秒 秒 分钟 小时 天",
    "mg g kg 毫克 克 千克 公斤 吨",
    "bit bits B byte bytes kB KB MB GB TB KiB MiB GiB",
    "Hz kHz MHz GHz",
    "W kW MW",
    "J kJ",
    "mV V kV",
    "mA A",
    "N kN",
    "元 角",
    "dollars",
    "euros",
)
_DIMENSION: Final = {
    unit: place for place, units in enumerate(_DIMENSIONS) for unit in units.split()
}
_COUNTERS: Final = tuple("个只张本件人次条块支台位名辆双组批层行列岁倍页轮步")
_CHINESE_WORDS: Final = tuple("加减乘除得为是等即约的和与成到至或时万亿千百余")
_WORDS: Final = STOP_WORDS | FUNCTIONS | {"plus", "minus", "times", "over", "percent", "mod"}
_SYMBOLS: Final = "|".join(sorted(filter(str.isascii, _DIMENSION), key=len, reverse=True))
_SYMBOL: Final = rf"(?:{_SYMBOLS}|[µμ][ms])(?:\^?[23](?![0-9.])|[²³])?"
_CHINESE: Final = "[\u4e00-\u9fff]"
_OPERATOR: Final = r"[-+*/×·÷−∗]|\\(?:times|cdot|div)(?![a-z])"
_GOES_ON: Final = rf"(?P<goes>\s*(?:{_OPERATOR}|[=≈＝]|\\approx))"
HAS_UNIT: Final = lazy_regex(
    rf"[0-9]\s?(?:[A-Za-zµμ]{{1,9}}|{_CHINESE}{{1,5}})(?:\^?[23]|[²³])?\s*(?:[-+*/×·÷=≈−,.;，。；)]|$)"
)
"""What a line has to have in it before it is looked at here."""
_UNIT: Final = lazy_regex(
    rf"(?<=[0-9])\s?(?:(?P<symbol>{_SYMBOL}(?:/{_SYMBOL})?)(?![\w'(\[{{^])"
    rf"|(?P<chinese>{_CHINESE}{{1,5}}(?:/{_CHINESE}{{1,2}})?)"
    rf"|(?P<word>(?<=\s)[a-z]{{3,}}))(?=\W|$)(?={_GOES_ON}?)"
)
_BLANK: Final = r"(?:\s|~|\\[,;:! ])*"
_STYLE: Final = r"\\(?:text|mathrm|textrm|rm|mbox|operatorname) ?"
_LATEX_UNIT: Final = lazy_regex(
    rf"(?<=[0-9]){_BLANK}(?:{_STYLE}\{{{_BLANK}(?:(?P<symbol>{_SYMBOL}(?:/{_SYMBOL})?)"
    rf"|(?P<chinese>{_CHINESE}{{1,5}}(?:/{_CHINESE}{{1,2}})?)|(?P<word>[a-z]{{3,}})){_BLANK}\}}"
    rf"(?:\^\{{?[23]\}}?)?(?:/{_STYLE}\{{(?P<below>{_SYMBOL}|{_CHINESE}{{1,2}})\}}"
    rf"(?:\^\{{?[23]\}}?)?)?|(?P<bare>{_CHINESE}{{1,2}}))(?={_GOES_ON}?)"
)
_CLAUSE: Final = lazy_regex(r"[;；。，\n]|,(?=\s)|\.(?=\s|$)|\\\\|\\q?quad(?![A-Za-z])")
_RELATION: Final = lazy_regex(r"[=≈＝]|\\approx")
_RESULT: Final = lazy_regex(r"(?:[=≈＝]|\\approx)[\s&]*[-+−]?\s*[0-9.]*[0-9]$")
_OPERAND: Final = lazy_regex(
    r"(?:^|[-+*/×·÷=≈＝−(（]|\\(?:cdot|times|div|approx)|(?<=[。，；;])|, )[\s&]*[-+−]?[0-9.]+$"
)
_OPERATOR_LAST: Final = lazy_regex(rf"(?:{_OPERATOR})\s*[-+−]?\s*[0-9.]+$")
_OPERATOR_FIRST: Final = lazy_regex(rf"\s*(?:{_OPERATOR})")
_FIGURE: Final = lazy_regex(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?")
_WORKED: Final = lazy_regex(rf"[0-9]\s*(?:{_OPERATOR})|(?:[+*/×·÷]|\\(?:times|cdot|div))\s*[0-9]")
_EXPONENT: Final = lazy_regex(r"\^?[23²³]$")


class _Unit(NamedTuple):
    start: int
    end: int
    parts: Sequence[str]  # units without exponents, `m` and `s` of `m/s²`


def without_units(
    text: str, seen: dict[int, str], *, latex: bool = False
) -> tuple[str, list[tuple[int, int]]]:
    """Return a line with blanks for its units, and the places of its parts that mix them.

    `seen` is the unit of each dimension so far in the document, for a value that was stated in
    seconds must not be compared with milliseconds.
    """
    characters = list(text)
    mixed: list[tuple[int, int]] = []
    for start, end in _clauses(text):
        units = [*_units(text, start, end, latex=latex)]
        if not units or not _RELATION.search(text, start, end):
            continue
        for unit in units:
            characters[unit.start : unit.end] = " " * (unit.end - unit.start)
        worked = _WORKED.search("".join(characters), start, end) is not None
        if not _are_units(text[start:end], start, units, worked=worked):
            characters[start:end] = text[start:end]
        elif not _is_one_each(units, seen) or _is_conversion(text, start, end, units):
            characters[start:end] = " " * (end - start) if worked else text[start:end]
            mixed += [(start, end)] if worked else []
    return "".join(characters), mixed


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a line that have one equation each, where it is written with care."""
    start = 0
    for found in _CLAUSE.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _units(text: str, start: int, end: int, *, latex: bool) -> Iterator[_Unit]:
    """Yield what may be units between two places."""
    for found in (_LATEX_UNIT if latex else _UNIT).finditer(text, start, end):
        groups = found.groupdict()
        chinese = groups["chinese"] or groups.get("bare")
        if chinese is not None:
            known = chinese in _DIMENSION or chinese.startswith(_COUNTERS)
            if chinese not in _DIMENSION and chinese.startswith(_CHINESE_WORDS):
                continue
            if not groups["goes"] and not (known and _is_last(text, found.end(), end)):
                continue
            if not _OPERAND.search(text, start, found.start()):
                continue  # `第 2 步 = 0.5`
            names = [part if part in _DIMENSION else part[0] for part in chinese.split("/")]
        elif groups["word"] is not None:
            if groups["word"] in _WORDS:
                continue
            names = [groups["word"].removesuffix("s")]
        else:
            names = [_EXPONENT.sub("", part) for part in groups["symbol"].split("/")]
        below = groups.get("below")
        yield _Unit(found.start(), found.end(), [*names, below] if below else names)


def _are_units(clause: str, start: int, units: Sequence[_Unit], *, worked: bool) -> bool:
    """Say whether the letters and words after figures are units: the result has one of them.

    In `0.9 m + 0.1 g = 0.05` they are names; in `3 m + 1 = 2 m` one solves for m.
    """
    letters = {name for unit in units for name in unit.parts if name.isascii()}
    if not letters:
        return True
    result = units[-1]
    before, after = clause[: result.start - start], clause[result.end - start :]
    if not _RESULT.search(before) or _RELATION.search(after):
        return False
    counted = len([unit for unit in units if letters & {*unit.parts}])
    word = r"(?<![A-Za-z\\]){}s?(?![A-Za-z])"
    named = sum(len(re.findall(word.format(name), clause)) for name in letters)
    if named > sum(len(unit.parts) for unit in units):
        return False  # one of them stands where no figure is before it
    if all(len(name) > 1 and name in _DIMENSION for name in letters):
        return True
    everywhere = counted == len(_FIGURE.findall(clause))
    sums = re.search(r"[\w)²³] ?[-+−]", clause) is not None
    members = len(_RELATION.findall(clause))
    if not all(name in _DIMENSION for name in letters):  # any word: it stands beside each figure
        return worked and len(letters) == 1 and counted > 1 and (everywhere or not sums)
    return worked and (members > 1 or everywhere or not sums)


def _is_last(text: str, place: int, end: int) -> bool:
    """Say whether no figure comes after a place."""
    return _FIGURE.search(text, place, end) is None


def _is_conversion(text: str, start: int, end: int, units: Sequence[_Unit]) -> bool:
    """Say whether whole members have different units: `3 kg = 3 * 9.81 = 29.43 N`."""
    members = [
        tuple(unit.parts)
        for unit in units
        if not _OPERATOR_LAST.search(text, start, unit.start)
        and not _OPERATOR_FIRST.match(text, unit.end, end)
    ]
    return len(set(members)) > 1


def _is_one_each(units: Sequence[_Unit], seen: dict[int, str]) -> bool:
    """Say whether each dimension has one unit here and in the document, and note it."""
    counters = {name for unit in units for name in unit.parts if name not in _DIMENSION}
    if len(counters) > 1:
        return False
    now = dict(seen)
    for unit in units:
        for name in unit.parts:
            if name in _DIMENSION and now.setdefault(_DIMENSION[name], name) != name:
                return False
    seen.update(now)
    return True
