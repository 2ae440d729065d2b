"""TOML tables as msgspec structs, key by key: a fault costs the key that has it, not its table."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeAlias, TypeVar

import msgspec

from taskengine.project.toml_places import KeyPath

Report: TypeAlias = Callable[[KeyPath, str, str], None]
S = TypeVar("S", bound=msgspec.Struct)

_EXPECTED = re.compile(r"Expected `(.+?)`, got `(.+?)`(?: - at `\$(.*?)`)?")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "a table",
    "array": "a list",
}


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A hint that names the known word nearest to a wrong one, or nothing."""
    close = get_close_matches(word, known, n=1)
    return f"did you mean `{close[0]}`?" if close else ""


def read_table(value: object, kind: type[S], at: KeyPath, report: Report) -> S:
    """A struct of the table's good keys. What is wrong with the others goes to `report`."""
    keys, _ = _good_keys(value, kind, at, report)
    return kind(**keys)


def read_items(
    value: object, kind: type[S], shorthand: str, at: KeyPath, report: Report
) -> list[tuple[KeyPath, S]]:
    """The structs of one item or a list of them, each with its place.

    A text stands for a table with only the key `shorthand`. An item with any fault is left out:
    half of one would mean something else.
    """
    found = []
    for place, item in _items(value, at):
        table = {shorthand: item} if isinstance(item, str) else item
        keys, is_clean = _good_keys(table, kind, place, report)
        missing = [name for name in _required(kind) if name not in keys]
        if is_clean and missing:
            report(place, f"`{missing[0]}` is missing", "")
        elif is_clean:
            found.append((place, kind(**keys)))
    return found


def _items(value: object, at: KeyPath) -> list[tuple[KeyPath, object]]:
    if isinstance(value, list):
        return [((*at, index), item) for index, item in enumerate(value)]
    return [(at, value)]


def _good_keys(
    value: object, kind: type[S], at: KeyPath, report: Report
) -> tuple[Mapping[str, object], bool]:
    """The converted keys that are right, and whether all were."""
    if not isinstance(value, dict):
        report(at, f"{_name(at)} must be a table, not {_kind_of(value)}", "")
        return {}, False
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    good: dict[str, object] = {}
    for key, item in value.items():
        if key not in types:
            report((*at, key), f"unknown key `{key}`", did_you_mean(key, tuple(types)))
            continue
        try:
            good[key] = msgspec.convert(item, types[key], strict=True)
        except msgspec.ValidationError as error:
            report((*at, key), f"{_name((*at, key))} {_in_words(error)}", "")
    return good, len(good) == len(value)


def _required(kind: type[S]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(kind) if field.required]


def _name(at: KeyPath) -> str:
    return f"`{at[-1]}`" if at and isinstance(at[-1], str) else "this item"


def _kind_of(value: object) -> str:
    try:
        msgspec.convert(value, None)
    except msgspec.ValidationError as error:
        found = _EXPECTED.search(str(error))
        return _words(found[2]) if found else "this"
    return "nothing"


def _in_words(error: msgspec.ValidationError) -> str:
    found = _EXPECTED.search(str(error))
    if not found:
        return f"is wrong: {error}"
    where = f" (in `{found[3].lstrip('.')}`)" if found[3] else ""
    return f"must be {_words(found[1])}, not {_words(found[2])}{where}"


def _words(types: str) -> str:
    names = [name.strip() for name in types.split("|")]
    return " or ".join(_WORDS.get(name, name) for name in names if name != "null")
