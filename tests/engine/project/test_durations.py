"""Spans of time as text, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskengine.project.durations import duration_in_words, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("500ms", 0.5),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1 hour, 30 minutes", 5400),
        ("2 days", 172_800),
        ("1w2d3h4m5s6ms", 788_645.006),
        ("1.5H", 5400),
        (" 10 sec ", 10),
        ("0s", 0),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", " ", "90", "s", "-5s", "5 parsecs", "30m1h", "1h1h", "1h and 5m", "1e3s", "٣s", "1,5s"],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.25, "250 ms"),
        (30, "30 s"),
        (90.5, "1 min 30.5 s"),
        (5400, "1 h 30 min"),
        (86_400, "1 d"),
        (864_000.001, "10 d 0.001 s"),
    ],
)
def test_a_duration_is_told_in_words(seconds: float, words: str) -> None:
    assert duration_in_words(seconds) == words


@given(st.integers(min_value=0, max_value=36_525 * 86_400_000))
def test_what_is_told_in_words_is_read_back(milliseconds: int) -> None:
    words = duration_in_words(milliseconds / 1000)

    assert round(parse_duration(words) * 1000) == milliseconds


@given(st.text())
def test_no_text_brings_the_reader_down(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ValueError:
        return
    assert seconds >= 0
