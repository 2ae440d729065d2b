"""How long runs took, in words."""

from datetime import UTC, datetime

from taskconsole.formatting import format_duration
from taskengine.records import RunSummary
from taskengine.run import Run


def took(run: Run | RunSummary) -> str:
    """How long a run took, or has taken so far; empty if it did not begin, or if nobody knows when
    it ended, as of one whose process was killed.
    """
    if run.started_at is None or (run.state.is_final and run.ended_at is None):
        return ""
    return format_duration(run.duration(run.ended_at or datetime.now(UTC)))
