"""Expressions as code of a framework: NumPy, PyTorch or JAX, and the functions that they call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import tracer.operations as operations_package
from tracer.errors import RunError
from tracer.expression import Array, Call, Name, Node, Number, walk
from tracer.frozen import Value
from tracer.operations import Operation, Term, bound, code_template, literal, usage
from tracer.operations.framework_code import FRAMEWORK_HELPERS
from tracer.program.shapes import Shapes
from tracer.sentences import say


class Framework(Value):
    """A framework as programs use it."""

    title: str  # key of the rows' `framework_code`
    module: str  # its arrays' module, by its usual short name
    imports: Mapping[str, str]  # by name: the import that defines it
    settings: Mapping[str, Sequence[str]]  # lines by the scenario's dtype
    number: str  # a number as an array without axes
    floats: str  # a list of numbers as an array
    integers: str
    as_floats: str  # whole numbers as floats, where they are more than labels
    lists: str  # an array, or what may be a number of Python, as lists
    differentiates: bool


_MATH: Final = {"base64": "import base64", "math": "import math", "np": "import numpy as np"}

FRAMEWORKS: Final[Mapping[str, Framework]] = {
    "numpy": Framework(
        title="NumPy",
        module="np",
        imports=_MATH,
        settings={name: [f"dtype = np.{name}"] for name in ("float64", "float32")},
        number="dtype({})",
        floats="np.array({}, dtype=dtype)",
        integers="np.array({})",
        as_floats="{}.astype(dtype)",
        lists="np.asarray({}).tolist()",
        differentiates=False,
    ),
    "pytorch": Framework(
        title="PyTorch",
        module="torch",
        imports={
            **_MATH,
            "torch": "import torch",
            "F": "import torch.nn.functional as F",
        },
        settings={
            name: [f"torch.set_default_dtype(torch.{name})"] for name in ("float64", "float32")
        },
        number="torch.tensor({})",
        floats="torch.tensor({})",
        integers="torch.tensor({})",
        as_floats="{}.to(torch.get_default_dtype())",
        lists="{}.tolist()",
        differentiates=True,
    ),
    "jax": Framework(
        title="JAX",
        module="jnp",
        imports={**_MATH, "jax": "import jax", "jnp": "import jax.numpy as jnp"},
        settings={
            "float64": ['jax.config.update("jax_enable_x64", True)', "dtype = jnp.float64"],
            "float32": ["dtype = jnp.float32"],
        },
        number="jnp.array({}, dtype=dtype)",
        floats="jnp.array({}, dtype=dtype)",
        integers="jnp.array({})",
        as_floats="{}.astype(dtype)",
        lists="{}.tolist()",
        differentiates=True,
    ),
}
"""The frameworks that a scenario can be written in, by what the command line calls them."""

_ARITHMETIC: Final = ("add", "subtract", "multiply", "divide", "negative", "power", "pi")
_HELPER_MODULES: Final = ("kernels", "helpers")
_OUT: Final = "out_"  # name of the array that code writes its result into
INDENT: Final = "    "


class _Substitution(ast.NodeTransformer):
    """Puts operands and attributes in the places of their names in an expression."""

    def __init__(
        self, module: str, operands: Mapping[str, ast.expr], attributes: Mapping[str, Any]
    ) -> None:
        self.module = module
        self.operands = operands
        self.attributes = attributes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "xp":
            return ast.Name(self.module)
        if node.id in self.operands:
            return self.operands[node.id]
        if node.id in self.attributes:
            return _constant_code(self.attributes[node.id])
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.slice, ast.Name) and node.slice.id in self.attributes:
            items = [_subscript_code(item) for item in self.attributes[node.slice.id]]
            index = items[0] if len(items) == 1 else ast.Tuple(items)
            return ast.Subscript(self.visit(node.value), index)
        return self.generic_visit(node)  # type: ignore[return-value] # an expression stays one

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in _HELPER_MODULES:
            return ast.Name(node.attr)  # the program has it itself
        return self.generic_visit(node)  # type: ignore[return-value] # an expression stays one

    def visit_Call(self, node: ast.Call) -> ast.expr:
        usual = {  # what holds without being said: no axis, and none is kept
            name for name, value in self.attributes.items() if value is None or value is False
        }
        node.keywords = [item for item in node.keywords if ast.unparse(item.value) not in usual]
        return self.generic_visit(node)  # type: ignore[return-value]


def _constant_code(value: Any) -> ast.expr:
    """Return an attribute's value; slices as calls, since they stand in no brackets here."""
    if isinstance(value, Fraction):
        value = float(value)
    return ast.parse(repr(value), mode="eval").body


def _subscript_code(value: Any) -> ast.expr:
    if not isinstance(value, slice):
        return _constant_code(value)
    parts = (
        None if part is None else _constant_code(part)
        for part in (value.start, value.stop, value.step)
    )
    return ast.Slice(*parts)


class FrameworkExpressions:
    """Writes trees as expressions of a framework, and the functions that these call."""

    def __init__(self, framework: Framework, integers: Collection[str]) -> None:
        self.framework = framework
        self.integers = integers  # the quantities that are written as whole numbers
        self.functions: dict[str, str] = {}  # the text of each, in the order they are needed
        # Bodies of functions made of definitions, one for each shape.
        self._bodies: dict[str, list[str]] = {}

    def text(self, node: Node, shapes: Shapes, name: Callable[[str], str]) -> str:
        """Return an expression, as an array even where it is a plain number."""
        if _is_number(node):
            return ast.unparse(self._number(node))
        return ast.unparse(self._tree(node, shapes, name))

    def _tree(
        self, node: Node, shapes: Shapes, name: Callable[[str], str], *, whole: bool = False
    ) -> ast.expr:
        if isinstance(node, Name):
            if node.id in self.integers and not whole and name is not str:
                return _parse_code(self.framework.as_floats.format(name(node.id)))
            return ast.Name(name(node.id))
        if isinstance(node, Number):
            value = node.value  # a whole one stays whole, as a reader wrote it
            return ast.Constant(value.numerator if value.denominator == 1 else float(value))
        if isinstance(node, Array):
            form = self.framework.integers if whole else self.framework.floats
            return _parse_code(form.format(_nested_numbers(node, int if whole else float)))
        assert isinstance(node, Call), node
        row, operands, attributes = bound(node)
        code = self._code(row, operands, attributes, shapes)
        if row.variadic:
            parts = [self._argument(item, shapes, name, whole=False) for item in operands]
            values: dict[str, ast.expr] = {row.operands[0]: ast.List(parts)}
        else:
            bare = _bare_names(code)
            values = {
                key: self._tree(operand, shapes, name)
                if key in bare and _is_number(operand) and not is_whole
                else self._argument(operand, shapes, name, whole=is_whole)
                for key, operand in zip(row.operands, operands, strict=True)
                for is_whole in (key in row.integers or (whole and row.moves),)
            }
        placed: ast.expr = _Substitution(self.framework.module, values, attributes).visit(code)
        return placed

    def _argument(
        self, node: Node, shapes: Shapes, name: Callable[[str], str], *, whole: bool
    ) -> ast.expr:
        """Return an operand of a call: PyTorch takes no plain number there."""
        if not _is_number(node):
            return self._tree(node, shapes, name, whole=whole)
        exact = literal(node)
        if whole and exact is not None:
            return _parse_code(self.framework.integers.format(int(exact)))
        if self.framework.title == "PyTorch" or exact is None:
            return self._number(node)
        return ast.Constant(float(exact))

    def _number(self, node: Node) -> ast.expr:
        exact = literal(node)
        inner = self._tree(node, Shapes({}), str) if exact is None else ast.Constant(float(exact))
        return _parse_code(self.framework.number.format(ast.unparse(inner)))

    def _code(
        self,
        row: Operation,
        operands: Sequence[Node],
        attributes: Mapping[str, Any],
        shapes: Shapes,
    ) -> ast.expr:
        """Return the expression of an operation, with the names of its operands in it.

        Raises RunError where it has none.
        """
        code = row.framework_code.get(self.framework.title)
        if callable(code):
            code = code(**attributes)
        if code is None and self.framework.title == "NumPy" and row.array:
            code = _array_code(row, operands, attributes)
        if code is None:
            definition = row.steps or row.definition
            if definition is None:
                raise RunError(
                    say(
                        "{usage} has no form in {framework}",
                        usage=usage(row),
                        framework=self.framework.title,
                    ),
                    expected=say("another operation, or NumPy"),
                )
            code = self._definition_call(row, definition, operands, attributes, shapes)
        tree = _parse_code(code)
        for part in ast.walk(tree):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                self._add_helper(part.value.id, part.attr)
        return tree

    def _add_helper(self, module: str, name: str) -> None:
        """Add a function that an expression calls, and those that it calls itself."""
        if module not in _HELPER_MODULES or name in self.functions:
            return
        texts = _kernel_texts() if module == "kernels" else FRAMEWORK_HELPERS[self.framework.title]
        for part in ast.walk(ast.parse(texts[name])):
            if isinstance(part, ast.Name) and part.id in texts and part.id != name:
                self._add_helper(module, part.id)
        self.functions[name] = texts[name].rstrip()

    def _definition_call(
        self,
        row: Operation,
        definition: Callable[..., Term],
        operands: Sequence[Node],
        attributes: Mapping[str, Any],
        shapes: Shapes,
    ) -> str:
        """Return the call of a function that consists of an operation's definition."""
        own = Shapes(
            {key: shapes.of(item) for key, item in zip(row.operands, operands, strict=True)}
        )
        terms = [own.term(Name(key)) for key in row.operands]
        value = self.text(definition(*terms, **attributes).node, own, str)
        signature = f"({', '.join(row.operands)})"
        words = f"{row.words[:1].upper()}{row.words[1:]}."
        body = f'{signature}:\n{INDENT}"""{words}"""\n{INDENT}return {value}'
        bodies = self._bodies.setdefault(row.name, [])
        if body not in bodies:
            bodies.append(body)
        number = bodies.index(body) + 1
        name = row.name if number == 1 else f"{row.name}_{number}"
        self.functions[name] = f"def {name}{body}"
        return f"{name}{signature}"


def _parse_code(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _is_number(node: Node) -> bool:
    """Tell whether an expression is a plain number of Python: literals, pi and arithmetic."""
    return all(
        isinstance(part, Number) or (isinstance(part, Call) and part.operation in _ARITHMETIC)
        for part in walk(node)
    )


def _bare_names(code: ast.expr) -> set[str]:
    """Return the names that stand beside operators only: Python computes with a number there."""
    parts = list(ast.walk(code))
    others = [part for part in parts if not isinstance(part, (ast.BinOp, ast.UnaryOp))]
    inside = (code, *chain.from_iterable(map(ast.iter_child_nodes, others)))
    names, elsewhere = (
        {part.id for part in group if isinstance(part, ast.Name)} for group in (parts, inside)
    )
    return names - elsewhere


def _nested_numbers(node: Node, kind: Callable[[Fraction], float]) -> Any:
    """Return an array literal as lists of numbers."""
    if isinstance(node, Array):
        return [_nested_numbers(item, kind) for item in node.items]
    exact = literal(node)
    assert exact is not None, node
    return kind(exact)


def _array_code(row: Operation, operands: Sequence[Node], attributes: Mapping[str, Any]) -> str:
    """Return the array code of a row as an expression; nothing is written into an array there."""
    template = code_template(row.array, operands)
    tree = ast.parse(template.format(*row.operands, out=_OUT, **attributes), mode="eval")
    for part in ast.walk(tree):
        if isinstance(part, ast.Call):
            part.args = [item for item in part.args if ast.unparse(item) != _OUT]
            part.keywords = [item for item in part.keywords if ast.unparse(item.value) != _OUT]
    return ast.unparse(tree)


class _WithoutTypes(ast.NodeTransformer):
    """Leaves the types of arguments and results out."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        assert node.value is not None
        return ast.Assign([node.target], node.value, lineno=node.lineno)


@cache
def _kernel_texts() -> Mapping[str, str]:
    """Return the functions of `kernels` as text; they are read, and NumPy is not loaded for it."""
    path = Path(operations_package.__file__).with_name("kernels.py")
    return {
        part.name: ast.unparse(_WithoutTypes().visit(part))
        for part in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(part, ast.FunctionDef)
    }
