"""Where the values of a JSON text stand."""

import pytest

from taskconsole.widgets.json_places import path_at, path_text, place_of

TEXT = '{\n  "to": {"email": 5, "a.b": 1},\n  "items": [1, {"n": "x"}, []]\n}'


@pytest.mark.parametrize(
    ("path", "begins"),
    [
        ("", "{\n"),
        ("to", '"to"'),
        ("to.email", '"email"'),
        ("to.a.b", '"a.b"'),
        ("items[0]", "1, {"),
        ("items[1].n", '"n"'),
        ("items[2]", "[]]"),
    ],
)
def test_a_field_is_found_by_its_path(path: str, begins: str) -> None:
    assert TEXT[place_of(TEXT, path) :].startswith(begins)


@pytest.mark.parametrize(
    ("path", "begins"),
    [("to.name", '"to"'), ("items[7].n", '"items"'), ("other", "{\n"), ("[3]", "{\n")],
)
def test_a_field_that_is_missing_is_found_where_it_ought_to_be(path: str, begins: str) -> None:
    assert TEXT[place_of(TEXT, path) :].startswith(begins)


@pytest.mark.parametrize(
    ("before_cursor", "path"),
    [
        ("", ""),
        ("{\n", "to"),
        ('{\n  "t', "to"),
        ('{\n  "to": {"email": ', "to.email"),
        ('{\n  "to": {"email": 5', "to.email"),
        ('{\n  "to": {"email": 5, "a.b": 1},\n  "items": [1, {"n": "', "items[1].n"),
        (TEXT, ""),
    ],
)
def test_the_cursor_is_in_the_innermost_member(before_cursor: str, path: str) -> None:
    assert TEXT.startswith(before_cursor)
    assert path_text(path_at(TEXT, len(before_cursor))) == path


def test_an_unfinished_value_belongs_to_its_key() -> None:
    text = '{"a": [1, {"b": tr'
    assert path_at(text, len(text)) == ("a", 1, "b")


@pytest.mark.parametrize("text", ["]]}", '"', '{"a" 1, ', ":,:", "{" * 500, "[" * 500])
def test_a_text_that_is_no_json_has_places_too(text: str) -> None:
    path = path_text(path_at(text, len(text)))
    assert 0 <= place_of(text, path) <= len(text)
