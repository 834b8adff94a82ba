"""Install tracer into .venv and run the guards, as `make test` does, where there is no make.

    python .ci/portable.py [ARGUMENTS OF PYTEST]

It needs nothing but the Python that runs it: 3.11 or newer, on Linux, macOS or Windows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PINNED = "constraints.txt"


def run(*command: str | Path, **variables: str) -> None:
    """Run a program in the project's folder; end with its exit code where that is not 0."""
    print("+", *command, flush=True)
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}).returncode
    if code:
        sys.exit(code)


def main(arguments: list[str]) -> None:
    """Make the environment where it is missing, install, and run the guards."""
    windows = sys.platform == "win32"
    python = ENVIRONMENT / ("Scripts/python.exe" if windows else "bin/python")
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    # The two variables pin the build environment too (pip before and after 25.3).
    run(
        *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("-c", PINNED, "-e", ".[test]"),
        PIP_CONSTRAINT=PINNED,
        PIP_BUILD_CONSTRAINT=PINNED,
    )
    tests = ("-m", "pytest", "--numprocesses", "auto", "--dist", "worksteal", "--tier", "guard")
    # Tests start hundreds of processes, so compiled modules are kept; texts are UTF-8 everywhere.
    run(python, *tests, *arguments, PYTHONDONTWRITEBYTECODE="", PYTHONUTF8="1")


if __name__ == "__main__":
    main(sys.argv[1:])
