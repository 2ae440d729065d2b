"""What is typed, in its order: each key when there is what it is for, and the one before is done
with.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from textual.app import App
from textual.events import Key, Paste
from textual.message import Message
from textual.widget import Widget

from taskconsole.keymap.main import MAIN

Typed: TypeAlias = Key | Paste

_FOR_LATER = {key for action in MAIN for key in action.keys} | {"tab", "shift+tab"}
_ROUNDS = 2  # the second is for what a key makes a widget tell those around it
_LOOK_EVERY = 0.05  # seconds
_PATIENCE = 1.0  # seconds for one key to be done with


class TypedAhead:
    """Gives keys and pastes to an app one at a time, which come together where the console or the
    line to it is slow: a key may move the focus, and those behind it are for where that is then.

    The first key that is for a part of the main screen which is not there yet waits for it, and so
    do all that follow.
    """

    class Passed(Message):
        """Follows a key on its way, from the widget that it is for up to the app."""

        def __init__(self, number: int, widget: Widget, rounds: int) -> None:
            super().__init__()
            self.number = number
            self.widget = widget
            self.rounds = rounds

    def __init__(
        self,
        app: App[None],
        give: Callable[[Typed], Awaitable[None]],
        *,
        leaves: Callable[[Key], bool],
        is_text: Callable[[], bool],
    ) -> None:
        """`leaves` tells whether a key leaves the console in any case: that is never held back.
        `is_text` tells whether the keys are for an editor that comes, so that all are held.
        """
        self._app = app
        self._give = give
        self._leaves = leaves
        self._is_text = is_text
        self._waiting: deque[Typed] = deque()
        self._is_complete = False
        self._number = 0
        self._is_under_way = False
        self._deadline = 0.0

    async def take(self, typed: Typed) -> None:
        """Give what comes from the terminal to the app, now or when its turn has come."""
        if isinstance(typed, Key) and self._leaves(typed):
            await self._give(typed)
            return
        self._waiting.append(typed)
        await self._give_next()

    async def complete(self) -> None:
        """Every part of the main screen is there from now on."""
        self._is_complete = True
        await self._give_next()

    async def passed(self, message: Passed) -> None:
        """A key has come all its way, and what it has caused goes before what comes now."""
        if message.number != self._number or not self._is_under_way:
            return
        if message.rounds > 1 and self._follow(message.widget, message.rounds - 1):
            return
        self._is_under_way = False
        await self._give_next()

    async def _give_next(self) -> None:
        while self._waiting and not (self._is_under_way or self._is_for_later(self._waiting[0])):
            typed, widget = self._waiting.popleft(), self._app.focused or self._app.screen
            self._is_under_way = not _is_text_of(widget, typed)
            self._number += 1
            await self._give(typed)
            if self._is_under_way:
                self._deadline = asyncio.get_running_loop().time() + _PATIENCE
                self._follow(widget, _ROUNDS)
                self._look_again(self._number, widget)

    def _is_for_later(self, typed: Typed) -> bool:
        if self._is_complete:
            return False
        is_for_main = isinstance(typed, Key) and not _FOR_LATER.isdisjoint(typed.aliases)
        return is_for_main or self._is_text()

    def _follow(self, widget: Widget, rounds: int) -> bool:
        return widget.post_message(self.Passed(self._number, widget, rounds))

    def _look_again(self, number: int, widget: Widget) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(_LOOK_EVERY, self._look, number, widget)

    def _look(self, number: int, widget: Widget) -> None:
        """Wait no longer for word from a widget that the key has taken away, or that is stuck."""
        if number != self._number or not self._is_under_way:
            return
        if widget.is_attached and asyncio.get_running_loop().time() < self._deadline:
            self._look_again(number, widget)
        else:
            self._app.post_message(self.Passed(number, widget, 1))


def _is_text_of(widget: Widget, typed: Typed) -> bool:
    """Whether a widget takes a key as text, which moves nothing."""
    return isinstance(typed, Key) and widget.check_consume_key(typed.key, typed.character)
