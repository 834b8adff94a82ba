"""One slip in a right derivation, and the proof that something has changed.

A slip counts only where intervals show it: two neighbouring sides that cannot be equal whatever
was rounded, or, beside a scenario, a formula or a result that the run cannot have.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, TypeAlias

from tests.check.mutation.formula_trees import (
    Figure,
    Index,
    Name,
    Node,
    Path,
    Reference,
    Texts,
    entry_at,
    evaluate,
    names_of,
)
from tests.check.mutation.fraction_intervals import (
    Array,
    Interval,
    UndefinedValueError,
    apply_entrywise,
    is_disjoint,
    shape_of,
)
from tests.check.mutation.hands import Hand
from tests.check.mutation.mutations import MUTATIONS, ORDER, Mode, Mutation, Proposal, Scene
from tests.check.mutation.pages import Page, Span, lay_out
from tests.check.mutation.worked_networks import Network
from tests.check.mutation.working import (
    Change,
    Role,
    WorkedLine,
    result_value,
    side_value,
    unproved_pairs,
    with_side,
    work,
)

__all__ = ["Document", "Mutant", "mutants_of", "write_document"]

CLEAR: Final = Fraction(1, 1000)  # of a formula's value: nearer it is no other formula


@dataclass(frozen=True)
class Document:
    """A right document: who wrote what, and where it stands."""

    network: Network
    hand: Hand
    seed: str
    lines: tuple[WorkedLine, ...]
    page: Page


@dataclass(frozen=True)
class Mutant:
    """A document with one slip, and what is known of it."""

    mutation: Mutation
    role: Role
    mode: Mode
    number: int
    page: Page
    spans: Sequence[Span]
    kinds: frozenset[str]  # of all rows of the table that make the same slip
    causes: frozenset[str]
    is_changed_alone: bool  # without a scenario
    is_changed_beside_run: bool
    states_all: bool  # all names of the line have stated values
    is_symmetric: bool  # two sides differ, and nothing on the line tells which of them is wrong


# ---- making


def write_document(network: Network, hand: Hand, seed: str) -> Document:
    """Return a right document; raises UndefinedValueError where its figures do not go."""
    lines = tuple(work(network, hand, seed))
    for line in lines:
        if unproved_pairs(line):
            raise AssertionError(f"a line that does not hold: {line}")
    return Document(network, hand, seed, lines, lay_out(network, hand, seed, lines))


def _scenes(document: Document) -> list[Scene]:
    """Return each line with what is known there."""
    now: dict[Reference, Figure] = {}
    before: dict[Reference, Figure] = {}
    givens = {given.key: given.texts for given in document.network.givens}
    for line in document.lines:
        for name in names_of(line.step.formula):
            if name.key in givens and _has_entry(givens[name.key], name.index):
                texts = entry_at(givens[name.key], name.index)
                now[name.reference] = Figure(texts, source=name.reference)
    scenes = []
    for line in document.lines:
        later = {
            other.step.target.reference: other.result
            for other in document.lines
            if other.iteration == line.iteration
            and other.number > line.number
            and other.step.phase == "update"
        }
        scenes.append(Scene(line, dict(now), dict(before), later))
        reference = line.step.target.reference
        if reference in now:
            before[reference] = now[reference]
        now[reference] = line.result
    return scenes


def _has_entry(texts: Texts, index: Index) -> bool:
    for place in index:
        if isinstance(texts, str) or not isinstance(place, int) or place >= len(texts):
            return False
        texts = texts[place]
    return True


def mutants_of(document: Document, share: float, source: random.Random) -> Iterator[Mutant]:
    """Yield a share of all slips that can be made, kinds of slips in turn, only those that count.

    Raises nothing: what leads to no value is left out.
    """
    scenes = _scenes(document)
    queues = [_queue(row, scenes, source) for row in MUTATIONS]
    queues.append(
        [
            (ORDER, scene, None, "formula", "hidden")
            for scene in scenes
            if _early_update(document, scene.line) is not None
        ]
    )
    queues = [queue for queue in queues if queue]
    most = max(1, round(share * sum(map(len, queues))))
    source.shuffle(queues)
    made = 0
    while queues and made < most:
        queue = queues.pop(0)
        row, scene, proposal, role, mode = queue.pop()
        if queue:
            queues.append(queue)
        mutant = _mutant(document, row, scene, proposal, role, mode)
        if mutant is not None:
            made += 1
            yield mutant


Candidate: TypeAlias = "tuple[Mutation, Scene, Proposal | None, Role, Mode]"


def _queue(row: Mutation, scenes: Sequence[Scene], source: random.Random) -> list[Candidate]:
    """Return all places for a row of the table, in random order, roles and modes in turn."""
    by_place: list[list[Candidate]] = []
    for role, mode in row.places:
        found: list[Candidate] = []
        for scene in scenes:
            node = _side(scene.line, role, mode)
            if node is not None:
                found += [(row, scene, p, role, mode) for p in row.propose(node, scene)]
        source.shuffle(found)
        by_place.append(found)
    longest = max(map(len, by_place), default=0)
    return [found[i] for i in range(longest) for found in by_place if i < len(found)][::-1]


def _side(line: WorkedLine, role: Role, mode: Mode) -> Node | None:
    """Return the tree in which a slip is made; a formula need not be shown to be worked wrongly."""
    if role == "formula" and mode != "local":
        return line.step.formula
    if role == "target":
        return line.step.target
    return line.side(role)


def _mutant(
    document: Document,
    row: Mutation,
    scene: Scene,
    proposal: Proposal | None,
    role: Role,
    mode: Mode,
) -> Mutant | None:
    """Return a slip, None where nothing that counts has changed."""
    right = scene.line
    try:
        if proposal is None:
            lines = _reordered(document, right)
        elif mode == "local":
            lines = [
                _with_slip(document, scene, role, proposal) if line is right else line
                for line in document.lines
            ]
        else:
            change = Change(right.number, role, proposal.path, proposal.node, mode)
            lines = work(document.network, document.hand, document.seed, change)
    except (UndefinedValueError, KeyError):
        return None
    wrong = next((line for line in lines if line.number == right.number), None)
    if wrong is None:
        return None
    alone = bool(unproved_pairs(wrong, last_digit=True))
    beside = alone or _differs_from_run(right, wrong)
    if not beside:
        return None
    page = lay_out(document.network, document.hand, document.seed, lines)
    if page.text == document.page.text:
        return None  # the line is not shown
    path = proposal.path if proposal is not None else ()
    spans = _spans(page, wrong, "result" if mode == "hidden" else role, path)
    same = [row, *_same_slips(scene, role, proposal)]
    return Mutant(
        row,
        role,
        mode,
        right.number,
        page,
        spans,
        frozenset().union(*(other.kinds for other in same)),
        frozenset().union(*(other.causes for other in same)),
        alone,
        beside,
        states_all=not right.unstated,
        is_symmetric=mode == "local" and (role == "formula" or "formula" not in right.roles),
    )


def _same_slips(scene: Scene, role: Role, proposal: Proposal | None) -> list[Mutation]:
    """Return the other rows of the table that come to the same: their causes are as right."""
    side = _side(scene.line, role, "worked")
    if proposal is None or side is None:
        return []
    wrong = _bare(proposal.node)
    return [
        row
        for row in MUTATIONS
        if any(place == role for place, _ in row.places)
        and any(
            other.path == proposal.path and _bare(other.node) == wrong
            for other in row.propose(side, scene)
        )
    ]


def _bare(node: Node) -> object:
    """Return a node, of a figure its numbers: `0.50` with digits swapped is `0.05`, and `0.050`."""
    return node.value() if isinstance(node, Figure) else node


def _with_slip(document: Document, scene: Scene, role: Role, proposal: Proposal) -> WorkedLine:
    """Return a line with another part of one side; raises KeyError where there is none."""
    line = scene.line
    if role == "target":
        if not document.hand.targets:
            raise KeyError("the line has no name")
        assert isinstance(proposal.node, Name)
        return replace(line, step=replace(line.step, target=proposal.node))
    names = {name.reference for name in names_of(proposal.node)} & scene.now.keys()
    figures = {**{name: scene.now[name] for name in names}, **line.figures}
    givens = {given.key for given in document.network.givens}
    hidden = {name for name in names if document.hand.givens == "none" and name[0] in givens}
    line = replace(line, figures=figures, unstated=frozenset(line.unstated | hidden))
    return with_side(line, role, proposal.node, proposal.path)


def _early_update(document: Document, stale: WorkedLine) -> int | None:
    """Return the update of a parameter that a gradient needs, which may have been made too early.

    It cannot have been made before the parameter's own gradient.
    """
    if stale.step.phase != "backward":
        return None
    used = {name.reference for name in names_of(stale.step.formula)}
    ready: set[Reference] = set()
    for line in document.lines:
        if line.iteration == stale.iteration and line.number < stale.number:
            ready.add(line.step.target.reference)
    for line in document.lines:
        target = line.step.target
        is_update = line.step.phase == "update" and line.iteration == stale.iteration
        if is_update and target.reference in used and (f"d:{target.key}", target.index) in ready:
            return line.number
    return None


def _reordered(document: Document, stale: WorkedLine) -> list[WorkedLine]:
    """Return the lines where a parameter was updated before a gradient that needs its old value."""
    update = _early_update(document, stale)
    assert update is not None
    numbers = [line.number for line in document.lines]
    numbers.remove(update)
    numbers.insert(numbers.index(stale.number), update)
    return work(document.network, document.hand, document.seed, order=numbers)


def _spans(page: Page, line: WorkedLine, role: Role, path: Path) -> Sequence[Span]:
    """Return where the changed part stands, or the smallest part around it that is marked."""
    if role in line.roles:
        place = line.roles.index(role)
        tail = path if role != "result" else ()
        for length in range(len(tail), -1, -1):
            found = page.spans.get((line.number, place, *tail[:length]))
            if found:
                return found
    return page.spans.get((line.number,), ())


# ---- proof


def _differs_from_run(right: WorkedLine, wrong: WorkedLine) -> bool:
    """Say whether the run can have neither the formula's value nor the result.

    The result must differ from what the right formula gives for the writer's own figures, from
    the writer's value with all digits, and from that of the run.
    """
    if wrong.step.target != right.step.target:
        own = wrong.step.target.reference
        return own in right.run and _is_far(right.run[own], right)
    result = result_value(wrong.result, last_digit=True)
    try:
        own_value = side_value(right, right.step.formula, knows_all=True)
    except (UndefinedValueError, KeyError):
        return False
    if all(is_disjoint(result, v) for v in (own_value, right.full_value, right.run_value)):
        return True
    formula = wrong.side("formula")
    if formula is None:
        return False
    try:
        value = evaluate(formula, lambda reference: _entry(right.run, reference))
    except (UndefinedValueError, KeyError):
        return False
    return shape_of(value) == shape_of(right.run_value) and _is_clear(value, right.run_value)


def _entry(values: Mapping[Reference, Array], reference: Reference) -> Array:
    if reference in values:
        return values[reference]
    value = values[reference[0], ()]
    for place in reference[1]:
        assert not isinstance(value, Interval)
        assert isinstance(place, int)
        value = value[place]
    return value


def _is_clear(left: Array, right: Array) -> bool:
    """Say whether some entry differs by more than a thousandth of the largest."""
    apart: list[Fraction] = []

    def compare(a: Interval, b: Interval) -> Interval:
        apart.append(abs(a.low - b.low))
        largest.append(max(abs(a.low), abs(b.low)))
        return a

    largest: list[Fraction] = []
    apply_entrywise(compare, left, right)
    return max(apart) > CLEAR * max(largest)


def _is_far(value: Array, right: WorkedLine) -> bool:
    """Say whether a quantity's value is not the one on a line, by the figures or in the run."""
    result = result_value(right.result, last_digit=True)
    if shape_of(value) != shape_of(result):
        return False
    return is_disjoint(result, value) and _is_clear(value, right.run_value)
