"""The words of runs, in a full-text index that finds a run by the beginnings of its words.

A word goes into the index as its first characters, and SQLite keeps a list of runs for each of
their beginnings. So every look-up, however short, reads one list in its order and stops when it
has enough; what else would be merged and sorted first: 0.3 s for a million runs.
"""

from collections.abc import Sequence
from sqlite3 import Connection

from taskengine.history.words import words_of

INDEXED_CHARS = 8  # the schema lists the beginnings that are shorter
_MOST_WORDS = 12


def add(connection: Connection, run_id: int, text: str) -> None:
    """Let a run be found by the words of its text."""
    if words := _indexed(text):
        connection.execute("INSERT INTO run_text(rowid, text) VALUES(?, ?)", (run_id, words))


def remove(connection: Connection, run_id: int, text: str) -> None:
    """Let a run be found no longer by the words of the very text that was added, or would be."""
    if connection.execute("DELETE FROM unindexed WHERE run = ?", (run_id,)).rowcount:
        return
    if words := _indexed(text):
        connection.execute(
            "INSERT INTO run_text(run_text, rowid, text) VALUES('delete', ?, ?)", (run_id, words)
        )


def expression(wanted: Sequence[str]) -> str:
    """What to ask the index for some words of `wanted_words`. It may give too much: see `is_exact`.

    Words hold letters and digits only; in quotes, none of them is an operator.
    """
    return " ".join(_term(word) for word in wanted[:_MOST_WORDS])


def is_exact(wanted: Sequence[str]) -> bool:
    """Whether the index gives nothing but runs that have all these words."""
    return len(wanted) <= _MOST_WORDS and all(len(word) <= INDEXED_CHARS for word in wanted)


def _indexed(text: str) -> str:
    return " ".join(dict.fromkeys(word[:INDEXED_CHARS] for word in words_of(text)))


def _term(word: str) -> str:
    return f'"{word}"*' if len(word) < INDEXED_CHARS else f'"{word[:INDEXED_CHARS]}"'
