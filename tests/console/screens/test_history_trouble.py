"""What the console says while its history can't be written."""

import asyncio
from pathlib import Path

from support.console import console_on
from support.project import Project
from taskengine.history.history import Report
from taskengine.history.leftovers import Leftovers
from taskengine.history.memory import MemoryHistory
from taskengine.problem import Problem, ProblemKind


class TroubledHistory(MemoryHistory):
    """A history that tells what is wrong with it, on its engine's loop."""

    async def open(self, report: Report) -> Leftovers:
        self._report = report
        self._loop = asyncio.get_running_loop()
        return await super().open(report)

    def tell(self, kind: ProblemKind, problem: Problem | None) -> None:
        self._loop.call_soon_threadsafe(self._report, kind, problem)


def full_disk(root: Path) -> Problem:
    return Problem(
        kind=ProblemKind.HISTORY,
        message="the history can't be written: the disk is full",
        path=root / ".taskconsole" / "history.db",
        hint="Make room. Runs go on with their history in memory.",
    )


async def test_the_header_says_so_as_long_as_it_lasts(shop: Project) -> None:
    history = TroubledHistory()
    async with console_on(shop, history=history) as console:
        history.tell(ProblemKind.HISTORY, full_disk(shop.root))
        await console.sees("◌ history in memory", "▲ 2 problems", ".taskconsole/history.db")
        history.tell(ProblemKind.HISTORY, None)
        await console.sees("▲ 1 problem ", "the history is written again")
        assert "in memory" not in console.text


async def test_a_small_header_says_so_too(shop: Project) -> None:
    for size in ((80, 24), (60, 16)):
        history = TroubledHistory()
        async with console_on(shop, size=size, history=history) as console:
            history.tell(ProblemKind.HISTORY, full_disk(shop.root))
            await console.sees("◌ in memory", "▲ 2 problems", "14:03:21")


async def test_a_history_that_was_set_aside_is_no_history_in_memory(shop: Project) -> None:
    history = TroubledHistory()
    async with console_on(shop, history=history) as console:
        damaged = Problem(kind=ProblemKind.DAMAGED_HISTORY, message="it was damaged")
        history.tell(ProblemKind.DAMAGED_HISTORY, damaged)
        await console.sees("▲ 2 problems")
        assert "in memory" not in console.text


async def test_the_problem_has_its_place_and_hint_and_opens_no_database(shop: Project) -> None:
    history = TroubledHistory()
    async with console_on(shop, history=history) as console:
        history.tell(ProblemKind.HISTORY, full_disk(shop.root))
        await console.sees("▲ 2 problems")
        await console.clear_toasts()  # they would cover it
        await console.press("4", "home")
        await console.sees(".taskconsole/history.db", "the disk is full")
        if "Make room." not in console.text:
            await console.press("down")
        await console.sees("Make room. Runs go on with their history in memory.")
        await console.press("o", "enter")
        assert console.programs.edited == []
