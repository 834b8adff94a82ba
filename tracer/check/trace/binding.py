"""Which quantity of a program a written name means.

Each quantity is known by its own name, by what the reader's notation shows for it (read back by
the parser, as a document is), and by the aliases that the program gives a meaning: L is the loss,
ŷ what the loss compares with the data, w₁₂ an entry of w, dw the gradient of the loss.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

from tracer.check.compare.bounded_values import Spot
from tracer.check.trace.aliases import (
    ENTRY,
    SUPERSCRIPT,
    derivative_of,
    is_loss,
    is_of_part,
    key_of,
    name_of,
    opaque_name,
    quantity_key,
)
from tracer.errors import TracerError
from tracer.expression import Dialect, parse, render
from tracer.expression.syntax import Call, Name, Node
from tracer.lazy_regex import lazy_regex
from tracer.narrative.program_notation import notation_for
from tracer.narrative.textbook_blocks import textbook_for
from tracer.operations import Shape, vocabulary
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import BuiltProgram, Equation, names_in
from tracer.program.scenario import Scenario

MOST_DEPTH: Final = 6  # marks that are taken off one name
MOST_LENGTH: Final = 100  # of a name that is looked into
MOST_KEPT: Final = 10_000  # names whose meanings are kept
_NUMBERED: Final = lazy_regex(r"([^\W\d]\w*\d)(_\d+)")
_MEMBER_ENTRY: Final = lazy_regex(r"(.+?)_?(\d+)\^\((\d+)\)")
_DIGITS: Final = lazy_regex(r"(.*?[^\W\d_])((?:_\d+)+|\d+)")
_INDICES: Final = {  # a letter for a step or a sample, and what the name then is
    **dict.fromkeys(("_t", "[t]"), "now"),
    **dict.fromkeys(("[t - 1]", "[k - 1]"), "before"),
    **dict.fromkeys(("_i", "_n", "[i]", "[n]"), "each"),
}
_LOSSES: Final = frozenset(
    (
        *("error_total", "损失"),
        *(
            f"{loss}_{part}"
            for loss in ("l", "j", "e", "c", "loss", "cost")
            for part in ("total", "mse", "ce", "bce", "nll", "train", "sum", "all")
        ),
    )
)
_MEASURES: Final = {  # losses by name: the operations of which one has to stand in theirs
    "mse": ("mse", "half_mse", "mean", "power", "square", "squared_error"),
    "mae": ("mae", "abs"),
    "sse": ("sum", "squared_error", "half_squared_error"),
    "rss": ("sum", "squared_error", "half_squared_error"),
    "bce": ("bce", "log"),
    "ce": ("cross_entropy", "bce", "log"),
    "crossentropy": ("cross_entropy", "bce", "log"),
    "cross_entropy": ("cross_entropy", "bce", "log"),
    "nll": ("nll", "cross_entropy", "bce", "log"),
}
_PREDICTIONS: Final = frozenset(
    ("y_pred", "out", "output", "pred", "prediction", "predicted", "预测", "预测值", "输出")
)
_SETTINGS: Final = {  # what textbooks call the settings of optimizers
    key.name: key.also
    for optimizer in OPTIMIZERS.values()
    for key in optimizer.accepted_settings.values()
}


def _family_member(node: Node) -> str:
    """Return the name of a member of a family that was read as an entry: `v[u]`; else ''."""
    match node:
        case Call(operation="index", arguments=(Name(id=base), *items)):
            names = [item.id for item in items if isinstance(item, Name)]
            return f"{base}[{', '.join(names)}]" if len(names) == len(items) else ""
    return ""


class Names:
    """The names of one program, and what a reader may call them.

    Subscripts count from 1, as in textbooks. Results are the likeliest first.
    """

    own_names: Mapping[str, Sequence[Spot]] = MappingProxyType({})  # a writer's: what they mean
    first_entry: int = 0  # what entries in brackets are counted from, `z[0]`

    def __init__(self, scenario: Scenario, built: BuiltProgram) -> None:
        self.scenario = scenario
        self.program = built.program
        self._built: Final = built
        self.unnamed = {item.name for item in self.program.equations if item.base}
        self.known = {
            **dict.fromkeys(self.program.inputs),
            **dict.fromkeys(equation.name for equation in self.program.equations),
        }
        self.shapes: dict[str, Shape] = {name: built.shapes[name] for name in self.known}
        self._before = {after: before for before, after in self.program.carried.items()}

    @cached_property
    def _cached_spots(self) -> Callable[..., tuple[Spot, ...]]:
        """What a name may mean; asked for often."""
        return lru_cache(MOST_KEPT)(
            lambda name, depth=0: tuple(dict.fromkeys(self._candidates(name, depth)))
        )

    @cached_property
    def spots_of(self) -> Callable[[Node | str, bool], tuple[Spot, ...]]:
        """The quantities that a written name may mean, and whether in a target; () for none.

        A tree says more than a text: `W[1]` is an entry as a tree, and as a name (W^{(1)}) a layer
        or a sample. In a target `w` is first the value after the update.
        """
        return lru_cache(MOST_KEPT)(
            lambda written, is_target: tuple(
                dict.fromkeys(
                    (each, index)
                    for name, index in self._of(written)
                    for each in (self.program.carried.get(name) if is_target else None, name)
                    if each is not None
                )
            )
        )

    def with_own_names(self, own_names: Mapping[str, Sequence[Spot]]) -> Names:
        """Return the same names, of which a writer's own mean quantities besides."""
        other = self._asked_anew()
        other.own_names = {**self.own_names, **own_names}
        return other

    def with_entries_from_one(self) -> Names:
        """Return the same names, with the entries in brackets counted from 1, `z[1]`."""
        other = self._asked_anew()
        other.first_entry = 1
        return other

    def _asked_anew(self) -> Names:
        other = copy(self)
        for asked in ("_cached_spots", "spots_of"):
            vars(other).pop(asked, None)
        return other

    def has(self, name: str) -> bool:
        """Tell whether a name, or the array whose entry it is, is spelled as the run's own is.

        Others may be names of the writer's own too: `out` for the prediction.
        """
        stem = _DIGITS.fullmatch(name) or ENTRY.fullmatch(name)
        spelled = (quantity_key(each) for each in (name, stem[1] if stem else name))
        return any(each in self.known or each in self._table for each in spelled)

    def _of(self, written: Node | str) -> tuple[Spot, ...]:
        if isinstance(written, Node):
            name = key_of(written)
            if name is None:
                member = _family_member(written)
                return self._cached_spots(member) if member in self.known else ()
        else:
            name = written
        if name in self.own_names:
            return self._cached_spots(name)
        match = ENTRY.fullmatch(name)
        if match is None or name in self.known:
            return (*self._by_key_above(name), *self._entries_above(name))
        index = tuple(int(place) - self.first_entry for place in match[2].split(","))
        stem = match[1] + match[3]
        arrays = [*self._cached_spots(stem), *((name, ()) for name in self._capital_of(stem))]
        member = f"{match[1]}[{match[2].partition(',')[0]}]{match[3]}"
        if not arrays and len(index) > 1 and member in self.known:  # `h[1][0]` of a family
            arrays, index = [(member, ())], index[1:]
        fitted = ((base, self.fitted(base, (*inner, *index))) for base, inner in arrays)
        spots = dict.fromkeys((base, full) for base, full in fitted if full is not None)
        return tuple(spots) if arrays else self._cached_spots(name)  # `w_{1,2}` may be a name

    def entries_of_members(self, names: Iterable[str]) -> Mapping[str, Sequence[Spot]]:
        """Return the entries that numbers above count, where one of them is no member's key.

        That is so of `h_1^(3)` with two steps of three entries each.
        """
        numbered = [name for name in names if _MEMBER_ENTRY.fullmatch(name)]
        entries = {name: (*self._entries_above(name),) for name in numbered}
        are_keys = all(map(self._by_key_above, numbered))
        return {} if are_keys or not all(entries.values()) else entries

    def _by_key_above(self, name: str) -> tuple[Spot, ...]:
        return self._cached_spots(SUPERSCRIPT.sub(r"[\1]", name))

    def _entries_above(self, name: str) -> Iterator[Spot]:
        """Yield the entry of a family's member that a number above counts: `h_1^{(2)}` of h[1]."""
        match = _MEMBER_ENTRY.fullmatch(name)
        member = f"{match[1]}[{match[2]}]" if match else ""
        if match is not None and member in self.known:
            index = self.fitted(member, (int(match[3]) - 1,))
            if index is not None:
                yield member, index

    def _candidates(self, name: str, depth: int) -> Iterator[Spot]:
        if name in self.own_names:
            yield from self.own_names[name]
            return
        if depth > MOST_DEPTH or not 0 < len(name) <= MOST_LENGTH:
            return
        if name in self.known:
            yield from self._whole(name)
            if name not in self.unnamed:
                return
        spelled = quantity_key(name)
        for quantity in self._table.get(spelled, ()):
            yield from self._whole(quantity)
        derivative = derivative_of(name) or self._derivative(name)
        if derivative is not None:
            yield from () if is_of_part(name) else self._gradients(*derivative, depth)
            return
        if spelled.endswith("'"):
            yield from self._after(spelled, depth)
            return
        if spelled != name and spelled not in self._table:
            yield from self._cached_spots(spelled, depth + 1)
        yield from self._subscript_spots(name, depth)
        yield from self._called(spelled, depth)

    def _whole(self, name: str) -> Iterator[Spot]:
        """Yield a quantity, and its entry where it has only one: people write it as a number."""
        yield name, ()
        shape = self.shapes[name]
        if shape and all(size == 1 for size in shape):
            yield name, (0,) * len(shape)

    @cached_property
    def _table(self) -> Mapping[str, Collection[str]]:
        """The quantities by the keys of their spellings; gradients and w' follow theirs."""
        spelled: defaultdict[str, dict[str, None]] = defaultdict(dict)
        named = [name for name in self.known if "/d" not in name and name not in self._before]
        for name in named:
            if name not in self.unnamed:
                spelled[quantity_key(name)][name] = None
        notation = notation_for(self.scenario, self.program)
        trees = textbook_for(self._built).named
        dialects: tuple[Dialect, ...] = ("unicode", "latex")
        drawn_names = [name for name in self.known if name not in self._before]
        for name, dialect in itertools.product(drawn_names, dialects):
            look = render(trees.get(name, Name(name)), dialect, notation=notation)
            # No parser reads (∂L/∂z)_{via s}; a derivative by a name is known by that name.
            forms = {opaque_name(look)}
            with suppress(TracerError):
                text = "" if "/d" in name else look
                forms.add(name_of(parse(text, dialect, vocabulary=vocabulary())) or "")
            for form in forms - self.known.keys():
                spelled[quantity_key(form)][name] = None
        return spelled

    # Derivatives

    def _derivative(self, name: str) -> tuple[str, str] | None:
        """Return the parts of `dloss_dhidden`, `dw` and `delta_1`, which a program explains."""
        above, _, below = name[1:].partition("_d")
        if name.startswith("d") and self._is_loss(above) and self._cached_spots(below, MOST_DEPTH):
            return above, below
        loss = self.program.loss
        short = name.removeprefix("g_" if name.startswith("g_") else "d").removeprefix("_")
        is_short = (
            name[:1] in ("d", "g") and short != name and self._cached_spots(short, MOST_DEPTH - 1)
        )
        is_slope = name in ("g_t", "grad", "gradient", "slope", "梯度", "斜率")
        forms = (  # the first that holds
            (short, is_short),
            ("z" + name.removeprefix("delta"), name.startswith("delta")),
            ("".join(self.program.parameters), is_slope and len(self.program.parameters) == 1),
        )
        variable = next((variable for variable, holds in forms if holds), None)
        return None if loss is None or variable is None else (loss, variable)

    def _is_loss(self, word: str) -> bool:
        loss = self.program.loss
        return loss is not None and (
            word == loss
            or self._is_called_loss(word)
            or loss in self._table.get(quantity_key(word), ())
        )

    def _is_called_loss(self, word: str) -> bool:
        """Say whether people call the loss so: a measure by name has to be the one of the run."""
        operations = _MEASURES.get(word.lower())
        if operations is not None:
            formulas = (equation.expression for equation in self._computed)
            return not self._measured(word) and any(
                not part.content.operations.isdisjoint(operations) for part in formulas
            )
        return is_loss(word) or word.lower() in _LOSSES

    @cached_property
    def _computed(self) -> Sequence[Equation]:
        """The equations of the forward pass, with those of the loss."""
        return [*self.program.phase("forward", "loss")]

    def _measured(self, word: str) -> Sequence[str]:
        """Return the quantities beside the loss that are just what a measure is called by name."""
        operations = _MEASURES.get(word.lower(), ())
        return [
            equation.name
            for equation in self._computed
            if isinstance(equation.expression, Call)
            and equation.expression.operation in operations
            and equation.expression.operation in _MEASURES
            and equation.name not in self.unnamed
            and equation.name != self.program.loss
        ]

    def _gradients(self, above: str, below: str, depth: int) -> Iterator[Spot]:
        if not self._is_loss(above):
            return
        below, _, number = below.partition("#")
        suffix = f"#{number}" if number else ""
        for name, index in self._cached_spots(below, depth + 1):
            gradient = f"d{self.program.loss}/d{name}{suffix}"
            if gradient in self.known:
                yield gradient, index

    # Values after an update

    def _after(self, spelled: str, depth: int) -> Iterator[Spot]:
        stem = spelled[:-1]
        carried = False
        for name, index in self._cached_spots(stem, depth + 1):
            after = self.program.carried.get(name)
            if after is not None:
                carried = True
                yield after, index
        if not carried:  # y' is a prediction where y is no parameter
            prediction = self.prediction()
            item = self.program.inputs.get(stem)
            if prediction is not None and item is not None and item.kind == "data":
                yield prediction, ()

    # Subscripts

    def _subscript_spots(self, name: str, depth: int) -> Iterator[Spot]:
        """Yield what w₁₂, x_1, ŷ^{(2)} and `x1[2]` (x₁ of sample 2) may mean."""
        bracket = ENTRY.fullmatch(name)
        match = _DIGITS.fullmatch(bracket[1] if bracket else name)
        above = tuple(map(int, bracket[2].split(","))) if bracket else ()
        if bracket and len(above) == 1:
            yield from self._layer(bracket[1], above[0])
        if match is None and bracket is None:
            match = _NUMBERED.fullmatch(name)  # a1_2: the second entry of a1
        stem = match[1] if match else bracket[1] if bracket else ""
        if not stem:
            return
        if match is None:
            yield from self._entries(stem, (above,), depth)
            return
        run = match[2]
        if run.startswith("_") and run.count("_") > 1:
            below = [tuple(map(int, run[1:].split("_")))]
        else:
            run = run.removeprefix("_")
            below = [tuple(map(int, run))] if len(run) > 1 else []
            below.append((int(run),))
        yield from self._entries(stem, tuple((*above, *counts) for counts in below), depth)

    def _layer(self, base: str, number: int) -> Iterator[Spot]:
        """Yield what W^{(1)} or w_12^{(1)} means where layers are numbered: W1, or its entry."""
        bracket = ENTRY.fullmatch(base)
        match = bracket or _DIGITS.fullmatch(base)
        stem, run = match[1] if match else base, list[str]()
        if match:
            run = match[2].split(",") if bracket else [*filter(str.isdecimal, match[2])]
        for letters in (stem, stem.upper()):
            for name in self._table.get(f"{letters}{number}", ()):
                if not run:
                    yield name, ()
                elif (index := self._index_from_one(name, tuple(map(int, run)))) is not None:
                    yield name, index

    def _entries(
        self, stem: str, counts: tuple[tuple[int, ...], ...], depth: int
    ) -> Iterator[Spot]:
        """Yield the entries that subscripts mean, of a quantity of this name or its capital.

        Where the run has none the first one is of a family: `h_{1,2}` is an entry of h[1].
        """
        bases = [base for base, inner in self._cached_spots(stem, depth + 1) if not inner]
        bases += self._capital_of(stem)
        for first, *others in () if bases else (each for each in counts if len(each) > 1):
            member = f"{stem}[{first}]"
            index = self._index_from_one(member, tuple(others)) if member in self.known else None
            if index is not None and len(index) == len(self.shapes[member]):
                yield member, index
        for base, numbers in itertools.product(bases, counts):
            index = self._index_from_one(base, numbers)
            if index is not None:
                yield base, index
        single = [base for base in bases if self.shapes[base] == () and len(counts[-1]) == 1]
        for base in single:
            yield from self._numbered_spot(base, counts[-1][0])

    def _capital_of(self, stem: str) -> list[str]:
        """Return the array that small letters name the rows and entries of: `k[0]` of K."""
        capital = stem.upper()
        return [capital] if len(stem) == 1 and stem.islower() and capital in self.known else []

    def _index_from_one(self, name: str, numbers: tuple[int, ...]) -> Shape | None:
        """Return the index that subscripts from 1 mean, if there is one."""
        if not self.shapes[name] or 0 in numbers:
            return None
        return self.fitted(name, tuple(number - 1 for number in numbers))

    def _numbered_spot(self, name: str, number: int) -> Iterator[Spot]:
        """Yield a single number that a subscript means: of the one sample, or a step's weight."""
        training = self.scenario.training
        if name in self.program.carried:
            yield name, ()
        elif training is not None and training.sample == number - 1:
            item = self.program.inputs.get(name)
            if item is None or (item.kind == "data" and self.scenario.data[name].shape):
                yield name, ()

    def fitted(self, name: str, index: Shape) -> Shape | None:
        """Return an index that an array has: of an entry or a row; axes of one may be left out."""
        shape = self.shapes[name]
        if len(index) < len(shape):
            open_axes = [axis for axis, size in enumerate(shape) if size > 1]
            if len(open_axes) == len(index) or not open_axes:
                full = [0] * len(shape)
                for axis, place in zip(open_axes or [len(shape) - 1], index, strict=False):
                    full[axis] = place
                index = tuple(full)
        if len(index) > len(shape) or any(
            not 0 <= place < size for place, size in zip(index, shape, strict=False)
        ):
            return None
        return index

    # Other names that a program gives a meaning

    def prediction(self) -> str | None:
        """Return what the loss compares with the data: the one computed quantity it reads."""
        loss = self.program.loss
        if loss is None:
            return None
        equations = {item.name: item for item in self.program.equations}
        names = self._computed_in(loss, equations)
        return (
            self._minuend(equations[names[0]].expression) or names[0] if len(names) == 1 else None
        )

    def _minuend(self, error: Node) -> str | None:
        """Return the computed side of a difference with data, `prediction - y`; else None."""
        if not isinstance(error, Call) or error.operation != "subtract":
            return None
        names = [part.id for part in error.arguments if isinstance(part, Name)]
        computed = [name for name in names if name not in self.program.inputs]
        return computed[0] if len(names) == 2 and len(computed) == 1 else None

    def _computed_in(self, quantity: str, equations: Mapping[str, Equation]) -> list[str]:
        """Return the named quantities that one is computed from, data and settings left out."""
        waiting, names = [quantity], dict[str, None]()
        while waiting:
            name = waiting.pop(0)
            for used in names_in(equations[name].expression):
                if used in self.unnamed:
                    waiting.append(used)
                elif used in equations:
                    names[used] = None
        return list(names)

    def _called(self, spelled: str, depth: int) -> Iterator[Spot]:
        loss = self.program.loss
        if spelled in ("alpha", "learning_rate") and "alpha" not in self.known:
            inputs = self.program.inputs.items()
            settings = [name for name, item in inputs if item.kind == "setting"]
            yield from ((each, ()) for each in settings if each.startswith("learning_rate"))
        called = (setting for setting, others in _SETTINGS.items() if spelled in others)
        yield from ((setting, ()) for setting in called if setting in self.known)
        if loss is not None and self._is_called_loss(spelled):
            yield loss, ()
        for name in self._measured(spelled):
            yield from self._whole(name)
        if spelled in _PREDICTIONS:
            prediction = self.prediction()
            if prediction is not None:
                yield from self._whole(prediction)
        members = [
            name
            for name in self.known
            if name.startswith(f"{spelled}[") and name not in self._before
        ]
        if len(members) == 1:  # v where an optimizer keeps v[w] alone
            yield members[0], ()
        velocity = f"velocity[{spelled.removeprefix('v_')}]"
        if velocity in self.known:
            yield velocity, ()
        for ending, time in _INDICES.items():
            if spelled.endswith(ending):
                for name, index in self._cached_spots(spelled.removesuffix(ending), depth + 1):
                    used = self.program.inputs.get(name)
                    if time == "now" and used is not None and used.kind == "state":
                        yield self.program.carried[name], index
                    if time != "each" or not self.shapes[name]:
                        yield name, index
