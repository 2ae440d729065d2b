"""Keys that are typed before there is what they are for: they count as soon as it is there."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable

from textual.app import App
from textual.events import Key

from taskconsole.keymap.main import MAIN

_FOR_LATER = {key for action in MAIN for key in action.keys} | {"tab", "shift+tab"}
_PATIENCE = 1.0  # seconds for one key to be done with


class TypedAhead:
    """Holds back the first key that is for a part of the main screen which is not there yet, and
    all that follow it, so that their order stays.
    """

    def __init__(
        self, app: App[None], *, leaves: Callable[[Key], bool], is_text: Callable[[], bool]
    ) -> None:
        """`leaves` tells whether a key leaves the console in any case: that is never held back.
        `is_text` tells whether the keys are for an editor that comes, so that all are held.
        """
        self._app = app
        self._leaves = leaves
        self._is_text = is_text
        self._held: deque[Key] = deque()
        self._is_over = False
        self._replayed: Key | None = None

    def holds(self, key: Key) -> bool:
        """Whether a key that comes from the terminal is held back."""
        if self._is_over or key.is_forwarded or key is self._replayed or self._leaves(key):
            return False
        begins = self._is_text() or not _FOR_LATER.isdisjoint(key.aliases)
        if not begins and not self._held and self._replayed is None:
            return False
        self._held.append(key)
        return True

    async def replay(self) -> None:
        """Everything is there: let the keys be done, one after the other."""
        while self._held:
            self._replayed = self._held.popleft()
            nodes = (self._app.focused or self._app.screen).ancestors_with_self
            await self._app.on_event(self._replayed)
            for node in nodes:  # it bubbles up through all of them
                done = asyncio.Event()
                with contextlib.suppress(TimeoutError):
                    if node.call_later(done.set):
                        await asyncio.wait_for(done.wait(), _PATIENCE)
        self._is_over = True
