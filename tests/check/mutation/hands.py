"""A hand: one writer's habits, each chosen independently by a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from tests.check.mutation.symbols import (
    FRAMEWORK_GRADIENTS,
    GRADIENTS,
    NEW_VALUES,
    SYMBOLS,
    Notation,
)

__all__ = ["HANDS", "Hand", "Layout", "Numerals", "Style", "draw_hand"]

Layout: TypeAlias = Literal[
    "lines",
    "sentences",
    "continued",
    "separate",
    "fence",
    "table",
    "display",
    "aligned",
    "together",
]
Kind: TypeAlias = Literal["md", "txt", "tex", "ipynb"]
Numerals: TypeAlias = Literal["decimals", "fractions", "powers", "percent"]
"""Decimals; fractions as long as they are short; small figures as 1.2e-3; shares as 73.1 % too."""


@dataclass(frozen=True)
class Style:
    """How a writer sets formulas and figures."""

    notation: Notation
    symbols: Mapping[str, str]
    gradient: str
    delta: str | None  # what gradients of net inputs are called, where not by the writer's form
    new_value: str
    counts_updates: bool  # m_1 = β1·m_0 + …
    index: str  # "_1", "1", "₁", "_{1}", "[0]"
    times: str
    times_figures: str
    minus: str
    power: str  # "**", "^", "sup", "^{}"
    has_fractions: bool
    half: str
    exp: str  # "exp" or "e^"
    log: str
    prefix: str  # "np." before functions
    sigmoid: str
    matrix_product: str
    entrywise: str
    array: str  # "[]", "[](spaces)", "bmatrix", "pmatrix"
    relu: str  # "ReLU" or "max"
    sum_sign: bool  # a sum over an index instead of its terms
    brackets_negative: bool
    long_brackets: bool
    tight: bool  # no spaces about + and -
    equals: str


@dataclass(frozen=True)
class Hand:
    """All habits of a writer."""

    name: str
    kind: Kind
    is_chinese: bool
    style: Style
    digits: int
    is_significant: bool  # digits are significant ones, not decimals
    is_rounded: bool  # works on with what is printed
    strips_zeros: bool
    halves_up: bool
    approximate: str  # "" or a sign instead of `=` before a rounded figure
    formula_share: float  # of the lines, those that begin with a formula
    figures_share: float
    middle_share: float  # of the lines that have a step between figures and result
    layouts: tuple[Layout, ...]
    label_share: float
    targets: bool  # names on the left; else a label stands alone
    givens: str  # "sentence", "list", "lines", "table", "code", "none"
    bullet: str
    boxed: str  # around a final value: "", "**", r"\boxed"
    inline: str  # marks of inline mathematics: "", "`", "$"
    remark_share: float
    distraction_share: float
    numerals: Numerals = "decimals"
    extra: Mapping[str, str] = field(default_factory=dict)


def _symbols(source: random.Random, notation: Notation, keys: Sequence[str]) -> dict[str, str]:
    """Return a symbol for each quantity, no two alike."""
    column = ("ascii", "unicode", "latex").index(notation)
    chosen: dict[str, str] = {}
    for key in keys:
        options = [option for option in SYMBOLS[key][column] if option not in chosen.values()]
        chosen[key] = source.choice(options or [f"{SYMBOLS[key][column][0]}0"])
    return chosen


def _style(source: random.Random, notation: Notation, keys: Sequence[str]) -> Style:
    pick = source.choice
    is_latex, is_ascii = notation == "latex", notation == "ascii"
    times: Sequence[str] = {
        "ascii": (" * ", " * ", "*"),
        "unicode": ("·", " · ", " × ", " * ", "*", "×"),
        "latex": (r" \cdot ", r" \cdot ", r" \times ", " ", r"\,"),
    }[notation]
    figures: Sequence[str] = {
        "ascii": (" * ", "*", " * "),
        "unicode": ("·", " · ", " × ", "*", "×"),
        "latex": (r" \cdot ", r" \times ", r" \cdot "),
    }[notation]
    chosen = pick(times)
    symbols = _symbols(source, notation, keys)
    gradient = pick(GRADIENTS[notation])
    if source.random() < 0.25 and not is_ascii:
        chosen = " "
    return Style(
        notation=notation,
        symbols=symbols,
        gradient=gradient,
        delta=pick({"ascii": ["delta"], "unicode": ["δ"], "latex": [r"\delta"]}[notation])
        if source.random() < 0.3
        else None,
        new_value=pick(NEW_VALUES[notation]),
        counts_updates=source.random() < 0.6,
        index=pick(
            {
                "ascii": ("1", "_1", "_1", "[0]"),
                "unicode": ("₁", "₁", "1", "_1"),
                "latex": ("_1", "_{1}", "_{1}"),
            }[notation]
        ),
        times=chosen,
        times_figures=pick(figures)
        if chosen.strip() in ("", r"\,") or source.random() < 0.3
        else chosen,
        minus=pick(("-", "-", "−")) if notation == "unicode" else "-",
        power=pick(
            {"ascii": ("**", "^", "^"), "unicode": ("sup", "sup", "^"), "latex": ("^", "^{}")}[
                notation
            ]
        ),
        has_fractions=is_latex and source.random() < 0.8,
        half=pick(
            {
                "ascii": ("0.5", "1/2", "1/2"),
                "unicode": ("½", "½", "0.5", "1/2"),
                "latex": (r"\frac{1}{2}", r"\frac12", r"\tfrac{1}{2}", r"\frac{1}{2}"),
            }[notation]
        ),
        exp=pick(("exp", "e^")),
        log=pick(("ln", "log", "ln")),
        prefix=pick(("", "", "", "np.", "math.")) if is_ascii else "",
        sigmoid=pick(
            {
                "ascii": ("sigmoid", "sigma"),
                "unicode": ("σ", "σ", "sigmoid"),
                "latex": (r"\sigma", r"\sigma", r"\text{sigmoid}"),
            }[notation]
        ),
        matrix_product=pick(
            {"ascii": (" @ ",), "unicode": (" ", "·", " @ "), "latex": (" ", r" \cdot ", r"\,")}[
                notation
            ]
        ),
        entrywise=pick(
            {
                "ascii": (" * ",),
                "unicode": (" ⊙ ", " ⊙ ", " ∘ "),
                "latex": (r" \odot ", r" \odot ", r" \circ "),
            }[notation]
        ),
        array=pick(
            {
                "ascii": ("[]", "[]"),
                "unicode": ("[]",),
                "latex": ("bmatrix", "pmatrix", "bmatrix", "[]"),
            }[notation]
        ),
        relu=pick(("relu", "max")),
        sum_sign=source.random() < (0.15 if is_ascii else 0.4),
        brackets_negative=source.random() < (0.6 if is_ascii else 0.9),
        long_brackets=is_latex and source.random() < 0.3,
        tight=source.random() < 0.15,
        equals=pick(("=", "=", "=", "=", "＝"))
        if notation == "unicode" and source.random() < 0.1
        else "=",
    )


PROSE_LAYOUTS: Final[tuple[Layout, ...]] = ("sentences", "lines", "continued", "separate", "table")
PLAIN_LAYOUTS: Final[tuple[Layout, ...]] = (
    "lines",
    "lines",
    "continued",
    "separate",
    "fence",
    "table",
)
LATEX_LAYOUTS: Final[tuple[Layout, ...]] = (
    "display",
    "aligned",
    "aligned",
    "together",
    "lines",
    "sentences",
)
NOTATIONS: Final[Mapping[str, tuple[Notation, ...]]] = {
    "prose": ("ascii", "unicode", "unicode"),
    "ascii": ("ascii",),
    "unicode": ("unicode",),
    "latex": ("latex",),
    "chinese": ("unicode", "latex", "ascii"),
    "notebook": ("latex", "unicode", "ascii"),
    "figures": ("ascii", "unicode", "latex"),
    **dict.fromkeys(("fractions", "powers", "percent"), ("unicode", "ascii", "latex")),
    "framework": ("ascii", "ascii", "unicode", "latex"),
}
KINDS: Final[Mapping[str, tuple[Kind, ...]]] = {
    "prose": ("md", "md", "txt"),
    "ascii": ("md", "txt"),
    "unicode": ("md", "md", "txt"),
    "latex": ("md", "md", "tex"),
    "chinese": ("md", "md", "txt"),
    "notebook": ("ipynb",),
    "figures": ("md", "txt"),
    **dict.fromkeys(("fractions", "powers", "percent", "framework"), ("md", "txt")),
}
NUMERALS: Final[Mapping[str, Numerals]] = {
    "fractions": "fractions",
    "powers": "powers",
    "percent": "percent",
}
HANDS: Final = tuple(NOTATIONS)


def draw_hand(name: str, keys: Sequence[str], source: random.Random) -> Hand:
    """Return a writer of one of HANDS; each habit, and each name of `keys`, is drawn by itself."""
    pick, chance = source.choice, source.random
    notation = pick(NOTATIONS[name])
    kind = pick(KINDS[name])
    if notation == "latex" and kind == "txt":
        kind = "md"
    style = _style(source, notation, keys)
    if name == "framework":
        style = replace(style, gradient=pick(FRAMEWORK_GRADIENTS[notation]))
    pool: tuple[Layout, ...] = {
        "prose": PROSE_LAYOUTS,
        "chinese": PROSE_LAYOUTS,
        "figures": ("lines", "lines", "fence", "sentences", "table", "continued"),
    }.get(name, PLAIN_LAYOUTS)
    if notation == "latex":
        pool = LATEX_LAYOUTS if name != "figures" else ("lines", "sentences", "display")
    if kind in ("txt", "tex"):
        pool = tuple(layout for layout in pool if layout not in ("fence", "table"))
    layouts = tuple(pick(pool) for _ in range(pick((1, 1, 2, 3))))
    bare = name == "figures"
    digits = pick((1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5))
    return Hand(
        name=name,
        kind=kind,
        is_chinese=name == "chinese" or (name == "notebook" and chance() < 0.2),
        style=style,
        digits=digits,
        is_significant=digits > 1 and chance() < 0.3,
        is_rounded=chance() < 0.5,
        strips_zeros=chance() < 0.5,
        halves_up=chance() < 0.5,
        approximate=pick(("", "", "≈", "≈", "≈ at times")),
        formula_share=0.0 if bare else pick((1.0, 1.0, 0.85, 0.6)),
        figures_share=1.0 if bare else pick((1.0, 1.0, 0.9)),
        middle_share=pick((0.0, 0.0, 0.3, 0.7)),
        layouts=layouts,
        label_share=pick((0.0, 0.3, 0.7, 1.0)),
        targets=not bare or chance() < 0.6,
        givens=pick(("sentence", "list", "lines", "sentence", "list", "table", "none"))
        if not bare
        else pick(("sentence", "list", "none")),
        bullet=pick(("- ", "* ", "1. ", "", "", "- ")),
        boxed=pick(("", "", "", "", "box")),
        inline="$" if notation == "latex" else pick(("", "", "`")) if kind != "txt" else "",
        remark_share=pick((0.0, 0.0, 0.15)),
        distraction_share=pick((0.0, 0.1, 0.3)),
        numerals=NUMERALS.get(name, "decimals"),
    )
