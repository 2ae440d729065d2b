"""Runs go on while nothing can be written, and are written when that can be done again."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from support.faults import damage, locked_by_other_process, resize, small_disk, sqlite_error
from support.past_runs import past_run
from support.recording import Recording, ended, numbered, recording, write
from support.stores import Reports
from taskengine.history.sqlite.entries import Entry, Facts, Phase
from taskengine.history.sqlite.lost_ends import LostEnds
from taskengine.history.sqlite.outage import Outage
from taskengine.history.sqlite.overlay import Overlay
from taskengine.output import OutputBuffer, OutputExtent
from taskengine.problem import Problem, ProblemKind
from taskengine.records import RunQuery
from taskengine.run import RunError, RunState

HISTORY = ProblemKind.HISTORY
LONG = "x" * 5_000


def full() -> Exception:
    return sqlite_error(sqlite3.SQLITE_FULL)


async def _run_through_an_outage(one: Recording, statement: str) -> None:
    """Runs of all kinds: over before it, begun before it, all within it, begun in it."""
    outputs = [OutputBuffer() for _ in range(3)]
    before = await one.run("before")
    across = await one.begin(outputs[0])
    write(outputs[0], "one")
    one.disk.fail(statement, full)
    within = await one.begin(outputs[1], payload={"n": 1})
    write(outputs[1], *numbered(3))
    within = await one.end(within, result="kept")
    write(outputs[0], "two")
    across = await one.end(across)
    begun = await one.begin(outputs[2])
    write(outputs[2], "three")
    await one.reports.of(HISTORY)

    assert one.history.run(within.id) == within
    assert one.texts(within) == numbered(3)
    assert one.history.outcomes("job") == (RunState.DONE,) * 3
    page = await one.history.runs(RunQuery(task="job"))
    assert [run.id for run in page.runs] == [begun.id, within.id, across.id, before.id]

    one.disk.mend()
    await one.reports.no(HISTORY)
    await one.until(lambda: len(one.look("SELECT id FROM runs")) == 4)
    await one.until(lambda: one.look("SELECT lines FROM runs WHERE id = ?", begun.id) == [1])
    assert one.look("SELECT id, state FROM runs ORDER BY id") == [
        (before.id, "done"),
        (across.id, "done"),
        (within.id, "done"),
        (begun.id, "queued"),
    ]
    assert [one.texts(run) for run in (across, within, begun)] == [
        ["one", "two"],
        numbered(3),
        ["three"],
    ]
    assert one.look("SELECT kept_runs FROM task_stats") == [3]
    assert [run.id for run in (await one.history.runs(RunQuery(text="kept"))).runs] == [within.id]
    await one.end(begun)


@pytest.mark.parametrize("statement", ["BEGIN", "COMMIT", "\nUPDATE runs", "UPDATE details"])
async def test_nothing_is_lost_and_nothing_is_there_twice(tmp_path: Path, statement: str) -> None:
    async with recording(tmp_path) as one:
        await _run_through_an_outage(one, statement)

    async with recording(tmp_path) as one:
        assert len(one.history.recent("job", 10)) == 4
        assert one.history.statistics("job").total == 4


async def test_a_file_that_cannot_be_opened_at_first_gets_everything_later(tmp_path: Path) -> None:
    one = Recording(tmp_path)
    one.disk.fail("PRAGMA", full)
    await one.history.open(one.reports)
    run = await one.run(*numbered(3))
    assert one.texts(run) == numbered(3)

    one.disk.mend()
    await one.reports.no(HISTORY)
    assert one.look("SELECT id, state, lines FROM runs") == [(run.id, "done", 3)]
    assert one.history.run(run.id) == run
    await one.history.close()


async def test_a_project_on_a_full_disk_begins_as_any_other() -> None:
    with small_disk(16_384) as root:
        (root / "ballast").write_bytes(bytes(12_288))
        async with recording(root) as one:
            run = await one.run("line")
            await one.reports.of(HISTORY)
            assert run.id == 1

            resize(root, 20_000_000)
            await one.reports.no(HISTORY)
            await one.until(lambda: one.look("SELECT id, lines FROM runs") == [(1, 1)])


async def test_an_opening_that_fails_leaves_nothing_open(tmp_path: Path) -> None:
    one = Recording(tmp_path)
    one.disk.fail("SELECT id, pid", lambda: ZeroDivisionError("unforeseen"))
    with pytest.raises(ZeroDivisionError):
        await one.history.open(one.reports)

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        one.disk.connections[-1].cursor()
    async with recording(tmp_path) as other:
        assert (await other.run()).id == 1


async def test_a_lock_of_another_process_holds_up_nothing_for_good(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        await one.run()
        with locked_by_other_process(one.history.path):
            run = await one.run("meanwhile")
            assert "locked" in (await one.reports.of(HISTORY)).message
        await one.reports.no(HISTORY)

        assert one.look("SELECT state FROM runs WHERE id = ?", run.id) == ["done"]
        assert one.texts(run) == ["meanwhile"]


async def test_a_deleted_folder_is_made_anew_with_what_memory_has(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        await one.run("gone for good")
        output = OutputBuffer()
        run = await one.begin(output)
        write(output, "before")
        shutil.rmtree(one.history.path.parent)
        write(output, "after")
        over = await one.end(run)

        await one.until(one.history.path.exists)
        assert one.history.recent("job", 5) == [over]
        assert one.texts(run) == ["before", "after"]
        assert one.look("SELECT count(*) FROM engines") == [1]


async def test_a_damaged_file_is_set_aside_and_runs_that_go_on_are_in_the_new_one(
    tmp_path: Path,
) -> None:
    async with recording(tmp_path) as one:
        for number in range(50):
            await one.run(payload={"text": f"{number}" * 500})
        output = OutputBuffer()
        run = await one.begin(output)
        write(output, "before")
        await one.history.close()
        damage(one.history.path)

    async with recording(tmp_path) as one:
        problem = await one.reports.of(ProblemKind.DAMAGED_HISTORY)
        assert "damaged" in problem.message
        run = await one.run("new")
        assert one.texts(run) == ["new"]
    assert len(list(one.history.path.parent.glob("history.db.damaged-*"))) >= 1


async def test_memory_holds_so_many_runs_and_says_how_many_it_lost() -> None:
    overlay, reports = Overlay(lambda within: None), Reports()
    outage = Outage(overlay, LostEnds(lambda: 1), max_runs=3)
    outage.listen(reports)
    outage.report(HISTORY, Problem(kind=HISTORY, message="The disk is full"))
    going_on = _add(overlay, 1)
    for run_id in range(2, 8):
        overlay.note_ended(_add(overlay, run_id))
        outage.make_room()

    assert {entry.id for entry in overlay.entries()} == {going_on.id, 5, 6, 7}
    assert "The disk is full; 3 runs that ended are lost" in reports.present[HISTORY].message
    outage.report(HISTORY, None)
    assert not reports.present


async def test_a_run_that_began_before_an_outage_has_its_end_though_memory_had_no_room_for_it(
    tmp_path: Path,
) -> None:
    async with recording(tmp_path, max_runs=5) as one:
        output = OutputBuffer()
        begun = await one.begin(output, payload={"n": "a word"})
        queued = one.new_run()
        await one.history.keep_queued(queued, OutputBuffer(), begins=False)
        left = one.new_run()
        await one.history.keep_queued(left, OutputBuffer(), begins=False)
        write(output, "stored")
        await one.until_stored(1)
        one.disk.fail("BEGIN", full)
        write(output, "lost")
        over = await one.end(begun, result="short")
        await one.end(
            queued,
            result=LONG,
            state=RunState.FAILED,
            error=RunError(type="E", message=LONG, traceback=LONG),
        )
        await one.history.keep_in_queue(left)
        for _ in range(5):
            await one.end(await one.begin())
        one.disk.mend()
        await one.reports.no(HISTORY)

        assert one.history.run(begun.id) == over
        assert one.texts(begun) == ["stored"]
        assert one.output(begun).extent == OutputExtent(2, 1, 2)
        assert one.history.run(queued.id) == ended(
            queued, state=RunState.FAILED, error=RunError(type="E", message=LONG[:4096])
        )
        assert one.look("SELECT kept_runs FROM task_stats") == [5 + 2]
        page = await one.history.runs(RunQuery(text="word"))
        assert [run.id for run in page.runs] == [begun.id]

    async with recording(tmp_path) as one:
        assert [run.id for run in one.leftovers.queued] == [left.id]
        assert not one.leftovers.interrupted


async def test_memory_holds_so_many_characters() -> None:
    overlay = Overlay(lambda within: None)
    outage = Outage(overlay, LostEnds(lambda: 1), max_chars=100)
    for run_id in range(1, 4):
        entry = _add(overlay, run_id)
        entry.chars = 60
        overlay.note_ended(entry)
        outage.make_room()

    assert [entry.id for entry in overlay.entries()] == [3]
    assert overlay.take_due() == overlay.entries()


def _add(overlay: Overlay, run_id: int) -> Entry:
    entry = Entry(Facts(past_run(run_id), begun=True, phase=Phase.ENDED), OutputBuffer())
    overlay.add(entry)
    return entry
