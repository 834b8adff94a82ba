"""Whether lines of one program hold, told by compiled functions: the plan's code on any numbers.

Used where many iterations are printed, to see that each result follows from what stands on its
line. A line is what `equation` says of its scalar forms; `slots` says where its numbers are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tracer.expression.syntax import Node
from tracer.run.writer import NAMESPACE, Writer

__all__ = ["Check", "compiled_checks"]

# values of operands, values shown as results, halves: whether each entry that is computed from
# the operands is within its half of the value that is shown
Check = Callable[[Sequence[float], Sequence[float], Sequence[float]], bool]


def compiled_checks(
    lines: Sequence[tuple[Sequence[Node], Sequence[int]]],
    leaves: Sequence[Mapping[Node, int | float]],
    near: Callable[[float, float, float], bool],
) -> list[Check]:
    """Return a function for each line that compares its entries with values at its slots.

    A line is the scalar forms of its entries and the slots of their results; its leaves are at
    slots (whole numbers) or are the same in all iterations (floats). `near` decides where an
    entry is not within its half, as the last bits may do.
    """
    writer = Writer()
    fixed: list[float] = []
    body: list[str] = []
    for place, ((entries, results), at) in enumerate(zip(lines, leaves, strict=True)):
        body += _check(writer, f"f{place}", entries, results, at, fixed)
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


def _check(
    writer: Writer,
    name: str,
    entries: Sequence[Node],
    results: Sequence[int],
    at: Mapping[Node, int | float],
    fixed: list[float],
) -> list[str]:
    """Write the function of one line."""
    writer.lines.clear()
    writer.uses.clear()
    writer.depths.clear()
    writer.variables.clear()
    for node, place in at.items():
        if isinstance(place, float):
            variable = f"k{len(fixed)}"
            fixed.append(place)
            writer.before.add(variable)
        else:
            variable = writer.held(f"v[{place}]")
        writer.variables[node] = variable
    writer.count_uses(entries)
    for node, result in zip(entries, results, strict=True):
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
    return [
        f"  def {name}(v, r, h):",
        "    try:",
        *(f"      {line}" for line in writer.lines),
        "    except (ArithmeticError, ValueError): return False",
        "    return True",
    ]
