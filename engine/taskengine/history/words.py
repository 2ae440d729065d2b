"""The words that runs are found by: what a word is, and which text of a run they are taken from.

Whatever looks for words, in memory or in a file, takes them from here, so that all agree.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from unicodedata import category, normalize

from taskengine.run import JsonValue, Run

PART_CHARS = 20_000
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text, rows of letters and digits, in the form in which they are compared:
    whatever their case, their width and the way in which their accents are encoded.

    Marks that no letter includes are left out, such as the vowel signs of Indic scripts.
    """
    if text.isascii():
        return _WORD.findall(text.lower())
    folded = normalize("NFKC", normalize("NFKC", text).casefold())
    return _WORD.findall("".join(one for one in folded if category(one)[0] != "M"))


@lru_cache(maxsize=16)  # asked for again with every run that is looked at
def wanted_words(text: str) -> tuple[str, ...]:
    """The words that a text asks for, the longest first, without those that begin another."""
    wanted: list[str] = []
    for word in sorted(set(words_of(text)), reverse=True):
        if not (wanted and wanted[-1].startswith(word)):
            wanted.append(word)
    return tuple(sorted(wanted, key=len, reverse=True))


def text_of(run: Run) -> str:
    """The text of a run that can be searched for: its error, its payload and its result.

    Of each no more than 20,000 characters, so that none crowds out another.
    """
    error = (run.error.type, run.error.message) if run.error else ()
    result = () if run.result is None else _texts(run.result)
    return "\n".join(_start(part) for part in (error, _texts(run.payload), result))


def _start(texts: Iterable[str]) -> str:
    """The beginning of some texts, one a line; those beyond it are not looked at."""
    taken: list[str] = []
    room = PART_CHARS
    for text in texts:
        taken.append(text[:room])
        room -= len(text) + 1
        if room <= 0:
            break
    return "\n".join(taken)


def _texts(value: JsonValue) -> Iterator[str]:
    """The keys and the plain values in a value, in their order, as JSON shows them."""
    open_values: list[Iterator[JsonValue]] = [iter((value,))]
    while open_values:
        for inner in open_values[-1]:
            if isinstance(inner, str):
                yield inner
            elif isinstance(inner, Mapping):
                open_values.append(chain.from_iterable(inner.items()))
                break
            elif isinstance(inner, list | tuple):
                open_values.append(iter(inner))
                break
            else:
                yield _plain(inner)
        else:
            open_values.pop()


def _plain(value: JsonValue) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
