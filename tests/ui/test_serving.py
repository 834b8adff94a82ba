"""`tracer serve`: whom it answers, what its page refers to, which files it keeps to."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from tracer.cli import main
from tracer.commands import serve
from tracer.errors import TracerError
from tracer.ui.parts.reader_files import (
    SERVED,
    check_target,
    is_allowed,
    path_below,
    read_text,
    write_text,
)
from tracer.ui.serving import LoopbackServer, is_loopback, is_of_host

from .served import Serving, children, serving

SECONDS = 30.0
TOKEN = "token"


@asynccontextmanager
async def client(folder: Path, token: str = TOKEN) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]  # aiohttp's types differ between its versions
    """Give a client of the server."""
    server = LoopbackServer(["tui", "one_weight"], folder)
    server.token = token
    async with TestClient(TestServer(await server._make_app())) as found:
        yield found


HOME = f"/{TOKEN}/"
PATHS = (HOME, "/static/js/textual.js", f"{HOME}ws", "/download/x", "/nothing")


def statuses(folder: Path, headers: Mapping[str, str]) -> dict[str, int]:
    """Return the status of a request for each path."""

    async def ask() -> dict[str, int]:
        async with client(folder) as found:
            port = str(found.port)
            given = {name: value.replace("PORT", port) for name, value in headers.items()}
            return {path: (await found.get(path, headers=given)).status for path in PATHS}

    return asyncio.run(ask())


OWN = {"Host": "localhost:PORT", "Origin": "http://localhost:PORT"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        OWN,
        {"Host": "127.0.0.1:PORT"},
        {"Host": "[::1]:PORT", "Origin": "http://[::1]:PORT"},
        {"Host": "localhost:9000", "Origin": "http://localhost:9000"},  # through ssh -L
    ],
)
def test_a_loopback_page_is_answered(headers: Mapping[str, str], tmp_path: Path) -> None:
    """Who names a loopback host, and comes from there, is answered."""
    found = statuses(tmp_path, headers)
    assert found[HOME] == found["/static/js/textual.js"] == 200
    assert found["/download/x"] == found["/nothing"] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:PORT", "Origin": "http://evil.example:PORT"},
        {"Host": "localhost.evil.example:PORT"},
        {"Host": "127.0.0.1.evil.example:PORT"},
        {"Host": "192.168.0.7:PORT"},
        {"Host": "0.0.0.0:PORT"},
        {"Host": "localhost@evil.example"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Host": "localhost:PORT", "Origin": "http://localhost:1"},  # another server here
        {"Host": "localhost:PORT", "Origin": "null"},
        {"Host": "localhost:PORT", "Origin": "file://"},
        {"Host": "localhost:PORT", "Origin": "http://localhost:PORT.evil.example"},
    ],
)
def test_foreign_hosts_and_origins_are_refused(headers: Mapping[str, str], tmp_path: Path) -> None:
    """A foreign name that points here, and a foreign page, get nothing, whatever they ask for."""
    assert statuses(tmp_path, headers) == dict.fromkeys(PATHS, 403)


def test_a_socket_is_opened_by_our_page_only(tmp_path: Path) -> None:
    """A websocket without an Origin, or with a foreign one, starts no process."""

    async def refused(origin: str | None) -> int:
        async with client(tmp_path) as found:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await found.ws_connect(f"{HOME}ws", origin=origin)
            return caught.value.status

    assert asyncio.run(refused(None)) == 403
    assert asyncio.run(refused("http://evil.example")) == 403


def test_another_user_of_the_machine_is_refused(tmp_path: Path) -> None:
    """Who was not told the address has neither page nor socket, whatever headers they send."""

    async def ask() -> list[int]:
        async with client(tmp_path, LoopbackServer([], tmp_path).token) as found:
            origin = f"http://127.0.0.1:{found.port}"
            paths = ("/", "/ws", HOME, f"{HOME}ws", f"{HOME}derivation", "/terminal.js")
            return [(await found.get(path, headers={"Origin": origin})).status for path in paths]

    assert asyncio.run(ask()) == [403, 404, 404, 404, 404, 200]
    tokens = {LoopbackServer([], tmp_path).token for _ in range(8)}
    assert len(tokens) == 8
    assert min(map(len, tokens)) >= 20


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_loopback_hosts(host: str) -> None:
    """What is this machine's own."""
    assert is_loopback(host)
    assert is_of_host(f"http://{host}:80", f"{host}:80".lower())


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "10.0.0.1", "example.org", "localhost.org"])
def test_other_hosts(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not, and is not listened on."""
    assert not is_loopback(host)
    assert main(["serve", "--port", "0", "--host", host or "0"]) == 2
    assert "listens on this machine only" in capsys.readouterr().err


def test_the_derivation_is_served_as_text(tmp_path: Path) -> None:
    """Who cannot read a terminal has the derivation of the scenario, with formulas in MathML."""

    async def derivation() -> tuple[str, str]:
        async with client(tmp_path) as found:
            answer = await found.get(f"{HOME}derivation")
            return await answer.text(), answer.headers["Content-Security-Policy"]

    text, policy = asyncio.run(derivation())
    assert "<h1>One weight</h1>" in text
    assert "<math" in text
    assert "default-src 'none'" in policy


def test_nothing_served_refers_to_an_outside_address(tmp_path: Path) -> None:
    """The page, its styles and its script load nothing from elsewhere; the browser is told so."""

    async def texts() -> tuple[str, str, list[str]]:
        async with client(tmp_path) as found:
            response = await found.get(HOME)
            page = await response.text()
            paths = re.findall(r'(?:src|href)="(/[^"]+)"|url\("([^"]+)"\)', page)
            served = []
            for path in (first or second for first, second in paths):
                answer = await found.get(path)
                assert answer.status == 200, path
                if path.endswith((".css", ".js")):
                    served.append(await answer.text())
            return page, response.headers["Content-Security-Policy"], served

    page, policy, served = asyncio.run(texts())
    assert len(served) == 3
    assert "default-src 'none'" in policy
    outside = re.compile(r"(?:\b(?:https?|wss?):)?//(?!127\.0\.0\.1[:/])[a-z0-9-]+\.[a-z]", re.I)
    assert outside.search('<link href="https://fonts.googleapis.com/css">')
    assert not outside.search(page)
    assert "fetch(" not in page
    for text in served:
        without_comments = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        assert not re.search(r"@import|url\(\s*['\"]?(?:https?:)?//", without_comments)
        assert not re.search(r"""["'`]https?://[a-z0-9]""", without_comments)


# Files


def test_files_keep_to_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the browser nothing outside the folder is read or written, by no way of naming it."""
    folder = tmp_path / "inside"
    folder.mkdir()
    outside = tmp_path / "secret.toml"
    outside.write_text("x = 1\n", "utf-8")
    (folder / "link.toml").symlink_to(outside)
    (folder / "folder").symlink_to(tmp_path)
    (folder / "own.toml").write_text("y = 1\n", "utf-8")
    monkeypatch.chdir(folder)
    names = ["../secret.toml", str(outside), "link.toml", "folder/secret.toml", "folder/new.toml"]
    for name in names:
        assert is_allowed(Path(name))  # in a terminal a reader may read what they may read
    monkeypatch.setenv(SERVED, str(folder))
    for name in (*names, "~/secret.toml", "a\0b"):
        assert not is_allowed(Path(name).expanduser())
        with pytest.raises(TracerError, match=r"only files below|no such path"):
            read_text(Path(name).expanduser())
        with pytest.raises(TracerError, match=r"only files below|no such path"):
            write_text(Path(name).expanduser(), ["z = 1\n"])
        with pytest.raises(TracerError):
            check_target(name)
    assert outside.read_text("utf-8") == "x = 1\n"
    assert not (tmp_path / "new.toml").exists()
    assert read_text(Path("own.toml")) == "y = 1\n"
    os.mkfifo("pipe.md")
    with pytest.raises(TracerError, match="this is not a file"):  # it would wait for ever
        read_text(Path("pipe.md"))
    write_text(check_target("new.md"), ["text\n"])
    assert (folder / "new.md").read_text("utf-8") == "text\n"
    assert path_below(folder / "a" / "b", folder) == folder / "a" / "b"


def test_a_scenario_outside_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`tracer serve ../x.toml` is refused before anything listens; so is what is no scenario."""
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "x.toml").write_text("", "utf-8")
    monkeypatch.chdir(folder)
    assert main(["serve", "../x.toml", "--port", "0"]) == 2
    assert "below the folder" in capsys.readouterr().err
    assert main(["serve", "no_such", "--port", "0"]) == 2
    assert main(["serve", "one_weight", "--values", "../x.toml", "--port", "0"]) == 2
    assert "below the folder" in capsys.readouterr().err


def test_pages_show_what_the_terminal_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A saved run and recorded values too; what is wrong with them is said before."""
    monkeypatch.chdir(tmp_path)
    pages: list[list[str]] = []
    monkeypatch.setattr(serve, "_load_server", lambda: lambda page, **_: pages.append(page))
    assert main(["run", "one_weight", "--save", "t.npz", "-q"]) == 0
    Path("values.json").write_text('{"1": {"loss": 7.25}}', "utf-8")
    assert main(["serve", "t.npz"]) == 0
    assert main(["serve", "one_weight", "--values", "values.json", "--learning-rate", "0.1"]) == 0
    assert [page[1] for page in pages] == ["t.npz", "one_weight"]
    assert "--values=values.json" in pages[1]
    capsys.readouterr()
    assert main(["serve", "t.npz", "--set", "w=2"]) == 2
    assert "a saved run keeps its own scenario" in capsys.readouterr().err


# The process


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    """Run the real command."""
    with serving(tmp_path) as found:
        yield found


async def seen(server: Serving, keys: str, text: bytes) -> bytes:
    """Open a socket as the page does, type keys, and return what came until a text was in it."""
    got = b""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"{server.address}/ws?width=80&height=24", origin=server.origin
        ) as socket,
    ):
        while b"iteration" not in got:
            got += (await socket.receive(SECONDS)).data
        await socket.send_json(["stdin", keys])
        while text not in got:
            got += (await socket.receive(SECONDS)).data
    return got


def test_ends_with_its_processes(server: Serving) -> None:
    """Ctrl+C ends the server with code 0, and every page's process with it."""

    async def opened() -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{server.address}/ws", origin=server.origin) as socket,
        ):
            assert (await socket.receive(SECONDS)).data != b""
            assert len(children(server.process.pid)) == 1
            server.process.send_signal(signal.SIGINT)
            async for _ in socket:
                pass

    asyncio.run(opened())
    output, errors = server.process.communicate(timeout=SECONDS)
    assert server.process.returncode == 0
    assert output == ""
    assert errors == "Ctrl+C ends it.\n"
    assert children(server.process.pid) == []


def test_a_page_that_is_left_ends_its_process(server: Serving) -> None:
    """A closed page leaves no process behind, and wrong messages end a page, not the server."""
    asyncio.run(seen(server, "nn", b"2/"))

    async def wrong() -> None:
        async with aiohttp.ClientSession() as session:
            for message in ("", "{}", "[]", '["stdin"]', '["resize", {"width": "x"}]', "[[]]"):
                url = f"{server.address}/ws?width=-5&height=1e9"
                async with session.ws_connect(url, origin=server.origin) as socket:
                    await socket.send_str(message)

    asyncio.run(wrong())
    end = time.monotonic() + SECONDS
    while children(server.process.pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert children(server.process.pid) == []
    assert server.process.poll() is None


def test_a_killed_server_leaves_no_process(server: Serving) -> None:
    """A page's process sees that its server is gone and ends."""

    async def killed() -> list[int]:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{server.address}/ws", origin=server.origin) as socket,
        ):
            got = b""
            while b"iteration" not in got:
                got += (await socket.receive(SECONDS)).data
            started = children(server.process.pid)
            server.process.kill()
            return started

    (page,) = asyncio.run(killed())
    end = time.monotonic() + SECONDS
    while Path(f"/proc/{page}/environ").exists() and time.monotonic() < end:
        if " Z " in Path(f"/proc/{page}/stat").read_text("utf-8"):
            break
        time.sleep(0.05)
    assert time.monotonic() < end


def test_json_names_address_and_folder(tmp_path: Path) -> None:
    """`--format json` prints a line that a program can read."""
    import subprocess

    from .served import ROOT

    process = subprocess.Popen(
        [sys.executable, "-m", "tracer", "serve", "--port", "0", "--format", "json", "--quiet"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    text = ""
    while not text.rstrip().endswith("}"):
        line = process.stdout.readline()
        assert line
        text += line
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=SECONDS)
    told = json.loads(text)
    assert told["folder"] == str(tmp_path)
    assert told["address"].startswith("http://127.0.0.1:")
    assert process.returncode == 0


def test_a_port_that_is_taken_is_told(server: Serving, capsys: pytest.CaptureFixture[str]) -> None:
    """Another server on the same port is refused with a way out."""
    port = server.origin.rpartition(":")[2]
    assert main(["serve", "--port", port]) == 2
    assert "--port 0" in capsys.readouterr().err


def test_without_the_extra_one_is_told_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where textual-serve is missing, one line says what to do."""
    monkeypatch.setitem(sys.modules, "textual_serve.app_service", None)
    monkeypatch.delitem(sys.modules, "tracer.ui.serving")
    assert main(["serve", "--host", "10.0.0.1"]) == 2  # which it would not listen on either
    said = capsys.readouterr().err
    assert "pip install 'gradient-tracer[serve]'" in said
    assert said.count("\n") == 1
