"""What is printed holds: each side follows from the one before within the rounding of its figures.

The text of the documents is read by `printed_tex`, that of pages through `printed_mathml`, lines of
text and drawings through `printed_drawing`; none knows anything of the project.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO

import numpy as np
import pytest

from tests.case_lists import sampled
from tests.narrative.printed_drawing import drawing_tex, line_tex
from tests.narrative.printed_mathml import displayed_tex
from tests.narrative.printed_tex import (
    Known,
    Side,
    UnreadError,
    formulas,
    given,
    key_of,
    side_of,
    sides_of,
)
from tracer.expression.notation import Notation
from tracer.narrative.blocks import Block, EquationLine
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.program_notation import notation_of
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import bundled, load, loads
from tracer.render.html import html
from tracer.render.latex import latex
from tracer.render.markdown import markdown
from tracer.render.plain import plain
from tracer.render.terminal import terminal
from tracer.run.runner import run_scenario

SCENARIOS = [name for name in bundled() if not name.endswith("_full")]
WIDE = 100_000  # columns, so that no line of a drawing is broken
DIGITS = (6, *(pytest.param(digits, marks=pytest.mark.proof) for digits in (3, 4, 10)))
DECIMAL = re.compile(r"[0-9]+\.[0-9]+")
FIGURES = re.compile(r"[0-9]\.[0-9]{2}")

# What stands in sides of figures that are not worked out here: of unit vectors, of filters of
# several channels, of classes by their number from 0, and of names.
PASSED_OVER = re.compile(
    r"\\mathbf\{[1e]\}(?!\\left)|\\star|\\ast|argmax|\\partial|\\sum|\b[a-z]\b"
)


def lines_of_text(blocks: Sequence[Block], notation: Notation) -> str:
    """Return the equations of plain text as displayed formulas."""
    lines = (block for block in blocks if isinstance(block, EquationLine))
    texts = ("".join(plain([line], notation)).partition("\n")[0] for line in lines)
    return "\n\n".join(f"$${line_tex(text.strip())}$$" for text in texts)


def drawn_lines(blocks: Sequence[Block], notation: Notation) -> str:
    """Return the equations that are drawn on a terminal as displayed formulas."""
    return "\n\n".join(f"$${drawing_tex(rows)}$$" for rows in drawings(blocks, notation, WIDE))


def drawings(blocks: Sequence[Block], notation: Notation, width: int) -> Iterator[list[str]]:
    """Yield the lines of each equation on a terminal of so many columns."""
    for block in blocks:
        if isinstance(block, EquationLine):
            file = StringIO()
            terminal([block], notation, width=width, color=False, file=file)
            yield file.getvalue().split("\n")


WRITERS: dict[str, Callable[[Sequence[Block], Notation], str]] = {
    "markdown": lambda blocks, notation: "".join(markdown(blocks, notation)),
    "latex": lambda blocks, notation: "".join(latex(blocks, notation)),
    "html": lambda blocks, notation: displayed_tex("".join(html(blocks, notation))),
    "text": lines_of_text,
    "terminal": drawn_lines,
}


def is_within(one: Side, other: Side) -> bool:
    """Tell whether two sides differ by no more than the rounding of their figures."""
    values, bounds = zip(*map(as_rows, (one, other)), strict=True)
    apart = np.abs(values[0] - values[1])
    return bool(np.all(apart <= bounds[0] + bounds[1] + 1e-12 * np.abs(values[0]) + 1e-14))


def as_rows(side: Side) -> tuple[np.ndarray, np.ndarray]:
    """Return entries one after the other: a row and a column of the same numbers are equal."""
    return np.ravel(side.value), np.ravel(side.leeway)


def is_exact(one: Side, other: Side) -> bool:
    """Tell whether two sides are the same numbers, but for the last bits."""
    (left, _), (right, _) = as_rows(one), as_rows(other)
    return bool(np.allclose(left, right, rtol=1e-12, atol=1e-14))


def faults_of(
    text: str, digits: int, *, by_names: bool = True
) -> tuple[list[tuple[str, str]], Counter[str]]:
    """Return what does not hold in a document, and how many lines were held and passed over.

    Formulas are held by the figures that were printed for their names, where no iteration between
    is left out.
    """
    faults: list[tuple[str, str]] = []
    counts: Counter[str] = Counter()
    known: dict[tuple[str, ...], list[str]] = {key_of(left): right for left, right in given(text)}
    updated: dict[tuple[str, ...], list[str]] = {}  # which holds from the next iteration on
    for formula in formulas(text):
        sides, relations = sides_of(formula)
        if key_of(sides[0]) in known and relations[:1] == ["="]:  # computed anew
            known |= updated
            updated.clear()
        before: Side | None = None
        relation = ""
        for at, (side, following) in enumerate(zip(sides, [*relations, ""], strict=True)):
            found = worked_out(side, digits, known if at and by_names else {})
            if found is not None and at and worked_out(side, digits, {}) is None:
                counts["by names"] += 1
            if found is None:
                shown = " ".join(side)
                if FIGURES.search(shown):
                    counts["passed over"] += 1
                    if not PASSED_OVER.search(shown.replace(" ", "") + shown):
                        faults.append(("not read", shown))
            elif before is None:
                before, relation = found, following
                continue
            else:
                counts["held"] += 1
                if np.size(before.value) != np.size(found.value) or not is_within(before, found):
                    faults.append(("does not follow", formula))
                elif relation == "=" and not is_exact(before, found):
                    faults.append(("is not exact", formula))
                before = found
            relation = r"\approx" if r"\approx" in (relation, following) else following
        if len(sides) > 1 and worked_out(sides[-1], digits, {}) is not None:
            values = updated if relations[0] == r"\leftarrow" else known
            values[key_of(sides[0])] = sides[-1]
    return faults, counts


def worked_out(side: Iterable[str], digits: int, known: Known) -> Side | None:
    """Return a side of figures, and of names that are known by theirs; None for another one."""
    try:
        return side_of(list(side), digits, known)
    except (UnreadError, ValueError):  # which arrays do not fit that are known by other names
        return None


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_every_printed_line_holds(
    name: str, digits: int, report_proof: Callable[[str], None]
) -> None:
    """After = a side is what the one before gives, exactly; after ≈ within their rounding."""
    trace = run_scenario(load(name))
    blocks = list(derivation(trace, Options(digits)))
    for kind, write in WRITERS.items():
        # The tables of what is given are read in documents; elsewhere a W₂ that no line printed
        # would be taken for the second entry of a W.
        by_names = kind in ("markdown", "latex")
        text = write(blocks, notation_of(trace))
        faults, counts = faults_of(text, digits, by_names=by_names)
        assert not faults, (kind, faults[:3])
        assert counts["held"] > counts["passed over"]
        report_proof(
            f"{name} as {kind} at {digits} digits: {counts['held']} sides follow from the one "
            f"before, {counts['by names']} of them formulas; {counts['passed over']} are not "
            "worked out"
        )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_line_of_an_update_holds(optimizer: str) -> None:
    """Of each optimizer, with weight decay, in the first iteration and a later one."""
    settings = [f"optimizer={optimizer}", "weight_decay=0.01"]
    trace = run_scenario(load("mlp_2_2_2", settings=settings))
    text = WRITERS["markdown"]([*derivation(trace, Options(show=(1, 3)))], notation_of(trace))
    faults, counts = faults_of(text, 6, by_names=False)
    assert not faults, faults[:3]
    assert counts["held"] > counts["passed over"]


@pytest.mark.parametrize("name", sampled(SCENARIOS))
def test_a_narrow_terminal_shows_the_same_figures(name: str) -> None:
    """What is broken over several lines loses no figure on the way."""
    trace = run_scenario(load(name))
    blocks, notation = list(derivation(trace, Options())), notation_of(trace)
    for width in (60, 100):
        pairs = zip(
            drawings(blocks, notation, WIDE), drawings(blocks, notation, width), strict=True
        )
        for wide, narrow in pairs:
            shown = [Counter(DECIMAL.findall(" ".join(rows))) for rows in (wide, narrow)]
            assert shown[0] == shown[1], narrow


DRAWN_QUOTIENT = """
    2·3
L = ─── = 1.5
     4
"""
DRAWN_PRODUCT = """
    ⎡1  2⎤ ⎡3   ⎤   ⎡3.5 ⎤
v = ⎣0  1⎦ ⎣0.25⎦ = ⎣0.25⎦
"""
DRAWN_POWER = """
     0.5
L = e    + 1² ≈ 2.64872
"""
DRAWN_ROOT = """
         ┌─
         │9        3
v = 2 ·  │─ · ─────────── = ⎡3  ⎤
        ╲│4    ┌───         ⎣4.5⎦
               │⎡4⎤ + 1
              ╲│⎣1⎦
"""
DRAWN_COLUMNS = """
    ⎡    ⎡0.5 ⎤  ⎡0.5 ⎤⎤   ⎡0.5   0.5 ⎤
v = ⎣1 − ⎣0.25⎦  ⎣0.25⎦⎦ = ⎣0.75  0.25⎦
"""


@pytest.mark.parametrize(
    "drawing", [DRAWN_QUOTIENT, DRAWN_PRODUCT, DRAWN_POWER, DRAWN_ROOT, DRAWN_COLUMNS]
)
def test_the_judge_reads_drawings(drawing: str) -> None:
    """Quotients, products, powers, roots and columns hold, and do not with a figure changed."""
    for text, fault in (
        (drawing, []),
        (
            re.sub(r"1\.5|3\.5|4\.5|0\.75|872", lambda it: f"{it[0][:-1]}9", drawing),
            ["does not follow"],
        ),
    ):
        faults, counts = faults_of(f"$${drawing_tex(text.splitlines())}$$", 6)
        assert [what for what, _ in faults] == fault
        assert counts["held"] == 1


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (r"L = 0.5 \cdot 3 = 1.5", None),
        (r"L = 0.5 \cdot 3 = 1.6", "does not follow"),
        (r"L = 0.333333 \cdot 3 = 1", "is not exact"),
        (r"L = 0.333333 \cdot 3 \approx 1.00000", None),
        (r"L = 0.333333 \cdot 3 \approx 1.00002", "does not follow"),
        (r"v = \begin{bmatrix} 1 & 2 \cr 0 & 1 \end{bmatrix}\thinspace \begin{bmatrix} 3 \cr 0.25 "
         r"\end{bmatrix} = \begin{bmatrix} 3.5 \cr 0.25 \end{bmatrix}", None),
        (r"v = \begin{bmatrix} 3 \cr 0.25 \end{bmatrix}^{\top} = \begin{bmatrix} 3 & 0.52 "
         r"\end{bmatrix}", "does not follow"),
        (r"v = [3, 0.25]^{\top} [1, 2] = \begin{bmatrix} 3 & 6 \cr 0.25 & 0.5 \end{bmatrix}", None),
        (r"v = [3, 0.25] \odot [1, 2]^{\top} = [3, 0.5]", "does not follow"),
        (r"L = 4 \pi \approx 12.5664", None),
        (r"L = 3.25 \heartsuit 2 = 6.5", "not read"),
        (r"a = 3$$ $$L = 2 a = 6", None),
        (r"a = 3$$ $$L = 2 a = 5", "does not follow"),
        (r"a = [3, 4]$$ $$L = \sum_{i = 1}^{2} a_{i} = 7", None),
        (r"a = [3, 4]$$ $$L = \sum_{i} a_{i}^{2} = 24", "does not follow"),
        (r"a = [3, 4]^{\top}$$ $$L = \mu(a) = 3.5", None),
    ],
)  # fmt: skip
def test_the_judge_sees_what_does_not_hold(line: str, fault: str | None) -> None:
    """A wrong figure, a = that should be ≈, an unknown sign."""
    faults, _ = faults_of(f"$${line}$$", 6)
    assert [what for what, _ in faults] == ([] if fault is None else [fault])


CANCELLING = """
[parameters]
w = [1, 2]
v = [1.00001, 5]
[network]
equations = '''
p = w / 3
q = v / 3
d = p - q
loss = sum(d**2)
'''
[training]
learning_rate = 0.1
iterations = 1
"""


def test_where_printed_figures_are_too_few_a_remark_says_what_they_give() -> None:
    """0.333333 − 0.333337 is −4·10⁻⁶, and the run has −3.33333·10⁻⁶; −1 in the same line holds."""
    trace = run_scenario(loads(CANCELLING))
    page = "".join(plain(derivation(trace, Options()), notation_of(trace), unicode=True))
    remarks = [line for line in page.splitlines() if "too few" in line]
    assert ["d₁" in line and "−4.0·10⁻⁶" in line for line in remarks] == [True]
    exact = "".join(plain(derivation(trace, Options(exact=True)), notation_of(trace)))
    assert "too few" not in exact
    digits = "".join(plain(derivation(trace, Options(digits=12)), notation_of(trace)))
    assert "too few" not in digits
