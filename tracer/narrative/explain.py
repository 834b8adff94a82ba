"""An operation, an optimizer or a rule explained: formula, worked example, where it is used.

Every number shown is that of a run of a small scenario, written here for the purpose, so an
explanation has no second algorithm behind it. What the witnesses say of the example is handed in.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from tracer.errors import RunError, TracerError, UnknownNameError, nearest
from tracer.expression import parse, render
from tracer.expression.names import Notation
from tracer.expression.syntax import Call, Name, Node, walk
from tracer.narrative.blocks import Block, EquationLine, Heading, Paragraph, Plot, Series
from tracer.narrative.derivation import line_of, notation_of
from tracer.narrative.entries import entry_steps, read_focus
from tracer.narrative.messages import Sentence, say
from tracer.narrative.numbers import number_node, number_text
from tracer.narrative.pictures import loss_plot
from tracer.narrative.steps import SAME, Step, Teller, rules_of
from tracer.operations import Operation, Shape, Term, apply, bound, lookup, table, usage, vocabulary
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import Equation
from tracer.program.scenario import Scenario, bundled, load, loads
from tracer.run.replay import Replay
from tracer.run.runner import first_program, run_scenario
from tracer.run.trace import Iteration, Trace

__all__ = ["Explanation", "Proof", "blocks_of", "explain", "names", "notation_for"]

Kind = Literal["operation", "optimizer", "rule"]

DIGITS = 6
CURVE = 100  # points of a curve, less one
LEFT, RIGHT = -5.0, 5.0
MOST_LINES = 40  # of a worked example

# Rules that no row of the table has: words, and a network that shows them.
RULES: Mapping[str, tuple[Sentence, str]] = {
    "chain rule": (
        say(
            "The derivative of a composition: what flows in, times the derivative of the step it "
            "flows through. Each backward line multiplies the gradient of its result by its own "
            "derivative."
        ),
        "u = 3 * w; y = u**2",
    ),
    "sum over paths": (
        say(
            "A quantity that is used more than once reaches the loss along several paths. Each "
            "path brings a term of its own; the gradient is their sum."
        ),
        "u = 3 * w; v = w**2; y = u * v",
    ),
    "update rule": (
        say(
            "The optimizer's equation for a parameter. On the right the parameter and its "
            "gradient have the values before the update."
        ),
        "y = (w - 3)**2",
    ),
    SAME: (
        say("Two names for one quantity: the gradient of the one is the gradient of the other."),
        "u = 3 * w; v = u; y = v**2",
    ),
    "no path": (
        say(
            "The loss does not depend on the parameter, so its gradient is 0 and an update by "
            "the gradient leaves it where it is."
        ),
        "y = 3 * b; b",
    ),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What one witness says of the example: the largest relative difference, and its limit."""

    witness: str
    difference: float
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """A worked example: a heading for it, the run's notation and its lines."""

    title: Sentence
    trace: Trace
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What is said of a name. `rules` are its derivative rules in symbols."""

    name: str
    kind: Kind
    usage: str
    words: Sentence
    convention: str
    source: str
    defaults: Mapping[str, str]
    rules: Sequence[tuple[str, EquationLine]]
    worked: Sequence[Worked]
    plot: Plot | None
    example: Scenario | None  # what the witnesses are asked about
    used_in: Sequence[str]


def names() -> tuple[str, ...]:
    """Return all names that can be explained: operations, optimizers, rules."""
    return (*_operations(), *OPTIMIZERS, *_rules())


def explain(name: str) -> Explanation:
    """Return the explanation of a name. Raises UnknownNameError, which lists what is near."""
    name = " ".join(name.split())
    known = names()
    if name not in known:
        folded = {item.casefold(): item for item in known}
        spelled = vocabulary().spelled.get(name, "")
        name = folded.get(name.casefold(), spelled if spelled in known else name)
    if name in _operations():
        return _of_operation(lookup(name))
    if name in OPTIMIZERS:
        return _of_optimizer(name)
    if name in _rules():
        return _of_rule(name)
    raise UnknownNameError(
        "there is nothing to explain under this name",
        found=name,
        expected=nearest(name, known) or "an operation (tracer list --operations), an optimizer "
        "or a rule that a derivation names",
    )


def _operations() -> list[str]:
    return [name for name, row in table().items() if not row.inner]


def _rules() -> list[str]:
    rows = [row.rule for row in table().values() if row.rule and not row.inner]
    return list(dict.fromkeys([*RULES, *rows]))


# Operations ---------------------------------------------------------------------------------------


def _of_operation(row: Operation) -> Explanation:
    example = _example(row)
    worked: list[Worked] = []
    rules: list[tuple[str, EquationLine]] = []
    plot = None
    if example is not None:
        trace = run_scenario(example)
        rules = list(_symbols(row, trace))
        worked.append(_lines(say("An example"), trace, Teller(DIGITS).steps(trace.iteration(1))))
        worked += _entry(row, trace)
        worked += _taken_apart(row, example)
        plot = _curve(row)
    return Explanation(
        name=row.name,
        kind="operation",
        usage=_written(row),
        words=say(row.words),
        convention=row.convention,
        source=row.source,
        defaults={},
        rules=rules,
        worked=worked,
        plot=plot,
        example=example if example is not None and example.training is not None else None,
        used_in=_users(lambda facts: row.name in facts.operations),
    )


def _written(row: Operation) -> str:
    """Return how an operation is written: a sign between its operands, or a call."""
    text = row.example.partition(";")[0]
    if row.look.form == "call" or not text:
        return usage(row)
    return text


def _example(row: Operation) -> Scenario | None:
    """Return the scenario that works the row's example out; None where it has none.

    Operands that a gradient flows to are parameters. An array is summed with weights, so that
    the loss is one number and each entry has a gradient of its own.
    """
    if not row.example:
        return None
    text, *givens = [part.strip() for part in row.example.split(";")]
    numbers = dict(_assignment(given) for given in givens)
    fixed = {name for name in numbers if name in row.integers or name == "condition"}
    if row.name in ("bce", "bce_with_logits"):
        fixed.add("y")
    parameters = {name: value for name, value in numbers.items() if name not in fixed}
    constants = {name: value for name, value in numbers.items() if name in fixed}
    trains = row.derivative is not None and bool(parameters)
    scenario = _scenario(row.name, f"y = {text}", parameters, constants, trains=False)
    if not trains:
        return scenario
    shape = first_program(scenario).shapes["y"]
    if not shape:
        return _scenario(row.name, f"y = {text}", parameters, constants)
    constants["c"] = _weights(shape)
    lines = f"y = {text}\nloss = sum(c * y)"
    return _scenario(row.name, lines, parameters, constants)


def _assignment(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()


def _weights(shape: Shape) -> str:
    """Return an array literal of a shape, with entries 1, -2, 3, 1, …: none equals its neighbour."""
    numbers = iter([1, -2, 3] * math.prod(shape))

    def array(sizes: Shape) -> str:
        if not sizes:
            return str(next(numbers))
        return f"[{', '.join(array(sizes[1:]) for _ in range(sizes[0]))}]"

    return array(shape)


def _scenario(
    name: str,
    equations: str,
    parameters: Mapping[str, str],
    constants: Mapping[str, str] | None = None,
    *,
    trains: bool = True,
    training: str = 'optimizer = "sgd"\nlearning_rate = 0.1\niterations = 1\n',
) -> Scenario:
    """Return a small scenario."""
    text = ""
    for title, numbers in (("parameters", parameters), ("constants", constants or {})):
        if numbers:
            lines = "".join(f"{key} = {value}\n" for key, value in numbers.items())
            text += f"[{title}]\n{lines}"
    text += f'[network]\nequations = """\n{equations}\n"""\n'
    if trains:
        text += f"[training]\n{training}"
    return loads(text, name=name)


def _symbols(row: Operation, trace: Trace) -> Iterator[tuple[str, EquationLine]]:
    """Yield the row's derivative rule in symbols: what each operand of the example gets."""
    if row.derivative is None:
        return
    equation = trace.program.equation("y")
    shapes = trace.iteration(1).built.shapes
    if not isinstance(equation.expression, Call):
        return
    _, operands, attributes = bound(equation.expression)
    g, out = Term(Name("g"), equation.shape), Term(Name("y"), equation.shape)
    terms = [shapes.term(operand) for operand in operands]
    contributions = row.derivative(g, out, *terms, **attributes)
    for operand, term in zip(operands, contributions, strict=False):
        if term is None or not isinstance(operand, Name):
            continue
        shape = shapes.of(operand)
        if term.shape != shape and shape:
            term = apply("broadcast", term, shape=shape)
        yield operand.id, EquationLine(Name(f"dL/d{operand.id}"), term.node)


def _lines(title: Sentence, trace: Trace, steps: Iterable[Step]) -> Worked:
    """Return the lines of a worked example; its update is not what is explained."""
    chosen = [step for step in steps if step.phase != "update"]
    return Worked(title, trace, chosen[:MOST_LINES])


def _entry(row: Operation, trace: Trace) -> Iterator[Worked]:
    """Yield the example's first entry written out, where the operation mixes entries."""
    if row.elementwise or row.derivative is None or not trace.program.parameters:
        return
    iteration = trace.iteration(1)
    teller = Teller(DIGITS)
    steps: list[Step] = []
    shape = iteration.shape("y")
    if shape:
        steps += entry_steps(iteration, read_focus(_place("y", shape), iteration), teller)
    name = trace.program.parameters[0]
    if iteration.shape(name):
        place = _place(name, iteration.shape(name))
        steps += entry_steps(iteration, read_focus(place, iteration), teller)
    unique = {step.name: step for step in steps}
    if unique:
        yield _lines(say("One entry written out"), trace, unique.values())


def _place(name: str, shape: Shape) -> str:
    return f"{name}[{', '.join('0' * len(shape))}]"


def _taken_apart(row: Operation, example: Scenario) -> Iterator[Worked]:
    """Yield the derivative in steps: the definition in other operations, differentiated."""
    if row.definition is None or example.training is None:
        return
    built = first_program(example)
    call = built.program.equation("y").expression
    if not isinstance(call, Call):
        return
    _, operands, attributes = bound(call)
    terms = [built.shapes.term(operand) for operand in operands]
    text = render(row.definition(*terms, **attributes).node, "ascii", vocabulary=vocabulary())
    lines = example.equations.splitlines()
    place = next(at for at, line in enumerate(lines) if line.startswith("y = "))
    lines[place] = f"y = {text}"
    parameters = {name: _toml(given.floats(), given.shape) for name, given in example.parameters.items()}
    constants = {name: _toml(given.floats(), given.shape) for name, given in example.constants.items()}
    try:
        trace = run_scenario(_scenario(row.name, "\n".join(lines), parameters, constants))
        steps = list(Teller(DIGITS).steps(Replay(trace).iteration(1)))
    except TracerError:
        return  # a definition with operations that the language does not have
    if len(steps) <= MOST_LINES:
        yield _lines(say("The same in steps, from the definition"), trace, steps)


def _toml(values: Sequence[float], shape: Shape) -> str:
    if not shape:
        return repr(values[0])
    size = len(values) // shape[0]
    parts = (
        _toml(values[place * size : (place + 1) * size], shape[1:]) for place in range(shape[0])
    )
    return f"[{', '.join(parts)}]"


def _curve(row: Operation) -> Plot | None:
    """Return value and derivative of a function of one argument, where both are finite."""
    if not row.elementwise or len(row.operands) - len(row.defaults) != 1:
        return None
    points = [LEFT + (RIGHT - LEFT) * place / CURVE for place in range(CURVE + 1)]
    text = row.example.partition(";")[0]
    operand = row.operands[0]
    for _ in range(4):
        trace = _curve_run(row, text, operand, points)
        names = ["y", *(item.name for item in trace.program.phase("backward") if item.wrt)]
        there = [name for name in names if name in set(trace.iteration(1))]
        columns = {name: trace.iteration(1).floats(name) for name in there}
        finite = [all(math.isfinite(column[at]) for column in columns.values()) for at in range(len(points))]
        if all(finite) and len(there) == len(names):
            break
        points = [point for point, good in zip(points, finite, strict=True) if good]
    else:
        return None
    titles = [say("{name}", name=Name("y"))]
    if len(there) > 1:
        titles.append(say("its derivative"))
    return Plot(
        _curve_words(row, points),
        say("{name}", name=Name(operand)),
        say("{name}", name=parse(text, vocabulary=vocabulary())),
        [
            Series(title, list(zip(points, columns[name], strict=True)))
            for title, name in zip(titles, there, strict=False)
        ],
    )


def _curve_run(row: Operation, text: str, operand: str, points: Sequence[float]) -> Trace:
    numbers = {operand: _toml(points, (len(points),))}
    trains = row.derivative is not None
    lines = f"y = {text}\nloss = sum(y)" if trains else f"y = {text}"
    return run_scenario(_scenario(row.name, lines, numbers, trains=trains))


def _curve_words(row: Operation, points: Sequence[float]) -> Sentence:
    slots = {
        "name": row.name,
        "low": number_node(number_text(points[0], 3)),
        "high": number_node(number_text(points[-1], 3)),
    }
    if row.derivative is None:
        return say("{name} from {low} to {high}.", **slots)
    return say("{name} and its derivative from {low} to {high}.", **slots)


# Optimizers and rules -----------------------------------------------------------------------------


def _of_optimizer(name: str) -> Explanation:
    optimizer = OPTIMIZERS[name]
    training = f'optimizer = "{name}"\nlearning_rate = 0.1\niterations = 20\n'
    example = _scenario(name, "y = (w - 3)**2", {"w": "1"}, training=training)
    trace = run_scenario(example)
    teller = Teller(DIGITS)
    worked = [
        Worked(say("Iteration {number}", number=number), trace, list(teller.steps(trace.iteration(number))))
        for number in (1, 2)
    ]
    plot = next((block for block in loss_plot(trace, DIGITS) if isinstance(block, Plot)), None)
    return Explanation(
        name=name,
        kind="optimizer",
        usage=f'optimizer = "{name}"',
        words=say(optimizer.words),
        convention="",
        source=optimizer.source,
        defaults=optimizer.defaults,
        rules=[
            (equation.name, EquationLine(Name(equation.name.removesuffix("'")), equation.expression, arrow=equation.name.endswith("'")))
            for equation in trace.program.phase("update")
        ],
        worked=worked,
        plot=plot,
        example=None,
        used_in=_users(lambda facts: name in facts.optimizers),
    )


def _of_rule(name: str) -> Explanation:
    rows = [row for row in table().values() if row.rule == name and not row.inner]
    rules: list[tuple[str, EquationLine]] = []
    worked: list[Worked] = []
    if name in RULES:
        words, text = RULES[name]
        parameters = {"w": "2", "b": "1"} if name == "no path" else {"w": "2"}
        lines = text.replace("; b", "").replace("; ", "\n")
        trace = run_scenario(_scenario(name, lines, parameters))
        steps = Teller(DIGITS).steps(trace.iteration(1))
        worked.append(Worked(say("An example"), trace, list(steps)))
        example = trace.scenario
    else:
        called = ", ".join(row.name for row in rows)
        words = say("The rule of {names}.", names=called)
        example = None
        for row in rows:
            scenario = _example(row)
            if scenario is None:
                continue
            trace = run_scenario(scenario)
            found = list(_symbols(row, trace))
            rules += found
            if not worked:
                steps = Teller(DIGITS).steps(trace.iteration(1))
                worked.append(_lines(say("An example"), trace, steps))
                example = scenario if scenario.training is not None else None
    return Explanation(
        name=name,
        kind="rule",
        usage=name,
        words=words,
        convention="; ".join(dict.fromkeys(row.convention for row in rows if row.convention)),
        source="; ".join(dict.fromkeys(row.source for row in rows if row.source)),
        defaults={},
        rules=rules,
        worked=worked,
        plot=None,
        example=example,
        used_in=_users(lambda facts: name in facts.rules),
    )


# Where a name is used -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a bundled scenario is made of."""

    name: str
    operations: Collection[str]
    optimizers: Collection[str]
    rules: Collection[str]


def _users(asked) -> list[str]:
    return [facts.name for facts in _facts() if asked(facts)]
