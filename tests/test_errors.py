"""Errors say sentences, so that each of them can be shown in the reader's language."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest

import tracer.errors
from tracer.errors import LanguageError, TracerError, UnknownNameError, nearest, refusal_reason
from tracer.program.document import read_toml
from tracer.run.memory import MemoryLimitError
from tracer.sentences import Sentence, join_by_and, join_by_or, recognize, say

PACKAGE = Path(tracer.errors.__file__).parent

# What is said by `argparse`, whose own messages stay English beside it.
ENGLISH = {"commands/arguments.py"}

# Parameters that take words or what needs no translation; where it must be words (`Sentence`),
# mypy refuses a plain text.
WORDS = re.compile(r"\b(\w+): (?:Text|Iterable\[Text\])(?![\w.\[]| \|)")
# Code that looks like words.
CODE = {  # what stands for itself in every language
    "1 - condition",
    "np.take(array, ids, axis=0)",
    "np.where(condition, x, 0)",
    "pip install §",
    "tracer run --resume §",
    "tracer run one_weight, tracer run --resume trace.npz",
}
KINDS = tuple(
    name
    for name, kind in vars(tracer.errors).items()
    if inspect.isclass(kind) and issubclass(kind, TracerError)
)


@cache
def parameters_of_words() -> dict[str, dict[str, int]]:
    """Return where each function takes words: by the name of the parameter, its place or -1."""
    found: dict[str, dict[str, int]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text("utf-8")
        if not WORDS.search(source):  # to parse it takes far longer
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                taken = [item for item in node.args.args if item.arg != "self"]
                places = dict.fromkeys(node.args.kwonlyargs, -1)
                places |= {item: place for place, item in enumerate(taken)}
                words = {
                    item.arg: place
                    for item, place in places.items()
                    if WORDS.fullmatch(ast.unparse(item))
                }
                if words:
                    found.setdefault(node.name, {}).update(words)
    for kind in KINDS:
        found[kind] = {"what": 0, "where": -1, "found": -1, "expected": -1}
    return found


def has_words(text: str) -> bool:
    """Tell whether a text has English words outside of code: `x y` is code, as is a.b or --c."""
    text = re.sub(r"`[^`]*`|\[[\w.]+\]( \w+)?", "§", text)  # `code`, [table] key
    return bool(re.search(r"(?<![^\s(])[A-Za-z][a-z']+(?![^\s,;:.)])", text)) and (
        " " in text.strip() or text.strip().isalpha()
    )


def texts_of(node: ast.expr) -> Iterator[str]:
    """Yield the texts written in an argument itself: not those in calls within it."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr():
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "§" for part in node.values
            )
        case ast.BoolOp():
            for part in node.values:
                yield from texts_of(part)
        case ast.IfExp():
            yield from texts_of(node.body)
            yield from texts_of(node.orelse)
        case ast.BinOp():
            yield from texts_of(node.left)
            yield from texts_of(node.right)
        case ast.List() | ast.Tuple():
            for part in node.elts:
                yield from texts_of(part)


def unsaid(source: str, words: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the English words which a module hands on without `say`, each with its line."""
    found: list[str] = []
    if not any(f"{name}(" in source for name in words):  # to parse it takes far longer
        return found
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        for parameter, place in words.get(name, {}).items():
            given = [item.value for item in call.keywords if item.arg == parameter]
            if 0 <= place < len(call.args):
                given.append(call.args[place])
            texts = [text for item in given for text in texts_of(item)]
            found += [
                f"{call.lineno}: {text}" for text in texts if text not in CODE and has_words(text)
            ]
    return found


def test_all_words_of_errors_are_said() -> None:
    """No place that raises an error, or writes a part of one, has words that stay English."""
    words = parameters_of_words()
    left = [
        f"{name}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if (name := path.relative_to(PACKAGE).as_posix()) not in ENGLISH
        for line in unsaid(path.read_text("utf-8"), words)
    ]
    assert left == []


@pytest.mark.parametrize(
    "source",
    [
        "raise TracerError('the file is too large')",
        "raise ShapeError(say('a'), found=f'the shape {shape}')",
        "raise RunError(say('a'), expected='spaces')",
        "raise RunError(say('a'), expected=nearest(name, known) or 'another name')",
        "raise RunError(say('a'), where=f'{path}, line {line}')",
        "raise self.error(say('a'), start, found='this is ' + kind)",
        "raise unsupported_call('np.dot of more than two axes')",
        "raise self.error(key, say('a'), expected=one_of(['a path', name]))",
    ],
)
def test_words_that_nobody_says_are_found(source: str) -> None:
    """A message that is a plain text is found, wherever it stands."""
    assert unsaid(source, parameters_of_words())


@pytest.mark.parametrize(
    "source",
    [
        "raise TracerError(say('the file is too large'), where=path)",
        "raise RunError(say('a'), found=f'`{text}`', expected='`for t in range(3):`')",
        "raise RunError(say('a'), expected='[keys]', where=f'{label}:{line}: [network]')",
        "raise RunError(say('a'), expected=f'iteration(k)[{name!r}]')",
        "raise RunError(say('a'), found=describe('a text of mine'))",
    ],
)
def test_code_and_names_need_no_translation(source: str) -> None:
    """What is no English is no offence."""
    assert unsaid(source, parameters_of_words()) == []


def shouted(text: str) -> str:
    """Stand in for a language: words in capitals, slots as they are."""
    return re.sub(r"(\{\w+\})|[^{}]+", lambda part: part[1] or part[0].upper(), text)


def test_an_error_is_told_in_a_language() -> None:
    """Words are translated; the place, names and figures stay; `str` is the English line."""
    error = TracerError(
        say("{key} is too large", key="learning_rate"),
        where=say("{place}, line {line}", place="net.toml", line=3),
        found="1e400",
        expected=join_by_or(["sgd", "adam", say("a rule")]),
    )
    assert str(error) == (
        "net.toml, line 3: learning_rate is too large; found 1e400; expected sgd, adam or a rule"
    )
    assert error.message_in(shouted) == (
        "net.toml, LINE 3: learning_rate IS TOO LARGE; FOUND 1e400; EXPECTED sgd, adam OR A RULE"
    )
    assert error.message_in(str, placed=False).startswith("learning_rate is")


@pytest.mark.parametrize(
    "error",
    [
        UnknownNameError(say("there is no {name}", name="w"), where="here", expected="w1"),
        LanguageError(say("this is no number"), start=3),
        MemoryLimitError(9000, 1000, 3, "checkpoints", 500, 100),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_goes_from_one_process_to_another(error: TracerError) -> None:
    """As a copy that says the same, whatever its kind is made from."""
    other = deepcopy(error)
    assert type(other) is type(error)
    assert (str(other), *vars(other)) == (str(error), *vars(error))


def test_what_is_near_is_no_expectation() -> None:
    """'did you mean' stands for itself, in every language."""
    error = UnknownNameError(say("no such name"), expected=nearest("w11", ["w1", "w12", "b"]))
    assert str(error) == "no such name; did you mean w1 or w12?"
    assert error.message_in(shouted) == "NO SUCH NAME; DID YOU MEAN w1 OR w12?"
    assert nearest("w", ["something"]) == ""
    assert nearest("cumsum", ["sum"]) == ""
    assert [str(nearest(name, ["sum"])) for name in ("sums", "my_sum", "np.sum")] == [
        "did you mean sum?"
    ] * 3
    assert str(nearest("rate", ["update", "learning_rate"])) == "did you mean learning_rate?"
    assert str(nearest("lr", ["loss", "learning_rate"])) == "did you mean learning_rate?"


def test_control_characters_are_shown_in_every_language() -> None:
    """No message moves the cursor of a terminal."""
    error = LanguageError(say("unknown character {name}", name="\x1b"))
    assert str(error) == "unknown character ␛"
    assert error.message_in(shouted) == "UNKNOWN CHARACTER ␛"


def test_why_the_system_refuses_a_file_is_a_sentence(tmp_path: Path) -> None:
    """The common reasons can be translated; another one is given as it is."""
    with pytest.raises(OSError) as caught:  # noqa: PT011 - whichever kind it is
        (tmp_path / "none").open()
    assert isinstance(refusal_reason(caught.value), Sentence)
    assert str(refusal_reason(caught.value)) == caught.value.strerror
    with pytest.raises(OSError) as caught:  # noqa: PT011 - whichever kind it is
        (tmp_path / "nowhere" / "none").open()
    assert str(refusal_reason(caught.value)) == f"no folder {tmp_path / 'nowhere'}"
    assert refusal_reason(OSError(1, "something else")) == "something else"
    assert str(refusal_reason(ValueError("embedded null byte"))) == "its name has a zero byte"


def test_what_another_library_says_is_recognized() -> None:
    """A known text is a sentence, with what stands in its slot; an unknown one stays itself."""
    known = (say("Invalid value"), say("Cannot declare {text} twice", text=""))
    assert recognize("Invalid value", known) != "Invalid value"
    assert str(recognize("Invalid value", known)) == "Invalid value"
    told = recognize("Cannot declare ('a',) twice", known)
    assert isinstance(told, Sentence)
    assert told.slots == {"text": "('a',)"}
    assert recognize("Cannot declare it", known) == "Cannot declare it"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "x =",
            "x",
            "= 1",
            "[a",
            "[[a]",
            "x = [1",
            'x = "a',
            'x = "\\q"',
            "x = {a = 1",
            "x = 1 2",
        ),
        *(
            "x = 1\nx = 2",
            "[a]\n[a]",
            "x = {a = 1, a = 2}",
            'x = "\\uD800"',
            "x = 1\nx.y = 2",
            "x = 1 2",
        ),
        *("x = 2000-99-99", "x = '\x01'", "x = {}\nx.y = 1", "[a.b]\n[a]\nb.c = 1", 'x = "\\u12"'),
    ],
)
def test_all_that_tomllib_says_is_known(text: str) -> None:
    """Whatever keeps a text from being TOML can be told in another language."""
    with pytest.raises(TracerError) as caught:
        read_toml(text, "a.toml")
    assert caught.value.message_in(shouted) != str(caught.value)
    assert re.search(r"[a-z]{4}", caught.value.message_in(shouted).partition("TOML: ")[2]) is None


def test_lists_in_words() -> None:
    """Choices and sums of names are sentences; one name is itself."""
    assert join_by_or(["a"]) == join_by_and(["a"]) == "a"
    assert str(join_by_or(["a", "b"])) == "a or b"
    assert str(join_by_and(["a", "b", "c"])) == "a, b and c"
