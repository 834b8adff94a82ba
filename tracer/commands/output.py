"""Where results go: standard output or a file that appears only when it is whole.

Formats, languages and colours are chosen here, in one place for all commands.
"""

from __future__ import annotations

import errno
import io
import math
import os
import re
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from tracer.atomic_write import Temporary, is_same_file, is_stream, write_temporary
from tracer.bounded_read import open_regular
from tracer.commands.arguments import asked_columns
from tracer.errors import DIRECTIONS, TracerError, printable, refusal_reason
from tracer.lazy_modules import LazyModule
from tracer.narrative.catalogue import catalogue, chosen_language
from tracer.option_limits import FORMATS
from tracer.sentences import Local, Sentence, Text, Translate, plain_text, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tracer.expression import Notation
    from tracer.narrative.blocks import Block, Plot
    from tracer.render import html, latex, markdown, svg, terminal
else:
    html = LazyModule("tracer.render.html")
    latex = LazyModule("tracer.render.latex")
    markdown = LazyModule("tracer.render.markdown")
    svg = LazyModule("tracer.render.svg")
    terminal = LazyModule("tracer.render.terminal")

OUR_PICTURE = b'class="tracer-picture"'  # stands in the first bytes of every SVG we write
MOST_PICTURE = 1 << 30
UNWRITTEN = say("the file cannot be written")
WIDTH = 80  # columns of terminal output where there is no terminal

ENDINGS = {ending: name for name, endings in FORMATS.items() for ending in endings}
NO_MORE: Mapping[str, str] = {}


def chosen_format(options: argparse.Namespace, more: Mapping[str, str] = NO_MORE) -> str:
    """Return the format asked for; else that of the file's ending, or of where output goes.

    `more` are the endings of formats that a command has besides.
    """
    if options.format is None and options.output is None and _is_terminal():
        return "terminal"
    return format_of(options, {**ENDINGS, **more})


def format_of(options: argparse.Namespace, endings: Mapping[str, str]) -> str:
    """Return the format asked for, else that of the file's ending; Markdown where there is none.

    Raises TracerError for an ending that names none of the formats.
    """
    if options.format is not None:
        return str(options.format)
    suffix = "" if options.output is None else Path(options.output).suffix.lower()
    if suffix and suffix not in endings:
        raise TracerError(
            say("no format has this file extension"),
            where=options.output,
            found=suffix,
            expected=say("{endings}, or --format", endings=", ".join(endings)),
        )
    return endings.get(suffix, "markdown")


def language_of(options: argparse.Namespace) -> str:
    """Return the language asked for, else that of the locale."""
    return chosen_language(options.lang)


def translation(options: argparse.Namespace) -> Translate:
    """Return what translates messages. Raises TracerError for a language that is not there."""
    return catalogue(language_of(options))


def has_color(options: argparse.Namespace) -> bool:
    """Tell whether to colour: as asked, else on a terminal where NO_COLOR is not set."""
    if options.color != "auto":
        return bool(options.color == "always")
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return options.output is None and _is_terminal() and not plain


def is_unicode() -> bool:
    """Tell whether standard output can print any character."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    return encoding.replace("-", "").replace("_", "") in ("utf8", "utf16", "utf32", "cp65001")


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def print_blocks(
    blocks: Iterable[Block],
    notation: Notation,
    options: argparse.Namespace,
    *,
    title: Local | str,
    data: Callable[[], Iterable[str]],
) -> None:
    """Print or write blocks in the format of the options; JSON is no blocks, but `data`."""
    page = _Page(blocks, notation, title, data, options, translation(options))
    WRITERS[chosen_format(options)](page)


class _Page(NamedTuple):
    """Blocks and what a format may need besides."""

    blocks: Iterable[Block]
    notation: Notation
    title: Local | str
    data: Callable[[], Iterable[str]]
    options: argparse.Namespace
    translate: Translate


def _is_fragment(page: _Page) -> bool:
    """Say whether a page goes into another one, as a single step does."""
    return getattr(page.options, "step", None) is not None


def _write_latex(page: _Page) -> None:
    write = latex.latex_fragment if _is_fragment(page) else latex.latex
    write_pieces(write(page.blocks, page.notation, page.translate), page.options)


def _write_html(page: _Page) -> None:
    if _is_fragment(page):
        pieces = html.html_fragment(page.blocks, page.notation, page.translate)
        write_pieces(pieces, page.options)
        return
    title = page.title if isinstance(page.title, str) else page.title.text_in(page.translate)
    language = language_of(page.options)
    pieces = html.html(page.blocks, page.notation, page.translate, language=language, title=title)
    write_pieces(pieces, page.options)


def _write_markdown(page: _Page) -> None:
    """Write Markdown; beside a file its curves, as pictures that it refers to."""
    blocks, notation, _, _, options, translate = page
    if options.output is None or is_stream(Path(options.output)):
        write_pieces(markdown.markdown(blocks, notation, translate), options)
        return  # pictures need a folder
    pictures: dict[str, str] = {}

    def picture(plot: Plot) -> str:
        number = len(pictures) + 1
        name = f"{Path(options.output).stem}.curve{number if number > 1 else ''}.svg"
        pictures[name] = svg.svg(plot, notation, translate)
        return name

    pieces = markdown.markdown(blocks, notation, translate, picture=picture)
    write_pieces(pieces, options, beside=pictures)


def _print_terminal(page: _Page) -> None:
    """Show the form for terminals, in the terminal as it comes.

    A long text opens in a pager where somebody sits at the keys. PAGER names another program;
    PAGER=cat prints all at once.
    """
    options = page.options
    output = standard_output() if options.output is None else None
    has_keys = sys.stdin is not None and sys.stdin.isatty()
    is_full = _is_terminal() and os.environ.get("TERM", "dumb") != "dumb"
    is_paged = output is not None and has_keys and is_full
    text = io.StringIO()
    terminal.terminal(
        page.blocks,
        page.notation,
        page.translate,
        width=_terminal_width(output, is_paged=is_paged),
        unicode=output is None or is_unicode(),
        color=has_color(options),
        file=text if output is None or is_paged else output,
    )
    if is_paged:
        import pydoc

        os.environ.setdefault("LESS", "FRX")  # colours as they are; nothing stays of one screen
        pydoc.pager(text.getvalue())
    elif output is None:
        write_pieces([text.getvalue()], options)


WRITERS: Mapping[str, Callable[[_Page], None]] = {  # of each of `FORMATS`
    "terminal": _print_terminal,
    "markdown": _write_markdown,
    "latex": _write_latex,
    "json": lambda page: write_pieces(page.data(), page.options),
    "html": _write_html,
}


def _terminal_width(output: TextIO | None, *, is_paged: bool) -> int | None:
    """Return the width of the form for terminals; None where the terminal itself says it."""
    if output is None or not _is_terminal():
        return asked_columns() or WIDTH
    return os.get_terminal_size(output.fileno()).columns if is_paged else None


def write_pieces(
    pieces: Iterable[str | bytes],
    options: argparse.Namespace,
    *,
    beside: Mapping[str, str] | None = None,
) -> None:
    """Write to standard output, or to the file of the options, which appears only when whole.

    `beside` are further files by name for the same folder; the pieces may still add to them.
    Raises TracerError where a file cannot be written; then none of them is there.
    """
    if options.output is None:
        print_text(map(str, pieces))
        return
    target = Path(options.output)
    pictures = {} if beside is None else beside

    def files() -> Iterator[tuple[Path, Iterable[str | bytes]]]:
        yield target, pieces
        for name, text in pictures.items():
            place = target.parent / name
            if os.path.lexists(place) and not _is_own(place):
                raise TracerError(
                    say("a picture belongs here, but another file has that name"),
                    where=str(place),
                    expected=say("another name for -o, or that file moved away"),
                )
            yield place, [text]

    write_files(files(), options)


def write_files(
    files: Iterable[tuple[Path, Iterable[str | bytes]]], options: argparse.Namespace | None = None
) -> None:
    """Write all files with their texts, or none of them; the first is there last.

    With options it is said which were written, and which of them over another file. Raises
    TracerError where one cannot be written.
    """
    temporaries: list[Temporary] = []
    names: list[Text] = []
    with ExitStack() as stack:
        for place, pieces in files:
            is_over = os.path.lexists(place) and not is_stream(place)
            over = say("{file} (replacing the old file)", file=str(place))
            names.append(over if is_over else str(place))
            with write_errors(place):
                temporaries.append(stack.enter_context(write_temporary(pieces, place)))
        for temporary in reversed(temporaries):
            with write_errors(temporary.place):
                temporary.move()
    if options is not None:
        remark(say("tracer: wrote {names}", names=names), options)


@contextmanager
def write_errors(place: object, what: Sentence = UNWRITTEN) -> Iterator[None]:
    """Raise TracerError, with the place, where the system refuses what is done in here."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        raise TracerError(what, where=printable(str(place)), found=refusal_reason(error)) from None


def make_folder(folder: Path) -> None:
    """Create a folder, where it is not there. Raises TracerError."""
    with write_errors(folder, say("the folder cannot be created")):
        folder.mkdir(parents=True, exist_ok=True)


def check_output(
    options: argparse.Namespace, source: Path | None, what: Sentence | None = None
) -> None:
    """Refuse to write over the scenario, or another file, that is read or kept.

    Raises TracerError.
    """
    target, lines = (getattr(options, name, None) for name in ("output", "jsonl"))
    if target is None:
        return
    problem = None
    if source is not None and is_same_file(Path(target), source):
        problem = say("this would overwrite the scenario itself") if what is None else what
    elif lines is not None and Path(target).resolve() == Path(lines).resolve():
        problem = say("this would overwrite the results of --jsonl")
    if problem is not None:
        raise TracerError(problem, where=target, expected=say("another file"))


def _is_own(place: Path) -> bool:
    try:
        with open_regular(place, most=MOST_PICTURE) as file:
            return OUR_PICTURE in file.read(400)
    except TracerError:  # a folder, a pipe
        return False


def print_text(pieces: Iterable[str]) -> None:
    """Print pieces; what the terminal's encoding has no sign for becomes '?'."""
    standard_output().writelines(pieces)


def standard_output() -> TextIO:
    """Return where results go; it takes any character, half a surrogate pair too.

    Raises OSError where it was closed.
    """
    output = sys.stdout
    if output is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    if isinstance(output, io.TextIOWrapper) and output.errors != "replace":
        output.reconfigure(errors="replace")
    return output


def print_lines(lines: Iterable[str]) -> None:
    """Print lines of text, without control characters."""
    print_text(f"{printable(line)}\n" for line in lines)


def json_pieces(value: object, indent: int | None = 2) -> list[str]:
    """Return plain data as JSON text; numbers that are not finite are null.

    Without `indent` it is one line.
    """
    import json

    text = json.dumps(_only_finite(value), ensure_ascii=False, indent=indent, allow_nan=False)
    # Names may hold signs that turn the direction of a line, and halves of surrogate pairs, which
    # no encoding can write. JSON itself can.
    text = re.sub(
        f"[\x7f-\x9f{DIRECTIONS}\ud800-\udfff]", lambda sign: f"\\u{ord(sign[0]):04x}", text
    )
    return [text, "\n"]


def print_json(value: object) -> None:
    """Print plain data as JSON."""
    print_text(json_pieces(value))


def print_result(
    options: argparse.Namespace, data: Callable[[], object], lines: Callable[[], Iterable[str]]
) -> None:
    """Print what a command came to: its data as JSON, or lines of text."""
    if options.format == "json":
        print_json(data())
    else:
        print_lines(lines())


def _only_finite(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _only_finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_only_finite(item) for item in value]
        case _:
            return value


def remark(text: Text, options: argparse.Namespace) -> None:
    """Say something on standard error, unless --quiet."""
    if not options.quiet:
        warn(text, options)


def warn(text: Text, options: argparse.Namespace) -> None:
    """Say on standard error what must not pass in silence."""
    if sys.stderr is not None:
        print(printable(plain_text(text, translation(options))), file=sys.stderr)
