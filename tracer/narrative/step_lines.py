"""The steps of a trace's iterations and their lines, at the detail that is asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import islice

from tracer.expression import (
    MOST_HIGH,
    Call,
    Display,
    Name,
    Node,
    OmittedTerms,
    count_number,
    letter,
    strip_label,
    walk,
    with_subscripts,
)
from tracer.frozen import replace
from tracer.narrative.blocks import (
    Block,
    EquationLine,
    Paragraph,
    present,
    rules_paragraph,
)
from tracer.narrative.derivation_options import Options
from tracer.narrative.entries import (
    MOST_OPENED,
    EntryWriter,
    Signs,
    entry_steps,
    read_focus,
    telling_place,
    window_blocks,
)
from tracer.narrative.entry_functions import EntryFunctions, is_entry
from tracer.narrative.line_forms import MOST_FORMS, FilledForm, LineForms, Spelling
from tracer.narrative.local_derivatives import GradientProduct, gradient_product
from tracer.narrative.loss_paths import LossChain, chain_blocks, loss_chain
from tracer.narrative.printed_values import rounding_left
from tracer.narrative.step_reasons import ReasonPage
from tracer.narrative.steps import (
    RecordedElements,
    Step,
    StepNarrator,
    compares_quantities,
    label_names,
    put_in,
)
from tracer.narrative.textbook_blocks import drawn_formulas, textbook_for, textbook_in
from tracer.narrative.words import extent_sentence
from tracer.operations import (
    Shape,
    Term,
    array_node,
    bound_calls,
    figure_node,
    literal,
    number,
    number_node,
    number_text,
    replace_names,
)
from tracer.operations.textbook import DrawnPart, Textbook
from tracer.program.elements import Elements
from tracer.program.program import BuiltProgram, Equation, names_in, substitute
from tracer.program.shapes import Shapes
from tracer.run.exact import Exact
from tracer.run.trace import Iteration, Replay, Trace
from tracer.sentences import say

Opened = tuple[str, tuple[int, ...], bool]
Worked = tuple[Node, EntryFunctions, Mapping[str, Sequence[str]], Sequence[str]]
"""What a line is of, and what its result is worked out with: functions, and the figures in it."""
MOST_PARTS = 400  # of a formula that is opened
LONGEST = 120  # parts of an expression; a longer chain stops at the gradient before it


@lru_cache(4)
def gradient_chains(built: BuiltProgram) -> Mapping[str, Node]:
    """Return the gradients of a program, each with those in it put in: ∂L/∂w = 2(ŷ − y)·x.

    One that grows too long keeps the names of the gradients before it.
    """
    chains: dict[str, Term] = {}
    for equation in built.program.phase("backward"):
        used = names_in(equation.expression)
        inner = {name: chains[name] for name in used if name in chains}
        whole = replace_names(equation.expression, built.shapes.of, inner)
        if sum(1 for _ in islice(walk(whole.node), LONGEST + 1)) > LONGEST:
            whole = replace_names(equation.expression, built.shapes.of, {})
        chains[equation.name] = whole
    return {name: whole.node for name, whole in chains.items()}


class ProductLine:
    """What a gradient's line as a product is in each iteration of a program.

    `gradient` is the product; `parts` are the equations of what its formula has signs for and no
    name in the program has, and the signs; `expression` is the gradient with `names` for them,
    `shapes` are those of all names in it.
    """

    def __init__(self, built: BuiltProgram, equation: Equation, product: GradientProduct) -> None:
        self.gradient = product
        self.parts = [it for it in product.parts if not isinstance(it[1].expression, Name)]
        self.has_signs = None not in dict(product.parts)  # for each part of it
        self.names = [f"part!{at}" for at in range(len(self.parts))]
        named_parts = list(zip(self.names, (part for _, part in self.parts), strict=True))
        names = {part.expression: Name(name) for name, part in named_parts}
        self.expression = put_in(product.expression, names)
        self.shapes = {name: part.shape for name, part in named_parts}
        used = [name for name in names_in(self.expression) if name not in self.shapes]
        self.shapes |= {name: built.shapes[name] for name in used}
        self.equation = equation._replace(expression=self.expression)
        # An entry may be told by those of a quantity that its line does not name.
        everywhere = {name: built.shapes[name] for name in built.shapes.names()}
        elements = Elements(Shapes(everywhere | self.shapes))
        self.functions = EntryFunctions(elements, self.equation)

    def with_signs(self, node: Node) -> tuple[Node, Mapping[str, tuple[DrawnPart, Equation]]]:
        """Return a part's expression with names for the parts in it, and what has these names."""
        inner = {
            name: (sign, part)
            for name, (sign, part) in zip(self.names, self.parts, strict=True)
            if sign is not None and part.expression != node
        }
        node = put_in(node, {part.expression: Name(name) for name, (_, part) in inner.items()})
        used = names_in(node)
        return node, {name: part for name, part in inner.items() if name in used}


def _make_product_line(built: BuiltProgram, equation: Equation) -> ProductLine | None:
    product = gradient_product(built, equation, textbook_for(built))
    return None if product is None else ProductLine(built, equation, product)


class Narrator:
    """The steps of a trace's iterations at the detail that the options ask for."""

    def __init__(self, trace: Trace, options: Options) -> None:
        self.trace = trace
        self.options = options
        self._exact = Exact(trace) if options.exact else None
        by_operation = options.detail == "operation" and not self.focused
        self._replay = Replay(trace) if by_operation else None
        self._iteration: Iteration | None = None
        self._narrator = StepNarrator(options.digits, self._exact, most=options.most)
        self._forms = LineForms(options.digits)
        self._products = lru_cache(MOST_FORMS)(_make_product_line)
        self._opened: set[Opened] = set()
        self._is_bare = False  # whether the last line of a step came without its numbers
        self._worked: list[Worked] = []  # the lines of a step that show figures
        self._bare_part: tuple[ProductLine, Step] | None = None  # whose line it was, if a part's
        self._has_told_omission = False
        self.page = ReasonPage()

    def textbook(self, iteration: Iteration) -> Textbook | None:
        """Return what writes an iteration's formulas as a textbook does; None for code."""
        return textbook_in(self.options.notation, iteration.built)

    def tell_entry(self, iteration: Iteration, step: Step) -> Iterator[Block]:
        """Tell one entry of an array in full, where the line cannot or an operation is new.

        An operation that joins entries (a matrix product, a softmax, a convolution) is opened once
        on each way, and not where 0 comes of zeros only.
        """
        textbook = self.textbook(iteration)
        options = self.options
        if textbook is None or self.focused or options.exact:
            return
        if not step.shape and not self._is_left_to_work(iteration, step):
            return
        shapes, is_backward = iteration.built.shapes, step.phase == "backward"
        joining = _joining_operations(step.formula, shapes, is_backward=is_backward)
        joins = joining - self._opened
        lacks_figures = step.figures is None or not step.figures.inputs or not step.shape
        is_bare = self._is_bare and not (
            joining or lacks_figures or compares_quantities(step.formula)
        )
        if (
            not (joins or lacks_figures or is_bare)
            or isinstance(step.formula, Name)
            or not all(step.shape)
            or not all(map(math.isfinite, step.values))
        ):
            return
        equation, (elements, signs, values) = self._by_parts(iteration, step)
        writer = EntryWriter(iteration, self._narrator, elements, MOST_OPENED, values)
        place = telling_place(writer, equation, step.values)
        if place is None:
            return
        entries = list(writer.opened_steps(equation, place, textbook, signs))
        entry = entries[-1]
        # The first number of another quantity as it stands is seen in the line, and so is a sum
        # with one entry.
        is_sum = step.equation.expression.content.operations <= {"sum", "mean"}
        is_seen = step.figures is not None and (
            _is_first_number(entry.formula)
            or (is_bare and is_entry(entry.formula))
            or (is_sum and step.shape != () and math.prod(step.shape) == 1)
        )
        is_long = len(list(islice(walk(entry.formula), MOST_PARTS))) == MOST_PARTS
        if not (is_seen or is_long or entry.substituted in (None, entry.formula)):
            self._opened |= joins
            yield _entry_label(step)
            yield from window_blocks(writer, equation, place)
            yield from (line_of(line, options.digits) for line in entries)
            yield from self._omission_words(entries)

    def _omission_words(self, lines: Iterable[Step]) -> Iterator[Block]:
        """Tell what the number below dots is, behind the first lines that have such."""
        omitted = (
            part
            for line in lines
            for part in walk(line.substituted or line.formula)
            if isinstance(part, OmittedTerms)
        )
        part = None if self._has_told_omission else next(omitted, None)
        if part is not None:
            self._has_told_omission = True
            yield Paragraph(
                [
                    say(
                        "{dots} stands for terms that are left out, and the number with it is "
                        "their sum.",
                        dots=letter("⋯"),
                    )
                ]
            )

    def few_figures(self) -> Iterator[Block]:
        """Tell where the printed figures are too few for a result of the last lines.

        Terms that nearly cancel leave few of their digits; half may be lost before that is said.
        """
        tolerance = 10 ** (-self.options.digits / 2)
        for left, functions, texts, result in self._worked:
            found = functions.least_followed(texts, result, tolerance)
            if found is not None:
                index, near = found
                words = say(
                    "The printed figures are too few here: they make {entry} about {value}. The "
                    "run works with more digits.",
                    entry=_entry_of(left, index, functions.shape),
                    value=figure_node(near, 2),
                )
                yield Paragraph([words])

    def opened_lines(
        self, iteration: Iteration, step: Step, defined: set[tuple[Node, Node]]
    ) -> Iterator[Block]:
        """Yield a step's lines, and behind a part's that lacks its numbers one of its entries."""
        textbook = self.textbook(iteration)
        for line in self.lines(iteration, step, defined):
            yield line
            is_whole = self.focused or self.options.exact
            if textbook is not None and self._bare_part is not None and not is_whole:
                yield from self._opened_part(iteration, textbook, *self._bare_part)

    def _opened_part(
        self, iteration: Iteration, textbook: Textbook, product: ProductLine, part: Step
    ) -> Iterator[Block]:
        """Tell one entry of a part whose line lacks its numbers, once a function."""
        assert isinstance(part.left, DrawnPart)
        opened = _opened_name(part.left)
        expression, inner = product.with_signs(part.equation.expression)
        elements = (
            product.functions.elements
            if inner
            else self._narrator.elements(iteration, stable=False)
        )
        values = {part.equation.name: part.values} | {
            name: self._narrator.worked_values(iteration, it) for name, (_, it) in inner.items()
        }
        writer = EntryWriter(iteration, self._narrator, elements, MOST_OPENED, values)
        equation = part.equation._replace(phase="forward", wrt="", expression=expression)
        place = telling_place(writer, equation, part.values)
        if place is None:
            return
        signs = {name: (sign.drawn, it.shape) for name, (sign, it) in inner.items()}
        *before, entry = writer.opened_steps(equation, place, textbook, signs)
        if opened not in self._opened and entry.substituted is not None and not before:
            self._opened.add(opened)
            yield _entry_label(part)
            entry = replace(entry, left=_entry_of(part.left, place, part.shape))
            yield line_of(entry, self.options.digits)

    def _by_parts(
        self, iteration: Iteration, step: Step
    ) -> tuple[Equation, tuple[Elements, Signs, Mapping[str, Sequence[float]]]]:
        """Return a step's equation with names for parts that have figures in lines of their own.

        With it come its element forms, and by the names the signs of the parts and their values.
        """
        product = self._product_line(iteration, step.equation)
        parts = [] if product is None else list(zip(product.names, product.parts, strict=True))
        are_drawn = (
            product is not None
            and product.has_signs
            and step.figures is not None
            and product.shapes.keys().isdisjoint(label_names(iteration.built))
        )
        signs = {
            name: (sign.drawn, it.shape)
            for name, (sign, it) in parts
            if sign is not None and (are_drawn or _opened_name(sign) in self._opened)
        }
        if product is None or not signs:
            return step.equation, (self._narrator.elements(iteration, stable=False), {}, {})
        values = {
            name: self._narrator.worked_values(iteration, it)
            for name, (_, it) in parts
            if name in signs
        }
        if are_drawn:
            return product.equation, (product.functions.elements, signs, values)
        others = {name: it.expression for name, (_, it) in parts if name not in signs}
        expression = substitute(product.expression, others)
        shapes = product.functions.elements.shapes
        elements = RecordedElements(iteration, shapes)
        return step.equation._replace(expression=expression), (elements, signs, values)

    def _is_left_to_work(self, iteration: Iteration, step: Step) -> bool:
        """Say whether a single number comes from arrays, and its line does not work it out."""
        are_numbers = all(math.prod(iteration.shape(it)) == 1 for it in names_in(step.formula))
        if are_numbers or compares_quantities(step.equation.expression):
            return False
        if step.figures is None:
            return True
        return self._narrator.worked_form(iteration, step.equation) is None

    def lines(
        self, iteration: Iteration, step: Step, defined: set[tuple[Node, Node]]
    ) -> Iterator[EquationLine]:
        """Yield a step's lines: a gradient as what comes in times the local derivative.

        A local derivative that is no plain quantity has a line of its own, with its value:
        σ′(z) = a ⊙ (1 − a), then ∂L/∂z = ∂L/∂a ⊙ σ′(z). So have parts of a long formula, but for
        those that are `defined` already; they are from now on. Lines of figures are drawn already.
        """
        product = self._product_line(iteration, step.equation)
        self._worked = []
        self._bare_part = None
        if product is None:
            line = self._line(iteration, step, same=self._same_above(iteration, step, defined))
            self._is_bare = _is_bare(line)
            yield line
            defined.add((step.left, step.equation.expression))
            return
        if product.gradient.whole is not None:
            whole = step.equation._replace(expression=product.gradient.whole)
            step = self._narrator.step(iteration, whole, step.values)
        parts: list[Step] = []
        for sign, equation in product.parts:
            values = self._narrator.worked_values(iteration, equation)
            part = self._narrator.step(iteration, equation, values, left=sign)
            parts.append(part)
            if sign is not None and (sign, equation.expression) not in defined:
                labelled = product.gradient.labelled.get(equation.expression)
                line = self._line(iteration, part, _with_formula(labelled))
                is_bare = _is_bare(line) and not compares_quantities(part.formula)
                self._bare_part = (product, part) if is_bare else None
                yield line
                defined.add((sign, equation.expression))
        same = self._same_above(iteration, step, defined, parts)
        line = self._line_with_parts(iteration, step, product, parts, same)
        self._is_bare, self._bare_part = _is_bare(line), None
        yield line
        defined.add((step.left, step.equation.expression))

    def replaced_lines(self, iteration: Iteration) -> Collection[str]:
        """Return the parts of gradients that have no line, as products say what they say."""
        backward = iteration.program.phase("backward")
        products = present(*(self._product_line(iteration, item) for item in backward))
        return {name for line in products for name in line.gradient.replaced}

    def _product_line(self, iteration: Iteration, equation: Equation) -> ProductLine | None:
        """Return a gradient's line as a product, made once for a program; None where it is none."""
        if self.options.notation == "code" or self.focused:
            return None
        return self._products(iteration.built, equation)

    def _line_with_parts(
        self,
        iteration: Iteration,
        step: Step,
        product: ProductLine,
        parts: Sequence[Step],
        same: Node | None,
    ) -> EquationLine:
        """Return a line whose formula has signs for parts, with the numbers of these put in."""
        formula = product.gradient.formula
        if not parts and product.expression == step.equation.expression:
            return self._line(iteration, step, _with_formula(formula), same=same)
        figures: dict[str, Sequence[str]] = {
            name: part.figures.result
            for name, part in zip(product.names, parts, strict=True)
            if part.figures is not None
        }
        others = [text for texts in figures.values() for text in texts]
        if step.figures is not None:
            figures |= step.figures.inputs
        if step.figures is None or not product.shapes.keys() <= figures.keys():
            line = line_of(step, self.options.digits)
            return replace(line, formula=formula, substituted=None, worked=None, reduced=None)

        def whole(line: EquationLine, spelling: Spelling) -> EquationLine:
            arrays = {
                name: array_node([*map(spelling, figures[name])], shape)
                for name, shape in product.shapes.items()
            }
            numbers = substitute(product.expression, arrays)
            return replace(line, formula=formula, substituted=numbers, worked=None, reduced=None)

        worked = product.functions, figures
        return self._line(iteration, step, whole, others, worked=worked, same=same)

    def _same_above(
        self,
        iteration: Iteration,
        step: Step,
        defined: Set[tuple[Node, Node]],
        parts: Sequence[Step] = (),
    ) -> Node | None:
        """Return what stands above with the many figures of a step's result, and is put into it."""
        own = step.figures
        if own is None or len(step.values) <= MOST_HIGH or self.textbook(iteration) is None:
            return None
        shapes, result = iteration.built.shapes, own.result
        inputs: list[tuple[Node, Shape, Sequence[str]]] = [
            (Name(name), shapes[name], figures) for name, figures in own.inputs.items()
        ]
        inputs += [(it.left, it.shape, it.figures.result) for it in parts if it.figures is not None]
        return next(
            (
                name
                for name, shape, figures in inputs
                if shape == step.shape
                and [*figures] == [*result]
                and any(left == name for left, _ in defined)
            ),
            None,
        )

    def _line(
        self,
        iteration: Iteration,
        step: Step,
        change: Callable[[EquationLine, Spelling], EquationLine] = lambda line, _: line,
        others: Sequence[str] = (),
        *,
        worked: tuple[EntryFunctions, Mapping[str, Sequence[str]]] | None = None,
        same: Node | None = None,
    ) -> EquationLine:
        """Return a step's line as it is printed, from the form that its figures have.

        `others` are figures that a changed line shows besides the step's own; its result is
        `worked` out by other functions than the step's from all that it shows. What stands above
        with the `same` figures as the result is named in place of these.
        """
        if step.figures is None or not step.formula.content.names:  # the result may be it
            return change(line_of(step, self.options.digits), str)
        textbook, result = self.textbook(iteration), step.figures.result
        functions = self._narrator.functions(iteration, step.equation)
        functions, texts = worked or (functions, step.figures.inputs)
        is_own = worked is None or self._exact is not None
        holds = step.follows if is_own else functions.are_equal(texts, result)
        if texts and not holds:
            self._worked.append((step.left, functions, texts, result))

        def write(spelling: Spelling) -> EquationLine:
            spelled = self._narrator.spelled_step(iteration, step, spelling)
            line = change(line_of(spelled, self.options.digits), spelling)
            line = drawn_formulas(replace(line, follows=holds), textbook)
            return (
                line if same is None else _with_name_of_result(line, drawn_formulas(same, textbook))
            )

        shown = [*others, *step.figures.texts()]
        what = iteration.built, step.equation, holds, same
        return self._forms.block(EquationLine, what, shown, write)

    def words(self, iteration: Iteration, step: Step, page: ReasonPage) -> Paragraph | None:
        """Return why a step is as it is; None where nothing is to be said."""
        reasons = step.asked()
        choices = page.choose(reasons)
        if not choices:
            # The last ones are of what a step does, and mostly hold whatever the numbers are.
            if step.remark is None or any(it.told() for it in reversed(reasons)):
                return None
            return Paragraph([step.remark])
        figures = [spoken.figures for spoken, _ in choices]
        others = [
            (
                spoken.reason,
                template,
                *(spoken.slots[name] for name in spoken.slots if name not in slot_figures),
            )
            for (spoken, template), slot_figures in zip(choices, figures, strict=True)
        ]
        textbook = self.textbook(iteration)

        def write(spelling: Spelling) -> Paragraph:
            sentences = [spoken.sentence(template, spelling) for spoken, template in choices]
            return drawn_formulas(Paragraph(sentences), textbook)

        texts = [text for slot_figures in figures for text in slot_figures.values()]
        what = iteration.built, *others
        return self._forms.block(Paragraph, what, texts, write)

    def rounding_words(self, iteration: Iteration, step: Step) -> Paragraph | None:
        """Return what a 0 of a step was in the run; None where it has none that was rounded.

        Where a function with a corner is applied to it, it is no 0, and that is said.
        """
        places, at_corner = rounding_left(iteration, step.equation.name, step.values)
        if not (places or at_corner):
            return None
        value = max((step.values[at] for at in places or at_corner), key=abs)
        text, textbook = number_text(value, self.options.digits), self.textbook(iteration)
        self._worked = [] if at_corner else self._worked  # more digits would make it no better

        def write(spelling: Spelling) -> Paragraph:
            shown = number_node(spelling(text))
            sentence = (
                say(
                    "A 0 here was {value} in the run: that is what the rounding of floating-point "
                    "numbers leaves where terms cancel.",
                    value=shown,
                )
                if places
                else say(
                    "{value} is 0 but for the rounding of floating-point numbers. A function with "
                    "a corner at 0 is applied to it, so rounding has decided which side counts.",
                    value=shown,
                )
            )
            return drawn_formulas(Paragraph([sentence]), textbook)

        return self._forms.block(Paragraph, textbook, [text], write)

    def loss_chain(self, iteration: Iteration) -> LossChain | None:
        """Return all ways from the loss to the entry in focus; None where no entry is."""
        if not self.focused:
            return None
        return loss_chain(iteration, read_focus(self.options.focus, iteration), self._narrator)

    def whole_chain(self, iteration: Iteration) -> Iterator[Block]:
        """Tell all ways from the loss to the entry in focus; nothing where none is."""
        chain = self.loss_chain(iteration)
        if chain is not None:
            yield from chain_blocks(chain, iteration, self._narrator, self.textbook(iteration))

    def check(self, number: int) -> None:
        """Raise what is wrong with the options before anything is told."""
        if self._exact is not None:
            self._exact.values(number)
        if self.focused:
            read_focus(self.options.focus, self.trace.iteration(number))

    @property
    def focused(self) -> bool:
        """Whether one entry is told, and not whole quantities."""
        return self.options.detail == "element" or self.options.focus is not None

    def iteration(self, number: int) -> Iteration:
        """Return an iteration, with the values of every operation where they are told."""
        if self._iteration is None or self._iteration.number != number:
            # A run that a Python user holds checks what it is asked, and so do its iterations.
            self._iteration = (
                Trace.iteration(self.trace, number)
                if self._replay is None
                else self._replay.iteration(number)
            )
        return self._iteration

    def steps(self, number: int) -> Iterator[Step]:
        """Yield the steps of an iteration."""
        iteration = self.iteration(number)
        if self.focused:
            focus = read_focus(self.options.focus, iteration)
            textbook = None if self.options.exact else self.textbook(iteration)
            return entry_steps(iteration, focus, self._narrator, textbook, whole=True)
        return self._narrator.steps(iteration)

    def chain(self, iteration: Iteration, step: Step) -> EquationLine | None:
        """Return a gradient in one line through to the data; None where that says no more."""
        name = step.equation.name
        if not step.equation.wrt or "#" in name:
            return None
        expression = gradient_chains(iteration.built).get(name)
        if expression is None or expression == step.formula:
            return None
        whole = step.equation._replace(expression=expression)
        whole_step = self._narrator.step(iteration, whole, step.values)
        return line_of(whole_step, self.options.digits)


def line_of(step: Step, digits: int) -> EquationLine:
    """Return a step as a line: its numbers, or what is said of an array too large to print."""
    extent = None if step.result else extent_sentence(step.values, step.shape, digits)
    return EquationLine(
        left=step.left,
        arrow=step.phase == "update" and step.name != step.equation.name,
        formula=step.formula,
        substituted=step.substituted,
        result=step.result,
        extent=extent,
        follows=step.follows,
        worked=step.worked,
        reduced=step.reduced,
    )


def _opened_name(sign: DrawnPart) -> Opened:
    """Return what is kept of a part of which an entry was told, by the sign that it has."""
    return sign.drawn.text if isinstance(sign.drawn, Display) else "", (), False


def _entry_label(step: Step) -> Paragraph:
    """Return what stands above an entry that is told in full."""
    if math.prod(step.shape) == 1:
        return Paragraph([say("Worked out entry by entry:")])
    return Paragraph([say("One entry of {x} in full:", x=step.left)])


def _entry_of(left: Node, index: Shape, shape: Shape) -> Node:
    """Return the sign of an entry of what a line is of, which may be drawn already."""
    if isinstance(left, DrawnPart):
        places = [count_number(at + 1) for at in index]
        return DrawnPart(with_subscripts(left.drawn, places, shape))
    return Call("index", (left, *map(number, index))) if index else left


def _with_formula(formula: Node | None) -> Callable[[EquationLine, Spelling], EquationLine]:
    """Return what draws a line with another formula; where there is none, with its own."""
    return lambda line, _: line if formula is None else replace(line, formula=formula)


def _with_name_of_result(line: EquationLine, name: Node) -> EquationLine:
    """Return a drawn line with the name of what has the figures of its result for these."""
    if line.result is None:
        return line
    substituted = line.substituted and put_in(line.substituted, {line.result: name})
    is_name = (substituted or strip_label(line.formula)) == name
    return replace(
        line, substituted=None if is_name else substituted, result=None if is_name else name
    )


def _is_bare(line: EquationLine) -> bool:
    """Say whether a line has its result beside a formula, without the numbers between."""
    form = line.form if isinstance(line, FilledForm) else line  # no figure is written to see it
    return form.substituted is None and any(isinstance(it, Name) for it in walk(form.formula))


def _is_first_number(node: Node) -> bool:
    """Say whether an entry is a single number by its name, or the first entry of an array."""
    if isinstance(node, Call) and node.operation == "index":
        return all(literal(item) == 0 for item in node.arguments[1:])
    return isinstance(node, Name)


@lru_cache(1024)
def _joining_operations(node: Node, shapes: Shapes, *, is_backward: bool) -> frozenset[Opened]:
    """Return the operations in a formula that join entries, with their operands' dimensions.

    What has no derivative, as a place in a row, is no sum or product that is worth opening. On the
    way back a product adds up what comes from all outputs: that is another thing to see.
    """
    return frozenset(
        (row.name, tuple(len(shapes.of(item)) for item in operands), is_backward)
        for part, row, operands, _ in bound_calls(node)
        if not (row.elementwise or row.moves or row.derivative is None) and shapes.of(part)
    )


def rule_words(step: Step, page: ReasonPage) -> Paragraph | None:
    """Return the rules that give a gradient, where a page first applies them; else None."""
    is_gradient = step.phase == "backward" and step.equation.wrt
    if not is_gradient or not step.rules:
        return None
    rules = tuple([rule.template for rule in step.rules])
    if rules in page.rules:
        return None
    page.rules.add(rules)
    return rules_paragraph(step.rules)
