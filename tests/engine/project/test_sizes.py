"""Amounts of memory as text, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskengine.project.sizes import parse_size, size_in_words


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MB", 512_000_000),
        ("512 MiB", 536_870_912),
        ("1GiB", 1_073_741_824),
        ("1.5 GiB", 1_610_612_736),
        ("2gb", 2_000_000_000),
        ("64kB", 64_000),
        ("100 bytes", 100),
        ("1TB", 1_000_000_000_000),
    ],
)
def test_an_amount_is_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "512", "512M", "MB", "-1MB", "1e3MB", "1 XB", "1.MB", "٣MB"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no amount of memory"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (512_000_000, "512 MB"),
        (1_073_741_824, "1 GiB"),
        (1_500_000_000, "1500 MB"),
        (16_000_001, "16000001 B"),
    ],
)
def test_an_amount_is_told_in_words(size: int, words: str) -> None:
    assert size_in_words(size) == words


@given(st.integers(min_value=0, max_value=10**15))
def test_what_is_told_in_words_is_read_back_to_the_byte(size: int) -> None:
    assert parse_size(size_in_words(size)) == size


@given(st.text())
def test_no_text_brings_the_reader_down(text: str) -> None:
    try:
        size = parse_size(text)
    except ValueError:
        return
    assert size >= 0
