"""Work on many files: results in order, and no process is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tracer.commands.parallel import MANY, mapped

ROOT = Path(__file__).resolve().parents[2]

# Each task says that it has begun, and takes far longer than the test waits.
PROGRAM = f"""
import os
import time
from tracer.commands.parallel import mapped

def work(seconds):
    os.write(1, b"begun\\n")  # in one piece: other workers write too
    time.sleep(seconds)

if __name__ == "__main__":
    for _ in mapped(work, [600] * {MANY}):
        pass
"""


def test_the_results_of_many_tasks_come_in_their_order() -> None:
    """As one process would give them."""
    tasks = list(range(-2 * MANY, 0))
    assert list(mapped(abs, tasks)) == list(map(abs, tasks))


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM], ids=lambda item: item.name)
def test_workers_end_with_the_process_that_started_them(
    tmp_path: Path, ending: signal.Signals
) -> None:
    """Workers hold the output open, so it ends only when the last of them is gone."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"begun\n"
            process.send_signal(ending)
            process.communicate(timeout=20)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
