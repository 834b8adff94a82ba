"""The language: its tree, one parser and one printer for ASCII, Unicode and LaTeX."""

from __future__ import annotations

from tracer.expression.names import Dialect, FunctionNames, Vocabulary, canonical_name
from tracer.expression.notation import Notation
from tracer.expression.parser import parse
from tracer.expression.printer import render
from tracer.expression.program_parser import line_and_column, parse_program
from tracer.expression.syntax import (
    Array,
    Assignment,
    Call,
    Display,
    Loop,
    Name,
    Node,
    Number,
    Slice,
    Statement,
    Tuple,
    array_of,
    count_number,
    indexed_extreme,
    letter,
    transpose_form,
    walk,
    with_subscripts,
)

__all__ = [
    "Array",
    "Assignment",
    "Call",
    "Dialect",
    "Display",
    "FunctionNames",
    "Loop",
    "Name",
    "Node",
    "Notation",
    "Number",
    "Slice",
    "Statement",
    "Tuple",
    "Vocabulary",
    "array_of",
    "canonical_name",
    "count_number",
    "indexed_extreme",
    "letter",
    "line_and_column",
    "parse",
    "parse_program",
    "render",
    "transpose_form",
    "walk",
    "with_subscripts",
]
