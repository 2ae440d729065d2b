"""Keeps texts with the project, each shortly after it has stopped changing."""

import asyncio
from collections.abc import Mapping

from taskengine.client.handle import Handle
from taskengine.errors import EngineUnreachable, TaskError
from taskengine.records import StateKind

QUIET = 0.3  # seconds without a change, before what changed is kept
LONGEST = 2.0  # seconds after the first change, however many follow
RETRY = 5.0  # seconds after which an engine that did not answer is asked again


class Keeper:
    """Keeps the texts of one kind. It lives on the event loop that it is used on."""

    def __init__(self, handle: Handle, kind: StateKind) -> None:
        self._handle = handle
        self._kind = kind
        self._wanted: dict[str, str | None] = {}
        self._unkept: set[str] = set()
        self._refused: set[str] = set()
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._is_closed = False

    def keep_soon(self, name: str, text: str | None) -> None:
        """Keep a text in place of the one before, None: keep none; in a moment at the latest."""
        if self._is_closed or text == self._wanted_as(name):
            return
        loop = asyncio.get_running_loop()
        if not self._unkept:
            self._deadline = loop.time() + LONGEST
        self._wanted[name] = text
        self._unkept.add(name)
        self._refused.discard(name)
        self._disarm()
        self._timer = loop.call_at(min(loop.time() + QUIET, self._deadline), self._begin_flush)

    @property
    def pending(self) -> Mapping[str, str | None]:
        """What is to be kept and is not by now, by name; None: nothing is to be kept there."""
        return {name: self._wanted[name] for name in self._unkept | self._refused}

    @property
    def unkept(self) -> Mapping[str, str]:
        """The texts that are not kept by now, by name."""
        return {name: text for name, text in self.pending.items() if text is not None}

    def _wanted_as(self, name: str) -> str | None:
        """What is to be kept by now: a text that is on its way is not among those kept yet."""
        return (
            self._wanted[name] if name in self._wanted else self._handle.kept(self._kind).get(name)
        )

    def _begin_flush(self) -> None:
        self._flushing = asyncio.create_task(self.flush())

    async def flush(self) -> None:
        """Keep at once what is not kept yet. Everything is when this returns, unless the engine
        does not answer: then it is tried again and again. What it refuses, such as a text that is
        too long for it, stays unkept until it changes.
        """
        self._disarm()
        async with self._lock:  # the last text that was wanted is the last to be kept
            while self._unkept:
                name = self._unkept.pop()
                try:
                    await self._handle.keep(self._kind, name, self._wanted[name])
                except EngineUnreachable:
                    self._unkept.add(name)
                    self._try_again()
                    return
                except TaskError:
                    self._refused.add(name)
                except asyncio.CancelledError:
                    self._unkept.add(name)
                    raise

    def _try_again(self) -> None:
        if not self._is_closed:
            self._disarm()
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(RETRY, self._begin_flush)

    async def close(self) -> None:
        """Keep what is not kept yet, and nothing after that."""
        self._is_closed = True
        await self.flush()

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
