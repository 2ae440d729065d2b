"""A connection's transport, which sends whole answers, and takes the reason phrase of the next."""

import asyncio
from typing import Any, cast

_MOST_HELD = 16_384  # bytes
_STATUS_END = b"\r\n"
_WITHOUT_REASON = len(b"HTTP/1.1 200 ")


class Wire:
    """Passes all on to an asyncio transport, and puts a reason into the first line it is given
    after `set_reason`: uvicorn writes the standard's phrase there, and takes no other.

    What is written in one round of the loop goes out together: uvicorn writes the head and the body
    of an answer apart, and each write costs a system call here and wakes the caller there.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._held: list[bytes] = []
        self._size = 0
        self._reason: bytes | None = None
        self._written = 0
        self.is_closing = transport.is_closing
        self.get_extra_info = transport.get_extra_info

    @classmethod
    def around(cls, transport: asyncio.Transport) -> tuple[asyncio.Transport, "Wire"]:
        """A transport for a protocol to use, and the same as what it is."""
        wire = cls(transport)
        return cast(asyncio.Transport, wire), wire

    def set_reason(self, reason: bytes) -> None:
        """Have the next line, which is a status line, end in these words."""
        self._reason = reason

    @property
    def left(self) -> int:
        """How many bytes are still to be taken by the other side."""
        return self._size + self._transport.get_write_buffer_size()

    @property
    def taken(self) -> int:
        """How many bytes the other side has taken so far."""
        return self._written - self.left

    def write(self, data: bytes) -> None:
        """Send something, at the end of this round of the loop at the latest."""
        if self._reason is not None:
            line, end, rest = data.partition(_STATUS_END)
            data = line[:_WITHOUT_REASON] + self._reason + end + rest
            self._reason = None
        self._written += len(data)
        if self._size + len(data) > _MOST_HELD:
            self.flush()
            self._transport.write(data)
            return
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(data)
        self._size += len(data)

    def flush(self) -> None:
        """Send what is held back."""
        if self._held:
            data = b"".join(self._held)
            self._held, self._size = [], 0
            self._transport.write(data)

    def write_eof(self) -> None:
        """Send what is held back, and then that nothing follows."""
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Close the connection when all has been sent."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        """All else that a transport can do."""
        return getattr(self._transport, name)
