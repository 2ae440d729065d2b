"""What a word is, and where a run's words come from."""

from support.past_runs import past_run
from taskengine.history.words import text_of, wanted_words, words_of
from taskengine.run import RunError, RunState


def test_words_are_rows_of_letters_and_digits_whatever_their_case() -> None:
    assert words_of("Imported 17 orders, v1.2_final") == [
        *("imported", "17", "orders", "v1", "2", "final"),
    ]
    assert words_of("STRASSE straße") == ["strasse", "strasse"]
    assert words_of("---") == []


def test_words_are_the_same_however_their_accents_are_encoded() -> None:
    assert words_of("e\u0301tude") == words_of("\u00e9tude") == ["\u00e9tude"]
    assert words_of("\u0130stanbul") == ["istanbul"]
    assert words_of("\uff21\uff22\uff23") == ["abc"]


def test_a_word_that_begins_another_need_not_be_asked_for() -> None:
    assert wanted_words("ord ORDERS or 42 order") == ("orders", "42")
    assert wanted_words("!?") == ()


def test_the_text_of_a_run_is_its_error_its_payload_and_its_result() -> None:
    run = past_run(
        1,
        state=RunState.FAILED,
        payload={"to": ["Ann\nLee", {"urgent": True}], "copy": None},
        result={"sent": 2.5},
        error=RunError(type="ValueError", message="bad\nvery", traceback="hidden"),
    )

    assert words_of(text_of(run)) == [
        *("valueerror", "bad", "very", "to", "ann", "lee", "urgent", "true", "copy", "null"),
        *("sent", "2", "5"),
    ]


def test_a_run_without_a_result_has_no_text_of_it() -> None:
    assert words_of(text_of(past_run(1))) == []


def test_neither_a_large_payload_nor_a_large_error_crowds_out_the_rest() -> None:
    run = past_run(
        1,
        payload={"text": "p " * 1_000_000},
        error=RunError(type="ValueError", message="e " * 1_000_000),
        result=["r"] * 1_000_000,
    )

    text = text_of(run)

    assert {"p", "e", "r"} <= set(words_of(text))
    assert len(text) < 70_000
