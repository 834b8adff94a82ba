"""The pictures of docs/pictures are real screens, whole in themselves, and told in words.

Where a screen is meant to look otherwise: `python docs/make_pictures.py`, and look at it.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from tests.snapshots import check_snapshot

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SVG = "{http://www.w3.org/2000/svg}"


def maker() -> ModuleType:
    """Return docs/make_pictures.py as a module."""
    place = FOLDER.parent / "make_pictures.py"
    specification = importlib.util.spec_from_file_location("make_pictures", place)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


MAKER = maker()
PICTURES = {picture.name: picture for picture in MAKER.PICTURES}


def test_every_picture_is_there_and_none_is_left_over() -> None:
    """A picture that is no longer made would show what is no longer so."""
    assert {path.stem for path in FOLDER.iterdir()} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_whole_and_told_in_words(name: str) -> None:
    """It is well-formed, has a title and a description, and is not empty."""
    root = ElementTree.fromstring((FOLDER / f"{name}.svg").read_text("utf-8"))
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == PICTURES[name].title
    assert root.findtext(f"{SVG}desc") == PICTURES[name].text
    assert len(list(root.iter(f"{SVG}text"))) > 30


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_refers_to_nothing_outside(name: str) -> None:
    """No address but the name of SVG itself; every `url` is a part of the picture."""
    text = (FOLDER / f"{name}.svg").read_text("utf-8")
    assert re.findall(r"\w+://[^\"\s]*", text) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in text
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []
    assert "href" not in text


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.chinese] if ".zh" in name else []) for name in PICTURES],
)
def test_a_picture_shows_the_screen_of_today(name: str) -> None:
    """`python docs/make_pictures.py` would change nothing."""
    picture = MAKER.picture(PICTURES[name])
    check_snapshot(FOLDER / f"{name}.svg", picture, "python docs/make_pictures.py")
