"""How many next fires a second, with a time zone, on one core: `Cron` beside its peers.

    python benchmarks/cron.py

Everybody walks from fire to fire through the same years, in the way its documentation shows; each
figure is the best of several rounds. A peer that is not installed is left out with a line.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import islice
from zoneinfo import ZoneInfo

from taskengine.schedule.cron import Cron

ZONE = "Europe/London"
START = datetime(2026, 9, 20, tzinfo=UTC)
END = START + timedelta(days=10 * 365)
EXPRESSIONS = ("* * * * *", "*/5 * * * *", "0 3 * * *", "30 9 * * 1-5", "0 0 1 * *", "0 12 29 2 *")
ROUNDS = 7
ROUND = 0.15  # seconds
BATCH = 50

Walk = Callable[[str], Iterator[datetime]]


def taskengine_fires(expression: str) -> Iterator[datetime]:
    return Cron(expression, ZONE).fires(START)


def cronsim_fires(expression: str) -> Iterator[datetime]:
    fires: Iterator[datetime] = import_module("cronsim").CronSim(expression, local_start())
    return fires


def croniter_fires(expression: str) -> Iterator[datetime]:
    walk = import_module("croniter").croniter(expression, local_start(), datetime)
    fires: Iterator[datetime] = walk.all_next()
    return fires


def apscheduler_fires(expression: str) -> Iterator[datetime]:
    trigger = import_module("apscheduler.triggers.cron").CronTrigger.from_crontab(expression, ZONE)
    fire = local_start()
    while True:
        fire = trigger.get_next_fire_time(fire, fire + timedelta(microseconds=1))
        yield fire


def local_start() -> datetime:
    return START.astimezone(ZoneInfo(ZONE))


WALKS: dict[str, Walk] = {
    "taskengine": taskengine_fires,
    "cronsim": cronsim_fires,
    "croniter": croniter_fires,
    "apscheduler": apscheduler_fires,
}


def fires_a_second(walk: Walk, expression: str) -> float:
    """The rate of one round; setting up the walk is not counted."""
    fires, found, spent = walk(expression), 0, 0.0
    while spent < ROUND:
        before = time.process_time()
        batch = list(islice(fires, BATCH))
        spent += time.process_time() - before
        found += len(batch)
        if batch[-1] > END:
            fires = walk(expression)
    return found / spent


def measure(name: str, walk: Walk) -> None:
    rates = [max(fires_a_second(walk, one) for _ in range(ROUNDS)) for one in EXPRESSIONS]
    print(f"{name:14}" + "".join(f"{rate:>14,.0f}" for rate in rates))


def main() -> None:
    print(f"next fires a second, {ZONE}\n")
    print(" " * 14 + "".join(f"{expression:>14}" for expression in EXPRESSIONS))
    for name, walk in WALKS.items():
        try:
            import_module(name)
        except ImportError:
            print(f"{name:14}  not installed, left out")
        else:
            measure(name, walk)


if __name__ == "__main__":
    main()
