"""Where the scenarios that come with tracer are. It knows nothing of what is in them."""

from __future__ import annotations

from pathlib import Path

from tracer.errors import TracerError
from tracer.sentences import say


def scenarios_folder() -> Path:
    """Return the folder of the bundled scenarios.

    An installed wheel holds it inside the package; a checkout, and with it an editable install,
    has it at the top, beside pyproject.toml.

    Raises: TracerError, where neither is there.
    """
    package = Path(__file__).resolve().parent
    installed = package / "scenarios"
    if installed.is_dir():
        return installed
    top = package.parent
    if (top / "pyproject.toml").is_file() and (top / "scenarios").is_dir():
        return top / "scenarios"

    raise TracerError(
        say("the bundled scenarios are missing"),
        found=say("no folder {installed}", installed=str(installed)),
        expected=say("the scenarios that every installation of gradient-tracer has"),
    )
