"""What the list of past fires says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from textual import on
from textual.app import App, ComposeResult

from taskconsole.widgets.fire_list import FireList
from taskengine.records import FireOutcome, PastFire, RunSummary
from taskengine.run import RunState, Trigger

NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
AT = NOW - timedelta(minutes=1)


class Page(App[None]):
    """A page with nothing but the list."""

    def __init__(self) -> None:
        super().__init__()
        self.picked: list[int] = []

    def compose(self) -> ComposeResult:
        yield FireList()

    @on(FireList.Picked)
    def _pick(self, event: FireList.Picked) -> None:
        self.picked.append(event.run_id)


def a_fire(
    outcome: FireOutcome = FireOutcome.FIRED,
    *,
    run_id: int | None = None,
    pid: int | None = None,
    at: datetime = AT,
    count: int = 1,
) -> PastFire:
    last = at + timedelta(minutes=count - 1)
    return PastFire(
        task="x", at=at, last=last, outcome=outcome, run_id=run_id, pid=pid, count=count
    )


def a_run(state: RunState = RunState.DONE) -> RunSummary:
    return RunSummary(
        id=7,
        task="x",
        trigger=Trigger.SCHEDULE,
        state=state,
        queued_at=AT,
        scheduled_time=AT,
        started_at=AT + timedelta(milliseconds=3),
        ended_at=AT + timedelta(seconds=1.203),
    )


async def said(fire: PastFire, *runs: RunSummary) -> str:
    async with Page().run_test() as pilot:
        listed = pilot.app.query_one(FireList)
        listed.show([fire], {run.id: run for run in runs}, NOW, UTC)
        return str(listed.get_option_at_index(0).prompt)


async def test_a_fire_tells_how_its_run_went_and_how_late_it_was() -> None:
    assert await said(a_fire(run_id=7), a_run()) == "✓ 04:59:00  #7 done 1.2s  3ms late"
    failed = a_run(RunState.FAILED)
    assert (await said(a_fire(run_id=7), failed)).startswith("✗ 04:59:00  #7 failed")


async def test_a_fire_whose_run_is_not_kept_any_more_tells_its_number() -> None:
    assert await said(a_fire(run_id=7)) == "» 04:59:00  fired #7"


async def test_a_fire_that_could_begin_no_run_is_not_told_as_if_it_had() -> None:
    assert await said(a_fire()) == "» 04:59:00  fired, no run"


async def test_every_other_outcome_is_told() -> None:
    outcome = FireOutcome
    assert await said(a_fire(outcome.SKIPPED, run_id=7)) == "↷ 04:59:00  skipped #7"
    assert await said(a_fire(outcome.ELSEWHERE, pid=47)) == "» 04:59:00  claimed by process 47"
    assert await said(a_fire(outcome.ELSEWHERE)) == "» 04:59:00  claimed elsewhere"
    assert await said(a_fire(outcome.MISSED)) == "! 04:59:00  missed"
    assert await said(a_fire(outcome.DISMISSED)) == "! 04:59:00  missed, dismissed"
    made_up = a_fire(outcome.MADE_UP, run_id=7)
    assert await said(made_up) == "! 04:59:00  missed, made up for by #7"


async def test_fires_that_were_missed_together_are_one_row() -> None:
    missed = a_fire(FireOutcome.MISSED, at=NOW - timedelta(days=2), count=1_441)
    row = await said(missed)
    assert row == "! 2026-11-25 05:00 to yesterday 05:00  1,441 fires missed"


def in_order(count: int) -> Sequence[PastFire]:
    """So many fires, the latest first."""
    return [
        a_fire(run_id=number, at=AT + timedelta(minutes=number)) for number in range(count, 0, -1)
    ]


async def test_enter_picks_the_run_of_a_fire() -> None:
    app = Page()
    async with app.run_test() as pilot:
        app.query_one(FireList).show([a_fire(FireOutcome.MISSED), *in_order(2)], {}, NOW, UTC)
        app.query_one(FireList).focus()
        await pilot.press("enter", "j", "enter", "down", "enter")
        assert app.picked == [2, 1]


async def test_the_cursor_stays_on_its_fire_when_another_one_comes() -> None:
    app = Page()
    async with app.run_test() as pilot:
        listed = app.query_one(FireList)
        listed.show(in_order(3), {}, NOW, UTC)
        listed.focus()
        await pilot.press("down")
        listed.show(in_order(4), {}, NOW, UTC)
        await pilot.press("enter")
        assert app.picked == [2]


async def test_the_list_takes_no_room_without_a_fire() -> None:
    async with Page().run_test() as pilot:
        listed = pilot.app.query_one(FireList)
        assert not listed.display
        listed.show(in_order(1), {}, NOW, UTC)
        assert listed.display
        listed.show([], {}, NOW, UTC)
        assert not listed.display
