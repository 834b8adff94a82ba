"""The chain rule for one gradient, written with what a person's code has at a place.

The trace knows how each gradient is made of others. Where one of these has a name in the code, that
name stands for it; what has none is written out. So a statement can be corrected of which no slip
of the table explains what is wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from tracer.debug.examination import Examination
from tracer.debug.gradient_names import base_name
from tracer.debug.mutations import Mutation
from tracer.debug.observation import Version
from tracer.errors import TracerError
from tracer.expression import Call, Name, Node, with_parts
from tracer.operations import CONSTANTS
from tracer.program.framework_expressions import FRAMEWORKS, FrameworkExpressions
from tracer.program.shapes import Shapes
from tracer.sentences import say

MOST_WRITTEN: Final = 200  # characters of a formula that people still read


def chain_rule_corrections(
    here: Examination, item: Version, values: Mapping[str, Any], gradient: str
) -> list[Mutation]:
    """Return the statement that gave a gradient, with a term more or written anew.

    `values` are what the code has there. Each correction is to be tried.
    """
    match item.moment.statement:
        case ast.Assign([target], value) as statement if ast.unparse(target) == item.path.text:
            own = ast.unparse(value)
        case _:
            return []
    numbers = [value for value in values.values() if isinstance(value, int) and value > 2]
    counts = {
        str(value): text
        for text, value in values.items()
        if isinstance(value, int) and numbers.count(value) == 1
    }
    shapes = Shapes({name: here.iteration.shape(name) for name in here.iteration})

    def code_name(quantity: str) -> str:
        """Return what the code calls a quantity there; '' where it has none."""
        right = np.asarray(here.iteration[quantity])
        near = 1e-12 * np.abs(right).max(initial=0)
        same = (
            text
            for text, value in values.items()
            if np.shape(value) == right.shape and np.allclose(value, right, rtol=1e-9, atol=near)
        )
        path = here.forward.paths.get(quantity)
        word = "" if path is None else base_name(path)
        return min(same, key=lambda text: (not text.endswith(word), len(text)), default="")

    def tree(node: Node) -> Node:
        if isinstance(node, Name):
            is_written = node.id in CONSTANTS or code_name(node.id)  # keepdims=True
            return node if is_written else tree(here.equations[node.id].expression)
        if isinstance(node, Call) and node.operation == "broadcast":
            return tree(node.arguments[0])  # NumPy does it where it is used
        return with_parts(node, tree)

    def gradient_code(quantity: str) -> str:
        expressions = FrameworkExpressions(FRAMEWORKS["numpy"], ())
        try:
            text = expressions.text(tree(here.equations[quantity].expression), shapes, code_name)
        except (KeyError, TracerError):  # what is needed has no name, or no form in NumPy
            return ""
        text = ast.unparse(_AsPeopleWrite(counts).visit(ast.parse(text)))
        return "" if expressions.functions or len(text) > MOST_WRITTEN else text

    shares = (name for name in here.equations if name.startswith(f"{gradient}#"))
    found = [
        (say("the term {term} is missing", term=term), f"{own} + {term}")
        for term in map(gradient_code, shares)
        if term
    ]
    anew = say("the chain rule gives another expression"), gradient_code(gradient)
    return [
        Mutation("wrong_formula", words, statement, ast.parse(f"{item.path.text} = {text}").body)
        for words, text in (*found, anew)
        if text
    ]


class _AsPeopleWrite(ast.NodeTransformer):
    """Writes counts by their names, and an axis of length 1 as an index."""

    def __init__(self, counts: Mapping[str, str]) -> None:
        self.counts = counts

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, ast.Pow):  # an exponent is no count
            node.left = self.visit(node.left)
            return node
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        text = self.counts.get(ast.unparse(node))
        return node if text is None else ast.Name(text)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(ast.Attribute(attr="reshape"), [array, ast.Tuple([_, ast.Constant(1)])]):
                return ast.Name(f"({ast.unparse(self.visit(array))})[:, None]")
        return self.generic_visit(node)
