"""Going from a run to the one that started it, and to those that it has started."""

import pytest

from support.console import console_on
from support.project import Project


@pytest.fixture
def shop(shop: Project) -> Project:
    shop.task(
        "both.py",
        """
        await event.context.run_task("db:migrate")
        await event.context.run_task("cms:update")
    """,
    )
    shop.task("one.py", 'return await event.context.run_task("db:migrate")')
    return shop


async def test_an_only_child_and_its_parent_are_a_key_away(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.run("one", "✓ done", "started #2 db:migrate ✓")
        await console.press("d")
        await console.sees("#2 db:migrate  task", "started by #1 one ✓")
        await console.press("u")
        await console.sees("#1 one  manual")


async def test_on_the_screen_of_runs_they_are_a_key_away_too(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.run("one", "✓ done", "started #2 db:migrate ✓")
        await console.press("2", "end", "d")
        assert "╭─ #" not in console.text  # none is shown, so none is gone on from
        await console.press("enter", "d")
        await console.sees("╭─ #2 db:migrate  task", "started by #1 one ✓", "u Parent run")
        await console.press("u")
        await console.sees("╭─ #1 one  manual", "d Child run")
        await console.press("escape", "d")
        assert "╭─ #" not in console.text


async def test_of_several_children_one_is_picked(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.run("both", "✓ done", "started #2 db:migrate ✓, #3 cms:update ✓")
        await console.press("d")
        await console.sees("Started by #1 both", "✓ cms:update #3")
        await console.press("down", "enter")
        await console.sees("#2 db:migrate  task")


async def test_a_run_that_is_named_can_be_clicked_on(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.run("both", "✓ done", "#3 cms:update ✓")
        lines = console.text.splitlines()
        row = next(place for place, line in enumerate(lines) if "#3 cms" in line)
        await console.pilot.click(offset=(lines[row].index("#3 cms") + 2, row))
        await console.sees("#3 cms:update  task")


async def test_without_kin_the_keys_do_nothing(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.run("db:migrate", "✓ done")
        assert "Parent run" not in console.text
        await console.press("u", "d")
        assert "#1 db:migrate  manual" in console.text


async def test_the_list_of_children_keeps_up_with_them(shop: Project) -> None:
    shop.task(
        "gate.py",
        """
        import asyncio
        from pathlib import Path
        while not Path(__file__).parents[1].joinpath("open").exists():
            await asyncio.sleep(0.01)
    """,
    )
    shop.task(
        "two.py",
        """
        await event.context.run_task("db:migrate")
        await event.context.run_task("gate")
    """,
    )
    async with console_on(shop) as console:
        await console.run("two", "started #2 db:migrate ✓, #3 gate ◐")
        await console.press("d")
        await console.sees("◐ gate #3")
        shop.write("open", "")
        await console.sees("✓ gate #3")
