"""Numbers that a scenario gives: data, first values of parameters, constants.

They keep what was written (0.1 is one tenth) where it was written, and are plain floats for the
run. What is drawn is drawn when it is first looked at. NumPy is loaded only for what was drawn,
read from a file, or asked for as an array.
"""

from __future__ import annotations

import math
from array import array as doubles
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, cast

from tracer.errors import ShapeError
from tracer.lazy_numpy import NDArray, np
from tracer.sentences import say

MAX_NUMBERS: Final = 50_000_000  # entries of one array

Written = int | float | Fraction | Decimal
WRITTEN_BYTES = 64  # memory for a written number and its place in a tuple


class GivenArray:
    """An array of numbers, row by row, as written or as a NumPy array.

    `exact` is the tuple of written entries, or None where the numbers are drawn or read; `draw`
    gives the array of those that are drawn, and is called once, when somebody needs them;
    `origin` is the `Draw` that they come from.
    """

    __slots__ = ("_array", "_draw", "exact", "origin", "shape")

    def __init__(
        self,
        shape: tuple[int, ...],
        exact: tuple[Written, ...] | None = None,
        array: NDArray[Any] | None = None,
        draw: Callable[[], NDArray[Any]] | None = None,
        origin: object = None,
    ) -> None:
        self.shape = shape
        self.exact = exact
        self._array = array
        self._draw = draw
        self.origin = origin

    @classmethod
    def of(cls, value: Any) -> GivenArray:
        """Return nested lists of numbers, a number, or an array as givens.

        Raises ShapeError where rows differ in length; TypeError where an entry is no number.
        """
        if hasattr(value, "__array__") and hasattr(value, "dtype"):
            array = plain_array(value)
            if array.dtype.kind not in "fiub":
                raise TypeError(f"an array of {value.dtype} does not hold numbers")
            return cls(array.shape, array=array)
        shape = _shape_of(value)
        return cls(shape, exact=tuple(_flat_entries(value, shape)))

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The bytes that the numbers take; what is not drawn yet is counted as doubles."""
        if self.exact is not None:
            return WRITTEN_BYTES * self.size
        return 8 * self.size if self._array is None else self._array.nbytes

    def is_stored_as(self, dtype: str) -> bool:
        """Tell whether `read_only` needs no copy; what is not drawn yet is taken for doubles."""
        if self.exact is not None:
            return False
        return (dtype == "float64") if self._array is None else bool(self._array.dtype == dtype)

    def _numbers(self) -> NDArray[Any]:
        """Return the array of what is not written, drawn now where it was not yet."""
        if self._array is None:
            assert self._draw is not None
            self._array = self._draw()
            self._draw = None
        return self._array

    def floats(self) -> list[float]:
        """Return all entries as floats, row by row."""
        numbers = self._numbers().ravel().tolist() if self.exact is None else self.exact
        return [float(entry) for entry in numbers]

    def written_entry(self, position: int) -> Written:
        """Return one entry as it was written, or the float it is."""
        if self.exact is not None:
            return self.exact[position]
        return cast("float", self._numbers().ravel()[position].item())

    @property
    def holds_shares(self) -> bool:
        """Whether the entries of each row are parts of 1: probabilities, soft labels."""
        entries, size = self.floats(), self.shape[-1] if self.shape else 1
        rows = (entries[start : start + size] for start in range(0, len(entries), size))
        return all(min(row) >= 0 and math.isclose(sum(row), 1) for row in rows)

    @property
    def holds_integers(self) -> bool:
        """Whether the numbers were given as an array of integers: labels, ids."""
        return self._array is not None and self._array.dtype.kind in "iu"

    def typed_array(self) -> NDArray[Any]:
        """Return the entries as NumPy has them: whole numbers, true and false, or float64."""
        if self.exact is None:
            numbers = self._numbers()
        else:
            numbers = np.array(
                [item if isinstance(item, int) else float(item) for item in self.exact]
            )
        if numbers.dtype.kind not in "iub":
            numbers = numbers.astype("float64", copy=False)
        return read_only_view(numbers.reshape(self.shape))[()]

    def are_whole(self) -> bool:
        """Tell whether all entries are whole numbers, as labels and ids must be."""
        if self.exact is not None:
            return all(entry == int(entry) for entry in self.exact if math.isfinite(entry)) and all(
                map(math.isfinite, self.exact)
            )
        numbers = self._numbers()
        return bool((numbers == numbers.round()).all())

    def array(self, dtype: str = "float64") -> NDArray[Any]:
        """Return the entries as a NumPy array of the caller's own."""
        if self.exact is not None:
            return np.array(self.floats(), dtype=dtype).reshape(self.shape)
        return np.array(self._numbers(), dtype=dtype, order="C")

    def repeat_number(self, shape: tuple[int, ...]) -> GivenArray:
        """Return an array of this single number."""
        return GivenArray(shape, exact=(self.written_entry(0),) * math.prod(shape))

    def read_only(self, dtype: str) -> NDArray[Any]:
        """Return the entries as a read-only NumPy array: the givens' own where it has this type."""
        numbers = self._numbers() if self.exact is None else self.array(dtype)
        return read_only_view(np.asarray(numbers, dtype=dtype, order="C"))

    def packed(self) -> doubles[float]:
        """Return all entries as doubles in a row, eight bytes each."""
        if self.exact is not None:
            return doubles("d", map(float, self.exact))
        result = doubles("d")
        numbers = self._numbers().astype("float64", order="C", copy=False)
        result.frombytes(numbers.ravel().view("uint8").data)
        return result

    def rows(self, places: Sequence[int]) -> GivenArray:
        """Return the entries at these places of the first axis, in this order."""
        shape = (len(places), *self.shape[1:])
        if self.exact is None:
            return GivenArray(shape, array=self._numbers()[list(places)])
        size = math.prod(self.shape[1:])
        exact = [self.exact[place * size : (place + 1) * size] for place in places]
        return GivenArray(shape, exact=tuple(entry for row in exact for entry in row))

    def row(self, place: int) -> GivenArray:
        """Return one entry of the first axis, without that axis."""
        one = self.rows([place])
        array = one._numbers()[0] if one.exact is None else None
        return GivenArray(one.shape[1:], one.exact, array)


def plain_array(value: Any) -> NDArray[Any]:
    """Return an array of NumPy, of another library (a tensor, also one with a gradient) or lists.

    Numbers of 16 bits that NumPy does not have (bfloat16) become float32. The array is the
    caller's own.
    """
    if str(getattr(value, "dtype", "")) == "torch.bfloat16":
        value = value.float()
    for method in ("detach", "cpu", "numpy"):  # a tensor of PyTorch gives its numbers only so
        if hasattr(value, method):
            value = getattr(value, method)()
    array = np.array(value)
    return array.astype("float32") if array.dtype.name == "bfloat16" else array


def _shape_of(value: Any) -> tuple[int, ...]:
    shape: list[int] = []
    while isinstance(value, (list, tuple)):
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return tuple(shape)


def _flat_entries(value: Any, shape: tuple[int, ...]) -> Iterator[Written]:
    if not shape:
        if isinstance(value, bool) or not isinstance(value, (int, float, Fraction, Decimal)):
            raise TypeError(f"{value!r} is not a number")
        yield value
        return
    if not isinstance(value, (list, tuple)) or len(value) != shape[0]:
        raise ShapeError(
            say("rows differ in length"),
            found=say("{count} entries", count=len(value))
            if isinstance(value, (list, tuple))
            else say("a single number"),
            expected=say("{count} entries", count=shape[0]),
        )
    for item in value:
        yield from _flat_entries(item, shape[1:])


def read_only_view(values: NDArray[Any]) -> NDArray[Any]:
    """Return a view of an array through which nobody can change it."""
    view = values.view()
    view.setflags(write=False)
    return view
