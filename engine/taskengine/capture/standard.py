"""`sys.stdout`, `sys.stderr` and their kin: replaced, kept in place, and put back."""

import sys
from collections.abc import Iterable
from typing import Any, TextIO
from weakref import WeakSet

from taskengine.capture.keyboard import NoKeyboard
from taskengine.capture.sink import TextSink
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

    def __init__(self, own: TextSink | None) -> None:
        self._own = own
        self._before: dict[str, TextIO | None] = {}
        self._routed: WeakSet[RoutedStream] = WeakSet()

    def install(self) -> None:
        """Take the places."""
        self._before = {name: getattr(sys, name, None) for name in (*_PLACES, "stdin")}
        if self._own is None:
            self._before = {name: _innermost(stream) for name, stream in self._before.items()}
        self.take_places()

    def take_places(self) -> None:
        """Take every place that another stream has, at the start or because code put it there."""
        for name, (kind, fd) in _PLACES.items():
            present = getattr(sys, name, None)
            if isinstance(present, RoutedStream):  # as nearly always: asked before each run
                continue
            if self._own is None:
                host = present if _is_open(present) else self._before[name]
            else:
                host = RunStream(kind, self._own, fd)
            if host is not None:
                stream = RoutedStream(kind, host, is_original=name.startswith("__"))
                self._routed.add(stream)
                setattr(sys, name, stream)
        if self._own is not None and not isinstance(getattr(sys, "stdin", None), NoKeyboard):
            sys.stdin = NoKeyboard()

    def is_captured(self, stream: object) -> bool:
        """Whether what is written to a stream ends up in a run or in `own`."""
        if isinstance(stream, RoutedStream):
            return True
        former = self._before.values() if self._own is not None else ()
        return stream is not None and any(stream is one for one in former)

    def continue_in_child(self) -> None:
        """After a fork: what a run or `own` would have got is written to the descriptors."""
        for stream in self._routed:
            fd = 1 if stream.kind is OutputKind.STDOUT else 2
            stream.host = open(  # noqa: SIM115 - lives as long as the child
                fd, "w", 1, "utf-8", "backslashreplace", closefd=False
            )

    def hand_over(self, other: "StandardStreams") -> None:
        """Let another capture put back what this one has taken, if neither has an `own`."""
        if self._own is None and other.adopt(self._routed):
            self._routed.clear()

    def adopt(self, streams: Iterable[RoutedStream]) -> bool:
        """Take over streams that stand in `sys`; False if they are not of this one's kind."""
        if self._own is None:
            self._routed.update(streams)
        return self._own is None

    def put_back(self) -> None:
        """Give the places back."""
        for name, before in self._before.items():
            present: Any = getattr(sys, name, None)
            if self._own is not None or not _is_open(present):
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


def _is_open(stream: object) -> bool:
    """Whether something is there to be written to; code may have taken it away, or closed it."""
    return stream is not None and not getattr(stream, "closed", False)


def _innermost(stream: Any) -> Any:
    """Where a stream leads that other captures have put in place."""
    while isinstance(stream, RoutedStream):
        stream = stream.host
    return stream
