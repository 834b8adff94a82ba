"""Writes the tables of the documents that the code knows better: `python docs/make_tables.py`.

A table stands between `<!-- operations: begin -->` and `<!-- operations: end -->`, or another of
`TABLES`. A console with `tracer check FILE`, where the page shows the file as "```md FILE", gets
what the command prints. Everything else is left as it is.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, get_args

import tracer
from tracer.check.model.finding import SlipKind
from tracer.check.slips.causes import SLIPS
from tracer.document_check import check_text
from tracer.expression import Call, Name, render
from tracer.narrative.catalogue import catalogue
from tracer.notebook.run_pages import ShownDiagnosis, ShownLossPaths, ShownStep
from tracer.notebook.shown_explanation import ShownExplanation
from tracer.notebook.shown_proofs import ShownVerification
from tracer.notebook.shown_results import (
    ShownBackwardReport,
    ShownComparison,
    ShownReport,
    ShownWorksheet,
)
from tracer.notebook.shown_run import Experiment, ShownIteration, ShownTrace
from tracer.operations import Operation, table, usage, vocabulary
from tracer.program.document import ScenarioKey
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.schema import SECTIONS, SETTINGS, TOP, TRAINING, UPDATE
from tracer.program.value_sources import INITS
from tracer.render.report_text import report_text
from tracer.run.memory import BUDGET_BYTES
from tracer.torch.recording import TrainingRecording
from tracer.ui import key_tables
from tracer.ui.parts.key_bindings import key_text

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "tracer"

# The rooms in the order in which data passes through them.
ROOMS: Final = (
    "expression operations program run witness intervals narrative check check_code recorded debug"
    " worksheets render notebook torch ui commands"
)
PARTS_OF_CHECK: Final = (
    "model",
    "arithmetic",
    "read",
    "compare",
    "slips",
    "trace",
    "bind",
    "judge",
)

GROUPS: Final = {
    "Arithmetic": "add subtract multiply divide negative power matmul outer diag",
    "Functions": "exp log clipped_log logsumexp sqrt square abs sin cos erf",
    "Activations": "sigmoid tanh relu leaky_relu prelu elu celu softplus silu mish hardswish gelu "
    "gelu_tanh softmax log_softmax",
    "Steps and choices": "step sign equal where maximum minimum at_least stop_gradient",
    "Sums and extremes": "sum mean max min argmax even_max",
    "Losses and metrics": "mse mae huber squared_error half_squared_error cross_entropy nll bce "
    "bce_with_logits accuracy",
    "Shapes": "transpose_last transpose reshape flatten concat stack",
    "Indices and labels": "index gather pick one_hot",
    "Convolutions and pooling": "conv1d conv2d max_pool1d max_pool2d avg_pool1d avg_pool2d "
    "windows1d windows2d",
    "Masks, normalization, dropout": "causal_mask layer_norm rms_norm group_norm standardize "
    "deviation root_mean_square dropout dropout_mask dropout_with",
    "Constants": "zeros ones pi",
    "What gradients are written with": "broadcast sum_to place scatter_add unpick first_max "
    "causal_keep group_mean windows1d_add windows2d_add conv1d_input conv1d_kernel "
    "conv2d_input conv2d_kernel",
}
# What is said of each kind of slip.
KINDS: Final = {
    "stale_value": "a value from before or after its time",
    "wrong_substitution": "another value than the one that belongs there",
    "sign_error": "a sign",
    "missing_factor_2": "the 2 of the square, the ½ of the loss",
    "missing_1_over_n": "the number of samples",
    "wrong_formula": "another formula than the rule",
    "transpose_shape": "rows, columns, shapes",
    "arithmetic_error": "the right formula, worked out wrongly",
    "rounding": "remarks on digits; they fail nothing without `--strict`",
    "label_error": "the name beside a right figure",
    "carried_forward": "a verdict of its own; see above",
}
# Forms that are neither infix nor a call.
FORMS: Final = {"index": "x[0], x[:, 1:3]", "gather": "x[ids]"}


def operations() -> str:
    """Return the table of all operations. Raises ValueError where one has no group."""
    rows = {name: row for name, row in table().items() if not row.inner}
    grouped = [name for names in GROUPS.values() for name in names.split()]
    if sorted(grouped) != sorted(rows):
        different = sorted(set(grouped) ^ set(rows))
        raise ValueError(f"docs/make_tables.py: GROUPS and the operations differ: {different}")
    parts = []
    for title, names in GROUPS.items():
        parts.append(f"### {title}\n")
        parts.append("| Written | Value | Convention | Rule of its gradient |")
        parts.append("|---|---|---|---|")
        parts.extend(_row(rows[name]) for name in names.split())
        parts.append("")
    return "\n".join(parts)


def _row(row: Operation) -> str:
    rule = "none: no gradient flows" if row.derivative is None else "; ".join(row.rules)
    if not row.operands:
        rule = "none: a constant"
    cells = (_written(row), row.words, "; ".join(row.conventions), rule)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _written(row: Operation) -> str:
    """Return how an operation is written, with its other spellings."""
    if row.name in FORMS:
        forms = [FORMS[row.name]]
    elif row.attributes or row.defaults or row.variadic:
        forms = [usage(row)]
    else:
        names = tuple(Name(operand) for operand in row.operands)
        forms = [render(Call(row.name, names), vocabulary=vocabulary())]
    spelled = vocabulary().spelled
    for other in dict.fromkeys((row.look.unicode, *row.look.also)):
        if other and spelled.get(other) == row.name:
            forms.append(other)
    return ", ".join(f"`{form}`" for form in forms)


def optimizers() -> str:
    """Return the optimizers with their equations and defaults."""
    parts = []
    for name, optimizer in OPTIMIZERS.items():
        said = [f"`{key} = {value}`" for key, value in optimizer.defaults.items()]
        said += [f"`{state}` starts at {value}" for state, value in optimizer.state.items()]
        parts.append(f"**`{name}`**: {optimizer.words}" + (f" ({', '.join(said)})" if said else ""))
        parts.append(f"\n```update\n{optimizer.equations}\n```\n")
    return "\n".join(parts)


def sections() -> str:
    """Return all tables of a scenario file and their keys, those of [training] left to another."""
    rows = [("Table", "Key", "Meaning", "May be", "Default"), ("---",) * 5]
    rows += [("(top)" * (at == 0), *_cells(key)) for at, key in enumerate(TOP.keys)]
    for section in SECTIONS.values():
        any_name = "" if section.keys else "any name"
        rows.append((f"`{section.title}`", any_name, str(section.words), "", ""))
        if section is TRAINING:
            rows.append(("", "those [below](#training)", "", "", ""))
            section = UPDATE
            rows.append((f"`{section.title}`", "", str(section.words), "", ""))
        rows += [("", *_cells(key)) for key in section.keys]
    rows.append(
        (
            "`[[variants]]`",
            "`name`, and any table above",
            "the same scenario with other values",
            "",
            "",
        )
    )
    return _table(rows)


def training() -> str:
    """Return the keys of [training] that do not belong to one optimizer."""
    keys = [key for key in TRAINING.keys if key.name != "update"]
    return _table([("Key", "Meaning", "May be", "Default"), ("---",) * 4, *map(_cells, keys)])


def settings() -> str:
    """Return the optimizers, and the numbers that they take."""
    rows = [("`optimizer`", "Equations", "State"), ("---",) * 3]
    for name, optimizer in OPTIMIZERS.items():
        equations = "<br>".join(f"`{line}`" for line in optimizer.equations.split("\n"))
        starts = ", ".join(f"`{key}` starts at {value}" for key, value in optimizer.state.items())
        rows.append((f'`"{name}"`', equations, starts))
    numbers = [("Key", "Meaning", "May be", "Default"), ("---",) * 4]
    for name, key in SETTINGS.items():
        takers = {
            other.name: str(other.accepted_settings[name].default)
            for other in OPTIMIZERS.values()
            if name in other.accepted_settings
        }
        usual = str(key.default) if len(takers) == len(OPTIMIZERS) else ""
        said = [f"{value} in `{taker}`" for taker, value in takers.items() if value != usual]
        default = "; ".join([*([usual] if usual else []), ", ".join(said)])
        numbers.append((*_cells(key)[:3], default))
    return f"{_table(rows)}\n{_table(numbers)}"


def inits() -> str:
    """Return the ways to draw a value."""
    rows = [("`init`", "Draws", "Further keys"), ("---",) * 3]
    for name, init in INITS.items():
        keys = [
            f"`{key.name}`" + (f" = {key.default}" if str(key.default).isdigit() else "")
            for key in init.keys
        ]
        rows.append((f'`"{name}"`', str(init.words), ", ".join(keys)))
    return _table(rows)


def _cells(key: ScenarioKey) -> tuple[str, str, str, str]:
    """Return a key as a row: its name, what it means, what it may be, its default."""
    default = f"`{key.default}`" if isinstance(key.default, str) and key.default else key.default
    return f"`{key.name}`", str(key.words), str(key.type.expected()), str(default)


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = (" | ".join(cell.replace("|", r"\|") for cell in row) for row in rows)
    return "".join(f"| {line} |\n" for line in lines)


def slips() -> str:
    """Return the slips by kind. Raises ValueError where KINDS and the kinds differ."""
    if set(KINDS) != set(get_args(SlipKind)):
        different = sorted(set(KINDS) ^ set(get_args(SlipKind)))
        raise ValueError(f"docs/make_tables.py: KINDS and the kinds of slips differ: {different}")
    parts = []
    for kind, words in KINDS.items():
        parts.append(f"**`{kind}`**: {words}\n")
        parts.append("| cause | what is said |")
        parts.append("|---|---|")
        for slip in SLIPS.values():
            if slip.kind == kind:
                said = slip.words.format(name="_name_", other="_other_")
                parts.append(f"| `{slip.id}` | {said} |")
        parts.append("")
    return "\n".join(parts)


def keys() -> str:
    """Return the keys of the interface, those that work everywhere first."""
    parts = []
    places = list(key_tables.TABLES)
    everywhere = places.index("app")
    for place in (*places[everywhere:], *places[:everywhere]):
        if not key_tables.TABLES[place].keys:
            continue  # it has keys of other places alone
        words = key_tables.TABLES[place].place.template
        parts.append(f"**{words[0].upper()}{words[1:]}**\n")
        parts.append("| key | what it does | id |")
        parts.append("|---|---|---|")
        for key in key_tables.TABLES[place].keys:
            names = " ".join(f"`{key_text(name)}`" for name in key.keys.split(","))
            parts.append(f"| {names} | {key.words.template} | `{key.id}` |")
        parts.append("")
    return "\n".join(parts)


def corpus() -> str:
    """Return the table of `python -m tests.corpus --part measured`."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from tests.corpus.__main__ import measure, table  # no part of the package

    return "\n" + "\n".join(table("measured", measure("measured")[0])) + "\n\n"


SHOWN: Final = (  # what the functions return, with what it is called in the examples
    ("experiment", Experiment, "run set variant variants name"),
    (
        "trace",
        ShownTrace,
        "iteration iterations values loss step diagnosis to_markdown to_latex to_html to_json "
        "to_toml to_frame plot initial final nbytes program",
    ),
    (
        "iteration",
        ShownIteration,
        "step steps loss_paths to_markdown samples epoch trace",
    ),
    ("step", ShownStep, "name phase value formula rule to_markdown"),
    ("diagnosis", ShownDiagnosis, "sentences as_dictionary"),
    ("paths", ShownLossPaths, "as_dictionary to_markdown"),
    ("report", ShownReport, "counts lines"),
    ("comparison", ShownComparison, "lines"),
    ("backward", ShownBackwardReport, "passed lines as_dictionary"),
    ("verified", ShownVerification, "passed lines as_dictionary"),
    ("worksheet", ShownWorksheet, "text key"),
    ("explanation", ShownExplanation, "names to_markdown"),
    ("recording", TrainingRecording, "add write"),
)


def names() -> str:
    """Return what Python users may use: each name with its signature and what it gives."""
    parts = ["**`tracer`**\n"]
    public: dict[object, str] = {}
    for name in tracer.__all__:
        value = getattr(tracer, name)
        public[value] = name
        if inspect.isfunction(value):
            parts.append(_entry(f"tracer.{name}", value))
    for own, kind, methods in SHOWN:
        title = f" (`tracer.{public[kind]}`)" if kind in public else ""
        parts.append(f"\n**{own}**{title}: {_told(kind)}\n")
        parts += [_entry(f"{own}.{name}", getattr(kind, name)) for name in methods.split()]
    return "\n".join([*parts, ""])


def _entry(name: str, value: object) -> str:
    """Return an item of a list: a signature with its types, what it gives, and its errors."""
    text = _told(value)
    if not inspect.isroutine(value):
        getter = getattr(value, "fget", None) or getattr(value, "func", None)
        given = f": {inspect.signature(getter).return_annotation}" if getter is not None else ""
        return f"- `{name}{given}`. {text}"
    signature = inspect.signature(value)
    parts = []
    for item in signature.parameters.values():
        star = {item.VAR_POSITIONAL: "*", item.VAR_KEYWORD: "**"}.get(item.kind, "")
        if item.kind is item.KEYWORD_ONLY and not any(part.startswith("*") for part in parts):
            parts.append("*")
        default = "" if item.default is item.empty else f" = {_written_default(item.default)}"
        if item.name != "self":
            parts.append(f"{star}{item.name}: {item.annotation}{default}")
    return f"- `{name}({', '.join(parts)}) -> {signature.return_annotation}`. {text}"


def _written_default(value: object) -> str:
    if value == BUDGET_BYTES:
        return "2**30"
    return value.__name__ if isinstance(value, type) else repr(value)


def _told(value: object) -> str:
    """Return the first sentence on something, and those on what it raises."""
    words = " ".join((inspect.getdoc(value) or "").split())
    first, *others = re.split(r"(?<=\.) (?=[A-Z`])", words)
    return " ".join([first, *(item for item in others if item.startswith("Raises "))])


def rooms() -> str:
    """Return the rooms in the order of the data, each with what its docstring says first."""
    rows = [f"| [`{room}/`](modules.md#{room}) | {_first_paragraph(room)} |\n" for room in _rooms()]
    return "| room | holds |\n|---|---|\n" + "".join(rows)


def parts_of_check() -> str:
    """Return the rooms of the check in the order in which they import each other."""
    rows = [f"| `{part}/` | {_first_paragraph(f'check/{part}')} |\n" for part in PARTS_OF_CHECK]
    return "| room | holds |\n|---|---|\n" + "".join(rows)


def modules() -> str:
    """Return all modules, room by room, each with what its docstring says first."""
    small = sorted(path.stem for path in PACKAGE.glob("[!_]*.py"))
    lines = ["## Beside the rooms\n", *_rows(small)]
    for room in _rooms():
        lines += [f"\n## {room}\n", f"{_first_paragraph(room)}\n"]
        found = sorted(path for path in (PACKAGE / room).rglob("*.py") if path.stem != "__init__")
        lines += _rows([path.relative_to(PACKAGE).with_suffix("").as_posix() for path in found])
    return "\n".join(lines) + "\n"


def _rows(names: Sequence[str]) -> list[str]:
    return ["| module | holds |\n|---|---|", *(f"| `{n}` | {_first_paragraph(n)} |" for n in names)]


def _rooms() -> Sequence[str]:
    found = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    if found != {*ROOMS.split()}:
        raise ValueError(f"ROOMS and the folders differ: {found ^ {*ROOMS.split()}}")
    return ROOMS.split()


def _first_paragraph(name: str) -> str:
    """Return the first paragraph of a module's or a room's docstring as one line of a table."""
    path = PACKAGE / name
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    words = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(words.partition("\n\n")[0].split()).replace("|", "\\|")


TABLES: Final[dict[str, dict[str, Callable[[], str]]]] = {
    "docs/architecture.md": {"rooms": rooms, "parts of check": parts_of_check},
    "docs/modules.md": {"modules": modules},
    "docs/language.md": {"operations": operations, "optimizers": optimizers},
    "docs/checking.md": {"slips": slips, "corpus": corpus},
    "docs/scenarios.md": {
        "sections": sections,
        "inits": inits,
        "training": training,
        "settings": settings,
    },
    "docs/interface.md": {"keys": keys},
    "docs/python.md": {"names": names},
    "README.md": {},
    "README.zh.md": {},
}


def rewritten(name: str) -> str:
    """Return a page with its tables, and its checks, as the code has them now."""
    page = (ROOT / name).read_text(encoding="utf-8")
    for marker, make in TABLES[name].items():
        begin, end = f"<!-- {marker}: begin -->", f"<!-- {marker}: end -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(pattern.findall(page)) != 1:
            raise ValueError(f"{name} needs the markers {begin} and {end} once")
        text = f"{begin}\n{make()}{end}"
        page = pattern.sub(lambda _, text=text: text, page)  # type: ignore[misc]
    return _CHECK.sub(partial(_checked, dict(_FILE.findall(page))), page)


_FILE: Final = re.compile(r"^```md (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CHECK: Final = re.compile(
    r"^```console\n(?P<command>\$ tracer check (?P<name>\S+)(?: --scenario (?P<scenario>\w+))?"
    r"(?: --lang (?P<language>\w+))?)\n.*?^```",
    re.MULTILINE | re.DOTALL,
)


def _checked(files: Mapping[str, str], found: re.Match[str]) -> str:
    """Return a console with what `tracer check` says of a file that the page shows."""
    name = found["name"]
    if name not in files:
        return found[0]
    report = check_text(files[name], scenario=found["scenario"], path=name)
    lines = report_text(report, catalogue(found["language"] or "en"))
    return "\n".join(["```console", found["command"], *lines, "```"])


def main() -> int:
    """Rewrite the pages."""
    for name in TABLES:
        (ROOT / name).write_text(rewritten(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
