"""Leaving because of a signal: what goes on gets its time."""

from support.console import console_on
from support.project import Project

TERM = 143
PATIENT = """
import asyncio

from taskengine import TaskEvent, task


@task
async def run(event: TaskEvent) -> None:
    print("at work")
    await asyncio.Event().wait()
"""


async def test_without_runs_it_leaves_at_once(shop: Project) -> None:
    async with console_on(shop) as console:
        console.app.call_later(console.app.end_in_order, "SIGTERM", TERM)
        await console.until(lambda: console.app.return_code == TERM)


async def test_the_runs_get_the_time_that_the_config_gives(shop: Project) -> None:
    shop.write("tasks/patient.py", PATIENT)
    async with console_on(shop) as console:
        await console.run("patient", "at work")
        console.app.call_later(console.app.end_in_order, "SIGTERM", TERM)
        await console.sees("SIGTERM: 1 run goes on", "They get 10.0s more to end")
        assert console.app.return_code is None
        await console.handle.cancel_run(1)
        await console.until(lambda: console.app.return_code == TERM)


async def test_asked_again_it_leaves_at_once(shop: Project) -> None:
    shop.write("tasks/patient.py", PATIENT)
    async with console_on(shop) as console:
        await console.run("patient", "at work")
        console.app.call_later(console.app.end_in_order, "SIGTERM", TERM)
        await console.sees("SIGTERM")
        console.app.call_later(console.app.end_in_order, "SIGTERM", TERM)
        await console.until(lambda: console.app.return_code == TERM)


async def test_a_key_leaves_at_once_too_and_quitting_asks_nothing(shop: Project) -> None:
    shop.write("tasks/patient.py", PATIENT)
    async with console_on(shop) as console:
        await console.run("patient", "at work")
        console.app.call_later(console.app.end_in_order, "SIGTERM", TERM)
        await console.sees("SIGTERM")
        await console.press("q")
        assert "SIGTERM: 1 run goes on" in console.text
        await console.press("X")
        await console.until(lambda: console.app.return_code == TERM)
