"""TOML tables as msgspec structs, key by key: a fault costs the key that has it, not its table."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias, TypeVar

import msgspec

from taskengine.project.toml_places import KeyPath
from taskengine.wording import did_you_mean, fault_in_words, split_place, types_in_words

Report: TypeAlias = Callable[[KeyPath, str, str], None]
S = TypeVar("S", bound=msgspec.Struct)

_GOT = re.compile(r"got `(.+)`")
_TABLE = "a table"


def read_table(
    value: object, kind: type[S], at: KeyPath, report: Report, others: Collection[str] = ()
) -> S:
    """A struct of the table's good keys. What is wrong with the others goes to `report`.

    `others` are keys that the table may have besides, for somebody else to read.
    """
    keys, _ = _good_keys(value, kind, at, report, others)
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
    value: object, kind: type[S], at: KeyPath, report: Report, others: Collection[str] = ()
) -> tuple[Mapping[str, object], bool]:
    """The converted keys that are right, and whether all were."""
    if not isinstance(value, dict):
        report(at, f"{_name(at)} must be a table, not {_kind_of(value)}", "")
        return {}, False
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    good: dict[str, object] = {}
    for key, item in value.items():
        if key in others:
            continue
        if key not in types:
            report((*at, key), f"unknown key `{key}`", did_you_mean(key, (*types, *others)))
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
        found = _GOT.search(str(error))
        return types_in_words(found[1], table=_TABLE) if found else "this"
    return "nothing"


def _in_words(error: msgspec.ValidationError) -> str:
    message, place = split_place(str(error))
    words = fault_in_words(message, table=_TABLE) or f"is wrong: {message}"
    return f"{words} (in `{place}`)" if place else words
