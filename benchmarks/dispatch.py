"""How long a run takes from the call to its end, and how many a second there can be: tasks that do
nothing and tasks that take 1 ms, beside bare asyncio, APScheduler 3 and huey.

    pip install 'taskconsole[bench]'
    python benchmarks/dispatch.py [ROUNDS]

Everybody gets a slice of each round, so that a noisy machine is noisy for all, and lives only as
long as that: huey's consumers poll all the time. What is compared is not alike: our runs have
output, result and events, and are committed to SQLite before they begin and when they end;
APScheduler keeps nothing; huey's task goes through its storage (SQLite without fsync, or memory) to
a consumer that polls it every millisecond, and its result is not waited for: the clock stops when
the function has ended.
"""

import asyncio
import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from taskengine import Engine

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
LATENCY_SECONDS = 0.3
RATE_SECONDS = 0.5
CALLERS = 50
THREADS = 32
WORKLOADS = {"no-op": 0.0, "1 ms": 0.001}

Call = Callable[[], Awaitable[object]]
Calls = Mapping[str, Call]
Contestants = Mapping[str, Calls]
Entrant = Callable[[], AbstractAsyncContextManager[Contestants]]


@dataclass
class Figures:
    """What came of measuring somebody's calls, by workload."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=dict)

    async def measure(self, workload: str, call: Call) -> None:
        """Measure a call for a slice of time."""
        await call()
        self.latencies.setdefault(workload, []).extend(await latencies(call))
        self.rates.setdefault(workload, []).append(await rate(call))

    def words(self, workload: str) -> str:
        """The median and the 99th percentile in milliseconds, and the median of runs a second."""
        taken = sorted(self.latencies[workload])
        p50, p99 = statistics.median(taken), taken[int(len(taken) * 0.99)]
        return f"{p50:8.2f} {p99:8.2f} {statistics.median(self.rates[workload]):9,.0f}"


async def latencies(call: Call) -> list[float]:
    """Milliseconds of each call, one after the other."""
    taken = []
    end = time.perf_counter() + LATENCY_SECONDS
    while (began := time.perf_counter()) < end:
        await call()
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


async def rate(call: Call) -> float:
    """Calls a second with many callers at a time."""
    began = time.perf_counter()
    end = began + RATE_SECONDS

    async def caller() -> int:
        count = 0
        while time.perf_counter() < end:
            await call()
            count += 1
        return count

    counts = await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return sum(counts) / (time.perf_counter() - began)


@asynccontextmanager
async def bare_asyncio() -> AsyncIterator[Contestants]:
    """The same hand-over between two threads with nothing around it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def call(seconds: float) -> Call:
        return lambda: asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(asyncio.sleep(seconds), loop)
        )

    yield {"bare asyncio, two threads": of_workloads(call)}
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


TASK = """
import asyncio, time
from taskengine import task

@task(concurrency="parallel", isolation={isolation!r})
{kind} run(event):
    {body}
"""
KINDS = {
    "async task": ("async def", "await asyncio.sleep({})", "none"),
    "sync task": ("def", "time.sleep({})", "none"),
    "process": ("def", "time.sleep({})", "process"),
}


@asynccontextmanager
async def taskengine() -> AsyncIterator[Contestants]:
    """Ourselves, on a project with a task for each kind and workload."""
    with tempfile.TemporaryDirectory() as folder:
        for (kind, parts), (workload, seconds) in itertools.product(
            KINDS.items(), WORKLOADS.items()
        ):
            definition, body, isolation = parts
            path = Path(folder, "tasks", kind, f"{workload}.py")
            path.parent.mkdir(parents=True, exist_ok=True)
            body = body.format(seconds) if seconds else "return None"
            path.write_text(TASK.format(kind=definition, body=body, isolation=isolation))
        async with Engine(folder, scheduler=False) as engine:

            def calls(kind: str) -> Calls:
                return {one: partial(engine.run_task, f"{kind}:{one}") for one in WORKLOADS}

            yield {f"taskengine, {kind}": calls(kind) for kind in KINDS}


@asynccontextmanager
async def apscheduler() -> AsyncIterator[Contestants]:
    """Jobs without a trigger run now; a future that the job sets stands for the missing result."""
    on_loop = import_module("apscheduler.schedulers.asyncio").AsyncIOScheduler()
    on_threads = import_module("apscheduler.schedulers.background").BackgroundScheduler(
        executors={
            "default": import_module("apscheduler.executors.pool").ThreadPoolExecutor(THREADS)
        }
    )
    on_loop.start()
    on_threads.start()

    def call_on_loop(seconds: float) -> Call:
        async def job(done: asyncio.Future[None]) -> None:
            if seconds:
                await asyncio.sleep(seconds)
            done.set_result(None)

        def call() -> Awaitable[None]:
            done = asyncio.get_running_loop().create_future()
            on_loop.add_job(job, args=[done], misfire_grace_time=None)
            return done

        return call

    def call_on_threads(seconds: float) -> Call:
        def call() -> Awaitable[None]:
            done: Future[None] = Future()
            on_threads.add_job(finish, args=[done, seconds], misfire_grace_time=None)
            return asyncio.wrap_future(done)

        return call

    yield {
        "APScheduler 3, asyncio": of_workloads(call_on_loop),
        "APScheduler 3, threads": of_workloads(call_on_threads),
    }
    on_loop.shutdown()
    on_threads.shutdown()


@asynccontextmanager
async def huey() -> AsyncIterator[Contestants]:
    """Consumers in this process, one on memory and one on SQLite."""
    module = import_module("huey")
    with tempfile.TemporaryDirectory() as folder:
        instances = {
            "huey, memory": module.MemoryHuey("memory"),
            "huey, SQLite": module.SqliteHuey("sqlite", filename=str(Path(folder, "huey.db"))),
        }
        consumers = [consumer_of(one) for one in instances.values()]
        yield {label: huey_calls(one) for label, one in instances.items()}
        for consumer in consumers:
            consumer.stop(graceful=True)


def consumer_of(instance: Any) -> Any:
    """A consumer that is as quick to look as its options let it be."""
    consumer = instance.create_consumer(
        workers=8, periodic=False, initial_delay=0.001, max_delay=0.001, check_worker_health=False
    )
    consumer.start()
    return consumer


def huey_calls(instance: Any) -> Calls:
    """Its arguments are pickled, so that the future is found by a number."""
    waiting: dict[int, Future[None]] = {}
    numbers = itertools.count()

    def job(number: int, seconds: float) -> None:
        finish(waiting.pop(number), seconds)

    enqueue = instance.task()(job)

    def call(seconds: float) -> Call:
        def run() -> Awaitable[None]:
            number, done = next(numbers), Future[None]()
            waiting[number] = done
            enqueue(number, seconds)
            return asyncio.wrap_future(done)

        return run

    return of_workloads(call)


def finish(done: Future[None], seconds: float) -> None:
    """The body of the peers' jobs on threads."""
    if seconds:
        time.sleep(seconds)
    done.set_result(None)


def of_workloads(call: Callable[[float], Call]) -> Calls:
    """The call for each workload."""
    return {workload: call(seconds) for workload, seconds in WORKLOADS.items()}


def installed() -> list[Entrant]:
    """Everybody whose package is there; who is missing is told."""
    found: list[Entrant] = [bare_asyncio, taskengine]
    for entrant in (apscheduler, huey):
        if find_spec(entrant.__name__):
            found.append(entrant)
        else:
            print(f"left out, because it is not installed: {entrant.__name__}")
    return found


async def main() -> None:
    figures: defaultdict[str, Figures] = defaultdict(Figures)
    entrants = installed()
    for _ in range(ROUNDS):
        for entrant in entrants:
            async with entrant() as contestants:
                for label, calls in contestants.items():
                    for workload, call in calls.items():
                        await figures[label].measure(workload, call)
    head = f"{'p50 ms':>8} {'p99 ms':>8} {'runs/s':>9}"
    print(f"{'':28}" + "".join(f"{workload:>28}" for workload in WORKLOADS))
    print(f"{'':28}" + f"  {head}" * len(WORKLOADS))
    for label, found in figures.items():
        print(f"{label:28}" + "".join(f"  {found.words(one)}" for one in WORKLOADS))


asyncio.run(main())
