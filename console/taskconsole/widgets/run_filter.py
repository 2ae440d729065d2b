"""Which runs are listed, in the user's terms, and what chips say of that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from taskconsole import marks, phrases
from taskengine.client.run_text import text_fault
from taskengine.records import RunQuery
from taskengine.run import RunState, Trigger

_NAMED_AT_MOST = 3


class Part(StrEnum):
    """What runs can be filtered by."""

    TASK = "task"
    STATE = "status"
    TRIGGER = "begun by"
    TIME = "when"
    TEXT = "text"


class Span(StrEnum):
    """Stretches of time up to now."""

    HOUR = "the last hour"
    TODAY = "today"
    WEEK = "the last 7 days"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """What is asked for; nothing: all runs. `since` is a span that moves on with the time, or an
    instant, aware, from which on runs were queued; runs queued at `until`, aware, or later don't
    count.
    """

    task: str | None = None
    states: frozenset[RunState] = frozenset()
    triggers: frozenset[Trigger] = frozenset()
    since: Span | datetime | None = None
    until: datetime | None = None
    text: str = ""

    def query(self, now: datetime, zone: tzinfo) -> RunQuery:
        """What to ask a history for, as of now."""
        return RunQuery(
            task=self.task,
            states=self.states,
            triggers=self.triggers,
            since=beginning(self.since, now, zone),
            until=self.until,
            text="" if text_fault(self.text) else self.text.strip(),
        )

    def chips(self, now: datetime, zone: tzinfo) -> Iterator[tuple[Part, str]]:
        """Each part that leaves runs out, and how in a few words."""
        if self.task is not None:
            yield Part.TASK, phrases.plain(self.task)
        if self.states:
            yield (
                Part.STATE,
                _some([marks.of_state(state).meaning for state in sorted(self.states)]),
            )
        if self.triggers:
            yield Part.TRIGGER, _some(sorted(trigger.value for trigger in self.triggers))
        if isinstance(self.since, Span):
            yield Part.TIME, self.since.value
        elif self.since is not None or self.until is not None:
            yield Part.TIME, stretch_in_words(self.since, self.until, now, zone)
        if self.text.strip():
            why = " has no word" if text_fault(self.text) else ""
            yield Part.TEXT, f"“{phrases.plain(self.text.strip())}”{why}"


def beginning(since: Span | datetime | None, now: datetime, zone: tzinfo) -> datetime | None:
    """The instant from which on runs are listed."""
    match since:
        case Span.HOUR:
            return now - timedelta(hours=1)
        case Span.TODAY:
            return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        case Span.WEEK:
            return now - timedelta(days=7)
        case _:
            return since


def stretch_in_words(
    since: datetime | None, until: datetime | None, now: datetime, zone: tzinfo
) -> str:
    """`since 09:00:00`, `until yesterday 14:30`, `Mon 00:00 to Wed 00:00`; one of them is there."""
    begin = phrases.past(since, now, zone) if since else ""
    end = phrases.past(until, now, zone) if until else ""
    if begin and end:
        return f"{begin} to {end}"
    return f"since {begin}" if begin else f"until {end}"


def _some(words: list[str]) -> str:
    shown = words if len(words) <= _NAMED_AT_MOST else words[: _NAMED_AT_MOST - 1]
    more = [f"{len(words) - len(shown)} more"] if len(words) > len(shown) else []
    return ", ".join(shown + more)
