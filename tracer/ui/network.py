"""The network of a session as lines: which boxes and edges there are, what they say, what is lit.

Going forward a box fills with its value when it is computed; going back with its gradient. It
knows no terminal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from tracer.errors import UnknownNameError
from tracer.expression.syntax import Name
from tracer.narrative.numbers import number_node, number_text
from tracer.narrative.steps import gradient_of
from tracer.program.program import Equation, Program, names_in
from tracer.render.boxes import padded, width
from tracer.ui.drawing import Layout, Net, laid_out, painted
from tracer.ui.text import Line

if TYPE_CHECKING:
    from tracer.ui.mathematics import Mathematics
    from tracer.ui.session import Session

__all__ = ["NetworkView", "Shown", "Wiring", "wiring"]

DIGITS = 3


class Wiring(NamedTuple):
    """The boxes and edges of a program: what it is given and uses, and what it computes."""

    boxes: dict[str, Equation | None]
    edges: list[tuple[str, str]]


def wiring(program: Program) -> Wiring:
    """Return what is computed from what on the way to the loss."""
    equations = [item for item in program.equations if item.phase in ("forward", "loss")]
    used = {name for equation in equations for name in names_in(equation.expression)}
    boxes: dict[str, Equation | None] = {}
    for name, item in program.inputs.items():
        if name in used and item.kind in ("data", "parameter", "constant"):
            boxes[name] = None
    edges: list[tuple[str, str]] = []
    for equation in equations:
        boxes[equation.name] = equation
        edges += [
            (name, equation.name)
            for name in dict.fromkeys(names_in(equation.expression))
            if name in boxes and name != equation.name
        ]
    return Wiring(boxes, edges)


class Shown(NamedTuple):
    """A drawing: its layout, its lines, the columns of its boxes.

    `lit` is the id of the lit box ('' for none), `beside` the boxes that its numbers come from.
    """

    layout: Layout
    lines: list[Line]
    widths: Mapping[str, int]
    lit: str
    beside: Collection[str]


class NetworkView:
    """Draws a session's network; the layout is kept from step to step."""

    def __init__(self, session: Session, mathematics: Mathematics) -> None:
        self.session = session
        self.mathematics = mathematics
        self._wiring: tuple[object, Wiring] | None = None
        self._layout: tuple[object, Layout] | None = None

    def shown(self, room: int) -> Shown:
        """Return the network as it stands after the step of the place."""
        session = self.session
        program = session.iteration.program
        if self._wiring is None or self._wiring[0] is not program:
            self._wiring = (program, wiring(program))
        boxes, edges = self._wiring[1]
        values = {name: self._labelled(name, name) for name in boxes}
        gradients: dict[str, str] = {}
        if session.phase in ("backward", "update"):
            for name in boxes:
                gradient = gradient_of(program, name)
                if gradient is not None:
                    gradients[name] = self._gradient(name, gradient)
        widths = {
            name: max(width(text), width(self._wide_gradient(name, program)))
            for name, text in values.items()
        }
        key = (program, room, tuple(widths.values()))
        if self._layout is None or self._layout[0] != key:
            self._layout = (key, laid_out(Net(widths, edges), room))
        layout = self._layout[1]
        lit, wires, back = self._lit(edges, boxes)
        labels = self._labels(values, gradients, lit)
        labels = {name: (padded(text, widths[name]), role) for name, (text, role) in labels.items()}
        lines = painted(layout, labels, wires, back=back, unicode=self.mathematics.words.unicode)
        beside = dict.fromkeys(name for edge in wires for name in edge if name != lit)
        return Shown(layout, lines, widths, lit, beside)

    def _lit(
        self, edges: list[tuple[str, str]], boxes: dict[str, Equation | None]
    ) -> tuple[str, list[tuple[str, str]], bool]:
        """Return the box of the present step, the edges its numbers come along, and which way."""
        equation = self.session.equation
        if equation.phase in ("forward", "loss"):
            name = equation.name
            return name, [edge for edge in edges if edge[1] == name], False
        name = equation.wrt or equation.base
        if name not in boxes:
            name = equation.name.removesuffix("'")
        if equation.phase == "backward" and name in boxes:
            return name, [edge for edge in edges if edge[0] == name], True
        return (name if name in boxes else ""), [], False

    def _labels(
        self, values: dict[str, str], gradients: dict[str, str], lit: str
    ) -> dict[str, tuple[str, str]]:
        """Return each box's text now, and its role."""
        session = self.session
        program = session.iteration.program
        done = session.computed()
        labels: dict[str, tuple[str, str]] = {}
        for name, text in values.items():
            role = "words"
            after = program.carried.get(name)
            if after in done and session.phase == "update":
                text = self._labelled(name, str(after))
                role = "changed"
            elif name in gradients and gradient_of(program, name) in done:
                text, role = gradients[name], "numbers"
            elif name in program.inputs:
                role = "left" if program.inputs[name].kind == "parameter" else "words"
            elif name not in done:
                text, role = (text if session.iteration.shape(name) else self._named(name)), "faint"
            labels[name] = (text, "lit" if name == lit else role)
        return labels

    def _named(self, name: str) -> str:
        return self.mathematics.inline(Name(name))

    def _labelled(self, name: str, source: str) -> str:
        """Return a box's name with its value, or its shape."""
        session = self.session
        shape = session.iteration.shape(name)
        text = self._named(name)
        if shape:
            sign = "×" if self.mathematics.words.unicode else "x"
            return f"{text} {sign.join(map(str, shape))}"
        return f"{text} {self._number(source)}".rstrip()

    def _number(self, name: str) -> str:
        try:
            value = float(self.session.iteration.entries(name)[0])
        except UnknownNameError:  # a fault came before it
            return ""
        return self.mathematics.inline(number_node(number_text(value, DIGITS)))

    def _gradient(self, name: str, gradient: str) -> str:
        mark = "∂" if self.mathematics.words.unicode else "d"
        if self.session.iteration.shape(name):
            return f"{mark}{self._labelled(name, name)}"
        return f"{mark}{self._named(name)} {self._number(gradient)}".rstrip()

    def _wide_gradient(self, name: str, program: Program) -> str:
        """Return the label that a box will have: room is kept for it from the beginning."""
        gradient = gradient_of(program, name)
        return "" if gradient is None else self._gradient(name, gradient)
