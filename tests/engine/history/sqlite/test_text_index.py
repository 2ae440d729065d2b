"""The full-text index and `words_of` agree on what a word is."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.past_runs import history_file
from support.thorough import examples
from taskengine.history.sqlite import text_index
from taskengine.history.words import wanted_words, words_of

# Where Unicode has its letters, digits and marks, and what is in between; some of the ideographs.
CHARACTERS = [
    chr(point)
    for points in (
        range(0x3400),
        range(0x3400, 0x32000, 97),
        range(0xA000, 0xAC00),
        range(0xD800, 0x20000),
        range(0xE0000, 0xE0200),
    )
    for point in points
]
LETTERS = [one for one in CHARACTERS if one.isalnum()]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with history_file(tmp_path / "history.db") as connection:
        yield connection


def found(connection: Connection, text: str) -> list[int]:
    """The runs that the index gives for a text."""
    sql = "SELECT rowid FROM run_text WHERE run_text MATCH ? ORDER BY rowid"
    return [row[0] for row in connection.execute(sql, (text_index.expression(wanted_words(text)),))]


def terms(connection: Connection) -> set[str]:
    """All words that the index holds."""
    connection.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'run_text', 'row')")
    return {term for (term,) in connection.execute("SELECT term FROM temp.terms")}


def test_a_run_is_found_by_the_beginnings_of_its_words(connection: Connection) -> None:
    text_index.add(connection, 1, "imported 17 orders")
    text_index.add(connection, 2, "order 1700: Größe unknown")

    assert found(connection, "ORD") == [1, 2]
    assert found(connection, "orders") == [1]
    assert found(connection, "17") == [1, 2]
    assert found(connection, "1700") == [2]
    assert found(connection, "GRÖSSE order") == [2]
    assert found(connection, "rder") == []


def test_a_long_word_is_found_by_any_beginning_and_not_exactly(connection: Connection) -> None:
    text_index.add(connection, 1, "internationalisation")

    for length in range(1, 21):
        assert found(connection, "internationalisation"[:length]) == [1]
    assert text_index.is_exact(wanted_words("internat"))
    assert not text_index.is_exact(wanted_words("internati"))


def test_of_very_many_words_some_are_asked_for_and_the_answer_is_not_exact(
    connection: Connection,
) -> None:
    many = " ".join(f"w{number}" for number in range(100, 200))
    text_index.add(connection, 1, many)

    assert found(connection, many) == [1]
    assert not text_index.is_exact(wanted_words(many))


def test_a_run_that_was_removed_is_not_found(connection: Connection) -> None:
    text = "order order Größe internationalisation"
    text_index.add(connection, 1, text)
    text_index.add(connection, 2, text)

    text_index.remove(connection, 1, text)

    assert found(connection, "order") == found(connection, "int") == [2]
    text_index.remove(connection, 2, text)
    assert terms(connection) == set()


def test_text_without_words_takes_no_room(connection: Connection) -> None:
    text_index.add(connection, 1, "{} -- ")
    text_index.remove(connection, 1, "{} -- ")

    assert terms(connection) == set()


def test_the_index_holds_the_words_that_we_find_in_all_of_unicode(connection: Connection) -> None:
    everything = "x ".join(CHARACTERS)

    text_index.add(connection, 1, everything)

    assert terms(connection) == {word[: text_index.INDEXED_CHARS] for word in words_of(everything)}


def test_every_letter_of_unicode_is_found_in_every_case() -> None:
    for letter in LETTERS:
        words = words_of(letter)
        for other in (letter.lower(), letter.casefold(), unicodedata.normalize("NFKD", letter)):
            assert words_of(other) == words
        if letter.upper().lower() == letter:
            assert words_of(letter.upper()) == words


@given(st.text())
@examples(100)
def test_words_hold_nothing_that_separates_words(text: str) -> None:
    words = words_of(text)

    assert words_of(" ".join(words)) == words
    assert all(word.isalnum() for word in words)
