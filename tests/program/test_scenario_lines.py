"""Every key of a TOML text is found on its line, whatever stands around it."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tracer.program.document import key_places

AWKWARD = '''\
# a comment with = and [brackets]
title = "a = [b] # no comment"
description = """
w = 1
[parameters]
\\""" w = 2
"""

[data]
x = [1, # one
     2,
     {y = 3},
    ]
"quoted key" = 1
'literal.key' = 'it \\'
a . b.c = 4
[parameters.W]
shape = [2, 3]
[parameters]
w = {shape = [1], init = "zeros"}; # not TOML after the brace: see below
'''.replace("; # not TOML after the brace: see below", "")

VARIANTS = """\
[[variants]]
name = "one"
training = {optimizer = "adam", learning_rate = 0.1}
[[variants]]
name = "two"
[variants.training]
optimizer = "sgd"
[[variants]]
name = '''
three'''
"""


def lines(text: str) -> dict[str, int]:
    """Return the line of each key, the path joined with slashes."""
    return {"/".join(map(str, path)): place.line for path, place in key_places(text).items()}


def test_keys_stand_where_they_are_written() -> None:
    """Strings, comments, arrays and inline tables do not hide or invent a key."""
    tomllib.loads(AWKWARD)
    assert lines(AWKWARD) == {
        "title": 2,
        "description": 3,
        "data": 9,
        "data/x": 10,
        "data/x/2/y": 12,
        "data/quoted key": 14,
        "data/literal.key": 15,
        "data/a": 16,
        "data/a/b": 16,
        "data/a/b/c": 16,
        "parameters": 19,
        "parameters/W": 17,
        "parameters/W/shape": 18,
        "parameters/w": 20,
        "parameters/w/shape": 20,
        "parameters/w/init": 20,
    }


def test_entries_of_an_array_of_tables_are_numbered() -> None:
    """Each [[variants]] has its number, and what follows it belongs to it."""
    found = lines(VARIANTS)
    assert found["variants/0/training/optimizer"] == 3
    assert found["variants/1"] == 4
    assert found["variants/1/training/optimizer"] == 7
    assert found["variants/2/name"] == 9


def test_line_where_a_text_begins() -> None:
    """A line end right after three quotes is not part of the text; other texts begin at once."""
    text = 'a = """\none"""\nb = """two"""\nc = "three"\nd = """"""\ne = {f = """\n"""}\n'
    found = {"/".join(map(str, path)): place.text_line for path, place in key_places(text).items()}
    assert found == {"a": 2, "b": 3, "c": 4, "d": 5, "e": 0, "e/f": 7}


def test_windows_line_ends() -> None:
    """A text with carriage returns has the same lines."""
    assert lines(AWKWARD.replace("\n", "\r\n")) == lines(AWKWARD)


def test_nesting_that_tomllib_reads_is_read() -> None:
    """What follows deep brackets is found; where they are too deep for tomllib, nothing fails."""
    text = "x = " + "[" * 300 + "]" * 300 + "\ny = 1\n"
    tomllib.loads(text)
    assert lines(text) == {"x": 1, "y": 2}
    assert lines("x = " + "[" * 50_000 + "]" * 50_000 + "\ny = 1\n") == {"x": 1}


def _paths(tree: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found: set[tuple[str | int, ...]] = set()
    if isinstance(tree, dict):
        for key, value in tree.items():
            found |= {(*path, key)} | _paths(value, (*path, key))
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            found |= _paths(value, (*path, place))
    return found


_KEYS = st.sampled_from(["a", "b", '"c d"', "'e'", "f.g", "h . i"])
_VALUES = st.recursive(
    st.sampled_from(
        ["1", "-0.5e3", "true", "1979-05-27 07:32:00", '"x # ]"', "'}'", '"""\n"q" = 1\n"""']
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[\n# no ]\n{' , '.join(items)}\n]"),
        st.lists(st.tuples(_KEYS, inner), max_size=3, unique_by=lambda pair: pair[0]).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs) + "}"
        ),
    ),
    max_leaves=6,
)
_LINES = st.one_of(
    st.tuples(_KEYS, _VALUES).map(lambda pair: f"{pair[0]} = {pair[1]} # end"),
    _KEYS.map(lambda key: f"[ {key} ]"),
    _KEYS.map(lambda key: f"[[{key}]]"),
    st.just(""),
)


@given(st.lists(_LINES, max_size=8).map("\n".join))
def test_finds_every_key_that_tomllib_finds(text: str) -> None:
    """On any TOML, the paths of the scanner are those of the parsed tree."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = {path for path in key_places(text) if isinstance(path[-1], str)}
    assert found == {path for path in _paths(tree) if isinstance(path[-1], str)}


@given(st.text(alphabet="ab=[]{}\"'\\\n.,# 1\r", max_size=60))
def test_any_text_ends(text: str) -> None:
    """What is no TOML ends the scan, without an error."""
    key_places(text)
