"""Fills a table of runs: with what a query asks for, a page at a time, and kept up to date."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from textual.timer import Timer

from taskconsole.phrases import past
from taskconsole.widgets.run_table.pages import PAGE, Page
from taskconsole.widgets.run_table.widget import RunTable
from taskconsole.workers import replace_worker
from taskengine.client.views import EngineStatus
from taskengine.errors import TaskError
from taskengine.events import Event, RunEvent
from taskengine.records import RunPage, RunQuery, RunSummary
from taskengine.run import Run

_AHEAD = 100  # rows below the last one on the screen
_LEAP = 1_000  # runs a page while the end is looked for
_CALM_SECONDS = 0.1  # between two looks at what events have changed


class RunSource(Protocol):
    """What a handle tells of runs."""

    @property
    def status(self) -> EngineStatus:
        """The engine at a glance, with its zone."""

    def now(self) -> datetime:
        """The engine's present instant, aware, in UTC."""

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """The runs that a query asks for, newest first, from below the number `before`."""


class RunFeed:
    """Asks for pages, one at a time, as the table needs them.

    `told` is called when it has found or begun something. `reached` is the instant that a search
    has come back to, where it takes long enough to be told. `trouble` is why nothing is found at
    present, empty if nothing keeps it from that.
    """

    def __init__(self, source: RunSource, table: RunTable, told: Callable[[], None]) -> None:
        self._source = source
        self._table = table
        self._told = told
        self.query = RunQuery()
        self.reached: datetime | None = None
        self.is_stopped = False
        self.is_at_work = False
        self.trouble = ""
        self._wants_end = False
        self._end_seen = 0
        self._stale: dict[int, datetime] = {}
        self._calm: Timer | None = None

    def look_for(self, query: RunQuery) -> None:
        """List the runs that a query asks for, from the newest on."""
        self.query = query
        self._stale.clear()
        self._go_on()
        self._table.begin()
        self._work_on()

    def _go_on(self) -> None:
        self.reached, self.is_stopped, self._wants_end = None, False, False

    def stop(self) -> None:
        """Look no further back until the end is asked for."""
        self.is_stopped, self._wants_end = True, False
        self._table.workers.cancel_group(self._table, "runs")
        self.is_at_work = False
        self._told()

    @property
    def search_words(self) -> str:
        """How far back a search has come, and how it goes on or ends; empty if it is quick."""
        rest = self._table.pages.rest
        if rest is None:
            return ""
        if self.is_stopped:
            return f"stopped at #{rest} · end goes on"
        if self.reached is None:
            return ""
        back = past(self.reached, self._source.now(), self._zone)
        return f"searched back to {back}, #{rest} … escape stops"

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._source.status.timezone)

    def see(self, *, is_end_wanted: bool = False) -> None:
        """The table shows other rows, or the user wants to see the last one."""
        if is_end_wanted:
            self._go_on()
            self._wants_end, self._end_seen = True, self._table.cursor
        self._work_on_if_needed()

    def take_events(self, batch: Iterable[Event]) -> None:
        """Look again, in a moment, at the runs that something has happened to."""
        self._look_again_at(event.run for event in batch if isinstance(event, RunEvent))

    def _look_again_at(self, runs: Iterable[Run | RunSummary]) -> None:
        self._stale.update((run.id, run.queued_at) for run in runs)
        if self._stale and self._calm is None:
            self._calm = self._table.set_timer(_CALM_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self._calm = None
        self._work_on_if_needed()

    def tick(self) -> None:
        """Time has gone on: the runs on the screen that go on may have written more."""
        self._table.tick(self._source.now(), self._zone)
        if self.trouble:
            self._work_on_if_needed()
        shown = map(self._table.pages.at, self._table.seen)
        self._look_again_at(run for run in shown if run and not run.state.is_final)

    # Work, in one worker at a time

    def _work_on_if_needed(self) -> None:
        if not self.is_at_work:
            self._work_on()

    def _work_on(self) -> None:
        self.is_at_work = True
        self._told()
        replace_worker(self._table, self._work, "runs")

    async def _work(self) -> None:
        try:
            await self._work_off()
            self.trouble = ""
        except TaskError as error:
            self.trouble = str(error)  # it is tried again as time goes on
        self.is_at_work = self._wants_end = False
        self.reached = None
        self._told()

    async def _work_off(self) -> None:
        while True:
            if (page := self._missing_page()) is not None:
                await self._fetch(page)
            elif stale := self._take_stale():
                await self._try_to_renew(*stale)
            elif self._needs_more():
                await self._extend()
            else:
                break
            await asyncio.sleep(0)  # keys come first, also where answers come at once

    def _missing_page(self) -> Page | None:
        """A page on the screen that is not held."""
        seen = self._table.pages.covering(self._table.seen)
        return next((page for page in seen if page.runs is None), None)

    def _take_stale(self) -> tuple[Page, Mapping[int, datetime]] | None:
        """The first page with runs that something has happened to, and those runs."""
        pages = self._table.pages
        while self._stale and pages.is_begun and self._calm is None:
            page = pages.page_of(max(self._stale))
            end = pages.end_of(page) if page else None
            mine = {one: at for one, at in self._stale.items() if end is None or one >= end}
            self._stale = {one: at for one, at in self._stale.items() if one not in mine}
            if page is None:
                self._stale.clear()
            elif page.runs is not None:
                return page, mine
        return None

    def _needs_more(self) -> bool:
        pages, table = self._table.pages, self._table
        if pages.is_complete or self.is_stopped:
            return False
        return self._wants_end or pages.count < table.seen.start + table.size.height + _AHEAD

    async def _fetch(self, page: Page) -> None:
        """Hold a page again, from above it down to where the next one begins."""
        end = self._table.pages.end_of(page)
        found = await self._ask_down_to(self.query, page.before, end, page.size)
        self._table.pages.put(page, found)
        self._rows_changed()

    async def _try_to_renew(self, page: Page, stale: Mapping[int, datetime]) -> None:
        try:
            await self._renew(page, stale)
        except TaskError:
            self._stale.update(stale)
            raise

    async def _renew(self, page: Page, stale: Mapping[int, datetime]) -> None:
        """Bring some runs of a page up to date; those that are not asked for any more go."""
        since = min(stale.values())
        query = replace(self.query, since=max(since, self.query.since or since))
        held = sum(run.id >= min(stale) for run in page.runs or ())
        found = await self._ask_down_to(query, page.before, min(stale), held + len(stale))
        known = {run.id: run for run in page.runs or () if run.id not in stale}
        known.update((run.id, run) for run in found)
        self._table.pages.put(page, tuple(known[one] for one in sorted(known, reverse=True)))
        self._rows_changed()

    async def _ask_down_to(
        self, query: RunQuery, before: int | None, end: int | None, size: int
    ) -> tuple[RunSummary, ...]:
        """The runs from below `before` down to the number `end`; about `size` are expected."""
        found: list[RunSummary] = []
        while True:
            answer = await self._source.runs(query, before=before, limit=max(size, PAGE // 4))
            found += (run for run in answer.runs if end is None or run.id >= end)
            before = answer.before
            if before is None or (end is not None and before <= end):
                return tuple(found)

    async def _extend(self) -> None:
        """Add what comes after the last row."""
        table, limit = self._table, _LEAP if self._wants_end else PAGE
        answer = await self._source.runs(self.query, before=table.pages.rest, limit=limit)
        table.pages.append(answer.runs, answer.before)
        is_far = self._wants_end or len(answer.runs) < limit
        self.reached = await self._instant_of(answer) if answer.before and is_far else None
        self._rows_changed()
        self._go_with_the_end()

    def _go_with_the_end(self) -> None:
        """Have the cursor on the last row while that is looked for, unless the user moves it."""
        if self._wants_end:
            self._wants_end = self._table.cursor == self._end_seen
        if self._wants_end:
            self._table.cursor = self._end_seen = self._table.pages.count - 1

    async def _instant_of(self, page: RunPage) -> datetime | None:
        """When the run was queued at which a page ended."""
        if page.runs and self._wants_end:
            return page.runs[-1].queued_at
        last = await self._source.runs(RunQuery(), before=page.before, limit=1)
        return last.runs[0].queued_at if last.runs else None

    def _rows_changed(self) -> None:
        pages, table = self._table.pages, self._table
        cursor = range(table.cursor, table.cursor + 1)
        pages.let_go([*pages.covering(table.seen), *pages.covering(cursor)])
        table.rows_changed()
        self._told()
