"""Lines that hold a text, found in memory and in the file."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from support.recording import Recording, numbered, recording, write
from taskengine.output import OutputBuffer
from taskengine.run import Run

LINES = 2_500
HITS = [number for number in range(LINES) if "77" in str(number)]


async def found(
    one: Recording, run: Run, text: str, start: int = 0, *, backwards: bool = False
) -> list[int]:
    """All hits, in the order in which they came."""
    batches: list[Sequence[int]] = [
        batch
        async for batch in one.history.search_output(run.id, text, start=start, backwards=backwards)
    ]
    assert all(batches)
    return [number for batch in batches for number in batch]


async def _written(one: Recording, output: OutputBuffer) -> Run:
    """A run with numbered lines, of which a small buffer holds but a few."""
    run = await one.begin(output)
    for start in range(0, LINES, 250):
        write(output, *numbered(250, start))
        await one.until_stored(start + 250)
    return run


@pytest.mark.parametrize("is_over", [False, True], ids=["goes on", "over"])
@pytest.mark.parametrize("held", [100_000, 600], ids=["all in memory", "few in memory"])
async def test_every_hit_is_found_once_in_the_order_of_the_search(
    tmp_path: Path, held: int, is_over: bool
) -> None:
    async with recording(tmp_path) as one:
        run = await _written(one, OutputBuffer(max_lines=held, head_lines=100))
        if is_over:
            await one.end(run)

        assert await found(one, run, "77") == HITS
        assert await found(one, run, "LINE 77") == [77, *range(770, 780)]
        assert await found(one, run, "77", 777) == [n for n in HITS if n >= 777]
        assert await found(one, run, "77", LINES, backwards=True) == HITS[::-1]
        assert (
            await found(one, run, "77", 777, backwards=True) == [n for n in HITS if n <= 777][::-1]
        )
        assert await found(one, run, "78", 77, backwards=True) == []
        assert await found(one, run, "no such text") == []


async def test_a_text_is_found_whatever_its_case(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = await one.run("Straße", "plain", "STRASSE")

        assert await found(one, run, "strasse") == [0, 2]
        assert await found(one, run, "PLAIN") == [1]


async def test_what_stands_before_a_text_is_not_searched(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = await one.run("a", "17000")

        assert await found(one, run, "17000") == [1]


async def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        silent = await one.run()

        assert await found(one, silent, "a") == []
        assert await found(one, silent, "a", 5, backwards=True) == []


async def test_a_search_of_packed_output_finds_the_same(tmp_path: Path) -> None:
    async with recording(tmp_path) as one:
        run = await _written(one, OutputBuffer())
        await one.end(run)
        await one.until(lambda: one.look("SELECT packed FROM runs") == [1])

        assert await found(one, run, "77") == HITS
        assert await found(one, run, "77", LINES, backwards=True) == HITS[::-1]
