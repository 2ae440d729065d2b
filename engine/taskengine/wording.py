"""Faults in words for people: msgspec's messages, names nearly right, what users' code raised."""

import re
from collections.abc import Sequence

_PLACE = re.compile(r"(.*?)(?: - at (`key` in )?`\$(.*)`)?", re.DOTALL)
_AS_KEY = " as a key"
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "datetime": "a date and time",
    "date": "a date",
    "time": "a time",
    "duration": "a duration",
    "uuid": "a UUID",
    "decimal": "a number",
    ">=": "at least",
    "<=": "at most",
    ">": "more than",
    "<": "less than",
}
_SENTENCES = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"Expected `(?:int|float|decimal)` ([<>]=?) (.+)", "must be {} {}"),
        (r"Expected `\w+` that's a multiple of (.+)", "must be a multiple of {}"),
        (
            r"Expected `\w+` of (?:at )?(least|most) length (\d+).*",
            "must have a length of at {} {}",
        ),
        (r"Expected `\w+` of length ([<>]=) (\d+)", "must have a length of {} {}"),
        (r"Expected `\w+` of length ([\d to]+)(?:, got \d+)?", "must have a length of {}"),
        (r"Expected `str` matching regex (.+)", "must match the pattern {}"),
        (r"Expected `(\w+)` with (a|no) timezone component", "must be {} with {} time zone"),
        (r"Object missing required field `(.+)`", "lacks `{}`"),
        (r"Object contains unknown field `(.+)`", "has the unknown key `{}`"),
        (r"Invalid (?:enum )?value (.+)", "is no possible value: {}"),
        (r"Invalid RFC3339 encoded datetime", "must be like 2026-01-31T12:00:00Z"),
        (r"Invalid RFC3339 encoded date", "must be a date like 2026-01-31"),
        (r"Invalid RFC3339 encoded time", "must be a time like 12:00:00"),
        (r"Invalid ISO8601 duration", "must be a duration like PT1H30M"),
        (r"Invalid UUID", "must be a UUID"),
        (r"Invalid decimal string", "must be a number"),
        (r"Invalid base64 encoded string", "must be base64"),
    )
)
_GOT = re.compile(r"Expected `(.+)`, got `(.+)`", re.DOTALL)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A hint that names the known word nearest to a wrong one, or nothing."""
    from difflib import get_close_matches  # nobody who makes no mistake has to wait for it

    close = get_close_matches(word, known, n=1)
    return f"did you mean `{close[0]}`?" if close else ""


def split_place(message: str) -> tuple[str, str]:
    """What a message of msgspec says, and the path it says it of: `to.email`, `items[2]`."""
    found = _PLACE.fullmatch(message)
    assert found is not None
    said, key, path = found.groups()
    return (f"{said}{_AS_KEY}" if key else said), (path or "").removeprefix(".")


def fault_in_words(message: str, *, table: str = "an object") -> str | None:
    """The message of a failed conversion in words that follow the field's name.

    `table` is what the format calls a mapping. None for a message that is not msgspec's own: it
    comes from the type's author.
    """
    if message.endswith(_AS_KEY):
        words = fault_in_words(message.removesuffix(_AS_KEY), table=table)
        return words and words + _AS_KEY
    if got := _GOT.fullmatch(message):
        expected, found = (types_in_words(types, table=table) for types in got.groups())
        return f"must be {expected}, not {found}"
    for pattern, sentence in _SENTENCES:
        if matched := pattern.fullmatch(message):
            return sentence.format(*(_WORDS.get(word, word) for word in matched.groups()))
    return None


def types_in_words(types: str, *, table: str = "an object") -> str:
    """What msgspec calls types, such as `int | null`, in words."""
    words = _WORDS | {"object": table}
    names = [name.strip() for name in types.split("|")]
    given = [name for name in names if name != "null"] or names
    return " or ".join(words.get(name, name) for name in given)


def raised_in_words(error: BaseException) -> str:
    """An exception of users' code as `Type: message`, whatever its `__str__` does."""
    name, message = name_of(type(error)), message_of(error)
    return f"{name}: {message}" if message else name


def message_of(error: BaseException) -> str:
    """What an exception of users' code says, whatever its `__str__` does."""
    try:
        return str(error)
    except BaseException as broken:  # noqa: BLE001 - a broken __str__ must not hide the error
        return f"<no message: str() raised {name_of(type(broken))}>"


def name_of(kind: type) -> str:
    """The name of a class, whatever its metaclass makes of that."""
    name: str = vars(type)["__qualname__"].__get__(kind)
    return str.__str__(name)
