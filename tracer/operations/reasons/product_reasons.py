"""Why matrix products have the gradients that they have, and what they are for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from tracer.expression.syntax import Call, Name, Node
from tracer.operations.reason import Reason, Slots, Use, entry_of, nearly_equal, slots_where
from tracer.operations.reasons.shared_reasons import direct_operand, purpose

__all__ = ["BACKWARD", "FORWARD"]


def _dimensions(use: Use) -> tuple[int, int]:
    return len(use.shape(use.operands[0])), len(use.shape(use.operands[1]))


def _stands_behind_rows(use: Use) -> bool:
    """Tell whether this is W in X W, or w in X w where X is no weight."""
    left, right = _dimensions(use)
    weighs = right == 1 and use.kind(use.x) == "parameter" != use.kind(use.other)
    return use.position == 1 and use.direct and left == 2 and (right == 2 or weighs)


# W in W x.
_weight_of_vector = slots_where(
    lambda use: use.position == 0 and use.direct and _dimensions(use) == (2, 1), "other", "y", w="x"
)


def _silent_input(use: Use) -> Slots | None:
    """Some input is 0, so a column of the weight's gradient is 0."""
    if _weight_of_vector(use) is None:
        return None
    values = use.numbers(use.other)
    if values is None or 0.0 not in values:
        return None
    is_entry = isinstance(use.other, Call) and use.other.operation == "index"
    if not any(values) or not (is_entry or isinstance(use.other, Name)):
        return None
    entry = entry_of(use.other, list(values).index(0.0), use.shape(use.other))
    return {"w": use.x, "entry": entry}


def _all_silent(use: Use) -> Slots | None:
    """All inputs are 0, so the weight's gradient is 0."""
    values = use.numbers(use.other)
    if not use.direct or values is None or any(values):
        return None
    return {"w": use.x, "other": use.other}


# X in W x.
_input_of_matrix = slots_where(
    lambda use: (
        use.position == 1
        and use.direct
        and _dimensions(use) == (2, 1)
        and not _stands_behind_rows(use)
    ),
    "x",
    w="other",
)


def _one_output(use: Use) -> Slots | None:
    """X in W x, where W has one row: no sum over outputs."""
    slots = _input_of_matrix(use)
    return slots if slots is not None and use.shape(use.other)[0] == 1 else None


def _weight_of_rows(use: Use) -> Slots | None:
    """W or w in X W, with n rows in X."""
    count = use.shape(use.other)[0] if _stands_behind_rows(use) else 0
    if use.kind(use.x) != "parameter" or count < 2:
        return None
    return {"w": use.x, "other": use.other, "count": count}


def _turned_weight_of_rows(use: Use) -> Slots | None:
    """W in X Wᵀ, with n rows in X."""
    count, turned = use.shape(use.other)[0], isinstance(use.operand, Call)
    if use.position != 1 or not turned or _unturned(use.operand) != use.x:
        return None
    if use.kind(use.x) != "parameter" or _dimensions(use) != (2, 2) or count < 2:
        return None
    return {"w": use.x, "other": use.other, "count": count}


# W or w in X W, where X has one row.
_weight_of_one_row = slots_where(
    lambda use: _stands_behind_rows(use) and use.shape(use.other)[0] == 1, "x", "other"
)


def _weight_of_batch(use: Use) -> Slots | None:
    """W in X W, with X an array of matrices."""
    shape = use.shape(use.other)
    if use.position != 1 or not use.direct or use.kind(use.x) != "parameter" or len(shape) < 3:
        return None
    count = math.prod(shape[:-1])
    return {"w": use.x, "other": use.other, "count": count} if count > 1 else None


# X in X W.
_rows_of_weight = slots_where(
    lambda use: (
        use.position == 0
        and use.direct
        and _dimensions(use) == (2, 2)
        and use.kind(_unturned(use.other)) == "parameter"
    ),
    "x",
    w="other",
)


def _matrix_on_the_left(use: Use) -> Slots | None:
    """W in W X, each column of X an example."""
    if use.position != 0 or not use.direct or _dimensions(use) != (2, 2):
        return None
    count = use.shape(use.other)[1]
    if use.kind(use.x) != "parameter" or count < 2:
        return None
    return {"w": use.x, "other": use.other, "count": count}


# x in x W.
_row_input = slots_where(
    lambda use: use.position == 0 and use.direct and _dimensions(use) == (1, 2), "x", "other"
)
# W in x W.
_row_weight = slots_where(
    lambda use: use.position == 1 and use.direct and _dimensions(use) == (1, 2), "x", "other"
)


_scalar_product = slots_where(lambda use: use.direct and _dimensions(use) == (1, 1), "x", "other")


def _is_mixing(use: Use) -> bool:
    """Tell whether the left factor's rows are shares: none negative, and they add up to 1."""
    shares, shape = use.numbers(use.operands[0]), use.shape(use.operands[0])
    if shares is None or len(shape) < 2 or not use.computed_by(use.operands[0], "softmax"):
        return False
    size = shape[-1]
    rows = [shares[start : start + size] for start in range(0, len(shares), size)]
    return min(shares) >= 0 and nearly_equal([math.fsum(row) for row in rows], [1.0] * len(rows))


# V in A V, where the rows of A are shares.
_mixed_values = slots_where(
    lambda use: use.position == 1 and use.direct and _is_mixing(use), "x", "other"
)


_mixing_shares = slots_where(
    lambda use: use.position == 0 and use.direct and _is_mixing(use), "x", "other"
)


def _both_computed(use: Use) -> Slots | None:
    """Neither factor is a weight."""
    kinds = {use.kind(_unturned(part)) for part in use.operands}
    if _unturned(use.operand) != use.x or kinds != {"value"}:
        return None
    return {"x": use.x, "other": _unturned(use.other)}


def _unturned(node: Node) -> Node:
    """Return what is transposed; anything else as it is."""
    while isinstance(node, Call) and node.operation in ("transpose", "transpose_last"):
        node = node.arguments[0]
    return node


def _weighs_vector(use: Use) -> Slots | None:
    if _dimensions(use) != (2, 1) or use.kind(use.operands[0]) != "parameter":
        return None
    return {"w": use.operands[0], "other": use.operands[1]}


def _weighs_rows(use: Use) -> Slots | None:
    left, right = use.operands
    if use.kind(right) != "parameter" or len(use.shape(left)) < 2:
        return None
    count = math.prod(use.shape(left)[:-1])
    return {"w": right, "other": left, "count": count} if count > 1 else None


def _weighs_row(use: Use) -> Slots | None:
    left, right = use.operands
    if use.kind(right) != "parameter" or _dimensions(use) != (1, 2):
        return None
    return {"w": right, "other": left}


def _weighs_dot(use: Use) -> Slots | None:
    return (
        {"left": use.operands[0], "right": use.operands[1]} if _dimensions(use) == (1, 1) else None
    )


def _compares(use: Use) -> Slots | None:
    """Rows are multiplied by rows: Q Kᵀ."""
    left, right = use.operands
    if not isinstance(right, Call) or not right.operation.startswith("transpose"):
        return None
    other = right.arguments[0]
    if use.kind(left) == "parameter" or use.kind(other) == "parameter" or len(use.shape(left)) < 2:
        return None
    return {"left": left, "right": other}


def _mixes(use: Use) -> Slots | None:
    return {"left": use.operands[0], "right": use.operands[1]} if _is_mixing(use) else None


BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "matmul": (
        Reason(
            "matrix.silent",
            _all_silent,
            "{other} is 0 in every entry, so {w} is multiplied by zeros: on this path a nudge of "
            "{w} has no effect, and the gradient that comes back along it is 0.",
            "{other} is 0 again, so {w} gets 0 on this path.",
            3,
        ),
        Reason(
            "matrix.silent_input",
            _silent_input,
            "{entry} is 0, so on this path the weights it is multiplied by have no effect, and the "
            "gradients that come back to them are 0.",
            "{entry} is 0, and so are the gradients that its weights get on this path.",
            3,
        ),
        Reason(
            "matrix.weight",
            _weight_of_vector,
            "Row i, column j of {w} carries entry j of {other} to output i. So its gradient is "
            "output i's error times that entry: a column of errors times a row of inputs.",
            "Error times input, for every pair.",
        ),
        Reason(
            "matrix.one_output",
            _one_output,
            "There is one output, so one error comes back to {x}: to each entry, times the "
            "weight that the entry was multiplied by.",
            "The one error, times each entry's weight.",
            3,
        ),
        Reason(
            "matrix.input",
            _input_of_matrix,
            "Each entry of {x} went to every output through one column of {w}. On the way back the "
            "same weights collect the errors of all outputs: rows and columns change places.",
            "Back through the same weights: {w} transposed.",
        ),
        Reason(
            "matrix.mixed",
            _mixed_values,
            "A row of {x} was mixed into several results, each time with the share that {other} "
            "gave it. Their errors come back with the same shares.",
            "Errors come back with the shares in {other}.",
            3,
        ),
        Reason(
            "matrix.shares",
            _mixing_shares,
            "A share in {x} decides how much of one row of {other} is taken. Its gradient asks: "
            "does that row point along the error?",
            "Each share's gradient compares a row of {other} with the error.",
            3,
        ),
        Reason(
            "matrix.weight_rows",
            _weight_of_rows,
            "The same {w} served all {count} rows of {other}. Each row contributes its input "
            "times its error, and the product with {other} transposed sums them.",
            "{w} served {count} rows; their shares are summed.",
        ),
        Reason(
            "matrix.turned_weight_rows",
            _turned_weight_of_rows,
            "{w} stands transposed in the product, and so does its gradient. Each of the {count} "
            "rows of {other} contributes its error times its input, and the product sums them.",
            "{w} stands transposed: error times input, over {count} rows.",
        ),
        Reason(
            "matrix.weight_batch",
            _weight_of_batch,
            "The same {w} served all {count} rows of {other}, in every matrix of the batch; each "
            "contributes its input times its error, and all are summed.",
            "{count} rows used {w}; their shares are summed.",
        ),
        Reason(
            "matrix.input_rows",
            _rows_of_weight,
            "Every row of {x} went through {w} by itself. Each row of errors goes back through "
            "the same weights, so {w} appears transposed.",
            "Each row goes back through {w}, transposed.",
        ),
        Reason(
            "matrix.weight_columns",
            _matrix_on_the_left,
            "Every one of the {count} columns of {other} went through {w}. Each contributes its "
            "error times its input, and these add up.",
            "{count} columns used {w}; their shares add up.",
        ),
        Reason(
            "matrix.row_input",
            _row_input,
            "Each entry of {x} went out along one row of {other}, and the errors come back along "
            "that row.",
            "Back along the rows of {other}.",
        ),
        Reason(
            "matrix.row_weight",
            _row_weight,
            "Every entry of {x} joins one entry of {other} to one output: input times error.",
            "Input times error, for every pair.",
        ),
        Reason(
            "matrix.weight_row",
            _weight_of_one_row,
            "Every entry of {x} joins one entry of {other} to one output. Its gradient is that "
            "input times that output's error.",
            "Input times error, for every entry of {x}.",
        ),
        Reason(
            "matrix.dot",
            _scalar_product,
            "Entry by entry {x} was multiplied by {other}, so {other} is the slope: the larger "
            "its partner, the more an entry counts.",
            "{other} is the slope, entry by entry.",
        ),
        Reason(
            "matrix.computed",
            _both_computed,
            "Neither factor is a weight here; both were computed, and each is the other one's "
            "slope. So {x} gets its gradient through {other}.",
            "{x} gets its gradient through {other}.",
        ),
    ),
    "outer": (
        Reason(
            "pairs.sum",
            direct_operand,
            "Each entry of {x} stands in a whole row or column of the table of products, and "
            "collects the errors of all of it.",
            "Each entry collects the errors of its whole row or column.",
        ),
    ),
}


FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "matmul": (
        purpose(
            "matrix.rows_ask",
            _weighs_vector,
            "Each row of {w} asks how much {other} looks like it: one number a row.",
        ),
        purpose(
            "matrix.each_row",
            _weighs_rows,
            "Each of the {count} rows of {other} is weighted by the same {w}: a column of "
            "weights makes one number of a row.",
        ),
        purpose(
            "matrix.row",
            _weighs_row,
            "Each column of {w} weights the entries of {other} and adds them up.",
        ),
        purpose(
            "matrix.compares",
            _compares,
            "Every row of {left} is compared with every row of {right}: the better two agree, the "
            "larger the product.",
            3,
        ),
        purpose(
            "matrix.mixes",
            _mixes,
            "Each row of {left} holds shares that add up to 1, and mixes the rows of {right} by "
            "them.",
            3,
        ),
        purpose(
            "matrix.dot",
            _weighs_dot,
            "The entries of {left} and {right} are multiplied in pairs and added: large where both "
            "point the same way.",
        ),
    ),
}
