"""A scenario's training as a program in NumPy, PyTorch or JAX that prints the same numbers.

The program needs its framework and nothing of ours. NumPy has the equations of all phases written
out; PyTorch and JAX differentiate the loss themselves, and so what they print is a second opinion
on the gradients. The update is written out in all three. Of a user's text only names stand in the
program, as identifiers, and the title, in a comment.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from struct import pack
from typing import Any, Final

from tracer.errors import RunError
from tracer.operations import apply, nested, table
from tracer.program.framework_expressions import FRAMEWORKS, INDENT, Framework, FrameworkExpressions
from tracer.program.given_array import GivenArray
from tracer.program.program import BuiltProgram, Equation, names_in
from tracer.program.scenario import Scenario
from tracer.program.shapes import Shapes
from tracer.run.plans import Plans
from tracer.run.runner import schedule_of_run
from tracer.sentences import say

_OWN: Final = (  # the names that every program may have itself
    *("base64", "np", "torch", "F", "jax", "jnp", "math", "dtype", "step", "last_step", "loss_of"),
    *("iteration", "batch", "batches", "generator", "epoch", "order", "at", "stopped"),
    *("parameter", "sizes", "windows", "conv"),
)
MOST_WRITTEN: Final = 10_000  # numbers of an array as lists; of more their bytes are written


def framework_program(scenario: Scenario, framework: str) -> str:
    """Return a scenario's training as the text of a program in one of `FRAMEWORKS`.

    It prints a line `iteration 1: loss = 2.25` for each iteration and one `w = 0.8` for each
    parameter at the end, with all digits; of a scenario without a loss, what it computes.
    Raises RunError for an operation that has no form in the framework, and the errors of `build`.
    """
    return _ProgramWriter(scenario, FRAMEWORKS[framework]).text()


class _ProgramWriter:
    """Writes the program of one scenario."""

    def __init__(self, scenario: Scenario, framework: Framework) -> None:
        self.scenario = scenario
        self.framework = framework
        self.name = cache(self.new_name)  # one name gets the same new name each time
        self._taken = {*keyword.kwlist, *dir(builtins), *_OWN, *table()} - {"loss"}
        self.plans = Plans(scenario)
        self.schedule = schedule_of_run(scenario)
        self.first_batch = self.schedule[0].places or ()
        self.built = self.plans.built(self.schedule[0])
        inputs = self.built.program.inputs.items()
        self.expressions = FrameworkExpressions(
            framework, {key for key, item in inputs if item.integer}
        )
        self.varying = [
            name
            for name, given_array in scenario.data.items()
            if self.plans.varies and given_array.shape and name in self.built.program.inputs
        ]

    def new_name(self, name: str) -> str:
        """Return a quantity's name as one of Python: `dloss/dw` as dloss_dw, `w'` as w_new."""
        text = unicodedata.normalize("NFKC", name.replace("'", "_new").replace("]", ""))
        text = re.sub(r"\W+", "_", text)
        while text in self._taken or not text.isidentifier():
            text = f"{text}_"
        self._taken.add(text)
        return text

    def text(self) -> str:
        """Return the whole program."""
        steps = self._steps()
        body = [*self._input_lines(steps), "", "", *steps, "", *self._loop(steps)]
        functions = [
            line for text in self.expressions.functions.values() for line in ("", "", text)
        ]
        words = set(re.findall(r"\b\w+\b(?=\.)", "\n".join([*functions, *body])))
        settings = [*self.framework.settings[self.scenario.dtype]]
        words.update(line.partition(".")[0].split()[-1] for line in settings)
        imports = [line for name, line in self.framework.imports.items() if name in words]
        title = " ".join((self.scenario.title or self.scenario.name).split())
        about = f"# {title}: the numbers of this training, in {self.framework.title}"
        head = [about, *imports, "", *settings]
        return "\n".join([*head, *functions, "", *body]) + "\n"

    # What it starts from

    def _input_lines(self, steps: Sequence[str]) -> Iterator[str]:
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
                given_array = (
                    self.scenario.data[name]
                    if name in self.varying
                    else data.get(name)
                    or self.scenario.constants.get(name)
                    or self.scenario.parameters.get(name)
                    or self.built.settings.get(name)
                    or self.built.first_values.get(name)
                    or GivenArray.of(0).repeat_number(item.shape)
                )
                zeros = not any(given_array.floats()) and not item.integer and item.shape
                filled = apply("zeros", shape=item.shape).node
                text = (
                    self.expressions.text(filled, self.built.shapes, self.name)
                    if zeros
                    else self._array(given_array, item.integer)
                )
                lines.append(f"{self.name(name)} = {text}")
            if lines:
                yield from ("", f"# {title}", *lines)

    def _array(self, given_array: GivenArray, integer: bool) -> str:
        numbers: list[Any] = given_array.floats()
        if integer:
            numbers = [int(entry) for entry in numbers]
        form = self.framework.integers if integer else self.framework.floats
        if given_array.size <= MOST_WRITTEN:
            return form.format(nested(numbers, given_array.shape, list))
        kind, code = ("<i8", "q") if integer else ("<f8", "d")
        text = b64encode(pack(f"<{len(numbers)}{code}", *numbers)).decode()
        entries = f'np.frombuffer(base64.b64decode("{text}"), "{kind}")'
        return form.format(f"{entries}.reshape({given_array.shape!r}).copy()")

    # A step

    def _steps(self) -> list[str]:
        """Return the functions that do one iteration: a second one where a batch is smaller."""
        texts = []
        for batch in reversed(self.schedule.kinds()):
            lines = self._step(self.plans.built(batch))
            if lines not in texts:
                texts.append(lines)
        program = self.built.program
        names = [*program.carried, *self.varying]
        names += [name for name, item in program.inputs.items() if item.kind == "counter"]
        arguments = ", ".join(map(self.name, names))
        result: list[str] = []
        for name, lines in zip(("step", "last_step"), texts, strict=False):
            result += ["", ""] if result else []
            result += ["@jax.jit"] if self.framework.title == "JAX" else []
            result += [f"def {name}({arguments}):", *lines]
        self.is_ragged = len(texts) > 1
        return result

    @property
    def results(self) -> list[str]:
        """The quantities that a step returns and the program prints: the loss, or what there is."""
        program = self.built.program
        if program.loss is not None:
            return [program.loss]
        operand_names = {name for item in program.equations for name in names_in(item.expression)}
        return [item.name for item in program.equations if item.name not in operand_names]

    def _step(self, built: BuiltProgram) -> list[str]:
        """Return the lines of a function that does one iteration."""
        program = built.program
        outputs = {*self.results, *program.carried.values()}
        stop = built.stop
        if stop is not None:
            outputs.update([*names_in(stop.left), *names_in(stop.right)])
        equations = self._needed_equations(built, outputs)
        shapes = built.shapes
        gradients = [item for item in equations if self._is_derived(item, built)]
        forward = [item for item in equations if item.phase in ("forward", "loss")]
        others = [item for item in equations if item not in forward and item not in gradients]
        lines: list[str] = []
        if gradients:
            operand_names = {
                name for item in others for name in names_in(item.expression)
            } | outputs
            lines += self._gradient_lines(built, forward, gradients, operand_names)
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

    def _needed_equations(self, built: BuiltProgram, outputs: Collection[str]) -> list[Equation]:
        """Return the equations that the outputs depend on, in order."""
        names = set(outputs)
        result = []
        for equation in reversed(built.program.equations):
            if equation.name in names:
                result.append(equation)
                if not self._is_derived(equation, built):
                    names.update(names_in(equation.expression))
                elif built.program.loss is not None:
                    names.add(built.program.loss)
        return result[::-1]

    def _is_derived(self, equation: Equation, built: BuiltProgram) -> bool:
        """Tell whether the framework works a gradient out itself."""
        return (
            self.framework.differentiates
            and bool(equation.wrt)
            and equation.phase == "backward"
            and equation.wrt not in built.program.unreached
        )

    def _phases(self, equations: Iterable[Equation], shapes: Shapes) -> list[str]:
        """Return a line for each equation, under the names of the phases."""
        lines: list[str] = []
        for phase, items in groupby(equations, lambda item: item.phase):
            values = (
                (item.name, self.expressions.text(item.expression, shapes, self.name))
                for item in items
            )
            lines += [f"# {phase}", *(f"{self.name(name)} = {value}" for name, value in values)]
        return lines

    def _gradient_lines(
        self,
        built: BuiltProgram,
        forward: Sequence[Equation],
        gradients: Sequence[Equation],
        operand_names: Collection[str],
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
            gradient = f"torch.autograd.grad({loss}, {_tuple_code(wrt)})"
            return [
                f"for parameter in {_tuple_code(parameters)}:",
                f"{INDENT}parameter.requires_grad_()",
                *lines,
                "# backward",
                f"{_tuple_code(names)} = {gradient}",
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
        auxiliary = [self.name(item.name) for item in forward if item.name in operand_names]
        auxiliary = [name for name in auxiliary if name != loss]
        result = f"{loss}, {_tuple_code(auxiliary)}" if auxiliary else loss
        value = f"({loss}, {_tuple_code(auxiliary)})" if auxiliary else loss
        options = ", has_aux=True" if auxiliary else ""
        places = tuple(range(len(wrt)))
        return [
            f"def loss_of({', '.join(wrt)}):",
            *(f"{INDENT}{line}" for line in [*lines, f"return {result}"]),
            "",
            "# backward",
            f"{value}, {_tuple_code(names)} = jax.value_and_grad("
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
                function = f"(step if len(batch) == {len(self.first_batch)} else last_step)"
        else:
            yield f"for iteration in range(1, {len(self.schedule) + 1}):"
        yield f"{INDENT}{', '.join(targets)} = {function}{call}"
        for name in self.results:
            own = self.name(name)
            text = (
                f"iteration {{iteration}}: {own} = {{float({own})!r}}"
                if name == program.loss
                else f"{own} = {{{self.framework.lists.format(own)}}}"
            )
            yield f'{INDENT}print(f"{text}")'
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
        count = self.scenario.data[self.varying[0]].shape[0]
        size = len(self.first_batch)
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


def _tuple_code(names: Sequence[str]) -> str:
    return f"({', '.join(names)},)" if len(names) == 1 else f"({', '.join(names)})"
