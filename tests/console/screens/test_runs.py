"""The screen with the runs of all tasks, used as a person would."""

import re
from dataclasses import replace
from itertools import takewhile

from support.console import Console, console_on
from support.project import Project
from taskconsole.widgets.run_table.widget import RunTable
from taskengine.events import ProblemRaised
from taskengine.problem import Problem, ProblemKind
from taskengine.run import RunState, Trigger


async def begin(console: Console, task: str, **payload: object) -> int:
    """Run a task to its end, and give back the run's number."""
    run = await console.handle.start_run(task, payload)
    await console.handle.wait(run.id)
    return run.id


def footer(console: Console) -> str:
    return console.text.splitlines()[-1]


def rows(console: Console) -> list[str]:
    """The rows of the table, without its frame."""
    framed = takewhile(lambda line: "╰" not in line, console.text.splitlines())
    return [line.strip("│ ").rstrip() for line in framed if re.match(r"│.{3}\S \w.* #\d", line)]


async def seed(console: Console) -> None:
    """A run that is done, one that failed a day later, and one that has just ended."""
    await begin(console, "cms:update", page=1)
    console.clock.advance(26 * 3600)
    await begin(console, "db:cleanup")
    await begin(console, "db:migrate", target="head")
    await console.until(lambda: "✓" in console.row("migrate"))
    await console.clear_toasts()


async def test_all_runs_are_listed_newest_first_and_escape_goes_back(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        assert "2 Runs" in footer(console)
        await console.press("2")
        await console.sees("Runs (3)")
        newest, failed, oldest = rows(console)
        assert newest.startswith("▌  ✓ done")
        assert '{"target": "head"}' in newest
        assert "✗ failed" in failed
        assert "ValueError: no connection" in failed
        assert "10 Mar 14:03" in oldest
        assert "16:03:21" in newest
        assert "esc Back" in footer(console)
        await console.press("escape")
        await console.sees("Tasks (6)")


async def test_nothing_to_list_is_said_in_words(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await console.press("2")
        await console.sees("No runs yet.", "press 1, choose a task and press r")
        await console.press("1")
        await console.sees("Tasks (6)")


async def test_a_run_is_watched_and_left_again(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        await console.press("2", "end", "enter")
        await console.sees("╭─ #1 cms:update", "fetching 12 pages")
        await console.press("z")
        await console.until(lambda: "State " not in console.text)
        await console.press("escape", "escape")
        await console.until(lambda: "#1 cms:update" not in console.text)
        await console.sees("Runs (3)")


async def test_a_terminal_that_is_too_small_is_said_to_be(shop: Project) -> None:
    async with console_on(shop, scheduling=False, size=(60, 16)) as console:
        await begin(console, "db:migrate")
        await console.press("2", "enter")
        await console.sees("╭─ #1 db:migrate")
        await console.pilot.resize_terminal(59, 16)
        await console.until(lambda: "#1" not in console.text)
        assert "needs at least 60 columns" in console.text
        await console.pilot.resize_terminal(60, 16)
        await console.sees("╭─ #1 db:migrate")


async def test_a_rerun_is_on_top_and_watched(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        await console.press("2", "end", "R")
        await console.sees("╭─ #4 cms:update  rerun", "✓ done")
        assert console.handle.run(4).payload == {"page": 1}  # type: ignore[union-attr]
        await console.until(lambda: len(rows(console)) == 4)


async def test_a_run_that_goes_on_is_cancelled(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await console.handle.start_run("wait", {})
        await console.press("2")
        await console.sees("◐ running", "X Cancel")
        await console.press("X")
        await console.sees("⊘ cancelled")
        await console.until(lambda: "X Cancel" not in footer(console))


async def test_runs_are_filtered_by_status_by_task_and_by_what_began_them(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        await console.press("2", "s")
        await console.sees("Only runs that are", "□ ✗ failed")
        await console.press("down", "down", "down", "down", "space")
        await console.sees("■ ✗ failed", "status: failed")
        await console.press("escape")
        await console.until(lambda: len(rows(console)) == 1)
        await console.press("backspace")
        await console.until(lambda: len(rows(console)) == 3)
        assert "status: failed" not in console.text

        await console.press("t")
        await console.type("dbcl")
        await console.sees("db:cleanup")
        await console.press("enter")
        await console.sees("task: db:cleanup ✕")
        await console.until(lambda: len(rows(console)) == 1)
        await console.press("T")
        await console.until(lambda: len(rows(console)) == 3)

        await console.press("R")
        await console.until(lambda: len(rows(console)) == 4)
        await console.press("b")
        await console.sees("□ rerun")
        await console.press(*["down"] * list(Trigger).index(Trigger.RERUN), "enter")
        await console.sees("begun by: rerun")
        await console.until(lambda: len(rows(console)) == 1)


async def test_runs_are_filtered_from_an_instant_up_to_one_and_by_a_span(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        await console.press("2", "w")
        await console.type("25:00")
        await console.sees("a day has no 25:00")
        await console.press("enter", *["backspace"] * 5)
        await console.type("2h")
        await console.press("enter")
        await console.sees("when: since 14:03:21")
        await console.until(lambda: len(rows(console)) == 2)
        await console.press("backspace")
        await console.sees("Runs (3)")

        await console.press("w")
        await console.type("until 2h")
        await console.sees("until 14:03:21")
        await console.press("enter")
        await console.sees("Runs (1)", "when: until 14:03:21 ✕", "#1")
        await console.press("backspace")
        await console.sees("Runs (3)")

        await console.press("w", "down", "enter")
        await console.sees("when: today")
        await console.until(lambda: len(rows(console)) == 2)


async def test_words_are_looked_for_as_they_are_typed(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        await console.press("2", "slash")
        await console.type("connec")
        await console.sees("text: “connec” ✕")
        await console.until(lambda: len(rows(console)) == 1)
        await console.type("zz")
        await console.sees("No run is like that.")
        await console.press("escape")
        await console.until(lambda: len(rows(console)) == 3)
        assert isinstance(console.app.focused, RunTable)


async def test_a_filter_stays_until_a_click_on_its_chip_takes_it_away(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        await console.press("2", "T")
        await console.sees("task: db:migrate ✕")
        await console.press("1", "2")
        await console.sees("Runs (1)", "task: db:migrate ✕")
        line = next(line for line in console.text.splitlines() if "✕" in line)
        await console.pilot.click("RunFilterBar", offset=(line.index("✕") - 1, 0))
        await console.until(lambda: len(rows(console)) == 3)


async def test_two_marked_runs_are_compared(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await begin(console, "db:migrate", target="head", steps=[1, 2])
        await begin(console, "db:migrate", target="base", steps=[1, 2])
        await console.press("2", "space", "down")
        await console.sees("◆", "c Compare")
        await console.press("c")
        await console.sees("#1 db:migrate ✓ done  →  #2 db:migrate ✓ done", "Payload ≠", "Error =")
        await console.sees('-  "target": "head"', '+  "target": "base"')
        await console.press("x")
        await console.sees('-  "target": "base"', '+  "target": "head"')
        await console.press("left_square_bracket")
        await console.sees("Neither run has an error.")
        await console.press("escape")
        await console.sees("Runs (2)")


async def test_a_run_is_copied_as_text_by_a_key_that_the_palette_knows_too(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        await console.press("2", "down", "y")
        await console.sees("Copied #2 as text")
        copied = console.app.clipboard
        assert copied.startswith("db:cleanup #2: failed\nbegun by: manual\n")
        assert "error: ValueError: no connection\nTraceback" in copied
        await console.press("ctrl+p")
        await console.type("copy")
        await console.sees("Copy what is known of the run under the cursor")


async def test_a_run_that_is_gone_is_said_to_be(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        await console.press("2")
        await console.sees("Runs (3)")
        table = console.app.screen.query_one(RunTable)
        page = table.pages.newest
        assert page
        assert page.runs
        table.pages.put(page, (replace(page.runs[0], id=99), *page.runs))
        table.rows_changed()
        await console.press("enter")
        await console.sees("run #99 is not kept any more")


async def test_trouble_with_the_history_stands_above_the_runs(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        problem = Problem(kind=ProblemKind.HISTORY, message="the disk is full")
        problems = console.handle.problems
        console.handle.problems = lambda: [*problems(), problem]  # type: ignore[method-assign]
        await console.press("2")
        console.app.post_message(
            console.app.Happened([ProblemRaised(at=console.handle.now(), problem=problem)])
        )
        await console.sees("▲ the disk is full")


async def test_the_palette_goes_to_the_runs_of_a_task(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await seed(console)
        await console.press("ctrl+p")
        await console.type("history of cleanup")
        await console.sees("History of db:cleanup")
        await console.press("enter")
        await console.sees("task: db:cleanup ✕", "Runs (1)")


async def test_the_words_of_a_state_and_its_sign_stand_in_each_row(shop: Project) -> None:
    async with console_on(shop, size=(80, 24), scheduling=False) as console:
        await seed(console)
        await console.press("2")
        await console.sees("Runs (3)")
        assert [row.split("  ")[0] for row in rows(console)[1:]] == ["✗ failed", "✓ done"]
        assert RunState.FAILED.value in rows(console)[1]
        assert "esc Back" in footer(console)
        assert "/ Search" in footer(console)
