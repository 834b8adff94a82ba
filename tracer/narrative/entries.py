"""One entry of an array, written out as scalars: its value, where it is used, its gradient.

A sum of many terms shows its first and last ones, and the rest as one number, so that the line
still adds up but for rounding. A sum of several terms in a gradient is also a table of paths.
"""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from functools import partial
from itertools import groupby, islice, pairwise, product, takewhile
from types import MappingProxyType

from tracer.errors import LanguageError, RunError, UnknownNameError, known_name
from tracer.expression import (
    ELLIPSIS,
    Call,
    Display,
    Name,
    Node,
    Number,
    OmittedTerms,
    count_number,
    parse,
    walk,
    with_subscripts,
)
from tracer.frozen import Value, replace
from tracer.intervals import INTERVALS, Unevaluable
from tracer.narrative.blocks import Block, EquationLine, Paragraph
from tracer.narrative.entry_functions import exact_figure, is_entry, leaves_of, place_of
from tracer.narrative.printed_values import printed_values, written_entry
from tracer.narrative.program_notation import notation_for
from tracer.narrative.steps import (
    LineNumbers,
    Step,
    StepNarrator,
    idle_lines,
    public_name,
    put_in,
    reduced_form,
    rules_of,
    without_ties,
)
from tracer.narrative.textbook_blocks import drawn_with_signs
from tracer.operations import (
    Shape,
    array_node,
    indices_of,
    literal,
    lookup,
    number,
    number_node,
    number_text,
    number_texts,
    ravel,
    shape_text,
    vocabulary,
)
from tracer.operations.textbook import DrawnPart, Textbook
from tracer.program.elements import (
    Elements,
    join_trees,
    left_operands,
    place_node,
    printed_form,
    public_form,
    share_form,
)
from tracer.program.program import Equation, Phase, Program, names_in, substitute
from tracer.run.interpret import interpret
from tracer.run.scalar_code import float_value
from tracer.run.trace import Iteration
from tracer.sentences import Sentence, first_few, say

Place = tuple[int, Shape]  # an equation by its place in the program, and one entry of it
Signs = Mapping[str, tuple[Node, Shape]]  # and the shapes of what they stand for

MOST_TERMS = 6  # of a sum that is written whole
MOST_OPENED = 12  # of a sum that is written whole where one entry is shown in full
MOST_BARE = 3  # products of a sum that are as clear in a line as side by side in two patches
SHOWN_TERMS = 2  # at each end of a longer one
MOST_SEARCHED = 500  # entries of an array that is searched whole
MOST_COMPARED = 12  # entries of which the most telling one is written out
MOST_PARTS = 5000  # of an entry that is searched for the mean of a row
MOST_USES = 8  # entries that are shown to use the one in focus
MOST_BEFORE = 16  # lines at each end of a phase that are told beside those of an entry
FOLLOWED: Sequence[Phase] = ("forward", "loss", "backward")


class Focus(Value):
    """A quantity and the index of one of its entries, from 0; () for a single number."""

    name: str
    index: Shape


def read_focus(text: str | None, iteration: Iteration) -> Focus:
    """Read 'W1[2, 1]'. Without a text: the first entry of the first parameter.

    Raises LanguageError, UnknownNameError or ShapeError-like messages that say what is expected.
    """
    program = iteration.program
    if text is None:
        name = next(iter(program.parameters), program.equations[-1].name)
        return Focus(name, tuple(0 for _ in iteration.shape(name)))
    names = {*program.inputs, *(equation.name for equation in program.equations)}
    notation = notation_for(iteration.scenario, program)
    quantity = notation.id_shown_as(text, names)
    if quantity is not None:
        name, index = quantity, tuple(0 for _ in iteration.shape(quantity))
    else:
        base, bracket, items = text.rpartition("[")
        name, index = _read_entry(
            f"{notation.id_shown_as(base, names) or base}{bracket}{items}", names, program
        )
    shape = iteration.shape(name)
    if len(index) != len(shape) or any(
        not 0 <= place < size for place, size in zip(index, shape, strict=False)
    ):
        raise LanguageError(
            say("{text} is not an entry of {name}", text=text, name=name),
            expected=say(
                "{name}[…] with an index below {shape}, from 0", name=name, shape=shape_text(shape)
            )
            if shape
            else say("{name}, which is a single number", name=name),
        )
    return Focus(name, index)


def _read_entry(text: str, names: Set[str], program: Program) -> tuple[str, Shape]:
    node = parse(
        text,
        vocabulary=vocabulary(),
        derivatives=frozenset(name for name in names if name.startswith("d")),
        families=frozenset(name for name in names if "[" in name),
    )
    if not (is_entry(node) and all(isinstance(item, Number) for item in node.children()[1:])):
        raise LanguageError(
            say("{text} is not an entry", text=text),
            expected=say("a name with an index, such as W1[2, 1]"),
        )
    name, index = place_of(node)
    if name not in names:
        raise UnknownNameError(
            say("there is no quantity {name}", name=name),
            expected=known_name(name, program.reader_names),
        )
    return name, index


def telling_place(writer: EntryWriter, equation: Equation, values: Sequence[float]) -> Shape | None:
    """Return the index of the first entry that shows most of how it is worked out.

    That is one that is not 0, if there is one, and made of numbers of which none is 0; if there is
    none, one that is made of the most numbers that are not 0. None where all entries are 0 and
    zeros stand in each: there is nothing to see.
    """

    def numbers_met(index: Shape) -> tuple[bool, int]:
        numbers = [*map(writer.worth, leaves_of(writer.entry_expression(equation, index)))]
        return all(numbers), sum(map(bool, numbers))

    indices = [*indices_of(equation.shape)]
    nonzero = (index for index, value in zip(indices, values, strict=True) if value)
    some = list(islice(nonzero, MOST_COMPARED)) or indices[:MOST_COMPARED]
    best = max(some, key=numbers_met)
    return best if any(values) or numbers_met(best)[0] else None


def window_blocks(writer: EntryWriter, equation: Equation, index: Shape) -> Iterator[Block]:
    """Tell an entry that adds up the products of two patches, as a convolution does.

    The entries of either quantity stand there as they lie in it; nothing where these are rows.
    """
    narrator = writer.narrator
    terms = left_operands(writer.entry_expression(equation, index), "add")
    pairs = [
        term.arguments
        for term in terms
        if isinstance(term, Call)
        and term.operation == "multiply"
        and all(map(is_entry, term.children()))
    ]
    if not MOST_BARE < len(pairs) <= narrator.most:
        return
    shapes = [
        _patch_shape([place_of(leaf) for leaf in leaves]) for leaves in zip(*pairs, strict=True)
    ]
    if shapes[0] is None or shapes[0] != shapes[1]:
        return
    texts = [[writer.figure(leaf) for leaf in leaves] for leaves in zip(*pairs, strict=True)]
    products = [Call("multiply", pair) for pair in pairs]
    results = number_texts([*map(writer.worth, products)], narrator.digits)
    one, other, result = (array_node(each, shapes[0]) for each in (*texts, results))
    exact = (exact_figure(text) for text in results)
    follows = all(
        exact_figure(first) * exact_figure(second) == figure
        for first, second, figure in zip(*texts, exact, strict=True)
    )
    names = [Name(place_of(leaf)[0]) for leaf in pairs[0]]
    meeting = say(
        "The entries of {x} and of {w} that meet here, and their products:", x=names[0], w=names[1]
    )
    yield Paragraph([meeting])
    yield EquationLine(Call("multiply", (one, other)), result, result=result, follows=follows)


def _patch_shape(places: Sequence[tuple[str, Shape]]) -> Shape | None:
    """Return the shape of a patch that its entries fill in order; None of a row, or of no patch."""
    indices = [index for _, index in places]  # of several quantities they differ in length
    along = [sorted(set(axis)) for axis in zip(*indices, strict=False)]
    shape = tuple(len(axis) for axis in along if len(axis) > 1)
    is_whole = len({name for name, _ in places}) == 1 and [*product(*along)] == indices
    return shape if is_whole and len(shape) > 1 else None


def entry_step(iteration: Iteration, focus: Focus, narrator: StepNarrator) -> Step | None:
    """Return the line of one entry's own value; None where the run has none, or it is given."""
    writer = EntryWriter(iteration, narrator)
    equations = (item for item in writer.equations if item.name == focus.name)
    return next((writer.step(item, focus.index) for item in equations), None)


def entry_steps(
    iteration: Iteration,
    focus: Focus,
    narrator: StepNarrator,
    textbook: Textbook | None = None,
    *,
    whole: bool = False,
) -> Iterator[Step]:
    """Yield the lines that concern one entry: its value, its uses, its gradient, its update.

    Before a gradient come the gradients that its line takes; where `whole`, every entry that a
    line takes, back to what is given, and the loss. With a `textbook` the mean and the variance
    of a row have lines of their own, once.
    """
    writer = EntryWriter(iteration, narrator)
    writer.named = {} if textbook is None else textbook.named
    shape, loss = iteration.shape(focus.name), iteration.program.loss
    own: list[Place] = []
    marks: dict[Place, Sentence | None] = {}
    start: list[Place] = []
    for at, equation in enumerate(writer.equations):
        is_gradient = equation.wrt == focus.name and equation.shape == shape
        if equation.name == focus.name or is_gradient:
            own.append((at, focus.index))
            if is_gradient and equation.phase == "backward":
                start.append(own[-1])
        elif equation.phase in ("forward", "loss") and focus.name in names_in(equation.expression):
            uses = list(islice(writer.uses(equation, focus), MOST_USES + 2))
            own += [(at, index) for index in uses[: MOST_USES + 1]]
            if len(uses) > MOST_USES + 1:
                leaf = place_node(focus.name, focus.index)
                marks[own[-1]] = say(
                    "{entry} contributes to further entries in the same way.", entry=leaf
                )
        if whole and equation.name == loss and not equation.shape:
            own.append((at, ()))
    beside = writer.operand_places(own if whole else start, FOLLOWED if whole else ("backward",))
    # What an update takes besides, such as what all parameters share, is computed there too.
    beside += writer.operand_places(own, ("update",))
    lines = sorted({*own, *beside})
    places = {*own, *_kept_lines(writer, [place for place in lines if place not in own])}
    all_marks = _gap_marks(writer, lines, places) | marks
    for place in sorted(places):
        equation, index = writer.equations[place[0]], place[1]
        steps = (
            [writer.step(equation, index)]
            if textbook is None
            else [*writer.opened_steps(equation, index, textbook, {})]
        )
        yield from steps[:-1]
        mark = all_marks.get(place)
        yield steps[-1] if mark is None else replace(steps[-1], remark=mark, asked=tuple)


def _kept_lines(writer: EntryWriter, lines: Sequence[Place]) -> list[Place]:
    """Return the first and last lines of each quantity and phase, and one of each kind between."""
    candidates: list[Place] = []
    for _, of_quantity in groupby(lines, writer.quantity_at):
        group = list(of_quantity)
        middle = group[SHOWN_TERMS:-SHOWN_TERMS]
        candidates += [place for place in group if len(middle) < 2 or place not in middle]
    places: list[Place] = []
    for _, of_phase in groupby(candidates, lambda place: writer.equations[place[0]].phase):
        group = list(of_phase)
        middle = group[MOST_BEFORE:-MOST_BEFORE]
        kinds = {writer.kind_at(place) for place in group[:MOST_BEFORE]}
        for place in group:
            if len(middle) < 2 or place not in middle or writer.kind_at(place) not in kinds:
                places.append(place)
            kinds.add(writer.kind_at(place))
    return places


def _gap_marks(
    writer: EntryWriter, lines: Sequence[Place], kept_places: Container[Place]
) -> dict[Place, Sentence]:
    """Return what is said before lines that are left out, with the values that others take."""
    operands = {
        leaf
        for at, index in filter(kept_places.__contains__, lines)
        for leaf in [
            *writer.leaves_shown(writer.equations[at], index),
            Name(writer.equations[at].name),
        ]
    }
    marks: dict[Place, Sentence] = {}
    last: Place | None = None
    valued: set[Node] = set()
    for is_kept, group in groupby(lines, kept_places.__contains__):
        places = list(group)
        if is_kept:
            last = places[-1]
        elif last is not None:
            names = [*dict.fromkeys(map(writer.quantity_at, places))]
            few = first_few(names, SHOWN_TERMS)
            used = [place_node(writer.equations[at].name, index) for at, index in places]
            values = writer.state_values(used, operands, valued)
            sentence = say(
                "Here entries of {names} are left out; they are worked out in the same way.",
                names=few,
            )
            marks[last] = (
                say("{said} Their values: {values}.", said=sentence, values=values)
                if values
                else sentence
            )
    return marks


class EntryWriter:
    """Writes lines of single entries; a sum of at most `most` products is written whole."""

    def __init__(
        self,
        iteration: Iteration,
        narrator: StepNarrator,
        elements: Elements | None = None,
        most: int = MOST_TERMS,
        values: Mapping[str, Sequence[float]] = MappingProxyType({}),
    ) -> None:
        self.most = most
        self.iteration = iteration
        self.narrator = narrator
        self.elements = elements or narrator.elements(iteration, stable=False)
        self.known = {**values}  # also of names that the run lacks
        self.of_rows: dict[Node, Name] = {}  # means and variances that have had their lines
        self.named: Mapping[str, Node] = {}  # what a textbook draws for some names
        idle = idle_lines(iteration.built)
        recorded_names = frozenset(iteration) - idle.keys()
        self.equations = [
            item
            for item in iteration.program.equations
            if item.phase != "metric" and item.name in recorded_names
        ]
        self.backward = {item.name: item for item in iteration.program.phase("backward")}
        parts = [item for item in self.equations if item.base and not item.wrt]
        first = {item.expression: item.name for item in reversed(parts)}
        # Without a name of its own, what only puts entries elsewhere is told by these entries, and
        # what two equations are made of by the first one's.
        self.moved: dict[str, Node] = (
            {**idle}
            | {
                item.name: Name(first[item.expression])
                for item in parts
                if first[item.expression] != item.name
            }
            | {
                item.name: item.expression
                for item in parts
                if isinstance(item.expression, Call) and lookup(item.expression.operation).moves
            }
        )

    def quantity_at(self, place: Place) -> Name:
        """Return the quantity that a line tells an entry of."""
        return Name(self.equations[place[0]].name)

    def kind_at(self, place: Place) -> Node:
        """Return the formula of a line with one sign for all names: how it is worked out."""
        expression = self.equations[place[0]].expression
        return substitute(expression, dict.fromkeys(names_in(expression), ANY_NAME))

    def state_values(
        self, entries: Iterable[Node], operands: Container[Node], stated_nodes: set[Node]
    ) -> list[Sentence]:
        """Return the values of those entries that are operands; not of those stated already.

        A small quantity is stated whole, one with other entries on the page too.
        """
        values: dict[Node, Node] = {}
        for leaf in entries:
            name = place_of(leaf)[0]
            if leaf not in operands and Name(name) not in operands:
                continue
            whole = self.whole_value(name)
            if whole is not None:
                values[Name(name)] = whole
            elif leaf in operands and self.narrator.exact is None:
                values[leaf] = number_node(self.figure(leaf))
        new = {node: value for node, value in values.items() if node not in stated_nodes}
        stated_nodes.update(new)
        return [say("{name} is {value}", name=node, value=value) for node, value in new.items()]

    def whole_value(self, name: str) -> Node | None:
        """Return all numbers of a quantity; None where they are not printed."""
        shape, values = self.elements.shapes[name], self.values(name)
        if len(values) > self.narrator.most or not all(map(math.isfinite, values)):
            return None
        return array_node(self.narrator.texts(self.iteration, name), shape)

    def leaves_shown(self, equation: Equation, index: Shape) -> list[Node]:
        """Return the entries whose figures a line shows; of a long sum the first and last."""
        node, _ = self.shorten_sums(self.entry_expression(equation, index), {}, MOST_TERMS)
        return list(filter(is_entry, leaves_of(node)))

    def opened_steps(
        self, equation: Equation, index: Shape, textbook: Textbook, named: Signs
    ) -> Iterator[Step]:
        """Yield a line, and before it those of a row's mean and variance that it is first to use.

        They have lines where the mean stands in the entry several times; an entry may have those
        of several rows. Names in the equation that the run lacks stand for what is `named`.
        """

        def drawn(formula: Node, signs: Signs) -> Node:
            return DrawnPart(drawn_with_signs(formula, textbook, signs)) if signs else formula

        signs = dict(named)
        node = self.entry_expression(equation, index)
        while part := _repeated_mean(node) or _variance_in(node, self.of_rows):
            sign = "μ" if _is_mean(part) else "Var"
            whole = self.of_row(sign, part, textbook)
            if part not in self.of_rows:
                value = self.worth(part)
                step = self.step(equation._replace(phase="forward", wrt=""), index, part, value)
                formula = drawn(step.formula, signs)
                yield replace(step, left=DrawnPart(whole), phase=equation.phase, formula=formula)
                name = self.of_rows[part] = Name(f"{sign} {len(self.of_rows)}")
                self.known[name.id] = [value]  # the run has no such name
            name = self.of_rows[part]
            signs[name.id] = whole, ()
            node = put_in(node, {part: name})
        step = self.step(equation, index, node)
        paths = [
            (label, replace(line, formula=drawn(line.formula, signs))) for label, line in step.paths
        ]
        yield replace(step, formula=drawn(step.formula, signs), paths=paths)

    def of_row(self, sign: str, part: Node, textbook: Textbook) -> Node:
        """Return what is called after a row: μ(x), of the first row of a matrix μ(X)₁.

        What is called after other entries is called after them: μ(x₁, x₂), the first and the last.
        """
        entries = [leaf for leaf in leaves_of(part) if leaf not in self.of_rows.values()]
        (name, first), *_, (_, last) = map(place_of, entries)
        shared = [
            one
            for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=True))
        ]
        if len(entries) < math.prod(self.elements.shapes[name][len(shared) :]):
            ends = entries if len(entries) < 3 else (entries[0], ELLIPSIS, entries[-1])
            return Display("function", tuple(map(public_form, ends)), sign)
        whole = Display("function", (textbook.node(Name(name)),), sign)
        return with_subscripts(whole, [count_number(at + 1) for at in shared])

    def uses(self, equation: Equation, focus: Focus) -> Iterator[Shape]:
        """Yield which entries of an equation the entry in focus goes into."""
        leaf = place_node(focus.name, focus.index)
        for index in _candidate_entries(equation.shape, focus.index):
            if leaf in leaves_of(self.elements.entry(equation.expression, index).node):
                yield index

    def operand_places(self, start: Iterable[Place], phases: Sequence[Phase]) -> list[Place]:
        """Return the entries whose figures lines show, and those that these show, of some phases.

        A sum that is cut short shows its first and last terms; the ellipsis marks the others.
        """
        order = {item.name: at for at, item in enumerate(self.equations) if item.phase in phases}
        places: set[Place] = set()
        waiting = list(start)
        while waiting:
            at, index = waiting.pop()
            for name, place in map(place_of, self.leaves_shown(self.equations[at], index)):
                operand_place = order.get(name, -1), place
                if (
                    name in order
                    and operand_place not in places
                    and len(place) == len(self.elements.shapes[name])
                ):
                    places.add(operand_place)
                    waiting.append(operand_place)
        return sorted(places)

    def entry_expression(self, equation: Equation, index: Shape) -> Node:
        """Return an entry as an expression of entries."""
        equation = without_ties(self.iteration, equation)
        return self.elements.entry(substitute(equation.expression, self.moved), index).node

    def step(
        self,
        equation: Equation,
        index: Shape,
        node: Node | None = None,
        value: float | None = None,
    ) -> Step:
        """Return one entry of an equation as a step, or `node`, a part of it, with its value."""
        iteration = self.iteration
        name = public_name(iteration.program, equation)
        if value is None:
            value = self.values(equation.name)[ravel(index, equation.shape)]
        left = place_node(name, index)
        suffix = f"[{', '.join(map(str, index))}]" if index else ""
        node = self.entry_expression(equation, index) if node is None else node
        line = self.line(left, node, value)
        return Step(
            equation=equation._replace(name=f"{equation.name}{suffix}"),
            name=f"{name}{suffix}",
            left=left,
            phase=equation.phase,
            formula=line.formula,
            numbers=partial(
                LineNumbers, line.substituted, reduced=line.reduced, result=line.result
            ),
            shape=(),
            values=[value],
            holds=lambda: (
                line.follows
                or (
                    self.narrator.is_exact(iteration, equation, index, value)
                    and node == self.entry_expression(equation, index)
                    and ELLIPSIS not in walk(line.formula)
                )
            ),
            rules=rules_of(equation),
            paths=self.paths(equation, node),
            asked=partial(self.narrator.reasons, iteration, equation, index)
            if equation.phase == "backward"
            else tuple,
        )

    def paths(self, equation: Equation, node: Node) -> list[tuple[Sentence, EquationLine]]:
        """Return the terms of a gradient that is a sum, each with what it comes through."""
        terms = left_operands(node, "add")
        if equation.phase != "backward" or not equation.wrt or not 1 < len(terms) <= MOST_TERMS:
            return []
        return [(self.path_label(it), self.line(it, it, self.worth(it))) for it in terms]

    def path_label(self, term: Node) -> Sentence:
        """Return what a term of a gradient is called, by the quantity that it comes through."""
        for name, index in map(place_of, leaves_of(term)):
            if name in self.backward:
                share, display = self.backward[name], self.named.get(name)
                passed: Node = Name(share.path) if "#" in name else place_node(share.wrt, index)
                if isinstance(display, Display) and display.kind == "through":
                    passed = DrawnPart(display.parts[1])
                return say("through {name}", name=passed)
        return say("directly")

    def line(self, left: Node, node: Node, value: float) -> EquationLine:
        """Put the numbers into a scalar expression, each with the reader's digits."""
        rests: dict[Node, Sequence[Node]] = {}
        is_short = len(leaves_of(node)) <= 2 * self.most  # sums inside a sum have terms too
        formula, work = self.shorten_sums(node, rests, self.most if is_short else MOST_TERMS)
        work = share_form(work)
        if not math.isfinite(value):
            return EquationLine(left, printed_form(formula))
        leaves = [leaf for leaf in leaves_of(work) if leaf not in rests]
        texts = {leaf: self.figure(leaf) for leaf in leaves}
        result = self.text(node, value)
        worths = {name: math.fsum(map(self.worth, rest)) for name, rest in rests.items()}
        for name, rest in rests.items():  # what is left out is rounded as a whole
            texts[name] = self.text(join_trees("add", rest), worths[name])
        literals = {
            leaf: left_out(text) if leaf in rests else number_node(text)
            for leaf, text in texts.items()
        }
        try:  # an entry that a mask takes out is infinite
            figures = {leaf: exact_figure(text) for leaf, text in texts.items()}
            follows = interpret(work, INTERVALS, figures.get) == exact_figure(result)
        except (Unevaluable, RunError, ArithmeticError, ValueError):
            follows = False
        substituted = public_form(put_in(work, literals)) if literals else None

        def number_at(leaf: Node) -> float:
            return worths[leaf] if leaf in worths else self.entry(leaf)

        reduced = reduced_form(work, self.narrator.inner_figures(work, number_at), literals)
        return EquationLine(
            left,
            printed_form(formula),
            substituted,
            number_node(result),
            follows=follows,
            reduced=None if reduced is None else public_form(reduced),
        )

    def shorten_sums(
        self, node: Node, rests: dict[Node, Sequence[Node]], most: int
    ) -> tuple[Node, Node]:
        """Return an expression with sums of more terms cut short, as it is written and worked out.

        The first and last terms that are not 0 stay, and one of its own kind, such as a bias, is
        as one that is not; a sum of sums has the terms of all. What is left out is added to
        `rests`, under the name that stands for it in the second: where terms that are not 0 are
        missing, else in the widest gap. A sum of thousands of terms is a tree as deep; what is
        returned is not.
        """
        if not isinstance(node, Call):
            return node, node
        is_sum = node.operation == "add"
        parts = left_operands(node, "add") if is_sum else list(node.arguments)
        rest: Node | None = None
        if is_sum and len(parts) > most:
            parts = [term for part in parts for term in left_operands(part, "add")]
            kinds = Counter(map(_kind_of, parts))
            telling = [
                at
                for at, part in enumerate(parts)
                if kinds[_kind_of(part)] == 1 or not self.is_zero(part)
            ]
            places = telling or range(len(parts))
            shown = [*places[:SHOWN_TERMS], *places[SHOWN_TERMS:][-SHOWN_TERMS:]]
            gaps = [after - at for at, after in pairwise([*shown, len(parts)])]
            widest = gaps.index(max(gaps)) + 1
            rest = Name(f"{REST} {len(rests)}")
            rests[rest] = [part for at, part in enumerate(parts) if at not in shown]
            parts = [parts[at] for at in shown]
            parts.insert(SHOWN_TERMS if len(places) > len(shown) else widest, rest)
        pairs = [
            (ELLIPSIS, item) if item is rest else self.shorten_sums(item, rests, most)
            for item in parts
        ]
        formulas, works = (tuple(pair[at] for pair in pairs) for at in (0, 1))
        if is_sum:
            return join_trees("add", formulas), join_trees("add", works)
        if all(map(operator.is_, formulas, node.arguments)):
            return node, node
        keywords = node.keywords
        return Call(node.operation, formulas, keywords), Call(node.operation, works, keywords)

    def is_zero(self, term: Node) -> bool:
        """Tell whether a term of a sum is 0, so that it shows nothing."""
        try:
            return self.worth(term) == 0
        except (ArithmeticError, ValueError):
            return False

    def figure(self, leaf: Node) -> str:
        """Return how an entry is printed."""
        given = None if self.narrator.exact is not None else written_entry(self.iteration, leaf)
        return given or self.text(leaf, self.entry(leaf))

    def text(self, node: Node, value: float) -> str:
        """Return the figure of an expression of entries with its value, or its exact fraction."""
        if self.narrator.exact is None:
            return number_text(value, self.narrator.digits)
        return self.narrator.exact.texts(self.iteration, node)[0]

    def worth(self, node: Node) -> float:
        """Return the value of an expression of entries."""
        return float_value(node, {leaf: self.entry(leaf) for leaf in leaves_of(node)})

    def entry(self, leaf: Node) -> float:
        """Return the number of an entry."""
        name, index = place_of(leaf)
        return self.values(name)[ravel(index, self.elements.shapes[name]) if index else 0]

    def values(self, name: str) -> Sequence[float]:
        """Return the entries of a quantity, fetched once: it may be large."""
        if name not in self.known:
            entries = self.iteration.entries(name)
            self.known[name] = printed_values(self.iteration, name, entries)
        return self.known[name]


def left_out(text: str) -> Node:
    """Return what left-out terms come to as a tree that says so."""
    node = OmittedTerms(text.removeprefix("-"), Fraction(text.removeprefix("-")))
    return Call("negative", (node,)) if text.startswith("-") else node


ANY_NAME = Name("x")  # for any quantity, where only the way it is worked out counts
REST = "the rest"  # the name of the number in their place


def _repeated_mean(node: Node) -> Call | None:
    """Return a mean that stands in an entry several times, None without one."""
    means = Counter(filter(_is_mean, _quotients_in(node)))
    return next((part for part, times in means.items() if times > 1), None)


def _variance_in(node: Node, names: Mapping[Node, Name]) -> Call | None:
    """Return the mean of squared distances from a mean, which has one of the names."""
    for part in _quotients_in(node):
        squares, count = part.arguments
        entries = [next(iter(leaves_of(term)), term) for term in left_operands(squares, "add")]
        mean = names.get(Call("divide", (join_trees("add", entries), count)), count)
        distances = [Call("subtract", (entry, mean)) for entry in entries]
        if squares == join_trees("add", [Call("power", (it, number(2))) for it in distances]):
            return part
    return None


def _quotients_in(node: Node) -> list[Call]:
    """Return the quotients in an entry; none of one that is too long to be searched."""
    parts = list(islice(walk(node), MOST_PARTS))
    if len(parts) == MOST_PARTS:
        return []
    return [part for part in parts if isinstance(part, Call) and part.operation == "divide"]


def _is_mean(quotient: Call) -> bool:
    """Say whether entries of one quantity are added up and divided by their number."""
    terms = left_operands(quotient.arguments[0], "add")
    index_calls = [it for it in terms if isinstance(it, Call) and it.operation == "index"]
    names = {name for name, _ in map(place_of, index_calls)}
    return len(names) == 1 and len(index_calls) == len(terms) == literal(quotient.arguments[1])


def _kind_of(term: Node) -> str:
    """Return what a term is: an entry, or an operation of some."""
    return term.operation if isinstance(term, Call) else ""


def _candidate_entries(shape: Shape, focus: Shape) -> Iterable[Shape]:
    """Return the entries that may use the one in focus.

    Of a large array only the first places along each axis and those of the entry's own index are
    looked at: working all of them out would take minutes.
    """
    if math.prod(shape) <= MOST_SEARCHED:
        return indices_of(shape)
    places_along = (
        sorted({*range(min(MOST_USES, size)), *(at for at in focus if at < size)}) for size in shape
    )
    return product(*places_along)
