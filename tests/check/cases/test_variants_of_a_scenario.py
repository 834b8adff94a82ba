"""A part of a document is checked beside the variant of the scenario that it works."""

from __future__ import annotations

import pytest

from tracer.check.model.finding import FileReport
from tracer.document_check import check_text
from tracer.errors import TracerError
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.program_notation import notation_of
from tracer.program.scenario import bundled, load
from tracer.render.markdown import markdown
from tracer.run.runner import run_scenario

LARGE = "four_layer_classifier"  # its variant takes as long as it does
VARIANTS = [(name, it.name) for name in bundled() if name != LARGE for it in load(name).variants]

DESCENT = "# Descent\n\nL = (4² + 10·1²)/2 = 13\n\np = 4 - 0.15·4 = 3.4\n\nq = 1 - 0.15·10 = -0.5"
MOMENTUM = "# Momentum\n\nv_p = 0.8·0 + 4 = 4\n\nv_q = 0.8·0 + 10 = 10\n\np = 4 - 0.05·4 = {}"
ADAM = (
    "# Adam\n\nm_p = 0.1·4 = 0.4\n\nv_p = 0.001·16 = 0.016\n\n"
    "p = 4 - 0.4·(0.4/0.1)/√(0.016/0.001) = {}\n\nq = 1 - 0.4·(1/0.1)/√(0.1/0.001) = 0.6"
)


def reported(text: str, scenario: str, variant: str = "") -> FileReport:
    """Return the report on a text that is checked beside a scenario."""
    (report,) = check_text(text, "md", scenario, variant=variant).files
    return report


def verdicts(report: FileReport) -> list[str]:
    """Return the verdicts, those on right lines left out."""
    return [each.verdict for each in report.findings if each.verdict != "correct"]


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
@pytest.mark.parametrize("is_named", [True, False], ids=["named", "found"])
def test_the_derivation_of_a_variant_is_right(name: str, variant: str, is_named: bool) -> None:
    """Whoever names the variant finds no slip and nothing open, nor does who only has the page."""
    trace = run_scenario(load(name).variant(variant), record="checkpoints")
    text = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    report = reported(text, name, variant if is_named else "")
    words = load(name).description
    found = [each.text for each in report.findings if each.verdict != "correct"]
    assert [each for each in found if each not in words] == []
    expected = None if is_named else variant
    assert expected in [part.variant for part in report.parts]


def test_each_section_is_of_the_variant_that_it_works() -> None:
    """Under each heading the path begins anew, by another rule."""
    right = reported("\n\n".join([DESCENT, MOMENTUM.format(3.8), ADAM.format(3.6)]), "optimizers")
    assert verdicts(right) == []
    assert [part.variant for part in right.parts] == [None, "momentum", "adam"]
    assert "momentum of optimizers; lines" in str(right.convention)
    wrong = reported("\n\n".join([DESCENT, MOMENTUM.format(3.8), ADAM.format(3.7)]), "optimizers")
    assert verdicts(wrong) == ["slip"]


def test_a_section_may_go_over_to_another_variant() -> None:
    """Without a heading it does so where its lines leave the run at hand for good."""
    both = "\n\n".join(
        [
            "L = 14·(0.5 - 2)² = 31.5",
            "dL/dw = 28·(0.5 - 2) = -42",
            "w = 0.5 - 0.1·(-42) = 4.7",
            "L = 14·(4.7 - 2)² = 102.06",
            "With the mean:",
            "dL/dw = 28/3·(0.5 - 2) = -14",
            "w = 0.5 - 0.1·(-14) = 1.9",
            "L = 14/3·(1.9 - 2)² = 0.0467",
        ]
    )
    report = reported(both, "one_weight_sum")
    assert verdicts(report) == []
    assert [part.variant for part in report.parts] == [None, "mean"]


@pytest.mark.parametrize(
    "text",
    [
        DESCENT,
        # One slip, here in the rate, is none of another variant, though that has the figure too.
        DESCENT.replace("p = 4 - 0.15·4 = 3.4", "p = 4 - 0.05·4 = 3.8"),
        f"t = 1\n\n{DESCENT}",  # the number of the step, which Adam alone has in its rule
    ],
)
def test_the_scenario_that_was_asked_for_comes_first(text: str) -> None:
    """Another variant has to explain what this one does not, and make nothing wrong."""
    assert {part.variant for part in reported(text, "optimizers").parts} == {None}


def test_a_variant_that_was_asked_for_gives_way_as_well() -> None:
    """The scenario without a variant is one of them."""
    text = f"{DESCENT}\n\nL = (3.4² + 10·(-0.5)²)/2 = 7.03"
    report = reported(text, "optimizers", "adam")
    assert verdicts(report) == []
    assert [part.variant for part in report.parts] == [""]
    assert "without a variant" in str(report.convention)


def test_settings_change_the_scenario() -> None:
    """What was derived with another rate is checked with it."""
    text = "ŷ = 0.5·1 = 0.5\n\ndL/dw = 2·(0.5 - 2)·1 = -3\n\nw = 0.5 - 0.2·(-3) = 1.1"
    (report,) = check_text(text, "md", "one_weight", settings=["learning_rate=0.2"]).files
    assert [each.verdict for each in report.findings] == ["correct"] * 3
    (report,) = check_text(text, "md", "one_weight").files
    assert verdicts(report) == ["slip"]


def test_an_unknown_variant_is_said() -> None:
    """The nearest one is offered."""
    with pytest.raises(TracerError, match="did you mean adam"):
        reported(DESCENT, "optimizers", "adm")
