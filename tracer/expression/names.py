"""Which name a written form means: plain tables, and what they say of names in use.

A written name has `NameParts`: a base letter or word, an accent, subscripts, superscripts in
brackets, primes. Reading goes from parts to a canonical name. How a name is shown is said in
`notation`. Of functions the operations table holds the names in each dialect, and hands the whole
mapping to the parser and the printer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Final, Literal, NamedTuple
from unicodedata import normalize

from tracer.frozen import Value
from tracer.lazy_regex import lazy_regex

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

SETTINGS: Final[Mapping[str, str]] = {
    "learning_rate": "η",
    "momentum": "β",
    "weight_decay": "λ",
    "momentum_decay": "ψ",
}
"""What textbooks call settings of a training."""

COMMANDS: Final[Mapping[str, str]] = {
    **{"\\" + word: letter for word, letter in GREEK.items()},
    r"\varepsilon": "ε",
    r"\varphi": "φ",
    r"\vartheta": "θ",
    r"\ell": "ℓ",
}
"""Letters by LaTeX command."""

ACCENTS: Final[Mapping[str, str]] = {
    "hat": "\u0302",
    "bar": "\u0304",
    "tilde": "\u0303",
    "dot": "\u0307",
}
_ACCENT_OF: Final = {mark: accent for accent, mark in ACCENTS.items()}

LOWER: Final[Mapping[str, str]] = {
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
    **dict(zip("ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣᵤᵥⱼᵦᵧᵨᵩᵪ", "aeoxhklmnpstiruvjβγρφχ", strict=True)),
}
_ON_LINE: Final = str.maketrans(dict(LOWER))
AS_SUBSCRIPT: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
AS_SUPERSCRIPT: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLACE: Final = lazy_regex("[1-9][0-9]{0,8}")
_PRIMES: Final = {"'": 1, "′": 1, "’": 1, "″": 2, "‴": 3, "⁺": 1}


class NameParts(NamedTuple):
    """A written name taken apart. A part of one Greek letter is kept as the letter."""

    base: str
    accent: str = ""
    below: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    primes: int = 0

    def plain(self) -> str:
        """Return the canonical name where nothing is known of the names in use."""
        return next(iter(_candidate_names(self)))


_SETTING_OF: Final = {NameParts(letter): setting for setting, letter in SETTINGS.items()}


class EntryName(Value):
    """An entry of an array, written with subscripts from 1; `indices` count from 0."""

    base: str
    indices: tuple[int, ...]


Meaning = str | EntryName
LOSS: Final = "loss"  # a name that says no more than what it is


class NameTable:
    """The names in use, and how they are written: what a parser asks.

    `looks` are parts by name, where a name is written in a form of its own; L is read as the `loss`
    where no other name is L, and one that is called `loss` is written so; `taken` are the names in
    use. Of two names with one look the first has it, and none takes the look of another in use.
    """

    def __init__(
        self,
        looks: Mapping[str, NameParts] | None = None,
        *,
        loss: str | None = None,
        taken: Collection[str] = (),
    ) -> None:
        looks = looks or {}
        self.loss: Final = loss
        self.taken: Final = frozenset(taken)
        self.name_of: Final[dict[NameParts, str]] = {}
        self.parts_of: Final[dict[str, NameParts]] = {}
        self._resolved: dict[NameParts, Meaning] = {}
        # What the parser found plain words to mean; it never changes, so it is kept.
        self.words_read: Final[dict[str, dict[str, str]]] = {"unicode": {}, "latex": {}}
        for name, parts in looks.items():
            if parts not in self.name_of and not any(
                candidate in self.taken and candidate != name and candidate not in looks
                for candidate in _candidate_names(parts)
            ):
                self.name_of[parts] = name
                self.parts_of[name] = parts
        capital = NameParts("L")
        free = capital not in self.name_of and ("L" not in self.taken or loss == "L")
        if loss is not None and len(loss) > 1 and loss not in self.parts_of and free:
            self.name_of[capital] = loss
            if loss == LOSS:  # one that was called otherwise keeps its name
                self.parts_of[loss] = capital

    def resolve(self, parts: NameParts) -> Meaning:
        """Return the name or the entry that written parts mean."""
        meaning = self._resolved.get(parts)
        if meaning is None:
            meaning = self._resolve(parts)
            if len(self._resolved) < 10_000:
                self._resolved[parts] = meaning
        return meaning

    def _resolve(self, parts: NameParts) -> Meaning:
        meaning = self.name_of.get(parts)
        if meaning is not None:
            return meaning
        primes = "'" * parts.primes
        bare = parts._replace(primes=0) if primes else parts
        stem = self.name_of.get(bare) if primes else None
        if stem is not None:
            return stem + primes
        meaning = next(filter(self.knows, _candidate_names(parts)), None) if self.taken else None
        if meaning is not None:
            return meaning
        setting = _SETTING_OF.get(bare)
        if setting is not None and (setting == "learning_rate" or self.knows(setting)):
            return setting + primes
        has_index = self.taken and parts.below and not parts.above
        indices = entry_indices(parts.below) if has_index else ()
        base = self.resolve(parts._replace(below=())) if indices else None
        is_known = isinstance(base, str) and self.knows(base)
        return EntryName(str(base), indices) if is_known else parts.plain()

    def resolve_word(self, word: str) -> Meaning:
        """Return what a plain ASCII word in a Unicode text means: itself, as a rule."""
        if word in self.taken or not (self.name_of or self.taken):
            return word
        parts = unicode_parts(word)
        meant = self.resolve(parts)
        is_known = (
            isinstance(meant, EntryName)
            or meant.rstrip("'") in self.taken
            or parts in self.name_of
            or unicode_parts(word.rstrip("'")) in self.name_of
        )
        return meant if is_known else word

    def knows(self, id: str) -> bool:
        """Say whether a name is in use."""
        return id.rstrip("'") in self.taken or id in self.taken

    def is_quantity(self, word: str) -> bool:
        """Say whether a word before a bracket is a quantity in use and no function."""
        meaning = self.resolve_word(word)
        return isinstance(meaning, EntryName) or self.knows(meaning)


def letters_and_digits(word: str) -> tuple[str, str] | None:
    """Return a word's letters and the digits after them; None for any other kind of word."""
    letters = word.rstrip("0123456789")
    return (letters, word[len(letters) :]) if letters.isalpha() else None


def _candidate_names(parts: NameParts) -> Iterator[str]:
    """Yield the names that written parts may mean, the likeliest first."""
    above = ", ".join(WORDS.get(part, part) for part in parts.above)
    marks = "'" * parts.primes
    for name in _names_without_superscript(parts):
        if not above:
            yield name + marks
            continue
        yield f"{name}[{above}]{marks}"
        if above.isalnum():
            yield name + above + marks
            yield f"{name}_{above}{marks}"


def _names_without_superscript(parts: NameParts) -> Iterator[str]:
    word, accent = WORDS.get(parts.base, parts.base), parts.accent
    below = tuple([WORDS.get(part, part) for part in parts.below])
    for stem in (f"{word}_{accent}", f"{word}{accent}") if accent else (word,):
        if not below:
            yield stem
            continue
        first = below[0].strip("{}")
        joined = "_".join(below).replace("{", "").replace("}", "")
        listed = f"{stem}[{', '.join(below)}]"
        if not joined.replace("_", "").isalnum():
            yield listed
        elif len(below) == 1:
            if first.isdigit() and not stem[-1].isdigit():
                yield stem + first
            yield from (f"{stem}_{first}", f"{stem}[{first}]")
            if first.isdigit() and accent:
                yield f"{word}{first}_{accent}"
        elif all(part.isdigit() for part in below):
            yield from (listed, f"{stem}_{joined}", f"{stem}{joined}")
        elif first.isdigit() and not stem[-1].isdigit():
            yield from (f"{stem}{joined}", f"{stem}_{joined}", listed)
        else:
            yield from (f"{stem}_{joined}", f"{stem}[{joined}]", listed)


def entry_indices(parts: tuple[str, ...]) -> tuple[int, ...]:
    """Return the indices from 0 that subscripts from 1 mean; () where they are no indices.

    One run of digits has an index in each digit; `1,12` and `{12}` keep them together.
    """
    digits = (
        [*parts[0]] if len(parts) == 1 and parts[0][0] != "{" else [p.strip("{}") for p in parts]
    )
    if not all(_PLACE.fullmatch(digit) for digit in digits):
        return ()
    return tuple(int(digit) - 1 for digit in digits)


@lru_cache(maxsize=4096)
def unicode_parts(text: str, below: tuple[str, ...] = (), above: tuple[str, ...] = ()) -> NameParts:
    """Return the parts of a name written in Unicode. `below`, `above`: what stood in braces."""
    if any("\u0300" <= character <= "\u036f" for character in text):
        text = normalize("NFC", text)
    primes = sum(_PRIMES.get(character, 0) for character in text)
    text, *more = text.split(",")  # W₁,₁₀
    pieces: list[str] = []
    for part in "".join(sign for sign in text if sign not in _PRIMES).split("_"):
        pieces += [""] if not part or part[0] in LOWER else []  # nothing stands on the line
        runs = groupby(part, LOWER.__contains__)
        pieces += ["".join(LOWER.get(sign, sign) for sign in run) for _, run in runs]
    base, *rest = pieces
    rest += [part.translate(_ON_LINE) for part in more]
    if not all(pieces) and text.isascii():
        # `_x` and `a__b` are names without subscripts.
        return NameParts(text.replace("'", ""), "", below, above, primes)
    if len(base) > 1 and base[-1] in "0123456789" and (apart := letters_and_digits(base)):
        base, number = apart
        rest.insert(0, number)
    base, accent = without_accent(base)
    if base in WORDS:
        base = GREEK[WORDS[base]]
    return NameParts(base, accent, (*rest, *below), above, primes)


def canonical_name(name: str) -> str:
    """Return a name as equations know it: θ is theta, ŷ is y_hat, w₁ is w1."""
    if name.isascii():
        return name
    parts = unicode_parts(name)
    return parts.plain() if parts.base else name  # a subscript alone is no name


def without_accent(base: str) -> tuple[str, str]:
    """Return a letter without its hat, bar, tilde or dot, and which of them it had."""
    if base.isascii() or len(base) > 2:
        return base, ""
    apart = normalize("NFD", base)
    if len(apart) == 2 and apart[1] in _ACCENT_OF:
        return apart[0], _ACCENT_OF[apart[1]]
    return base, ""


Dialect = Literal["ascii", "unicode", "latex"]


class FunctionNames(Value):
    r"""A function's names. Each is written `name(arguments)`, in LaTeX `name\left(…\right)`.

    `unicode` and `latex` are '' where the ASCII name serves: then Unicode writes it as it is
    and LaTeX `\operatorname{name}`. `also` lists further spellings that are read, never written
    (`ln` for `log`). `form` picks a special LaTeX form: 'root' (\sqrt{x}), 'bars' (|x|),
    'function' (the default) or 'constant' (no brackets: \pi).
    """

    ascii: str
    unicode: str = ""
    latex: str = ""
    also: tuple[str, ...] = ()
    form: Literal["function", "root", "bars", "constant"] = "function"


class Vocabulary:
    """The looks of all functions, by operation name; no two have the same ASCII name."""

    __slots__ = ("constants", "looks", "spelled")

    def __init__(self, looks: Mapping[str, FunctionNames] = MappingProxyType({})) -> None:
        self.looks: Final = looks
        spelled: dict[str, str] = {}
        # A name in ASCII is never lost to another operation's sign: those come second.
        first = [(look.ascii, operation) for operation, look in looks.items()]
        others = (
            (spelling, operation)
            for operation, look in looks.items()
            for spelling in (look.unicode, plain_latex(look.latex), operation, *look.also)
            if spelling
        )
        for spelling, operation in (*first, *others):
            spelled.setdefault(spelling, operation)
        self.spelled: Final[Mapping[str, str]] = spelled
        """The operation that each spelling means; LaTeX ones without their backslash or style."""
        self.constants: Final[Mapping[str, str]] = {
            spelling: operation
            for spelling, operation in spelled.items()
            if looks[operation].form == "constant"
        }
        """The spellings of constants among them."""

    def with_form(self, form: str, otherwise: str) -> str:
        """Return the operation that has a form, `otherwise` where none has."""
        formed = (operation for operation, look in self.looks.items() if look.form == form)
        return next(formed, otherwise)


def plain_latex(look: str) -> str:
    r"""Return the bare spelling of a function's LaTeX: `\tanh` and `\operatorname{tanh}` tanh."""
    if look.endswith("}") and look.count("{") == 1:
        look = look[look.index("{") + 1 : -1]
    elif look in COMMANDS:
        return COMMANDS[look]
    return look.removeprefix("\\").replace(r"\_", "_")
