"""The command line: `taskconsole` alone opens the console, its commands do the rest.

A command is a module of this package, named like it, that holds a click command called `command`.
It is imported when it is used, so that no command pays for another's imports, nor for the screen.
"""

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NoReturn

import click

from taskengine import __version__

_ON_WINDOWS = (
    "taskconsole runs on Linux and macOS; on Windows, use it inside WSL: https://aka.ms/wsl"
)
WRONG_CALL = 2
REFUSED = 4
INTERRUPTED = 130


class LazyGroup(click.Group):
    """Finds its commands among the modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All commands, by name."""
        return sorted(module.name for module in iter_modules(__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"{__name__}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Call the command; Ctrl-C ends it with a line and the exit code that shells know it by."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _refuse(ctx, "interrupted", INTERRUPTED)


@click.group(cls=LazyGroup, invoke_without_command=True)
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project's folder; the default is the nearest one with a config, from here upwards.",
)
@click.option("--no-schedule", is_flag=True, help="Look without letting schedules fire.")
@click.version_option(__version__, prog_name="taskconsole")
@click.pass_context
def taskconsole(ctx: click.Context, project: Path | None, no_schedule: bool) -> None:
    """Show the background tasks of a project, when they fire, and what they do."""
    if sys.platform == "win32":
        _refuse(ctx, _ON_WINDOWS, WRONG_CALL)
    if ctx.invoked_subcommand is None:
        _open(ctx, project, scheduling=not no_schedule)


def _open(ctx: click.Context, project: Path | None, *, scheduling: bool) -> None:
    from taskconsole.session import open_console
    from taskconsole.terminal.tty import NoTerminal
    from taskengine.errors import EngineAlreadyRunning, HistoryTooNew
    from taskengine.project.root import find_root

    root = project.resolve() if project else find_root(Path.cwd())
    try:
        ctx.exit(open_console(root, scheduling=scheduling))
    except NoTerminal as error:
        _refuse(ctx, str(error), WRONG_CALL)
    except EngineAlreadyRunning as error:
        _refuse(ctx, f"{error}; {_how_to_end(error.pid)}", REFUSED)
    except HistoryTooNew as error:
        _refuse(ctx, str(error), REFUSED)


def _how_to_end(pid: int | None) -> str:
    by_signal = "" if pid is None else f", or with `kill {pid}`"
    return f"end that first, with q in its console{by_signal}"


def _refuse(ctx: click.Context, why: str, code: int) -> NoReturn:
    click.echo(why, err=True)
    ctx.exit(code)
