"""Points for a filled worksheet, in the manner of British mark schemes.

A blank for working is worth one method point, a blank for a result one accuracy point. A result
that is right only from an earlier wrong figure of the writer's own earns its point as one that is
carried forward: so each slip costs one point, where it was made. It takes a working to show that
it follows: one figure in every blank agrees with itself, and earns nothing. What is right and what
is wrong is the checker's verdict; nothing is worked out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeGuard

from tracer.check.arithmetic.figures import Figure, figure
from tracer.check.compare.bounded_values import entries_of
from tracer.check.document_lines import check_lines
from tracer.check.judge.chain_work import joined_chains
from tracer.check.model.finding import ComparedPair, FileReport, Finding
from tracer.check.model.marks import LineMarks, Mark, Marks
from tracer.check.model.statements import (
    EquationChain,
    Side,
    StageMarker,
    Statement,
    TextPlace,
    WorkedDocument,
)
from tracer.check.model.written_trees import entries_in, names_in, numbers_in
from tracer.check.read.document_entry import read_document
from tracer.check.read.reader import MAX_LINE
from tracer.check.trace.traced_view import TracedView
from tracer.errors import TracerError, printable
from tracer.expression import PATH_WORDS, Array, Call, Node, Tuple, walk
from tracer.expression.lexer import fold_signs
from tracer.frozen import replace
from tracer.intervals import value_or_none
from tracer.sentences import Sentence, say
from tracer.worksheets.worksheet_making import (
    BLANK,
    Recipe,
    Worksheet,
    WorksheetLine,
    WorksheetNotation,
    check_harmless,
    given_rows,
    not_a_worksheet,
    read_recipe,
    recipe_of,
    stated_recipe,
)

ENOUGH_DIGITS: Final = 3  # significant digits that every result may be given to
GOOD_TIERS: Final = ("exact", "rounded", "rounded_from_unrounded", "chopped", "last_digit",
                     "within_rounding")  # fmt: skip
MOST_SHOWN: Final = 60  # characters quoted from what could not be read
_DECIMAL_COMMA: Final = re.compile(r"[0-9],[0-9]")
# What shows that a figure is not all of an answer: `1.5 or 1.6`, `0.5 *`.
_ANOTHER: Final = re.compile(r"\s*(?:(?:or|或者?|/|±|\+/-)\s*[-−+]?[0-9]|[-−+*/×·^]\s*$)")
_FIGURE: Final = re.compile(r"-?[0-9.]+")
_EMPTY: Final = re.compile(r"[\s_=□▢☐]*")
_PATHS: Final = tuple(f"_{{{word}" for word in PATH_WORDS)
_PATH_WORD: Final = re.compile(r"_\{\w+\s")
_QUOTES: Final = str.maketrans("’‘′`´", "'''''")


class FilledLine(NamedTuple):
    """A line of a worksheet in a file: where it is, and what stands for working and result.

    What was left blank, or is not asked for, is ''.
    """

    line: int  # line of the file, counted from 1
    parts: Mapping[str, str]


def _find_filled_line(
    line: WorksheetLine, texts: Sequence[str], begins: Mapping[int, int]
) -> FilledLine | None:
    """Return what stands in the blanks of a line; `begins` says where the iterations begin.

    Where the heading of its own is gone, it is looked for below the one before. The last one that
    has anything in it counts; None where the line is not there.
    """
    before = [number for number in begins if number <= line.iteration]
    if not before or BLANK not in line.text(answers=False):
        return None
    begin = begins[max(before)]
    end = min((at for at in begins.values() if at > begin), default=len(texts))
    looks = _blank_patterns(line)
    filled: FilledLine | None = None
    for number in range(begin, end):
        text = texts[number]
        places = _blank_places(looks, fold_signs(text).translate(_QUOTES))
        if places is None:
            continue
        parts = {
            part: "" if _EMPTY.fullmatch(stood := text[slice(*place)]) else stood.strip()
            for part, place in zip("wr" if "w" in line.blanks else "r", places, strict=False)
        }
        if filled is None or any(parts.values()):
            filled = FilledLine(number + 1, parts)
    return filled


def _blank_patterns(line: WorksheetLine) -> list[re.Pattern[str]]:
    """Return what stands around the blanks of a line, spaces where one likes."""
    segments = line.text(answers=False).split(BLANK)
    looks = [r"\s*".join(map(_word_pattern, fold_signs(segment).split())) for segment in segments]
    looks[0] = r"[\s>*+.-]*" + looks[0]
    return [*map(re.compile, looks)]


def _blank_places(looks: Sequence[re.Pattern[str]], text: str) -> list[tuple[int, int]] | None:
    """Return where each blank of a line stands; None where the text is another line.

    What stands around the blanks is looked for from one to the next, so that this takes no longer
    than to read the line, whatever is in it.
    """
    if len(text) > MAX_LINE:
        return None
    first, *others = looks
    begins = first.match(text)
    if begins is None:
        return None
    last = begins.end()
    places: list[tuple[int, int]] = []
    for number, look in enumerate(others, 1):
        if number == len(others) and not look.pattern:  # the blank is the end of the line
            places.append((last, len(text)))
            return places
        match = look.search(text, last)
        while match is not None and number == len(others) and text[match.end() :].strip():
            # The words behind the last blank end the line.
            match = look.search(text, match.start() + 1)
        if match is None:
            return None
        places.append((last, match.start()))
        last = match.end()
    return places


def _word_pattern(word: str) -> str:
    """Return how a word of a line may be written: the word of a path in any language."""
    if word.endswith(_PATHS):
        return re.escape(word[: word.rindex("{") + 1].translate(_QUOTES)) + r"\w+"
    return "[=≈]" if word in ("=", "≈") else re.escape(word.translate(_QUOTES))


def mark_own_worksheet(document: WorkedDocument, scenario: str | None = None) -> FileReport:
    """Return the report on a worksheet, or a key, with the numbers that its front matter names.

    They are set in the `scenario` that the user names, if any. A key has no points. Raises
    TracerError where that names a file, or anything but numbers.
    """
    is_key = document.lines[1].startswith("worksheet-key:")
    recipe = read_recipe(document.lines, key=is_key, path=document.path, scenario=scenario)
    if recipe is None:
        raise not_a_worksheet(document.path)
    check_harmless(recipe, document.path, scenario)
    sheet = recipe_of(recipe)
    view = TracedView(sheet.trace)
    if is_key:
        return check_lines(_as_markdown(document), view, is_one_example=True)
    return mark_document(document, sheet, view)


def mark_document(document: WorkedDocument, sheet: Worksheet, view: TracedView) -> FileReport:
    """Return the report on a filled worksheet with its points; `sheet` is from the key."""
    document = _as_markdown(document)
    iterations = (at for at, each in enumerate(document.statements) if _begins_iteration(each))
    # What is given, the key alone says.
    own = joined_chains(document.statements[next(iterations, 0) :])
    chains: dict[str, list[EquationChain]] = {}
    statements: list[Statement] = []
    paths = {
        _without_words(each.text(answers=answers))
        for each in sheet.lines
        for answers in (False, True)
        if each.is_of_paths
    }
    printed = {each.label: each for each in sheet.lines if each.result and "r" not in each.blanks}
    for item, labels in _with_labels([*own], view):
        if isinstance(item, EquationChain):
            if _without_words(document.lines[item.place.line - 1]) in paths:
                continue  # nothing is asked of it, and its terms have no names
            item = _without_printed(item, [printed[each] for each in labels if each in printed])
            for label in labels:
                chains.setdefault(label, []).append(item)
        statements.append(item)
    document = replace(document, statements=statements)
    report = check_lines(document, view, is_one_example=True)
    by_place = {finding.place: finding for finding in report.findings}
    begins = {it.number: it.place.line - 1 for it in document.statements if _begins_iteration(it)}
    lines = tuple(
        _best_marks(
            line,
            chains.get(line.label, []),
            by_place,
            _find_filled_line(line, document.lines, begins or {1: 0}),
            document.lines,
            sheet.recipe.digits,
        )
        for line in sheet.lines
        if line.blanks
    )
    altered = [*_altered_given(document, sheet), *_altered_results(printed, chains)]
    remarks = tuple(_document_remarks(document, sheet.recipe, altered))
    return replace(report, marks=Marks(lines, sheet.recipe.seed, remarks))


def _altered_given(document: WorkedDocument, sheet: Worksheet) -> Iterator[tuple[str, str, str]]:
    """Yield each given value that a file has changed: its name, the value, and the changed text.

    A row that comes again is given for one iteration.
    """
    rows: dict[str, str] = {}
    for line in document.lines:
        cells = [cell.strip().strip("`") for cell in line.split("|")]
        if len(cells) == 4:
            rows.setdefault(_without_blanks(cells[1]), cells[2])
    for name, value in given_rows(sheet, WorksheetNotation(sheet.recipe, sheet.trace)):
        text = rows.get(_without_blanks(name), value)
        if _FIGURE.findall(fold_signs(text)) != _FIGURE.findall(fold_signs(value)):
            yield name, value, text


def _altered_results(
    printed: Mapping[str, WorksheetLine], chains: Mapping[str, Sequence[EquationChain]]
) -> Iterator[tuple[str, str, str]]:
    """Yield the results that a worksheet prints and no line of a file has as they were printed."""
    for label, line in printed.items():
        own = chains.get(label, ())
        results = [item.sides[-1].written.text for item in own if len(item.sides) > 2]
        if results and not any(item.printed for item in own):
            yield line.title, line.result, results[-1]


def _as_markdown(document: WorkedDocument) -> WorkedDocument:
    """Return a worksheet that was saved as plain text read as the Markdown that it is."""
    if document.kind != "txt" or not document.lines or document.lines[0].rstrip() != "---":
        return document
    return read_document("\n".join(document.lines), "md", document.path)


def _document_remarks(
    document: WorkedDocument, recipe: Recipe, altered: Iterable[tuple[str, str, str]]
) -> Iterator[Sentence]:
    """Yield a remark where a file says that it is a key, or has other numbers than the key."""
    own, is_key = _stated_identity(document)
    if own is not None and own.seed != recipe.seed:
        yield say(
            "The file is the worksheet of seed {own}; it was marked with the key of seed {seed}.",
            own=own.seed,
            seed=recipe.seed,
        )
        return
    if is_key:
        yield say("This file is a key: it already contained the answers.")
    for name, printed, text in altered:
        yield say(
            "{name}: the worksheet says {printed}, this file {found}; it was marked with the "
            "worksheet's.",
            name=name,
            printed=printed,
            found=_shorten_text(text),
        )


def _stated_identity(document: WorkedDocument) -> tuple[Recipe | None, bool]:
    """Return the recipe in the front matter of a file, if any, and whether the file is a key."""
    for key in (False, True):
        try:
            own = stated_recipe(document.lines, key=key, path=document.path)
        except TracerError:
            continue
        if own is not None:
            return own, key
    return None, False


def mark_submission(document: WorkedDocument, sheet: Worksheet, view: TracedView) -> FileReport:
    """Return the report on a worksheet that was handed in, with its points.

    Raises TracerError where it has no line of the sheet, or says that it is of another scenario.
    """
    report, (own, _) = mark_document(document, sheet, view), _stated_identity(document)
    assert report.marks is not None
    is_same = own is None or Path(own.scenario).stem == Path(sheet.recipe.scenario).stem
    if report.marks.is_there and is_same:
        return report
    raise TracerError(_other_worksheet_reason(document, own, sheet), where=document.path)


def _other_worksheet_reason(
    document: WorkedDocument, own: Recipe | None, sheet: Worksheet
) -> Sentence:
    """Return why a file is not the worksheet that was expected."""
    words = _worksheet_words(sheet.recipe)
    if not any(map(str.strip, document.lines)):
        return say("the file is empty; expected {wanted}", wanted=words)
    if own is not None:
        return say("this is {own}; expected {wanted}", own=_worksheet_words(own), wanted=words)
    return say("no line of the worksheet is in it; expected {wanted}", wanted=words)


def _worksheet_words(recipe: Recipe) -> Sentence:
    return say(
        "the worksheet of {scenario}, seed {seed}", scenario=recipe.scenario, seed=recipe.seed
    )


# Which chain is which line


def _with_labels(
    statements: Sequence[Statement], view: TracedView
) -> Iterator[tuple[Statement, Sequence[str]]]:
    """Yield statements in their order, each with the labels `iteration: name` that it may have.

    Where the heading of an iteration is gone, a forward line that comes again begins it.
    """
    labelled: set[str] = set()
    headings = {item.number for item in statements if _begins_iteration(item)}
    iteration = 0 if headings else 1  # before the first iteration the equations stand
    for item in statements:
        labels: Sequence[str] = ()
        if _begins_iteration(item):
            iteration = item.number
        elif (
            isinstance(item, EquationChain) and not item.is_claim and item.sides[0].tree is not None
        ):
            names = list(_possible_names(item.sides[0], view))
            again = any(f"{iteration}: {name}" in labelled for name in names)
            forward = any(view.phase((name, ())) in ("forward", "loss") for name in names)
            if again and forward and iteration and iteration + 1 not in headings:
                iteration += iteration < view.iterations
            labels = [f"{iteration}: {name}" for name in names]
            labelled.update(labels)
        yield item, labels


def _without_printed(chain: EquationChain, lines: Sequence[WorksheetLine]) -> EquationChain:
    """Return a chain without the sides that the worksheet printed, which are not marked.

    What is left of a line of which nothing was asked for is its formula.
    """
    last = chain.sides[-1]
    text = _without_blanks(last.written.text)
    for line in lines:
        if len(chain.sides) > 2 and text == _without_blanks(line.result):
            sides = chain.sides[: -1 if line.blanks else 2]
            return replace(chain, sides=sides, printed=last)
    return chain


def _begins_iteration(item: object) -> TypeGuard[StageMarker]:
    return isinstance(item, StageMarker) and item.kind == "iteration"


def _possible_names(side: Side, view: TracedView) -> Iterator[str]:
    """Yield the names that the left side of a chain may mean, as lines of worksheets have them."""
    assert side.tree is not None
    text = " ".join(side.written.text.split())
    yield text
    spots = view.spots(side.tree, is_target=True)
    if spots:
        name, index = spots[0][0], spots[0][1]
        full = f"{name}[{', '.join(map(str, index))}]" if index else name
        if full != text:
            yield full


def _best_marks(
    line: WorksheetLine,
    chains: Sequence[EquationChain],
    findings: Mapping[TextPlace, Finding],
    stood: FilledLine | None,
    lines: Sequence[str],
    digits: int,
) -> LineMarks:
    """Return the marks of a line; where it was written more than once, of the last fullest one."""
    if chains:
        chain = max(reversed(chains), key=lambda item: len(item.sides))
        parts = {} if stood is None else stood.parts
        finding = findings.get(chain.place) or Finding("not_checked", chain.place, chain.text)
        marks = _Marker(line, chain, finding, parts, lines, digits).marks()
        return _credit_key(marks, line, parts)
    if stood is None:
        note = say("this line is missing")
        return LineMarks(
            line.title, _mark_asked_for(line, "w"), _mark_asked_for(line, "r"), 0, (note,)
        )
    unread = tuple(_shorten_text(text) for text in stood.parts.values() if text)
    method, accuracy = (
        "unread" if stood.parts.get(part) else _mark_asked_for(line, part) for part in ("w", "r")
    )
    marks = LineMarks(
        line.title, method, accuracy, stood.line, tuple(map(_unread_words, unread)), unread
    )
    return _credit_key(marks, line, stood.parts)


def _credit_key(marks: LineMarks, line: WorksheetLine, stood: Mapping[str, str]) -> LineMarks:
    """Return marks with the point for text that could not be read but is the same in the key."""
    parts = {"w": (marks.method, line.working), "r": (marks.accuracy, line.result)}
    answers = {
        part: _shorten_text(stood[part])
        for part, (mark, own) in parts.items()
        if mark == "unread" and _without_blanks(stood.get(part, "")) == _without_blanks(own)
    }
    method, accuracy = ("earned" if part in answers else mark for part, (mark, _) in parts.items())
    is_left = not answers or "unread" in (method, accuracy)
    return marks._replace(
        method=method,
        accuracy=accuracy,
        notes=tuple(
            note
            for note in marks.notes
            if is_left and note.slots.get("text") not in answers.values()
        ),
        unread=tuple(text for text in marks.unread if is_left and text not in answers.values()),
    )


def _without_blanks(text: str) -> str:
    return "".join(fold_signs(text).split())


def _without_words(text: str) -> str:
    """Return a line without blanks and without the word of a path, in whatever language."""
    return _without_blanks(_PATH_WORD.sub("_{", text))


def _unread_words(shown: str) -> Sentence:
    """Return what is said of something in a blank that could not be read."""
    return say("not read: {text}; mark it by hand", text=shown)


def _shorten_text(text: str) -> str:
    return printable(text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…")


def _mark_asked_for(line: WorksheetLine, part: str) -> Mark | None:
    return "blank" if part in line.blanks else None


# The points of a line


class _Marker:
    """The marking of one line: `stood` is what stands in its blanks, `lines` is the whole file."""

    def __init__(
        self,
        line: WorksheetLine,
        chain: EquationChain,
        finding: Finding,
        stood: Mapping[str, str],
        lines: Sequence[str],
        digits: int,
    ) -> None:
        self.line: Final = line
        self.chain: Final = chain
        self.finding: Final = finding
        self.stood: Final = stood
        self.lines: Final = lines
        self.digits: Final = digits
        self.notes: list[Sentence] = []
        self.unread: list[str] = []
        last = chain.sides[-1]
        is_given = len(chain.sides) > 1 and last.tree is not None and _is_result(last.tree)
        self.result: Final = last if is_given else None  # the last side: a figure, or an array
        self.figures: Final = (
            [*filter(None, _entry_figures(last.tree))] if is_given and last.tree is not None else []
        )

    def marks(self) -> LineMarks:
        """Return the points and what is said of them."""
        method = self._method() if "w" in self.line.blanks else None
        accuracy = self._accuracy() if "r" in self.line.blanks else None
        if accuracy == "carried" and method in ("blank", "lost") and self._working is None:
            accuracy = "lost"
            if self.finding.verdict == "carried_forward":
                self.notes.append(say("no working shows that this follows from an earlier figure"))
        elif accuracy == "carried" and any(own.value in (0, 1) for own in self.figures):
            self.notes.append(
                say("the wrong start made this 0 or 1, so that it says little about the method")
            )
        if self.finding.message and "lost" in (method, accuracy):
            self.notes.append(self.finding.message)
        number = self.chain.place.line
        return LineMarks(
            self.line.title, method, accuracy, number, tuple(self.notes), tuple(self.unread)
        )

    # What was written

    @cached_property
    def _working(self) -> Side | None:
        """The member that shows the numbers put in; None where its blank is empty."""
        if self.stood.get("w") == "":
            return None
        return next(
            (
                side
                for side in reversed(self.chain.sides[1:])
                if side is not self.result
                and side.tree is not None
                # Numbers are put in: no name is left, or not all are.
                and (
                    not names_in(side.tree)
                    or any("." in number.text for number in numbers_in(side.tree))
                )
                and any(isinstance(part, Call) for part in walk(side.tree))
                and not _is_result(side.tree)
            ),
            None,
        )

    def _unread(self, part: Literal["w", "r"]) -> Mark:
        """Return the mark of something that is not there.

        It was left blank, or cannot be read, or a result stands in place of a working.
        """
        text = self.stood.get(part)
        if text is None:  # the line was written anew
            problems = [item.problem for item in self.chain.sides if item.problem is not None]
            text = next((item.text for item in problems if item.reason != "blank"), "")
        if part == "w" and any(
            side.tree is not None and _is_result(side.tree) and side.written.text.strip() == text
            for side in self.chain.sides[1:]
        ):
            return self._lose_working(text or "")
        if text:
            self.unread.append(_shorten_text(text))
            self.notes.append(_unread_words(self.unread[-1]))
        return "unread" if text else "blank"

    def _lose_working(self, text: str) -> Mark:
        """Return the mark of a result in place of a working."""
        self.notes.append(
            say("{figure} is a result: it shows no working", figure=_shorten_text(text))
        )
        return "lost"

    def _may_have_decimal_commas(self, result: Side) -> bool:
        """Say whether what is wrong may be a number, or an array of numbers, with commas."""
        text = result.written.text
        if "." in text or not _DECIMAL_COMMA.search(text):
            return False
        is_list = isinstance(result.tree, (Array, Tuple))
        return not is_list or len(self.figures) != len(self.line.figures)

    def _mark_by_hand(self, part: Literal["w", "r"]) -> Mark:
        """Return the mark of what was read and could not be checked."""
        self.unread.append(_shorten_text(self.stood.get(part, "") or self.chain.text))
        self.notes.append(say("this could not be checked; mark it by hand"))
        return "unread"

    def _is_unclear(self, result: Side) -> bool:
        """Say whether it is not clear what the result is: something follows it."""
        place = result.written.place()
        after = self.lines[place.line - 1][place.end :]
        return _ANOTHER.match(after) is not None

    # Judging

    def _method(self) -> Mark:
        working, verdict = self._working, self.finding.verdict
        if working is None:
            return self._unread("w")
        is_open = verdict == "undecided" and not self._is_working_right(working)
        if is_open or verdict == "not_checked":
            return self._mark_by_hand("w")
        return "lost" if self._is_working_wrong() else "earned"

    def _accuracy(self) -> Mark:
        if self.result is None or self._is_unclear(self.result):
            return self._unread("r")
        finding = self.finding
        if finding.verdict == "not_checked":
            return self._mark_by_hand("r")
        if finding.world == "earlier_iteration":
            return "lost"  # a worksheet asks for the value of this iteration
        if self._all_agree(self._sides_with_run[-1:]) or finding.verdict in ("correct", "rounding"):
            return self._accuracy_of_result()
        if finding.verdict == "carried_forward":
            return "carried"
        is_wrong = self.chain.is_certain and {
            pair.tier for pair in (*self._neighbouring_pairs[-1:], *self._sides_with_run[-1:])
        } == {"wrong"}
        is_open = finding.verdict == "undecided" and not is_wrong
        if is_open or self._may_have_decimal_commas(self.result):
            return self._mark_by_hand("r")
        working, follows = self._working, self._all_agree(self._neighbouring_pairs[-1:])
        if "w" not in self.line.blanks or not self._is_working_wrong() or not follows:
            return "lost"
        tree = None if working is None else working.tree
        result = self.result.tree
        if working and tree and result and self._only_repeats_result(tree, result):
            return self._lose_working(working.written.text.strip())
        return "carried"

    def _only_repeats_result(self, working: Node, result: Node) -> bool:
        """Tell whether a working is its own result, `99·1 = 99`, and no other part is right."""
        wrong = self.finding.written or ""
        figures = [each for each in numbers_in(working) if each.value not in (0, 1)]
        is_whole = all(each.text in wrong for each in figures)
        return is_whole and {each.value for each in figures} <= {
            each.value for each in numbers_in(result)
        }

    def _is_working_wrong(self) -> bool:
        """Tell whether the slip of the line is in its working, and not in its result."""
        is_before = any(pair.tier == "wrong" for pair in self._neighbouring_pairs[:-1])
        follows = self._working is not None and self._all_agree(self._neighbouring_pairs[-1:])
        return self.finding.verdict == "slip" and (self.result is None or is_before or follows)

    @cached_property
    def _neighbouring_pairs(self) -> Sequence[ComparedPair]:
        """The pairs of neighbouring sides."""
        return [pair for pair in self.finding.pairs if pair.right]

    @cached_property
    def _sides_with_run(self) -> Sequence[ComparedPair]:
        """The sides that were compared with the run, the result last."""
        return [pair for pair in self.finding.pairs if not pair.right]

    def _is_working_right(self, working: Side) -> bool:
        """Tell whether the numbers are those of the formula, or give the result of the run."""
        text = working.written.text.strip()
        return any(
            pair.right == text and self._all_agree([pair]) for pair in self._neighbouring_pairs
        ) or (
            self._all_agree(self._sides_with_run[-1:])
            and self._all_agree(self._neighbouring_pairs[-1:])
        )

    @staticmethod
    def _all_agree(pairs: Sequence[ComparedPair]) -> bool:
        """Tell whether there are pairs, and each agrees."""
        return bool(pairs) and all(pair.tier in GOOD_TIERS for pair in pairs)

    def _accuracy_of_result(self) -> Mark:
        """Return the mark of a right result: it has enough digits, or all that its figures give."""
        working = self._working
        value = None if working is None or working.tree is None else value_or_none(working.tree)
        ends = set() if value is None else {each.low for each in entries_of(value) if each.is_exact}
        if len(self.figures) == len(self.line.figures):
            for own, text in zip(self.figures, self.line.figures, strict=True):
                digits = text.lstrip("-").partition("e")[0].replace(".", "").lstrip("0")
                least = min(max(1, len(digits)), self.digits, ENOUGH_DIGITS)
                if own.half and own.digits < least and own.value not in ends:
                    self.notes.append(
                        say(
                            "{figure} is right, but has too few digits: at least {digits}",
                            figure=own.text,
                            digits=least,
                        )
                    )
                    return "lost"
        return "earned"


def _entry_figures(node: Node) -> list[Figure | None]:
    """Return the figures of a result, a row or a column, row by row; None for what is none."""
    is_turned = isinstance(node, Call) and node.operation == "transpose_last"
    return [*map(figure, entries_in(node.children()[0] if is_turned else node))]


def _is_result(node: Node) -> bool:
    """Tell whether a tree is a figure, or an array of figures."""
    return None not in _entry_figures(node)
