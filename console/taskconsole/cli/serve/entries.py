"""What a journal says of each event: words for people, facts for programs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from taskconsole.cli.printing import count
from taskconsole.cli.problems import in_words
from taskconsole.cli.words import moment
from taskconsole.formatting import format_duration
from taskengine import events
from taskengine.events import Event
from taskengine.run import Run, RunState

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the journal: what happened `at` an instant (aware), in words and as facts."""

    at: datetime
    event: str
    words: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def entry_of(event: Event) -> Entry | None:
    """The entry of an event; None for what is told of too often, or seen from another one."""
    name = _CAPITAL.sub("_", type(event).__name__).lower()
    match event:
        case events.RunProgressed() | events.ChildStarted() | events.ProblemCleared():
            return None
        case events.RunEvent():
            return _of_run(event, name)
        case events.ProblemRaised(problem=problem):
            facts = {"kind": problem.kind.value, "task": problem.task, "place": problem.place}
            words = f"problem: {in_words(problem)}"
            return Entry(at=event.at, event=name, words=words, facts=facts)
        case _:
            words, facts = _other(event)
            return Entry(at=event.at, event=name, words=words, facts=facts) if words else None


def _of_run(event: events.RunEvent, name: str) -> Entry:
    run = event.run
    words, facts = _run_words(event)
    facts = {"task": run.task, "run": run.id, **facts}
    return Entry(at=event.at, event=name, words=f"{run.task} #{run.id} {words}", facts=facts)


def _run_words(event: events.RunEvent) -> tuple[str, dict[str, Any]]:
    run = event.run
    match event:
        case events.RunQueued():
            return f"queued ({run.trigger})", {"trigger": run.trigger.value}
        case events.RunStarted():
            facts: dict[str, Any] = {"trigger": run.trigger.value, "attempt": run.attempt}
            late = run.lateness.total_seconds() if run.lateness else None
            return "started", {**facts, "lateness": late}
        case events.RunJoined(caller=caller):
            unused = "" if caller.payload_used else "; that call's payload is not used"
            facts = {"trigger": caller.trigger.value, "payload_used": caller.payload_used}
            return f"joined by another call ({caller.trigger}){unused}", facts
        case events.AttemptEnded(attempt=attempt):
            error = attempt.error
            why = f": {error.type}: {error.message}" if error else ""
            words = f"attempt {attempt.number} of {run.max_attempts} {attempt.state.value}{why}"
            return words, {"attempt": attempt.number, "state": attempt.state.value}
        case events.RunStopping():
            return "is asked to stop", {}
        case _:
            return _end_words(run)


def _end_words(run: Run) -> tuple[str, dict[str, Any]]:
    seconds = run.duration(run.ended_at or run.queued_at)
    facts: dict[str, Any] = {
        "state": run.state.value,
        "duration": seconds.total_seconds(),
        "attempt": run.attempt,
    }
    words = f"{run.state.value} in {format_duration(seconds)}"
    if run.error and run.state is not RunState.CANCELLED:
        facts["error"] = {"type": run.error.type, "message": run.error.message}
        words += f": {run.error.type}: {run.error.message}"
    return words, facts


def _other(event: Event) -> tuple[str, dict[str, Any]]:
    words = ""
    facts: dict[str, Any] = {}
    match event:
        case events.CatalogChanged(added=added, removed=removed, changed=changed):
            parts = {"added": added, "removed": removed, "changed": changed}
            facts = {how: list(some) for how, some in parts.items()}
            told = [f"{count(len(some), 'task')} {how}" for how, some in parts.items() if some]
            words = ", ".join(told)
        case events.FireMissed(missed=missed):
            words = f"{missed.task} missed {count(missed.count, 'fire')} of {missed.cron}"
            facts = {"task": missed.task, "cron": missed.cron, "count": missed.count}
        case events.RunDelayed(delayed=delayed):
            words = f"{delayed.task} put off until {moment(delayed.at)}"
            facts = {"task": delayed.task, "until": delayed.at.isoformat()}
        case events.SchedulePaused(task=task, reason=reason):
            words = f"{task} paused{f': {reason}' if reason else ''}"
            facts = {"task": task, "reason": reason}
        case events.ScheduleResumed(task=task):
            words, facts = f"{task} resumed", {"task": task}
        case events.SchedulingChanged(on=on):
            words, facts = f"schedules fire {'again' if on else 'no more'}", {"on": on}
        case events.EngineStateChanged(state=state, reason=reason):
            words = f"engine {state.value}{f': {reason}' if reason else ''}"
            facts = {"state": state.value, "reason": reason}
    return words, facts
