"""A network as plain lines of text: the drawing of `network_drawing` without roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Final

from tracer.render.network_drawing import Fold, Net, folded, laid_out, painted
from tracer.render.screen_lines import plain
from tracer.text_width import width

__all__ = ["network_text"]

MOST_ABREAST: Final = 8  # boxes that one line of a drawing may have room for


def network_text(
    labels: Mapping[str, str],
    inputs: Mapping[str, Sequence[str]],
    columns: int,
    rows: int,
    *,
    unicode: bool = True,
) -> list[str]:
    """Return a network as lines of text, folded where it is too wide.

    `inputs` says what each quantity is computed from. There are no lines where there is no room,
    and none for a network that goes in circles.
    """
    try:
        order = list(TopologicalSorter(inputs).static_order())
    except CycleError:
        return []
    if len(order) > rows * MOST_ABREAST:
        return []
    sizes = {id: (width(labels[id]), 1) for id in sorted(order, key=list(labels).index)}
    layout = laid_out(Net(sizes, [(one, id) for id in order for one in inputs[id]]), columns)
    fold = Fold.of(layout, columns, rows) if layout.width > columns else None
    if layout.height > rows or (fold is None and layout.width > columns):
        return []
    lines = painted(
        layout, {id: [[(label, "")]] for id, label in labels.items()}, (), unicode=unicode
    )
    if fold is not None:
        lines = folded(lines, fold, unicode=unicode)
    return [plain(line).rstrip() for line in lines]
