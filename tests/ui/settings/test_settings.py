"""The settings file: what it may say, what is told of a fault in it, and how it is written."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.ui.pictures import opened, picture, press, pressed
from tracer.cli import main
from tracer.program.scenario import load
from tracer.ui.app import TracerApp
from tracer.ui.key_tables import KEYS, TABLES
from tracer.ui.parts.key_bindings import textual_bindings
from tracer.ui.settings.settings_file import Settings, key_names, settings_path, taken_keys


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the settings of this test are; the folder is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    found = settings_path()
    assert found == tmp_path / "tracer" / "settings.toml"
    return found


def written(path: Path, text: str) -> Settings:
    """Return the settings of a text."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return Settings(path)


def told(settings: Settings) -> list[str]:
    """Return what is wrong, without the path's folder."""
    return [
        str(problem).replace(f"{settings.path}", "settings.toml") for problem in settings.problems
    ]


def test_no_file_is_no_fault(path: Path) -> None:
    """Without a file all is as it comes, and looking for it makes none."""
    settings = Settings()
    assert (settings.theme, settings.language, settings.keys, settings.recent) == ("", "", {}, [])
    assert settings.problems == []
    assert not path.parent.exists()


def test_all_that_can_be_set(path: Path) -> None:
    """Keys may be quoted ids or tables, one text or a list, signs or names."""
    settings = written(
        path,
        'theme = "light"\nlanguage = "zh"\nrecent = ["a.toml"]\n'
        '[keys]\n"walk.next" = "b, f9"\nwalk.go_to = "f3"\npane.up = ["up", "&"]\n',
    )
    assert told(settings) == []
    assert (settings.theme, settings.language, settings.recent) == ("light", "zh", ["a.toml"])
    assert settings.keys == {
        "walk.next": "b,f9",
        "walk.go_to": "f3",
        "pane.up": "up,ampersand",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("theme = \n", "settings.toml:1:9: this is not TOML"),
        ("\x00", "settings.toml:1"),
        (
            '\nthemes = "dark"\n',
            "settings.toml:2: there is no setting 'themes'; did you mean theme",
        ),
        (
            'theme = "drak"\n',
            "settings.toml:1: there is no such theme; found 'drak'; did you mean dark",
        ),
        ("theme = 3\n", "settings.toml:1: there is no such theme; found 3"),
        ('\n\nlanguage = "xx"\n', "settings.toml:3: there is no such language; found 'xx'"),
        ('recent = "a"\n', "settings.toml:1: recent is not a list of paths"),
        ("keys = 1\n", "settings.toml:1: keys is not a table"),
        (
            '[keys]\n"walk.nxt" = "b"\n',
            "settings.toml:2: there is no key binding 'walk.nxt'; did you mean walk.next",
        ),
        ("[keys]\nwalk.next = 1\n", "settings.toml:2: walk.next takes keys; found 1"),
        ('[keys]\nwalk.next = ""\n', "settings.toml:2: walk.next takes keys"),
        ('[keys]\nwalk.next = "entr"\n', "there is no such key; found entr; did you mean enter"),
        ('[keys]\nwalk.next = "ctlr+n"\n', "found ctlr+n; did you mean ctrl"),
        (
            '[keys]\n# this one\nwalk.go_to = "n"\n',
            "settings.toml:3: walk.go_to and walk.next have the same key; found n",
        ),
        ('[keys]\napp.export = "n"\n', "app.export and walk.next have the same key"),
        ('[keys]\nwalk.next = "f3"\npane.up = "f3"\n', "walk.next and pane.up have the same key"),
    ],
)
def test_a_fault_is_told_and_the_file_left_alone(path: Path, text: str, message: str) -> None:
    """Each fault is told with its line and what is near; nothing is ever written over it."""
    settings = written(path, text)
    assert any(message in problem for problem in told(settings)), told(settings)
    settings.remember(theme="light", language="zh", opened="b.toml")
    assert settings.theme == "light"  # for as long as the app runs
    assert path.read_text("utf-8") == text


def test_a_file_that_is_no_text_is_left_alone(path: Path) -> None:
    """Bytes that are no UTF-8, and a folder in its place, are faults and no crash."""
    path.parent.mkdir()
    path.write_bytes(b"theme = '\xff'\n")
    settings = Settings()
    assert "not UTF-8 text" in told(settings)[0]
    settings.remember(theme="dark")
    assert path.read_bytes() == b"theme = '\xff'\n"
    path.unlink()
    path.mkdir()
    assert "this is not a file; found a folder" in told(Settings())[0]


def test_the_rest_counts_where_one_is_wrong(path: Path) -> None:
    """A fault takes away one setting, not all of them."""
    settings = written(
        path, 'theme = "drak"\nlanguage = "zh"\n[keys]\nwalk.nxt = "b"\nwalk.next = "b"\n'
    )
    assert settings.language == "zh"
    assert settings.keys == {"walk.next": "b"}


def test_two_keys_may_be_exchanged(path: Path) -> None:
    """What frees a key and what takes it are no conflict."""
    settings = written(path, '[keys]\nwalk.next = "p"\nwalk.previous = "n"\n')
    assert told(settings) == []
    assert settings.keys == {"walk.next": "p", "walk.previous": "n"}


def test_a_choice_is_written_and_the_rest_kept(path: Path) -> None:
    """Comments, order and whatever else stands in the file stay; recent files are few."""
    settings = written(
        path, '# mine\ntheme = "dark" # dark\n\n[keys]\n# as in my editor\nwalk.next = "b"\n'
    )
    settings.remember(theme="light")
    assert path.read_text("utf-8") == (
        '# mine\ntheme = "light" # dark\n\n[keys]\n# as in my editor\nwalk.next = "b"\n'
    )
    for number in range(15):
        settings.remember(opened=f"{number}.toml")
    settings.remember(opened="12.toml", language="zh")
    again = Settings()
    assert again.problems == []
    assert [Path(item).name for item in again.recent][:3] == ["12.toml", "14.toml", "13.toml"]
    assert len(again.recent) == 10
    assert all(Path(item).is_absolute() for item in again.recent)
    assert (again.theme, again.language, again.keys) == ("light", "zh", {"walk.next": "b"})
    assert "# as in my editor" in path.read_text("utf-8")
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_first_choice_makes_the_file(path: Path) -> None:
    """Where there is none, the folder and a file that says what it is are made."""
    Settings().remember(theme="light")
    assert Settings().theme == "light"
    assert path.read_text("utf-8").startswith("# Settings of tracer.")


def test_where_nothing_can_be_written_it_is_told_once(path: Path) -> None:
    """A configuration folder that is a file is told of, once; the choice counts all the same."""
    path.parent.write_text("", "utf-8")
    settings = Settings()
    errors: list[Exception] = []
    settings.failed = errors.append
    settings.problems.clear()
    settings.remember(theme="light")
    settings.remember(theme="dark")
    assert settings.theme == "dark"
    assert len(errors) == 1
    assert str(path) in str(errors[0])


def test_two_at_once_keep_the_recent_files_of_each_other(path: Path) -> None:
    """What another tracer has opened since stays in the list."""
    one, other = Settings(path), Settings(path)
    one.remember(opened="/a.toml")
    other.remember(opened="/b.toml")
    assert Settings(path).recent == ["/b.toml", "/a.toml"]


def test_what_is_copied_is_kept_in_one_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is made; a second text takes the place of the first."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    async def run(step: str) -> None:
        async with opened(preferences=Settings(path)) as pilot:
            await press(pilot, step, "y", "enter")
            copied = (tmp_path / "cache" / "tracer" / "copied.txt").read_text("utf-8")
            assert copied == pilot.app.clipboard

    asyncio.run(run("n"))
    asyncio.run(run("p"))


def test_in_the_browser_nothing_is_written(path: Path) -> None:
    """A served interface reads the settings and writes none."""
    settings = Settings(is_kept=False)
    settings.remember(theme="light")
    assert settings.theme == "light"
    assert not path.parent.exists()


def test_every_default_is_a_key_that_can_be_written() -> None:
    """Each key of the tables is spelled as a reader's would be, and ids are unique."""
    for table in TABLES.values():
        for key in table.keys:
            assert key_names(key.keys) == key.keys
    assert len(KEYS) == sum(len(table.keys) for table in TABLES.values())
    assert list(taken_keys({})) == []


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("?", "question_mark"),
        (",", "comma"),
        ("+", "plus"),
        ("ctrl++", "ctrl+plus"),
        ("N", "N"),
        ("shift+n", "N"),
        ("Ctrl+N", "ctrl+N"),
        ("Enter", "enter"),
        ("é", "é"),
        ("shift+tab", "shift+tab"),
    ],
)
def test_spelling(written: str, name: str) -> None:
    """A reader may write a sign, or its name."""
    assert key_names(written) == name


def test_a_rebound_key_works_and_is_shown(path: Path) -> None:
    """The new key does it, the old one does not, and the footer shows the new one."""

    async def walked() -> tuple[str, str]:
        settings = written(path, '[keys]\nwalk.next = "b"\n')
        app = TracerApp(load("one_weight"), preferences=settings)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            return await pressed(pilot, "enter", "n"), await pressed(pilot, "b")

    old, new = asyncio.run(walked())
    assert "step 1/5" in old
    assert "step 2/5" in new
    assert "b Next" in new


def test_a_fault_is_told_when_the_interface_opens(path: Path) -> None:
    """A dialog says what is wrong and that nothing is written; the walk is behind it."""

    async def opened() -> tuple[str, str]:
        app = TracerApp(load("one_weight"), preferences=written(path, 'theme = "drak"\n'))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await pilot.pause()
            return picture(pilot), await pressed(pilot, "enter")

    dialog, walk = asyncio.run(opened())
    assert "There is a mistake in the settings" in dialog
    assert "did you mean dark?" in " ".join(dialog.replace("│", " ").split())
    assert "fault" not in walk


def test_keys_are_listed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`tracer keys` lists every binding as it is bound now, in words, and tells of faults."""
    written(path, 'them = 1\n[keys]\nwalk.next = "b"\n')
    assert main(["keys", "--format", "json", "--lang", "en"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [item["id"] for item in listed["keys"]] == list(KEYS)
    (item,) = [item for item in listed["keys"] if item["id"] == "walk.next"]
    assert item == {
        "id": "walk.next",
        "keys": ["b"],
        "default": ["n"],
        "words": "Next step",
        "where": "in the walk",
    }
    assert listed["settings"] == str(path)
    assert "did you mean theme" in listed["problems"][0]
    assert main(["keys", "--lang", "en"]) == 0
    printed = capsys.readouterr()
    assert "did you mean theme" in printed.err
    (line,) = [line for line in printed.out.splitlines() if "walk.next " in line]
    assert line.split() == ["b", "walk.next", "*", "in", "the", "walk", "Next", "step"]


@pytest.mark.chinese
def test_keys_are_listed_in_the_language_of_the_run(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Words and faults are translated; the ids of keys are not."""
    written(path, 'them = 1\n[keys]\nwalk.next = "b"\n')
    assert main(["keys", "--format", "json", "--lang", "zh"]) == 0
    listed = json.loads(capsys.readouterr().out)
    (item,) = [item for item in listed["keys"] if item["id"] == "walk.next"]
    assert (item["words"], item["where"]) == ("下一步", "在“逐步查看”中")
    assert "也许想写 theme" in listed["problems"][0]


def test_bindings_have_the_ids_of_the_tables() -> None:
    """What is listed is what is bound."""
    bound = {binding.id for table in TABLES.values() for binding in textual_bindings(table.keys)}
    assert bound == set(KEYS)


def test_the_notation_can_be_set(path: Path) -> None:
    """Textbook or code, and nothing else."""
    assert written(path, 'notation = "code"').notation == "code"
    wrong = written(path, 'notation = "tex"')
    assert wrong.notation == ""
    assert "there is no such notation" in told(wrong)[0]
