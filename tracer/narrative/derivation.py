"""A trace told as a worked derivation: what is computed, with which conventions, step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Literal

from tracer.errors import RunError, UnknownNameError, nearest
from tracer.expression.display_forms import hadamard, times
from tracer.expression.notation import Notation
from tracer.expression.syntax import Call, Name, Node, walk
from tracer.frozen import Value, replace
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Heading,
    Paragraph,
    Table,
)
from tracer.narrative.chain import GradientChains
from tracer.narrative.entries import entry_step, entry_steps, read_focus
from tracer.narrative.line_forms import LineForms, Spelling
from tracer.narrative.local_derivatives import GradientProduct, gradient_product, is_product
from tracer.narrative.loss_paths import LossChain, chain_blocks, loss_chain
from tracer.narrative.messages import Equality, Sentence, say
from tracer.narrative.pictures import loss_plot, network_graph, wished_plot
from tracer.narrative.program_notation import notation_for
from tracer.narrative.run_verdict import remarks
from tracer.narrative.step_reasons import ReasonPage
from tracer.narrative.steps import MOST_SHOWN, Step, Teller, public_name, put_in, rules_of
from tracer.narrative.textbook_blocks import in_textbook, line_in_textbook, textbook_of
from tracer.narrative.words import extent_of
from tracer.operations import Term, bound, literal, shape_text
from tracer.operations.numbers import (
    array_node,
    number_node,
    number_text,
    sample_number,
    written_text,
)
from tracer.operations.textbook import Drawn, Textbook
from tracer.program.built import Built
from tracer.program.draws import INITS, Draw
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import Equation, Phase, Program, names_in, substitute
from tracer.program.shapes import Shapes
from tracer.run.diagnosis import diagnose
from tracer.run.exact import Exact
from tracer.run.replay import Replay
from tracer.run.trace import Iteration, Trace

__all__ = [
    "Detail",
    "Options",
    "StepSource",
    "Style",
    "conventions",
    "derivation",
    "line_of",
    "notation_of",
    "shown_iterations",
    "written_out",
]

Detail = Literal["summary", "equation", "operation", "element"]
Style = Literal["textbook", "code"]
Opened = tuple[str, tuple[int, ...]]

MOST_EQUATIONS = 40  # of a step that are listed once in symbols
MOST_UPDATES = 36  # equations of an update; of more, each line is told for one parameter only
MOST_PARTS = 400  # of a formula that is opened
MOST_WRITTEN = 10_000  # entries of a given array that `tracer show` writes out
MOST_SAMPLES = 6  # whose numbers are named
MOST_STATED = 6  # entries of data that the words of an iteration state
MOST_ROWS = 24  # of the table of all iterations
MOST_COLUMNS = 8

PHASES: dict[Phase, str] = {
    "forward": "Forward",
    "loss": "Loss",
    "backward": "Backward",
    "update": "Update",
}


class Options(Value):
    """What to tell, and at which detail.

    `digits` are the significant digits of results, `show` the iterations (None: a choice),
    `focus` the entry that the detail 'element' is about; with `exact` numbers are fractions, with
    `chain` each gradient is also written in one line through to the data. `notation` is how
    formulas are written, `most` up to how many entries arrays are printed and put into lines.
    """

    digits: int = 6
    show: tuple[int, ...] | None = None
    detail: Detail = "equation"
    focus: str | None = None
    exact: bool = False
    chain: bool = False
    notation: Style = "textbook"
    most: float = MOST_SHOWN


def notation_of(trace: Trace) -> Notation:
    """Return the reader's notation for a trace's quantities."""
    return notation_for(trace.scenario.notation, trace.program)


def shown_iterations(trace: Trace, show: Sequence[int] | None) -> list[int]:
    """Return the iterations to tell: the first, where none are asked for.

    Raises RunError where one is not there.
    """
    last = len(trace)
    if show is None:
        return [1] if last else []
    for number in show:
        if not 1 <= number <= last:
            raise RunError(
                say("there is no iteration {number}", number=number),
                expected=say("iterations from 1 to {count}", count=last),
            )
    return sorted(set(show))


def _left_out(trace: Trace) -> Sentence:
    """Say which iteration is told where nobody has asked for any."""
    return say("Of {count} iterations the first is shown.", count=len(trace))


def conventions(trace: Trace, notation: Style = "code") -> list[Sentence]:
    """Return the conventions in force, a sentence each, in the order of their first use.

    A textbook calls an operation by its title, and says nothing of what its formulas show.
    """
    found: dict[str, str] = {}
    textbook = notation == "textbook" and bool(len(trace))
    shapes = trace.iteration(1).built.shapes if textbook else Shapes({})
    for equation in trace.program.phase("forward", "loss", "backward"):
        for part in reversed(list(walk(equation.expression))):
            if isinstance(part, Call):
                row, operands, _ = bound(part)
                shown = textbook and all(len(shapes.of(item)) < 3 for item in operands)
                helps = equation.phase != "backward" or (textbook and not row.elementwise)
                if row.convention and helps and not (row.name == "matmul" and shown):
                    found.setdefault(row.title if textbook else row.name, row.convention)
    training = trace.scenario.training
    if training is not None and training.optimizer:
        found["Update" if textbook else training.optimizer] = OPTIMIZERS[training.optimizer].words
    return [
        say("{name}: {words}", name=say(title) if textbook else title, words=say(words))
        for title, words in found.items()
    ]


def derivation(trace: Trace, options: Options) -> Iterator[Block]:
    """Yield the blocks of a derivation, one iteration at a time.

    Raises RunError, LanguageError or UnknownNameError where the options ask for what is not there.
    """
    shown = shown_iterations(trace, options.show)
    source = StepSource(trace, options)
    if shown:
        source.check(shown[0])
    first = source.textbook(trace.iteration(1)) if len(trace) else None
    yield from in_textbook(_before(trace, options, shown), first)
    if options.detail != "summary":
        for number in shown:
            yield from source.blocks(number, begins=number == shown[0])
    yield from in_textbook(_after(trace, options), first)


def _before(trace: Trace, options: Options, shown: Sequence[int]) -> Iterator[Block]:
    """Tell what stands before the iterations."""
    yield from _head(trace, options)
    if options.detail == "summary":
        return
    focus = ""
    if shown and (options.detail == "element" or options.focus is not None):
        focus = read_focus(options.focus, trace.iteration(shown[0])).name
    graph = network_graph(trace.program, focus)
    if graph is not None:
        yield Heading(2, say("The network"))
        yield graph
    yield from _equations(trace, options)
    if len(shown) < len(trace) and options.show is None:
        yield Paragraph([_left_out(trace)])


def _after(trace: Trace, options: Options) -> Iterator[Block]:
    """Tell what stands behind the iterations: the table, the curve, what the run came to."""
    yield from _stopped(trace)
    yield from wished_plot(trace)
    if trace.program.loss is not None and (len(trace) > 1 or options.detail == "summary"):
        yield from _summary(trace, options.digits)
        yield from loss_plot(trace, options.digits)
    yield from _verdict(trace)


class StepSource:
    """The steps of a trace's iterations at the detail that the options ask for."""

    def __init__(self, trace: Trace, options: Options) -> None:
        self._trace = trace
        self._options = options
        self._exact: Exact | None = None
        self._replay: Replay | None = None
        if options.exact:
            self._exact = Exact(trace)
        if options.detail == "operation":
            self._replay = Replay(trace)
        self._iteration: Iteration | None = None
        self._teller = Teller(options.digits, self._exact, most=options.most)
        self._forms = LineForms()
        self._products: dict[tuple[Built, str], GradientProduct | None] = {}
        self._opened: set[Opened] = set()
        self._chains: tuple[Built, GradientChains] | None = None
        self._whole: dict[Equation, Equation] = {}  # with its whole chain for the formula
        self.page = ReasonPage()

    def one_step(self, number: int, name: str) -> Iterator[Block]:
        """Yield one step of an iteration, without a head: its line and what is said of it.

        An update is named by what it updates. Raises UnknownNameError where there is no such step.
        """
        iteration = self.iteration(number)
        steps = {step.name: step for step in self.steps(number)}
        meant = notation_of(self._trace).id_shown_as(name, steps)
        if meant is None:
            raise UnknownNameError(
                say("there is no step {name}", name=name),
                expected=nearest(name, steps) or say("the name of a step"),
            )
        lines = self.lines(iteration, steps[meant])
        told = _told(steps[meant], lines, begins=False, page=ReasonPage())
        return in_textbook(told, self.textbook(iteration))

    def textbook(self, iteration: Iteration) -> Textbook | None:
        """Return what writes an iteration's formulas as a textbook does; None for code."""
        if self._options.notation == "code":
            return None
        return textbook_of(iteration)

    def blocks(self, number: int, *, begins: bool = False) -> Iterator[Block]:
        """Yield one iteration's blocks; where it begins a derivation, with why 1 stands first."""
        iteration = self.iteration(number)
        told = _iteration(self._trace, self, iteration, self._options, begins=begins)
        return in_textbook(told, self.textbook(iteration))

    def opened(self, iteration: Iteration, step: Step) -> Iterator[Block]:
        """Tell one entry of an array in full, where the line cannot or an operation is new.

        An operation that joins entries (a matrix product, a softmax, a convolution) is opened once.
        """
        plain = self._options.detail == "equation" and self._options.notation == "textbook"
        if not plain or self.focused or self._options.exact:
            return
        if not step.shape and not self._is_left_to_work(iteration, step):
            return
        joins = _joining(step.formula, iteration.built.shapes) - self._opened
        hidden = step.figures is None or not step.figures.inputs or not step.shape
        if not (joins or hidden) or isinstance(step.formula, Name) or not all(step.shape):
            return
        if not all(map(math.isfinite, step.values)):
            return
        entry = entry_step(iteration, step.equation, tuple(0 for _ in step.shape), self._teller)
        if entry is None or len(list(islice(walk(entry.formula), MOST_PARTS))) == MOST_PARTS:
            return
        if step.figures is not None and _is_first_number(entry.formula):
            return  # the first number of another quantity as it stands: the line shows that
        if entry.formula != entry.substituted:
            self._opened |= joins
            if step.shape:
                yield Paragraph([say("One entry of it in full:")])
            else:
                yield Paragraph([say("Worked out, with the first and the last terms:")])
            yield line_of(entry, self._options.digits)

    def _is_left_to_work(self, iteration: Iteration, step: Step) -> bool:
        """Say whether a single number comes from arrays, and its line does not work it out."""
        if not any(iteration.shape(name) for name in names_in(step.formula)):
            return False
        names = () if step.figures is None else step.figures.inputs
        return self._teller.worked_form(iteration, step.equation, names) is None

    def lines(
        self, iteration: Iteration, step: Step, defined: Collection[Node] = ()
    ) -> Iterator[EquationLine]:
        """Yield a step's lines: a gradient as what comes in times the local derivative.

        A local derivative that is no plain quantity has a line of its own, with its value:
        σ′(z) = a ⊙ (1 − a), then ∂L/∂z = ∂L/∂a ⊙ σ′(z). So have parts of a long formula, but for
        those that are defined already. Lines of figures are drawn already.
        """
        textbook = self.textbook(iteration)
        product = None
        if textbook is not None and not self.focused:
            product = self._gradient_product(iteration.built, step.equation, textbook)
        if product is None:
            yield self._line(iteration, step)
        elif product.local is None or product.slope is None or product.upstream is None:
            parts = [
                replace(self._worked(iteration, equation), left=Drawn(sign))
                for sign, equation in product.parts
            ]
            for part in parts:
                if part.formula not in defined:
                    yield self._line(iteration, part)
            yield self._line_with_parts(iteration, step, product.formula, parts)
        else:
            inner = replace(self._worked(iteration, product.local), left=Drawn(product.slope))
            yield self._line(iteration, inner)
            yield self._product_line(iteration, step, product.upstream, inner, product.formula)

    def parts(self, iteration: Iteration, step: Step) -> list[Node]:
        """Return the parts of a step's formula that its lines define."""
        product = self._products.get((iteration.built, step.equation.name))
        return [] if product is None else [equation.expression for _, equation in product.parts]

    def _gradient_product(
        self, built: Built, equation: Equation, textbook: Textbook
    ) -> GradientProduct | None:
        """Return a gradient as a product; worked out once for a program."""
        key = built, equation.name
        if key not in self._products:
            self._products[key] = gradient_product(built, equation, textbook)
        return self._products[key]

    def _worked(self, iteration: Iteration, equation: Equation) -> Step:
        """Return an expression that the run does not record as a step, with its value."""
        values = self._teller.worked_values(iteration, equation)
        return self._teller.step(iteration, equation, values, explained=False)

    def _product_line(
        self, iteration: Iteration, step: Step, upstream: Equation, inner: Step, formula: Node
    ) -> EquationLine:
        """Return a gradient as a product of two factors, with the numbers of both."""
        shape = upstream.shape
        before = self._worked(iteration, upstream)
        drawn = Drawn(formula)
        if step.figures is None or before.figures is None or inner.figures is None:
            line = line_of(step, self._options.digits)
            return replace(line, formula=drawn, worked=None, substituted=None)
        textbook = textbook_of(iteration)
        join = hadamard if shape and inner.shape else times
        factors = ((before.figures.result, shape), (inner.figures.result, inner.shape))

        def whole(line: EquationLine, spelling: Spelling) -> EquationLine:
            terms = [Term(array_node([*map(spelling, texts)], of), of) for texts, of in factors]
            numbers = textbook.aligned(terms, step.shape)
            return replace(line, formula=drawn, substituted=Drawn(join(*numbers)), worked=None)

        (left, _), (right, _) = factors
        follows = is_product(left, right, step.figures.result)
        return self._line(iteration, replace(step, follows=follows), whole, [*left, *right])

    def _line_with_parts(
        self, iteration: Iteration, step: Step, formula: Node, parts: Sequence[Step]
    ) -> EquationLine:
        """Return a line whose formula has signs for parts, with the numbers of these put in."""
        drawn = Drawn(formula)
        figures = [part.figures.result for part in parts if part.figures is not None]
        if not figures or len(figures) < len(parts) or not (step.figures and step.figures.inputs):
            return self._line(iteration, step, lambda line, _: replace(line, formula=drawn))
        inputs = step.figures.inputs

        def whole(line: EquationLine, spelling: Spelling) -> EquationLine:
            values = {
                part.formula: array_node([*map(spelling, texts)], part.shape)
                for part, texts in zip(parts, figures, strict=True)
            }
            numbers = substitute(
                put_in(step.formula, values),
                {
                    name: array_node([*map(spelling, texts)], iteration.shape(name))
                    for name, texts in inputs.items()
                },
            )
            return replace(line, formula=drawn, substituted=numbers, worked=None)

        others = [text for texts in figures for text in texts]
        return self._line(iteration, replace(step, follows=False), whole, others)

    def _line(
        self,
        iteration: Iteration,
        step: Step,
        change: Callable[[EquationLine, Spelling], EquationLine] = lambda line, _: line,
        others: Sequence[str] = (),
    ) -> EquationLine:
        """Return a step's line as it is printed, from the form that its figures have.

        `others` are figures that a changed line shows besides the step's own.
        """
        if step.figures is None:
            return change(line_of(step, self._options.digits), str)
        textbook = self.textbook(iteration)

        def write(spelling: Spelling) -> EquationLine:
            spelled = self._teller.spelled(iteration, step, spelling)
            line = change(line_of(spelled, self._options.digits), spelling)
            return line if textbook is None else line_in_textbook(line, textbook)

        texts = [*others, *step.figures.texts()]
        return self._forms.line((iteration.built, step.left, step.follows), texts, write)

    def loss_chain(self, iteration: Iteration) -> LossChain | None:
        """Return all ways from the loss to the entry in focus; None where no entry is."""
        if not self.focused:
            return None
        return loss_chain(iteration, read_focus(self._options.focus, iteration), self._teller)

    def whole_chain(self, iteration: Iteration) -> Iterator[Block]:
        """Tell all ways from the loss to the entry in focus; nothing where none is."""
        chain = self.loss_chain(iteration)
        if chain is not None:
            yield from chain_blocks(chain, iteration, self._teller, self.textbook(iteration))

    def check(self, number: int) -> None:
        """Raise what is wrong with the options before anything is told."""
        if self._exact is not None:
            self._exact.values(number)
        if self.focused:
            read_focus(self._options.focus, self._trace.iteration(number))

    @property
    def focused(self) -> bool:
        """Whether one entry is told, and not whole quantities."""
        return self._options.detail == "element" or self._options.focus is not None

    def iteration(self, number: int) -> Iteration:
        """Return an iteration, with the values of every operation where they are told."""
        if self._iteration is None or self._iteration.number != number:
            replayed = None if self.focused else self._replay
            self._iteration = (replayed or self._trace).iteration(number)
        return self._iteration

    def steps(self, number: int) -> Iterator[Step]:
        """Yield the steps of an iteration."""
        iteration = self.iteration(number)
        if self.focused:
            focus = read_focus(self._options.focus, iteration)
            return entry_steps(iteration, focus, self._teller)
        return self._teller.steps(iteration)

    def chain(self, iteration: Iteration, step: Step) -> EquationLine | None:
        """Return a gradient in one line through to the data; None where that says no more."""
        name = step.equation.name
        if not step.equation.wrt or "#" in name:
            return None
        if self._chains is None or self._chains[0] is not iteration.built:
            equations = iteration.program.phase("backward")
            self._chains = iteration.built, GradientChains(equations, iteration.built.shapes)
        expression = self._chains[1].expression(name)
        if expression is None or expression == step.formula:
            return None
        whole = self._whole.get(step.equation)
        if whole is None:
            whole = self._whole[step.equation] = replace(step.equation, expression=expression)
        told = self._teller.step(iteration, whole, step.values, explained=False)
        return line_of(told, self._options.digits)


def _is_first_number(node: Node) -> bool:
    """Say whether an entry is a single number by its name, or the first entry of an array."""
    if isinstance(node, Call) and node.operation == "index":
        return all(literal(item) == 0 for item in node.arguments[1:])
    return isinstance(node, Name)


@lru_cache(1024)
def _joining(node: Node, shapes: Shapes) -> frozenset[Opened]:
    """Return the operations in a formula that join entries, with their operands' dimensions."""
    found: set[Opened] = set()
    for part in walk(node):
        if isinstance(part, Call):
            row, operands, _ = bound(part)
            if not (row.elementwise or row.moves) and shapes.of(part):
                found.add((row.name, tuple(len(shapes.of(item)) for item in operands)))
    return frozenset(found)


def _equations(trace: Trace, options: Options) -> Iterator[Block]:
    """Tell the equations once, in symbols, with the rule that gives each gradient."""
    program = trace.program
    if len(program.equations) > MOST_EQUATIONS:
        yield Paragraph(
            [
                say(
                    "The {count} equations of a step are too many to list; each iteration shows "
                    "its own.",
                    count=len(program.equations),
                )
            ]
        )
        return
    yield Heading(2, say("The equations"))
    alike = _updated_alike(program)
    phase: Phase | None = None
    named: set[str] = set()  # rules, which are named where they are first applied
    for equation in program.equations:
        if equation.phase == "metric" or (equation.phase == "update" and equation.wrt in alike):
            continue
        if equation.phase != phase:
            phase = equation.phase
            yield Paragraph([say(PHASES[phase])], kind="label")
        name = public_name(trace.iteration(1), equation)
        line = EquationLine(Name(name), equation.expression, arrow=name != equation.name)
        yield line
        if equation.phase == "loss" and options.notation == "code":
            for definition in written_out(equation.expression, trace.iteration(1).built.shapes):
                yield Paragraph([say("This loss is, written out:")])
                yield definition
        rules = rules_of(equation)
        if equation.phase == "backward" and str(rules) not in named:
            yield Paragraph([say("By: {rules}.", rules=rules)])
            named.add(str(rules))
    yield from _alike_words(alike)


def written_out(expression: Node, shapes: Shapes) -> list[EquationLine]:
    """Return a loss of the table in simpler operations, so that it can be worked by hand."""
    if not isinstance(expression, Call):
        return []
    row, operands, attributes = bound(expression)
    if row.definition is None or len(operands) < 2:
        return []
    definition = row.definition(*map(shapes.term, operands), **attributes)
    return [EquationLine(left=expression, formula=definition.node)]


def _updated_alike(program: Program) -> frozenset[str]:
    """Return the parameters whose update is not told: by the same lines as one that is told."""
    lines: dict[str, list[int]] = {}
    updates = list(program.phase("update"))
    for equation in updates:
        if equation.wrt:
            lines.setdefault(equation.wrt, []).append(equation.line)
    if len(updates) <= MOST_UPDATES:
        return frozenset()
    told: list[list[int]] = []
    alike: set[str] = set()
    for name, written in lines.items():
        if written in told:
            alike.add(name)
        told.append(written)
    return frozenset(alike)


def _alike_words(alike: Collection[str]) -> Iterator[Block]:
    if alike:
        yield Paragraph(
            [say("The other parameters ({count}) are updated in the same way.", count=len(alike))]
        )


def _head(trace: Trace, options: Options) -> Iterator[Block]:
    digits = options.digits
    scenario = trace.scenario
    yield Heading(1, say("{title}", title=scenario.heading))
    if scenario.description:
        yield Paragraph([say("{text}", text=scenario.purpose)])
    items = conventions(trace, options.notation)
    items.append(
        say(
            "Iterations, samples and subscripts count from 1; an entry of a matrix is named by "
            "row and column."
        )
    )
    if not options.exact:
        items.append(
            say(
                "Figures have {digits} significant digits; ≈ stands where a result was rounded.",
                digits=digits,
            )
        )
    yield Heading(2, say("Conventions"))
    for sentence in items:
        yield Paragraph([sentence], kind="item")
    yield Heading(2, say("What is given"))
    rows: list[Sequence[Cell]] = []
    first = trace.iteration(1) if len(trace) else None
    kinds = {
        "data": say("data"),
        "parameter": say("parameter"),
        "constant": say("constant"),
        "setting": say("setting"),
    }
    for name, item in trace.program.inputs.items():
        if item.kind in ("counter", "state") or first is None:
            continue
        rows.append([Name(name), kinds[item.kind], _value_cell(first, name, digits)])
    yield Table([say("quantity"), say("kind"), say("initial value")], rows)
    sizes = [math.prod(item.shape) for item in trace.program.inputs.values()]
    if any(MOST_SHOWN < size <= MOST_WRITTEN for size in sizes):
        yield Paragraph(
            [
                say(
                    "All numbers that are given: tracer show {name} --format json",
                    name=scenario.name,
                )
            ]
        )
    memory = first_values(trace, digits)
    if memory:
        yield Paragraph(memory)


def first_values(trace: Trace, digits: int) -> list[Sentence]:
    """Say where what the optimizer remembers starts; nothing where it remembers nothing."""
    states = [name for name, item in trace.program.inputs.items() if item.kind == "state"]
    if not states or not len(trace):
        return []
    first = trace.iteration(1)
    given = [name for name in states if name in first.built.first_values]
    sentences = [
        say("{name} starts at {value}.", name=Name(name), value=_value_cell(first, name, digits))
        for name in given
    ]
    if not given:
        sentences.append(say("The optimizer's state starts at 0."))
    elif len(given) < len(states):
        sentences.append(say("The rest of the optimizer's state starts at 0."))
    return sentences


def _value_cell(iteration: Iteration, name: str, digits: int) -> Cell:
    """Return a quantity's value for a table: its numbers, or its shape and range."""
    shape = iteration.shape(name)
    if math.prod(shape) <= MOST_SHOWN:
        return _value_node(iteration, name, digits)
    values = iteration.floats(name)
    extent = say(
        "shape {shape}, from {low} to {high}",
        shape=shape_text(shape),
        low=number_node(number_text(min(values), digits)),
        high=number_node(number_text(max(values), digits)),
    )
    given = iteration.given(name)
    if given is None or not isinstance(given.origin, Draw):
        return extent
    return say("{extent}; drawn {how}", extent=extent, how=_draw_words(given.origin))


def _draw_words(draw: Draw) -> Sentence:
    """Say how numbers are drawn, so that somebody else can draw the same."""
    settings = "".join(f", {key} = {written_text(value)}" for key, value in draw.options.items())
    how = INITS[draw.init].words
    if draw.seed is None:
        return say(
            "{how}{settings}, in sequence from the shared random stream", how=how, settings=settings
        )
    return say("{how}{settings}, seed {seed}", how=how, settings=settings, seed=draw.seed)


def _value_node(iteration: Iteration, name: str, digits: int) -> Node:
    given = iteration.given(name)
    if given is not None and given.exact is not None:
        texts = [written_text(given.written(position)) for position in range(given.size)]
    else:
        texts = [number_text(value, digits) for value in iteration.floats(name)]
    return array_node(texts, iteration.shape(name))


def _iteration(
    trace: Trace, source: StepSource, iteration: Iteration, options: Options, *, begins: bool
) -> Iterator[Block]:
    number = iteration.number
    yield Heading(2, say("Iteration {number}", number=number))
    words = list(_iteration_words(trace, iteration, options.digits))
    if words:
        yield Paragraph(words)
    alike = frozenset[str]() if source.focused else _updated_alike(iteration.program)
    phase: Phase | None = None
    defined: set[Node] = set()
    for step in source.steps(number):
        if step.phase == "update" and step.equation.wrt in alike:
            continue
        chain = None
        if options.chain and step.phase == "backward":
            chain = source.chain(iteration, step)
        if begins and step.phase == "backward" != phase and not source.focused:
            yield Paragraph([say(PHASES[step.phase])], kind="label")
            yield from _loss_by_itself(step.equation.of)
            phase = step.phase
        lines = list(source.lines(iteration, step, defined))
        defined.update(source.parts(iteration, step))
        yield from _told(step, lines, begins=step.phase != phase, page=source.page, chain=chain)
        yield from source.opened(iteration, step)
        phase = step.phase
    yield from _alike_words(alike)
    yield from source.whole_chain(iteration)


def _loss_by_itself(loss: str) -> Iterator[Block]:
    """Tell where the walk back begins."""
    yield EquationLine(Name(f"d{loss}/d{loss}"), number_node("1"))
    yield Paragraph(
        [
            say(
                "The backward pass starts with 1: if {loss} changes a little, {loss} changes by "
                "just as much.",
                loss=Name(loss),
            )
        ]
    )


def _told(
    step: Step,
    lines: Iterable[EquationLine],
    *,
    begins: bool,
    page: ReasonPage,
    chain: EquationLine | None = None,
) -> Iterator[Block]:
    """Tell a step by its lines, with the name of its phase where it is the first."""
    if begins:
        yield Paragraph([say(PHASES[step.phase])], kind="label")
    yield from lines
    if step.paths:
        yield _paths(step)
    if chain is not None:
        yield Paragraph([say("In one line, without the intermediate gradients:")])
        yield chain
    words = _step_words(step, page)
    if words:
        yield Paragraph(words)


def _paths(step: Step) -> Table:
    """Tell a sum over paths as a table: a row a term, and the sum."""
    rows: list[Sequence[Cell]] = []
    for path in step.paths:
        label: Cell = (
            say("directly") if path.through is None else say("through {name}", name=path.through)
        )
        term: Cell = path.term
        if path.substituted is not None:
            term = say("{equality}", equality=Equality(path.term, path.substituted))
        rows.append([label, term, path.result or ""])
    rows.append([say("sum over paths"), step.left, step.result or ""])
    return Table([say("path"), say("term"), say("value")], rows)


def _iteration_words(trace: Trace, iteration: Iteration, digits: int) -> Iterator[Sentence]:
    """Say which samples the step sees and where its parameters stand."""
    training = trace.scenario.training
    samples = iteration.samples
    count = _sample_count(trace)
    is_part = False  # of the data: else they are what the table of what is given says
    if _names_epochs(trace):
        yield say("Epoch {epoch}.", epoch=iteration.epoch)
    if samples is not None and count is not None and count > 1 and training is not None:
        is_part = training.sample is not None or len(samples) < count
        if training.sample is not None:
            yield say("Sample {number} of {count}.", number=sample_number(samples[0]), count=count)
        elif len(samples) < count:
            numbers = ", ".join(str(sample_number(place)) for place in samples[:MOST_SAMPLES])
            if len(samples) > MOST_SAMPLES:
                numbers += ", …"
            yield say(
                "Samples {numbers} ({number} of {count}).",
                number=len(samples),
                count=count,
                numbers=numbers,
            )
        elif any(len(given.shape) > 1 for given in trace.scenario.data.values()):
            yield say("All {count} rows of the data are used.", count=count)
    for name, item in iteration.program.inputs.items():
        if is_part and item.kind == "data" and math.prod(item.shape) <= MOST_STATED:
            yield say(
                "{equality}.", equality=Equality(Name(name), _value_node(iteration, name, digits))
            )
        elif item.kind == "parameter" and not item.shape:
            value = _value_node(iteration, name, digits)
            if iteration.number == 1:
                yield say("{name} starts at {value}.", name=Name(name), value=value)
            else:
                yield say("{name} is {value}.", name=Name(name), value=value)


def _names_epochs(trace: Trace) -> bool:
    training = trace.scenario.training
    return training is not None and training.epochs is not None and training.batch_size is not None


def _sample_count(trace: Trace) -> int | None:
    """Return how many samples there are: the length that several data have in common."""
    lengths = [given.shape[0] for given in trace.scenario.data.values() if given.shape]
    return lengths[0] if len(lengths) > 1 and len(set(lengths)) == 1 else None


def line_of(step: Step, digits: int) -> EquationLine:
    """Return a step as a line: its numbers, or what is said of an array too large to print."""
    extent = None if step.result is not None else extent_of(step.values, digits)
    return EquationLine(
        left=step.left,
        arrow=step.phase == "update" and step.name != step.equation.name,
        formula=step.formula,
        substituted=step.substituted,
        result=step.result,
        shape=step.shape,
        extent=extent,
        follows=step.follows,
        worked=step.worked,
    )


def _step_words(step: Step, page: ReasonPage) -> list[Sentence]:
    """Say why a step is as it is; where no reason holds, by which rules."""
    if step.reasons:
        chosen = page.choose(step.reasons)
        return [] if chosen is None else [chosen]
    words: list[Sentence] = []
    if step.phase == "backward" and step.equation.wrt:
        words.append(say("By: {rules}.", rules=step.rules))
    if step.sentence is not None:
        words.append(step.sentence)
    return words


def _stopped(trace: Trace) -> Iterator[Block]:
    """Tell the condition that ended a run early."""
    if trace.stopped:
        training = trace.scenario.training
        assert training is not None
        yield Paragraph(
            [
                say(
                    "The run stops after iteration {number}: {condition}.",
                    number=len(trace),
                    condition=training.stop_when or "",
                )
            ]
        )


def _verdict(trace: Trace) -> Iterator[Block]:
    """Tell what the run comes to, and why: of a single iteration only what went wrong."""
    if trace.program.loss is None or (len(trace) < 2 and trace.fault is None):
        return
    yield Heading(2, say("What happened"))
    for remark in remarks(diagnose(trace)):
        yield Paragraph([remark.sentence], kind="item")


def _summary(trace: Trace, digits: int) -> Iterator[Block]:
    """Tell all iterations in one table: single numbers before, on the way, and after."""
    yield Heading(2, say("All iterations"))
    columns = _columns(trace)
    head: list[Cell] = [say("iteration")]
    for name in columns:
        if name in trace.program.carried:
            head.append(say("{name} before", name=Name(name)))
        elif name in trace.program.carried.values():
            head.append(say("{name} after", name=Name(name.removesuffix("'"))))
        else:
            head.append(Name(name))
    count = len(trace)
    numbers = list(range(1, count + 1))
    if count > MOST_ROWS:
        half = MOST_ROWS // 2
        numbers = [*range(1, half + 1), 0, *range(count - half + 1, count + 1)]
    rows: list[Sequence[Cell]] = []
    for number in numbers:
        if number == 0:
            rows.append(["…"] * len(head))
            continue
        iteration = trace.iteration(number)
        rows.append([str(number), *(_cell(iteration, name, digits) for name in columns)])
    yield Table(head, rows)


def _cell(iteration: Iteration, name: str, digits: int) -> Cell:
    if name not in set(iteration):
        return ""
    value = iteration.floats(name)[0]
    if not math.isfinite(value):
        return number_text(value, digits)
    return number_node(number_text(value, digits))


def _columns(trace: Trace) -> list[str]:
    """Choose the single numbers of the table: parameters, predictions, loss, gradients."""
    program = trace.program
    before = [
        name
        for name in program.carried
        if name in program.parameters and not program.inputs[name].shape
    ]
    middle = [
        equation.name
        for equation in program.equations
        if not equation.shape
        and not equation.base
        and (
            equation.phase in ("forward", "loss", "metric")
            or (
                equation.phase == "backward" and equation.wrt in before and "#" not in equation.name
            )
        )
    ]
    after = [program.carried[name] for name in before]
    columns = [*before, *middle, *after]
    if len(columns) <= MOST_COLUMNS:
        return columns
    return [
        equation.name
        for equation in program.equations
        if not equation.shape and equation.phase in ("loss", "metric")
    ]
