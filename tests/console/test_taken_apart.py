"""Work that is under way when its part of the screen is taken away."""

import asyncio

import pytest
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.events import MouseDown
from textual.worker import WorkerFailed

from support.console import console_on
from support.project import Project
from taskconsole.screens.help import HelpScreen
from taskconsole.widgets.payload_tab import PayloadTab
from taskconsole.widgets.task_list.filter_input import FilterInput


async def ask_too_late(owner: DOMNode, part: str) -> None:
    """Ask for a part at the moment when it is gone, and its owner is not yet."""
    while owner.query(part):  # noqa: ASYNC110 - there is no word of it
        await asyncio.sleep(0)
    owner.query_one(part)


async def test_leaving_bears_with_what_is_under_way(shop: Project) -> None:
    async with console_on(shop) as console:
        tab = console.app.main.query_one(PayloadTab)
        worker = tab.run_worker(ask_too_late(tab, "#validity"))
    assert isinstance(worker.error, NoMatches)
    assert console.app.return_code is None


async def test_a_screen_that_is_left_bears_with_it_too(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("question_mark")
        screen = console.app.screen
        assert isinstance(screen, HelpScreen)
        worker = screen.run_worker(ask_too_late(screen, "Static"))
        await console.press("escape")
        await console.until(lambda: worker.is_finished)
        assert isinstance(worker.error, NoMatches)
        await console.sees("Tasks (6)")
        assert console.app.return_code is None


async def test_what_is_missing_on_a_screen_that_is_there_is_an_error(shop: Project) -> None:
    async def ask_in_vain(owner: DOMNode) -> None:
        owner.query_one("#nowhere")

    async def begin_and_look() -> None:
        async with console_on(shop) as console:
            console.app.main.run_worker(ask_in_vain(console.app.main))
            await console.until(lambda: console.app.return_code == 1)

    with pytest.raises(WorkerFailed, match="nowhere"):
        await begin_and_look()


async def test_a_press_on_what_has_just_left_is_on_nothing(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.press("slash")
        line = console.app.main.query_one(FilterInput)
        x, y = line.region.offset
        await line.remove()
        press = MouseDown(None, x, y, 0, 0, 1, shift=False, meta=False, ctrl=False)
        await console.app.on_event(press)
        await console.press("escape")
        await console.sees("Tasks (6)")
