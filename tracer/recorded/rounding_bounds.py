"""What an equation comes to, and how far rounding may take it from that.

Each operation passes on the bounds of its operands and adds its own rounding: a sum rounds in
proportion to the size of its terms, not of its result. A bound therefore comes from the graph, and
a value that is a small difference of large ones has a wide one.
"""

# ruff: noqa: D102 - an override is described where it is first defined, in `interpret`

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from types import CodeType
from typing import Any, Final, NamedTuple, cast

from tracer.expression import Call, Name, Node
from tracer.lazy_numpy import NDArray, np
from tracer.operations import Operation, Term, code_template, kernels, literal
from tracer.program.quantity_places import ADDITIONS, nonlinear_positions
from tracer.run.interpret import Algebra, Interpreter, ValueLeaf

FUNCTION_ULPS: Final = 8  # units in the last place by which libraries differ in exp or tanh
DEVIATIONS: Final = 4  # standard deviations allowed for a sum of independent errors


class BoundedValue(NamedTuple):
    """An array of floats, and how far each entry may be from it."""

    value: NDArray[Any]
    bound: NDArray[Any]


class _BoundAlgebra(Algebra[BoundedValue]):
    """Whole arrays with their bounds; written numbers are exact."""

    def number(self, value: Fraction) -> BoundedValue:
        return BoundedValue(np.float64(value) * np.ones(()), np.zeros(()))


class BoundedValues(Interpreter[BoundedValue]):
    """Evaluates expressions in arrays, with bounds for numbers of the unit roundoff `unit`.

    The rounding of a sum of n terms is that of Higham and Mary, A New Approach to Probabilistic
    Rounding Error Analysis, SIAM J. Sci. Comput. 41 (2019): it grows with the root of n.
    """

    def __init__(self, unit: float, leaf: Callable[[str], BoundedValue]) -> None:
        super().__init__(_BoundAlgebra(), lambda node: leaf(cast("Name", node).id))
        self.unit = unit

    def value_before_operands(self, call: Call) -> BoundedValue | None:
        exact = literal(call)
        return None if exact is None else self.algebra.number(exact)

    def array(self, items: Sequence[BoundedValue]) -> BoundedValue:
        return BoundedValue(*(np.stack(parts) for parts in zip(*items, strict=True)))

    def apply(
        self,
        node: Node,
        row: Operation | None,
        operands: Sequence[Node],
        values: Sequence[BoundedValue],
        attributes: Mapping[str, Any],
    ) -> BoundedValue:
        if row is None:
            return self.array(values)
        template = code_template(row.array, operands)
        shapes = [part.value.shape for part in values]
        linear = not row.elementwise and not nonlinear_positions(row, shapes, attributes)
        form = row.steps or row.definition
        if form is not None and not (template and (row.elementwise or linear)):
            terms = [
                Term(ValueLeaf(part) if literal(operand) is None else operand, part.value.shape)
                for operand, part in zip(operands, values, strict=True)
            ]
            return cast("BoundedValue", self.value(form(*terms, **attributes).node))
        names = row.operands * (len(operands) if row.variadic else 1)
        whole = [name in row.integers for name, _ in zip(names, operands, strict=False)]

        def run(operands: Sequence[NDArray[Any]]) -> NDArray[Any]:
            return _compute_operation(template, operands, whole, attributes)

        with np.errstate(all="ignore"):
            out = run([part.value for part in values])
            bound = self.bound_of(row, run, values, whole, out, linear=linear)
        return BoundedValue(out, np.where(np.isfinite(out), bound, 0))  # infinity is not rounded

    def bound_of(
        self,
        row: Operation,
        run: Callable[[Sequence[NDArray[Any]]], NDArray[Any]],
        operands: Sequence[BoundedValue],
        whole: Sequence[bool],
        out: NDArray[Any],
        *,
        linear: bool,
    ) -> Any:
        """Return how far what one operation gives may be off."""
        values = [operand.value for operand in operands]
        total: Any = np.zeros(out.shape)
        moved = [at for at, operand in enumerate(operands) if not whole[at] and operand.bound.any()]
        if linear:
            sizes = [v if fixed else np.abs(v) for v, fixed in zip(values, whole, strict=True)]
            for at in moved:
                total += run([*sizes[:at], operands[at].bound, *sizes[at + 1 :]])
                if len(operands) > 1:  # a bias, or the other parts of what is joined, stay
                    zeros = np.zeros_like(values[at])
                    total -= run([*sizes[:at], zeros, *sizes[at + 1 :]])
            counts = run([v if w else np.ones_like(v) for v, w in zip(values, whole, strict=True)])
            # What adds nothing rounds nothing: entries that only move keep their bits.
            lengths = np.where(counts > 1, np.minimum(counts, DEVIATIONS * np.sqrt(counts)), 0)
            rounds = lengths + (len(operands) > 1 and not row.moves)
            return total + self.unit * rounds * run(sizes)
        for at in moved:
            up = run([*values[:at], values[at] + operands[at].bound, *values[at + 1 :]])
            down = run([*values[:at], values[at] - operands[at].bound, *values[at + 1 :]])
            sides = np.abs([up - out, down - out])
            # No number: the root of what may be below 0 is between 0 and its upper end.
            total += np.where(np.isnan(sides), np.abs(out), sides).max(axis=0)
        if row.moves:  # what is chosen keeps its bits, and a condition that holds is 1 exactly
            return total
        if row.name not in ADDITIONS:
            return total + FUNCTION_ULPS * self.unit * np.abs(out)
        fractions = [np.abs(np.remainder(value, 1)) for value in values]
        is_rounded = sum(fractions) > 0  # whole numbers are added exactly: 1 - condition
        return total + self.unit * is_rounded * sum(np.abs(value) for value in values)


def _compute_operation(
    template: str, operands: Sequence[NDArray[Any]], whole: Sequence[bool], attributes: Any
) -> NDArray[Any]:
    """Return what one operation's array code gives; the code is the table's own."""
    names = [f"x{at}" for at in range(len(operands))]
    text = template.format(*names, all=", ".join(names), out=None, **attributes)
    own = zip(names, operands, whole, strict=True)
    known: dict[str, Any] = {
        **{name: value.astype(np.intp) if is_whole else value for name, value, is_whole in own},
        **{"np": np, "kernels": kernels, "dtype": np.dtype("float64")},
    }
    return np.asarray(eval(_compile_code(text), known), dtype="float64")  # noqa: S307 - our own source


@lru_cache(maxsize=1024)  # to compile it takes longer than what it computes
def _compile_code(text: str) -> CodeType:
    return compile(text, "<operation>", "eval")
