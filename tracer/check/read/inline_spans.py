r"""What stands within a paragraph and is no plain text: formulas, code, links, marks of emphasis.

Everything here is linear in the text: each closing sign is looked for once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tracer.check.model.statements import MappedText
from tracer.check.read.text_blocks import ENVIRONMENTS, closing_sign, goes_on_as_sum
from tracer.expression.names import ACCENTS, AS_SUPERSCRIPT
from tracer.lazy_regex import lazy_regex


class InlineSpan(NamedTuple):
    """A piece of a text: a `formula` without its signs, a mark, a picture, or a sign by its name.

    `text` is what the piece stands for, where that is not what is written.
    """

    start: int
    end: int
    kind: str  # formula, delimiter, markup, picture, sign
    text: str = ""


_OPENING: Final = lazy_regex(
    r"(?:stem|latexmath):\[|:math:`|\\\\|\\\$|\$[$`]?|\\\(|\\\[|\\begin ?\{(?:"
    + ENVIRONMENTS
    + r")\*?\}"
    r"|(?<!\S)[\[(] (?=[^\n]*\\[A-Za-z])"
    r"|`+|!?\[(?=[^\[\]\n]*(?P<link>\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?: [^()\n]*)?\)))"
    r"|<(?:!--|/?[A-Za-z])[^<>\n]*>|https?://[^\s)\]>]+|www\.\S+|&#?\w+;|\*{1,3}|_{1,3}"
)

_DOLLAR: Final = lazy_regex(r"(?<!\\)(?:\\\\)*\$")
_COMMAND: Final = lazy_regex(r"\\(?:times|cdot|frac|sqrt|sum|hat|partial|approx|sigma|tanh)\b")
_ESCAPED: Final = frozenset("*_#+-.![]{}|<>~`=^%")
_SCRIPT: Final = lazy_regex(
    r"<(?P<kind>sub|sup)>(?P<inside>[\w\[\](), +\-']{1,20}|\s*<[^<>]*>)</(?P=kind)>", re.IGNORECASE
)
_FRACTION: Final = lazy_regex(
    r"<sup>(?P<above>[^<>]{1,80})</sup>[/⁄]<sub>(?P<below>[^<>]{1,80})</sub>", re.IGNORECASE
)
_MARKS: Final = dict.fromkeys(
    ("b>", "su", "st", "em", "i>", "/b", "/s", "/e", "/i", "co", "/c"), "markup"
) | {"br": "newline"}
"""How tags of HTML begin between which text goes on, and the one that ends a line."""
_LABEL: Final = lazy_regex(
    r"[ \t]*(?:>[ \t]*|//+[ \t]+|(?:[-*+]\s+\[[ x]\]|[*+•·▪◦‣\-])[ \t]+|[①-⓿][ \t]*"
    r"|#{1,6}[ \t]+|\*{2,6}[ \t]+(?=[^\W\d_]{2})"
    r"|\(?[0-9]{1,3}(?:[.、]|\)(?!\())(?![0-9])[ \t]*|（[0-9]{1,3}）[ \t]*"
    r"|\([0-9a-z]{1,3}\)[ \t]+(?=[^\W\d]|[∂∇√∑∏‖])|\((?:[a-h]|i{1,3}|iv|v)\)[ \t]+(?=[0-9])"
    # The number of a section, not a factor as in `0.5 x = 2` or `1.5 sqrt(4) = 3`.
    r"|[1-9][0-9]?(?:\.[0-9]{1,2}){1,3}[ \t]+(?!(?:ln|log|exp|sin|cos|tan|tanh|sqrt)\b)"
    r"(?=[^\W\d]\w*\s*=|[^\W\d_]{2,}(?![\w(])))"
)
FIRST_CHINESE: Final = "\u2e80"
_ROLES: Final = ("stem:[", "latexmath:[", ":math:`")  # of AsciiDoc, of reStructuredText
_SPECIAL: Final = (*_ROLES, "$", "\\", "`", "[", "<", "&", "*", "_", "/", "www.")


def without_escapes(text: MappedText) -> MappedText:
    r"""Return the text of Markdown without the backslashes of `\*` and `\_`, but for formulas."""
    pairs = enumerate(pairwise(text.text))
    escapes = {at for at, (sign, after) in pairs if sign == "\\" and after in _ESCAPED}
    if not escapes:
        return text
    spans = [span for span in find_spans(text.text, True) if span.kind != "markup"]
    return text.without(escapes - {at for span in spans for at in range(span.start, span.end)})


def find_spans(text: str, markdown: bool) -> list[InlineSpan]:
    """Return the pieces of a text that are no plain text, in order; `$5 and $6` is no formula."""
    is_plain = not any(sign in text for sign in _SPECIAL)
    return [] if is_plain else sorted(_Scanner(text, markdown).spans())


def find_labels(text: str) -> Iterator[InlineSpan]:
    """Yield the marks with which lines begin: bullets, signs of quotes, numbers of items."""
    start, lines = 0, text.split("\n")
    for line, goes_on in zip(lines, goes_on_as_sum(lines), strict=True):
        place = start
        while (
            not goes_on and (label := _LABEL.match(text, place)) is not None and label.end() > place
        ):
            yield InlineSpan(place, label.end(), "label")
            place = label.end()
        start += len(line) + 1


def _sign_called(entity: str) -> str:
    """Return the sign that HTML has a name or a number for, `&part;`; a blank is a plain one."""
    from html import unescape  # its table of two thousand names is loaded where one is written

    sign = unescape(entity)
    return " " if sign.isspace() else "" if sign == entity else sign


def _script_spans(text: str, start: int) -> Iterator[InlineSpan]:
    """Yield `<sub>1</sub>` as the subscript that it is, `<sup>2</sup>` as a power or a mark.

    Of `<sup>1</sup>/<sub>2</sub>`, a fraction, the marks are brackets.
    """
    if (fraction := _FRACTION.match(text, start)) is not None:
        for part in ("above", "below"):
            yield InlineSpan(fraction.start(part) - 5, fraction.start(part), "sign", "(")
            yield InlineSpan(fraction.end(part), fraction.end(part) + 6, "sign", ")")
    elif (found := _SCRIPT.match(text, start)) is not None:
        inside = found["inside"].strip()
        sign = "_" if found["kind"].lower() == "sub" else "^"
        is_power = sign == "^" and inside.isdigit()
        script = inside.translate(AS_SUPERSCRIPT) if is_power else f"{sign}{{{inside}}}"
        yield InlineSpan(start, found.end(), "script", script)


class _Scanner:
    """Goes along the signs with which something may begin."""

    def __init__(self, text: str, markdown: bool) -> None:
        self.text = text
        self.markdown = markdown
        self.never: set[str] = set()  # closing signs that do not come again
        self.waiting: dict[str, tuple[int, int]] = {}  # marks of emphasis that may be opened

    def spans(self) -> Iterator[InlineSpan]:
        """Yield the pieces; marks of emphasis come when they are closed."""
        place = 0
        while (opening := _OPENING.search(self.text, place)) is not None:
            sign, start, place = opening[0], opening.start(), opening.end()
            if sign == "\\\\":
                continue
            if sign[0] in "$\\" or sign[-1] == " " or sign in _ROLES:
                formula = self.formula(sign, start, place)
                place = formula[-1].end if formula else place
                yield from formula
            elif sign[0] in "hw":
                yield InlineSpan(start, place, "picture")
            elif not self.markdown:
                continue
            elif sign[0] == "&":
                yield InlineSpan(start, place, "sign", _sign_called(sign))
            elif sign[0] == "<":
                mark = InlineSpan(start, place, _MARKS.get(sign[1:3], "picture"))
                scripts = [*_script_spans(self.text, start)] or [mark]
                place = scripts[-1].end
                yield from scripts
            elif sign[0] == "`":
                formula = self.formula(sign, start, place) if self.holds_command(place) else ()
                place = formula[-1].end if formula else place
                yield from formula or (InlineSpan(start, place, "markup"),)
            elif sign[-1] == "[":
                place = opening.end("link")
                yield InlineSpan(start, place, "picture")
            else:
                yield from self.emphasis(sign, start, place)

    def holds_command(self, inner: int) -> bool:
        r"""Tell whether code is a formula, ``14 \times 14 = 196``, that was set as code."""
        inside = self.text[inner:].partition("`")[0]
        return "=" in inside and _COMMAND.search(inside) is not None

    def formula(self, sign: str, start: int, inner: int) -> Sequence[InlineSpan]:
        """Return a formula and the signs around it; nothing where it is none."""
        text, closing = self.text, closing_sign(sign)
        row = text[inner:].partition("\n")[0] if sign[-1] == " " or sign == "\\$" else "\\"
        if "\\" not in row.partition(closing)[0]:
            return ()  # not `[ \frac{1}{2} = 0.5 ]`, which lost its backslashes, nor `\$5 and \$6`
        end = -1 if closing in self.never else text.find(closing, inner)
        if closing == "$" and end > 0 and (closed := _DOLLAR.search(text, inner)) is not None:
            end = closed.end() - 1  # behind `\$5`
        if end < 0:
            self.never.add(closing)
            return ()
        if sign == "$":
            before = text[max(start - 1, 0) : start]
            is_joined = before.isalnum() and before.isascii()
            is_price = is_joined or end == inner or text[end + 1 : end + 2].isdigit()
            is_loose = text[end - 1].isspace() and not text[inner].isspace()
            has_sign = not {"\\", "=", "^", "_"}.isdisjoint(text[inner:end])
            if is_price or (is_loose and (text[inner].isdigit() or not has_sign)):
                return ()  # `$5 and $6`
        return (
            InlineSpan(start, inner, "delimiter"),
            InlineSpan(inner, end, "formula"),
            InlineSpan(end, end + len(closing), "delimiter"),
        )

    def emphasis(self, sign: str, start: int, end: int) -> Iterator[InlineSpan]:
        """Yield the marks around what is emphasised; `2 * 3` and `a_1` have none."""
        text = self.text
        before = text[start - 1 : start] if start else " "
        after = text[end : end + 1] or " "
        closes = not before.isspace() and not _is_in_a_name(after) and after not in "(（"
        opens = (
            not after.isspace()
            and not _is_in_a_name(before)
            and before not in (")", "）", "]", "}", "_", "\\")
        )
        if opens and sign == "*" and before.isspace():
            lead = text[max(start - 200, 0) : start].rstrip()[-1:]
            opens = lead not in "0123456789)）]}" or lead == ""  # `0.5 *(-3)* 2` is a product
        opened = self.waiting.get(sign)
        if closes and opened is not None:
            del self.waiting[sign]
            yield InlineSpan(*opened, "markup")
            yield InlineSpan(start, end, "markup")
        elif opens:
            self.waiting[sign] = (start, end)


def _is_in_a_name(sign: str) -> bool:
    """Tell whether a sign is of a name: a letter, `δ` too, its hat, a digit; Chinese is words."""
    return (sign.isalnum() or sign in ACCENTS.values()) and sign < FIRST_CHINESE
