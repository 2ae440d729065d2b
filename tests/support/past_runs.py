"""Runs of the past, of many kinds, for tests that look for some of them."""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

from taskengine.history.sqlite import text_index
from taskengine.history.sqlite.database import Database
from taskengine.history.sqlite.rows import Standing, save_run
from taskengine.history.sqlite.transaction import transaction
from taskengine.history.words import text_of
from taskengine.run import Run, RunError, RunState, Trigger

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TASKS = ("import", "mail", "rare")
WORDS = ("order", "orders", "Straße", "timeout", "timeouts-of-all", "42", "4217", "x")
LONG = "internationalisation"


def past_run(run_id: int, **facts: object) -> Run:
    """A run that is done, unless something else is said."""
    plain: dict[str, object] = {
        "task": "job",
        "payload": {},
        "trigger": Trigger.MANUAL,
        "state": RunState.DONE,
        "queued_at": NOW + timedelta(seconds=run_id),
        "started_at": NOW + timedelta(seconds=run_id),
        "ended_at": NOW + timedelta(seconds=run_id + 1),
    }
    return Run(id=run_id, **{**plain, **facts})  # type: ignore[arg-type]


def various_runs(seed: int, count: int) -> list[Run]:
    """Runs by ascending number, with gaps between the numbers, and now and then one that was queued
    long before or after its neighbours.
    """
    chance = random.Random(seed)
    runs: list[Run] = []
    run_id = 0
    for _ in range(count):
        run_id += 1 if chance.random() < 0.9 else chance.randrange(1, 3_000)
        runs.append(_various(chance, run_id))
    return runs


def _various(chance: random.Random, run_id: int) -> Run:
    seconds = run_id + chance.randrange(3) if chance.random() < 0.9 else chance.randrange(60_000)
    state = chance.choices([RunState.DONE, *RunState], [40, *[3] * len(RunState)])[0]
    has_failed = state in {RunState.FAILED, RunState.TIMEOUT, RunState.CRASHED}
    message = f"{chance.choice(WORDS)}\n{LONG[: chance.randrange(5, 20)]}"
    return past_run(
        run_id,
        task=chance.choices(TASKS, [20, 20, 1])[0],
        payload={chance.choice(WORDS): [chance.choice(WORDS), {"n": chance.randrange(50)}]},
        trigger=chance.choices([Trigger.SCHEDULE, *Trigger], [20, *[2] * len(Trigger)])[0],
        state=state,
        queued_at=NOW + timedelta(seconds=seconds),
        result=None if chance.random() < 0.5 else chance.choice(WORDS),
        error=RunError(type="ValueError", message=message) if has_failed else None,
    )


@contextmanager
def history_file(path: Path, runs: Iterable[Run] = ()) -> Iterator[Connection]:
    """A history with these runs, as its writer sees it."""
    database = Database(path, busy=1.0)
    try:
        with transaction(database.connection):
            database.connection.execute("INSERT INTO engines VALUES(1, 1, '', '', '', 0, NULL)")
            for run in runs:
                save_run(database.connection, run, Standing(engine=1))
                text_index.add(database.connection, run.id, text_of(run))
        yield database.connection
    finally:
        database.close()
