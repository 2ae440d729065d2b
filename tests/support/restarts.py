"""One project, and one engine after the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from support.events import Events
from support.project import Project
from taskengine import Engine

OPEN = "open"
_BODY = """
import asyncio
from pathlib import Path

if not Path({gate!r}).exists():
    print("it waits")
    await asyncio.Event().wait()
print(f"it works on {{event.payload}}")
return event.payload
"""


def held_up(project: Project, path: str, options: str = "concurrency='queue'") -> None:
    """Write a task whose runs go on for as long as their engine, unless `let_go` came first."""
    project.task(path, _BODY.format(gate=str(project.root / OPEN)), options=options)


def let_go(project: Project) -> None:
    """Let the runs that begin from now on come to their end."""
    project.write(OPEN, "")


@asynccontextmanager
async def engine_on(project: Project, **options: Any) -> AsyncIterator[tuple[Engine, Events]]:
    """An engine with its tasks loaded; what goes on when the block is left gets no grace."""
    engine = Engine(project.root, **options)
    events = Events(engine)
    await engine.start()
    try:
        await events.live()
        yield engine, events
    finally:
        await engine.stop(grace=0)
