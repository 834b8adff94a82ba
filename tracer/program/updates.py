"""The update of a training step: an optimizer's equations, written for each parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from tracer.errors import LanguageError, ScenarioError, ShapeError, refuse
from tracer.expression import Assignment, Name, Node, parse_program, walk
from tracer.expression.program_parser import line_and_column
from tracer.frozen import Value
from tracer.operations import Shape, shape_text, vocabulary
from tracer.program.given_array import GivenArray
from tracer.program.lower import unused_name
from tracer.program.program import Equation, Input, names_in, substitute
from tracer.program.resolve import standard_form
from tracer.program.shapes import Shapes
from tracer.sentences import Text, say

GRADIENT, COUNTER = "g", "t"
PLACEHOLDERS = ("parameter", "w")
Line = tuple[Assignment, str]  # with the name that it assigns
MOST_ROUNDS = 20  # rounds in which the shapes of states must settle


class UpdateRule(Value):
    """The text of an update rule, the settings it may name, and where its lines stand.

    `state` has the first values of the states that do not start at 0, by their names in the text.
    """

    text: str
    settings: Sequence[str]
    where: Callable[[int], Text]
    own: bool  # written in the scenario: `w` is only a placeholder where nothing is called w
    state: Mapping[str, GivenArray]


class Updates(Value):
    """The equations of an update and what they need."""

    equations: tuple[Equation, ...]
    inputs: tuple[Input, ...]
    carried: Mapping[str, str]
    settings: Mapping[str, str]  # each setting's name in the record
    first_values: Mapping[str, GivenArray]  # initial values other than 0, by recorded name


NO_UPDATES: Final = Updates((), (), {}, {}, {})  # the updates of a program that is not trained


class _Writer:
    def __init__(
        self,
        rule: UpdateRule,
        shapes: Shapes,
        trainable: Sequence[str],
        gradients: Mapping[str, str],
        wholes: Mapping[str, int],
        states: Mapping[str, Shape],  # shapes of states that are known from an earlier round
    ) -> None:
        self.rule = rule
        self.shapes = shapes
        self.trainable = trainable
        self.gradients = gradients
        self.wholes = wholes
        self.states = states
        self.assumed: dict[str, Shape] = {}  # the shapes that this round began with
        self.equations: list[Equation] = []
        self.inputs: list[Input] = []
        self.carried: dict[str, str] = {}
        self.settings: dict[str, str] = {}
        self.first_values: dict[str, GivenArray] = {}
        self.shared: dict[str, Node] = {}


def uses_gradient(text: str) -> bool:
    """Tell whether an update rule uses a gradient at all; a perceptron's does not."""
    try:
        statements = parse_program(text, vocabulary=vocabulary())
    except LanguageError:
        return False  # no rule at all: whoever writes the updates says where
    return "/d" in text or any(
        isinstance(part, Name) and part.id == GRADIENT
        for statement in statements
        if isinstance(statement, Assignment)
        for part in walk(statement.value)
    )


def write_updates(
    rule: UpdateRule,
    shapes: Shapes,
    trainable: Sequence[str],
    gradients: Mapping[str, str],
    wholes: Mapping[str, int],
) -> Updates:
    """Return the update equations. `shapes` learns the new names.

    A state has the shape of what is stored in it, which may depend on other states: the lines
    are written until no shape changes. Raises LanguageError, ShapeError or ScenarioError: a
    parameter without an update, a gradient that is not clear, a name that is not known, a state
    that grows with every step.
    """
    states: dict[str, Shape] = {}
    for _ in range(MOST_ROUNDS):
        known = Shapes({name: shapes[name] for name in shapes.names()})
        writer = _Writer(rule, known, trainable, gradients, wholes, states)
        _write_rule(writer)
        states = {item.name: item.shape for item in writer.inputs if item.kind == "state"}
        if states == writer.assumed:
            for name in known.names():
                shapes.add(name, known[name])
            return Updates(
                tuple(writer.equations),
                tuple(writer.inputs),
                writer.carried,
                writer.settings,
                {name: _fill_state(writer, name) for name in writer.first_values},
            )
    growing = next(name for name, shape in states.items() if shape != writer.assumed[name])
    raise ShapeError(
        say("the state {name} has another shape after every step", name=growing),
        where=rule.where(1),
        expected=say("a state that keeps its shape"),
    )


def _fill_state(writer: _Writer, state: str) -> GivenArray:
    """Return the first value of a state in the state's shape: a single number for each entry."""
    given, shape = writer.first_values[state], writer.shapes[state]
    if not given.shape:
        return given.filled(shape)
    if given.shape != shape:
        raise ShapeError(
            say("the initial value of {name} has another shape", name=state),
            where=writer.rule.where(1),
            found=shape_text(given.shape),
            expected=shape_text(shape),
        )
    return given


def _write_rule(writer: _Writer) -> None:
    lines = _rule_lines(writer)
    targets = [target for _, target in lines]
    placeholder = _placeholder_name(writer, targets)
    if writer.rule.own:
        _check_targets(writer, lines, placeholder)
    # In an optimizer's own equations `w` and `v` are never quantities of the scenario.
    trained = writer.trainable if writer.rule.own else ()
    named = {target[:-1] for target in targets if target[:-1] in trained}
    generic = [name for name in writer.trainable if name not in named]
    if generic and placeholder is None:
        raise ScenarioError(
            say("the parameter {name} has no update", name=generic[0]),
            where=writer.rule.where(1),
            expected=say("a line {name}' = …, or one parameter' = … for all", name=generic[0]),
        )
    _name_inputs(writer, lines)
    if placeholder is None or not generic:
        _write_lines(writer, lines, {}, named)
        return
    own = [line for line in lines if line[1][:-1] in named]
    rest = [line for line in lines if line[1][:-1] not in named]
    taken = {f"{name}'" for name in named}
    for line, _ in rest:
        if name := "".join([each for each in names_in(line.value) if each in taken][:1]):
            raise LanguageError(
                say(
                    "{name} is the update of the parameter {parameter}, and no state of the rule",
                    name=name,
                    parameter=name[:-1],
                ),
                where=writer.rule.where(line.line),
                expected=say("another name for the state"),
            )
    depends = _dependent_names(rest, placeholder)
    _write_lines(writer, [line for line in rest if line[1] not in depends], {}, set())
    for name in generic:
        lines_of_parameter = [line for line in rest if line[1] in depends]
        _write_lines(writer, lines_of_parameter, {placeholder: name}, {name})
    _write_lines(writer, own, {}, named)


def _rule_lines(writer: _Writer) -> list[Line]:
    """Return the lines of the rule with the names that they assign. Raises LanguageError."""
    derivatives = frozenset(writer.gradients.values())
    families = frozenset(name for name in writer.shapes.names() if "[" in name)
    try:
        statements = parse_program(
            writer.rule.text, vocabulary=vocabulary(), derivatives=derivatives, families=families
        )
    except LanguageError as error:
        line, column = line_and_column(writer.rule.text, error.start)
        error.where = say("{place}, column {column}", place=writer.rule.where(line), column=column)
        raise
    lines: list[Line] = []
    for statement in statements:
        where = writer.rule.where(statement.line)
        if not isinstance(statement, Assignment):
            raise LanguageError(say("an update rule cannot have loops"), where=where)
        if not isinstance(statement.target, Name):
            raise LanguageError(say("an update assigns whole quantities, not entries"), where=where)
        lines.append((statement, statement.target.id))
    return lines


def _check_targets(writer: _Writer, lines: Sequence[Line], placeholder: str | None) -> None:
    """Raise LanguageError where a rule assigns what it may not, twice, or too late."""
    meant = {name for name in (GRADIENT, COUNTER) if name not in writer.shapes}
    meant |= {*writer.rule.settings, PLACEHOLDERS[0]}
    targets = {target for _, target in lines}
    seen: set[str] = set()
    for assignment, target in lines:
        line = writer.rule.where(assignment.line)
        base = target.rstrip("'")
        late = [name for name in names_in(assignment.value) if name in targets and name not in seen]
        is_new = target.endswith("'")
        refuse(
            (
                (
                    late,
                    say("{name} is used before it is computed", name="".join(late[:1])),
                    say("lines in the order in which they are computed"),
                ),
                (target in seen, say("{name} is assigned twice", name=target), ""),
                (target.endswith("''"), say("{name} has two primes", name=target), f"{base}'"),
                (
                    base in meant and not (is_new and base == placeholder),
                    say("{name} has a meaning of its own in an update", name=base),
                    "",
                ),
                (
                    base in writer.shapes and not (is_new and base in writer.trainable),
                    say("{name} is a quantity of the scenario that is not trained", name=base)
                    if is_new
                    else say("{name} is a quantity of the scenario", name=base),
                    say("a name of its own"),
                ),
            ),
            partial(LanguageError, where=line),
        )
        seen.add(target)


def _placeholder_name(writer: _Writer, targets: list[str]) -> str | None:
    """Return the name that stands for every parameter in this rule, if it has one."""
    free = [name for name in PLACEHOLDERS if not writer.rule.own or name not in writer.shapes]
    return next((name for name in free if f"{name}'" in targets), None)


def _name_inputs(writer: _Writer, lines: Sequence[Line]) -> None:
    """Give the counter and the settings that are used their names in the record."""
    used = {name for assignment, _ in lines for name in names_in(assignment.value)}
    for name in (COUNTER, *writer.rule.settings):
        if name not in used:
            continue
        if name in writer.shapes and writer.rule.own:
            if name == COUNTER:
                continue  # the scenario's own t
            raise ScenarioError(
                say("{name} is both a quantity and a key of [training]", name=name),
                where=writer.rule.where(1),
                expected=say("another name for one of them"),
            )
        taken = writer.shapes.names()
        own = unused_name(f"{name}_update", taken) if name in taken else name
        writer.shapes.add(own, ())
        writer.inputs.append(Input(own, "counter" if name == COUNTER else "setting", ()))
        writer.settings[name] = own
        writer.shared[name] = Name(own)


def _dependent_names(lines: Sequence[Line], placeholder: str) -> set[str]:
    """Return the names that differ from parameter to parameter: they depend on it."""
    own = {placeholder, GRADIENT, f"{placeholder}'"}
    while True:
        dependent = {target for line, target in lines if not own.isdisjoint(names_in(line.value))}
        dependent |= {target.removesuffix("'") for target in dependent}
        if dependent <= own:
            return own
        own |= dependent


def _write_lines(
    writer: _Writer,
    lines: Sequence[Line],
    placeholder: Mapping[str, str],
    parameters: set[str],
) -> None:
    """Write some lines once; `placeholder` maps the name that stands for a parameter to it."""
    mark = "".join(f"[{parameter}]" for parameter in placeholder.values())
    replace: dict[str, Node] = dict(writer.shared)
    named: dict[str, str] = {}  # what a line calls a quantity → its name in the record
    for _, target in lines:
        base = target.rstrip("'")
        is_parameter = base in (placeholder or parameters)
        own = placeholder.get(base, base if is_parameter else f"{base}{mark}")
        is_state = target.endswith("'") and not is_parameter
        if not target.endswith("'") or (is_state and not writer.rule.own):
            own = unused_name(own, writer.shapes.names())
        if is_state:
            shape = writer.shapes[placeholder[next(iter(placeholder))]] if placeholder else ()
            _add_state(writer, own, base, shape)
        named[target] = f"{own}'" if target.endswith("'") else own
        replace[target] = Name(named[target])
        if target.endswith("'"):
            replace[base] = Name(own)
    for base, parameter in placeholder.items():
        replace[base] = Name(parameter)
    for assignment, target in lines:
        before = named[target].removesuffix("'")
        only = next(iter(parameters)) if len(parameters) == 1 else ""
        parameter = before if before in parameters else only
        _write_line(writer, assignment, named[target], replace, parameter)
        if not parameters:
            writer.shared[target] = replace[target]
            if target.endswith("'"):
                writer.shared[target[:-1]] = replace[target[:-1]]


def _add_state(writer: _Writer, state: str, base: str, shape: Shape) -> None:
    """Add what a rule calls `base`; its first value, where it has one, gives it a shape."""
    if state in writer.shapes:
        raise ScenarioError(
            say("{name}' is not a state: {name} is a quantity of the scenario", name=state),
            where=writer.rule.where(1),
            expected=say("a trained parameter, or a name of its own"),
        )
    if base in writer.rule.state:
        writer.first_values[state] = writer.rule.state[base]
        shape = writer.rule.state[base].shape or shape
    shape = writer.assumed[state] = writer.states.get(state, shape)
    writer.shapes.add(state, shape)
    writer.inputs.append(Input(state, "state", shape))
    writer.carried[state] = f"{state}'"


def _write_line(
    writer: _Writer,
    assignment: Assignment,
    name: str,
    replace: Mapping[str, Node],
    parameter: str,
) -> None:
    where = writer.rule.where
    is_gradient = not writer.rule.own or GRADIENT not in writer.shapes
    if is_gradient and GRADIENT in names_in(assignment.value):
        if parameter not in writer.gradients:
            wanted = say("a gradient's own name")
            for name in writer.trainable[:1]:
                if name in writer.gradients:
                    own = writer.gradients[name]
                    wanted = say("a gradient's own name, such as {name}", name=own)
            raise ScenarioError(
                say("it is not clear which parameter's gradient g is"),
                where=where(assignment.line),
                expected=wanted,
            )
        replace = {**replace, GRADIENT: Name(writer.gradients[parameter])}
    # A name has the place of what it stands for, so that a message finds it.
    placed = {
        part.id: Name(node.id, part.start, part.end) if isinstance(node, Name) else node
        for part in walk(assignment.value)
        if isinstance(part, Name) and (node := replace.get(part.id)) is not None
    }
    node = substitute(assignment.value, placed)
    expression = standard_form(node, writer.rule.text, writer.shapes, writer.wholes, where=where)
    shape = writer.shapes.of(expression)
    before = name[:-1]
    if name.endswith("'") and before in writer.shapes:
        expected = writer.shapes[before]
        if shape != expected:
            shape = _widen_state(writer, before, shape, expected, where(assignment.line))
        writer.carried[before] = name
    writer.shapes.add(name, shape)
    is_parameter = before in writer.trainable and name.endswith("'")
    writer.equations.append(
        Equation(
            name,
            expression,
            shape,
            "update",
            line=assignment.line,
            wrt=before if is_parameter else parameter,
        )
    )


def _widen_state(writer: _Writer, name: str, shape: Shape, expected: Shape, where: Text) -> Shape:
    """Give a state the shape of what is stored in it; a parameter keeps its own."""
    for position, item in enumerate(writer.inputs):
        if item.name == name and item.kind == "state":
            writer.inputs[position] = Input(name, "state", shape)
            writer.shapes.add(name, shape)
            return shape
    raise ShapeError(
        say("the update of {name} has another shape", name=name),
        where=where,
        found=shape_text(shape),
        expected=shape_text(expected),
    )
