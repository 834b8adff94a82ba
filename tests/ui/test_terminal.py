"""The real program in a real terminal (tmux): a whole visit, and every way to leave it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from .served import children
from .tmux import Terminal, terminal

pytestmark = pytest.mark.needs("tmux")

START = "Enter  Begin"  # the last line of the first card: by then all of it stands there


def state(window: Terminal, when: str) -> str:
    """Return the terminal's state: what tmux knows of it, and the settings of its line."""
    window.line(f"clear; stty -g > {when}; echo {when}-the''end")
    window.until(f"{when}-theend")
    return (window.folder / when).read_text("utf-8") + window.modes()


def is_running(process: int) -> bool:
    """Tell whether a process is there and has not ended."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text("ascii")
    except FileNotFoundError:
        return False


def weight(learning_rate: float) -> float:
    """Return the weight after three iterations: w - 2 is multiplied by 1 - 2·η in each."""
    return float(2 + (0.5 - 2) * (1 - 2 * learning_rate) ** 3)


def test_a_visit(tmp_path: Path) -> None:
    """Step to the end of iteration 3, change the learning rate, export Markdown, quit."""
    with terminal(tmp_path) as window:
        before = state(window, "before")
        window.line("$TRACER; echo co''de $?")
        window.until(START)
        for number in range(1, 6):
            window.keys("n")
            window.until(f"step {number}/5")
        for number in (2, 3):
            window.keys("N")
            window.until(f"iteration {number}/3")
        screen = window.until("step 5/5")
        assert "rate η 0.1" in screen
        assert f"{weight(0.1):.6g}" in screen
        window.keys("n")
        window.until("Each step multiplies")
        window.keys("l")
        window.until("What happens")
        window.keys("+")
        window.until("learning rate 0.2")
        window.keys("Escape")
        window.until("after the last step")
        window.keys("p")
        screen = window.until(f"= {weight(0.2):.6g}")
        assert "iteration 3/3" in screen
        assert "rate η 0.2" in screen
        window.keys("e")
        window.until("All iterations as Markdown")
        window.keys("Down", "Down", "Enter")
        window.until("one_weight.md")
        window.keys("Enter")
        window.until("Written: one_weight.md")
        window.keys("q")
        window.until("What you changed is not saved.")
        window.keys("Down", "Enter")
        screen = window.until("code 0")
        assert START not in screen
        assert state(window, "after") == before
    text = (tmp_path / "one_weight.md").read_text("utf-8")
    assert text.count("\n## ") >= 3
    assert f"{weight(0.2):.6g}" in text


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_locale_without_utf_8_is_drawn_in_ascii(locale: str, tmp_path: Path) -> None:
    """Under C frames and formulas are ASCII, although Python would write UTF-8 there."""
    with terminal(tmp_path, LC_ALL=locale) as window:
        window.line("$TRACER tui one_weight")
        shown = [window.until(START)]
        for key, text in (("c", "My calculation"), ("Escape", START), ("l", "What happens")):
            window.keys(key)
            shown.append(window.until(text))
        assert [screen.isascii() for screen in shown] == [locale == "C"] * len(shown)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(number: signal.Signals, tmp_path: Path) -> None:
    """After a signal there is no alternate screen, no hidden cursor, no mouse, no raw keys."""
    with terminal(tmp_path) as window:
        before = state(window, "before")
        window.line("$TRACER tui one_weight; echo en''ded $?")
        window.until(START)
        assert "alternate_on=1 cursor_flag=0 mouse_any_flag=1" in window.modes()
        (program,) = children(int(window.tmux("display-message", "-p", "#{pane_pid}")))
        os.kill(program, number)
        screen = window.until(f"ended {128 + number}")
        assert "Traceback" not in screen
        assert START not in screen
        assert state(window, "after") == before


def test_a_program_ends_with_its_terminal(tmp_path: Path) -> None:
    """A window that is closed leaves no process that waits for it, or that runs on."""
    with terminal(tmp_path) as window:
        window.line("$TRACER")
        window.until(START)
        shell = int(window.tmux("display-message", "-p", "#{pane_pid}"))
        (program,) = children(shell)
        window.tmux("new-window")
        window.tmux("kill-window", "-t", ":0")
        end = time.monotonic() + 20
        while is_running(program) and time.monotonic() < end:
            time.sleep(0.1)
        assert not is_running(program)


def test_the_theme_is_remembered(tmp_path: Path) -> None:
    """A theme that is chosen is there at the next start; comments in the settings stay."""
    folder = tmp_path / "config" / "tracer"
    folder.mkdir(parents=True)
    path = folder / "settings.toml"
    path.write_text('# mine\n[keys]\n"walk.next" = "b"  # as in my editor\n', "utf-8")
    with terminal(tmp_path) as window:
        window.line("$TRACER tui one_weight; echo le''ft")
        window.until(START)
        window.keys("n")
        window.keys("b", "b")
        assert "step 2/5" in window.until("step 2/5")
        window.keys("t")
        window.until("high contrast")
        window.keys("Down", "Down", "Enter")
        window.until_gone("Choose a theme")
        window.keys("q")
        window.until("left")
        text = path.read_text("utf-8")
        assert text == (
            '# mine\ntheme = "high-contrast"\n\n[keys]\n"walk.next" = "b"  # as in my editor\n'
        )
        path.write_text(text + '"walk.nxt" = "n"\n', "utf-8")
        window.line("$TRACER")
        screen = window.until("There is a mistake in the settings")
        assert "did you mean walk.next" in " ".join(screen.replace("│", " ").split())
        window.keys("Enter", "q")


def test_after_a_stop_that_nobody_announced_the_terminal_is_as_it_was(tmp_path: Path) -> None:
    """SIGSTOP cannot be caught: the shell has the terminal as tracer had set it, until `fg`."""
    with terminal(tmp_path) as window:
        before = state(window, "before")
        window.line("$TRACER; echo co''de $?")
        window.until(START)
        (shell,) = window.tmux("display-message", "-p", "#{pane_pid}").split()
        (tracer,) = children(int(shell))
        os.kill(tracer, signal.SIGSTOP)
        window.until("Stopped")
        window.keys("f", "g", "C-j")  # the line ends with no carriage return yet
        window.until_gone("Stopped")
        window.until(START)
        window.until_pressed("n", "· step ")  # what is typed before then may be thrown away
        window.keys("q")
        window.until_gone("· step ")
        assert state(window, "after") == before
