"""What makes a schedule the same everywhere, and what follows from it."""

import subprocess
import sys

from taskengine.options import Options
from taskengine.run import Payload
from taskengine.schedule.cron import Cron
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timed import TimedSchedule, delay_of

IDENTITY = """
from taskengine.schedule.cron import Cron
from taskengine.schedule.entry import ScheduleEntry
print(ScheduleEntry(task="job", cron=Cron("@hourly"), payload={"b": 1, "a": "ü"}).identity)
"""


def entry(
    task: str = "job", cron: str = "0 * * * *", zone: str = "UTC", payload: Payload | None = None
) -> ScheduleEntry:
    return ScheduleEntry(task=task, cron=Cron(cron, zone), payload=payload or {})


def test_an_identity_is_task_expression_zone_and_payload() -> None:
    others = [
        entry(),
        entry(task="other"),
        entry(cron="1 * * * *"),
        entry(zone="Europe/London"),
        entry(payload={"a": 1}),
    ]

    assert len({one.identity for one in others}) == len(others)


def test_spelling_and_place_do_not_change_an_identity() -> None:
    written = ScheduleEntry(task="job", cron=Cron("0 * ? * *"), source="tasks/job.py:4", line=4)

    assert written.identity == entry().identity


def test_an_identity_is_the_same_in_every_process() -> None:
    there = subprocess.run(
        [sys.executable, "-c", IDENTITY], capture_output=True, text=True, check=True
    )

    assert there.stdout.strip() == entry(payload={"a": "ü", "b": 1}).identity


def test_jitter_puts_off_every_fire_by_the_same_part_of_it() -> None:
    delays = [delay_of(entry(task=f"job {n}"), 600).total_seconds() for n in range(200)]

    assert delays == [delay_of(entry(task=f"job {n}"), 600).total_seconds() for n in range(200)]
    assert all(0 <= delay < 600 for delay in delays)
    assert all(any(low <= delay < low + 120 for delay in delays) for low in range(0, 600, 120))
    assert TimedSchedule.of(entry(), Options(jitter=600)).delay == delay_of(entry(), 600)
    assert TimedSchedule.of(entry(), Options()).delay.total_seconds() == 0
