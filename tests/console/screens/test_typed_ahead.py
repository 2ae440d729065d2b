"""Keys that are typed faster than the console takes them."""

from textual.events import Key

from support.console import console_on
from support.project import Project


async def test_what_is_typed_after_the_filter_is_no_part_of_it(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("slash")
        await console.type("migrate")
        console.app.post_message(Key("enter", "\r"))
        console.app.post_message(Key("r", "r"))
        await console.until(lambda: console.handle.task_status("db:migrate").last is not None)
