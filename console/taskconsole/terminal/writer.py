"""Text onto the terminal."""

import io
import os
import select
import signal


class TerminalWriter(io.TextIOBase):
    """Writes what it is given when it is flushed.

    When the terminal is gone, text is dropped: an error would end Textual's writing thread, and the
    screen would then wait for that thread for ever. The process is told as the kernel would.
    """

    encoding = "utf-8"
    errors = "replace"
    mode = "w"

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._pending: list[str] = []
        self._is_gone = False

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def write(self, text: str) -> int:
        self._pending.append(text)
        return len(text)

    def flush(self) -> None:
        pending, self._pending = self._pending, []
        data = "".join(pending).encode(self.encoding, self.errors)
        while data and not self._is_gone:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:  # others have the handle, too, and have set it not to wait
                select.select([], [self._fd], [])
            except OSError:
                self._is_gone = True
                os.kill(os.getpid(), signal.SIGHUP)

    def close(self) -> None:
        """Stay open: the handle belongs to the terminal."""
