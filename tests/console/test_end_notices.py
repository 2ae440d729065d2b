"""What is told of runs that ended."""

from dataclasses import replace
from datetime import UTC, datetime

from taskconsole import end_notices
from taskconsole.notices import Notice
from taskengine.events import RunEnded
from taskengine.run import Run, RunError, RunState, Trigger

AT = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)


def a_run(
    state: RunState, trigger: Trigger = Trigger.SCHEDULE, error: str = "", number: int = 7
) -> Run:
    return Run(
        id=number,
        task="db:migrate",
        payload={},
        trigger=trigger,
        state=state,
        queued_at=AT,
        started_at=AT,
        ended_at=AT,
        error=RunError(type="ValueError", message=error) if error else None,
    )


def test_a_name_of_any_length_leaves_room_for_the_other_runs() -> None:
    long = replace(a_run(RunState.DONE), task="x" * 500)
    assert told_of(a_run(RunState.DONE), long).text == (
        f"✓ db:migrate #7  0ms\n✓ {'x' * 39}… #7  0ms"
    )


def told_of(*runs: Run) -> Notice:
    return end_notices.of_ends([RunEnded(at=AT, run=run) for run in runs])


def always(run: Run) -> bool:
    return True


def test_an_end_tells_name_outcome_duration_and_error() -> None:
    notice = told_of(a_run(RunState.FAILED, error="no luck"))
    assert notice.title == "db:migrate #7"
    assert notice.text == "✗ failed after 0ms\nValueError: no luck"
    assert notice.severity == "error"


def test_an_error_message_cannot_steer_the_terminal() -> None:
    notice = told_of(a_run(RunState.FAILED, error="\x1b]0;title\x07bad"))
    assert "\x1b" not in notice.text


def test_the_watched_run_and_children_of_others_are_not_told() -> None:
    ends = [RunEnded(at=AT, run=a_run(RunState.DONE))]
    children = [RunEnded(at=AT, run=a_run(RunState.DONE, Trigger.TASK))]
    assert list(end_notices.unwatched(ends, 7, always)) == []
    assert len(list(end_notices.unwatched(ends, 8, always))) == 1
    assert list(end_notices.unwatched(children, None, always)) == []


def test_a_schedule_that_is_done_as_before_is_no_news() -> None:
    done, failed = RunState.DONE, RunState.FAILED
    scheduled = a_run(done)

    assert end_notices.is_news(scheduled, [done])
    assert end_notices.is_news(scheduled, [failed, done])
    assert not end_notices.is_news(scheduled, [failed, done, done])
    assert end_notices.is_news(a_run(failed), [failed, failed])
    assert end_notices.is_news(a_run(done, Trigger.MANUAL), [done, done])


def test_a_run_that_was_skipped_is_no_news() -> None:
    skipped = a_run(RunState.SKIPPED, Trigger.MANUAL)
    assert not list(end_notices.unwatched([RunEnded(at=AT, run=skipped)], None, always))


def test_a_run_that_was_put_off_and_then_skipped_is_told_for_somebody_waits_for_it() -> None:
    skipped = a_run(RunState.SKIPPED, Trigger.DELAYED, error="another run of it goes on")
    ends = list(end_notices.unwatched([RunEnded(at=AT, run=skipped)], None, always))
    told = end_notices.of_ends(ends)
    assert told.text.startswith("↷ skipped\n")
    assert told.severity == "warning"


def test_a_timeout_and_a_crash_are_errors() -> None:
    for state in (RunState.TIMEOUT, RunState.CRASHED):
        assert told_of(a_run(state)).severity == "error"


def test_runs_that_ended_together_are_told_in_one_what_went_wrong_first() -> None:
    done, failed, cancelled = RunState.DONE, RunState.FAILED, RunState.CANCELLED
    told = told_of(
        a_run(done, number=1),
        a_run(cancelled, number=2),
        a_run(done, number=3),
        a_run(failed, number=4, error="no luck\nat all"),
    )
    assert told.title == "4 runs ended: 2 done, 1 failed, 1 cancelled"
    assert told.text.splitlines() == [
        "✗ db:migrate #4  0ms  ValueError: no luck",
        "⊘ db:migrate #2  0ms",
        "✓ db:migrate #1  0ms",
        "✓ db:migrate #3  0ms",
    ]
    assert told.severity == "error"


def test_of_many_that_ended_together_a_few_are_named() -> None:
    told = told_of(*(a_run(RunState.DONE, number=number) for number in range(1_000)))
    assert told.title == "1,000 runs ended: 1,000 done"
    assert told.text.splitlines()[-1] == "and 996 more"
    assert len(told.text.splitlines()) == 5
    assert told.severity == "information"
