"""Finding one's way: filter, sort, fold, keys, mouse, palette, help, and sizes of the screen."""

import pytest

from support.console import Console, console_on
from support.project import Project


async def test_a_filter_lists_only_what_matches(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("slash")
        await console.type("dbva")
        await console.sees("Tasks (1/6)", "db:vacuum", "╭─ db:vacuum")
        await console.press("escape")
        assert "Tasks (6)" in console.text
        assert "vacuum" in console.row("vacuum")


async def test_a_kept_filter_is_cleared_from_the_list(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("slash")
        await console.type("vac")
        await console.press("enter")
        assert console.app.focused is not None
        assert "Tasks (1/6)" in console.text
        await console.press("escape")
        assert "Tasks (6)" in console.text


async def test_sorting_by_next_fire_makes_the_list_flat(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("s")
        await console.sees("sorted by next fire")
        lines = console.text.splitlines()
        order = [next(i for i, line in enumerate(lines) if name in line) for name in BY_FIRE]
        assert order == sorted(order)


BY_FIRE = ("cms:update", "db:cleanup", "db:vacuum", "db:migrate")


async def test_a_click_on_a_title_sorts(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.pilot.click("ColumnTitles", offset=(40, 0))
        await console.sees("sorted by next fire", "Next fire▾")


async def test_a_folded_group_tells_what_it_hides(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:cleanup")
        await console.press("r")
        await console.sees("✗ 1 failed")
        await console.press("left", "left")
        assert "▸ db  3 ✗ failed" in console.text
        assert "vacuum" not in console.text
        await console.press("enter")
        assert "vacuum" in console.text


async def test_clicks_choose_rows_and_fold_groups(shop: Project) -> None:
    async with console_on(shop) as console:
        lines = console.text.splitlines()
        place = next(i for i, line in enumerate(lines) if "vacuum" in line)
        await console.pilot.click(offset=(12, place))
        await console.sees("╭─ db:vacuum")
        group = next(i for i, line in enumerate(lines) if "▾ db" in line)
        await console.pilot.click(offset=(4, group))
        await console.sees("▸ db  3")


async def test_a_click_on_a_tab_turns_to_it(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("cms:update")
        await console.pilot.click("TabBar", offset=(17, 0))
        await console.sees("Next fires (Europe/London)")


async def test_a_click_on_a_key_presses_it(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.pilot.click("KeyBar", offset=(console.text.splitlines()[-1].index("Help"), 0))
        await console.sees("Keys that work here")


async def test_help_tells_the_keys_that_work_and_no_others(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("question_mark")
        await console.sees("Keys that work here", "Run the chosen task", "Go to the next row")
        assert "Cancel the run" not in console.text
        await console.press("escape")
        assert "Keys that work here" not in console.text


async def test_while_typing_letters_are_text_and_help_is_another_key(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("e", "question_mark", "slash")
        assert "?/{}" in console.text
        footer = console.text.splitlines()[-1]
        assert "f1 Help" in footer
        assert "/ Filter" not in footer
        await console.press("f1")
        await console.sees("Keys that work here", "Put an earlier payload")


async def test_the_palette_runs_any_task(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("ctrl+p")
        await console.type("run cmsup")
        await console.sees("Run cms:update")
        await console.press("enter")
        await console.sees("╭─ #1 cms:update", "fetching 12 pages")


async def test_the_palette_goes_to_a_task_in_a_folded_group(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:vacuum")
        await console.press("left", "left", "home", "ctrl+p")
        await console.type("go to vacuum")
        await console.sees("Go to db:vacuum")
        await console.press("enter")
        await console.sees("╭─ db:vacuum")


async def test_the_palette_has_the_commands(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("ctrl+p")
        await console.type("problems")
        await console.sees("Show what is wrong with the project")
        await console.press("enter")
        await console.sees("╭─ 1 problem")


async def test_the_theme_changes_by_a_key(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("f8")
        assert console.app.theme == "taskconsole-light"
        await console.press("f8")
        assert console.app.theme == "taskconsole-dark"


def is_complete(console: Console) -> bool:
    footer = console.text.splitlines()[-1]
    return all(word in footer for word in ("? Help", "^p Commands", "q Quit"))


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (64, 20), (60, 16)])
async def test_help_and_quit_keep_their_room(shop: Project, size: tuple[int, int]) -> None:
    async with console_on(shop, size=size) as console:
        assert is_complete(console)
        assert "● live" in console.text


async def test_on_a_narrow_screen_the_details_take_the_lists_place(shop: Project) -> None:
    async with console_on(shop, size=(64, 20)) as console:
        await console.choose("db:migrate")
        assert "Payload" not in console.text
        await console.press("e")
        await console.sees("Payload  Runs  Schedule  Source")
        assert "Tasks (6)" not in console.text
        await console.press("escape")
        await console.sees("Tasks (6)")


@pytest.mark.parametrize("size", [(59, 30), (100, 15)])
async def test_a_screen_that_is_too_small_says_so(shop: Project, size: tuple[int, int]) -> None:
    async with console_on(shop, size=size) as console:
        assert "at least 60 columns and 16 rows" in console.text
        await console.pilot.resize_terminal(80, 24)
        await console.sees("Tasks (6)")
