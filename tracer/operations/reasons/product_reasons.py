"""Why matrix products have the gradients that they have, and what they are for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from tracer.expression import Call, Name, Node, letter
from tracer.operations.reason import (
    OperandUse,
    Reason,
    Slots,
    Test,
    by_zeros,
    count_several,
    direct_operand,
    entry_of,
    nearly_equal,
    purpose,
    restrict_condition,
    step_result,
)
from tracer.operations.signature import number


def _axis_counts(use: OperandUse) -> tuple[int, int]:
    return len(use.shape(use.operands[0])), len(use.shape(use.operands[1]))


def _role(position: int, axes: tuple[int, int], *tests: Test) -> Test:
    """Return the condition that the operand stands there in a product of so many axes each."""

    def holds(use: OperandUse) -> bool:
        stands_there = use.position == position and _axis_counts(use) == axes
        return stands_there and all(test(use) for test in tests)

    return holds


def _is_weight(use: OperandUse) -> bool:
    return use.kind(use.x) == "parameter"


def _weighs(use: OperandUse) -> bool:
    """Tell whether x alone is a weight."""
    return use.kind(use.x) == "parameter" != use.kind(use.other)


def _is_weighed(use: OperandUse) -> bool:
    """The other factor alone is a weight."""
    return use.kind(use.other) == "parameter" != use.kind(use.x)


def _is_turned(use: OperandUse) -> bool:
    """The operand is x transposed."""
    return isinstance(use.operand, Call) and _without_transpose(use.operand) == use.x


def _other_rows(use: OperandUse) -> int:
    return use.shape(use.other)[0]


def _rows_with_shares(use: OperandUse) -> int:
    """Return how many rows of the other factor bring a share that is not 0 throughout."""
    count, factors = _other_rows(use), (use.numbers(use.other) or (), use.upstream or ())
    felt = ({at * count // len(part) for at, value in enumerate(part) if value} for part in factors)
    return len(set.intersection(*felt))


def _stands_behind_rows(use: OperandUse) -> bool:
    """Tell whether this is W in X W, or w in X w where X is no weight."""
    return use.is_second and (_axis_counts(use) == (2, 2) or _VECTOR_BEHIND_ROWS(use))


def _silent_input(use: OperandUse) -> Slots | None:
    """Some input of the one sample is 0, so a column of the weight's gradient, or a row, is 0."""
    values = use.numbers(use.other)
    takes_one = _MATRIX(use) or (_ROWS_BY_WEIGHT(use) and _other_rows(use) == 1)
    if not takes_one or values is None or 0.0 not in values or not any(values):
        return None
    is_entry = isinstance(use.other, Call) and use.other.operation == "index"
    entry = entry_of(use.other, list(values).index(0.0), use.shape(use.other))
    return {"entry": entry} if is_entry or isinstance(use.other, Name) else None


def _rows_of_weight(use: OperandUse) -> Slots | None:
    """X in X W, or what X is made of, with the number of its rows."""
    is_weighed = not use.position and use.kind(_without_transpose(use.other)) == "parameter"
    is_known = is_weighed and _axis_counts(use) == (2, 2)
    return {"count": use.shape(use.operand)[0]} if is_known else None


_VECTOR_BEHIND_ROWS: Final = _role(1, (2, 1), _weighs)  # w in X w
_ROWS_TO_NUMBERS: Final = _role(0, (2, 1), _is_weighed)  # X in X w
_MATRIX: Final = _role(0, (2, 1), direct_operand, lambda use: not _is_weighed(use))  # W in W x
_ROWS_BY_WEIGHT: Final = _role(1, (2, 2), direct_operand, _weighs)  # W in X W
_INPUT: Final = _role(1, (2, 1), lambda use: not _weighs(use))  # x in W x, or what it is made of


def _is_mixing(use: OperandUse) -> bool:
    """Tell whether the left factor's rows are shares: none negative, and they add up to 1."""
    left = use.operands[0]
    if len(use.shape(left)) < 2 or not use.computed_by(left, "softmax"):
        return False
    shares = use.numbers(left) or (-1.0,)
    totals = use.numbers(Call("sum", (left,), (("axis", number(-1)),))) or ()
    return min(shares) >= 0 and nearly_equal(totals, [1.0] * len(totals))


def _compares_one(use: OperandUse) -> bool:
    """Tell whether rows are multiplied by one vector, and all were computed."""
    are_computed = {*map(use.kind, use.operands)} == {"value"}
    are_named = all(isinstance(part, Name) for part in use.operands)
    return are_computed and are_named and _axis_counts(use) == (2, 1)


def _mixes_once(use: OperandUse) -> bool:
    """Tell whether the left factor is one row of shares."""
    left = use.operands[0]
    is_row = _axis_counts(use) == (1, 2) and use.computed_by(left, "softmax")
    return is_row and min(use.numbers(left) or (-1.0,)) >= 0


def _has_no_weight(use: OperandUse) -> Slots | None:
    """Neither factor is a weight."""
    kinds = {use.kind(_without_transpose(part)) for part in use.operands}
    are_computed = _without_transpose(use.operand) == use.x and kinds == {"value"}
    return {"other": _without_transpose(use.other)} if are_computed else None


def _without_transpose(node: Node) -> Node:
    """Return what is transposed; anything else as it is."""
    while isinstance(node, Call) and node.operation in ("transpose", "transpose_last"):
        node = node.arguments[0]
    return node


def _weighs_rows(use: OperandUse) -> Slots | None:
    """Several rows meet the same weights; in a loss what it measures is to be said."""
    left, right = use.operands
    count = math.prod(use.shape(left)[:-1])
    is_weighed = use.kind(right) == "parameter" and count > 1 and not use.is_loss
    if not is_weighed:
        return None
    return {"w": right, "other": left, "count": count, "columns": math.prod(use.shape(right)[1:])}


def _weighs_row(use: OperandUse) -> Slots | None:
    left, right = use.operands
    is_row = math.prod(use.shape(left)[:-1]) == 1 and len(use.shape(right)) == 2
    is_weighed = is_row and use.kind(right) == "parameter"
    return {"w": right, "other": left} if is_weighed else None


def _compares_rows(use: OperandUse) -> Slots | None:
    """Rows are multiplied by rows: Q Kᵀ."""
    left, right = use.operands
    if not isinstance(right, Call) or not right.operation.startswith("transpose"):
        return None
    rows = right.arguments[0]
    are_computed = "parameter" not in (use.kind(left), use.kind(rows))
    return {"left": left, "right": rows} if are_computed and len(use.shape(left)) > 1 else None


def _picks_entry(use: OperandUse) -> Slots | None:
    """One of two vectors is given, and is 1 at one place and 0 elsewhere."""
    for one, other in (use.operands, use.operands[::-1]) if _axis_counts(use) == (1, 1) else ():
        values = use.numbers(one) if use.kind(one) == "data" else None
        if values and sorted(values) == [0.0] * (len(values) - 1) + [1.0]:
            return {"one": one, "other": other}
    return None


def _rows_ask(use: OperandUse) -> Slots | None:
    """A weight stands before one vector, or transposed behind it."""
    left, right = use.operands
    weight, other = (left, right) if _axis_counts(use) == (2, 1) else (right, left)
    stands_so = weight == left or (weight != _without_transpose(weight))
    is_one = {*_axis_counts(use)} == {1, 2} and stands_so
    weight = _without_transpose(weight)
    is_weight = use.kind(weight) == "parameter" and is_one
    return {"w": weight, "other": other} if is_weight else None


def _both_sides(use: OperandUse) -> Slots:
    return {"left": use.operands[0], "right": use.operands[1]}


BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "matmul": (
        Reason(
            "matrix.silent",
            by_zeros,
            "{other} is 0 in every entry, so {x} is multiplied by zeros: a nudge of {x} has no "
            "effect here, and the gradient that comes back from here is 0.",
            "{other} holds zeros again, so {x} gets 0 here.",
            3,
        ),
        Reason(
            "matrix.silent_input",
            _silent_input,
            "{entry} is 0, so the entries of {x} it is multiplied by have no effect here, and the "
            "gradients that come back to them from here are 0.",
            "{entry} is 0: the entries of {x} it is multiplied by get 0 here.",
            3,
            is_remark=True,
        ),
        Reason(
            "matrix.weight",
            lambda use: {"i": letter("i"), "j": letter("j")} if _MATRIX(use) else None,
            "The entry of {x} in row {i}, column {j} carries entry {j} of {other} to entry {i} of "
            "the product. So its gradient is the gradient of entry {i} of the product times entry "
            "{j} of {other}: a column of gradients times a row of inputs.",
            "Incoming gradient times input, for every pair.",
        ),
        Reason(
            "matrix.rows_to_numbers",
            _ROWS_TO_NUMBERS,
            "Each row of {operand} became one number, weighted by {other}. So the gradient of that "
            "number comes back to each entry of the row, times the entry's weight.",
            "The gradient of each row's number, times the weights {other}.",
        ),
        Reason(
            "matrix.one_output",
            lambda use: _INPUT(use) and _other_rows(use) == 1,
            "There is one output, so one gradient comes back to {operand}: to each entry, times "
            "the number that the entry was multiplied by.",
            "The one gradient, times what each entry was multiplied by.",
            3,
        ),
        Reason(
            "matrix.input",
            _INPUT,
            "Each entry of {operand} went to every output through one column of {other}. On the "
            "way back the same column collects the gradients of all outputs: rows and columns "
            "change places.",
            "Back through the same columns: {other} transposed.",
        ),
        Reason(
            "matrix.mixed",
            lambda use: use.is_second and _is_mixing(use),
            "A row of {x} was mixed into several results, each time with the share that {other} "
            "gave it. Their gradients come back with the same shares.",
            "Gradients come back with the shares in {other}.",
            3,
        ),
        Reason(
            "matrix.shares",
            lambda use: use.is_first and _is_mixing(use),
            "A share in {x} decides how much of one row of {other} is taken. Its gradient is the "
            "dot product of that row with the gradient that comes in: large where both point "
            "the same way.",
            "Each share's gradient is the product of a row of {other} with the one that comes in.",
            3,
        ),
        Reason(
            "matrix.shares_cancel",
            count_several(
                lambda use: (
                    _stands_behind_rows(use)
                    and _is_weight(use)
                    and use.receives
                    and not any(use.gradient or (1.0,))
                ),
                _rows_with_shares,
            ),
            "Each of {count} rows of {other} brings a share, its input times the gradient at its "
            "output. None of these shares is 0, but what some pull up others pull down: their sum "
            "is 0.",
            "The shares of {count} rows cancel.",
            3,
            is_remark=True,
        ),
        Reason(
            "matrix.weight_rows",
            count_several(lambda use: _stands_behind_rows(use) and _is_weight(use), _other_rows),
            "The same {x} served each of the {count} rows of {other}. Each row contributes its "
            "input times the gradient at its output, and the product with {other} transposed "
            "sums them.",
            "{x} served {count} rows; their shares are summed.",
        ),
        Reason(
            "matrix.turned_weight_rows",
            count_several(
                lambda use: use.position == 1 and _is_turned(use) and _is_weight(use),
                lambda use: math.prod(use.shape(use.other)[:-1]),
            ),
            "{x} stands transposed in the product, and so does its gradient. Each of the {count} "
            "rows of {other} contributes the gradient at its output times its input, and the "
            "product sums them.",
            "{x} stands transposed: gradient at the output times input, over {count} rows.",
        ),
        Reason(
            "matrix.turned_weight",
            _role(0, (2, 1), _is_turned, _is_weight),
            "{x} stands transposed in the product, and so does its gradient: each entry is one "
            "entry of {other} times the gradient of the output that it goes to.",
            "{x} stands transposed: input times incoming gradient, for every pair.",
        ),
        Reason(
            "matrix.weight_batch",
            count_several(
                lambda use: use.is_second and _is_weight(use) and len(use.shape(use.other)) > 2,
                lambda use: math.prod(use.shape(use.other)[:-1]),
            ),
            "The same {x} served each of the {count} rows of {other}, in every matrix of the "
            "batch; each contributes its input times the gradient at its output, and all are "
            "summed.",
            "{count} rows used {x}; their shares are summed.",
        ),
        Reason(
            "matrix.input_row",
            restrict_condition(_rows_of_weight, lambda found: found["count"] == 1),
            "{operand} went through {other} as one row. The gradient goes back through the same "
            "weights, so the transpose of {other} appears.",
            "Back through {other}, transposed.",
        ),
        Reason(
            "matrix.input_rows",
            restrict_condition(_rows_of_weight, lambda found: found["count"] != 1),
            "Every row of {operand} went through {other} by itself. Each row of gradients goes "
            "back through the same weights, so the transpose of {other} appears.",
            "Each row goes back through {other}, transposed.",
        ),
        Reason(
            "matrix.weight_columns",
            count_several(
                _role(0, (2, 2), direct_operand, _weighs), lambda use: use.shape(use.other)[1]
            ),
            "Every one of the {count} columns of {other} went through {x}. Each contributes the "
            "gradient at its output times its input, and these add up.",
            "{count} columns used {x}; their shares add up.",
        ),
        Reason(
            "matrix.row_input",
            _role(0, (1, 2), direct_operand),
            "Each entry of {x} went out along one row of {other}, and the gradients come back "
            "along that row.",
            "Back along the rows of {other}.",
        ),
        Reason(
            "matrix.row_weight",
            _role(1, (1, 2), direct_operand),
            "Every entry of {x} joins one entry of {other} to one output: input times incoming "
            "gradient.",
            "Input times incoming gradient, for every pair.",
        ),
        Reason(
            "matrix.weight_row",
            lambda use: _stands_behind_rows(use) and _other_rows(use) == 1,
            "Every entry of {x} joins one entry of {other} to one output. Its gradient is that "
            "input times that output's gradient.",
            "Input times incoming gradient, for every entry of {x}.",
        ),
        Reason(
            "matrix.dot",
            lambda use: use.direct and _axis_counts(use) == (1, 1),
            "Entry by entry {x} was multiplied by {other}, so {other} is the slope: the larger "
            "an entry of {other}, the more the entry of {x} beside it counts.",
            "{other} is the slope, entry by entry.",
        ),
        Reason(
            "matrix.itself",
            lambda use: _without_transpose(use.other) == _without_transpose(use.operand) == use.x,
            "{x} is multiplied by itself. Here one of the two factors is nudged while the other "
            "is held fixed, and the one that is held is the slope.",
            "Now the other factor is nudged, and the first is the slope.",
            3,
        ),
        Reason(
            "matrix.computed",
            lambda use: _has_no_weight(use) if use.direct else None,
            "Neither factor is a weight here; both were computed, and each is the other one's "
            "slope. So {x} gets its gradient through {other}.",
            "{x} gets its gradient through {other}.",
        ),
        Reason(
            "matrix.computed_turned",
            lambda use: None if use.direct else _has_no_weight(use),
            "{x} stands transposed in the product, and {other} is the slope beside it. So what "
            "comes in is transposed too: row by row, {x} gets its gradient through {other}.",
            "{x} stands transposed in the product, so what comes in is transposed too.",
        ),
    ),
    "outer": (
        Reason(
            "pairs.sum",
            direct_operand,
            "Each entry of {x} stands in a whole row or column of the table of products, and "
            "collects the gradients of all of it.",
            "Each entry collects the gradients of its whole row or column.",
        ),
    ),
}


FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    "matmul": (
        purpose(
            "matrix.rows_ask",
            _rows_ask,
            "Each row of {w} is multiplied by {other}, entry by entry, and the products are added "
            "up: one number for each row.",
        ),
        purpose(
            "matrix.each_row",
            restrict_condition(_weighs_rows, lambda found: found["columns"] != 1),
            "Each of the {count} rows of {other} is weighted by the same {w}: each column of "
            "weights makes one number from a row.",
        ),
        purpose(
            "matrix.each_row_once",
            restrict_condition(_weighs_rows, lambda found: found["columns"] == 1),
            "Each of the {count} rows of {other} is weighted by the same {w}, which makes one "
            "number from it.",
        ),
        purpose(
            "matrix.row",
            _weighs_row,
            "Each column of {w} weights the entries of {other} and adds them up.",
        ),
        purpose(
            "matrix.compares",
            _compares_rows,
            "Every row of {left} is compared with every row of {right}: the better two agree, the "
            "larger the product.",
            3,
        ),
        purpose(
            "matrix.mixes",
            lambda use: _both_sides(use) if _is_mixing(use) else None,
            "Each row of {left} holds shares that add up to 1, and mixes the rows of {right} by "
            "them.",
            3,
        ),
        purpose(
            "matrix.compares_one",
            lambda use: _both_sides(use) if _compares_one(use) else None,
            "Every row of {left} is compared with {right}: the better the two agree, the larger "
            "the number.",
        ),
        purpose(
            "matrix.mixes_one",
            lambda use: _both_sides(use) if _mixes_once(use) else None,
            "The shares in {left} add up to 1, and mix the rows of {right} into one.",
            3,
        ),
        purpose(
            "matrix.picks",
            _picks_entry,
            "{one} is 1 at one place and 0 elsewhere: the product picks this entry of {other}.",
            3,
        ),
        purpose(
            "matrix.dot",
            lambda use: _both_sides(use) if _axis_counts(use) == (1, 1) else None,
            "The entries of {left} and {right} are multiplied in pairs and added: large where both "
            "point the same way.",
        ),
        purpose(
            "matrix.entries",
            step_result,
            "Each entry of the product is a row of the left factor times a column of the right.",
            1,
        ),
    ),
    "diag": (
        purpose(
            "diagonal",
            step_result,
            "{call} is the matrix with the entries of {operand} on its diagonal, and 0 elsewhere.",
            2,
        ),
    ),
    "outer": (
        purpose(
            "pairs",
            step_result,
            "A table of products: every entry of one, times every one of the other.",
        ),
    ),
}
