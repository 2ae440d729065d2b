"""The example project as a whole."""

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from support.events import Events
from support.examples import Examples
from taskengine import Engine, Trigger
from taskengine.events import EngineState, EngineStateChanged, RunEnded
from taskengine.testing import ManualClock

TASKS = (
    "db:backup",
    "demo:afterwards",
    "demo:failure",
    "demo:heartbeat",
    "demo:progress",
    "echo:payload",
    "files:cleanup",
    "files:duplicates",
    "files:report",
    "http:check",
    "http:download",
    "maintenance:weekly",
)


def everything_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


async def test_the_shipped_project_has_tasks_and_no_problems(shipped: Path) -> None:
    engine = Engine(shipped, scheduler=False)
    events = Events(engine)
    async with engine:
        await events.next(EngineStateChanged, lambda event: event.state is EngineState.LIVE)
        catalog = engine.catalog

    assert tuple(catalog.entries) == TASKS
    assert catalog.problems == ()
    assert all(entry.function and entry.description for entry in catalog.entries.values())


async def test_sizes_are_told_in_the_unit_that_fits(examples: Examples) -> None:
    await examples.run("echo:payload")
    human_size = import_module("tasks._shared").human_size

    assert human_size(0) == "0 B"
    assert human_size(999) == "999 B"
    assert human_size(1_000) == "1.0 kB"
    assert human_size(999_949) == "999.9 kB"
    assert human_size(999_950) == "1.0 MB"
    assert human_size(12_345_678_901) == "12.3 GB"
    assert human_size(5 * 10**15) == "5000.0 TB"


async def test_the_shipped_schedules_are_those_of_the_config_and_of_the_code(
    examples: Examples,
) -> None:
    await examples.run("maintenance:weekly")

    found = {
        (entry.task, entry.cron.expression, tuple(entry.payload.items()))
        for entry in examples.engine.catalog.schedules
    }

    assert found == {
        ("demo:heartbeat", "* * * * *", ()),
        ("echo:payload", "0 9 * * MON-FRI", (("message", "Good morning"),)),
        ("files:cleanup", "30 3 * * *", ()),
        ("maintenance:weekly", "0 6 * * MON", (("days", 90),)),
    }
    [morning] = examples.engine.catalog.entries["echo:payload"].schedules
    assert morning.cron.timezone == "Europe/London"


async def test_every_task_runs_without_a_payload_and_leaves_nothing_behind(
    examples: Examples,
) -> None:
    around = examples.root.parent
    before = everything_below(around)

    for name in sorted(set(TASKS) - {"demo:failure", "demo:progress", "http:download"}):
        await examples.run(name)

        assert everything_below(around) == before, name
        assert examples.output(), name


async def test_the_heartbeat_is_fired_on_the_minute_and_knows_when_it_was_due(
    shipped: Path,
) -> None:
    clock = ManualClock(datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC))
    engine = Engine(shipped, clock=clock)
    events = Events(engine)
    async with engine:
        examples = Examples(engine, shipped, scratch=shipped, temp=shipped)
        await events.next(EngineStateChanged, lambda event: event.state is EngineState.LIVE)
        clock.advance(30)
        ended = await events.next(RunEnded)

        assert (ended.run.task, ended.run.trigger) == ("demo:heartbeat", Trigger.SCHEDULE)
        assert examples.output()[0].startswith("Due at 12:01:00 UTC, begun ")


async def test_the_heartbeat_says_when_it_was_no_schedule_that_began_it(
    examples: Examples,
) -> None:
    result = await examples.run("demo:heartbeat")

    assert examples.output()[0] == "Begun by hand or by other code (trigger: api)"
    assert result["free_bytes"] > 0


async def test_the_weekly_task_runs_others_as_its_children(examples: Examples) -> None:
    result = await examples.run("maintenance:weekly", days=12)

    children = examples.engine.history.recent(None, 10)[:-1]
    parent = examples.engine.history.recent("maintenance:weekly", 1)[0]
    assert {(run.task, run.parent_id) for run in children} == {
        ("files:report", parent.id),
        ("files:cleanup", parent.id),
    }
    assert next(run.payload for run in children if run.task == "files:cleanup") == {"days": 12}
    assert result["report"]["folder"] == str(examples.root)
    assert result["cleanup"] == {
        "folder": str(examples.temp),
        "files": 0,
        "bytes": 0,
        "dry_run": True,
    }
