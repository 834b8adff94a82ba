"""Every example in docs/language.md runs, and its tables are those of the code."""

from __future__ import annotations

import importlib.util
import inspect
import linecache
import re
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest

import tracer
from tests.snapshots import check_snapshot
from tracer.errors import TracerError
from tracer.expression import Dialect, Notation, parse, render
from tracer.operations import vocabulary
from tracer.program.differentiate import differentiate
from tracer.program.resolve import resolve_equations
from tracer.program.scenario import loads
from tracer.program.shapes import Shapes
from tracer.run.runner import run_scenario

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = (DOCS / "language.md").read_text(encoding="utf-8")

PARAMETERS: dict[str, Any] = {
    "w": 3,
    "b": 1,
    "W": [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]],
    "c": [0.1, 0, -0.1],
    "E": [[0.1 * row - 0.2 * column for column in range(3)] for row in range(5)],
    "U": [[0.5, 0, -0.1], [0.2, 0.3, 0], [0, -0.4, 0.6]],
}
DATA: dict[str, Any] = {
    "x": 2,
    "y": 5,
    "u": [1, 2, 3],
    "v": [4, 5, 6],
    "X": [[1, 2], [3, -1], [0, 1], [2, 2]],
    "labels": [0, 2, 1, 0],
    "ids": [[0, 1, 2], [4, 4, 0], [3, 0, 0], [2, 1, 2]],
}
CONSTANTS: dict[str, Any] = {"n": 3}


class Block(NamedTuple):
    """A fenced example: its language, its text, its line in the page."""

    kind: str
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    """Return the fenced examples of a page."""
    found = re.finditer(r"^```(\w+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [Block(m[1], m[2], page.count("\n", 0, m.start()) + 2) for m in found]


def make_tables() -> ModuleType:
    """Return docs/make_tables.py as a module."""
    specification = importlib.util.spec_from_file_location("make_tables", DOCS / "make_tables.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def of_kind(*kinds: str) -> list[Any]:
    """Return the examples of some kinds, each named by its line."""
    return [pytest.param(block, id=f"line {block.line}") for block in BLOCKS if block.kind in kinds]


BLOCKS = blocks(PAGE)


def test_every_fence_is_of_a_kind_that_a_test_runs() -> None:
    """An example with another label would be run by nothing."""
    assert {block.kind for block in BLOCKS} == {"equations", "backward", "update", "refused"}
    assert PAGE.count("```") == 2 * len(BLOCKS)


@pytest.mark.parametrize("name", sorted(make_tables().TABLES.keys() - {"docs/checking.md"}))
def test_the_tables_are_those_of_the_code(name: str) -> None:
    """`python docs/make_tables.py` would change nothing; tests/corpus has the page on checking."""
    check_snapshot(DOCS.parent / name, make_tables().rewritten(name), "python docs/make_tables.py")


def test_the_given_quantities_are_those_the_page_names() -> None:
    """The examples run on what the page says they are given."""
    stated = {
        name: tuple(int(size) for size in re.findall(r"\d+", shape))
        for names, shape in re.findall(r"^\| (`.*?) \| \(([\d, ]*)\) \|", PAGE, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    given = {**DATA, **PARAMETERS, **CONSTANTS}
    assert stated == {name: np.shape(value) for name, value in given.items()}


@pytest.mark.parametrize("block", of_kind("equations"))
def test_equations_run_and_give_what_their_comments_say(block: Block) -> None:
    """A comment `# = 2` is the value of its line, `# shape (4, 1)` the shape."""
    trace = tracer.trace(
        equations=block.text, data=DATA, parameters=PARAMETERS, constants=CONSTANTS
    )
    iteration = trace.iteration(1)
    names = [equation.name for equation in trace.program.equations]
    assert names
    assert all(np.all(np.isfinite(iteration[name])) for name in names)
    logical = re.sub(r"\n\s+\+", " +", block.text)
    for name, kind, stated in re.findall(r"^(\S+) =.*# (=|shape) (.*?)$", logical, re.MULTILINE):
        value = iteration[name]
        if kind == "shape":
            assert str(np.shape(value)) == stated, name
        else:
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", stated)]
            assert np.ravel(value).tolist() == numbers, name


@pytest.mark.parametrize("block", of_kind("backward"))
def test_the_backward_pass_of_the_example_above_is_the_one_printed(block: Block) -> None:
    """The gradients by w and b of the equations before, line by line."""
    forward = BLOCKS[BLOCKS.index(block) - 1]
    assert forward.kind == "equations"
    shapes = Shapes({name: np.shape(value) for name, value in {**DATA, **PARAMETERS}.items()})
    equations = resolve_equations(forward.text, shapes, CONSTANTS, where=str)
    gradients = differentiate(equations, "loss", ["w", "b"], shapes)
    printed = [
        f"{equation.name} = {render(equation.expression, vocabulary=vocabulary())}"
        for equation in gradients.backward
    ]
    assert printed == block.text.splitlines()


@pytest.mark.parametrize(
    "block",
    [block for block in of_kind("update") if "parameter'" in str(block) or "b'" in str(block)],
)
def test_update_rules_run(block: Block) -> None:
    """The rules of one's own train w and b; those of the optimizers have tests of their own."""
    scenario = loads(
        f"""
        data = {{x = 2, y = 5}}
        parameters = {{w = 3, b = 1}}
        [network]
        equations = '''
        y_pred = w * x + b
        loss = (y_pred - y)**2'''
        [training]
        learning_rate = 0.1
        iterations = 2
        [training.update]
        equations = '''
{block.text}'''
        """.replace("\n        ", "\n")
    )
    trace = run_scenario(scenario)
    assert trace.fault is None
    assert trace.values("w").shape == (3,)
    assert trace.iteration(1)["w'"] == pytest.approx(3 - 0.1 * 2 * 2 * 2)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        re.split(r"\s+# ", line)
        for block in BLOCKS
        if block.kind == "refused"
        for line in block.text.splitlines()
    ],
)
def test_what_the_page_calls_an_error_is_one(line: str, message: str) -> None:
    """Its message begins as the page says, and it has line and column."""
    given = {**DATA, **PARAMETERS}
    shapes = Shapes({name: np.shape(value) for name, value in given.items()})
    with pytest.raises(TracerError) as caught:
        resolve_equations(line, shapes, CONSTANTS, where="line {}".format)
    assert str(caught.value.what).startswith(message)
    assert str(caught.value.where).startswith("line 1, column ")


DIALECTS = re.findall(r"^\| `(.*?)`(.*?)\| `(.*?)` \| `(.*?)` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("ascii_", "remark", "unicode", "latex"), DIALECTS)
def test_the_three_dialects_print_as_the_page_shows(
    ascii_: str, remark: str, unicode: str, latex: str
) -> None:
    """A row of the table is one tree in three forms, and each form is read back as that tree."""
    gradients, families = ["dloss/dw"], ["h[1]"]
    notation = Notation(taken=("y_hat", "y", "W1", "v", "w", "x", "a", "b", "loss", "h[1]"))
    tree = parse(ascii_, vocabulary=vocabulary(), derivatives=gradients, families=families)
    shown: dict[Dialect, str] = {"ascii": ascii_, "unicode": unicode, "latex": latex}
    for dialect, text in shown.items():
        assert render(tree, dialect, vocabulary=vocabulary(), notation=notation) == text
        again = parse(
            text,
            dialect,
            vocabulary=vocabulary(),
            names=notation,
            derivatives=gradients,
            families=families,
        )
        assert again == tree, (dialect, remark)


def test_the_page_has_a_table_of_dialects() -> None:
    """The rows above were found."""
    assert len(DIALECTS) == 6


def test_the_python_page_runs() -> None:
    """The examples of docs/python.md run, block after block."""
    text = (Path(__file__).parents[1] / "docs" / "python.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) >= 5
    source = "\n".join(blocks)
    name = "<docs/python.md>"  # check_backward reads the source of functions, as inspect does
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), {"__name__": "page"})


def test_what_python_users_may_use_is_on_the_page() -> None:
    """Every public name of the package and of what it returns; what is not there has a `_`."""
    page = (DOCS / "python.md").read_text("utf-8")
    listed = page.partition("<!-- names: begin -->")[2]
    functions = [name for name in tracer.__all__ if inspect.isfunction(getattr(tracer, name))]
    assert [name for name in functions if f"`tracer.{name}(" not in listed] == []
    others = {*tracer.__all__} - {*functions} - {"__version__"}
    assert [name for name in others if f"tracer.{name}`" not in page] == []
    assert dir(tracer) == sorted(tracer.__all__)
    shown = {kind: own for own, kind, _ in make_tables().SHOWN}
    ours = {kind for kind in shown if kind.__module__.startswith(("tracer.notebook", "tracer.tor"))}
    assert len(ours) > 5
    for kind in ours:
        assert [
            name
            for name, value in vars(kind).items()
            if not name.startswith("_")
            and (inspect.isroutine(value) or isinstance(value, property))
            and getattr(value, "__qualname__", kind.__name__).startswith(kind.__name__)  # its own
            and f"`{shown[kind]}.{name}" not in listed
        ] == []


def test_what_python_users_may_use_is_annotated() -> None:
    """Arguments and results, as the page shows them."""
    page = (DOCS / "python.md").read_text("utf-8")
    listed = page.partition("<!-- names: begin -->")[2]
    assert "inspect._empty" not in listed
    assert len(re.findall(r"^- `\w+\.\w+\(.*\) -> ", listed, re.MULTILINE)) > 30


def test_the_modules_of_the_architecture_are_there() -> None:
    """Those that the page names of what the interface shows."""
    page = (DOCS / "architecture.md").read_text("utf-8")
    interface = page.partition("\nThe content of a screen")[2].partition("They hand over")[0]
    named = re.findall(r"`(\w[\w/]*\w)`", interface)
    assert len(named) > 8
    assert [name for name in named if not list((DOCS.parent / "tracer").rglob(f"{name}.py"))] == []
