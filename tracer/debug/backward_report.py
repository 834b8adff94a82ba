"""The result of checking a backward pass: the compared gradients, and the first slip."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tracer.check.model.statements import find_cell_line
from tracer.debug.mutations import Mutation
from tracer.lazy_regex import lazy_regex
from tracer.recorded.recorded_values import Departure
from tracer.sentences import Sentence, plain_text, say

MOST_LISTED: Final = 12
NUMBERED: Final = lazy_regex(r"_?\[\d+\]|#\d+")  # the suffix of a name that gets several values


class GradientOutcome(NamedTuple):
    """A gradient that the code names: of what, where, and whether it is right."""

    quantity: str  # dloss/dW1
    name: str  # what the code calls it: dW1, self.grads['W1']
    statement: ast.stmt  # the statement that computes it
    is_right: bool
    is_update: bool = False  # an update whose gradient has no name
    taken: str = ""  # the gradient of another parameter that an update uses

    @property
    def line(self) -> int:
        """The line of its statement."""
        return self.statement.lineno

    def as_dictionary(self) -> dict[str, Any]:
        """Return the outcome as plain data."""
        names = ("quantity", "name", "line", "is_right", "is_update")
        return {name: getattr(self, name) for name in names}


class BackwardReport(NamedTuple):
    """The result of checking a backward pass.

    `outcomes` are the gradients that were compared, in the order in which they were computed.
    `wrong` is the first that is wrong, `statement` the one that is to be changed, with its `line`
    and `text`; `correction` how, where a known slip explains the numbers.
    """

    path: str
    outcomes: tuple[GradientOutcome, ...]
    cells: tuple[tuple[int, int], ...] = ()  # the cells of a notebook, each with its first line
    wrong: GradientOutcome | None = None
    departure: Departure | None = None
    statement: ast.stmt | None = None
    text: str = ""
    correction: Mutation | None = None
    # The same correction with a factor of the same value.
    equal_corrections: tuple[Mutation, ...] = ()
    ratio: float | None = None  # found value over right value, where all runs agree on it
    counts: tuple[int, ...] = ()  # numbers of samples or entries, which a mean divides by
    alike: tuple[tuple[GradientOutcome, Mutation | None], ...] = ()  # wrong in the same way
    loss: str = ""  # name of the loss, or of the function that returns it
    carried: frozenset[str] = frozenset()  # wrong gradients that follow from another one
    uncompared: tuple[tuple[str, ast.stmt], ...] = ()  # gradients that the trace has not
    wholes: Mapping[str, str] = {}  # gradients of what is read of an array, each with that of all
    missing: tuple[str, ...] = ()  # parameters like those compared, for which no gradient was found
    unmoved: tuple[str, ...] = ()  # parameters that no update changes, where it does others
    hides_others: bool = False  # more is wrong than one slip explains
    is_right_as_written: bool = False  # right at the code's numbers, wrong at others

    @property
    def passed(self) -> bool:
        """Whether every gradient was found, and is right at the numbers of the code."""
        return (self.wrong is None and not self.missing) or self.is_right_as_written

    def __bool__(self) -> bool:
        return self.passed

    @property
    def line(self) -> int | None:
        """The line of the statement that is to be changed."""
        return None if self.statement is None else self.statement.lineno

    @property
    def causes(self) -> list[Sentence]:
        """The causes that the numbers suggest."""
        return [] if self.departure is None else [each.words for each in self.departure.causes]

    def place(self, line: int) -> str:
        """Return the file and the line as people see them; a notebook's lines are in its cells."""
        cell, line = find_cell_line(self.cells, line)
        return f"{self.path}:{line}" if cell is None else f"{self.path}#cell {cell}:{line}"

    def as_dictionary(self) -> dict[str, Any]:
        """Return the report as plain data."""
        correction = self.correction
        return {
            "version": 1,
            "path": self.path,
            "passed": self.passed,
            "missing": list(self.missing),
            "not_updated": list(self.unmoved),
            "gradients": [item.as_dictionary() for item in self.outcomes],
            "wrong": None if self.wrong is None else self.wrong.name,
            "place": None if self.line is None else self.place(self.line),
            "text": self.text,
            "correction": None
            if correction is None
            else {
                "kind": correction.kind,
                "words": str(correction.words),
                "text": correction.text,
                "or": [each.text for each in self.equal_corrections],
                "below": None if correction.below is None else self.place(correction.below),
            },
        }

    def sentences(self) -> Iterator[Sentence]:
        """Yield what is to be said."""
        count = len(self.outcomes)
        if self.wrong is None or self.line is None:
            names = name_list([*dict.fromkeys(item.name for item in self.outcomes)])
            yield say("{count} compared, none wrong: {names}", count=count, names=names)
            if self.uncompared:
                names = name_list([*dict(self.uncompared)])
                yield say("not compared: {names}", names=names)
            if self.missing:
                yield say("no gradient was found for {names}", names=name_list(self.missing))
            if self.unmoved:
                yield say("no update changes {names}", names=name_list(self.unmoved))
            return
        slots = {
            "where": self.place(self.line),
            "name": self.wrong.name,
            "quantity": NUMBERED.sub("", self.wholes.get(self.wrong.quantity, self.wrong.quantity)),
            "loss": self.loss,
        }
        if self.is_right_as_written:
            yield say("{count} compared, none wrong with these numbers", count=count)
        yield (
            say(
                "{where}: {name} is right by chance, and wrong with other numbers ({quantity})",
                **slots,
            )
            if self.is_right_as_written
            else say(
                "{where}: the update of {name} uses {other} instead of its own gradient",
                other=self.wrong.taken,
                **slots,
            )
            if self.wrong.taken
            else say("{where}: the update of {name} does not follow its gradient", **slots)
            if self.wrong.is_update and self.ratio is None
            else say("{where}: the update of {name} goes uphill on {loss}", **slots)
            if self.wrong.is_update
            else say("{where}: {name} is the first wrong gradient ({quantity})", **slots)
        )
        yield say("written: {text}", text=self.text)
        if self.correction is not None:
            yield say("what is wrong: {words}", words=self.correction.words)
            if self.correction.below is not None:
                below = find_cell_line(self.cells, self.correction.below)[1]
                yield say("it belongs after line {line}", line=below)
            else:
                yield say("right: {text}", text=self.correction.text)
            for each in self.equal_corrections:
                yield say("or, with the same value here: {text}", text=each.text)
        elif self.departure is not None:
            for words in self.causes[:2]:
                yield say("what is wrong: {words}", words=words)
            if not self.causes:
                yield say("the cause is not known: no common slip gives these numbers")
        if self.is_right_as_written:
            return
        wrong = [item.name for item in self.outcomes if not item.is_right]
        yield say(
            "{count} compared, {wrong} wrong: {names}",
            count=count,
            wrong=len(wrong),
            names=name_list(wrong),
        )
        if self.hides_others:
            yield say("there are other slips: repair this one and run it again")

    def __str__(self) -> str:
        return "\n".join(plain_text(sentence, str) for sentence in self.sentences())


def join_reports(reports: Sequence[BackwardReport]) -> BackwardReport:
    """Return the reports on the gradients of several losses as one, in the order of the code.

    It says what the first says that found a slip.
    """
    if len(reports) == 1:
        return reports[0]
    failing = [each for each in reports if not each.passed or each.wrong is not None]
    compared = {item.statement for each in reports for item in each.outcomes}
    return (failing or reports)[0]._replace(
        outcomes=tuple(item for each in reports for item in each.outcomes),
        uncompared=tuple(
            item for each in reports for item in each.uncompared if item[1] not in compared
        ),
        missing=tuple(
            name for name in reports[0].missing if all(name in each.missing for each in reports)
        ),
        loss=", ".join(each.loss for each in failing[:1] or reports),
        carried=frozenset(name for each in reports for name in each.carried),
        wholes={name: whole for each in reports for name, whole in each.wholes.items()},
        hides_others=len(failing) > 1 or any(each.hides_others for each in failing),
    )


def name_list(names: Sequence[str]) -> str:
    """Return names in a row, the first of many."""
    return ", ".join(names[:MOST_LISTED]) + (", …" if len(names) > MOST_LISTED else "")
