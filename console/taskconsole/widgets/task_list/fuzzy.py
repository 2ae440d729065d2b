"""Fuzzy search: the letters of a query in their order, anywhere in a name; the best first."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from taskconsole.widgets.task_list.natural import natural
from taskconsole.widgets.task_list.rows import Row, RowKind, label_of

_BOUNDARIES = frozenset(":_-. /")


@dataclass(frozen=True, slots=True)
class Match:
    """Where the query's letters stand in a name, and how good the match is (higher is better)."""

    score: int
    places: tuple[int, ...]


def find(query: str, name: str) -> Match | None:
    """The match of a query in a name, in any case, or None. Spaces in the query count for nothing.

    The letters stand as close together as they do at the end of the first match from the left
    (the rule of fzf's quick mode).
    """
    letters, text = query.replace(" ", "").lower(), name.lower()
    end = _first_end(letters, text)
    if end is None or len(text) != len(name):
        return None
    whole = text.find(letters)
    if whole >= 0:
        places = tuple(range(whole, whole + len(letters)))
    else:
        places = _tightest(letters, text, end)
    return Match(_score(places, name), places)


def rows(query: str, names: Iterable[str]) -> list[Row]:
    """The tasks that match, the best first, with their matched letters."""
    labels = ((name, label_of(name)) for name in names)
    found = [(match, name, label) for name, label in labels if (match := find(query, label))]
    found.sort(key=lambda hit: (-hit[0].score, len(hit[1]), natural(hit[1])))
    return [Row(RowKind.TASK, name, label, matched=match.places) for match, name, label in found]


def _first_end(letters: str, text: str) -> int | None:
    place = -1
    for letter in letters:
        place = text.find(letter, place + 1)
        if place < 0:
            return None
    return place


def _tightest(letters: str, text: str, end: int) -> tuple[int, ...]:
    places: list[int] = []
    for letter in reversed(letters):
        end = text.rfind(letter, 0, end + 1)
        places.append(end)
        end -= 1
    return tuple(reversed(places))


def _score(places: tuple[int, ...], name: str) -> int:
    starts = sum(place == 0 or name[place - 1] in _BOUNDARIES for place in places)
    neighbours = sum(right - left == 1 for left, right in pairwise(places))
    return 4 * starts + 5 * neighbours - len(places)
