"""Points: each slip costs one, where it was made; what follows from it is carried forward."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.check.model.finding import FileReport
from tracer.check.model.marks import LineMarks, Marks
from tracer.check.read.document_entry import read_document
from tracer.check.trace.traced_view import TracedView
from tracer.document_check import check_text
from tracer.render.report_json import report_json
from tracer.sentences import plain_text
from tracer.worksheets.marking import mark_document
from tracer.worksheets.worksheet_making import (
    BLANK,
    Worksheet,
    make_worksheet,
    recipe_of,
    worksheet_text,
)

SETTINGS = ("w=0.3", "x=[5, 4, 3]", "y=[8, 6, 7]", "learning_rate=0.05")
SHEET = make_worksheet(
    "one_weight", seed=7, share=1, iterations=2, settings=SETTINGS, notation="code"
)
NUMBERS = {line.label: line for line in SHEET.lines}


def marked(changes: dict[str, str], sheet: Worksheet = SHEET) -> FileReport:
    """Return the report on the key in which some lines, by label, have other right sides."""
    text = worksheet_text(sheet, str, answers=True).replace("worksheet-key:", "worksheet:")
    begin, *parts = text.split("## Iteration ")
    told = [begin]
    for number, part in enumerate(parts, 1):
        lines = part.split("\n")
        for label, right in changes.items():
            iteration, _, name = label.partition(": ")
            if int(iteration) == number:
                place = next(i for i, line in enumerate(lines) if line.startswith(f"{name} = "))
                lines[place] = f"{name} = {NUMBERS[label].formula}{right}"
        told.append("\n".join(lines))
    (file,) = check_text("## Iteration ".join(told)).files
    return file


def marks_of(changes: dict[str, str]) -> Marks:
    """Return the marks of the changed key."""
    marks = marked(changes).marks
    assert marks is not None
    return marks


def line(marks: Marks, label: str) -> LineMarks:
    """Return the marks of one line."""
    return next(item for item in marks.lines if item.label == label)


def test_the_numbers_that_the_tests_below_are_about() -> None:
    """The worksheet with these settings, all of its lines blank."""
    assert [item.text(answers=True) for item in SHEET.lines[:5]] == [
        "y_pred = w * x = 0.3 * 5 = 1.5",
        "loss = (y_pred - y)**2 = (1.5 - 8)**2 = 42.25",
        "dloss/dy_pred = 2 * (y_pred - y) = 2 * (1.5 - 8) = -13",
        "dloss/dw = dloss/dy_pred * x = -13 * 5 = -65",
        "w' = w - learning_rate * dloss/dw = 0.3 - 0.05 * (-65) = 3.55",
    ]


def test_a_line_of_blanks_takes_no_longer_than_another() -> None:
    """What stands between blanks is looked for once, not for each way to part the spaces."""
    text = worksheet_text(SHEET, str, answers=False)
    label = NUMBERS["1: loss"]
    assert label.text(answers=False) in text
    junk = f"{label.formula} = {' ' * 3900}x"
    (file,) = check_text(text.replace(label.text(answers=False), junk)).files
    assert file.marks is not None
    assert line(file.marks, "1: loss").points == 0


def test_all_right() -> None:
    """Every blank is a point; nothing is carried forward."""
    marks = marks_of({})
    assert plain_text(marks.total()) == (
        "20 of 20 points: method 10/10, accuracy 10/10, carried forward 0/0"
    )


def test_a_wrong_result_costs_one_point() -> None:
    """Right numbers put in, wrong result: the method counts, and what follows from it too."""
    marks = marks_of(
        {
            "1: dloss/dw": " = -13 * 5 = -55",
            "1: w'": " = 0.3 - 0.05 * (-55) = 3.05",
            "2: y_pred": " = 3.05 * 5 = 15.25",
            "2: loss": " = (15.25 - 8)**2 = 52.5625",
            "2: dloss/dy_pred": " = 2 * (15.25 - 8) = 14.5",
            "2: dloss/dw": " = 14.5 * 5 = 72.5",
            "2: w'": " = 3.05 - 0.05 * 72.5 = -0.575",
        }
    )
    assert line(marks, "1: dloss/dw")[1:3] == ("earned", "lost")
    assert all(item[1:3] == ("earned", "carried") for item in marks.lines[4:])
    assert plain_text(marks.total()) == (
        "19 of 20 points: method 10/10, accuracy 3/4, carried forward 6/6"
    )


def test_a_difference_the_other_way_round_is_a_wrong_working() -> None:
    """Its own result follows, and so does the next line: one point, not none."""
    marks = marks_of(
        {
            "1: dloss/dy_pred": " = 2 * (8 - 1.5) = 13",
            "1: dloss/dw": " = 13 * 5 = 65",
        }
    )
    assert line(marks, "1: dloss/dy_pred")[1:3] == ("lost", "carried")
    assert line(marks, "1: dloss/dw")[1:3] == ("earned", "carried")


def test_a_wrong_number_put_in_costs_one_point() -> None:
    """The working is wrong, and its own result follows: one point, not two."""
    marks = marks_of(
        {
            "1: dloss/dw": " = -13 * 8 = -104",
            "1: w'": " = 0.3 - 0.05 * (-104) = 5.5",
        }
    )
    assert line(marks, "1: dloss/dw")[1:3] == ("lost", "carried")
    assert line(marks, "1: w'")[1:3] == ("earned", "carried")


def test_a_right_result_from_wrong_working() -> None:
    """The result keeps its point, the working does not: nothing follows from it."""
    marks = marks_of({"1: w'": " = 0.35 - 0.05 * (-65) = 3.55"})
    assert line(marks, "1: w'")[1:3] == ("lost", "earned")
    assert marks.points == marks.possible - 1


@pytest.mark.parametrize(
    ("right", "points"),
    [
        (f" = {BLANK} = -65", ("blank", "earned")),
        (f" = -13 * 5 = {BLANK}", ("earned", "blank")),
        (f" = {BLANK} = {BLANK}", ("blank", "blank")),
        (" = -65", ("blank", "earned")),
        (" = -13 * 5", ("earned", "blank")),
        (" = -65 = -65", ("lost", "earned")),
        (" = -13 × 5 = −65", ("earned", "earned")),
        (" = -13 * 5 = -65.0", ("earned", "earned")),
    ],
)
def test_what_is_left_blank(right: str, points: tuple[str, str]) -> None:
    """A point is for what was written: a result alone shows no working."""
    assert line(marks_of({"1: dloss/dw": right}), "1: dloss/dw")[1:3] == points


@pytest.mark.parametrize("figure", ["0", "3", "99", "[1, 1]ᵀ"])
@pytest.mark.parametrize(("scenario", "seed"), [("one_weight", 4), ("mlp_2_2_2", 5)])
def test_one_figure_in_every_blank_earns_nothing(scenario: str, seed: int, figure: str) -> None:
    """Each line agrees with itself and with the one before, and nothing was worked out."""
    sheet = make_worksheet(scenario, seed=seed, share=0.6)
    text = worksheet_text(sheet, str, answers=False).replace(BLANK, figure)
    marks = check_text(text).files[0].marks
    assert marks is not None
    assert (marks.points, marks.carried) == (0, 0)


def test_a_result_in_place_of_a_working_is_named() -> None:
    """It is not left blank: the figure stands there, and shows no working."""
    found = line(marks_of({"1: dloss/dy_pred": " = 99 = 99"}), "1: dloss/dy_pred")
    assert found[1:3] == ("lost", "lost")
    assert "99 is a result: it shows no working" in map(plain_text, found.notes)


@pytest.mark.parametrize(
    ("label", "right", "mark"),
    [
        ("1: dloss/dy_pred", " = 99 * 1 = 99", "lost"),
        ("1: dloss/dy_pred", " = 99 + 0 = 99", "lost"),
        ("1: dloss/dy_pred", " = -3 * 1 = -3", "lost"),
        ("1: loss", " = 1 * 99 = 99", "lost"),
        ("1: y_pred", " = 99 * 1 = 99", "lost"),
        ("1: y_pred", " = 5 * 1 = 5", "carried"),  # 5 belongs there
        ("1: dloss/dy_pred", " = 1.5 - 8 = -6.5", "carried"),
        ("1: dloss/dy_pred", " = 2 * (0.5 - 8) = -15", "carried"),
    ],
)
def test_a_working_that_only_repeats_its_result_earns_nothing(
    label: str, right: str, mark: str
) -> None:
    """No figure in it but its result says anything, and that is not one of the formula's."""
    found = line(marks_of({label: right}), label)
    assert (found.method, found.accuracy) == ("lost", mark)


def test_a_result_is_carried_forward_by_its_working_only() -> None:
    """An earlier wrong figure stands, and this one follows: the working has to show it."""
    wrong = {"1: dloss/dy_pred": " = 2 * (1.5 - 8) = -12"}
    shown = line(marks_of({**wrong, "1: dloss/dw": " = -12 * 5 = -60"}), "1: dloss/dw")
    assert shown[1:3] == ("earned", "carried")
    for right in (" = -60 = -60", f" = {BLANK} = -60", " = -60"):
        assert not line(marks_of({**wrong, "1: dloss/dw": right}), "1: dloss/dw").points


def test_what_cannot_be_read_waits_for_a_person() -> None:
    """It is no slip; it is named and counted."""
    marks = marks_of({"1: dloss/dw": " = -13 * ((5 = -65"})
    assert line(marks, "1: dloss/dw").method == "unread"
    assert marks.by_hand >= 1
    assert "by hand" in " ".join(map(plain_text, marks.all_notes()))


def test_a_line_that_is_not_there() -> None:
    """Its points are lost, and it is said."""
    text = worksheet_text(SHEET, str, answers=True).replace("worksheet-key:", "worksheet:")
    kept = [
        item for item in text.splitlines() if not item.startswith("loss = ") or "42" not in item
    ]
    marks = check_text("\n".join(kept)).files[0].marks
    assert marks is not None
    assert line(marks, "1: loss").notes[0].template == "this line is missing"
    assert marks.points == marks.possible - 2


def test_a_start_of_zero_is_said() -> None:
    """A wrong 0 makes what follows trivially right; the remark says so."""
    marks = marks_of(
        {
            "1: dloss/dy_pred": " = 2 * (1.5 - 8) = 0",
            "1: dloss/dw": " = 0 * 5 = 0",
        }
    )
    notes = " ".join(map(plain_text, line(marks, "1: dloss/dw").notes))
    assert "says little about the method" in notes


def test_too_few_digits_are_not_accurate() -> None:
    """A result of one digit where four are asked is right and earns no accuracy point."""
    sheet = make_worksheet("neuron", seed=7, share=1, iterations=1)
    text = worksheet_text(sheet, str, answers=True).replace("worksheet-key:", "worksheet:")
    last = next(item for item in sheet.lines if item.name == "b'")
    coarse = f"{float(last.result):.1g}"
    written = last.text(answers=True)
    changed = text.replace(written, f"{written.rpartition('=')[0]}= {coarse}")
    marks = check_text(changed).files[0].marks
    assert marks is not None
    found = line(marks, last.title)
    assert found.accuracy == "lost"
    assert "too few digits" in plain_text(found.notes[0])


def test_marks_are_in_every_report() -> None:
    """Text, Markdown and JSON have the sum."""
    from tracer.check.model.finding import Report
    from tracer.render.report_markdown import report_markdown
    from tracer.render.report_text import report_text

    report = Report([marked({})])
    total = "20 of 20 points"
    assert total in "\n".join(report_text(report))
    assert total in "".join(report_markdown(report))
    assert report_json(report)["files"][0]["marks"]["points"] == 20


def test_a_result_without_its_formula_is_held_against_its_own_iteration() -> None:
    """The value of another iteration earns nothing, though a text may tell of any."""
    text = worksheet_text(SHEET, str, answers=True).replace("worksheet-key:", "worksheet:")
    first, second = NUMBERS["1: loss"], NUMBERS["2: loss"]
    for label, wrong in ((first, second), (second, first)):
        told = text.replace(label.text(answers=True), f"loss = {wrong.result}")
        (file,) = check_text(told).files
        assert file.marks is not None
        assert line(file.marks, label.label).accuracy == "lost"


UNREAD = ("I don't know", "?", "n/a", "two", "0.5 * (", "see above", "x", "…", "不会")


@pytest.mark.parametrize("junk", UNREAD)
def test_what_is_not_read_is_told_from_what_is_left_blank(junk: str) -> None:
    """No points for either; the teacher sees what stood there."""
    text = worksheet_text(SHEET, str, answers=False)
    blank = NUMBERS["1: loss"].text(answers=False)
    for part, other, filled in (
        ("method", "accuracy", blank.replace(BLANK, junk, 1)),
        ("accuracy", "method", junk.join(blank.rsplit(BLANK, 1))),
    ):
        (file,) = check_text(text.replace(blank, filled, 1)).files
        assert file.marks is not None
        found = line(file.marks, "1: loss")
        assert (getattr(found, part), getattr(found, other)) == ("unread", "blank")
        assert found.unread == (junk,)
        assert found.points == 0
        (told,) = map(plain_text, file.marks.all_notes())
        assert told == (f"blanks that could not be read, to be marked by hand: 1 (1: loss: {junk})")
    # Of two blanks the one with the key's own figure is read, whatever stands in the other.
    keyed = NUMBERS["1: loss"].result
    filled = blank.replace(BLANK, junk, 1).replace(BLANK, keyed)
    (file,) = check_text(text.replace(blank, filled, 1)).files
    assert file.marks is not None
    found = line(file.marks, "1: loss")
    assert (found.accuracy, found.unread, len(found.notes)) == ("earned", (junk,), 1)


@pytest.mark.parametrize("filled", ["", "____", "  ", "__________", "□"])
def test_an_empty_blank_is_left_blank(filled: str) -> None:
    """However a student took the line away."""
    text = worksheet_text(SHEET, str, answers=False)
    blank = NUMBERS["1: loss"].text(answers=False)
    (file,) = check_text(text.replace(blank, blank.replace(BLANK, filled))).files
    assert file.marks is not None
    assert line(file.marks, "1: loss")[1:3] == ("blank", "blank")
    assert not file.marks.by_hand


@pytest.mark.parametrize("hedged", ["42.25 or 42.5", "42.25 *", "42.25 ± 0.1"])
def test_a_second_answer_earns_nothing_yet(hedged: str) -> None:
    """Which one is meant is for a person to say."""
    marks = marks_of({"1: loss": f" = (1.5 - 8)**2 = {hedged}"})
    assert line(marks, "1: loss").accuracy == "unread"


def test_a_wrong_result_of_a_named_loss_costs_one_point() -> None:
    """The numbers put into a loss by its name count, though its result is wrong."""
    sheet = make_worksheet("neuron", seed=7, share=1, iterations=1)
    text = worksheet_text(sheet, str, answers=True).replace("worksheet-key:", "worksheet:")
    loss = next(item for item in sheet.lines if item.name == "loss")
    written = loss.text(answers=True)
    changed = text.replace(written, f"{written.rpartition('≈')[0]}= 0.7891")
    marks = check_text(changed).files[0].marks
    assert marks is not None
    assert line(marks, loss.title)[1:3] == ("earned", "lost")


def test_a_formula_written_above_its_figures_is_one_answer() -> None:
    """Who writes the formula on a line of its own, and the numbers below, has both points."""
    text = worksheet_text(SHEET, str, answers=True).replace("worksheet-key:", "worksheet:")
    told = NUMBERS["1: loss"]
    over = f"loss = {told.formula}\nloss = {told.working} = {told.result}"
    marks = check_text(text.replace(told.text(answers=True), over)).files[0].marks
    assert marks is not None
    assert line(marks, "1: loss")[1:3] == ("earned", "earned")


def test_a_wrong_result_of_a_formula_without_figures_is_lost() -> None:
    """The line is the worksheet's own, so nothing about its reading is open."""
    found = line(marks_of({"1: dloss/dw": " = -55"}), "1: dloss/dw")
    assert found[1:3] == ("blank", "lost")


def test_a_wrong_figure_before_a_right_result_is_one_slip_for_marks_and_findings() -> None:
    """The result says that this example is meant, so its working is held against it."""
    file = marked({"1: dloss/dy_pred": " = 2 * (-6) = -13"})
    assert file.marks is not None
    own = line(file.marks, "1: dloss/dy_pred")
    assert (own.method, own.accuracy) == ("lost", "earned")
    (slip,) = (finding for finding in file.findings if finding.verdict == "slip")
    assert (slip.written, slip.expected) == ("-6", "-6.5")


@pytest.mark.parametrize(("result", "mark"), [("-13", "earned"), ("13", "lost")])
def test_a_result_without_its_working_is_judged(result: str, mark: str) -> None:
    """What was left blank before it costs its own point and no other."""
    file = marked({"1: dloss/dy_pred": f" = {BLANK} = {result}"})
    assert file.marks is not None
    assert line(file.marks, "1: dloss/dy_pred")[1:3] == ("blank", mark)


# What a worksheet has printed ---------------------------------------------------------------------

PRINTED = recipe_of(
    SHEET.recipe._replace(
        blanks=tuple(
            (label, "w" if label == "2: dloss/dw" else "wr")
            for label in NUMBERS
            if label != "2: dloss/dy_pred"
        )
    )
)
"""Of iteration 2 it prints all of dloss/dy_pred, and the result of dloss/dw: 19.5 and 97.5."""
UPHILL = {
    "1: w'": " = 0.3 + 0.05 * (-65) = -2.95",
    "2: y_pred": " = -2.95 * 5 = -14.75",
    "2: loss": " = (-14.75 - 8)**2 = 517.5625",
}


@pytest.mark.parametrize(
    ("gradient", "update", "marks"),
    [
        ("-45.5 * 5", "-2.95 - 0.05 * (-227.5) = 8.425", ("earned", "earned", "carried")),
        ("-45.5 * 5", "-2.95 - 0.05 * 97.5 = -7.825", ("earned", "earned", "carried")),
        ("19.5 * 5", "-2.95 - 0.05 * 97.5 = -7.825", ("earned", "earned", "carried")),
        ("-45.5 * 8", "-2.95 - 0.05 * (-364) = 15.25", ("lost", "earned", "carried")),
        ("-45.5 * 5", "-2.95 + 0.05 * (-227.5) = -14.325", ("earned", "lost", "carried")),
        ("-45.5 * 5", "-2.95 - 0.05 * (-300) = 12.05", ("earned", "lost", "carried")),
    ],
)
def test_what_the_worksheet_printed_is_nobodys_slip(
    gradient: str, update: str, marks: tuple[str, str, str]
) -> None:
    """Whoever goes on with his own value is right, and so is who goes on with the printed one."""
    changes = {**UPHILL, "2: dloss/dw": f" = {gradient} = 97.5", "2: w'": f" = {update}"}
    file = marked(changes, PRINTED)
    assert file.marks is not None
    working, then = line(file.marks, "2: dloss/dw"), line(file.marks, "2: w'")
    assert (working.method, *then[1:3]) == marks
    places = {(each.written, each.verdict) for each in file.findings}
    assert places.isdisjoint({("97.5", "slip"), ("19.5", "slip")})


@pytest.mark.parametrize(
    ("printed", "altered", "remarks"),
    [
        ("| `learning_rate` | `0.05` |", "| `learning_rate` | `0.5` |",
         ["learning_rate: the worksheet says 0.05, this file 0.5; it was marked with the "
          "worksheet's."]),
        ("= 97.5\n", "= 95.7\n",
         ["2: dloss/dw: the worksheet says 97.5, this file 95.7; it was marked with the "
          "worksheet's."]),
        ("| `x` | `5` |", "|`x`|  `5`  |", []),
    ],
)  # fmt: skip
def test_what_is_not_as_the_worksheet_printed_it_is_remarked(
    printed: str, altered: str, remarks: list[str]
) -> None:
    """The points are those of the worksheet's numbers, so its writer should know."""
    text = worksheet_text(PRINTED, str, answers=True).replace("worksheet-key:", "worksheet:")
    assert printed in text
    (file,) = check_text(text.replace(printed, altered, 1)).files
    assert file.marks is not None
    assert [plain_text(each) for each in file.marks.notes] == remarks


def test_a_wrong_sign_that_is_repeated_has_the_same_cause() -> None:
    """What was carried forward is no other quantity's value: the sign alone is wrong again."""
    changes = {
        **UPHILL,
        "2: dloss/dy_pred": " = 2 * (-14.75 - 8) = -45.5",
        "2: dloss/dw": " = -45.5 * 5 = -227.5",
        "2: w'": " = -2.95 + 0.05 * (-227.5) = -14.325",
    }
    causes = [each.cause for each in marked(changes).findings if each.verdict == "slip"]
    assert causes == ["plus_for_minus"] * 2


REGRESSION = """title = "Three samples"
[data]
x = [4, 5, 7]
y = [3, 8, 14]
[parameters]
w = 0.4
b = 0.1
[network]
equations = \"\"\"
y_hat = w*x + b
loss = mean((y_hat - y)**2)
\"\"\"
[notation]
y_hat = "ŷ"
loss = "L"
[training]
learning_rate = 0.02
iterations = 2
"""
KEPT = ("x=[4, 5, 7]", "y=[3, 8, 14]", "w=0.4", "b=0.1", "learning_rate=0.02")


@pytest.fixture(scope="module")
def regression(tmp_path_factory: pytest.TempPathFactory) -> Worksheet:
    """A worksheet whose results have no end, all of it blank."""
    path = tmp_path_factory.mktemp("regression") / "regression.toml"
    path.write_text(REGRESSION, encoding="utf-8")
    return make_worksheet(str(path), seed=3, share=1, settings=KEPT)


def marked_lines(sheet: Worksheet, changes: dict[str, str]) -> FileReport:
    """Return the report on the key of a sheet in which the n-th line of a name ends otherwise."""
    text = worksheet_text(sheet, str, answers=True)
    for label, right in changes.items():
        own = next(each for each in sheet.lines if each.label == label)
        head, whole = f"{own.left} = {own.formula} = ", own.text(answers=True)
        text = text.replace(whole, f"{head}{right}")
    document = read_document(text, "md", "student.md")
    return mark_document(document, sheet, TracedView(sheet.trace))


@pytest.mark.parametrize(
    ("label", "right", "corrected", "cause"),
    [
        (
            "1: dloss/dy_hat",
            "2/3·([3, 8, 14] - [1.7, 2.1, 2.9]) = [0.866667, 3.93333, 7.4]",
            "2/3·([1.7, 2.1, 2.9] − [3, 8, 14]) = [−0.866667, −3.93333, −7.4]",
            "error_reversed",
        ),
        (
            "1: dloss/dy_hat",
            "1/3·([1.7, 2.1, 2.9] - [3, 8, 14]) = [-0.433333, -1.96667, -3.7]",
            "2/3·([1.7, 2.1, 2.9] - [3, 8, 14]) = [-0.866667, -3.93333, -7.4]",
            "factor_2_left_out",
        ),
        (
            "1: dloss/dy_hat",
            "2·([1.7, 2.1, 2.9] - [3, 8, 14]) = [-2.6, -11.8, -22.2]",
            "0.666667·([1.7, 2.1, 2.9] - [3, 8, 14]) = [-0.866667, -3.93334, -7.40000]",
            "sum_for_mean",
        ),
        (
            "1: loss",
            "(1.7 - 3)^2 + (2.1 - 8)^2 + (2.9 - 14)^2 = 159.71",
            "1/3 · ((1.7 - 3)^2 + (2.1 - 8)^2 + (2.9 - 14)^2) = 53.2367",
            "sum_for_mean",
        ),
    ],
)
def test_a_corrected_line_is_true(
    regression: Worksheet, label: str, right: str, corrected: str, cause: str
) -> None:
    """Its sides follow from each other, at the digits of its writer, and the part is named."""
    report = marked_lines(regression, {label: right})
    (slip,) = (each for each in report.findings if each.verdict == "slip")
    assert slip.suggestion is not None
    shown = slip.suggestion.split(" = ", 2)[2]
    assert (shown.replace("−", "-"), slip.cause) == (corrected.replace("−", "-"), cause)


@pytest.mark.parametrize(("entry", "mark"), [("-0.24", "earned"), ("-0.2", "lost")])
def test_a_result_that_its_figures_give_exactly_has_all_its_digits(
    regression: Worksheet, entry: str, mark: str
) -> None:
    """2/3·(13.64 − 14) is −0.24, whatever digits are asked for."""
    changes = {
        "2: y_hat": "1.899·[4, 5, 7] + 0.344 = [7.94, 9.839, 13.64]",
        "2: dloss/dy_hat": f"2/3·([7.94, 9.839, 13.64] - [3, 8, 14]) = [3.293, 1.226, {entry}]",
    }
    marks = marked_lines(regression, changes).marks
    assert marks is not None
    assert line(marks, "2: ∂L/∂ŷ").accuracy == mark


GATED = """[data]
x = [-2.6, 3.3]
y = 0.8
[parameters]
W = [[0.1, -0.5], [0.4, -0.3]]
v = [1.3, -1.35]
[network]
equations = \"\"\"
z = W @ x
h = leaky_relu(z, 0.1)
y_pred = v @ h
loss = (y_pred - y)**2
\"\"\"
[training]
learning_rate = 0.2
iterations = 1
"""


@pytest.mark.parametrize(
    ("label", "right", "marks", "written", "expected"),
    [
        ("1: h", "LeakyReLU([−1.91, −2.03]ᵀ, 0.1) = [0, 0]", ("earned", "lost"), "[0, 0]",
         "[-0.191, -0.203]"),
        ("1: z", "[[0.1, −0.5], [0.4, −0.3]] [−2.6, 3.3]ᵀ = [1.91, 2.03]ᵀ", ("earned", "lost"),
         "[1.91, 2.03]ᵀ", "[-1.91, -2.03]ᵀ"),
        ("1: h", "LeakyReLU([−1.9, −2.0]ᵀ, 0.1) = [0.191, 0.203]", ("earned", "lost"),
         "[0.191, 0.203]", "[-0.191, -0.203]"),
        ("1: dloss/dz", "[−2.01305, 2.090475] ⊙ [1, 1] = [−2.01305, 2.090475]",
         ("lost", "carried"), "[1, 1]", "[0.1, 0.1]"),
        ("1: dloss/dz", "[99, 99] ⊙ [1, 1] = [99, 99]", ("lost", "lost"), "[99, 99] ⊙ [1, 1]",
         None),
    ],
)  # fmt: skip
def test_an_array_is_corrected_where_it_is_wrong(
    tmp_path: Path,
    label: str,
    right: str,
    marks: tuple[str, str],
    written: str,
    expected: str | None,
) -> None:
    """A whole number is no rounded one; a working with one wrong part is a working.

    Beside a right working the result is wrong, and what it should be is what the key has.
    """
    path = tmp_path / "gated.toml"
    path.write_text(GATED, encoding="utf-8")
    kept = ("x=[-2.6, 3.3]", "y=0.8", "v=[1.3, -1.35]", "learning_rate=0.2")
    sheet = make_worksheet(
        str(path), seed=1, share=1, settings=(*kept, "W=[[0.1, -0.5], [0.4, -0.3]]")
    )
    report = marked_lines(sheet, {label: right})
    (slip,) = (each for each in report.findings if each.verdict == "slip")
    assert (slip.written, slip.expected) == (written, expected)
    assert report.marks is not None
    own = next(each for each in sheet.lines if each.label == label)
    assert line(report.marks, own.title)[1:3] == marks
