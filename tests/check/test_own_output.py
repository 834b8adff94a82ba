"""What tracer prints passes its own checker: nothing is flagged, and nothing is left unread."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import pytest

from tracer.document_check import check_text
from tracer.narrative.catalogue import catalogue
from tracer.narrative.derivation import Options, derivation, notation_of
from tracer.program.scenario import bundled, load
from tracer.render.latex import latex
from tracer.render.markdown import markdown
from tracer.render.plain import plain
from tracer.run.runner import run_scenario

# The full networks are large; what their small forms print is the same.
SCENARIOS = [name for name in bundled() if not name.endswith("_full")]
WRITERS = {"md": markdown, "tex": latex}
# Its lines are looked for in 640 iterations of large arrays.
SLOW = ("four_layer_classifier",)
NOTATIONS: tuple[Literal["textbook", "code"], ...] = ("textbook", "code")
# What is flagged or unread still: name, notation, whether its run is known. Convolutions and
# extremes over an index have no reading yet; the words about single points of the activations
# (x = 0, a = 2) are taken for other given values. Who mends one takes it out.
OPEN = {
    *(("activations", notation, True) for notation in ("code", "textbook")),
    *((name, "textbook", False) for name in ("digit_cnn", "ngram_cnn", "position_wise_ffn")),
    ("ngram_cnn", "textbook", True),
}
# The kinds of text are read differently, and what was read is judged beside its run the same way.
CASES = [
    pytest.param(
        name,
        is_known,
        kind,
        id=f"{name}-{'beside its run' if is_known else 'alone'}-{kind}",
        marks=[pytest.mark.proof] if is_known and (name in SLOW or kind != "md") else [],
    )
    for name in SCENARIOS
    for is_known in (False, True)
    for kind in WRITERS
]


@lru_cache(8)
def printed(name: str, kind: str, notation: Literal["textbook", "code"], language: str) -> str:
    """Return the derivation of a scenario."""
    trace = run_scenario(load(name), record="checkpoints")  # a whole record may take a gigabyte
    blocks = derivation(trace, Options(notation=notation))
    return "".join(WRITERS[kind](blocks, notation_of(trace), catalogue(language)))


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("name", "is_known", "kind"), CASES)
def test_own_derivations_pass(
    name: str,
    is_known: bool,
    notation: Literal["textbook", "code"],
    kind: str,
    report_proof: Callable[[str], None],
) -> None:
    """With its scenario and without, no line is a slip, and every worked line is read.

    Large arrays are not printed: without the scenario, what is made from them cannot be checked.
    """
    text = printed(name, kind, notation, "en")
    (report,) = check_text(text, kind, name if is_known else None).files
    found = [
        (item.line, item.verdict, item.text)
        for item in report.findings
        if item.verdict in ("slip", "carried_forward", "not_checked")
        and (is_known or item.reason != "unknown_quantity")
    ]
    is_open = (name, notation, is_known) in OPEN
    assert (bool(found) or report.convention is not None) == is_open, found[:3]
    if is_open:
        return
    right = report.counts()["correct"]
    assert right or not is_known
    report_proof(f"derivation of {name} beside its run, {kind}, {notation}: {right} lines right")


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize(
    ("name", "language"),
    [
        *((name, "en") for name in ("one_weight", "mlp_2_2_2", "rnn_step", "self_attention")),
        *((name, "zh") for name in ("one_weight", "mlp_2_2_2", "rnn_step")),
    ],
)
def test_plain_text_and_chinese_pass_too(name: str, is_known: bool, language: str) -> None:
    """In plain text and in Chinese no line of a derivation is flagged or left unread."""
    trace = run_scenario(load(name), record="checkpoints")
    lines = plain(derivation(trace, Options()), notation_of(trace), catalogue(language))
    (report,) = check_text("\n".join(lines), "txt", name if is_known else None).files
    assert {item.verdict for item in report.findings} <= {"correct", "undecided", "rounding"}
    assert report.counts()["correct"]
