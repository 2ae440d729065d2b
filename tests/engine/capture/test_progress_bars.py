"""Bars that draw themselves again: each is one line, in its last state."""

import pytest

from support.capture import Writer
from taskengine.capture.line import MAX_ROWS
from taskengine.output import OutputKind

ERR = OutputKind.STDERR
# What tqdm 4 writes for a bar within a bar; the inner one is wiped when it is done (`leave=False`).
NESTED = [
    "\router:   0%| | 0/2", "\n", "\rinner:   0%| | 0/1", "\x1b[A", "\n", "\rinner: 100%|#| 1/1",
    "\x1b[A", "", "\n", "\r                   ", "\x1b[A", "\router:  50%|5| 1/2", "\n",
    "\rinner:   0%| | 0/1", "\x1b[A", "\n", "\rinner: 100%|#| 1/1", "\x1b[A", "", "\n",
    "\r                   ", "\x1b[A", "\router: 100%|#| 2/2", "", "\router: 100%|#| 2/2", "\n",
]  # fmt: skip


def write(writer: Writer, *pieces: str) -> None:
    for piece in pieces:
        writer.output.write(ERR, piece)


def test_a_bar_within_a_bar_is_two_lines_at_most(writer: Writer) -> None:
    write(writer, *NESTED, "after\n")
    assert writer.texts == ["outer:   0%| | 0/2", "outer: 100%|#| 2/2", "after"]


def test_the_bar_that_is_drawn_is_seen_meanwhile(writer: Writer) -> None:
    write(writer, *NESTED[:12])
    assert writer.output.buffer.partial == "outer:  50%|5| 1/2"


def test_two_bars_that_stay_end_in_their_last_states(writer: Writer) -> None:
    write(writer, "\ra 0%", "\n", "\rb 0%", "\x1b[A")
    for percent in range(0, 101, 10):
        write(writer, f"\ra {percent}%", "\n", f"\rb {percent}%", "\x1b[A")
    write(writer, "\n", "\n")
    assert writer.texts == ["a 0%", "a 100%", "b 100%"]


def test_bars_that_are_left_open_are_kept_at_the_end(writer: Writer) -> None:
    write(writer, "\ra 0%", "\n", "\rb 0%", "\x1b[A", "\ra 50%")
    writer.output.close()
    assert writer.texts == ["a 0%", "a 50%", "b 0%"]


@pytest.mark.parametrize("wipe", ["\r\x1b[K", "\r\x1b[0K", "\x1b[2K\r", "\r\x1b[2K", "\x1b[1K\r"])
def test_a_line_that_is_wiped_is_gone(writer: Writer, wipe: str) -> None:
    write(writer, "10%", wipe, "20%", wipe, "done", "\n")
    assert writer.texts == ["done"]


def test_a_bar_that_wipes_itself_at_the_end_leaves_nothing(writer: Writer) -> None:
    write(writer, "\r 50%", "\r\x1b[K")
    writer.output.close()
    assert writer.texts == []


def test_wiping_the_rest_of_a_line_takes_nothing_away(writer: Writer) -> None:
    write(writer, "\x1b[01;31m\x1b[Kfound\x1b[m\x1b[K by grep\n")
    assert writer.texts == ["\x1b[01;31mfound\x1b[m by grep"]


def test_colours_stay_in_the_text(writer: Writer) -> None:
    write(writer, "\x1b[32mok\x1b[0m\n", "\r\x1b[32m50%\x1b[0m", "\r\x1b[31m60%\x1b[0m\n")
    assert writer.texts == ["\x1b[32mok\x1b[0m", "\x1b[31m60%\x1b[0m"]


def test_going_up_for_ever_holds_no_memory(writer: Writer) -> None:
    write(writer, *["x\x1b[A"] * 1_000, "\x1b[999A", *["\n"] * (MAX_ROWS + 1), "after\n")
    assert writer.texts[-1] == "after"
    assert len(writer.texts) <= MAX_ROWS + 2


@pytest.mark.slow
def test_a_million_states_of_a_bar_are_one_line(writer: Writer) -> None:
    for state in range(1_000_000):
        writer.output.write(ERR, f"\r{state}")
    write(writer, "\n")
    assert writer.texts == ["999999"]


def test_a_million_tiny_pieces_are_all_there(writer: Writer) -> None:
    for _ in range(1_000_000):
        writer.output.write(ERR, "x")
    write(writer, "\n")
    assert "".join(writer.texts) == "x" * 1_000_000


def test_ten_megabytes_without_a_line_break_are_all_there(writer: Writer) -> None:
    writer.output.write(ERR, "y" * 9_000_000)
    writer.output.close()
    assert "".join(writer.texts) == "y" * 9_000_000
