"""What Python code of a task writes, on its way to the engine in the order it was written."""

import threading
from collections.abc import Hashable

from taskengine.executors.process.child.descriptors import KnownFile, write_all
from taskengine.executors.process.frames import frames
from taskengine.output import OutputKind

_STANDARD = {OutputKind.STDOUT: 1, OutputKind.STDERR: 2}


class FramedOutput:
    """Writes into the pipe to the engine, at once, so that no death of the process loses a word.

    The main thread's standard output is plain text, as that of C code is; all else comes in frames.
    Where the task has led descriptor 1 or 2 elsewhere, the text goes there. `plain` and `errors`
    are what the descriptors 1 and 2 are, `pipe` is the same pipe as `plain`.
    """

    def __init__(
        self, marker: bytes, *, pipe: KnownFile, plain: KnownFile, errors: KnownFile
    ) -> None:
        self._marker = marker
        self._pipe = pipe
        self._standard = {OutputKind.STDOUT: plain, OutputKind.STDERR: errors}
        self._main = threading.get_ident()

    def write(self, kind: OutputKind, text: str, source: Hashable = None) -> None:
        """Write a piece of text of a stream."""
        self.write_bytes(kind, text.encode("utf-8", "backslashreplace"), source)

    def write_bytes(self, kind: OutputKind, data: bytes, source: Hashable = None) -> None:  # noqa: ARG002 - a sink has it
        """Write bytes of a stream."""
        if self._is_plain(kind):
            write_all(_STANDARD[kind], data)
        else:
            self._write_frames(kind, data)

    def finish_line(self, kind: OutputKind, source: Hashable) -> None:
        """Nothing is held back here."""

    def log(self, kind: OutputKind, logger: str, text: str) -> None:
        """Write a whole log record."""
        data = text.encode("utf-8", "backslashreplace")
        if self._pipe.is_intact:
            self._write_frames(kind, data, logger.encode("utf-8", "backslashreplace"))
        else:
            write_all(_STANDARD[OutputKind.STDERR], data + b"\n")

    def note(self, text: str) -> None:
        """Say something in the engine's own name."""
        self.log(OutputKind.NOTE, "", text)

    def _is_plain(self, kind: OutputKind) -> bool:
        if kind is OutputKind.STDOUT and threading.get_ident() == self._main:
            return True
        return not (self._pipe.is_intact and self._standard[kind].is_intact)

    def _write_frames(self, kind: OutputKind, data: bytes, logger: bytes = b"") -> None:
        source = threading.get_native_id()
        for frame in frames(self._marker, kind, data, source=source, logger=logger):
            write_all(self._pipe.fd, frame)
