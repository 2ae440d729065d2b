"""A history of a million runs, and how long queries over it take: the first page, one from the
middle, and the longest of a walk from page to page. Part of `history.py`.

The runs go through the functions that an engine writes with, a thousand in a transaction, without
an engine in between.
"""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from sqlite3 import Connection

from taskengine.history.sqlite import task_stats, text_index
from taskengine.history.sqlite.database import Database, connect
from taskengine.history.sqlite.pages import page_of, seconds_for
from taskengine.history.sqlite.rows import Standing, save_run
from taskengine.history.sqlite.transaction import transaction
from taskengine.history.words import text_of
from taskengine.records import RunQuery
from taskengine.run import Run, RunError, RunState, Trigger

MILLION = 1_000_000
LIMIT = 100
WALKED_PAGES = 200
BATCH = 1_000
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
APART = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=5)

TASKS = [f"{group}:{name}" for group in ("db", "mail", "report", "sync") for name in "abcdefghij"]
TASK_WEIGHTS = [1 / rank for rank in range(1, len(TASKS) + 1)]
RARE_TASK = "report:yearly"
TRIGGERS = {Trigger.SCHEDULE: 940, Trigger.API: 30, Trigger.MANUAL: 20, Trigger.RERUN: 10}
STATES = {
    RunState.DONE: 9_700,
    RunState.FAILED: 200,
    RunState.TIMEOUT: 40,
    RunState.SKIPPED: 40,
    RunState.CANCELLED: 18,
    RunState.INTERRUPTED: 2,
}
ERRORS = ("ValueError", "ConnectionResetError", "ConnectionRefusedError", "KeyError")
REGIONS = ("eu-west", "eu-north", "us-east", "ap-south")
TRACEBACK = 'Traceback (most recent call last):\n  File "tasks/sync.py", line 12, in run\n' * 4


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds that pages of a query took; `longest` is that of all pages of a walk."""

    first: float
    middle: float
    longest: float
    pages: int
    runs: int


def queries(count: int = MILLION) -> Mapping[str, RunQuery]:
    """What is asked for, by what it is called."""
    end = BEGIN + 0.98 * count * APART  # the rest was imported
    past = end - timedelta(days=100)
    failed = frozenset({RunState.FAILED})
    rare = frozenset({RunState.INTERRUPTED})
    bad = frozenset({RunState.FAILED, RunState.TIMEOUT, RunState.CANCELLED})
    manual = frozenset({Trigger.MANUAL})
    busy, quiet = TASKS[0], TASKS[-1]
    year = timedelta(days=365)
    return {
        "all": RunQuery(),
        "task, busy": RunQuery(task=busy),
        "task, quiet": RunQuery(task=quiet),
        "task, rare": RunQuery(task=RARE_TASK),
        "task, unknown": RunQuery(task="unknown"),
        "state, one": RunQuery(states=failed),
        "state, rare": RunQuery(states=rare),
        "states, three": RunQuery(states=bad),
        "state, done": RunQuery(states=frozenset({RunState.DONE})),
        "state, nobody's": RunQuery(states=frozenset({RunState.CRASHED})),
        "trigger": RunQuery(triggers=manual),
        "trigger, nobody's": RunQuery(triggers=frozenset({Trigger.STARTUP})),
        "time, last day": RunQuery(since=end - timedelta(days=1)),
        "time, an hour of the past": RunQuery(since=past, until=past + 120 * APART),
        "time, up to the middle": RunQuery(until=BEGIN + (end - BEGIN) / 2),
        "time, of the imported": RunQuery(until=BEGIN - year),
        "time, before all": RunQuery(until=BEGIN - 9 * year),
        "text, in every run": RunQuery(text="customer"),
        "text, one letter": RunQuery(text="c"),
        "text, in some": RunQuery(text="ValueError"),
        "text, long words": RunQuery(text="ConnectionRefusedError"),
        "text, in one run": RunQuery(text="unicorn"),
        "text, in no run": RunQuery(text="nothinglikeit"),
        "text, hardly together": RunQuery(text="connection reset eu"),
        "task and state": RunQuery(task=quiet, states=failed),
        "task and states": RunQuery(task=quiet, states=bad),
        "task and trigger": RunQuery(task=busy, triggers=manual),
        "states and trigger": RunQuery(states=bad, triggers=manual),
        "task and time": RunQuery(task=quiet, until=BEGIN + year / 12),
        "task and text": RunQuery(task=quiet, text="valueerror"),
        "rare task and common text": RunQuery(task=RARE_TASK, text="customer"),
        "rare state and common text": RunQuery(states=rare, text="customer"),
        "everything": RunQuery(
            task=quiet, states=bad, triggers=manual, since=BEGIN, until=end, text="eu value"
        ),
    }


def fill(path: Path, count: int = MILLION) -> None:
    """Make a history of so many runs."""
    database = Database(path, busy=1.0)
    try:
        connection = database.connection
        connection.execute("INSERT INTO engines VALUES(1, 1, '', '', '', 0, NULL)")
        runs = plausible_runs(count)
        while batch := list(islice(runs, BATCH)):
            with transaction(connection):
                _write(connection, batch)
        database.shorten_log(waits=True)
    finally:
        database.close()


def plausible_runs(count: int) -> Iterator[Run]:
    """Runs of some tasks over a long time, most of them done, nearly in the order in which they
    were queued. The last two hundredths were imported and are older than all others.
    """
    chance = random.Random(4)
    for run_id in range(1, count + 1):
        queued_at = BEGIN + run_id * APART + chance.random() * 2 * APART
        if run_id > count * 0.98:
            queued_at -= timedelta(days=2_000)
        yield _plausible(chance, run_id, queued_at)


def _plausible(chance: random.Random, run_id: int, queued_at: datetime) -> Run:
    state = chance.choices(list(STATES), list(STATES.values()))[0]
    error = None
    if state is not RunState.DONE:
        kind = chance.choice(ERRORS)
        error = RunError(
            type=kind,
            message=f"row {chance.randrange(10_000)} of batch {run_id // 100} is not right",
            traceback=f"{TRACEBACK}{kind}",
        )
    started_at = queued_at + MOMENT
    is_rare = run_id % 100_000 == 77_777
    return Run(
        id=run_id,
        task=RARE_TASK if is_rare else chance.choices(TASKS, TASK_WEIGHTS)[0],
        payload={
            "customer": f"c{chance.randrange(20_000)}",
            "region": chance.choice(REGIONS),
            "batch": run_id // 100,
            "animal": "unicorn" if run_id == 7 else "horse",
        },
        trigger=chance.choices(list(TRIGGERS), list(TRIGGERS.values()))[0],
        state=state,
        queued_at=queued_at,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=chance.lognormvariate(0, 1)),
        scheduled_time=queued_at - MOMENT,
        result=None if error else {"rows": chance.randrange(1_000), "message": "all were imported"},
        error=error,
    )


def _write(connection: Connection, runs: list[Run]) -> None:
    ended: list[tuple[Run, int]] = []
    for run in runs:
        saved = save_run(connection, run, Standing(engine=1))
        text_index.add(connection, run.id, text_of(run))
        ended.append((run, saved.size))
    task_stats.count_ended(connection, ended)


def measure(path: Path, query: RunQuery, count: int = MILLION) -> Figures:
    """How long pages of a query take, on a connection that was just opened."""
    with closing(connect(f"{path.absolute().as_uri()}?mode=ro", 1.0)) as connection:
        first, _, _ = _timed_page(connection, query, None)
        middle, _, _ = _timed_page(connection, query, count // 2)
        longest, pages, runs = 0.0, 0, 0
        before: int | None = None
        while pages < WALKED_PAGES and (before is not None or not pages):
            took, before, found = _timed_page(connection, query, before)
            longest = max(longest, took)
            pages += 1
            runs += found
    return Figures(first, middle, longest, pages, runs)


def _timed_page(
    connection: Connection, query: RunQuery, before: int | None
) -> tuple[float, int | None, int]:
    begin = time.perf_counter()
    page = page_of(connection, query, before, LIMIT, seconds_for(before))
    return (time.perf_counter() - begin) * 1e3, page.before, len(page.runs)


def print_figures(path: Path, count: int = MILLION) -> None:
    """Fill a file with so many runs, if it is not there, and tell how long each query takes."""
    if not path.exists():
        begin = time.perf_counter()
        fill(path, count)
        took = time.perf_counter() - begin
        print(f"{count:,} runs, {path.stat().st_size / 1e6:.0f} MB, filled in {took:.0f} s\n")
    print(f"{'ms':28}{'first':>8}{'middle':>8}{'longest':>8}{'pages':>7}{'runs':>8}")
    for name, query in queries(count).items():
        found = measure(path, query, count)
        print(
            f"{name:28}{found.first:8.1f}{found.middle:8.1f}{found.longest:8.1f}"
            f"{found.pages:7}{found.runs:8}"
        )
