"""What stands in for `sys.stdout` and `sys.stderr` while output is captured."""

import io
from collections.abc import Callable
from typing import Any, Self, TextIO

from taskengine.capture.current import current_sink
from taskengine.capture.redirection import Redirection, redirected
from taskengine.capture.sink import TextSink
from taskengine.output import OutputKind


class _Bytes(io.BufferedIOBase):
    """The binary face of a text stream."""

    def __init__(self, write: Callable[[bytes], object], text: "_Stream") -> None:
        self._write = write
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        with memoryview(data) as view:
            self._write(view.tobytes())
            return view.nbytes

    @property
    def raw(self) -> Self:
        """Nothing is held back, so that there is nothing below."""
        return self

    def detach(self) -> Any:
        return self

    def flush(self) -> None:
        self._text.flush()

    def isatty(self) -> bool:
        return self._text.isatty()

    def fileno(self) -> int:
        return self._text.fileno()

    def close(self) -> None:
        """Stay open: a task that closes its output must not close that of the next run."""


class _Stream(io.TextIOBase):
    encoding = "utf-8"
    errors = "backslashreplace"
    mode = "w"
    line_buffering = True
    write_through = True

    def writable(self) -> bool:
        return True

    def reconfigure(self, **_settings: object) -> None:
        """Stay as it is: text is taken as text, nothing is encoded here."""

    def close(self) -> None:
        """Stay open: a task that closes its output must not close that of the next run."""


class RunStream(_Stream):
    """A text stream into one fixed output; `fd` is the descriptor that leads to the same place."""

    def __init__(self, kind: OutputKind, output: TextSink, fd: int) -> None:
        self._kind = kind
        self._output = output
        self._fd = fd
        self.buffer = _Bytes(lambda data: output.write_bytes(kind, data), self)

    def write(self, text: str) -> int:
        self._output.write(self._kind, text)
        return len(text)

    def fileno(self) -> int:
        return self._fd


class RoutedStream(_Stream):
    """A text stream into the current run's output, or into `host` where no run is current.

    One that stands for the process's original stream is not subject to redirections.
    """

    def __init__(
        self, kind: OutputKind, host: TextIO | RunStream, *, is_original: bool = False
    ) -> None:
        self.kind = kind
        self.host = host
        self.is_original = is_original
        self.name = "<stdout>" if kind is OutputKind.STDOUT else "<stderr>"
        self.buffer = _Bytes(self._write_bytes, self)

    def write(self, text: str) -> int:
        output = current_sink.get()
        if output is None:
            return self.host.write(text)
        if type(text) is not str:
            text = _plain(text)
        if redirected.get() and (redirection := self._redirection(output)):
            self._write_elsewhere(redirection, text)
        else:
            output.write(self.kind, text)
        return len(text)

    def _redirection(self, output: TextSink | None) -> Redirection | None:
        if output is None or self.is_original:
            return None
        return redirected.get().get((output, self.kind))

    def _write_elsewhere(self, redirection: Redirection, text: str) -> None:
        with redirection.lifted() as target:
            if target is not None:
                target.write(text)
                if isinstance(getattr(target, "buffer", None), _Bytes):
                    target.flush()  # it may not live to do that while the run is current

    def _write_bytes(self, data: bytes) -> None:
        output = current_sink.get()
        if redirection := self._redirection(output):
            with redirection.lifted() as target:
                self._put_bytes(target, data)
        elif output is not None:
            output.write_bytes(self.kind, data)
        else:
            self._put_bytes(self.host, data)

    def _put_bytes(self, target: Any, data: bytes) -> None:
        if (binary := getattr(target, "buffer", None)) is not None:
            binary.write(data)
        elif target is not None:
            target.write(data.decode(self.encoding, "backslashreplace"))

    def flush(self) -> None:
        output = current_sink.get()
        if output is None:
            self.host.flush()
        elif redirection := self._redirection(output):
            with redirection.lifted() as target:
                if target is not None:
                    target.flush()

    def isatty(self) -> bool:
        return current_sink.get() is None and self.host.isatty()

    def fileno(self) -> int:
        return self.host.fileno()

    def detach(self) -> Any:
        """Give out the binary face, for those who want to wrap it in an encoding of their own."""
        return self.buffer

    def __getattr__(self, name: str) -> Any:
        """What only the stream has that code of this run has put in place: `getvalue`, say."""
        redirection = self._redirection(current_sink.get())
        if redirection is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(redirection.target, name)


def _plain(text: object) -> str:
    """The characters alone of a `str` of some class of its own, whose methods may do anything."""
    if isinstance(text, str):
        return str.__str__(text)
    raise TypeError(f"write() argument must be str, not {type(text).__name__}")
