"""What becomes of the process's output while an app runs, and of what the app says at its end."""

import sys
from typing import IO, Any, cast

from rich.console import Console
from textual.app import App

from taskconsole.terminal.tty import Terminal


def leave_to_capture(app: App[Any]) -> None:
    """Leave `sys.stdout` and `sys.stderr` to the capture of runs while the app runs.

    Textual would send every thread's prints to the app, which drops them. Call it after the capture
    was installed and before the app runs.
    """
    vars(app).update(_capture_stdout=sys.stdout, _capture_stderr=sys.stderr)


def report_on(app: App[Any], terminal: Terminal) -> None:
    """Let what the app itself has to say at its end, such as the traceback of an error in the
    console, go to the terminal.
    """
    width, height = terminal.size
    app.error_console = Console(
        file=cast("IO[str]", terminal.file),
        markup=False,
        highlight=False,
        width=width,
        height=height,
    )
