"""Kills a program under load again and again, and holds what it was told against what is kept."""

import itertools
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from support import busy_engine
from support.project import Project
from support.slots import PATH, Slots

STARTING = KEPT = 30.0
CHUNKS = "SELECT run, first, lines FROM chunks ORDER BY run, first"
CHATTY = """
import asyncio

from support.busy_engine import tell
from support.slots import Slots
from taskengine import TaskEvent, task


@task(concurrency="parallel")
async def run(event: TaskEvent) -> int:
    tell("B", event.context.run_id, "-")
    for number in range(event.payload["lines"]):
        print(f"line {number} of a run that may not see its end")
        Slots.note(event.payload["slot"], event.context.run_id, number + 1)
        await asyncio.sleep(0.001)
    return event.payload["lines"]
"""
SHORT = """
from support.busy_engine import tell
from taskengine import TaskEvent, task


@task({options})
async def run(event: TaskEvent):
    tell("B", event.context.run_id, event.payload.get("scheduledTime", "-"))
    for number in range(event.payload.get("lines", 0)):
        print("line", number)
    {end}
"""


@dataclass
class Account:
    """What the killed programs were told, over all their lives."""

    started: set[int] = field(default_factory=set)
    ended: dict[int, tuple[str, int]] = field(default_factory=dict)
    begun: Counter[int] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    ended_twice: list[int] = field(default_factory=list)

    def take(self, line: str) -> None:
        match line.split():
            case ["S", run]:
                self.started.add(int(run))
            case ["B", run, scheduled]:
                self.begun[int(run)] += 1
                if scheduled != "-":
                    self.fired[scheduled] += 1
            case ["E", run, state, lines]:
                if int(run) in self.ended:
                    self.ended_twice.append(int(run))
                self.ended[int(run)] = state, int(lines)


class Survival:
    """A project whose engine lives for moments; `die` ends each of its lives."""

    def __init__(self, project: Project, slots: Path, seed: int) -> None:
        self.account = Account()
        self.written: dict[int, int] = {}
        self._project = project
        self._slots = slots
        self._chance = random.Random(seed)
        project.write("tasks/chatty.py", CHATTY)
        for name, options, end in (
            ("quick", 'concurrency="parallel"', "return event.payload"),
            ("failing", 'concurrency="parallel"', 'raise ValueError("as it was told")'),
            ("lined", 'concurrency="queue"', "return 1"),
            ("tick", 'schedule="* * * * * *"', "return 1"),
        ):
            project.write(f"tasks/{name}.py", SHORT.format(options=options, end=end))

    def live_and_die(self, die: Callable[[subprocess.Popen[bytes]], None]) -> None:
        """Start the program, wait for a random part of a second, and let it die.

        What had been written by a moment before that, and is kept, has to be found afterwards.
        """
        Slots.create(self._slots)
        program = self._start()
        ready = threading.Event()
        told: list[str] = []
        ear = threading.Thread(target=self._listen, args=(program, told, ready), daemon=True)
        ear.start()
        if self._chance.random() < 0.9:
            assert ready.wait(STARTING), "the engine did not come up"
        self._pause(0.5)
        written = Slots.read(self._slots)
        self._until_kept(written)
        self._pause(0.05)
        die(program)
        program.wait()
        ear.join()
        for line in told:
            self.account.take(line)
        self.written.update(written)

    def _pause(self, most: float) -> None:
        threading.Event().wait(self._chance.uniform(0.0, most))

    def _until_kept(self, written: dict[int, int]) -> None:
        """Wait until lines that were written are in the file: how soon depends on the machine."""
        deadline = time.monotonic() + KEPT
        while _lost(written, self._stored() if written else {}):
            assert time.monotonic() < deadline, "output of runs that go on is not kept"
            time.sleep(0.01)

    def _stored(self) -> dict[int, int]:
        with closing(sqlite3.connect(self._path)) as connection:
            return _unbroken(connection.execute(CHUNKS).fetchall())

    @property
    def _path(self) -> Path:
        return self._project.root / ".taskconsole" / "history.db"

    def _start(self) -> subprocess.Popen[bytes]:
        tests = Path(__file__).parents[1]
        command = [sys.executable, str(Path(busy_engine.__file__)), str(self._project.root)]
        environment = {**os.environ, PATH: str(self._slots), "PYTHONPATH": str(tests)}
        return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)

    @staticmethod
    def _listen(program: subprocess.Popen[bytes], told: list[str], ready: threading.Event) -> None:
        assert program.stdout
        with program.stdout:
            for raw in program.stdout:
                if raw == b"R\n":
                    ready.set()
                elif raw.endswith(b"\n"):
                    told.append(raw.decode())
        ready.set()

    def check(self) -> None:
        """Hold all that was ever told against the file, by SQLite itself."""
        if self.account == Account():
            return  # killed before it had begun: there need not be a file
        with closing(sqlite3.connect(self._path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            rows = connection.execute("SELECT id, state, lines FROM runs").fetchall()
            waiting = connection.execute("SELECT id FROM runs WHERE open AND NOT begun").fetchall()
            chunks = connection.execute(CHUNKS).fetchall()
        self._check_runs({run: state for run, state, _ in rows})
        assert self.account.begun.keys().isdisjoint(run for (run,) in waiting), "would run twice"
        stored = _unbroken(chunks)
        assert {run: lines for run, _, lines in rows if lines} == stored
        self._check_lines(stored)

    def _check_runs(self, states: dict[int, str]) -> None:
        account = self.account
        assert account.started <= states.keys(), "an acknowledged start was lost"
        told = {run: state for run, (state, _) in account.ended.items()}
        assert {run: states.get(run) for run in told} == told, "an end was lost, or is another one"
        assert account.ended_twice == []
        assert [run for run, times in account.begun.items() if times > 1] == []
        assert [at for at, times in account.fired.items() if times > 1] == []

    def _check_lines(self, stored: dict[int, int]) -> None:
        ended = {run: lines for run, (_, lines) in self.account.ended.items() if lines}
        assert {run: stored.get(run) for run in ended} == ended, "output of an ended run was lost"
        assert _lost(self.written, stored) == {}, "more than the last moment of output was lost"


def _lost(written: dict[int, int], stored: dict[int, int]) -> dict[int, int]:
    return {run: lines for run, lines in written.items() if stored.get(run, 0) < lines}


def _unbroken(chunks: list[tuple[int, int, int]]) -> dict[int, int]:
    """How many lines of each run are stored, of which none is missing and none is there twice."""
    totals: dict[int, int] = {}
    for run, pieces in itertools.groupby(chunks, key=lambda chunk: chunk[0]):
        for _, first, lines in pieces:
            assert first == totals.get(run, 0)
            totals[run] = first + lines
    return totals
