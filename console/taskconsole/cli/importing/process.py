"""One process that imports a project's tasks, as the one that has started it sees it."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path

from taskconsole.cli.importing.messages import (
    Asked,
    Begun,
    Imported,
    as_bytes,
    as_path,
    asked_line,
    read_said,
)
from taskconsole.cli.importing.traces import Place, place_of
from taskengine.executors.process.boot import start_interpreter

_IMPORTER = "taskconsole.cli.importing.importer"
_PIECE = 65_536
_LONGEST_TRACE = 1_000_000
_STDERR = 2


class ImportProcess:
    """Imports all files of a project but those of `avoided`, which have come to no end before.

    `imported` is what it has told at its end; `heard_at` is when it has last said something, by the
    monotonic clock. Raises OSError if no process can be started.
    """

    def __init__(
        self, root: Path, avoided: AbstractSet[Path], *, is_whole: bool, trace_every: float
    ) -> None:
        self.avoided = avoided
        self.imported: Imported | None = None
        self.heard_at = time.monotonic()
        self._root = root
        self._at_work: Path | None = None
        self._begun = b""
        self._trace = tempfile.TemporaryFile()  # noqa: SIM115 - until `close`
        self._reports, self._request, self._process = _started(self._trace.fileno())
        asked = Asked(
            root=as_bytes(root),
            avoided=tuple(map(as_bytes, avoided)),
            is_whole=is_whole,
            trace_every=trace_every,
        )
        with suppress(BrokenPipeError):
            os.write(self._request, asked_line(asked))

    def fileno(self) -> int:
        """What to wait for until it has something to say, for `selectors`."""
        return self._reports

    def silence(self) -> float:
        """For how many seconds it has said nothing."""
        return time.monotonic() - self.heard_at

    def hear(self) -> bool:
        """Take what it has to say; False if it will say no more."""
        piece = os.read(self._reports, _PIECE)
        self.heard_at = time.monotonic()
        for line in self._lines(piece):
            said = read_said(line)
            if isinstance(said, Begun):
                self._at_work = None if said.path is None else as_path(said.path)
            else:
                self.imported = said
        return bool(piece)

    def _lines(self, piece: bytes) -> Iterator[bytes]:
        *lines, self._begun = (self._begun + piece).split(b"\n")
        return iter(lines)

    def wait(self, patience: float) -> int | None:
        """The exit code when it has ended; None if it has not in as many seconds."""
        try:
            return self._process.wait(patience)
        except subprocess.TimeoutExpired:
            return None

    @property
    def at_work(self) -> Path | None:
        """The file that it imports, or the config that names a module; None between imports."""
        return self._at_work

    def place(self) -> Place | None:
        """In which file it is, or was when it crashed, as far as that has been noted."""
        if self._at_work is None:
            return None
        size = os.fstat(self._trace.fileno()).st_size
        first = max(size - _LONGEST_TRACE, 0)
        text = os.pread(self._trace.fileno(), _LONGEST_TRACE, first).decode(errors="replace")
        return place_of(text, self._root, self._at_work)

    def close(self) -> None:
        """Leave nothing of it, nor of the processes that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._request)
        os.close(self._reports)
        self._trace.close()


def _started(trace: int) -> tuple[int, int, "subprocess.Popen[bytes]"]:
    """A process, with what it reports to and what asks it."""
    request, to_request = os.pipe()
    from_report, report = os.pipe()
    try:
        process = start_interpreter(_IMPORTER, [request, report, trace], stderr=_STDERR)
    except BaseException:
        os.close(from_report)
        os.close(to_request)
        raise
    finally:
        os.close(request)
        os.close(report)
    return from_report, to_request, process
