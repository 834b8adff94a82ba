"""A scenario is read, checked and frozen; what does not fit is one error that names its place."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from tracer.errors import ScenarioError, TracerError
from tracer.program.scenario import Scenario, bundled, load, loads
from tracer.run.runner import run_scenario

BASE = """\
title = "A line"
[data]
x = [1, 2, 3]
y = [2, 4, 6]
[parameters]
w = 0.5
[network]
equations = '''
y_pred = w * x
loss = mse(y_pred, y)
'''
[training]
learning_rate = 0.1
iterations = 3
"""
EQUATIONS = ("network", "equations")


def changed(old: str, new: str) -> Scenario:
    """Return BASE with one text replaced by another."""
    assert old in BASE
    return loads(BASE.replace(old, new, 1))


@pytest.mark.parametrize("name", bundled())
def test_bundled_scenario_loads(name: str) -> None:
    """Each scenario that comes with tracer has a title and a description."""
    scenario = load(name)
    assert scenario.name == name
    assert scenario.title
    assert scenario.description
    lines = scenario.text.splitlines()
    first = scenario.equations.splitlines()[0]
    assert lines[scenario.document.text_line(EQUATIONS) - 1] == first


def test_a_scenario_speaks_several_languages() -> None:
    """Each translation counts for itself: what it lacks is said in the language of the file."""
    scenario = loads(
        BASE
        + '[languages.zh]\ntitle = "一条直线"\n'
        + '[languages.de]\ndescription = "Eine\\nGerade."\n'
    )
    chinese, german = {"en": "zh"}.__getitem__, {"en": "de"}.__getitem__
    assert scenario.heading.text_in(str) == "A line"
    assert scenario.heading.text_in(chinese) == "一条直线"
    assert scenario.heading.text_in(german) == "A line"
    assert scenario.purpose.text_in(chinese) == ""
    assert scenario.purpose.text_in(german) == "Eine Gerade."


def test_the_file_may_be_in_any_language() -> None:
    """A file in Chinese with an English translation is read by both."""
    scenario = loads(BASE.replace("A line", "一条直线") + '[languages.en]\ntitle = "A line"\n')
    assert scenario.heading.text_in({"en": "zh"}.__getitem__) == "一条直线"
    assert scenario.heading.text_in(str) == "A line"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[languages]\nzh = "x"', "[languages] zh: zh is not a table; found the text “x”"),
        ('[languages.chinese]\ntitle = "x"', "“chinese” is not the code of a language"),
        ('[languages.zh]\ntitel = "x"', "unknown key “titel”; did you mean title?"),
        ("[languages.zh]\ntitle = 3", "[languages.zh] title: this is not a text; found 3"),
        ('[languages.zh]\ntitle = "a\\u001b"', "the text holds a control character"),
    ],
)
def test_a_translation_is_checked(text: str, message: str) -> None:
    """Languages, keys and texts are checked as everywhere."""
    with pytest.raises(ScenarioError) as caught:
        loads(BASE + text)
    assert message in str(caught.value)


def test_the_first_scenarios_are_there() -> None:
    """The six scenarios of the first derivations are bundled."""
    assert {
        "linear_regression",
        "mlp_2_2_2",
        "neuron",
        "one_weight",
        "one_weight_all_samples",
        "xor",
    } <= set(bundled())


def test_values_as_written() -> None:
    """Numbers keep what was written; what is left out has its default."""
    scenario = loads(BASE)
    assert scenario.parameters["w"].exact == (Decimal("0.5"),)
    assert scenario.data["x"].shape == (3,)
    assert (scenario.title, scenario.description) == ("A line", "")
    assert (scenario.dtype, scenario.loss, scenario.trainable) == ("float64", None, None)
    assert (scenario.evaluation, scenario.prediction, scenario.variants) == (None, None, ())
    assert scenario.document.text_line(EQUATIONS) == 9
    assert scenario.document.line_place(EQUATIONS, 2) == "scenario:10: [network] equations"
    training = scenario.training
    assert training is not None
    assert training.optimizer == "sgd"
    assert training.settings == {}
    assert training.shuffle is False


def test_equations_of_an_override_have_no_line() -> None:
    """Equations that are not in the file are not blamed on a line of it."""
    scenario = loads(BASE, settings=["network.equations='loss = w'"])
    assert scenario.document.text_line(EQUATIONS) == 0
    assert (
        str(scenario.document.line_place(EQUATIONS, 1)) == "scenario: [network] equations, line 1"
    )


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ("iterations = 3\nstop_when = 'loss < q'", ":15: [training] stop_when, column 8: q is not"),
        ("iterations = 3\n[notation]\nq = 'x'", ":16: [notation] q: there is no quantity"),
        ("iterations = 3\n[plot]\nover = 'x'\nquantities = ['q']", ":17: [plot] quantities: "),
        ("iterations = 3\n[evaluation]\nmetrics = ['q']", ":16: [evaluation] metrics: there is"),
    ],
)
def test_names_in_other_tables_are_looked_for_in_the_run(added: str, message: str) -> None:
    """The message has the line of the table, and the names that there are in their order."""
    with pytest.raises(TracerError) as caught:
        run_scenario(changed("iterations = 3", added))
    assert str(caught.value).startswith(f"scenario{message}")
    names = "x, y, w, y_pred, loss"
    assert names in str(caught.value) or "stop_when" in message


def test_the_line_of_a_loss_that_is_not_computed() -> None:
    """An error that is found while equations are built names the line of its key too."""
    with pytest.raises(ScenarioError, match=r"scenario:12: \[network\] loss: the loss lost"):
        run_scenario(changed("[training]", 'loss = "lost"\n[training]'))


def test_without_training() -> None:
    """A scenario without [training] only computes."""
    assert loads(BASE.split("[training]")[0]).training is None


def test_evaluation_and_prediction() -> None:
    """Other data has the names of [data]; a datum may be left out."""
    scenario = loads(
        BASE
        + '[evaluation]\nmetrics = ["loss"]\n[evaluation.data]\nx = [4]\ny = [8]\n'
        + '[prediction]\noutputs = ["y_pred"]\ndata = {x = [5, 6]}\n'
    )
    assert scenario.evaluation is not None
    assert scenario.evaluation.asked == ("loss",)
    assert scenario.evaluation.data["x"].exact == (4,)
    assert scenario.prediction is not None
    assert scenario.prediction.asked == ("y_pred",)
    assert [*scenario.prediction.data] == ["x"]


def test_own_update_rule_names_its_numbers() -> None:
    """An update rule may name any further number, and learning_rate only where it needs it."""
    scenario = changed(
        "learning_rate = 0.1",
        'rate = 0.2\nupdate.equations = "w\' = w - rate * g  # learning_rate"',
    )
    assert scenario.training is not None
    assert scenario.training.settings == {"rate": Decimal("0.2")}
    assert scenario.training.learning_rate is None
    assert scenario.document.text_line(("training", "update", "equations")) == 14


def test_a_parameter_may_have_any_python_name() -> None:
    """Names of Python and NumPy are names like any other, and so are Greek ones."""
    scenario = changed("w = 0.5", 'w = 1\nlambda = 1\nnp = 2\nout = 3\n"θ" = 4')
    assert [*scenario.parameters] == ["w", "lambda", "np", "out", "theta"]


def test_a_name_has_several_spellings() -> None:
    """θ and theta are one name, in tables, lists and overrides; twice is an error."""
    text = BASE.replace("w = 0.5", 'w = 1\n"θ₁" = 4').replace("\ny_pred", "\ny_pred = theta1\n#")
    scenario = loads("trainable = ['θ₁']\n" + text, settings=["θ₁=3"])
    assert scenario.parameters["theta1"].exact == (3,)
    assert scenario.trainable == ("theta1",)
    assert loads(text, settings=["theta1=5"]).parameters["theta1"].exact == (5,)
    with pytest.raises(ScenarioError, match=r"scenario:8: \[parameters\] theta1: “theta1” is"):
        loads(text.replace('"θ₁" = 4', '"θ₁" = 4\ntheta1 = 5'))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # values
        ("w = 0.5", "w = nan", "scenario:6: [parameters] w: the number is not finite; found nan"),
        ("w = 0.5", "w = -inf", "the number is not finite; found -inf"),
        ("w = 0.5", "w = true", "this is not a number; found true; expected a number"),
        (
            "w = 0.5",
            "w = 'a'",
            "this is not a number; found the text “a”; expected a number",
        ),
        ("w = 0.5", "w = 1979-05-27", "this is not a number; found a date or time"),
        ("w = 0.5", "w = []", "a list is empty"),
        ("w = 0.5", "w = [[1, 2], [3]]", "w[1]: rows differ in length; found a list of 1; expect"),
        ("w = 0.5", "w = [[1, 2], 3]", "w[1]: rows differ in length; found 3"),
        ("w = 0.5", "w = [1, [2]]", "w[1]: this is not a number; found a list of 1"),
        ("w = 0.5", "w = [[1, 2],\n [3, 'x']]", "scenario:6: [parameters] w[1][1]: this is no"),
        ("w = 0.5", "w = 1e999", "the number is too large or too small"),
        ("w = 0.5", "w = 1e-999999999", "the number is too large or too small"),
        ("w = 0.5", "w = 0." + "1" * 50, "the number has too many digits"),
        ("w = 0.5", "w = " + "1" * 50, "the number has too many digits"),
        ("w = 0.5", "w = " + "1" * 5000, "a number has too many digits"),
        (
            "w = 0.5",
            "w = {a = 1}",
            "this is not a value; found a table; expected a number, lists of",
        ),
        ("w = 0.5", "w = " + "[" * 20 + "1" + "]" * 20, "too many axes; expected at most 16"),
        ("w = 0.5", "w = " + "[" * 5000 + "]" * 5000, "lists or tables are nested too deep"),
        # names
        ("w = 0.5", "w = 1\n1w = 2", "[parameters] 1w: “1w” is not a name; expected letters"),
        ("w = 0.5", "w = 1\nTrue = 2", "“True” is not a name"),
        ("w = 0.5", "w = 1\npi = 2", "“pi” is not a name"),
        ("w = 0.5", 'w = 1\n"π" = 2', "“pi” is not a name"),
        ("w = 0.5", "w = 1\nx = 2", "scenario:7: [parameters] x: “x” is also in [data]"),
        ("w = 0.5", "w = 1\nloss = 2", "“loss” is the name of the loss"),
        ("w = 0.5", "w = 1\ndloss = 2", "the name “dloss” is taken: dloss/dw is the gradient of"),
        ("w = 0.5", '"a\\nb" = 1', "scenario:6: [parameters] a b: “a b” is not a name"),
        # tables and keys
        ("[data]", "[dat]", "scenario:2: [dat]: unknown table or key “dat”; did you mean data"),
        ("title", "Title", "scenario:1: Title: unknown table or key “Title”; did you mean title"),
        ("title", "zzz", "expected title, description, dtype, trainable, data"),
        ('"A line"', "3", "title: this is not a text; found 3; expected a text"),
        ('"A line"', '"A\\nline"', "title: the text is too long; expected a line of up to 200"),
        ('"A line"', '"A\\u001b[0m"', "title: the text holds a control character"),
        ("title", "dtype", "dtype: unknown dtype “A line”; expected float64 or float32"),
        ("[parameters]", "[parameter]", "unknown table or key “parameter”; did you mean param"),
        ("equations", "equation", "[network] equation: unknown key “equation”; did you mean equat"),
        ("[network]", "[network]\nloss = 3", "[network] loss: this is not a text; found 3"),
        ("\ny_pred = w * x\nloss = mse(y_pred, y)\n", " ", "there are no equations"),
        ("[training]", "[notation]\nw = ''\n[training]", "[notation] w: the sign is empty"),
        ("title", "trainable = ['v']\ntitle", "trainable: there is no parameter “v”; expected w"),
        ("title", "trainable = []\ntitle", "trainable: the list is empty"),
        ("title", "trainable = 'w'\ntitle", "trainable: this is not a list; found the text “w”"),
        ("title", "trainable = ['w', 'w']\ntitle", "“w” is listed twice"),
        ("[parameters]\nw = 0.5\n", "", "[training]: there is nothing to train"),
        ("[data]", "data = 3\n[dat]", "unknown table or key “dat”"),
        # training
        ("learning_rate = 0.1", "", "[training]: [training] needs learning_rate; expected for ex"),
        ("0.1", "-1", "learning_rate: the number is negative; found -1; expected 0 or"),
        ("0.1", "[0.1]", "learning_rate: this is not a number; found a list of 1"),
        ("iterations = 3", "", "[training] needs iterations or epochs"),
        ("iterations = 3", "iterations = 3\nepochs = 2", "give only one of iterations or epochs"),
        ("iterations = 3", "iterations = 0", "out of range; found 0; expected a whole number from"),
        ("iterations = 3", "iterations = 2.5", "this is not a whole number; found 2.5"),
        ("iterations = 3", "iterations = true", "this is not a whole number; found true"),
        ("iterations = 3", "iteration = 3", "unknown key “iteration”; did you mean iterations"),
        ("learning_rate", "momentum = 1\nlearning_rate", "sgd takes no momentum, unlike"),
        ("learning_rate", "optimizer = 'Adam'\nlearning_rate", "unknown optimizer “Adam”; did you"),
        ("learning_rate", "optimizer = 'adam'\nbeta1 = 1\nlearning_rate", "out of range; found 1"),
        ("learning_rate", "weight_decay = -1\nlearning_rate", "the number is negative; found -1"),
        ("iterations = 3", "iterations = 3\nsample = 3", "sample: there are only 3 samples; found"),
        ("iterations = 3", "iterations = 3\nsample = -1", "sample: out of range; found -1"),
        ("iterations = 3", "iterations = 3\nsamples = [0, 3]", "samples: there are only 3 samples"),
        ("iterations = 3", "iterations = 3\nsamples = [0, 0]", "names a sample twice"),
        ("iterations = 3", "iterations = 3\nbatch_size = 4", "there are only 3 samples; found 4"),
        ("iterations = 3", "iterations = 3\nsample = 0\nsamples = [1]", "give only one of sample,"),
        ("iterations = 3", "iterations = 3\nshuffle = true", "shuffle needs batch_size"),
        ("iterations = 3", "iterations = 3\nshuffle = true\nbatch_size = 1", "shuffle needs seed"),
        ("iterations = 3", "iterations = 3\nseed = 1", "this seed belongs to shuffle"),
        (
            "iterations = 3",
            "iterations = 3\nstop_when = 'loss'",
            "this is not a comparison; found “lo",
        ),
        ("iterations = 3", "iterations = 3\nstop_when = 'a < b < c'", "this is not a comparison"),
        ("iterations = 3", "iterations = 3\nstop_when = 'a == b'", "this is not a comparison"),
        ("iterations = 3", "iterations = 3\nupdate.equation = 'a'", "unknown key “equation”; did"),
        ("iterations = 3", "iterations = 3\nupdate.equations = 'a'", "does not name learning_rate"),
        # other tables
        ("[training]", "[random]\n[training]", "[random] needs seed"),
        ("[training]", "[random]\nseed = 1\ngenerator = 'x'\n[training]", "unknown generator “x”"),
        ("[training]", "[evaluation]\n[training]", "[evaluation] needs metrics"),
        ("[training]", "[prediction]\noutputs = []\n[training]", "outputs: the list is empty; exp"),
        (
            "[training]",
            "[prediction]\noutputs = ['a']\ndata.z = 1\n[training]",
            "[prediction.data]",
        ),
        # not TOML
        ("w = 0.5", "w = = 1", "scenario:6:5: this is not TOML: Invalid value"),
        ("w = 0.5", "w = Plant growth", "Invalid value; expected a number, a list, true, false"),
        ("w = 0.5", "w = 1\nw = 2", "scenario:7:6: this is not TOML: Cannot overwrite a value"),
        ("w = 0.5", "w = '''", "this is not TOML"),
        ("w = 0.5", "a." * 30 + "w = 1", "scenario:6: a key has too many parts"),
        ("w = 0.5", "w = 1\ud800", "the text is not Unicode"),
    ],
)
def test_refused(old: str, new: str, message: str) -> None:
    """What does not fit is an error with file, line, key, what was found and what was expected."""
    with pytest.raises(ScenarioError) as caught:
        changed(old, new)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_trainable_stands_once() -> None:
    """`trainable` is a key of [training] or of the whole file, not of both."""
    for text in (BASE + "trainable = ['w']", "trainable = ['w']\n" + BASE):
        assert loads(text).trainable == ("w",)
    with pytest.raises(ScenarioError, match="scenario:1: trainable: trainable is also in"):
        loads("trainable = ['w']\n" + BASE + "trainable = ['w']")


def test_samples_must_agree() -> None:
    """Where samples are chosen, all arrays have the same number; single numbers have no axis."""
    text = BASE.replace("y = [2, 4, 6]", "y = [2, 4]\nz = 3") + "sample = 0\n"
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert str(caught.value) == (
        "scenario:4: [data] y: x and y differ in their number of samples (their first axis), "
        "which sample needs; found x 3, y 2"
    )
    assert loads(text.replace("[2, 4]", "[2, 4, 6]")).data["z"].shape == ()


def test_too_large() -> None:
    """Over a megabyte is refused before it is parsed."""
    with pytest.raises(ScenarioError, match="scenario: the scenario is too large; expected at mo"):
        loads("#" * 1_000_001)


def test_paths_and_names(tmp_path: Path) -> None:
    """A name with a separator or .toml is a path; its stem is the scenario's name."""
    path = tmp_path / "line.toml"
    path.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    for source in (path, str(path)):
        scenario = load(source, settings=["w=2"])
        assert (scenario.name, scenario.path) == ("line", path)
        assert scenario.with_overrides(["w=3"]).parameters["w"].exact == (3,)
    assert scenario.document.text_line(EQUATIONS) == 9
    path.write_text(BASE.replace("[1, 2, 3]", "[]"))
    with pytest.raises(ScenarioError, match=re.escape(f"{path}:3: [data] x: a list is empty")):
        load(path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("one_wieght", "there is no scenario “one_wieght”; did you mean one_weight"),
        ("nowhere.toml", "nowhere.toml: the file cannot be read: No such file or directory"),
        ("../", "../: this is not a file; found a folder; expected the path of a file"),
        ("a\0b.toml", "the file cannot be read: its name has a zero byte"),
        ("", "there is no scenario “”; expected a name that `tracer list` shows, or "),
        ("x" * 5000 + ".toml", "the file cannot be read: File name too long"),
    ],
)
def test_no_such_file(source: str, message: str) -> None:
    """What cannot be opened is a ScenarioError."""
    with pytest.raises(ScenarioError) as caught:
        load(source)
    assert message in str(caught.value)


def test_not_utf8(tmp_path: Path) -> None:
    """The line of the first wrong byte is named."""
    path = tmp_path / "a.toml"
    path.write_bytes(b"# one\ntitle = '\xff'\n")
    with pytest.raises(
        ScenarioError,
        match=r"a\.toml:2: the file is not UTF-8 text; found the byte 0xff at offset 15",
    ):
        load(path)


def test_nothing_can_be_changed() -> None:
    """A scenario is frozen, and so are its tables."""
    scenario = loads(BASE)
    with pytest.raises(AttributeError):
        scenario.title = "b"  # type: ignore[misc]
    with pytest.raises(TypeError):
        scenario.data["x"] = scenario.data["y"]  # type: ignore[index]


def test_variants_are_bounded() -> None:
    """More than 32 variants are refused."""
    text = BASE + "".join(f"[[variants]]\nname = '{number}'\n" for number in range(33))
    with pytest.raises(ScenarioError, match="too many variants; found 33; expected at most 32"):
        loads(text)


def test_chinese_texts_have_chinese_quotes_outside_code() -> None:
    """Straight quotes are those of programs."""
    chinese = {"en": "zh"}.__getitem__
    for name in bundled():
        text = load(name).purpose.text_in(chinese)
        assert '"' not in "".join(text.split("`")[::2]), name
