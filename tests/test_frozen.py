"""Small immutable classes behave as frozen dataclasses do."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from tracer.frozen import MANY, Frozen, Value, fields_of, replace


class Point(Value):
    """Two numbers and a name."""

    x: int
    y: int = 2
    name: str = ""


class Place(Frozen):
    """One that is itself only."""

    x: int


class Size(Value):
    """Another class with the same first field."""

    x: int
    y: int = 2
    name: str = ""


def test_fields_are_given_in_order_or_by_name() -> None:
    """What is left out has its default."""
    point = Point(1, name="p")
    assert (point.x, point.y, point.name) == (1, 2, "p")
    assert repr(point) == "Point(x=1, y=2, name='p')"


def test_values_are_equal_where_their_fields_are() -> None:
    """Instances of other classes are not equal; those of a `Frozen` are told apart."""
    assert Point(1) == Point(1, 2) != Point(2)
    assert hash(Point(1)) == hash(Point(1, 2))
    assert Point(1) != Size(1)
    assert Place(1) != Place(1)


def test_nothing_is_set() -> None:
    """Fields stay as they are, and there are no others."""
    point: Any = Point(1)
    for name in ("x", "z"):
        with pytest.raises(AttributeError):
            setattr(point, name, 3)
    with pytest.raises(AttributeError):
        del point.x
    assert point == Point(1)


def test_copies_are_equal() -> None:
    """Copies and pickles of values have the same fields."""
    point = Point(1, name="p")
    assert copy.copy(point) == copy.deepcopy(point) == point
    assert pickle.loads(pickle.dumps(point)) == point  # noqa: S301 - our own


def test_replace_gives_a_copy() -> None:
    """The others keep their values."""
    point = Point(1, name="p")
    assert replace(point, x=4) == Point(4, 2, "p")
    assert point.x == 1


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ((), {}, "Point needs x"),
        ((1, 2, "", 3), {}, "Point takes x, y, name, each once"),
        ((1,), {"x": 1}, "Point takes x, y, name, each once"),
        ((1,), {"z": 1}, "Point takes x, y, name, each once"),
    ],
)
def test_arguments_are_the_fields(values: Any, named: Any, message: str) -> None:
    """One too few, one too many, one twice and an unknown one are refused."""
    with pytest.raises(TypeError, match=message):
        Point(*values, **named)
    with pytest.raises(TypeError):
        replace(Point(1), z=2)


class Nothing(Frozen):
    """Has no fields."""


class Wide(Value):
    """Has fields of each kind, and a class that has others below it."""

    first: int
    second: int = 2
    names: tuple[str, ...] = ()


class Narrow(Wide):
    """Has a field of its own alone."""

    only: str = "it"


def test_the_last_of_many_instances_is_like_the_first() -> None:
    """From some number on a class compiles how they are made; those below it go on as they were."""
    narrow: Any = Narrow  # fields are not inherited
    for _ in range(2 * MANY):
        assert isinstance(Nothing(), Nothing)
        made = Wide(1), Wide(first=1), Wide(1, names=()), Wide(1, 2, ())
        assert {*made} == {Wide(1)}
        assert fields_of(Wide(3, names=("a",))) == {"first": 3, "second": 2, "names": ("a",)}
        assert fields_of(narrow()) == {"only": "it"}
    for values, named in (((), {}), ((1, 2, (), 3), {}), ((1,), {"first": 1}), ((1,), {"z": 1})):
        with pytest.raises(TypeError):
            Wide(*values, **named)  # type: ignore[arg-type]
