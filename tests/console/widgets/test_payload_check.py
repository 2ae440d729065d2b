"""What is wrong with a payload's text, and where."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskconsole.widgets.payload_check import PayloadFault, parse_payload

FAULTS = [
    # Brackets and commas
    ("{", 1, 2, '"{" of line 1, column 1 is never closed: add }'),
    ('{\n "a": [1,\n 2\n', 3, 3, '"[" of line 2, column 7 is never closed: add ]'),
    ('{"a": 1,}', 1, 8, "this comma before } has nothing after it: delete it"),
    ('{"a": [1, 2,\n]}', 1, 12, "this comma before ] has nothing after it: delete it"),
    ('{"a": 1 "b": 2}', 1, 8, "a comma is missing here"),
    ('{\n  "a": 1\n  "b": 2\n}', 2, 9, "a comma is missing here"),
    ("{,}", 1, 2, "this comma has nothing before it: delete it"),
    ('{"a": [,]}', 1, 8, "a value is missing before this: delete this comma"),
    ('{"a": [1}', 1, 9, '"[" of line 1, column 7 is open: write ] here'),
    ("{} {}", 1, 4, "the payload ended before this: delete it"),
    ("{}}", 1, 3, "this closes nothing: delete it"),
    # Keys and colons
    ('{"a" 1}', 1, 5, "a colon is missing after this key"),
    ('{"a"', 1, 5, "a colon and a value are missing after this key"),
    ('{"a" = 1}', 1, 6, "a key is followed by a colon: write : and not ="),
    ('{"a":', 1, 6, "a value is missing after this colon"),
    ('{"a":}', 1, 6, "a value is missing before this: write one, or null"),
    ("{dryRun: true}", 1, 2, 'keys stand in double quotes: write "dryRun"'),
    ("{1: 2}", 1, 2, 'a key in double quotes belongs here, not "1"'),
    ('{"a": 1: 2}', 1, 8, 'a colon belongs after a key only, as in {"key": 1}'),
    # Quotes and strings
    ("{'a': 1}", 1, 2, 'JSON has double quotes only: write "a"'),
    ("{\"a\": 'it is'}", 1, 7, 'JSON has double quotes only: write "it is"'),
    ("{\u201ca\u201d: 1}", 1, 2, 'this is a typographic quote: write "'),
    ('{"a": "b', 1, 7, 'this string is never closed: add " at its end'),
    ('{"a": "b\n}', 1, 7, r'this string is not closed on its line: add ", or write \n for a break'),
    ('{"a": "b\tc"}', 1, 9, r"a tab or control character in a string is written \t or \u0000"),
    (r'{"a": "C:\dir"}', 1, 10, r"a backslash in a string is written twice: \\"),
    (r'{"a": "\u12"}', 1, 9, r"\u is followed by four hexadecimal digits, such as \u00e9"),
    ('{"a": "b"c"}', 1, 10, r"a quote inside a string is written \" so that it does not end it"),
    # Words from other languages
    ('{"a": True}', 1, 7, "JSON writes true, not True"),
    ('{"a": None}', 1, 7, "JSON writes null, not None"),
    ('{"a": undefined}', 1, 7, "JSON writes null, not undefined"),
    ('{"a": head}', 1, 7, 'text stands in double quotes: write "head"'),
    ('{"a": 1} // why', 1, 10, "JSON has no comments: delete this one"),
    ('{\n  # why\n  "a": 1}', 2, 3, "JSON has no comments: delete this one"),
    ('{"a": /* why */ 1}', 1, 7, "JSON has no comments: delete this one"),
    ('{"a":\u00a01}', 1, 6, "this looks like a space but is none: write a plain one"),
    ("\ufeff{}", 1, 1, "the text begins with an invisible byte order mark: delete it"),
    # Numbers
    ('{"a": NaN}', 1, 7, "JSON has no NaN: write null, or a string"),
    ('{"a": [1, -Infinity]}', 1, 11, "JSON has no -Infinity: write null, or a string"),
    ('{"a": 1e999}', 1, 7, "this number is too large: write it as a string"),
    ('{"a": 01}', 1, 8, "numbers don't begin with 0: delete it, or make it a string"),
    ('{"a": .5}', 1, 7, "numbers begin with a digit or a minus sign, as in 0.5"),
    ('{"a": +1}', 1, 7, "numbers begin with a digit or a minus sign, as in 0.5"),
    ('{"a": 1.}', 1, 8, "digits must follow the decimal point, as in 1.0"),
    (
        '{"a": 1_000}',
        1,
        8,
        "numbers are plain decimals, such as 1000 or 1.5e3: mend it, or make it a string",
    ),
    # What is JSON, but no payload
    ("[1]", 1, 1, 'a payload is a JSON object, not a list: write {"items": […]}'),
    ("\n 3", 2, 2, 'a payload is a JSON object, not a single value: write {"value": …}'),
    ('"a": 1', 1, 1, "a payload is a JSON object: put { before it and } after it"),
    (
        '{"a": 1,\n "b": {"a": 2},\n "a": 3}',
        3,
        2,
        'the key "a" stands here twice, first in line 1, column 2: keep one',
    ),
    (
        r'{"a": "\ud83d"}',
        1,
        7,
        "half of a surrogate pair stands alone: write both halves, or the character",
    ),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), FAULTS)
def test_a_fault_says_what_to_do_and_where(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(PayloadFault) as caught:
        parse_payload(text)
    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)


@pytest.mark.parametrize("text", ["", "  \n\t", "{}", " { } "])
def test_blank_text_and_an_empty_object_are_the_empty_payload(text: str) -> None:
    assert parse_payload(text) == {}


def test_a_whole_surrogate_pair_is_one_character() -> None:
    assert parse_payload(r'{"a": "\ud83d\ude00"}') == {"a": "\U0001f600"}


def test_the_same_key_in_different_objects_is_no_fault() -> None:
    assert parse_payload('{"a": {"x": 1}, "b": {"x": 2}}') == {"a": {"x": 1}, "b": {"x": 2}}


def test_lines_count_alike_whatever_ends_them() -> None:
    for end in ("\n", "\r\n", "\r"):
        with pytest.raises(PayloadFault) as caught:
            parse_payload(f'{{{end}"a": 1,{end}}}')
        assert (caught.value.line, caught.value.column) == (2, 7)


def test_nesting_that_python_cannot_read_is_a_fault_with_a_place() -> None:
    with pytest.raises(PayloadFault, match="levels deep") as caught:
        parse_payload('{"a": ' + "[" * 100_000)
    assert caught.value.line == 1


def test_a_number_that_python_refuses_to_read_is_a_fault() -> None:
    with pytest.raises(PayloadFault, match="too many digits"):
        parse_payload(f'{{"a": {"9" * 10_000}}}')


def test_two_faults_are_equal_if_they_say_the_same_of_the_same_place() -> None:
    fault = PayloadFault("wrong", 1, 2)
    assert fault == PayloadFault("wrong", 1, 2)
    assert fault != PayloadFault("wrong", 1, 3)
    assert len({fault, PayloadFault("wrong", 1, 2)}) == 1
    assert str(fault) == "line 1, column 2: wrong"


TEXT = st.text(max_size=12)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(TEXT, values, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, JSON, max_size=4), st.sampled_from([None, 1, 4]))
def test_what_json_writes_is_read_back(payload: dict[str, Any], indent: int | None) -> None:
    assert parse_payload(json.dumps(payload, indent=indent)) == payload


@given(st.text(alphabet="{}[]\",:01.-eEtrufalsn \n\\/#'a\u201c\ud800"))
def test_any_text_is_a_payload_or_has_a_fault_inside_it(text: str) -> None:
    read = payload_or_fault(text)
    if isinstance(read, PayloadFault):
        lines = text.split("\n")
        assert 1 <= read.line <= len(lines)
        assert 1 <= read.column <= len(lines[read.line - 1]) + 1
        assert read.message
    else:
        json.dumps(read, allow_nan=False, ensure_ascii=False).encode()


def payload_or_fault(text: str) -> dict[str, Any] | PayloadFault:
    try:
        return parse_payload(text)
    except PayloadFault as fault:
        return fault
