"""What tracer prints with --notation code passes its own checker: nothing flagged or unread."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pytest

from tracer.document_check import check_text
from tracer.narrative.derivation import Options, derivation, notation_of
from tracer.program.scenario import bundled, load
from tracer.render.latex import latex
from tracer.render.markdown import markdown
from tracer.run.runner import run_scenario

# The full networks are large; what their small forms print is the same.
SCENARIOS = [name for name in bundled() if not name.endswith("_full")]
WRITERS = {"md": markdown, "tex": latex}
# Its lines are looked for in 640 iterations of large arrays.
SLOW = ("four_layer_classifier",)
# Right lines that are called wrong still: name, whether its run is known, and the kind of text.
# Who mends one takes it out.
BLAMED = {
    *(("activations", True, kind) for kind in ("md", "tex")),
    *(("no_activation", True, kind) for kind in ("md", "tex")),
    *(("softmax_example", is_known, kind) for is_known in (False, True) for kind in ("md", "tex")),
    ("optimizers_side_by_side", True, "tex"),
    ("position_wise_ffn", True, "tex"),
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
def printed(name: str, kind: str) -> str:
    """Return the derivation of a scenario in the notation of the language."""
    trace = run_scenario(load(name), record="checkpoints")  # a whole record may take a gigabyte
    return "".join(WRITERS[kind](derivation(trace, Options(notation="code")), notation_of(trace)))


@pytest.mark.parametrize(("name", "is_known", "kind"), CASES)
def test_own_derivations_pass(
    name: str, is_known: bool, kind: str, report_proof: Callable[[str], None]
) -> None:
    """With its scenario and without, no line is a slip, and every worked line is read.

    Large arrays are not printed: without the scenario, what is made from them cannot be checked.
    """
    (report,) = check_text(printed(name, kind), kind, name if is_known else None).files
    found = [
        (item.line, item.verdict, item.text)
        for item in report.findings
        if item.verdict in ("slip", "carried_forward", "not_checked")
        and (is_known or item.reason != "unknown_quantity")
    ]
    is_blamed = (name, is_known, kind) in BLAMED
    assert bool(found) == is_blamed, found[:3]
    if is_blamed:
        return
    assert report.convention is None
    right = report.counts()["correct"]
    assert right or not is_known
    report_proof(f"derivation of {name} beside its run, {kind}: {right} lines right")
