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
from tracer.operations import DigitsNeeded

Some = TypeVar("Some")
Shown = TypeVar("Shown", EquationLine, Paragraph)
Spelling = Callable[[str], str]
"""Returns what stands for a figure: the figure itself, or its slot."""

MOST_FORMS: Final = 4096
_UNSET: Any = None  # behind the fields of a line others need a default
_OSMANYA: Final = {ord("0") + digit: 0x104A0 + digit for digit in range(10)}
_SLOT: Final = lazy_regex("([\U000104a0-\U000104a9]+\\.[\U000104a0-\U000104a9]+)")


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
    the same places in each iteration.
    """

    def __init__(self, digits: int) -> None:
        self._known: dict[Hashable, Any] = {}
        self._digits = digits

    def block(
        self,
        kind: type[Shown],
        what: Hashable,
        texts: Sequence[str],
        write: Callable[[Spelling], Shown],
    ) -> Shown:
        """Return a block with these figures; `write` makes it, and depends on `what` besides."""
        slots: dict[str, str] = {}
        spelled: dict[str, str] = {}
        for text in texts:
            if text not in spelled:
                mantissa, length, point = _mantissa(text, self._digits)
                slot = slots.get(mantissa)
                if slot is None:
                    slot = slots[mantissa] = _slot(length, point, len(slots) + 1)
                spelled[text] = text.replace(mantissa, slot, 1) if slot else text
        spelling = spelled.__getitem__
        key = what, tuple(map(spelling, texts))
        filled = Once(lambda: write(str))
        form = self._known.get(key)
        if form is None:
            if len(self._known) >= MOST_FORMS:
                self._known.clear()
            try:
                form = write(spelling)
            except DigitsNeeded:
                form = False
            self._known[key] = form
        figures = {slot: mantissa for mantissa, slot in slots.items()}
        return _FILLED[kind](form or filled(), filled, figures)  # type: ignore[no-any-return]


@lru_cache(MOST_FORMS)
def _mantissa(text: str, digits: int) -> tuple[str, int, int]:
    """Return a figure's digits without its sign and power of ten, how long, and their point."""
    mantissa = text.removeprefix("-").partition("e")[0]
    length, point = len(mantissa), mantissa.find(".")
    return (mantissa, digits + 2, 1) if point > 0 and length > digits else (mantissa, length, point)


@lru_cache(MOST_FORMS)
def _slot(length: int, point: int, number: int) -> str:
    """Return a slot of a mantissa's form; '' for a whole number, which stands for itself."""
    digits = f"{number:0{length - 1}}"
    if point < 0 or len(digits) >= length:
        return ""
    return f"{digits[:point]}.{digits[point:]}".translate(_OSMANYA)


def with_figures(text: str, figures: Mapping[str, str]) -> str:
    """Return the text of a form with the figures in its slots."""
    template, slots = _template(text)
    return template % tuple(map(figures.get, slots, slots))


@lru_cache(MOST_FORMS)
def _template(text: str) -> tuple[str, Sequence[str]]:
    """Return the text of a form with %s in the place of its slots, and these."""
    return _SLOT.sub("%s", text.replace("%", "%%")), _SLOT.findall(text)
