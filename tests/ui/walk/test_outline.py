"""The tree of steps as rows."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

from tracer.narrative.session import Session
from tracer.program.scenario import load
from tracer.run.short_runs import run
from tracer.ui.walk.steps_pane import Outline, OutlineRow


def outline(name: str = "one_weight", *settings: str) -> Outline:
    return Outline(Session(run(load(name, settings=settings))))


def rows(tree: Outline) -> list[OutlineRow]:
    found = [tree.row(y) for y in range(len(tree))]
    assert tree.row(len(tree)) is None
    return [row for row in found if row is not None]


def test_only_the_present_iteration_is_unfolded() -> None:
    tree = outline()
    kinds = [row.kind for row in rows(tree)]
    assert kinds.count("iteration") == 3
    assert kinds.count("phase") == 4
    assert kinds.count("step") == 5
    assert kinds[0] == "iteration"
    assert kinds[-2:] == ["iteration", "iteration"]


def test_each_step_is_found_in_its_row() -> None:
    tree = outline("mlp_2_2_2")
    session = tree.session
    while True:
        row = tree.row(tree.at(session.place))
        assert row is not None
        assert (row.kind, row.iteration, row.step) == ("step", *session.place[:2])
        if not session.next():
            break
        tree.follow(session.place)


def test_folding_hides_and_unfolding_shows() -> None:
    tree = outline()
    assert not tree.toggle(rows(tree)[-2]), "an iteration is gone to"
    phase = next(row for row in rows(tree) if row.kind == "phase")
    assert tree.toggle(phase)
    assert sum(row.kind == "step" for row in rows(tree)) == 4
    assert tree.toggle(phase._replace(is_open=False))
    assert sum(row.kind == "step" for row in rows(tree)) == 5
    tree.session.go(2, 0)
    tree.follow(tree.session.place)
    assert [row.iteration for row in rows(tree) if row.is_open] == [2] * 5


def test_lines_inside_a_step_stand_below_it() -> None:
    tree = outline("mlp_2_2_2")
    tree.session.enter()
    tree.follow(tree.session.place)
    inside = [row for row in rows(tree) if row.kind == "inside"]
    assert [row.inside for row in inside] == [0, 1]
    row = tree.row(tree.at(tree.session.place))
    assert row is not None
    assert row.inside == 0
    assert tree.row(tree.parent(tree.at(tree.session.place))) == rows(tree)[2]


def test_a_long_run_makes_only_the_rows_that_are_asked_for() -> None:
    tree = outline("one_weight", "iterations=2000")
    tree.session.go(1500, 3)
    tree.follow(tree.session.place)
    row = tree.row(tree.at(tree.session.place))
    assert row is not None
    assert (row.iteration, row.step) == (1500, 3)
    assert len(tree) == 2000 + 9
    last = tree.row(len(tree) - 1)
    assert last is not None
    assert last.iteration == 2000


def test_of_many_steps_only_the_present_phase_is_unfolded() -> None:
    tree = outline("transformer_block")
    phases = [row for row in rows(tree) if row.kind == "phase"]
    assert [row.is_open for row in phases] == [True, False, False, False]
