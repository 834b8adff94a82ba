"""The language: its tree, one parser and one printer for ASCII, Unicode and LaTeX."""

from __future__ import annotations

from tracer.expression.look import Dialect, FunctionNames, Vocabulary
from tracer.expression.notation import Notation
from tracer.expression.parser import parse
from tracer.expression.printer import render
from tracer.expression.program_parser import parse_program
from tracer.expression.syntax import (
    Array,
    Assignment,
    Call,
    Loop,
    Name,
    Node,
    Number,
    Slice,
    Statement,
    Tuple,
    walk,
)

__all__ = [
    "Array",
    "Assignment",
    "Call",
    "Dialect",
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
    "parse",
    "parse_program",
    "render",
    "walk",
]
