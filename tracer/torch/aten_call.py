"""A call of one of PyTorch's own operations, as `torch.export` writes it, and what may read it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from tracer.errors import RunError
from tracer.operations import Shape, shape_text
from tracer.sentences import say

MASKED: Final = "-1e300"
"""What stands for minus infinity: its exponential is exactly 0, and it can be added to."""


class CallWriter(Protocol):
    """The program that readings write equations into."""

    def free_name(self, name: str) -> str:
        """Return an identifier for a name with dots, one that nothing has yet."""

    def add_equation(self, name: str, text: str) -> str:
        """Write `name = text` and return the name."""

    def add_draw(self, path: str, suffix: str) -> str:
        """Return the constant that holds the next random numbers that PyTorch draws."""

    def value_of(self, name: str) -> Any:
        """Return the tensor that a name is given with; None for a quantity that is computed."""


class AtenCall:
    """A call of one operation: its arguments by name, tensors as the texts that stand for them."""

    def __init__(self, node: Any, texts: Mapping[Any, Any], path: str, writer: CallWriter) -> None:
        schema = node.target._schema
        self.operation: str = node.target.overloadpacket.__name__
        self.path = path
        self.writer = writer
        self.stem: str = path or node.name
        self.shape: Shape = _shape_of(node)
        self._nodes: dict[str, Any] = {}  # the operands that are no lists, by argument
        self._list_shapes: dict[str, Sequence[Shape]] = {}
        self.arguments: dict[str, Any] = {}
        self.operands: list[str] = []
        for place, argument in enumerate(schema.arguments):
            default = node.kwargs.get(argument.name, argument.default_value)
            value = node.args[place] if place < len(node.args) else default
            if _is_node(value):
                self._nodes[argument.name] = value
                value = texts[value]
                self.operands.append(value)
            elif isinstance(value, (list, tuple)):
                self._list_shapes[argument.name] = [
                    _shape_of(item) for item in value if _is_node(item)
                ]
                value = [texts[item] if _is_node(item) else item for item in value]
                self.operands += [item for item in value if isinstance(item, str)]
            self.arguments[argument.name] = value

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return an argument, or what stands for one that the operation does not have."""
        return self.arguments.get(name, default)

    def size(self, name: str) -> Shape:
        """Return the shape of an operand; () for a number."""
        return _shape_of(self._nodes[name]) if name in self._nodes else ()

    def is_logical(self, name: str) -> bool:
        """Tell whether an operand holds what is true or false."""
        return str(self._nodes[name].meta["val"].dtype) == "torch.bool"

    def count(self, name: str) -> int:
        """Return how many entries an operand has."""
        return math.prod(self.size(name))

    def sizes(self, name: str) -> Sequence[Shape]:
        """Return the shapes of a list of operands."""
        return self._list_shapes[name]

    def free_name(self, suffix: str) -> str:
        """Return a name for a part of the operation, or all of it (''), that nothing has yet."""
        return self.writer.free_name(f"{self.stem}_{suffix}" if suffix else self.stem)

    def quantity(self, suffix: str, text: str) -> str:
        """Write an equation of its own for a part of the operation, and return its name."""
        return self.writer.add_equation(self.free_name(suffix), text)

    def dropout_mask(self) -> str:
        """Return the constant that holds the mask of this operation."""
        return self.writer.add_draw(self.stem, "dropout_mask")

    def value(self, name: str) -> Any:
        """Return the tensor of an operand that is a parameter or a constant; None for others."""
        return self.writer.value_of(self[name])

    def refuse(self, name: str) -> RunError:
        """Return the error for a setting that cannot be read."""
        return RunError(
            say("{operation} with {name} cannot be read", operation=self.operation, name=name),
            where=self.path or say("the module itself"),
            found=str(self.arguments.get(name)),
        )

    def expect(self, **usual: Any) -> None:
        """Raise RunError where an argument is not as usual."""
        for name, value in usual.items():
            if name in self.arguments and self.arguments[name] != value:
                raise self.refuse(name)


Reading = Callable[[AtenCall], Any]


def _is_node(value: Any) -> bool:
    return hasattr(value, "all_input_nodes")


def _shape_of(node: Any) -> Shape:
    value = node.meta.get("val")
    return tuple(int(size) for size in value.shape) if hasattr(value, "shape") else ()


def number_text(value: Any) -> str:
    """Return an operand in an equation: a name, or a number, a negative one in brackets."""
    if isinstance(value, (int, float)) and math.isinf(value):
        return f"({MASKED})" if value < 0 else MASKED.removeprefix("-")
    return f"({value!r})" if isinstance(value, (int, float)) and value < 0 else str(value)


def swapped_axes(text: str, shape: Shape, first: int, second: int) -> str:
    """Return an array with two of its axes swapped."""
    axes = list(range(len(shape)))
    axes[first], axes[second] = axes[second], axes[first]
    return f"transpose({text}, {shape_text(axes)})"
