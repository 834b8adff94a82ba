"""The network of a session as lines: which boxes and edges there are, what they say, what is lit.

Going forward a box fills with its value when it is computed; going back with its gradient. It
knows no terminal.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence, Set
from functools import lru_cache
from typing import Final, NamedTuple

from tracer.errors import UnknownNameError
from tracer.expression import Call
from tracer.narrative.blocks import Arrow
from tracer.narrative.pictures import Wiring, network_wiring, neuron_wiring
from tracer.narrative.session import Session
from tracer.narrative.step_lines import line_of
from tracer.narrative.steps import StepNarrator, gradient_of
from tracer.narrative.textbook_blocks import signs_of_parts
from tracer.operations import number
from tracer.program.program import BuiltProgram
from tracer.render.mathematics import Mathematics
from tracer.render.network_drawing import (
    Cell,
    Net,
    NetworkLayout,
    Sizes,
    frame_rows,
    laid_out,
    paint_drawing,
)
from tracer.render.screen_lines import Line, indented, line_width
from tracer.run.short_runs import is_quick
from tracer.run.trace import Iteration
from tracer.text_width import padded, width

DIGITS = 3
MOST_ENTRIES: Final = 16  # entries of an array whose numbers stand in its box
MOST_BESIDE: Final = 6  # entries in one line of a box
LEAST_ROOM: Final = (48, 9)  # columns and lines below which no drawing has room for frames
MOST_BOXES: Final = 40  # boxes of a drawing that may have frames
MOST_LAYOUTS: Final = 32  # layouts that are kept
MOST_LAID: Final = 200  # boxes of a drawing of the whole network
MOST_NEAR: Final = 12  # boxes around the present step, where the network has more
MOST_MEASURED: Final = 16  # iterations of a run whose numbers the boxes have room for
MOST_TITLE: Final = 24  # columns of an equation in the frame of its box
GAPS: Final = (3, 1, 0)  # lines free between framed boxes; the first that fits is taken


class _Form(NamedTuple):
    """How much a framed box says: its equation or its name only, how its numbers stand."""

    equations: bool
    columns: bool  # a vector is a column, as in mathematics; else a row
    margin: int  # columns free beside the numbers
    is_worked: bool = False  # a computed number stands behind the figures that it comes from
    is_spelled: bool = False  # in rows of its own, a gradient behind its formula too


LENS: Final = _Form(True, False, 1)
# The first one that fits is taken; where none does, each box is one line.
_FORMS: Final = (
    LENS._replace(is_worked=True, is_spelled=True),
    LENS._replace(is_worked=True),
    LENS,
    _Form(False, False, 1),
    _Form(False, True, 1),
    _Form(False, True, 0),
)
LEAST_LENS: Final = 4  # lines below an overview in which a box has room: its frame and two rows


class BoxDrawing(NamedTuple):
    """A drawing: its lines, where its boxes stand in them, their columns and lines.

    `lit` is the id of the lit box ('' for none), `beside` the boxes that its numbers come from.
    """

    lines: list[Line]
    places: Mapping[str, Cell]
    sizes: Sizes
    width: int
    lit_box: str
    beside: Collection[str]


class _Plan(NamedTuple):
    """What stays from step to step: the form of the boxes, their sizes, and where they stand.

    Boxes that are `signed` have room for names at most. Below a drawing whose boxes are too small
    for arrays a `lens` shows some of them in full: it holds their sizes there.
    """

    form: _Form | None
    wiring: Wiring
    sizes: Sizes
    layout: NetworkLayout
    signed: bool = False
    lens: Sizes | None = None


class NetworkView:
    """Draws a session's network; the layout is kept from step to step."""

    def __init__(self, session: Session, mathematics: Mathematics) -> None:
        self.session = session
        self.mathematics = mathematics
        self._spelled = mathematics.words.terminal_text  # signs, as the terminal can show them
        self._narrator = StepNarrator(DIGITS)
        self._network = lru_cache(1)(
            lambda built: network_wiring(built.program, self._signs(built))
        )
        self._near = lru_cache(1)(lambda built, box: _around_box(self._network(built), box))
        # The run, and the sizes of its boxes in each form as far as they have grown.
        self._sized: tuple[object, dict[object, dict[str, Cell]]] | None = None
        self._names: dict[str, str] = {}  # what the boxes are called
        self._plans = lru_cache(1)(lambda columns, rows, state: self._make_plan(columns, rows))

    def show_in(self, columns: int, rows: int = 0) -> BoxDrawing:
        """Return the network as it stands after the step of the place.

        In a room that is large enough the boxes are framed and hold their numbers, and each entry
        of a vector has one of its own: the neurons of a layer stand in a column. Where it is
        only wide enough for names, or for a dot each, those that the step is about are framed
        below the whole. Else it is wider than the room. It stands in the middle of the room.
        """
        plan = self._current_plan(columns, rows)
        lit, wires, back = self._lit_edges(plan.wiring)
        layout, unicode = plan.layout, self.mathematics.words.unicode
        if plan.signed:
            labels = self._signed_names(plan.sizes, lit)
        elif plan.form is None:
            labels = self._labels(plan.sizes, lit)
        else:
            way = {name for edge in wires for name in edge} if back else set()
            labels = self._framed_boxes(plan.form, plan.sizes, lit, way)
        left = max((columns - layout.width) // 2, 0)
        lines = paint_drawing(layout, labels, wires, back=back, unicode=unicode)
        lines = indented(lines, " " * left)
        if plan.lens is not None:
            lines += [[]] * (rows - len(lines) > LEAST_LENS)
            lines += self._lens_lines(plan.lens, lit, wires, back, columns, rows - len(lines))
        top = max((rows - len(lines)) // 2, 0)
        places = {name: (x + left, y + top) for name, (x, y) in layout.places.items()}
        beside = dict.fromkeys(name for edge in wires for name in edge if name not in lit)
        lines[:0] = [[]] * top
        return BoxDrawing(lines, places, plan.sizes, layout.width, next(iter(lit), ""), beside)

    def _lens_lines(
        self,
        box_sizes: Sizes,
        lit: Set[str],
        wires: Sequence[Arrow],
        back: bool,
        columns: int,
        rows: int,
    ) -> list[Line]:
        """Return the lit box, and those that its numbers come from, in full; always so many rows.

        Where there is no room for all of them it is the lit one alone.
        """
        lines: list[Line] = []
        for edges in ([edge for edge in wires if not lit.isdisjoint(edge)], []):
            names = {*lit, *(name for edge in edges for name in edge)}
            wide = {name: (size[0], 3) for name, size in box_sizes.items() if name in names}
            labels = self._framed_boxes(LENS, wide, lit, names if back else ())
            sizes = {name: (wide[name][0], len(label)) for name, label in labels.items()}
            layout = laid_out(Net(sizes, edges, framed=True), columns - 2)
            if sizes and layout.width <= columns and layout.height <= rows:
                unicode = self.mathematics.words.unicode
                lines = paint_drawing(layout, labels, edges, back=back, unicode=unicode)
                lines = indented(lines, " " * ((columns - layout.width) // 2))
                break
        return [*lines, *[[]] * (rows - len(lines))]

    def _signs(self, built: BuiltProgram) -> frozenset[str]:
        """Return the parts of equations that have boxes: those that a textbook has a sign for."""
        return frozenset() if self.session.style == "code" else signs_of_parts(built)

    @property
    def _whole(self) -> Wiring:
        return self._network(self.session.iteration.built)

    @property
    def _wired(self) -> Wiring:
        """The boxes that are drawn: all of them, or of a large network those around the step."""
        whole = self._whole
        if len(whole.boxes) <= MOST_LAID:
            return whole
        center = next(iter(self._lit_edges(whole)[0]), next(reversed(whole.boxes)))
        return self._near(self.session.iteration.built, center)

    @property
    def counts(self) -> tuple[int, int]:
        """How many boxes are drawn, and how many there are."""
        return len(self._wired.boxes), len(self._whole.boxes)

    # The form and the layout --------------------------------------------------------------------

    def _current_plan(self, columns: int, rows: int) -> _Plan:
        """Return the plan of the iteration: no step of it moves a box."""
        self._forget()
        session, boxes = self.session, tuple(self._wired.boxes)
        state = session.trace, session.iteration.number, boxes, session.nudge
        return self._plans(columns, rows, state)

    def _forget(self) -> None:
        """Forget the sizes and names of another run."""
        if self._sized is None or self._sized[0] is not self.session.trace:
            self._sized = (self.session.trace, {})
            self._names.clear()

    def _make_plan(self, columns: int, rows: int) -> _Plan:
        session, wired = self.session, self._wired
        built = session.iteration.built
        if columns >= LEAST_ROOM[0] and rows >= LEAST_ROOM[1] and len(wired.boxes) <= MOST_BOXES:
            for wiring in filter(
                None, (neuron_wiring(built, self._signs(built), MOST_BOXES), wired)
            ):
                for form in _FORMS:
                    sizes = self._sizes(form, wiring)
                    if max(size[0] for size in sizes.values()) > columns:
                        continue
                    for gap in GAPS:
                        layout = self._lay_out(sizes, columns - 2, gap, wiring)
                        if layout.width > columns:
                            break
                        if layout.height <= rows:
                            return _Plan(form, wiring, sizes, layout)
        sizes = self._sizes(None)
        layout = self._lay_out(sizes, columns)
        if not rows or (layout.width <= columns and layout.height <= rows):
            has_arrays = any(map(session.iteration.shape, wired.boxes))  # whose labels are shapes
            lens = self._lens(rows - layout.height) if has_arrays else None
            return _Plan(None, wired, sizes, layout, lens=lens)
        names = self._short_sizes
        for small in (names, dict.fromkeys(wired.boxes, (2, 1))):  # a dot each
            overview = self._lay_out(small, columns, signed=True)
            lens = self._lens(rows - overview.height)
            if overview.width <= columns and (lens or small is names):
                return _Plan(None, wired, small, overview, True, lens)
        return _Plan(None, wired, sizes, layout)

    def _lens(self, rows: int) -> dict[str, Cell] | None:
        """Return the sizes of boxes that are shown in full below the drawing; None without one."""
        is_small = len(self._wired.boxes) <= MOST_BOXES
        return self._sizes(LENS) if is_small and rows >= LEAST_LENS else None

    def _sizes(self, form: _Form | None, wiring: Wiring | None = None) -> dict[str, Cell]:
        """Return the sizes of the boxes: those of the whole run, so that nothing moves.

        Of a long run some iterations are measured; what is wider in another one grows there.
        """
        assert self._sized is not None
        boxes = (wiring or self._wired).boxes
        largest = self._sized[1].setdefault(form, {})
        measured = [self.session.iteration]
        if not boxes.keys() <= largest.keys():
            measured += self._others()
        for iteration in measured:
            for name in boxes:
                size = self._size(form, iteration, name)
                before = largest.get(name, (0, 0))
                largest[name] = (max(size[0], before[0]), max(size[1], before[1]))
        return {name: largest[name] for name in boxes}

    def _others(self) -> list[Iteration]:
        """Return iterations from all over a run that is short enough to be looked through."""
        session = self.session
        if not is_quick(session.scenario):
            return []
        stride = max(session.count // MOST_MEASURED, 1)
        iterations = map(session.trace.iteration, range(session.count, 0, -stride))
        return [each for each in iterations if each.program is session.iteration.program]

    def _size(self, form: _Form | None, iteration: Iteration, name: str) -> Cell:
        """Return the columns and lines of a box with what it shows in an iteration."""
        if form is not None:
            return self._framed_size(form, iteration, name)
        texts = [self._name_with_value(iteration, name)]
        sources = [gradient_of(iteration.program, name), iteration.program.carried.get(name)]
        if not iteration.shape(name):
            texts += [
                self._text_below("→", iteration, each) for each in sources if each is not None
            ]
        return max(map(width, texts)), min(len(texts), 2)

    def _lay_out(
        self,
        sizes: Sizes,
        columns: int,
        gap: int = 0,
        framed: Wiring | None = None,
        *,
        signed: bool = False,
    ) -> NetworkLayout:
        """Return the layout of boxes of these sizes."""
        edges = tuple((framed or self._wired).edges)
        return _kept_layout(tuple(sizes.items()), edges, framed is not None, signed, columns, gap)

    @property
    def overview_width(self) -> int:
        """The fewest columns in which the whole network is drawn: by the names of the boxes."""
        self._forget()
        return self._lay_out(self._short_sizes, 0, signed=True).width

    @property
    def _short_sizes(self) -> dict[str, Cell]:
        """The sizes of names, with a column for the sign of a gradient."""
        return {name: (1 + width(self._box_name(name)), 1) for name in self._wired.boxes}

    def _lit_edges(self, wiring: Wiring) -> tuple[Set[str], list[Arrow], bool]:
        """Return the boxes of the present step, the edges their numbers come along, and which way.

        A gradient comes along the whole way from the loss. Inside an entry only its box is lit.
        """
        equation, inside = self.session.equation, self.session.place.inside
        is_forward = equation.phase in ("forward", "loss")
        places = {id: _place_of(id) for id in wiring.boxes}
        own = equation.name if is_forward else equation.wrt
        boxed = {each for each, _ in places.values()}
        # A part stands inside the box of the whole; an update is one of the parameter.
        ways = (own, equation.base, equation.name.removesuffix("'"))
        name = next((each for each in ways if each in boxed), "")
        entry = () if inside is None else inside.entry
        lit = {  # in the order of the boxes
            id: None
            for id, (each, at) in places.items()
            if each == name and (at is None or not entry or at == entry[0])
        }.keys()
        if is_forward:
            return lit, [edge for edge in wiring.edges if edge[1] in lit], False
        if equation.phase == "backward":
            return lit, _path_edges(wiring.edges, lit, equation.of), bool(lit)
        return lit, [], False

    # Boxes without frames -----------------------------------------------------------------------

    def _labels(self, sizes: Sizes, lit: Collection[str]) -> dict[str, Sequence[Line]]:
        """Return each box's text now: its value, below it its gradient.

        The update of a number takes the place of its gradient: the old value was computed with.
        """
        labels: dict[str, Sequence[Line]] = {}
        iteration = self.session.iteration
        for name in sizes:
            source, gradient, role = self._state(name)
            is_number = not iteration.shape(name)
            is_empty = source is None and is_number
            rows = [
                (self._box_name(name) if is_empty else self._name_with_value(iteration, name), role)
            ]
            if is_number and source is not None and source != name:
                rows = [(rows[0][0], "left"), (self._text_below("→", iteration, source), role)]
            elif is_number and gradient is not None:
                rows.append((self._text_below("∂", iteration, gradient), "numbers"))
            elif gradient is not None and self.session.phase == "backward":
                rows = [(self._spelled("∂") + self._box_name(name), "numbers")]
            labels[name] = [
                [(text, "lit" if name in lit else role), (" ", "")] for text, role in rows
            ]
        return labels

    def _signed_names(self, sizes: Sizes, lit: Collection[str]) -> dict[str, Sequence[Line]]:
        """Return each box's name, or a dot; going back behind ∂ once its gradient is known."""
        labels: dict[str, Sequence[Line]] = {}
        for name, (columns, _) in sizes.items():
            _, gradient, role = self._state(name)
            is_back = gradient is not None and self.session.phase == "backward"
            short = self._box_name(name)
            text = short if width(short) < columns else self._spelled("●")
            sign = self._spelled("∂") if is_back else " "
            labels[name] = [[(sign + text, "lit" if name in lit else role), (" ", "")]]
        return labels

    def _state(self, name: str) -> tuple[str | None, str | None, str]:
        """Return what holds a box's value and its gradient after the step, and the value's role.

        None stands for what is not computed yet. Of a parameter that was updated it is the new
        value; a number shows both.
        """
        session = self.session
        program = session.iteration.program
        computed_names = session.computed()
        after = program.carried.get(name)
        gradient = gradient_of(program, name)
        if session.phase not in ("backward", "update") or gradient not in computed_names:
            gradient = None
        if after in computed_names and session.phase == "update":
            return after, gradient, "changed"
        if name in program.inputs:
            is_trained = program.inputs[name].kind == "parameter"
            return name, gradient, "left" if is_trained else "words"
        return (name, gradient, "words") if name in computed_names else (None, gradient, "faint")

    # Framed boxes -------------------------------------------------------------------------------

    def _framed_size(self, form: _Form, iteration: Iteration, name: str) -> Cell:
        """Return the columns and lines of a box with its value and the gradient that it will have.

        A parameter has room for its value after the update too.
        """
        program, (source, at) = iteration.program, _place_of(name)
        gradient, after = gradient_of(program, source), program.carried.get(source)
        values = [self._numbers(form, iteration, source, at=at)]
        if after is not None:
            values.append(self._update_lines(form, iteration, name, after))
        inside = max(line_width(row) for rows in values for row in rows)
        lines = max(map(len, values))
        if gradient is not None:
            rows = self._gradient_rows(form, iteration, gradient, at)
            inside = max(inside, *map(line_width, rows))
            lines += len(rows)
        columns = max(inside + 2 * form.margin, width(self._title(form, name)) + 3 + form.margin)
        return columns + 2, lines + 2

    def _title(self, form: _Form, name: str) -> str:
        """Return what stands in the frame: the equation, or the name."""
        equation = self._wired.boxes.get(name)
        if form.equations and equation is not None:
            label = self.mathematics.one_line(self.session.label(equation, name))
            if width(label) <= MOST_TITLE:
                return label
        return self._box_name(name)

    def _framed_boxes(
        self,
        form: _Form,
        sizes: Sizes,
        lit: Collection[str],
        way: Collection[str],
    ) -> dict[str, Sequence[Line]]:
        """Return each box as it stands after the step, framed as lit on the way of a gradient."""
        unicode = self.mathematics.words.unicode
        iteration = self.session.iteration
        boxes: dict[str, Sequence[Line]] = {}
        for name, (columns, height) in sizes.items():
            quantity, at = _place_of(name)
            source, gradient, role = self._state(quantity)
            rows = [] if source is None else self._numbers(form, iteration, source, role, at)
            if source is not None and role == "changed":
                rows = self._update_lines(form, iteration, name, source)
            if gradient is not None:
                rows = [*rows, *self._gradient_rows(form, iteration, gradient, at)]
            rows = indented(rows, " " * form.margin)
            rows += [[]] * (height - 2 - len(rows))
            title = self._title(form, name)
            is_lit = name in lit
            head: Line = [(" ", ""), (title, "lit" if is_lit else "title"), (" ", "")]
            frame = "wire-lit" if is_lit or name in way else "wire"
            boxes[name] = frame_rows(head, rows, columns, frame, unicode=unicode)
        return boxes

    def _update_lines(self, form: _Form, iteration: Iteration, name: str, after: str) -> list[Line]:
        """Return the entries of a parameter behind an arrow; of a number what it was before it."""
        form = form._replace(is_worked=False)
        new = self._numbers(form, iteration, after, "changed")
        if iteration.shape(name):
            return self._rows_behind("→", new)
        return [
            [
                *self._numbers(form, iteration, name)[0],
                (self._spelled(" → "), "faint"),
                *new[0],
            ]
        ]

    def _gradient_rows(
        self, form: _Form, iteration: Iteration, gradient: str, at: int | None
    ) -> list[Line]:
        return self._rows_behind("∂", self._numbers(form, iteration, gradient, "numbers", at))

    def _rows_behind(self, sign: str, rows: Sequence[Line]) -> list[Line]:
        """Return rows behind a sign that stands before the first."""
        start = f"{self._spelled(sign)} "
        return [[(" " * width(start) if y else start, "faint"), *row] for y, row in enumerate(rows)]

    def _numbers(
        self, form: _Form, iteration: Iteration, name: str, role: str = "", at: int | None = None
    ) -> list[Line]:
        """Return the entries of a quantity in rows, or its shape where they are many; or one."""
        shape = iteration.shape(name) if at is None else ()
        is_worked = form.is_worked and not shape and at is None
        if is_worked and (worked := self._worked_lines(form, iteration, name, role)):
            return worked
        many = math.prod(shape) > MOST_ENTRIES or len(shape) > 2
        if many or (shape and shape[-1] > MOST_BESIDE and not (form.columns and len(shape) == 1)):
            return [[(self.mathematics.words.dimensions(shape), "faint")]]
        try:
            entries = iteration.entries(name)
        except UnknownNameError:  # a fault came before it
            return [[]]
        selection = entries if at is None else entries[at : at + 1]
        texts = [self.mathematics.number(float(entry), DIGITS) for entry in selection]
        beside = 1 if form.columns and len(shape) == 1 else (shape or (1,))[-1]
        rows = [texts[at : at + beside] for at in range(0, len(texts), beside)]
        widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
        return [
            [
                (
                    " ".join(
                        padded(text, columns, "right")
                        for text, columns in zip(row, widths, strict=True)
                    ),
                    role,
                )
            ]
            for row in rows
        ]

    def _worked_lines(self, form: _Form, iteration: Iteration, name: str, role: str) -> list[Line]:
        """Return a computed number behind its formula with the figures; empty for another."""
        nudge, equations = self.session.nudge, self.session.equations(iteration.number)
        equation = next((each for each in equations if each.name == name), None)
        if equation is None or (nudge is not None and nudge.name == name):
            return []
        step = self._narrator.step(iteration, equation, iteration.entries(name))
        line = self.session.in_notation(line_of(step, DIGITS))
        figures = line.worked or line.substituted
        if figures is None or line.result is None or line.result == figures:
            return []
        sides = [*map(self.mathematics.inline, (figures, line.result))]
        signs = ["", self._spelled("= " if line.follows else "≈ ")]
        if form.is_spelled and equation.phase == "backward":
            sides, signs = [self.mathematics.inline(line.formula), *sides], ["", "= ", signs[1]]
        texts = [sign + side for sign, side in zip(signs, sides, strict=True)]
        return [[(text, role)] for text in (texts if form.is_spelled else [" ".join(texts)])]

    # Words --------------------------------------------------------------------------------------

    def _box_name(self, name: str) -> str:
        """Return what a box is called."""
        if name not in self._names:
            source, at = _place_of(name)
            node = self.session.drawn_name(source)
            whole = node if at is None else Call("index", (node, number(at)))
            self._names[name] = self.mathematics.inline(whole)
        return self._names[name]

    def _name_with_value(self, iteration: Iteration, name: str) -> str:
        """Return a box's name with its value, or its shape."""
        shape = iteration.shape(name)
        text = self._box_name(name)
        if shape:
            gap = " " if len(shape) > 1 else ""  # brackets stand apart without one
            return f"{text}{gap}{self.mathematics.words.dimensions(shape)}"
        return f"{text} {self._number(iteration, name)}".rstrip()

    def _number(self, iteration: Iteration, name: str) -> str:
        """Return a number alone; empty where a fault came before it."""
        return "".join(text for text, _ in self._numbers(LENS, iteration, name, at=0)[0])

    def _text_below(self, sign: str, iteration: Iteration, name: str) -> str:
        """Return a number that stands below the value: behind a sign, without a name."""
        return f"{self._spelled(sign)} {self._number(iteration, name)}"


@lru_cache(MOST_LAYOUTS)
def _kept_layout(
    sizes: Sequence[tuple[str, Cell]],
    edges: Sequence[Arrow],
    framed: bool,
    signed: bool,
    columns: int,
    gap: int,
) -> NetworkLayout:
    """Return a layout; some are kept, as a large one takes a while."""
    return laid_out(Net(dict(sizes), edges, framed, signed), columns, gap)


def _place_of(id: str) -> tuple[str, int | None]:
    """Return the quantity of a box, and which of its entries the box is for, if for one."""
    name, _, at = id.partition("@")
    return name, int(at) if at else None


def _path_edges(edges: Sequence[Arrow], starts: Collection[str], end: str) -> list[Arrow]:
    """Return the edges of all ways from some boxes to another; none where there is no way.

    The edges stand in the order of the equations: each behind those that lead to its beginning.
    """
    leading = {end}
    for one, other in reversed(edges):
        if other in leading:
            leading.add(one)
    reached, path_edges = {*starts}, []
    for edge in edges:
        if edge[0] in reached and edge[1] in leading:
            reached.add(edge[1])
            path_edges.append(edge)
    return path_edges


def _around_box(whole: Wiring, center: str) -> Wiring:
    """Return the part of a network that is nearest to a box, along its edges either way.

    What is given is an end of the way: a weight may lead to everything.
    """
    beside: dict[str, list[str]] = {}
    for start, end in whole.edges:
        beside.setdefault(start, []).append(end)
        beside.setdefault(end, []).append(start)
    near = [center]
    for name in near:  # the list grows while the loop goes through it
        if name == center or whole.boxes[name] is not None:
            near += [each for each in dict.fromkeys(beside.get(name, ())) if each not in near]
        if len(near) >= MOST_NEAR:
            break
    del near[MOST_NEAR:]
    boxes = {name: equation for name, equation in whole.boxes.items() if name in near}
    edges = [edge for edge in whole.edges if edge[0] in near and edge[1] in near]
    return Wiring(boxes, edges)
