r"""How a name is written in each dialect: from a canonical name to what a reader sees.

Of the forms that a name may have the first is taken that the parser reads back as the same name:
so no two names in use can look alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from typing import Final
from unicodedata import normalize

from tracer.errors import LanguageError, TracerError, printable
from tracer.expression.latex_parser import LatexParser
from tracer.expression.lexer import fold_signs
from tracer.expression.names import (
    ACCENTS,
    AS_SUBSCRIPT,
    AS_SUPERSCRIPT,
    GREEK,
    SETTINGS,
    WORDS,
    Dialect,
    Meaning,
    NameParts,
    NameTable,
    Vocabulary,
    letters_and_digits,
)
from tracer.expression.parser import parse
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.expression.unicode_parser import UnicodeParser
from tracer.sentences import say

# Below a name xi is x and i: W_xi, beside W_xf and W_xo, leads from x to the gate i.
_GREEK_BELOW: Final = {word: letter for word, letter in GREEK.items() if word != "xi"}


class Notation(NameTable):
    """The reader's notation: canonical names to what is shown, and back.

    `overrides` are looks by name, Unicode or LaTeX (what begins with a backslash or has a brace);
    a loss that is called `loss` is shown as L where no other name is L; `taken` are the names in
    use. Looks never collide: a name whose look would mean another one is shown as it is.
    Raises: LanguageError where an override is no name.
    """

    def __init__(
        self,
        overrides: Mapping[str, str] | None = None,
        *,
        loss: str | None = None,
        taken: Collection[str] = (),
    ) -> None:
        self.overrides: Final[Mapping[str, str]] = dict(overrides or {})
        looks = {name: _parts_of(name, look) for name, look in self.overrides.items()}
        super().__init__(looks, loss=loss, taken=taken)
        self._words: Mapping[str, str] = {}  # words in formulas, translated
        self._looks: dict[Dialect, dict[str, str]] = {"ascii": {}, "unicode": {}, "latex": {}}
        self._entries: dict[tuple[str, tuple[int, ...], Dialect], str] = {}

    def with_words(self, words: Mapping[str, str]) -> Notation:
        """Return the same with the words of formulas as a language has them, by the English."""
        if words == self._words:
            return self
        notation = copy(self)
        notation._words = words
        return notation

    def word(self, text: str) -> str:
        """Return a word of a formula in the reader's language."""
        return self._words.get(text, text)

    def look(self, id: str, dialect: Dialect) -> str:
        """Return how the name looks in a dialect; in LaTeX without dollar signs."""
        looks = self._looks[dialect]
        look = looks.get(id)
        if look is None:
            look = looks[id] = self._look_read_back(id, dialect)
        return look

    def _look_read_back(self, id: str, dialect: Dialect) -> str:
        for look, meaning in self._forms_of(id, dialect):
            if id == (self._name_read(look, dialect) if meaning is None else meaning):
                return look
        return rf"\mathtt{{{_escape_latex(id)}}}" if dialect == "latex" else f"‹{id}›"

    def _name_read(self, look: str, dialect: Dialect) -> str | None:
        node = self._read(look, dialect)
        return node.id if isinstance(node, Name) else None

    def id_shown_as(self, text: str, ids: Iterable[str]) -> str | None:
        """Return the name that a reader's text means: as it is, or as it is shown, ∂ also as d.

        None where it means none of `ids`, or more than one.
        """
        names = list(ids)
        if text in names:
            return text
        spelling = _keyboard_spelling(text)
        meant = {id for id in names if spelling == _keyboard_spelling(self.look(id, "unicode"))}
        return meant.pop() if len(meant) == 1 else None

    def entry(self, id: str, counts: tuple[int, ...], dialect: Dialect) -> str:
        """Return an entry of an array with subscripts from 1 and no brackets; '' if it needs them.

        It needs none where the name has no subscript and the form means nothing else.
        """
        if not self.knows(id):
            return ""
        key = (id, counts, dialect)
        look = self._entries.get(key)
        if look is None:
            lowered = f"_{{{entry_below(counts)}}}" if dialect == "latex" else entry_lowered(counts)
            look = self.look(id, dialect) + lowered
            if len(self._entries) > 10_000:  # bounds the memory where a large array is shown
                self._entries.clear()
            look = self._entries[key] = look if self._reads_entry(look, dialect, id, counts) else ""
        return look

    def _reads_entry(self, look: str, dialect: Dialect, id: str, counts: tuple[int, ...]) -> bool:
        node = self._read(look, dialect)
        if "/" in id or not isinstance(node, Call) or node.operation != "index":
            return False
        base, *items = node.arguments
        subscripts = tuple(int(item.text) + 1 for item in items if isinstance(item, Number))
        return isinstance(base, Name) and base.id == id and subscripts == counts

    def _read(self, look: str, dialect: Dialect) -> Node | None:
        try:
            return parse(look, dialect, names=self)
        except TracerError:
            return None

    def _derivative_look(self, above: str, below: str, number: str, dialect: Dialect) -> str:
        numerator, denominator = self.look(above, dialect), self.look(below, dialect)
        if dialect == "latex":
            look = rf"\frac{{\partial {numerator}}}{{\partial {denominator}}}"
            return rf"\left.{look}\right|_{{{number}}}" if number else look
        inner = f"({denominator})" if _derivative_parts(below) else denominator
        suffix = "|" + number.translate(AS_SUBSCRIPT) if number else ""
        return f"∂{numerator}/∂{inner}{suffix}"

    def _forms_of(self, id: str, dialect: Dialect) -> Iterator[tuple[str, Meaning | None]]:
        """Yield the looks that a name may have, the best first, and what each means.

        None where the parser must say: brackets keep the names in a gradient apart, and a letter
        with a number is read in one way.
        """
        is_latex = dialect == "latex"
        derivative = _derivative_parts(id)
        if derivative is not None:
            yield self._derivative_look(*derivative, dialect), id
            return
        stem = id.rstrip("'")
        primes = len(id) - len(stem)
        marks = ("'" if is_latex else "′") * primes
        override = self.overrides.get(stem)
        if override and stem in self.parts_of:
            fits = not (is_latex and marks and "^" in override)
            if fits and _is_latex(override) == is_latex:
                yield override + marks, None
        for parts in self._forms(stem):
            written = parts._replace(primes=parts.primes + primes) if primes else parts
            is_read = _is_letter(written) and (is_latex or written.below)
            yield (
                latex_text(written) if is_latex else unicode_text(written),
                self.resolve(written) if is_read else None,
            )
        if not is_latex:
            yield stem + marks, None
        elif stem.isidentifier():
            yield rf"\mathrm{{{_escape_latex(stem)}}}" + marks, None

    def _forms(self, stem: str) -> Iterator[NameParts]:
        """Yield the parts that a name may be shown with, the best first."""
        if stem in self.parts_of:
            yield self.parts_of[stem]
        if stem in SETTINGS:
            yield NameParts(SETTINGS[stem])
        yield from _name_forms(stem)


def _parts_of(name: str, look: str) -> NameParts:
    """Return the parts of the look that somebody chose for a name."""
    try:
        parts = _read_parts(look)
    except TracerError:
        parts = None
    if parts is None:
        raise LanguageError(
            say("the notation of `{name}` is not a name", name=printable(name)),
            found=f"`{printable(look[:60])}`",
            expected=say("one such as ŷ, θ₁, \\hat{{y}} or \\mathrm{{loss}}"),
        )
    return parts


def _read_parts(text: str) -> NameParts | None:
    """Return the parts of a text that is one name, None where it is more."""
    kind = LatexParser if _is_latex(text) else UnicodeParser
    parser = kind(fold_signs(text), Vocabulary())
    parts = parser.written_name()
    if parser.kinds[parser.position] != "end":
        return None
    return parts if isinstance(parts, NameParts) else None


def _is_latex(look: str) -> bool:
    return look.startswith("\\") or "{" in look


def _escape_latex(text: str) -> str:
    return text.replace("_", r"\_").replace("#", r"\#").replace(" ", r"\ ")


def _is_letter(parts: NameParts) -> bool:
    """Say whether a name is a letter that every keyboard has, perhaps with a number."""
    base, accent, below, above, primes = parts
    number = below[0] if below else "0"
    return (
        len(base) == 1
        and (base + number).isascii()
        and number.isdigit()
        and not (accent or above or primes or len(below) > 1)
    )


def _derivative_parts(id: str) -> tuple[str, str, str] | None:
    """Return what is derived, by what, and the number of the term, for the name of a gradient."""
    if id[:1] != "d" or "/d" not in id:
        return None
    above, _, below = id[1:].partition("/d")
    number = ""
    if below.partition("#")[2].isdecimal():
        below, _, number = below.partition("#")
    if below.startswith("(") and below.endswith(")"):
        below = below[1:-1]
        if _derivative_parts(below) is None:
            return None
    elif "/" in below:
        return None
    return (above, below, number) if above and below else None


def _name_forms(stem: str) -> Iterator[NameParts]:
    """Yield the parts of a name, the best first; nothing where it is only shown as it is."""
    if stem.endswith("]"):
        head, _, inside = stem[:-1].partition("[")
        items = tuple(inside.split(", "))
        for parts in _name_forms(head):
            if not parts.below:
                yield parts._replace(below=items)
            yield parts._replace(above=items)
        return
    first, *rest = stem.split("_")
    split = letters_and_digits(first)
    if split is None or not all(part.isalnum() for part in rest):
        return
    letters, digits = split
    base = GREEK.get(letters, letters)
    if len(base) > 1 and not all(map(str.isdigit, rest)):
        return  # log_var is a word, and no logarithm to a base var
    if rest and len(base) == 1:
        accent = rest[0].rstrip("0123456789")
        if accent in ACCENTS and not (digits and rest[0] != accent):
            digits += rest[0][len(accent) :]
            below = ((digits,) if digits else ()) + tuple(rest[1:])
            yield NameParts(base, accent, below)
    yield NameParts(base, "", ((digits,) if digits else ()) + tuple(rest))


def entry_below(counts: tuple[int, ...]) -> str:
    """Return subscripts from 1 as LaTeX has them in its braces: `12`, `1,12`, `1,2,3`, `{12}`."""
    if max(counts) < 10 and len(counts) < 3:
        return "".join(map(str, counts))
    return f"{{{counts[0]}}}" if len(counts) == 1 else ",".join(map(str, counts))


def entry_lowered(counts: tuple[int, ...]) -> str:
    """Return subscripts from 1 as Unicode has them: `₁₂`, `₁,₁₂`, `_{{12}}`."""
    text = entry_below(counts)
    return f"_{{{text}}}" if text[0] == "{" else text.translate(AS_SUBSCRIPT)


def unicode_text(parts: NameParts) -> str:
    """Return parts as Unicode text."""
    text = parts.base
    if parts.accent:
        text = normalize("NFC", text + ACCENTS[parts.accent])
    below = parts.below
    if (
        below
        and all(part.isdigit() or not part.isalnum() for part in below)
        and (len(below) > 1 or not below[0].isdigit())
    ):
        text += f"_{{{','.join(below)}}}"
    else:
        number, *words = below if below and below[0].isdigit() else ("", *below)
        text += number.translate(AS_SUBSCRIPT)
        text += "".join(map(_unicode_below, words))
    if parts.above:
        only = parts.above[0]
        if len(parts.above) == 1 and only.isdigit():
            text += f"⁽{only.translate(AS_SUPERSCRIPT)}⁾"
        else:
            text += f"^{{({','.join(_GREEK_BELOW.get(part, part) for part in parts.above)})}}"
    return text + "′" * parts.primes


def _unicode_below(part: str) -> str:
    """Return a word that stands in a subscript, with what it has below it: `_W`, `_{W₁}`."""
    letters, digits = letters_and_digits(part) or (part, "")
    letters = _GREEK_BELOW.get(letters, letters)
    return f"_{{{letters}{digits.translate(AS_SUBSCRIPT)}}}" if digits else f"_{letters}"


def latex_text(parts: NameParts) -> str:
    """Return parts as LaTeX."""
    text = _latex_word(parts.base)
    if parts.accent:
        text = rf"\{parts.accent}{{{text}}}"
    if parts.below:
        text += f"_{{{','.join(map(_latex_part, parts.below))}}}"
    if parts.above:
        inside = f"({','.join(map(_latex_part, parts.above))})"
        return (
            text
            + f"^{{{inside}{chr(92) + 'prime' if parts.primes == 1 else ''}}}"
            + ("'" * parts.primes if parts.primes > 1 else "")
        )
    return text + "'" * parts.primes


def _latex_word(word: str) -> str:
    if word in WORDS:
        return "\\" + WORDS[word]
    if word in GREEK:
        return "\\" + word
    return word if len(word) == 1 else rf"\mathrm{{{_escape_latex(word)}}}"


def _latex_part(part: str) -> str:
    r"""Return what stands in a subscript: `1`, `x`, `\mathrm{new}`, `w_{1}`, `t + 1`."""
    if part in GREEK and part not in _GREEK_BELOW:
        return rf"\mathrm{{{part}}}"
    if part.isdigit() or part in GREEK or part in WORDS or part.isalpha():
        return part if part.isdigit() else _latex_word(part)
    if part.replace("_", "").isalnum():
        for parts in _name_forms(part):
            return latex_text(parts)
        return _latex_word(part)
    return " ".join(map(_latex_part, part.split(" "))) if " " in part else part


def _keyboard_spelling(text: str) -> str:
    """Return a name without what a keyboard lacks: dL/dW1 for ∂L/∂W₁, y_hat or y_pred for ŷ."""
    bare = normalize("NFKC", text).replace("∂", "d").replace(" ", "")
    return (
        normalize("NFD", bare)
        .replace("\N{COMBINING CIRCUMFLEX ACCENT}", "_hat")
        .replace("_pred", "_hat")
    )
