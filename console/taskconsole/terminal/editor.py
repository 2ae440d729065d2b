"""The user's own editor and pager, on the console's terminal."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.app import App

from taskconsole.terminal.signals import interrupts_for_others
from taskconsole.terminal.tty import Terminal

_PLUS_LINE = {
    "ed", "emacs", "emacsclient", "jed", "joe", "kak", "mg", "micro", "nano", "ne", "nvim", "pico",
    "vi", "view", "vim", "vis",
}  # fmt: skip
_COLON_LINE = {"helix", "hx", "zed", "subl"}
_GOTO_LINE = {"code", "code-insiders", "codium", "cursor", "vscodium"}
_WINDOWED = _GOTO_LINE | {"zed", "subl"}


class NoProgram(Exception):
    """The program that the user's environment names is not installed; the message names it."""


def editor_command(environ: Mapping[str, str], path: Path, line: int | None = None) -> list[str]:
    """The command that opens a file in `$VISUAL`, else `$EDITOR`, else vi, at a line from 1 if
    the editor is known to take one.
    """
    command = _split(environ.get("VISUAL")) or _split(environ.get("EDITOR")) or ["vi"]
    name = Path(command[0]).name
    if name in _WINDOWED and not {"--wait", "-w"} & set(command):
        command.append("--wait")
    if line is None:
        return [*command, str(path)]
    if name in _PLUS_LINE:
        return [*command, f"+{line}", str(path)]
    if name in _GOTO_LINE:
        return [*command, "--goto", f"{path}:{line}"]
    return [*command, f"{path}:{line}" if name in _COLON_LINE else str(path)]


def pager_command(environ: Mapping[str, str], path: Path) -> list[str]:
    """The command that shows a file in `$PAGER`, else less."""
    return [*(_split(environ.get("PAGER")) or ["less"]), str(path)]


def _split(value: str | None) -> list[str]:
    try:
        return shlex.split(value or "")
    except ValueError:
        return [value or ""]  # an unclosed quote: taken as it is, and told as not found


def run_on_terminal(app: App[Any], terminal: Terminal, command: Sequence[str]) -> int:
    """Give the terminal to a program, wait until it ends, and give back its exit code.

    The app's loop stands still meanwhile; runs go on, for they have threads of their own.
    Raises NoProgram if it can't be started; the screen stays as it is then.
    """
    program = shutil.which(command[0])
    if program is None:
        raise NoProgram(f"{command[0]} is not installed; set EDITOR or PAGER to what you use")
    with interrupts_for_others(app), app.suspend():
        return subprocess.call(  # noqa: S603 - the user's own choice of program
            [program, *command[1:]], stdin=terminal.fd, stdout=terminal.fd, stderr=terminal.fd
        )


def edit(app: App[Any], terminal: Terminal, path: Path, line: int | None = None) -> int:
    """Open a file in the user's editor and wait for it; gives back the editor's exit code.

    Raises NoProgram.
    """
    return run_on_terminal(app, terminal, editor_command(os.environ, path, line))


def page(app: App[Any], terminal: Terminal, path: Path) -> int:
    """Show a file in the user's pager and wait for it; gives back its exit code.

    Raises NoProgram.
    """
    return run_on_terminal(app, terminal, pager_command(os.environ, path))
