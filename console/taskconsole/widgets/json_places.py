"""Where the values of a JSON text stand, by their paths, even while it is still being typed."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from taskconsole.widgets.payload_syntax import tokens

Path: TypeAlias = tuple[str | int, ...]

_OPENING, _CLOSING = ("{", "["), ("}", "]")
_STEERING = (*_OPENING, *_CLOSING, ",", ":")
_LAST_STEP = re.compile(r"(?:\.[^.\[\]]*|\[\d+\]|^[^.\[\]]+)$")


@dataclass(frozen=True, slots=True)
class Place:
    """One value: its path, and indices into the text. `key` is where its member begins, which is
    its own `start` in a list; `end` is behind its last character, so far as there is one.
    """

    path: Path
    key: int
    start: int
    end: int


@dataclass(slots=True)
class _Open:
    """A container that is not closed yet: what is known of the member that comes next."""

    path: Path
    key: int
    start: int
    is_list: bool
    index: int = 0
    name: str | None = None
    name_at: int = 0
    has_colon: bool = False

    @property
    def takes_a_value(self) -> bool:
        """Whether a value comes next, and no key."""
        return self.is_list or self.has_colon

    def step(self) -> None:
        """Go on to the next member."""
        self.index += 1
        self.name, self.has_colon = None, False

    def member(self, position: int) -> tuple[Path, int]:
        """The path of the value that begins here, and where its member does."""
        if self.is_list:
            return (*self.path, self.index), position
        return (*self.path, self.name or ""), self.name_at


def places(text: str) -> list[Place]:
    """The places of all values in the order in which they end; those never closed come last."""
    found: list[Place] = []
    opened: list[_Open] = []
    for piece, position in tokens(text):
        _take(piece, position, opened, found)
    found += [Place(one.path, one.key, one.start, len(text)) for one in reversed(opened)]
    return found


def _take(piece: str, position: int, opened: list[_Open], found: list[Place]) -> None:
    top = opened[-1] if opened else None
    if piece in _OPENING or (piece not in _STEERING and (top is None or top.takes_a_value)):
        path, key = top.member(position) if top else ((), position)
        if piece in _OPENING:
            opened.append(_Open(path, key, position, is_list=piece == "["))
        else:
            found.append(Place(path, key, position, position + len(piece)))
    elif top:
        _go_on(piece, position, top, opened, found)


def _go_on(piece: str, position: int, top: _Open, opened: list[_Open], found: list[Place]) -> None:
    if piece in _CLOSING:
        found.append(Place(top.path, top.key, top.start, position + 1))
        opened.pop()
    elif piece == ",":
        top.step()
    elif piece == ":":
        top.has_colon = True
    else:
        top.name, top.name_at = as_key(piece), position


def as_key(piece: str) -> str:
    """The key that a token stands for; as it is, if it is no string yet."""
    try:
        key = json.loads(piece, strict=False)
    except ValueError:
        return piece
    return key if isinstance(key, str) else piece


def path_text(path: Path) -> str:
    """A path as people read it: `to.email`, `items[2]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def place_of(text: str, path: str) -> int:
    """The index of the member at a path such as `items[2].name`; where there is none, that of what
    it ought to be in.
    """
    keys = {path_text(place.path): place.key for place in places(text)}
    return next((keys[near] for near in _nearer_and_nearer(path) if near in keys), 0)


def _nearer_and_nearer(path: str) -> Iterator[str]:
    yield path
    while path:
        shorter = _LAST_STEP.sub("", path)
        path = shorter if shorter != path else ""
        yield path


def path_at(text: str, position: int) -> Path:
    """The path of the innermost member that the character at `position` belongs to; the blanks that
    a line begins with belong to what follows them.
    """
    line = text.rfind("\n", 0, position) + 1
    if text[line:position].isspace() or position == line:
        position += len(text[position:]) - len(text[position:].lstrip(" \t"))
    around = [place for place in places(text) if place.key <= position <= place.end]
    return min(around, key=lambda place: place.end - place.key).path if around else ()


def expected_after(text: str) -> tuple[Path, bool]:
    """What may follow a text that is cut off: a value, with its path; or a key (True), with the
    path of the object that it would be in.
    """
    opened: list[_Open] = []
    for piece, position in tokens(text):
        _take(piece, position, opened, [])
    if not opened:
        return (), False
    top = opened[-1]
    return (top.member(0)[0], False) if top.takes_a_value else (top.path, True)
