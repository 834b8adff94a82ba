"""Lines and words that are made once for all figures of one form, filled in for each iteration.

How a line looks depends on the form of its figures, not on their digits: on the sign, on which of
them are equal, and for the place where it is broken on their length, for which all rounded figures
count alike. So a line is made with a slot in the place of each figure, written in digits that
nothing else uses, and the digits are put into its text.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from tracer.frozen import Frozen
from tracer.lazy_regex import lazy_regex
from tracer.narrative.blocks import EquationLine, Paragraph
from tracer.operations import FORM_DIGITS, LENGTH_DIGITS, DigitsNeeded

Some = TypeVar("Some")
Shown = TypeVar("Shown", EquationLine, Paragraph)
Spelling = Callable[[str], str]
"""Returns what stands for a figure: the figure itself, or its slot."""

MOST_FORMS: Final = 4096
MOST_SHORT_SLOTS: Final = 99  # figures in one line; further ones may be too short to have a slot
_UNSET: Any = None  # behind the fields of a line others need a default
_FORM_DIGITS: Final = str.maketrans("0123456789", FORM_DIGITS)
_LENGTH_DIGITS: Final = str.maketrans("0123456789", LENGTH_DIGITS)
_SLOT: Final = lazy_regex(f"([{FORM_DIGITS}{LENGTH_DIGITS}]+\\.[{FORM_DIGITS}{LENGTH_DIGITS}]+)")


class Once(Generic[Some]):
    """A function that is called when it is first asked; `functools.cache` takes longer to make."""

    __slots__ = ("_function", "_value")

    def __init__(self, function: Callable[[], Some]) -> None:
        self._function: Callable[[], Some] | None = function
        self._value: Some = _UNSET

    def __call__(self) -> Some:
        """Return what the function returns."""
        if self._function is not None:
            self._value, self._function = self._function(), None
        return self._value


class FilledForm(Frozen):
    """A block by its form and its figures; it is also a block of its kind, with the figures in it.

    `form` is the block with slots, the same object for all figures of that form; where it depends
    on digits, the block itself.
    """

    def __getattr__(self, name: str) -> Any:
        """Return a field of the block, which is made when one is first asked for."""
        return getattr(self.filled(), name)


class _FilledLine(FilledForm, EquationLine):
    form: EquationLine = _UNSET
    filled: Callable[[], EquationLine] = _UNSET
    figures: Mapping[str, str] = _UNSET


class _FilledParagraph(FilledForm, Paragraph):
    kind = "text"  # no label and no item of a list, whatever the figures
    form: Paragraph = _UNSET
    filled: Callable[[], Paragraph] = _UNSET
    figures: Mapping[str, str] = _UNSET


_FILLED: Final[Mapping[type, Any]] = {EquationLine: _FilledLine, Paragraph: _FilledParagraph}


class LineForms:
    """The forms of the lines of a derivation, and of what is said of them.

    Figures of that many digits are laid out as if all began with 0., so that a line is broken at
    the same places in each iteration. A line that depends on which figures are small whole numbers
    has forms in which these stand as they are; it is laid out by the lengths of its figures.
    """

    def __init__(self, digits: int) -> None:
        self._known: dict[Hashable, Any] = {}
        self._digits = digits
        self._by_length: set[Hashable] = set()

    def block(
        self,
        kind: type[Shown],
        what: Hashable,
        texts: Sequence[str],
        write: Callable[[Spelling], Shown],
    ) -> Shown:
        """Return a block with these figures; `write` makes it, and depends on `what` besides."""
        digits = 0 if what in self._by_length else self._digits
        places: dict[str, int] = {}  # of each mantissa among them
        key: list[Hashable] = [what]
        for text in texts:
            mantissa, pattern = _pattern(text, digits)
            key += pattern, places.setdefault(mantissa, len(places))
        if len(places) > MOST_SHORT_SLOTS:
            key += texts
        whole_key = tuple(key)
        known = self._known.get(whole_key)
        if known is None:
            known = _made_form(texts, digits, places, write)
            if known[0] is None and digits:
                self._by_length.add(what)
                return self.block(kind, what, texts, write)
            if len(self._known) >= MOST_FORMS:
                self._known.clear()
            self._known[whole_key] = known
        form, slots = known
        filled = Once(lambda: write(str))
        figures = dict(zip(slots, places, strict=True))
        return _FILLED[kind](form or filled(), filled, figures)  # type: ignore[no-any-return]


def _made_form(
    texts: Sequence[str], digits: int, places: Mapping[str, int], write: Callable[[Spelling], Some]
) -> tuple[Some | None, Sequence[str]]:
    """Return what is written with slots, and these; None where it depends on digits."""
    slots = [""] * len(places)
    spelled: dict[str, str] = {}
    for text in texts:
        mantissa, pattern = _pattern(text, digits)
        place = places[mantissa]
        blank, slot = _slot(pattern, place + 1)
        slots[place] = slot.translate(_FORM_DIGITS if digits else _LENGTH_DIGITS)
        spelled[text] = pattern.replace(blank, slots[place]) if slot else text
    try:
        return write(spelled.__getitem__), slots
    except DigitsNeeded:
        return None, slots


@lru_cache(MOST_FORMS)
def _pattern(text: str, digits: int) -> tuple[str, str]:
    """Return a figure's digits without sign and power of ten, and the text with blanks for them.

    A whole number is a pattern itself: no slot stands for one. By lengths, where `digits` is 0, so
    is 1.00000.
    """
    mantissa = text.removeprefix("-").partition("e")[0]
    whole, _, decimals = mantissa.partition(".")
    if not (decimals if digits else decimals.strip("0")):
        return "", text
    is_rounded = 0 < digits < len(mantissa)
    blank = f"#.{'#' * digits}" if is_rounded else f"{'#' * len(whole)}.{'#' * len(decimals)}"
    return mantissa, text.replace(mantissa, blank, 1)


def _slot(pattern: str, number: int) -> tuple[str, str]:
    """Return the blank of a pattern and a slot in its place; '' where there is none."""
    blank = pattern.removeprefix("-").partition("e")[0]
    point, digits = blank.find("."), f"{number:0{len(blank) - 1}}"
    if "#" not in blank or len(digits) >= len(blank):
        return blank, ""
    return blank, f"{digits[:point]}.{digits[point:]}"


def with_figures(text: str, figures: Mapping[str, str]) -> str:
    """Return the text of a form with the figures in its slots."""
    template, slots = _template(text)
    return template % tuple(map(figures.get, slots, slots))


@lru_cache(MOST_FORMS)
def _template(text: str) -> tuple[str, Sequence[str]]:
    """Return the text of a form with %s in the place of its slots, and these."""
    return _SLOT.sub("%s", text.replace("%", "%%")), _SLOT.findall(text)
