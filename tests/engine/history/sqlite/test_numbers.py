"""Numbers of runs: none twice, whatever engines come, share and die."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from support.faults import sqlite_error
from support.programs import running
from support.recording import Recording, recording
from support.stores import HASTE
from taskengine.output import OutputBuffer
from taskengine.problem import ProblemKind

PATIENT = replace(HASTE, busy=10.0)
COUNTER = """
import asyncio, sys
from pathlib import Path
from taskengine.history.sqlite.project_history import ProjectHistory

async def main():
    history = ProjectHistory(Path(sys.argv[1]), exclusive=False)
    await history.open(print)
    print("open", flush=True)
    sys.stdin.readline()
    print(*[history.next_id() for _ in range(int(sys.argv[2]))], flush=True)
    await history.close()

asyncio.run(main())
"""


def shared(root: Path, **options: Any) -> Any:
    return recording(root, exclusive=False, **{"pauses": PATIENT, **options})


async def fails(store: Recording) -> None:
    """Let nothing be writable, and the store have noticed."""
    store.disk.fail("BEGIN", lambda: sqlite_error(sqlite3.SQLITE_FULL))
    await store.history.fires.note_looks({})
    await store.reports.of(ProblemKind.HISTORY)


async def test_they_count_on_where_the_last_engine_ended(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        assert [store.history.next_id() for _ in range(3)] == [1, 2, 3]
        await store.run()

    async with recording(tmp_path) as store:
        assert store.history.next_id() == 5


async def test_engines_that_share_leave_no_gap_when_they_come_one_after_the_other(
    tmp_path: Path,
) -> None:
    for number in (1, 2, 3):
        async with shared(tmp_path) as store:
            assert store.history.next_id() == number
    async with shared(tmp_path) as first, shared(tmp_path) as second:
        assert first.history.next_id() == 4
        after = second.history.next_id()
    async with shared(tmp_path) as store:
        assert store.history.next_id() == after + 1


async def test_a_number_is_not_given_again_when_its_run_is_kept_no_more(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        await store.run()
        store.change("DELETE FROM runs")

    async with recording(tmp_path) as store:
        assert store.history.next_id() == 2


async def test_processes_that_share_a_file_never_give_the_same(tmp_path: Path) -> None:
    with ExitStack() as programs:
        others = [programs.enter_context(running(COUNTER, tmp_path, 600)) for _ in range(2)]
        for other in others:
            assert other.hear() == "open"
        for other in others:
            other.tell()
        given = [int(number) for other in others for number in other.finish().split()]

    assert len(set(given)) == len(given) == 1200


async def test_engines_that_share_a_file_take_their_numbers_in_blocks(tmp_path: Path) -> None:
    async with AsyncExitStack() as engines:
        first = await engines.enter_async_context(shared(tmp_path))
        second = await engines.enter_async_context(shared(tmp_path))

        assert [first.history.next_id() for _ in range(3)] == [1, 2, 3]
        assert [second.history.next_id() for _ in range(3)] == [17, 18, 19]

    async with recording(tmp_path) as store:
        assert store.history.next_id() == 20  # the rest of the second block was given back


async def test_another_block_is_there_before_the_first_is_used_up(tmp_path: Path) -> None:
    async with shared(tmp_path) as store:
        given = [store.history.next_id() for _ in range(8)]
        await asyncio.sleep(0)
        await store.history.fires.note_looks({})  # what was asked before that is answered before
        given += [store.history.next_id() for _ in range(10)]

        assert given == list(range(1, 19))


async def test_in_need_numbers_are_far_from_all_others(tmp_path: Path) -> None:
    async with AsyncExitStack() as engines:
        stores = [await engines.enter_async_context(shared(tmp_path)) for _ in range(2)]
        for store in stores:
            await fails(store)
        given = [store.history.next_id() for store in stores for _ in range(50)]
        assert len(set(given)) == 100
        assert given[:16] == list(range(1, 17))
        assert min(given[16:50]) > 10**12
        runs = [store.new_run() for store in stores]
        for store, run in zip(stores, runs, strict=True):
            await store.history.keep_queued(run, OutputBuffer(), begins=True)
            store.disk.mend()
            await store.reports.no(ProblemKind.HISTORY)
        kept = stores[0].look("SELECT id FROM runs")
        assert sorted(kept) == sorted(run.id for run in runs)


async def test_a_file_that_can_not_be_read_has_none_of_the_numbers(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        first = await store.run()
        path = store.history.path
    hidden = path.with_name("hidden")
    path.rename(hidden)
    path.mkdir()

    async with recording(tmp_path) as store:
        run = await store.run()
        assert run.id > 10**12
        path.rmdir()
        hidden.rename(path)
        await store.reports.no(ProblemKind.HISTORY)
        assert sorted(store.look("SELECT id FROM runs")) == [first.id, run.id]


async def test_without_any_file_they_begin_with_one(tmp_path: Path) -> None:
    (tmp_path / ".taskconsole").touch()

    async with recording(tmp_path) as store:
        assert store.history.next_id() == 1
