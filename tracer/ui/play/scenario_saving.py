"""A changed scenario is saved as a file: where, and over what is there only on a reader's word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tracer.bundled import scenarios_folder
from tracer.program.scenario_edits import saved_text
from tracer.sentences import say
from tracer.ui.parts.host import Option
from tracer.ui.parts.reader_files import check_target, write_text

if TYPE_CHECKING:
    from tracer.ui.parts.host import Host

__all__ = ["ask_and_save"]


def ask_and_save(tracer: Host) -> None:
    """Ask for a path, and save the scenario of the session there, its comments kept."""

    def target(text: str) -> Path:
        return check_target(_toml_name(text), source=_protected(tracer), overwrite=True)

    def write(path: Path) -> None:
        write_text(path, [saved_text(tracer.session.scenario, path)])
        tracer.preferences.remember(opened=str(path))
        tracer.tell(say("Written: {path}", path=str(path)))

    def save(text: str) -> None:
        path = target(text)
        if not path.exists():
            write(path)
            return
        options = [
            Option(False, tracer.text(say("No, keep it"))),
            Option(True, tracer.text(say("Yes, write over it"))),
        ]
        title = say("{path} is there already. Write over it?", path=str(path))
        tracer.choose(title, options, lambda yes: write(path) if yes else None)

    tracer.ask(
        say("Save the scenario as a file"),
        save,
        value=f"{tracer.session.scenario.name}-play.toml",
        hint=say("The path of a .toml file"),
        check=target,
    )


def _protected(tracer: Host) -> Path | None:
    """Return the file that is never written over: a scenario that comes with tracer."""
    path = tracer.session.scenario.path
    return path if path is not None and path.parent == scenarios_folder() else None


def _toml_name(text: str) -> str:
    """Return a path with the ending that a scenario has; a folder stays one, and is refused."""
    text = text.strip()
    is_whole = not text or text.endswith(".toml") or Path(text).expanduser().is_dir()
    return text if is_whole else f"{text}.toml"
