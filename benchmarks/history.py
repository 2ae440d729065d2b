"""What it costs to keep every run with its output, and how quickly it is found again.

    pip install 'taskconsole[bench]'
    python benchmarks/history.py [--rounds 3] [--runs 1000000]

Runs a second with 1, 10 and 100 lines of output each, 50 callers at a time, beside aiosqlite (the
same facts in plain tables, a transaction for the start and one for the end, as one would write it
by hand) and huey on SQLite (which keeps the call and its result, and no output). Then a run of a
million lines, beside a million rows by aiosqlite. Everybody commits without waiting for the disk
(`synchronous = NORMAL`), huey even less.

At the end, questions to a history of a million runs. To fill it takes three to six minutes:
`--runs 50000` asks a smaller one, `--runs 0` leaves the questions out.
"""

import argparse
import asyncio
import contextlib
import itertools
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from history_million import MILLION, print_figures
from taskengine import Engine

RATE_SECONDS = 1.0
CALLERS = 50
LINES = (1, 10, 100)
FLOOD = 1_000_000
BATCH = 1_000
TEXT = "line {}: processed one more item, and it went well in every respect"
NEEDLE = "line 765432:"

Call = Callable[[int], Awaitable[object]]
Entrant = Callable[[Path], AbstractAsyncContextManager[Call]]

TASK = f"""
from taskengine import task

@task(concurrency="parallel")
async def run(event):
    for number in range(event.payload["lines"]):
        print({TEXT!r}.format(number))
    return number
"""


@asynccontextmanager
async def taskengine(folder: Path) -> AsyncIterator[Call]:
    """Ourselves: the caller hears of the end when it is committed."""
    async with engine_in(folder) as engine:
        yield lambda lines: engine.run_task("write", {"lines": lines})


@asynccontextmanager
async def engine_in(folder: Path) -> AsyncIterator[Engine]:
    """An engine with the one task, and its history in the folder."""
    path = folder / "tasks" / "write.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TASK)
    async with Engine(folder, scheduler=False) as engine:
        yield engine


TABLES = """
CREATE TABLE runs(id INTEGER PRIMARY KEY, state TEXT, started REAL, ended REAL, result TEXT);
CREATE TABLE lines(run INTEGER, number INTEGER, at REAL, text TEXT, PRIMARY KEY(run, number));
"""


@asynccontextmanager
async def aiosqlite(folder: Path) -> AsyncIterator[Call]:
    """One connection, whose transactions take turns, and a row for each line."""
    async with plain_tables(folder / "plain.db") as database:
        numbers = itertools.count(1)
        turn = asyncio.Lock()

        async def call(lines: int) -> None:
            number = next(numbers)
            begin = "INSERT INTO runs VALUES(?, 'running', ?, NULL, NULL)"
            async with turn:
                await database.execute(begin, (number, time.time()))
                await database.commit()
            rows = [(number, one, time.time(), TEXT.format(one)) for one in range(lines)]
            end = "UPDATE runs SET state = 'done', ended = ?, result = ? WHERE id = ?"
            async with turn:
                await database.executemany("INSERT INTO lines VALUES(?, ?, ?, ?)", rows)
                await database.execute(end, (time.time(), "1", number))
                await database.commit()

        yield call


@asynccontextmanager
async def plain_tables(path: Path) -> AsyncIterator[Any]:
    """A connection of aiosqlite to a new file."""
    async with import_module("aiosqlite").connect(path) as database:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute("PRAGMA synchronous = NORMAL")
        await database.executescript(TABLES)
        yield database


@asynccontextmanager
async def huey(folder: Path) -> AsyncIterator[Call]:
    """A consumer in this process; the clock stops when the function has ended."""
    instance = import_module("huey").SqliteHuey("bench", filename=str(folder / "huey.db"))
    waiting: dict[int, Future[None]] = {}
    numbers = itertools.count()

    def job(number: int, lines: int) -> int:
        for one in range(lines):
            TEXT.format(one)
        waiting.pop(number).set_result(None)
        return lines

    enqueue = instance.task()(job)

    def call(lines: int) -> Awaitable[None]:
        number, done = next(numbers), Future[None]()
        waiting[number] = done
        enqueue(number, lines)
        return asyncio.wrap_future(done)

    consumer = instance.create_consumer(
        workers=8, periodic=False, initial_delay=0.001, max_delay=0.001, check_worker_health=False
    )
    consumer.start()
    yield call
    consumer.stop(graceful=True)


async def rate(call: Call, lines: int) -> float:
    """Runs a second with many callers at a time."""
    began = time.perf_counter()

    async def caller() -> int:
        count = 0
        while time.perf_counter() < began + RATE_SECONDS:
            await call(lines)
            count += 1
        return count

    counts = await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return sum(counts) / (time.perf_counter() - began)


async def latency(call: Call) -> float:
    """Milliseconds of one call of one line, the median of a hundred, one after the other."""
    taken = []
    for _ in range(100):
        began = time.perf_counter()
        await call(1)
        taken.append((time.perf_counter() - began) * 1e3)
    return statistics.median(taken)


async def compare_rates(rounds: int) -> None:
    """Everybody gets a slice of each round, so that a noisy machine is noisy for all."""
    rates: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    times: defaultdict[str, list[float]] = defaultdict(list)
    entrants = installed()
    for _ in range(rounds):
        for label, entrant in entrants.items():
            with tempfile.TemporaryDirectory() as folder:
                async with entrant(Path(folder)) as call:
                    times[label].append(await latency(call))
                    for lines in LINES:
                        rates[label, lines].append(await rate(call, lines))
    print(f"{'':14}{'p50 ms':>9}" + "".join(f"{f'{n} lines':>12}" for n in LINES) + "  (runs/s)")
    for label in entrants:
        figures = "".join(f"{statistics.median(rates[label, n]):12,.0f}" for n in LINES)
        print(f"{label:14}{statistics.median(times[label]):9.2f}{figures}")


def installed() -> dict[str, Entrant]:
    """Everybody whose package is there; who is missing is told."""
    found: dict[str, Entrant] = {"taskengine": taskengine}
    for label, entrant in {"aiosqlite": aiosqlite, "huey": huey}.items():
        if find_spec(label):
            found[label] = entrant
        else:
            print(f"left out, because it is not installed: {label}")
    return found


class Watch:
    """Says what took how long."""

    def __init__(self, who: str) -> None:
        self._who = who

    @contextlib.contextmanager
    def measure(self, what: str) -> Any:
        """Print the time that the block takes."""
        began = time.perf_counter()
        yield
        print(f"{self._who:14}{what:42}{(time.perf_counter() - began) * 1e3:12,.1f} ms")


async def flood_taskengine(folder: Path) -> None:
    """A task that prints a million lines, and how its output is read afterwards."""
    watch = Watch("taskengine")
    async with engine_in(folder) as engine:
        with watch.measure(f"a run of {FLOOD:,} lines"):
            run = await engine.start_run("write", {"lines": FLOOD})
            await engine.wait(run.id)
    async with engine_in(folder) as engine:
        with watch.measure("opened at its end"):
            output = engine.history.output(run.id)
            assert output
            assert output.read(FLOOD - 100, FLOOD)
        with watch.measure("100 lines in its middle"):
            assert len(output.read(FLOOD // 2, FLOOD // 2 + 100)) == 100
        with watch.measure("a text found in it"):
            hits = [one async for one in engine.history.search_output(run.id, NEEDLE)]
            assert sum(map(len, hits)) == 1
    print_size("taskengine", folder / ".taskconsole" / "history.db")


async def flood_aiosqlite(folder: Path) -> None:
    """A million rows, a thousand in a transaction, and how they are read."""
    watch = Watch("aiosqlite")
    path = folder / "plain.db"
    async with plain_tables(path) as database:
        with watch.measure(f"{FLOOD:,} rows"):
            for start in range(0, FLOOD, BATCH):
                rows = [(1, n, time.time(), TEXT.format(n)) for n in range(start, start + BATCH)]
                await database.executemany("INSERT INTO lines VALUES(?, ?, ?, ?)", rows)
                await database.commit()
        with watch.measure("the last 100"):
            await database.execute_fetchall(
                "SELECT * FROM lines WHERE run = 1 ORDER BY number DESC LIMIT 100"
            )
        with watch.measure("a text found in them"):
            like = "SELECT number FROM lines WHERE run = 1 AND text LIKE ?"
            assert len(await database.execute_fetchall(like, (f"%{NEEDLE}%",))) == 1
    print_size("aiosqlite", path)


def print_size(who: str, path: Path) -> None:
    """Say how large a file is."""
    print(f"{who:14}{'size of the file':42}{path.stat().st_size / 1e6:12,.1f} MB")


async def compare_floods() -> None:
    """One after the other, each in a folder of its own."""
    floods = [flood_taskengine, *([flood_aiosqlite] if find_spec("aiosqlite") else [])]
    for flood in floods:
        with tempfile.TemporaryDirectory() as folder:
            await flood(Path(folder))


def ask(count: int) -> None:
    """Questions to a history of so many runs."""
    with tempfile.TemporaryDirectory() as folder:
        print_figures(Path(folder) / "history.db", count)


async def compare(rounds: int) -> None:
    """What it costs to keep runs, beside others."""
    await compare_rates(rounds)
    print()
    await compare_floods()


def main() -> None:
    """Measure one thing after the other."""
    parser = argparse.ArgumentParser(description="Measure what the history costs.")
    parser.add_argument("--rounds", type=int, default=3, help="of the comparison with peers")
    parser.add_argument("--runs", type=int, default=MILLION, help="to ask; 0: no questions")
    asked = parser.parse_args()
    asyncio.run(compare(asked.rounds))
    if asked.runs:
        print()
        ask(asked.runs)


if __name__ == "__main__":
    main()
