"""The command line as a whole: codes, messages, streams, interrupts."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import pytest

from tracer import cli
from tracer.cli import COMMANDS, main, parser_of
from tracer.commands.exit_codes import BAD_INPUT
from tracer.commands.requested_run import iterations_of, scenario_of
from tracer.run.runner import schedule_of_run
from tracer.text_width import width

ROOT = Path(__file__).resolve().parent.parent


def process(
    *arguments: str, stdout: int | IO[bytes], env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start tracer as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tracer", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=env,
        # In the background of a shell an interrupt is ignored, and processes inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_the_language_may_stand_before_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Its value is not taken for a command; an option of another kind may stand there too."""
    assert main(["--lang", "zh", "list"]) == 0
    told = capsys.readouterr().out
    assert main(["list", "--lang", "zh"]) == 0
    assert capsys.readouterr().out == told
    assert main(["-q", "list", "--lang=zh"]) == 0
    assert capsys.readouterr().out == told


def test_without_arguments_the_demo_is_walked_through(capsys: pytest.CaptureFixture[str]) -> None:
    """`tracer` alone walks through the one-weight demo, in plain text."""
    assert main([]) == 0
    printed = capsys.readouterr()
    assert "w ← w − η·∂L/∂w = 0.5 − 0.1·(−3) = 0.8" in printed.out
    assert printed.err == ""


INTERFACES = {"tui", "serve"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`tracer COMMAND --help` says what it does, shows examples, and takes --format json.

    The interface in the terminal prints nothing, and an export is a program: they have no format.
    """
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "examples:" in text
    assert f"tracer {command}" in text.partition("examples:")[2]
    formats = () if command in (*INTERFACES, "export") else ("--format", "json")
    for option in (*formats, "--lang", "--quiet", "--color"):
        assert option in text


OWN = "my_network.toml"  # in all examples, the file that `tracer new` writes
EXAMPLES = dict.fromkeys(
    command.strip()
    for text in (
        *(module.EXAMPLES for _, module in COMMANDS.values()),
        (ROOT / "docs" / "commands.md").read_text("utf-8"),
        (ROOT / "docs" / "scenarios.md").read_text("utf-8"),
    )
    for command, _ in re.findall(
        r"^ *tracer ((derive|walk|run|show|tui|analyse|worksheet|export) .+?)(?:  .*| #.*| \|.*)?$",
        text,
        re.MULTILINE,
    )
)


@pytest.mark.parametrize("command", EXAMPLES)
def test_an_example_fits_its_scenario(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an example sets, varies or shows, the scenario that it names has."""
    arguments = shlex.split(command)
    options = parser_of(arguments[:1]).parse_args(arguments)
    name = getattr(options, "scenario", None)
    if name is None or (Path(name).suffix and name != OWN):
        return  # a file of one's own
    monkeypatch.chdir(tmp_path)
    assert name != OWN or main(["new", OWN, "--quiet"]) == 0
    count = len(schedule_of_run(scenario_of(options)))
    if hasattr(options, "show"):
        iterations_of(options, count)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`tracer --help` lists the commands and loads none of them."""
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n    {command}" in text for command in COMMANDS)
    assert "None" not in text  # of a group that has no description


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_in_the_language_that_is_asked_for(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No text of a help is left in English, and no line is wider than the terminal."""
    assert main([*filter(None, [command]), "--help", "--lang", "zh"]) == 0
    translated = capsys.readouterr().out
    assert main([*filter(None, [command]), "--help", "--lang", "en"]) == 0
    words = re.compile(r"(?:\b[a-z]+ ){3}")  # commands and metavariables are no sentences
    shown = "\n".join(line for line in translated.splitlines() if not line.startswith("  tracer "))
    assert not words.search(shown), words.search(shown)
    assert words.search(capsys.readouterr().out)
    described = translated.partition("\n\n")[2].partition("示例")[0]
    assert all(width(line) <= 80 for line in described.splitlines())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["derve"], "没有命令 derve；也许想写 derive 或 serve"),
        (["derive", "xor", "--detial"], "没有选项 --detial；也许想写 --detail"),
        (["derive", "xor", "--digits", "99"], "参数 --digits：'99' 不是 2 到 15 的位数"),
        (["derive"], "缺少以下参数：SCENARIO"),
        (["run", "xor", "--memory", "much"], "'much' 不是大小"),
    ],
)
def test_what_is_wrong_with_arguments_is_said_in_the_language_too(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is one line, with the way to the help."""
    assert main([*arguments, "--lang", "zh"]) == BAD_INPUT
    shown = capsys.readouterr().err
    assert message in shown
    assert shown.count("\n") == 1
    assert "--help)" in shown


def test_options_alone_are_those_of_the_interface(capsys: pytest.CaptureFixture[str]) -> None:
    """`tracer --lang zh` opens what `tracer` opens; without a terminal it is the plain walk."""
    assert main(["--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert main(["tui", "--lang", "zh"]) == 0
    assert capsys.readouterr().out == shown
    assert "0.5 − 0.1·(−3) = 0.8" in shown


@pytest.mark.parametrize(("name", "command"), [("notes.md", "check"), ("mine.toml", "tui")])
def test_a_file_without_a_command_is_told_one(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is there to be opened says how."""
    path = tmp_path / name
    path.touch()
    assert main([str(path)]) == 2
    assert f"did you mean tracer {command} {path}?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["derve"], "tracer: there is no command derve; did you mean derive or serve?"),
        (["\x1b[2J"], "tracer: there is no command ␛[2J"),
        (["xor"], "tracer: there is no command xor; did you mean tracer tui xor?"),
        (["derive", "one_wieght"], "did you mean one_weight"),
        (["derive", "one_weight", "--shw", "1"], "tracer derive: there is no option --shw; did"),
        (["derive", "one_weight", "xor"], "tracer derive: one argument too many; found xor"),
        (["derive"], "tracer derive: the following arguments are required: SCENARIO"),
        (["derive", "one_weight", "--digits", "1"], "'1' is not a number of digits from 2 to 15"),
        (["derive", "one_weight", "--digits", "٣"], "is not a number of digits from 2 to 15"),
        (["derive", "one_weight", "--lang", "xx"], "found xx; expected en or zh"),
        (["derive", "one_weight", "--variant", "adam"], "adam"),
        (["derive", "one_weight", "--focus", "v"], "there is no quantity v"),
        (["derive", "neuron", "--exact"], "sigmoid"),
        (["derive", "nowhere.toml"], "nowhere.toml: the file cannot be read"),
        (["show", "xr"], "did you mean xor?"),
        (["explain", "tahn"], "there is no explanation of 'tahn'; did you mean tanh"),
        (["explain", "sum over pahts"], "did you mean sum over paths"),
        (["explain", "\x1b"], "tracer: there is no explanation of"),
        (["verify"], "tracer: nothing to verify; expected a scenario, or --all"),
        (["verify", "one_weight", "--iteration", "0"], "one_weight: there is no iteration 0"),
        (["verify", "neuron", "xor", "--memory", "80KiB"], "tracer: neuron: this run does not fit"),
        (["completion", "cmd.exe"], "invalid choice: 'cmd.exe'"),
        ([300 * "x"], "tracer: there is no command xxx"),
        (["check", 300 * "x"], "the file cannot be read"),
        (["mark", ".", "--key", 300 * "x"], "the file cannot be read"),
        (["run", "one_weight", "--save", ""], "argument --save: an empty text is no file name"),
        (["run", "one_weight", "--save", "."], "found .; expected trace.npz"),
        (["worksheet", "one_weight", "-o", "."], ".: the file cannot be written"),
        (["analyse", "one_weight", "--over", "w=[[1]]"], "an expression has no `=` in it"),
        (["analyse", "one_weight", "--over", "w[[1]]"], "w[[1]] is not an entry"),
    ],
    ids=lambda value: (
        " ".join(value).encode("unicode_escape").decode() if isinstance(value, list) else ""
    ),
)
def test_what_is_wrong_is_said_in_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad input gives 2 and one printable line on standard error that names it."""
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.endswith("\n")
    assert printed.err.count("\n") == 1
    assert printed.err.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("learning_rat=1", "did you mean"),
        ("w", "KEY=VALUE"),
        ("w=[1, 2", "w"),
        ("w='a'", "w"),
        ("training.optimizer='sdg'", "did you mean"),
        ("training.iterations=0", "iterations"),
        ("w=\x1b[2J", "w"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    setting: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--set` names the key, what was found and what was expected."""
    assert main(["derive", "one_weight", "--set", setting]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert error.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    "show", ["0", "4", "2-1", "1-", "-2", "a", "", "1,,2", "1-2-3", "99999999999999999999", "²"]
)
def test_iterations_that_are_not_there_are_refused(
    show: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--show` names what was found, and which iterations there are."""
    assert main(["derive", "one_weight", f"--show={show}"]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("tracer: --show ")
    assert printed.out == ""


def test_options_of_training_have_short_forms(capsys: pytest.CaptureFixture[str]) -> None:
    """`--learning-rate` and `--iterations` are those of `--set`."""
    assert main(["run", "one_weight", "--learning-rate", "0.25", "--iterations", "2"]) == 0
    short = capsys.readouterr().out
    settings = ["--set", "learning_rate=0.25", "--set", "iterations=2"]
    assert main(["run", "one_weight", *settings]) == 0
    assert capsys.readouterr().out == short
    assert short.splitlines()[2].split() == ["2", "0.5625"]


def test_a_failed_check_is_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`tracer verify` leaves with 1 where a gradient is not verified."""
    from tracer.witness.report import Verification

    assert main(["verify", "one_weight"]) == 0
    assert "one_weight, iteration 1: verified" in capsys.readouterr().out
    monkeypatch.setattr(Verification, "passed", False)
    assert main(["verify", "one_weight"]) == 1


def test_a_run_that_is_not_finite_is_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`tracer verify` has nothing to verify there, and says which number it is."""
    scenario = tmp_path / "overflow.toml"
    scenario.write_text(
        "[data]\nx = 30\n[parameters]\nw = 400\n[network]\n"
        "equations = 'z = exp(x * w)\\nloss = z**2'\nloss = 'loss'\n"
        "[training]\nlearning_rate = 1\niterations = 1\n".replace("'", '"'),
        "utf-8",
    )
    assert main(["verify", str(scenario)]) == 3
    assert "z is inf, not a finite number" in capsys.readouterr().out


def test_single_precision_is_verified_within_its_own_limits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Gradients in float32 are right to some six digits, and that is what is asked of them."""
    scenario = tmp_path / "single.toml"
    scenario.write_text(
        'dtype = "float32"\n[data]\nx = [0.1, 0.7]\n[parameters]\nw = [0.3, -1.1]\n[network]\n'
        'equations = "loss = sum(tanh(w * x)**2)"\nloss = "loss"\n'
        "[training]\nlearning_rate = 1\niterations = 1\n",
        "utf-8",
    )
    assert main(["verify", str(scenario)]) == 0
    assert "iteration 1: verified" in capsys.readouterr().out


def test_explain_takes_several_names(capsys: pytest.CaptureFixture[str]) -> None:
    """A rule's name may be several words; an unknown one is named alone."""
    assert main(["explain", "tanh", "sum", "over", "paths", "--format", "markdown"]) == 0
    text = capsys.readouterr().out
    assert [line for line in text.splitlines() if line.startswith("# ")] == [
        "# tanh",
        "# sum over paths",
    ]
    assert main(["explain", "tanh", "tanhh"]) == 2
    assert "'tanhh'" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["pdf", "html", "tex"])
def test_a_worksheet_has_no_format_of_another_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    """Markdown under another name would be no page of that kind."""
    target = tmp_path / f"sheet.{ending}"
    assert main(["worksheet", "one_weight", "-o", str(target)]) == 2
    assert "no format has this file extension" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_long_chain_of_gradients_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gradient that goes through 60 steps is written as far as a line goes."""
    scenario = tmp_path / "deep.toml"
    scenario.write_text(
        '[data]\nx = 0.5\n[parameters]\nw = 0.9\n[network]\nequations = """\nh[0] = x\n'
        'for t in range(1, 61):\n    h[t] = tanh(w * h[t - 1])\nloss = h[60]**2\n"""\n'
        'loss = "loss"\n[training]\nlearning_rate = 1\niterations = 1\n',
        "utf-8",
    )
    assert main(["derive", str(scenario), "--chain", "--format", "markdown"]) == 0
    assert "In one line" in capsys.readouterr().out


def test_an_interrupt_is_130_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while a file is written: code 130, one line, and no file, whole or half."""

    def interrupted(*_: object, **__: object) -> object:
        yield "# One"
        raise KeyboardInterrupt

    monkeypatch.setattr("tracer.render.markdown.markdown", interrupted)
    target = tmp_path / "one.md"
    assert main(["derive", "one_weight", "-o", str(target)]) == 130
    assert capsys.readouterr().err == "tracer: interrupted\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupted_process_leaves_with_130() -> None:
    """The same with a real signal, in the middle of a long run."""
    running = process("run", "xor", "--iterations", "9000000", "--quiet", stdout=subprocess.DEVNULL)
    time.sleep(2)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert errors == b"tracer: interrupted\n"


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_closed_pipe_is_silent() -> None:
    """`tracer walk xor | head -1` says nothing about the pipe, and does not fail."""
    running = process("walk", "xor", "--show", "1-500", stdout=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.readline()
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == b""
    assert running.wait(timeout=60) == 0
    running.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["walk", "one_weight"], ["--help"], ["--version"]])
def test_a_full_disk_is_said(arguments: list[str], unbuffered: str) -> None:
    """Output that cannot be written is one line and the code 2, also the help."""
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        running = process(*arguments, stdout=full, env=environment)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert errors == b"tracer: the output cannot be written; found No space left on device\n"


@pytest.mark.skipif(os.name != "posix", reason="descriptors of POSIX")
@pytest.mark.parametrize(
    ("streams", "code", "said"),
    [
        ("2>&-", 0, b""),
        (">&-", 2, b"tracer: the output cannot be written; found Bad file descriptor\n"),
        (">&- 2>&-", 2, b""),
    ],
)
def test_without_standard_output_a_command_fails(streams: str, code: int, said: bytes) -> None:
    """What was asked for is not there, which is said; without standard error nothing is lost."""
    command = f"exec '{sys.executable}' -m tracer walk one_weight {streams}"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (code, said)


def test_ascii_output_has_no_other_signs() -> None:
    """Where standard output takes ASCII only, `walk` prints ASCII, readable for all."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    running = process("walk", "one_weight", stdout=subprocess.PIPE, env=environment)
    printed, errors = running.communicate(timeout=60)
    assert running.returncode == 0
    assert errors == b""
    assert b"w <- w - learning_rate * dloss/dw = 0.5 - 0.1 * (-3) = 0.8" in printed


def test_a_fault_of_ours_says_what_to_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What no user can cause ends with 70, and with the command, the version and the place."""

    def broken(_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("tracer.commands.list.run", broken)
    assert main(["list"]) == 70
    told = capsys.readouterr().err
    assert "a fault in tracer, not in your input: ZeroDivisionError" in told
    assert "\n  tracer list\n" in told
    assert "test_cli.py" in told


def test_a_file_of_the_program_that_is_missing_is_no_output_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An OSError that names a file is not taken for a full disk."""

    def broken(_: object) -> int:
        raise FileNotFoundError(2, "No such file or directory", "messages")

    monkeypatch.setattr("tracer.commands.list.run", broken)
    assert main(["list"]) == 70
    assert "FileNotFoundError" in capsys.readouterr().err


def test_only_the_command_that_runs_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building the parser of one command loads no other."""
    known = dict(cli.COMMANDS)
    for name in known:
        if name != "list":
            monkeypatch.setitem(cli.COMMANDS, name, (known[name][0], object()))
    assert main(["list"]) == 0


def test_a_scenario_is_never_written_over(tmp_path: Path) -> None:
    """-o with the scenario's own file is refused, and the file stays as it was."""
    own = tmp_path / "mine.toml"
    assert main(["new", str(own), "--quiet"]) == 0
    before = own.read_text("utf-8")
    for command in ("derive", "show"):
        assert main([command, str(own), "-o", str(own)]) == 2
    assert own.read_text("utf-8") == before


def test_a_picture_is_never_written_over_another_file(tmp_path: Path) -> None:
    """A file that is none of ours stays; a picture of ours is made anew."""
    page, picture = tmp_path / "page.md", tmp_path / "page.curve.svg"
    picture.write_text("notes")
    assert main(["derive", "one_weight", "-o", str(page)]) == 2
    assert picture.read_text() == "notes"
    assert not page.exists()
    picture.unlink()
    assert main(["derive", "one_weight", "-o", str(page)]) == 0
    assert main(["derive", "one_weight", "-o", str(page)]) == 0
    assert picture.read_text("utf-8").startswith("<svg")


@pytest.mark.chinese
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["derive", "xr"], "没有场景 “xr”；也许想写 xor；应为：`tracer list` 列出的名称"),
        (["run", "one_weight", "--learning-rate", "abc"], "这不是数；实际为：文本 “abc”"),
        (["explain", "tanhh"], "没有关于 'tanhh' 的说明；也许想写 tanh"),
        (["check", "none.md"], "none.md: 文件无法读取：没有这个文件或文件夹"),
        (["check", "none.md", "--tolerance", "5"], "这不是比例；实际为：5；应为：0 到 1 之间的数"),
    ],
)
def test_errors_are_told_in_the_language_of_the_run(
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """--lang chooses it, else the locale; the code is the same."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert main([*arguments, "--lang", "zh"]) == 2
    printed = capsys.readouterr().err
    assert told in printed
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(arguments) == 2
    assert capsys.readouterr().err == printed
    assert main([*arguments, "--lang", "en"]) == 2
    assert told not in capsys.readouterr().err


@pytest.mark.chinese
def test_a_language_that_there_is_not_is_told_in_that_of_the_locale(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with --lang itself can be read as well."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["list", "--lang", "tlh"]) == 2
    assert "tlh；应为：en 或 zh" in capsys.readouterr().err


def test_titles_are_listed_in_the_language_of_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    """`tracer list` has the titles in both languages, as `tracer show` and the derivation have."""
    assert main(["list", "--lang", "zh"]) == 0
    (title,) = (
        line.split(maxsplit=1)[1]
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("xor ")
    )
    assert not title.isascii()
    for command in ("show", "derive", "walk"):
        assert main([command, "xor", "--lang", "zh"]) == 0
        assert capsys.readouterr().out.lstrip("# \n").startswith(title)
