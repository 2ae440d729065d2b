"""What the history in memory keeps of fires."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from taskengine.history.memory_fires import MemoryFires
from taskengine.records import FireOutcome
from taskengine.run import DelayedRun, MissedFires, RunState

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def missed(fires: MemoryFires) -> MissedFires:
    return MissedFires(
        id=fires.next_id(),
        task="job",
        cron="0 * * * *",
        timezone="UTC",
        payload={},
        first=NOON,
        last=NOON + HOUR,
        count=2,
    )


async def test_a_fire_is_claimed_once() -> None:
    fires = MemoryFires()

    assert await fires.claim("a", NOON, "job")
    assert not await fires.claim("a", NOON, "job")
    assert await fires.claim("a", NOON + HOUR, "job")
    assert await fires.claim("b", NOON, "job")


async def test_the_oldest_claims_make_room() -> None:
    fires = MemoryFires(max_claims=2)
    for hours in range(3):
        await fires.claim("a", NOON + hours * HOUR, "job")

    assert not await fires.claim("a", NOON + 2 * HOUR, "job")
    assert await fires.claim("a", NOON, "job")


async def test_a_claim_is_a_look_but_no_step_back() -> None:
    fires = MemoryFires()
    await fires.claim("a", NOON + HOUR, "job")
    await fires.claim("a", NOON, "job")

    assert fires.looks() == {"a": NOON + HOUR}


async def test_a_look_takes_the_place_of_the_one_before_even_backwards() -> None:
    fires = MemoryFires()
    await fires.note_looks({"a": NOON, "b": NOON, "c": NOON})
    await fires.note_looks({"a": NOON + HOUR, "b": NOON - HOUR, "c": None, "unknown": None})

    assert fires.looks() == {"a": NOON + HOUR, "b": NOON - HOUR}


async def test_a_schedule_that_went_has_still_fired_what_it_fired() -> None:
    fires = MemoryFires()
    await fires.claim("a", NOON, "job")
    await fires.note_looks({"a": None})

    assert fires.looks() == {}
    assert not await fires.claim("a", NOON, "job")


async def test_missed_fires_are_kept_until_they_are_forgotten_once() -> None:
    fires = MemoryFires()
    first, second = missed(fires), missed(fires)
    for one in (first, second):
        await fires.keep_missed(one)

    assert fires.missed() == [first, second]
    assert await fires.forget_missed(first.id)
    assert not await fires.forget_missed(first.id)
    await fires.keep_missed(first)
    assert fires.missed() == [first, second]


async def test_the_oldest_missed_fires_make_room() -> None:
    fires = MemoryFires(max_missed=2)
    kept = [missed(fires) for _ in range(3)]
    for one in kept:
        await fires.keep_missed(one)

    assert fires.missed() == kept[1:]


async def test_delayed_runs_come_by_their_instant() -> None:
    fires = MemoryFires()
    late = DelayedRun(id=fires.next_id(), task="a", payload={}, at=NOON, created_at=NOON)
    early = replace(late, id=fires.next_id(), at=NOON - HOUR)
    same = replace(late, id=fires.next_id())
    for one in (same, late, early):
        await fires.keep_delayed(one)

    assert fires.delayed() == [early, late, same]
    assert await fires.forget_delayed(late.id)
    assert not await fires.forget_delayed(late.id)
    assert fires.delayed() == [early, same]


async def test_a_delayed_run_is_taken_once() -> None:
    fires = MemoryFires()
    one = DelayedRun(id=fires.next_id(), task="a", payload={}, at=NOON, created_at=NOON)
    await fires.keep_delayed(one)

    assert await fires.take_delayed(one.id)
    assert not await fires.take_delayed(one.id)
    assert not await fires.forget_delayed(one.id)
    await fires.keep_delayed(one)
    assert fires.delayed() == [one]


async def test_the_past_tells_what_became_of_fires() -> None:
    states = {2: RunState.SKIPPED, 3: RunState.DONE}
    fires = MemoryFires(states.get)
    for hours in range(3):
        await fires.claim("a", NOON + hours * HOUR, "job")
    fires.keep_fired("a", NOON, 3)
    fires.keep_fired("a", NOON + HOUR, 2)
    fires.keep_fired("a", NOON + 9 * HOUR, 3)
    await fires.claim("b", NOON, "other")
    passed, made_up, dismissed = (
        replace(missed(fires), first=NOON - n * HOUR, last=NOON - n * HOUR) for n in (1, 2, 3)
    )
    for one in (passed, made_up, dismissed):
        await fires.keep_missed(one)
    for one in (made_up, dismissed):
        await fires.forget_missed(one.id)
    await fires.keep_made_up(made_up.id, 3)

    past = await fires.past("job", 10)

    assert [(one.at, one.outcome, one.run_id) for one in past] == [
        (NOON + 2 * HOUR, FireOutcome.FIRED, None),
        (NOON + HOUR, FireOutcome.SKIPPED, 2),
        (NOON, FireOutcome.FIRED, 3),
        (NOON - HOUR, FireOutcome.MISSED, None),
        (NOON - 2 * HOUR, FireOutcome.MADE_UP, 3),
        (NOON - 3 * HOUR, FireOutcome.DISMISSED, None),
    ]
    assert await fires.past("job", 2) == past[:2]


async def test_a_fire_that_was_missed_after_all_is_told_once() -> None:
    fires = MemoryFires()
    await fires.claim("a", NOON, "job")
    await fires.keep_missed(missed(fires))

    [one] = await fires.past("job", 10)
    assert (one.outcome, one.count, one.last) == (FireOutcome.MISSED, 2, NOON + HOUR)


async def test_missed_fires_that_are_seen_to_make_room_first() -> None:
    fires = MemoryFires(max_missed=2)
    kept = [missed(fires) for _ in range(3)]
    for one in kept[:2]:
        await fires.keep_missed(one)
    await fires.forget_missed(kept[1].id)
    await fires.keep_missed(kept[2])

    assert fires.missed() == [kept[0], kept[2]]
