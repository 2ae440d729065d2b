"""What `taskconsole` without a command does: it opens the console, or attaches one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from taskconsole.cli.exits import REFUSED, WRONG_CALL
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refuse

if TYPE_CHECKING:
    from taskconsole.session import Connect
    from taskengine.client.address import Address
    from taskengine.client.handle import Handle

TOKEN = "TASKCONSOLE_TOKEN"  # noqa: S105 - the name of a variable, which other users can't look into


def open_console(ctx: click.Context, *, scheduling: bool, port: int | None) -> None:
    """Show the project's console; its engine runs in there, unless one is at work already."""
    with _refusals(ctx):
        from taskconsole import session

        ctx.exit(session.open_console(root_of(ctx), scheduling=scheduling, port=port))


def attach(ctx: click.Context, address: str) -> None:
    """Show the console of the engine at an address, or of the project's if that is empty."""
    with _refusals(ctx):
        connect = _to_address(ctx, address) if address else _to_project(ctx)
        from taskconsole import session  # the screen: who is refused has not waited for it

        ctx.exit(session.attach_console(connect, None if address else root_of(ctx)))


def _to_address(ctx: click.Context, text: str) -> "Connect":
    from taskengine.client.address import parse_address

    token = _token(ctx)
    try:
        address: Address = parse_address(text)
    except ValueError as error:
        refuse(ctx, str(error), WRONG_CALL)

    async def connect() -> "Handle":
        from taskengine.client.attach import handle_for

        return await handle_for(address, token)

    return connect


def _token(ctx: click.Context) -> str | None:
    from taskengine.project.server_config import check_token

    try:
        given = os.environ.get(TOKEN)
        return check_token(given) if given else None
    except ValueError as error:
        refuse(ctx, f"{TOKEN} {error}", WRONG_CALL)


def _to_project(ctx: click.Context) -> "Connect":
    from taskengine.client.find_engine import find_engine

    root = root_of(ctx)
    note = find_engine(root)
    if note is None:
        words = f"no engine runs for {root} that can be reached: start one, with `taskconsole`"
        refuse(ctx, f"{words} or `taskconsole serve`", REFUSED)
    given = _token(ctx)

    async def connect() -> "Handle":
        from taskengine.client.remote.handle import RemoteHandle

        token = None if note.socket else given
        return RemoteHandle(note.socket or note.url, token=token, root=root)

    return connect


@contextmanager
def _refusals(ctx: click.Context) -> Iterator[None]:
    from taskconsole.terminal.tty import NoTerminal
    from taskengine.errors import EngineAlreadyRunning, EngineUnreachable, HistoryTooNew

    try:
        yield
    except NoTerminal as error:
        refuse(ctx, str(error), WRONG_CALL)
    except EngineAlreadyRunning as error:
        refuse(ctx, f"{error}; {_how_to_end(error.pid)}", REFUSED)
    except (EngineUnreachable, HistoryTooNew) as error:
        refuse(ctx, str(error), REFUSED)


def _how_to_end(pid: int | None) -> str:
    by_signal = "" if pid is None else f", or with `kill {pid}`"
    return f"end that first, with q in its console{by_signal}"
