"""How results show themselves in a notebook: as Markdown, or as the lines of their command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tracer.narrative.blocks import Block
from tracer.narrative.catalogue import catalogue, preferred_language
from tracer.narrative.program_notation import notation_of
from tracer.render.markdown import markdown
from tracer.run.trace import Trace
from tracer.sentences import Translate


class ShownMarkdown:
    """What shows itself in a notebook as its Markdown, in the reader's language."""

    def to_markdown(self, *, lang: str = "en") -> str:
        """Return it as Markdown."""
        raise NotImplementedError

    def _repr_markdown_(self) -> str:
        return self.to_markdown(lang=preferred_language())


class ShownLines:
    """What shows itself as lines: those that the command of its name prints."""

    __slots__ = ()
    _summary_line = -1

    def lines(self, translate: Translate = str) -> Iterator[str]:
        """Yield the result as text; `translate` turns English into another language."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        summary = list(self.lines())[self._summary_line]
        return f"<{type(self).__name__.removeprefix('Shown')}: {summary}>"

    def _repr_markdown_(self) -> str:
        lines = "\n".join(self.lines(catalogue(preferred_language())))
        return f"```text\n{lines}\n```"


def run_page(
    trace: Trace,
    blocks: Iterable[Block],
    lang: str,
    write: Callable[..., Iterator[str]] = markdown,
    **settings: str,
) -> str:
    """Return blocks on a run as a page in a language."""
    return "".join(write(blocks, notation_of(trace), catalogue(lang), **settings))
