r"""How a name is written in each dialect, and which name a written form means.

A written name has `Parts`: a base letter or word, an accent, subscripts, superscripts in brackets,
primes. Reading goes from parts to a canonical name, writing from a name to the first form that the
parser reads back as the same name: so no two names in use can look alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from tracer.errors import LanguageError, TracerError, printable
from tracer.sentences import say

__all__ = ["COMMANDS", "GREEK", "Entry", "Notation", "Parts"]

_WORDS = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Upsilon",
    "Phi",
    "Psi",
    "Omega",
]
GREEK: Final[Mapping[str, str]] = dict(
    zip(_WORDS, "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True)
)
"""Greek letters by their English words."""

WORDS: Final[Mapping[str, str]] = {
    **{letter: word for word, letter in GREEK.items()},
    "ϵ": "epsilon",
    "ϕ": "phi",
    "ϑ": "theta",
    "µ": "mu",
}
"""English words by Greek letter, variants of letters included."""

COMMANDS: Final[Mapping[str, str]] = {
    **{"\\" + word: letter for word, letter in GREEK.items()},
    r"\varepsilon": "ε",
    r"\varphi": "φ",
    r"\vartheta": "θ",
    r"\ell": "ℓ",
}
"""Letters by LaTeX command."""

ACCENTS: Final[Mapping[str, str]] = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
_ACCENT_OF: Final = {mark: accent for accent, mark in ACCENTS.items()}

LOWER: Final[Mapping[str, str]] = {
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
    **dict(zip("ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣᵤᵥⱼ", "aeoxhklmnpstiruvj", strict=True)),
}
_LOWERED: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PRIMES: Final = {"'": 1, "′": 1, "’": 1, "″": 2, "‴": 3, "⁺": 1}


# Letters that mean nothing else: not Euler's number, a differential or a transpose.
_PLAIN: Final = re.compile(r"[A-SU-Za-cf-z](?:[1-9][0-9]*)?")


class Parts(NamedTuple):
    """A written name taken apart. A part of one Greek letter is kept as the letter."""

    base: str
    accent: str = ""
    below: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    primes: int = 0

    def plain(self) -> str:
        """Return the canonical name where nothing is known of the names in use."""
        return next(iter(_candidates(self)))


class Entry(NamedTuple):
    """An entry of an array, written with subscripts from 1; `indices` count from 0."""

    base: str
    indices: tuple[int, ...]


class Notation:
    """The reader's notation: canonical names to what is shown, and back.

    `overrides` are looks by name, Unicode or LaTeX (what begins with a backslash or has a brace);
    `loss` is shown as L where no other name is L; `taken` are the names in use. Looks never
    collide: a name whose look would mean another one is shown as it is.
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
        self.loss: Final = loss
        self.taken: Final = frozenset(taken)
        self._table: dict[Parts, str] = {}
        self._resolved: dict[Parts, str | Entry] = {}
        self._parts: dict[str, Parts] = {}
        self._plain: dict[str, Parts | None] = {}
        self._unicode: dict[str, str] = {}
        self._latex: dict[str, str] = {}
        # What the parser found plain words to mean; it never changes, so it is kept.
        self.words_read: Final[dict[str, dict[str, str]]] = {"unicode": {}, "latex": {}}
        self._entries: dict[tuple[str, tuple[int, ...], str], str] = {}
        for name, look in self.overrides.items():
            parts = self._read_override(name, look)
            if parts not in self._table and not self._belongs_to_another(parts, name):
                self._table[parts] = name
                self._parts[name] = parts
        self._resolved.clear()
        capital = Parts("L")
        free = capital not in self._table and ("L" not in self.taken or loss == "L")
        if loss is not None and loss not in self._parts and free:
            self._table[capital] = loss
            self._parts[loss] = capital

    # From a name to its looks

    def ascii(self, id: str) -> str:
        """Return the name itself."""
        return id

    def unicode(self, id: str) -> str:
        """Return how the name looks in Unicode."""
        look = self._unicode.get(id)
        if look is None:
            look = self._unicode[id] = self._first_read_back(id, "unicode")
        return look

    def latex(self, id: str) -> str:
        """Return how the name looks in LaTeX, without dollar signs."""
        look = self._latex.get(id)
        if look is None:
            look = self._latex[id] = self._first_read_back(id, "latex")
        return look

    def entry(self, id: str, counts: tuple[int, ...], dialect: str) -> str:
        """Return an entry of an array with subscripts from 1 and no brackets; '' if it needs them.

        It needs none where the name has no subscript and the form means nothing else.
        """
        if not self.knows(id):
            return ""
        key = (id, counts, dialect)
        look = self._entries.get(key)
        if look is None:
            if dialect == "latex":
                look = f"{self.latex(id)}_{{{entry_below(counts)}}}"
            else:
                look = self.unicode(id) + entry_lowered(counts)
            if len(self._entries) > 10_000:  # bounds the memory where a large array is shown
                self._entries.clear()
            look = self._entries[key] = look if self._reads_entry(look, dialect, id, counts) else ""
        return look

    def meant(self, word: str) -> bool:
        """Say whether a word before a bracket is a quantity in use and no function."""
        meaning = self.resolve_word(word)
        return isinstance(meaning, Entry) or self.knows(meaning)

    def _reads_entry(self, look: str, dialect: str, id: str, counts: tuple[int, ...]) -> bool:
        from tracer.expression.parser import parse
        from tracer.expression.syntax import Call, Name, Number

        if "/" in id:
            return False
        try:
            node = parse(look, "latex" if dialect == "latex" else "unicode", names=self)
        except TracerError:
            return False
        if not isinstance(node, Call) or node.operation != "index":
            return False
        base, *items = node.arguments
        read = tuple(int(item.text) + 1 for item in items if isinstance(item, Number))
        return isinstance(base, Name) and base.id == id and read == counts

    def _first_read_back(self, id: str, dialect: str) -> str:
        plain = self._plain_look(id, dialect)
        if plain:
            return plain
        for look in self._unicode_looks(id) if dialect == "unicode" else self._latex_looks(id):
            if self._reads(look, dialect) == id:
                return look
        return f"‹{id}›" if dialect == "unicode" else rf"\mathtt{{{_escaped(id)}}}"

    def _plain_look(self, id: str, dialect: str) -> str:
        """Return the look of a letter with a number, or of a derivative of such; else ''.

        The parser reads it in one way only: it need not be asked, which most names are spared.
        """
        derivative = _derivative(id) if "/" in id else None
        if derivative is not None:
            above, below, _ = derivative
            if self._plain_parts(above) is None or self._plain_parts(below) is None:
                return ""
            return self._derivative_look(*derivative, dialect)
        parts = self._plain_parts(id)
        if parts is None:
            return ""
        return latex_text(parts) if dialect == "latex" else unicode_text(parts)

    def _plain_parts(self, id: str) -> Parts | None:
        """Return a name's parts where they are one letter and perhaps an accent and a number."""
        if id not in self._plain:
            self._plain[id] = self._new_plain_parts(id)
        return self._plain[id]

    def _new_plain_parts(self, id: str) -> Parts | None:
        if id in self._parts:
            parts = self._parts[id]
            override = self.overrides.get(id, "")
            if override and override != unicode_text(parts):
                return None
            digits = parts.below[0] if parts.below else "1"
            if (
                parts.above
                or parts.primes
                or len(parts.below) > 1
                or not _PLAIN.fullmatch(parts.base + digits)
            ):
                return None
        elif id == "learning_rate":
            parts = Parts("η")
        elif id not in self.overrides and _PLAIN.fullmatch(id):
            parts = Parts(id[0], "", (id[1:],) if id[1:] else ())
            if parts not in self._table and (not self.taken or id in self.taken):
                return parts
        else:
            return None
        return parts if self.resolve(parts) == id else None

    def _reads(self, look: str, dialect: str) -> str | None:
        from tracer.expression.parser import parse  # the parser needs a notation itself
        from tracer.expression.syntax import Name

        try:
            node = parse(look, "latex" if dialect == "latex" else "unicode", names=self)
        except TracerError:
            return None
        return node.id if isinstance(node, Name) else None

    def _derivative_look(self, above: str, below: str, number: str, dialect: str) -> str:
        if dialect == "latex":
            look = rf"\frac{{\partial {self.latex(above)}}}{{\partial {self.latex(below)}}}"
            return rf"\left.{look}\right|_{{{number}}}" if number else look
        inner = f"({self.unicode(below)})" if _derivative(below) else self.unicode(below)
        suffix = "|" + number.translate(_LOWERED) if number else ""
        return f"∂{self.unicode(above)}/∂{inner}{suffix}"

    def _unicode_looks(self, id: str) -> Iterator[str]:
        derivative = _derivative(id)
        if derivative is not None:
            yield self._derivative_look(*derivative, "unicode")
            return
        stem = id.rstrip("'")
        primes = len(id) - len(stem)
        override = self.overrides.get(stem, "")
        if stem in self._parts and override and not _is_latex(override):
            yield override + "′" * primes
        for parts in self._forms(stem):
            yield unicode_text(parts._replace(primes=parts.primes + primes))
        yield stem + "′" * primes

    def _latex_looks(self, id: str) -> Iterator[str]:
        derivative = _derivative(id)
        if derivative is not None:
            yield self._derivative_look(*derivative, "latex")
            return
        stem = id.rstrip("'")
        primes = len(id) - len(stem)
        override = self.overrides.get(stem, "")
        if stem in self._parts and _is_latex(override) and not (primes and "^" in override):
            yield override + "'" * primes
        for parts in self._forms(stem):
            yield latex_text(parts._replace(primes=parts.primes + primes))
        if stem.isidentifier():
            yield rf"\mathrm{{{_escaped(stem)}}}" + "'" * primes

    def _forms(self, stem: str) -> Iterator[Parts]:
        """Yield the parts that a name may be shown with, the best first."""
        if stem in self._parts:
            yield self._parts[stem]
        if stem == "learning_rate":
            yield Parts("η")
        yield from _forms(stem)

    # From what is written to a name

    def resolve(self, parts: Parts) -> str | Entry:
        """Return the name or the entry that written parts mean."""
        meaning = self._resolved.get(parts)
        if meaning is None:
            meaning = self._resolve(parts)
            if len(self._resolved) < 10_000:
                self._resolved[parts] = meaning
        return meaning

    def _resolve(self, parts: Parts) -> str | Entry:
        known = self._table.get(parts)
        if known is not None:
            return known
        primes = "'" * parts.primes
        if primes:
            known = self._table.get(parts._replace(primes=0))
            if known is not None:
                return known + primes
        candidates = _candidates(parts)
        taken = self.taken
        if taken:
            for candidate in candidates:
                if candidate in taken or candidate.rstrip("'") in taken:
                    return candidate
        if parts.base == "η" and not (parts.below or parts.above or parts.accent):
            return "learning_rate" + primes
        if taken and parts.below and not parts.above:
            indices = entry_indices(parts.below)
            if indices:
                base = self.resolve(parts._replace(below=()))
                if isinstance(base, str) and base.rstrip("'") in taken:
                    return Entry(base, indices)
        return candidates[0]

    def resolve_word(self, word: str) -> str | Entry:
        """Return what a plain ASCII word in a Unicode text means: itself, as a rule."""
        if word in self.taken:
            return word
        if self._table or self.taken:
            meant = self.resolve(unicode_parts(word))
            if isinstance(meant, Entry) or meant.rstrip("'") in self.taken:
                return meant
            if unicode_parts(word) in self._table or unicode_parts(word.rstrip("'")) in self._table:
                return meant
        return word

    def knows(self, id: str) -> bool:
        """Say whether a name is in use."""
        return id.rstrip("'") in self.taken or id in self.taken

    def _belongs_to_another(self, parts: Parts, name: str) -> bool:
        return any(
            candidate in self.taken and candidate != name and candidate not in self.overrides
            for candidate in _candidates(parts)
        )

    def _read_override(self, name: str, look: str) -> Parts:
        base, accent = _without_accent(look) if len(look) == 1 else (look, "")
        if _PLAIN.fullmatch(base) and len(base) == 1:  # a letter: the parser need not be loaded
            return Parts(base, accent)

        from tracer.expression.latex_parser import read_parts

        parts: Parts | None = None
        try:
            parts = read_parts(look, "latex" if _is_latex(look) else "unicode")
        except TracerError:
            parts = None
        if parts is None:
            raise LanguageError(
                say("the notation of `{name}` is no name", name=printable(name)),
                found=f"`{printable(look[:60])}`",
                expected=say("one such as ŷ, θ₁, \\hat{{y}} or \\mathrm{{loss}}"),
            )
        return parts


def _is_latex(look: str) -> bool:
    return look.startswith("\\") or "{" in look


def _escaped(text: str) -> str:
    return text.replace("_", r"\_").replace("#", r"\#").replace(" ", r"\ ")


# Names taken apart


def _derivative(id: str) -> tuple[str, str, str] | None:
    """Return what is derived, by what, and the number of the term, for the name of a gradient."""
    if id[:1] != "d" or "/d" not in id:
        return None
    above, _, below = id[1:].partition("/d")
    below, _, number = (
        below.partition("#") if "#" in below and below[-1:].isdigit() else (below, "", "")
    )
    if below.startswith("(") and below.endswith(")"):
        below = below[1:-1]
        if _derivative(below) is None:
            return None
    return (above, below, number) if above and below else None


def _letters_and_digits(word: str) -> tuple[str, str] | None:
    """Return a word's letters and the digits after them; None for any other kind of word."""
    letters = word.rstrip("0123456789")
    return (letters, word[len(letters) :]) if letters.isalpha() else None


def _forms(stem: str) -> Iterator[Parts]:
    """Yield the parts of a name, the best first; nothing where it is only shown as it is."""
    if stem.endswith("]"):
        head, _, inside = stem[:-1].partition("[")
        items = tuple(inside.split(", "))
        for parts in _forms(head):
            if not parts.below:
                yield parts._replace(below=items)
            yield parts._replace(above=items)
        return
    first, *rest = stem.split("_")
    split = _letters_and_digits(first)
    if split is None or not all(part.isalnum() for part in rest):
        return
    letters, digits = split
    base = GREEK.get(letters, letters)
    if rest and len(base) == 1:
        accent = rest[0].rstrip("0123456789")
        if accent in ACCENTS and not (digits and rest[0] != accent):
            digits += rest[0][len(accent) :]
            below = ((digits,) if digits else ()) + tuple(rest[1:])
            yield Parts(base, accent, below)
    yield Parts(base, "", ((digits,) if digits else ()) + tuple(rest))


def _candidates(parts: Parts) -> list[str]:
    """Return the names that written parts may mean, the likeliest first."""
    base, accent, below, above, primes = parts
    word = WORDS.get(base, base)
    stems = [f"{word}_{accent}", f"{word}{accent}"] if accent else [word]
    below = tuple(WORDS.get(part, part) for part in below)
    names: list[str] = []
    for stem in stems:
        if not below:
            names.append(stem)
            continue
        first = below[0].strip("{}")
        joined = "_".join(below).replace("{", "").replace("}", "")
        listed = f"{stem}[{', '.join(below)}]"
        if not joined.replace("_", "").isalnum():
            names.append(listed)
        elif len(below) == 1:
            if first.isdigit():
                if not stem[-1].isdigit():
                    names.append(stem + first)
                names += [f"{stem}_{first}", f"{stem}[{first}]"]
                if accent:
                    names.append(f"{word}{first}_{accent}")
            else:
                names += [f"{stem}_{first}", f"{stem}[{first}]"]
        elif all(part.isdigit() for part in below):
            names += [listed, f"{stem}_{joined}", f"{stem}{joined}"]
        elif first.isdigit() and not stem[-1].isdigit():
            names += [f"{stem}{joined}", f"{stem}_{joined}", listed]
        else:
            names += [f"{stem}_{joined}", f"{stem}[{joined}]", listed]
    if above:
        index = ", ".join(WORDS.get(part, part) for part in above)
        raised = []
        for name in names:
            raised.append(f"{name}[{index}]")
            if index.isalnum():
                raised += [name + index, f"{name}_{index}"]
        names = raised
    return [name + "'" * primes for name in names] if primes else names


def entry_indices(parts: tuple[str, ...]) -> tuple[int, ...]:
    """Return the indices from 0 that subscripts from 1 mean; () where they are no indices.

    One run of digits has an index in each digit; `1,12` and `{12}` keep them together.
    """
    digits = (
        [*parts[0]] if len(parts) == 1 and parts[0][0] != "{" else [p.strip("{}") for p in parts]
    )
    if not all(digit.isascii() and digit.isdigit() and digit[0] != "0" for digit in digits):
        return ()
    if any(len(digit) > 9 for digit in digits):
        return ()
    return tuple(int(digit) - 1 for digit in digits)


def entry_below(counts: tuple[int, ...]) -> str:
    """Return subscripts from 1 as LaTeX has them in its braces: `12`, `1,12`, `{12}`."""
    if max(counts) < 10:
        return "".join(map(str, counts))
    return f"{{{counts[0]}}}" if len(counts) == 1 else ",".join(map(str, counts))


def entry_lowered(counts: tuple[int, ...]) -> str:
    """Return subscripts from 1 as Unicode has them: `₁₂`, `_{1,12}`, `_{{12}}`."""
    text = entry_below(counts)
    return text.translate(_LOWERED) if text.isdigit() else f"_{{{text}}}"


@lru_cache(maxsize=4096)
def unicode_parts(text: str, below: tuple[str, ...] = (), above: tuple[str, ...] = ()) -> Parts:
    """Return the parts of a name written in Unicode. `below`, `above`: what stood in braces."""
    if any("\u0300" <= character <= "\u036f" for character in text):
        from unicodedata import normalize

        text = normalize("NFC", text)
    primes = 0
    pieces: list[str] = [""]
    lowered = False
    for character in text:
        if character in _PRIMES:
            primes += _PRIMES[character]
        elif character == "_":
            pieces.append("")
            lowered = False
        elif character in LOWER:
            if not lowered:
                pieces.append("")
                lowered = True
            pieces[-1] += LOWER[character]
        else:
            if lowered:
                pieces.append("")
                lowered = False
            pieces[-1] += character
    base, *rest = pieces
    if not all(pieces) and text.isascii():
        # `_x` and `a__b` are names without subscripts.
        return Parts(text.replace("'", ""), "", below, above, primes)
    if len(base) > 1 and base[-1] in "0123456789" and _letters_and_digits(base):
        letters = base.rstrip("0123456789")
        rest.insert(0, base[len(letters) :])
        base = letters
    base, accent = _without_accent(base)
    if base in WORDS:
        base = GREEK[WORDS[base]]
    return Parts(base, accent, (*rest, *below), above, primes)


def _without_accent(base: str) -> tuple[str, str]:
    """Return a letter without its hat, bar or tilde, and which of them it had."""
    if base.isascii() or len(base) > 2:
        return base, ""
    from unicodedata import normalize

    apart = normalize("NFD", base)
    if len(apart) == 2 and apart[1] in _ACCENT_OF:
        return apart[0], _ACCENT_OF[apart[1]]
    return base, ""


def unicode_text(parts: Parts) -> str:
    """Return parts as Unicode text."""
    text = parts.base
    if parts.accent:
        from unicodedata import normalize

        text = normalize("NFC", text + ACCENTS[parts.accent])
    below = parts.below
    if (
        below
        and all(part.isdigit() or not part.isalnum() for part in below)
        and (len(below) > 1 or not below[0].isdigit())
    ):
        text += f"_{{{','.join(below)}}}"
    else:
        for place, part in enumerate(below):
            if place == 0 and part.isdigit():
                text += part.translate(_LOWERED)
            else:
                text += "_" + GREEK.get(part, part)
    if parts.above:
        only = parts.above[0]
        if len(parts.above) == 1 and only.isdigit():
            text += f"⁽{only.translate(_RAISED)}⁾"
        else:
            text += f"^{{({','.join(parts.above)})}}"
    return text + "′" * parts.primes


def latex_text(parts: Parts) -> str:
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
    return word if len(word) == 1 else rf"\mathrm{{{_escaped(word)}}}"


def _latex_part(part: str) -> str:
    r"""Return what stands in a subscript: `1`, `x`, `\mathrm{new}`, `w_{1}`, `t + 1`."""
    if part.isdigit() or part in GREEK or part in WORDS or part.isalpha():
        return part if part.isdigit() else _latex_word(part)
    if part.replace("_", "").isalnum():
        for parts in _forms(part):
            return latex_text(parts)
        return _latex_word(part)
    return " ".join(map(_latex_part, part.split(" "))) if " " in part else part
