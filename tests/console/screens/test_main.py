"""The main screen on a real engine: what it shows, and running tasks."""

import asyncio
import tempfile
from collections.abc import Sequence

import pytest
from textual.events import Key

from support.console import SOON, Console, console_on
from support.project import Project
from taskconsole.widgets.fire_list import FireList
from taskconsole.widgets.output import OutputPane
from taskconsole.widgets.run_table.widget import RunTable
from taskengine.records import PastFire
from taskengine.run import Run


async def test_every_task_is_listed_with_its_schedule_and_countdown(shop: Project) -> None:
    shop.task("twice.py", "return 1", options="schedule=['0 9 * * *', '0 15 * * *']")
    async with console_on(shop) as console:
        assert "daily at 15:00 +1" in console.row("twice")
        assert "every minute" in console.row("update")
        assert "in 0:39" in console.row("update")
        assert "in 56:39" in console.row("cleanup")
        assert "tomorrow 03:00" in console.row("vacuum")
        console.clock.advance(10)
        await console.until(lambda: "in 0:29" in console.row("update"))
        console.clock.advance(3600)
        await console.until(lambda: "daily at 09:00 +1" in console.row("twice"))


async def test_the_first_visit_begins_on_a_task_not_on_its_group(project: Project) -> None:
    project.task("db/migrate.py", "return 1")
    async with console_on(project) as console:
        await console.press("r")
        await console.sees(" db:migrate  manual", "✓ done")


async def test_the_fires_of_a_task_are_shown_and_paused(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("cms:update")
        await console.press("p")
        await console.until(lambda: "paused" in console.row("update"))
        assert "‖" in console.row("update")
        await console.press("p")
        await console.until(lambda: "in 0:39" in console.row("update"))
        await console.press("right_square_bracket", "right_square_bracket")
        await console.sees("* * * * *", "Next fires (Europe/London)", "Tue 10 Mar 14:13  in")
        assert "14:14" not in console.text


async def test_a_run_shows_its_log_and_its_result_and_earlier_ones_stay(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("cms:update")
        await console.press("r")
        await console.sees("#1 cms:update", "fetching 12 pages", '{"pages": 12}', "✓ done")
        await console.until(lambda: "✓ 0ms" in console.row("update"))
        await console.press("r")
        await console.sees("#2 cms:update", "✓ done")
        await console.press("right_square_bracket")
        await console.sees("✓ done        #2  manual")
        await console.press("tab", "down", "enter")
        await console.sees("╭─ #1 cms:update")


async def test_an_output_is_copied_paged_through_and_saved(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console_on(shop) as console:
        await console.run("cms:update", "fetching 12 pages", "✓ done")
        console.app.query_one(OutputPane).focus()
        await console.press("c")
        await console.sees("Copied 1 line")
        assert "fetching 12 pages" in console.app.clipboard
        await console.press("P")
        await console.until(lambda: bool(console.programs.paged))
        assert "fetching 12 pages" in console.programs.paged[0]
        await console.press("S")
        await console.sees("Saved")
        saved = (shop.root / "cms-update-1.log").read_text(encoding="utf-8")
        assert saved == "14:03:21.000  fetching 12 pages\n"
        monkeypatch.setattr(tempfile, "tempdir", str(shop.root / "not there"))
        await console.press("P")
        await console.sees("The output could not be written", "No such file")
        await console.press("right_square_bracket", "c")
        await console.sees("Copied the value")


async def test_a_failed_run_is_marked_counted_and_explained(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:cleanup")
        await console.press("r")
        await console.sees("✗ 1 failed", "ValueError: no connection")
        await console.until(lambda: "✗ cleanup" in console.row("cleanup"))


async def test_a_run_may_be_left_while_the_rest_of_it_is_looked_up(shop: Project) -> None:
    async with console_on(shop) as console:
        asked, answer = asyncio.Event(), asyncio.Event()
        find = console.handle.find_run

        async def find_late(run_id: int) -> Run | None:
            asked.set()
            await answer.wait()
            return await find(run_id)

        console.handle.find_run = find_late  # type: ignore[method-assign]
        await console.run("cms:update", "✓ done")
        await asyncio.wait_for(asked.wait(), SOON)
        await console.choose("db:vacuum")
        answer.set()
        await console.press("tab")
        await console.sees("Nothing to show yet.")


async def test_a_console_may_be_left_while_past_fires_are_looked_up(shop: Project) -> None:
    async with console_on(shop) as console:
        asked, answer, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()
        find = console.handle.past_fires

        async def find_late(task: str, limit: int = 50) -> Sequence[PastFire]:
            asked.set()
            await answer.wait()
            answered.set()
            return await find(task, limit)

        console.handle.past_fires = find_late  # type: ignore[method-assign]
        await console.choose("cms:update")
        await console.press("right_square_bracket", "right_square_bracket")
        await asyncio.wait_for(asked.wait(), SOON)
        await console.app.screen.query_one(FireList).remove()  # as it goes first on the way out
        answer.set()
        await asyncio.wait_for(answered.wait(), SOON)
        await console.sees("● live")


async def test_a_task_runs_with_the_payload_in_its_editor(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("e")
        await console.type('"n": 1')  # between the braces that are there
        await console.sees('{"n": 1}', "✓ valid JSON")
        await console.press("f7")
        await console.type('{"target": "head"}')
        await console.press("f5")
        await console.sees('✓ result {"target": "head"}')


async def type_payload(console: Console, task: str, text: str) -> None:
    await console.choose(task)
    await console.press("e", "f7")
    await console.type(text)
    await console.press("escape")


async def test_a_task_run_from_the_palette_never_gets_another_tasks_payload(shop: Project) -> None:
    shop.task("echo.py", "return event.payload")
    async with console_on(shop) as console:
        await type_payload(console, "db:migrate", '{"of": "migrate"}')
        await console.press("ctrl+p")
        await console.type("run echo")
        await console.sees("Run echo")
        await console.press("enter")
        await console.sees("#1 echo  manual", "✓ result {}")
        await console.choose("db:migrate")
        await console.sees('"of": "migrate"')


async def test_a_task_chosen_and_run_in_one_burst_gets_its_own_payload(shop: Project) -> None:
    shop.task("db/next.py", "return event.payload")
    async with console_on(shop) as console:
        await type_payload(console, "db:next", '{"of": "next"}')
        await type_payload(console, "db:migrate", '{"of": "migrate"}')
        for key in ("j", "r"):
            console.app.post_message(Key(key, key))
        await console.sees("#1 db:next  manual", '✓ result {"of": "next"}')


async def test_an_editor_gone_to_in_one_burst_is_the_chosen_tasks_own(shop: Project) -> None:
    shop.task("db/next.py", "return event.payload")
    async with console_on(shop) as console:
        await type_payload(console, "db:migrate", '{"of": "migrate"}')
        for key in ("j", "e"):
            console.app.post_message(Key(key, key))
        await console.sees("╭─ db:next", "esc Back")
        await console.type("7")
        await console.sees("✗ line 1")
        await console.choose("db:migrate")
        await console.sees('{"of": "migrate"}', "✓ valid JSON")


async def test_a_payload_with_a_fault_runs_nothing_and_shows_the_place(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("e", "f7")
        await console.type('{"a": }')
        await console.press("escape", "r")
        await console.sees("✗ line 1, column 7:", "nothing was run")
        assert await console.runs_of(None) == []


async def test_what_is_typed_survives_another_choice_and_a_reload(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("e", "f7")
        await console.type("[unfinished")
        await console.choose("db:vacuum")
        assert "[unfinished" not in console.text
        shop.task("db/migrate.py", "return 2", options='description="Newer migrations"')
        await console.sees("reloaded db:migrate")
        await console.choose("db:migrate")
        await console.sees("[unfinished", "Newer migrations")


async def test_earlier_payloads_come_back_one_by_one(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        for number in (1, 2):
            await console.press("e", "f7")
            await console.type(f'{{"n": {number}}}')
            await console.press("f5")
            await console.sees(f'✓ result {{"n": {number}}}')
        await console.press("f7")
        await console.type("{}")
        await console.press("alt+up")
        await console.sees('"n": 2')
        await console.press("alt+up")
        await console.sees('"n": 1')
        await console.press("alt+down", "alt+down")
        assert '"n"' not in console.text.split("✓ valid JSON")[0]


async def test_a_going_run_is_joined_and_cancelled(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("wait")
        await console.press("r")
        await console.sees("1 running", "waiting")
        await console.press("e", "f7")
        await console.type('{"n": 2}')
        await console.press("f5")
        await console.sees("joined run #1 that was going on; your payload was", "not used")
        await console.press("escape", "X")
        await console.sees("⊘ cancelled")
        assert "1 running" not in console.text


async def test_a_rerun_takes_the_payload_of_the_run_that_is_shown(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("e", "f7")
        await console.type('{"n": 7}')
        await console.press("f5", "f7")
        await console.sees("#1 db:migrate", "✓ done")
        await console.type("{}")
        await console.press("escape", "R")
        await console.sees("#2 db:migrate  rerun", '✓ result {"n": 7}')


async def test_a_scheduled_run_of_the_chosen_task_is_shown(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("cms:update")
        console.clock.advance(39)
        await console.sees("#1 cms:update  schedule", "fetching 12 pages")


async def test_the_end_of_an_unwatched_run_is_told(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:vacuum")
        console.clock.advance(39)
        await console.sees("cms:update #1", "✓ done after")


async def test_runs_that_end_together_are_told_in_one(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskconsole.screens.ended_runs._MOMENT", 1.5)  # however slow the machine
    shop.write("tasks/_gate.py", "import asyncio\n\ngate = asyncio.Event()\n")
    waiting = "from tasks._gate import gate\nawait gate.wait()"
    shop.task("first.py", waiting)
    shop.task("second.py", f"{waiting}\nraise ValueError('no luck')")
    shop.task("opening.py", "from tasks._gate import gate\ngate.set()")
    async with console_on(shop) as console:
        await console.choose("wait")
        for task in ("first", "second", "opening"):
            await console.handle.start_run(task, {})
        await console.sees("3 runs ended: 2 done, 1 failed", "✗ second #2", "✓ opening #3")
        assert len(console.app.screen.query("Toast")) == 1


async def test_without_scheduling_nothing_is_counted_down(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        assert "● live  ‖ not scheduling" in console.text
        assert " off " in console.row("update")
        assert " — " in console.row("migrate")
        console.clock.advance(120)
        await console.sees("14:05:21 Europe/London")
        assert " off " in console.row("update")
        await console.choose("cms:update")
        await console.press("right_square_bracket", "right_square_bracket")
        await console.sees("Would fire, were scheduling on (Europe/London)", "14:06  in")
        await console.handle.set_scheduling(on=True)
        await console.until(lambda: "in 0:39" in console.row("update"))
        await console.handle.set_scheduling(on=False)
        await console.until(lambda: " off " in console.row("update"))


async def test_output_of_no_run_stands_under_the_last_entry(shop: Project) -> None:
    shop.write("tasks/loud.py", "print('imported')\n" + TRIVIAL)
    async with console_on(shop) as console:
        await console.press("end")
        await console.sees("╭─ Engine output ", "imported")


async def test_the_source_is_shown_and_opened_at_the_task(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("wait")
        await console.press("left_square_bracket")
        await console.sees("tasks/wait.py:", "async def run(event: TaskEvent)")
        await console.press("o")
        assert console.programs.edited == [(shop.root / "tasks/wait.py", 7)]


async def test_open_tabs_keep_up_with_the_time(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.run("wait", "waiting")
        await console.press("right_square_bracket", "tab")
        await console.sees("◐ running     #1  manual  ")
        runs = console.app.query_one(RunTable)
        assert runs.cursor == 0
        console.clock.advance(7)
        await console.sees("14:03:21    7.0s")
        assert runs.cursor == 0
        await console.choose("cms:update")
        await console.press("right_square_bracket")
        await console.sees("Tue 10 Mar 14:04  in 0:32")
        console.clock.advance(2)
        await console.sees("Tue 10 Mar 14:04  in 0:30")


async def test_zoom_gives_the_output_the_screen_and_takes_it_back(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("z")
        assert "Tasks (6)" not in console.text
        await console.press("escape")
        assert "Tasks (6)" in console.text


TRIVIAL = """
from taskengine import TaskEvent, task


@task
def run(event: TaskEvent) -> None:
    pass
"""


async def test_why_nothing_was_copied_is_told(shop: Project) -> None:
    shop.task("flood.py", 'print("x\\n" * 90_000)')
    async with console_on(shop) as console:
        await console.run("flood", "✓ done")
        console.app.query_one(OutputPane).focus()
        await console.press("c")
        await console.sees("Not copied", "the log is too long", "S saves")
        assert console.app.clipboard == ""
