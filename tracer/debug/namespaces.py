"""Names and what they hold: copies of them, and the arrays in them by their paths.

One walk goes through lists, dictionaries and objects of the person's own classes; whatever else a
name holds is left as it is. It knows nothing of gradients.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.program.recorder import Tracer

DEEPEST: Final = 6  # containers in containers that are looked through

Change = Callable[[Any, "ValuePath"], Any]


class ValuePath(NamedTuple):
    """Where a value is: a name, then keys and attributes: `grads["W1"]`, `self.W1`."""

    text: str  # as Python writes it
    parts: tuple[str, ...]  # the name, the attributes and the keys

    def attribute(self, name: str) -> ValuePath:
        """Return the path of an attribute."""
        return ValuePath(f"{self.text}.{name}", (*self.parts, name))

    def key(self, key: object) -> ValuePath:
        """Return the path of an entry."""
        return ValuePath(f"{self.text}[{key!r}]", (*self.parts, str(key)))


def is_number(value: Any) -> bool:
    """Tell whether a value is a float: Python's or NumPy's."""
    return isinstance(value, (float, np.floating))


def is_whole_number(value: Any) -> bool:
    """Tell whether a value is a whole number of Python."""
    return type(value) is int


def is_array(value: Any) -> bool:
    """Tell whether a value is an array of NumPy or of another library."""
    if isinstance(value, (np.ndarray, type)):
        return isinstance(value, np.ndarray)  # np.float32 has what its numbers have
    return hasattr(value, "__array__") and hasattr(value, "shape") and not np.isscalar(value)


def mapped(
    namespace: Mapping[str, Any],
    change: Change,
    own: Callable[[type], bool],
    shown: Callable[[Any], Any] = lambda value: value,
    counts: Callable[[Any], bool] = is_number,
) -> dict[str, Any]:
    """Return names with every array and number changed; containers are copied, each once.

    `own` tells of which classes objects are looked through, `shown` what stands for a value,
    `counts` what is a number.
    """
    walk = _Walk(change, own, shown, counts)
    return {
        name: value if name.startswith("__") else walk.value(value, ValuePath(name, (name,)), 0)
        for name, value in namespace.items()
    }


class _Walk:
    def __init__(
        self,
        change: Change,
        own: Callable[[type], bool],
        shown: Callable[[Any], Any],
        counts: Callable[[Any], bool],
    ) -> None:
        self.change = change
        self.own = own
        self.shown = shown
        self.counts = counts
        self.known: dict[int, tuple[Any, Any]] = {}  # what was seen, so that its id stays its own

    def value(self, value: Any, path: ValuePath, depth: int) -> Any:
        if id(value) in self.known:
            return self.known[id(value)][1]
        value = self.shown(value)
        is_counted = self.counts(value)
        if is_array(value) or is_counted or isinstance(value, Tracer):
            new = self.change(value, path)
            if not is_counted:
                self.known[id(value)] = value, new
            return new
        if depth == DEEPEST:
            return value
        fields = getattr(value, "_fields", None)
        if type(value) is tuple or (isinstance(value, tuple) and fields):
            paths = map(path.attribute, fields) if fields else map(path.key, range(len(value)))
            items = (
                self.value(item, own, depth + 1) for item, own in zip(value, paths, strict=True)
            )
            return type(value)._make(items) if fields else tuple(items)  # type: ignore[attr-defined] # of a tuple with names
        is_table = isinstance(value, (list, dict))
        if not (is_table or self.own(type(value)) or isinstance(value, SimpleNamespace)):
            return value
        new = copy.copy(value)
        self.known[id(value)] = value, new
        if is_table:
            for key in range(len(new)) if isinstance(new, list) else list(new):
                new[key] = self.value(new[key], path.key(key), depth + 1)
            return new
        dictionary = getattr(new, "__dict__", {})
        for name, part in attributes_of(new).items():
            changed = self.value(part, path.attribute(name), depth + 1)
            if name in dictionary:
                dictionary[name] = changed
            else:
                object.__setattr__(new, name, changed)
        return new


def attributes_of(value: Any) -> dict[str, Any]:
    """Return the attributes that an object itself holds, in a dictionary or in slots."""
    state: Any = object.__getstate__(value)
    in_dictionary, in_slots = state if isinstance(state, tuple) else (state, {})
    return {**(in_dictionary or {}), **in_slots}


def arrays_in(
    namespace: Mapping[str, Any],
    own: Callable[[type], bool],
    names: Collection[str] | None = None,
    counts: Callable[[Any], bool] = is_number,
) -> dict[str, tuple[ValuePath, Any]]:
    """Return the arrays and numbers in a namespace, or in its `names`, by their paths' texts."""
    found: dict[str, tuple[ValuePath, Any]] = {}

    def note(value: Any, path: ValuePath) -> Any:
        found.setdefault(path.text, (path, value))
        return value

    walk = _Walk(note, own, lambda value: value, counts)
    for name in namespace:
        if name.startswith("__") or (names is not None and name not in names):
            continue
        walk.known.clear()  # the same array under another name is found under both
        walk.value(namespace[name], ValuePath(name, (name,)), 0)
    return found


def same_numbers(one: Any, other: Any) -> bool:
    """Tell whether two values have the same shape and the same numbers."""
    return np.shape(one) == np.shape(other) and bool(np.array_equal(one, other, equal_nan=True))
