"""Practice: one value after the other is asked for, judged by the checker and counted.

It knows no terminal. What a learner answers is written down as a calculation, `name = formula =
answer`, below the lines that were answered before; the checker judges it as it judges any hand
calculation. So what follows rightly from a learner's own wrong value is accepted and named.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from tracer.check.checker import check_document
from tracer.check.numbers.figures import Figure, figure, printed
from tracer.check.numbers.tiers import tier
from tracer.check.reading.document import read_document
from tracer.check.report import Entry, SlipKind, Verdict
from tracer.check.trace.traced import Traced
from tracer.check.worksheets.worksheet_numbers import NOISE
from tracer.check.written import Span
from tracer.errors import TracerError
from tracer.expression import render
from tracer.expression.syntax import Array, Call, Name, Node, Number, walk
from tracer.frozen import replace
from tracer.intervals import Interval, Unevaluable, value_of
from tracer.narrative.derivation import line_of
from tracer.narrative.entries import Focus, entry_steps
from tracer.narrative.messages import Sentence, say
from tracer.narrative.numbers import nested, number_node, number_texts, written_text
from tracer.narrative.steps import Step, Teller
from tracer.operations import Shape, vocabulary
from tracer.program.elements import place_node
from tracer.program.program import names_in
from tracer.run.scalars import places

if TYPE_CHECKING:
    from tracer.narrative.blocks import EquationLine
    from tracer.program.program import Equation
    from tracer.run.trace import Iteration, Trace

__all__ = ["POINTS", "Answer", "Known", "Practice", "Question", "Score"]

POINTS: Final = 3  # of a value; each hint and each wrong try costs one
STAGES: Final = 3  # of hints: the rule, the numbers put in, the value
MOST_WHOLE: Final = 6  # entries of an array that are all asked for
MOST_ASKED: Final = 4  # entries that are asked for of a larger one
MOST_GOING_IN: Final = 20_000  # numbers of all quantities of a formula
MOST_OPERANDS: Final = 24  # of a line that is worked out by hand
MOST_QUESTIONS: Final = 150  # of one practice
MOST_ANSWER: Final = 1000  # characters
MOST_EARLIER: Final = 80  # lines before the present one that are judged with it
LEAST_DIGITS: Final = 2  # of an answer that is rounded
LEAST_LOOSE: Final = 3  # of one that is off by one in its last digit
REACH: Final = 0.02  # of the largest number that goes in: what rounding it may make
UNROUNDED: Final = 0.05  # units of the last digit, below which there was nothing to round
SAME: Final = 1e-12  # relative difference of floats that are one number
SURE: Final = ("exact", "rounded")
LOOSE: Final = ("chopped", "last_digit")

UNREAD: Final = say("No number could be read. Examples: -3, 0.25, 1/3, 2*(0.5 - 2) = -3.")

Outcome = Literal["right", "carried", "wrong", "unread"]


class Question(NamedTuple):
    """A value that is asked for: the step it belongs to (from 0) and its entry, () for a number."""

    step: int
    index: Shape  # type: ignore[assignment]  # nobody asks a question for tuple.index
    equation: Equation


class Answer:
    """What a learner did with a question so far.

    `text` is the last answer that could be judged, `outcome` what it was ('' before there is one),
    `entry` what the checker said of it; `hints` and `wrong` count what costs.
    """

    __slots__ = ("entry", "hints", "note", "outcome", "text", "wrong")

    def __init__(self) -> None:
        self.text = ""
        self.outcome: Outcome | Literal[""] = ""
        self.entry: Entry | None = None
        self.note: Sentence | None = None
        self.hints = 0
        self.wrong = 0

    @property
    def is_right(self) -> bool:
        """Whether the answer stands."""
        return self.outcome in ("right", "carried")

    @property
    def points(self) -> int:
        """What a right answer counts; one whose value was shown counts nothing."""
        if not self.is_right or self.hints == STAGES:
            return 0
        return max(POINTS - self.hints - self.wrong, 0)


class Known(NamedTuple):
    """A number that goes into a value: its name, its number, and whether the learner made it."""

    name: Node
    value: Node
    is_own: bool


class Score(NamedTuple):
    """A phase in numbers: the points reached, those of all its values, and the values answered."""

    phase: str
    points: int
    most: int
    answered: int
    values: int


class Practice:
    """The values of one iteration, from a step on. The session is not touched."""

    def __init__(
        self,
        trace: Trace,
        iteration: int,
        step: int,
        *,
        digits: int = 6,
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        self.trace = trace
        self.number = iteration
        self.begin = step
        self.digits = digits
        self.slips: Counter[SlipKind] = Counter()
        self.left_out = 0  # steps that are too large to be worked out
        self._iteration: Iteration = trace.iteration(iteration)
        self._teller = Teller(digits)
        self._steps: dict[Question, Step] = {}
        self._traced: Traced | None = None
        self.questions = list(islice(self._asked(progress), MOST_QUESTIONS))
        self.answers = [Answer() for _ in self.questions]
        self.at = 0

    # The questions ------------------------------------------------------------------------------

    def _asked(self, progress: Callable[[int, int], object] | None) -> Iterator[Question]:
        """Yield what is asked for: of a large array a few entries; nothing that is not finite."""
        there = frozenset(self._iteration)
        program = self._iteration.program
        equations = [item for item in program.equations if item.phase != "metric"]
        for step, equation in enumerate(equations):
            if progress is not None:
                progress(step, len(equations))
            if equation.name not in there or step < self.begin:
                continue
            entries = [Question(step, index, equation) for index in _entries(equation.shape)]
            if entries and self._is_workable(entries[0]):
                yield entries[0]
                yield from filter(self._is_workable, entries[1:])
            else:
                self.left_out += 1

    def _is_workable(self, question: Question) -> bool:
        """Tell whether a value can be worked out by hand, and read back."""
        if self._goes_in(question.equation) > MOST_GOING_IN:
            return False
        step = self.step(question)
        if step is None or step.result is None or not all(map(math.isfinite, step.values)):
            return False
        if any(0 < abs(value) < NOISE for value in step.values):
            return False  # what is left of rounding: by hand it is 0
        leaves = sum(isinstance(part, Name) for part in walk(step.formula))
        return 0 < leaves <= MOST_OPERANDS and "…" not in _ascii(step.formula)

    def _goes_in(self, equation: Equation) -> int:
        """Return how many numbers the quantities of a formula have."""
        shapes = self._iteration.built.shapes
        names = names_in(equation.expression)
        return sum(math.prod(self._iteration.shape(name)) for name in names if name in shapes)

    def step(self, question: Question) -> Step | None:
        """Return the line of a value, its numbers put in; None where it has none."""
        if question not in self._steps:
            found = self._told(question)
            if found is None:
                return None
            self._steps[question] = found
        return self._steps[question]

    def _told(self, question: Question) -> Step | None:
        equation = question.equation
        if equation.shape == ():
            values = self._iteration.entries(equation.name)
            step = self._teller.step(self._iteration, equation, values)
            if step.substituted is not None:
                return step
        focus = Focus(equation.name, question.index)
        return next(entry_steps(self._iteration, focus, self._teller), None)

    @property
    def question(self) -> Question:
        """The value that is asked for now."""
        return self.questions[self.at]

    @property
    def answer(self) -> Answer:
        """What was done with it so far."""
        return self.answers[self.at]

    @property
    def is_over(self) -> bool:
        """Whether every value was answered."""
        return all(answer.is_right for answer in self.answers)

    def name(self, question: Question) -> Node:
        """Return what a value is called: a quantity, or an entry of one."""
        return place_node(question.equation.name, question.index)

    def line(self, *, numbers: bool = False, result: bool = False) -> EquationLine:
        """Return the line of the present value with as much of it as is wanted."""
        step = self.step(self.question)
        assert step is not None, "what has no line is not asked"
        whole = line_of(step, self.digits)
        from tracer.narrative.blocks import EquationLine

        return EquationLine(
            left=whole.left,
            formula=whole.formula,
            substituted=whole.substituted if numbers else None,
            result=whole.result if result else None,
            arrow=whole.arrow,
            follows=whole.follows,
        )

    def known(self) -> list[Known]:
        """Return the numbers that go into the present value.

        What the learner answered is the learner's own number; the rest is that of the run.
        """
        step = self.step(self.question)
        assert step is not None, "what has no line is not asked"
        own = {
            (item.equation.name, item.index): answer.text
            for item, answer in zip(self.questions[: self.at], self.answers, strict=False)
            if answer.outcome and answer.text
        }
        found: dict[tuple[str, Shape], Known] = {}
        for name, index, node in _leaves(step.formula):
            if (name, index) not in found:
                known = self._known(name, index, node, own)
                if known is not None:
                    found[(name, index)] = known
        return list(found.values())

    def _known(
        self, name: str, index: Shape, node: Node, own: dict[tuple[str, Shape], str]
    ) -> Known | None:
        number = _last_number(own.get((name, index), ""))
        if number is not None:
            return Known(node, number, True)
        iteration = self._iteration
        try:
            shape = iteration.shape(name)
        except (TracerError, KeyError):
            return None
        whole = math.prod(shape)
        if whole > MOST_OPERANDS and not index:
            return None
        given = iteration.given(name)
        if given is not None and given.exact is not None:
            texts = [written_text(entry) for entry in given.exact]
        else:
            texts = number_texts(list(map(float, iteration.entries(name))), self.digits)
        if index:
            return Known(node, number_node(texts[_flat(shape, index)]), False)
        numbers = [number_node(text) for text in texts]
        is_own = False
        for (of, at), text in own.items():
            number = _last_number(text) if of == name and at else None
            if number is not None:
                numbers[_flat(shape, at)], is_own = number, True
        return Known(node, nested(numbers, shape), is_own)

    # Moving -------------------------------------------------------------------------------------

    def move(self, by: int) -> bool:
        """Go to another value; tell whether there is one."""
        at = min(max(self.at + by, 0), len(self.questions) - 1)
        moved, self.at = at != self.at, at
        return moved

    def to_open(self) -> bool:
        """Go to the next value without a right answer, past the end to the first one."""
        count = len(self.questions)
        for turn in range(1, count + 1):
            at = (self.at + turn) % count
            if not self.answers[at].is_right:
                self.at = at
                return True
        return False

    # Hints --------------------------------------------------------------------------------------

    def hint(self) -> int:
        """Give the next hint and return which stages are seen: 1 rule, 2 numbers, 3 value."""
        if not self.answer.is_right:
            self.answer.hints = min(self.answer.hints + 1, STAGES)
        return self.answer.hints

    def rules(self) -> list[Sentence]:
        """Return the first hint: which rule gives the value, and why."""
        step = self.step(self.question)
        assert step is not None, "what has no line is not asked"
        found = [say("By: {rules}.", rules=step.rules)] if step.rules else []
        if step.sentence is not None:
            found.append(step.sentence)
        return found or [say("Put the numbers into the formula, and work it out.")]

    def value(self) -> Node:
        """Return the value that is asked for, as the run has it."""
        step = self.step(self.question)
        assert step is not None, "what has no value is not asked"
        assert step.result is not None, "what has no value is not asked"
        return step.result

    # Judging ------------------------------------------------------------------------------------

    def judge(self, typed: str) -> Outcome:
        """Judge an answer: a number, or working that ends with one (`2·(0.5 − 2) = -3`).

        What cannot be read costs nothing.
        """
        answer = self.answer
        text = " ".join(typed.split()).strip("= ")
        answer.note = _refusal(text)
        if answer.note is None and answer.outcome == "wrong" and text == answer.text:
            answer.note = say("This is the answer of before.")
        if answer.note is not None:
            return "unread"
        entry = self._judged(text)
        answer.note = self._doubt(entry, text)
        if answer.note is not None or entry is None:
            return "unread"
        answer.text, answer.entry = text, entry
        if entry.verdict in ("correct", "rounding"):
            answer.outcome = "right"
        elif entry.verdict == "carried_forward":
            answer.outcome = "carried"
        else:
            answer.outcome = "wrong"
            answer.wrong += 1
            if entry.kind is not None:
                self.slips[entry.kind] += 1
        return answer.outcome

    def _judged(self, text: str) -> Entry | None:
        """Return what is said of an answer: that it is right where it is the run's number.

        So is what the numbers give that are shown, the learner's own among them. Of the rest it is
        what the checker says, below the answers before. A line that it cannot read or decide with
        the formula is asked without it.
        """
        beside = self._beside_value(text)
        if "=" not in text or self._holds(text):
            if beside is not None and beside.tier in SURE:
                return beside
            shown = self._from_shown(text)
            if shown is not None:
                return shown
        earlier = [
            self._written(item, answer.text)
            for item, answer in zip(self.questions[: self.at], self.answers, strict=False)
            if answer.text
        ][-MOST_EARLIER:]
        found: Entry | None = None
        for line in (
            self._written(self.question, text),
            f"{_ascii(self.name(self.question))} = {text}",
        ):
            entry = self._entry([f"Iteration {self.number}", *earlier, line])
            if entry is not None and entry.verdict not in ("not_checked", "undecided"):
                return self._within_reach(self._explained(entry, earlier, text), text)
            found = found or entry
        return found if beside is None else self._within_reach(beside, text)

    def _holds(self, text: str) -> bool:
        """Tell whether working holds in itself: `2*(0.6 - 2) = -2.8`."""
        entry = self._entry([text])
        return entry is not None and entry.verdict in ("correct", "rounding")

    def _from_shown(self, text: str) -> Entry | None:
        """Return that a number follows from those that are shown; None where it does not."""
        node, step, known = _last_number(text), self.step(self.question), self.known()
        written = None if node is None else figure(node)
        if written is None or step is None or not any(item.is_own for item in known):
            return None
        numbers = _put_in(step.formula, {item.name: item.value for item in known})
        try:
            value = value_of(numbers, {})
        except Unevaluable:
            return None
        if not isinstance(value, Interval) or tier(written, value, value) not in SURE:
            return None
        own = {leaf[:2] for item in known if item.is_own for leaf in _leaves(item.name)}
        is_wrong = any(
            answer.outcome in ("wrong", "carried")
            and {(name, question.index), (name, ())} & own  # the entry, or its whole array
            for question, answer in zip(self.questions, self.answers, strict=True)
            for name in [question.equation.name]
        )
        verdict: Verdict = "carried_forward" if is_wrong else "correct"
        return Entry(verdict, Span(1, 0, len(text)), text, tier="rounded")

    def _within_reach(self, entry: Entry, text: str) -> Entry:
        """Return a finding; what is said to be right must be near the number of the run.

        It may be off by what the rounding of the numbers that go in makes, and in its last digit
        where that was rounded.
        """
        node, step = _last_number(text), self.step(self.question)
        written = None if node is None else figure(node)
        if entry.verdict not in ("correct", "rounding") or written is None or step is None:
            return entry
        value = step.values[0]
        scale = max([abs(value), *(abs(number) for number in self._numbers())])
        is_near = abs(float(written.value) - value) <= REACH * scale
        is_loose = entry.tier in LOOSE and (
            written.digits < LEAST_LOOSE
            or abs(round(value, written.decimals) - value) <= UNROUNDED * 10.0**-written.decimals
        )
        return entry if is_near and not is_loose else self._wrong(written, text)

    def _numbers(self) -> Iterator[float]:
        """Yield the numbers that go into the present value."""
        for known in self.known():
            for part in walk(known.value):
                written = figure(part) if isinstance(part, Number) else None
                if written is not None:
                    yield float(written.value)

    def _explained(self, entry: Entry, earlier: Sequence[str], text: str) -> Entry:
        """Return a slip with its cause, for which the numbers that go in must stand on the line."""
        step = self.step(self.question)
        if entry.verdict != "slip" or "=" in text or step is None:
            return entry
        numbers = _put_in(step.formula, {known.name: known.value for known in self.known()})
        name, formula = _ascii(self.name(self.question)), _ascii(step.formula)
        line = f"{name} = {formula} = {_ascii(numbers)} = {text}"
        told = self._entry([f"Iteration {self.number}", *earlier, line])
        is_slip = told is not None and told.verdict == "slip" and told.kind is not None
        return told if told is not None and is_slip else entry

    def _entry(self, lines: Sequence[str]) -> Entry | None:
        """Return the finding on the last of some lines, a slip before others."""
        document = read_document("\n".join(lines), "txt", "answers")
        report = check_document(
            document, self.trace.scenario.name, traced=self.traced, in_headings=True
        )
        here = [entry for entry in report.entries if entry.place.line == len(lines)]
        return next((entry for entry in here if entry.verdict == "slip"), None) or next(
            iter(here), None
        )

    @property
    def traced(self) -> Traced:
        """The run as the checker sees it."""
        if self._traced is None:
            self._traced = Traced(self.trace)
        return self._traced

    def _beside_value(self, text: str) -> Entry | None:
        """Return the finding on a number alone, where the name has no form that can be read."""
        node = _last_number(text)
        written = None if node is None else figure(node)
        value, step = self._value, self.step(self.question)
        if written is None or value is None or step is None:
            return None
        found = tier(written, value, value)
        if math.isclose(float(written.value), step.values[0], rel_tol=SAME):
            found = "exact"  # all digits of the run's own float
        if found == "wrong":
            return self._wrong(written, text)
        return Entry("correct", Span(1, 0, len(text)), text, tier=found)

    @property
    def _value(self) -> Interval | None:
        """The present value as the checker sees it; None where it knows no such number."""
        name, index = self.question.equation.name, self.question.index
        value = self.traced.value(name, index, self.number)
        return value if isinstance(value, Interval) else None

    def _wrong(self, written: Figure, text: str) -> Entry:
        """Return the finding on a number that is not the one of the run."""
        value = self._value
        right = "" if value is None else printed(value, written)
        message = say("{written} should be {right}", written=written.text, right=right)
        span = Span(1, 0, len(text))
        return Entry("slip", span, text, tier="wrong", message=message if right else None)

    def _written(self, question: Question, text: str) -> str:
        step = self.step(question)
        assert step is not None, "what has no line is not asked"
        return f"{_ascii(self.name(question))} = {_ascii(step.formula)} = {text}"

    def _doubt(self, entry: Entry | None, text: str) -> Sentence | None:
        """Return why an answer could not be judged, or is too coarse to be one."""
        if entry is None:
            return UNREAD
        if entry.verdict in ("not_checked", "undecided"):
            return entry.message or say("This could not be judged; write it another way.")
        if entry.verdict != "slip" and self._is_coarse(text):
            return say("It may be right: write at least {digits} digits.", digits=str(LEAST_DIGITS))
        return None

    def _is_coarse(self, text: str) -> bool:
        """Tell whether an answer is rounded to so few digits that it shows no work."""
        node, step = _last_number(text), self.step(self.question)
        written = None if node is None else figure(node)
        shown = None if step is None or step.result is None else figure(step.result)
        if written is None or shown is None or written.half == 0:
            return False
        is_coarse = written.digits < LEAST_DIGITS or written.value == 0
        return is_coarse and written.value != shown.value

    # The score ----------------------------------------------------------------------------------

    def scores(self) -> list[Score]:
        """Return the score of each phase, in order."""
        found: dict[str, Score] = {}
        for question, answer in zip(self.questions, self.answers, strict=True):
            phase = question.equation.phase
            before = found.get(phase, Score(phase, 0, 0, 0, 0))
            found[phase] = Score(
                phase,
                before.points + answer.points,
                before.most + POINTS,
                before.answered + answer.is_right,
                before.values + 1,
            )
        return list(found.values())

    @property
    def total(self) -> tuple[int, int]:
        """The points reached, and those of all values."""
        scores = self.scores()
        return sum(score.points for score in scores), sum(score.most for score in scores)

    @property
    def is_begun(self) -> bool:
        """Whether anything was answered or hinted at."""
        return any(answer.outcome or answer.hints for answer in self.answers)


def _entries(shape: Shape) -> Sequence[Shape]:
    """Return the entries that are asked for: all of a small array, a few of a large one."""
    size = math.prod(shape)
    if size > MOST_WHOLE:
        spread = {round(at * (size - 1) / (MOST_ASKED - 1)) for at in range(MOST_ASKED)}
        return [_index(shape, at) for at in sorted(spread)]
    return list(places(shape))


def _index(shape: Shape, flat: int) -> Shape:
    found: list[int] = []
    for size in reversed(shape):
        flat, at = divmod(flat, size)
        found.append(at)
    return tuple(reversed(found))


def _flat(shape: Shape, index: Shape) -> int:
    flat = 0
    for size, at in zip(shape, index, strict=True):
        flat = flat * size + at
    return flat


def _leaves(node: Node) -> Iterator[tuple[str, Shape, Node]]:
    """Yield the quantities of a formula in order: name, index of an entry, and the tree."""
    if isinstance(node, Name):
        yield node.id, (), node
    elif isinstance(node, Array):
        for item in node.items:
            yield from _leaves(item)
    elif isinstance(node, Call):
        first, *rest = node.arguments or (None,)
        index = [int(item.value) for item in rest if isinstance(item, Number)]
        if node.operation == "index" and isinstance(first, Name) and len(index) == len(rest):
            yield first.id, tuple(index), node
            return
        for argument in node.arguments:
            yield from _leaves(argument)


def _put_in(node: Node, numbers: Mapping[Node, Node]) -> Node:
    """Return a formula with numbers in place of its quantities."""
    if node in numbers:
        return numbers[node]
    if isinstance(node, Call):
        return replace(
            node, arguments=tuple(_put_in(argument, numbers) for argument in node.arguments)
        )
    return node


def _last_number(text: str) -> Node | None:
    """Return the number that an answer ends with; None where it is none alone."""
    from tracer.expression import parse

    last = text.rpartition("=")[2].strip()
    if not last:
        return None
    try:
        node = parse(last, "unicode", vocabulary=vocabulary())
    except TracerError:
        return None
    return None if any(isinstance(part, Name) for part in walk(node)) else node


def _refusal(text: str) -> Sentence | None:
    """Return why a text is no answer, before anything is judged."""
    if not text:
        return say("Type a number, or the working and the number.")
    if len(text) > MOST_ANSWER:
        return say("An answer has at most {most} characters.", most=str(MOST_ANSWER))
    node = _last_number(text)
    if "#" in text or node is None:
        return UNREAD
    if figure(node) is None and not isinstance(node, Array):
        return say("Work it out: the last number must be one, as -3, 0.25 or 1/3.")
    return None


def _ascii(node: Node) -> str:
    return render(node, "ascii", vocabulary=vocabulary())
