"""Whether lines of one program hold, told by compiled functions: the plan's code on any numbers.

Used where many iterations are printed, to see that each result follows from what stands on its
line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tracer.expression.syntax import Node
from tracer.frozen import Frozen
from tracer.run.scalar_code import NAMESPACE
from tracer.run.writer import Writer

__all__ = ["Check", "Comparison", "compiled_checks"]

Check = Callable[..., bool]
"""`check(results, halves, operand, …)`: whether each entry, worked out from the operands, is within
its half of the value shown for it. Each operand is a list of all values of a step, in which it has
its own places, so that operands may be taken from lists of different precision."""


class Comparison(Frozen):
    """A line to compile: the scalar forms of its entries, and where its numbers are.

    `results` are the places of its results; `given` are leaves that are the same in all
    iterations, `operands` the places of the leaves of each operand.
    """

    entries: Sequence[Node]
    results: Sequence[int]
    given: Mapping[Node, float]
    operands: Sequence[Mapping[Node, int]]


def compiled_checks(
    lines: Sequence[Comparison], near: Callable[[float, float, float], bool]
) -> list[Check]:
    """Return a function for each line.

    `near` decides where an entry is not within its half, as the last bits may do.
    """
    writer = Writer()
    fixed: list[float] = []
    body: list[str] = []
    for place, line in enumerate(lines):
        body += _check(writer, f"f{place}", line, fixed)
    constants = "".join(f"k{place}, " for place in range(len(fixed)))
    source = ["def checks(fixed):"]
    if constants:
        source.append(f"  {constants}= fixed")
    source += [f"  {line}" for line in writer.prelude]
    source += body
    source.append(f"  return [{', '.join(f'f{place}' for place in range(len(lines)))}]")
    namespace: dict[str, Any] = {**NAMESPACE, "near": near}
    exec(compile("\n".join(source) + "\n", "<checks>", "exec"), namespace)  # noqa: S102 - our own
    checks: list[Check] = namespace["checks"](fixed)
    return checks


def _check(writer: Writer, name: str, line: Comparison, fixed: list[float]) -> list[str]:
    """Write the function of one line."""
    writer.lines.clear()
    writer.uses.clear()
    writer.depths.clear()
    writer.variables.clear()
    for node, constant in line.given.items():
        writer.variables[node] = f"k{len(fixed)}"
        writer.before.add(f"k{len(fixed)}")
        fixed.append(constant)
    for number, places in enumerate(line.operands):
        for node, place in places.items():
            writer.variables[node] = writer.held(f"x{number}[{place}]")
    writer.count_uses(line.entries)
    for node, result in zip(line.entries, line.results, strict=True):
        value = writer.value(node)
        if not value.isidentifier():
            value = writer.held(value)
        # What is far off is seen at once; only the last bits need a closer look.
        writer.lines += [
            f"s = r[{result}]",
            f"d = abs({value} - s)",
            f"if not d <= h[{result}]:",
            f"  if 0.999 * d > h[{result}] + 1e-15 * abs(s) + 1e-300: return False",
            f"  if not near({value}, s, h[{result}]): return False",
        ]
    operands = "".join(f", x{number}" for number in range(len(line.operands)))
    return [
        f"  def {name}(r, h{operands}):",
        "    try:",
        *(f"      {text}" for text in writer.lines),
        "    except (ArithmeticError, ValueError): return False",
        "    return True",
    ]
