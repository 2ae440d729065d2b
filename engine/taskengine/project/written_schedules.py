"""Schedules as they were written become schedules that can fire, or problems."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from taskengine.problem import Problem, ProblemKind
from taskengine.project.definition import WrittenSchedule
from taskengine.project.places import place_in
from taskengine.schedule.cron import Cron, CronError
from taskengine.schedule.entry import ScheduleEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSchedules:
    """Those of one task that can fire, each once, and what is wrong with the others."""

    entries: tuple[ScheduleEntry, ...] = ()
    problems: tuple[Problem, ...] = ()


def check_schedules(
    task: str, written: Iterable[WrittenSchedule], timezone: str, root: Path
) -> CheckedSchedules:
    """Check a task's schedules; `timezone` is for those that name none."""
    entries: dict[object, ScheduleEntry] = {}
    problems = []
    for one in written:
        try:
            entry = _entry(task, one, one.timezone or timezone, root)
        except ValueError as error:
            problems.append(_problem(task, one, error))
        else:
            entries.setdefault(entry.identity, entry)
    return CheckedSchedules(entries=tuple(entries.values()), problems=tuple(problems))


def _entry(task: str, written: WrittenSchedule, timezone: str, root: Path) -> ScheduleEntry:
    return ScheduleEntry(
        task=task,
        cron=_cron(written.cron, timezone),
        payload=_checked_payload(written.payload),
        source=place_in(root, written.path, written.line),
        path=written.path,
        line=written.line,
    )


@lru_cache(maxsize=4096)
def _cron(expression: str, timezone: str) -> Cron:
    """Parsing costs more than the rest of a reload, and most expressions are in it again."""
    return Cron(expression, timezone)


def _checked_payload(payload: Mapping[str, object]) -> dict[str, object]:
    """The payload as its runs will get it. Raises ValueError for what JSON can't carry."""
    try:
        copy: dict[str, object] = json.loads(json.dumps(dict(payload), allow_nan=False))
    except Exception as error:
        raise ValueError(f"the payload can't be JSON: {error}") from error
    return copy


def _problem(task: str, written: WrittenSchedule, error: ValueError) -> Problem:
    return Problem(
        kind=ProblemKind.SCHEDULE,
        message=f"schedule {written.cron!r}: {error}",
        path=written.path,
        line=written.line,
        task=task,
        hint=error.hint if isinstance(error, CronError) else "",
    )
