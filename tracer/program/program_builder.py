"""A scenario → the program of one training step: forward, loss, backward and update equations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import partial

from tracer.errors import LanguageError, ScenarioError, ShapeError, known_name
from tracer.expression import Call, Name, Node, Notation, parse
from tracer.frozen import replace
from tracer.operations import Shape, bound, bound_calls, number, shape_text, vocabulary
from tracer.program.differentiate import Gradients, differentiate, differentiate_lowered
from tracer.program.given_array import GivenArray
from tracer.program.lower import gradient_name, lower_equations, unused_name
from tracer.program.optimizers import OPTIMIZERS, with_weight_decay
from tracer.program.program import (
    BuiltProgram,
    Equation,
    Input,
    Kind,
    Program,
    StopCondition,
    names_in,
)
from tracer.program.resolve import resolve_equations, standard_form
from tracer.program.scenario import Scenario
from tracer.program.shapes import Shapes
from tracer.program.updates import NO_UPDATES, UpdateRule, Updates, uses_gradient, write_updates
from tracer.sentences import Text, say

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
        if self.outputs is None:
            self.check_names(metric)
        program = Program(inputs, tuple(equations), loss, updates.carried, unreached)
        return BuiltProgram(
            program,
            self.shapes,
            self.settings(updates),
            self.stop() if self.train else None,
            metric.name if metric else None,
            _mask_names(equations),
            updates.first_values,
            updates.settings,
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
                last.append(replace(equation, phase="loss"))
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
        return given is None or given.are_whole()

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
        settings = ["learning_rate", *optimizer.taken]
        state = {name: GivenArray.of(Decimal(value)) for name, value in optimizer.state.items()}
        place = f"the optimizer {optimizer.name}"
        return UpdateRule(text, settings, lambda line: place, own=False, state=state)

    def settings(self, updates: Updates) -> dict[str, GivenArray]:
        """Return the values of the settings that the update names, by their recorded names."""
        training = self.scenario.training
        if training is None:
            return {}
        values: dict[str, GivenArray] = {}
        if training.update is None:
            defaults = OPTIMIZERS[training.optimizer].defaults
            values = {key: GivenArray.of(Decimal(text)) for key, text in defaults.items()}
        values.update({key: GivenArray.of(value) for key, value in training.settings.items()})
        if training.learning_rate is not None:
            values["learning_rate"] = training.learning_rate
        return {own: values[key] for key, own in updates.settings.items() if key in values}

    def zero(self, name: str, loss: str) -> Equation:
        """Return the gradient of a parameter that the loss does not depend on."""
        shape = self.shapes[name]
        full = gradient_name(loss, name)
        self.shapes.add(full, shape)
        node = Call("zeros", tuple(number(size) for size in shape)) if shape else number(0)
        return Equation(full, node, shape, "backward", of=loss, wrt=name, rules=("no path",))

    def check_names(self, metric: Equation | None) -> None:
        """Check the names that other tables of the scenario use. Raises ScenarioError."""
        scenario = self.scenario
        names = self.shapes.names()
        asked = [("notation", name, name) for name in scenario.notation]
        if scenario.prediction is not None:
            asked += [("prediction", "outputs", name) for name in scenario.prediction.outputs]
        if scenario.evaluation is not None:
            asked += [("evaluation", "metrics", name) for name in scenario.evaluation.metrics]
        if scenario.plot is not None:
            asked.append(("plot", "over", scenario.plot.over))
            asked += [("plot", "quantities", name) for name in scenario.plot.quantities]
        for table, key, name in asked:
            if name not in names:
                raise ScenarioError(
                    say("accuracy needs a loss on classes, such as cross_entropy")
                    if name == "accuracy" and metric is None
                    else say("there is no quantity of this name"),
                    where=scenario.where(table, key),
                    found=name,
                    expected=known_name(name, names),
                )
            if scenario.plot and table == "plot":
                over = scenario.plot.over
                if self.shapes[name] != self.shapes[over][:1]:
                    raise ScenarioError(
                        say("{name} is not a vector as long as {other}", name=name, other=over),
                        where=scenario.where("plot", key),
                        found=say("the shape {shape}", shape=shape_text(self.shapes[name])),
                    )
            if table == "evaluation" and self.shapes[name]:
                raise ScenarioError(
                    say("the metric {name} is not a single number", name=name),
                    where=scenario.where("evaluation", "metrics"),
                    found=say("the shape {shape}", shape=shape_text(self.shapes[name])),
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
