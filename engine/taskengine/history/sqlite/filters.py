"""A query as SQL: where its candidates come from, and what else they must fulfil."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection
from typing import TypeAlias

from taskengine.history.sqlite import text_index
from taskengine.history.sqlite.encodable import encodable
from taskengine.history.sqlite.instants import to_micros
from taskengine.history.sqlite.sql import marks
from taskengine.history.words import wanted_words
from taskengine.records import RunQuery
from taskengine.run import RunState, Trigger

# Numbers that are searched at once where most candidates may have to be passed over: some 20 ms.
_REACH = 10_000
_FEW = 1_000

_Condition: TypeAlias = tuple[str, tuple[str | int, ...]]


@dataclass(frozen=True, slots=True)
class _Source:
    """Gives candidates in the order of their numbers. `tables` is what follows FROM; the planner
    does not know how runs are spread, so it is told which index to use. `parts` of the query are
    what the index is asked for; `always` holds for whatever is in it, and must be said in the very
    words of the index.
    """

    tables: str
    parts: frozenset[str] = frozenset()
    always: str = "TRUE"
    number: str = "runs.id"


_ALL = _Source("runs NOT INDEXED")
_TEXT = _Source(
    "run_text CROSS JOIN runs NOT INDEXED ON runs.id = run_text.rowid",
    frozenset({"text"}),
    number="run_text.rowid",
)
_UNINDEXED = _Source(
    "unindexed CROSS JOIN runs NOT INDEXED ON runs.id = unindexed.run", number="unindexed.run"
)
_TASK = _Source("runs INDEXED BY runs_by_task", frozenset({"task"}))
_STATE = _Source("runs INDEXED BY runs_by_state", frozenset({"states"}), "state <> 'done'")
_TASK_AND_STATE = _Source(
    "runs INDEXED BY runs_by_task_and_state", frozenset({"task", "states"}), "state <> 'done'"
)
_TRIGGER = _Source(
    "runs INDEXED BY runs_by_trigger", frozenset({"triggers"}), "trigger <> 'schedule'"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """The runs that a query asks for: `tables` is what follows FROM, `number` the column that has
    a run's number there, `condition` and `parameters` what follows WHERE.

    `reach` is how many numbers are best searched at once; None: any, because only what is found is
    looked at. `words` is not empty where what was found is still to be searched for these words.
    `late` finds those that an index does not have yet.
    """

    tables: str
    number: str
    condition: str
    parameters: tuple[str | int, ...]
    reach: int | None
    words: Sequence[str]
    late: "Filter | None" = None


def filter_of(connection: Connection, query: RunQuery) -> Filter:
    """The filter for a query."""
    wanted = wanted_words(query.text)
    conditions = _conditions(query, wanted)
    source = _chosen(connection, _sources(query, wanted), conditions)
    if source is not _TEXT:
        return _filter(source, conditions, query, wanted)
    late = _filter(_UNINDEXED, conditions, query, wanted)
    return replace(_filter(source, conditions, query, wanted), late=late)


def _filter(
    source: _Source, conditions: Mapping[str, _Condition], query: RunQuery, wanted: Sequence[str]
) -> Filter:
    is_exact = not wanted or (source is _TEXT and text_index.is_exact(wanted))
    asked = {part: one for part, one in conditions.items() if part != "text" or source is _TEXT}
    condition, parameters = _all_of(source, asked)
    is_one_list = is_exact and source.parts == asked.keys() and _is_plain(query, wanted)
    return Filter(
        tables=source.tables,
        number=source.number,
        condition=condition,
        parameters=parameters,
        reach=None if is_one_list else _REACH,
        words=() if is_exact else wanted,
    )


def _conditions(query: RunQuery, wanted: Sequence[str]) -> dict[str, _Condition]:
    """What each part of a query asks for."""
    conditions: dict[str, _Condition] = {}
    if wanted:
        conditions["text"] = ("run_text MATCH ?", (text_index.expression(wanted),))
    if query.task is not None:
        conditions["task"] = ("task = ?", (encodable(query.task),))
    if query.states:
        conditions["states"] = _one_of("state", query.states)
    if query.triggers:
        conditions["triggers"] = _one_of("trigger", query.triggers)
    if query.since is not None:
        conditions["since"] = ("queued_at >= ?", (to_micros(query.since),))
    if query.until is not None:
        conditions["until"] = ("queued_at < ?", (to_micros(query.until),))
    return conditions


def _one_of(column: str, values: Collection[str]) -> _Condition:
    return f"{column} IN ({marks(values)})", tuple(values)


def _sources(query: RunQuery, wanted: Sequence[str]) -> list[_Source]:
    """Those that have all runs that are asked for; the one that likely has the fewest comes first,
    but that of words before all others, because there they need not be searched for.
    """
    sources: list[_Source] = []
    if wanted:
        sources.append(_TEXT)
    if query.states and RunState.DONE not in query.states:
        sources.append(_STATE if query.task is None else _TASK_AND_STATE)
    elif query.task is not None:
        sources.append(_TASK)
    if query.triggers and Trigger.SCHEDULE not in query.triggers:
        sources.append(_TRIGGER)
    return sources or [_ALL]


def _chosen(
    connection: Connection, sources: list[_Source], conditions: Mapping[str, _Condition]
) -> _Source:
    """The first one, or another that has so little that all of it may be looked at."""
    for source in sources[1:]:
        own = {part: conditions[part] for part in source.parts}
        condition, parameters = _all_of(source, own)
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {source.tables} WHERE {condition} LIMIT ?)"  # noqa: S608
        (count,) = connection.execute(sql, (*parameters, _FEW)).fetchone()
        if count < _FEW:
            return source
    return sources[0]


def _all_of(source: _Source, conditions: Mapping[str, _Condition]) -> _Condition:
    texts = [source.always, *(text for text, _ in conditions.values())]
    return " AND ".join(texts), tuple(value for _, some in conditions.values() for value in some)


def _is_plain(query: RunQuery, wanted: Sequence[str]) -> bool:
    """Whether no part of a query asks for several things, which no index has in one order."""
    return max(len(query.states), len(query.triggers), len(wanted)) <= 1
