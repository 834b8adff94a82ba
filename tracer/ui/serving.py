"""The interface in the browser: textual-serve on a loopback address, for pages of its own only.

Each page starts a process of its own, which ends with the page, or with the server. A request must
name a loopback host (else a foreign site could let its name point here) and come from a page of
this server (else a foreign page could open the socket). The page and its socket lie below a path
that only the printed address tells (else every user of the machine could read and write the files
of this one). Nothing is fetched from another address.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager
from textual_serve.server import Server

from tracer.errors import TracerError, refusal_reason
from tracer.narrative.catalogue import catalogue
from tracer.render.mathematics import Words
from tracer.sentences import say
from tracer.ui.parts.reader_files import SERVED

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST_PAGES: Final = 16  # processes at a time
LARGEST: Final = 1000  # columns or rows that a page may ask for
PATIENCE: Final = 3.0  # seconds in which a process ends by itself
FONT_SIZE: Final = 16

# What a browser may load for the page: what this server has, and nothing else.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self'; img-src 'self' data:; connect-src 'self' {socket}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+)(?::[0-9]{1,5})?")

# Addresses


def is_loopback(host: str) -> bool:
    """Tell whether a host of a request or an address to listen on is this machine's own."""
    name = host.removeprefix("[").removesuffix("]").rstrip(".").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_of_host(origin: str, host: str) -> bool:
    """Tell whether an Origin header names the page's own server, at that Host header."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def _name_of(host: str) -> str:
    """Return a Host header without its port; '' where it is none."""
    match = _HOST.fullmatch(host)
    return match[1] if match else ""


def address_of(host: str, port: int, token: str = "") -> str:
    """Return the address that a reader opens; it ends in a slash."""
    home = f"{token}/" if token else ""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{home}"


def _listen_on(host: str, port: int) -> socket.socket:
    """Return a socket on a loopback address. Raises TracerError for any other."""
    if not is_loopback(host):
        raise TracerError(
            say("tracer serve listens on this machine only"),
            where=f"--host {host}",
            expected=say("localhost, an address of 127.0.0.0/8, or ::1"),
        )
    # Whatever the machine's own list of hosts says of the name:
    address = "127.0.0.1" if host.rstrip(".").lower() == "localhost" else host.strip("[]")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise TracerError(
            say("tracer cannot listen on this port"),
            where=address_of(address, port),
            found=refusal_reason(error),
            expected=say("another --port, or --port 0 for any that is free"),
        ) from None
    return listener


# The page

PAGE: Final = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="preload" href="/static/fonts/RobotoMono-VariableFont_wght.ttf" as="font"
 type="font/ttf" crossorigin>
<link rel="stylesheet" href="/static/css/xterm.css">
<style>
@font-face {{ font-family: "Roboto Mono"; font-weight: 100 700;
 src: url("/static/fonts/RobotoMono-VariableFont_wght.ttf") format("truetype"); }}
@font-face {{ font-family: "Roboto Mono"; font-style: italic; font-weight: 100 700;
 src: url("/static/fonts/RobotoMono-Italic-VariableFont_wght.ttf") format("truetype"); }}
html, body {{ margin: 0; height: 100%; background: #10151d; color: #dbe2ec; overflow: hidden;
 font: {font_size}px "Roboto Mono", monospace; }}
#said {{ position: fixed; inset: 0; z-index: 10; display: flex; align-items: center;
 justify-content: center; background: #10151d; }}
#said > * {{ display: none; }}
#said > #starts {{ display: block; }}
body.-first-byte:not(.-closed) #said {{ display: none; }}
body.-closed #said > #starts {{ display: none; }}
body.-closed #said > #ended {{ display: block; text-align: center; }}
body.-closed #terminal {{ visibility: hidden; }}
a {{ display: inline-block; margin: 0.3em; padding: 0.5em 1em; color: #10151d;
 background: #56b4e9; text-decoration: none; }}
a:focus {{ outline: 2px solid #dbe2ec; outline-offset: 3px; }}
#as-text {{ position: absolute; left: -9999px; z-index: 20; }}
#as-text:focus {{ left: 1em; top: 1em; }}
.xterm-accessibility {{ pointer-events: none; white-space: pre; }}
</style>
<script src="/static/js/textual.js"></script>
<script src="/terminal.js"></script>
</head>
<body>
<a id="as-text" href="derivation" target="_blank">{derivation}</a>
<div id="said" role="status">
<p id="starts">{starts}</p>
<div id="ended"><p>{ended}</p><a href="./">{again}</a> <a href="derivation">{derivation}</a></div>
</div>
<div id="terminal" class="textual-terminal" data-session-websocket-url="{socket}"
 data-font-size="{font_size}"></div>
<noscript>{script} <a href="derivation">{derivation}</a></noscript>
</body>
</html>
"""

# What textual-serve's script leaves out. It keeps its terminal to itself, so this takes it as it is
# made: a copy of the screen for screen readers; Ctrl+C copies what is selected; no WebGL, whose
# pictures of letters get mixed up. The fonts come first: cells and letters are measured once.
TERMINAL: Final = """\
Object.defineProperty(Object.prototype, "terminal", {configurable: true, set(terminal) {
    delete Object.prototype.terminal;
    this.terminal = terminal;
    const load = terminal.loadAddon.bind(terminal);
    terminal.loadAddon = (addon) => "onContextLoss" in addon || load(addon);
    terminal.options.screenReaderMode = true;
    terminal.options.macOptionClickForcesSelection = true;
    terminal.attachCustomKeyEventHandler((event) => !(terminal.hasSelection()
        && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c"));
}});
const ended = () => document.body.classList.contains("-closed");
const start = window.onload;
window.onload = async () => {
    const fonts = ["", "bold", "italic", "bold italic"].map((style) =>
        document.fonts.load(`${style} 16px "Roboto Mono"`));
    await Promise.allSettled(fonts);
    start();
    document.querySelector(".xterm-helper-textarea").focus();
    new MutationObserver(() => ended() && document.querySelector("#ended a").focus())
        .observe(document.body, {attributeFilter: ["class"]});
    // The terminal would send that it lost the focus into a socket that is closed.
    addEventListener("blur", (event) => ended() && event.stopPropagation(), true);
};
"""


# The server


def _shell_command(arguments: Sequence[str]) -> str:
    """Return the shell's line for a page's process: this very tracer, whatever the folder holds.

    `-P` keeps the folder it is started in out of the search for modules.
    """
    root = str(Path(__file__).resolve().parents[2])
    start = (
        "import sys; sys.path.append(sys.argv.pop(1)); from tracer.__main__ import entry; entry()"
    )
    words = [sys.executable, "-P", "-c", start, root, *arguments]
    return f"exec {shlex.join(words)}"


class Page(AppService):
    """The process of one page."""

    def __init__(
        self,
        command: str,
        connection: web.WebSocketResponse,
        downloads: DownloadManager,
        folder: Path,
    ) -> None:
        super().__init__(
            command,
            write_bytes=connection.send_bytes,
            write_str=connection.send_str,
            close=connection.close,  # type: ignore[arg-type]  # what it returns is not read
            download_manager=downloads,
        )
        self.folder = folder

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        environment = super()._build_environment(width, height)
        environment[SERVED] = str(self.folder)
        environment["PYTHONIOENCODING"] = "utf-8"
        return environment

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Tell the process its size, one that it can have."""
        await super().set_terminal_size(_terminal_size(width), _terminal_size(height))

    async def stop(self) -> None:
        """End the process: ask it to quit, then terminate it, then kill it."""
        process, task = self._process, self._task
        self._process = self._task = None
        if process is not None:
            with suppress(ConnectionError):
                await self.send_meta({"type": "quit"})
            for end in (process.terminate, process.kill):
                if not await _ends_in_time(process):
                    with suppress(ProcessLookupError):
                        end()
            await process.wait()
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _ends_in_time(process: asyncio.subprocess.Process) -> bool:
    """Tell whether a process ends within PATIENCE seconds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), PATIENCE)
    return process.returncode is not None


class LoopbackServer(Server):
    """textual-serve with a guard at its door and a page without outside addresses."""

    def __init__(self, arguments: Sequence[str], folder: Path, language: str = "en") -> None:
        super().__init__(_shell_command(arguments), title="tracer")
        self.derivation_command = _shell_command(["derive", *arguments[1:], "--format=html"])
        self.token = secrets.token_urlsafe(16)
        self.folder = folder
        self.language = language
        self.connections: set[web.WebSocketResponse] = set()

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[_guard])
        app.add_routes(
            [
                web.get("/", _without_token),
                web.get(f"/{self.token}/", self.page),
                web.get(f"/{self.token}/ws", self.handle_websocket),
                web.get(f"/{self.token}/derivation", self.derivation),
                web.get("/terminal.js", _terminal_script),
                web.get("/download/{key}", self.handle_download),
                web.static("/static", self.statics_path),
            ]
        )
        app.on_response_prepare.append(_add_headers)
        app.on_shutdown.append(self.on_shutdown)
        return app

    async def page(self, request: web.Request) -> web.Response:
        """Answer with the page: all it refers to is on this server."""
        words = Words(catalogue(self.language))
        texts = {
            "title": self.title,
            "socket": f"ws://{request.host}/{self.token}/ws",
            "starts": words(say("tracer starts …")),
            "ended": words(say("The session has ended.")),
            "again": words(say("Start again")),
            "derivation": words(say("Read the derivation as text")),
            "script": words(say("This page needs JavaScript.")),
        }
        escaped = {name: html.escape(text) for name, text in texts.items()}
        page = PAGE.format(language=self.language, font_size=FONT_SIZE, **escaped)
        return _html_response(request, page)

    async def derivation(self, request: web.Request) -> web.Response:
        """Answer with the derivation as a page of plain text and MathML, which `derive` writes."""
        process = await asyncio.create_subprocess_shell(
            self.derivation_command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        try:
            text, fault = await process.communicate()
        finally:
            if process.returncode is None:  # the server ends
                process.kill()
        if not text:
            raise web.HTTPInternalServerError(text=fault.decode("utf-8", "replace"))
        return _html_response(request, text.decode("utf-8"))

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Start a process for a page and hand on what both say, until one of them ends."""
        if len(self.connections) >= MOST_PAGES:
            raise web.HTTPServiceUnavailable(text="too many pages are open\n")
        connection = web.WebSocketResponse(heartbeat=15)
        await connection.prepare(request)
        page = Page(self.command, connection, self.download_manager, self.folder)
        self.connections.add(connection)
        try:
            columns, rows = (request.query.get(side, "") for side in ("width", "height"))
            await page.start(_terminal_size(columns, 80), _terminal_size(rows, 24))
            await self._process_messages(connection, page)
        except (AssertionError, AttributeError, LookupError, TypeError, ValueError):
            await connection.close(code=1003)  # what came is no message of the page's
        finally:
            self.connections.discard(connection)
            await page.stop()
        return connection

    async def on_shutdown(self, app: web.Application) -> None:
        """Close what is open, so that the processes end."""
        closing = [connection.close(code=1001) for connection in tuple(self.connections)]
        await asyncio.gather(*closing, return_exceptions=True)

    async def run(self, listener: socket.socket, started: Callable[[], object]) -> None:
        """Serve until SIGINT, SIGTERM or SIGHUP; `started` is called once pages can come."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                with suppress(NotImplementedError):  # Windows: Ctrl+C is an exception there
                    loop.add_signal_handler(number, ended.set)
        runner = web.AppRunner(
            await self._make_app(), access_log=None, shutdown_timeout=4 * PATIENCE
        )
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            started()
            await ended.wait()
        finally:
            await runner.cleanup()


async def _without_token(_: web.Request) -> web.Response:
    raise web.HTTPForbidden(text="open the whole address that tracer serve has printed\n")


async def _terminal_script(_: web.Request) -> web.Response:
    return web.Response(text=TERMINAL, content_type="text/javascript")


def _html_response(request: web.Request, text: str) -> web.Response:
    response = web.Response(text=text, content_type="text/html")
    response.headers["Content-Security-Policy"] = POLICY.format(socket=f"ws://{request.host}")
    return response


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what does not come from a page of this server at a loopback address."""
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not is_loopback(_name_of(hosts[0])):
        raise web.HTTPForbidden(text="tracer serve is reached at a loopback address only\n")
    origins = request.headers.getall("Origin", [])
    is_foreign = any(not is_of_host(origin, hosts[0]) for origin in origins)
    # A browser always says where a socket comes from.
    if is_foreign or (request.path.endswith("/ws") and not origins):
        raise web.HTTPForbidden(text="tracer serve answers pages of its own only\n")
    return await handler(request)


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _terminal_size(value: object, default: int = 80) -> int:
    """Return a number of columns or rows that a process can be given."""
    try:
        size = int(str(value))
    except ValueError:
        return default
    return min(max(size, 1), LARGEST)


def serve_pages(
    arguments: Sequence[str],
    *,
    host: str,
    port: int,
    language: str,
    started: Callable[[str], object],
) -> None:
    """Start `tracer ARGUMENTS` for each page until a signal comes; `started` is told the address.

    Raises: TracerError where the address is not this machine's own or cannot be listened on.
    """
    with _listen_on(host, port) as listener:
        server = LoopbackServer(arguments, Path.cwd(), language)
        address = address_of(host.strip("[]"), listener.getsockname()[1], server.token)
        asyncio.run(server.run(listener, lambda: started(address)))
