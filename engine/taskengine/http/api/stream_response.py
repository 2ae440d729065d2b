"""An answer that goes on until its caller hangs up or may not be here any more, all is said, or its
server goes away and what has happened until then is said.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from taskengine.http.closing import Closing

_PIECE = 65_536
_LAST_WORDS = 0.2  # seconds for a caller to take the rest of what it is told, and as many its end


class StreamResponse(Response):
    """Sends what a generator gives, at the caller's pace, and closes it whatever happens. It ends
    at once when its door is `shut`. When the server is `closing`, the generator is to give the rest
    and end; `hurry` is called to have it look.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        first: bytes,
        chunks: AsyncGenerator[bytes, None],
        *,
        closing: Closing,
        shut: Closing,
        hurry: Callable[[], None],
    ) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._first = first
        self._chunks = chunks
        self._closing = closing
        self._shut = shut
        self._hurry = hurry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer a request."""
        async with aclosing(self._chunks):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            sending = asyncio.ensure_future(self._send_all(send))
            hung_up = asyncio.ensure_future(_hung_up(receive))
            shut = asyncio.ensure_future(self._shut.wait())
            closing = asyncio.ensure_future(self._closing.wait())
            parts = {sending, hung_up, shut}
            try:
                await asyncio.wait({*parts, closing}, return_when=asyncio.FIRST_COMPLETED)
                if closing.done():
                    self._hurry()
                    await asyncio.wait(
                        parts, timeout=_LAST_WORDS, return_when=asyncio.FIRST_COMPLETED
                    )
                is_gone = hung_up.done()
            finally:
                await _end(*parts, closing)
            if not sending.cancelled():
                sending.result()
        if not is_gone:
            last = asyncio.ensure_future(_end_body(send))
            await asyncio.wait({last}, timeout=_LAST_WORDS)
            await _end(last)

    async def _send_all(self, send: Send) -> None:
        await _send_body(send, self._first)
        async for chunk in self._chunks:
            await _send_body(send, chunk)


async def _send_body(send: Send, chunk: bytes) -> None:
    """Send a chunk, in pieces: a server takes a piece whole, however slowly its caller reads."""
    for start in range(0, len(chunk), _PIECE):
        piece = chunk[start : start + _PIECE]
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _end_body(send: Send) -> None:
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hung_up(receive: Receive) -> None:
    """Return when the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(*tasks: "asyncio.Future[None]") -> None:
    """Cancel tasks, and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
