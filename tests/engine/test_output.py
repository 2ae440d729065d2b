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


def test_whoever_listens_hears_once_of_the_next_line() -> None:
    buffer = filled(3)
    heard: list[int] = []

    def listen() -> None:
        buffer.on_line = lambda told: heard.append(told.extent.total)

    listen()
    buffer.append("3")
    buffer.append("4")
    assert heard == [4]

    listen()
    buffer.append("5")
    assert heard == [4, 6]


def test_a_listener_hears_of_lines_that_push_others_out() -> None:
    buffer = filled(100, max_lines=10, head_lines=3)
    heard: list[int] = []
    buffer.on_line = lambda told: heard.append(told.extent.total)

    buffer.append("100")
    assert heard == [101]


@pytest.mark.parametrize(
    ("start", "limit", "first", "found"),
    [
        (0, 2, 0, lines(0, 1)),
        (1, 50, 1, lines(1, 2)),  # the gap is behind them
        (3, 50, 93, lines(*range(93, 100))),
        (50, 2, 93, lines(93, 94)),
        (95, 2, 95, lines(95, 96)),
        (100, 5, 100, []),
    ],
)
def test_reading_on_gives_what_follows_without_a_gap(
    start: int, limit: int, first: int, found: list[str]
) -> None:
    buffer = filled(100, max_lines=10, head_lines=3)

    assert buffer.read_on(start, limit) == (first, found)
