"""Reads what another process writes, a piece at a time, so that no writer keeps others waiting."""

import asyncio
import os
from collections.abc import Callable

_CHUNK = 65_536
_MOST_WAITING = 4 << 20  # more than any pipe or socket holds


class ByteReader:
    """Gives what can be read from a descriptor to `take`, on the loop, until its end or `close`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        fd: int,
        take: Callable[[bytes], None],
        at_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._loop = loop
        self._fd = fd
        self._take = take
        self._at_end = at_end
        self._is_over = False
        os.set_blocking(fd, False)
        loop.add_reader(fd, self._read)

    def drain(self) -> None:
        """Take at once all that was written until now; whoever still writes is not waited for."""
        rest = _MOST_WAITING
        while not self._is_over and rest > 0 and (size := self._read()):
            rest -= size

    def close(self) -> None:
        """Read no more."""
        if not self._is_over:
            self._is_over = True
            self._loop.remove_reader(self._fd)

    def _read(self) -> int:
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return 0
        except OSError:
            data = b""  # a socket whose other end was closed before it had read all
        if data:
            self._take(data)
        else:
            self.close()
            self._at_end()
        return len(data)
