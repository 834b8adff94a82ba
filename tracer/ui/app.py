"""The app: themes, language, keys, the session, and the ways in which screens reach a reader.

Screens and widgets hold what is shown; the app holds what all of them share.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual._context import active_message_pump
from textual.driver import Driver
from textual.events import Event, Key
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widget import Widget

from tracer.errors import TracerError
from tracer.lazy_modules import LazyModule
from tracer.narrative.catalogue import catalogue, languages
from tracer.narrative.session import Session
from tracer.program.scenario import Scenario, load
from tracer.render.mathematics import Words
from tracer.render.screen_lines import safe_text
from tracer.run.memory import KEEP_ALL, Recording
from tracer.run.short_runs import is_quick, is_quick_to_read
from tracer.run.trace import Trace
from tracer.sentences import Sentence, first_few, say
from tracer.ui.key_tables import KEYS
from tracer.ui.parts.dialogs import ChoiceDialog, MessageDialog, ProgressDialog
from tracer.ui.parts.host import ErrorGuard, History, Host, Option, Way
from tracer.ui.parts.key_bindings import APP, key_text
from tracer.ui.parts.preferences import Preferences
from tracer.ui.parts.reader_files import allowed_path
from tracer.ui.parts.themes import DEFAULT, MONOCHROME, NAMES, textual_themes
from tracer.ui.screens import SCREENS

if TYPE_CHECKING:
    from tracer.ui.parts import export
    from tracer.ui.play import play_panes
    from tracer.ui.reference import glossary_screen
else:
    export = LazyModule("tracer.ui.parts.export")
    glossary_screen = LazyModule("tracer.ui.reference.glossary_screen")
    play_panes = LazyModule("tracer.ui.play.play_panes")

MOST_CHANGES_SHOWN: Final = 3  # most changes that a message names


NAMED_LANGUAGES: Final = {"en": "English", "zh": "中文"}
THEMES: Final[Mapping[str, Sentence]] = {
    "dark": say("dark"),
    "light": say("light"),
    "high-contrast": say("high contrast"),
    "monochrome": say("monochrome"),
}
MOST_ERRORS: Final = 8  # dialogs in two seconds; then something is wrong with the dialogs
SECONDS: Final = 2.0
LEAVING_SECONDS: Final = 5.0  # time for the app to close when its process is ended


class PlainScrollBar(ScrollBarRender):
    """A scroll bar of whole cells, for a terminal without block characters."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


class TracerApp(ErrorGuard, Host, keys=APP.keys):
    """The terminal interface on one scenario."""

    session = Host.session  # a part's session is that of its app
    known_keys = KEYS

    CSS_PATH: ClassVar[Path] = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False  # ours shows keys and reads no markup
    SCREENS: ClassVar[Mapping[str, Callable[[], Any]]] = SCREENS  # type: ignore[assignment]  # Textual asks for a dict
    HORIZONTAL_BREAKPOINTS = [(0, "-single"), (61, "-normal"), (100, "-wide")]  # noqa: RUF012 - as in Textual
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-tall"), (45, "-high")]  # noqa: RUF012 - as in Textual

    def __init__(
        self,
        scenario: Scenario,
        *,
        trace: Trace | None = None,
        language: str = "en",
        unicode: bool = True,
        color: bool = True,
        preferences: Preferences | None = None,
        digits: int = 6,
        recording: Recording = KEEP_ALL,
    ) -> None:
        words = Words(catalogue(language), unicode=unicode)
        super().__init__(words, preferences or Preferences(), digits, recording)
        self._wanted = scenario
        self._first = trace  # its run, where that is known
        self._last_question: Screen[Any] | None = None  # whether to leave
        # The last errors, which tests look at.
        self.reported: deque[BaseException] = deque(maxlen=MOST_ERRORS)
        self._errors: deque[float] = deque(maxlen=MOST_ERRORS)
        self._waiting: deque[Key] = deque()  # keys, while one is under way
        self._under_way: Key | None = None
        self._asked: MessagePump = self  # who answers once the key has had its effect there
        self.title = safe_text(f"tracer {scenario.name}")
        for theme in textual_themes():
            self.register_theme(theme)
        chosen = self.preferences.theme if self.preferences.theme in NAMES else DEFAULT
        # Set as it is later, Textual would parse all style sheets again: a tenth of our start.
        self.set_reactive(TracerApp.theme, chosen if color and not self.no_color else MONOCHROME)
        self.stylesheet.set_variables(self.get_css_variables())
        self.animation_level = "none"
        if self.preferences.keys:
            self.set_keymap(self.preferences.keys)

    # Keys one after the other -------------------------------------------------------------------

    async def on_event(self, event: Event) -> None:
        """Take keys that come from the terminal one after the other.

        Textual hands each key at once to what has the focus. A letter takes effect there, but a key
        that is bound only after it has come up to the app: of "down enter q" in one burst the q
        would stand in the line before the Enter counts, and what is typed for a dialog would be
        gone before it opens. So keys are a queue, however long the app is busy; none is thrown
        away.
        """
        if isinstance(event, Key) and not event.is_forwarded:
            self.hide_message(self.message)  # the message answered the key before
            self._waiting.append(event)
            asked = self._asked
            has_failed = isinstance(asked, Widget) and asked.is_mounted and not asked.is_running
            if self._under_way is None or has_failed:
                await self._pass_on_key()
        else:
            await super().on_event(event)

    async def _pass_on_key(self) -> None:
        """Hand the next key on, where one waits."""
        self._under_way = self._waiting.popleft() if self._waiting else None
        if self._under_way is None:
            return
        # Up once with the key, and once more with the message that its action sends.
        way = [*(self.focused or self.screen).ancestors_with_self]
        await super().on_event(self._under_way)
        self._follow_key(self._under_way, [*way, *way])

    def _follow_key(self, key: Key, way: list[MessagePump]) -> None:
        """Follow a key through the message queues of the widgets that it passes."""
        while way:
            self._asked = way.pop(0)
            if self._asked.call_later(self._follow_key, key, way):
                return
        # A screen that the key has opened is there once it answers.
        self._asked = self.screen
        if not self._asked.call_later(self._end_of_way, key):
            self._asked = self
            self.call_later(self._end_of_way, key)

    def _end_of_way(self, key: Key) -> None:
        if key is self._under_way:
            self.call_later(self._pass_on_key)

    def get_driver_class(self) -> type[Driver]:
        """Return Textual's driver, which takes the terminal anew after any stop.

        Textual does so after Ctrl+Z only. Somebody else's SIGSTOP comes unannounced; what Textual
        then remembers as the state of the terminal before it would be its own, and the shell was
        left without echo. The terminal is first given back, then taken, as after Ctrl+Z.
        """
        base: Any = super().get_driver_class()
        if not hasattr(base, "_sigcont_application"):
            return base  # type: ignore[no-any-return]  # Windows, a browser, or a test

        class ContinuedDriver(base):  # type: ignore[misc]  # which one it is Textual decides
            _must_signal_resume: bool

            def _sigcont_application(self, *signals: object) -> None:
                if self._auto_restart and not self._must_signal_resume:
                    self.suspend_application_mode()
                    self._must_signal_resume = True
                super()._sigcont_application(*signals)

        return ContinuedDriver

    # Beginning and end --------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show the walk, at once where the run is short."""
        self._watch_signals()
        # After any stop the whole screen is drawn, whatever was half drawn before it.
        self.app_resume_signal.subscribe(self, lambda _: self.screen.refresh(layout=True))
        self.set_class(not self.words.unicode, "-ascii")
        # A scroll bar belongs to Textual's own widgets: only its class can be told how to draw.
        ScrollBar.renderer = ScrollBarRender if self.words.unicode else PlainScrollBar
        if self._first is not None:
            self._begin(self._first)
            return
        try:
            self._run(self._wanted, self._begin, self._begin_empty)
        except TracerError as error:
            self._begin_empty()
            self.report(error)

    def _begin(self, trace: Trace) -> None:
        self._session = Session(trace, digits=self.digits, style=self.formula_style)
        self.push_screen("walk")
        if problems := self.preferences.problems:  # the rest of the settings counts
            messages = [problem.message_in(self.words.translate) for problem in problems]
            closed = say("Until this is fixed, tracer writes nothing to the settings.")
            text = "\n\n".join([*messages, self.text(closed)])
            self.push_screen(MessageDialog(say("There is a mistake in the settings"), text))

    def _begin_empty(self) -> None:
        """Without a first trace there is nothing to show but the scenarios."""
        if self._session is None:
            self.open("scenarios")

    def _watch_signals(self) -> None:
        """Leave in order when somebody ends the process, stop and go on when somebody stops it.

        A signal comes in the middle of anything, of a write to the terminal too. What waits for
        that write, as leaving and taking the terminal do, is done by the loop between two tasks.
        """
        loop = asyncio.get_running_loop()
        answers: dict[str, Callable[[], None]] = {
            name: partial(self._leave, 128 + getattr(signal, name, 0))
            for name in ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT")
        }
        driver: Any = self._driver
        if hasattr(driver, "_sigcont_application"):
            answers["SIGTSTP"] = driver._sigtstp_application
            answers["SIGCONT"] = driver._sigcont_application
        for name, answer in answers.items():
            if hasattr(signal, name):
                try:
                    loop.add_signal_handler(getattr(signal, name), answer)
                except (NotImplementedError, RuntimeError, ValueError):
                    return  # Windows, or not the main thread: in a test or in the browser

    def _leave(self, code: int) -> None:
        """Leave with the code that a shell has for a signal.

        Where the terminal is gone (SIGHUP), Textual waits for ever to write to it.
        """
        self.exit(return_code=code)
        end = threading.Timer(LEAVING_SECONDS, os._exit, (code,))
        end.daemon = True
        end.start()

    # What screens share -------------------------------------------------------------------------

    def action_help_quit(self) -> None:
        """Tell who presses Ctrl+C, which copies, how to leave; Textual would use a notification."""
        self.show_message(f"{self.key_of('app.leave')}: {self.text(say('Quit'))}")

    def report(self, error: BaseException) -> None:
        """Show an error in a dialog; the app goes on.

        A reader's mistake is said as it is; one of ours with its kind, so that it can be reported.
        """
        self.reported.append(error)
        if isinstance(error, TracerError):
            title = self.text(say("This does not work"))
            text = error.message_in(self.words.translate)
        else:
            title = self.text(say("An error inside tracer"))
            text = f"{type(error).__name__}: {error}"
        front = self.screen
        if isinstance(front, MessageDialog) and (front.heading, front.said) == (title, text):
            return  # the same dialog is being read
        now = time.monotonic()
        full = len(self._errors) == MOST_ERRORS and now - self._errors[0] < SECONDS
        self._errors.append(now)
        if full:  # the dialogs themselves fail: better an end with a message than a loop
            super()._handle_exception(error if isinstance(error, Exception) else Exception(error))
            return
        self.push_screen(MessageDialog(title, text))

    def report_failure(self, error: BaseException, part: MessagePump) -> None:
        """Report what went wrong in a part of the interface; a screen that stays empty goes."""
        if isinstance(part, Screen) and not part.children:
            if part not in self.screen_stack:
                return  # closed: what comes after has nothing to work on
            for name, screen in self._installed_screens.items():
                if screen is part:  # the screen is made anew when it is opened again
                    self._installed_screens[name] = SCREENS[name]
            while part in self.screen_stack:
                self.pop_screen()
        self.report(error)

    def _handle_exception(self, error: Exception) -> None:
        """Go on where Textual would end the app: after errors of composing, callbacks, timers.

        Before there is a screen nothing can be shown, and the app ends with the error.
        """
        if self.is_running and len(self.screen_stack) > 1:
            self.report_failure(error, active_message_pump.get(self))
        else:
            super()._handle_exception(error)

    # Screens and dialogs ------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Leave; where something that was typed would be lost, ask before."""
        self._ask_unsaved(SCREENS, self.exit, say("Quit without saving"))

    def _ask_unsaved(
        self, names: Iterable[str], then: Callable[[], object], going_on: Sentence
    ) -> None:
        """Go on where these screens hold nothing that would be lost, or lose it; ask only once."""
        opened = [(name, self._installed_screens[name]) for name in names]
        asked = {
            name: words for name, one in opened if (words := getattr(one, "unsaved_question", None))
        }
        if not asked or self.screen is self._last_question:
            then()
            return
        options = [
            Option(False, self.text(say("Go back to it"))),
            Option(True, self.text(going_on)),
        ]
        (unsaved, words), *_ = asked.items()
        self._last_question = question = ChoiceDialog(words, options)
        question.open(self, lambda goes_on: then() if goes_on else self.open(unsaved))

    # Runs ---------------------------------------------------------------------------------------

    def action_retrace(self, way: Way) -> None:
        """Go back to the run before the last change, or take one that was undone again."""
        past = self.history.next(way)
        if past is None:
            nothing = say("There is nothing to undo."), say("There is nothing to redo.")
            self.show_message(nothing[way == "redo"])
        else:
            self._run(past.with_overrides(()), partial(self._show_earlier_run, way))

    def _show_earlier_run(self, way: Way, trace: Trace) -> None:
        """Show a run of before, and say what is as it was then."""
        left = self.session.scenario
        self.history.go(way, left)
        self._replace(trace)
        changes = first_few(play_panes.change_texts(self, left, trace.scenario), MOST_CHANGES_SHOWN)
        undone, redone = (
            say("Undone: {changes}", changes=changes),
            say("Redone: {changes}", changes=changes),
        )
        self.show_message(undone if way == "undo" else redone)

    def _run(
        self,
        scenario: Scenario,
        then: Callable[[Trace], object],
        failed: Callable[[], object] = lambda: None,
    ) -> None:
        """Run a scenario and go on with its trace: at once where it is short, else in a thread."""
        work = ProgressDialog(
            say("Running {name}", name=scenario.name), partial(self.traced, scenario), then, failed
        )
        work.start(self, at_once=is_quick(scenario))

    def open_scenario(self, source: str | Path) -> None:
        """Load another scenario, by name or path, and walk it from its beginning."""

        def show(trace: Trace) -> None:
            self._session = Session(trace, digits=self.digits, style=self.formula_style)
            self.hide_message(self.message)  # the message was about the other scenario
            self.history = History()
            self.title = safe_text(f"tracer {trace.scenario.name}")
            if isinstance(source, Path):
                self.preferences.remember(opened=str(source))
            self.open("walk")
            self.session_changed.publish(self.session)

        def begin() -> None:
            if is_quick_to_read(source):
                self._run(load(source), show)
                return
            what = say("Reading {name}", name=Path(source).name)
            ProgressDialog(what, lambda progress: self.traced(load(source), progress), show).start(
                self
            )

        allowed_path(Path(source))  # a bundled name may also be that of a folder here
        self._ask_unsaved(("play",), begin, say("Discard it and go on"))

    # Keys ---------------------------------------------------------------------------------------

    def action_palette(self) -> None:
        """Offer what the keys of the screen and of the app do, languages, and words to explain."""
        options_by_key: dict[str, Option] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            key = KEYS.get(binding.id or "")
            if key is not None and key.listed and active.enabled:
                call = partial(self.call_later, self.run_action, binding.action, active.node)
                option = Option(call, self.text(key.words), key_text(binding.key))
                options_by_key.setdefault(key.id, option)
        others = [
            Option(
                partial(self.use_language, language),
                self.text(say("Language: {name}", name=NAMED_LANGUAGES.get(language, language))),
            )
            for language in languages()
            if language != self.words.language
        ]
        options = [*options_by_key.values(), *others, *self._glossary_options()]
        ChoiceDialog(say("All commands"), options).open(self, lambda call: call())

    def _glossary_options(self) -> list[Option]:
        """Return all that the glossary explains, each with its place there."""
        if not self.has_session:
            return []

        def show(word: str) -> None:
            glossary: Any = self.get_screen("glossary")  # a screen is loaded when it is opened
            glossary.sought = word
            self.call_later(self.open, "glossary")

        return [
            Option(
                partial(show, each.text),
                self.text(say("Glossary: {word}", word=each.text)),
                also=each.also,
            )
            for each in glossary_screen.glossary_options(self.words)
        ]

    action_open_screen = Host.open

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no screen that is not there, and none but the choice before there is a trace."""
        if action == "open_screen":
            return parameters[0] == "scenarios" or (parameters[0] in SCREENS and self.has_session)
        if action in ("export", "copy", "retrace"):
            return self.has_session
        return super().check_action(action, parameters)

    def action_theme(self) -> None:
        """Choose a theme."""
        options = [
            Option(name, self.text(words), self.text(say("now")) if name == self.theme else "")
            for name, words in THEMES.items()
        ]
        ChoiceDialog(say("Choose a theme"), options, present=self.theme).open(self, self.use_theme)

    def use_theme(self, name: str) -> None:
        """Take a theme and remember it."""
        self.theme = name
        self.preferences.remember(theme=name)

    def action_export(self) -> None:
        """Offer what can be exported; a picture does not show the message of the last export."""
        self.hide_message(self.message)
        self.call_after_refresh(export.offer_exports, self)

    def action_copy(self) -> None:
        """Copy the step, as text, LaTeX or Markdown."""
        export.offer_copy(self)
