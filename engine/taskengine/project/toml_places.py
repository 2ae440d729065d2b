"""On which line of a TOML text a key stands. tomllib doesn't tell, so its own parser is asked
statement by statement.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]


class TomlPlaces:
    """The lines of a valid TOML text's keys. Paths are taken as below the table `below`."""

    def __init__(self, text: str, below: KeyPath = ()) -> None:
        self._text = text
        self._below = below

    def line(self, *path: str | int) -> int | None:
        """The line, from 1, of a key, a table or a list's item; else of what it stands in."""
        whole = self._below + path
        for length in range(len(whole), 0, -1):
            if (line := self._lines.get(whole[:length])) is not None:
                return line
        return None

    @cached_property
    def _lines(self) -> Mapping[KeyPath, int]:
        index = _Index()
        for line, statement, parsed in _statements(self._text):
            if statement.lstrip().startswith("["):
                index.add_header(parsed, line)
            else:
                index.add_pair(parsed, line, _item_lines(statement, line))
        return index.lines


def _statements(text: str) -> Iterator[tuple[int, str, Mapping[str, object]]]:
    """The headers and key-value pairs of a text, each with its first line, its text and value.

    The shortest run of lines that parses is one: inside a bracket or a string no line end does.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    start = 0
    for stop in range(1, len(lines) + 1):
        statement = "\n".join(lines[start:stop])
        parsed = _parse(statement)
        if parsed is not None:
            if parsed:
                yield start + 1, statement, parsed
            start = stop


def _parse(text: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _item_lines(statement: str, first: int) -> list[int]:
    """The lines on which the items of a list end, for a pair whose value is a list on many lines.

    A list cut off after any of its items parses once it is closed.
    """
    lines = statement.split("\n")
    found: list[int] = []
    for stop in range(1, len(lines)):
        parsed = _parse("\n".join([*lines[:stop], "]"]))
        items = _innermost(parsed) if parsed else None
        if isinstance(items, list):
            found += [first + stop - 1] * (len(items) - len(found))
    return found


def _innermost(value: object) -> object:
    """What a pair's value is, below the parts of its dotted key."""
    while isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    return value


class _Index:
    """The lines found so far, and the table that the last header opened."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._table: KeyPath = ()
        self._lengths: dict[KeyPath, int] = {}

    def add_header(self, parsed: Mapping[str, object], line: int) -> None:
        """Note `[a.b]` or `[[a.b]]`; the keys that follow are below it."""
        self._table = ()
        table: object = parsed
        while isinstance(table, dict) and table:
            ((key, table),) = table.items()
            self._table += (key,)
            if isinstance(table, list):
                self._lengths[self._table] = self._lengths.get(self._table, 0) + 1
            self.lines.setdefault(self._table, line)
            if self._table in self._lengths:
                self._table += (self._lengths[self._table] - 1,)
                self.lines.setdefault(self._table, line)

    def add_pair(self, parsed: object, line: int, item_lines: list[int]) -> None:
        """Note a key, what its inline table holds, and the items of its list."""
        self._add(self._table, parsed, line, item_lines)

    def _add(self, path: KeyPath, value: object, line: int, item_lines: list[int]) -> None:
        if path != self._table:
            self.lines.setdefault(path, line)
        if isinstance(value, dict):
            for key, inner in value.items():
                self._add((*path, key), inner, line, item_lines)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                at = item_lines[index] if index < len(item_lines) else line
                self._add((*path, index), item, at, [])
