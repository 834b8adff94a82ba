"""A scenario's training as a program in NumPy, PyTorch or JAX that prints the same numbers.

The program needs its framework and nothing of ours. NumPy has the equations of all phases written
out; PyTorch and JAX differentiate the loss themselves, and so what they print is a second opinion
on the gradients. The update is written out in all three. Of a user's text only names stand in the
program, as identifiers, and the title, in a comment.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import sys
import unicodedata
from array import array
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

import tracer.operations as operations_package
from tracer.errors import RunError
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.frozen import Value
from tracer.operations import Operation, Shape, Term, apply, bound, literal, table, usage
from tracer.operations.framework_code import FRAMEWORK_HELPERS
from tracer.program.built import Built
from tracer.program.given import Given
from tracer.program.program import Equation, names_in
from tracer.program.scenario import Scenario
from tracer.program.shapes import Shapes
from tracer.run.plans import Plans
from tracer.run.runner import schedule_of_run
from tracer.run.schedule import Schedule
from tracer.sentences import say

__all__ = ["FRAMEWORKS", "Framework", "framework_program"]


class Framework(Value):
    """A framework as programs use it."""

    title: str  # as in the rows' `framework_code`
    module: str  # its arrays' module, by its usual short name
    imports: Mapping[str, str]  # what makes a name of the program known, by the name
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

_OWN: Final = (  # the names that every program may have itself
    *("base64", "np", "torch", "F", "jax", "jnp", "math", "dtype", "step", "last_step", "loss_of"),
    *("iteration", "batch", "batches", "generator", "epoch", "order", "at", "stopped"),
    *("parameter", "sizes", "windows", "conv"),
)
_ARITHMETIC: Final = ("add", "subtract", "multiply", "divide", "negative", "power", "pi")
_HELPER_MODULES: Final = ("kernels", "helpers")
_OUT: Final = "out_"  # where array code is given memory to write to
MOST_WRITTEN: Final = 10_000  # numbers of an array as lists; of more their bytes are written
INDENT: Final = "    "


def framework_program(scenario: Scenario, framework: str) -> str:
    """Return a scenario's training as the text of a program in one of `FRAMEWORKS`.

    It prints a line `iteration 1: loss = 2.25` for each iteration and one `w = 0.8` for each
    parameter at the end, with all digits; of a scenario without a loss, what it computes.
    Raises RunError for an operation that has no form in the framework, and the errors of `build`.
    """
    return _ProgramWriter(scenario, FRAMEWORKS[framework]).text()


# Names ------------------------------------------------------------------------------------------


class _Identifiers:
    """The quantities' names as identifiers of Python: `dloss/dw` as dloss_dw, `w'` as w_new."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._taken = {*keyword.kwlist, *dir(builtins), *_OWN, *table()} - {"loss"}

    def __call__(self, name: str) -> str:
        if name not in self._known:
            text = unicodedata.normalize("NFKC", name.replace("'", "_new").replace("]", ""))
            text = re.sub(r"\W+", "_", text)
            while text in self._taken or not text.isidentifier():
                text = f"{text}_"
            self._taken.add(text)
            self._known[name] = text
        return self._known[name]


# Expressions ------------------------------------------------------------------------------------


class _Placed(ast.NodeTransformer):
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
            return _constant(self.attributes[node.id])
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.slice, ast.Name) and node.slice.id in self.attributes:
            items = [_subscript(item) for item in self.attributes[node.slice.id]]
            index = items[0] if len(items) == 1 else ast.Tuple(items)
            return ast.Subscript(self.visit(node.value), index)
        return self.generic_visit(node)  # type: ignore[return-value] # an expression stays one

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.keywords = [item for item in node.keywords if not self._is_usual(item)]
        return self.generic_visit(node)  # type: ignore[return-value]

    def _is_usual(self, item: ast.keyword) -> bool:
        """Tell whether a keyword says what holds without it: no axis, and none is kept."""
        name = item.value.id if isinstance(item.value, ast.Name) else ""
        return name in self.attributes and any(self.attributes[name] is no for no in (None, False))


def _constant(value: Any) -> ast.expr:
    """Return an attribute's value; slices as calls, since they stand in no brackets here."""
    if isinstance(value, Fraction):
        value = float(value)
    return ast.parse(repr(value), mode="eval").body


def _subscript(value: Any) -> ast.expr:
    if not isinstance(value, slice):
        return _constant(value)
    parts = (
        None if part is None else _constant(part) for part in (value.start, value.stop, value.step)
    )
    return ast.Slice(*parts)


class _Expressions:
    """Writes trees as expressions of a framework, and the functions that these call."""

    def __init__(self, framework: Framework, integers: Collection[str]) -> None:
        self.framework = framework
        self.integers = integers  # the quantities that are written as whole numbers
        self.functions: dict[str, str] = {}  # the text of each, in the order they are needed
        self._bodies: dict[str, list[str]] = {}  # of those that are definitions: one a shape

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
                return _parsed(self.framework.as_floats.format(name(node.id)))
            return ast.Name(name(node.id))
        if isinstance(node, Number):
            return _literal(node.value)
        if isinstance(node, Array):
            form = self.framework.integers if whole else self.framework.floats
            return _parsed(form.format(_nested(node, int if whole else float)))
        assert isinstance(node, Call), node
        row, operands, attributes = bound(node)
        code = self._code(row, operands, attributes, shapes)
        values: dict[str, ast.expr] = {}
        if row.variadic:
            parts = [self._argument(item, shapes, name, whole=False) for item in operands]
            values[row.operands[0]] = ast.List(parts)
        else:
            bare = _bare(code)
            for key, operand in zip(row.operands, operands, strict=True):
                integer = key in row.integers or (whole and row.moves)
                if _is_number(operand) and key in bare and not integer:
                    values[key] = self._tree(operand, shapes, name)
                else:
                    values[key] = self._argument(operand, shapes, name, whole=integer)
        placed: ast.expr = _Placed(self.framework.module, values, attributes).visit(code)
        return placed

    def _argument(
        self, node: Node, shapes: Shapes, name: Callable[[str], str], *, whole: bool
    ) -> ast.expr:
        """Return an operand of a call: PyTorch takes no plain number there."""
        if not _is_number(node):
            return self._tree(node, shapes, name, whole=whole)
        exact = literal(node)
        if whole and exact is not None:
            return _parsed(self.framework.integers.format(int(exact)))
        if self.framework.title == "PyTorch" or exact is None:
            return self._number(node)
        return ast.Constant(float(exact))

    def _number(self, node: Node) -> ast.expr:
        exact = literal(node)
        inner = self._tree(node, Shapes({}), str) if exact is None else ast.Constant(float(exact))
        return _parsed(self.framework.number.format(ast.unparse(inner)))

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
            code = self._defined(row, definition, operands, attributes, shapes)
        tree = _parsed(code)
        for part in ast.walk(tree):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                self._add_helper(part.value.id, part.attr)
        return _WithoutModule().visit(tree)  # type: ignore[no-any-return]

    def _add_helper(self, module: str, name: str) -> None:
        """Add a function that an expression calls, and those that it calls itself."""
        if module not in _HELPER_MODULES or name in self.functions:
            return
        texts = _kernels() if module == "kernels" else FRAMEWORK_HELPERS[self.framework.title]
        for part in ast.walk(ast.parse(texts[name])):
            if isinstance(part, ast.Name) and part.id in texts and part.id != name:
                self._add_helper(module, part.id)
        self.functions[name] = texts[name].rstrip()

    def _defined(
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


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _literal(value: Fraction) -> ast.expr:
    """Return a literal number: a whole one stays whole, as a reader wrote it."""
    return ast.Constant(value.numerator if value.denominator == 1 else float(value))


def _is_number(node: Node) -> bool:
    """Tell whether an expression is a plain number of Python: literals, pi and arithmetic."""
    return all(
        isinstance(part, Number) or (isinstance(part, Call) and part.operation in _ARITHMETIC)
        for part in walk(node)
    )


def _bare(code: ast.expr) -> set[str]:
    """Return the names that stand beside operators only: Python computes with a number there."""
    names = {part.id for part in ast.walk(code) if isinstance(part, ast.Name)}
    waiting: list[tuple[ast.AST, bool]] = [(code, False)]
    while waiting:
        part, is_beside = waiting.pop()
        if isinstance(part, ast.Name) and not is_beside:
            names.discard(part.id)
        beside = isinstance(part, (ast.BinOp, ast.UnaryOp))
        waiting += [(child, beside) for child in ast.iter_child_nodes(part)]
    return names


def _nested(node: Node, kind: Callable[[Fraction], float]) -> Any:
    """Return an array literal as lists of numbers."""
    if isinstance(node, Array):
        return [_nested(item, kind) for item in node.items]
    exact = literal(node)
    assert exact is not None, node
    return kind(exact)


def _array_code(row: Operation, operands: Sequence[Node], attributes: Mapping[str, Any]) -> str:
    """Return the array code of a row as an expression; nothing is written into an array there."""
    code = row.array
    template = code if isinstance(code, str) else code([literal(item) for item in operands])
    tree = ast.parse(template.format(*row.operands, out=_OUT, **attributes), mode="eval")
    for part in ast.walk(tree):
        if isinstance(part, ast.Call):
            part.args = [item for item in part.args if ast.unparse(item) != _OUT]
            part.keywords = [item for item in part.keywords if ast.unparse(item.value) != _OUT]
    return ast.unparse(tree)


class _WithoutModule(ast.NodeTransformer):
    """Calls what the program has itself without the module where it stands with us."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in _HELPER_MODULES:
            return ast.Name(node.attr)
        return self.generic_visit(node)  # type: ignore[return-value] # an expression stays one


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
def _kernels() -> Mapping[str, str]:
    """Return the functions of `kernels` as text; they are read, and NumPy is not loaded for it."""
    path = Path(operations_package.__file__).with_name("kernels.py")
    return {
        part.name: ast.unparse(_WithoutTypes().visit(part))
        for part in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(part, ast.FunctionDef)
    }


# The program ------------------------------------------------------------------------------------


class _ProgramWriter:
    """Writes the program of one scenario."""

    def __init__(self, scenario: Scenario, framework: Framework) -> None:
        self.scenario = scenario
        self.framework = framework
        self.name = _Identifiers()
        self.plans = Plans(scenario)
        self.schedule = schedule_of_run(scenario)
        self.built = self.plans.built(self.schedule[0])
        inputs = self.built.program.inputs.items()
        self.expressions = _Expressions(framework, {key for key, item in inputs if item.integer})
        self.varying = [
            name
            for name, given in scenario.data.items()
            if self.plans.varies and given.shape and name in self.built.program.inputs
        ]

    def text(self) -> str:
        """Return the whole program."""
        steps = self._steps()
        body = [*self._givens(steps), "", "", *steps, "", *self._loop(steps)]
        functions = [
            line for text in self.expressions.functions.values() for line in ("", "", text)
        ]
        words = set(re.findall(r"\b\w+\b(?=\.)", "\n".join([*functions, *body])))
        settings = [*self.framework.settings[self.scenario.dtype]]
        words.update(line.partition(".")[0].split()[-1] for line in settings)
        imports = [line for name, line in self.framework.imports.items() if name in words]
        head = [f"# {self._title()}", *imports, "", *settings]
        return "\n".join([*head, *functions, "", *body]) + "\n"

    def _title(self) -> str:
        title = " ".join((self.scenario.title or self.scenario.name).split())
        return f"{title}: the numbers of this training, in {self.framework.title}"

    # What it starts from

    def _givens(self, steps: Sequence[str]) -> Iterator[str]:
        """Yield a line for each quantity that is given and used."""
        used = set(re.findall(r"\w+", "\n".join(steps)))
        program = self.built.program
        data = self.plans.data(self.schedule[0])
        titles = {
            "data": "data",
            "constant": "constants",
            "parameter": "parameters",
            "setting": "settings",
            "state": "the optimizer's state",
        }
        for kind, title in titles.items():
            lines = []
            for name, item in program.inputs.items():
                if item.kind != kind or self.name(name) not in used:
                    continue
                given = (
                    self.scenario.data[name]
                    if name in self.varying
                    else data.get(name)
                    or self.scenario.constants.get(name)
                    or self.scenario.parameters.get(name)
                    or self.built.settings.get(name)
                    or self.built.first_values.get(name)
                    or Given.of(0).filled(item.shape)
                )
                zeros = not any(given.floats()) and not item.integer and item.shape
                text = self._zeros(item.shape) if zeros else self._array(given, item.integer)
                lines.append(f"{self.name(name)} = {text}")
            if lines:
                yield from ("", f"# {title}", *lines)

    def _zeros(self, shape: Shape) -> str:
        return self.expressions.text(apply("zeros", shape=shape).node, self.built.shapes, self.name)

    def _array(self, given: Given, integer: bool) -> str:
        numbers: list[Any] = given.floats()
        if integer:
            numbers = [int(entry) for entry in numbers]
        form = self.framework.integers if integer else self.framework.floats
        if given.size <= MOST_WRITTEN:
            return form.format(_rows(numbers, given.shape))
        kind, code = ("<i8", "q") if integer else ("<f8", "d")
        packed = array(code, numbers)
        if sys.byteorder == "big":
            packed.byteswap()
        text = b64encode(packed.tobytes()).decode()
        entries = f'np.frombuffer(base64.b64decode("{text}"), "{kind}")'
        return form.format(f"{entries}.reshape({given.shape!r}).copy()")

    # A step

    def _steps(self) -> list[str]:
        """Return the functions that do one iteration: a second one where a batch is smaller."""
        texts = []
        for batch in reversed(self.schedule.kinds()):
            lines = self._step(self.plans.built(batch))
            if lines not in texts:
                texts.append(lines)
        result: list[str] = []
        for name, lines in zip(("step", "last_step"), texts, strict=False):
            result += ["", ""] if result else []
            result += ["@jax.jit"] if self.framework.title == "JAX" else []
            result += [f"def {name}({', '.join(self._arguments())}):", *lines]
        self.is_ragged = len(texts) > 1
        return result

    def _arguments(self) -> list[str]:
        program = self.built.program
        names = [*program.carried, *self.varying]
        names += [name for name, item in program.inputs.items() if item.kind == "counter"]
        return [self.name(name) for name in names]

    @property
    def results(self) -> list[str]:
        """The quantities that a step returns and the program prints: the loss, or what there is."""
        program = self.built.program
        if program.loss is not None:
            return [program.loss]
        read = {name for item in program.equations for name in names_in(item.expression)}
        return [item.name for item in program.equations if item.name not in read]

    def _step(self, built: Built) -> list[str]:
        """Return the lines of a function that does one iteration."""
        program = built.program
        wanted = {*self.results, *program.carried.values()}
        stop = built.stop
        if stop is not None:
            wanted.update([*names_in(stop.left), *names_in(stop.right)])
        equations = self._needed(built, wanted)
        shapes = built.shapes
        gradients = [item for item in equations if self._is_derived(item, built)]
        forward = [item for item in equations if item.phase in ("forward", "loss")]
        others = [item for item in equations if item not in forward and item not in gradients]
        lines: list[str] = []
        if gradients:
            read = {name for item in others for name in names_in(item.expression)} | wanted
            lines += self._differentiated(built, forward, gradients, read)
        else:
            lines += self._phases(forward, shapes)
        after = self._phases(others, shapes)
        if stop is not None:
            left, right = (
                self.expressions.text(side, shapes, self.name) for side in (stop.left, stop.right)
            )
            after.append(f"stopped = {left} {stop.comparison} {right}")
        if gradients and self.framework.title == "PyTorch":
            after = ["with torch.no_grad():", *(f"{INDENT}{line}" for line in after)]
        returned = [*map(self.name, [*self.results, *program.carried.values()])]
        if gradients and self.framework.title == "PyTorch":
            returned[0] = f"{returned[0]}.detach()"  # the loss, without what leads to it
        returned += ["stopped"] if stop is not None else []
        lines += [*after, f"return {', '.join(returned)}"]
        return [f"{INDENT}{line}".rstrip() for line in lines]

    def _needed(self, built: Built, wanted: Collection[str]) -> list[Equation]:
        """Return the equations that what is wanted depends on, in order."""
        names = set(wanted)
        result = []
        for equation in reversed(built.program.equations):
            if equation.name in names:
                result.append(equation)
                if not self._is_derived(equation, built):
                    names.update(names_in(equation.expression))
                elif built.program.loss is not None:
                    names.add(built.program.loss)
        return result[::-1]

    def _is_derived(self, equation: Equation, built: Built) -> bool:
        """Tell whether the framework works a gradient out itself."""
        return (
            self.framework.differentiates
            and bool(equation.wrt)
            and equation.phase == "backward"
            and equation.wrt not in built.program.unreached
        )

    def _phases(self, equations: Iterable[Equation], shapes: Shapes) -> list[str]:
        """Return a line for each equation, under the names of the phases."""
        lines, phase = [], ""
        for item in equations:
            if item.phase != phase:
                phase = item.phase
                lines.append(f"# {phase}")
            value = self.expressions.text(item.expression, shapes, self.name)
            lines.append(f"{self.name(item.name)} = {value}")
        return lines

    def _differentiated(
        self,
        built: Built,
        forward: Sequence[Equation],
        gradients: Sequence[Equation],
        read: Collection[str],
    ) -> list[str]:
        """Return the lines of the forward pass and of the gradients that are wanted of it."""
        assert built.program.loss is not None
        loss = self.name(built.program.loss)
        wrt = [self.name(item.wrt) for item in gradients]
        names = [self.name(item.name) for item in gradients]
        lines = self._phases(forward, built.shapes)
        if self.framework.title == "PyTorch":
            parameters = [
                self.name(item.wrt) for item in gradients if item.wrt in built.program.inputs
            ]
            gradient = f"torch.autograd.grad({loss}, {_tuple(wrt)})"
            return [
                f"for parameter in {_tuple(parameters)}:",
                f"{INDENT}parameter.requires_grad_()",
                *lines,
                "# backward",
                f"{_tuple(names)} = {gradient}",
            ]
        inside = [item.wrt for item in gradients if item.wrt not in built.program.inputs]
        if inside:
            raise RunError(
                say(
                    "{framework} gives no gradient of {name}, which is not a parameter",
                    framework=self.framework.title,
                    name=inside[0],
                ),
                expected=say("PyTorch or NumPy"),
            )
        kept = [self.name(item.name) for item in forward if item.name in read]
        kept = [name for name in kept if name != loss]
        result = f"{loss}, {_tuple(kept)}" if kept else loss
        value = f"({loss}, {_tuple(kept)})" if kept else loss
        options = ", has_aux=True" if kept else ""
        places = tuple(range(len(wrt)))
        return [
            f"def loss_of({', '.join(wrt)}):",
            *(f"{INDENT}{line}" for line in [*lines, f"return {result}"]),
            "",
            "# backward",
            f"{value}, {_tuple(names)} = jax.value_and_grad("
            f"loss_of, argnums={places!r}{options})({', '.join(wrt)})",
        ]

    # The loop

    def _loop(self, steps: Sequence[str]) -> Iterator[str]:
        """Yield the lines that iterate and print."""
        program = self.built.program
        counter = [name for name, item in program.inputs.items() if item.kind == "counter"]
        arguments = [self.name(name) for name in program.carried]
        arguments += [f"{self.name(name)}[batch]" for name in self.varying]
        number = "iteration" if self.framework.title != "PyTorch" else "float(iteration)"
        arguments += [self.framework.number.format(number) for _ in counter]
        targets = [*map(self.name, [*self.results, *program.carried])]
        targets += ["stopped"] if self.built.stop is not None else []
        call = f"({', '.join(arguments)})"
        function = "step"
        yield ""
        if self.varying:
            yield from self._batches()
            yield "for iteration, batch in enumerate(batches, start=1):"
            if self.is_ragged:
                function = f"(step if len(batch) == {len(batch_of(self.schedule))} else last_step)"
        else:
            yield f"for iteration in range(1, {len(self.schedule) + 1}):"
        yield f"{INDENT}{', '.join(targets)} = {function}{call}"
        for name in self.results:
            own = self.name(name)
            if name == program.loss:
                text = f'print(f"iteration {{iteration}}: {own} = {{float({own})!r}}")'
            else:
                text = f'print(f"{own} = {{{self.framework.lists.format(own)}}}")'
            yield f"{INDENT}{text}"
        if self.built.stop is not None:
            yield f"{INDENT}if stopped:"
            yield f"{INDENT * 2}break"
        for name in program.parameters:
            if name in program.carried:
                own = self.name(name)
                yield f'print(f"{own} = {{{self.framework.lists.format(own)}}}")'

    def _batches(self) -> Iterator[str]:
        """Yield the lines that choose the samples of each iteration."""
        training = self.scenario.training
        assert training is not None
        first = batch_of(self.schedule)
        count = self.scenario.data[self.varying[0]].shape[0]
        size = len(first)
        total = len(self.schedule)
        epochs = -(-total // -(-count // size))
        order = f"np.arange({count})"
        if training.shuffle:
            yield f"generator = np.random.default_rng({training.seed})"
            order = f"generator.permutation({count})"
        yield "batches = []"
        yield f"for epoch in range({epochs}):"
        yield f"{INDENT}order = {order}"
        yield f"{INDENT}batches += [order[at : at + {size}] for at in range(0, {count}, {size})]"
        if epochs * -(-count // size) != total:
            yield f"batches = batches[:{total}]"


def batch_of(schedule: Schedule) -> Sequence[int]:
    """Return the samples of the first step."""
    places = schedule[0].places
    assert places is not None
    return places


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(names)},)" if len(names) == 1 else f"({', '.join(names)})"


def _rows(numbers: Sequence[Any], shape: Sequence[int]) -> Any:
    """Return numbers, row by row, as nested lists."""
    if not shape:
        return numbers[0]
    size = len(numbers) // shape[0] if shape[0] else 0
    return [_rows(numbers[row * size : (row + 1) * size], shape[1:]) for row in range(shape[0])]
