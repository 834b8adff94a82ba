"""A scenario → the program of one training step: forward, loss, backward and update equations.

Those of the update are an optimizer's, or a rule of the scenario's own, written for each parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from tracer.errors import LanguageError, ScenarioError, ShapeError, known_name, refuse
from tracer.expression import Assignment, Call, Name, Node, Notation, parse, parse_program, walk
from tracer.frozen import Value, replace
from tracer.memo import EQUATION_BYTES, PROGRAMS
from tracer.operations import Shape, bound, bound_calls, number, shape_text, vocabulary
from tracer.program.differentiate import (
    Gradients,
    differentiate,
    differentiate_lowered,
    gradient_name,
    lower_equations,
    unused_name,
)
from tracer.program.given_array import GivenArray
from tracer.program.optimizers import OPTIMIZERS, with_weight_decay
from tracer.program.program import (
    BuiltProgram,
    Equation,
    Input,
    Kind,
    Program,
    StopCondition,
    names_in,
    substitute,
)
from tracer.program.resolve import place_words, resolve_equations, standard_form
from tracer.program.scenario import Scenario
from tracer.program.scenario_draft import Training
from tracer.program.schema import ASKED
from tracer.program.shapes import Shapes
from tracer.sentences import Text, say

GRADIENT, COUNTER = "g", "t"
PLACEHOLDERS = ("parameter", "w")
Line = tuple[Assignment, str]  # an assignment, and the name that it gives
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

    def structure(self) -> tuple[Hashable, ...]:
        """Return all that the equations of the update depend on, and the first values."""
        state = (
            (name, each.shape, repr(each.exact or each.floats()))
            for name, each in self.state.items()
        )
        return self.text, tuple(self.settings), self.own, *state


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
        sizes = Shapes({name: shapes[name] for name in shapes.names()})
        writer = _Writer(rule, sizes, trainable, gradients, wholes, states)
        _write_rule(writer)
        states = {item.name: item.shape for item in writer.inputs if item.kind == "state"}
        if states == writer.assumed:
            for name in sizes.names():
                shapes.add(name, sizes[name])
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
        return given.repeat_number(shape)
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
    free = [name for name in PLACEHOLDERS if not writer.rule.own or name not in writer.shapes]
    # What stands for every parameter in this rule, if it has that.
    placeholder = next((name for name in free if f"{name}'" in targets), None)
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
        error.where = place_words(writer.rule.where, writer.rule.text, error.start)
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
    assigned: set[str] = set()
    for assignment, target in lines:
        line = writer.rule.where(assignment.line)
        base = target.rstrip("'")
        late = [
            name for name in names_in(assignment.value) if name in targets and name not in assigned
        ]
        is_new = target.endswith("'")
        refuse(
            (
                (
                    late,
                    say("{name} is used before it is computed", name="".join(late[:1])),
                    say("lines in the order in which they are computed"),
                ),
                (target in assigned, say("{name} is assigned twice", name=target), ""),
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
        assigned.add(target)


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


COMPARISONS = ("<=", ">=", "<", ">")


def build_program(
    scenario: Scenario,
    data: Mapping[str, Shape],
    *,
    train: bool = True,
    evaluate: bool = False,
    outputs: Collection[str] | None = None,
    operations: bool = False,
) -> BuiltProgram:
    """Return the program for data of these shapes.

    Without `train` it has no backward pass and no update; with `evaluate` it leaves out what only
    training does (dropout); with `outputs` it computes only what these quantities need; with
    `operations` each equation holds one operation. Raises LanguageError, UnknownNameError,
    ShapeError, LimitError or ScenarioError, each with file and line.
    """
    return _Builder(
        scenario, data, train=train, evaluate=evaluate, outputs=outputs, operations=operations
    ).built()


def setting_values(training: Training | None, names: Mapping[str, str]) -> dict[str, GivenArray]:
    """Return the values of the settings that an update names, by their `names` in the program."""
    if training is None:
        return {}
    values: dict[str, GivenArray] = {}
    if training.update is None:
        defaults = OPTIMIZERS[training.optimizer].defaults
        values = {key: GivenArray.of(Decimal(text)) for key, text in defaults.items()}
    values.update({key: GivenArray.of(value) for key, value in training.settings.items()})
    if training.learning_rate is not None:
        values["learning_rate"] = training.learning_rate
    return {own: values[key] for key, own in names.items() if key in values}


class _Builder:
    """Builds one program."""

    def __init__(
        self,
        scenario: Scenario,
        data: Mapping[str, Shape],
        *,
        train: bool,
        evaluate: bool,
        outputs: Collection[str] | None,
        operations: bool,
    ) -> None:
        self.scenario = scenario
        self.train = train
        self.evaluate = evaluate
        self.outputs = outputs
        self.operations = operations
        tables: Mapping[Kind, Mapping[str, Shape]] = {
            "data": data,
            "constant": {name: given.shape for name, given in scenario.constants.items()},
            "parameter": {name: given.shape for name, given in scenario.parameters.items()},
        }
        self.data_of_classes: dict[str, bool] = {}
        self.inputs = {
            name: Input(name, kind, shape)
            for kind, shapes in tables.items()
            for name, shape in shapes.items()
        }
        self.shapes = Shapes({name: item.shape for name, item in self.inputs.items()})
        self.wholes = {
            name: int(given.floats()[0])
            for name, given in scenario.constants.items()
            if not given.shape and given.are_whole()
        }

    def built(self) -> BuiltProgram:
        """Return the program with the scenario's own settings; equal equations are built once."""
        shared = PROGRAMS.result(
            self.structure(),
            self.shared,
            lambda built: EQUATION_BYTES * len(built.program.equations),
            is_valid=lambda built: all(
                self.scenario.data[name].are_whole() == is_whole
                for name, is_whole in built.are_classes.items()
            ),
        )
        if self.outputs is None:
            self.check_names(shared)
        settings = setting_values(self.scenario.training, shared.setting_names)
        return replace(shared, settings=settings)

    def structure(self) -> tuple[Hashable, ...]:
        """Return all that the equations depend on, but for which data hold classes."""
        scenario, training = self.scenario, self.scenario.training
        return (
            *(_Builder, scenario.equations, scenario.loss, scenario.trainable, scenario.derived_by),
            *(tuple(self.inputs.values()), tuple(self.wholes.items())),
            *(self.train, self.evaluate, self.operations),
            None if self.outputs is None else tuple(self.outputs),
            None if training is None else (training.stop_when, *self.rule().structure()),
        )

    def shared(self) -> BuiltProgram:
        """Return the program with no values of its settings."""
        scenario = self.scenario
        equations = resolve_equations(
            scenario.equations,
            self.shapes,
            self.wholes,
            where=self.where,
            outputs=self.outputs,
            training=not self.evaluate,
        )
        if not equations:
            raise ScenarioError(say("there are no equations"), where=self.where(1))
        loss = self.loss(equations) if self.outputs is None else None
        for equation in equations:
            if loss is not None and equation.name == f"d{loss}":
                raise LanguageError(
                    say(
                        "the name {name} is taken: {name}/dw is the gradient of {loss}",
                        name=equation.name,
                        loss=loss,
                    ),
                    where=self.where(equation.line),
                    expected=say("another name"),
                )
        equations = self.in_order(equations, loss)
        metric = self.metric(equations) if loss else None
        metrics = [metric] if metric else []
        unreached: tuple[str, ...] = ()
        rule = self.rule() if self.train and scenario.training is not None else None
        gradients: dict[str, str] = {}
        # There is a backward pass where the update uses it, or a loss is named for it.
        is_named = self.train and scenario.loss is not None
        is_wanted = is_named if rule is None else not rule.own or uses_gradient(rule.text)
        if loss is not None and is_wanted:
            passes = self.differentiated(
                equations, loss, [*scenario.parameters, *scenario.derived_by]
            )
            zeros = [self.zero(name, loss) for name in passes.unreached]
            equations = [*passes.forward, *metrics, *passes.backward, *zeros]
            unreached = passes.unreached
            gradients = {**passes.names, **{item.wrt: item.name for item in zeros}}
        else:
            equations = [*self.taken_apart(equations), *metrics]
        updates = NO_UPDATES
        if rule is not None:
            names = scenario.parameters if scenario.trainable is None else scenario.trainable
            updates = write_updates(rule, self.shapes, list(names), gradients, self.wholes)
            equations = [*equations, *self.taken_apart(updates.equations)]
        inputs = {**self.inputs, **{item.name: item for item in updates.inputs}}
        self.mark_integers(equations, inputs)
        program = Program(inputs, tuple(equations), loss, updates.carried, unreached)
        return BuiltProgram(
            program,
            self.shapes,
            {},
            self.stop() if self.train else None,
            metric.name if metric else None,
            _mask_names(equations),
            updates.first_values,
            updates.settings,
            self.data_of_classes,
        )

    # The forward pass ---------------------------------------------------------------------------

    def where(self, line: int) -> Text:
        """Return the place of a line of the equations."""
        return self.scenario.document.line_place(("network", "equations"), line)

    def loss(self, equations: list[Equation]) -> str | None:
        """Return the loss: the one named, else the last equation's name."""
        name = self.scenario.loss
        if name is None:
            return equations[-1].name if self.scenario.training is not None else None
        if name not in {equation.name for equation in equations}:
            raise ScenarioError(
                say("the loss {name} is not computed", name=name),
                where=self.scenario.where("network", "loss"),
                expected=known_name(name, [equation.name for equation in equations]),
            )
        return name

    def in_order(self, equations: list[Equation], loss: str | None) -> list[Equation]:
        """Mark the loss, and set what does not need it before it."""
        if loss is None:
            return equations
        after: set[str] = {loss}
        first: list[Equation] = []
        last: list[Equation] = []
        for equation in equations:
            if equation.name == loss:
                last.append(equation._replace(phase="loss"))
            elif any(name in after for name in names_in(equation.expression)):
                after.add(equation.name)
                last.append(equation)
            else:
                first.append(equation)
        return [*first, *last]

    def metric(self, equations: list[Equation]) -> Equation | None:
        """Return the accuracy that goes with a loss on classes, where labels are classes."""
        for equation in equations:
            if equation.phase not in ("forward", "loss"):
                continue
            for _, row, operands, _ in bound_calls(equation.expression):
                if row.metric is None or not self.are_classes(operands[1]):
                    continue
                term = row.metric(*(self.shapes.term(operand) for operand in operands))
                name = unused_name("accuracy", self.shapes.names())
                self.shapes.add(name, ())
                return Equation(name, term.node, (), "metric")
        return None

    def are_classes(self, labels: Node) -> bool:
        if not isinstance(labels, Name):
            return isinstance(labels, Call)
        given = self.scenario.data.get(labels.id)
        if given is not None:
            self.data_of_classes[labels.id] = given.are_whole()
        return given is None or self.data_of_classes[labels.id]

    def differentiated(self, equations: list[Equation], loss: str, wanted: list[str]) -> Gradients:
        """Return the backward pass, at the detail that is asked for."""
        work = differentiate_lowered if self.operations else differentiate
        try:
            passes = work(equations, loss, wanted, self.shapes)
        except ShapeError as error:
            line = next((item.line for item in equations if item.name == loss), 1)
            raise error.at(self.where(line)) from None
        return replace(passes, backward=tuple(self.taken_apart(passes.backward)))

    def taken_apart(self, equations: Iterable[Equation]) -> list[Equation]:
        """Return equations with one operation each where that is asked for, else as they are."""
        if not self.operations:
            return list(equations)
        return lower_equations(list(equations), self.shapes)

    # The update ---------------------------------------------------------------------------------

    def rule(self) -> UpdateRule:
        training = self.scenario.training
        assert training is not None
        if training.update is not None:
            where = partial(self.scenario.document.line_place, ("training", "update", "equations"))
            settings = [*training.settings]
            if training.learning_rate is not None:
                settings.append("learning_rate")
            return UpdateRule(training.update, settings, where, own=True, state=training.state)
        optimizer = OPTIMIZERS[training.optimizer]
        decays = "weight_decay" in training.settings
        text = with_weight_decay(optimizer) if decays else optimizer.equations
        settings = ["learning_rate", *optimizer.accepted_settings]
        state = {name: GivenArray.of(Decimal(value)) for name, value in optimizer.state.items()}
        place = f"the optimizer {optimizer.name}"
        return UpdateRule(text, settings, lambda line: place, own=False, state=state)

    def zero(self, name: str, loss: str) -> Equation:
        """Return the gradient of a parameter that the loss does not depend on."""
        shape = self.shapes[name]
        full = gradient_name(loss, name)
        self.shapes.add(full, shape)
        node = Call("zeros", tuple(number(size) for size in shape)) if shape else number(0)
        return Equation(full, node, shape, "backward", of=loss, wrt=name, rules=("no path",))

    def check_names(self, built: BuiltProgram) -> None:
        """Check the names that other tables of the scenario use. Raises ScenarioError."""
        scenario, shapes = self.scenario, built.shapes
        names = shapes.names()
        asked = [("notation", name, name) for name in scenario.notation]
        for table, other in (
            ("prediction", scenario.prediction),
            ("evaluation", scenario.evaluation),
        ):
            asked += [(table, ASKED[table], name) for name in (other.asked if other else ())]
        if scenario.plot is not None:
            asked.append(("plot", "over", scenario.plot.over))
            asked += [("plot", "quantities", name) for name in scenario.plot.quantities]
        for table, key, name in asked:
            if name not in names:
                raise ScenarioError(
                    say("accuracy needs a loss on classes, such as cross_entropy")
                    if name == "accuracy" and built.metric is None
                    else say("there is no quantity of this name"),
                    where=scenario.where(table, key),
                    found=name,
                    expected=known_name(name, names),
                )
            if scenario.plot and table == "plot":
                over = scenario.plot.over
                if shapes[name] != shapes[over][:1]:
                    raise ScenarioError(
                        say("{name} is not a vector as long as {other}", name=name, other=over),
                        where=scenario.where("plot", key),
                        found=say("the shape {shape}", shape=shape_text(shapes[name])),
                    )
            if table == "evaluation" and shapes[name]:
                raise ScenarioError(
                    say("the metric {name} is not a single number", name=name),
                    where=scenario.where("evaluation", "metrics"),
                    found=say("the shape {shape}", shape=shape_text(shapes[name])),
                )
        try:
            Notation(scenario.notation, taken=names)
        except LanguageError as error:
            raise error.at(scenario.where("notation")) from None

    # What a run must know -----------------------------------------------------------------------

    def mark_integers(self, equations: list[Equation], inputs: dict[str, Input]) -> None:
        """Mark the inputs that are used as labels or ids."""
        for equation in equations:
            for _, row, operands, _ in bound_calls(equation.expression):
                for operand_name, operand in zip(row.operands, operands, strict=False):
                    if operand_name not in row.integers:
                        continue
                    for name in names_in(operand):
                        if name in inputs:
                            inputs[name] = replace(inputs[name], integer=True)

    def stop(self) -> StopCondition | None:
        training = self.scenario.training
        if training is None or training.stop_when is None:
            return None
        text = training.stop_when
        place = self.scenario.where("training", "stop_when")
        comparison = next(sign for sign in COMPARISONS if sign in text)
        left, _, right = text.partition(comparison)
        return StopCondition(
            self.single(left, place),
            comparison,
            self.single(" " * len(left + comparison) + right, place),
            text,
        )

    def single(self, text: str, place: str) -> Node:
        derivatives = frozenset(name for name in self.shapes.names() if name.startswith("d"))
        families = frozenset(name for name in self.shapes.names() if "[" in name)
        try:
            node = parse(text, vocabulary=vocabulary(), derivatives=derivatives, families=families)
        except LanguageError as error:
            raise error.at(place) from None
        node = standard_form(node, text, self.shapes, self.wholes, where=lambda line: place)
        if self.shapes.of(node):
            raise ScenarioError(
                say("stop_when compares single numbers"),
                where=place,
                found=say("an array: {text}", text=text),
            )
        return node


def _mask_names(equations: Iterable[Equation]) -> frozenset[str]:
    """Return the names of masks, and of what only moves, joins or scales them."""
    names: set[str] = set()
    for equation in equations:
        if equation.phase == "forward" and _is_masked(equation.expression, names):
            names.add(equation.name)
    return frozenset(names)


def _is_masked(node: Node, names: Collection[str]) -> bool:
    """Tell whether a value may rightly be minus infinity, where these quantities may be."""
    if isinstance(node, Name):
        return node.id in names
    if not isinstance(node, Call):
        return False
    row, operands, _ = bound(node)
    if row.infinite:
        return True
    passes = row.view or row.passes_mask
    return passes and any(_is_masked(operand, names) for operand in operands)
