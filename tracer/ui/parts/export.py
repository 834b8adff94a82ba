"""What leaves the interface: Markdown, the picture of the screen, JSON, and the clipboard."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape, unescape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from tracer.bundled import scenarios_folder
from tracer.narrative.blocks import Block, Heading, Paragraph
from tracer.narrative.derivation import derivation, iteration_blocks
from tracer.narrative.derivation_options import Options
from tracer.narrative.step_lines import Narrator
from tracer.operations import vocabulary
from tracer.render.equations import latex_line
from tracer.render.json import trace_json
from tracer.render.markdown import markdown
from tracer.render.plain import plain
from tracer.sentences import Sentence, say
from tracer.ui.parts.dialogs import Ask, Choose, Work
from tracer.ui.parts.host import Host, Option
from tracer.ui.parts.reader_files import check_target, served_folder, write_text

if TYPE_CHECKING:
    from tracer.narrative.session import Session
    from tracer.run.short_runs import Progress

    Make = Callable[[Path], Iterable[str]]  # the pieces of a file

FONTS: Final = (
    '"DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono", "Noto Sans CJK SC", "PingFang SC", '
    '"Microsoft YaHei", monospace'
)
CELL: Final = 12.2  # the width of a column in Rich's SVG
SIZE: Final = 21  # of the letters, in rows of 24.4: frames have no gaps
_TEXT: Final = re.compile(
    r'<text class="(?P<style>[^"]*)" x="(?P<x>[^"]*)" y="(?P<y>[^"]*)" textLength="[^"]*"'
    r' clip-path="(?P<clip>[^"]*)">(?P<text>[^<]*)</text>'
)


def self_contained(svg: str, title: str, text: str = "") -> str:
    """Return a screenshot as SVG without addresses, with fonts that are there, and with words.

    `svg` is what `App.export_screenshot` gives; `text` describes it for those who do not see it.
    Rich takes every character for one column wide; Chinese ones are two, so they get runs of their
    own.
    """
    svg = re.sub(r"@font-face \{.*?\n    \}\n", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    svg = svg.replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")
    svg = svg.replace("font-family: arial", "font-family: sans-serif")
    svg = svg.replace("font-size: 20px", f"font-size: {SIZE}px")
    svg = _TEXT.sub(_space_characters, svg)
    head, opened, rest = svg.partition(">")
    told = f"\n<title>{escape(title)}</title>"
    if text:
        told += f"\n<desc>{escape(text)}</desc>"
    head = head.replace("<svg ", '<svg role="img" ', 1)
    svg = head + opened + told + rest
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def animate_pictures(pictures: Sequence[str], seconds: float) -> str:
    """Return pictures of one size as one SVG that shows each for so many seconds, over and over.

    No script is in it: a page or a README shows it as an image. Where nothing is to move, and
    where no animation is known, it is the last picture.
    """
    whole = seconds * len(pictures)
    view = re.search(r'viewBox="[^"]*"', pictures[0])
    frames = "".join(
        f'<g class="frame" style="animation-delay: {at * seconds - whole:g}s">\n{each}</g>\n'
        for at, each in enumerate(pictures)
    )
    return (
        f'<svg role="img" {"" if view is None else view[0]} xmlns="http://www.w3.org/2000/svg">\n'
        "<style>@media (prefers-reduced-motion: no-preference) "
        f"{{ .frame {{ animation: shown {whole:g}s step-end infinite; visibility: hidden }} }}\n"
        f"@keyframes shown {{ 0% {{ visibility: visible }} "
        f"{100 / len(pictures):.4f}% {{ visibility: hidden }} }}</style>\n{frames}</svg>\n"
    )


def _space_characters(found: re.Match[str]) -> str:
    """Return a text as runs of characters of one width, each as wide as its columns."""
    x = float(found["x"])
    runs = []
    for _, run in groupby(unescape(found["text"]), lambda sign: cell_len(sign) == 2):
        text = "".join(run)
        width = CELL * cell_len(text)
        shown = escape(text.replace(" ", "\xa0"), quote=False)
        if not text.isspace():
            runs.append(
                f'<text class="{found["style"]}" x="{x:g}" y="{found["y"]}" textLength="{width:g}"'
                f' clip-path="{found["clip"]}">{shown}</text>'
            )
        x += width
    return "".join(runs)


MOST_PICTURES: Final = 40  # of an animation: a file of some megabytes
SECONDS: Final = 2.0  # that each is seen


def step_blocks(session: Session) -> list[Block]:
    """Return the shown step as blocks: a heading, the line, its rule and why."""
    step, place = session.step, session.place
    blocks: list[Block] = [
        Heading(
            3,
            say(
                "Iteration {number}, step {step}: {name}",
                number=place.iteration,
                step=place.step + 1,
                name=step.left,
            ),
        ),
        session.line,
    ]
    if step.sentences:
        blocks.append(Paragraph(step.sentences))
    return blocks


# The clipboard


def offer_copy(app: Host) -> None:
    """Offer the forms in which a step can be copied."""
    session = app.session
    blocks = step_blocks(session)
    text = plain(blocks, session.notation, app.words.translate, unicode=app.words.unicode)
    forms = (
        (say("as text"), "".join(text).strip("\n") + "\n"),
        (say("as LaTeX"), latex_line(session.line, session.notation, vocabulary()) + "\n"),
        (say("as Markdown"), "".join(_in_markdown(app, blocks))),
    )
    options = [Option(written, app.text(words)) for words, written in forms]
    Choose(say("Copy the step"), options).open(app, partial(copy_text, app))


def copy_text(app: Host, text: str) -> None:
    """Send a text to the terminal's clipboard and keep it in a file: no terminal confirms it."""
    app.copy_to_clipboard(text)
    if served_folder() is not None:
        app.tell(say("Sent to the browser's clipboard; it may ask first, or refuse."))
        return
    path = app.preferences.copied_path()
    write_text(path, [text], is_own=True)
    app.tell(
        say(
            "Sent to the terminal's clipboard; not every terminal accepts it. The "
            "text is also in {path}",
            path=str(path),
        )
    )


# Files


def offer_exports(app: Host) -> None:
    """Offer what can be exported."""
    session, name = app.session, app.session.scenario.name
    (number, step), trace = session.place[:2], session.trace
    picture = self_contained(app.export_screenshot(), app.title)  # before dialogs lie over it
    every = Options(session.digits, tuple(range(1, session.count + 1)))
    files: list[tuple[Sentence, str, Make]] = [
        (
            say("This step as Markdown"),
            f"{name}.{number}.{step + 1}.md",
            lambda _: _in_markdown(app, step_blocks(session)),
        ),
        (
            say("This iteration as Markdown"),
            f"{name}.{number}.md",
            lambda _: _in_markdown(app, iteration_blocks(Narrator(trace, every), number)),
        ),
        (
            say("All iterations as Markdown"),
            f"{name}.md",
            lambda _: _in_markdown(app, derivation(trace, every)),
        ),
        (say("The screen as a picture (SVG)"), f"{name}.svg", lambda _: [picture]),
        (
            say("The trace as JSON"),
            f"{name}.json",
            lambda _: trace_json(trace, digits=session.digits, translate=app.words.translate),
        ),
    ]
    options = [
        Option(partial(save_as, app, make, file), app.text(words)) for words, file, make in files
    ]
    if app.screen is app.get_screen("walk"):
        words = say("This iteration as an animated picture (SVG)")
        film = partial(app.call_later, _film, app, f"{name}.{number}.svg")
        options.append(Option(film, app.text(words)))  # once no dialog lies over the walk
    Choose(say("Export"), options).open(app, lambda call: call())


def save_as(
    app: Host,
    make: Make,
    name: str,
    then: Callable[[Path], object] = lambda path: None,
    *,
    ending: str = "",
) -> None:
    """Ask for a file, and whether to write over one; write it in a thread, and go on with its path.

    A name without the `ending` gets it, and is asked for as it is: the file is a scenario, and may
    take the place of the one that is shown, unless that comes with tracer.
    """
    kept = app.session.scenario.path
    if ending and kept is not None and kept.parent != scenarios_folder():
        kept = None

    def target(text: str) -> Path:
        text = text.strip()
        # A folder stays one, and is refused.
        is_whole = not text or text.endswith(ending) or Path(text).expanduser().is_dir()
        return check_target(text if is_whole else text + ending, source=kept)

    def write(path: Path) -> None:
        def end(_: None) -> None:
            app.tell(say("Written: {path}", path=str(path)))
            then(path)

        Work(
            say("Writing {path}", path=str(path)),
            lambda progress: write_text(path, _watch_pieces(make(path), progress)),
            end,
        ).start(app)

    def save(text: str) -> None:
        path = target(text)
        if not path.exists():
            write(path)
            return
        options = [
            Option(False, app.text(say("No, keep it"))),
            Option(True, app.text(say("Yes, write over it"))),
        ]
        title = say("{path} is there already. Write over it?", path=str(path))
        Choose(title, options).open(app, lambda yes: write(path) if yes else None)

    value = name if ending else _free_name(name)
    Ask(say("Save as"), value=value, check=target).open(app, save)


def _watch_pieces(pieces: Iterable[str], progress: Progress) -> Iterator[str]:
    """Hand pieces of a text on, and end between two of them where nobody wants them any more."""
    for piece in pieces:
        progress(0, 0)
        yield piece


def _free_name(name: str) -> str:
    """Return a name that no file has yet."""
    stem, dot, ending = name.rpartition(".")
    names = [name, *(f"{stem}-{number}{dot}{ending}" for number in range(2, 1000))]
    return next((each for each in names if not Path(each).exists()), names[-1])


def _in_markdown(app: Host, blocks: Iterable[Block]) -> Iterator[str]:
    """Return blocks as Markdown in the reader's language, piece by piece."""
    return markdown(blocks, app.session.notation, app.words.translate)


async def _film(app: Host, name: str) -> None:
    """Go through the steps of the iteration, and take a picture of each."""
    session = app.session
    iteration, begin, _ = session.place
    pictures = []
    for step in (*range(len(session.equations()))[:MOST_PICTURES], begin):
        session.go(iteration, step)
        app.session_changed.publish(session)
        seen = asyncio.Event()
        app.screen.call_after_refresh(seen.set)
        await seen.wait()
        pictures.append(self_contained(app.export_screenshot(), app.title))
    svg = animate_pictures(pictures[:-1], SECONDS)
    save_as(app, lambda _: [svg], name)
