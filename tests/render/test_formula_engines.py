"""Every formula of a Markdown page is set by KaTeX and by MathJax, as sites with either show it.

A reader of Markdown that shares no code with the writer finds the formulas.
"""

# ruff: noqa: D103 - the name of a test may be its whole sentence

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import tracer
from tests.render.blocks_to_render import NOTATION, SCENARIOS, line
from tracer.errors import RunError
from tracer.narrative.explanation import explained_names
from tracer.render.markdown import markdown

pytestmark = pytest.mark.proof

SCRIPT = Path(__file__).with_name("set_formulas.mjs")
ENGINES = Path(sys.prefix)  # `make prove` installs both in its node_modules
LANGUAGES = ("en", "zh")
FULL_SIZE = {"four_layer_classifier", "gpt2_mlp_full"}
LARGE = 2_000
"""Numbers in the arrays of one iteration beyond which entries are not told one by one."""


@dataclass(frozen=True)
class Formula:
    """The TeX between dollar signs, and whether it stands in a line of its own."""

    text: str
    display: bool


Refused = Callable[[Iterable[Formula]], list[dict[str, str]]]


@pytest.fixture(scope="module")
def refused() -> Refused:
    """Return a function that gives the formulas which an engine refuses, with its message."""
    node = shutil.which("node")
    missing = [
        *([] if node else ["node"]),
        *(name for name in ("katex", "mathjax") if not (ENGINES / "node_modules" / name).exists()),
    ]
    if missing or node is None:
        pytest.skip(f"{' and '.join(missing)} not installed")

    def set_all(formulas: Iterable[Formula]) -> list[dict[str, str]]:
        asked = [{"text": item.text, "display": item.display} for item in formulas]
        done = subprocess.run(
            [node, str(SCRIPT), str(ENGINES)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=True,
        )
        answer: list[dict[str, str]] = json.loads(done.stdout)
        return answer

    return set_all


def formulas_of(page: str) -> set[Formula]:
    """Return the formulas that a reader of Markdown finds; no dollar sign is left to be seen."""
    markdown_it = pytest.importorskip("markdown_it")
    dollars = pytest.importorskip("mdit_py_plugins.dollarmath")
    reader = markdown_it.MarkdownIt("commonmark").enable("table")
    reader.use(dollars.dollarmath_plugin, allow_space=False, double_inline=True)
    found = set()
    for token in reader.parse(page):
        for part in (token, *(token.children or ())):
            if part.type.startswith("math"):
                found.add(Formula(part.content, part.type != "math_inline"))
            else:
                assert part.type != "text" or "$" not in part.content, part.content
    return found


def pages_of(scenario: str) -> Iterator[str]:
    """Yield the pages that tell the first iteration of a scenario, and what a notebook shows."""
    run = tracer.load(scenario).run(record="checkpoints")
    first = run.iteration(1)
    yield from (page for page in (first._repr_latex_(),) if page)
    small = sum(np.size(value) for value in first.values()) <= LARGE
    for language in LANGUAGES:
        page = partial(run.to_markdown, show=(1,), lang=language)
        yield page()
        yield page(notation="code")
        yield page(chain=True, digits=3)
        if small:
            yield page(detail="element")
            with suppress(RunError):  # not every operation has fractions
                yield page(exact=True)


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in FULL_SIZE])
def test_both_engines_set_every_formula_of_a_derivation(
    scenario: str, refused: Refused, report_proof: Callable[[str], None]
) -> None:
    formulas = set().union(*map(formulas_of, pages_of(scenario)))
    assert formulas
    assert refused(formulas) == []
    report_proof(f"KaTeX and MathJax set the {len(formulas)} formulas of {scenario}")


def test_both_engines_set_every_formula_of_the_pages_of_explain(
    refused: Refused, report_proof: Callable[[str], None]
) -> None:
    formulas: set[Formula] = set()
    for name in explained_names():
        told = tracer.explain(name)
        for language in LANGUAGES:
            formulas |= formulas_of(told.to_markdown(lang=language))
    assert refused(formulas) == []
    report_proof(
        f"KaTeX and MathJax set {len(formulas)} formulas of {len(explained_names())} explanations"
    )


@pytest.mark.parametrize("text", [r"\frac{1", r"\unknown", "x^1^2"])
def test_a_formula_that_is_no_tex_is_refused_by_both(text: str, refused: Refused) -> None:
    assert {fault["engine"] for fault in refused([Formula(text, True)])} == {"KaTeX", "MathJax"}


def test_a_dollar_sign_that_no_formula_uses_is_seen() -> None:
    page = "".join(markdown([line("y", "2")], NOTATION))
    assert formulas_of(page)
    with pytest.raises(AssertionError):
        formulas_of(f"{page} and $x")
