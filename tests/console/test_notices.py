"""Sentences about what has happened."""

from datetime import UTC, datetime
from pathlib import Path

from taskconsole import notices
from taskconsole.notices import Notice
from taskengine.events import CatalogChanged, ProblemCleared, ProblemRaised, RunEnded
from taskengine.problem import Problem, ProblemKind
from taskengine.run import Run, RunError, RunState, Trigger

AT = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)
ROOT = Path("/shop")
PROBLEM = Problem(
    kind=ProblemKind.IMPORT,
    message="no module named 'x'",
    path=ROOT / "tasks/a.py",
    line=12,
    task="a",
)


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


def told_of(event: CatalogChanged | ProblemRaised | ProblemCleared, *runnable: str) -> list[Notice]:
    return list(notices.of_reload([event], ROOT, frozenset(runnable)))


def always(run: Run) -> bool:
    return True


def test_an_end_tells_name_outcome_duration_and_error() -> None:
    notice = notices.of_end(a_run(RunState.FAILED, error="no luck"), AT)
    assert notice.title == "db:migrate #7"
    assert notice.text == "✗ failed after 0.0s\nValueError: no luck"
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


def test_a_reload_is_told_in_one_notice_that_names_a_few() -> None:
    (notice,) = told_of(CatalogChanged(at=AT, added=("a", "b", "c", "d", "e"), removed=("f",)))
    assert notice.text == "added a, b, c and 2 more\nremoved f"


def test_a_problem_is_told_with_its_place_and_whether_the_old_version_serves() -> None:
    (broken,) = told_of(ProblemRaised(at=AT, problem=PROBLEM))
    assert broken.text == "tasks/a.py:12: no module named 'x'"
    (serving,) = told_of(ProblemRaised(at=AT, problem=PROBLEM), "a")
    assert serving.text.endswith("The old version still serves.")


def test_a_mended_problem_is_told() -> None:
    (notice,) = told_of(ProblemCleared(at=AT, problem=PROBLEM))
    assert notice.text == "mended: tasks/a.py:12"
