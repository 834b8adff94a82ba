"""What is installed: one version, and a wheel that holds its scenarios and finds them."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tracer import bundled
from tracer.errors import TracerError
from tracer.version import __version__

ROOT = Path(__file__).resolve().parent.parent
# Without these a subprocess cannot find the checkout instead of what is installed.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
}


def run(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder, without standard input, and return what it prints."""
    process = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the installed hatchling: the network is not needed."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_versions_agree(tmp_path: Path) -> None:
    """The version is written once: pyproject.toml reads it, and the command prints it."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" not in pyproject["project"]
    assert pyproject["tool"]["hatch"]["version"]["path"] == "tracer/version.py"
    assert importlib.metadata.version("gradient-tracer") == __version__
    printed = run(sys.executable, "-m", "tracer", "--version", folder=tmp_path)
    assert __version__ in printed.split()
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    released = [heading for heading in headings if not heading.endswith("(not yet released)")]
    assert released[0].partition(" ")[0] == __version__


def test_wheel_holds_scenarios_messages_and_types(wheel: Path) -> None:
    """The wheel holds every scenario and catalogue and the marker of types, only the package."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    scenarios = ROOT / "scenarios"
    expected = {
        f"tracer/scenarios/{path.relative_to(scenarios).as_posix()}"
        for path in scenarios.rglob("*.toml")
    }
    assert expected
    catalogues = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tracer/**/*.mo")}
    assert catalogues
    assert expected | catalogues <= names
    assert "tracer/py.typed" in names
    assert {name.partition("/")[0] for name in names} == {
        "tracer",
        f"gradient_tracer-{__version__}.dist-info",
    }


@pytest.mark.proof  # the wheel is installed in .ci/run too; here every scenario is looked for
def test_installed_wheel_finds_its_scenarios(wheel: Path, tmp_path: Path) -> None:
    """Alone in an empty environment, from another folder, `tracer list` names the scenarios."""
    environment = tmp_path / "environment"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run(sys.executable, "-m", "venv", environment, folder=elsewhere)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    run(
        *(scripts / "python", "-m", "pip", "install", "--no-deps", "--no-index", wheel),
        folder=elsewhere,
    )
    where = run(
        *(scripts / "python", "-c", "import tracer.bundled as b; print(b.scenarios_folder())"),
        folder=elsewhere,
    )
    assert Path(where.strip()).is_relative_to(environment.resolve())
    listed = run(scripts / "tracer", "list", folder=elsewhere)
    for scenario in (ROOT / "scenarios").glob("*.toml"):
        assert scenario.stem in listed.split()


def test_checkout_has_its_scenarios_at_the_top() -> None:
    """A checkout finds the folder beside pyproject.toml."""
    assert bundled.scenarios_folder() == ROOT / "scenarios"


def test_missing_scenarios_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the scenarios are missing, a folder that only shares their name does not serve."""
    (tmp_path / "tracer").mkdir()
    (tmp_path / "scenarios").mkdir()
    monkeypatch.setattr(bundled, "__file__", str(tmp_path / "tracer" / "bundled.py"))
    with pytest.raises(TracerError, match="the bundled scenarios are missing"):
        bundled.scenarios_folder()
