"""Keys that are typed faster than the console takes them."""

from textual.events import Key
from textual.keys import _character_to_key

from support.console import Console, RecordedPrograms, console_on, is_ready, make_console
from support.project import Project
from taskconsole.widgets.task_list.filter_input import FilterInput
from taskengine.client.local import LocalHandle


async def test_what_is_typed_after_the_filter_is_no_part_of_it(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("slash")
        await console.type("migrate")
        console.app.post_message(Key("enter", "\r"))
        console.app.post_message(Key("r", "r"))
        await console.until(lambda: console.handle.task_status("db:migrate").last is not None)


async def test_what_is_typed_before_the_first_picture_counts_in_its_order(shop: Project) -> None:
    shop.write(
        "tasks/echo.py",
        "from taskengine import task\n@task\ndef run(event):\n    return event.payload\n",
    )
    app, clock = make_console(shop)
    assert isinstance(app.handle, LocalHandle)
    typed = ["j", "k", "/", "e", "c", "h", "o", "enter", "e", "f7", *'{"q": [3]}', "ctrl+j"]
    try:
        async with app.run_test(size=(120, 36)) as pilot:
            assert app.main.workbench is None
            console = Console(app, app.handle, clock, pilot, RecordedPrograms())
            post(console, *typed)
            await console.until(lambda: is_ready(app))
            await console.sees("echo  manual", '✓ result {"q": [3]}')
    finally:
        await app.handle.stop()


async def test_keys_that_come_at_once_are_each_for_what_the_one_before_has_opened(
    shop: Project,
) -> None:
    async with console_on(shop) as console:
        for place in ("MainScreen", "RunsScreen"):
            post(console, "/", *"apR", "escape", "/", *"Xar")
            await console.until(lambda: typed_filters(console) == ["Xar"])
            assert type(console.app.screen).__name__ == place
            assert not console.handle.active_runs()
            assert console.handle.task_status("cms:update").last is None
            post(console, "escape", "2")
            await console.until(lambda: console.app.screen.has_class("-runs"))


def post(console: Console, *keys: str) -> None:
    for key in keys:
        is_character = len(key) == 1
        name = _character_to_key(key) if is_character else key
        console.app.post_message(Key(name, key if is_character else None))


def typed_filters(console: Console) -> list[str]:
    return [line.value for line in console.app.screen.query(FilterInput)]
