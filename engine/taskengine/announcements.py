"""Where an engine can be reached, as those say who take calls for it."""

import asyncio
from pathlib import Path

from taskengine.history.engine_note import NOTE, EngineNote
from taskengine.history.history import History


class Announcements:
    """What each server of an engine says of itself, noted with the project's history for programs
    that look for the engine. There is room for one socket and one URL: of several, the first one's
    are named for as long as it has them, so that nobody has to move. Used on the engine's loop.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._said: dict[object, tuple[Path | None, str]] = {}

    @property
    def socket(self) -> Path | None:
        """The unix socket by which programs should come, if there is one."""
        return next((socket for socket, _ in self._said.values() if socket), None)

    @property
    def url(self) -> str:
        """Where the engine is on the network; empty if it is not."""
        return next((url for _, url in self._said.values() if url), "")

    def put(self, of: object, socket: Path | None, url: str) -> None:
        """Note what somebody says in place of what he said before; nothing at all withdraws it."""
        before = self.socket, self.url
        if socket or url:
            self._said[of] = socket, url
        else:
            self._said.pop(of, None)
        if (self.socket, self.url) != before:
            self._history.announce(self.socket, self.url)

    async def uphold(self) -> None:
        """Note it again if the note is gone, or another engine of the project that can't be reached
        has put its own in that place.
        """
        file, socket, url = self._history.path, self.socket, self.url
        if file is None or not (socket or url):
            return
        note = await asyncio.to_thread(EngineNote.read, file.with_name(NOTE))
        if note is None or not await asyncio.to_thread(note.leads_to, socket, url):
            self._history.announce(self.socket, self.url)
