"""Keys one after the other: the next once the one before has had its effect.

Textual hands each key at once to what has the focus. A letter takes effect there, but a key that
is bound only after it has come up to the app: of "down enter q" in one burst the q would stand in
the line before the Enter counts, and what is typed for a dialog would be gone before it opens. So
keys are a queue, however long the app is busy; none is thrown away.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from textual.app import App
from textual.events import Key
from textual.message_pump import MessagePump
from textual.widget import Widget


class TypeAhead:
    """Holds keys back while one is under way. `hand_on` is what Textual does with a key."""

    def __init__(self, app: App[Any], hand_on: Callable[[Key], Coroutine[Any, Any, None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[Key] = deque()
        self._under_way: Key | None = None
        self._asked: MessagePump = app  # who answers once the key has had its effect there

    async def take(self, key: Key) -> None:
        """Hand a key on, now or when its turn comes."""
        self._waiting.append(key)
        asked = self._asked
        has_failed = isinstance(asked, Widget) and asked.is_mounted and not asked.is_running
        if self._under_way is None or has_failed:
            await self._next()

    async def _next(self) -> None:
        self._under_way = self._waiting.popleft() if self._waiting else None
        if self._under_way is None:
            return
        # Up once with the key, and once more with the message that its action sends.
        way = [*(self._app.focused or self._app.screen).ancestors_with_self]
        await self._hand_on(self._under_way)
        self._follow(self._under_way, [*way, *way])

    def _follow(self, key: Key, way: list[MessagePump]) -> None:
        """Go the way of a key, behind it in the queue of each whom it passes."""
        while way:
            self._asked = way.pop(0)
            if self._asked.call_later(self._follow, key, way):
                return
        # A screen that the key has opened is there once it answers.
        self._asked = self._app.screen
        if not self._asked.call_later(self._arrived, key):
            self._asked = self._app
            self._app.call_later(self._arrived, key)

    def _arrived(self, key: Key) -> None:
        if key is self._under_way:
            self._app.call_later(self._next)
