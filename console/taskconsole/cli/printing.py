"""How commands print: data on the standard output, narration on the standard error.

A record takes one line. On a terminal a table has titles, colours and the terminal's width; in a
pipe it has none of that, and every cell is whole, for `grep`, `awk` and `wc -l`. What a project's
own texts hold can't steer the terminal.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO

import click

GAP = "  "
NOTHING = "-"
_LEAST_WIDTH = 10
# JSON escapes the control characters below these by itself; terminals obey these, too.
_ESCAPED = {number: f"\\u{number:04x}" for number in range(0x7F, 0xA0)}


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with a colour of click's, such as "red"; no colour where none are shown."""

    text: str
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. On a narrow terminal the `flexible` ones are cut, then the `minor` ones
    left out from the right, and at last the widest cut, so that a record stays on its line.
    """

    title: str
    right: bool = False
    flexible: bool = False
    minor: bool = False


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]]) -> None:
    """Print a record a line, its cells below each other. A cell without text is a `-`."""
    cells = [[_cell(one) for one in row] for row in rows]
    if not cells:
        return
    on_terminal = sys.stdout.isatty()
    titles = [[Cell(column.title.upper(), "bright_black") for column in columns]]
    lines = titles + cells if on_terminal else cells
    wanted = [max(_width(line[at].text) for line in lines) for at in range(len(columns))]
    widths = dict(enumerate(wanted))
    if on_terminal:
        widths = _narrowed(widths, columns)
    for line in lines:
        click.echo(GAP.join(_laid_out(line, columns, widths)).rstrip())


def print_fields(fields: Iterable[tuple[str, str | Cell]]) -> None:
    """Print what is known of one thing: a name and a value a line; values without text are left
    out. A value of several lines goes on below its beginning.
    """
    known = [(name, _whole(value)) for name, value in fields]
    known = [(name, value) for name, value in known if value.text]
    width = max((_width(name) for name, _ in known), default=0)
    for name, value in known:
        first, *more = value.text.split("\n")
        click.echo(f"{_padded(name, width)}{GAP}{_coloured(first, value.colour, sys.stdout)}")
        for line in more:
            click.echo(f"{' ' * width}{GAP}{_coloured(line, value.colour, sys.stdout)}".rstrip())


def print_json(value: object) -> None:
    """Print one JSON document, on one line in a pipe. Facts of the engine may be in it. Where the
    output does not have all characters, it has none but ASCII's, so that it can be read anywhere.
    """
    import json

    indent = 2 if sys.stdout.isatty() else None
    is_narrow = not is_unicode(sys.stdout)
    text = json.dumps(value, ensure_ascii=is_narrow, indent=indent, default=_fact)
    click.echo(text.translate(_ESCAPED))


def narrate(text: str) -> None:
    """Say on the standard error what happens, or why it does not. Where nobody can hear it, the
    exit code still tells how a command has ended.
    """
    with suppress(OSError):
        click.echo(safe(text), err=True)


def safe(text: str) -> str:
    """A text that can't steer the terminal; its lines stay apart."""
    if text.isprintable():
        return text
    from taskconsole.phrases import plain

    return plain(text)


def in_one_line(text: str) -> str:
    """The same, on one line."""
    return text if text.isprintable() else " ".join(safe(text).split())


def count(number: int, noun: str) -> str:
    """`1 run`, `2,000 runs`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def has_colours(stream: TextIO) -> bool:
    """Whether colours are wanted there: on a terminal that has some, unless NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def is_unicode(stream: TextIO) -> bool:
    """Whether a stream has all characters."""
    return "utf" in (stream.encoding or "").lower()


def _cell(given: str | Cell) -> Cell:
    cell = given if isinstance(given, Cell) else Cell(given)
    return Cell(in_one_line(cell.text) or NOTHING, cell.colour)


def _whole(given: str | Cell) -> Cell:
    cell = given if isinstance(given, Cell) else Cell(given)
    return Cell(safe(cell.text), cell.colour)


def _width(text: str) -> int:
    """How many cells of the terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _narrowed(wanted: Mapping[int, int], columns: Sequence[Column]) -> dict[int, int]:
    """The columns that the terminal has room for, with their widths."""
    import shutil

    room = shutil.get_terminal_size().columns
    minor = [at for at, column in enumerate(columns) if column.minor]
    shown = dict(wanted)
    while _lacking(_cut(shown, columns, room), room) > 0 and minor:
        del shown[minor.pop()]
    shown = _cut(shown, columns, room)
    while (lacking := _lacking(shown, room)) > 0:
        widest = max(shown, key=lambda at: shown[at])
        others = [width for at, width in shown.items() if at != widest]
        least = max(min(max(others, default=0), shown[widest] - 1), _LEAST_WIDTH)
        if shown[widest] <= least:
            break  # a terminal of a few columns: nothing would be left to read
        shown[widest] = max(shown[widest] - lacking, least)
    return shown


def _cut(wanted: Mapping[int, int], columns: Sequence[Column], room: int) -> dict[int, int]:
    """The widths where what the terminal lacks is taken from the flexible columns."""
    widths = dict(wanted)
    for at, width in wanted.items():
        if columns[at].flexible and (lacking := _lacking(widths, room)) > 0:
            widths[at] = width - min(lacking, max(width - _LEAST_WIDTH, 0))
    return widths


def _lacking(widths: Mapping[int, int], room: int) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1) - room


def _laid_out(
    line: Sequence[Cell], columns: Sequence[Column], widths: Mapping[int, int]
) -> Iterable[str]:
    for at, width in widths.items():
        cell, column = line[at], columns[at]
        text = _padded(_fitted(cell.text, width), width, right=column.right)
        yield _coloured(text, cell.colour, sys.stdout)


def _fitted(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    from taskconsole.phrases import fit

    return fit(text, width).rstrip()


def _padded(text: str, width: int, *, right: bool = False) -> str:
    filling = " " * (width - _width(text))
    return filling + text if right else text + filling


def _coloured(text: str, colour: str | None, stream: TextIO) -> str:
    return click.style(text, fg=colour) if colour and has_colours(stream) else text


def _fact(value: object) -> object:
    """What JSON does not know by itself, in the form that the engine's answers have."""
    if isinstance(value, Mapping):
        return dict(value)
    import json

    from taskengine.client.wire.form import to_json

    return json.loads(to_json(value))
