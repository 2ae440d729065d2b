"""What the console shows while the project's files change."""

from support.console import console_on
from support.project import Project

WAITING = """
import asyncio

from taskengine import TaskEvent, task


@task
async def run(event: TaskEvent) -> None:
    print("waiting")
    await asyncio.Event().wait()
"""


async def test_a_project_without_tasks_is_helped_to_its_first_one(project: Project) -> None:
    async with console_on(project) as console:
        await console.sees("No tasks yet", "Press n to write tasks/hello.py")
        await console.press("n")
        await console.until(lambda: "hello" in console.text and "Tasks (1)" in console.text)
        await console.press("r")
        await console.sees("Hello, world!", "✓ done")


async def test_the_smallest_screen_tells_how_to_get_a_first_task(project: Project) -> None:
    async with console_on(project, size=(60, 16)) as console:
        await console.sees("Press n to write tasks/hello.py, then r to run it.", " n New task ")


async def test_a_broken_file_is_listed_with_its_place(shop: Project) -> None:
    async with console_on(shop) as console:
        assert "▲ broken" in console.row("broken")
        await console.choose("broken")
        await console.sees("▲ 1 problem", "▲ tasks/broken.py:3", "not today")


async def test_a_broken_edit_is_told_and_the_old_version_still_serves(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        shop.write("tasks/db/migrate.py", "from taskengine import task\n\nraise ValueError('oh')\n")
        await console.sees("▲ 2 problems", "tasks/db/migrate.py:3", "The old version still serves.")
        await console.press("r")
        await console.sees("✓ done")


async def test_a_mended_file_takes_its_problem_away(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("broken")
        shop.task("broken.py", "return 1")
        await console.sees("mended: tasks/broken.py")
        await console.until(lambda: "problem" not in console.text)


async def test_new_and_deleted_tasks_are_told_and_listed(shop: Project) -> None:
    async with console_on(shop) as console:
        shop.task("brand/new.py", "return 1")
        await console.sees("added brand:new", "Tasks (7)")
        (shop.root / "tasks/brand/new.py").unlink()
        await console.sees("removed brand:new", "Tasks (6)")


async def test_the_chosen_task_stays_chosen_when_others_come(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:vacuum")
        shop.task("aaa.py", "return 1")
        await console.sees("Tasks (7)")
        assert "▌" in console.row("vacuum")


async def test_a_removed_task_stays_listed_and_watched_while_its_run_goes_on(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.run("wait", "waiting")
        (shop.root / "tasks/wait.py").unlink()
        await console.until(lambda: "removed" in console.row("wait"))
        await console.sees("Tasks (5)", "#1 wait  manual", "Its file is gone", "X Cancel")
        assert "r Run" not in console.text.splitlines()[-1]
        await console.choose("db:vacuum")
        await console.choose("wait")
        await console.sees("#1 wait  manual")
        await console.press("X")
        await console.sees("⊘ cancelled")
        await console.until(lambda: "⊘ wait" in console.row("wait"))
        await console.choose("db:vacuum")
        console.clock.advance(1)
        await console.until(lambda: " wait " not in console.text.partition("╰")[0])


async def test_a_run_that_goes_on_is_watched_on_when_all_tasks_are_gone(project: Project) -> None:
    project.write("tasks/wait.py", WAITING)
    async with console_on(project) as console:
        await console.run("wait", "waiting")
        (project.root / "tasks/wait.py").unlink()
        await console.until(lambda: "removed" in console.row("wait"))
        await console.sees("#1 wait  manual", "Its file is gone")


async def test_the_cursor_goes_back_to_a_task_that_returns(shop: Project) -> None:
    path, away = shop.root / "tasks/db/migrate.py", shop.root / "migrate.py"
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        path.rename(away)
        await console.sees("Tasks (5)")
        await console.until(lambda: "╭─ db:migrate" not in console.text)
        away.rename(path)
        await console.sees("Tasks (6)", "╭─ db:migrate")
        await console.until(lambda: "▌" in console.row("migrate"))


async def test_the_cursor_stays_where_the_user_put_it_meanwhile(shop: Project) -> None:
    path, away = shop.root / "tasks/db/migrate.py", shop.root / "migrate.py"
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        path.rename(away)
        await console.sees("Tasks (5)")
        await console.choose("cms:update")
        away.rename(path)
        await console.sees("Tasks (6)")
        assert "▌" in console.row("update")


async def test_a_changed_zone_reaches_every_part_of_the_screen(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.run("cms:update", "14:03:21.000  fetching 12 pages", "✓ done")
        config = shop.root / "taskconsole.toml"
        config.write_text(config.read_text().replace("Europe/London", "Asia/Tokyo"))
        await console.sees("23:03:21 Asia/Tokyo", "23:03:21.000  fetching 12 pages")
        await console.until(lambda: "in 3 h 56 m" in console.row("vacuum"))
        await console.press("right_square_bracket")
        await console.sees("#1  manual        23:03:21")


async def test_problems_have_a_screen_that_opens_the_editor(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("4")
        await console.sees("╭─ 1 problem", "▲ tasks/broken.py:3", "not today")
        await console.press("enter")
        assert console.programs.edited == [(shop.root / "tasks/broken.py", 3)]
        await console.press("1")
        assert "Tasks (6)" in console.text


async def test_the_problems_screen_empties_by_itself(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("4")
        shop.task("broken.py", "return 1")
        await console.sees("✓ Nothing is wrong with this project.")


async def test_a_click_on_the_count_of_problems_shows_them(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.pilot.click("ProblemCount")
        await console.sees("╭─ 1 problem")
