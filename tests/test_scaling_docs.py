"""The queries of docs/scaling.md read what the commands write."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from tracer.cli import main

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scaling.md"
QUERIES = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_duckdb_reads_the_results_of_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slips of a check, marks of a class, and the runs of a sweep as Parquet and lines of JSON."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/a.md").write_text("y = 2 * 3 = 7\n\nz = 1 + 1 = 3\n", "utf-8")
    Path("in/b.md").write_text("y = 2 * 3 = 6\n", "utf-8")
    main(["check", "in", "--jsonl", "found.jsonl", "-q"])
    main(["worksheet", "one_weight", "-o", "sheet.md", "-q"])
    Path("class").mkdir()
    for name in ("sheet.md", "sheet.key.md"):
        Path("class", name).write_text(Path(name).read_text("utf-8"), "utf-8")
    main(["mark", "class", "--key", "sheet.key.md", "--jsonl", "marks.jsonl", "-q"])
    sweep = ["sweep", "one_weight", "--set", "learning_rate=0.1:1.1:6", "--iterations", "2"]
    sweep += ["--set", "optimizer=sgd,adam", "-q"]
    assert main([*sweep, "-o", "runs.parquet", "--jsonl", "runs.jsonl"]) == 0
    with import_module("duckdb").connect() as connection:
        found = [connection.sql(query) for query in QUERIES]
        slips, marks, best = (table.fetchall() for table in found[:3])
        assert slips == [("arithmetic_error", 2, 1)]
        assert marks == [("sheet.md", 0, 17)]
        assert sorted(best)[1] == ("sgd", pytest.approx(0.5), pytest.approx(0.0))
        both = "SELECT {} AS rate, last_loss FROM '{}' ORDER BY rate, last_loss"
        columns = connection.sql(both.format("learning_rate", "runs.parquet")).fetchall()
        assert len(columns) == 12
        assert columns == connection.sql(both.format("rate", "rates.parquet")).fetchall()


def test_parquet_needs_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """It is no text for a terminal."""
    arguments = ["sweep", "one_weight", "--set", "learning_rate=1,2", "--format", "parquet"]
    assert main([*arguments, "--lang", "en"]) == 2
    assert (
        "Parquet cannot be printed as text; expected a file: -o runs.parquet"
        in capsys.readouterr().err
    )


def test_a_sweep_without_faults_has_the_columns_of_one_with_them(tmp_path: Path) -> None:
    """Files of several sweeps are read as one table."""
    for name, rates in (("calm", "0.1,0.2"), ("wild", "1e200,1e300")):
        place = str(tmp_path / f"{name}.parquet")
        assert main(["sweep", "one_weight", "--set", f"learning_rate={rates}", "-o", place]) == 0
    with import_module("duckdb").connect() as connection:
        found = connection.read_parquet(str(tmp_path / "*.parquet")).project("fault_name")
        assert found.filter("fault_name IS NULL").count("*").fetchall() == [(2,)]
        assert found.filter("fault_name IS NOT NULL").count("*").fetchall() == [(2,)]
