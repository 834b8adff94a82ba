"""Work that takes a while: in a thread, one at a time, with progress, cancel and a dialog."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from tracer.narrative.messages import say
from tracer.ui.parts.dialogs import Working

if TYPE_CHECKING:
    from textual.worker import Worker

    from tracer.run.short_runs import Progress
    from tracer.ui.parts.host import Host

__all__ = ["Cancelled", "Work"]

Result = TypeVar("Result")

PATIENCE: Final = 0.3  # seconds before the dialog appears
PAUSE: Final = 0.1  # seconds between two words on how far the work is


class Cancelled(Exception):  # noqa: N818 - no error: the reader changed their mind
    """Raised inside the work once nobody wants it any more."""


class Work(Generic[Result]):
    """One piece of work. `do(progress)` runs in a thread; `then(result)` on the screen's side.

    An error becomes a dialog with its message; `failed` is called besides, where it is given.
    With `holds` the reader cannot go on until it is done: what it reads must not change.
    """

    def __init__(
        self,
        app: Host,
        what: str,
        do: Callable[[Progress], Result],
        then: Callable[[Result], object],
        failed: Callable[[], object] | None = None,
        *,
        holds: bool = False,
    ) -> None:
        self.app = app
        self.holds = holds
        self.what = what
        self.do = do
        self.then = then
        self.failed = failed
        self.dialog: Working | None = None
        self.worker: Worker[None] | None = None
        self.is_over = False
        self._told = 0.0

    def start(self) -> None:
        """Begin."""
        self.worker = self.app.run_worker(
            self._run, thread=True, exclusive=True, group="work", exit_on_error=False
        )
        if self.holds:
            self._open()
        self.app.set_timer(PATIENCE, self._show)

    def cancel(self) -> None:
        """Stop at the next word of progress; what is over stays as it is."""
        if self.is_over:
            return
        self._close()
        if self.worker is not None:
            self.worker.cancel()
        if self.failed is not None:
            self.failed()

    def _open(self) -> Working:
        self.dialog = Working(self.what, self.cancel)
        self.app.push_screen(self.dialog)
        return self.dialog

    def _show(self) -> None:
        if not self.is_over:
            (self.dialog or self._open()).remove_class("-unseen")

    def _progress(self, done: int, count: int) -> None:
        """Take note of how far the work is (a count of 0: nobody knows). Ends what is cancelled."""
        if self.worker is not None and self.worker.is_cancelled:
            raise Cancelled
        now = time.monotonic()
        if count and now - self._told > PAUSE:
            self._told = now
            self.app.call_from_thread(self._tell, done, count)

    def _tell(self, done: int, count: int) -> None:
        if self.dialog is not None:
            words = say("{done} of {count}", done=f"{done:,}", count=f"{count:,}")
            self.dialog.tell(self.app.text(words))

    def _run(self) -> None:
        try:
            result = self.do(self._progress)
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - it is shown in a dialog
            self._from_thread(self._end_badly, error)
        else:
            self._from_thread(self._end, result)

    def _from_thread(self, call: Callable[..., object], *arguments: object) -> None:
        """Hand over to the screen's side; an app that is gone wants nothing any more."""
        if self.app.is_running and not (self.worker is not None and self.worker.is_cancelled):
            self.app.call_from_thread(call, *arguments)

    def _close(self) -> None:
        self.is_over = True
        if self.dialog is not None:
            self.dialog.end()

    def _end(self, result: Result) -> None:
        if self.is_over:  # cancelled while the thread handed over
            return
        self._close()
        try:
            self.then(result)
        except Exception as error:  # noqa: BLE001 - it is shown in a dialog
            self.app.report(error)

    def _end_badly(self, error: Exception) -> None:
        if self.is_over:
            return
        self._close()
        if self.failed is not None:
            self.failed()  # before the dialog, which lies over what it opens
        self.app.report(error)
