"""Pieces of output that say what they are, in a pipe that also carries plain text.

A frame is a marker that nobody else knows, a head, and text. It is written at once and is no longer
than what a pipe takes whole, so that frames stay whole whoever else writes; what stands between
them is plain text. So the order of all that Python writes is kept.
"""

import select
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from taskengine.capture.sink import RunOutput
from taskengine.output import OutputKind

MARKER_SIZE = 17
PLAIN = "plain"
# kind, whether more follows, writing thread, length of the logger's name, length of the text
_HEAD = struct.Struct("!c?QHH")
_MAX_LOGGER = 200
_OVERHEAD = MARKER_SIZE + _HEAD.size
_KINDS = {kind.encode(): kind for kind in OutputKind}
_STREAMS = frozenset({OutputKind.STDOUT, OutputKind.STDERR})


def new_marker(token: str) -> bytes:
    """The marker for a random token of 16 characters; it begins as text never does."""
    return b"\0" + token.encode()


def frames(
    marker: bytes, kind: OutputKind, data: bytes, *, source: int = 0, logger: bytes = b""
) -> Iterator[bytes]:
    """The frames that carry `data`, each short enough to be written at once."""
    logger = logger[:_MAX_LOGGER]
    room = select.PIPE_BUF - _OVERHEAD - len(logger)
    for start in range(0, len(data) or 1, room):
        part = data[start : start + room]
        follows = start + room < len(data)
        head = _HEAD.pack(kind.encode(), follows, source, len(logger), len(part))
        yield marker + head + logger + part


@dataclass(slots=True)
class FrameParser:
    """Takes what came out of the pipe, cut anywhere, and gives it to the run's output.

    Nothing is lost: what only looks like a frame is plain text.
    """

    marker: bytes
    output: RunOutput
    _held: bytes = b""
    _unfinished: dict[int, list[bytes]] = field(default_factory=dict)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        data = self._held + data
        at = 0
        while (found := data.find(self.marker, at)) >= 0:
            self._plain(data[at:found])
            size = self._frame(data, found)
            if size is None:
                self._held = data[found:]
                return
            if not size:
                self._plain(self.marker)
            at = found + (size or MARKER_SIZE)
        end = len(data) - self._begun(data, at)
        self._plain(data[at:end])
        self._held = data[end:]

    def close(self) -> None:
        """Take what is held back as what it is: nothing more will come."""
        self._plain(self._held)
        self._held = b""
        for kind in _STREAMS:
            self.output.finish_line(kind, PLAIN)
        for parts in self._unfinished.values():
            self._plain(b"".join(parts))
        self._unfinished.clear()

    def _plain(self, data: bytes) -> None:
        if data:
            self.output.write_bytes(OutputKind.STDOUT, data, PLAIN)

    def _begun(self, data: bytes, start: int) -> int:
        """How many bytes at the end of the data could be the beginning of a marker."""
        at = data.rfind(self.marker[:1], max(start, len(data) - MARKER_SIZE + 1))
        return len(data) - at if at >= 0 and self.marker.startswith(data[at:]) else 0

    def _frame(self, data: bytes, at: int) -> int | None:
        """Take the frame at a marker. Gives back its size, 0 if it is none, None if it is cut."""
        start = at + MARKER_SIZE
        if len(data) < start + _HEAD.size:
            return None
        kind, follows, source, logger_size, size = _HEAD.unpack_from(data, start)
        total: int = _OVERHEAD + logger_size + size
        if kind not in _KINDS or total > select.PIPE_BUF:
            return 0
        if len(data) < at + total:
            return None
        logger = data[start + _HEAD.size : at + total - size]
        self._take(_KINDS[kind], source, logger, data[at + total - size : at + total], follows)
        return total

    def _take(
        self, kind: OutputKind, source: int, logger: bytes, text: bytes, follows: bool
    ) -> None:
        if kind in _STREAMS:
            self.output.write_bytes(kind, text, source)
            return
        parts = self._unfinished.setdefault(source, [])
        parts.append(text)
        if not follows:
            del self._unfinished[source]
            words = b"".join(parts).decode("utf-8", "backslashreplace")
            self.output.log(kind, logger.decode("utf-8", "backslashreplace"), words)
