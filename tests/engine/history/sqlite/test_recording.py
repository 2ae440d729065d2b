"""What is acknowledged is in the file by then, and is read back from there and from memory."""

import asyncio
import gc
import os
import weakref
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from support.recording import NOW, ended, numbered, recording, write
from taskengine.errors import EngineAlreadyRunning, HistoryTooNew
from taskengine.history.sqlite.project_history import ProjectHistory
from taskengine.output import OutputBuffer
from taskengine.problem import ProblemKind
from taskengine.records import RunQuery
from taskengine.run import Progress, Run, RunError, RunState, Trigger

STATE = "SELECT state, begun, open FROM runs WHERE id = ?"


async def test_whoever_looks_finds_a_run_at_the_moment_it_is_acknowledged(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = one.new_run(payload={"n": 1})
        await one.history.keep_queued(run, OutputBuffer(), begins=False)
        assert one.look(STATE, run.id) == [("queued", 0, 1)]
        assert one.look("SELECT payload FROM details") == ['{"n": 1}']

        await one.history.keep_begun(run)
        assert one.look(STATE, run.id) == [("queued", 1, 1)]

        await one.history.keep_ended(ended(run, result=5))
        assert one.look(STATE, run.id) == [("done", 1, 0)]
        assert one.look("SELECT result FROM details") == ["5"]


async def test_its_output_is_in_the_file_when_its_end_is_acknowledged(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = await one.run("first", "second")

        assert one.look("SELECT lines FROM runs WHERE id = ?", run.id) == [2]
        assert b"second" in b"".join(one.look("SELECT data FROM chunks"))


async def test_many_at_once_are_all_kept(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        runs = await asyncio.gather(*(one.run(str(number)) for number in range(200)))

        assert one.look("SELECT count(*) FROM runs WHERE state = 'done'") == [200]
        assert [one.texts(run) for run in runs] == [[str(number)] for number in range(200)]


async def test_a_run_reads_the_same_while_it_goes_on_after_it_and_after_a_restart(
    tmp_path: Path,
) -> None:
    async with recording(tmp_path) as one:
        run = await one.begin(payload={"a": [1, 2.5, "ü"]})
        assert one.history.run(run.id) == run
        assert one.history.recent("job", 5) == [run]
        over = await one.end(run, error=RunError(type="E", message="m", traceback="t"))
        assert one.history.run(run.id) == over
        assert one.history.recent("job", 5) == [over]

    async with recording(tmp_path) as one:
        assert one.history.run(run.id) == over
        assert one.history.recent(None, 5) == [over]


async def test_what_changes_is_kept_within_a_moment(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = await one.begin()
        one.history.keep_changed(replace(run, state=RunState.RUNNING, started_at=NOW))

        assert one.history.recent("job", 1)[0].state is RunState.RUNNING
        await one.until(lambda: one.look(STATE, run.id) == [("running", 1, 1)])


async def test_a_short_run_is_written_twice_and_not_a_third_time(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        statements: list[str] = []
        run = one.new_run()
        one.disk.watch(statements.append)
        await one.history.keep_queued(run, OutputBuffer(), begins=True)
        one.history.keep_changed(replace(run, state=RunState.RUNNING))
        await one.end(run)
        await one.run()  # what was due soon is due no more

    inserts = [one for one in statements if "INTO runs(" in one]
    updates = [one for one in statements if "UPDATE runs SET state" in one]
    assert (len(inserts), len(updates)) == (2, 2)


async def test_lines_are_in_the_file_soon_though_the_run_goes_on(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        run = await one.begin(output)
        for text in numbered(3):
            write(output, text)
            await one.until_stored(output.extent.total)

        assert one.texts(run) == numbered(3)


async def test_what_comes_after_the_end_is_kept_too(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        run = await one.begin(output)
        write(output, "in time")
        await one.end(run)
        kept = one.output(run)
        size = one.look("SELECT size FROM runs")[0]

        write(output, "late")
        await one.until(lambda: one.look("SELECT lines FROM runs") == [2])

        assert one.texts(run) == ["in time", "late"]
        assert kept.extent.total == 2
        assert one.look("SELECT size FROM runs")[0] > size
        assert one.look("SELECT kept_size FROM task_stats") == one.look("SELECT size FROM runs")


async def test_a_late_line_of_a_run_that_is_not_kept_any_more_is_dropped(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        run = await one.end(await one.begin(output))
        one.change("DELETE FROM runs")

        write(output, "late")
        await one.run()  # whoever writes hears of it first
        await one.until(lambda: one.history.run(run.id) is None)

        assert one.look("SELECT count(*) FROM chunks") == [0]
        assert one.history.output(run.id) is None


async def test_what_the_file_has_is_not_held_in_memory_any_more(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        run = await one.begin(output)
        write(output, *numbered(10))
        kept = one.output(run)
        gc.disable()  # it must not take a search for what nobody uses
        try:
            await one.end(run)
            buffer = weakref.ref(output)
            del output
            await one.until(lambda: buffer() is None)
        finally:
            gc.enable()

        assert kept.extent.total == 10


async def test_a_run_left_in_the_queue_is_the_next_engines(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = one.new_run(payload={"n": 7})
        await one.history.keep_queued(run, OutputBuffer(), begins=False)
        await one.history.keep_in_queue(ended(run, state=RunState.INTERRUPTED))
        assert one.look(STATE, run.id) == [("queued", 0, 1)]
        assert one.history.statistics("job").total == 0

    async with recording(tmp_path) as one:
        (left,) = one.leftovers.queued
        assert left == run
        output = OutputBuffer()
        await one.history.keep_queued(left, output, begins=True)
        write(output, "now")
        await one.end(left)

        assert one.texts(run) == ["now"]
        assert one.look("SELECT count(*) FROM runs") == [1]


async def test_an_interrupted_run_is_given_until_it_is_settled(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = await one.begin()
        one.change("UPDATE engines SET pid = 0")  # as if it had been another process's
    for _ in range(2):
        async with recording(tmp_path) as one:
            (left,) = one.leftovers.interrupted
            assert (left.id, left.state) == (run.id, RunState.INTERRUPTED)

    async with recording(tmp_path) as one:
        await one.history.keep_settled(run.id)
        assert one.look(STATE, run.id) == [("interrupted", 1, 0)]
    async with recording(tmp_path) as one:
        assert one.leftovers.interrupted == ()


async def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        first = await one.run()
    async with recording(tmp_path) as one:
        assert (await one.run()).id > first.id


async def test_what_the_runs_add_up_to_is_there_at_once_after_a_restart(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        await one.run()
        failed = await one.end(await one.begin(), state=RunState.FAILED)

        assert one.history.outcomes("job") == (RunState.DONE, RunState.FAILED)
    async with recording(tmp_path) as one:
        assert one.history.outcomes("job") == (RunState.DONE, RunState.FAILED)
        assert one.history.statistics("job").success_rate == 0.5
        assert one.history.last_ended("job") == failed
        assert one.history.last_ended("other") is None
        assert one.history.outcomes("other") == ()


async def test_pages_hold_what_is_in_memory_and_what_is_in_the_file(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        over = [await one.run(task="a"), await one.run(task="b")]
        going_on = await one.begin(task="a")
        query = RunQuery(task="a")

        page = await one.history.runs(query)
        first = await one.history.runs(query, limit=1)
        second = await one.history.runs(query, limit=1, before=first.before)

    assert [run.id for run in page.runs] == [going_on.id, over[0].id]
    assert [run.id for run in (*first.runs, *second.runs)] == [going_on.id, over[0].id]


async def test_words_are_found_in_memory_and_in_the_file(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        over = await one.run(payload={"city": "Zürich"})
        going_on = await one.begin(payload={"city": "ZÜRICH"})
        await one.begin(payload={"city": "Bern"})

        page = await one.history.runs(RunQuery(text="züri"))

    assert [run.id for run in page.runs] == [going_on.id, over.id]


async def test_past_payloads_come_once_the_latest_first_as_they_were_given(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        for number in (1, 2, 1):
            await one.run(payload={"n": number})
        added = {"n": 3, "scheduledTime": 5}
        await one.begin(payload=added, trigger=Trigger.SCHEDULE)
        await one.run(payload={"n": 9}, task="other")

        assert await one.history.past_payloads("job", 10) == [{"n": 3}, {"n": 1}, {"n": 2}]
        assert await one.history.past_payloads("job", 1) == [{"n": 3}]


async def test_a_second_engine_finds_the_project_taken(tmp_path: Path) -> None:
    async with recording(tmp_path):
        with pytest.raises(EngineAlreadyRunning, match=str(os.getpid())):
            await ProjectHistory(tmp_path).open(lambda kind, problem: None)

    async with recording(tmp_path):
        pass


async def test_engines_that_share_a_project_see_each_others_runs(tmp_path: Path) -> None:
    shared = [ProjectHistory(tmp_path, exclusive=False) for _ in range(2)]
    for history in shared:
        await history.open(lambda kind, problem: None)
    try:
        runs = []
        for history in shared:
            run = _run(history.next_id())
            await history.keep_queued(run, OutputBuffer(), begins=True)
            await history.keep_ended(ended(run))
            runs.append(ended(run))

        assert len({run.id for run in runs}) == 2
        for history in shared:
            assert [history.run(run.id) for run in runs] == runs
    finally:
        for history in shared:
            await history.close()


async def test_a_run_that_the_file_refuses_keeps_no_other_from_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with recording(tmp_path) as one:
        odd, other = await asyncio.gather(one.run(parent_id=2**70), one.run("kept"))

        assert one.look("SELECT id FROM runs") == [other.id]
        assert one.history.run(odd.id) == odd
        assert f"Run #{odd.id} can't be kept" in caplog.text


async def test_a_history_of_a_later_version_is_refused_and_the_project_is_free_again(
    tmp_path: Path,
) -> None:
    async with recording(tmp_path) as one:
        await one.run()
    one.change("PRAGMA user_version = 9999")

    for _ in range(2):
        with pytest.raises(HistoryTooNew):
            await ProjectHistory(tmp_path).open(lambda kind, problem: None)


async def test_where_no_folder_can_be_made_runs_are_in_memory(tmp_path: Path) -> None:
    (tmp_path / ".taskconsole").write_text("no folder")
    async with recording(tmp_path) as one:
        problem = await one.reports.of(ProblemKind.HISTORY)
        run = await one.run("a")

        assert "no folder" in problem.message
        assert one.history.run(run.id) == run
        assert one.texts(run) == ["a"]


async def test_progress_survives(tmp_path: Path) -> None:
    progress = Progress(done=1.5, total=3, message="half")
    async with recording(tmp_path) as one:
        run = await one.end(await one.begin(), progress=progress)
        found = one.history.run(run.id)

    assert found is not None
    assert found.progress == progress


async def test_what_the_writer_did_not_come_to_is_written_at_the_close(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        run = await one.begin(output)
        one.history.keep_changed(replace(run, state=RunState.RUNNING))
        write(output, *numbered(50_000))

    assert one.look("SELECT state, lines FROM runs") == [("running", 50_000)]
    assert one.look("SELECT sum(lines) FROM chunks") == [50_000]


def _run(run_id: int) -> Run:
    return Run(
        id=run_id,
        task="job",
        payload={},
        trigger=Trigger.MANUAL,
        state=RunState.QUEUED,
        queued_at=NOW + timedelta(seconds=run_id),
    )
