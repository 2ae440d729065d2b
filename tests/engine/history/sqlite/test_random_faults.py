"""What was acknowledged is in the file, and what was refused is not, whatever fails and when."""

import asyncio
import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from support.faults import sqlite_error
from support.stores import Store, insert, names, open_store
from taskengine.history.sqlite.writer import StoreUnavailable
from taskengine.problem import ProblemKind

CODES = [
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
]
STATEMENTS = ["BEGIN", "COMMIT", "INSERT", "PRAGMA", "SAVEPOINT", "ROLLBACK"]


class Load:
    """Callers that write at the same time, and what they were told."""

    def __init__(self, store: Store, chance: random.Random) -> None:
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        self.unattended: set[str] = set()
        self._store = store
        self._chance = chance

    async def call(self, caller: str) -> None:
        for n in range(50):
            await self._keep(f"{caller} {n}")
            if self._chance.random() < 0.1:
                self._keep_in_passing(f"{caller} {n}, in passing")
            if self._chance.random() < 0.1:
                await self._make_a_mistake()

    async def _keep(self, name: str) -> None:
        try:
            await self._store.keep(name)
            self.acknowledged.add(name)
        except StoreUnavailable:
            self.refused.add(name)
            await asyncio.sleep(self._chance.random() / 500)

    def _keep_in_passing(self, name: str) -> None:
        self.unattended.add(name)
        if self._chance.random() < 0.5:
            self._store.writer.post(insert(name))
        else:
            self._store.notes.add(name)
            self._store.writer.wake(0)

    async def _make_a_mistake(self) -> None:
        with pytest.raises((sqlite3.OperationalError, StoreUnavailable)):
            await self._store.writer.do(lambda connection: connection.execute("nonsense"))


@pytest.mark.parametrize("seed", range(3))
async def test_faults_at_random(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    is_over = threading.Event()
    async with open_store(tmp_path / ".taskconsole" / "history.db") as store:

        def break_or_mend(statement: str) -> None:
            if chance.random() < 0.01:
                fault, rolls_back = sqlite_error(chance.choice(CODES)), chance.random() < 0.5
                store.disk.fail(chance.choice(STATEMENTS), lambda: fault, rolls_back=rolls_back)
            if is_over.is_set() or chance.random() < 0.3:
                store.disk.mend()  # at the end, too, of one that breaks while the last caller ends

        store.disk.watch(break_or_mend)
        load = Load(store, chance)
        await asyncio.gather(*(load.call(f"caller {n}") for n in range(20)))
        is_over.set()
        store.disk.mend()
        await store.reports.no(ProblemKind.HISTORY)

    assert load.refused
    with closing(sqlite3.connect(store.path)) as connection:
        assert set(names(connection)) == load.acknowledged | load.unattended
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
