"""`sys.stdout`, `sys.stderr` and their kin: replaced, kept in place, and put back."""

import sys
from typing import TextIO
from weakref import WeakSet

from taskengine.capture.keyboard import NoKeyboard
from taskengine.capture.sink import RunOutput
from taskengine.capture.streams import RoutedStream, RunStream
from taskengine.output import OutputKind

_PLACES = {
    "stdout": (OutputKind.STDOUT, 1),
    "stderr": (OutputKind.STDERR, 2),
    "__stdout__": (OutputKind.STDOUT, 1),
    "__stderr__": (OutputKind.STDERR, 2),
}


class StandardStreams:
    """The routed streams in their places in `sys`.

    What belongs to no run goes to `own` if there is one, else to the stream that stood there.
    """

    def __init__(self, own: RunOutput | None) -> None:
        self._own = own
        self._before: dict[str, TextIO | None] = {}
        self._routed: WeakSet[RoutedStream] = WeakSet()

    def install(self) -> None:
        """Take the places."""
        self._before = {name: getattr(sys, name) for name in (*_PLACES, "stdin")}
        self.take_places()

    def take_places(self) -> None:
        """Take every place that another stream has, at the start or because code put it there."""
        for name, (kind, fd) in _PLACES.items():
            present = getattr(sys, name)
            host = present if self._own is None else RunStream(kind, self._own, fd)
            if host is not None and not isinstance(present, RoutedStream):
                stream = RoutedStream(kind, host)
                self._routed.add(stream)
                setattr(sys, name, stream)
        if self._own is not None and not isinstance(sys.stdin, NoKeyboard):
            sys.stdin = NoKeyboard()

    def is_captured(self, stream: object) -> bool:
        """Whether what is written to a stream ends up in a run or in `own`."""
        if isinstance(stream, RoutedStream):
            return True
        former = self._before.values() if self._own is not None else ()
        return stream is not None and any(stream is one for one in former)

    def continue_in_child(self) -> None:
        """After a fork: what `own` would have got is written to the descriptors, line by line."""
        for stream in self._routed:
            if isinstance(stream.host, RunStream):
                stream.host = open(  # noqa: SIM115 - lives as long as the child
                    stream.fileno(), "w", 1, "utf-8", "backslashreplace", closefd=False
                )

    def put_back(self) -> None:
        """Give the places back."""
        for name, before in self._before.items():
            present = getattr(sys, name)
            if self._own is not None:
                setattr(sys, name, before)
            elif present in self._routed:
                setattr(sys, name, present.host)
        if self._own is not None:
            self._lead_to_former()
        self._routed.clear()

    def _lead_to_former(self) -> None:
        """Let the streams still work for those who have kept one, as log handlers do."""
        for stream in self._routed:
            former = self._before["stdout" if stream.kind is OutputKind.STDOUT else "stderr"]
            if former is not None:
                stream.host = former
