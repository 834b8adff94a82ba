"""`tracer completion`: the script that makes a shell complete commands, options and scenarios."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import Any

from tracer.commands.arguments import RESULT_FORMAT, argument
from tracer.commands.output import print_json, print_text
from tracer.narrative.explanation import explained_names
from tracer.program.document import ChoiceType, TableType
from tracer.program.scenario import bundled
from tracer.program.schema import LANGUAGE, SECTIONS, SETTINGS, TOP, TRAINING

SHELLS = ("bash", "zsh", "fish", "tcsh")
# Bash ends a word at `=`; here KEY=VALUE is one word again, and no space follows KEY=.
BASH = r"""
_tracer_whole_settings() {
  local words=("${COMP_WORDS[@]}") here=$COMP_CWORD place
  local COMP_WORDS=("${words[0]}") COMP_CWORD=0
  for ((place = 1; place <= here; place++)); do
    if [[ ${words[place]} == "=" || ${words[place - 1]} == "=" ]]; then
      COMP_WORDS[COMP_CWORD]+=${words[place]}
    else
      COMP_WORDS[++COMP_CWORD]=${words[place]}
    fi
  done
  _shtab_tracer
  local word=${COMP_WORDS[COMP_CWORD]}
  [[ $COMP_WORDBREAKS == *=* && $word == *=* ]] && COMPREPLY=("${COMPREPLY[@]#"${word%%=*}="}")
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o bashdefault -F _tracer_whole_settings tracer
"""

EXAMPLES = """\
examples:
  tracer completion bash > ~/.local/share/bash-completion/completions/tracer
  tracer completion zsh > ~/.zfunc/_tracer      (with fpath+=~/.zfunc in ~/.zshrc)
  tracer completion fish > ~/.config/fish/completions/tracer.fish
"""


ARGUMENTS = (
    argument("shell", choices=SHELLS, help="the shell to complete in"),
    RESULT_FORMAT,
)


def run(options: argparse.Namespace) -> None:
    """Print the script."""
    import shtab

    kinds = {
        "file": shtab.FILE,
        "scenario": _words_or_files("scenario", bundled()),
        "name": _word_completions("name", [name for name in explained_names() if " " not in name]),
        "setting": _word_completions("setting", setting_words()),
    }
    kinds["setting"]["zsh"] = "_tracer_setting"
    kinds["setting"]["preamble"]["zsh"] = (
        f"_tracer_setting() {{\n  compadd -S '' {' '.join(setting_words())}\n}}\n"
    )
    parser = options.parser()
    for action in _parser_actions(parser):
        kind = getattr(action, "completion", "")
        if kind:
            action.complete = kinds[kind]  # type: ignore[attr-defined]
    script = shtab.complete(parser, shell=options.shell)
    if options.shell == "bash":
        script = script.rstrip("\n") + "\n" + BASH
    if options.format == "json":
        print_json({"version": 1, "shell": options.shell, "script": script})
    else:
        print_text([script.rstrip("\n"), "\n"])


def setting_words() -> list[str]:
    """Return what may stand behind --set in any scenario: `KEY=`, and `KEY=VALUE` of a choice."""
    inside = {
        f"{name}.": section.keys
        for name, section in SECTIONS.items()
        if section not in (TRAINING, LANGUAGE)
    }
    sections = {"": (*TOP.keys, *TRAINING.keys, *SETTINGS.values()), **inside}
    words = [
        f"{before}{key.name}={option}"
        for before, keys in sections.items()
        for key in keys
        if not isinstance(key.type, TableType)
        for option in (key.type.options if isinstance(key.type, ChoiceType) else [""])
    ]
    return list(dict.fromkeys(words))


def _parser_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action.choices, dict):
            for inner in action.choices.values():
                yield from _parser_actions(inner)


def _word_completions(what: str, words: Iterable[str]) -> dict[str, Any]:
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
