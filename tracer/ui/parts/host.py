"""The interface of the app to screens, panes and dialogs.

`TracerApp` is the one host there is. Its parts know this class only, so that none imports the app,
which imports them all.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NamedTuple, cast

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.geometry import Region
from textual.message import Message
from textual.message_pump import Callback, MessagePump
from textual.screen import Screen
from textual.signal import Signal
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tracer.frozen import replace
from tracer.lazy_modules import LazyModule
from tracer.narrative.catalogue import catalogue
from tracer.narrative.derivation_options import Style as FormulaStyle
from tracer.narrative.session import Session
from tracer.program.given_array import GivenArray
from tracer.program.scenario import Scenario
from tracer.render.mathematics import Mathematics, Words
from tracer.render.screen_lines import Line
from tracer.run.memory import Recording
from tracer.run.short_runs import run
from tracer.run.trace import Trace
from tracer.sentences import Sentence
from tracer.ui.parts.key_bindings import Key, key_text, textual_bindings
from tracer.ui.parts.themes import styles_on

if TYPE_CHECKING:
    from tracer.ui.parts.preferences import Preferences
    from tracer.worksheets import practice
else:
    practice = LazyModule("tracer.worksheets.practice")


MOST_CHANGES: Final = 50  # most changes that can be undone

NO_ARRAYS: Final[Mapping[str, GivenArray]] = MappingProxyType({})

Way = Literal["undo", "redo"]


class History:
    """The changes to undo and redo: `next` returns the next one, `go` notes that it was made.

    A run takes hundreds of megabytes, and so may a scenario's numbers, while its text takes a few
    thousand bytes. So only texts are kept: `with_overrides(())` reads one again, to be run.
    """

    def __init__(self) -> None:
        self._pasts: dict[Way, list[Scenario]] = {"undo": [], "redo": []}

    def note_change(self, before: Scenario) -> None:
        """Note that another run is shown; undone changes cannot be redone any more."""
        self._pasts["redo"].clear()
        self._add("undo", before)

    def next(self, way: Way) -> Scenario | None:
        """Return the scenario that one would go to, without its numbers; None without one."""
        return next(reversed(self._pasts[way]), None)

    def go(self, way: Way, now: Scenario) -> None:
        """Note that a change was undone or redone, from the scenario `now`."""
        self._pasts[way].pop()
        self._add("redo" if way == "undo" else "undo", now)

    def _add(self, way: Way, scenario: Scenario) -> None:
        numbers: dict[str, Any] = dict.fromkeys(("data", "parameters", "constants"), NO_ARRAYS)
        self._pasts[way].append(replace(scenario, evaluation=None, prediction=None, **numbers))
        del self._pasts[way][:-MOST_CHANGES]


LEAST_SHOWN: Final = 2.5  # seconds that a message stays
EACH_SIGN: Final = 0.07  # seconds more for each of its signs


class Option(NamedTuple):
    """One of several to choose from: what is given back, its text, and what stands right of it.

    `also` is found by who searches, and not shown: the same in other languages, or in other words,
    with commas between them.
    """

    value: Any
    text: str
    note: str = ""
    group: str = ""
    also: str = ""


class Offer(NamedTuple):
    """A key that is offered: how it is written, what it does, and the action."""

    key: str
    text: str
    action: str


class ShortMessage(NamedTuple):
    """A text, and whether it says that something does not work."""

    text: str
    bad: bool


class Host(App[None]):
    """The session, and what a part of the interface may ask of the app.

    `known_keys` are all keys by their ids.
    """

    known_keys: ClassVar[Mapping[str, Key]]

    def __init__(
        self, words: Words, preferences: Preferences, digits: int, recording: Recording
    ) -> None:
        super().__init__()
        self.words = words
        self.preferences = preferences
        self.digits = digits
        self.history = History()
        self.session_changed: Signal[Session] = Signal(self, "session")
        # The `ProgressDialog` that is under way, or was last; it knows this class.
        self.running: Any = None
        self.traced = partial(run, recording=recording)  # a run, kept as the command says
        self._session: Session | None = None
        self._predictions: Callable[..., practice.Predictions] = lru_cache(1)(
            lambda kind, session, trace: kind(session)
        )
        self._mathematics = lru_cache(1)(Mathematics)
        self.message: ShortMessage | None = None  # the message that is shown now
        self.message_changed: Signal[None] = Signal(self, "message")

    # The session --------------------------------------------------------------------------------

    @property
    def has_session(self) -> bool:
        """Whether a trace is there yet."""
        return self._session is not None

    @property
    def session(self) -> Session:
        """The trace that is shown and the place in it."""
        assert self._session is not None, "screens open once there is a trace"
        return self._session

    @property
    def predictions(self) -> practice.Predictions:
        """What a reader guesses of the run that is shown; the same wherever it is asked for."""
        return self._predictions(practice.Predictions, self.session, self.session.trace)

    def show_trace(self, trace: Trace) -> None:
        """Show another run of the same network in the same place; it can be undone."""
        self.history.note_change(self.session.scenario)
        self._replace(trace)

    def _replace(self, trace: Trace) -> None:
        self.session.replace(trace)
        self.session_changed.publish(self.session)

    @abstractmethod
    def open_scenario(self, source: str | Path) -> None:
        """Load another scenario, by name or path, and walk it from its beginning."""

    # Words and looks ----------------------------------------------------------------------------

    @property
    def formula_style(self) -> FormulaStyle:
        """How formulas are written: as in a textbook, unless the settings say code."""
        return "code" if self.preferences.notation == "code" else "textbook"

    @property
    def mathematics(self) -> Mathematics:
        """What draws formulas and sentences of the session's trace."""
        return self._mathematics(self.session.notation, self.words)

    def text(self, sentence: Sentence | str) -> str:
        """Return a sentence in the reader's language; a text comes back safe to show."""
        if isinstance(sentence, str) or self._session is None:
            return self.words(sentence)
        return self.mathematics.text(sentence)

    def number(self, value: float) -> str:
        """Return a number at the session's digits, as a reader writes it."""
        return self.mathematics.number(value, self.digits)

    def painter(self, base: Style) -> Callable[[str], Style]:
        """Return what gives each role its colours on a ground, in the theme of the moment."""
        styles = styles_on(self.theme, base)
        return lambda role: styles.get(role, base)

    def use_language(self, language: str) -> None:
        """Speak another language from now on."""
        self.words = Words(catalogue(language), unicode=self.words.unicode)
        self.preferences.remember(language=language)
        if self.has_session:
            self.session_changed.publish(self.session)

    # Messages, screens, dialogs ------------------------------------------------------------------

    def show_message(self, sentence: Sentence | str, *, bad: bool = False) -> None:
        """Show a message for a moment, in the line of keys of whatever screen is in front then.

        Not a notification of Textual's: there panes below it cut wide characters in two.
        """
        text = self.text(sentence)
        message = self.message = ShortMessage(text, bad)
        self.message_changed.publish(None)
        seconds = max(LEAST_SHOWN, len(text) * EACH_SIGN)
        self.set_timer(seconds, lambda: self.hide_message(message))

    def hide_message(self, message: ShortMessage | None) -> None:
        """Take a message away, unless another one is shown by now."""
        if message is not None and self.message is message:
            self.message = None
            self.message_changed.publish(None)

    def open(self, name: str) -> None:
        """Show a screen by its name: the one that is already there, or a new one on top."""
        screen = self.get_screen(name)
        if screen in self.screen_stack:
            while self.screen is not screen:
                self.pop_screen()
        else:
            self.push_screen(screen)

    @abstractmethod
    def report(self, error: BaseException) -> None:
        """Show an error in a dialog; the app goes on."""

    @abstractmethod
    def report_failure(self, error: BaseException, part: MessagePump) -> None:
        """Report what went wrong in a part of the interface; a screen that stays empty goes."""

    # Keys ---------------------------------------------------------------------------------------

    def key_of(self, id: str) -> str:
        """Return how the key of an id is written, as the reader has bound it."""
        return key_text(self.preferences.keys_of(self.known_keys[id]))

    def offers(self, ids: Sequence[str], screen: Screen[Any] | None = None) -> list[Offer]:
        """Return the keys of a footer: what of these ids does something on a screen now.

        Where one types, a key that is a sign does nothing else: another key of the id is shown.
        """
        host = screen or self.screen
        is_typed = isinstance(host.focused, Input)
        bound: dict[str | None, tuple[str, str]] = {}
        for key, active in host.active_bindings.items():
            text, action = key_text(key), active.binding.action
            if not is_typed or len(text) > 1:
                # Run on the screen, an action of the app's has to say so.
                of_app = "app." * (active.node is self and "." not in action)
                bound.setdefault(active.binding.id, (text, of_app + action))
        return [
            Offer(
                bound[id][0],
                self.text(self.known_keys[id].short),
                bound[id][1],
            )
            for id in ids
            if id in bound
        ]


class ErrorGuard(MessagePump):
    """A mixin for the app, its screens and its widgets; put it before Textual's class.

    `keys` are the keys that work there, of the tables: each has an id, by which a reader can bind
    it anew.
    """

    def __init_subclass__(cls, *, keys: Sequence[Key] = (), **options: bool) -> None:
        if keys:
            cls.BINDINGS = textual_bindings(keys)
        super().__init_subclass__(**options)

    BINDINGS: ClassVar[list[Any]]
    _not_drawn: str | None = None  # the error of the last try to draw

    @property
    def tracer(self) -> Host:
        """The app, with its session, words and dialogs."""
        return cast("Host", self.app)

    @property
    def session(self) -> Session:
        """The trace that is shown and the place in it."""
        return self.tracer.session

    async def _dispatch_message(self, message: Message) -> None:
        """Show an error in the app, where it can: whatever it is, the reader's work stays open."""
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            app = self.tracer
            # Once it has ended a worker's last word comes too late for any screen.
            is_over = app.has_session and not app.screen_stack
            if app.is_running and not is_over:
                app.report_failure(error, self)
            elif not is_over:
                raise

    def call_after_refresh(self, callback: Callback, *arguments: Any, **options: Any) -> bool:
        """Call something as a message, once the screen is drawn: its error is that of a message.

        Textual would drop the other calls that wait, and could not tell whose this one was.
        """
        return super().call_after_refresh(self.call_later, callback, *arguments, **options)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw a widget; what cannot be drawn stays empty, or the whole screen would."""
        try:
            strips: list[Strip] = super().render_lines(crop)  # type: ignore[misc]  # a widget's
        except Exception as error:  # noqa: BLE001 - it is shown in a dialog
            if str(error) != self._not_drawn:  # the same error is told once, not at each drawing
                self._not_drawn = str(error)
                self.tracer.call_later(self.tracer.report, error)
            return [Strip.blank(crop.width)] * crop.height
        return strips


class RolePainter(ErrorGuard):
    """A mixin for widgets that draw lines of pieces with roles (`themes.ROLES`)."""

    @cached_property
    def style_of(self) -> Callable[[str], Style]:
        """What gives each role its colours here; one for all lines that are drawn together.

        To find a widget's ground Textual looks at all that it lies in: a fifth of a repaint.
        """
        return self.tracer.painter(cast("Widget", self).rich_style)

    def strip(self, line: Line, columns: int) -> Strip:
        """Return a line in its colours, filled to so many columns; a sign tells where it is cut."""
        style_of, sign = self.style_of, self.tracer.words.ellipsis
        strip = Strip([Segment(text, style_of(role)) for text, role in line])
        if strip.cell_length > columns:
            beginning = strip.crop(0, max(columns - len(sign), 0))
            strip = Strip([*beginning, Segment(sign, style_of("faint"))])
        return strip.crop_extend(0, columns, style_of(""))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines, with the colours of now."""
        self.style_of = self.tracer.painter(cast("Widget", self).rich_style)
        return super().render_lines(crop)
