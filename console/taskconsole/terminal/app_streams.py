"""Keeps Textual from redirecting the whole process's output to itself."""

import sys
from typing import IO, Any, cast

from rich.console import Console
from textual.app import App

from taskconsole.terminal.tty import Terminal


def attach(app: App[Any], terminal: Terminal) -> None:
    """Leave `sys.stdout` and `sys.stderr` to the capture of runs while the app runs.

    Textual would send every thread's prints to the app, which drops them. What the app itself has
    to say at its end, such as the traceback of an error in the console, goes to the terminal.
    Call it after the capture was installed and before the app runs.
    """
    vars(app).update(_capture_stdout=sys.stdout, _capture_stderr=sys.stderr)
    width, height = terminal.size
    app.error_console = Console(
        file=cast("IO[str]", terminal.file),
        markup=False,
        highlight=False,
        width=width,
        height=height,
    )
