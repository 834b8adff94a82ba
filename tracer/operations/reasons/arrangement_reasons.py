"""Why the gradient of what only moves or chooses entries goes back the same way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from tracer.expression import Call
from tracer.operations.operation import bound
from tracer.operations.reason import (
    OperandUse,
    Reason,
    Slots,
    direct_operand,
    nearly_equal,
    purpose,
    restrict_condition,
    step_result,
)


def _looked_up(use: OperandUse) -> Slots | None:
    """Some rows of a table are asked for by no id, or by several."""
    ids = use.numbers(use.operands[1])
    if not use.is_first or ids is None:
        return None
    rows, used = use.shape(use.x)[0], len(set(ids))
    repeated = len(ids) - used
    return {"used": used, "count": rows, "repeated": repeated} if used < rows or repeated else None


def _table(use: OperandUse, dimensions: int) -> Slots | None:
    """Return what ids look up rows of, a matrix, or entries, where it has one dimension."""
    return {"table": use.operands[0]} if len(use.shape(use.operands[0])) == dimensions else None


def _picks_entries(use: OperandUse) -> Slots | None:
    """An index picks some entries of x and leaves others."""
    chosen, count = math.prod(use.shape(use.call)), math.prod(use.shape(use.operand))
    return {"chosen": chosen, "count": count} if use.is_first and chosen < count else None


def _same_entries(use: OperandUse) -> bool:
    """The gradient has the entries of the one that comes in, at other places."""
    upstream, gradient = use.upstream, use.gradient
    is_known = use.direct and upstream is not None and gradient is not None
    return is_known and nearly_equal(sorted(gradient or ()), sorted(upstream or ()))


def _split_into_heads(use: OperandUse) -> Slots | None:
    """A row's columns are split into equal pieces, and the axis of pieces goes before the rows."""
    split = use.operands[0]
    if not isinstance(split, Call) or split.operation != "reshape":
        return None
    *batch, rows, width = (0, *use.shape(split.arguments[0]))
    parted = use.shape(split)
    if len(parted) < 3 or (0, *parted[:-2]) != (*batch, rows) or parted[-2] * parted[-1] != width:
        return None
    first = len(parted) - 3
    if tuple(use.attributes["axes"]) != (*range(first), first + 1, first, first + 2):
        return None
    return {"width": width, "heads": parted[-2], "size": parted[-1]}


def _split_into_two_heads(use: OperandUse) -> Slots | None:
    """A row's columns are split into two halves of several columns."""
    split = _split_into_heads(use)
    if split is None:
        return None
    heads, size = use.shape(use.operands[0])[-2:]
    return {**split, "next": size + 1} if heads == 2 and size > 1 else None


def _split_into_other_heads(use: OperandUse) -> Slots | None:
    return None if _split_into_two_heads(use) else _split_into_heads(use)


def _joins_heads(use: OperandUse) -> Slots | None:
    """The axis of heads is put behind that of rows, and joined with the columns of each."""
    turned = use.operands[0]
    if not isinstance(turned, Call) or turned.operation != "transpose":
        return None
    *batch, rows, heads, size = (0, 0, *use.shape(turned))
    first = len(use.shape(turned)) - 3
    axes = bound(turned)[2]["axes"]
    is_back = first >= 0 and tuple(axes) == (*range(first), first + 1, first, first + 2)
    is_joined = (0, 0, *use.shape(use.call)) == (*batch, rows, heads * size)
    return {"heads": heads} if is_back and is_joined else None


_MOVED = Reason(
    "moved.back",
    _same_entries,
    "Here entries only change places. The gradient takes the same way back.",
    "The gradient changes places in the other direction.",
    1,
)
_SHAPED = Reason(
    "shaped.back",
    _same_entries,
    "Only the shape changes here, neither the numbers nor their order. The gradient gets the "
    "shape of {x} back.",
    "The gradient gets the shape of {x} back.",
    1,
)


BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "transpose_last": (_MOVED,),
    "transpose": (
        Reason(
            "heads.joined",
            _split_into_heads,
            "The {width} columns of each row were split into {heads} heads of {size}. The "
            "gradients of the heads are put side by side again, in the same order.",
            "The gradients of the {heads} heads are put side by side again.",
        ),
        _MOVED,
    ),
    "reshape": (
        Reason(
            "heads.split",
            _joins_heads,
            "The columns of {heads} heads stood side by side in each row: each head takes back "
            "the gradient of its own columns.",
            "Each head takes back the gradient of its own columns.",
        ),
        _SHAPED,
    ),
    "flatten": (_SHAPED,),
    "concat": (
        Reason(
            "joined.own_piece",
            direct_operand,
            "{x} is one piece of what was joined, and takes back just that piece of the gradient.",
            "{x} takes back its piece.",
        ),
    ),
    "stack": (
        Reason(
            "stacked.own_row",
            lambda use: use.direct and len(use.shape(use.x)) == 1,
            "{x} is one row of the stack, and takes back just that row of the gradient.",
            "{x} takes back its row of the stack.",
        ),
        Reason(
            "stacked.own_layer",
            lambda use: use.direct and len(use.shape(use.x)) != 1,
            "{x} is one layer of the stack, and takes back just that layer of the gradient.",
            "{x} takes back its layer of the stack.",
        ),
    ),
    "index": (
        Reason(
            "chosen.entries",
            lambda use: use.alone and _picks_entries(use),
            "{y} takes only {chosen} of the {count} entries of {x}. What it takes gets its "
            "gradient, and the others get 0 from it.",
            "{y} takes {chosen} of {count} entries; the others get 0 from it.",
        ),
        Reason(
            "chosen.here",
            lambda use: not use.alone and _picks_entries(use),
            "Only {chosen} of the {count} entries of {x} {chosen:is|are} taken here. What is taken "
            "gets its gradient, and the others get 0 from here.",
            "{chosen} of {count} entries {chosen:is|are} taken; the others get 0 from here.",
        ),
    ),
    "gather": (
        Reason(
            "rows.some",
            restrict_condition(_looked_up, lambda found: found["repeated"] == 0),
            "Looking up a row is choosing it: {used} of the {count} rows of {x} "
            "{used:was|were} asked for and {used:gets|get} a gradient, the others get 0.",
            "{used} of {count} rows {used:was|were} asked for.",
        ),
        Reason(
            "rows.again",
            restrict_condition(_looked_up, lambda found: found["repeated"] != 0),
            "Looking up a row is choosing it: {used} of the {count} rows of {x} were asked for, "
            "some more than once. A row that was used in several places gets a gradient from each, "
            "and they are added.",
            "{used} of {count} rows, some more than once: their gradients are added.",
        ),
        Reason(
            "rows.all",
            lambda use: use.is_first,
            "Every time a row of {x} was looked up, the gradient of that place comes back to it.",
            "Gradients come back to the rows that were looked up.",
            1,
        ),
    ),
    "pick": (
        Reason(
            "label.picked",
            _picks_entries,
            "One entry of each row was picked, the one at its label. Only these {chosen} of "
            "{count} get a gradient.",
            "Only the {chosen} picked entries get a gradient.",
        ),
    ),
}


_JOINED: Final = (purpose("joined", step_result, "Several pieces are joined into one array.", 1),)

_RESHAPED: Final = (
    purpose(
        "heads_joined",
        _joins_heads,
        "The {heads} heads are put side by side again: each row has the columns of all.",
        3,
    ),
    purpose("shape", lambda use: use.whole, "The same numbers, in another shape.", 1),
)

FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "gather": (
        purpose(
            "rows",
            lambda use: use.whole and _table(use, 2),
            "Each id looks up its row of {table}: what was only a number becomes a vector.",
        ),
        purpose(
            "rows.numbers",
            lambda use: use.whole and _table(use, 1),
            "Each id looks up its entry of {table}.",
        ),
    ),
    "transpose": (
        purpose(
            "heads.two",
            _split_into_two_heads,
            "Columns 1–{size} of each row are head 1, columns {next}–{width} are head 2.",
            3,
        ),
        purpose(
            "heads",
            _split_into_other_heads,
            "The {width} columns of each row are split into {heads} heads of {size}: head by head, "
            "each has all rows.",
            3,
        ),
    ),
    "index": (
        purpose("part", lambda use: use.whole, "Only some entries of {operand} are used here.", 1),
    ),
    "one_hot": (purpose("one_hot", step_result, "A row for each label: 1 at its class, else 0."),),
    "concat": _JOINED,
    "stack": _JOINED,
    "reshape": _RESHAPED,
    "flatten": _RESHAPED,
    "argmax": (
        purpose(
            "answer",
            lambda use: use.whole,
            "Only which entry is the largest is kept, counted from 0.",
        ),
    ),
    "zeros": (
        purpose(
            "beginning",
            lambda use: use.whole and use.y.id.endswith("[0]"),
            "Before the first step nothing is remembered yet.",
        ),
    ),
}
