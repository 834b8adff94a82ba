"""A trace told as a worked derivation, with the table of all iterations and what they come to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain, groupby

from tracer.errors import UnknownNameError, known_name
from tracer.expression import DISPLAYED_PRODUCTS, DOT, Call, Display, Name, Node, walk
from tracer.expression.names import unicode_parts
from tracer.narrative.blocks import (
    Block,
    Cell,
    EquationLine,
    Heading,
    Paragraph,
    Table,
    equality,
    item_blocks,
    present,
    result_cell,
)
from tracer.narrative.derivation_options import (
    PHASES,
    Options,
    Style,
    is_iterated,
    shown_iterations,
)
from tracer.narrative.entries import read_focus
from tracer.narrative.local_derivatives import is_one_for_each_row
from tracer.narrative.pictures import loss_plot, network_graph, wished_plot
from tracer.narrative.printed_values import MOST_SHOWN, printed_values, value_node
from tracer.narrative.program_notation import notation_of
from tracer.narrative.run_verdict import command_of, next_commands, verdict_blocks
from tracer.narrative.sign_words import with_sign_words
from tracer.narrative.step_lines import Narrator, rule_words
from tracer.narrative.step_reasons import ReasonPage
from tracer.narrative.steps import MOST_DIGITS, Step, gradient_of, idle_lines, without_ties
from tracer.narrative.textbook_blocks import in_textbook, textbook_in
from tracer.narrative.words import KINDS, description_blocks, shape_words
from tracer.operations import (
    OfDerivative,
    bound,
    figure_node,
    lookup,
    number_node,
    number_text,
    sample_number,
    written_text,
)
from tracer.operations.reason import entry_of
from tracer.operations.textbook import Textbook
from tracer.program.network_remarks import functions_applied_twice
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import BuiltProgram, Phase, Program, names_in
from tracer.program.quantity_places import ADDITIONS, nonlinear_positions
from tracer.program.shapes import Shapes
from tracer.program.value_sources import INITS, Draw
from tracer.run.diagnosis import Diagnosis
from tracer.run.trace import Iteration, Trace
from tracer.sentences import (
    Code,
    Sentence,
    Slot,
    Text,
    first_few,
    join_by_and,
    join_by_or,
    join_clauses,
    say,
)

MOST_ROWS = 24  # of the table of all iterations
MOST_COLUMNS = 8
MOST_SAMPLES = 6  # whose numbers are named
MOST_STATED = 6  # entries of data that the words of an iteration state
MOST_EQUATIONS = 40  # of a network that are listed in symbols
MOST_UPDATES = 36  # equations of an update; of more, any rule is told for one parameter only
PHASE_LABELS = {phase: Paragraph([say(title)], kind="label") for phase, title in PHASES.items()}
MOST_WRITTEN = 10_000  # entries of a given array that `tracer show` writes out


def derivation(trace: Trace, options: Options) -> Iterator[Block]:
    """Yield the blocks of a derivation, one iteration at a time.

    Raises RunError, LanguageError or UnknownNameError where the options ask for what is not there.
    """
    numbers = shown_iterations(trace, options.show)
    source = Narrator(trace, options)
    if numbers:
        source.check(numbers[0])
    first = source.textbook(trace.iteration(1))
    iterations = (
        iteration_blocks(source, number, begins=number == numbers[0])
        for number in numbers
        if options.detail != "summary"
    )
    blocks = chain(
        in_textbook(opening_blocks(trace, options, numbers), first),
        chain.from_iterable(iterations),
        in_textbook(_blocks_after(trace, options), first),
    )
    if first is None:
        return blocks
    arrays = _dimensions(trace.iteration(1).built.shapes) != {0}
    return with_sign_words(blocks, _used_letters(trace), arrays=arrays)


def _used_letters(trace: Trace) -> frozenset[str]:
    """Return the letters that name quantities, with or without a subscript."""
    notation, program = notation_of(trace), trace.program
    names = (*program.inputs, *(item.name for item in program.equations if not item.wrt))
    return frozenset(unicode_parts(notation.look(name, "unicode")).base for name in names)


def _blocks_after(trace: Trace, options: Options) -> Iterator[Block]:
    """Tell what stands behind the iterations: the table, the curve, what the run came to."""
    training, loss = trace.scenario.training, trace.program.loss
    yield from wished_plot(trace)
    if loss is not None and _has_summary(trace, options):
        yield from _iteration_summary(trace, options.digits)
        yield from present(loss_plot(trace, loss, options.digits))
    if trace.stopped and training is not None:
        yield Paragraph(
            [
                say(
                    "The run stops after iteration {number}: {condition}.",
                    number=len(trace),
                    condition=training.stop_when or "",
                )
            ]
        )
    diagnosis = Diagnosis(trace)
    yield from verdict_blocks(diagnosis, options.digits)
    if options.focus is None:
        yield from next_commands(diagnosis)


def _has_summary(trace: Trace, options: Options) -> bool:
    """Say whether there is a table of all iterations, which is where metrics stand."""
    return len(trace) > 1 or options.detail == "summary"


def _iteration_summary(trace: Trace, digits: int) -> Iterator[Block]:
    """Tell all iterations in one table: single numbers before, on the way, and after."""
    yield Heading(2, say("All iterations"))
    columns = _summary_columns(trace)
    owners = {after: before for before, after in trace.program.carried.items()}
    shapes = [trace.iteration(1).shape(name) for name, _ in columns]
    entries = (
        (name, entry_of(Name(owners.get(name, name)), at, shape if math.prod(shape) > 1 else ()))
        for (name, at), shape in zip(columns, shapes, strict=True)
    )
    head: list[Cell] = [
        say("iteration"),
        *(
            say("{name} before", name=entry)
            if name in trace.program.carried
            else say("{name} after", name=entry)
            if name in owners
            else entry
            for name, entry in entries
        ),
    ]
    count = len(trace)
    numbers = list(range(1, count + 1))
    if count > MOST_ROWS:
        half = MOST_ROWS // 2
        numbers = [*range(1, half + 1), 0, *range(count - half + 1, count + 1)]
    yield Table(
        head,
        [
            [
                str(number),
                *(_summary_cell(trace.iteration(number), *column, digits) for column in columns),
            ]
            if number
            else ["…"] * len(head)
            for number in numbers
        ],
    )


def _summary_cell(iteration: Iteration, name: str, at: int, digits: int) -> Cell:
    if name not in set(iteration):
        return ""
    value = printed_values(iteration, name, iteration.floats(name))[at]
    return figure_node(value, digits) if math.isfinite(value) else number_text(value, digits)


def _summary_columns(trace: Trace) -> list[tuple[str, int]]:
    """Choose the numbers of the table: parameters, predictions, loss, gradients.

    Each is an entry, by its quantity and its place in that.
    """
    program = trace.program
    numbers = [item for item in program.equations if not item.shape and not item.base]
    middle = [(it.name, 0) for it in numbers if it.phase in ("forward", "loss", "metric")]
    slopes = {it.wrt: it.name for it in program.phase("backward") if "#" not in it.name}
    shapes = {it: program.inputs[it].shape for it in program.carried if it in program.parameters}
    numbers_alone = {name: shape for name, shape in shapes.items() if not shape}
    has_room = sum(map(math.prod, shapes.values())) <= MOST_COLUMNS
    for shown in (shapes, numbers_alone) if has_room else (numbers_alone,):
        before = [(name, at) for name, shape in shown.items() for at in range(math.prod(shape))]
        after = [(program.carried[name], at) for name, at in before]
        told = [*middle, *((slopes[name], at) for name, at in before if name in slopes)]
        for left_out in ("", "forward", "backward"):
            told = [it for it in told if program.equation(it[0]).phase != left_out]
            if len(before) + len(told) + len(after) <= MOST_COLUMNS:
                return [*before, *told, *after]
    return [(item.name, 0) for item in numbers if item.phase in ("loss", "metric")]


def step_blocks(source: Narrator, number: int, name: str) -> Iterator[Block]:
    """Yield one step of an iteration, without a head: its line and what is said of it.

    An update is named by what it updates. Raises UnknownNameError where there is no such step.
    """
    iteration = source.iteration(number)
    steps = {step.name: step for step in source.steps(number)}
    step_name = notation_of(source.trace).id_shown_as(name, steps)
    if step_name is None:
        raise UnknownNameError(
            say("there is no step {name}", name=name),
            expected=known_name(name, filter(steps.get, iteration.program.reader_names)),
        )
    blocks = line_blocks(source, iteration, steps[step_name], set(), ReasonPage(), opened=False)
    return in_textbook(blocks, source.textbook(iteration))


def iteration_blocks(source: Narrator, number: int, *, begins: bool = False) -> Iterator[Block]:
    """Yield one iteration's blocks; where it begins a derivation, with why 1 stands first."""
    iteration = source.iteration(number)
    return in_textbook(_iteration_blocks(source, iteration, begins), source.textbook(iteration))


def _iteration_blocks(source: Narrator, iteration: Iteration, begins: bool) -> Iterator[Block]:
    trace, options, number = source.trace, source.options, iteration.number
    yield Heading(
        2,
        say("Iteration {number}", number=number) if is_iterated(trace) else say("The computation"),
    )
    beginning = [
        *(_shown_words(trace, options) if begins else ()),
        *_iteration_words(trace, iteration, options.digits),
    ]
    if beginning:
        yield Paragraph(beginning)
    breaks_off = trace.fault is not None and trace.fault.iteration == number
    is_whole = source.focused or options.exact or breaks_off  # nothing is told in a table
    alike = [] if is_whole else updated_alike(iteration.built)
    phase: Phase | None = None
    defined: set[tuple[Node, Node]] = set()
    textbook = source.textbook(iteration)
    ways = source.whole_chain(iteration)  # of the values before the update, so they stand there
    updated = {item.name: item.wrt for item in iteration.program.phase("update")}
    unnamed: set[Node] = set()
    replaced = source.replaced_lines(iteration)
    for step in source.steps(number):
        equation = step.equation
        owner = updated.get(equation.base or equation.name) if step.phase == "update" else None
        if equation.name in replaced or owner in alike:
            continue
        if textbook is not None and equation.base and not equation.wrt:
            part = textbook.expression(step.left)
            if part in unnamed and not (source.focused and step.remark):
                continue  # it has no name, and stands above; a mark tells of what follows
            unnamed.add(part)
        if step.phase == "update":
            yield from ways
        if step.phase != phase:
            yield PHASE_LABELS[step.phase]
            if begins and step.phase == "update":
                yield from _values_before(iteration.program)
            elif begins and step.phase == "backward" and not source.focused:
                yield from _loss_by_itself(iteration.program, trace.program.loss or "", textbook)
            phase = step.phase
        yield from line_blocks(source, iteration, step, defined, source.page, opened=True)
        yield from present(source.rounding_words(iteration, step))
        yield from source.few_figures()
        yield from source.tell_entry(iteration, step)
    if alike:
        yield from _updates_alike(iteration, alike, options)
    yield from ways


def _loss_by_itself(program: Program, loss: str, textbook: Textbook | None) -> Iterator[Block]:
    """Tell where the walk back begins, and what it does not come to.

    Of p = softmax(z) a textbook writes the loss −ln p, which the run computes from z.
    """
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
    needed = program.needed_by_loss
    drawn = {
        part
        for item in program.phase("forward", "loss")
        if textbook is not None and item.name in needed
        for part in walk(textbook.expression(item.expression))
    }
    unused_names = [
        Name(item.name)
        for item in program.phase("forward")
        if not item.base and item.name not in needed and Name(item.name) not in drawn
    ]
    gradients = {item.wrt for item in program.phase("backward")}
    input_names = [
        Name(name)
        for name, item in program.inputs.items()
        if item.kind == "data" and name in needed and name not in gradients
    ]
    sentences = present(
        say(
            "{loss} is computed without {names}, so no gradient comes back there.",
            loss=Name(loss),
            names=join_by_and(unused_names),
        )
        if unused_names
        else None,
        say(
            "Training changes parameters; data stay as they are. So no gradient is worked out "
            "for {names}.",
            names=join_by_or(input_names),
        )
        if input_names
        else None,
    )
    if sentences:
        yield Paragraph(sentences)


def _values_before(program: Program) -> Iterator[Block]:
    """Tell that gradients are of the values before the update, where one is in another's."""
    gradients = {item.name: item for item in program.phase("backward")}
    uses = [
        (item, name)
        for item in gradients.values()
        for name in names_in(item.expression)
        if name in {*program.parameters} - {item.wrt} and "#" not in item.name
    ]
    for item, name in uses[:1] if len(program.parameters) > 1 else ():
        yield Paragraph(
            [
                say(
                    "All gradients above belong to the values before the update: {gradient} was "
                    "worked out with the old {w}. So it does not matter which parameter is updated "
                    "first.",
                    gradient=Name(item.base if item.base in gradients else item.name),
                    w=Name(name),
                )
            ]
        )


def line_blocks(
    source: Narrator,
    iteration: Iteration,
    step: Step,
    defined: set[tuple[Node, Node]],
    page: ReasonPage,
    *,
    opened: bool,
) -> Iterator[Block]:
    """Tell a step by its lines, some parts of which are `opened`, and what is said of it."""
    lines = source.opened_lines if opened else source.lines
    yield from lines(iteration, step, defined)
    if step.paths:
        yield _path_table(step)
    yield from present(rule_words(step, page), source.words(iteration, step, page))
    if source.options.chain and step.phase == "backward":
        for chain in present(source.chain(iteration, step)):
            yield Paragraph([say("In one line, without the intermediate gradients:")])
            yield chain


def _path_table(step: Step) -> Table:
    """Tell a sum over paths as a table: a row a term, and the sum."""
    return Table(
        [say("path"), say("term"), say("value")],
        [
            *(
                [
                    label,
                    equality(line.formula, *present(line.substituted)),
                    result_cell(line.result, line.follows),
                ]
                for label, line in step.paths
            ),
            [say("sum over paths"), step.left, result_cell(step.result, step.follows)],
        ],
    )


def _sample_count(trace: Trace) -> int:
    """Return how many samples the data have that a step may see; 0 where they have none."""
    lengths = [array.shape[0] for array in trace.scenario.data.values() if array.shape]
    training = trace.scenario.training
    if training is None or trace.iteration(1).samples is None or len(set(lengths)) != 1:
        return 0
    are_samples = len(lengths) > 1 or training.batch_size is not None
    return lengths[0] if are_samples else 0


def _part_words(trace: Trace, iteration: Iteration, *, in_table: bool = False) -> Sentence | None:
    """Say which samples a step sees that does not see all; else nothing."""
    samples, count = iteration.samples or (), _sample_count(trace)
    if not len(samples) < count:
        return None
    numbers = first_few(list(map(sample_number, samples)), MOST_SAMPLES)
    slots: dict[str, Slot] = {
        "number": len(samples),
        "count": count,
        "numbers": numbers,
        "iteration": iteration.number,
    }
    return {
        (True, True): say(
            "The table shows only the data that iteration {iteration} uses: sample {numbers} of "
            "{count}.",
            **slots,
        ),
        (True, False): say(
            "The table shows only the data that iteration {iteration} uses: samples {numbers} "
            "({number} of {count}).",
            **slots,
        ),
        (False, True): say("Sample {numbers} of {count}", **slots),
        (False, False): say("Samples {numbers} ({number} of {count})", **slots),
    }[in_table, len(samples) == 1]


def _shown_words(trace: Trace, options: Options) -> Iterator[Sentence]:
    """Say which iterations are shown, where nobody has chosen them and they are not all."""
    numbers, count = shown_iterations(trace, None), len(trace)
    if options.show is not None or len(numbers) == count:
        return
    first = numbers[0]
    if first > 1:
        yield say(
            "In {earlier} no parameter changes; iteration {number} is the first with an update.",
            earlier=say("iteration 1")
            if first == 2
            else say("iterations 1 to {last}", last=first - 1),
            number=first,
        )
    else:
        yield (
            say("Of {count} iterations the first is shown.", count=count)
            if len(numbers) == 1
            else say("Of {count} iterations the first and the last are shown.", count=count)
        )


def _iteration_words(trace: Trace, iteration: Iteration, digits: int) -> Iterator[Sentence]:
    """Say which samples the step sees and where its parameters stand."""
    training, inputs = trace.scenario.training, iteration.program.inputs.items()
    part, count = _part_words(trace, iteration), _sample_count(trace)
    if training is not None and training.epochs is not None and training.batch_size is not None:
        yield say("Epoch {epoch}.", epoch=iteration.epoch)
    if (
        part is None
        and count > 1
        and any(len(array.shape) > 1 for array in trace.scenario.data.values())
    ):
        yield say("All the data are used.")
    seen: list[Node] = []
    clauses: list[Text] = []
    for name, item in inputs:
        if item.kind == "data" and part is not None and math.prod(item.shape) <= MOST_STATED:
            seen.append(equality(Name(name), value_node(iteration, name, digits)))
        elif item.kind == "parameter" and not item.shape:
            slots = {"name": Name(name), "value": value_node(iteration, name, digits)}
            clauses.append(
                say("{name} starts at {value}", **slots)
                if iteration.number == 1 and name in iteration.program.carried
                else say("{name} is {value}", **slots)
            )
    if part is not None:
        clauses.insert(0, say("{part}: {seen}", part=part, seen=seen) if seen else part)
    if clauses:
        yield say("{clauses}.", clauses=join_clauses(clauses))


def conventions(
    trace: Trace, notation: Style = "code", *, has_metrics: bool = True
) -> list[Sentence]:
    """Return the conventions in force, a sentence each, in the order of their first use.

    A textbook calls an operation by its title, and says nothing of what its formulas show. One of a
    derivative is in force where one is taken, one of a metric where the page has metrics.
    """
    clauses: dict[str, dict[str, Sentence]] = {}
    built = trace.iteration(1).built
    shapes, textbook = built.shapes, textbook_in(notation, built)
    is_textbook = textbook is not None
    gradients = {item.wrt for item in trace.program.phase("backward")}
    needed = trace.program.needed_by_loss
    last: Sequence[Phase] = ("metric",) if has_metrics else ()
    for equation in trace.program.phase("forward", "loss", "backward", *last):
        is_back, shown = equation.phase == "backward", equation.expression
        if is_back and textbook is not None:
            shown = textbook.expression(shown)
        drawn = {part.operation for part in walk(shown) if isinstance(part, Call)}
        for part in reversed(list(walk(equation.expression))):
            if not isinstance(part, Call) or (is_back and part.operation not in drawn):
                continue
            row, operands, attributes = bound(part)
            sizes = [shapes.of(item) for item in operands]
            title = row.title if is_textbook else row.name
            is_evident = is_textbook and row.name == "matmul" and max(map(len, sizes)) < 3
            helps = not is_back or (is_textbook and not row.elementwise)
            is_derived = equation.name in needed and not gradients.isdisjoint(names_in(part))
            for text, concerns in row.conventions.items():
                is_met = is_derived or not isinstance(text, OfDerivative)
                if helps and is_met and not is_evident and concerns(sizes, attributes):
                    clauses.setdefault(title, {})[text] = say(text)
    sentences = {title: join_clauses(said.values()) for title, said in clauses.items()}
    training = trace.scenario.training
    if training is not None and training.optimizer:
        optimizer = OPTIMIZERS[training.optimizer]
        rule = say(optimizer.words)
        if is_textbook:
            rule = say("{words} ({what})", words=rule, what=training.optimizer)
        sentences["Update" if is_textbook else training.optimizer] = rule
    titles: dict[str, tuple[Text, list[Slot]]] = {}
    for title, words in sentences.items():
        titles.setdefault(str(words), (words, []))[1].append(say(title) if is_textbook else title)
    expressions = [
        textbook.expression(equation.expression)
        for equation in trace.program.phase("forward", "loss", "backward", "update")
        if textbook is not None
    ]
    return [
        *(
            say("{name}: {words}", name=join_by_and(names), words=words)
            for words, names in titles.values()
        ),
        *_program_remarks(trace),
        *_array_conventions(expressions, shapes, has_columns=is_textbook and _has_columns(built)),
        *[
            say(
                "An array with more than two axes is drawn as a matrix or a list of matrices, "
                "without its axes of length 1, and its entries have no subscripts for these axes."
            )
        ]
        * any(len(item.shape) > 2 for item in trace.program.equations if is_textbook),
    ]


def _program_remarks(trace: Trace) -> Iterator[Sentence]:
    """Yield what a reader of a program's figures may take for something else."""
    first = trace.iteration(1)
    yield from functions_applied_twice(first.built)
    if len(first.samples or ()) == 1:
        yield from (
            say("{name} belongs to the one sample that an iteration sees.", name=Name(item.name))
            for item in trace.program.phase("metric")
        )


def _has_columns(built: BuiltProgram) -> bool:
    """Say whether a gradient takes what the entries of each row share, which is a column."""
    return any(
        is_one_for_each_row(part, built.shapes) and math.prod(built.shapes.of(part)) > 1
        for item in built.program.phase("backward")
        for part in walk(item.expression)
        if part != item.expression
    )


def _array_conventions(
    formulas: Sequence[Node], shapes: Shapes, *, has_columns: bool
) -> list[Sentence]:
    """Say what is done to arrays entry by entry or row by row, where no sign of a formula does."""
    parts = list(chain.from_iterable(map(walk, formulas)))
    dimensions = _dimensions(shapes)
    return present(
        say(
            "Functions of one number, powers and fractions of {arrays} are taken entry by entry; a "
            "number beside one, as in 1 − a, goes with each entry.",
            arrays=say("a column or a matrix")
            if 1 in dimensions and max(dimensions) > 1
            else say("a column")
            if max(dimensions) < 2
            else say("a matrix"),
        )
        if any(_is_by_entry(part, shapes) for part in parts)
        else None,
        say(
            "A row beside a matrix, in a sum, a difference, a product entry by entry or a "
            "fraction, goes with each of its rows, and a column with each of its columns."
        )
        if has_columns or any(_is_row_by_row(part, shapes) for part in parts)
        else None,
        say(
            "A matrix with one subscript is that row of it, written as a column like any vector. A "
            "number below a letter may also belong to the name, as in {name}.",
            name=Name("W1"),
        )
        if any(_is_row(part, shapes) for part in parts)
        else None,
    )


def _dimensions(shapes: Shapes) -> set[int]:
    """Return how many axes the quantities of a program have."""
    return {len(shapes[name]) for name in shapes.names()}


def _is_row(part: Node, shapes: Shapes) -> bool:
    """Say whether a drawn part is a row of a matrix that has a name."""
    is_part = isinstance(part, Display) and part.kind == "below"
    if not is_part and not (isinstance(part, Call) and part.operation == "index"):
        return False
    base, *subscripts = part.children()
    shape = shapes[base.id] if isinstance(base, Name) and base.id in shapes else ()
    return len(shape) == 2 and 1 not in shape and len(subscripts) == 1


def _is_row_by_row(part: Node, shapes: Shapes) -> bool:
    """Say whether a drawn operation has a row or a column beside a matrix."""
    if not isinstance(part, Call) or part.operation not in (*ADDITIONS, "hadamard"):
        return False
    turned = [
        each.arguments[0]
        for each in part.arguments
        if isinstance(each, Call) and each.operation == "transpose_last"
    ]
    columns = [
        each
        for each in part.arguments
        if isinstance(each, Display) and each.kind == "over" and DOT in walk(each)
    ]
    dimensions = [
        [len(shapes[each.id]) for each in items if isinstance(each, Name) and each.id in shapes]
        for items in (turned, part.arguments)
    ]
    return 1 in dimensions[0] or (bool(columns) and 2 in dimensions[1])


def _is_by_entry(part: Node, shapes: Shapes) -> bool:
    """Say whether a drawn part is more of an array than a sum of arrays, or a multiple of one."""
    if not isinstance(part, Call) or part.operation in DISPLAYED_PRODUCTS:
        return False
    row = lookup(part.operation)
    are_arrays = [_is_array(each, shapes) for each in part.arguments]
    if row.name in ADDITIONS:
        return len(set(are_arrays)) > 1
    places = nonlinear_positions(row, [()] * len(are_arrays), {}) if row.elementwise else ()
    return any(are_arrays[place] for place in places)


def _is_array(part: Node, shapes: Shapes) -> bool:
    """Say whether a drawn part has several entries."""
    is_number = isinstance(part, Display) and part.kind in ("below", "over", "norm")
    inside = () if is_number else part.children()
    own = shapes[part.id] if isinstance(part, Name) and part.id in shapes else ()  # or a setting
    return bool(own) or any(_is_array(each, shapes) for each in inside)


def opening_blocks(trace: Trace, options: Options, numbers: Sequence[int]) -> Iterator[Block]:
    """Tell what stands before the iterations."""
    focus = ""
    if numbers and (options.detail == "element" or options.focus is not None):
        focus = read_focus(options.focus, trace.iteration(numbers[0])).name
    yield from _head_blocks(trace, options, focus)
    if options.detail == "summary":
        return
    iteration = trace.iteration(numbers[0]) if numbers and not options.exact else None
    graph = network_graph(trace.program, focus, iteration, options.digits)
    if graph is not None:
        yield Heading(2, say("The network"))
        yield graph
    yield from _equation_blocks(trace, options)


def _equation_blocks(trace: Trace, options: Options) -> Iterator[Block]:
    """Tell the equations of the network and of its loss in symbols.

    Those of the gradients and of the update stand where they are derived, with their numbers.
    """
    equations = list(trace.program.phase("forward", "loss"))
    if len(equations) > MOST_EQUATIONS:
        return
    yield Heading(2, say("The equations"))
    for phase, group in groupby(equations, lambda equation: equation.phase):
        yield PHASE_LABELS[phase]
        for equation in group:
            expression = without_ties(trace.iteration(1), equation).expression
            yield EquationLine(Name(equation.name), expression)
            if phase == "loss" and options.notation == "code":
                for definition in written_out(equation.expression, trace.iteration(1).built.shapes):
                    yield Paragraph([say("This loss is, written out:")])
                    yield definition


def written_out(expression: Node, shapes: Shapes) -> list[EquationLine]:
    """Return a loss of the table in simpler operations, so that it can be worked by hand."""
    if not isinstance(expression, Call):
        return []
    row, operands, attributes = bound(expression)
    if row.definition is None or len(operands) < 2:
        return []
    definition = row.definition(*map(shapes.term, operands), **attributes)
    return [EquationLine(left=expression, formula=definition.node)]


def updated_alike(built: BuiltProgram) -> list[str]:
    """Return the parameters whose update is not told: by the same lines as one that is told.

    A rule of one line is told of each parameter, as it is no longer than a row of a table.
    """
    updates, idle = list(built.program.phase("update")), idle_lines(built)
    lines: dict[str, tuple[int, ...]] = {}
    for equation in updates:
        if equation.wrt and (equation.base or equation.name) not in idle:
            lines[equation.wrt] = (*lines.get(equation.wrt, ()), equation.line)
    groups: dict[tuple[int, ...], list[str]] = {}
    for name, line_numbers in lines.items():
        groups.setdefault(line_numbers, []).append(name)
    return [
        name
        for line_numbers, names in groups.items()
        if len(updates) > MOST_UPDATES or (len(names) > 2 and len(set(line_numbers)) > 1)
        for name in names[1:]
    ]


def _updates_alike(iteration: Iteration, names: Sequence[str], options: Options) -> Iterator[Block]:
    """Tell parameters that are updated as one above: of each its gradient and its new value."""
    program = iteration.program
    yield Paragraph(
        [say("The other parameters ({count}) are updated in the same way.", count=len(names))]
    )
    rows: list[Sequence[Cell]] = []
    for name in names:
        gradient, after = gradient_of(program, name), program.carried[name]
        count = math.prod(iteration.shape(name))
        rows.append(
            [
                Name(name),
                ""
                if gradient is None
                else Name(gradient)  # it has a line above, and two arrays stand side by side
                if count > options.most / 4
                else value_node(iteration, gradient, options.digits),
                _value_cell(iteration, after, options.digits, options.most)
                if count > options.most
                else value_node(iteration, after, options.digits),  # as the table of iterations
            ]
        )
    yield Table([say("parameter"), say("gradient"), say("new value")], rows)


def _head_blocks(trace: Trace, options: Options, focus: str) -> Iterator[Block]:
    digits, scenario, first = options.digits, trace.scenario, trace.iteration(1)
    shown = trace.iteration(shown_iterations(trace, options.show)[0])
    yield Heading(1, say("{title}", title=scenario.heading))
    yield from description_blocks(scenario)
    has_table = _has_summary(trace, options)
    items = conventions(trace, options.notation, has_metrics=has_table) + present(
        say(
            "Iterations, samples and subscripts count from 1; an entry of a matrix is named by "
            "row and column."
        )
        if max(_dimensions(first.built.shapes)) > 1
        else say("Iterations, samples and subscripts count from 1."),
        *(
            say("Names such as {name} are numbered from 0, as in the equations.", name=Name(member))
            for member in [it for it in trace.program.reader_names if it.endswith("[0]")][:1]
        ),
        say("In commands, as with --focus, subscripts count from 0.") if options.focus else None,
        say(
            "Figures have {digits} significant digits; = stands where a result follows exactly "
            "from the printed figures, ≈ where it was rounded. Later lines go on with the "
            "unrounded values.",
            digits=digits,
        )
        if not options.exact
        else say(
            "The lines are worked out in fractions, which are exact; the table of all iterations "
            "and the words round to {digits} significant digits.",
            digits=digits,
        ),
        say("A step without words has the same reason as one like it above."),
    )
    yield Heading(2, say("Conventions"))
    yield from item_blocks(*items)
    yield Heading(2, say("What is given"))
    yield Table(
        [say("quantity"), say("kind"), say("initial value")],
        [
            [
                Name(name),
                # A setting is named as a command changes it.
                say("setting {key}", key=Code(name))
                if item.kind == "setting"
                else KINDS[item.kind],
                _value_cell(shown if item.kind == "data" else first, name, digits, options.most),
            ]
            for name, item in trace.program.inputs.items()
            if item.kind in KINDS
        ],
    )
    shapes = [item.shape for item in trace.program.inputs.values()]
    sizes = [size for size in map(math.prod, shapes) if size > options.most]
    arguments = scenario.arguments()
    part = _part_words(trace, shown, in_table=True)
    if part is not None:
        yield Paragraph([part])
        sizes += [array.size for array in trace.scenario.data.values()]
    if arguments is not None and any(size <= MOST_WRITTEN for size in sizes):
        code = command_of("show", *arguments, "--format", "json")
        yield Paragraph([say("All numbers that are given: {command}", command=code)])
    memory = first_values(trace, digits, focus)
    if memory:
        yield Paragraph(memory)


def first_values(trace: Trace, digits: int, focus: str = "") -> list[Sentence]:
    """Say where what the optimizer remembers starts, and what its prime means; else nothing.

    The prime is shown at what is remembered of the quantity in focus, where there is one.
    """
    states = [name for name, item in trace.program.inputs.items() if item.kind == "state"]
    if not states:
        return []
    first = trace.iteration(1)
    initial_names = [name for name in states if name in first.built.first_values]
    rest = (
        say("The rest of the optimizer's state starts at 0.")
        if initial_names
        else say("The optimizer's state starts at 0.")
    )
    updates = list(trace.program.phase("update"))
    operand_names = {name for item in updates for name in names_in(item.expression)}
    owners = {item.name: item.wrt for item in updates}
    primed_names = [name for name in states if trace.program.carried[name] in operand_names]
    primed_names.sort(key=lambda name: owners.get(trace.program.carried[name]) != focus)
    return [
        *(
            say("{name} starts at {value}.", name=Name(it), value=_value_cell(first, it, digits))
            for it in initial_names
        ),
        *present(rest if len(initial_names) < len(states) else None),
        *(
            say("{name} is the number of the iteration.", name=Name(name))
            for name, item in trace.program.inputs.items()
            if item.kind == "counter"
        ),
        *(
            say(
                "A prime marks a value after its update: {after} is {name} as this iteration "
                "leaves it.",
                after=Name(trace.program.carried[it]),
                name=Name(it),
            )
            for it in primed_names[:1]
        ),
    ]


def _value_cell(iteration: Iteration, name: str, digits: int, most: float = MOST_SHOWN) -> Cell:
    """Return a quantity's value for a table: its numbers, up to so many, or its shape and range.

    What is drawn has more digits than are printed.
    """
    shape = iteration.shape(name)
    if math.prod(shape) <= most:
        value = value_node(iteration, name, digits)
        is_whole = value == value_node(iteration, name, MOST_DIGITS)
        return value if is_whole else Display("rounded", (value,))
    values = iteration.floats(name)
    extent = say(
        "{shape}, from {low} to {high}",
        shape=shape_words(shape),
        low=figure_node(min(values), digits),
        high=figure_node(max(values), digits),
    )
    input_value = iteration.given_value(name)
    if input_value is None or not isinstance(input_value.origin, Draw):
        return extent
    return say("{extent}; drawn {how}", extent=extent, how=_draw_words(input_value.origin))


def _draw_words(draw: Draw) -> Sentence:
    """Say how numbers are drawn, so that somebody else can draw the same."""
    how, settings = (
        INITS[draw.init].words,
        [f"{key} = {written_text(value)}" for key, value in draw.options.items()],
    )
    if settings:
        how = say("{how}, {settings}", how=how, settings=settings)
    if draw.seed is None:
        return say("{how}, in sequence from the shared random stream", how=how)
    return say("{how}, seed {seed}", how=how, seed=draw.seed)
