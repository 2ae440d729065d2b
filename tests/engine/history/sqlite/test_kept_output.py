"""One output, whether its lines are in memory, in the file or in both."""

import threading
from pathlib import Path

import pytest

from support.recording import Recording, encoded, numbered, recording, texts_of, write
from taskengine.history.retention import HistorySettings
from taskengine.history.sqlite.chunk_cache import ChunkCache
from taskengine.history.sqlite.chunks import MOST_CHARS, ChunkKey
from taskengine.output import OutputBuffer, OutputExtent
from taskengine.run import Run


async def test_lines_that_left_memory_come_from_the_file(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer(max_lines=100, head_lines=10)
        run = await one.begin(output)
        for start in range(0, 500, 50):
            write(output, *numbered(50, start))
            await one.until_stored(start + 50)

        kept = one.output(run)
        assert output.extent.dropped == 400
        assert kept.extent.total == kept.extent.kept == 500
        assert texts_of(kept.read(0, 500)) == numbered(500)
        assert texts_of(kept.read(5, 15)) == numbered(10, 5)
        assert texts_of(kept.read(390, 430)) == numbered(40, 390)

        await one.end(run)
        assert kept.extent.total == kept.extent.kept == 500
        assert texts_of(kept.read(-3, 900)) == numbered(500)


async def test_an_output_that_was_opened_early_goes_on_growing(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer()
        run = await one.begin(output)
        kept = one.output(run)
        assert kept.extent.total == 0
        output.partial = "75 %"
        assert kept.partial == "75 %"

        write(output, "a")
        assert kept.extent.total == 1
        output.partial = ""
        await one.end(run)
        assert kept.extent.total == 1
        assert kept.partial == ""
        assert kept.read(1, 1) == kept.read(1, 9) == kept.read(5, 2) == []


async def test_lines_that_left_memory_before_they_were_written_are_the_gap(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer(max_lines=20, head_lines=5)
        run = one.new_run()
        write(output, *numbered(100))
        await one.history.keep_queued(run, output, begins=True)
        live = one.output(run)
        assert live.extent == OutputExtent(100, 5, 85)
        assert texts_of(live.read(0, 100)) == [*numbered(5), *numbered(15, 85)]

        await one.end(run)
        assert live.extent == OutputExtent(100, 5, 85)
        assert texts_of(live.read(0, 100)) == [*numbered(5), *numbered(15, 85)]
        assert live.read(5, 85) == []


async def test_a_second_loss_makes_one_gap_of_both(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer(max_lines=20, head_lines=5)
        run = one.new_run()
        write(output, *numbered(100))
        await one.history.keep_queued(run, output, begins=True)
        # No await, so that nobody can come between.
        write(output, *numbered(100_000, 100))
        await one.end(run)

        kept = one.output(run)
        extent = kept.extent
        assert (extent.total, extent.gap_start) == (100_100, 5)
        lines = texts_of(kept.read(0, 100_100))
        assert lines == [*numbered(5), *numbered(extent.kept - 5, extent.gap_end)]
        assert one.look("SELECT sum(lines) FROM chunks") == [extent.kept]


async def test_of_much_output_the_beginning_and_the_end_are_kept(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        one.history.configure(HistorySettings(max_output=10_000))
        run = await _long_run(one, 5_000)

        kept = one.output(run)
        extent = kept.extent
        assert extent.total == 5_000
        assert 0 < extent.gap_start < extent.gap_end < 5_000
        assert 5_000 < sum(map(len, kept.read(0, 5_000))) <= 10_000
        assert texts_of(kept.read(0, 5_000)) == [
            *numbered(extent.gap_start),
            *numbered(5_000 - extent.gap_end, extent.gap_end),
        ]
        assert abs(extent.gap_start - (5_000 - extent.gap_end)) < 120


async def test_what_is_in_memory_can_be_read_though_the_file_keeps_less(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        one.history.configure(HistorySettings(max_output=2_000))
        output = OutputBuffer()
        run = await one.begin(output)
        write(output, *numbered(3_000))
        await one.until_stored(3_000)
        kept = one.output(run)
        assert kept.extent.kept == 3_000
        assert texts_of(kept.read(0, 3_000)) == numbered(3_000)

        await one.end(run)
        assert 0 < kept.extent.kept < 200


async def test_output_is_read_after_a_restart(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = await _long_run(one, 3_000)
    async with recording(tmp_path) as one:
        assert one.texts(run, 999, 2_001) == numbered(1_002, 999)
        assert one.history.output(run.id + 1) is None


async def test_an_output_of_a_run_that_is_gone_is_empty(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = await one.run("a")
        kept = one.output(run)
        one.change("DELETE FROM runs")
        one.change("DELETE FROM chunks")

        assert kept.extent == OutputExtent(0, 0, 0)
        assert kept.read(0, 10) == []


async def test_any_thread_reads_while_the_run_writes(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        output = OutputBuffer(max_lines=1_500, head_lines=10)
        run = await one.begin(output)
        kept = one.output(run)
        wrong: list[str] = []
        stops = threading.Event()

        def look() -> None:
            while not stops.is_set():
                extent = kept.extent
                start = max(extent.total - 500, extent.gap_end)
                texts = texts_of(kept.read(start, extent.total))
                if texts and texts != numbered(len(texts), int(texts[0].split()[1])):
                    wrong.append(f"{start}: {texts[0]} to {texts[-1]}")

        readers = [threading.Thread(target=look) for _ in range(2)]
        for reader in readers:
            reader.start()
        for start in range(0, 3_000, 500):
            write(output, *numbered(500, start))
            await one.run()
        await one.end(run)
        stops.set()
        for reader in readers:
            reader.join()

        assert wrong == []


async def test_long_lines_make_more_chunks(tmp_path: Path) -> None:
    texts = ["x" * 60_000 + str(number) for number in range(20)]
    async with recording(tmp_path) as one:
        run = await one.run(*texts)

        assert one.look("SELECT max(length(data)) FROM chunks")[0] <= MOST_CHARS
        assert one.texts(run) == texts


async def test_a_line_feed_within_a_line_moves_no_other_line(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = await one.run("a", "b\nc", "d\ud800")

        assert one.texts(run) == ["a", "b c", "d\\ud800"]


def test_the_cache_keeps_what_was_read_last() -> None:
    loaded: list[ChunkKey] = []

    def load(key: ChunkKey) -> str:
        loaded.append(key)
        return "\n".join([encoded("x" * 100)] * 10)

    cache = ChunkCache(most_chars=4_000)
    first, second, third = (ChunkKey(1, start, 10, start, False) for start in (0, 10, 20))
    for key in (first, second, first, third, first, second):
        lines = cache.lines(key, load)
        assert lines is not None
        assert len(lines) == 10

    assert loaded == [first, second, third, second]


@pytest.mark.parametrize("text", [None, ""])
def test_what_is_not_there_is_not_cached(text: str | None) -> None:
    cache = ChunkCache()
    key = ChunkKey(1, 0, 1, 1, False)

    assert cache.lines(key, lambda key: None) is None
    assert cache.lines(key, lambda key: text) == (None if text is None else [""])


async def _long_run(one: Recording, lines: int) -> Run:
    output = OutputBuffer()
    run = await one.begin(output)
    write(output, *numbered(lines))
    return await one.end(run)
