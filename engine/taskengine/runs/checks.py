"""What users' code has to say of a call before its run begins: is the payload valid, what is its
key. It is asked on threads of its own, for one task in the order in which the calls came.
"""

import asyncio
import copy
from collections.abc import Mapping
from typing import Any

from taskengine.clock import Clock
from taskengine.errors import EngineNotRunning, InvalidPayload
from taskengine.project.catalog import Runnable
from taskengine.run import Payload
from taskengine.runs.keys import field_of, key_of
from taskengine.runs.timing import sleep_from
from taskengine.threads.pool import DaemonPool
from taskengine.wording import raised_in_words

# How long a check may take; after that, the calls behind it have their turn.
LONGEST_CHECK = 10.0


def needs_check(task: Runnable, payload: Payload) -> bool:
    """Whether users' code has to run before a call of the task can be admitted, or their data be
    walked through. Raises InvalidPayload for a payload that lacks the key.
    """
    key = task.options.key
    if task.payload_type is not None or callable(key):
        return True
    return key is not None and isinstance(field_of(payload, key), list | Mapping)


class Checks:
    """Belongs to the engine's loop, where none of users' code runs."""

    def __init__(self, pool: DaemonPool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._lines: dict[str, asyncio.Lock] = {}

    async def key(self, task: Runnable, payload: Payload) -> str:
        """The key of a call whose payload is valid. Raises InvalidPayload, EngineNotRunning."""
        async with self._lines.setdefault(task.name, asyncio.Lock()):
            answer = await self._answer(task, payload)
        if isinstance(answer, InvalidPayload):
            raise answer
        return answer

    async def _answer(self, task: Runnable, payload: Payload) -> str | InvalidPayload:
        """What the check says, unless that takes too long, or the engine ends before."""
        if self._closed.done():
            raise EngineNotRunning("The engine has stopped")
        check = self._loop.create_task(self._pool.call(lambda: _checked(task, payload)))
        limit = sleep_from(self._clock.now(), LONGEST_CHECK, self._clock)
        late = self._loop.create_task(limit)
        waits: set[asyncio.Future[Any]] = {check, late, self._closed}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        late.cancel()
        if check.done():
            return check.result()
        check.cancel()
        if self._closed.done():
            raise EngineNotRunning("The engine stopped while the payload was checked")
        return InvalidPayload(
            f"The payload could not be checked: that took longer than {LONGEST_CHECK:g} s"
        )

    def close(self) -> None:
        """Let nobody wait any longer for an answer."""
        if not self._closed.done():
            self._closed.set_result(None)


def _checked(task: Runnable, payload: Payload) -> str | InvalidPayload:
    """The key, or what is wrong. A value, because not everything that users' code raises may pass
    through an event loop.
    """
    try:
        own = copy.deepcopy(payload)
        typed = task.payload_type.convert(own) if task.payload_type else own
    except InvalidPayload as fault:
        return fault
    except BaseException as error:  # noqa: BLE001 - a broken validator refuses, and harms nobody
        return _refusal("The payload could not be checked", error)
    try:
        return key_of(task.options.key, typed)
    except InvalidPayload as fault:
        return fault
    except BaseException as error:  # noqa: BLE001 - nor does a broken key function
        return _refusal("The task's key function failed", error)


def _refusal(what: str, error: BaseException) -> InvalidPayload:
    refusal = InvalidPayload(f"{what}: {raised_in_words(error)}")
    refusal.__cause__ = error
    return refusal
