"""No text makes the checker crash or hang: kept cases, random changes of them, hostile inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import cycle, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.case_lists import crossed
from tests.check.fuzz import KINDS, LONGEST, ORDINARY, PIECES, SCENARIOS, corpus, mutations, tried
from tracer.document_check import check_text
from tracer.operations import table

HOSTILE = {
    "brackets": "a = " + "(" * 500 + "1" + ")" * 500 + " = 1",
    "square brackets": "a = " + "[" * 900 + "]" * 900 + " = 1",
    "fractions": "$$a = " + r"\frac{1}{" * 200 + "2" + "}" * 200 + " = 1$$",
    "exponent": "a = 2**999999999 = 1\nb = 10^{10^{10}} = 2\nc = 9**9**9**9 = 3",
    "long digits": "a = " + "9" * 3000 + " * 2 = 1",
    "minus": "a = " + "-" * 3000 + "1 = 1",
    "sums": "a = " + "+".join(["1.5"] * 900) + " = 1350",
    "equals": "=" * 3900,
    "chain": "a = " + " = ".join(["1"] * 900),
    "marks": "a\u202e = \u200f1 + \0 2 = \x1b[31m3\x07",
    "surrogate": "a = 1 + \ud800 = 2\n\udfff = 3",
    "dollars": "$" * 3000,
    "matrix": "a = [" + ", ".join(["[" + ", ".join(["0.5"] * 70) + "]"] * 10) + "] = 1",
    "names": " ".join("x" * 200 for _ in range(15)) + " = 1",
    "fences": "```\n" * 2000,
    "repairs that leave a slip": "x = 2.0\nw = 0.5\n" + "loss = 8 = 2\n" * 120,
    "definitions in a circle": "\n\n".join(
        f"{name} = " + " * ".join(sorted({*"abcdfghk"} - {name})) for name in "abcdfghk"
    )
    + "\n\nq = a * b = 3",
    "a slope of nothing": "w = w_old - a * ∇_(w_old)\nu = 2 * ∇\nv = \\nabla",
    "a slope that ends its side": "g(w) = w - a * ∇_(w)",
    "an index with an open bracket": "_{{\\begin{align}_{·# =m··",
    "open brackets": "x = 1\nprint(x)\n" + ("(" * 100 + "\n") * 170,
}


@pytest.mark.parametrize(("name", "way"), crossed(HOSTILE, product(KINDS, SCENARIOS[:2])))
def test_hostile_texts(name: str, way: tuple[str, str | None]) -> None:
    """Each is read or refused, in a moment."""
    assert tried(HOSTILE[name], *way) < LONGEST


@pytest.mark.parametrize("lines", [200, pytest.param(19_000, marks=pytest.mark.proof)])
@pytest.mark.parametrize("kind", ["md", "txt", "tex"])
def test_large_texts(kind: str, lines: int) -> None:
    """Thousands of lines take time in proportion; a megabyte in one line is refused."""
    text = ORDINARY.splitlines(keepends=True)[0] * lines
    assert tried(text, kind) < 3 * lines / ORDINARY.count("\n")
    assert tried("x" * 2_000_000, kind) < LONGEST
    assert tried("x = 1 " * 160_000, kind) < LONGEST


@pytest.mark.parametrize(
    ("cases", "changes"),
    [
        pytest.param(zip(corpus(), cycle(KINDS)), 15, id="each text once"),
        pytest.param(product(corpus(), KINDS), 150, id="each kind", marks=pytest.mark.proof),
    ],
)
def test_kept_cases_and_changes(cases: Iterable[tuple[str, str]], changes: int) -> None:
    """The corpus in files of each kind, by turns beside each run, and random changes of it."""
    slowest = max(tried(*case, scenario) for case, scenario in zip(cases, cycle(SCENARIOS)))
    slowest = max(slowest, *(tried(*case) for case in mutations(7, changes)))
    assert slowest < LONGEST


@pytest.mark.proof
@pytest.mark.parametrize("part", range(8))
def test_many_changes(part: int, proof_seed: int, report_proof: Callable[[str], None]) -> None:
    """Tens of thousands of random changes of the corpus; one may take long beside other work."""
    changes = 5_000
    slowest = max(tried(*case) for case in mutations(1000 * proof_seed + part, changes))
    assert slowest < 5 * LONGEST
    report_proof(
        f"fuzz, part {part}: {changes} changed texts read or refused, "
        f"each in at most {slowest:.1f} times as long as an ordinary one",
    )


def test_a_document_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left when the time is over is listed as not checked, code too."""
    monkeypatch.setattr("tracer.check.document_lines.SECONDS", 0.0)
    text = "w = 0.5 - 0.1 * 3 = 0.3\n\n```python\nw = 0.5\nprint(w)\n```\n"
    (file,) = check_text(text).files
    assert [(entry.line, entry.verdict, entry.reason) for entry in file.findings] == [
        (1, "not_checked", "limit"),
        (4, "not_checked", "limit"),
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=40))
def test_any_text(pieces: list[str]) -> None:
    """Pieces of formulas and any characters, in any order, in every kind of file."""
    for kind in KINDS:
        assert tried("".join(pieces), kind) < LONGEST


ARGUMENTS = (
    "", "w", "w, x", "v", "A, v", "A, v, w, 1", "0.5", "[1, 2]", "[0.1, -0.2] - y", "A, axis=0",
)  # fmt: skip


def try_calls(name: str, scenario: str | None, choices: Sequence[str]) -> None:
    """Check a document that calls an operation with each choice of arguments."""
    lines = ["w = 0.5", "x = 2", "A = [[1, 2], [3, 4]]", "v = [1, -2]"]
    for place, arguments in enumerate(choices):
        call = f"{name}({arguments})"
        lines += [
            f"q{place} = {call} = 3",
            f"dloss/dw = 2*{call}*x = 2*{name}(0.5, 1)*2 = 3",
            f"w = w - 0.1*({call}) = 0.8 - 0.1*{name}([1, 2]) = 0.8",
            rf"$r = \operatorname{{{name}}}\left({arguments}\right) - w = 7$",
        ]
    assert tried("\n".join(lines) + "\n", "md", scenario) < 10 * LONGEST


@pytest.mark.parametrize(("place", "name"), [*enumerate(table())][::3])
def test_operations_with_some_numbers_of_arguments(place: int, name: str) -> None:
    """Who writes `outer(a)` or `sum()` is told what is missing, or what it is worth.

    Each third operation has one choice of arguments, alone or beside a run; the next has another.
    """
    try_calls(name, (None, "one_weight")[place % 2], [ARGUMENTS[place % len(ARGUMENTS)]])


@pytest.mark.proof
@pytest.mark.parametrize("scenario", [None, "one_weight"])
@pytest.mark.parametrize("name", [*table()])
def test_operations_with_any_number_of_arguments(name: str, scenario: str | None) -> None:
    """All of them in one document."""
    try_calls(name, scenario, ARGUMENTS)
