"""What the console looks like. `make snapshots` accepts a new look."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from support.console import Console, RecordedPrograms, is_ready, make_console
from support.project import Project
from taskconsole.themes import LIGHT
from taskengine.client.local import LocalHandle

pytestmark = pytest.mark.usefixtures("seldom_drawn")

Snap = Callable[..., bool]
Script = Callable[[Console], Awaitable[None]]


def looks_the_same(
    snap_compare: Snap,
    project: Project,
    script: Script,
    *,
    size: tuple[int, int] = (120, 36),
    theme: str = "",
) -> bool:
    """Play a script on a console whose clock stands still, and compare what is seen at its end."""
    app, clock = make_console(project)
    app.theme = theme or app.theme
    handle = app.handle
    assert isinstance(handle, LocalHandle)

    async def prepare(pilot: Pilot[None]) -> None:
        console = Console(app, handle, clock, pilot, RecordedPrograms())
        await console.until(lambda: is_ready(app))
        await script(console)
        await console.until(lambda: not console.is_moving)

    try:
        return snap_compare(app, terminal_size=size, run_before=prepare)
    finally:
        asyncio.run(handle.stop())


async def look(console: Console) -> None:
    """Do nothing at all."""


async def run_some(console: Console) -> None:
    """One task has succeeded, one has failed, one is paused."""
    await console.run("cms:update", "✓ done")
    await console.run("db:cleanup", "✗ failed")
    await console.choose("db:vacuum")
    await console.press("p")
    await console.until(lambda: "paused" in console.row("vacuum"))


def test_a_project_without_tasks(snap_compare: Snap, project: Project) -> None:
    empty = Project(project.root / "empty")
    empty.write("taskconsole.toml", 'timezone = "Europe/London"')
    assert looks_the_same(snap_compare, empty, look)


def test_the_list(snap_compare: Snap, shop: Project) -> None:
    assert looks_the_same(snap_compare, shop, run_some)


def test_a_running_task(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await run_some(console)
        await console.run("wait", "waiting")

    assert looks_the_same(snap_compare, shop, script)


def test_a_failed_run(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await console.run("db:cleanup", "✗ failed")

    assert looks_the_same(snap_compare, shop, script)


def test_a_broken_file(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await console.choose("broken")

    assert looks_the_same(snap_compare, shop, script)


def test_an_editor_with_a_fault(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await console.choose("db:migrate")
        await console.press("e", "f7")
        await console.type('{"target": "head", "dryRun": yes}')

    assert looks_the_same(snap_compare, shop, script)


def test_a_schedule(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await console.choose("db:vacuum")
        await console.press("right_square_bracket", "right_square_bracket")

    assert looks_the_same(snap_compare, shop, script)


def test_a_filter(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await console.press("slash")
        await console.type("cu")

    assert looks_the_same(snap_compare, shop, script)


def test_the_help(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await console.choose("db:vacuum")
        await console.press("question_mark")

    assert looks_the_same(snap_compare, shop, script)


def test_leaving_while_a_run_goes_on(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await console.run("wait", "waiting")
        await console.press("q")

    assert looks_the_same(snap_compare, shop, script)


def test_a_small_terminal(snap_compare: Snap, shop: Project) -> None:
    assert looks_the_same(snap_compare, shop, run_some, size=(80, 24))


def test_a_narrow_terminal(snap_compare: Snap, shop: Project) -> None:
    assert looks_the_same(snap_compare, shop, run_some, size=(60, 16))


def test_the_light_theme(snap_compare: Snap, shop: Project) -> None:
    assert looks_the_same(snap_compare, shop, run_some, theme=LIGHT.name)


def test_a_typed_payload(snap_compare: Snap, shop: Project) -> None:
    shop.write("tasks/cleanup.py", CLEANUP)

    async def script(console: Console) -> None:
        await console.choose("cleanup")
        await console.press("e", "down", "down", "down", "end")
        await console.sees("rule.days: whole", "line 4, column 5")

    assert looks_the_same(snap_compare, shop, script)


def test_a_run_between_two_attempts_with_kin(snap_compare: Snap, shop: Project) -> None:
    retried = "retries=3, backoff={'initial': 30, 'jitter': 0}"
    shop.task("db/flaky.py", 'raise ConnectionError("no luck")', options=retried)
    shop.task("nightly.py", 'await event.context.run_task("db:flaky")')

    async def script(console: Console) -> None:
        await console.run("nightly", "db:flaky ↻")
        await console.press("d")
        await console.sees("attempt 2 of 4 in 0:30")
        await console.choose("db:flaky")
        await console.press(*["right_square_bracket"] * 3)

    assert looks_the_same(snap_compare, shop, script)


def test_putting_a_run_off(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await console.choose("db:migrate")
        await console.press("a", *"tomorrow 9:00")

    assert looks_the_same(snap_compare, shop, script, size=(80, 24))


async def look_at_runs(console: Console) -> None:
    """A run is done, one failed a little later, one has just ended, and one goes on."""
    for task, seconds in (("cms:update", 12), ("db:cleanup", 7), ("db:migrate", 0)):
        run = await console.handle.start_run(task, {"target": "head"})
        await console.handle.wait(run.id)
        console.clock.advance(seconds)
    await console.handle.start_run("wait", {})
    await console.clear_toasts()
    await console.press("2")
    await console.sees("Runs (4)", "◐ running")


def test_the_runs(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await look_at_runs(console)
        await console.press("space", "down", "down", "enter")
        await console.sees("╭─ #2 db:cleanup", "ValueError")

    assert looks_the_same(snap_compare, shop, script)


def test_filtered_runs_in_a_small_terminal(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await look_at_runs(console)
        await console.press("down", "T", "w", "down", "down", "enter")
        await console.sees("when: the last 7 days", "Runs (1)")

    assert looks_the_same(snap_compare, shop, script, size=(80, 24), theme=LIGHT.name)


def test_two_runs_that_are_compared(snap_compare: Snap, shop: Project) -> None:
    async def script(console: Console) -> None:
        await look_at_runs(console)
        await console.press("down", "space", "end", "c")
        await console.sees("#1 cms:update ✓ done  →  #3 db:migrate", "Result ≠")

    assert looks_the_same(snap_compare, shop, script, size=(80, 24))


CLEANUP = """
from dataclasses import dataclass
from typing import Annotated

import msgspec

from taskengine import TaskEvent, task


@dataclass
class Rule:
    days: Annotated[int, msgspec.Meta(ge=1, description="Younger files stay")] = 0


@dataclass
class Cleanup:
    folder: str
    rule: Rule


@task(description="Clean up")
def run(event: TaskEvent[Cleanup]) -> None:
    pass
"""
