"""An engine of another version, which does not say all that is to be known here."""

import asyncio
from pathlib import Path

import pytest

from taskengine.client.remote.handle import RemoteHandle
from taskengine.errors import EngineUnreachable

HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n"
STATE = b'event: State\nid: 0-0.1\ndata: {"now":"2026-03-01T12:00:00Z"}\n\n'


async def test_a_state_that_lacks_something_is_named_as_of_another_version(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + STATE)
        writer.close()

    async with await asyncio.start_unix_server(answer, tmp_path / "s"):
        with pytest.raises(EngineUnreachable, match=r"a version that is not understood .* field"):
            await RemoteHandle(tmp_path / "s").start()
