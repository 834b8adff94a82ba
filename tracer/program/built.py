"""A program that is ready for a plan."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tracer.expression.syntax import Node
from tracer.frozen import Frozen, Value
from tracer.program.given import Given
from tracer.program.program import Program
from tracer.program.shapes import Shapes


class Stop(Value):
    """When a run ends early: `left` compared with `right`, both single numbers."""

    left: Node
    comparison: str
    right: Node
    text: str


class Built(Frozen):
    """A program with the shapes of all its names, the values of its settings and its end.

    `first_values` are those of the states that do not start at 0; `setting_names` gives the name
    that a key of [training] has in the program.
    """

    program: Program
    shapes: Shapes
    settings: Mapping[str, Given]
    stop: Stop | None
    metric: str | None
    masked: frozenset[str]  # names that may rightly hold minus infinity: masks for a softmax
    first_values: Mapping[str, Given] = MappingProxyType({})
    setting_names: Mapping[str, str] = MappingProxyType({})
