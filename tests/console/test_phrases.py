"""Words for instants and numbers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from taskconsole import phrases

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fire", "words"),
    [
        ("2026-03-10T14:03:21Z", "now"),
        ("2026-03-10T14:04:00Z", "in 0:39"),
        ("2026-03-10T15:00:00Z", "in 56:39"),
        ("2026-03-10T17:15:21Z", "in 3 h 12 m"),
        ("2026-03-10T23:59:00Z", "in 9 h 55 m"),
        ("2026-03-11T03:00:00Z", "tomorrow 03:00"),
        ("2026-03-14T03:00:00Z", "Sat 03:00"),
        ("2026-04-01T03:00:00Z", "1 Apr 04:00"),
        ("2027-04-01T03:00:00Z", "1 Apr 2027"),
    ],
)
def test_a_coming_fire_is_told_the_nearer_the_more_exactly(fire: str, words: str) -> None:
    assert phrases.next_fire(datetime.fromisoformat(fire), NOW, LONDON) == words


@given(st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_a_coming_fire_fits_its_column(left: timedelta) -> None:
    assert len(phrases.next_fire(NOW + left, NOW, LONDON)) <= 14


@given(st.text(), st.integers(1, 40))
def test_a_fitted_text_has_exactly_the_cells_it_was_given(text: str, width: int) -> None:
    assert cell_len(phrases.fit(phrases.plain(text), width)) == width


@given(st.text(), st.integers(1, 40))
def test_a_fitted_name_has_exactly_the_cells_it_was_given(name: str, width: int) -> None:
    assert cell_len(phrases.fit_name(phrases.plain(name), width)) == width


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("reindex", "reindex  "),
        ("task-number-299", "task…-299"),
        ("漢字漢字漢字漢字", "漢字…漢字"),
        ("ab漢字漢字漢字c", "ab漢 …字c"),
        ("social-me\u0301dia", "socia…dia"),
    ],
)
def test_a_name_that_is_too_long_keeps_both_its_ends(name: str, seen: str) -> None:
    assert phrases.fit_name(name, 9) == seen


@given(st.text())
def test_plain_text_cannot_steer_the_terminal(text: str) -> None:
    assert not {"\x1b", "\r", "\x9b", "\x07"} & set(phrases.plain(text))


def test_plain_text_keeps_its_lines() -> None:
    assert phrases.plain("a\n\x1b[31mb\x1b[0m\n") == "a\nb\n"


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 runs"), (1, "1 run"), (10_000, "10,000 runs")]
)
def test_a_count_agrees_with_its_noun(number: int, words: str) -> None:
    assert phrases.count(number, "run") == words
