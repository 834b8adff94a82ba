"""Writes the tables of docs/language.md that the code knows better: `python docs/make_tables.py`.

A table stands between `<!-- operations: begin -->` and `<!-- operations: end -->`, or
`optimizers`; everything outside the markers is left as it is.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from tracer.expression import Call, Name, render
from tracer.operations import Operation, table, usage, vocabulary
from tracer.program.optimizers import OPTIMIZERS

PAGE: Final = Path(__file__).parent / "language.md"

GROUPS: Final = {
    "Arithmetic": "add subtract multiply divide negative power matmul outer",
    "Functions": "exp log clipped_log logsumexp sqrt square abs sin cos erf",
    "Activations": "sigmoid tanh relu leaky_relu prelu elu softplus silu gelu gelu_tanh softmax "
    "log_softmax",
    "Steps and choices": "step sign equal where maximum minimum",
    "Sums and extremes": "sum mean max min argmax",
    "Losses and metrics": "mse mae squared_error half_squared_error cross_entropy nll bce "
    "bce_with_logits accuracy",
    "Shapes": "transpose_last transpose reshape flatten concat stack",
    "Indices and labels": "index gather pick one_hot",
    "Convolutions and pooling": "conv1d conv2d max_pool1d max_pool2d avg_pool1d avg_pool2d "
    "windows1d windows2d",
    "Masks, normalisation, dropout": "causal_mask layer_norm standardize deviation dropout "
    "dropout_with",
    "Constants": "zeros ones pi",
    "What gradients are written with": "broadcast sum_to place scatter_add unpick first_max "
    "even_max causal_keep windows1d_add windows2d_add conv1d_input conv1d_kernel conv2d_input "
    "conv2d_kernel",
}
# Forms that are neither infix nor a call.
FORMS: Final = {"index": "x[0], x[:, 1:3]", "gather": "x[ids]"}


def operations() -> str:
    """Return the table of all operations. Raises ValueError where one has no group."""
    rows = {name: row for name, row in table().items() if not row.inner}
    grouped = [name for names in GROUPS.values() for name in names.split()]
    if sorted(grouped) != sorted(rows):
        different = sorted(set(grouped) ^ set(rows))
        raise ValueError(f"docs/make_tables.py: GROUPS and the operations differ: {different}")
    parts = []
    for title, names in GROUPS.items():
        parts.append(f"### {title}\n")
        parts.append("| Written | Value | Convention | Rule of its gradient |")
        parts.append("|---|---|---|---|")
        parts.extend(_row(rows[name]) for name in names.split())
        parts.append("")
    return "\n".join(parts)


def _row(row: Operation) -> str:
    rule = "none: no gradient flows" if row.derivative is None else row.rule
    if not row.operands:
        rule = "none: a constant"
    cells = (_written(row), row.words, row.convention, rule)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _written(row: Operation) -> str:
    """Return how an operation is written, with its other spellings."""
    if row.name in FORMS:
        forms = [FORMS[row.name]]
    elif row.attributes or row.defaults or row.variadic:
        forms = [usage(row)]
    else:
        names = tuple(Name(operand) for operand in row.operands)
        forms = [render(Call(row.name, names), vocabulary=vocabulary())]
    spelled = vocabulary().spelled
    for other in dict.fromkeys((row.look.unicode, *row.look.also)):
        if other and spelled.get(other) == row.name:
            forms.append(other)
    return ", ".join(f"`{form}`" for form in forms)


def optimizers() -> str:
    """Return the optimizers with their equations and defaults."""
    parts = []
    for name, optimizer in OPTIMIZERS.items():
        defaults = ", ".join(f"`{key} = {value}`" for key, value in optimizer.defaults.items())
        parts.append(f"**`{name}`**: {optimizer.words}" + (f" ({defaults})" if defaults else ""))
        parts.append(f"\n```update\n{optimizer.equations}\n```\n")
    return "\n".join(parts)


def rewritten(page: str) -> str:
    """Return the page with its tables as the code has them now."""
    for name, content in (("operations", operations()), ("optimizers", optimizers())):
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(pattern.findall(page)) != 1:
            raise ValueError(f"{PAGE.name} needs the markers {begin} and {end} once")
        page = pattern.sub(lambda _, text=f"{begin}\n{content}{end}": text, page)  # type: ignore[misc]
    return page


def main() -> int:
    """Rewrite the page."""
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
