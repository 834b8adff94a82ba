"""`tracer new`: a scenario that runs, and no file that is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.cli import main
from tracer.narrative.catalogue import catalogue
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import load, loads
from tracer.sentences import plain_text, say

LANGUAGES = ("en", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_scenario_runs(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is written can be derived, run and verified as it stands."""
    file = tmp_path / "my.toml"
    assert main(["new", str(file), "--lang", language]) == 0
    result = capsys.readouterr()
    assert result.out == ""
    told = say("tracer: wrote {file}; next: tracer derive {file}", file=str(file))
    assert result.err == f"{plain_text(told, catalogue(language))}\n"
    assert main(["verify", str(file)]) == 0
    assert main(["derive", str(file)]) == 0
    assert main(["run", str(file)]) == 0
    text = file.read_text("utf-8")
    assert f"tracer derive {file}" in text
    assert all(name in text for name in OPTIMIZERS)
    further = text.replace("# batch_size = 2", "batch_size = 2").replace("# stop_when", "stop_when")
    assert loads(further).training is not None


def test_commands_have_the_name_as_a_shell_takes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name with a space is quoted, in the file and in what is said."""
    file = tmp_path / "my network.toml"
    assert main(["new", str(file)]) == 0
    assert f"tracer derive '{file}'" in file.read_text("utf-8")
    assert f"next: tracer derive '{file}'" in capsys.readouterr().err


def test_the_templates_are_one_network(tmp_path: Path) -> None:
    """Languages differ in comments and titles only."""
    scenarios = []
    for language in LANGUAGES:
        file = tmp_path / f"{language}.toml"
        assert main(["new", str(file), "--lang", language, "--quiet"]) == 0
        scenarios.append(load(file))
    assert len({item.equations for item in scenarios}) == 1
    assert len({str(item.parameters["W1"].floats()) for item in scenarios}) == 1


def test_a_file_that_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second `new` of the same name is refused."""
    file = tmp_path / "my.toml"
    file.write_text("mine", "utf-8")
    assert main(["new", str(file)]) == 2
    assert capsys.readouterr().err.startswith(f"tracer: {file}: the file already exists")
    assert file.read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["my.txt", "my", "missing/my.toml"])
def test_names_that_do_not_fit(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that `derive` would not take for a file, or a folder that is missing."""
    assert main(["new", f"{tmp_path}/{name}"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert ".txt.toml" not in said
    assert list(tmp_path.iterdir()) == []
