"""How far the engine's clock is off, as a handle elsewhere reckons it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from support.engines import NOON
from support.reached import attached, soon
from taskengine.client.remote.handle import RemoteHandle
from taskengine.client.views import EngineStatus
from taskengine.client.wire.form import to_json
from taskengine.client.wire.messages import State
from taskengine.events import EngineState
from taskengine.testing import ManualClock

HOUR = timedelta(hours=1)
HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n"


class Told:
    """Tells an engine's state once a client has come, and again when it is asked to."""

    def __init__(self, path: Path, clock: ManualClock, ahead: timedelta) -> None:
        self.again = asyncio.Event()
        self._path = path
        self._clock = clock
        self._ahead = ahead

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the one call that is made."""
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + self._state("first"))
        await self.again.wait()
        writer.write(self._state("second"))
        await reader.read()
        writer.close()

    def _state(self, reason: str) -> bytes:
        status = EngineStatus(
            state=EngineState.LIVE,
            project="shop",
            root=self._path,
            tasks_dir=self._path / "tasks",
            timezone="UTC",
            scheduling=True,
            stop_grace=0.0,
            reason=reason,
        )
        state = State(
            now=self._clock.now() + self._ahead,
            status=status,
            tasks=(),
            standings={},
            problems=(),
            active=(),
            left_out={},
            delayed=(),
            missed=(),
            kept={},
        )
        return b"event: State\nid: 0-0.1\ndata: %s\n\n" % to_json(state)


@pytest.mark.parametrize("ahead", [timedelta(0), HOUR, -HOUR])
async def test_a_state_that_comes_hours_after_the_first_one_puts_no_clock_wrong(
    tmp_path: Path, ahead: timedelta
) -> None:
    clock = ManualClock(NOON)
    told = Told(tmp_path, clock, ahead)
    async with (
        await asyncio.start_unix_server(told.answer, tmp_path / "s"),
        attached(RemoteHandle(tmp_path / "s", clock=clock)) as handle,
    ):
        assert handle.now() == NOON + ahead
        clock.advance(2 * HOUR.total_seconds())
        told.again.set()
        await soon(lambda: handle.status.reason == "second")
        assert handle.now() == NOON + 2 * HOUR + ahead
