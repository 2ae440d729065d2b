"""Output of runs that are over takes less room, and reads the same."""

from pathlib import Path

from support.recording import Recording, numbered, recording, write
from taskengine.output import OutputBuffer


async def _packed(one: Recording) -> None:
    await one.until(lambda: one.look("SELECT count(*) FROM runs WHERE packed = 0") == [0])


async def test_many_chunks_become_few_compressed_ones(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        run = await one.begin(output)
        for start in range(0, 3_000, 100):
            write(output, *numbered(100, start))
            await one.until_stored(start + 100)
        (loose,) = one.look("SELECT sum(length(data)) FROM chunks")
        await one.end(run)
        await _packed(one)

        assert one.look("SELECT lines, compressed FROM chunks") == [(2_000, 1), (1_000, 1)]
        assert one.look("SELECT sum(length(data)) FROM chunks")[0] < loose / 2
        assert one.texts(run) == numbered(3_000)


async def test_the_size_of_a_run_is_what_it_takes(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        await one.run(*numbered(3_000), payload={"n": 1})
        await _packed(one)

        (chunks,) = one.look("SELECT sum(length(data)) FROM chunks")
        assert one.look("SELECT size FROM runs") == [chunks + len('{"n": 1}')]
        assert one.look("SELECT kept_size FROM task_stats") == one.look("SELECT size FROM runs")


async def test_little_output_is_left_as_it_is(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        await one.run("a", "b")
        await one.run()

        assert one.look("SELECT packed FROM runs") == [1, 1]
        assert one.look("SELECT compressed FROM chunks") == [0]


async def test_output_of_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        write(output, *numbered(2_000))
        await one.begin(output)
        await one.run(*numbered(2_000))
        await one.until(lambda: one.look("SELECT compressed FROM chunks WHERE run = 2") == [1])

        assert set(one.look("SELECT compressed FROM chunks WHERE run = 1")) == {0}


async def test_output_of_a_run_that_was_interrupted_is_packed_when_it_is_settled(
    tmp_path: Path,
) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        run = await one.begin(output)
        write(output, *numbered(1_500))
        await one.until_stored(1_500)

    async with recording(tmp_path) as one:
        assert [left.id for left in one.leftovers.interrupted] == [run.id]
        assert one.look("SELECT packed, open FROM runs") == [(0, 1)]
        await one.history.keep_settled(run.id)
        await _packed(one)

        assert set(one.look("SELECT compressed FROM chunks")) == {1}
        assert one.texts(run) == numbered(1_500)


async def test_late_output_is_packed_too(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        run = await one.begin(output)
        write(output, *numbered(1_500))
        await one.end(run)
        await _packed(one)
        write(output, *numbered(10, 1_500))
        await one.until(lambda: one.look("SELECT lines FROM runs") == [1_510])
        await _packed(one)

        assert set(one.look("SELECT compressed FROM chunks")) == {1}
        assert one.texts(run) == numbered(1_510)
        (chunks,) = one.look("SELECT sum(length(data)) FROM chunks")
        assert one.look("SELECT size, kept_size FROM runs, task_stats") == [(chunks + 2,) * 2]


async def test_a_gap_stays_a_gap(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer(max_lines=600, head_lines=300)
        run = one.new_run()
        write(output, *numbered(5_000))
        await one.history.keep_queued(run, output, begins=True)
        await one.end(run)
        await _packed(one)

        assert one.look("SELECT first, lines FROM chunks") == [(0, 300), (4_700, 300)]
        assert one.texts(run) == [*numbered(300), *numbered(300, 4_700)]
