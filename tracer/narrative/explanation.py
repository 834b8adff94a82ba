"""An operation, an optimizer or a rule explained: formula, worked example, where it is used.

What the witnesses say of the example is handed in: narrative does not ask them.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Final, Literal

from tracer.errors import LanguageError, UnknownNameError, nearest
from tracer.expression import Call, Display, Name, Node, Notation, letter, parse
from tracer.frozen import Frozen, Value, replace
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Heading,
    Paragraph,
    Plot,
    Series,
    Table,
    present,
    rules_paragraph,
)
from tracer.narrative.catalogue import catalogue, languages
from tracer.narrative.dependence import (
    Dependence,
    dependence_tables,
    dependences_of,
    jacobian_blocks,
)
from tracer.narrative.derivation import first_values
from tracer.narrative.derivation_options import Options
from tracer.narrative.examples import (
    RESULT,
    WEIGHTS,
    curve_words,
    definition_of,
    example_function,
    example_network,
    example_scenario,
    function_curve,
    loss_curve,
    toml_array,
)
from tracer.narrative.ideas import IDEAS, IdeaRuns, idea_blocks, idea_scenario
from tracer.narrative.limits import (
    SHOWN_RATE,
    feature_sentences,
    feature_spans,
    largest_slope,
    limits_of_example,
    limits_of_form,
    limits_of_function,
    limits_of_optimizer,
)
from tracer.narrative.line_forms import FilledForm
from tracer.narrative.pictures import loss_plot
from tracer.narrative.printed_values import value_node
from tracer.narrative.program_notation import line_looks
from tracer.narrative.sign_words import sign_sentences
from tracer.narrative.step_lines import Narrator
from tracer.narrative.steps import SAME, Step, rules_of
from tracer.narrative.textbook_blocks import (
    drawn_law_line,
    drawn_side,
    in_textbook,
    law_blocks,
    textbook_for,
)
from tracer.narrative.words import EXPLAINED
from tracer.operations import Operation, bound_calls, figure_node, lookup, table, usage, vocabulary
from tracer.operations.law import Law, LawLine
from tracer.operations.reasons import FORWARD
from tracer.operations.signature import attribute_node
from tracer.operations.textbook import Textbook
from tracer.program.document import ScenarioKey
from tracer.program.optimizers import LINE_NAMES, OPTIMIZERS
from tracer.program.scenario import Scenario, bundled, load
from tracer.run.function_places import FunctionPlaces, curve_places, function_places
from tracer.run.runner import first_program, run_scenario
from tracer.run.trace import Iteration, Trace
from tracer.sentences import Sentence, say

IN_WORDS = ("rule", "idea", "term")  # kinds whose names are words


class ShownRule(Frozen):
    """A rule that no row of the table has: its words, and a network that shows it."""

    words: Sentence
    equations: str
    law: LawLine
    parameters: Mapping[str, str] = MappingProxyType({"w": "2"})


RULES: Mapping[str, ShownRule] = {
    "chain rule": ShownRule(
        say(
            "The derivative of one step after another: the gradient that flows in, times the "
            "derivative of the step it flows through."
        ),
        "u = 3 * w\ny = u**2",
        LawLine(
            "d(y, w) = d(y, u) * d(u, w)",
            "Move w by a little h: u moves by its slope times h, and y by its own slope times that "
            "move. One step after another multiplies.",
        ),
    ),
    "sum over paths": ShownRule(
        say(
            "A quantity that is used more than once reaches the loss along several paths. Each "
            "path brings a term of its own, and the gradient is their sum."
        ),
        "u = 3 * w\nv = w**2\ny = u * v",
        LawLine(
            "d(y, w) = d(y, u) * d(u, w) + d(y, v) * d(v, w)",
            "Move w by a little h: u and v both move, and y takes up both moves. What the two "
            "moves do to each other has h twice as a factor, too little to count.",
        ),
    ),
    "product rule": ShownRule(
        say(
            "The derivative of a product whose factors both depend on one quantity: the "
            "derivative of each factor times the other factor, added up."
        ),
        "u = 3 * w\nv = w**2\ny = u * v",
        LawLine(
            "d(y, w) = d(u, w) * v + u * d(v, w)",
            "Move w by a little h: with v held fixed, y moves v times as far as u, and with u held "
            "fixed u times as far as v. What is left, the product of the two moves, has h twice as "
            "a factor, too little to count.",
        ),
    ),
    "update rule": ShownRule(
        say(
            "The optimizer's equation for a parameter. On the right the parameter and its "
            "gradient have the values from before the update."
        ),
        "y = (w - 3)**2",
        OPTIMIZERS["sgd"].law[0],
    ),
    SAME: ShownRule(
        say("Two names for one quantity: the gradient of one is the gradient of the other."),
        "u = 3 * w\nv = u\ny = v**2",
        LawLine("d(y, u) = d(y, v)", "v moves by just as much as u: the slope between them is 1."),
    ),
    "no path": ShownRule(
        say(
            "No path brings a gradient back from the loss to the parameter, so its gradient is 0 "
            "and gradient descent leaves it where it is."
        ),
        "y = 3 * w",
        LawLine("d(y, b) = 0", "Move b as far as you like: y stays where it is."),
        {"w": "2", "b": "1"},
    ),
}


OTHER_NAMES: Final = (
    (say("stochastic gradient descent"), "sgd"),
    (say("gradient descent"), "sgd"),
    (say("momentum method"), "momentum"),
    (say("embedding"), "gather"),
    (say("convolution"), "conv2d"),
    (say("max pooling"), "max_pool2d"),
    (say("mean pooling"), "avg_pool2d"),
    (say("matrix multiplication"), "matmul"),
    (say("weight decay"), "regularization"),
    (say("overfitting"), "regularization"),
    (say("backward pass"), "backpropagation"),
    (say("slope"), "derivative"),
    (say("error"), "loss"),
    (say("cost"), "loss"),
    (say("step size"), "learning-rate"),
    (say("log loss"), "bce"),
    (say("dead unit"), "relu"),
    (say("gradient clipping"), "exploding-gradients"),
    (say("backpropagation through time"), "truncated-backpropagation"),
)
"""What people call some of the pages, besides their own names and titles."""


class Proof(Value):
    """What one witness says of the example: the largest relative difference, and its limit."""

    witness: str
    difference: float
    limit: float


class Worked(Frozen):
    """Steps with their numbers, under a heading; `blocks` are what a page prints of them."""

    title: Sentence
    steps: Sequence[Step]
    blocks: Sequence[Block]


class Explanation(Frozen):
    """What is said of a name.

    `formulas` are what it computes and `gradients` what flows back, in symbols; `example` is the
    scenario that the witnesses may judge, None where it has no gradient.
    """

    name: str
    kind: Literal["operation", "optimizer", "rule", "idea", "term"]
    usage: str
    words: Sentence
    used_in: Sequence[str]
    convention: Sequence[str] = ()
    source: Sequence[str] = ()
    settings: Sequence[ScenarioKey] = ()  # that an optimizer's equations name
    purpose: Sequence[Sentence] = ()  # what it is for
    law: Sequence[LawLine] = ()  # the definition first
    general: Law | None = None  # the same, with the sizes of its letters
    formulas: Sequence[EquationLine] = ()
    examples: Sequence[Block] = ()  # of an idea's run
    memory: Sequence[Sentence] = ()  # where what an optimizer remembers starts
    gradients: Sequence[EquationLine] = ()
    worked: Sequence[Worked] = ()
    plot: Plot | None = None
    places: Sequence[Sentence] = ()  # what is to be seen on the curve
    limits: Sequence[Sentence] = ()  # where it goes wrong
    pictures: Sequence[Dependence] = ()
    jacobian: Sequence[Block] = ()  # where its law tells the diagonal from the rest
    frameworks: Mapping[str, str] = MappingProxyType({})
    textbook: Textbook | None = None  # draws the formulas of the example
    example: Scenario | None = None
    taken_settings: frozenset[str] = frozenset()  # the names in it
    looks: Mapping[str, str] = MappingProxyType({})  # of names, where its scenario chooses them


def explained_names() -> tuple[str, ...]:
    """Return all names that can be explained: operations, optimizers, rules, ideas, words."""
    rules = chain.from_iterable(row.rules for row in table().values() if not row.inner)
    own = [*_operation_names(), *OPTIMIZERS, *filter(None, dict.fromkeys([*RULES, *rules]))]
    return (*own, *IDEAS, *EXPLAINED)


def page_title(name: str) -> Sentence:
    """Return what the page of a name is called: an idea in words, learning-rate without hyphen."""
    if name in EXPLAINED:
        return EXPLAINED[name][0]
    spoken = name.replace("-", " ") if name in IDEAS else name
    return say(spoken)


def explain(name: str, *, digits: int = 6) -> Explanation:
    """Return the explanation of a name. Raises UnknownNameError, which lists what is near."""
    canonical_name = _name_of(name)
    if not canonical_name:
        raise UnknownNameError(
            say("there is no explanation of {text}", text=repr(" ".join(name.split())[:100])),
            expected=nearest(name[:100].casefold(), explained_names())
            or nearest(name[:100], [*chain.from_iterable(map(_names_by_phrase, languages()))])
            or say(
                "an operation (tracer list --operations), an optimizer, a rule, or an idea: "
                "{names}",
                names=[*IDEAS],
            ),
        )
    if canonical_name in OPTIMIZERS:
        return _explain_optimizer(canonical_name, digits)
    if canonical_name in IDEAS:
        return _explain_idea(canonical_name, digits)
    if canonical_name in EXPLAINED:
        return Explanation(canonical_name, "term", canonical_name, EXPLAINED[canonical_name][1], ())
    return (
        _explain_operation(lookup(canonical_name), digits)
        if canonical_name in table()
        else _explain_rule(canonical_name, digits)
    )


def split_names(words: Sequence[str]) -> list[str]:
    """Return the names that words are; one name may be several of the words.

    What is no name is among them as it stands, for `explain` to refuse.
    """
    names: list[str] = []
    start = 0
    while start < len(words):
        named = {end: _name_of(" ".join(words[start:end])) for end in range(len(words), start, -1)}
        end = next(filter(named.get, named), start + 1 if names else len(words))
        names.append(named[end] or " ".join(words[start:end]))
        start = end
    return names


def _name_of(text: str) -> str:
    """Return the name as the table has it: Tanh is tanh, ln is log, 链式法则 the chain rule.

    '' where there is none.
    """
    plain = _plain_name(text[:100])
    ways = (_names_by_phrase(language).get(plain, "") for language in languages())
    return (
        next(filter(None, ways), "") or _operation_spelled(text[:100]) or _abbreviated_name(plain)
    )


@cache
def _names_by_phrase(language: str) -> Mapping[str, str]:
    """Return what is explained by each way to say its name in a language."""
    translate = catalogue(language)
    rows = table()
    titles = {row.title: row.name for row in reversed([*rows.values()]) if not row.inner}
    titles |= {title.template: name for title, name in OTHER_NAMES}
    titles |= {page_title(name).template: name for name in explained_names()}
    titles |= {name: name for name in explained_names()}
    return {_plain_name(translate(title)): name for title, name in titles.items() if title}


def _plain_name(text: str) -> str:
    """Return a name without capitals, hyphens, plurals and what stands in brackets behind it."""
    words = re.sub(r"[-_\s]+", " ", text.casefold()).strip()
    return re.sub(r"(?<=.)（.*）$|(?<=\w\w\w)s\b", "", words)


def _abbreviated_name(plain: str) -> str:
    """Return the name whose words begin as these do: batch norm; '' for none or several."""
    words = plain.split()
    names = {
        name
        for language in languages()
        for phrase, name in _names_by_phrase(language).items()
        if len(phrase.split()) == len(words) > 1 and all(map(str.startswith, phrase.split(), words))
    }
    return names.pop() if len(names) == 1 else ""


def _operation_spelled(text: str) -> str:
    """Return the operation that is written so: ln, σ, **; '' where there is none."""
    for source in (f"{text}(a)", f"a {text} b", f"a{text}"):
        try:
            node = parse(source, vocabulary=vocabulary())
        except LanguageError:
            continue
        if isinstance(node, Call) and all(map((Name("a"), Name("b")).__contains__, node.arguments)):
            return node.operation if node.operation in _operation_names() else ""
    return ""


def _operation_names() -> list[str]:
    return [name for name, row in table().items() if not row.inner]


def page_notation(*explanations: Explanation) -> Notation:
    """Return the reader's notation for explanations on one page."""
    looks = {name: look for one in explanations for name, look in one.looks.items()}
    return Notation(
        looks, loss="loss", taken=frozenset().union(*(one.taken_settings for one in explanations))
    )


def _shown_names(*traces: Trace) -> frozenset[str]:
    """Return the names of the quantities of some runs; parts are shown as what they are."""
    return frozenset(
        name
        for trace in traces
        for name in (
            *trace.program.inputs,
            *(item.name for item in trace.program.equations if item.wrt or not item.base),
        )
    )


# Operations ---------------------------------------------------------------------------------------


def _explain_operation(row: Operation, digits: int) -> Explanation:
    example, law = example_scenario(row), row.law
    trace = run_scenario(example)
    trains = example.training is not None
    definition = definition_of(example)
    left = trace.program.equation(RESULT).expression
    # Its update is not what is explained.
    worked = _worked_steps(
        say("An example"), Narrator(trace, Options(digits=digits)), updates=False, row=row
    )
    purpose = [say(law.purpose)] if law is not None and law.purpose else []
    purpose += [
        spoken.full
        for step in worked.steps
        if step.name == RESULT
        for spoken in step.reasons
        if spoken.reason in FORWARD.get(row.name, ())
    ]
    function = example_function(row)
    places = None if function is None else function_places(function)
    limits = [
        *(() if places is None else limits_of_function(places)),
        *limits_of_form(row, example),
        *limits_of_example(row, example),
    ]
    is_told = not limits or (places is not None and places.lowest is not None and not places.pole)
    call = row.example.partition(";")[0]
    plot, curve_sentences = _function_curve(row, function, places)
    return Explanation(
        name=row.name,
        kind="operation",
        usage=usage(row) if call.startswith(f"{row.name}(") else call,
        words=say(row.words),
        purpose=purpose[:1],
        law=() if law is None else law.lines,
        general=law,
        used_in=scenarios_using(row.name),
        convention=[*row.conventions],
        source=[row.source] if row.source else [],
        formulas=[] if definition is None else [EquationLine(left, definition)],
        gradients=[
            EquationLine(Name(equation.name), equation.expression)
            for equation in trace.program.phase("backward")
            if equation.wrt in trace.program.parameters
        ],
        worked=[worked],
        plot=plot,
        places=[*(curve_words(row) if function is None else ()), *curve_sentences],
        limits=[*limits, *present(largest_slope(row, places) if is_told else None)],
        pictures=_dependence_pictures(row, example),
        jacobian=list(jacobian_blocks(row, example, digits)) if trains else [],
        frameworks=row.frameworks,
        textbook=textbook_for(trace.iteration(1).built),
        example=example if trains else None,
        taken_settings=_shown_names(trace),
    )


def _dependence_pictures(row: Operation, example: Scenario) -> list[Dependence]:
    """Return which input touches which output, where an operation mixes entries or moves them."""
    if example.training is None or row.elementwise:
        return []
    equations, *_ = example.equations.strip().splitlines()
    operands = {name: array.shape for name, array in example.parameters.items()}
    constants = {
        name: toml_array(array.floats(), array.shape)
        for name, array in example.constants.items()
        if name != WEIGHTS
    }
    return dependences_of(equations, operands, constants)


def _worked_steps(
    title: Sentence,
    narrator: Narrator,
    number: int = 1,
    *,
    updates: bool = True,
    row: Operation | None = None,
) -> Worked:
    """Return the steps of an iteration as a derivation prints them.

    What a `row` is for stands above its example; its settings stand among what is given.
    """
    iteration = narrator.iteration(number)
    steps = [step for step in narrator.steps(number) if updates or step.phase != "update"]
    defined: set[tuple[Node, Node]] = set()
    kinds = ["parameter", "constant", *(["setting"] if updates else [])]
    settings = _settings_of(row)
    inputs = _given_table(iteration, narrator.options.digits, kinds, settings)
    blocks: list[Block] = [inputs] if number == 1 and inputs.rows else []
    if row is not None and WEIGHTS in iteration:
        blocks.append(
            Paragraph(
                [
                    say(
                        "A gradient is taken of one number. So the loss here adds up the entries "
                        "of {y}, each times an entry of {c}; these are chosen so that neighbours "
                        "count differently.",
                        y=Name(RESULT),
                        c=Name(WEIGHTS),
                    )
                ]
            )
        )
    for step in steps:
        blocks += narrator.opened_lines(iteration, step, defined)
        if row is None or step.name != RESULT:
            says_rules = step.phase == "backward" and step.equation.wrt and step.rules
            blocks += present(
                rules_paragraph(step.rules) if says_rules else None,
                None if step.equation.base else narrator.words(iteration, step, narrator.page),
            )
        blocks += narrator.tell_entry(iteration, step)
    return Worked(title, steps, list(in_textbook(blocks, narrator.textbook(iteration))))


def _settings_of(row: Operation | None) -> list[list[Cell]]:
    """Return the settings that an operation has in its example; what is left out is none."""
    if row is None:
        return []
    example = parse(row.example.partition(";")[0], vocabulary=vocabulary())
    return [
        [Name(name), attribute_node(value)]
        for _, called, _, attributes in bound_calls(example)
        if called is row
        for name, value in attributes.items()
        if value is not None and name not in ("axis", "keepdims")  # which the law says in letters
    ]


def _given_table(
    iteration: Iteration, digits: int, kinds: Collection[str], settings: list[list[Cell]]
) -> Table:
    """Return what an example starts from, with its numbers."""
    input_names = [name for name, item in iteration.program.inputs.items() if item.kind in kinds]
    return Table(
        [say("quantity"), say("value")],
        [*([Name(name), value_node(iteration, name, digits)] for name in input_names), *settings],
    )


def _function_curve(
    row: Operation, function: Call | None, places: FunctionPlaces | None
) -> tuple[Plot | None, list[Sentence]]:
    """Return value and derivative of a function of one number, or of a loss beside a target.

    With it comes what is to be seen on it.
    """
    own = (
        None
        if function is None
        else (drawn_side(function), Name(row.operands[0]), function_curve(row, function))
    )
    formula, variable, points = own or loss_curve(row) or (None, None, [])
    if formula is None or variable is None or not points:
        return None, []
    (low, *_), (high, *_) = points[0], points[-1]
    features = curve_places(points) if len(points[0]) > 2 else None
    # Where a function is flat is known beyond its ends.
    if features is not None and places is not None:
        sides = places.sides
        ends = (sides.low, sides.high) if sides is not None else (-math.inf, math.inf)
        is_dead = sides is not None and ends == (sides.dead_low, sides.dead_high)
        features = replace(features, low=ends[0], high=ends[1], is_dead=is_dead)
    titles = [say("{formula}", formula=formula), say("derivative")][: len(points[0]) - 1]
    slots = {"formula": formula, "low": figure_node(low, 3), "high": figure_node(high, 3)}
    plot = Plot(
        say("{formula} and its derivative from {low} to {high}.", **slots)
        if len(titles) > 1
        else say("{formula} from {low} to {high}.", **slots),
        say("{name}", name=variable),
        say("value"),
        [
            Series(title, [(point[0], point[column]) for point in points])
            for column, title in enumerate(titles, start=1)
        ],
        spans=() if features is None else list(feature_spans(features, low, high)),
    )
    return plot, [] if features is None else list(feature_sentences(features))


# Optimizers and rules -----------------------------------------------------------------------------


def _explain_optimizer(name: str, digits: int) -> Explanation:
    optimizer = OPTIMIZERS[name]
    training = f'optimizer = "{name}"\nlearning_rate = {SHOWN_RATE}\niterations = 20\n'
    example = example_network(name, "loss = (w - 3)**2", {"w": "1"}, training=training)
    trace = run_scenario(example)
    narrator = Narrator(trace, Options(digits=digits))
    return Explanation(
        name=name,
        kind="optimizer",
        usage=f'optimizer = "{name}"',
        words=say(optimizer.words),
        purpose=[say(optimizer.purpose)],
        used_in=scenarios_using(name),
        source=[optimizer.source],
        settings=optimizer.settings,
        formulas=[
            EquationLine(
                Name(equation.name.removesuffix("'")),
                equation.expression,
                arrow=equation.name.endswith("'"),
            )
            for equation in trace.program.phase("update")
        ],
        memory=first_values(trace, digits),
        worked=[
            _worked_steps(say("Iteration {number}", number=number), narrator, number)
            for number in (1, 2)
        ],
        plot=loss_plot(trace, "loss", digits),
        limits=list(limits_of_optimizer(name)),
        law=optimizer.law,
        frameworks=optimizer.frameworks,
        textbook=textbook_for(trace.iteration(1).built),
        example=example,
        looks=line_looks([*LINE_NAMES, *(item.name for item in trace.program.equations)]),
        taken_settings=_shown_names(trace),
    )


def _explain_rule(name: str, digits: int) -> Explanation:
    if name in RULES:
        rule = RULES[name]
        scenario = example_network("example", rule.equations, rule.parameters)
        trace = run_scenario(scenario)
        return Explanation(
            name=name,
            kind="rule",
            usage=name,
            words=rule.words,
            used_in=scenarios_using(name),
            law=[rule.law],
            worked=[_worked_steps(say("An example"), Narrator(trace, Options(digits=digits)))],
            example=scenario,
            taken_settings=_shown_names(trace),
        )
    rows = [row for row in table().values() if name in row.rules and not row.inner]
    names = [row.name for row in rows]
    ways = [row for row in rows if row.derivative is not None and row.operands] or rows
    operation = next((row for row in ways if row.name in name.split()), ways[0])
    explanation = _explain_operation(operation, digits)
    head = (
        say("It gives the gradient of {names}.", names=names)
        if explanation.gradients
        else say("No gradient flows through {names}.", names=names)
    )
    return replace(
        explanation,
        name=name,
        kind="rule",
        usage=name,
        words=say("{head} What follows describes {name}.", head=head, name=operation.name)
        if len(names) > 1
        else head,
        used_in=scenarios_using(name) if explanation.gradients else scenarios_using(name, *names),
    )


def _explain_idea(name: str, digits: int) -> Explanation:
    """Return an idea with a run of its bundled scenario."""
    idea = IDEAS[name]
    runs = IdeaRuns(idea_scenario(idea), digits)
    return Explanation(
        name=name,
        kind="idea",
        usage=name,
        words=idea.words,
        used_in=[idea.scenario] if idea.scenario else [],
        examples=list(idea_blocks(idea, runs)),
        looks=runs.scenario.notation,
        taken_settings=_shown_names(*runs.traces.values()),
    )


# Blocks -------------------------------------------------------------------------------------------


def explanation_blocks(explanation: Explanation, proofs: Sequence[Proof]) -> Iterator[Block]:
    """Yield the blocks of an explanation; `proofs` is what the witnesses say of its example."""
    is_spoken, code = explanation.kind in IN_WORDS, say("{name}", name=explanation.name)
    yield Heading(1, page_title(explanation.name) if is_spoken else code)
    call = explanation.general.call.replace("{", "").replace("}", "") if explanation.general else ""
    heads = {
        "optimizer": [say("{usage}: {words}.", usage=explanation.usage, words=explanation.words)],
        "operation": [
            say("In short: {words}.", words=explanation.words),
            say("In a scenario: {usage}.", usage=explanation.usage),
            *present(say("Its law is shown for {call}.", call=call) if call else None),
        ],
    }
    yield Paragraph(heads.get(explanation.kind, [explanation.words]))
    if explanation.kind == "term":
        return
    yield from (
        Paragraph([say("Convention: {text}.", text=say(words))]) for words in explanation.convention
    )
    if explanation.settings:
        yield Table(
            [say("setting"), say("default value"), say("meaning")],
            [
                [
                    key.name,
                    str(key.default),
                    say("{words} ({text})", words=key.words, text=key.type.expected()),
                ]
                for key in explanation.settings
            ],
        )
    in_numbers = (
        say("In numbers, from the scenario {name}", name=explanation.used_in)
        if explanation.used_in
        else say("In numbers")
    )
    used = (
        say("In the bundled scenarios: {names}.", names=explanation.used_in)
        if explanation.used_in
        else say("In none of the bundled scenarios.")
    )
    purpose = list(explanation.purpose)
    if explanation.kind == "operation" and not explanation.gradients:
        purpose.append(say("No gradient flows through it."))
    frameworks = Table([say("framework"), say("name")], list(explanation.frameworks.items()))
    proved: list[Block] = [
        Paragraph(
            [
                say(
                    "The gradients of the example, checked by methods that do not use these rules "
                    "and compute with 30 digits or more: 0 means that every digit of the 64-bit "
                    "number agrees."
                )
            ]
        ),
        Table(
            [say("method"), say("largest difference"), say("limit")],
            [[say(it.witness), f"{it.difference:.1e}", f"{it.limit:.0e}"] for it in proofs],
        ),
    ]
    curve: list[Block] = [] if explanation.plot is None else [explanation.plot]
    if curve and explanation.places:
        curve.append(Paragraph(explanation.places))
    pages: list[tuple[Sentence, Iterable[Block]]] = [
        (say("What it is for"), [Paragraph(purpose)] if purpose else []),
        *_law_sections(explanation),
        (say("The Jacobian matrix"), explanation.jacobian),
        *((worked.title, worked.blocks) for worked in explanation.worked),
        (say("Which input affects which output"), dependence_tables(explanation.pictures)),
        (say("The curve"), curve),
        (
            say("Where it goes wrong"),
            in_textbook(
                (Paragraph([it], kind="item") for it in explanation.limits), explanation.textbook
            ),
        ),
        (say("What frameworks call it"), [frameworks] if explanation.frameworks else []),
        (say("Checked independently"), proved if proofs else []),
        (say("Where it is used"), [Paragraph([used])]),
    ]
    sections = [
        (title, list(blocks))
        for title, blocks in (
            [(in_numbers, explanation.examples)] if explanation.examples else pages
        )
    ]
    signs = sign_sentences(chain.from_iterable(_line_formulas(blocks) for _, blocks in sections))
    yield from [Paragraph(signs)] if signs else []
    for title, blocks in sections:
        if blocks:
            yield from (Heading(2, title), *blocks)
    yield from (Paragraph([say("Source: {text}.", text=source)]) for source in explanation.source)


def _line_formulas(blocks: Iterable[Block]) -> Iterator[Node]:
    """Yield both sides of the lines among some blocks."""
    for block in blocks:
        line = block.form if isinstance(block, FilledForm) else block
        if isinstance(line, EquationLine):
            yield from (line.left, line.formula)


def _law_sections(explanation: Explanation) -> list[tuple[Sentence, Iterable[Block]]]:
    """Return the definition and what follows from it for any size; else as the example has it."""
    shapes: list[Block] = []
    if explanation.gradients:
        shapes.append(Paragraph([say("For the shapes of the example:")], kind="label"))
    if not explanation.law or explanation.kind == "optimizer":
        computed: list[Block] = [
            *explanation.formulas,
            *([Paragraph(explanation.memory)] if explanation.memory else []),
        ]
        return [
            (say("What it computes"), in_textbook(computed, explanation.textbook)),
            (say("Why its equations are as they are"), law_blocks(explanation.law)),
            (
                say("The derivative"),
                [*shapes, *in_textbook(explanation.gradients, explanation.textbook)],
            ),
        ]
    definitions = [  # of a quantity or its entry, and no derivative
        line
        for line in explanation.law
        for left in [drawn_law_line(line).left]
        if not isinstance(left, Display) or left.kind == "below"
    ]
    derived = [line for line in explanation.law if line not in definitions]
    sizes = [
        say("{name} has the size {sizes}", name=Name(name), sizes=letter(" × ".join(letters)))
        for name, letters in (explanation.general.sizes if explanation.general else {}).items()
        if letters
    ]
    words = [say("For any size: {shapes}.", shapes=sizes)] if sizes else []
    words += [
        say("{name} runs from 1 to {limit}.", name=letter(name), limit=letter(limit))
        for name, limit in (explanation.general.limits if explanation.general else {}).items()
    ]
    opening = [Paragraph(words)] if words else []
    return [
        (say("Definition"), [*opening, *law_blocks(definitions)]),
        (say("The law, derived"), law_blocks(derived)),
    ]


def scenarios_using(*names: str) -> list[str]:
    """Return the bundled scenarios that use one of some operations, optimizers or rules.

    A variant is named, as a command has it, where its scenario does not do so without it.
    """
    calls = [call for call, used in _uses_by_scenario().items() if not used.isdisjoint(names)]
    return [call for call in calls if call.partition(" ")[0] in (call, *{*bundled()} - {*calls})]


@lru_cache(1)
def _uses_by_scenario() -> Mapping[str, set[str]]:
    runs = [(name, load(name)) for name in bundled()]
    runs += [
        (shlex.join([name, "--variant", variant.name]), scenario.variant(variant.name))
        for name, scenario in runs
        for variant in scenario.variants
    ]
    return {call: _names_used(scenario) for call, scenario in runs}


def _names_used(scenario: Scenario) -> set[str]:
    """Return the operations, optimizer and rules of a scenario."""
    names = {scenario.training.optimizer} if scenario.training is not None else set()
    for equation in first_program(scenario).program.equations:
        names |= {row.name for _, row, _, _ in bound_calls(equation.expression)}
        if equation.phase in ("backward", "update"):
            names |= {rule.template for rule in rules_of(equation)}
    return names
