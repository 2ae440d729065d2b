"""Rows that make no sense hide nothing else, and keep no engine from working."""

from pathlib import Path

import pytest

from support.recording import recording
from taskengine.output import OutputBuffer
from taskengine.problem import ProblemKind
from taskengine.records import RunQuery
from taskengine.run import RunState


@pytest.mark.parametrize(
    "senseless",
    [
        "UPDATE details SET payload = X'00' WHERE run IN (1, 2)",
        "UPDATE details SET payload = '{' WHERE run IN (1, 2)",
        "UPDATE details SET more = '[]' WHERE run IN (1, 2)",
        "UPDATE runs SET state = 'dancing' WHERE id IN (1, 2)",
        "UPDATE runs SET queued_at = 9223372036854775807 WHERE id IN (1, 2)",
        "UPDATE chunks SET data = X'FF' WHERE run = 2",
        "UPDATE chunks SET compressed = 1 WHERE run = 2",
        "UPDATE task_stats SET counts = '?', outcomes = '?'",
        "INSERT INTO delayed_runs VALUES(1, 'job', '{', 0, 0, NULL)",
        "INSERT INTO missed_fires VALUES(1, 'job', '* * * * *', 'UTC', '{', 0, 0, 1, 1, NULL)",
        "INSERT INTO looks VALUES('job', 9223372036854775807)",
    ],
)
async def test_an_engine_works_on_a_file_with_rows_that_make_no_sense(
    tmp_path: Path, senseless: str
) -> None:
    async with recording(tmp_path) as one:
        queued = one.new_run()
        await one.history.keep_queued(queued, OutputBuffer(), begins=False)
        await one.history.keep_in_queue(queued)
        over = await one.run("a line")
        other = await one.run("another line")
    one.change(senseless)

    async with recording(tmp_path) as one:
        new = await one.run("a line", result="a word")
        await one.until(lambda: one.look("SELECT count(*) FROM unindexed") == [0])
        page = await one.history.runs(RunQuery(), limit=3)
        found = await one.history.runs(RunQuery(text="word"))

        assert not one.reports.all
        assert {new.id, other.id} <= {run.id for run in page.runs}
        assert [run.id for run in found.runs] == [new.id]
        assert one.history.run(over.id) in (None, over)
        recent = one.history.recent(None, 10)
        assert [run for run in recent if run in (new, other)] == [new, other]
        assert one.texts(other) == ["another line"]
        assert one.history.last_ended("job") == new
        assert one.history.outcomes("job")[-1] is RunState.DONE
        assert await one.history.past_payloads("job", 5) == [{}]
        assert not [fire for fire in await one.history.fires.past("job", 5) if fire.run_id]
        is_open = one.look("SELECT id FROM runs WHERE open = 1")
        assert is_open == [run.id for run in one.leftovers.queued]


async def test_text_that_is_none_is_damage(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        await one.run()
    one.change("UPDATE runs SET task = CAST(X'FF' AS TEXT)")

    async with recording(tmp_path) as one:
        assert not one.history.recent(None, 10)
        await one.reports.of(ProblemKind.DAMAGED_HISTORY)
        new = await one.run()
        assert one.history.recent(None, 10) == [new]
