"""The other process: it imports a project's tasks and tells what it learns of them.

What a module does while it is imported, be it to hang or to end the process, it does here.
"""

import faulthandler
import os
import sys
import threading
from pathlib import Path
from typing import BinaryIO, NoReturn

from taskconsole.cli.importing.avoiding import Avoider, came_to_no_end
from taskconsole.cli.importing.facts import facts_of
from taskconsole.cli.importing.messages import (
    Asked,
    Begun,
    Imported,
    as_bytes,
    as_path,
    read_asked,
    said_line,
)
from taskengine.project.project import Project
from taskengine.project.zone import default_timezone

_ABANDONED = 1


def main(request_fd: int, report_fd: int, trace_fd: int, caller_pid: int) -> NoReturn:  # noqa: ARG001 - as called
    """Do what a line from one descriptor asks for, until that is closed; tell of it on the second,
    and note on the third where the process is when it hangs or crashes.
    """
    request = os.fdopen(request_fd, "rb")
    asked = read_asked(request.readline())
    threading.Thread(target=_end_with, args=(request,), daemon=True).start()
    os.dup2(2, 1)  # what a caller reads from the standard output is its own
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    faulthandler.enable(trace_fd)
    with os.fdopen(report_fd, "wb") as report:
        report.write(said_line(_imported(asked, report, trace_fd)))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)  # a module may have started threads that never end


def _end_with(request: BinaryIO) -> None:
    """End with the process that has asked, which may be killed meanwhile."""
    request.read()
    os._exit(_ABANDONED)


def _imported(asked: Asked, report: BinaryIO, trace_fd: int) -> Imported:
    avoided = frozenset(map(as_path, asked.avoided))

    def note(path: Path | None) -> None:
        if path is None:
            faulthandler.cancel_dump_traceback_later()
        elif path in avoided:
            raise came_to_no_end(path)
        else:
            faulthandler.dump_traceback_later(asked.trace_every, repeat=True, file=trace_fd)
        report.write(said_line(Begun(None if path is None else as_bytes(path))))
        report.flush()

    Avoider(avoided).install()
    with Project(as_path(asked.root), default_timezone=default_timezone) as project:
        project.on_import = note
        return facts_of(project.load() if asked.is_whole else project.look())
