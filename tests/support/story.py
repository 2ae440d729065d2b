"""The events of one run, and whether they make sense in their order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from taskengine.events import (
    AttemptEnded,
    ChildStarted,
    Event,
    RunEnded,
    RunEvent,
    RunJoined,
    RunProgressed,
    RunQueued,
    RunStarted,
    RunStopping,
)
from taskengine.run import Run, RunState
from taskengine.runs.transitions import FIRST_STATES, check_transition

# Which events may come while the run is in a state, apart from those that bring it there.
_MEANWHILE: dict[RunState, tuple[type[RunEvent], ...]] = {
    RunState.QUEUED: (RunJoined, RunStopping),
    RunState.RUNNING: (RunJoined, RunStopping, RunProgressed, ChildStarted),
    RunState.WAITING: (RunJoined, RunStopping),
}
_BRINGS = {RunStarted: RunState.RUNNING, AttemptEnded: RunState.WAITING}


def stories(events: Iterable[Event]) -> dict[int, list[RunEvent]]:
    """The events of each run, by its number."""
    told: dict[int, list[RunEvent]] = defaultdict(list)
    for event in events:
        if isinstance(event, RunEvent):
            told[event.run.id].append(event)
    return dict(told)


def check_story(told: Sequence[RunEvent]) -> None:
    """Assert that a run's events are those of one life, from its first state to its end."""
    first, last = told[0], told[-1]
    assert first.run.state in FIRST_STATES, told
    assert type(first) is (RunEnded if first.run.state is RunState.SKIPPED else RunQueued), told
    assert type(last) is RunEnded, told
    for before, after in pairwise(told):
        _check_step(before.run, after)
    _check_counts(told, last.run)


def _check_step(before: Run, event: RunEvent) -> None:
    after = event.run
    if after.state is before.state:
        assert isinstance(event, _MEANWHILE[after.state]), (before, event)
    else:
        check_transition(before.state, after.state)
        assert isinstance(event, RunEnded) or _BRINGS[type(event)] is after.state, (before, event)
    if before.stopping:
        assert not isinstance(event, RunJoined | RunStopping | AttemptEnded), (before, event)


def _check_counts(told: Sequence[RunEvent], last: Run) -> None:
    assert sum(isinstance(event, RunEnded) for event in told) == 1, told
    assert last.state.is_final
    assert (last.stopping, last.next_attempt_at) == (False, None), last
    assert last.joined_count == sum(isinstance(event, RunJoined) for event in told)
    assert last.child_count == sum(isinstance(event, ChildStarted) for event in told)
    assert len(last.attempts) == sum(isinstance(event, AttemptEnded) for event in told)
    assert last.attempt <= last.max_attempts
