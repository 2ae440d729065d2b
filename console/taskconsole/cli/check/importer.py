"""The other process of `taskconsole check`: it imports a project's tasks and reports on them.

What a module does while it is imported, be it to hang or to end the process, it does here.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

from taskconsole.cli.check.report import Begun, Report, encoded
from taskengine.project.project import Project
from taskengine.project.zone import default_timezone


class Refused(Exception):
    """The file is not imported: it was tried before, and came to no end."""


def main(request_fd: int, report_fd: int, caller_pid: int) -> NoReturn:  # noqa: ARG001 - as called
    """Look through the project whose root can be read from one descriptor, but for the files whose
    paths follow it there; report to the other.
    """
    with os.fdopen(request_fd, "rb") as request:
        root, *refused = (Path(os.fsdecode(one)) for one in request.read().split(b"\0"))
    os.dup2(2, 1)  # what a caller reads from the standard output is the report and nothing else
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with os.fdopen(report_fd, "wb") as report:

        def note(path: Path | None) -> None:
            if path in refused:
                raise Refused
            report.write(encoded(Begun(path=path)))
            report.flush()

        with Project(root, default_timezone=default_timezone) as project:
            project.on_import = note
            catalog = project.load()
        tasks, schedules = len(catalog.entries), len(catalog.schedules)
        report.write(encoded(Report(tasks, schedules, catalog.problems)))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)  # a module may have started threads that never end
