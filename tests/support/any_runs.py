"""Runs that are over, with whatever a run can have."""

from hypothesis import strategies as st

from taskengine.history.sqlite.instants import from_micros
from taskengine.run import Attempt, JoinedCaller, Progress, Run, RunError, RunState, Trigger

_TEXT = st.text(max_size=20)
_ANY_TEXT = st.text(st.characters(codec=None), max_size=20)  # with lone surrogates, too
_INSTANT = st.integers(10**14, 10**16).map(from_micros)
_FINITE = st.floats(allow_nan=False, allow_infinity=False)
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**60), 10**60) | _FINITE | _ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_PAYLOAD = st.dictionaries(_TEXT, _VALUE, max_size=3)
_ERROR = st.none() | st.builds(RunError, type=_TEXT, message=_TEXT, traceback=_TEXT)
_FINAL = st.sampled_from([state for state in RunState if state.is_final])
_TRIGGER = st.sampled_from(Trigger)
_COUNT = st.integers(0, 2**40)
_NUMBER = st.none() | st.integers(1, 2**40)
_ATTEMPT = st.builds(
    Attempt, number=_COUNT, state=_FINAL, started_at=_INSTANT, ended_at=_INSTANT, error=_ERROR
)
_JOINED = st.builds(JoinedCaller, at=_INSTANT, trigger=_TRIGGER, payload_used=st.booleans())
_PROGRESS = st.builds(Progress, done=_FINITE, total=st.none() | _FINITE, message=_TEXT)


def runs() -> st.SearchStrategy[Run]:
    """Such runs, all of the number 0."""
    return st.builds(
        Run,
        id=st.just(0),
        task=_TEXT,
        payload=_PAYLOAD,
        trigger=_TRIGGER,
        state=_FINAL,
        queued_at=_INSTANT,
        started_at=st.none() | _INSTANT,
        ended_at=_INSTANT,
        scheduled_time=st.none() | _INSTANT,
        key=_TEXT,
        attempt=_COUNT,
        max_attempts=_COUNT,
        attempts=st.lists(_ATTEMPT, max_size=2).map(tuple),
        next_attempt_at=st.none() | _INSTANT,
        stopping=st.booleans(),
        result=_VALUE,
        error=_ERROR,
        progress=st.none() | _PROGRESS,
        joined=st.lists(_JOINED, max_size=2).map(tuple),
        joined_count=_COUNT,
        parent_id=_NUMBER,
        children=st.lists(st.integers(1, 2**40), max_size=2).map(tuple),
        child_count=_COUNT,
        rerun_of=_NUMBER,
    )
