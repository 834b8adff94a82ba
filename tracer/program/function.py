"""A plain Python function → equations, by operator overloading.

The function is called once with stand-ins for its arguments (`Tracer`), which write down what is
done with them. A local name of the function becomes the name of its equation; a name that is
given more than once becomes a family (`h[0]`, `h[1]`, …).
"""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import count
from traceback import walk_tb
from types import FrameType, MappingProxyType
from typing import Any

from tracer.errors import LanguageError, RunError, TracerError, nearest, printable
from tracer.expression import Name, Node, canonical_name, parse, render
from tracer.frozen import Value
from tracer.operations import Shape, lookup, table, usage, vocabulary
from tracer.program.numpy_calls import unsupported_call
from tracer.program.program import all_sources, names_in, substitute
from tracer.program.recorder import Recorder, Tracer, traced_numpy
from tracer.sentences import say

DEEPEST = 40  # operations in one equation, each an operand of the next


class FunctionEquations(Value):
    """What a function did: its equations as text, its loss, and the constants it used.

    `names` are those of the equations, by the places of their values in the recorder.
    """

    equations: str
    loss: str
    constants: Mapping[str, Any]
    names: Mapping[int, str]


def record_function(
    function: Callable[..., Any],
    parameters: Mapping[str, Shape],
    data: Mapping[str, Shape],
    numbers: Mapping[str, Any] = MappingProxyType({}),
    masks: Container[str] = (),
    *,
    is_filling: bool = False,
) -> FunctionEquations:
    """Call a function with stand-ins and return what it did.

    Its arguments are found by name among `parameters` and `data`; it returns the loss. `numbers`
    are those of data that every step sees; `masks` are true and false. Raises RunError where an
    argument is missing, a call cannot be traced, or the result is no number. What cannot be traced
    otherwise is traced with stand-ins for arrays that the function fills (`is_filling`).
    """
    recorder = Recorder({**data, **parameters})
    given = {
        name: Tracer(
            recorder,
            Name(name),
            recorder.shapes[name],
            condition=name in masks,
            numbers=numbers.get(name),
        )
        for name in recorder.shapes.names()
    }
    try:
        result = _call_recorded(function, given, recorder, is_filling=is_filling)
    except TracerError as error:
        if isinstance(error.__cause__, ValueError) and not is_filling:
            with suppress(TracerError):
                return record_function(function, parameters, data, numbers, masks, is_filling=True)
        code = getattr(_plain_function(function), "__code__", None)
        path = getattr(code, "co_filename", "")
        raise error.at(place_within(error, path)) from None
    if not isinstance(result, Tracer):
        raise RunError(
            say("the function does not return a traced number"),
            found=type(result).__name__,
            expected=say("the loss, computed from its arguments"),
        )
    if result.recorder is not recorder:
        raise RunError(say("a value of another traced function was returned"))
    recorder.node(result)  # a part of an array, as it is now
    if result.place < 0:
        raise RunError(say("the function returns one of its arguments"), expected=say("a loss"))
    return recorded_equations(recorder, result.place, given)


def place_within(error: BaseException, path: str) -> str:
    """Return a file with its last line on the way to an error; without it where there was none."""
    lines = [
        f":{line}"
        for each in filter(None, (error.__context__, error))
        for frame, line in walk_tb(each.__traceback__)
        if frame.f_code.co_filename == path
    ]
    return printable(path) + "".join(lines[-1:])


# The call -----------------------------------------------------------------------------------------


def _stand_ins(
    function: Callable[..., Any], known: Mapping[str, Tracer]
) -> tuple[list[Tracer], dict[str, Tracer]]:
    """Return the stand-ins a function takes, those without and those with a name."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        raise RunError(say("this is not a Python function"), found=repr(function)) from None
    listed: list[Tracer] = []
    named: dict[str, Tracer] = {}
    for name, item in parameters.items():
        own = canonical_name(name)
        if item.kind is item.VAR_KEYWORD:
            named.update({other: known[other] for other in known if other not in parameters})
        elif own in known and item.kind is not item.VAR_POSITIONAL:
            if item.kind is item.POSITIONAL_ONLY:
                listed.append(known[own])
            else:
                named[name] = known[own]
        elif item.default is item.empty and item.kind is not item.VAR_POSITIONAL:
            raise RunError(
                say("the function takes {name}", name=name),
                found=say("parameters and data {names}", names=", ".join(known) or "none"),
                expected=nearest(name, known) or say("an argument for each of its names"),
            )
    return listed, named


def _plain_function(function: Any) -> Any:
    """Return a function or a method, also of what a partial or an object calls."""
    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(function)
    if not hasattr(function, "__code__"):
        function = getattr(type(function), "__call__", None)  # noqa: B004 - its code is wanted
    return function


def _call_recorded(
    function: Callable[..., Any],
    given: Mapping[str, Tracer],
    recorder: Recorder,
    *,
    is_filling: bool,
) -> Any:
    """Call the function and learn the local names that its values get."""
    plain = _plain_function(function)
    code = getattr(plain, "__code__", None)
    listed, named = _stand_ins(function, given)

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code is not code:
            return None
        for name, value in frame.f_locals.items():
            if isinstance(value, Tracer) and value.recorder is recorder and value.place >= 0:
                recorder.names.setdefault(value.place, name)
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        filled = recorder.filled_stand_in if is_filling else None
        with traced_numpy([getattr(plain, "__globals__", {})], filled):
            return function(*listed, **named)
    except RecursionError:
        raise RunError(say("the function calls itself without end")) from None
    except IndexError as error:
        if "valid indices" in str(error):  # NumPy's words for an index that it cannot read
            raise unsupported_call(
                say("a traced index into a NumPy array"), "np.take(array, ids, axis=0)"
            ) from None
        raise
    except ValueError as error:
        if isinstance(error.__cause__, TracerError):  # NumPy asked a stand-in for its number
            raise unsupported_call(
                say("an assignment into a NumPy array"),
                say("np.stack or np.concatenate of the parts"),
            ) from error
        raise
    finally:
        sys.settrace(before)


# The equations ------------------------------------------------------------------------------------


def recorded_equations(recorder: Recorder, result: int, given: Iterable[str]) -> FunctionEquations:
    """Write the values that the loss needs as equations, named as the function names them.

    `result` is the place of the loss among the recorder's values; `given` are names that are taken
    beside those which the equations use.
    """
    needed = all_sources([result], partial(_operand_places, recorder))
    used = {name for place in needed for name in names_in(recorder.values[place])}
    names = _final_names(recorder, needed, result, {*given, *used})
    lines: list[str] = []
    trees: dict[str, Node] = {}
    for place in sorted(needed):
        expression = substitute(recorder.values[place], trees)
        name = names.get(place)
        if name is not None:
            lines.append(f"{name} = {render(expression, 'ascii', vocabulary=vocabulary())}")
            expression = Name(name)
        trees[recorder.own_name(place)] = expression
    constants = {name: value for name, value in recorder.constants.items() if name in used}
    return FunctionEquations("\n".join(lines), names[result], constants, names)


def _operand_places(recorder: Recorder, place: int) -> Iterator[int]:
    """Yield the places of the values that a value is made of, each time it uses them."""
    start = recorder.own_name(0)[:-1]
    names = names_in(recorder.values[place])
    return (int(name[len(start) :]) for name in names if name.startswith(start))


def _final_names(
    recorder: Recorder, needed: set[int], result: int, taken: set[str]
) -> dict[int, str]:
    """Return the name of each value that is an equation of its own, none of those `taken`."""
    local = {place: name for place, name in recorder.names.items() if place in needed}
    local.setdefault(result, "loss")
    counts = Counter(local.values())
    bases: dict[str, str] = {}
    for name in (local[result], *(local[place] for place in sorted(local))):
        if name not in bases:
            bases[name] = free_name(name, taken)
            taken.add(bases[name])
            if name == local[result]:
                taken.add(f"d{bases[name]}")  # dloss/dw is the gradient
    names: dict[int, str] = {}
    numbers: Counter[str] = Counter()
    for place in sorted(local):
        name = local[place]
        names[place] = f"{bases[name]}[{numbers[name]}]" if counts[name] > 1 else bases[name]
        numbers[name] += 1
    operands = {place: [*_operand_places(recorder, place)] for place in needed}
    uses = Counter(used for each in operands.values() for used in each)
    free = (name for number in count(1) if (name := f"value{number}") not in taken)
    depths: dict[int, int] = {}  # how deep is what is written where a value is used
    for place in sorted(needed):
        depths[place] = 1 + max((depths[each] for each in operands[place]), default=0)
        is_long = uses[place] > 1 or depths[place] > DEEPEST
        if is_long and place not in names:  # nobody gave it a name
            names[place] = next(free)
        if place in names:
            depths[place] = 0
    return names


def free_name(name: str, taken: Container[str]) -> str:
    """Return a local name as equations can have it: pi and what is taken get an underscore."""
    name = canonical_name(name)
    while name in taken or parse(name, vocabulary=vocabulary()) != Name(name):
        name += "_"
    return name


# The table's operations as functions --------------------------------------------------------------


def traced_functions() -> dict[str, Callable[..., Any]]:
    """Return the operations of the table as functions of stand-ins, by name.

    Constants (zeros, ones, pi) have no operand to tell by what is traced: NumPy has them.
    """
    return {
        row.name: _named_function(row.name)
        for row in table().values()
        if not row.inner and (row.operands or row.variadic)
    }


def _named_function(name: str) -> Callable[..., Any]:
    row = lookup(name)
    places = (*row.operands, *row.attributes)

    def function(*arguments: Any, **keywords: Any) -> Any:
        placed = dict(zip(places, arguments, strict=False))
        if len(arguments) > len(places) or placed.keys() & keywords.keys():
            raise LanguageError(say("{name} with these arguments", name=name), expected=usage(row))
        given = {**row.defaults, **placed, **keywords}
        if lacking := [operand for operand in row.operands if operand not in given]:
            raise LanguageError(
                say("{name} needs {key}", name=name, key=lacking[0]), expected=usage(row)
            )
        operands = [given.pop(operand) for operand in row.operands]
        if row.variadic:
            [operands] = operands
        recorder = next((item.recorder for item in operands if isinstance(item, Tracer)), None)
        if recorder is None:
            raise LanguageError(
                say("{name} of an untraced value", name=name), expected=say("a traced value")
            )
        return recorder.apply(name, *operands, **given)

    function.__name__ = name
    function.__doc__ = row.words
    return function
