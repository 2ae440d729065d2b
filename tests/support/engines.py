"""Several engines on one project, in one test."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeAlias

from support.events import Events
from taskengine import Engine
from taskengine.output import OutputLine

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

StartEngine: TypeAlias = Callable[..., Awaitable[tuple[Engine, Events]]]


def notes(engine: Engine) -> list[str]:
    """What the engine has said so far that belongs to no run."""
    return [OutputLine.decode(line).text for line in engine.output.read(0, 10_000)]
