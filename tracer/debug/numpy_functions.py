"""The functions of Python, NumPy and math that followed code may call, with bounds on sizes.

Nothing else of a library is reached: no file, and no attribute that is not in a table here.
"""

from __future__ import annotations

import ast
import dataclasses
import math
import operator
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.check.read.word_tables import word_set
from tracer.program.recorder import traced_math

MOST_ENTRIES: Final = 200_000  # most entries of an array
MOST_ITEMS: Final = 2_000  # most items of a list
LONGEST_TEXT: Final = 200
ENTRIES_OF_ITEM: Final = MOST_ENTRIES // MOST_ITEMS  # an item of a list counts as so many entries
SETTING: Final = re.compile(
    r"(?:float|int|uint|bool|[fiu])\d{0,2}|[CFK]|fro|ij|xy|constant|edge|reflect|symmetric|wrap"
)


ELEMENTWISE: Final = word_set(
    "exp log log1p log2 log10 expm1 sqrt square abs absolute sign sin cos tan tanh sinh cosh"
    " maximum minimum add subtract multiply divide true_divide power float_power negative"
    " reciprocal greater greater_equal less less_equal equal not_equal logical_and logical_or"
    " logical_not isnan isfinite logaddexp where clip round floor ceil"
)
REDUCING: Final = word_set(
    "sum mean max min amax amin var std prod cumsum argmax argmin argsort sort all any"
    " count_nonzero average median size shape ndim reshape ravel transpose swapaxes moveaxis"
    " expand_dims squeeze copy zeros_like ones_like empty_like full_like tril triu trace"
    " allclose array_equal flip roll atleast_2d asarray array linalg.norm nan_to_num isclose"
    " unique diag diagonal take take_along_axis diff split repeat broadcast_to add.at pad"
)
JOINING: Final = word_set("concatenate stack vstack hstack column_stack")
PRODUCTS: Final = word_set("dot matmul inner outer tensordot einsum")
FILLING: Final = word_set("zeros ones empty full arange linspace eye identity indices ndindex")
DRAWING: Final = frozenset(
    name
    for kind in (np.random.Generator, np.random.RandomState)
    for name in dir(kind)
    if not name.startswith("_")
) - (ELEMENTWISE | word_set("bit_generator bytes get_state set_state spawn"))
# Modules and functions that have functions of their own.
PARTS: Final = word_set("random linalg add")
TYPES: Final = word_set("float32 float64 int32 int64")
CONSTANTS: Final = {"pi": math.pi, "e": math.e, "inf": math.inf, "newaxis": None}
OF_NUMBERS: Final = word_set("exp log sqrt tanh sin cos pow fabs floor ceil log1p")
ARRAY_FIELDS: Final = frozenset(["shape", "T", "size", "ndim", "dtype"])
ARRAY_METHODS: Final = word_set(
    "sum mean max min dot reshape transpose swapaxes squeeze flatten ravel copy argmax argmin"
    " var std clip astype item tolist cumsum prod any all round fill"
)
CHANGING: Final = word_set(  # functions that change the array they are given
    "fill sort partition put itemset resize setfield setflags byteswap copyto place putmask"
    " fill_diagonal put_along_axis shuffle at"
)


class NotFollowed(Exception):  # noqa: N818 - what it is, not how it went wrong
    """Code that is in no table here, or beyond the bounds."""


class KnownModule(NamedTuple):
    """NumPy, math, or a part of NumPy: `numpy.random`, and `numpy.add`, a function with `at`."""

    name: str

    def __call__(self, *arguments: Any) -> Any:
        """Return a sum. Raises NotFollowed for what is no function."""
        if self.name != "numpy.add":
            raise NotFollowed(self.name)
        return with_bounds(np.add, "add")(*arguments)


def module_attribute(module: str, name: str) -> Any:
    """Return what a module has under a name. Raises NotFollowed for what is not in the tables."""
    path = f"{module}.{name}".removeprefix("numpy.")
    if name in CONSTANTS:
        return CONSTANTS[name]
    if path in PARTS:
        return KnownModule(f"numpy.{path}")
    if path in TYPES:
        return getattr(np, path)
    if module == "math" and name in OF_NUMBERS:
        return traced_math(getattr(math, name))
    if path in FUNCTIONS:
        return with_bounds(attrgetter(path)(np), path)
    raise NotFollowed(f"{module}.{name}")


# Bounds -------------------------------------------------------------------------------------------


def with_bounds(function: Callable[..., Any], name: str, *owner: Any) -> Callable[..., Any]:
    """Return a function of NumPy, or a method of its owner, that raises NotFollowed beyond bounds.

    So it does for a type of entries that is none of NumPy's numbers.
    """

    def call(*arguments: Any, **keywords: Any) -> Any:
        if name in SIZES:
            bound_count(SIZES[name](*owner, *arguments, **keywords))
        settings = arguments[1:] if name == "einsum" else arguments
        is_number = isinstance(keywords.get("dtype"), (str, type, types.NoneType))
        if not is_number or not all(
            map(SETTING.fullmatch, _texts((*settings, *keywords.values())))
        ):
            raise NotFollowed("dtype")
        return function(*arguments, **keywords)

    return call


def bound_count(count: float) -> None:
    """Raise NotFollowed for more entries than an array may have."""
    if not 0 <= count <= MOST_ENTRIES:
        raise NotFollowed("a large array")


def bounded_list(items: Iterable[Any]) -> list[Any]:
    """Return the items of an iterable. Raises NotFollowed for too many."""
    first_items = list(islice(items, MOST_ITEMS + 1))
    if len(first_items) > MOST_ITEMS:
        raise NotFollowed("a long list")
    return first_items


def join_lists(kind: ast.operator, left: Any, right: Any) -> Any:
    """Return two lists or texts joined, or one repeated."""
    if isinstance(kind, ast.Add) and type(left) is type(right):
        bound_count((len(left) + len(right)) * ENTRIES_OF_ITEM)
        return left + right
    if isinstance(kind, ast.Mult) and isinstance(left, (list, tuple)) and type(right) is int:
        bound_count(len(left) * right * ENTRIES_OF_ITEM)
        return left * right
    raise NotFollowed("an operation on lists")


def _texts(items: Iterable[Any], depth: int = 2) -> Iterator[str]:
    """Yield the texts among items, and in lists of them down to a depth."""
    for item in items:
        if isinstance(item, str):
            yield item
        elif isinstance(item, (list, tuple)) and depth:
            yield from _texts(item, depth - 1)


# How large results are ----------------------------------------------------------------------------


def broadcast_size(*values: Any, **named: Any) -> int:
    """Return how many entries values have that broadcast to one shape."""
    every = (*values, *named.values())
    shapes = [np.shape(value) for value in every if isinstance(value, (np.ndarray, np.generic))]
    return math.prod(np.broadcast_shapes(*shapes))


def product_size(left: Any, right: Any, **_: Any) -> int:
    """Return how many entries a product of two arrays has, or a fiftieth of its terms."""
    one, other = np.shape(left), np.shape(right)
    size = math.prod(one) * math.prod(other)
    common: int = 1 if not one or not other else max(one[-1], 1)
    return int(max(size // common**2, size // common // 50))


def _einsum_size(subscripts: str, *arrays: Any, **_: Any) -> float:
    sizes: dict[str, int] = {}
    for letters, array in zip(subscripts.split("->")[0].split(","), arrays, strict=True):
        sizes.update(zip(letters.strip(), np.shape(array), strict=True))
    return math.prod(sizes.values()) // 50


def _nested_size(value: Any, *_: Any, **__: Any) -> int:
    """Return how many entries nested lists have. Raises NotFollowed for too many."""
    if not isinstance(value, (list, tuple)):
        return int(np.size(value)) if isinstance(value, np.ndarray) else 1
    total = 0
    for item in value:
        total += _nested_size(item)
        bound_count(total)
    return total


def _filled_size(shape: Any, *_: Any, **__: Any) -> int:
    """Return how many entries a shape has."""
    return math.prod(shape) if isinstance(shape, (tuple, list)) else int(shape)


def _range_size(start: float, stop: float | None = None, step: float = 1, **_: Any) -> float:
    first, last = (0, start) if stop is None else (start, stop)
    return max((last - first) / step, 0)


def _drawn_size(*sizes: Any, **named: Any) -> int:
    """Return how many numbers are drawn at most, whichever argument says how many."""
    every = (*sizes, *named.values())
    return max(
        (_filled_size(item) for item in every if isinstance(item, (int, tuple, np.integer))),
        default=0,
    )


SIZES: Final[Mapping[str, Callable[..., float]]] = {
    **dict.fromkeys(ELEMENTWISE, broadcast_size),
    **dict.fromkeys(JOINING | {"array", "asarray"}, _nested_size),
    **dict.fromkeys(("dot", "matmul", "inner"), product_size),
    **dict.fromkeys(("outer", "tensordot"), lambda a, b, *_, **__: np.size(a) * np.size(b)),
    **dict.fromkeys(("zeros", "ones", "empty", "full"), _filled_size),
    **dict.fromkeys(("eye", "identity"), lambda n, *m, **named: n * (*m, named.get("M", n))[0]),
    "indices": lambda shape, *_: len(shape) * _filled_size(shape),
    "ndindex": lambda *shape: int(np.prod(shape)) * ENTRIES_OF_ITEM,
    **{"einsum": _einsum_size, "arange": _range_size},
    "linspace": lambda start, stop, num=50, **_: num,
    "diag": lambda a, *_, **__: np.size(a) ** 2,
    "repeat": lambda a, repeats, *_, **__: np.size(a) * max(int(np.max(repeats)), 1),
    "broadcast_to": lambda a, shape: _filled_size(shape),
    "pad": lambda a, widths, *_, **__: math.prod(
        size + 2 * int(np.max(widths)) for size in np.shape(a)
    ),
    "tolist": lambda a: a.size * ENTRIES_OF_ITEM,
    **dict.fromkeys(DRAWING, _drawn_size),
    **dict.fromkeys(("rand", "randn"), lambda *sizes: math.prod(sizes)),
}
FUNCTIONS: Final = ELEMENTWISE | REDUCING | JOINING | PRODUCTS | FILLING

# What Python offers -----------------------------------------------------------------------------

BINARY: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    **{ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul},
    **{ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod},
    **{ast.Pow: operator.pow, ast.MatMult: operator.matmul},
    **{ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor},
}
IN_PLACE: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    **BINARY,
    **{ast.Add: operator.iadd, ast.Sub: operator.isub, ast.Mult: operator.imul},
    **{ast.Div: operator.itruediv, ast.Pow: operator.ipow, ast.MatMult: operator.imatmul},
}
UNARY: Final[Mapping[type[ast.unaryop], Callable[[Any], Any]]] = {
    **{ast.USub: operator.neg, ast.UAdd: operator.pos},
    **{ast.Not: operator.not_, ast.Invert: operator.invert},
}
COMPARED: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    **{ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le},
    **{ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Is: operator.is_},
    **{ast.IsNot: operator.is_not, ast.In: lambda a, b: a in b},
    ast.NotIn: lambda a, b: a not in b,
}
GENERATORS: Final = (np.random.Generator, np.random.RandomState)
ATTRIBUTES: Final = (
    ((np.ndarray, np.generic), ARRAY_FIELDS | ARRAY_METHODS),
    (GENERATORS, DRAWING),
    (list, word_set("append extend insert pop reverse copy index clear")),
    (dict, word_set("get items keys values update setdefault copy pop clear")),
    (tuple, word_set("index count")),
    (str, word_set("split strip lower upper startswith endswith removeprefix removesuffix")),
)


BUILT_IN: Final[Mapping[str, Callable[..., Any]]] = {
    **{"len": len, "range": range, "float": float, "int": int, "bool": bool, "abs": abs},
    **{"sum": lambda items, *start: sum(bounded_list(items), *start), "round": round},
    **{"min": lambda *items: min(*items), "max": lambda *items: max(*items)},
    "zip": lambda *columns, **_: list(zip(*map(bounded_list, columns), strict=False)),
    "enumerate": lambda items, start=0: list(enumerate(bounded_list(items), start)),
    "reversed": lambda items: bounded_list(items)[::-1],
    "set": lambda items=(): list(dict.fromkeys(bounded_list(items))),  # in an order that stays
    **{
        "list": lambda items=(): bounded_list(items),
        "tuple": lambda items=(): tuple(bounded_list(items)),
    },
    "dict": lambda *items, **named: dict(*items, **named),
    "sorted": lambda items, **named: sorted(bounded_list(items), **named),
    **{"str": lambda value: key_text(value), "print": lambda *_, **__: None},
    **{"isinstance": lambda value, kinds: is_instance(value, kinds)},
    **{"slice": slice, "object": object},
    # Imported by these names:
    **{"SimpleNamespace": types.SimpleNamespace, "partial": partial, "field": dataclasses.field},
}


def is_instance(value: Any, kinds: Any) -> bool:
    """Tell what `isinstance` does, where functions stand for the types of containers."""
    types_of = {id(BUILT_IN[kind.__name__]): kind for kind in (list, tuple, dict, str)}
    every: Any = kinds if isinstance(kinds, tuple) else (kinds,)
    types: list[Any] = [types_of.get(id(kind), kind) for kind in every]
    return isinstance(value, tuple(types))


def key_text(value: Any) -> str:
    """Return a short text, as keys of tables have it."""
    if isinstance(value, (str, int, float)):
        return f"{value}"[:LONGEST_TEXT]
    return ""
