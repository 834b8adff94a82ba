"""One table of operations, a row each with all its readings.

Nothing outside this package branches on an operation's name. To add an operation, add a row to
the room it belongs to and a row of awkward cases to tests/operations.
"""

from __future__ import annotations

from tracer.operations import (  # noqa: F401 - each import adds its rows to the table
    arithmetic,
    arrangement,
    array_selection,
    convolution,
    elementwise,
    layers,
    losses,
    reductions,
)
from tracer.operations.array_shape import (
    Shape,
    broadcast_index,
    broadcast_shape,
    flat_entries,
    indices_of,
    nested,
    ravel,
    shape_text,
    unravel,
)
from tracer.operations.numbers import (
    number_node,
    number_text,
    sample_number,
    sample_place,
    written_text,
)
from tracer.operations.operation import (
    Entries,
    Operation,
    Term,
    apply,
    bound,
    bound_calls,
    check_attributes,
    code_template,
    is_drawn,
    lookup,
    replace_names,
    standard_call,
    table,
    usage,
    vocabulary,
)
from tracer.operations.signature import CONSTANTS, attribute_node, literal, number, static_value

__all__ = [
    "CONSTANTS",
    "Entries",
    "Operation",
    "Shape",
    "Term",
    "apply",
    "attribute_node",
    "bound",
    "bound_calls",
    "broadcast_index",
    "broadcast_shape",
    "check_attributes",
    "code_template",
    "flat_entries",
    "indices_of",
    "is_drawn",
    "literal",
    "lookup",
    "nested",
    "number",
    "number_node",
    "number_text",
    "ravel",
    "replace_names",
    "sample_number",
    "sample_place",
    "shape_text",
    "standard_call",
    "static_value",
    "table",
    "unravel",
    "usage",
    "vocabulary",
    "written_text",
]
