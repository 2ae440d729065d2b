"""Server-sent events, from bytes as they come.

The form is that of https://html.spec.whatwg.org/multipage/server-sent-events.html, without lines
that end with a carriage return alone, which no server of ours sends.
"""

from typing import NamedTuple

LONGEST_LINE = 256 * 2**20
"""Bytes. The state of ten thousand tasks takes a tenth of that."""


class Message(NamedTuple):
    """One message: the kind it says it is of, its id, and its data."""

    name: str
    id: str
    data: bytes


class EventParser:
    """Makes messages of a stream's bytes, wherever these are cut."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._looked_at = 0
        self._fields: dict[bytes, bytes] = {}

    def feed(self, chunk: bytes) -> list[Message]:
        """The messages that are whole with these bytes. Raises ValueError for an endless line."""
        self._buffer += chunk
        messages: list[Message] = []
        start = 0
        while (end := self._buffer.find(b"\n", max(start, self._looked_at))) >= 0:
            line = bytes(self._buffer[start:end]).removesuffix(b"\r")
            start = end + 1
            if line:
                self._take(line)
            elif message := self._finish():
                messages.append(message)
        del self._buffer[:start]
        self._looked_at = len(self._buffer)
        if self._looked_at > LONGEST_LINE:
            raise ValueError("a line of the event stream has no end")
        return messages

    def _take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data" and name in self._fields:
            value = self._fields[name] + b"\n" + value
        if name:  # else it is a comment, which only shows that the other side is alive
            self._fields[name] = value

    def _finish(self) -> Message | None:
        fields, self._fields = self._fields, {}
        if b"data" not in fields:
            return None
        name, mark = fields.get(b"event", b"message"), fields.get(b"id", b"")
        return Message(name.decode("utf-8", "replace"), mark.decode("latin-1"), fields[b"data"])
