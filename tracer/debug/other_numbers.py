"""Other numbers in the place of those that code states, of the same shapes and kinds.

What is wrong in general may be right at the numbers of an example: a gate that is open for all
samples, an input of 1, targets that are twice the inputs. Numbers that mean something else than a
quantity stay as they are: counts, guards against 0, zeros, labels (which change places).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from tracer.check_code.code_names import SIZES, role_of
from tracer.debug.gradient_names import base_name
from tracer.debug.observation import ValuePath, is_number, map_arrays

SEEDS: Final = (11, 12)
TINY: Final = 1.1e-3  # a number as small as that is a guard against 0, or a step
HUGE: Final = 1e6  # a number as large as that closes a gate: a mask of attention


class OtherNumbers:
    """A draw of other numbers for the quantities that the forward pass reads, by their names.

    Any other number (a rate, a bound, a momentum) stays, and so do zeros but for those of
    `parameters`, at which terms vanish. `keeps_signs` is for code that needs the signs that it
    states.
    """

    def __init__(
        self, seed: int, names: frozenset[str], parameters: frozenset[str], *, keeps_signs: bool
    ) -> None:
        self.seed = seed
        self.names = names
        self.parameters = parameters
        self.keeps_signs = keeps_signs
        self.generator = np.random.RandomState(seed)

    def with_other_numbers(self, name: str, value: Any, own: Callable[[type], bool]) -> Any:
        """Return what a name holds, with other numbers in its arrays and lists."""
        if not self.names & set(re.findall(r"\w+", name)):
            return value
        is_whole = type(value) is int and role_of(name) in ("data", "target", "weight", "bias")
        if is_whole and name not in SIZES and not self.keeps_signs:
            value = float(value)  # an index stays whole: code fails with a float
        return map_arrays({name: value}, self.other_array, own)[name]

    def other_array(self, value: Any, path: ValuePath) -> Any:
        """Return another number or array in the place of one."""
        if is_number(value):
            name = path.parts[-1] if path.parts[-1].isidentifier() else path.parts[0]
            is_start = value == 0 and self.is_parameter(path)
            is_kept = not TINY < abs(value) < HUGE or name in SIZES or role_of(name) == "other"
            # A rate or a probability stays one, and what is positive stays so.
            factor = self.generator.uniform(0.5, 0.95)
            return type(value)(factor if is_start else value if is_kept else value * factor)
        array = np.asarray(value)
        is_label = np.isin(array, (-1, 0, 1)).all() and np.unique(array).size > 1
        if array.dtype.kind in "iub" or is_label:
            return self.generator.permutation(array) if array.ndim else array
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            return array
        return self.draw_array(array, is_start=not array.any() and self.is_parameter(path))

    def is_parameter(self, path: ValuePath) -> bool:
        """Tell whether a path is that of a parameter: `self.b`, `params["b"]`, `biases[0]`."""
        return not self.parameters.isdisjoint(
            (base_name(path), *re.findall(r"\w+", path.text)[-1:])
        )

    def draw_array(self, array: Any, *, is_start: bool) -> Any:
        """Return another array of floats: as large, symmetric or of sum 1 where it is so.

        `is_start`: its zeros are where a parameter starts, and get other numbers.
        """
        usual = is_start | ((np.abs(array) > TINY) & (np.abs(array) < HUGE))
        largest = float(np.abs(array[usual]).max(initial=0)) or 1.0
        new = self.generator.uniform(0.15, 1, array.shape) * largest
        is_share = array.ndim and (array >= 0).all() and np.allclose(array.sum(axis=-1), 1)
        if not is_share:
            signs = self.generator.choice((-1, 1), array.shape)
            new *= np.sign(array) if self.keeps_signs else signs
        if array.ndim == 2 and array.shape[0] == array.shape[1] and (array == array.T).all():
            new = (new + new.T) / 2
        new = np.where(usual, new, array)
        if is_share:
            new /= new.sum(axis=-1, keepdims=True)
        return new.astype(array.dtype)
