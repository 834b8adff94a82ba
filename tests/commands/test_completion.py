"""`tracer completion`: scripts that shells accept, and that know commands and scenarios."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tracer.cli import COMMANDS, main
from tracer.commands.completion import SHELLS
from tracer.program.scenario import bundled


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_know_commands_and_scenarios(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each script has every command and every bundled scenario in it."""
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(command in script for command in COMMANDS)
    assert all(name in script for name in bundled())
    assert "tanh" in script


def test_bash_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bash itself completes commands, options, scenarios and files with the script."""
    bash = shutil.which("bash")
    assert bash is not None
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "tracer"
    script.write_text(capsys.readouterr().out, "utf-8")
    (tmp_path / "mine.toml").touch()
    (tmp_path / "mine.txt").touch()

    def completed(*words: str) -> set[str]:
        line = (
            f"source ./tracer; COMP_WORDS=({' '.join(repr(word) for word in words)}); "
            f"COMP_CWORD={len(words) - 1}; _shtab_tracer; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        done = subprocess.run(
            [bash, "--norc", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return set(done.stdout.split())

    assert completed("tracer", "de") == {"derive"}
    ones = {name for name in bundled() if name.startswith("one_")}
    assert completed("tracer", "derive", "one_") == ones
    assert completed("tracer", "derive", "mi") == {"mine.toml"}
    assert "--format" in completed("tracer", "derive", "xor", "--fo")
    assert completed("tracer", "explain", "tan") == {"tanh"}
