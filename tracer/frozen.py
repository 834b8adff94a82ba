"""Small immutable classes with named fields, written as dataclasses are and quick to define.

A frozen dataclass has its methods compiled when its module is loaded: half a millisecond a class,
and `dataclasses` itself loads `inspect`. With some fifty classes that was a third of the start of
a command; here all classes share the methods below, until many instances of one have been made.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar, dataclass_transform

Some = TypeVar("Some")
MANY = 100  # instances, from which on compiling how the next ones are made costs less than it saves


def _init(self: Any, *values: Any, **named: Any) -> None:
    kind: Any = type(self)
    kind._left[0] -= 1
    if not kind._left[0]:
        kind.__init__ = _compiled_init(kind)
    if named or len(values) != len(kind.__slots__):
        left = kind.__slots__[len(values) :]
        if named.keys() - left or len(values) > len(kind.__slots__):
            raise TypeError(f"{kind.__name__} takes {', '.join(kind.__slots__)}, each once")
        known = {**kind._defaults, **named}
        try:
            values = (*values, *[known[name] for name in left])
        except KeyError as missing:
            raise TypeError(f"{kind.__name__} needs {missing.args[0]}") from None
    for put, value in zip(kind._setters, values):  # noqa: B905 - as many; to ask takes a third
        put(self, value)


class _Kind(type):
    """Makes slots of the annotated names, and keeps the values that they are given as defaults."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _Kind:
        fields = tuple(namespace.get("__annotations__", ()))
        namespace["__slots__"] = fields
        namespace["__init__"] = _init  # of its own: it is replaced for this class alone
        namespace["_defaults"] = {key: namespace.pop(key) for key in fields if key in namespace}
        kind: Any = super().__new__(cls, name, bases, namespace)
        kind._setters = [kind.__dict__[key].__set__ for key in fields]
        kind._left = [MANY]  # in a list: a class that is changed forgets where its methods are
        return kind  # type: ignore[no-any-return]


@dataclass_transform(frozen_default=True, eq_default=False)
class Frozen(metaclass=_Kind):
    """Annotated names are fields, in their order; a field with a value may be left out.

    Fields are not inherited. Instances are told apart by identity. Raises: TypeError, where
    fields and arguments differ; AttributeError, where a field is set.
    """

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), tuple(fields_of(self).values())  # copies and pickles are made anew

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in fields_of(self).items())
        return f"{type(self).__name__}({fields})"


def _compiled_init(kind: Any) -> Any:
    """Return how instances of a class are made, with its fields as parameters."""
    fields: tuple[str, ...] = kind.__slots__
    space = {f"_default{at}": kind._defaults.get(key) for at, key in enumerate(fields)}
    space |= {f"_put{at}": put for at, put in enumerate(kind._setters)}
    parameters = (
        f"{key}=_default{at}" if key in kind._defaults else key for at, key in enumerate(fields)
    )
    lines = (f"    _put{at}(self, {key})" for at, key in enumerate(fields))
    head = f"def __init__(self, {', '.join(parameters)}):"
    exec("\n".join((head, "    pass", *lines)), space)  # noqa: S102 - names of fields
    return space["__init__"]


class Value(Frozen):
    """One that equals another of its class where all fields are equal."""

    def __eq__(self, other: object) -> bool:
        if type(other) is type(self):
            return fields_of(other) == fields_of(self)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(fields_of(self).values()))


def fields_of(instance: object) -> dict[str, Any]:
    """Return the fields of an instance by name, in their order."""
    kind: Any = type(instance)
    return {name: getattr(instance, name) for name in kind.__slots__}


def replace(instance: Some, **changes: Any) -> Some:
    """Return a copy in which some fields have other values."""
    kind: Any = type(instance)
    copy: Some = kind(*{**fields_of(instance), **changes}.values())  # quicker than by their names
    return copy
