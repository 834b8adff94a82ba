"""`tracer derive --step`: one step alone, and what is refused."""

from __future__ import annotations

import pytest

from tracer.cli import main


def test_one_step_is_printed_without_a_head(capsys: pytest.CaptureFixture[str]) -> None:
    """The line with its numbers of that iteration and its sentence, and nothing else."""
    assert main(["derive", "one_weight", "--step", "dloss/dw", "--iteration", "2"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("$$")
    assert "-2.4" in text
    assert "#" not in text
    assert text.count("$$") == 2


def test_an_update_is_named_by_what_it_updates(capsys: pytest.CaptureFixture[str]) -> None:
    """`w` is the new value of w; the first iteration where none is named."""
    assert main(["derive", "one_weight", "--step", "w", "--format", "terminal"]) == 0
    assert "w ← w − η" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--step", "dloss/dv"], "there is no step dloss/dv"),
        (["--step", "w", "--iteration", "9"], "iteration that is not there"),
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
