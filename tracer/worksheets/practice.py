"""Practice: one value after the other is asked for, judged by the checker and counted.

It knows no terminal. What a learner answers is written down as a calculation, `name = formula =
answer`, below the lines that were answered before; the checker judges it as it judges any hand
calculation. So what follows rightly from a learner's own wrong value is accepted and named.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from typing import Final, Literal, NamedTuple

from tracer.check.arithmetic.figures import Figure, figure, tier
from tracer.check.bind.worlds import RunView
from tracer.check.compare.bounded_values import around, do_meet, half_place
from tracer.check.document_lines import check_lines
from tracer.check.model.finding import Finding, SlipKind, Tier, Verdict
from tracer.check.model.statements import TextPlace
from tracer.check.model.written_trees import numbers_in
from tracer.check.read.document_entry import read_document
from tracer.check.trace.traced_view import TracedView
from tracer.errors import TracerError
from tracer.expression import Array, Name, Node, parse, render, walk
from tracer.frozen import replace
from tracer.intervals import Interval, Unevaluable, value_of
from tracer.narrative.blocks import EquationLine
from tracer.narrative.derivation_options import Style
from tracer.narrative.entries import Focus, entry_step
from tracer.narrative.entry_functions import leaves_of, place_of
from tracer.narrative.program_notation import notation_of
from tracer.narrative.session import Session
from tracer.narrative.step_lines import line_of
from tracer.narrative.steps import Step, StepNarrator, put_in
from tracer.narrative.textbook_blocks import drawn_formulas, textbook_in
from tracer.narrative.words import formula_text
from tracer.operations import (
    Shape,
    indices_of,
    nested_array,
    number_node,
    ravel,
    unravel,
    vocabulary,
)
from tracer.program.elements import place_node
from tracer.program.program import Equation, Phase, names_in
from tracer.run.trace import Iteration, Trace
from tracer.sentences import Sentence, say
from tracer.worksheets.worksheet_numbers import NOISE

POINTS: Final = 3  # points for a value; each hint and each wrong try costs one
STAGES: Final = 3  # stages of hints: the rule, the numbers put in, the value
MOST_WHOLE: Final = 6  # an array of up to so many entries is asked for whole
MOST_ASKED: Final = 4  # entries of a larger array that are asked for
MOST_GOING_IN: Final = 20_000  # numbers in all operands of a formula together
MOST_OPERANDS: Final = 24  # operands of a line that is worked out by hand
MOST_QUESTIONS: Final = 150  # questions of one practice
MOST_ANSWER: Final = 1000  # characters of an answer
LEAST_DIGITS: Final = 2  # digits of an answer that is rounded
LEAST_LOOSE: Final = 3  # digits of an answer whose last digit is off by one
UNROUNDED: Final = 0.05  # units of the last digit; a smaller remainder is nothing to round
SAME: Final = 1e-12  # relative difference of floats that are one number
NEAR: Final = 0.1  # relative difference below which a wrong value is near
SURE: Final = ("exact", "rounded")
LOOSE: Final = ("chopped", "last_digit")
UNREAD: Final = say("This could not be read as a value. Examples: -3, 0.25, 1/3, 2*(0.5 - 2) = -3.")
QuantityEntry = tuple[str, Shape]  # a name and an index, () for the whole
Outcome = Literal["right", "carried", "wrong", "unread"]
OUTCOMES: Final[Mapping[Verdict, Outcome]] = {
    "correct": "right",
    "rounding": "right",
    "carried_forward": "carried",
}
WORSE: Final[Sequence[Outcome]] = ("right", "carried", "wrong", "unread")


class Question(NamedTuple):
    """A value that is asked for: the step it belongs to (from 0) and its entry, () for a number."""

    step: int
    index: Shape  # type: ignore[assignment]  # nobody asks a question for tuple.index
    equation: Equation


@dataclass(slots=True, eq=False)
class Answer:
    """A learner's answer to a question, and how it was judged.

    `text` is the last answer that could be judged, `outcome` what it was ('' before there is one),
    `finding` what the checker said of it; a wrong one may be near. `hints` and `wrong` count what
    costs.
    """

    text: str = ""
    outcome: Outcome | Literal[""] = ""
    finding: Finding | None = None
    note: Sentence | None = None
    is_near: bool = False
    hints: int = 0
    wrong: int = 0

    @property
    def is_right(self) -> bool:
        """Whether the answer stands."""
        return self.outcome in ("right", "carried")

    @property
    def is_seen(self) -> bool:
        """Whether the value was answered, or shown by the last hint."""
        return self.is_right or self.hints == STAGES

    @property
    def points(self) -> int:
        """What a right answer counts; one whose value was shown counts nothing."""
        if not self.is_right or self.hints == STAGES:
            return 0
        return max(POINTS - self.hints - self.wrong, 0)


class KnownNumber(NamedTuple):
    """A number that goes into a value: its name, its number, and whether the learner made it."""

    name: Node
    value: Node
    is_own: bool


class Practice:
    """The values of one iteration. The session is not touched."""

    def __init__(
        self,
        trace: Trace,
        iteration: int,
        *,
        digits: int = 6,
        style: Style = "textbook",
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        self.trace = trace
        self.number = iteration
        self.digits = digits
        self.slips: Counter[SlipKind] = Counter()
        self.left_out = 0  # steps that are too large to be worked out
        self._iteration: Iteration = trace.iteration(iteration)
        self._textbook = textbook_in(style, self._iteration.built)
        self._narrator = StepNarrator(digits)
        self.steps: dict[Question, Step] = {}  # the line of each value, its numbers put in
        self.questions = list(islice(self._questions(progress), MOST_QUESTIONS))
        self.answers = [Answer() for _ in self.questions]
        self.questions_named = lru_cache(None)(self._questions_named)  # the questions never change
        self.at = 0

    # The questions ------------------------------------------------------------------------------

    def _questions(self, progress: Callable[[int, int], object] | None) -> Iterator[Question]:
        """Yield what is asked for: of a large array a few entries; nothing that is not finite."""
        there = frozenset(self._iteration)
        program = self._iteration.program
        equations = [item for item in program.equations if item.phase != "metric"]
        for step, equation in enumerate(equations):
            if progress is not None:
                progress(step, len(equations))
            if equation.name not in there:
                continue
            entries = [Question(step, index, equation) for index in _asked_entries(equation.shape)]
            if entries and self._is_workable(entries[0]):
                yield entries[0]
                yield from filter(self._is_workable, entries[1:])
            elif names_in(equation.expression):
                self.left_out += 1  # a step without inputs needs no working

    def _is_workable(self, question: Question) -> bool:
        """Tell whether a value can be worked out by hand, and read back."""
        shapes = self._iteration.built.shapes
        names = names_in(question.equation.expression)
        if sum(math.prod(shapes[name]) for name in names if name in shapes) > MOST_GOING_IN:
            return False
        step = self._step_of(question)
        if step is None or step.result is None or not all(map(math.isfinite, step.values)):
            return False
        if any(0 < abs(value) < NOISE for value in step.values):
            return False  # what is left of rounding: by hand it is 0
        self.steps[question] = step
        leaves = sum(isinstance(part, Name) for part in walk(step.formula))
        return 0 < leaves <= MOST_OPERANDS and "…" not in formula_text(step.formula)

    def _step_of(self, question: Question) -> Step | None:
        equation = question.equation
        if equation.shape == ():
            values = self._iteration.entries(equation.name)
            step = self._narrator.step(self._iteration, equation, values)
            if step.substituted is not None:
                return step
        focus = Focus(equation.name, question.index)
        return entry_step(self._iteration, focus, self._narrator)

    @property
    def question(self) -> Question:
        """The value that is asked for now."""
        return self.questions[self.at]

    @property
    def answer(self) -> Answer:
        """The answer that was given so far."""
        return self.answers[self.at]

    @property
    def is_over(self) -> bool:
        """Whether every value was answered."""
        return all(answer.is_right for answer in self.answers)

    def name(self, question: Question) -> Node:
        """Return what a value is called: a quantity, or an entry of one."""
        return place_node(question.equation.name, question.index)

    def in_notation(self, node: Node) -> Node:
        """Return a name or numbers in the notation of the practice."""
        return node if self._textbook is None else self._textbook.numbers(node)

    def line(self, *, numbers: bool = False, result: bool = False) -> EquationLine:
        """Return the line of the present value, as it is drawn, with as much of it as is wanted.

        What is updated has a prime, as in the line that one writes: there an equals sign is true.
        """
        step = self.steps[self.question]
        whole = line_of(step, self.digits)
        equation = EquationLine(
            left=self.name(self.question) if whole.arrow else whole.left,
            formula=whole.formula,
            substituted=whole.substituted if numbers else None,
            worked=whole.worked if numbers else None,
            reduced=whole.reduced if numbers else None,
            result=whole.result if result else None,
            follows=whole.follows,
        )
        return drawn_formulas(equation, self._textbook)

    def known_numbers(self) -> list[KnownNumber]:
        """Return the numbers that go into the present value.

        What the learner answered is the learner's own number, unless the value was shown instead;
        the rest is that of the run.
        """
        step = self.steps[self.question]
        own = {
            (item.equation.name, item.index): answer.text
            for item, answer in zip(self.questions[: self.at], self.answers, strict=False)
            if answer.text and (answer.is_right or not answer.is_seen)
        }
        numbers = (self._known_number(leaf, own) for leaf in leaves_of(step.formula))
        return [number for number in numbers if number is not None]

    def _known_number(self, node: Node, own: Mapping[QuantityEntry, str]) -> KnownNumber | None:
        name, index = place_of(node)
        number = _last_number(own.get((name, index), ""))
        if number is not None:
            return KnownNumber(node, number, True)
        iteration = self._iteration
        try:
            shape = iteration.shape(name)
        except (TracerError, KeyError):
            return None
        whole = math.prod(shape)
        if whole > MOST_OPERANDS and not index:
            return None
        texts = self._narrator.texts(iteration, name)
        if index:
            return KnownNumber(node, number_node(texts[ravel(index, shape)]), False)
        typed = {
            ravel(at, shape): _last_number(text)
            for (of, at), text in own.items()
            if of == name and at
        }
        numbers = [typed.get(at) or number_node(text) for at, text in enumerate(texts)]
        return KnownNumber(node, nested_array(numbers, shape), any(typed.values()))

    # As it is written ---------------------------------------------------------------------------

    def written_name(self, typed: str, *, unicode: bool = True) -> str:
        """Return the name that a line begins with whose answer is typed: that of a whole array."""
        is_whole = bool(self._entries_of(typed))
        name = Name(self.question.equation.name) if is_whole else self.name(self.question)
        if not unicode:
            return formula_text(name)
        notation = notation_of(self.trace)
        return render(self.in_notation(name), "unicode", vocabulary=vocabulary(), notation=notation)

    def _questions_named(self, text: str) -> Sequence[int] | None:
        """Return the questions that a written name stands for: an entry, or all of an array.

        It is read as the checker reads it, so it may be words: `the loss`. None for the name of
        what nobody asks for, such as a given value.
        """
        lines = (f"{text} is 1", f"{text} = 1")
        chains = (chain for line in lines for chain in read_document(line, "txt", "").chains())
        tree = next((chain.sides[0].tree for chain in chains), None) if text else None
        spots = () if tree is None else self.traced.spots(tree, is_target=False)[:1]
        name = text.replace(" ", "")
        return [
            at
            for at, question in enumerate(self.questions)
            if {(question.equation.name, question.index), (question.equation.name, ())} & {*spots}
            or formula_text(self.name(question)).replace(" ", "") == name
        ] or (None if spots else ())

    def finding_on(self, name: str, typed: str, place: TextPlace) -> Finding | None:
        """Return what is said of a line `name = typed` that was guessed, without the right number.

        None where the name was not guessed, or where its value is seen and another one is written.
        """
        named, node = self.questions_named(name) or (), _last_number(typed)
        ats = [at for at in named if self.answers[at].outcome]
        if not ats:
            return None
        is_open = isinstance(node, Array) and len(ats) < len(named)
        shape, whole = self.questions[ats[0]].equation.shape, _trimmed_answer(typed)
        entries = _entry_texts(node, shape) if isinstance(node, Array) else {}
        texts = [entries.get(self.questions[at].index, whole) for at in ats]
        answers = [self.answers[at] for at in ats]
        if is_open or any(one.text != text for one, text in zip(answers, texts, strict=True)):
            if not is_open and all(answer.is_right for answer in answers):
                is_whole = len(named) == 1 or isinstance(node, Array)
                return None if is_whole else Finding("slip", place, typed)  # one number for many
            return Finding("not_checked", place, typed, reason="blank")
        worst = max(answers, key=lambda answer: WORSE.index(answer.outcome or "right"))
        assert worst.finding is not None, "what has an outcome was judged"
        return Finding(worst.finding.verdict, place, typed, kind=worst.finding.kind)

    # Moving -------------------------------------------------------------------------------------

    def to_step(self, step: int) -> None:
        """Go to the first value of a step, or of the next one that has any."""
        steps = [question.step for question in self.questions]
        self.at = next((at for at, each in enumerate(steps) if each >= step), self.at)

    def to_open(self, among: Sequence[int] = ()) -> bool:
        """Go to the next value without a right answer, past the end to the first one.

        With `among` only to one of these.
        """
        count = len(self.questions)
        ats = [(self.at + turn) % count for turn in range(1, count + 1)]
        is_open = {at: not self.answers[at].is_right for at in among or ats}
        self.at = next((at for at in ats if is_open.get(at)), self.at)
        return any(is_open.values())

    # Hints --------------------------------------------------------------------------------------

    def hint(self) -> None:
        """Give the next hint: 1 the rule, 2 the numbers, 3 the value."""
        if not self.answer.is_right:
            self.answer.hints = min(self.answer.hints + 1, STAGES)

    def show(self, among: Sequence[int]) -> None:
        """Take note that some values were shown: what was answered before stays answered."""
        for answer in (self.answers[at] for at in among):
            answer.hints = answer.hints if answer.is_right else STAGES

    def rules(self) -> list[Sentence]:
        """Return the first hint: which rule gives the value, and why.

        Of an entry it may be the whole array that there is more to say of.
        """
        equation = self.question.equation
        values = self._iteration.entries(equation.name)
        whole = self._narrator.step(self._iteration, equation, values).sentences
        sentences = max(self.steps[self.question].sentences, whole, key=len)
        own = say("Put the numbers into the formula, and work it out.")
        return drawn_formulas(sentences, self._textbook) or [own]

    # Judging ------------------------------------------------------------------------------------

    def judge(self, typed: str) -> Outcome:
        """Judge an answer: a number, or working that ends with one (`2·(0.5 − 2) = -3`).

        An array is as many answers as it has entries that are asked for: the worst of them counts,
        and one that is not right is asked for next. What cannot be read costs nothing.
        """
        entries = self._entries_of(typed)
        if entries:
            outcomes = []
            for at, text in entries:
                self.at = at
                outcomes.append(self.judge(text))
            worst = max(outcomes, key=WORSE.index)
            self.at = entries[outcomes.index(worst)][0]
            return worst
        answer = self.answer
        text = _trimmed_answer(typed)
        answer.note = _answer_refusal(text)
        if answer.note is None and answer.outcome == "wrong" and text == answer.text:
            answer.note = say("This is the same answer as before.")
        if answer.note is not None:
            return "unread"
        finding = self._judge_answer(text)
        answer.note = self._doubt(finding, text)
        if answer.note is not None or finding is None:
            return "unread"
        answer.text, answer.finding = text, finding
        answer.outcome = OUTCOMES.get(finding.verdict, "wrong")
        if answer.outcome == "wrong":
            number, value = _last_figure(text), self.steps[self.question].values[0]
            distance = abs(float(number.value) - value) if number else math.inf
            answer.is_near = distance < NEAR * abs(value)
            answer.wrong += 1
            if finding.kind is not None:
                self.slips[finding.kind] += 1
        return answer.outcome

    def _entries_of(self, typed: str) -> list[tuple[int, str]]:
        """Return the entries of a whole array that is typed: the question of each, and its text.

        Those that are right already, and those that nobody asks for, are left out; empty where the
        text is more than an array of the present equation's shape.
        """
        node = None if "=" in typed else _last_number(typed)
        texts = _entry_texts(node, self.question.equation.shape)
        if not isinstance(node, Array) or not texts:
            return []
        return [
            (at, texts[question.index])
            for at, (question, answer) in enumerate(zip(self.questions, self.answers, strict=True))
            if question.equation is self.question.equation and not answer.is_right
        ]

    def _judge_answer(self, text: str) -> Finding | None:
        """Return what is said of an answer.

        A number is right if it is the run's, or what the numbers give that are shown, the
        learner's own among them. Working may round on the way: it is right if it holds in itself
        and the checker accepts the whole line, which also says what is wrong in a slip.
        """
        by_number = self._judge_number(text)
        is_refuted = "=" in text and self._is_refuted(text)
        if by_number is not None and by_number.verdict != "slip" and not is_refuted:
            return by_number
        finding = self._judge_line(text)
        if finding is not None and finding.verdict == "slip":
            has_formula = "=" in text or by_number is None  # a formula was written
            is_its = has_formula or finding.kind != "wrong_formula"
            return finding if is_its else by_number
        is_open = finding is None or finding.verdict in ("not_checked", "undecided")
        if is_refuted or (by_number is not None and ("=" not in text or is_open)):
            return _number_finding(text, "slip", "wrong")
        if finding is not None and not is_open and self._rests_on_wrong():
            return replace(finding, verdict="carried_forward")
        return finding

    def _judge_number(self, text: str) -> Finding | None:
        """Return what is said of the number of an answer alone; None where it has none."""
        question, number, step = self.question, _last_figure(text), self.steps[self.question]
        bounds = self.traced.bounds((question.equation.name, question.index), self.number)
        value = bounds if isinstance(bounds, Interval) else None
        if number is None:
            return None
        if math.isclose(float(number.value), step.values[0], rel_tol=SAME):
            return _number_finding(text, "correct", "exact")  # all digits of the run's own float
        is_step = question.equation.phase == "update"  # as near as it is what was not updated
        if value is not None and (agreement := _figure_agreement(number, value, is_step=is_step)):
            return _number_finding(text, "correct", agreement)
        follows = self._shown_value(step)
        if follows is not None and (
            agreement := _figure_agreement(number, follows, is_step=is_step)
        ):
            verdict: Verdict = "carried_forward" if self._rests_on_wrong() else "correct"
            return _number_finding(text, verdict, agreement)
        return None if value is None else _number_finding(text, "slip", "wrong")

    def _shown_value(self, step: Step) -> Interval | None:
        """Return what the numbers give that are shown; None where none is the learner's own."""
        numbers_above = self.known_numbers()
        if not any(item.is_own for item in numbers_above):
            return None
        numbers = put_in(step.formula, {item.name: item.value for item in numbers_above})
        try:
            value = value_of(numbers, {})
        except Unevaluable:
            return None
        return value if isinstance(value, Interval) else None

    def _rests_on_wrong(self) -> bool:
        """Tell whether a wrong value of the learner's own goes into the present one."""
        own = {place_of(item.name) for item in self.known_numbers() if item.is_own}
        return any(
            answer.outcome in ("wrong", "carried")
            and {(question.equation.name, question.index), (question.equation.name, ())} & own
            for question, answer in zip(self.questions[: self.at], self.answers, strict=False)
        )

    def _is_refuted(self, text: str) -> bool:
        """Tell whether working is wrong in itself, its number rounded: `2*(0.6 - 2) = -2.9`."""
        exact = _last_finding([text], None)
        if exact is None or exact.verdict != "slip":
            return False
        working, _, number = text.rpartition("=")
        rounded = _last_finding([f"{working} ≈ {number}"], None)
        if rounded is not None and rounded.verdict in ("correct", "rounding"):
            return False
        return not _follows_from_rounded(text)

    def _judge_line(self, text: str) -> Finding | None:
        """Return what the checker says of an answer, written as a line of a calculation.

        Where a wrong number of the learner's own goes into it, the formula and its numbers stand on
        the line too: they are what is given, and the run is not asked.
        """
        name = formula_text(self.name(self.question))
        if not self._rests_on_wrong():
            return _last_finding([f"Iteration {self.number}", f"{name} = {text}"], self.traced)
        numbers, formula = self.known_numbers(), self.steps[self.question].formula
        sides = [name, formula_text(formula), text]
        if "=" not in text:
            values = {item.name: item.value for item in numbers}
            sides.insert(2, formula_text(put_in(formula, values)))
        givens = [f"{formula_text(item.name)} = {formula_text(item.value)}" for item in numbers]
        line = " = ".join(side for side in sides if "#" not in side)  # a # begins a comment
        return _last_finding([*givens, line], None)

    @cached_property
    def traced(self) -> TracedView:
        """The run as the checker sees it."""
        return TracedView(self.trace)

    def _doubt(self, finding: Finding | None, text: str) -> Sentence | None:
        """Return why an answer could not be judged, or is too coarse to be one."""
        if finding is None:
            return UNREAD
        if finding.verdict in ("not_checked", "undecided"):
            return finding.message or say("This could not be judged; write it another way.")
        if finding.verdict != "slip" and finding.tier != "exact" and self._is_coarse(text):
            return say("Too few digits to judge it by: write one more.")
        return None

    def _is_coarse(self, text: str) -> bool:
        """Tell whether an answer is rounded to so few digits that it shows no work."""
        number, result = _last_figure(text), self.steps[self.question].result
        exact = None if result is None else figure(result)
        if number is None or exact is None or number.half == 0:
            return False
        is_coarse = number.digits < LEAST_DIGITS or number.value == 0
        return is_coarse and number.value != exact.value

    @property
    def hidden_questions(self) -> list[int]:
        """The questions whose value is neither answered nor shown by the last hint."""
        return [at for at, answer in enumerate(self.answers) if not answer.is_seen]

    @property
    def seen_entries(self) -> list[tuple[Question, Answer]]:
        """The other entries of the step whose value is seen, and what was done with each."""
        pairs = zip(self.questions, self.answers, strict=True)
        return [
            (question, answer)
            for question, answer in pairs
            if question.step == self.question.step and answer.is_seen and answer is not self.answer
        ]

    # The score ----------------------------------------------------------------------------------

    def answers_by_phase(self) -> dict[Phase, list[Answer]]:
        """Return the answers of each phase, in order."""
        phases: dict[Phase, list[Answer]] = {}
        for question, answer in zip(self.questions, self.answers, strict=True):
            phases.setdefault(question.equation.phase, []).append(answer)
        return phases

    @property
    def total(self) -> tuple[int, int]:
        """The points reached, and those of all values."""
        return points_of(self.answers)

    @property
    def is_begun(self) -> bool:
        """Whether anything was answered or hinted at."""
        return any(answer.outcome or answer.hints for answer in self.answers)


def points_of(answers: Sequence[Answer]) -> tuple[int, int]:
    """Return the points that some answers reached, and those that they could reach."""
    return sum(answer.points for answer in answers), POINTS * len(answers)


def _asked_entries(shape: Shape) -> Sequence[Shape]:
    """Return the entries that are asked for: all of a small array, a few of a large one."""
    size = math.prod(shape)
    if size > MOST_WHOLE:
        spread = {round(at * (size - 1) / (MOST_ASKED - 1)) for at in range(MOST_ASKED)}
        return [unravel(at, shape) for at in sorted(spread)]
    return list(indices_of(shape))


def _entry_texts(node: Node | None, shape: Shape) -> dict[Shape, str]:
    """Return the entries of a written array by their indices; none of another shape's."""
    if node is None or isinstance(node, Array) != bool(shape):
        return {}
    if not isinstance(node, Array):
        return {(): formula_text(node)}
    rows = [_entry_texts(item, shape[1:]) for item in node.items]
    if len(rows) != shape[0] or not all(rows):
        return {}
    return {(at, *index): text for at, row in enumerate(rows) for index, text in row.items()}


def is_number_alone(text: str) -> bool:
    """Tell whether all sides of a text are numbers, or are worked out of numbers alone."""
    return all(_last_number(side) is not None for side in text.split("="))


def _trimmed_answer(typed: str) -> str:
    return " ".join(typed.split()).strip("= ")


def _last_number(text: str) -> Node | None:
    """Return the number that an answer ends with; None where it is none alone."""
    last = text.rpartition("=")[2].strip()
    if not last:
        return None
    try:
        node = parse(last, "unicode", vocabulary=vocabulary())
    except TracerError:
        return None
    return None if any(isinstance(part, Name) for part in walk(node)) else node


def _last_figure(text: str) -> Figure | None:
    """Return the figure that an answer ends with; None where it is none."""
    node = _last_number(text)
    return None if node is None else figure(node)


def _figure_agreement(written: Figure, value: Interval, *, is_step: bool) -> Tier | None:
    """Return how near a figure is to a value; None where it is not that value.

    Cut off, or with another last digit, it has three digits, and there was something to round. With
    more digits it may come from rounded numbers: then the value has the same first three. The
    result of a step, which may be as small as that, has to be nearer.
    """
    agreement = tier(written, value)
    if agreement in SURE:
        return agreement
    middle, unit = float(value.low + value.high) / 2, 10.0**-written.decimals
    if agreement not in LOOSE and middle and not is_step:
        # The place of the third digit.
        place = math.floor(math.log10(abs(middle))) + 1 - LEAST_LOOSE
        is_near = abs(float(written.value) - middle) <= 10.0**place / 2
        agreement = "within_rounding" if is_near and written.decimals > -place else agreement
    rounding = abs(round(middle / unit) - middle / unit)
    is_rounded = written.digits >= LEAST_LOOSE and rounding > UNROUNDED
    return agreement if agreement != "wrong" and is_rounded else None


def _last_finding(lines: Sequence[str], view: RunView | None) -> Finding | None:
    """Return the checker's finding on the last of some lines, beside a run or without one."""
    document = read_document("\n".join(lines), "txt", "answers")
    report = check_lines(document, view, is_one_example=True)
    here = [finding for finding in report.findings if finding.place.line == len(lines)]
    return min(here, key=lambda finding: finding.verdict != "slip", default=None)


def _number_finding(text: str, verdict: Verdict, found: Tier) -> Finding:
    """Return the finding on an answer by its number alone."""
    return Finding(verdict, TextPlace(1, 0, len(text)), text, tier=found)


def _follows_from_rounded(text: str) -> bool:
    """Tell whether working gives its number where each decimal figure may have been rounded.

    What a learner puts in are the numbers shown, or those with fewer digits: 0.32 for 0.31598.
    """
    document = read_document(text, "txt", "answers")
    sides = [side.tree for chain in document.chains() for side in chain.sides]
    trees = [tree for tree in sides if tree is not None]
    numbers = [number for tree in trees for number in numbers_in(tree)]
    ranges = {id(each): around(each.value, half_place(each) or Fraction(0)) for each in numbers}
    try:
        values = [value_of(tree, {}, ranges) for tree in trees]
    except Unevaluable:
        return False
    return 1 < len(values) == len(sides) and all(do_meet(*pair) for pair in pairwise(values))


def _answer_refusal(text: str) -> Sentence | None:
    """Return why a text is no answer, before anything is judged."""
    if not text:
        return say("Type a number, or the working and the number.")
    if len(text) > MOST_ANSWER:
        return say("An answer has at most {most} characters.", most=str(MOST_ANSWER))
    node = _last_number(text)
    if "#" in text or node is None:
        return UNREAD
    if figure(node) is None and not isinstance(node, Array):
        return say(
            "{text} is the working. Now type the number that it comes to, such as -3, 0.25 or 1/3.",
            text=text,
        )
    return None


class Predictions:
    """The practices of a run's iterations, and what was typed at its steps.

    A step is open as long as a value of it is hidden. `drafts` are the texts that were typed and
    not judged, by iteration and step.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.trace = session.trace
        self.drafts: dict[tuple[int, int], str] = {}
        self.practices: dict[int, Practice] = {}  # the practice of each iteration

    def find_practice(self, progress: Callable[[int, int], object] | None = None) -> Practice:
        """Return the practice of the present iteration, made where it is not there yet."""
        session, number = self.session, self.session.place.iteration
        if number not in self.practices:
            self.practices[number] = Practice(
                self.trace,
                number,
                digits=session.digits,
                style=session.style,
                progress=progress,
            )
        return self.practices[number]

    def begin_again(self) -> None:
        """Forget what was answered and hinted at in the present iteration."""
        self.practices.pop(self.session.place.iteration, None)

    @property
    def practice(self) -> Practice | None:
        """The practice of the present iteration; None before it was looked for."""
        return self.practices.get(self.session.place.iteration)

    @property
    def is_open(self) -> bool:
        """Whether a value of the present step is hidden; the next of them is asked for then.

        As long as nobody knows which values are asked for, all are hidden.
        """
        practice, step = self.practice, self.session.place.step
        if practice is None:
            return True
        hidden = [at for at in practice.hidden_questions if practice.questions[at].step == step]
        if hidden and practice.at not in hidden:
            practice.at = hidden[0]
        return bool(hidden)

    def first_hidden_step(self, begin: int) -> int | None:
        """Return the first step from `begin` on with a hidden value; None without one."""
        practice = self.practice
        if practice is None:
            return begin
        steps = (practice.questions[at].step for at in practice.hidden_questions)
        return next((step for step in steps if step >= begin), None)

    @property
    def answers(self) -> list[Answer]:
        """The answers for the values of the present step; none where there are too many."""
        practice, step = self.practice, self.session.place.step
        if practice is None:
            return []
        answers = zip(practice.questions, practice.answers, strict=True)
        return [answer for question, answer in answers if question.step == step]
