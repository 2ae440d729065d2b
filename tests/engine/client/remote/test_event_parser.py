"""Messages of an event stream, from bytes cut anywhere."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskengine.client.remote import event_parser
from taskengine.client.remote.event_parser import EventParser, Message

STREAM = (
    b"\n: hello\n\nevent: State\nid: a-1.0\ndata: {}\n\n"
    b": ping\n\n"
    b'event:RunEnded\r\nid:a-1.1\r\ndata:{"a": 1}\r\n\r\n'
    b"id: a-1.2\n\n"
    b"data: one\ndata: two\nretry: 5\nnonsense\n\n"
    b"event: Half\ndata: never en"
)
MESSAGES = [
    Message("State", "a-1.0", b"{}"),
    Message("RunEnded", "a-1.1", b'{"a": 1}'),
    Message("message", "", b"one\ntwo"),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_messages_are_the_same_wherever_the_bytes_are_cut(cuts: list[int]) -> None:
    parser, found = EventParser(), []
    places = [0, *sorted(cuts), len(STREAM)]
    for start, stop in pairwise(places):
        found += parser.feed(STREAM[start:stop])
    assert found == MESSAGES


def test_a_line_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_parser, "LONGEST_LINE", 1_000)
    parser = EventParser()
    parser.feed(b"data: " + b"x" * 900)
    with pytest.raises(ValueError, match="no end"):
        parser.feed(b"x" * 200)
