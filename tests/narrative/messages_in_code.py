"""The messages that the code can say, and the catalogues of their translations.

    python -m tests.narrative.messages_in_code             list what is missing and what is stale
    python -m tests.narrative.messages_in_code --release   the same; fails unless all is in order
    python -m tests.narrative.messages_in_code --write     bring the catalogues in order

Who changes words in English need do nothing: a message without a translation is shown in English.
Who translates runs `--write`, which adds empty entries for new messages in the order of the code
and drops those that nothing says any more (printing them), fills in the .po, and runs it again: it
compiles the .mo beside it.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracer.operations.reason import Reason

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "tracer"
LOCALE = PACKAGE / "narrative" / "locale"

COMMAND = "python -m tests.narrative.messages_in_code"

SAYING = {"say", "translate"}

# Where `say` is given something other than a literal: what it is given, and where its texts are.
COMPUTED = {
    "optimizer.words": "words of the optimizers",
    "optimizer.purpose": "words of the optimizers",
    "row.words": "words of the table",
    "SAME": "words of the table",
    "title": "titles of the table",
    "rule": "rules of the table and of differentiation",
    "text": "conventions and laws of the table",
    "spoken": "rules of the table and of differentiation, the ideas' names",
    "it.witness": "the witnesses' names",
    "law.purpose": "laws of the table",
    "problem.template": "what is said of a number outside its limits",
    "line.because": "laws of the table",
    "words": "conventions of the table, words of the optimizers",
    "SLIPS[blame.cause].words": "words of the slips",
    "SLIPS[slip].words": "words of the slips",
    "PHASES[phase]": "the phases' names",
    "PHASES[step.phase]": "the phases' names",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a module says: literal messages, and the source of arguments that are no literals."""

    literal: tuple[str, ...]
    computed: tuple[str, ...]


@cache
def said(source: str) -> Said:
    """Return the first arguments of all calls of `say` in a module's text.

    Of `translate` only the literals: it is also what turns any sentence into a language.
    """
    literal: list[str] = []
    computed: list[str] = []
    if not any(f"{name}(" in source for name in SAYING):  # to parse it takes far longer
        return Said((), ())
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _called(node.func) in SAYING and node.args
    ]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        for part in _choices(call.args[0]):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                literal.append(part.value)
            elif _called(call.func) == "say":
                computed.append(ast.unparse(call.args[0]))
                break
    return Said(tuple(literal), tuple(computed))


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _choices(node: ast.expr) -> list[ast.expr]:
    """Return what `a if … else b` may be."""
    if isinstance(node, ast.IfExp):
        return [*_choices(node.body), *_choices(node.orelse)]
    return [node]


# What argparse says itself, in help and where it refuses arguments.
ARGPARSE = (
    "usage: ",
    "options",
    "positional arguments",
    "show this help message and exit",
    "show program's version number and exit",
    "argument %(argument_name)s: %(message)s",
    "the following arguments are required: %s",
    "expected one argument",
    "expected at least one argument",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "ignored explicit argument %r",
    "not allowed with argument %s",
    ".",
)


def help_texts() -> Iterator[str]:
    """Yield what the helps of all commands say, text by text; of examples what stands beside."""
    from tracer.cli import COMMANDS, DESCRIPTION, EXAMPLES, parser_of

    yield from (DESCRIPTION, "commands", *(text for text, _ in COMMANDS.values()))
    epilogs = [EXAMPLES]
    for name in COMMANDS:
        (commands,) = (it for it in parser_of([name])._actions if it.choices)
        (parser,) = commands.choices.values()  # type: ignore[union-attr]
        yield from (action.help for action in parser._actions if action.help)
        yield from (group.title for group in parser._action_groups if group._group_actions)
        epilogs.append(parser.epilog)
    for paragraph in (part for epilog in epilogs for part in epilog.strip("\n").split("\n\n")):
        heading, *lines = paragraph.split("\n")
        if heading == "examples:":
            yield heading
            yield from (found[1] for line in lines if (found := re.search(r"\S  +(.+)", line)))
        elif not heading.startswith(" "):  # else it shows a file
            yield paragraph


@cache
def messages() -> Mapping[str, str]:
    """Return all messages, each with the place that says it first, in the order of the code."""
    from tracer.check.slips.causes import SLIPS
    from tracer.narrative.derivation_options import PHASES
    from tracer.narrative.explanation import RULES as SHOWN_RULES
    from tracer.narrative.ideas import IDEAS
    from tracer.narrative.step_reasons import GRAPH_REASONS
    from tracer.operations import table
    from tracer.operations.law import LawLine
    from tracer.operations.reasons import BACKWARD, FORWARD
    from tracer.program.optimizers import OPTIMIZERS
    from tracer.program.update_reasons import MOVES
    from tracer.witness.verification import CENTRAL, COMPLEX, SYMPY, WHOLE

    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for text in said(path.read_text("utf-8")).literal:
            found.setdefault(text, path.relative_to(ROOT).as_posix())
    for text in (*ARGPARSE, *help_texts()):
        found.setdefault(text, "help")
    for phase in PHASES.values():
        found.setdefault(phase, "phases")
    for rule, shown in SHOWN_RULES.items():
        found.setdefault(rule, "rules")
        found.setdefault(shown.law.because, "rules")
    for name, idea in IDEAS.items():
        found.setdefault(name.replace("-", " "), "ideas")
        for part in idea.parts:
            if isinstance(part, LawLine) and part.because:
                found.setdefault(part.because, "ideas")
    for witness in (SYMPY, WHOLE, COMPLEX, CENTRAL):
        found.setdefault(witness, "witnesses")
    for row in table().values():
        for text in (*row.rules, row.words, *row.conventions, row.title):
            if text:
                found.setdefault(text, f"operation {row.name}")
        if row.law is not None:
            for text in (row.law.purpose, *(line.because for line in row.law.lines)):
                if text:
                    found.setdefault(text, f"law of {row.name}")
        for reason in (*BACKWARD.get(row.name, ()), *FORWARD.get(row.name, ())):
            _add_reason(found, reason, f"operation {row.name}")
    for name, optimizer in OPTIMIZERS.items():
        found.setdefault(optimizer.words, f"optimizer {name}")
        found.setdefault(optimizer.purpose, f"optimizer {name}")
        for line in optimizer.law:
            found.setdefault(line.because, f"law of {name}")
        for reason in optimizer.reasons:
            _add_reason(found, reason, f"optimizer {name}")
    for reason in (*MOVES, *GRAPH_REASONS):
        _add_reason(found, reason, "reasons")
    for slip in SLIPS.values():
        found.setdefault(slip.words, f"slip {slip.id}")
    return found


def _add_reason(found: dict[str, str], reason: Reason, place: str) -> None:
    for text in (reason.full, reason.short):
        if text:
            found.setdefault(text, place)


def rows_without_reason() -> list[str]:
    """Return the operations with a gradient for which only the rule's name can be said."""
    from tracer.narrative.step_reasons import sentence_of_law
    from tracer.operations import table
    from tracer.operations.reasons import BACKWARD

    return [
        row.name
        for row in table().values()
        if row.derivative is not None
        and not row.inner
        and row.operands
        and row.name not in BACKWARD
        and not any(sentence_of_law(row, operand) for operand in row.operands)
    ]


def read_po(text: str) -> dict[str, str]:
    """Return the messages of a .po file; the one of '' is its head."""
    found: dict[str, str] = {}
    key, parts = "", {"msgid": "", "msgstr": ""}
    for line in [*text.splitlines(), ""]:
        word, _, rest = line.partition(" ")
        if word in parts:
            key, parts[word] = word, ast.literal_eval(rest)
        elif line.startswith('"'):
            parts[key] += ast.literal_eval(line)
        elif not line and key:
            if parts["msgid"] in found:
                raise ValueError(f"two translations of {parts['msgid']!r}")
            found[parts["msgid"]] = parts["msgstr"]
            key, parts = "", {"msgid": "", "msgstr": ""}
        elif line and not line.startswith("#"):
            raise ValueError(f"no line of a .po file: {line!r}")
    return found


def written_po(head: str, places: Mapping[str, str], translations: Mapping[str, str]) -> str:
    """Return the text of a .po file."""
    lines = ['msgid ""', 'msgstr ""', *map(_quoted, head.splitlines(keepends=True))]
    before = ""
    for message, place in places.items():
        lines.append("")
        if place != before:
            lines.append(f"#: {place}")
            before = place
        lines += [f"msgid {_quoted(message)}", f"msgstr {_quoted(translations.get(message, ''))}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def compiled(translations: Mapping[str, str]) -> bytes:
    """Return the .mo file of translations; a message without one is left out.

    Source: GNU gettext manual, section 10.3, The Format of GNU MO Files.
    """
    entries = [(message.encode(), text.encode()) for message, text in translations.items() if text]
    entries.sort()
    keys_at = 7 * 4
    texts_at = keys_at + 8 * len(entries)
    position = texts_at + 8 * len(entries)
    tables: list[list[int]] = []
    body = b""
    for column in zip(*entries, strict=True):
        numbers: list[int] = []
        for text in column:
            numbers += [len(text), position + len(body)]
            body += text + b"\0"
        tables.append(numbers)
    head = struct.pack("<7I", 0x950412DE, 0, len(entries), keys_at, texts_at, 0, position)
    return head + b"".join(struct.pack(f"<{len(item)}I", *item) for item in tables) + body


def catalogues() -> Iterator[Path]:
    """Yield the .po file of each language."""
    yield from sorted(LOCALE.glob("*/LC_MESSAGES/tracer.po"))


@cache
def texts_in_code() -> Mapping[str, list[str]]:
    """Return each text that stands in the package, with the places where it does."""
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                place = f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
                found.setdefault(node.value, []).append(place)
    return found


def missing_from(path: Path) -> Iterator[str]:
    """Yield a line for each message without a translation: where the code says it, and what."""
    known = read_po(path.read_text("utf-8"))
    for message, place in messages().items():
        if not known.get(message):
            places = texts_in_code().get(message, [place])
            yield f"{', '.join(places)}: {message!r}"


def untranslated_scenarios(language: str) -> Iterator[str]:
    """Yield a line for each bundled scenario that lacks its title or description."""
    from tracer.program.scenario import bundled, load

    for name in bundled():
        own = load(name).translations.get(language)
        for key in ("title", "description"):
            if own is None or not getattr(own, key):
                yield f"scenarios/{name}.toml: [languages.{language}] {key}"


def stale_in(path: Path) -> Iterator[str]:
    """Yield a line for each translation of a message that nothing says any more."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    for message in sorted(read_po(text).keys() - messages().keys() - {""}):
        line = lines.index(f"msgid {_quoted(message)}") + 1
        yield f"{os.path.relpath(path, ROOT)}:{line}: {message!r}"


def is_in_order(path: Path) -> bool:
    """Tell whether a .po file is as `--write` writes it, and the .mo what it compiles to."""
    text = path.read_text("utf-8")
    known = read_po(text)
    is_written = text == written_po(known[""], messages(), known)
    return is_written and path.with_suffix(".mo").read_bytes() == compiled(known)


def write(path: Path) -> None:
    """Write a .po file in the order of the code, and its .mo."""
    places = messages()
    known = read_po(path.read_text("utf-8"))
    path.write_text(written_po(known[""], places, known), "utf-8", newline="\n")
    kept = {message: known.get(message, "") for message in ("", *places)}
    path.with_suffix(".mo").write_bytes(compiled(kept))
    for message in sorted(known.keys() - kept.keys()):
        print(f"dropped: {message!r}: {known[message]!r}")


@cache
def is_complete() -> bool:
    """Tell whether every language has all messages and scenarios."""
    return not any(
        line
        for path in catalogues()
        for lines in (missing_from(path), untranslated_scenarios(path.parent.parent.name))
        for line in lines
    )


def main(arguments: list[str] | None = None) -> int:
    """List what is missing or stale; return 1 only where a release asks for all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--release", action="store_true", help="fail unless all is in order")
    choice.add_argument("--write", action="store_true", help="bring the catalogues in order")
    options = parser.parse_args(arguments)
    is_ready = True
    rows = rows_without_reason()
    if rows:
        print(f"without a reason, so that a step names the rule: {', '.join(rows)}")
    for path in catalogues():
        if options.write:
            write(path)
        language = path.parent.parent.name
        missing = [*missing_from(path), *untranslated_scenarios(language)]
        stale = list(stale_in(path))
        for line in missing:
            print(f"{language}: missing: {line}")
        for line in stale:
            print(f"{language}: stale: {line}")
        print(
            f"{language}: {len(missing)} missing, {len(stale)} stale of {len(messages())} messages"
        )
        if options.release and not is_in_order(path):
            print(f"{language}: not in order; to mend it: {COMMAND} --write")
        is_ready &= not missing and is_in_order(path)
    return 1 if options.release and not is_ready else 0


if __name__ == "__main__":
    sys.exit(main())
