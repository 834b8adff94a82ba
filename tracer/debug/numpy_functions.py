"""What NumPy and math offer to code that is followed, and how large its arrays may get.

Nothing else of a library is reached: no file, and no attribute that is not in a table here.
"""

from __future__ import annotations

import ast
import math
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from tracer.program.recorder import Tracer

__all__ = [
    "ARRAY_FIELDS",
    "ARRAY_METHODS",
    "CHANGING",
    "DRAWING",
    "FILLING",
    "MOST_ENTRIES",
    "MOST_ITEMS",
    "KnownModule",
    "NotFollowed",
    "array_method",
    "bound_count",
    "bound_product",
    "bound_shapes",
    "bounded_list",
    "draw_numbers",
    "join_lists",
    "module_attribute",
    "word_set",
]

MOST_ENTRIES: Final = 200_000  # of an array
MOST_ITEMS: Final = 2_000  # of a list
SETTING: Final = re.compile(r"(?:float|int|uint|bool|[fiu])\d{0,2}|[CFK]|fro|ij|xy")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


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
    " allclose array_equal flip roll atleast_2d asarray array float32 float64 int32 int64"
    " linalg.norm nan_to_num isclose unique diag diagonal take split"
)
JOINING: Final = word_set("concatenate stack vstack hstack column_stack")
PRODUCTS: Final = word_set("dot matmul inner outer tensordot einsum")
FILLING: Final = word_set("zeros ones empty full arange linspace eye identity")
DRAWING: Final = word_set(
    "randn rand random normal uniform standard_normal random_sample randint integers permutation"
    " choice seed shuffle"
)
CONSTANTS: Final = {"pi": math.pi, "e": math.e, "inf": math.inf, "newaxis": None}
OF_NUMBERS: Final = word_set("exp log sqrt tanh sin cos pow fabs floor ceil log1p")
ARRAY_FIELDS: Final = frozenset(["shape", "T", "size", "ndim", "dtype"])
ARRAY_METHODS: Final = word_set(
    "sum mean max min dot reshape transpose swapaxes squeeze flatten ravel copy argmax argmin"
    " var std clip astype item tolist cumsum prod any all round fill"
)
CHANGING: Final = word_set(  # what NumPy has that changes an array it is handed
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
        return numpy_result("add", arguments, {})


def bounded_list(items: Iterable[Any]) -> list[Any]:
    """Return the items of an iterable. Raises NotFollowed for too many."""
    found = []
    for item in items:
        found.append(item)
        if len(found) > MOST_ITEMS:
            raise NotFollowed("a long list")
    return found


# Bounds -------------------------------------------------------------------------------------------


def bound_count(count: float) -> None:
    """Raise NotFollowed for more entries than an array may have."""
    if not 0 <= count <= MOST_ENTRIES:
        raise NotFollowed("a large array")


def bound_shapes(*values: Any) -> None:
    """Raise NotFollowed where values broadcast to a large array."""
    shapes = [np.shape(value) for value in values if isinstance(value, (np.ndarray, np.generic))]
    if len(shapes) > 1:
        bound_count(math.prod(np.broadcast_shapes(*shapes)))


def bound_product(left: Any, right: Any, *, is_outer: bool = False) -> None:
    """Raise NotFollowed where a product of two arrays is large."""
    one, other = np.shape(left), np.shape(right)
    size = math.prod(one) * math.prod(other)
    common = 1 if is_outer or not one or not other else max(one[-1], 1)
    bound_count(size // common**2)
    bound_count(size // common // 50)


def join_lists(kind: ast.operator, left: Any, right: Any) -> Any:
    """Return two lists or texts joined, or one repeated."""
    if isinstance(kind, ast.Add) and type(left) is type(right):
        bound_count((len(left) + len(right)) * (MOST_ENTRIES // MOST_ITEMS))
        return left + right
    if isinstance(kind, ast.Mult) and isinstance(left, (list, tuple)) and type(right) is int:
        bound_count(len(left) * right * (MOST_ENTRIES // MOST_ITEMS))
        return left * right
    raise NotFollowed("an operation on lists")


def _bound_settings(arguments: Sequence[Any], keywords: Mapping[str, Any]) -> None:
    """Raise NotFollowed for a type of entries that is none of NumPy's numbers."""
    if not isinstance(keywords.get("dtype"), (str, type, types.NoneType)):
        raise NotFollowed("dtype")
    for item in (*arguments, *keywords.values()):
        texts = item if isinstance(item, (list, tuple)) else (item,)
        for text in texts:
            if isinstance(text, str) and not SETTING.fullmatch(text):
                raise NotFollowed("dtype")
            if isinstance(text, (list, tuple)) and any(isinstance(part, str) for part in text):
                raise NotFollowed("dtype")


def _bound_lists(value: Any) -> int:
    """Return how many entries nested lists have. Raises NotFollowed for too many."""
    if isinstance(value, (list, tuple)):
        total = 0
        for item in value:
            total += _bound_lists(item)
            bound_count(total)
        return total
    return int(np.size(value)) if isinstance(value, np.ndarray) else 1


# NumPy --------------------------------------------------------------------------------------------


def module_attribute(module: str, name: str) -> Any:
    """Return what a module has under a name. Raises NotFollowed for what is not in the tables."""
    if name in CONSTANTS:
        return CONSTANTS[name]
    if module == "math" and name in OF_NUMBERS:
        return lambda *numbers: math_result(name, numbers)
    if module == "numpy":
        if name in ("random", "linalg", "add"):
            return KnownModule(f"numpy.{name}")
        if name in ("float32", "float64", "int32", "int64"):
            return getattr(np, name)
        known = ELEMENTWISE | REDUCING | JOINING | PRODUCTS | FILLING | {"repeat", "broadcast_to"}
        if name in known:
            return lambda *arguments, **keywords: numpy_result(name, arguments, keywords)
    if module == "numpy.add" and name == "at":
        return np.add.at
    if module == "numpy.linalg" and name == "norm":
        return lambda *arguments, **keywords: numpy_result("linalg.norm", arguments, keywords)
    raise NotFollowed(f"{module}.{name}")


def math_result(name: str, numbers: Sequence[Any]) -> Any:
    """Return what one of the functions of `math` gives, for stand-ins too."""
    if any(isinstance(number, Tracer) for number in numbers):
        return getattr(np, {"pow": "power", "fabs": "abs"}.get(name, name))(*numbers)
    return getattr(math, name)(*numbers)


def _count_of(size: Any) -> int:
    """Return how many entries a shape has."""
    return math.prod(size) if isinstance(size, (tuple, list)) else int(size)


def _filled_count(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> float:
    """Return how many entries an array gets that NumPy makes."""
    if name == "arange":
        ends = [*arguments[:3], *(keywords[key] for key in ("stop", "step") if key in keywords)]
        start, stop, step = (0, *ends, 1) if len(ends) == 1 else (*ends, 1)[:3]
        return float(max((stop - start) / step, 0))
    if name == "linspace":
        return int(keywords.get("num", arguments[2] if len(arguments) > 2 else 50))
    if name in ("eye", "identity"):
        columns = arguments[1] if len(arguments) > 1 else keywords.get("M", arguments[0])
        return int(arguments[0]) * int(columns)
    return _count_of(arguments[0] if arguments else keywords["shape"])


def numpy_result(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return what one of NumPy's functions gives. Raises NotFollowed beyond the bounds."""
    _bound_settings(arguments[1:] if name == "einsum" else arguments, keywords)
    if name in ELEMENTWISE:
        bound_shapes(*arguments, *keywords.values())
    elif name == "einsum":
        sizes: dict[str, int] = {}
        inputs = arguments[0].split("->")[0].split(",")
        for letters, value in zip(inputs, arguments[1:], strict=True):
            sizes.update(zip(letters.strip(), np.shape(value), strict=True))
        bound_count(math.prod(sizes.values()) // 50)
    elif name in PRODUCTS:
        bound_product(*arguments[:2], is_outer=name in ("outer", "tensordot"))
    elif name == "diag":
        bound_count(np.size(arguments[0]) ** 2)
    elif name in FILLING:
        bound_count(_filled_count(name, arguments, keywords))
    elif name in JOINING or name in ("array", "asarray"):
        _bound_lists(arguments[0])
    elif name == "repeat":
        repeats = arguments[1] if len(arguments) > 1 else keywords["repeats"]
        bound_count(np.size(arguments[0]) * max(int(np.max(repeats)), 1))
    elif name == "broadcast_to":
        bound_count(_count_of(arguments[1] if len(arguments) > 1 else keywords["shape"]))
    function = np.linalg.norm if name == "linalg.norm" else getattr(np, name)
    return function(*arguments, **keywords)


def array_method(
    owner: Any, name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """Return what a method of an array gives. Raises NotFollowed beyond the bounds."""
    _bound_settings(arguments, keywords)
    if name == "dot":
        bound_product(owner, *arguments)
    if name == "tolist" and owner.size > MOST_ITEMS:
        raise NotFollowed("a long list")
    if name == "clip":
        bound_shapes(owner, *arguments, *keywords.values())
    return getattr(owner, name)(*arguments, **keywords)


def draw_numbers(
    owner: Any, name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """Return what a generator draws. Raises NotFollowed beyond the bounds."""
    sizes = [*arguments, *keywords.values()]
    numbers = [int(item) for item in sizes if isinstance(item, (int, np.integer))]
    bound_count(max((_count_of(item) for item in sizes if isinstance(item, tuple)), default=0))
    bound_count(math.prod(numbers) if name in ("randn", "rand") else max(numbers, default=0))
    return getattr(owner, name)(*arguments, **keywords)
