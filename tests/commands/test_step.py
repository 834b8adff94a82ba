"""`tracer derive --step`: one step alone, and what is refused."""

from __future__ import annotations

import pytest

from tracer.cli import main


@pytest.mark.parametrize("option", ["--iteration", "--show"])
def test_one_step_is_printed_without_a_head(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line with its numbers of that iteration and its sentence, and nothing else."""
    assert main(["derive", "one_weight", "--step", "dloss/dw", option, "2"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("$$")
    assert "-2.4" in text
    assert "#" not in text
    assert text.count("$$") == 2


def test_an_update_is_named_by_what_it_updates(capsys: pytest.CaptureFixture[str]) -> None:
    """`w` is the new value of w; the first iteration where none is named."""
    assert main(["derive", "one_weight", "--step", "w", "--format", "terminal"]) == 0
    assert "w ← w − η" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["dL/dw", "∂L/∂w", "dloss/dw"])
def test_a_step_and_an_entry_are_named_as_they_are_printed(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The loss is L on the page, and a keyboard may lack ∂."""
    assert main(["derive", "one_weight", "--step", name]) == 0
    assert "= -3" in capsys.readouterr().out
    assert main(["derive", "one_weight", "--focus", name, "--detail", "element"]) == 0
    assert "= -3" in capsys.readouterr().out


def test_a_single_step_has_its_chain(capsys: pytest.CaptureFixture[str]) -> None:
    """--chain holds for one step as for all."""
    assert main(["derive", "one_weight", "--step", "dloss/dw", "--chain"]) == 0
    assert r"= 2\thinspace (\hat{y} - y) \cdot x" in capsys.readouterr().out


def test_an_entry_of_a_printed_gradient_is_focused(capsys: pytest.CaptureFixture[str]) -> None:
    """dL/dW1[0, 1] is an entry of dloss/dW1."""
    texts = []
    for name in ("dL/dW1[0, 1]", "dloss/dW1[0, 1]", "∂L/∂W₁[0, 1]"):
        assert main(["derive", "mlp_2_2_2", "--focus", name]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--step", "dloss/dv"], "there is no step dloss/dv"),
        (["--step", "nonsense"], "one of y_pred, loss, dloss/dy_pred, dloss/dw, w"),
        (["--step", "w", "--iteration", "9"], "--iteration names an iteration that"),
        (["--step", "w", "--format", "json"], "--step prints text"),
        (["--iteration", "2", "--show", "1"], "both choose iterations"),
    ],
)
def test_what_is_not_there_is_said(
    options: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One message, exit code 2, nothing printed."""
    assert main(["derive", "one_weight", *options]) == 2
    found = capsys.readouterr()
    assert part in found.err
    assert not found.out


@pytest.mark.parametrize(("numbers", "is_there"), [("all", True), ("2", False), ("64", True)])
def test_numbers_decide_which_arrays_are_printed(
    numbers: str, is_there: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """--numbers 2 leaves a matrix of four entries out, and opens one of them in full."""
    arguments = ["derive", "mlp_2_2_2", "--step", "dloss/dW1", "--numbers", numbers]
    assert main(arguments) == 0
    assert ("0.00738879" in capsys.readouterr().out) is is_there
