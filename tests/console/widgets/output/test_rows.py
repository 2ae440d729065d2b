"""Which line stands in which row, while lines are written and dropped."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskconsole.widgets.output.rows import Place, Rows, Special
from taskengine.output import OutputBuffer, OutputKind, OutputLine


def encoded(number: int) -> str:
    return OutputLine(number, OutputKind.STDOUT, "", f"line {number}").encode()


def small_buffer() -> OutputBuffer:
    return OutputBuffer(max_lines=20, head_lines=5)


def write(output: OutputBuffer, count: int) -> None:
    for _ in range(count):
        output.append(encoded(output.extent.total))


def caught_up(rows: Rows, output: OutputBuffer) -> Rows:
    rows.catch_up(output)
    while not rows.is_complete:
        rows.catch_up(output)
    return rows


def every_third(line: str) -> int:
    return int(OutputLine.decode(line).time % 3 == 0)


def up_to_three_rows(line: str) -> int:
    return OutputLine.decode(line).time % 4


HEIGHTS = [None, every_third, up_to_three_rows]


def expected_places(output: OutputBuffer, height_of: Callable[[str], int] | None) -> list[Place]:
    extent = output.extent
    lines = [*range(extent.gap_start), Special.GAP, *range(extent.gap_end, extent.total)]
    places = []
    for line in lines:
        if line is Special.GAP:
            places += [Place(line)] if extent.dropped else []
        elif isinstance(line, int):
            height = height_of(encoded(line)) if height_of else 1
            places += [Place(line, section) for section in range(height)]
    return places


@pytest.mark.parametrize("height_of", HEIGHTS)
@given(bursts=st.lists(st.integers(0, 30), max_size=8))
def test_rows_are_those_of_the_lines_that_can_be_read(
    height_of: Callable[[str], int] | None, bursts: list[int]
) -> None:
    output, rows = small_buffer(), Rows(height_of)
    for burst in bursts:
        write(output, burst)
        caught_up(rows, output)
        expected = expected_places(output, height_of)
        assert rows.count == len(expected)
        assert [rows.place(row) for row in range(rows.count)] == expected
        for row, place in enumerate(expected):
            if isinstance(place.line, int):
                assert rows.row_of(place.line, place.section) == row


def test_a_line_keeps_its_place_when_others_are_dropped() -> None:
    output, rows = small_buffer(), Rows()
    write(output, 18)
    caught_up(rows, output)
    anchor = rows.anchor(15)
    write(output, 9)
    caught_up(rows, output)
    assert anchor == Place(15)
    assert rows.place(rows.row_of(15)) == Place(15)
    assert rows.row_of(15) < 15


def test_a_line_that_was_dropped_stands_for_the_gap() -> None:
    output, rows = small_buffer(), Rows()
    write(output, 100)
    caught_up(rows, output)
    assert rows.place(rows.row_of(50)) == Place(Special.GAP)
    assert rows.anchor(rows.row_of(50)) == Place(5)
    assert rows.row_of(5) == rows.row_of(50)


def test_what_is_not_yet_a_line_stands_below_all_lines() -> None:
    output, rows = small_buffer(), Rows()
    write(output, 3)
    caught_up(rows, output)
    rows.partial_rows = 2
    assert rows.count == 5
    assert rows.place(4) == Place(Special.PARTIAL, 1)
    assert rows.place(5) == Place(Special.NOTHING)
    assert rows.anchor(4) == Place(3, 1)


def test_much_is_taken_in_by_and_by() -> None:
    output = OutputBuffer()
    write(output, 10_000)
    rows = Rows(every_third)
    rows.catch_up(output)
    counts = [rows.count]
    while not rows.is_complete:
        rows.catch_up(output)
        counts.append(rows.count)
    assert len(counts) > 1
    assert all(before < after for before, after in pairwise(counts))
    assert rows.count == 3_334


def test_a_filtered_line_stands_for_the_next_one_that_is_shown() -> None:
    output, rows = small_buffer(), Rows(every_third)
    write(output, 12)
    caught_up(rows, output)
    assert rows.place(rows.row_of(4)) == Place(6)
