"""A traced run as documents are held against it: names, values, formulas, iterations.

A document's names are bound to the run's quantities (`binding`). It knows the conventions under
which it would be another run.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Final

from tracer.check.compare.bounded_values import KnownValue, Spot, entries_of, with_entries
from tracer.check.slips.roles import role_of
from tracer.check.trace.aliases import DIGITS, ENTRY, NUMBERED, derivative_of, family_of
from tracer.check.trace.binding import Names
from tracer.check.trace.figures_in_run import figures_of
from tracer.check.trace.run_tracks import RunTracks
from tracer.errors import RunError, ScenarioError, TracerError, UnknownNameError, nearest
from tracer.expression import parse_program, render
from tracer.expression.syntax import Assignment, Call, Name, Node, walk
from tracer.frozen import replace
from tracer.intervals import MASKED, Interval, Value
from tracer.narrative.program_notation import notation_of
from tracer.narrative.textbook_blocks import textbook_for
from tracer.operations import Shape, Term, bound, replace_names, vocabulary
from tracer.operations.array_shape import nested
from tracer.program.elements import Elements, UnknownInteger, public_form
from tracer.program.given_array import GivenArray
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.overrides import toml_of
from tracer.program.program import Program, names_in
from tracer.program.scenario import Scenario, bundled, load
from tracer.run.exact import Exact, given_fractions
from tracer.run.memory import BUDGET_BYTES
from tracer.run.runner import run_scenario
from tracer.run.trace import Trace
from tracer.sentences import Sentence, say

SEED: Final = 20  # the same numbers for each check of the same document
LOWEST, HIGHEST = 0.3, 1.7  # positive, so that logarithms and roots of data stay defined
MOST_REDRAWN: Final = 400  # of all given values; larger scenarios are not run a second time
MOST_VALUES: Final = 4096  # entries of an array whose value is given
MOST_ITERATIONS: Final = 1000  # to which a run is extended
MOST_KEPT: Final = 2000  # values that are kept
MOST_SAMPLES: Final = 8  # of a batch, that a document goes through one by one
MOST_EXACT: Final = 300  # entries of all quantities, of a run that is worked out in fractions
MOST_EXACT_ITERATIONS: Final = 100
RELATIVE: Final = {"float64": Fraction(1, 10**12), "float32": Fraction(1, 10**5)}
ABSOLUTE: Final = {"float64": Fraction(1, 10**15), "float32": Fraction(1, 10**7)}
"""What the type leaves where terms of size 1 cancel, `1 - tanh(4)`."""
HALVED: Final = say("Here the loss has a factor ½; declare it in [network] equations.")
WHOLE: Final = say("Here the loss has no factor ½; declare it in [network] equations.")
SUMMED: Final = say("Here the loss is a sum, not a mean; declare it in [network] equations.")
MEAN: Final = say("Here the loss is a mean, not a sum; declare it in [network] equations.")
TURNED: Final = say(
    "Here gradients have the opposite sign (target minus prediction), so the "
    "update adds them; declare that rule in [training.update]."
)
OTHER_LOSSES: Final[Mapping[str, Mapping[str, Sentence]]] = {  # by the loss's operation
    "mse": {
        "mse({} / 2": HALVED,
        "squared_error({}": SUMMED,
        "half_squared_error({}": say("{first} {second}", first=SUMMED, second=HALVED),
    },
    "half_squared_error": {
        "squared_error({}": WHOLE,
        "mse({}": say("{first} {second}", first=MEAN, second=WHOLE),
        "mse({} / 2": MEAN,
    },
    "squared_error": {
        "half_squared_error({}": HALVED,
        "mse({}": MEAN,
        "mse({} / 2": say("{first} {second}", first=MEAN, second=HALVED),
    },
    "mean": {"sum({}": SUMMED},
    "sum": {"mean({}": MEAN},
}
NO_RULE: Final = MappingProxyType[str, Any]({})
RULE: Final = ("optimizer", "update", "settings")
"""What of a scenario's training says by which rule it updates."""
MOMENTUM: Final = {
    "momentum * v + (1 - momentum) * g | w - learning_rate * v'": say(
        "Here momentum is a running mean, v ← βv + (1 − β)g; declare it in [training.update]."
    ),
    "momentum * v + learning_rate * g | w - v'": say(
        "Here the velocity has the learning rate in it, v ← βv + ηg and w ← w − v; declare "
        "it in [training.update]."
    ),
    "momentum * v - learning_rate * g | w + v'": say(
        "Here the velocity points downhill, v ← βv − ηg and w ← w + v; declare it in "
        "[training.update]."
    ),
}


def redrawn_settings(scenario: Scenario, program: Program) -> Sequence[str]:
    """Return the settings that give a scenario random values; () where it has too many.

    Labels and ids stay, and so do signs. So do targets of zeros and ones, or of probabilities,
    which are labels too: data that nothing but the loss is computed from.
    """
    tables = {
        "data": scenario.data,
        "parameters": scenario.parameters,
        "constants": scenario.constants,
    }
    count = sum(math.prod(array.shape) for table in tables.values() for array in table.values())
    if count > MOST_REDRAWN:
        return ()
    source = random.Random(SEED)
    return [
        f"{table}.{name}={toml_of(nested(_drawn_again(array, source), array.shape))}"
        for table, entries in tables.items()
        for name, array in entries.items()
        if not _is_label(program, name, array)
    ]


def _drawn_again(given: GivenArray, source: random.Random) -> Sequence[float]:
    return [
        math.copysign(round(source.uniform(LOWEST, HIGHEST), 3), entry) for entry in given.floats()
    ]


def _is_label(program: Program, name: str, given: GivenArray) -> bool:
    """Tell whether a value is a label or an id, which has to stay what it is."""
    item = program.inputs.get(name)
    if item is None or item.integer:
        return True
    if item.kind != "data" or not (set(given.floats()) <= {0.0, 1.0} or given.holds_shares):
        return False
    expressions = {each.name: each.expression for each in program.equations}
    ends = [each.name for each in program.equations if each.phase in ("loss", "update")]
    leading = {*ends}  # what the loss and the updates are made of: nothing else is trained by it
    while ends:
        below = {*names_in(expressions[ends.pop()])} & expressions.keys() - leading
        leading |= below
        ends += below
    used = {each for each in leading if name in names_in(expressions[each])}
    forward = {each.name for each in program.equations if each.phase == "forward"}
    names = set() if program.loss is None else {*names_in(expressions[program.loss])}
    return used & forward <= names  # nothing before the loss, but what it reads, as an error


class TracedView:
    """A run, asked by written names. Iterations count from 1.

    Two conventions of writers are answered without another run: `turned` gradients point downhill,
    and an update adds them; subscripts of a family may count from 0. `names_of_run` say what
    written names mean, a writer's own among them. `data` are the names of the scenario's data,
    `names` all that the program has, and `carried` says what each parameter and state is called
    after its update; `variant` is the scenario's, '' without one.
    """

    def __init__(
        self, trace: Trace, *, turned: bool = False, names_of_run: Names | None = None
    ) -> None:
        self.trace = trace
        self.own_iterations = len(trace)  # those of the scenario, however far the run is extended
        self.turned = turned
        built = trace.segments[0].built
        self.program = built.program
        self._names: Final = names_of_run or Names(trace.scenario, built)
        self.names: Final[Collection[str]] = self._names.known.keys()
        self.scenario: Final = trace.scenario.name
        self.variant: Final = trace.scenario.variant_name
        self.data: Final[Collection[str]] = trace.scenario.data.keys()
        self.carried: Final = built.program.carried
        self._phases = {item.name: item.phase for item in self.program.equations}
        self._exact = _small_exact(trace)
        self._fractions: Final = lru_cache(MOST_KEPT)(self._fractions_of)
        self.value: Final = lru_cache(MOST_KEPT)(self._value_of)

    @property
    def iterations(self) -> int:
        """How many iterations were traced."""
        return len(self.trace)

    # Names

    def named_as_by(self, names: Iterable[str], computed: Iterable[str]) -> TracedView:
        """Return the run with families counted from 0 where a writer's first member is `z[0]`.

        What the writer `computed` is not the run's data, whatever it is called: `h_t` beside h. Nor
        is it the loss, where another one goes by the loss's own name: `loss` of a sample beside J.
        """
        spots = {name: self.spots(name, is_target=False) for name in (*names, *computed)}
        meant = {name: spots[name][0][0] for name in computed if spots[name]}
        own: dict[str, Sequence[Spot]] = {
            name: ()
            for name, quantity in meant.items()
            if quantity in {*self.data, *({self.program.loss} & meant.keys())} - {name}
        }
        families = {*filter(None, map(family_of, own))}
        own |= {name: () for name in spots if family_of(name) in families}  # y_2 beside y_1
        own |= self._names.entries_of_members(spots)
        written = {*names}
        for match in filter(None, map(NUMBERED.fullmatch, names)):
            before, place, behind = match.groups()
            if written.isdisjoint(f"{before}{at}{behind}" for at in DIGITS if at != "0"):
                continue  # alone it counts nothing: b0 beside b
            _, by = derivative_of(match[0]) or ("", "")  # by h₀, of which the run has no gradient
            if place == "0" and not (spots[match[0]] or self.spots(by, is_target=False)):
                members = [self.spots(f"{before}{at}{behind}", is_target=False) for at in DIGITS]
                own |= {
                    f"{before}{at}{behind}": each
                    for at, each in zip(DIGITS, members[1:], strict=False)
                }
        return self.with_own_names(own) if own else self

    def with_gradients_by(self, names: Iterable[str]) -> TracedView:
        """Return the run with its gradients by the given numbers that some names derive by.

        Nobody derives by a target; who writes so calls the prediction by its name.
        """
        below = {
            spot[0]
            for _, variable in filter(None, map(derivative_of, names))
            for spot in self.spots(variable, is_target=False)[:1]
            if self.kind(spot) in ("data", "constant") and role_of(spot[0]) != "target"
            if not self.program.inputs[spot[0]].integer
        }
        return (self.rerun((), derived_by=sorted(below)) if below else None) or self

    def with_own_names(self, own_names: Mapping[str, Sequence[Spot]]) -> TracedView:
        """Return the run in which names of a writer's own mean quantities besides."""
        return self._named_otherwise(lambda view: view._names.with_own_names(own_names))

    @property
    def first_entry(self) -> int:
        """The number of the first entry of an array in brackets, `z[0]` or `z[1]`."""
        return self._names.first_entry

    def with_entries_from_one(self) -> TracedView:
        """Return the run in which the first entry of an array is `z[1]`."""
        return self._named_otherwise(lambda view: view._names.with_entries_from_one())

    def _named_otherwise(self, named: Callable[[TracedView], Names]) -> TracedView:
        other = TracedView(self.trace, turned=self.turned, names_of_run=named(self))
        other.own_iterations = self.own_iterations
        if "perturbed" in vars(self):  # it is run once
            beside = self.perturbed
            other.perturbed = None if beside is None else beside._named_otherwise(named)
        return other

    def whole_spots(self) -> Iterator[Spot]:
        """Yield all quantities, none by its entries."""
        return ((name, ()) for name in self.names)

    def all_spots(self) -> Iterator[Spot]:
        """Yield all quantities, each as a whole and then by its entries."""
        shapes = self.trace.segments[0].built.shapes
        for name in self.names:
            yield name, ()
            yield from ((name, at) for at in itertools.product(*map(range, shapes[name])) if at)

    def spots(self, written: str | Node, *, is_target: bool) -> tuple[Spot, ...]:
        """Return the quantities that a written name may mean, the likeliest first; () if none.

        Each is a canonical name with the index of an entry (from 0; fewer indices than axes are a
        row, () is all of it). In a target `w` means the value after the update, then the one
        before; elsewhere the one before. Give the tree where there is one: it says more.
        """
        return self._names.spots_of(written, is_target)

    def given(self, quantity: str, iteration: int = 1) -> bool:
        """Tell whether a quantity is data, a constant, a setting or a parameter's first value."""
        is_carried = quantity in self.program.carried
        return iteration <= 1 if is_carried else quantity in self.program.inputs

    def is_given(self, name: str) -> bool:
        """Tell whether a name is data, a parameter or a setting."""
        spots = self.spots(name, is_target=False)
        return bool(spots) and self.given(spots[0][0])

    @property
    def unnamed(self) -> Collection[str]:
        """The names of values that the scenario has none for, and of their gradients."""
        return self._names.unnamed

    def has(self, name: str) -> bool:
        """Tell whether a name, or the array whose entry it is, is spelled as the run's own is."""
        return self._names.has(name)

    def kind(self, spot: Spot) -> str:
        """Return what kind of input a quantity is, data, setting or (an optimizer's) state."""
        item = self.program.inputs.get(spot[0])
        return "" if item is None else item.kind

    @cached_property
    def labels(self) -> Set[int]:
        """The classes and places that are among the data."""
        labels = (name for name, item in self.program.inputs.items() if item.integer)
        values = (value for name in labels if (value := self.value((name, ()), 1)) is not None)
        return {int(entry.low) for value in values for entry in entries_of(value.printed)}

    @cached_property
    def operations(self) -> Set[str]:
        """The operations in the formulas of the program."""
        return {
            name for each in self.program.equations for name in each.expression.content.operations
        }

    @cached_property
    def kinds_of_an_iteration(self) -> Collection[str]:
        """The kinds of inputs that each iteration has of its own: counters, and data in batches."""
        training = self.trace.scenario.training
        return ("counter", "data") if training and training.batch_size else ("counter",)

    def iteration_of(
        self, *, epoch: int | None = None, sample: int | None = None, first: int = 1
    ) -> int:
        """Return the first iteration of an epoch, or that sees one sample alone; 0 if none does.

        It is looked for from the iteration `first` on; samples count from 0, epochs from 1.
        """
        for number in range(first, self.iterations + 1):
            ran = self.trace.iteration(number)
            if epoch in (None, ran.epoch) and (sample is None or ran.samples == (sample,)):
                return number
        return 0

    def rest_of_epoch(self, iteration: int) -> Sequence[int]:
        """Return the iterations behind one in its epoch, as far as they are looked for."""
        training = self.trace.scenario.training
        if training is None or not training.batch_size or not self.extend_to(iteration):
            return ()
        epoch = self.trace.iteration(iteration).epoch
        later = range(iteration + 1, iteration + 1 + MOST_SAMPLES)
        traced = itertools.takewhile(self.extend_to, later)
        return [at for at in traced if self.trace.iteration(at).epoch == epoch]

    @cached_property
    def tracks(self) -> RunTracks:
        """The rows of numbers that it has."""
        return RunTracks(self.trace)

    @cached_property
    def has_steps(self) -> bool:
        """Whether quantities go on from step to step within an iteration: `h[1]`, `h[2]`."""
        return any(map(ENTRY.fullmatch, self.names))

    def step_of(self, name: str) -> tuple[str, int] | None:
        """Return the name and the step of a quantity whose index is time, `m_1` or `v_hat_2`.

        That is where an optimizer's quantity is a single number, which has no entry to name.
        """
        if not name.rstrip("'])")[-1:].isdecimal():  # asked of every name, and few have a number
            return None
        match = NUMBERED.fullmatch(name)
        if match is None or match[3].endswith("'"):
            return None
        base = match[1].rstrip("_[^(")
        spots = self.spots(base, is_target=False)
        if not spots or not (self.kind(spots[0]) == "state" or self.phase(spots[0]) == "update"):
            return None
        others = self.spots(name, is_target=False)
        is_other = bool(others) and others[0] != spots[0]
        return None if is_other else (base, int(match[2]))

    def has_one_of(
        self,
        values: Iterable[Value],
        iteration: int,
        spots: Iterable[Spot] = (),
        *,
        must_tell: bool = False,
    ) -> bool:
        """Tell whether some quantities, else any, have one of some values, or parts of formulas.

        Gradients of a run that is turned have the other sign.
        """
        if not 1 <= iteration <= self.iterations:
            return False
        figures = figures_of(self.trace, iteration, tuple(spots))
        return any(
            figures.have(each, must_tell=must_tell)
            or (
                self.turned
                and figures.have(with_entries(each, lambda entry: -entry), must_tell=must_tell)
            )
            for each in values
        )

    def has_block(self, value: Value, iteration: int) -> bool:
        """Tell whether a matrix of an iteration, or a block of one, is within some bounds."""
        is_there = 1 <= iteration <= self.iterations
        return is_there and figures_of(self.trace, iteration, ()).have_block(value)

    def is_trained(self, spot: Spot) -> bool:
        """Tell whether a quantity is a parameter, its gradient or its update."""
        by = derivative_of(spot[0])
        name = by[1] if by else spot[0]
        return self.kind((name, ())) == "parameter" or self.phase(spot) == "update"

    def is_all_trained(self, spots: Collection[Spot]) -> bool:
        """Tell whether some quantities, or their entries together, are all that is trained."""
        shapes = self.trace.segments[0].built.shapes
        entries = Counter(name for name, index in spots if len(index) == len(shapes[name]))
        return bool(spots) and all(
            (name, ()) in spots or entries[name] == math.prod(shapes[name])
            for name in self.program.parameters
            if name in self.carried
        )

    def phase(self, spot: Spot) -> str:
        """Return forward, loss, backward, update or given."""
        phase = self._phases.get(spot[0], "given")
        return "loss" if phase == "metric" else str(phase)

    # Values

    def _value_of(self, spot: Spot, iteration: int) -> KnownValue | None:
        """Return what a quantity is in an iteration; None where it has no value there."""
        value = self.bounds(spot, iteration) if self.extend_to(iteration) else None
        is_given = self.given(spot[0], iteration)
        return None if value is None else KnownValue(value, value, value, is_given, 0)

    def bounds(self, spot: Spot, iteration: int) -> Value | None:
        """Return what a quantity, an entry or a row is in an iteration that was traced.

        It is exact where the program makes fractions of what the scenario writes; else an interval
        round the float, 1e-12 of it to each side (1e-5 for float32). Arrays are nested tuples, up
        to 4,096 entries. None where there is no such value, or it is not finite.
        """
        name, index = spot
        if not 1 <= iteration <= len(self.trace):
            return None
        ran = self.trace.iteration(iteration)
        sign = -1 if self.turned and self._phases.get(name) == "backward" else 1
        try:
            shape = ran.shape(name)
            part = _part_of(shape, index)
            if part is None or part.stop - part.start > MOST_VALUES:
                return None
            exact = self._fractions(name, iteration) if math.prod(shape) <= MOST_VALUES else None
            floats = [] if exact is not None else [*map(float, ran.entries(name)[part])]
        except (KeyError, RunError, UnknownNameError):
            return None
        if not all(math.isfinite(entry) or entry == -math.inf for entry in floats):
            return None
        dtype = self.trace.scenario.dtype
        entries = [_bounds_around(sign * entry, dtype) for entry in floats]
        entries += [Interval(sign * entry) for entry in ([] if exact is None else exact[part])]
        value: Value = nested(entries, shape[len(index) :])
        return value

    def _fractions_of(self, name: str, iteration: int) -> Sequence[Fraction] | None:
        """Return the entries of a quantity where the program makes fractions of them."""
        if self._exact is not None and iteration <= MOST_EXACT_ITERATIONS:
            return self._exact.entries(name, iteration)
        return given_fractions(name, self.trace.iteration(iteration))

    # Formulas

    def formulas(self, spot: Spot) -> Sequence[Node]:
        """Return the ways to compute a quantity, over canonical names, the shortest first.

        The traced equation, with gradients of values that have no name, and without; the same with
        the gradients in it put in, one step and through to the data; with forward quantities put
        in. Entries are written out as scalars over entries (`W[0, 1]`). At most 6 trees, each of
        fewer than 400 parts; () for what is given, and for a run that is `turned`, whose formulas
        are others.
        """
        return () if self.turned else self._formulas.of(*spot)

    def printed_formula(self, quantity: str) -> str:
        """Return the formula of a quantity as tracer prints it, in LaTeX; nothing without one."""
        equations = (item for item in self.program.equations if item.name == quantity)
        equation = None if self.turned else next(equations, None)
        if equation is None:
            return ""
        tree = textbook_for(self.trace.segments[0].built).expression(equation.expression)
        return render(tree, "latex", vocabulary=vocabulary(), notation=notation_of(self.trace))

    @cached_property
    def _formulas(self) -> Formulas:
        return Formulas(self.trace)

    # Other runs

    @property
    def other_variants(self) -> Sequence[str]:
        """The scenario's other variants, and '' for the scenario without one."""
        scenario = self.trace.scenario
        names = ("", *(each.name for each in scenario.variants))
        is_saved = scenario.file_numbers is not None  # such a one has the numbers of its run alone
        return [] if is_saved else [name for name in names if name != self.variant]

    def as_variant(self, name: str) -> TracedView | None:
        """Return the run of another variant; None where it cannot be run."""
        return self._run_of(self.trace.scenario.variant(name))

    def alternatives(self) -> Iterator[tuple[Sentence, TracedView]]:
        """Yield the run under each convention that makes a difference, with what is said of it.

        Half the square or the whole one, the sum or the mean, the error turned round, other forms
        of momentum: none of these is a slip. Single ones come first, then the turned error under
        another factor of the loss. A changed scenario that cannot be run is left out.
        """
        factors = list(_views_by_loss_factor(self))
        yield from factors
        yield from _views_by_momentum(self)
        training = self.trace.scenario.training
        if training and training.optimizer == "sgd" and not training.settings:
            yield TURNED, self.as_turned()
            for words, other in factors:
                both = say("{first} {second}", first=TURNED, second=words)
                yield both, other.as_turned()

    def of_samples(self, iteration: int) -> Iterator[TracedView]:
        """Yield the run of each sample alone, with the parameters of the batch in an iteration.

        There is none where the samples are not all used at once.
        """
        scenario = self.trace.scenario
        training, sizes = scenario.training, {each.shape[:1] for each in scenario.data.values()}
        chosen = training and (training.sample, training.samples, training.batch_size)
        if chosen != (None, None, None) or len(sizes) != 1 or not self.extend_to(iteration):
            return
        ran, settings = self.trace.iteration(iteration), ["training.iterations=1"]
        for name in scenario.parameters:
            values = nested([*map(float, ran.entries(name))], ran.shape(name))
            settings.append(f"parameters.{name}={toml_of(values)}")
        for place in range(min(math.prod(sizes.pop()), MOST_SAMPLES)):
            alone = self.rerun([f"training.sample={place}", *settings])
            if alone is not None:  # its names are not those of the batch
                yield TracedView(alone.trace, turned=self.turned)

    def as_turned(self) -> TracedView:
        """Return the run with gradients that point downhill."""
        return TracedView(self.trace, turned=True, names_of_run=self._names)

    def rerun(
        self,
        settings: Sequence[str],
        *,
        rule: Mapping[str, Any] = NO_RULE,
        derived_by: Iterable[str] = (),
        names: Names | None = None,
    ) -> TracedView | None:
        """Return the run of the scenario with other settings, recorded alike; None without one.

        Its update is by the same rule, whatever the scenario's text says, or by another `rule`:
        fields of its training. Where nothing else is computed, `names` may be those of this run.
        """
        before = self.trace.scenario
        with suppress(TracerError):
            scenario = before.with_overrides(settings)
            scenario = replace(scenario, derived_by=(*before.derived_by, *derived_by))
            if scenario.training is not None and before.training is not None:
                same = {name: getattr(before.training, name) for name in RULE}
                training = replace(scenario.training, **{**same, **rule})
                scenario = replace(scenario, training=training)
            return self._run_of(scenario, names)
        return None

    def _run_of(self, scenario: Scenario, names: Names | None = None) -> TracedView | None:
        """Return the run of another scenario as this one reads and records it, if it has one."""
        with suppress(TracerError):
            trace = run_scenario(scenario, record=self.trace.record, budget=self.trace.budget)
            if trace.segments:
                own = Names(scenario, trace.segments[0].built)
                own.own_names, own.first_entry = self._names.own_names, self._names.first_entry
                return TracedView(trace, turned=self.turned, names_of_run=names or own)
        return None

    @cached_property
    def perturbed(self) -> TracedView | None:
        """Return one iteration at other given values; None where it has none."""
        settings = redrawn_settings(self.trace.scenario, self.program)
        once = [*settings, "training.iterations=1"]
        return self.rerun(once, names=self._names) if settings else None

    def extend_to(self, iterations: int) -> bool:
        """Trace more iterations, up to 1,000; tell whether there are that many now."""
        if iterations <= self.iterations:
            return iterations > 0
        is_untrained = self.trace.scenario.training is None
        if is_untrained or self.trace.stopped or self.trace.fault or iterations > MOST_ITERATIONS:
            return False
        longer = self.rerun([f"training.iterations={iterations}"], names=self._names)
        if longer is None:
            return False
        self.trace, self._exact = longer.trace, longer._exact
        return len(self.trace) >= iterations


def _small_exact(trace: Trace) -> Exact | None:
    """Return the run in fractions, where it is small and no order is drawn."""
    training = trace.scenario.training
    if training is not None and training.shuffle:
        return None
    shapes = trace.segments[0].built.shapes
    names = [*trace.program.inputs, *(item.name for item in trace.program.equations)]
    if len(names) > MOST_EXACT or sum(math.prod(shapes[name]) for name in names) > MOST_EXACT:
        return None
    return Exact(trace)


def _part_of(shape: Shape, index: Shape) -> slice | None:
    """Return where an entry, a row or all of an array stands among its entries; None: nowhere."""
    if len(index) > len(shape):
        return None
    start, size = 0, math.prod(shape)
    for place, length in zip(index, shape, strict=False):
        if not 0 <= place < length:
            return None
        size //= length
        start += place * size
    return slice(start, start + size)


def _bounds_around(value: float, dtype: str) -> Interval:
    """Return bounds for the exact value of what was computed in floating point, or masked."""
    if value == -math.inf:
        return MASKED
    centre = Fraction(value)
    half = abs(centre) * RELATIVE[dtype]
    if value:
        half += ABSOLUTE[dtype]  # what cancelled in a difference
    return Interval(centre - half, centre + half)


def scenario_view(
    name: str,
    settings: Sequence[str] = (),
    variant: str = "",
    *,
    memory: int | None = None,
    bundled_only: bool = False,
) -> TracedView:
    """Run a scenario, or a variant of it, within so many bytes; a document names bundled ones only.

    Raises TracerError where it cannot be loaded or run.
    """
    if bundled_only and name not in bundled():
        raise ScenarioError(
            say("a document can name bundled scenarios only"),
            found=name,
            expected=nearest(name, bundled()) or say("one that `tracer list` shows"),
        )
    scenario = load(name, settings=settings)
    scenario = scenario.variant(variant) if variant else scenario
    budget = BUDGET_BYTES if memory is None else memory
    return TracedView(run_scenario(scenario, budget=budget))


# The factor of the loss


def _views_by_loss_factor(traced: TracedView) -> Iterator[tuple[Sentence, TracedView]]:
    """Yield the run with half the loss, twice the loss, the sum for the mean or the reverse."""
    scenario = traced.trace.scenario
    place = _loss_place(scenario, traced.program.loss)
    if place is None:
        return
    begin, end, operation = place
    for other, words in _other_losses(scenario.equations[begin:end], operation):
        equations = scenario.equations[:begin] + other + scenario.equations[end:]
        changed = traced.rerun([f"network.equations={toml_of(equations)}"])
        if changed is not None:
            yield words, changed


def _other_losses(formula: str, operation: str) -> Iterator[tuple[str, Sentence]]:
    """Yield formulas for a loss with another factor, the likeliest first."""
    is_square = "**2" in formula.replace(" ", "") or "square" in formula
    if is_square and operation not in ("mse", "half_squared_error", "squared_error"):
        is_half = any(half in formula for half in ("/ 2", "/2", "0.5"))
        yield (f"2 * ({formula})", WHOLE) if is_half else (f"({formula}) / 2", HALVED)
    for other, words in OTHER_LOSSES.get(operation, {}).items():
        yield other.format(formula.partition("(")[2]), words


def _loss_place(scenario: Scenario, loss: str | None) -> tuple[int, int, str] | None:
    """Return where the formula of the loss stands in the equations, and its last operation.

    None where a loop has it.
    """
    text = scenario.equations
    try:
        statements = parse_program(text, vocabulary=vocabulary())
    except TracerError:
        return None
    for statement in statements:
        if isinstance(statement, Assignment) and statement.target == Name(loss or ""):
            begin = text.index("=", statement.target.end) + 1
            end = text.find("\n", statement.value.end)
            formula = text[begin : len(text) if end < 0 else end].partition("#")[0]
            begin += len(formula) - len(formula.lstrip())
            return begin, begin + len(formula.strip()), getattr(statement.value, "operation", "")
    return None


# What is trained, and how


def _views_by_momentum(traced: TracedView) -> Iterator[tuple[Sentence, TracedView]]:
    """Yield the run with other definitions of momentum."""
    training = traced.trace.scenario.training
    if training is None or training.optimizer != "momentum" or "weight_decay" in training.settings:
        return
    velocity = "velocity" if "v" in traced.program.parameters else "v"
    for formulas, words in MOMENTUM.items():
        first, second = formulas.replace("v", velocity).replace("w ", "parameter ").split(" | ")
        equations = f"{velocity}' = {first}\nparameter' = {second}"
        defaults = OPTIMIZERS["momentum"].defaults.items()
        settings = {name: Fraction(text) for name, text in defaults} | {**training.settings}
        rule = {"optimizer": "", "update": equations, "settings": settings}
        changed = traced.rerun((), rule=rule)
        if changed is not None:
            yield words, changed


MOST_PARTS: Final = 400
MOST_FORMULAS: Final = 6


class Formulas:
    """The formulas of one program."""

    def __init__(self, trace: Trace) -> None:
        built = trace.segments[0].built
        self._program = built.program
        self._shapes = built.shapes
        self._equations = {
            item.name: item for item in self._program.equations if item.phase != "metric"
        }
        self._expressions = {name: item.expression for name, item in self._equations.items()}
        self._elements = Elements(built.shapes)
        self._wholes: Final = cache(lambda name: dict.fromkeys(self._put_together(name)))
        self.of: Final = lru_cache(MOST_KEPT)(self._formulas_of)

    def _formulas_of(self, name: str, index: Shape) -> Sequence[Node]:
        """Return the formulas of a quantity or of one of its entries."""
        if name not in self._equations:
            return ()
        trees = [] if index else list(self._wholes(name))
        if len(index) == len(self._shapes[name]):
            trees += filter(None, (self._entry(node, index) for node in self._wholes(name)))
        sized = {tree: sum(1 for _ in walk(tree)) for tree in trees}
        few = sorted((tree for tree in sized if sized[tree] < MOST_PARTS), key=sized.__getitem__)
        return tuple(few[:MOST_FORMULAS])

    def _entry(self, node: Node, index: Shape) -> Node | None:
        """Return one entry of an expression written out; None where it is too long."""
        try:
            if self._length(node) > MOST_PARTS:
                return None
            return public_form(self._elements.entry(node, index).node)
        except (UnknownInteger, TracerError, KeyError):
            return None

    def _length(self, node: Node) -> int:
        """Estimate the parts of one entry written out: each sum multiplies what is under it."""
        if not isinstance(node, Call):
            return 1
        row, operands, _ = bound(node)
        below = sum(map(self._length, operands))
        if row.elementwise or row.view or not operands:
            return 1 + below
        shapes = [self._shapes.of(operand) for operand in operands]
        size = max(1, math.prod(self._shapes.of(node)))
        longest = max(shape[-1] if shape else 1 for shape in shapes)
        return 1 + below * max(longest, *(math.prod(shape) // size for shape in shapes))

    # Whole equations

    def _put_together(self, name: str) -> Iterator[Node]:
        """Yield the equation, then the equation with more and more quantities put in."""
        forward = self._in_phases("forward")
        gradients = self._in_phases("backward")
        parts = {
            name
            for name, item in self._equations.items()
            if (item.base and item.phase != "update") or "#" in name
        }
        try:
            # Gradients of values without a name are often named by a writer: δ.
            yield self._with(self._expressions[name], parts - gradients, deep=True)
            whole = self._with(self._expressions[name], parts, deep=True)
            yield whole
            yield self._with(self._with(whole, gradients, deep=False), parts, deep=True)
            chain = self._with(whole, parts | gradients, deep=True)
            yield chain
            yield self._with(whole, forward, deep=False)
            yield self._with(chain, forward, deep=False)
        except TracerError:  # a shape or a size that cannot be written in one expression
            return

    def _in_phases(self, *phases: str) -> set[str]:
        return {name for name, item in self._equations.items() if item.phase in phases}

    def _with(self, node: Node, names: Collection[str], *, deep: bool) -> Node:
        """Return an expression with these quantities put in, through to others where `deep`."""
        terms: dict[str, Term] = {}

        def term(name: str) -> Term:
            if name not in terms:
                inner: Mapping[str, Term] = {}
                if deep:
                    used = dict.fromkeys(names_in(self._expressions[name]))
                    inner = {item: term(item) for item in used if item in names}
                terms[name] = replace_names(self._expressions[name], self._shapes.of, inner)
                if sum(1 for _ in walk(terms[name].node)) >= MOST_PARTS:
                    terms[name] = Term(Name(name), self._shapes[name])
            return terms[name]

        substitutes = {name: term(name) for name in dict.fromkeys(names_in(node)) if name in names}
        return replace_names(node, self._shapes.of, substitutes).node if substitutes else node
