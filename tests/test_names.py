"""One meaning a name: no two public classes and no two files of the package are called alike."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "tracer"


def public_classes(text: str) -> list[str]:
    """Return the names of the classes at the top of a module that are not its own affair."""
    return re.findall(r"^class ([A-Za-z]\w*)", text, re.MULTILINE)


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
    """A public class has a name of its own."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for module, path in _modules().items():
        for name in public_classes(path.read_text("utf-8")):
            places[name].append(module)
    assert shared(places) == {}, "give one of them a name of its own"


def test_no_two_files_share_a_name() -> None:
    """A file has a name of its own in the whole package."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for module in _modules():
        folder, _, name = module.rpartition("/")
        if name not in ("__init__", "__main__"):
            places[name].append(folder)
    assert shared(places) == {}, "give one of them a name of its own"


def test_a_name_of_its_own_is_shared_by_nobody() -> None:
    """What stands in one place only is not shared; private classes are nobody else's affair."""
    assert shared({"Trace": ["run/trace"], "Row": ["a", "b"]}) == {"Row": ["a", "b"]}
    assert public_classes("class Row: ...\nclass _Line: ...\nx = 1") == ["Row"]
