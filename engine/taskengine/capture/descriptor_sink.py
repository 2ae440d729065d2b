"""What stands in for an output in a forked child, whose way to its parent are the descriptors."""

import os
from collections.abc import Hashable

from taskengine.output import OutputKind

_FDS = {OutputKind.STDOUT: 1}


class DescriptorSink:
    """Writes to descriptor 1 or 2, at once; a log record becomes text with its level and logger."""

    def write(self, kind: OutputKind, text: str, source: Hashable = None) -> None:
        """Take a piece of text."""
        self.write_bytes(kind, text.encode("utf-8", "backslashreplace"), source)

    def write_bytes(self, kind: OutputKind, data: bytes, source: Hashable = None) -> None:  # noqa: ARG002 - a process is one source
        """Take bytes."""
        fd = _FDS.get(kind, 2)
        while data:
            data = data[os.write(fd, data) :]

    def finish_line(self, kind: OutputKind, source: Hashable) -> None:
        """Nothing is held back."""

    def log(self, kind: OutputKind, logger: str, text: str) -> None:
        """Take a whole log record."""
        self.write(OutputKind.STDERR, f"{kind.name}  {logger}  {text}\n")

    def note(self, text: str) -> None:
        """Take a line."""
        self.write(OutputKind.STDERR, f"{text}\n")
