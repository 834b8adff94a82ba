"""One meaning a name: no two public classes and no two files of the package are called alike.

What still shares a name stands in a list, which may only get shorter.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "tracer"

# Classes that extend the one of their name: what Python users hold is the run's own object, which
# also shows itself.
EXTENDED = {
    "Iteration": ["notebook/shown_run", "run/trace"],
    "Trace": ["notebook/shown_run", "run/trace"],
}
CLASSES: Mapping[str, Sequence[str]] = {
    "Formula": ["sentences", "witness/symbolic"],
    "Place": ["check/slips/rewriting", "program/toml_lines"],
    "Step": ["narrative/steps", "notebook/shown_run"],
    "Table": ["narrative/blocks", "program/document"],
}
FILES: Mapping[str, Sequence[str]] = {
    "check": ["check", "commands"],
    "explain": ["commands", "narrative"],
    "traced": ["check/trace", "commands"],
    "verify": ["commands", "witness"],
    "worksheet": ["commands", "worksheets"],
}


def public_classes(text: str) -> Iterator[str]:
    """Yield the names of the classes at the top of a module that are not its own affair."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def shared(places: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return the names that stand in more than one place."""
    return {name: found for name, found in places.items() if len(found) > 1}


def _modules() -> dict[str, Path]:
    """Return the files of the package by what a reader calls them: `run/trace`."""
    return {
        path.relative_to(PACKAGE).with_suffix("").as_posix(): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def test_no_two_public_classes_share_a_name() -> None:
    """A public class has a name of its own in the whole package, but for those of the list."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for module, path in _modules().items():
        for name in public_classes(path.read_text("utf-8")):
            places[name].append(module)
    _agree(shared(places), {**CLASSES, **EXTENDED}, "CLASSES")


def test_no_two_files_share_a_name() -> None:
    """A file has a name of its own in the whole package, but for those of the list."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for module in _modules():
        folder, _, name = module.rpartition("/")
        if name not in ("__init__", "__main__"):
            places[name].append(folder)
    _agree(shared(places), FILES, "FILES")


def _agree(
    found: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]], where: str
) -> None:
    """Fail where a name is shared that the list has not, or the list has one that is not."""
    new = {name: found[name] for name in found if not {*found[name]} <= {*known.get(name, ())}}
    assert new == {}, "give one of them a name of its own"
    gone = {name: known[name] for name in known if [*known[name]] != [*found.get(name, ())]}
    assert gone == {}, f"no longer shared, or by fewer: shorten {where}"


def test_a_name_of_its_own_is_shared_by_nobody() -> None:
    """What stands in one place only is not shared; private classes are nobody else's affair."""
    assert shared({"Trace": ["run/trace"], "Row": ["a", "b"]}) == {"Row": ["a", "b"]}
    assert [*public_classes("class Row: ...\nclass _Line: ...\nx = 1")] == ["Row"]


@pytest.mark.parametrize(
    ("found", "known"),
    [
        ({"Row": ["a", "b"]}, {}),
        ({"Row": ["a", "b", "c"]}, {"Row": ["a", "b"]}),
        ({"Row": ["a", "b"]}, {"Row": ["a", "b", "c"]}),
        ({}, {"Row": ["a", "b"]}),
    ],
)
def test_the_list_is_neither_too_short_nor_too_long(
    found: dict[str, list[str]], known: dict[str, list[str]]
) -> None:
    """A name that is newly shared fails, and so does an entry that is no longer needed."""
    with pytest.raises(AssertionError):
        _agree(found, known, "CLASSES")
    _agree(found, found, "CLASSES")
