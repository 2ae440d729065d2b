"""The options of a task, and where they come from."""

from support.widgets import staged
from taskconsole.widgets.option_view import OptionTab
from taskengine.client.views import OptionView

OPTIONS = (
    OptionView(name="timeout", value="30 s", source="tasks/db/migrate.py:4"),
    OptionView(name="backoff", value="6 s, then x 1.5 each time up to 5 min", source="default"),
)


async def test_what_was_written_has_its_place_and_long_values_go_on_below_themselves() -> None:
    tab = OptionTab()
    async with staged(tab, size=(37, 10)) as stage:
        tab.show(OPTIONS)
        await stage.sees("timeout  30 s", "         tasks/db/migrate.py:4")
        await stage.sees("backoff  6 s, then x 1.5 each time", "\n          up to 5 min")
        assert "default" not in stage.text


async def test_a_task_that_is_not_loaded_has_none_to_show() -> None:
    tab = OptionTab()
    async with staged(tab) as stage:
        tab.show(())
        await stage.sees("not loaded yet")


async def test_a_number_and_its_unit_stay_together() -> None:
    tab = OptionTab()
    async with staged(tab, size=(26, 10)) as stage:
        tab.show((OptionView(name="backoff", value="4 s, up to 30 s", source="default"),))
        await stage.sees("backoff  4 s, up to", "\n          30 s")


async def test_a_place_is_not_broken_while_there_is_room_further_left() -> None:
    tab = OptionTab()
    async with staged(tab, size=(30, 10)) as stage:
        tab.show((OptionView(name="concurrency", value="queue", source="tasks/db/migrate.py:4"),))
        await stage.sees("concurrency  queue", "\n       tasks/db/migrate.py:4")
