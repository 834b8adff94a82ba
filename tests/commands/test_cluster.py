"""`--cluster`: the same results from the processes of a Dask cluster, whatever dies there."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_parallel import fragile, in_order
from tracer.cli import main
from tracer.commands import workers
from tracer.commands.parallel import run_tasks

ROOT = Path(__file__).resolve().parents[2]


def test_an_executor_that_has_failed_itself_has_lost_its_tasks() -> None:
    """Dask's reads a result as an error where a process dies meanwhile; a task's error stays."""

    def ended_by(namespace: dict[str, Any]) -> Future[list[Any]]:
        future: Future[list[Any]] = Future()
        try:
            exec("first, second = [1, 2, 3]", namespace)  # fails in a module of that name
        except ValueError as error:
            future.set_exception(error)
        return future

    cluster = workers.ClusterWorkers.__new__(workers.ClusterWorkers)
    cluster._killed = KeyError
    assert cluster.has_died(ended_by({"__name__": workers.EXECUTOR}))
    assert not cluster.has_died(ended_by({"__name__": "tasks"}))


@pytest.mark.needs("Dask")
def test_a_task_that_ends_its_worker_costs_nothing_but_itself(tmp_path: Path) -> None:
    """One dies once and is done again, one always dies and is reported; all others are done."""
    marks = {7: str(tmp_path / "died"), 30: "always"}
    tasks = [(number, marks.get(number, "")) for number in range(50)]
    results = in_order(
        run_tasks(fragile, tasks, lost=lambda task: f"{task[0]} lost", cluster="local")
    )
    assert results == [f"{number} {'lost' if number == 30 else 'done'}" for number in range(50)]
    assert (tmp_path / "died").exists()


@pytest.mark.needs("Dask")
@pytest.mark.filterwarnings("error:Port 8787")
def test_the_port_of_another_cluster_is_not_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Dask's own port is often taken, and a page that nobody opens needs none."""
    with socket.socket() as other:
        with suppress(OSError):  # it is taken already, which is as good
            other.bind(("127.0.0.1", 8787))
            other.listen()
        arguments = ["sweep", "four_layer_classifier", "-q", "--set", "learning_rate=0.1,0.2"]
        assert main([*arguments, "--iterations", "2", "--cluster", "local"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.needs("Dask")
def test_workers_of_another_version_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their figures would not be those of this one."""
    monkeypatch.setattr(workers, "__version__", "0.0.0")
    arguments = ["sweep", "four_layer_classifier", "--set", "learning_rate=0.1,0.2"]
    assert main([*arguments, "--cluster", "local", "--lang", "en"]) == 2
    assert "the workers of the cluster have another version" in capsys.readouterr().err


def test_without_dask_one_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Few people have a cluster."""
    monkeypatch.setitem(sys.modules, "dask", None)
    arguments = ["sweep", "four_layer_classifier", "--set", "learning_rate=0.1,0.2"]
    assert main([*arguments, "--cluster", "local", "--lang", "en"]) == 2
    error = capsys.readouterr().err
    assert "--cluster needs Dask" in error
    assert "pip install 'gradient-tracer[cluster]'" in error


@pytest.mark.proof
def test_a_worker_that_is_killed_in_the_middle_of_a_sweep_loses_nothing(
    tmp_path: Path, report_proof: Callable[[str], None]
) -> None:
    """Two workers on this machine, one killed from outside: every run once, none of them lost."""
    psutil = import_module("psutil")  # distributed needs it too
    lines = tmp_path / "runs.jsonl"
    command = [
        *(sys.executable, "-m", "tracer", "sweep", "four_layer_classifier", "-q"),
        *("--set", "learning_rate=0.001:0.1:24", "--iterations", "400", "--format", "csv"),
        *("--cluster", "local", "--jsonl", str(lines)),
    ]

    def is_worker(process: Any) -> bool:
        return "spawn_main" in " ".join(process.cmdline())

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=True
    ) as process:
        try:
            while not (lines.exists() and lines.read_bytes().count(b"\n") >= 4):
                assert process.poll() is None
            workers = [*filter(is_worker, psutil.Process(process.pid).children())]
            os.kill(workers[0].pid, signal.SIGKILL)
            done = lines.read_bytes().count(b"\n")
            table, error = process.communicate(timeout=300)
        except BaseException:
            process.kill()
            raise
    assert (process.returncode, error) == (0, b"")
    runs = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    rates = [run["settings"]["learning_rate"] for run in runs]
    assert len(rates) == len(set(rates)) == len(table.splitlines()) - 1 == 24
    assert not [run for run in runs if run["outcome"] == "lost"]
    report_proof(f"24 runs on {len(workers)} workers, one killed after {done}: none lost or twice")


@pytest.mark.proof
def test_an_interrupt_ends_the_cluster_and_keeps_what_is_done(
    tmp_path: Path, report_proof: Callable[[str], None]
) -> None:
    """One message, although Ctrl+C reaches the workers too; the results so far stay."""
    lines = tmp_path / "runs.jsonl"
    command = [
        *(sys.executable, "-m", "tracer", "sweep", "four_layer_classifier", "--lang", "en"),
        *("--set", "learning_rate=0.001:0.1:200", "--iterations", "200"),
        *("--cluster", "local", "--jsonl", str(lines)),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=True
    ) as process:
        try:
            while not (lines.exists() and lines.read_bytes().count(b"\n") >= 3):
                assert process.poll() is None
            os.killpg(process.pid, signal.SIGINT)
            table, error = process.communicate(timeout=60)
        except BaseException:
            process.kill()
            raise
    assert (process.returncode, table, error) == (130, b"", b"tracer: interrupted\n")
    done = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert 3 <= len(done) < 200
    report_proof(f"interrupted on a cluster: {len(done)} of 200 runs are kept")


@pytest.mark.proof
def test_a_scheduler_that_is_gone_is_one_message(
    tmp_path: Path, report_proof: Callable[[str], None]
) -> None:
    """The results so far stay, and the same command goes on from them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    port = address.rpartition(":")[2]
    lines = tmp_path / "runs.jsonl"
    command = [
        *(sys.executable, "-m", "tracer", "sweep", "four_layer_classifier", "--lang", "en"),
        *("--set", "learning_rate=0.001:0.1:200", "--iterations", "200"),
        *("--cluster", address, "--jsonl", str(lines)),
    ]
    with (
        subprocess.Popen(
            [*dask, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"], **quiet
        ) as scheduler,
        subprocess.Popen(
            [*dask, "worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard"], **quiet
        ) as worker,
    ):
        try:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
            )
            with process:
                while not (lines.exists() and lines.read_bytes().count(b"\n") >= 3):
                    assert process.poll() is None
                scheduler.kill()
                table, error = process.communicate(timeout=120)
        finally:
            for other in (scheduler, worker, process):
                other.kill()
    assert (process.returncode, table) == (2, b"")
    assert error.decode().splitlines() == [
        "tracer: the cluster is gone; expected the same command again, to go on from there"
    ]
    done = lines.read_bytes().count(b"\n")
    assert 3 <= done < 200
    report_proof(f"a scheduler was killed: {done} of 200 runs are kept")
