"""How the engine is."""

from datetime import datetime

import msgspec

from taskengine.client.views import EngineStatus
from taskengine.http.api.context import ApiContext
from taskengine.http.api.operation import Operations
from taskengine.problem import Problem
from taskengine.run import RunState

health = Operations("engine")


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The engine at a glance. `running` counts the runs that have begun and are not over."""

    status: EngineStatus
    now: datetime
    running: int
    queued: int
    problems: int


class ProblemList(msgspec.Struct, frozen=True, kw_only=True):
    """All that is wrong with the project."""

    problems: tuple[Problem, ...]


@health.get("/health")
async def show_health(api: ApiContext) -> Health:
    """How the engine is, and how much it has to do."""
    active = api.engine.active_runs()
    queued = sum(run.state is RunState.QUEUED for run in active)
    return Health(
        status=api.handle.status,
        now=api.handle.now(),
        running=len(active) - queued,
        queued=queued,
        problems=len(api.engine.problems),
    )


@health.get("/problems")
async def list_problems(api: ApiContext) -> ProblemList:
    """The project's faults, in the order of their places."""
    return ProblemList(problems=tuple(api.handle.problems()))
