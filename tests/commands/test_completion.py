"""`tracer completion`: scripts that shells accept, and that know commands and scenarios."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tracer.cli import COMMANDS, main
from tracer.commands.completion import SHELLS, setting_words
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.scenario import bundled, loads


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


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_know_the_keys_and_the_optimizers(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """--set is completed with the keys that any scenario may have, and with each optimizer."""
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert {"learning_rate=", "momentum_decay=", "random.seed=", "dtype=float32"} <= {
        *setting_words()
    }
    assert all(setting in script for setting in setting_words())
    assert all(f"optimizer={name}" in setting_words() for name in OPTIMIZERS)


@pytest.mark.parametrize("setting", [item for item in setting_words() if not item.endswith("=")])
def test_what_is_completed_with_its_value_is_accepted(setting: str) -> None:
    """An option that completion offers can be set."""
    assert loads(SCENARIO, settings=[setting]).overrides == (setting,)


SCENARIO = """\
[parameters]
w = 1
[network]
equations = "loss = w**2"
[training]
learning_rate = 0.1
iterations = 1
[random]
seed = 1
"""


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
            f"COMP_CWORD={len(words) - 1}; _tracer_whole_settings; "
            "printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        done = subprocess.run(
            [bash, "--norc", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return set(done.stdout.split())

    assert completed("tracer", "der") == {"derive"}
    ones = {name for name in bundled() if name.startswith("one_")}
    assert completed("tracer", "derive", "one_") == ones
    assert completed("tracer", "derive", "mi") == {"mine.toml"}
    assert "--format" in completed("tracer", "derive", "xor", "--fo")
    assert completed("tracer", "explain", "tan") == {"tanh"}
    assert completed("tracer", "derive", "xor", "--set", "learn") == {"learning_rate="}
    assert completed("tracer", "derive", "xor", "--set", "optimizer", "=", "nad") == {"nadam"}
    assert completed("tracer", "run", "xor", "--set", "optimizer", "=") == set(OPTIMIZERS)
    set_first = ("tracer", "derive", "--set", "optimizer", "=", "adam", "one_")
    assert completed(*set_first) == ones
