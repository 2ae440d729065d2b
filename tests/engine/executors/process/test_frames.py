"""Frames in a stream of plain text."""

import select
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from support.capture import new_output
from taskengine.executors.process.frames import FrameParser, frames, new_marker
from taskengine.output import OutputKind, OutputLine

MARKER = new_marker("0123456789abcdef")
STREAMS = st.sampled_from([OutputKind.STDOUT, OutputKind.STDERR])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=30)


def parsed(chunks: list[bytes]) -> list[tuple[OutputKind, str, str]]:
    output = new_output()
    parser = FrameParser(MARKER, output)
    for chunk in chunks:
        parser.feed(chunk)
    parser.close()
    output.close()
    lines = [OutputLine.decode(line) for line in output.buffer.read(0, 1_000_000)]
    return [(line.kind, line.logger, line.text) for line in lines]


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    for start, end in pairwise(edges):
        yield data[start:end]


def framed(kind: OutputKind, text: str, *, source: int = 1, logger: str = "") -> bytes:
    made = frames(MARKER, kind, text.encode(), source=source, logger=logger.encode())
    return b"".join(made)


@given(
    st.lists(st.tuples(st.sampled_from(list(OutputKind)), st.booleans(), TEXTS)),
    st.lists(st.integers(0)),
)
def test_whatever_is_written_arrives_in_its_order_however_it_is_cut(
    pieces: list[tuple[OutputKind, bool, str]], places: list[int]
) -> None:
    data, expected = b"", []
    for kind, is_plain, text in pieces:
        if is_plain:
            data += text.encode() + b"\n"
            expected.append((OutputKind.STDOUT, "", text))
            continue
        is_stream = kind in {OutputKind.STDOUT, OutputKind.STDERR}
        data += framed(kind, text + "\n" * is_stream, logger="" if is_stream else "some.logger")
        expected.append((kind, "" if is_stream else "some.logger", text))

    assert parsed(list(cut(data, places))) == expected


@given(st.lists(st.binary(max_size=60) | st.just(MARKER)), st.lists(st.integers(0)))
def test_bytes_that_only_look_like_frames_are_lost_as_little_as_any(
    pieces: list[bytes], places: list[int]
) -> None:
    written: list[bytes] = []

    class Plain:
        def write_bytes(self, kind: OutputKind, data: bytes, source: object = None) -> None:
            written.append(data)

        def finish_line(self, kind: OutputKind, source: object) -> None:
            """Nothing is open."""

        def log(self, kind: OutputKind, logger: str, text: str) -> None:
            written.append(text.encode())

    output = Plain()
    parser = FrameParser(MARKER, output)  # type: ignore[arg-type] # stands in for what it calls
    data = b"".join(pieces)

    for chunk in cut(data, places):
        parser.feed(chunk)
    parser.close()

    assert MARKER in data or b"".join(written) == data


def test_a_long_record_is_one_record_again() -> None:
    text = "x" * 20_000

    data = framed(OutputKind.INFO, text, logger="long")

    assert parsed([data]) == [(OutputKind.INFO, "long", text)]


def test_every_frame_is_short_enough_for_a_pipe_to_take_it_whole() -> None:
    made = list(frames(MARKER, OutputKind.STDERR, b"x" * 50_000, logger=b"y" * 9_000))

    assert max(map(len, made)) <= select.PIPE_BUF


def test_frames_of_two_threads_do_not_mix_within_a_line() -> None:
    pieces = [
        framed(OutputKind.STDERR, "one ", source=1),
        framed(OutputKind.STDERR, "two ", source=2),
        framed(OutputKind.STDERR, "and a half\n", source=1),
        framed(OutputKind.STDERR, "and a third\n", source=2),
    ]

    assert [text for _, _, text in parsed(pieces)] == ["one and a half", "two and a third"]


def test_a_character_that_is_cut_between_two_frames_is_whole_again() -> None:
    text = "é" * 5_000

    [(_, _, told)] = parsed([framed(OutputKind.STDERR, text + "\n")])

    assert told == text


def test_a_record_that_was_never_finished_is_not_lost() -> None:
    first, *_ = frames(MARKER, OutputKind.ERROR, b"x" * 9_000, source=1, logger=b"cut")

    [(_, _, told)] = parsed([first])

    assert set(told) == {"x"}
