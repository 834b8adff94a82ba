"""Small screens over the others: a message, a question, a choice, work that takes a while.

What a choice is made from, a list to search, may be a screen of its own too.
"""

from __future__ import annotations

import re
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, groupby
from typing import Any, ClassVar, Final, Generic, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState, get_current_worker

from tracer.errors import TracerError
from tracer.render.mathematics import marked_lines
from tracer.render.screen_lines import Line, cut_text, safe_text
from tracer.run.short_runs import Progress, is_quick
from tracer.sentences import Sentence, say
from tracer.text_width import width
from tracer.ui.parts.host import ErrorGuard, Host, Option
from tracer.ui.parts.key_bindings import BACK, SCROLLS
from tracer.ui.parts.tracer_screen import KeyLine, Lines, TracerScreen, content

Result = TypeVar("Result")

MOST_SUGGESTED: Final = 8
BESIDE: Final = 5  # rows of a question besides its hint and the suggestions
PAGE: Final = 10  # options
PATIENCE: Final = 0.3  # seconds before the dialog is seen: most work is done before
PAUSE: Final = 0.1  # seconds between two words on how far the work is
FRAME: Final = 4  # rows of a choice besides the options: its frame, what is typed, and a gap


class ActionLink(Static):
    """Words that do what a key does when they are clicked."""

    def __init__(self, text: str, action: str) -> None:
        super().__init__(content(f"[{text}]"), classes="press")
        self._does = action

    async def on_click(self, event: events.Click) -> None:
        """Do it."""
        event.stop()
        await self.screen.run_action(self._does)


class Dialog(ErrorGuard, ModalScreen[Result], Generic[Result], keys=[BACK]):
    """A box with a title in the middle, filled by a subclass; Escape closes it without a result."""

    def __init__(self, title: Sentence | str) -> None:
        super().__init__()
        self.heading = title

    def open(self, host: Host, then: Callable[[Result], object]) -> None:
        """Show it, and go on with what it gives back; it may be closed without a result."""

        def end(found: Result | None) -> None:
            if found is not None:
                then(found)

        host.push_screen(self, end)

    def compose(self) -> ComposeResult:
        """Lay the box out."""
        with Vertical(classes="dialog") as box:
            box.border_title = content(self.tracer.text(self.heading))
            yield from self.contents()
        yield KeyLine()

    @abstractmethod
    def contents(self) -> ComposeResult:
        """Lay out what is in the box."""

    def action_back(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    CLOSES_ON_CLICK: ClassVar[bool] = True

    def on_click(self, event: events.Click) -> None:
        """A click beside the box closes it."""
        if event.widget is self and self.CLOSES_ON_CLICK:
            self.action_back()


class MessageDialog(Dialog[None]):
    """Says something until a key closes it."""

    def __init__(self, title: Sentence | str, text: str) -> None:
        super().__init__(title)
        self.said = text

    def contents(self) -> ComposeResult:
        """The text, and how it is closed."""
        message = self.tracer.words.terminal_text(safe_text(self.said, lines=True))
        with VerticalScroll(classes="dialog-told"):
            yield Static(content(message), classes="dialog-text")
        yield ActionLink(self.tracer.words(say("Enter or Esc closes this.")), "screen.back")

    def on_resize(self) -> None:
        """Scroll a long text: the line that says how to close it stays in sight."""
        for scroll in self.query(VerticalScroll):  # none before it is mounted
            scroll.styles.max_height = max(self.app.size.height * 9 // 10 - FRAME - 1, 1)

    def key_enter(self, event: events.Key) -> None:
        """Close, as Escape does: there is only one thing to do."""
        event.stop()
        self.action_back()


class OptionList(Lines):
    """The options that fit what is typed; one of them is chosen.

    What has a word that begins so fits; where nothing has, what has the signs anywhere.

    The screen's action `pick` is what a click on an option does.
    """

    def __init__(self, options: Sequence[Option], *, id: str = "options") -> None:
        super().__init__(id=id)
        self.can_focus = False  # keys go to the line where one types
        self.all = options
        self.rows: list[Option | str] = []  # a text is the head of a group
        self.at = 0

    def filter(self, typed: str, present: object = None) -> None:
        """Show the options that hold every typed word.

        The cursor begins on the present value, or on what is called just as it was typed.
        """
        self.rows = list(self._rows(typed.casefold().split()))
        options = {y: row for y, row in enumerate(self.rows) if isinstance(row, Option)}
        called = typed.strip().casefold() or None
        named = (y for y, one in options.items() if called in one.also.casefold().split(", "))
        at_present = (y for y, one in options.items() if one.value == present)
        self.at = next(chain(at_present, named, options), 0)
        self.draw()

    def _rows(self, words: Sequence[str]) -> Iterator[Option | str]:
        texts = (f"{one.text} {one.note} {one.group} {one.also}".casefold() for one in self.all)
        pairs = [*zip(self.all, texts, strict=True)]
        starts = [re.compile(r"(?<![a-z0-9])" + re.escape(word)) for word in words]
        begin = [option for option, text in pairs if all(one.search(text) for one in starts)]
        matching = begin or [
            option for option, text in pairs if all(word in text for word in words)
        ]
        for group, options in groupby(matching, lambda option: option.group):
            yield from [group] if group else []
            yield from options

    def draw(self) -> None:
        """Draw the options, the chosen one on a ground of its own."""
        lines: list[Line] = [self._line(y, row) for y, row in enumerate(self.rows)]
        if self.all and not lines:
            words = self.tracer.text(say("Nothing matches what you typed."))
            lines = [*marked_lines(words, max(self.size.width - 1, 10), "faint", "faint")]
        self.show(lines, home=False)
        self.reveal(self.at)

    def on_resize(self) -> None:
        """Draw for the room there is: before the layout none is known."""
        if self.rows:
            self.draw()

    def _line(self, y: int, row: Option | str) -> Line:
        if isinstance(row, str):
            return [(row, "label")]
        room = max(self.size.width - 1, 10)
        ellipsis = self.tracer.words.ellipsis
        note = cut_text(row.note, max(room // 2, room - width(row.text) - 4), ellipsis)
        text = cut_text(row.text, room - width(note) - 4, ellipsis)
        gap = " " * max(room - 3 - width(text) - width(note), 1)
        role = "cursor" if y == self.at else "words"
        mark = self.tracer.words.terminal_text("▸ ") if y == self.at else "  "
        return [(mark + text + gap, role), (note + " ", "cursor" if y == self.at else "faint")]

    def move(self, by: int) -> None:
        """Move so many options down, or up, as far as there are any; heads are passed over."""
        way = 1 if by > 0 else -1
        rows = range(self.at + way, len(self.rows) if by > 0 else -1, way)
        places = [at for at in rows if isinstance(self.rows[at], Option)]
        self.at = [self.at, *places[: abs(by)]][-1]
        self.draw()

    async def on_click(self, event: events.Click) -> None:
        """Pick what is clicked."""
        event.stop()
        y = event.y + self.scroll_offset.y
        if isinstance(self.rows[y] if 0 <= y < len(self.rows) else None, Option):
            self.at = y
            self.draw()
            await self.screen.run_action("screen.pick")

    @property
    def chosen_option(self) -> Option | None:
        """The option of the cursor."""
        row = self.rows[self.at] if self.at < len(self.rows) else None
        return row if isinstance(row, Option) else None


class OptionSearch(ErrorGuard):
    """A mixin for a screen with an `Input` and an `OptionList` that one searches with it."""

    present: object = ""  # the value on which the cursor stands where nothing is typed

    @property
    def options(self) -> OptionList:
        """The list."""
        return cast("Screen[Any]", self).query_one(OptionList)

    def show_chosen(self) -> None:
        """Show what is said of the option of the cursor; nothing, unless a subclass does.

        It is called once the list is drawn: what is said may take a while to work out.
        """

    @abstractmethod
    def action_pick(self) -> None:
        """Do what a click on an option does."""

    def on_input_changed(self) -> None:
        """Show the options with the typed words; the cursor begins on one of exactly that name."""
        typed = cast("Screen[Any]", self).query_one(Input).value
        self.options.filter(typed, typed.strip() or self.present)
        self.call_after_refresh(self.show_chosen)

    def action_move(self, by: int) -> None:
        """Move to another option."""
        self.options.move(by)
        self.call_after_refresh(self.show_chosen)

    def action_page(self, by: int) -> None:
        """Move to an option further on, or further back."""
        self.action_move(by * PAGE)


class InputDialog(OptionSearch, Dialog[str], keys=SCROLLS):
    """Asks for a line of text; gives it back, or None.

    `check` may raise a TracerError for what cannot be: its message is shown, the dialog stays.
    `describe` says something of what is typed, in the place of the hint.
    Of what `suggest` returns for the typed text, that is listed which holds its words; arrows or a
    click put one in its place.
    Enter gives back what is typed, or where that cannot be the suggestion that is marked.
    """

    def __init__(
        self,
        title: Sentence | str,
        *,
        value: str = "",
        hint: Sentence | str = "",
        check: Callable[[str], object] | None = None,
        describe: Callable[[str], str] = lambda typed: "",
        suggest: Callable[[str], Sequence[Option]] = lambda typed: (),
    ) -> None:
        super().__init__(title)
        self._value = value
        self._hint = hint
        self._check = check
        self._describe = describe
        self._suggest = suggest

    def contents(self) -> ComposeResult:
        """A line to type in, what may be typed, and what is suggested."""
        yield Input(value=self._value, select_on_focus=True)
        yield Static(content(self.tracer.text(self._hint)), classes="hint")
        yield OptionList(self._suggest(""))
        with Horizontal(classes="presses"):
            yield ActionLink(self.tracer.words(say("Enter: OK")), "screen.take")
            yield ActionLink(self.tracer.words(say("Esc: cancel")), "screen.back")

    def on_resize(self) -> None:
        """Give the suggestions their room, once the hint has its lines."""
        self.call_after_refresh(self._list)

    def _list(self) -> None:
        """List what fits the last word typed, in the rows that the hint leaves."""
        typed = self.query_one(Input).value
        self.options.all = self._suggest(typed)
        left = (self.size.height - 1) * 9 // 10 - BESIDE - self.query_one(".hint").size.height
        self.options.styles.height = max(min(len(self.options.all), MOST_SUGGESTED, left), 0)
        self.options.filter(typed, typed.strip())

    def _tell(self, text: str, *, bad: bool = False) -> None:
        sign = self.tracer.words.terminal_text("✗")
        self.query_one(".hint", Static).update(
            content((f"{sign} {text}", "$tracer-bad") if bad else text)
        )

    def on_input_changed(self, event: Input.Changed) -> None:  # type: ignore[override]
        """Show the options that match what is typed."""
        event.prevent_default()  # Textual would call that of `OptionSearch` too
        self._tell(self._describe(event.value) or self.tracer.text(self._hint))
        self._list()

    def action_move(self, by: int) -> None:
        """Take another suggestion into the line; the first time the one that is marked."""
        chosen = self.options.chosen_option
        if chosen is not None and self.query_one(Input).value == chosen.value:
            self.options.move(by)
        self._complete()

    def _complete(self) -> None:
        chosen, field = self.options.chosen_option, self.query_one(Input)
        if chosen is not None:
            with self.prevent(Input.Changed):  # the list stays
                field.value = chosen.value
            field.cursor_position = len(field.value)

    def action_pick(self) -> None:
        """Take the suggestion that is clicked."""
        self._complete()
        self.action_take()

    def action_take(self) -> None:
        """Give back what was typed or chosen, as Enter does."""
        field = self.query_one(Input)
        if not field.value:
            self._complete()
        typed = field.value
        for is_last in (False, True):
            try:
                if self._check is not None:
                    self._check(field.value)
            except TracerError as error:
                if typed and not is_last and self.options.chosen_option is not None:
                    self._complete()
                    continue
                self._tell(error.message_in(self.tracer.words.translate), bad=True)
                return
            self.dismiss(field.value)
            return

    on_input_submitted = action_take


class ChoiceDialog(OptionSearch, Dialog[Any], keys=SCROLLS):
    """Offers a choice, by arrows and Enter or the mouse; many options are searched by typing."""

    def __init__(
        self,
        title: Sentence | str,
        options: Sequence[Option],
        *,
        present: object = None,
    ) -> None:
        super().__init__(title)
        self.present = present
        self._options = OptionList(options)
        self._rows = 0  # number of rows: options and the heads of their groups

    def contents(self) -> ComposeResult:
        """A line to type in, and the options; to say yes or no there is nothing to search."""
        field = Input(placeholder=self.tracer.words(say("type to search")))
        field.display = len(self._options.all) > 2
        yield field
        yield self._options

    def on_mount(self) -> None:
        """Show all options."""
        self.on_input_changed()
        self._rows = len(self._options.rows)

    def on_resize(self) -> None:
        """Make the box as high as all options need, with the line to type in and one below it."""
        box, frame = self.query_one(".dialog"), FRAME - 2 * (not self.query_one(Input).display)
        box.styles.height = min(self._rows + frame, max(self.size.height * 4 // 5, frame + 1))

    def action_pick(self) -> None:
        """Give back what was clicked or chosen."""
        chosen = self._options.chosen_option
        if chosen is not None:
            self.dismiss(chosen.value)

    on_input_submitted = action_pick

    def key_enter(self, event: events.Key) -> None:
        """Take the chosen option, where there is no line that submits it."""
        event.stop()
        self.action_pick()


class SearchScreen(OptionSearch, TracerScreen):
    """A subclass lays out an `Input` and an `OptionList`, and tells of the chosen option."""

    AUTO_FOCUS = "Input"

    def fill(self, options: Iterable[Option]) -> None:
        """List other options, as far as they hold what is typed."""
        self.options.all = list(options)
        self.call_after_refresh(self.on_input_changed)

    def on_resize(self) -> None:
        """Tell of the chosen one for the new room."""
        self.call_after_refresh(self.show_chosen)

    def action_back(self) -> None:
        """Go back to all there is, from a search; else to the screen before."""
        search = self.query_one(Input)
        if search.value:
            search.value = ""
        else:
            super().action_back()


class Cancellation(Exception):  # noqa: N818 - no error: the reader changed their mind
    """Raised inside work that was cancelled."""


class ProgressDialog(Dialog[None], Generic[Result]):
    """One piece of work, with progress. `do` runs in a thread, `then` on the screen's side.

    An error becomes a dialog with its message; `failed` is called besides, where it is given. The
    reader cannot go on until it is done, since what it reads must not change; Escape cancels it,
    a click beside it does not.
    """

    CLOSES_ON_CLICK: ClassVar[bool] = False

    def __init__(
        self,
        what: Sentence | str,
        do: Callable[[Progress], Result],
        then: Callable[[Result], object],
        failed: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(what)
        self._do = do
        self._then = then
        self._failed = failed
        self._told = 0.0
        self.is_over = False
        self.add_class("-unseen")

    def contents(self) -> ComposeResult:
        """How far the work is."""
        yield Static(content(self.tracer.words.ellipsis), classes="dialog-text")
        yield ActionLink(self.tracer.words(say("Esc cancels.")), "screen.back")

    def on_mount(self) -> None:
        """Be seen after a while; at once where the screen would be empty until then."""
        self.set_timer(
            PATIENCE if self.tracer.has_session else 0.01, lambda: self.remove_class("-unseen")
        )

    def start(self, host: Host, *, at_once: bool = False) -> None:
        """Begin, in place of what is under way; what is short is done at once, without a thread.

        At once an error is raised, as nothing lies over who asked for it.
        """
        if at_once:
            self._then(self._do(lambda done, count: None))
            return
        if host.running is not None:
            host.running.cancel()
        host.running = self
        host.push_screen(self)
        self.run_worker(partial(self._do, self._progress), thread=True, exit_on_error=False)

    def action_back(self) -> None:
        """Cancel the work; what that opens lies on top of what is left."""
        self.app.call_later(self.cancel)

    def cancel(self) -> None:
        """Stop the work at its next report of progress; work that is done stays done."""
        if not self.is_over:
            self._close()
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

    def _progress(self, done: int, count: int) -> None:
        """Note how far the work is; a count of 0 means unknown.

        Ends what nobody wants: the reader cancelled, or the app ends.
        """
        if self.is_over or get_current_worker().is_cancelled:
            raise Cancellation
        now = time.monotonic()
        if count and now - self._told > PAUSE:
            self._told = now
            self.app.call_from_thread(self._tell, done, count)

    # On the screen's side -----------------------------------------------------------------------

    def _tell(self, done: int, count: int) -> None:
        if self.is_mounted and not self.is_over:
            words = say("{done} of {count}", done=f"{done:,}", count=f"{count:,}")
            self.query_one(".dialog-text", Static).update(content(self.tracer.text(words)))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Go on with the result, or show what went wrong; what was cancelled is forgotten."""
        worker = event.worker
        is_done = worker.state in (WorkerState.SUCCESS, WorkerState.ERROR)
        if self.is_over or not is_done or isinstance(worker.error, Cancellation):
            return
        self._close()
        try:
            if worker.error is not None:
                raise worker.error
            self._then(cast("Any", worker.result))
        except Exception as error:  # noqa: BLE001 - it is shown in a dialog
            self._failed()  # before the dialog, which lies over what it opens
            self.tracer.report(error)


def look_for_values(
    host: Host, then: Callable[[object], object], failed: Callable[[], object] = lambda: None
) -> None:
    """Look which values of the present iteration can be asked for; in a large run in a thread."""
    work = ProgressDialog(
        say("Choosing the values to ask about"), host.predictions.find_practice, then, failed
    )
    work.start(host, at_once=is_quick(host.session.scenario))
