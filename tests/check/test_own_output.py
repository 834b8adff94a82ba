"""What tracer prints passes its own checker: nothing flagged, nothing unread."""

from __future__ import annotations

from functools import lru_cache

import pytest

from tests.check.generated.writing import recorded
from tracer.check.checker import check_text
from tracer.narrative.derivation import Options, derivation, notation_of
from tracer.program.scenario import bundled
from tracer.render.latex import latex
from tracer.render.markdown import markdown

# The full networks are large; what their small forms print is the same.
SCENARIOS = [name for name in bundled() if not name.endswith("_full")]
WRITERS = {"md": markdown, "tex": latex}


@lru_cache(8)
def printed(name: str, kind: str) -> str:
    """Return the derivation of a scenario at default options."""
    trace = recorded(name)
    return "".join(WRITERS[kind](derivation(trace, Options()), notation_of(trace)))


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_own_derivations_pass(name: str, kind: str) -> None:
    """With its scenario and without, no line is a slip, and every worked line is read.

    Large arrays are not printed: without the scenario, what is made from them cannot be checked.
    """
    text = printed(name, kind)
    for scenario in (None, name):
        (report,) = check_text(text, kind, scenario).files
        found = [
            (item.line, item.verdict, item.text)
            for item in report.entries
            if item.verdict in ("slip", "carried_forward", "not_checked")
            and not (scenario is None and item.reason == "unknown_quantity")
        ]
        assert not found, (scenario, found[:3])
        assert report.convention is None
        counts = report.counts()
        assert scenario is None or counts["correct"]
