"""Sentences about what has happened."""

from datetime import UTC, datetime

from taskconsole import notices
from taskengine.events import RunEnded
from taskengine.run import Run, RunError, RunState, Trigger

AT = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)


def a_run(state: RunState, trigger: Trigger = Trigger.SCHEDULE, error: str = "") -> Run:
    return Run(
        id=7,
        task="db:migrate",
        payload={},
        trigger=trigger,
        state=state,
        queued_at=AT,
        started_at=AT,
        ended_at=AT,
        error=RunError(type="ValueError", message=error) if error else None,
    )


def always(run: Run) -> bool:
    return True


def test_an_end_tells_name_outcome_duration_and_error() -> None:
    notice = notices.of_end(a_run(RunState.FAILED, error="no luck"), AT)
    assert notice.title == "db:migrate #7"
    assert notice.text == "✗ failed after 0ms\nValueError: no luck"
    assert notice.severity == "error"


def test_an_error_message_cannot_steer_the_terminal() -> None:
    notice = notices.of_end(a_run(RunState.FAILED, error="\x1b]0;title\x07bad"), AT)
    assert "\x1b" not in notice.text


def test_the_watched_run_and_children_of_others_are_not_told() -> None:
    ends = [RunEnded(at=AT, run=a_run(RunState.DONE))]
    children = [RunEnded(at=AT, run=a_run(RunState.DONE, Trigger.TASK))]
    assert list(notices.of_unwatched(ends, 7, always)) == []
    assert len(list(notices.of_unwatched(ends, 8, always))) == 1
    assert list(notices.of_unwatched(children, None, always)) == []


def test_a_schedule_that_is_done_as_before_is_no_news() -> None:
    done, failed = RunState.DONE, RunState.FAILED
    scheduled = a_run(done)

    assert notices.is_news(scheduled, [done])
    assert notices.is_news(scheduled, [failed, done])
    assert not notices.is_news(scheduled, [failed, done, done])
    assert notices.is_news(a_run(failed), [failed, failed])
    assert notices.is_news(a_run(done, Trigger.MANUAL), [done, done])


def test_a_run_that_was_skipped_is_no_news() -> None:
    skipped = a_run(RunState.SKIPPED, Trigger.MANUAL)
    assert not list(notices.of_unwatched([RunEnded(at=AT, run=skipped)], None, always))


def test_a_run_that_was_put_off_and_then_skipped_is_told_for_somebody_waits_for_it() -> None:
    skipped = a_run(RunState.SKIPPED, Trigger.DELAYED, error="another run of it goes on")
    (told,) = notices.of_unwatched([RunEnded(at=AT, run=skipped)], None, always)
    assert told.text.startswith("↷ skipped\n")
    assert told.severity == "warning"


def test_a_timeout_and_a_crash_are_errors() -> None:
    for state in (RunState.TIMEOUT, RunState.CRASHED):
        assert notices.of_end(a_run(state), AT).severity == "error"
