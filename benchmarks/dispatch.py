"""How long a run of a task that does nothing takes, from the call to its result, and how many a
second there can be; beside bare asyncio doing the same hand-over between two threads.

    python benchmarks/dispatch.py [RUNS]
"""

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from taskengine import Engine

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
CALLERS = 50
NO_OP = "from taskengine import task\n\n\n@task\n{kind} run(event):\n    return None\n"

Call = Callable[[int], Awaitable[object]]


async def latencies(call: Call) -> list[float]:
    """Milliseconds of each call, one after the other."""
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        await call(0)
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


async def throughput(call: Call) -> float:
    """Calls a second with many callers at a time."""

    async def caller(number: int) -> None:
        for _ in range(RUNS // CALLERS):
            await call(number)

    began = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(CALLERS)))
    return RUNS / (time.perf_counter() - began)


async def report(label: str, call: Call) -> None:
    await latencies(call)
    taken = sorted(await latencies(call))
    rate = await throughput(call)
    p50, p99 = statistics.median(taken), taken[int(len(taken) * 0.99)]
    print(f"{label:34} p50 {p50:6.3f} ms   p99 {p99:6.3f} ms   {rate:8,.0f} runs/s")


def bare_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


async def nothing() -> None:
    return None


async def main() -> None:
    other = bare_loop()

    async def hand_over(_: int) -> object:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(nothing(), other))

    with tempfile.TemporaryDirectory() as folder:
        tasks = Path(folder, "tasks")
        tasks.mkdir()
        for number in range(CALLERS):
            for prefix, kind in (("a", "async def"), ("s", "def")):
                Path(tasks, f"{prefix}{number}.py").write_text(NO_OP.format(kind=kind))
        async with Engine(folder, scheduler=False) as engine:
            await report("bare asyncio, two threads", hand_over)
            await report("taskengine, async task", lambda n: engine.run_task(f"a{n}"))
            await report("taskengine, sync task", lambda n: engine.run_task(f"s{n}"))


asyncio.run(main())
