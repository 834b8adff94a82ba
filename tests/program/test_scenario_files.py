"""Data files are read from below the scenario's folder, and only what they should hold."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tracer.errors import ScenarioError
from tracer.program import value_sources
from tracer.program.given_array import GivenArray
from tracer.program.scenario import load, loads


def read(folder: Path, value: str) -> GivenArray:
    """Return what the scenario in this folder reads."""
    path = folder / "scenario.toml"
    path.write_text(f'[data]\nx = {value}\n[network]\nequations = "loss = 1"\n')
    return load(path).data["x"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a table of two columns and names."""
    (tmp_path / "named.csv").write_text('a, "b"\n1,2.5\n-3e1,4\n\n')
    (tmp_path / "bare.csv").write_text("1,2\n3,4\n5,6")
    return tmp_path


@pytest.mark.parametrize(
    ("value", "shape", "floats"),
    [
        ("{file = 'bare.csv'}", (3, 2), [1, 2, 3, 4, 5, 6]),
        ("{file = 'bare.csv', columns = [1]}", (3, 1), [2, 4, 6]),
        ("{file = 'bare.csv', column = 0}", (3,), [1, 3, 5]),
        ("{file = './bare.csv', columns = [1, 0]}", (3, 2), [2, 1, 4, 3, 6, 5]),
        ("{file = 'named.csv', header = true}", (2, 2), [1, 2.5, -30, 4]),
        ("{file = 'named.csv', columns = ['b', 'a']}", (2, 2), [2.5, 1, 4, -30]),
        ("{file = 'named.csv', column = 'a'}", (2,), [1, -30]),
        ("{file = 'named.csv', column = 1, header = true}", (2,), [2.5, 4]),
    ],
)
def test_csv(folder: Path, value: str, shape: tuple[int, ...], floats: list[float]) -> None:
    """Columns are chosen by place or by name; `column` drops their axis."""
    if "named" in value:
        text = (folder / "named.csv").read_text()
        (folder / "named.csv").write_text(text.replace(' "b"', '"b"'))
    given = read(folder, value)
    assert (given.shape, given.floats()) == (shape, floats)


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "u1", "<i8", "f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy(tmp_path: Path, dtype: str, order: str) -> None:
    """Numbers of any kind and order come out as they are."""
    values = np.arange(24).reshape(2, 3, 4)
    np.save(tmp_path / "x.npy", np.asarray(values, dtype=dtype, order=order))  # type: ignore[call-overload]
    given = read(tmp_path, "{file = 'x.npy'}")
    assert given.shape == (2, 3, 4)
    assert given.array().tolist() == values.tolist()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1,2\n3", "x.csv line 2: rows differ in length; found 1 cells; expected 2 cells"),
        (
            "a,b\n1,2",
            "line 1: a cell is not a number; header = true skips a first line of names; fo",
        ),
        ("1,nan", "a cell is not a number"),
        ("1,inf", "a cell is not a number"),
        ("1,1_000", "a cell is not a number"),
        ("1,٣", "a cell is not a number"),
        ("1,", "a cell is not a number"),
        ("1,1e999", "line 1: a number is too large"),
        ('1,"2', "line 1: unexpected end of data"),
        ("", "the file holds no row of numbers"),
        ("1\0", "the file holds a zero byte"),
    ],
)
def test_refused_csv(tmp_path: Path, content: str, message: str) -> None:
    """What is no table of finite numbers is refused, with the line."""
    (tmp_path / "x.csv").write_text(content)
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, "{file = 'x.csv'}")
    assert message in str(caught.value)
    assert "scenario.toml:2: [data] x.file: " in str(caught.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{file = 'none.csv'}", "“none.csv” does not exist"),
        ("{file = '/etc/passwd.csv'}", "the file is not below the scenario's own folder"),
        ("{file = '../bare.csv'}", "the file is not below the scenario's own folder"),
        ("{file = 'a/../bare.csv'}", "the file is not below the scenario's own folder"),
        ("{file = 'C:\\bare.csv'}", "the file is not below the scenario's own folder"),
        ("{file = 'bare.txt'}", "unknown kind of file; found “bare.txt”; expected a .csv or .npy"),
        ("{file = 3}", "x.file: this is not a text; found 3"),
        ('{file = "a\\u0000.csv"}', "the file is not below"),
        ("{file = 'bare.csv', column = 2}", "there is no column 2; found 2 columns, from 0"),
        ("{file = 'named.csv', column = 'c'}", "the column “c” is not in the file; found “a, b”"),
        ("{file = 'named.csv', column = 'a', header = false}", "columns with names need header ="),
        ("{file = 'bare.csv', columns = 'a'}", "this does not choose columns; found the text “a”"),
        ("{file = 'bare.csv', columns = []}", "this does not choose columns"),
        ("{file = 'bare.csv', columns = [0, 'a']}", "this does not choose columns"),
        ("{file = 'bare.csv', columns = [-1]}", "this does not choose columns"),
        ("{file = 'bare.csv', column = 0, columns = [0]}", "give one of column and columns"),
        ("{file = 'bare.csv', skip = 1}", "unknown key “skip”"),
        ("{file = 'folder.csv'}", "“folder.csv” is not a file"),
        ("{file = 'pipe.csv'}", "“pipe.csv” is not a file"),
        ("{file = 'link.csv'}", "tracer does not follow links"),
        ("{file = 'away/bare.csv'}", "tracer does not follow links"),
    ],
)
def test_refused_file(folder: Path, value: str, message: str) -> None:
    """A file that is not a plain one below the folder is never opened."""
    (folder / "named.csv").write_text("a,b\n1,2\n")
    (folder / "folder.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    (folder / "link.csv").symlink_to(folder / "bare.csv")
    (folder / "away").symlink_to(folder)
    with pytest.raises(ScenarioError) as caught:
        read(folder, value)
    assert message in str(caught.value)


def test_refused_npy(tmp_path: Path) -> None:
    """Pickles, other kinds of values, and headers that do not fit the file are refused."""
    path = tmp_path / "x.npy"

    def refused(message: str) -> None:
        with pytest.raises(ScenarioError) as caught:
            read(tmp_path, "{file = 'x.npy'}")
        assert message in str(caught.value)

    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    refused("the array does not hold numbers; found dtype object")
    np.save(path, np.array([1j]))
    refused("the array does not hold numbers")
    np.save(path, np.array([True]))
    refused("the array does not hold numbers")
    np.save(path, np.array([1.0, np.nan]))
    refused("a number that is not finite")
    np.save(path, np.zeros((0, 3)))
    refused("the array is empty or too large")
    np.save(path, np.zeros(3))
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    refused("the file is shorter or longer than its header says")
    path.write_bytes(content.replace(b"(3,)", b"(9999999999,)"))
    refused("x.file")
    path.write_bytes(b"not an array")
    refused("the file is not an NPY file")
    path.write_bytes(content[:20])
    refused("the file is not an NPY file")


def test_size_is_checked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is not read."""
    monkeypatch.setattr(value_sources, "MAX_FILE_BYTES", 5)
    (tmp_path / "x.csv").write_text("1\n2\n3\n4")
    with pytest.raises(ScenarioError, match="the file is too large; found 7 bytes; expected at mo"):
        read(tmp_path, "{file = 'x.csv'}")


def test_a_text_has_no_folder() -> None:
    """A scenario that does not come from a file reads no files."""
    with pytest.raises(ScenarioError, match="cannot read files beside it"):
        loads('[data]\nx = {file = "x.csv"}\n[network]\nequations = "a = 1"')


def test_samples_of_a_file(folder: Path) -> None:
    """The number of samples is checked after reading, too."""
    (folder / "scenario.toml").write_text(
        "[data]\nx = {file = 'bare.csv'}\ny = [1, 2]\n[parameters]\nw = 1\n"
        "[network]\nequations = 'loss = w'\n[training]\nlearning_rate = 1\nepochs = 1\n"
        "batch_size = 1\n"
    )
    with pytest.raises(ScenarioError, match="x and y differ in their number of samples"):
        load(folder / "scenario.toml")
