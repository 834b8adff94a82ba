"""A small run in fractions: 4/5 instead of 0.8, as far as its operations are rational.

The same equations, with the table's own code on `Fraction`s. Each equation is worked out by
itself: the net input in front of a sigmoid is a fraction, though what follows is none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from tracer.errors import LimitError, RunError, TracerError
from tracer.expression import Name, Node
from tracer.operations import flat_entries, nested
from tracer.run.interpret import Nested, interpret
from tracer.run.scalar_code import FRACTIONS
from tracer.run.trace import Iteration, Trace
from tracer.sentences import say

MOST_DIGITS: Final = 40  # digits of a numerator or denominator; longer ones are not printed
MOST_BITS: Final = 200  # bits of a numerator or denominator that is still computed with
MOST_ENTRIES: Final = 2000  # entries of all inputs together

Entries = Sequence[Fraction]


class Exact:
    """The exact entries of a run's quantities, iteration after iteration on demand.

    Raises RunError where the order of the data is drawn.
    """

    def __init__(self, trace: Trace) -> None:
        if trace.scenario.training is not None and trace.scenario.training.shuffle:
            raise RunError(
                say("a shuffled run has no exact fractions"),
                expected=say("a run in the data's order"),
            )
        self._trace = trace
        self._known: list[dict[str, Entries | TracerError]] = []
        self._printable = 0  # iterations in which all are fractions of few digits
        # What was asked about last, with its quantities: each of its lines asks.
        self._last: tuple[Iteration | None, Mapping[str, Entries | TracerError]] = None, {}

    def entries(self, name: str, number: int) -> Entries | None:
        """Return the entries of a quantity, row by row; None where they are no fractions."""
        entries = self._iteration(number).get(name)
        return None if isinstance(entries, TracerError) else entries

    def values(self, number: int) -> Mapping[str, Entries]:
        """Return the entries of every quantity of an iteration, row by row.

        Raises RunError where an operation up to there is not rational, naming it, and LimitError
        where a fraction outgrows what can be read.
        """
        for earlier in range(self._printable + 1, number + 1):
            inputs = self._trace.iteration(earlier).program.inputs
            for name, entries in self._iteration(earlier).items():
                if isinstance(entries, TracerError):
                    raise entries
                limit = 10**MOST_DIGITS
                if name not in inputs and any(
                    abs(entry.numerator) > limit or entry.denominator > limit for entry in entries
                ):
                    raise _outgrown_error(name, earlier)
            self._printable = earlier
        return {
            name: entries
            for name, entries in self._iteration(number).items()
            if not isinstance(entries, TracerError)
        }

    def texts(self, iteration: Iteration, node: Node) -> list[str]:
        """Return the entries of an expression of quantities as they are written: 3, -1/4.

        They may be parts of equations that only a replay of the iteration has.
        """
        if self._last[0] is not iteration:
            values = self.values(iteration.number)
            given = {name: values[name] for name in iteration.program.inputs}
            self._last = iteration, exact_values(iteration, given)

        def leaf(part: Node) -> Nested:
            if not isinstance(part, Name):
                return None
            entries = self._last[1][part.id]
            if isinstance(entries, TracerError):
                raise entries
            return nested(entries, iteration.shape(part.id))

        value = interpret(node, FRACTIONS, leaf)
        return list(map(str, flat_entries(value, iteration.built.shapes.of(node))))

    def _iteration(self, number: int) -> Mapping[str, Entries | TracerError]:
        """Return all quantities of an iteration, or why they are no fractions."""
        for earlier in range(len(self._known) + 1, number + 1):
            iteration = self._trace.iteration(earlier)
            inputs = iteration.program.inputs
            if sum(math.prod(item.shape) for item in inputs.values()) > MOST_ENTRIES:
                raise LimitError(
                    say("too many numbers for fractions"),
                    expected=say("at most {most}", most=MOST_ENTRIES),
                )
            given = {name: self._input(name, iteration) for name in inputs}
            self._known.append(exact_values(iteration, given))
        return self._known[number - 1]

    def _input(self, name: str, iteration: Iteration) -> Entries | TracerError:
        carried = iteration.program.carried.get(name)
        if carried is not None and iteration.number > 1:
            return self._known[iteration.number - 2][carried]
        given = input_fractions(name, iteration)
        if given is not None:
            return given
        return RunError(
            say("{name} has no exact value", name=name),
            expected=say("numbers that are written, not drawn"),
        )


def exact_values(
    iteration: Iteration, given: Mapping[str, Entries | TracerError]
) -> dict[str, Entries | TracerError]:
    """Return all quantities of an iteration as fractions, or why one is none.

    They are worked out from these inputs, which need not be those of the run.
    """
    exact = dict(given)
    arrays: dict[str, Nested] = {
        name: item if isinstance(item, TracerError) else nested(item, iteration.shape(name))
        for name, item in given.items()
    }

    def leaf(node: Node) -> Nested:
        value = arrays.get(node.id) if isinstance(node, Name) else None
        if isinstance(value, TracerError):
            raise value
        return value

    for equation in iteration.program.equations:
        if equation.phase != "metric":
            try:
                value = interpret(equation.expression, FRACTIONS, leaf)
                entries = flat_entries(value, equation.shape)
                exact[equation.name] = _check_sizes(entries, equation.name, iteration.number)
                arrays[equation.name] = value
            except (RunError, LimitError) as error:
                arrays[equation.name] = exact[equation.name] = error
            except (TracerError, ArithmeticError, ValueError):
                arrays[equation.name] = exact[equation.name] = RunError(
                    say(
                        "{name} has no fraction in iteration {number}",
                        name=equation.name,
                        number=iteration.number,
                    )
                )
    return exact


def given_fractions(name: str, iteration: Iteration) -> Entries | None:
    """Return the entries of an input as they were written; None where they were drawn."""
    given = iteration.given_value(name) if name in iteration.program.inputs else None
    if given is None or given.exact is None or not all(map(math.isfinite, given.exact)):
        return None
    return [Fraction(entry) for entry in given.exact]


def input_fractions(name: str, iteration: Iteration) -> Entries | None:
    """Return the entries of an input, the optimizer's own too; None where they were drawn."""
    given = given_fractions(name, iteration)
    if given is None and iteration.program.inputs[name].kind in ("state", "counter"):
        return [Fraction(entry) for entry in iteration.floats(name)]
    return given


def _check_sizes(entries: Entries, name: str, number: int) -> Entries:
    """Return some entries.

    Raises LimitError where one is too long, ValueError where one is a mask's minus infinity.
    """
    for entry in entries:
        if type(entry) is not Fraction:
            raise ValueError(entry)
        if max(entry.numerator.bit_length(), entry.denominator.bit_length()) > MOST_BITS:
            raise _outgrown_error(name, number)
    return entries


def _outgrown_error(name: str, number: int) -> LimitError:
    return LimitError(
        say(
            "the fractions of {name} exceed {most} digits in iteration {number}",
            name=name,
            most=MOST_DIGITS,
            number=number,
        ),
        expected=say("fewer iterations, or --show of the first ones"),
    )
