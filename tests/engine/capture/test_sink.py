"""How pieces of text become lines."""

import threading

from support.capture import Writer
from taskengine.capture.sink import LATE, MAX_LINE
from taskengine.output import OutputKind

OUT, ERR = OutputKind.STDOUT, OutputKind.STDERR


def test_pieces_are_joined_until_the_line_ends(writer: Writer) -> None:
    for piece in ("one ", "line", "\nand ", "another\n"):
        writer.output.write(OUT, piece)
    assert writer.kinds == [(OUT, "one line"), (OUT, "and another")]


def test_text_without_a_line_break_is_seen_as_partial(writer: Writer) -> None:
    writer.output.write(OUT, "asking: ")
    assert writer.texts == []
    assert writer.output.buffer.partial == "asking: "
    writer.output.write(OUT, "done\n")
    assert writer.output.buffer.partial == ""


def test_both_streams_of_a_thread_keep_their_own_lines(writer: Writer) -> None:
    writer.output.write(OUT, "out ")
    writer.output.write(ERR, "err\n")
    writer.output.write(OUT, "put\n")
    assert writer.kinds == [(ERR, "err"), (OUT, "out put")]


def test_two_threads_never_share_a_line(writer: Writer) -> None:
    writer.output.write(OUT, "mine ")
    other = threading.Thread(target=writer.output.write, args=(OUT, "theirs\n"))
    other.start()
    other.join()
    writer.output.write(OUT, "too\n")
    assert writer.texts == ["theirs", "mine too"]


def test_what_another_thread_left_open_is_partial_again(writer: Writer) -> None:
    other = threading.Thread(target=writer.output.write, args=(OUT, "still open"))
    other.start()
    other.join()
    writer.output.write(OUT, "a line\n")
    assert writer.output.buffer.partial == "still open"


def test_of_a_progress_bar_the_last_state_stays(writer: Writer) -> None:
    for percent in (0, 50, 100):
        writer.output.write(OUT, f"\r{percent:3} %")
    assert writer.output.buffer.partial == "100 %"
    writer.output.write(OUT, "\n")
    assert writer.texts == ["100 %"]


def test_a_bar_that_returns_after_each_state_shows_it_meanwhile(writer: Writer) -> None:
    writer.output.write(OUT, "50 %\r")
    assert writer.output.buffer.partial == "50 %"
    writer.output.write(OUT, "100 %\r")
    writer.output.write(OUT, "\n")
    assert writer.texts == ["100 %"]


def test_windows_line_ends_leave_the_text_whole(writer: Writer) -> None:
    writer.output.write(OUT, "one\r\ntwo\r\n")
    assert writer.texts == ["one", "two"]


def test_an_endless_line_is_split_and_nothing_of_it_is_lost(writer: Writer) -> None:
    for _ in range(10):
        writer.output.write(OUT, "x" * 50_000)
        assert len(writer.output.buffer.partial) <= MAX_LINE
    writer.output.write(OUT, "end\n")
    assert max(map(len, writer.texts)) <= MAX_LINE
    assert "".join(writer.texts) == "x" * 500_000 + "end"


def test_a_long_line_in_one_piece_is_split_too(writer: Writer) -> None:
    writer.output.write(OUT, "y" * (2 * MAX_LINE + 1) + "\n")
    assert [len(text) for text in writer.texts] == [MAX_LINE, MAX_LINE, 1]


def test_empty_lines_are_lines(writer: Writer) -> None:
    writer.output.write(OUT, "\n\n")
    assert writer.texts == ["", ""]


def test_lone_surrogates_and_nuls_are_kept_in_a_form_that_can_be_encoded(writer: Writer) -> None:
    writer.output.write(OUT, "bad \udcff name")
    assert writer.output.buffer.partial == "bad \\udcff name"
    writer.output.write(OUT, "\nzero \0 byte\n")
    writer.output.log(OutputKind.INFO, "\ud800\nname", "\udcfe")
    assert writer.texts == ["bad \\udcff name", "zero \0 byte", "\\udcfe"]
    for line in writer.lines:
        line.encode().encode()


def test_bytes_may_be_cut_within_a_character(writer: Writer) -> None:
    for byte in "naïve €\n".encode():
        writer.output.write_bytes(OUT, bytes([byte]))
    assert writer.texts == ["naïve €"]


def test_bytes_that_are_not_text_become_escapes(writer: Writer) -> None:
    writer.output.write_bytes(OUT, b"\xff\xfe\n")
    assert writer.texts == ["\\xff\\xfe"]


def test_a_log_record_of_several_lines_becomes_lines_of_its_kind(writer: Writer) -> None:
    writer.output.log(OutputKind.ERROR, "app.db", "it failed:\n  at line 3")
    assert writer.kinds == [(OutputKind.ERROR, "it failed:"), (OutputKind.ERROR, "  at line 3")]
    assert {line.logger for line in writer.lines} == {"app.db"}


def test_a_note_is_the_engines_own_word(writer: Writer) -> None:
    writer.output.note("The run was joined.")
    assert writer.kinds == [(OutputKind.NOTE, "The run was joined.")]


def test_closing_ends_every_open_line(writer: Writer) -> None:
    writer.output.write(OUT, "no end")
    writer.output.write_bytes(ERR, b"half a \xe2\x82")
    writer.output.close()
    assert sorted(writer.texts) == ["half a \\xe2\\x82", "no end"]
    assert writer.output.buffer.partial == ""


def test_what_comes_after_closing_is_kept_and_marked_as_late(writer: Writer) -> None:
    writer.output.write(OUT, "in time")
    writer.output.close()
    writer.output.write(OUT, "late\n")
    writer.output.log(OutputKind.INFO, "daemon", "later")
    assert writer.kinds == [
        (OUT, "in time"),
        (OutputKind.NOTE, LATE),
        (OUT, "late"),
        (OutputKind.INFO, "later"),
    ]


def test_a_line_has_the_time_of_its_end(writer: Writer) -> None:
    writer.output.write(OUT, "now\n")
    assert [line.time for line in writer.lines] == [1_772_366_400_000]


def test_many_threads_at_once_lose_nothing(writer: Writer) -> None:
    def write(number: int) -> None:
        for count in range(500):
            writer.output.write(OUT, f"{number} ")
            writer.output.write(OUT, f"{count}\n")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [f"{number} {count}" for number in range(8) for count in range(500)]
    assert sorted(writer.texts) == sorted(expected)
