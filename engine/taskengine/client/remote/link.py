"""Holds on to an engine's event stream: comes back after every cut, where it was cut."""

import asyncio
import contextlib
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Sequence

from taskengine.client.remote.connection import Connection, EngineSilent
from taskengine.client.remote.event_parser import EventParser, Message
from taskengine.errors import EngineUnreachable
from taskengine.wording import raised_in_words

_log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
_LOOK_INTERVAL = 1.0
_LEAP = 3.0  # seconds by which a clock has gone further than it can have by itself


class Link:
    """Reads the stream and hands its messages to `receive`, in order, each once.

    `connect` gives the connection to use for the next try. `lost` is told, in words, why there is
    no stream, after each try that failed. Of a cut it is told only when the try after that fails
    too; of an engine that has fallen silent at once, for that has taken long already. Where this
    program itself was stopped meanwhile, as by ctrl-Z, that counts like a cut: it has not listened.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        receive: Callable[[Sequence[Message]], Awaitable[None]],
        lost: Callable[[str], None],
    ) -> None:
        self._connect = connect
        self._receive = receive
        self._lost = lost
        self._last_id = ""
        self._failures = 0
        self._held_up_at = -math.inf
        self._is_begun = asyncio.get_running_loop().create_future()
        self._at_work: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when the first messages have been received; the stream goes on by itself after
        that. Raises EngineUnreachable if the first try fails.
        """
        self._at_work = asyncio.create_task(self._work())
        try:
            await asyncio.shield(self._is_begun)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Read no more."""
        if self._at_work:
            self._at_work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._at_work
        self._is_begun.cancel()

    def begin_anew(self) -> None:
        """Ask for a whole state with the next try: what is known can't be relied on."""
        self._last_id = ""

    async def _work(self) -> None:
        while True:
            reason = await self._try()
            if not self._is_begun.done():
                self._is_begun.set_exception(EngineUnreachable(reason))
                return
            if self._failures:
                self._lost(reason)
            await self._pause()
            self._failures += 1

    async def _try(self) -> str:
        """Follow the stream to its end; gives back what ended it."""
        following = asyncio.ensure_future(self._follow())
        watching = asyncio.ensure_future(self._suspend())
        try:
            await asyncio.wait({following, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():  # the machine was suspended: who knows what is at the end
                self.begin_anew()
                self._failures = 0
                return "this machine was suspended"
            return await following
        except EngineSilent as error:
            if time.monotonic() - self._held_up_at > error.seconds:
                self._failures += 1
            return str(error)
        except EngineUnreachable as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - what is shown must never stand still unnoticed
            _log.exception("the events of an engine elsewhere could not be followed")
            self.begin_anew()
            return f"What the engine told could not be followed: {raised_in_words(error)}"
        finally:
            following.cancel()
            watching.cancel()
            await asyncio.gather(following, watching, return_exceptions=True)

    async def _follow(self) -> str:
        connection = await self._connect()
        parser = EventParser()
        async with connection.events(self._last_id) as chunks:
            async for chunk in chunks:
                try:
                    messages = parser.feed(chunk)
                    if messages:
                        await self._receive(messages)
                except ValueError as error:
                    self.begin_anew()
                    raise connection.foreign(error) from error
                if messages:
                    self._go_on_after(messages[-1])
        return f"The engine at {connection.address} has ended the connection"

    def _go_on_after(self, message: Message) -> None:
        self._last_id = message.id
        self._failures = 0
        if not self._is_begun.done():
            self._is_begun.set_result(None)

    async def _pause(self) -> None:
        """Wait before the next try: longer after each failure, and not in step with others."""
        longest = min(FIRST_PAUSE * 2.0 ** min(self._failures, 10), LONGEST_PAUSE)
        pausing = asyncio.ensure_future(asyncio.sleep(longest * random.uniform(0.5, 1.0)))  # noqa: S311
        leaping = asyncio.ensure_future(self._suspend())
        try:
            await asyncio.wait({pausing, leaping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pausing.cancel()
            leaping.cancel()

    async def _suspend(self) -> None:
        """Return when the machine was suspended, or its clock set: the wall clock has leapt. Note
        when this program was held up, which it sees by a look that comes late.
        """
        while True:
            began, ahead = time.monotonic(), time.time() - time.monotonic()
            await asyncio.sleep(_LOOK_INTERVAL)
            if time.monotonic() - began > _LOOK_INTERVAL + _LEAP:
                self._held_up_at = time.monotonic()
            if abs(time.time() - time.monotonic() - ahead) > _LEAP:
                return
