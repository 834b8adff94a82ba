"""The catalogues are complete, whole and found; English needs none."""

from __future__ import annotations

import asyncio
import gettext
import re
import string
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest

import tracer.cli
from tests import chinese
from tests.case_lists import sampled
from tests.narrative.messages_in_code import (
    COMMAND,
    COMPUTED,
    PACKAGE,
    catalogues,
    compiled,
    main,
    messages,
    read_po,
    said,
    untranslated_scenarios,
    written_po,
)
from tests.ui.pictures import opened, pressed
from tracer.bundled import scenarios_folder
from tracer.errors import UnknownNameError
from tracer.frozen import replace
from tracer.narrative.blocks import Paragraph
from tracer.narrative.catalogue import catalogue, languages, preferred_language
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Detail, Options
from tracer.narrative.explanation import explained_names, page_title
from tracer.narrative.program_notation import notation_of
from tracer.program.scenario import bundled, load, loads
from tracer.render.markdown import markdown
from tracer.render.plain import plain
from tracer.run.runner import run_scenario

# Slots that no formula stands in: what follows a full-width sign may be one of these.
TEXT = {"rules", "words", "changes", "condition", "text", "usage", "names", "scores", "values"} | {
    # of what `run` and `verify` print, which is plain text throughout
    *("result", "reason", "verdict", "kink", "entries", "difference", "limit", "scenario"),
    *("what", "found", "expected", "near", "one", "other", "ways"),  # of errors
    *("wanted", "own", "problem"),  # of files
    *("detail", "kinds", "seconds", "quantity", "dtype", "specification", "error"),  # in brackets
    *("count", "line", "first", "second", "third"),  # numbers and sentences
}
MOST_NUMBERS = 1000  # in the parameters of a scenario that is told for a test


def po_files() -> list[Path]:
    """Return the .po files, of which there is at least one."""
    found = list(catalogues())
    assert found
    return found


@pytest.fixture(params=po_files(), ids=lambda path: path.parent.parent.name)
def po(request: pytest.FixtureRequest) -> Path:
    """Give each language's .po file."""
    path: Path = request.param
    return path


def slots(text: str) -> list[str]:
    """Return the names of a template's slots, in alphabetical order."""
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name is not None})


def test_slots_agree(po: Path) -> None:
    """A translation has the slots of its message; it may repeat one where English has 'it'."""
    for message, text in read_po(po.read_text("utf-8")).items():
        assert not text or slots(message) == slots(text), message


def signs_before(text: str) -> set[tuple[str, str]]:
    """Return each slot of a template with the sign before it; '' where it begins the text."""
    found: set[tuple[str, str]] = set()
    before = ""
    for literal, name, _, _ in string.Formatter().parse(text):
        before = literal[-1:] or before
        if name is not None:
            found.add((before, name))
        before = "}"
    return found


def test_formulas_stand_after_a_space_or_a_stop(po: Path) -> None:
    """A formula does not touch a letter: GitHub would not show it as mathematics.

    A full-width stop has its own space; in Markdown the writer puts one more behind it.
    """
    for message, text in read_po(po.read_text("utf-8")).items():
        for sign, name in signs_before(text) - signs_before(message):  # np.{name} is no formula
            assert name in TEXT or sign in ("", " ", "(", *"，。：；！？、"), text


def test_compiled_file_is_up_to_date(po: Path) -> None:
    """The .mo beside a .po is what the .po compiles to, in UTF-8."""
    translations = read_po(po.read_text("utf-8"))
    assert "charset=UTF-8" in translations[""]
    assert po.with_suffix(".mo").read_bytes() == compiled(translations), f"{COMMAND} --write"


def test_gettext_reads_what_is_compiled() -> None:
    """The standard library reads our .mo, with quotes, line ends and letters of all kinds."""
    given = {
        "": "Content-Type: text/plain; charset=UTF-8\n",
        'a "b"\n\\': '“甲”\n\\"',
        "z": "乙",
        "é": "丙",
    }
    known = {key: value for key, value in given.items() if key}
    written = written_po(given[""], dict.fromkeys(known, "somewhere"), given)
    assert read_po(written) == given
    messages_read = gettext.GNUTranslations(BytesIO(compiled(given)))
    assert {key: messages_read.gettext(key) for key in known} == known


def test_two_translations_of_a_message_are_refused() -> None:
    """A .po file with one message twice does not pass."""
    with pytest.raises(ValueError, match="two translations of 'a'"):
        read_po('msgid "a"\nmsgstr "1"\n\nmsgid "a"\nmsgstr "2"\n')


def test_what_a_module_says_is_found() -> None:
    """Literals, both sides of a choice and the source of what is computed are found."""
    found = said('say("a")\nmessages.say("b" if x else "c", n=say("d"))\nsay(words[0])\nprint("e")')
    assert found.literal == ("a", "b", "c", "d")
    assert found.computed == ("words[0]",)


def test_every_computed_message_has_a_known_source() -> None:
    """Where `say` is given no literal, the list of messages knows where its texts come from."""
    computed = {
        text for path in PACKAGE.rglob("*.py") for text in said(path.read_text("utf-8")).computed
    }
    assert computed <= COMPUTED.keys()


def recording(known: set[str], missing: set[str]) -> Callable[[str], str]:
    """Return a translation that notes the messages without one."""

    def translate(text: str) -> str:
        if text not in known:
            missing.add(text)
        return text

    return translate


@pytest.fixture(scope="module")
def known() -> set[str]:
    """Give the messages that the code can say."""
    return set(messages())


def small_scenarios() -> list[str]:
    """Return the bundled scenarios but the large ones: these say nothing that the others do not."""
    names = sorted(path.stem for path in scenarios_folder().glob("*.toml"))
    return [
        name
        for name in names
        if sum(given.size for given in load(name).parameters.values()) <= MOST_NUMBERS
    ]


@pytest.mark.parametrize("name", sampled(small_scenarios()))
def test_derivations_say_nothing_else(name: str, known: set[str]) -> None:
    """No derivation of a bundled scenario says anything that the list of messages lacks."""
    scenario = load(name)
    if scenario.training is not None:
        scenario = replace(scenario, training=replace(scenario.training, iterations=2))
    trace = run_scenario(scenario)
    missing: set[str] = set()
    translate = recording(known, missing)
    for detail in get_args(Detail):
        blocks = derivation(trace, Options(detail=detail, show=(1,), chain=detail == "equation"))
        assert "".join(plain(blocks, notation_of(trace), translate))
    assert missing == set()


@pytest.mark.chinese
def test_chinese_derivation_has_no_english_words() -> None:
    """In Chinese, what is left of Latin letters outside the formulas is names and keys."""
    scenario = loads(
        "[data]\nx = 1\ny = 2\n[parameters]\nw = 0.5\n"
        '[network]\nequations = """\np = w * x\nloss = (p - y)**2\n"""\n'
        '[training]\noptimizer = "sgd"\nlearning_rate = 0.1\niterations = 2\n'
    )
    trace = run_scenario(scenario)
    blocks = [block for block in derivation(trace, Options()) if isinstance(block, Paragraph)]
    text = "".join(markdown(blocks, notation_of(trace), catalogue("zh")))
    assert "链式法则" in text
    outside = "".join(text.split("$")[::2])
    words = set("".join(c if c.isascii() else " " for c in outside).split())
    letters = {word.strip("-*.:()") for word in words if any(map(str.isalpha, word))}
    assert letters <= {"power", "sgd", "nan", "`learning_rate`"}


def test_translated_names_are_told_apart(po: Path) -> None:
    """No two names that can be explained have one translation: it is explained by that too."""
    translations = read_po(po.read_text("utf-8"))
    titles = [page_title(name).template for name in explained_names()]
    translated = [translations.get(title) or title for title in titles]
    assert len(set(translated)) == len(translated)


def test_a_catalogue_knows_its_language(po: Path) -> None:
    """The translation of 'en' is the code: by it a text is chosen that was written in several."""
    language = po.parent.parent.name
    assert catalogue(language)("en") == language


@pytest.mark.parametrize("name", bundled())
def test_bundled_scenarios_have_a_description(name: str) -> None:
    """In English; other languages are for a release."""
    scenario = load(name)
    assert scenario.title
    assert scenario.description


# Messages without a translation


@pytest.fixture
def shortened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a catalogue of all messages but 'chain rule', and of one that nobody says."""
    folder = tmp_path / "locale" / "tlh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    head = "Content-Type: text/plain; charset=UTF-8\n"
    places = {**messages(), "nobody says this": "somewhere"}
    changed = {"": head, **{message: f"tlh {message}" for message in places}, "chain rule": ""}
    path = folder / "tracer.po"
    path.write_text(written_po(head, places, changed), "utf-8")
    path.with_suffix(".mo").write_bytes(compiled(changed))
    monkeypatch.setattr(
        "tests.narrative.messages_in_code.untranslated_scenarios", lambda language: iter(())
    )
    monkeypatch.setattr("tests.narrative.messages_in_code.LOCALE", tmp_path / "locale")
    monkeypatch.setattr("tracer.narrative.catalogue.LOCALE", tmp_path / "locale")
    return path


def test_what_is_missing_and_what_is_stale_is_listed(
    shortened: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make messages` says where the code says it and never fails; a release does."""
    before = shortened.read_bytes()
    assert main([]) == 0
    told = capsys.readouterr().out
    assert re.search(r"tlh: missing: tracer/\S+\.py:[0-9]+.*: 'chain rule'\n", told)
    assert re.search(r"tlh: stale: \S+/tlh/LC_MESSAGES/tracer.po:[0-9]+: 'nobody says this'", told)
    assert told.endswith(f"tlh: 1 missing, 1 stale of {len(messages())} messages\n")
    assert shortened.read_bytes() == before
    assert main(["--release"]) == 1
    assert "tlh: not in order" in capsys.readouterr().out


def test_a_catalogue_is_brought_in_order(
    shortened: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--write` drops what is stale, prints it, and leaves room for what is missing."""
    assert main(["--write"]) == 0
    assert "dropped: 'nobody says this': 'tlh nobody says this'" in capsys.readouterr().out
    text = shortened.read_text("utf-8")
    assert 'msgid "chain rule"\nmsgstr ""\n' in text
    assert main(["--release"]) == 1
    shortened.write_text(
        text.replace('"chain rule"\nmsgstr ""', '"chain rule"\nmsgstr "tlh"'), "utf-8"
    )
    assert main(["--write"]) == 0
    assert main(["--release"]) == 0


def test_a_scenario_without_a_translation_is_listed() -> None:
    """Of a language that no scenario has, title and description of each is missing."""
    lines = list(untranslated_scenarios("tlh"))
    assert len(lines) == 2 * len(bundled())
    assert lines[0] == f"scenarios/{bundled()[0]}.toml: [languages.tlh] title"


@pytest.mark.usefixtures("shortened")
def test_a_message_without_a_translation_is_english() -> None:
    """The others are translated."""
    translate = catalogue("tlh")
    assert translate("chain rule") == "chain rule"
    assert translate("sum over paths") == "tlh sum over paths"


COMMANDS_THAT_SPEAK = [
    ["list"],
    ["list", "--operations"],
    ["keys"],
    ["show", "one_weight"],
    *(
        ["derive", "mlp_2_2_2", "--format", form]
        for form in ("terminal", "markdown", "latex", "html", "json")
    ),
    ["walk", "xor", "--show", "1"],
    ["run", "one_weight"],
    ["verify", "one_weight"],
    ["explain", "tanh"],
    ["worksheet", "one_weight"],
    *(
        ["check", "notes.md", "--format", form]
        for form in ("text", "json", "markdown", "github", "sarif")
    ),
    ["check", "none.md"],
    ["derive", "none.toml"],
    ["derive", "one_weight", "--learning-rate", "x"],
]


@pytest.mark.parametrize("arguments", COMMANDS_THAT_SPEAK, ids=" ".join)
def test_without_any_translation_all_is_english(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In terminals, documents, data and errors: a language that has no words yet is English."""
    empty_catalogue(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text("w * x = 0.5 * 1 = 0.7\n", "utf-8")
    told = []
    for language in ("en", "tlh"):
        code = tracer.cli.main([*arguments, "--lang", language])
        printed = capsys.readouterr()
        told.append((code, printed.out.replace('lang="tlh"', 'lang="en"'), printed.err))
    assert told[0] == told[1]


def empty_catalogue(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a language without any words."""
    path = folder / "locale" / "tlh" / "LC_MESSAGES" / "tracer.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled({"": "Content-Type: text/plain; charset=UTF-8\n"}))
    monkeypatch.setattr("tracer.narrative.catalogue.LOCALE", folder / "locale")


def test_without_any_translation_the_interface_is_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each screen looks as it does in English."""
    empty_catalogue(tmp_path, monkeypatch)

    async def looked_at(language: str) -> list[str]:
        async with opened("one_weight", (100, 30), language=language) as pilot:
            keys = (
                ["n", "n"],
                ["question_mark"],
                ["escape", "x"],
                ["escape", "l"],
                ["escape", "r"],
            )
            return [await pressed(pilot, *part) for part in keys]

    assert asyncio.run(looked_at("tlh")) == asyncio.run(looked_at("en"))


def test_tests_of_chinese_wait_for_the_last_translation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where one is missing they are left out; all others run."""

    class Item:
        def __init__(self, *marks: str) -> None:
            self.marks = marks

        def get_closest_marker(self, name: str) -> bool | None:
            return True if name in self.marks else None

    class Config:
        hook = SimpleNamespace(pytest_deselected=lambda items: None)

        def __init__(self) -> None:
            self.stash = pytest.Stash()

    for is_complete, count in ((True, 2), (False, 1)):
        monkeypatch.setattr(
            "tests.narrative.messages_in_code.is_complete", lambda value=is_complete: value
        )
        items: list[Any] = [Item(), Item("chinese")]
        chinese.pytest_collection_modifyitems(cast("pytest.Config", Config()), items)
        assert len(items) == count


def test_english_is_the_identity() -> None:
    """English gives each message back."""
    translate = catalogue("en")
    assert translate("chain rule") == "chain rule"
    assert translate("") == ""


def test_english_loads_nothing() -> None:
    """Asking for English reads no file and does not load gettext."""
    code = (
        "import sys; before = 'gettext' in sys.modules\n"
        "from tracer.narrative.catalogue import catalogue\n"
        "catalogue('en'); print(before or 'gettext' not in sys.modules)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert printed.stdout.strip() == "True"


@pytest.mark.chinese
def test_chinese_translates() -> None:
    """Chinese gives the translation, what it does not know as it is, and nothing for nothing."""
    translate = catalogue("zh")
    assert translate("chain rule") == "链式法则"
    assert translate("no message of ours") == "no message of ours"
    assert translate("") == ""


@pytest.mark.chinese
def test_a_word_of_two_meanings_is_two_messages() -> None:
    """The step function, an update and the step of a difference quotient have own words."""
    translate = catalogue("zh")
    words = [translate(word) for word in ("step", "update", "step h")]
    assert words == ["阶跃函数", "更新", "步长 h"]


@pytest.mark.chinese
def test_what_is_learned_stands_after_a_space() -> None:
    """The names on the first card are formulas, though a list of them may be words elsewhere."""
    known = read_po(next(path for path in catalogues()).read_text("utf-8"))
    learned = [text for message, text in known.items() if message.startswith("It learns {")]
    assert learned
    assert all(text.startswith("它学习 {") for text in learned)


def test_languages_are_listed_english_first() -> None:
    """The languages are English and those that have a catalogue."""
    assert languages() == ("en", "zh")


def test_unknown_language_is_an_error() -> None:
    """An unknown language is refused, and the known ones are listed."""
    with pytest.raises(UnknownNameError, match=r"found tlh; expected en or zh$"):
        catalogue("tlh")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "zh-Hans@pinyin"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "fr:en:zh"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "fr"}, "zh"),
        ({"LC_ALL": "C", "LANGUAGE": "zh"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "../../zh"}, "en"),
    ],
)
def test_environment_picks_the_language(environment: dict[str, str], language: str) -> None:
    """The locale picks the language as in gettext; English where there is no catalogue."""
    assert preferred_language(environment) == language
