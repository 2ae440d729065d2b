"""Sentences about what a change of the project's files has done."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from taskconsole.notices import Notice
from taskconsole.reload_notices import of_reload
from taskengine.client.views import TaskView
from taskengine.events import CatalogChanged, Event, FireMissed, ProblemCleared, ProblemRaised
from taskengine.problem import Problem, ProblemKind
from taskengine.run import MissedFires

AT = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)
ROOT = Path("/shop")
PROBLEM = Problem(
    kind=ProblemKind.IMPORT,
    message="no module named 'x'",
    path=ROOT / "tasks/a.py",
    line=12,
    task="a",
)
SCHEDULE = Problem(kind=ProblemKind.SCHEDULE, message="no such day", task="a")
OPTION = Problem(kind=ProblemKind.OPTION, message="no such zone", task="a")
RELOADED = CatalogChanged(at=AT, changed=("a",))
RAISED = ProblemRaised(at=AT, problem=PROBLEM)
CLEARED = ProblemCleared(at=AT, problem=PROBLEM)


def told_of(*events: Event, views: tuple[TaskView, ...] = ()) -> list[Notice]:
    return list(of_reload(events, ROOT, views))


def texts_of(*events: Event, views: tuple[TaskView, ...] = ()) -> list[str]:
    return [notice.text for notice in told_of(*events, views=views)]


def missed(task: str, count: int) -> FireMissed:
    fires = MissedFires(
        id=1,
        task=task,
        cron="* * * * *",
        timezone="UTC",
        payload={},
        first=AT,
        last=AT,
        count=count,
    )
    return FireMissed(at=AT, missed=fires)


def test_a_reload_is_told_in_one_notice_that_names_a_few() -> None:
    changed = CatalogChanged(at=AT, added=("a", "b", "c", "d", "e"), removed=("f",))
    assert texts_of(changed) == ["added a, b, c and 2 more\nremoved f"]


def test_a_problem_is_told_with_its_place() -> None:
    new = TaskView(name="a", runnable=False, problem=PROBLEM)
    assert texts_of(RAISED, views=(new,)) == ["tasks/a.py:12: no module named 'x'"]


def test_the_old_version_serves_a_task_whose_new_one_can_not() -> None:
    view = TaskView(name="a", problem=PROBLEM)
    (text,) = texts_of(RAISED, views=(view,))
    assert text.endswith("\nThe old version still serves.")


def test_a_fault_that_is_not_in_the_code_leaves_no_old_version() -> None:
    for problem in (SCHEDULE, OPTION):
        view = TaskView(name="a", problem=problem)
        raised = ProblemRaised(at=AT, problem=problem)
        assert texts_of(raised, views=(view,)) == [f"a: {problem.message}"]


def test_a_task_whose_change_has_a_problem_is_not_told_as_reloaded() -> None:
    both = CatalogChanged(at=AT, changed=("a", "b"))
    assert texts_of(both, RAISED)[0] == "reloaded b"
    assert len(told_of(RELOADED, RAISED)) == 1


def test_a_mended_problem_is_told_with_what_was_reloaded() -> None:
    assert texts_of(RELOADED, CLEARED) == ["reloaded a\nmended: tasks/a.py:12"]


def test_a_task_that_blocks_nothing_any_more_is_not_mended_for_that() -> None:
    for kind, words in (
        (ProblemKind.BLOCKED_LOOP, "task a no longer blocks the event loop"),
        (ProblemKind.HELD_LOCK, "task a no longer holds the interpreter's lock"),
    ):
        cleared = ProblemCleared(at=AT, problem=replace(PROBLEM, kind=kind))
        assert texts_of(cleared) == [words]


def test_a_broken_file_that_is_deleted_is_not_mended() -> None:
    assert texts_of(CatalogChanged(at=AT, removed=("a",)), CLEARED) == ["removed a"]


def test_a_problem_that_gives_way_to_another_one_is_not_mended() -> None:
    other = ProblemRaised(at=AT, problem=replace(PROBLEM, line=13))
    assert texts_of(CLEARED, other) == ["tasks/a.py:13: no module named 'x'"]


def test_several_problems_are_told_in_one_notice() -> None:
    raised = [ProblemRaised(at=AT, problem=replace(PROBLEM, task=name)) for name in "abcdefg"]
    (notice,) = told_of(*raised)
    assert (notice.text, notice.severity) == ("7 new problems: press 4", "error")


def test_problems_that_are_seen_anyway_are_not_told() -> None:
    told = of_reload([RELOADED, RAISED, CLEARED], ROOT, (), tells_problems=False)
    assert list(told) == []


def test_missed_fires_of_several_schedules_are_told_in_one_notice() -> None:
    assert texts_of(missed("a", 1)) == ["missed 1 fire of a: press m there"]
    assert texts_of(missed("a", 2), missed("b", 3), missed("a", 1)) == [
        "missed 6 fires of a, b: press m there"
    ]
