"""The imports of the package point one way.

`errors ← expression ← operations ← program ← run ← narrative ← check ← render ← notebook ← ui ←
commands ← cli`: a room imports itself and what stands to its left. `witness` stands beside `run`;
only the commands ask it.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tracer"

ORDER = (
    "errors",
    "expression",
    "operations",
    "program",
    "run",
    "narrative",
    "check",
    "render",
    "notebook",
    "ui",
    "commands",
    "cli",
)
FACE = "__init__"  # tracer/__init__.py, what `import tracer` gives


def _allowed() -> dict[str, frozenset[str]]:
    """Return, for each room, the rooms that it may import."""
    rooms: dict[str, frozenset[str]] = {}
    for place, room in enumerate(ORDER):
        rooms[room] = frozenset(ORDER[: place + 1]) | {
            *("version", "bundled", "frozen", "sentences", "atomic_write", "bounded_read"),
        }
    rooms["errors"] -= {"bundled", "bounded_read"}  # which import errors
    rooms["witness"] = rooms["run"] | {"witness"}
    rooms["ui"] |= {FACE}
    rooms["commands"] |= {FACE, "witness"}
    rooms["cli"] |= {FACE, "witness"}
    rooms["functions"] = rooms["program"] | {"functions"}  # the table as Python functions
    rooms["version"] = rooms["frozen"] = rooms["atomic_write"] = frozenset()
    rooms["sentences"] = frozenset({"frozen"})
    rooms["bundled"] = rooms["bounded_read"] = frozenset({"errors", "sentences"})
    rooms[FACE] = rooms["notebook"] | {FACE}
    rooms["__main__"] = frozenset({"cli"})
    return rooms


ALLOWED = _allowed()

# Heavy libraries, and the rooms that may import them.
LIBRARIES = {
    "sympy": frozenset({"witness"}),
    "textual": frozenset({"ui", "commands"}),
    "rich": frozenset({"render", "ui", "commands"}),
    "shtab": frozenset({"commands"}),
    "tomlkit": frozenset({"ui"}),
    "platformdirs": frozenset({"ui"}),
    "aiohttp": frozenset({"ui"}),
    "textual_serve": frozenset({"ui"}),
}
# What the command line may import only inside the function that needs it.
LATE = frozenset({"textual", "rich", "shtab", "ui", "witness", "notebook"})


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a module imports; `late` where it is not loaded with the module itself."""

    name: str
    line: int
    late: bool


def imports_of(text: str, module: str, *, is_package: bool = False) -> Iterator[Import]:
    """Yield what a module's text imports, wherever it stands, under absolute names.

    `from a import b` gives `a.b`: only who knows a's files can tell whether b is a module.
    A name that is computed gives '?'.
    """
    here = module.split(".") if is_package else module.split(".")[:-1]

    def absolute(name: str, level: int) -> str:
        start = here[: len(here) - level + 1] if level else []
        return ".".join([*start, *([name] if name else [])])

    def visit(node: ast.AST, late: bool) -> Iterator[Import]:
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(alias.name, node.lineno, late)
            case ast.ImportFrom():
                source = absolute(node.module or "", node.level)
                for alias in node.names:
                    name = source if alias.name == "*" else f"{source}.{alias.name}"
                    yield Import(name, node.lineno, late)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[first, *_],
            ):
                match first:
                    case ast.Constant(value=str(value)):
                        level = len(value) - len(value.lstrip("."))
                        yield Import(absolute(value[level:], level), node.lineno, late)
                    case _:
                        yield Import("?", node.lineno, late)
        body_is_late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            for_types = isinstance(node, ast.If) and _is_type_checking(node) and child in node.body
            yield from visit(child, body_is_late or for_types)

    yield from visit(ast.parse(text), False)


def _is_type_checking(node: ast.If) -> bool:
    return ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def offences(text: str, module: str, *, is_package: bool = False) -> list[str]:
    """Return a line for each import in a module's text that points the wrong way."""
    room = _room(module)
    if room not in ALLOWED:
        return [f"{module}: {room} has no place in the order of imports"]
    found: list[str] = []
    for item in imports_of(text, module, is_package=is_package):
        top, *below = item.name.split(".")
        where = f"{module}:{item.line}"
        if top == "?":
            if room != FACE:  # the face looks its public names up in a table of its own
                found.append(f"{where}: the name of an imported module is computed")
            continue
        if top == "tracer":
            target = below[0] if below and below[0] in ALLOWED else FACE
            if target not in ALLOWED[room]:
                found.append(f"{where}: {room} imports {target}")
        else:
            target = top
            if room not in LIBRARIES.get(top, {room}):
                found.append(f"{where}: {room} imports {top}")
            elif top not in sys.stdlib_module_names and top not in _dependencies():
                found.append(f"{where}: {top} is not among the dependencies in pyproject.toml")
        if room in ("cli", "commands") and target in LATE and not item.late:
            found.append(f"{where}: {room} imports {target} outside a function")
    return found


def _room(module: str) -> str:
    """Return the room of a module: `tracer.run.plan` is in `run`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else FACE


def _dependencies() -> set[str]:
    """Return the names of the libraries that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = set()
    served = project["optional-dependencies"]["serve"]  # what only `tracer serve` imports
    for requirement in (*project["dependencies"], *served):
        name = requirement
        for sign in "<>=!~[; ":
            name = name.partition(sign)[0]
        names.add(name.lower().removesuffix("-py").replace("-", "_"))  # markdown-it-py
    return names


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    """Each module imports only from its own room and from those to its left."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    module = ".".join(parts[:-1] if is_package else parts)
    assert offences(path.read_text("utf-8"), module, is_package=is_package) == []


def test_package_is_read() -> None:
    """The test above has modules to read."""
    assert PACKAGE / "errors.py" in _modules()


@pytest.mark.parametrize(
    ("module", "text", "offence"),
    [
        ("tracer.run.plan", "import tracer.narrative", "run imports narrative"),
        ("tracer.run.plan", "from tracer.narrative.steps import Step", "run imports narrative"),
        ("tracer.run.plan", "from tracer import narrative", "run imports narrative"),
        ("tracer.run.plan", "from tracer import load", "run imports __init__"),
        ("tracer.run.plan", "from .. import narrative", "run imports narrative"),
        ("tracer.run.plan", "from ..cli import main", "run imports cli"),
        ("tracer.run.plan", "def f():\n    from ..check import x", "run imports check"),
        (
            "tracer.run.plan",
            "if TYPE_CHECKING:\n    from tracer.render import x",
            "run imports render",
        ),
        ("tracer.run.plan", "__import__('tracer.ui')", "run imports ui"),
        ("tracer.run.plan", "importlib.import_module(name)", "is computed"),
        ("tracer.run.plan", "from ..witness import x", "run imports witness"),
        ("tracer.render.json", "from tracer.witness import x", "render imports witness"),
        ("tracer.witness.proofs", "import tracer.narrative", "witness imports narrative"),
        ("tracer.errors", "from tracer.bundled import x", "errors imports bundled"),
        ("tracer.errors", "import tracer.expression", "errors imports expression"),
        ("tracer.bundled", "from tracer.run import x", "bundled imports run"),
        ("tracer.version", "import tracer.errors", "version imports errors"),
        ("tracer.__main__", "from tracer.run import x", "__main__ imports run"),
        ("tracer.program.differentiate", "import sympy", "program imports sympy"),
        ("tracer.run.plan", "from sympy.core import Expr", "run imports sympy"),
        (
            "tracer.commands.open",
            "from textual.app import App",
            "commands imports textual outside a function",
        ),
        ("tracer.cli", "from tracer.ui import app", "cli imports ui outside a function"),
        ("tracer.render.terminal", "import textual", "render imports textual"),
        ("tracer.narrative.steps", "from rich.table import Table", "narrative imports rich"),
        ("tracer.run.plan", "import torch", "torch is not among the dependencies"),
        ("tracer.helpers", "", "helpers has no place"),
    ],
)
def test_wrong_import_is_found(module: str, text: str, offence: str) -> None:
    """An import that points the wrong way is found, however it is written."""
    (found,) = offences(text, module)
    assert offence in found


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("tracer.run.plan", "import math, numpy\nfrom tracer.operations import table"),
        ("tracer.run.plan", "from . import trace\nfrom .trace import Trace"),
        ("tracer.run.plan", "from tracer.version import __version__"),
        ("tracer.witness.proofs", "import sympy\nfrom tracer.run import Trace"),
        ("tracer.bundled", "def f():\n    from tracer.errors import TracerError"),
        ("tracer.render.terminal", "from rich.table import Table"),
        ("tracer.commands.open", "def f():\n    import textual\n    from tracer.witness import x"),
        ("tracer.__main__", "from tracer.cli import main"),
    ],
)
def test_right_import_passes(module: str, text: str) -> None:
    """An import that points the right way is no offence."""
    assert offences(text, module) == []


def test_relative_import_in_a_package() -> None:
    """In an __init__.py one dot is the package itself."""
    assert offences("from .plan import x", "tracer.run", is_package=True) == []
    assert offences("from .run import Trace", "tracer", is_package=True) == []
    (found,) = offences("from .cli import main", "tracer", is_package=True)
    assert "__init__ imports cli" in found
