"""The pages of docs/gallery are what `tracer derive` prints today."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.case_lists import sampled
from tests.snapshots import check_snapshot
from tracer.program.scenario import bundled

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
MADE_BY = "python docs/make_gallery.py"

# Their pages take seconds.
LARGE = {"four_layer_classifier", "gpt2_mlp_full", "position_wise_ffn_full"}


def maker() -> ModuleType:
    """Return the script that makes the gallery."""
    place = GALLERY.parent / "make_gallery.py"
    specification = importlib.util.spec_from_file_location("make_gallery", place)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sampled(bundled(), set(bundled()) - LARGE))
def test_a_page_is_what_the_command_prints(name: str, tmp_path: Path) -> None:
    """The Markdown and its picture, byte for byte."""
    maker().page(name, tmp_path)
    for made in tmp_path.iterdir():
        check_snapshot(GALLERY / made.name, made.read_text("utf-8"), MADE_BY)


@pytest.mark.chinese
@pytest.mark.parametrize("name", maker().CHINESE)
def test_a_chinese_page_is_what_the_command_prints(name: str, tmp_path: Path) -> None:
    """The same for the pages in Chinese."""
    page = maker().page(name, tmp_path, "zh")
    check_snapshot(GALLERY / page.name, page.read_text("utf-8"), MADE_BY)


def test_the_index_lists_every_page_and_nothing_is_left_over() -> None:
    """A new scenario needs its page, a removed one leaves none."""
    module = maker()
    check_snapshot(GALLERY / "README.md", module.index(), MADE_BY)
    pages = {path.stem for path in GALLERY.glob("*.md") if "." not in path.stem} - {"README"}
    assert pages == set(bundled())
