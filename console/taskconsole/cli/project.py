"""The project that a command is about, and the engine that is at work on it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from taskengine.client.calls import Calls


def root_of(ctx: click.Context) -> Path:
    """The project's root: the one named before the command, or the nearest one from here."""
    project: Path | None = ctx.find_root().params.get("project")
    if project:
        return project.resolve()
    from taskengine.project.root import find_root

    return find_root(Path.cwd())


def engine_of(root: Path) -> "Calls | None":
    """Calls to the project's engine, that are closed when the command is over; None if no engine
    runs that can be reached.
    """
    from taskengine.client.find_engine import find_engine

    note = find_engine(root)
    if note is None or not (note.socket or note.url):
        return None
    from taskengine.client.calls import Calls

    calls = Calls(note.socket or note.url)
    if context := click.get_current_context(silent=True):
        context.call_on_close(calls.close)
    return calls
