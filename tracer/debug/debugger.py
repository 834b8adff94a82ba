"""Runs a person's code, as functions or as a file, and has its backward pass examined."""

from __future__ import annotations

import copy
import inspect
import linecache
import sys
import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

from tracer.bounded_read import read_text
from tracer.check.read.document_entry import notebook_cells
from tracer.debug.backward_check import examine
from tracer.debug.backward_report import BackwardReport
from tracer.debug.code_interpreter import follow_code
from tracer.debug.observation import (
    Observation,
    ObservedCall,
    PythonExecution,
    SourceText,
    is_array,
    is_number,
    observe,
    random_state,
    set_random_state,
)
from tracer.debug.other_numbers import OtherNumbers
from tracer.errors import RunError, TracerError, known_name, nearest, printable
from tracer.program.function import place_within
from tracer.program.given_array import plain_array
from tracer.sentences import say

MOST_BYTES: Final = 4_000_000
MODULE: Final = "__main__"  # what a file that is run is called


def check_backward(
    forward: Callable[..., Any], backward: Callable[..., Any], inputs: Mapping[str, Any]
) -> BackwardReport:
    """Return which gradients of a backward pass of one's own are right, and where a wrong one is.

    Both functions (or methods of one object) are called with copies of `inputs`, by the names of
    their arguments, and again with other numbers of the same shapes in their place; arrays of
    other libraries (tensors) become NumPy's. `forward` returns
    the loss, or a tuple with the loss and what else `backward` takes. `backward` gets the inputs,
    the local variables of `forward` and what it returned by their names; other arguments in their
    order the rest of what `forward` returned, and 1 where nothing is left (the gradient of the
    loss). Names are watched while both run: local variables, attributes and entries such as `dW1`,
    `self.grads["W1"]` are compared with the traced gradients. Raises TracerError where the
    forward pass cannot be traced, and what the functions raise.
    """
    sources: dict[str, SourceText] = {}
    modules: set[str] = set()
    for function in (forward, backward):
        plain = inspect.unwrap(getattr(function, "__func__", function))
        code = getattr(plain, "__code__", None)
        if code is None:
            raise RunError(say("this is not a Python function"), found=repr(function))
        text = "".join(linecache.getlines(code.co_filename, plain.__globals__))
        with suppress(SyntaxError):  # another file of that name is no Python
            sources.setdefault(code.co_filename, SourceText(code.co_filename, text))
        if not text or code.co_filename not in sources:
            raise RunError(say("the source of {name} is not available", name=code.co_name))
        modules.add(plain.__module__)
    arrays = {
        name: plain_array(value) if is_array(value) else value for name, value in inputs.items()
    }
    forward_code = _code_of(forward)
    owned = (getattr(function, "__self__", None) for function in (forward, backward))
    owners = {id(owner): owner for owner in owned if owner is not None}  # each once

    def watched(numbers: OtherNumbers | None) -> Observation:
        observation = Observation(
            sources, lambda kind: kind.__module__ in modules, PythonExecution(sources)
        )
        given, own = copy.deepcopy((arrays, owners))
        if numbers is not None:
            replaced = partial(numbers.with_other_numbers, own=observation.own)
            given = {name: replaced(name, item) for name, item in given.items()}
            own = {key: replaced("self", item) for key, item in own.items()}
        observe(observation, lambda: _call_both(observation, forward, backward, given, own))
        return observation

    states = [(each, random_state(each)) for each in PythonExecution(sources).generators]
    try:
        observation = watched(None)
        return examine(observation, lambda call: call.code is forward_code, watched)
    finally:
        for generator, state in states:
            set_random_state(generator, state)


def _call_both(
    observation: Observation,
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Mapping[str, Any],
    owners: Mapping[int, Any],
) -> None:
    """Call the forward function, then the backward one with what it takes of the first."""
    returned = _call_named(_bind_method(forward, owners), inputs, {}, ())
    code = _code_of(forward)
    call = next((item for item in observation.calls if item.code is code), None)
    seen = call.moments[-1].after if call is not None and call.moments else {}
    parts = returned if isinstance(returned, tuple) else ()
    rest = [part for part in parts if not is_number(part)]
    _call_named(_bind_method(backward, owners), inputs, seen, rest)


def _code_of(function: Any) -> types.CodeType:
    return cast("types.CodeType", inspect.unwrap(getattr(function, "__func__", function)).__code__)


def _bind_method(function: Any, owners: Mapping[int, Any]) -> Any:
    """Return a function as the method of the copy of its object."""
    owner = getattr(function, "__self__", None)
    return function if owner is None else function.__func__.__get__(owners[id(owner)])


def _call_named(
    function: Callable[..., Any],
    inputs: Mapping[str, Any],
    seen: Mapping[str, Any],
    rest: Any,
) -> Any:
    """Call a function with what its arguments are called."""
    left = iter(rest)
    known = {**seen, **inputs}
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for name, item in inspect.signature(function).parameters.items():
        if item.kind is item.VAR_POSITIONAL:
            continue
        if item.kind is item.VAR_KEYWORD:
            named.update({key: value for key, value in inputs.items() if key not in named})
            continue
        if name in known:
            value = known[name]
        elif item.default is not item.empty:
            continue
        elif (value := next(left, None)) is None:
            if not seen:
                raise RunError(
                    say("the function takes {name}", name=name),
                    found=say("the inputs {names}", names=", ".join(inputs)),
                    expected=nearest(name, inputs) or say("an input for each of its arguments"),
                )
            value = 1.0
        if item.kind is item.POSITIONAL_ONLY:
            positional.append(value)
        else:
            named[name] = value
    return function(*positional, **named)


# Files --------------------------------------------------------------------------------------------


def debug_file(path: str, function: str | None = None) -> BackwardReport:
    """Run a Python file or a notebook and return the report on its first backward pass.

    `function` names the one that returns the loss (`forward`, `Net.forward`); without it, it is
    looked for. Raises TracerError where the file cannot be read or run, or where nothing in it can
    be traced.
    """
    text = read_text(path, most=MOST_BYTES)
    cells: tuple[tuple[int, int], ...] = ()
    if Path(path).suffix.lower() == ".ipynb":
        text, cells = _notebook_code(text, path)
    try:
        source = SourceText(path, text, cells)
        code = compile(source.tree, path, "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f"{printable(path)}:{line}" if line else printable(path)
        raise TracerError(say("this is not Python"), where=where, found=str(error)) from None
    observation = Observation(
        {path: source}, lambda kind: kind.__module__ == MODULE, PythonExecution({path})
    )
    module = types.ModuleType(MODULE)
    module.__file__ = path
    saved = sys.modules.get(MODULE), sys.path[:], sys.argv
    sys.modules[MODULE] = module
    sys.path.insert(0, str(Path(path).resolve().parent))
    sys.argv = [path]
    failure: TracerError | None = None
    try:
        observe(observation, lambda: exec(code, module.__dict__))  # noqa: S102 - on their word
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the code raises
        if not (isinstance(error, SystemExit) and not error.code):
            failure = TracerError(
                say("the code stopped with an error"),
                where=place_within(error, path),  # the line in their file
                found=printable(f"{type(error).__name__}: {error}"),
            )
    finally:
        sys.path[:], sys.argv = saved[1], saved[2]
        if saved[0] is not None:
            sys.modules[MODULE] = saved[0]
    try:
        wanted = None if function is None else _calls_named(observation, function, path)
        report = examine(
            observation,
            wanted,
            partial(follow_code, source),
            is_followed=True,
        )
    except TracerError:
        if failure is not None:  # what was seen until then is not enough
            raise failure from None
        raise
    if failure is not None and report.passed:
        raise failure
    return report


def _calls_named(
    observation: Observation, function: str, path: str
) -> Callable[[ObservedCall], bool]:
    """Return what tells the calls of a function by its name. Raises TracerError for none."""
    known = dict.fromkeys(call.name for call in observation.calls)
    names = [name for name in known if name == function or name.endswith(f".{function}")]
    if not names:
        raise TracerError(
            say("no function {name} was called", name=printable(function)),
            where=printable(path),
            expected=known_name(function, known),
        )
    return lambda call: call.name in names


def _notebook_code(text: str, path: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the code of a notebook as one text, and the first line of each of its cells.

    Lines for IPython alone (%matplotlib, !pip) are left out.
    """
    lines: list[str] = []
    cells: list[tuple[int, int]] = []
    for number, kind, source in notebook_cells(text, printable(path)):
        if kind == "code":
            cells.append((number, len(lines) + 1))
            lines += [
                "" if line.lstrip().startswith(("%", "!", "?")) else line
                for line in source.splitlines()
            ]
    return "\n".join(lines) + "\n", tuple(cells)
