"""Which lines of an output hold a text."""

from itertools import chain

from taskengine.history.line_search import LineSearch
from taskengine.output import OutputBuffer, OutputKind, OutputLine


def output_of(*texts: str, max_lines: int = 100_000) -> OutputBuffer:
    output = OutputBuffer(max_lines=max_lines)
    for text in texts:
        output.append(OutputLine(1_700_000_000_000, OutputKind.INFO, "logger.name", text).encode())
    return output


async def found(
    output: OutputBuffer, text: str, start: int = 0, *, backwards: bool = False
) -> list[int]:
    search = LineSearch.of(text, backwards=backwards)
    return [number async for batch in search.in_output(output, start) for number in batch]


async def test_lines_are_found_whatever_the_case() -> None:
    output = output_of("An ERROR", "fine", "straße error", "Error")

    assert await found(output, "error") == [0, 2, 3]
    assert await found(output, "STRASSE") == [2]
    assert await found(output, "unheard") == []


async def test_only_what_was_written_is_searched() -> None:
    output = output_of("17", "logger")

    assert await found(output, "17") == [0]
    assert await found(output, "logger") == [1]
    assert await found(output, "\x1f") == []


async def test_a_search_begins_at_a_line_and_goes_on_or_back() -> None:
    output = output_of(*["hit", "miss"] * 4)

    assert await found(output, "hit", 2) == [2, 4, 6]
    assert await found(output, "hit", 4, backwards=True) == [4, 2, 0]
    assert await found(output, "hit", 100, backwards=True) == [6, 4, 2, 0]
    assert await found(output, "hit", 100) == []
    assert await found(output, "hit", -3) == [0, 2, 4, 6]
    assert await found(output, "hit", -3, backwards=True) == []


async def test_lines_keep_their_numbers_where_some_were_dropped() -> None:
    output = output_of(*(f"line {number}" for number in range(30)), max_lines=10)
    extent = output.extent
    assert extent.dropped == 20

    kept = [*range(extent.gap_start), *range(extent.gap_end, 30)]
    assert await found(output, "line") == kept
    assert await found(output, "line", 29, backwards=True) == kept[::-1]
    assert await found(output, "line 29") == [29]


async def test_hits_come_before_all_lines_were_searched_and_each_once() -> None:
    output = output_of(*(f"line {number}" for number in range(20_000)))
    search = LineSearch.of("99", backwards=False)

    batches = [list(batch) async for batch in search.in_output(output, 0)]

    assert len(batches) > 1
    assert list(chain.from_iterable(batches)) == [
        number for number in range(20_000) if "99" in str(number)
    ]


async def test_lines_that_are_dropped_during_the_search_do_not_shift_the_others() -> None:
    output = output_of(*(f"line {number}" for number in range(5_000)), max_lines=5_000)
    hits: list[int] = []
    async for batch in LineSearch.of("line").in_output(output, 0):
        if not hits:
            for number in range(5_000, 7_500):
                output.append(OutputLine(0, OutputKind.INFO, "", f"late {number}").encode())
        hits += batch

    lines = {number: output.read(number, number + 1) for number in hits}
    assert all(line[0].endswith(f"line {number}") for number, line in lines.items() if line)
    assert 4_999 in hits
    assert len(hits) < 5_000
