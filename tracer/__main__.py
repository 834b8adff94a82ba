"""Where the program begins, as `tracer` and as `python -m tracer`.

Nothing is loaded here before an interrupt ends the program in order: while modules are loaded,
Python would print a traceback, or lose the interrupt in a place where it can only complain of it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is not loaded for it: the first lines are the quickest
if TYPE_CHECKING:
    import sys
    from typing import NoReturn

YOUNG = 100_000  # objects made before Python looks for garbage; a start makes fewer
INTERRUPTED = 130  # exit code of a shell for a program that Ctrl+C has ended


def entry() -> NoReturn:
    """Run the command line and leave with its code; Ctrl+C ends it with 130 from here on."""
    try:
        import atexit
        import gc
        import sys

        sys.unraisablehook = _leave_or_complain
        gc.set_threshold(YOUNG)
        codes: list[int] = []
        atexit.register(_end, codes)  # before all others, so that it is called after them
        from tracer.cli import run_quickly

        codes.append(run_quickly(sys.argv[1:]))
        if codes == [INTERRUPTED]:
            _leave(is_told=True)
        sys.exit(codes[0])
    except KeyboardInterrupt:
        _leave()


def _end(codes: list[int]) -> None:
    """End the process with its code, if there is one: all that is left is to take Python apart.

    That is a twentieth of the time of a check. Where output fails, Python ends as it always does.
    """
    import os
    import sys

    if codes:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        os._exit(codes[0])


def _leave(*, is_told: bool = False) -> NoReturn:
    """End the process at once, without what it would still print or load."""
    import os

    if not is_told:
        try:  # noqa: SIM105 - nothing is loaded here that can be done without
            os.write(2, b"tracer: interrupted\n")
        except OSError:  # standard error is closed
            pass
    os._exit(INTERRUPTED)


def _leave_or_complain(problem: sys.UnraisableHookArgs) -> None:
    """Leave where Python has lost an interrupt: in a callback, from which nothing can be raised."""
    import sys

    if issubclass(problem.exc_type, KeyboardInterrupt):
        _leave()
    sys.__unraisablehook__(problem)


if __name__ == "__main__":
    entry()
