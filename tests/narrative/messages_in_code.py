"""The messages that the code can say, and the catalogues' files. Run it after a change of words:

    python tests/narrative/messages_in_code.py

It writes each language's .po anew, in the order of the code (new messages without a translation,
those that nothing says any more left out), and compiles the .mo beside it.
"""

from __future__ import annotations

import ast
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "tracer"
LOCALE = PACKAGE / "narrative" / "locale"

SAYING = {"say", "translate"}

# Where `say` is given something other than a literal: what it is given, and where its texts are.
COMPUTED = {
    "optimizer.words": "words of the optimizers",
    "row.words": "words of the table",
    "row.convention": "conventions of the table",
    "rule": "rules of the table and of differentiation",
    "text": "conventions of the table",
    "told.name": "rules of the table and of differentiation",
    "proof.witness": "the witnesses' names",
    "words": "conventions of the table, words of the optimizers",
    "SLIPS[blame.cause].words": "words of the slips",
    "SLIPS[slip].words": "words of the slips",
    "PHASES[phase]": "the phases' names",
    "PHASES[step.phase]": "the phases' names",
    "bound(node)[0].words if isinstance(node, Call) else SAME": "words of the table",
}

# Rules that differentiation and narrative name besides those of the table.
RULES = ("chain rule", "sum over paths", "the same quantity", "no path")


@dataclass(frozen=True, slots=True)
class Said:
    """What a module says: literal messages, and the source of arguments that are no literals."""

    literal: tuple[str, ...]
    computed: tuple[str, ...]


def said(source: str) -> Said:
    """Return the first arguments of all calls of `say` in a module's text.

    Of `translate` only the literals: it is also what turns any sentence into a language.
    """
    literal: list[str] = []
    computed: list[str] = []
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


def messages() -> dict[str, str]:
    """Return all messages, each with the place that says it first, in the order of the code."""
    from tracer.check.slips.causes import SLIPS
    from tracer.narrative.derivation import PHASES
    from tracer.operations import table
    from tracer.program.optimizers import OPTIMIZERS
    from tracer.witness.verify import CENTRAL, COMPLEX, SYMPY, WHOLE

    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for text in said(path.read_text("utf-8")).literal:
            found.setdefault(text, path.relative_to(ROOT).as_posix())
    for phase in PHASES.values():
        found.setdefault(phase, "phases")
    for rule in RULES:
        found.setdefault(rule, "rules")
    for witness in (SYMPY, WHOLE, COMPLEX, CENTRAL):
        found.setdefault(witness, "witnesses")
    for row in table().values():
        for text in (row.rule, row.words, row.convention):
            if text:
                found.setdefault(text, f"operation {row.name}")
    for name, optimizer in OPTIMIZERS.items():
        found.setdefault(optimizer.words, f"optimizer {name}")
    for slip in SLIPS.values():
        found.setdefault(slip.words, f"slip {slip.id}")
    return found


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


def main() -> int:
    """Write every .po and .mo; return 1 where a translation is missing."""
    places = messages()
    missing = 0
    for path in catalogues():
        known = read_po(path.read_text("utf-8"))
        path.write_text(written_po(known[""], places, known), "utf-8", newline="\n")
        kept = {message: known.get(message, "") for message in ("", *places)}
        path.with_suffix(".mo").write_bytes(compiled(kept))
        language = path.parent.parent.name
        for message in (message for message, text in kept.items() if not text):
            print(f"{language}: {places[message]}: {message}")
            missing += 1
        for message in known.keys() - kept.keys():
            print(f"{language}: left out: {message}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
