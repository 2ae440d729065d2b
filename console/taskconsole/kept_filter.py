"""What the runs were filtered by, as the text that it is kept as."""

import json
from datetime import datetime

import msgspec

from taskconsole.widgets.run_filter import RunFilter, Span
from taskengine.run import RunState, Trigger

NAME = "runs"
"""What it is kept by, among what the console keeps of itself."""


class _Form(msgspec.Struct, omit_defaults=True):
    """Instants are written in ISO 8601, as words that no span has."""

    task: str | None = None
    states: frozenset[RunState] = frozenset()
    triggers: frozenset[Trigger] = frozenset()
    since: str = ""
    until: str = ""
    text: str = ""


def as_text(wanted: RunFilter) -> str:
    """What `read` reads."""
    since, until = wanted.since, wanted.until
    form = _Form(
        wanted.task,
        wanted.states,
        wanted.triggers,
        since.isoformat() if isinstance(since, datetime) else since or "",
        until.isoformat() if until else "",
        wanted.text,
    )
    return json.dumps(msgspec.to_builtins(form, order="deterministic"))


def read(text: str | None) -> RunFilter:
    """The filter that a text says; none where it can't be understood, for half of one would show
    other runs than the user left.
    """
    try:
        form = msgspec.convert(json.loads(text or "{}"), _Form)
        return RunFilter(
            task=form.task,
            states=form.states,
            triggers=form.triggers,
            since=_since(form.since),
            until=_instant(form.until) if form.until else None,
            text=form.text,
        )
    except (ValueError, RecursionError):
        return RunFilter()


def _since(word: str) -> Span | datetime | None:
    if not word:
        return None
    return Span(word) if word in set(Span) else _instant(word)


def _instant(word: str) -> datetime:
    instant = datetime.fromisoformat(word)
    if instant.tzinfo is None:
        raise ValueError(word)
    return instant
