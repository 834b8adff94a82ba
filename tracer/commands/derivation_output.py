"""What `tracer derive` and `tracer walk` tell of a run, in blocks or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.commands.output import translation
from tracer.commands.requested_run import digits_of, iterations_of
from tracer.narrative.derivation import derivation, step_blocks
from tracer.narrative.derivation_options import Options
from tracer.narrative.step_lines import Narrator

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tracer.narrative.blocks import Block
    from tracer.run.trace import Trace

__all__ = ["derivation_blocks", "derivation_json"]


def derivation_blocks(trace: Trace, options: argparse.Namespace) -> Iterator[Block]:
    """Return the derivation that is asked for, or its one step."""
    telling = Options(
        digits_of(options, trace),
        iterations_of(options, len(trace)),
        options.detail,
        options.focus,
        options.exact,
        options.chain,
        options.notation,
        options.numbers,
    )
    if options.step is None:
        return derivation(trace, telling)
    return step_blocks(Narrator(trace, telling), options.iteration or 1, options.step)


def derivation_json(trace: Trace, options: argparse.Namespace) -> Iterator[str]:
    """Return the derivation that is asked for as JSON."""
    from tracer.render.json import trace_json

    return trace_json(
        trace,
        show=iterations_of(options, len(trace)),
        digits=digits_of(options, trace),
        translate=translation(options),
        detail=options.detail,
        focus=options.focus,
        exact=options.exact,
    )
