"""A table of runs is filled as it is looked at, and kept up to date where it is."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from support.past import NOON, Past, summary
from support.widgets import Stage, staged
from taskconsole.screens.runs_feed import RunFeed
from taskconsole.widgets.run_table.pages import HELD_AT_MOST, PAGE
from taskconsole.widgets.run_table.widget import RunTable
from taskengine.events import RunEnded, RunQueued
from taskengine.records import RunQuery, RunSummary
from taskengine.run import Run, RunState

ALL = RunQuery()
FAILED = RunQuery(states=frozenset({RunState.FAILED}))


class FedTable(RunTable):
    """Tells a feed what is seen, as the screen does."""

    feed: RunFeed | None = None

    def on_run_table_seen(self, event: RunTable.Seen) -> None:
        if self.feed:
            self.feed.see(is_end_wanted=event.is_end_wanted)


@dataclass
class Fed:
    stage: Stage[FedTable]
    past: Past
    feed: RunFeed

    @property
    def table(self) -> FedTable:
        return self.stage.widget

    async def until_calm(self) -> None:
        await self.stage.until(lambda: not self.feed.is_at_work)
        await self.stage.pilot.pause(0)

    async def happen(self, run: RunSummary, kind: type[RunQueued | RunEnded] = RunEnded) -> None:
        """Something happens to a run: the feed hears of it, and looks again."""
        self.past.changed[run.id] = run
        self.past.count = max(self.past.count, run.id)
        asked = len(self.past.asked)
        self.feed.take_events([kind(at=NOON, run=as_run(run))])
        await self.stage.until(lambda: len(self.past.asked) > asked)
        await self.until_calm()

    @property
    def rows(self) -> list[str]:
        return [line[:66].rstrip() for line in self.stage.text.splitlines() if "#" in line]

    @property
    def ids(self) -> list[str]:
        return [re.findall(r"#(\d+)", row)[0] for row in self.rows]


def as_run(run: RunSummary) -> Run:
    return Run(
        id=run.id,
        task=run.task,
        payload={},
        trigger=run.trigger,
        state=run.state,
        queued_at=run.queued_at,
    )


@asynccontextmanager
async def fed(past: Past, query: RunQuery = ALL, height: int = 10) -> AsyncIterator[Fed]:
    async with staged(FedTable(), size=(80, height)) as stage:
        feed = RunFeed(past, stage.widget, lambda: None)
        stage.widget.feed = feed
        feed.tick()
        feed.look_for(query)
        one = Fed(stage, past, feed)
        await one.until_calm()
        yield one


async def test_of_a_million_runs_only_what_is_seen_is_asked_for() -> None:
    async with fed(Past(1_000_000)) as one:
        assert "#1000000" in one.rows[0]
        assert one.past.asked == [(None, PAGE)]
        await one.stage.press("pagedown")
        assert "▌" in one.rows[9]
        assert "#999991" in one.rows[9]
        assert len(one.past.asked) == 1


async def test_older_runs_come_as_one_scrolls_and_few_are_held() -> None:
    async with fed(Past(60_000)) as one:
        for _ in range(3):
            await one.stage.press("end", "home")
            await one.until_calm()
        await one.stage.press("end")
        await one.stage.until(lambda: one.table.pages.is_complete)
        await one.until_calm()
        assert " #1 " in one.rows[-1]
        assert one.table.pages.count == 60_000
        held = [page for page in one.table.pages.covering(range(60_000)) if page.runs]
        assert len(held) <= HELD_AT_MOST


async def test_what_was_let_go_is_fetched_again_when_it_is_seen() -> None:
    async with fed(Past(60_000)) as one:
        await one.stage.press("end")
        await one.stage.until(lambda: one.table.pages.is_complete)
        await one.until_calm()
        middle = one.table.pages.covering(range(20_000, 20_001))[0]
        assert middle.runs is None
        one.table.cursor = 20_000
        await one.stage.until(lambda: middle.runs is not None)
        await one.stage.sees("#40000 ")


async def test_a_new_run_moves_nothing_that_is_looked_at() -> None:
    async with fed(Past(500)) as one:
        await one.stage.press("down", "down", "down")
        one.table.scroll_to(y=2, animate=False, immediate=True)
        await one.stage.pilot.pause(0)
        before = one.rows
        await one.happen(replace(summary(501), state=RunState.RUNNING), RunQueued)
        assert one.rows == before
        assert one.table.chosen == summary(497)


async def test_the_first_row_goes_along_with_the_newest_run() -> None:
    async with fed(Past(500)) as one:
        await one.happen(replace(summary(501), state=RunState.RUNNING), RunQueued)
        assert "#501" in one.rows[0]
        assert one.table.chosen is not None
        assert one.table.chosen.id == 501


async def test_a_run_that_ends_is_told_in_its_row() -> None:
    past = Past(500)
    past.changed[498] = replace(summary(498), state=RunState.RUNNING, ended_at=None)
    async with fed(past) as one:
        assert "running" in one.rows[2]
        await one.happen(replace(summary(498), state=RunState.FAILED, error="ValueError: no"))
        assert "✗ failed" in one.rows[2]
        assert "ValueErr" in one.stage.text


async def test_a_run_that_is_not_asked_for_any_more_leaves() -> None:
    past = Past(500)
    for number in (100, 200, 300):
        past.changed[number] = replace(summary(number), state=RunState.FAILED)
    async with fed(past, FAILED) as one:
        assert one.ids == ["300", "200", "100"]
        await one.happen(summary(200))
        assert one.ids == ["300", "100"]


async def test_what_has_happened_to_other_runs_brings_no_row() -> None:
    past = Past(500)
    past.changed[300] = replace(summary(300), state=RunState.FAILED)
    async with fed(past, FAILED) as one:
        await one.happen(summary(501))
        assert len(one.rows) == 1


async def test_a_search_goes_on_over_pages_with_nothing_in_them() -> None:
    past = Past(50_000, patience=1_000)
    past.changed[7] = replace(summary(7), state=RunState.FAILED)
    async with fed(past, FAILED) as one:
        assert "#7 " in one.rows[0]
        assert one.table.pages.is_complete


async def test_a_search_tells_how_far_it_has_come_and_can_be_stopped() -> None:
    past = Past(10**9, patience=10)
    async with staged(FedTable()) as stage:
        feed = RunFeed(past, stage.widget, lambda: None)
        feed.look_for(FAILED)
        await stage.until(lambda: feed.reached is not None)
        feed.stop()
        asked = len(past.asked)
        await stage.pilot.pause(0)
        assert len(past.asked) == asked
        assert not feed.is_at_work
        assert stage.widget.pages.rest is not None


async def test_another_query_takes_the_place_of_the_one_before() -> None:
    async with fed(Past(10**9, patience=10), RunQuery(task="task:1")) as one:
        one.feed.look_for(FAILED)
        await one.stage.until(lambda: one.feed.reached is not None)
        one.feed.look_for(RunQuery(task="task:3"))
        await one.until_calm()
        assert all("task:3" in row for row in one.rows)
        assert one.rows


async def test_a_long_list_of_new_runs_is_held_in_pages_too() -> None:
    async with fed(Past(100)) as one:
        one.past.count = 3_000
        first = summary(101)
        await one.happen(replace(first, task="first"))
        assert one.table.pages.count == 3_000
        assert len(one.table.pages.covering(range(3_000))) > 1
