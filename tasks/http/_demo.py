"""A server to try things on: it lives on this machine, and only while it is needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

BODY = b"product,price\n" + b"tea,3.10\n" * 2000


@asynccontextmanager
async def busy_server(*, is_busy: bool) -> AsyncIterator[str]:
    """The URL of a price list, which the server is too busy to send, or sends."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        status, body = ("503 Busy", b"") if is_busy else ("200 OK", BODY)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/prices.csv"
