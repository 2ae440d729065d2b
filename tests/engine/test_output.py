"""The bounded buffer of a run's lines."""

import threading

import pytest

from taskengine.output import OutputBuffer, OutputExtent, OutputKind, OutputLine


def lines(*numbers: int) -> list[str]:
    return [str(number) for number in numbers]


def filled(count: int, **caps: int) -> OutputBuffer:
    buffer = OutputBuffer(**caps)
    for number in range(count):
        buffer.append(str(number))
    return buffer


def test_a_line_survives_encoding_whatever_it_holds() -> None:
    line = OutputLine(1_700_000_000_123, OutputKind.WARNING, "a.b", "text \x1f with \n anything ✓")

    assert OutputLine.decode(line.encode()) == line


def test_what_fits_is_kept_whole() -> None:
    buffer = filled(10, max_lines=10, head_lines=3)

    assert buffer.extent == OutputExtent(total=10, gap_start=3, gap_end=3)
    assert buffer.read(0, 10) == lines(*range(10))


def test_head_and_tail_are_kept_and_the_gap_is_counted() -> None:
    buffer = filled(100, max_lines=10, head_lines=3)

    assert buffer.extent == OutputExtent(total=100, gap_start=3, gap_end=93)
    assert buffer.extent.dropped == 90
    assert buffer.extent.kept == 10
    assert buffer.read(0, 100) == lines(0, 1, 2, *range(93, 100))


def test_any_range_can_be_read_and_what_is_not_there_is_left_out() -> None:
    buffer = filled(100, max_lines=10, head_lines=3)

    assert buffer.read(1, 2) == lines(1)
    assert buffer.read(50, 60) == []
    assert buffer.read(95, 97) == lines(95, 96)
    assert buffer.read(99, 1000) == lines(99)
    assert buffer.read(-5, 1) == lines(0)


@pytest.mark.parametrize("start", [0, 499, 500, 501, 750, 990, 999, 1_000])
@pytest.mark.parametrize("length", [0, 1, 10, 600])
def test_every_part_of_a_long_output_is_read_as_it_was_written(start: int, length: int) -> None:
    buffer = filled(1_000, max_lines=1_000, head_lines=10)

    stop = min(start + length, 1_000)
    assert buffer.read(start, start + length) == lines(*range(start, stop))


def test_long_lines_are_dropped_by_their_characters() -> None:
    buffer = OutputBuffer(max_chars=100)
    for _ in range(10):
        buffer.append("x" * 30)

    assert buffer.chars <= 100
    assert buffer.extent.total == 10


def test_the_newest_line_is_kept_even_if_it_is_larger_than_the_cap() -> None:
    buffer = OutputBuffer(max_chars=100)
    buffer.append("a")
    buffer.append("x" * 500)
    buffer.append("y" * 500)

    assert buffer.read(0, 3)[-1] == "y" * 500


def test_lines_of_several_threads_are_all_counted() -> None:
    buffer = OutputBuffer(max_lines=1_000)

    def write() -> None:
        for _ in range(5_000):
            buffer.append("x")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert buffer.extent.total == 20_000
    assert buffer.extent.kept == 1_000
