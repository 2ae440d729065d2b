"""What the file keeps of fires, and who may claim them."""

import asyncio
import shutil
import sqlite3
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.faults import sqlite_error
from support.programs import running
from support.recording import Recording, recording
from support.stores import HASTE
from taskengine.history.fires import FireHistory
from taskengine.history.sqlite.writer import StoreUnavailable
from taskengine.output import OutputBuffer
from taskengine.problem import ProblemKind
from taskengine.records import FireOutcome, PastFire
from taskengine.run import DelayedRun, MissedFires, RunState, Trigger
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLAIMER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from taskengine.history.sqlite.pauses import Pauses
from taskengine.history.sqlite.project_history import ProjectHistory
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

async def main():
    patient = Pauses(busy=60)
    clock = ManualClock(NOON)
    history = ProjectHistory(Path(sys.argv[1]), exclusive=False, clock=clock, pauses=patient)
    await history.open(print)
    print("open", flush=True)
    sys.stdin.readline()
    fires = history.fires
    instants = range(int(sys.argv[2]))
    claims = [fires.claim("a", NOON + timedelta(seconds=n), "job") for n in instants]
    claimed = await asyncio.gather(*claims)
    print(*[n for n, mine in zip(instants, claimed) if mine], flush=True)
    sys.stdin.readline()
    await history.close()

asyncio.run(main())
"""


def opened(root: Path, **options: Any) -> AbstractAsyncContextManager[Recording]:
    """A history whose clock stands at noon; engines that share it wait for each other."""
    plain = {"clock": ManualClock(NOON), "pauses": replace(HASTE, busy=10.0)}
    return recording(root, **{**plain, **options})


def missed(fires: FireHistory, at: datetime = NOON, task: str = "job") -> MissedFires:
    return MissedFires(
        id=fires.next_id(),
        task=task,
        cron="0 * * * *",
        timezone="Europe/Berlin",
        payload={"to": ["ä", 1, None]},
        first=at,
        last=at + HOUR,
        count=2,
    )


def delayed(fires: FireHistory, at: datetime = NOON) -> DelayedRun:
    return DelayedRun(
        id=fires.next_id(), task="job", payload={"to": "ä"}, at=at, created_at=NOON - HOUR
    )


def outage(store: Recording) -> None:
    store.disk.fail("BEGIN", lambda: sqlite_error(sqlite3.SQLITE_FULL))


async def back(store: Recording) -> None:
    store.disk.mend()
    await store.reports.no(ProblemKind.HISTORY)


async def fails(store: Recording) -> None:
    """Let the disk be full, and the store have noticed."""
    outage(store)
    await store.history.fires.note_looks({})
    await store.reports.of(ProblemKind.HISTORY)


async def test_a_fire_is_claimed_once_by_all_engines_there_ever_were(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        fires = store.history.fires
        both = await asyncio.gather(*(fires.claim("a", NOON, "job") for _ in range(2)))
        assert sorted(both) == [False, True]
        assert await fires.claim("b", NOON, "job")

    async with opened(tmp_path) as store:
        assert not await store.history.fires.claim("a", NOON, "job")
        assert await store.history.fires.claim("a", NOON + HOUR, "job")


async def test_a_claim_is_a_look_but_no_step_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        fires = store.history.fires
        await fires.claim("a", NOON + HOUR, "job")
        await fires.claim("a", NOON, "job")
        assert fires.looks() == {"a": NOON + HOUR}

    async with opened(tmp_path) as store:
        assert store.history.fires.looks() == {"a": NOON + HOUR}


async def test_looks_stay_as_they_were_noted_last(tmp_path: Path) -> None:
    micro = timedelta(microseconds=1)
    async with opened(tmp_path) as store:
        fires = store.history.fires
        await fires.note_looks({"a": NOON, "b": NOON, "c": NOON})
        await fires.claim("d", NOON, "job")
        await fires.note_looks({"a": NOON + micro, "b": NOON - HOUR, "c": None, "d": None})

    async with opened(tmp_path) as store:
        fires = store.history.fires
        assert fires.looks() == {"a": NOON + micro, "b": NOON - HOUR}
        assert not await fires.claim("d", NOON, "job")


async def test_missed_fires_are_missed_until_they_are_forgotten_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        fires = store.history.fires
        first, second, third = (missed(fires) for _ in range(3))
        for one in (first, second, third):
            await fires.keep_missed(one)
        assert await fires.forget_missed(first.id)
        assert not await fires.forget_missed(first.id)
        assert await fires.forget_missed(second.id)
        await fires.keep_missed(second)
        assert fires.missed() == [second, third]

    async with opened(tmp_path) as store:
        fires = store.history.fires
        assert fires.missed() == [second, third]
        assert not await fires.forget_missed(first.id)
        assert await fires.forget_missed(third.id)
        assert fires.missed() == [second]


async def test_delayed_runs_come_by_their_instant_in_the_next_engine_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        fires = store.history.fires
        late, early, same = (delayed(fires, at) for at in (NOON, NOON - HOUR, NOON))
        for one in (same, late, early):
            await fires.keep_delayed(one)

    async with opened(tmp_path) as store:
        fires = store.history.fires
        assert fires.delayed() == [early, late, same]
        assert await fires.forget_delayed(late.id)
        assert not await fires.forget_delayed(late.id)
        assert not await fires.take_delayed(late.id)
        assert await fires.take_delayed(early.id)
        assert not await fires.take_delayed(early.id)
        assert fires.delayed() == [same]
        assert await fires.forget_delayed(early.id)
        assert store.look("SELECT id FROM delayed_runs") == [same.id]


async def test_numbers_of_fires_are_never_given_again(tmp_path: Path) -> None:
    given: list[int] = []
    for _ in range(3):
        async with opened(tmp_path) as store:
            fires = store.history.fires
            one, other = missed(fires), delayed(fires)
            await fires.keep_missed(one)
            await fires.keep_delayed(other)
            await fires.forget_missed(one.id)
            await fires.forget_delayed(other.id)
            given += [one.id, other.id]

    assert given == sorted(set(given))


def fired(
    at: datetime,
    run_id: int | None = None,
    outcome: FireOutcome = FireOutcome.FIRED,
    pid: int | None = None,
) -> PastFire:
    return PastFire(task="job", at=at, last=at, outcome=outcome, run_id=run_id, pid=pid)


def past_miss(one: MissedFires, outcome: FireOutcome, run_id: int | None = None) -> PastFire:
    return PastFire(
        task=one.task, at=one.first, last=one.last, count=2, outcome=outcome, run_id=run_id
    )


async def test_the_past_tells_what_became_of_fires(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        fires = store.history.fires
        done = await store.run(trigger=Trigger.SCHEDULE)
        skipped = store.new_run(trigger=Trigger.SCHEDULE, state=RunState.SKIPPED, ended_at=NOON)
        await store.history.keep_queued(skipped, OutputBuffer(), begins=False)
        await store.history.keep_ended(skipped)
        for hours, run in ((0, done), (1, skipped)):
            await fires.claim("a", NOON + hours * HOUR, "job")
            fires.keep_fired("a", NOON + hours * HOUR, run.id)
        await fires.claim("a", NOON + 2 * HOUR, "job")
        await fires.claim("b", NOON, "other")
        passed, made_up, dismissed = (missed(fires, NOON - n * HOUR) for n in (10, 20, 30))
        for one in (passed, made_up, dismissed, missed(fires, task="other")):
            await fires.keep_missed(one)
        await fires.forget_missed(made_up.id)
        await fires.keep_made_up(made_up.id, done.id)
        await fires.forget_missed(dismissed.id)
        expected = [
            fired(NOON + 2 * HOUR),
            fired(NOON + HOUR, skipped.id, outcome=FireOutcome.SKIPPED),
            fired(NOON, done.id),
            past_miss(passed, FireOutcome.MISSED),
            past_miss(made_up, FireOutcome.MADE_UP, done.id),
            past_miss(dismissed, FireOutcome.DISMISSED),
        ]
        assert await fires.past("job", 10) == expected

    async with opened(tmp_path) as store:
        fires = store.history.fires
        assert await fires.past("job", 10) == expected
        assert await fires.past("job", 2) == expected[:2]
        assert await fires.past("nobody", 10) == []


async def test_a_fire_that_was_missed_after_all_is_told_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        fires = store.history.fires
        await fires.claim("a", NOON, "job")
        one = missed(fires, NOON - HOUR)
        await fires.keep_missed(one)

        assert await fires.past("job", 10) == [past_miss(one, FireOutcome.MISSED)]


async def test_what_another_engine_has_claimed_is_told_with_its_process(tmp_path: Path) -> None:
    earlier = ManualClock(NOON - HOUR)
    async with opened(tmp_path, exclusive=False, clock=earlier) as before:
        await before.history.fires.claim("a", NOON, "job")
    async with opened(tmp_path, exclusive=False) as own:
        with running(CLAIMER, tmp_path, 2) as other:
            other.hear()
            other.tell()
            assert other.hear() == "1"
            await own.history.fires.claim("a", NOON + HOUR, "job")
            by_other = NOON + timedelta(seconds=1)

            assert await own.history.fires.past("job", 10) == [
                fired(NOON + HOUR),
                fired(by_other, outcome=FireOutcome.ELSEWHERE, pid=other.pid),
                fired(NOON),
            ]


async def test_processes_that_claim_at_once_share_every_instant(tmp_path: Path) -> None:
    instants = 500
    with ExitStack() as programs:
        others = [programs.enter_context(running(CLAIMER, tmp_path, instants)) for _ in range(3)]
        for other in others:
            assert other.hear() == "open"
        for other in others:
            other.tell()
        claimed = [[int(n) for n in other.finish().split()] for other in others]

    assert sorted(n for one in claimed for n in one) == list(range(instants))


async def test_alone_it_goes_on_in_memory_while_nothing_can_be_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.history.fires.claim("a", NOON - HOUR, "job")
        kept = missed(store.history.fires)
        await store.history.fires.keep_missed(kept)

    async with opened(tmp_path) as store:
        fires = store.history.fires
        await fails(store)
        assert not await fires.claim("a", NOON - HOUR, "job")
        both = await asyncio.gather(*(fires.claim("a", NOON, "job") for _ in range(2)))
        assert sorted(both) == [False, True]
        fires.keep_fired("a", NOON, 7)
        one, cleared = missed(fires, NOON - 9 * HOUR), missed(fires, NOON - 20 * HOUR)
        to_come, gone, begun = (delayed(fires) for _ in range(3))
        for lost in (one, cleared):
            await fires.keep_missed(lost)
        for later in (to_come, gone, begun):
            await fires.keep_delayed(later)
        assert await fires.forget_missed(cleared.id)
        await fires.keep_made_up(cleared.id, 8)
        assert await fires.forget_missed(kept.id)
        assert not await fires.forget_missed(kept.id)
        assert await fires.forget_delayed(gone.id)
        assert await fires.take_delayed(begun.id)
        assert not await fires.take_delayed(begun.id)

        past = [
            past_miss(kept, FireOutcome.DISMISSED),
            fired(NOON, 7),
            fired(NOON - HOUR),
            past_miss(one, FireOutcome.MISSED),
            past_miss(cleared, FireOutcome.MADE_UP, 8),
        ]
        for _ in range(2):
            assert fires.missed() == [one]
            assert fires.delayed() == [to_come]
            assert fires.looks() == {"a": NOON}
            assert await fires.past("job", 10) == past
            await back(store)

    async with opened(tmp_path) as store:
        fires = store.history.fires
        assert fires.missed() == [one]
        assert fires.delayed() == [to_come, begun]
        assert fires.looks() == {"a": NOON}
        assert await fires.past("job", 10) == past
        assert not await fires.claim("a", NOON, "job")


async def test_together_nothing_is_claimed_while_nothing_can_be_written(tmp_path: Path) -> None:
    async with opened(tmp_path, exclusive=False) as store:
        fires = store.history.fires
        one, later = missed(fires), delayed(fires)
        await fires.keep_missed(one)
        await fires.keep_delayed(later)
        await fails(store)

        for asked in (
            fires.claim("a", NOON, "job"),
            fires.forget_missed(one.id),
            fires.take_delayed(later.id),
            fires.forget_delayed(later.id),
        ):
            with pytest.raises(StoreUnavailable, match="the disk is full"):
                await asked
        assert (fires.missed(), fires.delayed(), fires.looks()) == ([one], [later], {})

        await back(store)
        assert await fires.claim("a", NOON, "job")
        assert await fires.take_delayed(later.id)
        await fails(store)
        assert await fires.forget_delayed(later.id)
        await back(store)
        assert store.look("SELECT count(*) FROM delayed_runs") == [0]


async def test_of_engines_that_share_one_makes_up_and_one_begins(tmp_path: Path) -> None:
    async with AsyncExitStack() as engines:
        first = await engines.enter_async_context(opened(tmp_path, exclusive=False))
        one = missed(first.history.fires)
        later, other = (delayed(first.history.fires) for _ in range(2))
        await first.history.fires.keep_missed(one)
        for each in (later, other):
            await first.history.fires.keep_delayed(each)
        second = await engines.enter_async_context(opened(tmp_path, exclusive=False))
        both = [first.history.fires, second.history.fires]

        cleared = await asyncio.gather(*(fires.forget_missed(one.id) for fires in both))
        taken = await asyncio.gather(*(fires.take_delayed(later.id) for fires in both))
        loser = both[taken.index(False)]
        assert sorted(cleared) == sorted(taken) == [False, True]
        assert not await loser.forget_delayed(later.id)
        assert await both[0].take_delayed(other.id)
        assert not await both[1].forget_delayed(other.id)
        assert [fires.missed() for fires in both] == [[], []]
        assert [fires.delayed() for fires in both] == [[], []]


async def test_what_is_still_to_come_outlives_the_file(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        fires = store.history.fires
        one, later = missed(fires), delayed(fires)
        await fires.keep_missed(one)
        await fires.keep_delayed(later)
        await fires.claim("a", NOON, "job")
        shutil.rmtree(tmp_path / ".taskconsole")
        await fires.note_looks({})
        await store.until(store.history.path.exists)

    async with opened(tmp_path) as store:
        fires = store.history.fires
        assert (fires.missed(), fires.delayed()) == ([one], [later])
        assert fires.looks() == {"a": NOON}


async def test_text_that_no_file_can_hold_keeps_nobody_from_writing(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        fires = store.history.fires
        odd = replace(missed(fires, task="job\udcff"), payload={"\ud800": "\udfff"})
        await fires.keep_missed(odd)
        await fires.claim("a", NOON, "job\udcff")

        assert store.look("SELECT count(*) FROM missed_fires") == [1]
        assert [one.outcome for one in await fires.past("job\udcff", 2)] == [FireOutcome.MISSED]
