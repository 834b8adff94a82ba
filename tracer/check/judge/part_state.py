"""What is known in one part of a document so far, and which values names may have on a line of it.

The writer's own run, how it is joined to the run of a scenario, and the worlds that are admissible
on a line, the cheapest first.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from copy import copy
from fractions import Fraction
from functools import cached_property
from typing import Final

from tracer.check.bind.document_parts import names_given_in
from tracer.check.bind.worlds import (
    ELSEWHERE,
    MOST_FORMULAS,
    WRITTEN_ENTRY,
    DefinedNames,
    HeadedFormula,
    JoinedNames,
    RunView,
    RunWorld,
    WritersRun,
    WritersWorld,
)
from tracer.check.compare.bounded_values import (
    KnownValue,
    RoundingHabit,
    Spot,
    do_meet,
    entries_of,
    have_one_shape,
)
from tracer.check.compare.canonical_trees import NOUGHT
from tracer.check.compare.side_comparison import SideComparison
from tracer.check.compare.value_comparison import Agreement, WorkedOut, World
from tracer.check.judge.explaining_slips import stem_of
from tracer.check.judge.side_readings import (
    formula_at,
    formula_of_member,
    function_and_inputs,
)
from tracer.check.judge.stated_formulas import StatedFormulas, may_be_slope
from tracer.check.judge.stated_functions import has_one_slope, slope_formula
from tracer.check.model.statements import EquationChain, Side, StageMarker, Statement
from tracer.check.model.written_trees import (
    calls_in,
    is_literal,
    names_in,
    negate,
    numbers_in,
    replace_parts,
    signed_terms,
)
from tracer.check.slips.rewriting import is_call
from tracer.check.slips.roles import CONSTANT, DATA, STEP_COUNTERS, TRAINED, Role, role_of
from tracer.check.trace.aliases import derivative_of, quantity_key
from tracer.expression.syntax import Array, Call, Name, Node, Number
from tracer.frozen import replace
from tracer.intervals import Interval, Value
from tracer.program.program import substitute
from tracer.run.interpret import shape_of

MOST_EARLIER: Final = 20  # iterations back that a line may tell of
OF_A_SAMPLE: Final = frozenset[Role | None](
    (
        *DATA,
        "net_input",
        "activation",
        "activation_derivative",
        "output",
        "error",
        "loss",
        "gradient",
    )
)  # and what is worked out of it
EPSILON: Final = "epsilon"
ZERO: Final = Interval(Fraction(0))
MOST_FIGURES: Final = 6  # of a formula that may stand for given values
LEAST_AGREEING: Final = 2
"""How many more rows of a listing have to agree, so that the next one is read as they are."""


class PartState:
    """What one pass over a part of a document knows so far.

    `before` is what the part above has stated, which may still hold; `named_sides` are left sides
    that stand for one quantity; `has_updated` is true where this iteration's update was written,
    `is_one_example` where all is of the run, as it has it.
    `samples_of` has the runs of single samples where the part goes through them; beside one of
    these `batch` is the run of all.
    """

    def __init__(
        self,
        habit: RoundingHabit,
        view: RunView | None,
        above: PartState | None = None,
        names: Collection[str] = (),
        statements: Sequence[Statement] = (),
        *,
        is_one_example: bool = False,
    ) -> None:
        self.is_one_example: Final = is_one_example
        self.before: Final[WritersRun | None] = None if above is None else above.run
        self.run: Final[WritersRun] = WritersRun(
            names, self.before, view.first_entry if view else 0
        )
        self.listings: Final[dict[int, int]] = {}  # what rows say for how theirs is read
        self.habit: Final = habit
        self.worked_out: Final[WorkedOut] = {}  # for the chain that is judged
        self.view: Final = view
        self.named_sides: Final[dict[Node, str]] = {}  # left sides that stand for one quantity
        self.joined: Final = JoinedNames()
        self.formulas: Final = StatedFormulas(statements, view)
        self._statements = statements
        self.iteration = 1
        self.has_updated = False
        self.is_begun = True  # by an update or by words, and not by a value alone
        self._iterated: set[str] = set()  # names that iterations make out of each other
        self.takes_values_before = False  # where a line of a step has shown it, of all of them
        self.furthest = 0  # an iteration that was reached before the text told of an earlier one
        self.marked_line = 0  # of the words for this iteration
        self.stage = 1  # the number of the step that is worked out
        self.marker: StageMarker | None = None  # the last words that number one
        self.is_due = True  # whether they number the one that is due
        self.goes_back = False  # whether they number one that is over
        self.samples_of: Callable[[int], Sequence[tuple[RunView, JoinedNames]]] = lambda _: ()
        self.batch: RunWorld | None = None
        self._formulas: dict[str, EquationChain] = {}  # the last one of each name
        self._stages: dict[str, int] = {}  # the step in which it was stated
        if above is not None:
            self._take_up(above, names)

    def _take_up(self, above: PartState, names: Collection[str]) -> None:
        """Take up what the part above was given and said, where this one is of another sample.

        Then it gives nothing anew but data. Nobody knows if it begins with what was updated, nor
        what a name stands for that may be anything.
        """
        before, here = above.run.next_iteration(), names_given_in(self._statements)
        anew = {role_of(name, names) for name in here if before.known_value(name) is not None}
        if anew.isdisjoint(DATA) or not anew <= OF_A_SAMPLE:
            return
        self._formulas |= above._formulas
        self.formulas.take_up(above.formulas)
        for name, known_value in before.named_values():
            others, role = before.earlier(name), role_of(name, names)
            if (
                role not in OF_A_SAMPLE
                and not name.endswith("'")
                and any(each.is_given for each in (known_value, *others))
            ):
                self.run.state(name, known_value)
                self.run.taken_up.add(name)
                self.run.given_figures |= {
                    abs(each.low) for each in entries_of(known_value.printed)
                }
                if others or role is None or name in before.told_again:
                    self.run.told_again.add(name)

    def comparison_in(self, world: World) -> SideComparison:
        """Return a comparison of sides in a world; what one has worked out serves the others."""
        return SideComparison(world, self.habit, {}, self.worked_out)

    def of_samples(self) -> Iterator[tuple[int, PartState]]:
        """Yield what is known beside each sample alone, with the iterations that may be meant.

        The writer's own run is one for all of them.
        """
        for iteration in range(self.iteration, self.iteration + 1 + self.has_updated):
            batch = self.view and RunWorld(self.view, self.run, iteration, None, self.joined)
            for view, joined in self.samples_of(iteration):
                for (spot, time), bounds in self.joined.results.items():
                    if time == iteration and spot[0] in view.carried:
                        joined.note_result({}, spot, 1, bounds)
                alone = copy(self)
                own = {"view": view, "joined": joined, "iteration": 1, "has_updated": False}
                vars(alone).update(own, furthest=0, batch=batch)
                yield iteration, alone

    def begin_iteration(self, iteration: int) -> None:
        """Go to an iteration, of which nothing was worked out yet."""
        self.is_begun = True
        self.run.begin_iteration()
        self.iteration, self.has_updated, self.run.worked_under = iteration, False, None

    def is_numbered(self, chain: EquationChain) -> bool:
        """Tell whether words of a chain's own line, or of a heading, number its iteration."""
        line = self.marked_line
        return chain.iteration is not None or line == chain.place.line or line in chain.headings

    def mark(self, marker: StageMarker) -> None:
        """Go to the iteration that words name; what was reached before may still go on.

        A step is one of the work, unless all that is trained was updated in as many steps before.
        What was given as the number of the one before counts them: it has another value now.
        """
        if marker.kind in ("iteration", "epoch", "step"):
            if self.view is None:
                self._count(marker)
            else:
                self.marker, self.is_due = marker, False
        iteration = self._iteration_of(marker)
        if iteration > 0:
            if self.view is not None:
                self.is_due = True  # a run has every iteration
            self.furthest = max(self.furthest, self.iteration + self.has_updated)
            self.begin_iteration(iteration)
            self.marked_line = self.run.numbered_line = marker.place.line
        elif marker.kind == "sample" and marker.number > 1 and self.view is None:
            self.run.told_again.update(
                name
                for name, known in self.run.named_values()
                if known.is_given and role_of(name) in DATA  # it has others of its own
            )
        elif marker.kind == "changed":
            names = [name for name, _ in self.run.named_values()]
            keys = {*map(quantity_key, marker.words)}
            roles = {role_of(word, names) for word in marker.words} - {None}
            of_these = {n for n in names if quantity_key(n) in keys or role_of(n, names) in roles}
            is_of_all = marker.number > 0 and not roles  # "we start anew"
            self.run.suppose(names if is_of_all and not of_these else of_these)

    def _iteration_of(self, marker: StageMarker) -> int:
        """Return the iteration that words number; 0 where they number none.

        That of an epoch is its first, that of a sample the next one that sees it alone.
        """
        if marker.kind == "iteration":
            return max(marker.number, 1)
        if marker.kind == "epoch":
            first = self.view.iteration_of(epoch=marker.number) if self.view else 0
            return first or max(marker.number, 1)
        if self.view is None:
            return 0
        if marker.kind == "sample":
            due = self.iteration + self.has_updated
            return self.view.iteration_of(sample=marker.number - 1, first=due)
        trained = {spot for spot, time in self.joined.results if time == marker.number}
        is_due = marker.kind == "step" and marker.number == self.iteration + 1
        return marker.number if is_due and self.view.is_all_trained(trained) else 0

    def count(self, chain: EquationChain) -> None:
        """Go to the iteration that a stated counter numbers: `t = 2`, where t counts the steps."""
        if self.view is None or len(chain.sides) != 2:
            return
        match chain.sides[0].tree, chain.sides[1].tree:
            case Name(id=name), Number(value=count) if count.denominator == 1:
                spots = self.view.spots(name, is_target=False)[:1]
                # Of a rule that does not need it; where quantities go on in time, it counts these.
                is_counter = any(self.view.kind(spot) == "counter" for spot in spots) or (
                    not spots and name == "t" and not self.view.has_steps
                )
                if is_counter and count != self.iteration + self.has_updated:
                    self.mark(StageMarker("iteration", int(count), chain.place))

    def _count(self, marker: StageMarker) -> None:
        """Note whether words number the step that is due, as far as updates were written.

        Then an exponent, of `1 - β^t`, that was said to be the number of the step before is that of
        the one that begins. `Step 2:` is one of the work, unless the one before updated in its own
        line.
        """
        steps = {name for name, (_, names) in self.run.updated.items() if names}
        last = 0 if self.marker is None else self.marker.place.line
        lines = {value.line for each in steps if (value := self.run.known_value(each))}
        is_of_work = marker.kind == "step" and not marker.words and lines != {last}
        has_updated = bool(steps) and not is_of_work
        begins = 0 if self.marker is None and not has_updated and not marker.number else self.stage
        self.goes_back = self.marker is not None and marker.number < self.marker.number
        is_due = marker.number == begins + has_updated or self._is_next_by_names(marker)
        self.marker, self.is_due = marker, is_due
        if not self.is_due:
            return
        self.stage = marker.number
        if has_updated:
            self.run.begin_iteration()
            self.run.numbered_line = marker.place.line
        before, now = (Interval(Fraction(marker.number - less)) for less in (1, 0))
        trees = [side.tree for chain in self._formulas.values() for side in chain.sides]
        powers = (call for tree in trees if tree for call in calls_in(tree, ("power",)))
        exponents = {name for call in powers for name in names_in(call.arguments[1])}
        for name in STEP_COUNTERS if has_updated else ():
            value = self.run.known_value(name)
            if value is None or not value.is_given or value.printed != before:
                continue
            if name in exponents:
                counted = replace(value, printed=now, bounds=now, unrounded=now)
                self.run.state(name, replace(counted, line=marker.place.line))
            else:
                self.run.suppose([name])  # it counts steps, or is as great by chance

    def _is_next_by_names(self, marker: StageMarker) -> bool:
        """Tell whether names have the number of the step before, `m_1`: none is updated then."""
        before = self.marker
        if before is None or (before.kind, before.number + 1) != (marker.kind, marker.number):
            return False
        here = [n for n, it in self.run.named_values() if it.line >= before.place.line]
        numbered = [name for name in here if name.endswith(str(before.number))]
        return len(numbered) >= LEAST_AGREEING and 2 * len(numbered) > len(here)

    def as_in_listing(self, chain: EquationChain) -> EquationChain:
        """Return a chain of a listing as certain where the sides of other rows of it agree."""
        if self.listings.get(chain.listing, 0) < LEAST_AGREEING:
            return chain
        return replace(chain, doubts=tuple(doubt for doubt in chain.doubts if doubt != "guessed"))

    def note_in_listing(self, chain: EquationChain, agreeing: int) -> None:
        """Note by how many rows more the sides agree that stand beside each other in a listing.

        A row that says nothing, since nobody knows what its names are worth, counts for nothing.
        """
        if chain.listing:
            self.listings[chain.listing] = self.listings.get(chain.listing, 0) + agreeing

    def as_marked(self, chain: EquationChain) -> EquationChain:
        """Return a chain as words beside it have it that number a step: another one than is due."""
        marker = self.marker
        if marker is None or (self.is_due and not self.goes_back):
            return chain
        is_beside = chain.place.line == marker.place.line
        is_of_time = marker.kind != "step" or bool(marker.words)
        if marker.words or (self.goes_back and (is_beside or is_of_time)):
            chain = replace(chain, refers_elsewhere=True)
        if self.is_due or not is_beside or self.view is not None:
            return chain
        qualified_by = "sentence" if is_of_time else chain.qualified_by
        return replace(chain, follows_on=False, qualified_by=qualified_by)

    def note_formula(self, chain: EquationChain, *, is_right: bool) -> None:
        """Note what a chain says that its first side is; nobody knows it where it is not right."""
        name, formula = chain.sides[0].tree, chain.sides[1].tree
        if not isinstance(name, Name) or formula is None or not names_in(formula):
            return
        if derivative_of(name.id) and self.has_another_formula(name.id, [formula], chain):
            return  # nobody knows which one is right: the one above stays
        self._formulas.pop(name.id, None)
        if is_right and chain.is_certain and not chain.is_inequality and not chain.is_claim:
            self._formulas[name.id], self._stages[name.id] = chain, self.stage

    def _is_slope(self, name: str) -> bool:
        """Tell whether a name is that of a derivative, such as dh beside h."""
        is_short = name.startswith("d") and self.run.known_value(name[1:]) is not None
        return is_short or derivative_of(name) is not None or role_of(name) == "gradient"

    def note_update(self, target: str, formulas: Sequence[Node]) -> None:
        """Note what a name was before its next value is stated, if a chain makes that of it.

        The names of its formula are noted too, where it is a step away from what the name was. A
        value that is worked out of updated ones is of the next step.
        """
        run, own, names = self.run, target.rstrip("'"), _names_of(formulas)
        name = self._updated_by(own, names)
        before = run.known_value(name)
        if name in run.updated and (name == own or own in run.stated_in_step):
            run.end_step()
        if name in names and before is not None:
            whole = (
                each.arguments[0] if isinstance(each, Call) and is_call(each, "index") else each
                for each in formulas
            )
            is_step = any((1, Name(name)) in signed_terms(each) for each in whole)
            run.updated.setdefault(name, (before, names if is_step else frozenset()))
        elif before is not None and self._is_iterated(name):
            self._iterated.add(name)
            run.updated.setdefault(name, (before, names))
        elif not self._is_slope(name) and not names.isdisjoint(run.updated):
            run.end_step()

    def _is_worked_anew(self, name: str) -> bool:
        """Tell whether the step has worked a name out, or its updates were made of it.

        Worked out again it is of the next one.
        """
        if name in self.run.stated_in_step:
            return True
        known = self.run.known_value(name)
        chains = filter(None, map(self._chain_with_formula, self.run.updated))
        sides = (side.tree for chain in chains for side in chain.sides[1:])
        is_used = any(name in names_in(tree) for tree in sides if tree is not None)
        return is_used and known is not None and not known.is_given

    def _is_iterated(self, name: str) -> bool:
        """Tell whether an iteration makes a value of what was only stated before it: V_1 of V_2.

        It may take the values before for all of them, or those that it has already.
        """
        marker, value = self.marker, self.run.known_value(name)
        if marker is None or value is None or value.line >= marker.place.line:
            return False
        return name not in self._formulas or name in self._iterated

    def _updated_by(self, name: str, names: Collection[str]) -> str:
        """Return the array of which an entry is updated, `p_1` by a formula of p; else the name."""
        place = None if name in names else self.run.entry_place(name)
        return name if place is None or place[0] not in names else place[0]

    def runs_of_step(self, target: str, formulas: Sequence[Node]) -> Sequence[WritersRun]:
        """Return the writer's run as a step sees it: before its updates, then after those so far.

        That is so of gradients that the step has not worked out yet, and of its other updates. Of
        what it has updated only parameters are meant: what moves along its own derivative, or
        depends on the target as that does on it. A running mean is used as it was updated.
        Only the first one is meant where the step has used it, or the line does so by another name.
        """
        run, names = self.run, _names_of(formulas)
        name = self._updated_by(target.rstrip("'"), names)
        is_slope = self._is_slope(name) and not self._is_worked_anew(name)
        is_iterated = self._is_iterated(name)
        if name in run.updated or not (is_slope or is_iterated or name in names):
            return ()
        meant = [
            each
            for each in names & run.updated.keys()
            if (parts := run.updated[each][1])
            and (
                is_iterated
                or name in parts
                or role_of(each) in ("parameter", "bias")
                or any(of and of[1] == each for of in map(derivative_of, parts))
            )
        ]
        if not meant:
            return ()
        is_decided = self.takes_values_before or self._rest_on_updated(names.difference(meant))
        return (run.before_updates(meant), run.next_iteration())[: 2 - is_decided]

    def _rest_on_updated(self, names: Collection[str]) -> bool:
        """Tell whether some names were worked out of what this step has updated, before it was."""
        behind = frozenset(names)
        for _ in range(MOST_FORMULAS):
            chains = filter(None, map(self._formulas.get, behind.difference(self.run.updated)))
            sides = (side.tree for chain in chains for side in chain.sides[1:])
            behind |= _names_of(filter(None, sides))
        return not behind.isdisjoint(self.run.updated)

    def formulas_of(self, name: str, chain: EquationChain) -> Iterator[Side]:
        """Yield the formulas, as they were written, that a name has where a chain stands.

        What was worked out under another heading was of another example.
        """
        definition = self._chain_with_formula(name) or self._chain_of_figures(name)
        if definition is None:
            slope = self.formulas.of_derivative(name, chain, self.run)
            if slope is not None and may_be_slope(chain.sides[1].tree, slope):
                yield replace(chain.sides[1], readings=(slope,))
            return
        formulas = [each for each in definition.sides[1:] if each.tree and names_in(each.tree)]
        # One of a family may have no names left.
        is_general = formulas[-1:] == [definition.sides[-1]]
        if is_general or definition.headings == chain.headings[: len(definition.headings)]:
            steps = self.stage - self._stages.get(name, self.stage)
            own = self.run.known_value(name)
            is_update = any(name in names_in(each.tree) for each in formulas if each.tree)
            begun = own.line if is_update and own is not None and not own.is_given else 0
            since = max(self.run.numbered_line, begun)
            yield from (self._steps_later(each, steps, since) for each in formulas)

    def _steps_later(self, side: Side, steps: int, since: int) -> Side:
        """Return a formula some steps later: with s_2, worked out in this one, for its s_1.

        Where nothing numbers the steps, the next began where what the formula updates was last.
        """
        entries = filter(None, map(WRITTEN_ENTRY.fullmatch, _names_of(side.readings)))
        later = {
            each[0]: Name(new)
            for each in entries
            for more in ((steps,) if steps else range(1, MOST_EARLIER))
            if self._is_of_step(new := f"{each[1]}{int(each[2]) + more}{each[3]}", each[0], since)
        }
        return replace(side, readings=tuple(substitute(each, later) for each in side.readings))

    def _is_of_step(self, name: str, other: str, since: int) -> bool:
        """Tell whether a name was worked out since a step began, and another one before."""
        values = [self.run.known_value(each) for each in (name, other)]
        lines = [0 if each is None or each.is_given else each.line for each in values]
        return lines[0] > since > lines[1]

    def worked_out_anew(self, chain: EquationChain, target: str) -> Mapping[str, KnownValue]:
        """Return what names of an update are by their formulas, of which a part was stated later.

        Who has said that ∂L/∂b is ∂L/∂z need not say it again in the next iteration. It is the next
        one for what was updated after the old value; what was not is still to be, by that.
        """
        own, comparison = self.run.known_value(target), self.comparison_in(self.run)
        known_values: dict[str, KnownValue] = {}
        for name in _names_of(side.tree for side in chain.sides if side.tree is not None):
            known_value, definition = self.run.known_value(name), self._chain_with_formula(name)
            formula = None if definition is None else definition.sides[1].tree
            if formula is None or not (own and known_value and own.line > known_value.line > 0):
                continue
            parts = filter(None, map(self.run.known_value, names_in(formula)))
            value, bounds = (comparison.value(formula, kind) for kind in ("printed", "bounds"))
            is_later = any(part.line > known_value.line for part in parts)
            if is_later and not known_value.is_given and value is not None and bounds is not None:
                known_values[name] = replace(
                    known_value, printed=value, bounds=bounds, unrounded=None
                )
        return known_values

    @cached_property
    def _equations_with(self) -> Mapping[str, Sequence[EquationChain]]:
        """The chains in which a name stands, but on the left alone, in their order."""
        found: dict[str, list[EquationChain]] = {}
        for each in self._statements:
            if isinstance(each, EquationChain):
                for name in {*_names_of(side.tree for side in each.sides[1:] if side.tree)}:
                    found.setdefault(name, []).append(each)
        return found

    def equations_above(
        self, chain: EquationChain, target: str
    ) -> Iterator[tuple[str, Sequence[Node]]]:
        """Yield names that were worked out with what else they are said to be, of another name."""
        for each in self._equations_with.get(target, ()):
            if each.place >= chain.place:
                continue
            head, *others = each.sides
            name = head.tree.id if isinstance(head.tree, Name) else ""
            known, trees = self.run.known_value(name), [side.tree for side in others]
            is_worked = known is not None and not known.is_given and known.line > each.place.line
            is_here = each.headings == chain.headings[: len(each.headings)]
            if name == target or not (is_worked and is_here) or self.run.is_told_again(name):
                continue
            names = [names_in(tree) if tree is not None else () for tree in trees]
            if all(names) and not any(name in each for each in names):  # no update
                yield from (
                    (name, side.readings)
                    for side in others
                    if side.tree is not None and target in names_in(side.tree)
                )

    def has_another_formula(
        self, name: str, formulas: Sequence[Node], chain: EquationChain
    ) -> bool:
        """Tell whether formulas are stated for a name, and those of a chain are none of them.

        They differ at any numbers where they are of the same names, and at the values here where
        the chain leaves some out and its result is not what they give.
        """
        if not formulas:
            return False
        comparison, result = self.comparison_in(self.present_world()), chain.sides[-1]
        is_about = any(side.relation == "≈" for side in chain.sides[1:])

        def agreement(stated: Node, other: Node) -> Agreement:
            (names, figures), (our_names, our_figures) = (
                ({*names_in(tree)}, {each.value for each in numbers_in(tree)})
                for tree in (stated, other)
            )
            if (names, figures) == (our_names, our_figures):
                return self.comparison_in(WritersRun()).as_identity(stated, other)
            is_shorter = self._arrays_of(our_names) <= self._arrays_of(names)
            # `z_1 = W x` is a layer and no entry.
            is_whole = is_call(stated, "index") and isinstance(result.tree, Array)
            if not is_shorter or not our_figures <= figures or is_about or is_whole:
                return Agreement.UNKNOWN
            by_result = Agreement.DIFFERS
            if result.tree is not None and is_literal(result.tree):
                by_result = comparison.by_value(stated, result.tree)
            return min(by_result, comparison.by_value(stated, other))

        above = [each.tree for each in self.formulas_of(name, chain) if each.tree is not None]
        agreements = {agreement(*pair) for pair in itertools.product(above, formulas)}
        return agreements - {Agreement.UNKNOWN} == {Agreement.DIFFERS}

    def _arrays_of(self, names: Iterable[str]) -> set[str]:
        """Return names with the stated arrays for those that are entries of one."""
        places = {name: self.run.entry_place(name) for name in names}
        return {name if place is None else place[0] for name, place in places.items()}

    def formula_of(self, name: str) -> Node | None:
        """Return the one formula of a name, or that of each member of its family for it."""
        chain = self._of_its_family(name)
        return self.formulas.only(name) or (None if chain is None else chain.sides[1].tree)

    def _chain_with_formula(self, name: str) -> EquationChain | None:
        """Return the last chain with a formula of a name, or of each member of its family.

        What makes h' of h says what h is next.
        """
        after = self._formulas.get(f"{name}'")
        is_next = after is not None and any(
            name in names_in(side.tree) for side in after.sides[1:] if side.tree is not None
        )
        return self._formulas.get(name) or (after if is_next else self._of_its_family(name))

    def _chain_of_figures(self, name: str) -> EquationChain | None:
        """Return the chain with the formula that figures of a name have shown to be its own.

        Where `dL/dw = 2(w - 4)` stands above and w is 0.8, `g = 2(0.8 - 4)` is of that.
        """
        shown = [each.tree for each in self.formulas.of(name) if each.is_guess and each.tree]
        chains = (chain for other, chain in self._formulas.items() if shown and other != name)
        return next(
            (chain for chain in chains if any(side.tree in shown for side in chain.sides[1:])), None
        )

    def _of_its_family(self, name: str) -> EquationChain | None:
        """Return the formula of each member of a family for one of them; None where two have one.

        What stands further right may be of one member only. What it is made of has its own formula
        put in where it has no value: `w ← w - η ∂L/∂w` beside `∂L/∂w_ij = δ_j o_i`.
        """
        member = self._formula_of_member(name)
        if member is None:
            return None
        chain, tree = member
        unknown = {n for n in names_in(tree) if n != name and self.run.known_value(n) is None}
        inner = {n: each[1] for n in unknown if (each := self._formula_of_member(n)) is not None}
        tree = substitute(tree, inner)
        own = self.run.known_value(name)
        others = {n: self.run.known_value(n) for n in names_in(tree) if n != name}
        if name in names_in(tree) and own is not None and not own.is_given:
            worked = (k for n, k in others.items() if k and (self._is_slope(n) or not k.is_given))
            if any(each.line < own.line for each in worked):
                return None  # the member was updated since: the next step has others
        side = replace(chain.sides[1], readings=(tree,))
        return replace(chain, sides=(chain.sides[0], side))

    def _formula_of_member(self, name: str) -> tuple[EquationChain, Node] | None:
        """Return the chain that says what each member of a family is, with what one of them is.

        Of two, `δ_k` of the outputs and `δ_j` of what is hidden, it is the one whose names are
        known.
        """
        if not any(map(str.isdigit, name)):
            return None
        value_of_name = self.run.known_value
        candidates = [
            (chain, tree)
            for family, chain in self._formulas.items()
            if (general := chain.sides[1].tree) is not None
            if (
                tree := formula_of_member(name, family, general, value_of_name)
                or self._entry_of(name, family, general)
            )
            is not None
        ]
        if len(candidates) > 1:
            candidates = [
                each
                for each in candidates
                if all(value_of_name(n) for n in names_in(each[1]) if "(" not in n)
            ]
        return candidates[0] if len(candidates) == 1 else None

    def _entry_of(self, name: str, family: str, formula: Node) -> Node | None:
        """Return the entry that a name is of the array which a formula is worth: z2 of `z = W x`.

        None where nobody knows from which number its entries count.
        """
        entry = WRITTEN_ENTRY.fullmatch(name)
        if entry is None or entry[1] + entry[3] != family:
            return None
        digits, comparison = entry[2], self.comparison_in(self.run)
        arrays = comparison.values(formula, "printed")
        fitting = (each for each in arrays if len(shape_of(each)) == len(digits))
        places = [place for each in fitting for place in self.run.places_in(family, digits, each)]
        if len(places) != 1:
            return None
        numbers = (Number(str(at), Fraction(at), formula.start, formula.end) for at in places[0])
        return Call("index", (formula, *numbers), (), formula.start, formula.end)

    def is_another_rule(self, name: str, chain: EquationChain) -> bool:
        """Tell whether a chain works a name out otherwise than the one above, whatever the step."""
        definition, formula = self._formulas.get(name), chain.sides[1].tree
        above = None if definition is None else definition.sides[1].tree
        if above is None or formula is None:
            return False
        stems = {each: Name(stem_of(each)) for each in (*names_in(above), *names_in(formula))}
        return substitute(above, stems) != substitute(formula, stems)

    @cached_property
    def _first_by_name(self) -> Mapping[str, EquationChain]:
        """The first chain of each name that stands at the left."""
        heads = (
            (each.sides[0].tree, each)
            for each in reversed(self._statements)
            if isinstance(each, EquationChain)
        )
        return {head.id: chain for head, chain in heads if isinstance(head, Name)}

    @cached_property
    def updated_values(self) -> Mapping[str, Sequence[Node]]:
        """The figures that each name is updated to in this part, also further down."""
        results: dict[str, list[Node]] = {}
        for chain in self._statements:
            if not isinstance(chain, EquationChain):
                continue
            head, *others, result = (side.tree for side in chain.sides)
            name = head.id.rstrip("'") if isinstance(head, Name) else ""
            if result and is_literal(result) and any(t and name in names_in(t) for t in others):
                results.setdefault(name, []).append(result)
        return results

    def may_have_another_value(self, name: str, figures: Node, chain: EquationChain) -> bool:
        """Tell whether a name without a value here may be worth something else than these figures.

        The part above has said so, it is first said further down to be that, or it is an entry of
        an array that may count from 0: what the figures stand for cannot be known.
        """
        if self.run.known_value(name) is not None:
            return False
        comparison = self.comparison_in(self.run)
        value = comparison.stands_for(figures)
        above = None if self.before is None else self.before.known_value(name)
        if self.before is not None and above is not None:
            return not any(each.fits(value) for each in (above, *self.before.earlier(name)))
        entries = self.run.possible_entries(name)
        if entries:
            return not any(each.fits(value) for each in entries)
        steps = [comparison.value(each, "bounds") for each in self._formulas_at_steps(name)]
        if any(steps):
            return not any(each is None or do_meet(each, value) for each in steps)
        result = self.result_below(name, chain)
        return (
            result is not None
            and not do_meet(value, comparison.stands_for(result))
            and not self._are_trained_between(chain, self._first_by_name[name])
        )

    def result_below(self, name: str, chain: EquationChain) -> Node | None:
        """Return the figures that a name is first said to be further down than a chain.

        None for what an update makes of it.
        """
        first = self._first_by_name.get(name)
        if first is None or not first.is_certain or first.place <= chain.place:
            return None
        *others, result = (side.tree for side in first.sides[1:])
        is_update = any(each.relation == "←" for each in first.sides) or any(
            tree is not None and name in names_in(tree) for tree in others
        )
        return result if result is not None and is_literal(result) and not is_update else None

    def _are_trained_between(self, chain: EquationChain, later: EquationChain) -> bool:
        """Tell whether a parameter is worked out in between: what is later is of the next step."""
        between = (
            each
            for each in self._statements
            if isinstance(each, EquationChain) and chain.place < each.place < later.place
        )
        return any(
            isinstance(head := each.sides[0].tree, Name)
            and role_of(head.id) in TRAINED
            and (result := each.sides[1].tree) is not None
            and not is_literal(result)
            for each in between
        )

    def _formulas_at_steps(self, name: str) -> Iterator[Node]:
        """Yield what `g = 2w` says of g_2, which may be of w_2 and of w_1."""
        step = WRITTEN_ENTRY.fullmatch(name)
        formula = None if step is None else self.formulas.only(step[1] + step[3])
        if step is None or formula is None:
            return
        for at in (int(step[2]), int(step[2]) - 1):
            names = {each: Name(f"{each}{at}") for each in names_in(formula)}
            next_names = {n: new for n, new in names.items() if self.run.known_value(new.id)}
            yield substitute(formula, next_names)

    def is_in_run(
        self, values: Sequence[Value], spots: Sequence[Spot] = (), *, must_tell: bool = False
    ) -> bool:
        """Tell whether some quantities of the run, else any, have one of some values about now.

        Numbers that `must_tell` which they are meet none by chance.
        """
        if self.view is None:
            return True  # there is none
        return any(
            self.view.has_one_of(values, each, spots, must_tell=must_tell)
            for each in self._iterations_about
        )

    def is_block_of_run(self, value: Value) -> bool:
        """Tell whether the run has a matrix about now, or a block of a larger one."""
        view = self.view
        return view is not None and any(view.has_block(value, it) for it in self._iterations_about)

    @property
    def _iterations_about(self) -> tuple[int, ...]:
        """The iterations that a figure may be of: this one, and its neighbours."""
        return self.iteration, self.iteration + 1, self.iteration - 1

    def present_world(self) -> World:
        """Return what names are here: in the run, where there is one, else as stated."""
        if self.view is None:
            return self.own_world(self.run)
        return RunWorld(self.view, self.run, self.iteration, None, self.joined, self.batch)

    def defined_names(self, run: WritersRun) -> DefinedNames:
        """Return what names without a stated value are by their formulas."""
        return DefinedNames(run, self._formula_at)

    def _formula_at(self, name: str) -> HeadedFormula:
        formula, headings = self.formulas.headed(name)
        if formula is not None:
            return formula, headings
        is_derived, there = self._at_place(name)
        # A derivative that nobody states may be that of a part, clipped, or of a few samples: as
        # one of another section it confirms, and refutes nothing.
        return there, ELSEWHERE if is_derived else headings

    def _at_place(self, name: str) -> tuple[bool, Node | None]:
        """Return what a stated function `f(x)`, or `f'(x)`, is at another place: f(x0), f(2).

        With it stands whether it is the derivative of what is stated.
        """
        of, by = derivative_of(name) or ("", "")  # `∇f(x0)`
        applied = (f"{of}'", [by]) if of else function_and_inputs(name)
        stated = None if applied is None else self._function(applied[0], len(applied[1]))
        if applied is None or stated is None:
            return False, None
        is_derived, inputs, formula = stated
        return is_derived, formula_at(formula, dict(zip(inputs, applied[1], strict=True)))

    def _function(self, name: str, count: int) -> tuple[bool, Sequence[str], Node] | None:
        """Return the letters and the formula of a stated function, `f'` also where only f is.

        Before them stands whether it is the derivative of what is stated.
        """
        for family, chain in reversed(self._formulas.items()):
            stated, formula = function_and_inputs(family), chain.sides[1].tree
            if stated is None or stated[0] != name or formula is None:
                continue
            if len(stated[1]) == count and {*stated[1]} <= {*names_in(formula)}:
                return False, stated[1], formula
        is_slope = name[-1:] == "'" and count == 1
        function = self._function(name[:-1], count) if is_slope else None
        if function is None or not has_one_slope(function[2]):
            return None
        _, letters, formula = function
        slope = slope_formula(formula, letters[0])
        return None if slope is None else (True, letters, slope)

    def own_world(self, run: WritersRun) -> WritersWorld:
        """Return what the writer has stated of names, or says by their formulas."""
        return WritersWorld(run, self.defined_names(run))

    def values_of_names(self) -> Callable[[str], KnownValue | None]:
        """Return what a name is worth, or what was put in for it: it is a name, and no product."""
        known_value, put_in = self.present_world().known_value, self.run.put_in
        return lambda name: known_value(name) or next(iter(put_in.get(name, {}).values()), None)

    def with_figures_put_in(
        self, chain: EquationChain, worked: Set[Node | str], trees: Iterable[Node | None]
    ) -> PartState | None:
        """Return the state in which names have what right lines of a section have put in for them.

        So `(y - t)^2 = (0.8 - 1)^2` says what y and t are, where nothing else does. None where no
        name of the trees is one of these. What is worked out again is of another example, and in
        the next update only what is the same in all steps has the figure it had.
        """
        run, shown = self.run, {}
        names = {name for tree in trees if tree is not None for name in names_in(tree)}
        is_again = self.view is not None or not run.worked.isdisjoint(worked)
        for name in sorted(run.put_in.keys() & names if not is_again else ()):
            figures = [
                each
                for each in run.put_in[name].values()
                if each.line >= run.example_line
                and each.headings == chain.headings[: len(each.headings)]
            ]
            is_same = worked.isdisjoint(names) or role_of(name) in CONSTANT
            if is_same and len(figures) == 1 and run.known_value(name) is None:
                shown[name] = figures[0]
        if not shown:
            return None
        state = copy(self)
        vars(state).update(run=run.with_values(shown))
        return state

    def is_only_here(self, formulas: Sequence[Node], spot: Spot | None) -> bool:
        """Tell whether one of some formulas fails at other numbers than those of the run.

        Figures in it that are given values of the run may stand for these: `θ - 2` for θ - y.
        """
        if self.view is None or spot is None or not formulas or self.iteration > 1:
            return False
        view = self.view.perturbed
        reference = None if view is None else view.value(spot, 1)
        if view is None or reference is None:
            return False
        joined = JoinedNames()
        joined.turned.update(self.joined.turned)
        joined.own_names.update(
            {name: own for name, own in self.joined.own_names.items() if own.formula is not None}
        )
        comparison = self.comparison_in(RunWorld(view, WritersRun(), 1, spot, joined))
        zeros = [n for n, it in self.run.named_values() if {*entries_of(it.printed)} == {ZERO}]
        spots = (each for name in zeros for each in view.spots(name, is_target=False)[:1])
        noughts = [EPSILON, *(quantity for quantity, _ in spots)]
        return not all(
            any(
                comparison.with_reference(each, reference, is_rounded=False)
                is not Agreement.DIFFERS
                or is_without(noughts, each, spot, comparison, view)
                for each in _with_given_names(formula, self.view)
            )
            for formula in formulas
        )


def _names_of(formulas: Iterable[Node]) -> frozenset[str]:
    return frozenset(name for each in formulas for name in names_in(each))


def is_without(
    noughts: Collection[str],
    formula: Node,
    spot: Spot,
    comparison: SideComparison,
    view: RunView,
) -> bool:
    """Tell whether a formula is one of the run's without some names that show in no digit.

    Those are the ε of a root, and what the writer says is 0.
    """
    value, names = comparison.value(formula), set(noughts).difference(names_in(formula))
    return value is not None and any(
        (other := comparison.value(substitute(each, dict.fromkeys(names, NOUGHT)))) is not None
        and have_one_shape(value, other)
        and do_meet(value, other)
        for each in view.formulas(spot)
        if not names.isdisjoint(names_in(each))
    )


def _with_given_names(formula: Node, view: RunView) -> Iterator[Node]:
    """Yield a formula, then it with names of given numbers of the run for some of its figures."""
    yield formula
    names: dict[Fraction, list[Node]] = {}
    for name in view.data:
        known_value = view.value((name, ()), 1)
        if known_value is not None and isinstance(known_value.printed, Interval):
            node = negate(Name(name)) if known_value.printed.low < 0 else Name(name)
            names.setdefault(abs(known_value.printed.low), []).append(node)
    figures = [number for number in numbers_in(formula) if number.value in names]
    choices = [[number, *names[number.value]] for number in figures[:MOST_FIGURES]]
    for chosen in itertools.islice(itertools.product(*choices), 1, None):
        yield replace_parts(formula, zip(figures, chosen, strict=False))
