"""The command line: `taskconsole` alone opens the console, its commands do the rest.

A command is a module or a package of this package, named in `_COMMANDS`, that holds a click command
called `command`. It is imported when it is used, so that no command pays for another's imports, nor
for the screen. The other modules here are what the commands share.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from taskconsole.cli.examples import examples
from taskconsole.cli.exits import INTERRUPTED, REFUSED, UNREAD, WRONG_CALL
from taskconsole.cli.lazy_group import LazyGroup
from taskconsole.cli.printing import narrate
from taskconsole.cli.refusing import in_words, refuse
from taskconsole.cli.streams import let_go_of_output, prepare_streams
from taskengine import __version__

_ON_WINDOWS = (
    "taskconsole runs on Linux and macOS; on Windows, use it inside WSL: https://aka.ms/wsl"
)
_COMMANDS = ("task", "runs", "schedule", "serve", "history", "check", "doctor", "completion")


class _Commands(LazyGroup):
    """All commands. What no command has an answer for ends each of them with a line and the exit
    code that shells know it by: Ctrl-C, a full disk, nobody who reads on.
    """

    def main(self, *args: Any, **extra: Any) -> Any:
        """Be the program. Where click can't say what is wrong with the call, its exit code does."""
        try:
            return super().main(*args, **extra)
        except OSError:
            raise SystemExit(WRONG_CALL) from None

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the arguments; `--help` and `--version` print something here."""
        with _ends():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Call the command."""
        with _ends():
            return super().invoke(ctx)


@contextmanager
def _ends() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        narrate("interrupted")
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        let_go_of_output()
        raise SystemExit(UNREAD) from None
    except OSError as error:
        narrate(in_words(error))
        let_go_of_output()
        raise SystemExit(REFUSED) from None


@click.group(
    cls=_Commands,
    package=__name__,
    modules={name: name for name in _COMMANDS},
    invoke_without_command=True,
    epilog=examples("", "--project ~/shop task list", "--attach http://localhost:3000"),
)
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project's folder; the default is the nearest one with a config, from here upwards.",
)
@click.option("--no-schedule", is_flag=True, help="Look without letting schedules fire.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65_535),
    help="Take HTTP calls at this port of this machine; 0 is one that is free.",
)
@click.option(
    "--attach",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value="",
    help="Show the engine at a socket or a URL; without one, the project's that runs already.",
)
@click.version_option(__version__, prog_name="taskconsole")
@click.pass_context
def taskconsole(
    ctx: click.Context,
    project: Path | None,  # noqa: ARG001 - asked of the context, by commands too
    no_schedule: bool,
    port: int | None,
    attach: str | None,
) -> None:
    """Show the background tasks of a project, when they fire, and what they do."""
    if sys.platform == "win32":
        refuse(ctx, _ON_WINDOWS, WRONG_CALL)
    if ctx.invoked_subcommand is None:
        _open(ctx, scheduling=not no_schedule, port=port, attach=attach)
    elif port is not None or attach is not None or no_schedule:
        words = "--port, --attach and --no-schedule are for the console, not for a command"
        hint = f"`taskconsole {ctx.invoked_subcommand} --help` tells what it takes"
        refuse(ctx, f"{words}; {hint}", WRONG_CALL)
    else:
        prepare_streams()


def _open(ctx: click.Context, *, scheduling: bool, port: int | None, attach: str | None) -> None:
    from taskconsole.cli import console

    if attach is None:
        console.open_console(ctx, scheduling=scheduling, port=port)
    elif port is not None or not scheduling:
        words = "--port and --no-schedule are for an engine in this console; --attach needs none"
        refuse(ctx, words, WRONG_CALL)
    else:
        console.attach(ctx, attach)
