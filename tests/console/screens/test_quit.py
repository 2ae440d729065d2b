"""Leaving the console, also while runs go on."""

import pytest
from textual.app import ComposeResult

from support.console import Console, console_on, make_console
from support.project import Project
from support.restarts import held_up
from taskconsole import app
from taskconsole.screens.main import MainScreen
from taskengine import RunState


async def begin_waiting(console: Console) -> None:
    await console.choose("wait")
    await console.press("r")
    await console.sees("waiting")


async def test_nothing_is_asked_when_nothing_goes_on(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("q")
        assert console.app.return_code == 0


async def test_one_can_leave_before_all_is_there(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    class LeftScreen(MainScreen):
        def compose(self) -> ComposeResult:
            self.app.exit(return_code=130)
            return super().compose()

    monkeypatch.setattr(app, "MainScreen", LeftScreen)
    left, _ = make_console(shop)
    await left.run_async(headless=True)
    await left.handle.stop()
    assert left.return_code == 130


async def test_leaving_asks_while_a_run_goes_on_and_one_can_stay(shop: Project) -> None:
    async with console_on(shop) as console:
        await begin_waiting(console)
        await console.press("q")
        await console.sees("1 run goes on", "wait #1")
        await console.press("escape")
        assert "Tasks (6)" in console.text
        assert console.app.return_code is None


async def test_cancelling_them_leaves_once_they_are_over(shop: Project) -> None:
    async with console_on(shop) as console:
        await begin_waiting(console)
        await console.press("q", "X")
        await console.until(lambda: console.app.return_code == 0)
        assert console.handle.active_runs() == ()


async def test_cancelling_them_leaves_nothing_in_the_queue(shop: Project) -> None:
    held_up(shop, "line.py")
    async with console_on(shop) as console:
        for _ in range(3):
            await console.handle.start_run("line", {})
        await console.until(lambda: console.handle.active_runs()[0].started_at is not None)
        await console.press("q", "X")
        await console.until(lambda: console.app.return_code == 0)
        runs = await console.runs_of("line")

    assert [run.state for run in runs] == [RunState.CANCELLED] * 3
    assert [run.id for run in runs if run.started_at] == [1]


async def test_waiting_leaves_when_the_last_run_ends(shop: Project) -> None:
    async with console_on(shop) as console:
        await begin_waiting(console)
        await console.press("q", "w")
        await console.sees("Waiting for the end")
        assert console.app.return_code is None
        await console.handle.cancel_run(1)
        await console.until(lambda: console.app.return_code == 0)


async def test_a_run_that_does_not_stop_can_be_left_behind(shop: Project) -> None:
    shop.write("tasks/stuck.py", STUCK)
    async with console_on(shop) as console:
        await console.choose("stuck")
        await console.press("r")
        await console.sees("stuck fast")
        await console.press("q", "X")
        await console.sees("Press X again")
        await console.press("X")
        assert console.app.return_code == 0


@pytest.mark.parametrize("answer", ["w", "X"])
async def test_leaving_lets_no_schedule_fire_until_one_stays(shop: Project, answer: str) -> None:
    shop.write("tasks/stuck.py", STUCK)
    async with console_on(shop) as console:
        await console.choose("stuck")
        await console.press("r")
        await console.sees("stuck fast")
        await console.press("q", answer)
        await console.until(lambda: not console.handle.status.scheduling)
        await console.press("s")
        await console.until(lambda: console.handle.status.scheduling)
        assert console.app.return_code is None


async def test_staying_lets_nothing_fire_where_nothing_fired_before(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await begin_waiting(console)
        await console.press("q", "w", "s")
        assert "Tasks (6)" in console.text
        assert not console.handle.status.scheduling


async def test_a_run_that_ends_before_the_answer_takes_the_question_away(shop: Project) -> None:
    async with console_on(shop) as console:
        await begin_waiting(console)
        await console.press("q")
        await console.sees("1 run goes on")
        await console.handle.cancel_run(1)
        await console.until(lambda: console.app.return_code == 0)


STUCK = """
import threading

from taskengine import TaskEvent, task


@task
def run(event: TaskEvent) -> None:
    print("stuck fast")
    threading.Event().wait()
"""
