"""Every key has an id, words and an action that is there."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.ui.walk.test_walk import on
from tracer.ui.app import TracerApp
from tracer.ui.key_tables import KEYS, TABLES
from tracer.ui.parts.key_bindings import Key, key_text
from tracer.ui.parts.tracer_screen import KeyLine
from tracer.ui.walk.walk_screen import WalkScreen

UI = Path(__file__).resolve().parents[3] / "tracer" / "ui"


def test_ids_are_unique() -> None:
    assert len(KEYS) == sum(len(table.keys) for table in TABLES.values())


@pytest.mark.parametrize("name", TABLES)
def test_an_id_begins_with_its_table(name: str) -> None:
    assert all(key.id.startswith(f"{name}.") for key in TABLES[name].keys)


@pytest.mark.parametrize("key", [*TABLES["app"].keys, *TABLES["walk"].keys], ids=lambda key: key.id)
def test_actions_are_there(key: Key) -> None:
    action = key.action.partition("(")[0]
    is_of_app = key.id.startswith("app.") and not action.startswith("screen.")
    owner, action = TracerApp if is_of_app else WalkScreen, action.removeprefix("screen.")
    assert hasattr(owner, f"action_{action}")


def test_every_binding_of_ours_has_an_id() -> None:
    """A reader can bind each of them anew: they come from the tables, by the classes' `keys`."""
    for path in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                by_hand = [
                    each
                    for each in node.body
                    if isinstance(each, ast.Assign | ast.AnnAssign) and each.value is not None
                    if "BINDINGS" in ast.unparse(each).partition("=")[0]
                ]
                assert not by_hand, f"{path.name}: {ast.unparse(by_hand[0])}"


def test_no_key_of_the_walk_is_bound_twice() -> None:
    tables = (*TABLES["app"].keys, *TABLES["walk"].keys)
    keys = [part for key in tables for part in key.keys.split(",")]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("columns", "count"), [(159, 7), (200, len(WalkScreen.FOOTER))])
def test_the_footer_has_seven_entries_and_more_where_there_is_room(
    columns: int, count: int
) -> None:
    assert set(WalkScreen.FOOTER) <= KEYS.keys()

    @on("one_weight", (columns, 30))
    async def look(pilot: Pilot[None]) -> None:
        footer = pilot.app.screen.query_one(KeyLine)
        assert [offer.key for *_, offer in footer._offer_places()][-1] == "?"
        assert len(footer._offer_places()) == count

    look()


@pytest.mark.parametrize(
    ("key", "text"),
    [("question_mark,f1", "?"), ("ctrl+p", "Ctrl+P"), ("N", "N"), ("n", "n"), ("space", "Space")],
)
def test_keys_are_written_for_people(key: str, text: str) -> None:
    assert key_text(key) == text


def test_a_key_does_the_same_on_every_screen() -> None:
    """But for what acts on the place of the cursor: arrows, Tab, Enter, Escape, panes by number."""
    by_place = {
        "enter",
        "escape",
        "home",
        "end",
        "tab",
        "up",
        "down",
        "left",
        "right",
        "h",
        "q",
        *"12345",
    }
    meant = {
        "Save": "Report",  # both write what is on the screen to a file
        "Double": "Larger",  # both make the current number larger, or smaller
        "Half": "Smaller",
    }
    does: dict[str, set[str]] = {}
    for table in TABLES.values():
        for key in table.keys:
            for part in set(key.keys.split(",")) - by_place:
                short = key.short.template
                does.setdefault(part, set()).add(meant.get(short, short))
    del does["ctrl+b"]  # in a pane a page up, in a text or a line the one before
    assert {part: words for part, words in does.items() if len(words) > 1} == {}
