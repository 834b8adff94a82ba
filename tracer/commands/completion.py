"""`tracer completion`: the script that makes a shell complete commands, options and scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracer.commands.arguments import add_result_format
from tracer.commands.output import print_json, print_text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

__all__ = ["EXAMPLES", "add_arguments", "run"]

SHELLS = ("bash", "zsh", "fish", "tcsh")

EXAMPLES = """\
examples:
  tracer completion bash > ~/.local/share/bash-completion/completions/tracer
  tracer completion zsh > ~/.zfunc/_tracer      (with fpath+=~/.zfunc in ~/.zshrc)
  tracer completion fish > ~/.config/fish/completions/tracer.fish
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("shell", choices=SHELLS, help="the shell to complete in")
    add_result_format(parser)


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    from tracer.narrative.explain import names
    from tracer.program.scenario import bundled

    kinds = {
        "file": shtab.FILE,
        "scenario": _words_or_files("scenario", bundled()),
        "name": _words("name", [name for name in names() if " " not in name]),
    }
    parser = options.parser()
    for action in _actions(parser):
        kind = getattr(action, "complete", {}).get("tracer")
        if kind is not None:
            action.complete = kinds[kind]  # type: ignore[attr-defined]
    script = shtab.complete(parser, shell=options.shell)
    if options.format == "json":
        print_json({"version": 1, "shell": options.shell, "script": script})
    else:
        print_text([script.rstrip("\n"), "\n"])
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action.choices, dict):
            for inner in action.choices.values():
                yield from _actions(inner)


def _words(what: str, words: Iterable[str]) -> dict[str, Any]:
    """Return how each shell completes one of some plain words."""
    text = " ".join(words)
    return {
        "bash": f"_tracer_{what}",
        "zsh": f"({text})",
        "fish": f"(string split ' ' '{text}')",
        "tcsh": f"({text})",
        "preamble": {"bash": f'_tracer_{what}() {{\n  compgen -W "{text}" -- "$1"\n}}\n'},
    }


def _words_or_files(what: str, words: Iterable[str]) -> dict[str, Any]:
    """Return how each shell completes one of some words, or a scenario's file."""
    text = " ".join(words)
    return {
        "bash": f"_tracer_{what}",
        "zsh": f"_tracer_{what}",
        "fish": f"(_tracer_{what})",
        "tcsh": f"({text})",
        "preamble": {
            "bash": f'_tracer_{what}() {{\n  compgen -W "{text}" -- "$1"\n'
            '  compgen -f -X "!*.toml" -- "$1"\n  compgen -d -- "$1"\n}\n',
            "zsh": f"_tracer_{what}() {{\n  compadd {text}\n  _files -g '*.toml'\n}}\n",
            "fish": f"function _tracer_{what}\n  string split ' ' '{text}'\n"
            "  __fish_complete_suffix .toml\nend\n",
        },
    }
