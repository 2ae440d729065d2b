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


EDITORS = ("VISUAL", "EDITOR")
PAGERS = ("PAGER",)


class NoProgram(Exception):
    """The program that the user's environment names is not installed, or can't be started; the
    message names it.
    """


def editor_command(environ: Mapping[str, str], path: Path, line: int | None = None) -> list[str]:
    """The command that opens a file in `$VISUAL`, else `$EDITOR`, else vi, at a line from 1 if
    the editor is known to take one.
    """
    command = _first_named(environ, EDITORS) or ["vi"]
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
    return [*(_first_named(environ, PAGERS) or ["less"]), str(path)]


def find_program(environ: Mapping[str, str], name: str, variables: Sequence[str]) -> str:
    """The path of a program that the first of these variables to be set has named, or none of
    them. Raises NoProgram.
    """
    path = shutil.which(name, path=environ.get("PATH"))
    if path is not None:
        return path
    named_by = next((variable for variable in variables if _split(environ.get(variable))), None)
    if named_by:
        raise NoProgram(f"{named_by} is set to {name}, which is not installed")
    raise NoProgram(f"{name} is not installed; set {' or '.join(variables)} to what you use")


def _first_named(environ: Mapping[str, str], variables: Sequence[str]) -> list[str]:
    commands = (_split(environ.get(variable)) for variable in variables)
    return next((command for command in commands if command), [])


def _split(value: str | None) -> list[str]:
    try:
        return shlex.split(value or "")
    except ValueError:
        return [value or ""]  # an unclosed quote: taken as it is, and told as not found


def run_on_terminal(app: App[Any], terminal: Terminal, command: Sequence[str]) -> int:
    """Give the terminal to a program, wait until it ends, and give back its exit code.

    The app's loop stands still meanwhile; runs go on, for they have threads of their own. Raises
    NoProgram for what is no program after all, such as a script that does not name its interpreter.
    """
    failure = None
    with interrupts_for_others(app), app.suspend():
        try:
            return subprocess.call(  # noqa: S603 - the user's own choice of program
                command, stdin=terminal.fd, stdout=terminal.fd, stderr=terminal.fd
            )
        except OSError as error:
            failure = error
    # Not above: Textual takes the terminal back only where nothing is raised.
    raise NoProgram(f"{command[0]} can't be started: {failure.strerror}") from failure


def edit(app: App[Any], terminal: Terminal, path: Path, line: int | None = None) -> int:
    """Open a file in the user's editor and wait for it; gives back the editor's exit code.

    Raises NoProgram.
    """
    name, *arguments = editor_command(os.environ, path, line)
    program = find_program(os.environ, name, EDITORS)
    return run_on_terminal(app, terminal, [program, *arguments])


def page(app: App[Any], terminal: Terminal, path: Path) -> int:
    """Show a file in the user's pager and wait for it; gives back its exit code.

    Raises NoProgram.
    """
    name, *arguments = pager_command(os.environ, path)
    program = find_program(os.environ, name, PAGERS)
    return run_on_terminal(app, terminal, [program, *arguments])
