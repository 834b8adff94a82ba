"""`tracer serve` in a real browser: the same walk, with every outside address blocked."""

from __future__ import annotations

import asyncio
import os
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tracer.render.screen_picture import animate_pictures

from .browser import Browser, browser
from .served import children, serving

SECONDS = 60.0
CTRL, SHIFT = 2, 8  # modifiers, as the DevTools protocol numbers them

# The copy of the screen that a screen reader finds.
SCREEN = """
Array.from(document.querySelectorAll(".xterm-accessibility-tree > *"), (line) => line.textContent)
    .join("\\n")
"""
# Which pictures of an animation are seen so many milliseconds after its beginning.
SEEN = """
document.getAnimations().forEach((each) => { each.pause(); each.currentTime = %d; });
Array.from(document.querySelectorAll(".frame"))
    .filter((each) => getComputedStyle(each).visibility === "visible")
    .map((each) => each.textContent.trim())
"""
KEEP_COPY = """
document.addEventListener("copy", (event) => {
    window.copied = event.clipboardData.getData("text/plain");
});
"""


async def shown(page: Browser, text: str) -> str:
    """Return the screen once a text stands on it."""
    end = asyncio.get_running_loop().time() + SECONDS
    screen: str = ""
    while asyncio.get_running_loop().time() < end:
        screen = await page.value(SCREEN)
        if text in screen:
            return str(screen)
        await asyncio.sleep(0.05)
    raise AssertionError(f"{text!r} does not appear in:\n{screen}\n{page.complaints}")


async def copied(page: Browser) -> str:
    """Select "numbers put in" as a reader does, with Shift and the mouse; copy with Ctrl+C."""
    await page.value(KEEP_COPY)
    left, top, wide, high = await page.value(
        """(() => {
            const box = document.querySelector(".xterm-screen").getBoundingClientRect();
            return [box.left, box.top, box.width, box.height];
        })()"""
    )
    lines = (await page.value(SCREEN)).split("\n")
    wide, high = wide / len(lines[0]), high / len(lines)
    y = next(at for at, line in enumerate(lines) if "with numbers" in line)
    x = lines[y].index("with numbers")
    for kind, column in (("mousePressed", x), ("mouseMoved", x + 12), ("mouseReleased", x + 12)):
        await page.do(
            "Input.dispatchMouseEvent",
            type=kind,
            x=left + column * wide + 1,
            y=top + (y + 0.5) * high,
            button="left",
            buttons=1,
            clickCount=1,
            modifiers=SHIFT,
        )
    key = {"key": "c", "code": "KeyC", "windowsVirtualKeyCode": 67, "modifiers": CTRL}
    await page.do("Input.dispatchKeyEvent", type="keyDown", commands=["copy"], **key)
    await page.do("Input.dispatchKeyEvent", type="keyUp", **key)
    return str(await page.value("window.copied"))


def pixels(png: bytes) -> bytes:
    """Return the bytes of a PNG's picture, each row with its filter's number."""
    data, at = b"", 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += size + 12
    return zlib.decompress(data)


@pytest.mark.needs("Chromium")
def test_the_walk_in_the_browser(tmp_path: Path) -> None:
    """A screen reader finds the walk in the page; text is copied; nothing comes from elsewhere."""
    (tmp_path / "folder").mkdir()

    async def walk(address: str) -> tuple[list[str], list[bytes]]:
        async with browser(tmp_path) as page:
            for part in ("Network", "Page", "Runtime", "Log"):
                await page.do(f"{part}.enable")
            await page.do("Page.navigate", url=f"{address}/")
            assert "before the first step" in await shown(page, "Begin")
            await page.press("n")
            first = await shown(page, "step 1/")
            assert "iteration 1/" in first
            assert "2 Derivation" in first
            pictures = [await page.picture()]
            await page.press("n")
            second = await shown(page, "step 2/")
            assert "step 1/" not in second
            pictures.append(await page.picture())
            assert await copied(page) == "with numbers"
            await page.press("q")
            while not await page.value("document.body.classList.contains('-closed')"):
                await asyncio.sleep(0.05)
            ended = await page.value("document.querySelector('#said').innerText")
            assert ended.split("\n")[0] == "The session has ended."
            assert "starts" not in ended
            assert await page.value("document.activeElement.innerText") == "Start again"
            assert page.complaints == []
            return page.asked, pictures

    with serving(tmp_path / "folder", "--lang", "en") as server:
        asked, pictures = asyncio.run(asyncio.wait_for(walk(server.address), 3 * SECONDS))
        assert children(server.process.pid) == []
    if folder := os.environ.get("KEEP_PICTURES"):  # to look at
        for number, picture in enumerate(pictures, 1):
            Path(folder, f"browser-{number}.png").write_bytes(picture)
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith("data:")}
    assert hosts == {urlsplit(server.address).netloc}
    assert {"http", "ws"} <= {urlsplit(url).scheme for url in asked}
    assert pixels(pictures[0]) != pixels(pictures[1])
    assert len(set(pixels(pictures[0]))) > 30  # more than a bare ground is drawn


@pytest.mark.needs("Chromium")
def test_an_animated_picture_shows_one_after_the_other(tmp_path: Path) -> None:
    """Each is seen alone for its time, in order; after the last one comes the first again."""
    view = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"'
    pictures = [f"<svg {view}><text>{name}</text></svg>" for name in "abc"]
    (tmp_path / "walk.svg").write_text(animate_pictures(pictures, 2.0), "utf-8")

    async def look() -> list[list[str]]:
        async with browser(tmp_path) as page:
            await page.do("Page.enable")
            await page.do("Page.navigate", url=(tmp_path / "walk.svg").as_uri())
            while not await page.value("document.getAnimations().length"):
                await asyncio.sleep(0.05)
            return [await page.value(SEEN % time) for time in (100, 2100, 4100, 6100)]

    seen = asyncio.run(asyncio.wait_for(look(), SECONDS))
    assert seen == [["a"], ["b"], ["c"], ["a"]]
