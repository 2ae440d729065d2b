"""Which line stands in which row, while lines are written and dropped."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskconsole.widgets.output.rows import Place, Rows, Special
from taskengine.output import AtHand, Output, OutputBuffer, OutputExtent, OutputKind, OutputLine


def encoded(number: int) -> str:
    return OutputLine(number, OutputKind.STDOUT, "", f"line {number}").encode()


def small_buffer() -> OutputBuffer:
    return OutputBuffer(max_lines=20, head_lines=5)


def write(output: OutputBuffer, count: int) -> None:
    for _ in range(count):
        output.append(encoded(output.extent.total))


@dataclass
class AnyOutput(AtHand):
    """An output as long and with such a gap as it is told to have."""

    extent: OutputExtent
    partial: str = ""

    def read(self, start: int, stop: int) -> list[str]:
        gap = range(self.extent.gap_start, self.extent.gap_end)
        lines = range(max(start, 0), min(stop, self.extent.total))
        return [encoded(line) for line in lines if line not in gap]


def extents() -> st.SearchStrategy[OutputExtent]:
    three = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)).map(sorted)
    return three.map(lambda found: OutputExtent(found[2], found[0], found[1]))


def caught_up(rows: Rows, output: Output) -> Rows:
    rows.catch_up(output)
    while not rows.is_complete:
        rows.catch_up(output)
    return rows


def every_third(line: str) -> int:
    return int(OutputLine.decode(line).time % 3 == 0)


def up_to_three_rows(line: str) -> int:
    return OutputLine.decode(line).time % 4


HEIGHTS = [None, every_third, up_to_three_rows]


def expected_places(output: Output, height_of: Callable[[str], int] | None) -> list[Place]:
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


@pytest.mark.parametrize("height_of", HEIGHTS)
@given(said=st.lists(extents(), max_size=6).map(lambda said: sorted(said, key=lambda e: e.total)))
def test_a_gap_may_be_another_where_the_lines_come_from_elsewhere(
    height_of: Callable[[str], int] | None, said: list[OutputExtent]
) -> None:
    output, rows = AnyOutput(OutputExtent(0, 0, 0)), Rows(height_of)
    for output.extent in said:
        caught_up(rows, output)
        expected = expected_places(output, height_of)
        assert [rows.place(row) for row in range(rows.count)] == expected
        for row, place in enumerate(expected):
            if isinstance(place.line, int):
                assert rows.row_of(place.line, place.section) == row


def test_lines_stay_where_they_are_when_the_file_has_them() -> None:
    in_memory, in_file = OutputExtent(1, 1, 1), OutputExtent(1, 0, 0)
    output, rows = AnyOutput(in_memory), Rows()
    caught_up(rows, output)
    output.extent = in_file
    caught_up(rows, output)
    assert rows.place(0) == Place(0)


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
