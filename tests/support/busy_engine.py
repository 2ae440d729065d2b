"""A program with an engine under load, to be killed. Usage: busy_engine.py ROOT

It tells on its standard output, which survives it, what it may rely on: `R`, the engine is ready;
`S run`, a start was acknowledged; `B run scheduled`, a task's code began; `E run state lines`, an
end was told of, of a run that wrote so many lines.
"""

import asyncio
import itertools
import os
import sys

from support.slots import Slots
from taskengine import Engine
from taskengine.events import Event, RunEnded

CALLERS = 6
TASKS = ("chatty", "quick", "failing", "lined")


def tell(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def hear(event: Event) -> None:
    if isinstance(event, RunEnded):
        lines = event.run.payload.get("lines", 0)
        tell("E", event.run.id, event.run.state.value, lines)


async def caller(engine: Engine, slot: int) -> None:
    for number in itertools.count(slot):
        payload = {"slot": slot, "lines": number % 7 * 40}
        run = await engine.start_run(TASKS[number % len(TASKS)], payload)
        tell("S", run.id)
        await engine.wait(run.id)


async def main(root: str) -> None:
    engine = Engine(root)
    engine.subscribe(hear)
    async with engine:
        tell("R")
        await asyncio.gather(*(caller(engine, slot) for slot in range(CALLERS)))


if __name__ == "__main__":
    Slots.open()
    asyncio.run(main(sys.argv[1]))
