"""`python -m tests.check.mutation.off_by`: wrong last digits, wrong operators, whole numbers.

One line a document, in every hand. A result is moved by 1, 2, 3, 5, 10 and 30 units of its last
place; a formula has one operator wrong over right figures, with its values stated and without; a
result is a whole number that the figures do not give. The right lines beside them are counted too.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from tests.check.mutation.checker_under_test import ask_checker
from tests.check.mutation.formula_trees import Figure, Name, Node, call
from tests.check.mutation.fraction_intervals import Interval, UndefinedValueError
from tests.check.mutation.hands import HANDS, Hand, draw_hand
from tests.check.mutation.mutants import Document, write_document
from tests.check.mutation.mutations import Scene, propose_operators
from tests.check.mutation.pages import Page, lay_out
from tests.check.mutation.scoring import Ask, line_verdict, text_of
from tests.check.mutation.worked_networks import Given, Network, Step
from tests.check.mutation.working import (
    WorkedLine,
    is_whole,
    side_value,
    unproved_pairs,
    with_side,
)

__all__ = ["Case", "cases", "verdicts_of"]

UNITS: Final = (1, 2, 3, 5, 10, 30)
LETTERS: Final = "abcghkmnuv"
RESULT: Final = Name("q")
SECONDS: Final = 20.0
OTHER_VALUE: Final = Fraction(1, 50)  # of a value: what differs by less may be a rounding


@dataclass(frozen=True)
class Case:
    """A document of one line; `what` says what has been done to it."""

    what: str
    page: Page


# ---- formulas


def _mean(z: Node, u: Node) -> Node:
    return (z + u + 1 / (z + 2)) / 3


ROUNDED: Final[Sequence[Callable[[Node, Node], Node]]] = (  # of two positive numbers
    lambda z, u: 1 / (1 + call("exp", -z)),
    lambda z, u: call("exp", z) / (call("exp", z) + call("exp", u)),
    lambda z, u: -call("log", call("exp", z) / (call("exp", z) + call("exp", u))),
    _mean,
    lambda z, u: (z / 3) * u,
    lambda z, u: u / (call("sqrt", z) + 1),
    lambda z, u: call("tanh", z * u) * (1 - call("tanh", z) ** 2),
    lambda z, u: u - call("sqrt", z) / 7 * 2,
    lambda z, u: (z - u) ** 2 / (z + u),
)


def _tree(source: random.Random, names: Sequence[Name]) -> Node:
    """Return a random formula in which each name stands once."""
    if len(names) == 1:
        return names[0]
    cut = source.randint(1, len(names) - 1)
    operation = source.choice(("add", "sub", "mul", "div", "add", "sub", "mul", "mul"))
    return call(operation, _tree(source, names[:cut]), _tree(source, names[cut:]))


def _document(seed: str, formula: Node, values: dict[str, str], hand: Hand) -> Document:
    """Return a document of one line; raises UndefinedValueError where it has no value."""
    symbols = {letter: letter for letter in (*values, RESULT.key, "loss")}
    hand = replace(hand, style=replace(hand.style, symbols=symbols))
    network = Network(
        "off_by",
        tuple(Given(key, text, "constant") for key, text in values.items()),
        ((Step(RESULT, formula, "forward"),),),
        "",
        (),
    )
    return write_document(network, hand, seed)


def _hand(source: random.Random, digits: int, *, middle: bool, givens: str) -> Hand:
    """Return any writer who shows formula and figures, in some decimals."""
    name = source.choice([hand for hand in HANDS if hand != "figures"])
    return replace(
        draw_hand(name, (), source),
        formula_share=1.0,
        figures_share=1.0,
        middle_share=float(middle),
        digits=digits,
        is_significant=False,
        givens=givens,
    )


# ---- documents


def _rounded_cases(source: random.Random, seed: str) -> Iterator[Case]:
    """Yield a line of rounded working, and the same with another last digit.

    A result that is off counts from three units on, where the intervals exclude it.
    """
    z, u = Name("z"), Name("u")
    values = {"z": f"{source.randint(1, 30) / 10}", "u": f"{source.randint(2, 40) / 10}"}
    digits = source.choice((2, 2, 3, 3, 4))
    hand = _hand(source, digits, middle=True, givens="sentence")
    document = _document(seed, source.choice(ROUNDED)(z, u), values, hand)
    line = document.lines[0]
    text = str(line.result.texts)
    if is_whole(text):
        return
    yield Case("rounded working, right", document.page)
    places = len(text.partition(".")[2])
    for units in UNITS:
        value = Fraction(text) + source.choice((-1, 1)) * Fraction(units, 10**places)
        wrong = with_side(line, "result", Figure(f"{float(value):.{places}f}"))
        if units < 3 or unproved_pairs(wrong, last_digit=True):
            yield Case(f"rounded working, off by {units:02d}", _page(document, wrong))


def _operator_cases(source: random.Random, seed: str) -> Iterator[Case]:
    """Yield a right line and one with a wrong operator in its formula, values stated or not."""
    names = [Name(letter) for letter in source.sample(LETTERS, source.choice((2, 3, 3, 4)))]
    numbers = source.sample((2, 3, 4, 5, 7, 8, 12, 15, 25), len(names))
    values = {
        name.key: f"{number / source.choice((1, 1, 2, 5, 10)):g}"
        for name, number in zip(names, numbers, strict=True)
    }
    right = _tree(source, names)
    for words, givens in (("stated", "sentence"), ("not stated", "none")):
        hand = _hand(source, 4, middle=False, givens=givens)
        document = _document(f"{seed}/{words}", right, values, hand)
        line = document.lines[0]
        scene = Scene(line, {}, {}, {})
        path, node = source.choice(list(propose_operators(line.step.formula, scene)))
        wrong = with_side(line, "formula", node, path)
        if _is_changed(line, wrong):
            yield Case(f"operator right, values {words}", document.page)
            yield Case(f"operator wrong, values {words}", _page(document, wrong))


def _whole_cases(source: random.Random, seed: str) -> Iterator[Case]:
    """Yield quotients that are no whole numbers, said to be one: rounded with ≈, and with =."""
    a, b = Name("a"), Name("b")
    top, bottom = source.randint(5, 60), source.choice((3, 4, 6, 7, 8, 9))
    if top % bottom == 0 or abs(Fraction(top % bottom, bottom) - Fraction(1, 2)) < Fraction(1, 50):
        return
    hand = _hand(source, 3, middle=False, givens="sentence")
    document = _document(seed, a / b, {"a": str(top), "b": str(bottom)}, hand)
    line = document.lines[0]
    nearest = Figure(str(round(Fraction(top, bottom))))
    sign = r"\approx" if hand.style.notation == "latex" else "≈"
    for what, last in (
        ("whole number behind =, wrong", hand.style.equals),
        ("whole number behind ≈, right", sign),
    ):
        whole = replace(with_side(line, "result", nearest), signs=(*line.signs[:-1], last))
        yield Case(what, _page(document, whole))


def _is_changed(right: WorkedLine, wrong: WorkedLine) -> bool:
    """Say whether a formula's value is clearly another one."""
    formula = wrong.side("formula")
    assert formula is not None
    try:
        value = side_value(wrong, formula, knows_all=True)
    except UndefinedValueError:
        return False
    own = side_value(right, right.step.formula, knows_all=True)
    assert isinstance(value, Interval)
    assert isinstance(own, Interval)
    return abs(value.low - own.low) > OTHER_VALUE * abs(own.low)


def _page(document: Document, line: WorkedLine) -> Page:
    return lay_out(document.network, document.hand, document.seed, [line])


def cases(count: int, seed: int) -> Iterator[Case]:
    """Yield documents, `count` of each sort and some less where numbers do not go."""
    for number in range(count):
        for make in (_rounded_cases, _operator_cases, _whole_cases):
            identity = f"{seed}/{make.__name__}/{number}"
            try:
                yield from make(random.Random(identity), identity)
            except UndefinedValueError:
                continue


# ---- counting

# What of a sort of cases has to come out: a verdict, and its least or its largest share.
GOALS: Final[Mapping[str, tuple[str, float | None, float | None]]] = {
    "rounded working, right": ("slip", None, 0.0),
    "rounded working, off by 03": ("slip", 0.97, None),
    "rounded working, off by 05": ("slip", 1.0, None),
    "rounded working, off by 10": ("slip", 1.0, None),
    "rounded working, off by 30": ("slip", 1.0, None),
    "operator right, values stated": ("slip", None, 0.0),
    "operator right, values not stated": ("slip", None, 0.0),
    "operator wrong, values stated": ("certified", None, 0.01),
    "operator wrong, values not stated": ("certified", None, 0.02),
    "whole number behind =, wrong": ("certified", None, 0.0),
    "whole number behind ≈, right": ("slip", None, 0.0),
}


def verdicts_of(
    made: Iterable[Case], ask: Ask = ask_checker
) -> tuple[dict[str, Counter[str]], dict[tuple[str, str], list[str]]]:
    """Return how often each sort of cases got each verdict, and the lines of each verdict."""
    counts: dict[str, Counter[str]] = {}
    texts: dict[tuple[str, str], list[str]] = {}
    for case in made:
        judgement = ask(case.page.text, case.page.kind, None, SECONDS)
        places = case.page.lines_of(0)
        found = [f for f in judgement.findings if (f.cell, f.line) in places]
        verdict = "failure" if judgement.failure else line_verdict(found)
        counts.setdefault(case.what, Counter())[verdict] += 1
        texts.setdefault((case.what, verdict), []).append(text_of(case.page, places))
    return counts, texts


def main() -> int:
    """Print the figures; return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.check.mutation.off_by")
    parser.add_argument("--documents", type=int, default=300, help="of each sort")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--list", type=int, default=0, metavar="N", help="lines of each verdict")
    options = parser.parse_args()
    counts, texts = verdicts_of(cases(options.documents, options.seed))
    missed = False
    for what, verdicts in sorted(counts.items()):
        total = verdicts.total()
        shares = ", ".join(f"{v} {n / total:.1%}" for v, n in verdicts.most_common())
        aim = ""
        if what in GOALS:
            verdict, least, most = GOALS[what]
            share = verdicts[verdict] / total
            is_met = share >= least if least is not None else share <= (most or 0.0)
            missed |= not is_met
            bound = f"≥ {least:.0%}" if least is not None else f"≤ {most:.0%}"
            aim = f" (aim {verdict} {bound}: {'met' if is_met else 'missed'})"
        print(f"{what}: {total}: {shares}{aim}")
    for (what, verdict), lines in sorted(texts.items()):
        if options.list:
            print(f"\n{what}, {verdict}: {len(lines)}")
            print(*(f"    {line}" for line in lines[: options.list]), sep="\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
