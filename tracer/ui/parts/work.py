"""Work that takes a while: in a thread, one at a time, with progress, cancel and a dialog."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from textual.widgets import Static

from tracer.sentences import say
from tracer.ui.parts.dialogs import Dialog, Press
from tracer.ui.parts.pane import content

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.worker import Worker

    from tracer.run.short_runs import Progress

__all__ = ["Cancelled", "Work"]

Result = TypeVar("Result")

PATIENCE: Final = 0.3  # seconds before the dialog is seen: most work is done before
PAUSE: Final = 0.1  # seconds between two words on how far the work is


class Cancelled(Exception):  # noqa: N818 - no error: the reader changed their mind
    """Raised inside the work once nobody wants it any more."""


class Work(Dialog[None], Generic[Result]):
    """One piece of work. `do(progress)` runs in a thread; `then(result)` on the screen's side.

    An error becomes a dialog with its message; `failed` is called besides, where it is given. The
    reader cannot go on until it is done, since what it reads must not change; Escape cancels it,
    a click beside it does not.
    """

    CLOSES_ON_CLICK: ClassVar[bool] = False

    def __init__(
        self,
        what: str,
        do: Callable[[Progress], Result],
        then: Callable[[Result], object],
        failed: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(what)
        self._do = do
        self._then = then
        self._failed = failed
        self._worker: Worker[Any] | None = None
        self._told = 0.0
        self.is_over = False
        self.add_class("-unseen")

    def contents(self) -> ComposeResult:
        """How far the work is."""
        yield Static(content(self.tracer.words.ellipsis), classes="dialog-text")
        yield Press(self.tracer.words(say("Esc cancels.")), "screen.back")

    def on_mount(self) -> None:
        """Be seen after a while."""
        self.set_timer(PATIENCE, lambda: self.remove_class("-unseen"))

    def start(self) -> None:
        """Begin."""
        self._worker = self.app.run_worker(
            self._run, thread=True, exclusive=True, group="work", exit_on_error=False
        )

    def action_back(self) -> None:
        """Cancel the work; what that opens lies on top of what is left."""
        self.app.call_later(self.cancel)

    def cancel(self) -> None:
        """Stop at the next word of progress; what is over stays as it is."""
        if self.is_over:
            return
        self._close()
        if self._worker is not None:
            self._worker.cancel()
        if self._failed is not None:
            self._failed()

    def on_screen_resume(self) -> None:
        """Close where the work is over; what lies on top is closed, so nothing may lie on this."""
        if self.is_over and self.is_active:
            self.dismiss(None)

    def _close(self) -> None:
        """Close, as the work is over: at once, or once what lies over this is closed."""
        self.is_over = True
        self.on_screen_resume()

    # In the thread ------------------------------------------------------------------------------

    @property
    def _is_cancelled(self) -> bool:
        """Whether nobody wants the result: the reader cancelled, or the app ends."""
        return self.is_over or (self._worker is not None and self._worker.is_cancelled)

    def _progress(self, done: int, count: int) -> None:
        """Take note of how far the work is (a count of 0: nobody knows). Ends what is cancelled."""
        if self._is_cancelled:
            raise Cancelled
        now = time.monotonic()
        if count and now - self._told > PAUSE:
            self._told = now
            self.app.call_from_thread(self._tell, done, count)

    def _run(self) -> None:
        try:
            result = self._do(self._progress)
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - it is shown in a dialog
            self._from_thread(self._end_badly, error)
        else:
            self._from_thread(self._end, result)

    def _from_thread(self, call: Callable[..., object], *arguments: object) -> None:
        """Hand over to the screen's side; an app that is gone wants nothing any more."""
        if self.tracer.is_running and not self._is_cancelled:
            self.app.call_from_thread(call, *arguments)

    # On the screen's side -----------------------------------------------------------------------

    def _tell(self, done: int, count: int) -> None:
        if self.is_mounted and not self.is_over:
            words = say("{done} of {count}", done=f"{done:,}", count=f"{count:,}")
            self.query_one(".dialog-text", Static).update(content(self.tracer.text(words)))

    def _end(self, result: Result) -> None:
        if self.is_over:  # cancelled while the thread handed over
            return
        self._close()
        try:
            self._then(result)
        except Exception as error:  # noqa: BLE001 - it is shown in a dialog
            self.tracer.report(error)

    def _end_badly(self, error: Exception) -> None:
        if self.is_over:
            return
        self._close()
        if self._failed is not None:
            self._failed()  # before the dialog, which lies over what it opens
        self.tracer.report(error)
