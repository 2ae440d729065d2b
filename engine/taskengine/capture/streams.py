"""What stands in for `sys.stdout` and `sys.stderr` while output is captured."""

import io
from collections.abc import Callable
from typing import Any, TextIO

from taskengine.capture.current import current_sink
from taskengine.capture.redirection import redirected
from taskengine.capture.sink import RunOutput
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

    def __init__(self, kind: OutputKind, output: RunOutput, fd: int) -> None:
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
    """A text stream into the current run's output, or into `host` where no run is current."""

    def __init__(self, kind: OutputKind, host: TextIO | RunStream) -> None:
        self.kind = kind
        self.host = host
        self.name = "<stdout>" if kind is OutputKind.STDOUT else "<stderr>"
        self.buffer = _Bytes(self._write_bytes, self)

    def write(self, text: str) -> int:
        output = current_sink.get()
        if output is None:
            return self.host.write(text)
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        targets = redirected.get()
        if targets and (output, self.kind) in targets:
            return targets[output, self.kind].write(text)
        output.write(self.kind, text)
        return len(text)

    def _write_bytes(self, data: bytes) -> None:
        output = current_sink.get()
        target = redirected.get().get((output, self.kind)) if output else self.host
        binary = getattr(target, "buffer", None)
        if output is not None and binary is None:
            output.write_bytes(self.kind, data)
        elif binary is not None:
            binary.write(data)
        else:
            self.host.write(data.decode(self.encoding, "backslashreplace"))

    def flush(self) -> None:
        if current_sink.get() is None:
            self.host.flush()

    def isatty(self) -> bool:
        return current_sink.get() is None and self.host.isatty()

    def fileno(self) -> int:
        return self.host.fileno()

    def detach(self) -> Any:
        """Give out the binary face, for those who want to wrap it in an encoding of their own."""
        return self.buffer
