"""Finding one's way: filter, sort, fold, keys, mouse, palette, help, and sizes of the screen."""

from textual.command import CommandList

from support.console import Console, console_on
from support.project import Project
from taskconsole.screens.help import sections
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.search_bar import SearchBar
from taskconsole.widgets.task_list.widget import TaskList


async def test_a_filter_lists_only_what_matches_until_it_is_cleared(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("slash")
        await console.type("dbva")
        await console.sees("Tasks (1/6)", "db:vacuum", "╭─ db:vacuum")
        await console.press("escape")
        assert "Tasks (6)" in console.text
        assert "vacuum" in console.row("vacuum")

        await console.press("slash")
        await console.type("vac")
        await console.press("enter")
        assert console.app.focused is not None
        assert "Tasks (1/6)" in console.text
        await console.press("escape")
        assert "Tasks (6)" in console.text

        await console.choose("db:vacuum")
        await console.press("slash")
        await console.type("zzz")
        await console.sees("No task matches “zzz”", "escape clears", "Tasks (0/6)")
        assert "Engine output" not in console.text
        assert "db:vacuum" not in console.text
        assert "r Run" not in console.text
        await console.press("escape")
        await console.sees("Tasks (6)", "╭─ db:vacuum")
        assert "No task matches" not in console.text


async def test_sorting_by_next_fire_makes_the_list_flat(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("s")
        await console.sees("sorted by next fire")
        lines = console.text.splitlines()
        order = [next(i for i, line in enumerate(lines) if name in line) for name in BY_FIRE]
        assert order == sorted(order)


async def test_keys_that_type_nothing_are_told_while_something_is_typed(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.run("cms:update", "✓ done")
        await console.press("slash", "u")
        await console.sees("⏎ To the list  esc Clear filter")
        await console.press("enter", "z", "slash", "f")
        await console.sees("esc End search  ↑ Previous hit  ↓ Next hit  ⏎ To the log")
        known = {key.words: key for section in sections(console.app.screen) for key in section.keys}
        assert known["Keep the search"].works
        assert known["Go to the next hit of the search"].names == ("↓",)
        assert not known["Pause the schedules of the chosen task"].works


async def test_what_is_filtered_is_not_said_to_be_sorted(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("s", "slash", "d", "b", "enter")
        await console.sees("best match first", "Tasks (3/6)")
        assert "▾" not in console.text
        assert "s Sort" not in console.text
        await console.pilot.click("ColumnTitles", offset=(6, 0))
        await console.press("s", "escape")
        await console.sees("sorted by next fire", "Next fire▾", "s Sort")


BY_FIRE = ("cms:update", "db:cleanup", "db:vacuum", "db:migrate")


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


async def test_clicks_choose_fold_turn_sort_and_press_keys(shop: Project) -> None:
    async with console_on(shop) as console:
        lines = console.text.splitlines()
        place = next(i for i, line in enumerate(lines) if "vacuum" in line)
        await console.pilot.click(offset=(12, place))
        await console.sees("╭─ db:vacuum")
        await console.pilot.click("TabBar", offset=(17, 0))
        await console.sees("Next fires (Europe/London)")
        group = next(i for i, line in enumerate(lines) if "▾ db" in line)
        await console.pilot.click(offset=(4, group))
        await console.sees("▸ db  3")
        await console.pilot.click("ColumnTitles", offset=(40, 0))
        await console.sees("sorted by next fire", "Next fire▾")
        await console.pilot.click("KeyBar", offset=(console.text.splitlines()[-1].index("Help"), 0))
        await console.sees("╭─ Keys")


async def test_help_tells_every_key_of_the_screen_over_it(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        known = {key.words: key for section in sections(console.app.screen) for key in section.keys}
        of_list = known["Run the chosen task with the payload in its editor"]
        assert (of_list.names, of_list.works) == (("r",), True)
        assert not known["Cancel the run that goes on"].works
        assert known["Search in this log"].names == ("/",)
        assert not known["Search in this log"].works
        await console.press("question_mark")
        await console.sees("╭─ Keys", "Run the chosen task", "Go to the next row")
        await console.press("escape")
        assert "╭─ Keys" not in console.text


async def test_while_typing_letters_are_text_and_help_is_another_key(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("e", "question_mark", "slash")
        assert "{?/}" in console.text
        footer = console.text.splitlines()[-1]
        assert "f1 Help" in footer
        assert "/ Filter" not in footer
        await console.press("f1")
        await console.sees("╭─ Keys", "Put an earlier payload")


async def test_the_palette_goes_anywhere_runs_any_task_and_has_the_commands(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:vacuum")
        await console.press("left", "left", "home", "ctrl+p")
        await console.type("go to vacuum")
        await console.sees("Go to db:vacuum")
        await console.press("enter")
        await console.sees("╭─ db:vacuum")

        await console.press("ctrl+p")
        await console.type("run cmsup")
        await console.sees("Run cms:update")
        await console.press("enter")
        await console.sees("╭─ #1 cms:update", "fetching 12 pages")

        await console.press("ctrl+p")
        await console.type("problems")
        await console.sees("Show what is wrong with the project")
        await console.press("enter")
        await console.sees("╭─ 1 problem")


async def palette_commands(console: Console) -> list[str]:
    """What the palette lists before anything is typed."""
    await console.press("ctrl+p")
    options = console.app.screen.query_one(CommandList)
    await console.until(lambda: options.option_count > 0)
    listed = [str(option.prompt).splitlines()[0] for option in options.options]
    await console.press("escape")
    return listed


async def test_the_palette_offers_what_would_do_something_and_nothing_else(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("home", "down")
        assert "▾ cms" in console.text.splitlines()[4]
        of_group = await palette_commands(console)
        assert "Filter" in of_group
        assert not {"Run", "New task", "Edit payload", "Open", "Tasks"} & set(of_group)
        await console.choose("db:vacuum")
        of_task = await palette_commands(console)
        assert {"Run", "Pause", "Edit payload"} <= set(of_task)
        assert not {"New task", "Resume", "Cancel", "Rerun"} & set(of_task)


async def test_the_theme_changes_by_a_key(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("f8")
        assert console.app.theme == "taskconsole-light"
        await console.press("f8")
        assert console.app.theme == "taskconsole-dark"


async def test_a_short_message_takes_little_room(shop: Project) -> None:
    async with console_on(shop) as console:
        shop.task("greet.py", "return 1")
        await console.sees("added greet")
        assert console.app.screen.query_one("Toast").outer_size.width < 20


async def test_a_problem_is_not_told_to_who_sees_it_anyway(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("4")
        shop.write("tasks/bad.py", "from taskengine import task\n\nraise KeyError('bad')\n")
        await console.sees("╭─ 2 problems", "added bad")
        toasts = console.app.screen.query("Toast")
        assert not any("KeyError" in str(toast.render()) for toast in toasts)


def is_complete(console: Console) -> bool:
    footer = console.text.splitlines()[-1]
    return all(word in footer for word in ("? Help", "^p Commands", "q Quit"))


async def test_keys_that_matter_keep_their_room_in_any_size(shop: Project) -> None:
    async with console_on(shop) as console:
        for size in ((120, 36), (80, 24), (64, 20), (60, 16)):
            await console.pilot.resize_terminal(*size)
            await console.until(lambda: is_complete(console))
            assert "● live" in console.text
            if size == (80, 24):
                await console.choose("db:vacuum")
                assert "/ Filter" in console.text.splitlines()[-1]
        await console.choose("db:migrate")
        await console.press("e")
        footer = console.text.splitlines()[-1]
        assert "^j Run" in footer
        assert "esc Back" in footer


async def test_nothing_is_run_from_a_line_that_is_searched_or_filtered_with(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("slash", "ctrl+j")
        assert "Run" not in console.text.splitlines()[-1]
        await console.press("escape")
        console.app.screen.query_one(LogView).focus()
        await console.press("slash", "ctrl+j")
        assert isinstance(console.app.focused, SearchBar)
        assert "Run" not in console.text.splitlines()[-1]
        assert not await console.runs_of(None)


async def test_on_a_narrow_screen_the_details_take_the_lists_place(shop: Project) -> None:
    async with console_on(shop, size=(64, 20)) as console:
        await console.choose("db:migrate")
        assert "Payload" not in console.text
        await console.press("e")
        await console.sees("Payload  Runs  Schedule  Options  Source")
        assert "Tasks (6)" not in console.text
        await console.press("escape")
        await console.sees("Tasks (6)")
        await console.press("slash")
        await console.type("migr")
        await console.press("enter", "right_square_bracket", "right_square_bracket")
        await console.sees("No schedule: this task runs when somebody runs it.")
        await console.press("escape")
        await console.sees("Tasks (1/6)")


async def test_the_last_outcome_is_seen_on_a_small_screen(shop: Project) -> None:
    async with console_on(shop, size=(80, 24)) as console:
        await console.run("cms:update", "✓ done")
        await console.until(lambda: "✓ 0ms" in console.row("update"))
        assert " Wed 03:00 " in console.row("vacuum")


async def test_a_screen_that_is_too_small_says_so(shop: Project) -> None:
    too_small = "at least 60 columns and 16 rows"
    async with console_on(shop, size=(59, 30)) as console:
        assert too_small in console.text
        await console.pilot.resize_terminal(80, 24)
        await console.sees("Tasks (6)")
        await console.pilot.resize_terminal(100, 15)
        await console.sees(too_small)
        await console.pilot.resize_terminal(80, 24)
        await console.sees("Tasks (6)")
        await console.until(lambda: isinstance(console.app.focused, TaskList))


async def test_the_palette_takes_what_tasks_say_of_themselves_as_it_stands(shop: Project) -> None:
    words = r"[/bold] like [/tmp [red]this[/red] \[b]"
    shop.write(
        "tasks/odd.py",
        f"from taskengine import task\n@task(description={words!r})\ndef run(event): ...\n",
    )
    async with console_on(shop) as console:
        await console.press("ctrl+p")
        await console.type("go to odd")
        await console.sees("Go to odd", words)
