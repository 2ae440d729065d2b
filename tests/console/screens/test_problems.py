"""The screen that lists what is wrong with the project."""

from support.console import Console, console_on
from support.project import Project
from taskconsole.screens.help import sections


def words(console: Console) -> dict[str, tuple[str, ...]]:
    """What the keys of the screen do at this moment, and the keys."""
    return {
        key.words: key.names
        for section in sections(console.app.screen)
        for key in section.keys
        if key.works
    }


async def test_the_help_tells_every_key_of_the_list_of_problems(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("4")
        known = words(console)
        assert known["Go to the next problem"] == ("↓", "j")
        assert known["Go to the previous problem"] == ("↑", "k")
        assert known["Open the place in your editor"] == ("⏎", "o")


async def test_nothing_can_be_opened_where_nothing_is_wrong(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("4")
        shop.task("broken.py", "return 1")
        await console.sees("✓ Nothing is wrong with this project.")
        assert "Open" not in console.text.splitlines()[-1]
        assert not {"Go to the next problem", "Open the place in your editor"} & set(words(console))


async def test_the_list_has_the_focus_again_after_it_was_empty(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("4")
        shop.task("broken.py", "return 1")
        await console.sees("✓ Nothing is wrong with this project.")
        shop.write("tasks/bad.py", "from taskengine import task\n\nraise ValueError\n")
        await console.sees("╭─ 1 problem", "tasks/bad.py:3")
        await console.until(lambda: console.app.focused is not None)
        await console.press("enter")
        assert console.programs.edited == [(shop.root / "tasks/bad.py", 3)]


async def test_a_task_that_is_gone_can_not_be_run_again(project: Project) -> None:
    project.task("only.py", "return 1")
    async with console_on(project) as console:
        await console.run("only", "✓ done")
        assert "R Rerun" in console.text.splitlines()[-1]
        (project.root / "tasks/only.py").unlink()
        await console.sees("No tasks yet")
        await console.until(lambda: "n New task" in console.text.splitlines()[-1])
        assert "R Rerun" not in console.text.splitlines()[-1]


async def test_a_fault_of_the_config_names_its_task(project: Project) -> None:
    project.task("only.py", "return 1")
    project.write("taskconsole.toml", '[tasks."only"]\nretries = "lots"\n')
    async with console_on(project) as console:
        await console.press("4")
        await console.sees(
            "taskconsole.toml:2  option  only: `retries` must be", "of the task only"
        )


async def test_the_list_of_problems_has_an_end_and_a_beginning(project: Project) -> None:
    project.write("taskconsole.toml", "a = 1\nb = 1\nc = 1\n")
    async with console_on(project) as console:
        await console.press("4", "G")
        await console.sees("╭─ taskconsole.toml:3")
        await console.press("g")
        await console.sees("╭─ taskconsole.toml:1")


async def test_the_header_stays_above_the_problems(shop: Project) -> None:
    shop.write("tasks/bad.py", "raise ValueError\nfrom taskengine import task\n")
    async with console_on(shop) as console:
        await console.press("4")
        await console.sees("╭─ 2 problems", "▲ 2 problems", "● live", "14:03:21")
        (shop.root / "tasks/bad.py").unlink()
        await console.sees("╭─ 1 problem ", "▲ 1 problem ")
        await console.press("escape")
        await console.sees("Tasks (")


async def test_too_small_a_terminal_is_told_of_over_the_problems_too(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("4")
        await console.pilot.resize_terminal(40, 10)
        await console.sees("at least 60 columns")
        await console.pilot.resize_terminal(80, 24)
        await console.sees("╭─ 1 problem")
        await console.until(lambda: console.app.focused is not None)
        assert console.text.splitlines()[-1].split()[:2] == ["esc", "Back"]
