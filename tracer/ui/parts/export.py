"""Exports: Markdown, the picture of the screen, JSON, and the clipboard."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracer.bundled import scenarios_folder
from tracer.narrative.blocks import Block, Heading, Paragraph
from tracer.narrative.derivation import derivation, iteration_blocks
from tracer.narrative.derivation_options import Options
from tracer.narrative.session import Session
from tracer.narrative.step_lines import Narrator
from tracer.render.equations import latex_line
from tracer.render.json import trace_json
from tracer.render.markdown import markdown
from tracer.render.plain import plain
from tracer.render.screen_picture import animate_pictures, self_contained
from tracer.run.short_runs import Progress
from tracer.sentences import Sentence, say
from tracer.ui.parts.dialogs import ChoiceDialog, InputDialog, ProgressDialog
from tracer.ui.parts.host import Host, Option
from tracer.ui.parts.reader_files import check_target, served_folder, write_text

if TYPE_CHECKING:
    from textual.pilot import Pilot


Make = Callable[[Path], Iterable[str]]  # the pieces of a file

MOST_PICTURES: Final = 40  # most pictures of an animation, which is some megabytes then
SECONDS: Final = 2.0  # time for which each picture is shown
FILM_SIZE: Final = (80, 24)  # columns and rows, where no terminal has a size


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
        (say("as LaTeX"), latex_line(session.line, session.notation) + "\n"),
        (say("as Markdown"), "".join(_in_markdown(app, blocks))),
    )
    options = [Option(form, app.text(words)) for words, form in forms]
    ChoiceDialog(say("Copy the step"), options).open(app, partial(copy_text, app))


def copy_text(app: Host, text: str) -> None:
    """Send a text to the terminal's clipboard and keep it in a file: no terminal confirms it."""
    app.copy_to_clipboard(text)
    if served_folder() is not None:
        app.show_message(say("Sent to the browser's clipboard; it may ask first, or refuse."))
        return
    path = app.preferences.copied_path()
    write_text(path, [text], is_own=True)
    app.show_message(
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
        options.append(Option(film, app.text(words)))  # it begins once no dialog lies over the walk
    ChoiceDialog(say("Export"), options).open(app, lambda call: call())


def save_as(
    app: Host,
    make: Make,
    name: str,
    then: Callable[[Path], object] = lambda path: None,
    *,
    ending: str = "",
) -> None:
    """Ask for a file, and whether to overwrite one; write it in a thread, and go on with its path.

    A name without the `ending` gets it, and is asked for as it is: the file is a scenario, and may
    take the place of the one that is shown, unless that comes with tracer.
    """
    source = app.session.scenario.path
    if ending and source is not None and source.parent != scenarios_folder():
        source = None
    target = partial(check_target, source=source, ending=ending)

    def write(path: Path) -> None:
        def end(_: None) -> None:
            app.show_message(say("Written: {path}", path=str(path)))
            then(path)

        ProgressDialog(
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
            Option(True, app.text(say("Yes, overwrite it"))),
        ]
        title = say("{path} already exists. Overwrite it?", path=str(path))
        ChoiceDialog(title, options).open(app, lambda yes: write(path) if yes else None)

    value = name if ending else _free_name(name)
    InputDialog(say("Save as"), value=value, check=target).open(app, save)


def _watch_pieces(pieces: Iterable[str], progress: Progress) -> Iterator[str]:
    """Yield the pieces of a text, and stop between two of them when the work is cancelled."""
    for piece in pieces:
        progress(0, 0)
        yield piece


def _free_name(name: str) -> str:
    """Return a name that no file has yet."""
    stem, dot, ending = name.rpartition(".")
    names = [name, *(f"{stem}-{number}{dot}{ending}" for number in range(2, 1000))]
    return next((each for each in names if not os.path.exists(each)), names[-1])  # noqa: PTH110 - one that is too long is no error


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
        pictures.append(await _next_picture(app))
    svg = animate_pictures(pictures[:-1], SECONDS)
    save_as(app, lambda _: [svg], name)


def animated_walk(app: Host) -> str:
    """Return the walk from its first card on as one animated picture; it needs no terminal."""
    pictures: list[str] = []

    async def film(_: Pilot[object]) -> None:
        # A message says where the walk ends.
        while app.message is None and len(pictures) < MOST_PICTURES:
            pictures.append(await _next_picture(app))
            await app.run_action("step('next')", app.screen)
        app.exit()

    app.run(headless=True, size=FILM_SIZE, auto_pilot=film)
    return animate_pictures(pictures, SECONDS)


async def _next_picture(app: Host) -> str:
    """Return a picture of the screen, once all that changed is drawn."""
    seen = asyncio.Event()
    app.screen.call_after_refresh(seen.set)
    await seen.wait()
    return self_contained(app.export_screenshot(), app.title)
