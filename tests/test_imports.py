"""The imports of the package point one way, and no files stand in a circle.

A room is a module or a folder right below `tracer`. It imports itself and what stands to its left
in `ROOMS`. All imports are read: those inside functions and those for type checkers too.

An import stands at the top of its module. A library may be imported inside a function only where
it is heavy and the module itself does without it (`HEAVY`). A module of ours is loaded late by
`lazy_modules.LazyModule` alone, for the same reason or because a start shall not pay for its room
(`LATE_ROOMS`).
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tracer"
FACE = "__init__"  # tracer/__init__.py, what `import tracer` gives


@dataclass(frozen=True, slots=True)
class Room:
    """A room, and what it holds; one that does not exist yet is simply empty.

    `beside` are rooms left of it that it does not know either; `asked_by` the only rooms that may
    import it, None where all to its right may.
    """

    name: str
    holds: str
    beside: Collection[str] = ()
    asked_by: Collection[str] | None = None


ROOMS = (
    Room("version", "the version"),
    Room("frozen", "small immutable classes"),
    Room("atomic_write", "files that are written whole or not at all"),
    Room("lazy_regex", "regular expressions, compiled when first used and kept compiled"),
    Room("lazy_modules", "modules of ours, loaded when something of them is first used"),
    Room("lazy_numpy", "NumPy, loaded when something of it is first used"),
    Room("memo", "programs that were built and compiled before"),
    Room("text_width", "how wide a text is in a terminal"),
    Room("sentences", "templates with slots: what is said in words"),
    Room("errors", "what a user can cause"),
    Room("option_limits", "what options may be, from the command line and from Python"),
    Room("argument_types", "what Python passes, held against annotations"),
    Room("bundled", "where the bundled scenarios are"),
    Room("bounded_read", "files that a user names, read within bounds"),
    Room("expression", "the language: tree, parsers, printers, names"),
    Room("operations", "one table, a row an operation with all its readings"),
    Room("program", "scenario files, equations, differentiation, optimizers"),
    Room("functions", "the table as Python functions", asked_by=()),
    Room("run", "interpreter, plans, schedule, run, record, report"),
    Room(
        "witness", "independent proofs of gradients", asked_by=("notebook", "ui", "commands", "cli")
    ),
    Room("intervals", "numbers with bounds, and what a written expression is worth"),
    Room("narrative", "a trace as steps, words and blocks"),
    Room("check", "a document as chains, their judgement, causes and repairs"),
    Room("check_code", "Python in documents"),
    Room("recorded", "values that other frameworks recorded", beside=("check_code",)),
    Room("debug", "a person's own code held against the run"),
    Room("worksheets", "worksheets, keys and marks", beside=("check_code", "recorded", "debug")),
    Room("document_check", "a document as a whole: its lines, its code, its points"),
    Room("render", "blocks and reports in every format"),
    Room("notebook", "what Python users hold"),
    Room("torch", "modules of PyTorch", beside=("debug",)),
    Room(FACE, "the public names, each fetched when it is first used"),
    Room("ui", "the terminal interface"),
    Room("commands", "a module a command"),
    Room("cli", "finds the command, catches errors once"),
    Room("__main__", "python -m tracer", asked_by=()),
)


def _allowed() -> dict[str, frozenset[str]]:
    """Return, for each room, the rooms that it may import."""
    return {
        room.name: frozenset(
            other.name
            for other in ROOMS[: place + 1]
            if other.name not in room.beside
            and (other is room or other.asked_by is None or room.name in other.asked_by)
        )
        for place, room in enumerate(ROOMS)
    }


ALLOWED = _allowed()

# Libraries that only some rooms may import.
LIBRARIES = {
    "sympy": frozenset({"witness"}),
    "textual": frozenset({"ui", "commands"}),
    "rich": frozenset({"render", "ui", "commands"}),
    "shtab": frozenset({"commands"}),
    "tomlkit": frozenset({"program", "ui"}),
    "platformdirs": frozenset({"ui"}),
    "aiohttp": frozenset({"ui"}),
    "textual_serve": frozenset({"ui"}),
    "torch": frozenset({"torch"}),
    "pandas": frozenset({"notebook"}),
    "matplotlib": frozenset({"notebook"}),
    "dask": frozenset({"commands"}),
    "distributed": frozenset({"commands"}),
    "pyarrow": frozenset({"render"}),
}
# The extras that users install; the others are for those who develop.
OPTIONAL = ("cluster", "notebook", "parquet", "serve", "torch")
# What the command line may import only inside the function that needs it.
LATE = frozenset({"textual", "rich", "shtab", "witness"})

# Libraries that may be loaded inside a function, and why: what a start takes without them.
HEAVY = {
    "numpy": "80 ms, which a program of single numbers does without",
    "sympy": "290 ms; only proofs ask it",
    "textual": "130 ms; only the interface shows a screen",
    "rich": "20 ms; what does not go to a terminal is written without it",
    "mpmath": "40 ms; few figures are that close to a bound",
    "tomlkit": "18 ms; only changes of a scenario and settings are written with it",
    "platformdirs": "8 ms; only where settings are read",
    "shtab": "60 ms; only `tracer completion` writes a script",
    "asyncio": "50 ms; only the interface has a loop",
    "concurrent": "7 ms; only a class is marked by several processes",
    "multiprocessing": "7 ms; only a class, and code, have processes of their own",
    "torch": "2 s; only modules of PyTorch are read with it",
    "dask": "0.4 s; only `--cluster` has workers elsewhere",
    "distributed": "1 s; only `--cluster` has workers elsewhere",
    "pyarrow": "0.2 s; only Parquet is written with it",
    "zipfile": "6 ms; only arrays in files are read with it",
    "traceback": "2 ms; only for a fault of ours",
    "inspect": "6 ms; only NumPy's functions are held against a signature",
    "json": "1 ms, of which no start may take any (tests/test_startup.py)",
    "hashlib": "5 ms; only results that are kept in a file have keys",
    "html": "4 ms; only a picture of the screen is written with it",
    "csv": "0.5 ms, of which no start may take any (tests/test_startup.py)",
    "platform": "1 ms; only for a fault of ours",
    "pydoc": "20 ms; only a long text on a terminal opens in a pager",
    "pathlib": "4 ms; the help of all commands does without",
    "difflib": "1 ms; only where a name is not known",
    "gettext": "0.6 ms; English needs no catalogue",
}

# Rooms that a module loads late, by the room that does so, and why.
LATE_ROOMS = {
    ("debug", "debug"): "few listings train a network: 15 ms",
    ("cli", "commands"): "10 ms; only an error needs the catalogue before there is a command",
    ("commands", "debug"): "its NumPy: 80 ms, which the help does without",
    ("commands", "commands"): "what runs a scenario is loaded only where one is named: 20 ms",
    ("commands", "render"): "3 to 35 ms; a text is written in one format alone",
    ("commands", "ui"): "20 ms and more; the help of the interface does without",
    ("notebook", "notebook"): "a million steps need no words and no markup: 8 of 65 ms",
    ("operations", "operations"): "laws and array code: 1 ms, which few derivations need",
    ("document_check", "check"): "a run is asked only where a scenario is named",
    ("document_check", "debug"): "7 ms and more, and few documents have code",
    ("document_check", "worksheets"): "few documents are worksheets",
    ("ui", "ui"): "5 to 100 ms: each screen but the walk is loaded when it is opened",
}

# Modules whose imports stand in functions on purpose, and why.
LATE_MODULES = {
    "tracer": "its names are loaded when they are asked for",
    "tracer.__main__": "an interrupt while modules are loaded ends the program in order",
    "tracer.commands.result_lines": "fcntl: Windows has no such module",
    "tracer.debug.bounded_process": "resource: Windows has no such module",
}


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a module imports.

    `late` where it is not loaded with the module itself; `for_types` where it never is; `by_name`
    where a table names what is loaded when somebody asks for it; `in_function` where a statement
    in a function loads it, `is_lazy_module` where a `LazyModule` stands for it.
    """

    name: str
    line: int
    late: bool
    for_types: bool = False
    by_name: bool = False
    in_function: bool = False
    is_lazy_module: bool = False


def imports_of(text: str, module: str, *, is_package: bool = False) -> Iterator[Import]:
    """Yield what a module's text imports, wherever it stands, under absolute names.

    `from a import b` gives `a.b`: only who knows a's files can tell whether b is a module.
    A name that is computed gives '?'.
    """
    here = module.split(".") if is_package else module.split(".")[:-1]
    calls = ("import_module", "__import__", "LazyModule")
    has_calls = any(call in text for call in calls)  # else only statements import

    def absolute(name: str, level: int) -> str:
        start = here[: len(here) - level + 1] if level else []
        return ".".join([*start, *([name] if name else [])])

    def visit(node: ast.AST, late: bool, for_types: bool) -> Iterator[Import]:
        inside = late and not for_types
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(alias.name, node.lineno, late, for_types, in_function=inside)
            case ast.ImportFrom():
                source = absolute(node.module or "", node.level)
                for alias in node.names:
                    name = source if alias.name == "*" else f"{source}.{alias.name}"
                    yield Import(name, node.lineno, late, for_types, in_function=inside)
            case ast.Call(func=ast.Name(id="LazyModule"), args=[ast.Constant(value=str(name))]):
                yield Import(name, node.lineno, late=True, is_lazy_module=True)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[first, *_],
            ):
                match first:
                    case ast.Constant(value=str(value)):
                        level = len(value) - len(value.lstrip("."))
                        name = absolute(value[level:], level)
                        yield Import(name, node.lineno, late, by_name=True)
                    case _:
                        yield Import("?", node.lineno, late, by_name=True)
        is_late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        guards = isinstance(node, ast.If) and _is_type_checking(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr) and not has_calls:
                continue
            types = for_types or (guards and isinstance(node, ast.If) and child in node.body)
            yield from visit(child, is_late or types, types)

    yield from visit(ast.parse(text), False, False)


def _is_type_checking(node: ast.If) -> bool:
    return ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def offences(module: str, imports: Iterable[Import]) -> list[str]:
    """Return a line for each import of a module that points the wrong way."""
    room = _room(module)
    if room not in ALLOWED:
        return [f"{module}: {room} has no place in the order of imports"]
    found: list[str] = []
    for item in imports:
        top, *below = item.name.split(".")
        where = f"{module}:{item.line}"
        if top == "?":
            if room not in (FACE, "lazy_modules"):  # each looks up what others name in full
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


@cache
def _dependencies() -> set[str]:
    """Return the names of the libraries that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = set()
    extras = project["optional-dependencies"]
    optional = (item for name in OPTIONAL for item in extras[name])
    for requirement in (*project["dependencies"], *optional):
        name = requirement
        for sign in "<>=!~[; ":
            name = name.partition(sign)[0]
        names.add(name.lower().removesuffix("-py").replace("-", "_"))  # markdown-it-py
    return names


class Package:
    """The modules of a package and what each imports, by name."""

    def __init__(self, texts: Mapping[str, str], packages: Collection[str] = ()) -> None:
        self.imports = {
            name: list(imports_of(text, name, is_package=name in packages))
            for name, text in texts.items()
        }
        self._loaded: dict[str, frozenset[str]] = {}

    def module(self, name: str) -> str:
        """Return the module that an imported name is, or is in; '' where it is not one of ours."""
        while name and name not in self.imports:
            name = name.rpartition(".")[0]
        return name

    def _modules(self, name: str) -> Iterator[str]:
        """Yield the module of an imported name and the packages that it stands in."""
        name = self.module(name)
        while name:
            yield name
            name = name.rpartition(".")[0]

    def circles(self) -> set[frozenset[str]]:
        """Return the largest groups of modules that all import each other, by whatever way."""
        known = {
            name: {self.module(item.name) for item in items if not item.by_name} - {"", name}
            for name, items in self.imports.items()
        }
        reached = {name: _reached(name, known) for name in known}
        groups = {
            frozenset(other for other in reached[name] if name in reached[other])
            for name in known
            if name in reached[name]
        }
        return groups

    def loaded(self, name: str) -> frozenset[str]:
        """Return all modules and libraries that are loaded with a module."""
        if name not in self._loaded:
            now = {
                module: {
                    part
                    for item in items
                    if not item.late
                    for part in (*self._modules(item.name), item.name.partition(".")[0])
                }
                for module, items in self.imports.items()
            }
            self._loaded = {module: frozenset(_reached(module, now)) for module in now}
        return self._loaded[name]

    def late(self) -> Iterator[tuple[str, Import]]:
        """Yield what is loaded late without a reason, one a line, with its module."""
        for name, items in self.imports.items():
            for item in {item.line: item for item in items}.values():
                if not item.late or item.for_types or item.by_name or name in LATE_MODULES:
                    continue
                own = self.module(item.name)
                new = self.loaded(own) if own else {item.name.partition(".")[0]}
                heavy = (new & HEAVY.keys()) - self.loaded(name)
                if not heavy and (_room(name), _room(own) if own else "") not in LATE_ROOMS:
                    yield name, item


def _reached(start: str, steps: Mapping[str, Collection[str]]) -> set[str]:
    """Return what can be reached from a place in one step or more."""
    found: set[str] = set()
    waiting = [*steps.get(start, ())]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += steps.get(name, ())
    return found


def _paths() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == FACE else parts)


@cache
def _package() -> Package:
    texts = {_name(path): path.read_text("utf-8") for path in _paths()}
    return Package(texts, {_name(path) for path in _paths() if path.stem == FACE})


def test_imports_point_one_way() -> None:
    """Each module imports only from its own room and from those to its left."""
    imports = _package().imports
    assert "tracer.errors" in imports
    assert [line for module in imports for line in offences(module, imports[module])] == []


def test_no_files_stand_in_a_circle() -> None:
    """No files import each other in a circle, in functions and for type checkers neither."""
    assert _package().circles() == set()


def test_folders_of_the_interface_stand_in_no_circle() -> None:
    """What a folder of the interface imports, in functions too, never leads back to it.

    The tables of keys in the folders' `__init__` stand left of all of them. Nothing is imported by
    a name in a text, which no test could follow.
    """
    imports = {name: items for name, items in _package().imports.items() if _room(name) == "ui"}
    assert [name for name, items in imports.items() if any(item.by_name for item in items)] == []
    steps: dict[str, set[str]] = {}
    for name, items in imports.items():
        targets = {_package().module(item.name) for item in items} & imports.keys()
        steps.setdefault(_place(name), set()).update(map(_place, targets))
    circles = {name for name in steps if name in _reached(name, _without_loops(steps))}
    assert circles == set()


def _place(module: str) -> str:
    """Return the folder of a module of the interface; a file at its top stands for itself."""
    _, _, *below = module.split(".")
    is_table = (ROOT / Path(*module.split("."))).is_dir()
    return "the tables of keys" if is_table else ".".join(below[:1])


def _without_loops(steps: Mapping[str, set[str]]) -> dict[str, set[str]]:
    return {name: targets - {name} for name, targets in steps.items()}


def test_late_imports_have_a_reason() -> None:
    """What is loaded late is heavy, or a room that a start does without."""
    found = [f"{name}:{item.line}: {item.name}" for name, item in _package().late()]
    assert found == [], (
        "at the top of the module, or with a reason in HEAVY, LATE_ROOMS, LATE_MODULES"
    )


def test_reasons_are_needed() -> None:
    """Each library and room that may be loaded late is loaded late somewhere."""
    late = [
        (_room(name), item)
        for name, items in _package().imports.items()
        for item in items
        if item.late and not item.for_types
    ]
    libraries = {item.name.partition(".")[0] for _, item in late}
    assert HEAVY.keys() - libraries - _heavy_inside() == set()
    rooms = {(room, _room(_package().module(item.name))) for room, item in late}
    assert LATE_ROOMS.keys() - rooms == set()
    modules = {
        name
        for name, items in _package().imports.items()
        if any(item.late and not item.for_types for item in items)
    }
    assert LATE_MODULES.keys() - modules == set()


def test_our_modules_are_not_imported_in_functions() -> None:
    """A module of ours that is loaded late stands at the top of its user, as a `LazyModule`."""
    found = {
        name
        for name, items in _package().imports.items()
        if any(item.in_function and _package().module(item.name) for item in items)
    }
    assert found == {"tracer.__main__"}, "an interrupt while modules are loaded ends it in order"


def test_lazy_modules_are_those_that_types_are_read_of() -> None:
    """Each lazy module is imported for type checkers too, so its name is that of a module."""
    for name, items in _package().imports.items():
        if name == "tracer.cli":
            continue  # a command's module is looked at by what all of them have
        for_types = {item.name for item in items if item.for_types}
        lazy = {item.name for item in items if item.is_lazy_module}
        assert lazy <= for_types, name


def _heavy_inside() -> set[str]:
    """Return the libraries that modules of ours load which are loaded late themselves."""
    package = _package()
    return {
        library
        for items in package.imports.values()
        for item in items
        if item.late and not item.for_types and package.module(item.name)
        for library in package.loaded(package.module(item.name))
    }


def test_rooms_of_the_docs_stand_in_order() -> None:
    """The line of arrows in docs/architecture.md has the order of this test."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    (line,) = [part for part in text.split("`") if "←" in part and "errors" in part]
    told = [name.strip() for name in line.replace("\n", " ").split("←")]
    order = [room.name for room in ROOMS]
    assert told == sorted(told, key=order.index)


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
        ("tracer.run.plan", "from tracer import functions", "run imports functions"),
        ("tracer.render.json", "from tracer.witness import x", "render imports witness"),
        ("tracer.check.judge", "import tracer.worksheets.marks", "check imports worksheets"),
        ("tracer.worksheets.marks", "import tracer.recorded", "worksheets imports recorded"),
        ("tracer.witness.proofs", "import tracer.narrative", "witness imports narrative"),
        ("tracer.errors", "from tracer.bundled import x", "errors imports bundled"),
        ("tracer.errors", "import tracer.expression", "errors imports expression"),
        ("tracer.bundled", "from tracer.run import x", "bundled imports run"),
        ("tracer.version", "import tracer.errors", "version imports errors"),
        ("tracer.cli", "import tracer.__main__", "cli imports __main__"),
        ("tracer.program.differentiate", "import sympy", "program imports sympy"),
        ("tracer.run.plan", "from sympy.core import Expr", "run imports sympy"),
        (
            "tracer.commands.open",
            "from textual.app import App",
            "commands imports textual outside a function",
        ),
        ("tracer.cli", "from tracer.witness import x", "cli imports witness outside a function"),
        ("tracer.render.terminal", "import textual", "render imports textual"),
        ("tracer.narrative.steps", "from rich.table import Table", "narrative imports rich"),
        ("tracer.run.plan", "import scipy", "scipy is not among the dependencies"),
        ("tracer.run.plan", "import torch", "run imports torch"),
        ("tracer.helpers", "", "helpers has no place"),
    ],
)
def test_wrong_import_is_found(module: str, text: str, offence: str) -> None:
    """An import that points the wrong way is found, however it is written."""
    (found,) = offences(module, imports_of(text, module))
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
        ("tracer.worksheets.marks", "from tracer.check import report"),
        ("tracer.commands.open", "def f():\n    import textual\n    from tracer.witness import x"),
        ("tracer.__main__", "from tracer.cli import main"),
    ],
)
def test_right_import_passes(module: str, text: str) -> None:
    """An import that points the right way is no offence."""
    assert offences(module, imports_of(text, module)) == []


def test_relative_import_in_a_package() -> None:
    """In an __init__.py one dot is the package itself."""
    package = Package(
        {
            "tracer": "from .run import Trace",
            "tracer.run": "from .plan import x",
            "tracer.commands": "from ..cli import main",
        },
        {"tracer", "tracer.run", "tracer.commands"},
    )
    found = [line for each, imports in package.imports.items() for line in offences(each, imports)]
    assert found == ["tracer.commands:1: commands imports cli"]


@pytest.mark.parametrize(
    "hidden",
    ["import tracer.run.a", "def f():\n    import tracer.run.a",
     "if TYPE_CHECKING:\n    from tracer.run.a import A"],
)  # fmt: skip
def test_a_circle_is_found_wherever_it_hides(hidden: str) -> None:
    """Two files that import each other are a circle, in a function or for types too."""
    texts = {
        "tracer.run.a": "from tracer.run.b import B",
        "tracer.run.b": f"import tracer.run.c\n{hidden}",
        "tracer.run.c": "import math",
    }
    assert Package(texts).circles() == {frozenset({"tracer.run.a", "tracer.run.b"})}
    assert Package({**texts, "tracer.run.b": "import tracer.run.c"}).circles() == set()


def test_a_late_import_needs_a_reason() -> None:
    """Inside a function a module may be loaded that loads a heavy library, and no other."""
    texts = {
        "tracer.run.light": "import math",
        "tracer.run.arrays": "import numpy",
        "tracer.run.plan": "def f():\n    import tracer.run.arrays\n    import tracer.run.light",
        "tracer.run.loaded": "import numpy\ndef f():\n    import tracer.run.arrays",
        "tracer.commands": "def f():\n    import tracer.render.html\n    import tracer.run.light",
        "tracer.render.html": "",
    }
    found = [(name, item.name) for name, item in Package(texts).late()]
    assert found == [
        ("tracer.run.plan", "tracer.run.light"),
        ("tracer.run.loaded", "tracer.run.arrays"),
        ("tracer.commands", "tracer.run.light"),
    ]
