"""Explains where a text stops being JSON: what people usually meant, and what to write instead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|"')
_WORD = re.compile(r"[^\W\d][\w$-]*")
_QUOTED = re.compile(r"'((?:[^'\\\n]|\\.)*)'")
_JSON_FOR_WORD = {
    "True": "true",
    "False": "false",
    "None": "null",
    "TRUE": "true",
    "FALSE": "false",
    "NULL": "null",
    "nil": "null",
    "undefined": "null",
    "nan": "null",
    "inf": "null",
}
_CLOSING = {"{": "}", "[": "]"}
_LONGEST_QUOTE = 20
_TYPOGRAPHIC_QUOTES = "\u201c\u201d\u201e\u2018\u2019"
_ODD_SPACES = "\u00a0\u2007\u202f\u3000\u200b\ufeff"


@dataclass(frozen=True, slots=True)
class Spot:
    """A message for people, and the index of the character that it is about."""

    message: str
    position: int


def tokens(text: str) -> Iterator[tuple[str, int]]:
    """The tokens of a JSON text with their indices; what is no token comes as a word."""
    for match in _TOKEN.finditer(text):
        yield match.group(), match.start()


def place(text: str, position: int) -> str:
    """`line 3, column 5` of an index."""
    column = position - text.rfind("\n", 0, position)
    return f"line {text.count(chr(10), 0, position) + 1}, column {column}"


def explain(text: str, reason: str, position: int) -> Spot:
    """What to tell people for the `reason` that Python's JSON reader gave at `position`."""
    if reason.startswith("Illegal trailing comma"):
        return _trailing_comma(position, text[position + 1 :].lstrip()[:1])
    if reason.startswith(("Unterminated", "Invalid")):
        return _in_a_string(text, reason, position)
    if reason == "Extra data":
        return _extra_data(text, position)
    return _unexpected(text, reason, position)


def _in_a_string(text: str, reason: str, position: int) -> Spot:
    if reason.startswith("Invalid control character"):
        return _control_character(text, position)
    if reason.startswith(r"Invalid \u"):
        return Spot(r"\u is followed by four hexadecimal digits, such as \u00e9", position)
    if reason.startswith("Invalid \\"):
        return Spot(r"a backslash in a string is written twice: \\", position)
    return Spot('this string is never closed: add " at its end', position)


def _unexpected(text: str, reason: str, position: int) -> Spot:
    if position >= len(text):
        return _end_of_text(text, reason)
    usual = _usual_slip(text, position)
    if usual:
        return Spot(usual, position)
    if reason.startswith("Expecting ','"):
        return _no_comma(text, position)
    if reason.startswith("Expecting ':'"):
        return _no_colon(text, position)
    if reason.startswith("Expecting property name"):
        return _no_key(text, position)
    return _no_value(text, position)


def _usual_slip(text: str, position: int) -> str:
    """What is wrong wherever it stands: comments, other quotes, odd spaces."""
    character = text[position]
    if character == "#" or text.startswith(("//", "/*"), position):
        return "JSON has no comments: delete this one"
    if character == "'":
        return f"JSON has double quotes only: write {_requoted(text, position)}"
    if character in _TYPOGRAPHIC_QUOTES:
        return 'this is a typographic quote: write "'
    if character in _ODD_SPACES:
        return "this looks like a space but is none: write a plain one"
    return ""


def _requoted(text: str, position: int) -> str:
    match = _QUOTED.match(text, position, position + _LONGEST_QUOTE)
    return f'"{match[1]}"' if match and '"' not in match[1] else '"…"'


def _no_key(text: str, position: int) -> Spot:
    character = text[position]
    if character in "}]" and _character_before(text, position) == ",":
        return _trailing_comma(text.rindex(",", 0, position), character)
    if character == ",":
        return Spot("this comma has nothing before it: delete it", position)
    word = _word_at(text, position)
    if word:
        return Spot(f'keys stand in double quotes: write "{word}"', position)
    return Spot(f'a key in double quotes belongs here, not "{character}"', position)


def _no_value(text: str, position: int) -> Spot:
    character, before = text[position], _character_before(text, position)
    if character in "}]" and before == ",":
        return _trailing_comma(text.rindex(",", 0, position), character)
    if character in "}],":
        mend = "delete this comma" if before in ("[", ",") else "write one, or null"
        return Spot(f"a value is missing before this: {mend}", position)
    if character in "+.":
        return Spot("numbers begin with a digit or a minus sign, as in 0.5", position)
    return Spot(_about_word(_word_at(text, position)), position)


def _about_word(word: str) -> str:
    if word in _JSON_FOR_WORD:
        return f"JSON writes {_JSON_FOR_WORD[word]}, not {word}"
    if word:
        return f'text stands in double quotes: write "{word}"'
    return 'a value belongs here: a number, "text", true, false, null, a list or an object'


def _no_comma(text: str, position: int) -> Spot:
    number = _broken_number(text, position)
    if number:
        return Spot(number, position)
    if text[position] in "}]":
        return _wrong_bracket(text, position)
    if text[position] == ":":
        return Spot('a colon belongs after a key only, as in {"key": 1}', position)
    if text[position - 1] == '"' and _word_at(text, position):
        return Spot(r"a quote inside a string is written \" so that it does not end it", position)
    return Spot("a comma is missing here", len(text[:position].rstrip()))


def _broken_number(text: str, position: int) -> str:
    if not text[position - 1].isdigit():
        return ""
    character = text[position]
    if character.isdigit():
        return "numbers don't begin with 0: delete it, or make it a string"
    if character == ".":
        return "digits must follow the decimal point, as in 1.0"
    if character in "xXoObB_" or character.isalpha():
        return "numbers are plain decimals, such as 1000 or 1.5e3: mend it, or make it a string"
    return ""


def _no_colon(text: str, position: int) -> Spot:
    if text[position] == "=":
        return Spot("a key is followed by a colon: write : and not =", position)
    return Spot("a colon is missing after this key", len(text[:position].rstrip()))


def _trailing_comma(position: int, closing: str) -> Spot:
    return Spot(f"this comma before {closing} has nothing after it: delete it", position)


def _control_character(text: str, position: int) -> Spot:
    if text[position] != "\n":
        return Spot(r"a tab or control character in a string is written \t or \u0000", position)
    start = text.rfind('"', 0, position)
    return Spot(r'this string is not closed on its line: add ", or write \n for a break', start)


def _extra_data(text: str, position: int) -> Spot:
    usual = _usual_slip(text, position)
    if usual:
        return Spot(usual, position)
    if text.lstrip().startswith('"') and text[position] == ":":
        return Spot("a payload is a JSON object: put { before it and } after it", 0)
    first = text.lstrip()[:1]
    if first not in _CLOSING:
        return Spot("a payload is a JSON object, in { and }", 0)
    message = "this closes nothing" if text[position] in "}]" else "the payload ended before this"
    return Spot(f"{message}: delete it", position)


def _wrong_bracket(text: str, position: int) -> Spot:
    opening = _unclosed(text[:position])
    if opening is None:
        return Spot("this closes nothing: delete it", position)
    bracket = text[opening]
    message = f'"{bracket}" of {place(text, opening)} is open: write {_CLOSING[bracket]} here'
    return Spot(message, position)


def _end_of_text(text: str, reason: str) -> Spot:
    end = len(text.rstrip())
    if text[end - 1] == ":":
        return Spot("a value is missing after this colon", end)
    if reason.startswith("Expecting ':'"):
        return Spot("a colon and a value are missing after this key", end)
    opening = _unclosed(text)
    if opening is None:
        return Spot("the text ends too early", end)
    bracket = text[opening]
    message = f'"{bracket}" of {place(text, opening)} is never closed: add {_CLOSING[bracket]}'
    return Spot(message, end)


def _unclosed(text: str) -> int | None:
    """The index of the innermost bracket that is still open at the end of `text`."""
    opened: list[int] = []
    for token, position in tokens(text):
        if token in _CLOSING:
            opened.append(position)
        elif token in ("}", "]") and opened:
            opened.pop()
    return opened[-1] if opened else None


def _word_at(text: str, position: int) -> str:
    match = _WORD.match(text, position, position + _LONGEST_QUOTE)
    return match.group() if match else ""


def _character_before(text: str, position: int) -> str:
    return text[:position].rstrip()[-1:]
