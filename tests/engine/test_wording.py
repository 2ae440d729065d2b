"""Faults in words for people."""

import pytest

from taskengine.wording import fault_in_words, raised_in_words, split_place, types_in_words


@pytest.mark.parametrize(
    ("message", "said", "place"),
    [
        ("Expected `int`, got `str`", "Expected `int`, got `str`", ""),
        ("Invalid UUID - at `$.a.b[0]`", "Invalid UUID", "a.b[0]"),
        ("Invalid UUID - at `$[...][0]`", "Invalid UUID", "[...][0]"),
        ("Invalid UUID - at `key` in `$.a`", "Invalid UUID as a key", "a"),
        ("two\nlines - at noon", "two\nlines - at noon", ""),
    ],
)
def test_a_message_is_split_from_its_place(message: str, said: str, place: str) -> None:
    assert split_place(message) == (said, place)


def test_a_mapping_is_called_what_the_format_calls_it() -> None:
    message = "Expected `object`, got `array`"

    assert fault_in_words(message) == "must be an object, not a list"
    assert fault_in_words(message, table="a table") == "must be a table, not a list"


def test_null_is_only_told_where_it_is_the_point() -> None:
    assert types_in_words("int | null") == "a whole number"
    assert types_in_words("null") == "null"


def test_a_message_of_the_types_author_is_left_alone() -> None:
    assert fault_in_words("not on Sundays") is None
    assert fault_in_words("not on Sundays as a key") is None


def test_an_error_without_a_message_is_told_by_its_name() -> None:
    assert raised_in_words(KeyError()) == "KeyError"
