"""What was missed, what is put off, and what can be done about it."""

from datetime import UTC, datetime, timedelta

from support.widgets import staged
from taskconsole.widgets.pending_list import PendingList
from taskengine.run import DelayedRun, MissedFires

NOW = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)
MISSED = MissedFires(
    id=1,
    task="a",
    cron="0 * * * *",
    timezone="UTC",
    payload={"n": 1},
    first=NOW - timedelta(hours=3),
    last=NOW - timedelta(minutes=3, seconds=21),
    count=3,
)
LATER = DelayedRun(
    id=7, task="a", payload={"x": "\x1b[2J"}, at=NOW + timedelta(minutes=10), created_at=NOW
)


async def test_both_are_told_in_a_line() -> None:
    pending = PendingList()
    async with staged(pending) as stage:
        pending.show([MISSED, LATER], NOW, UTC)
        await stage.sees(
            '! missed 3 fires, the last 14:00:00  0 * * * *  {"n": 1}',
            "» runs once today 14:13:21, in 10:00  ",
        )


async def test_without_anything_it_takes_no_room() -> None:
    pending = PendingList()
    async with staged(pending) as stage:
        pending.show([MISSED], NOW, UTC)
        await stage.sees("missed")
        pending.show([], NOW, UTC)
        await stage.until(lambda: not pending.display)


async def test_missed_fires_can_be_run_or_dismissed() -> None:
    pending = PendingList()
    async with staged(pending) as stage:
        pending.show([MISSED, LATER], NOW, UTC)
        await stage.sees("missed")
        pending.focus()
        await stage.press("enter", "D")
        assert [message.missed for message in stage.told(PendingList.RunRequested)] == [MISSED]
        assert [message.pending for message in stage.told(PendingList.DropRequested)] == [MISSED]


async def test_a_run_that_is_put_off_can_only_be_called_off() -> None:
    pending = PendingList()
    async with staged(pending) as stage:
        pending.show([MISSED, LATER], NOW, UTC)
        await stage.sees("missed")
        pending.focus()
        await stage.press("j", "enter", "D")
        assert stage.told(PendingList.RunRequested) == []
        assert [message.pending for message in stage.told(PendingList.DropRequested)] == [LATER]


async def test_the_time_goes_on_under_the_cursor() -> None:
    pending = PendingList()
    async with staged(pending) as stage:
        pending.show([MISSED, LATER], NOW, UTC)
        await stage.sees("in 10:00")
        pending.focus()
        await stage.press("j")
        pending.show([MISSED, LATER], NOW + timedelta(minutes=1), UTC)
        await stage.sees("in 9:00")
        assert pending.highlighted == 1
