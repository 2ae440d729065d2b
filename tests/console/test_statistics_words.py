"""What a task's runs add up to, in a line."""

from taskconsole.statistics_words import in_a_line
from taskengine.records import TaskStatistics
from taskengine.run import RunState

DONE, FAILED, SKIPPED = RunState.DONE, RunState.FAILED, RunState.SKIPPED
MANY = TaskStatistics(counts={DONE: 1_187, FAILED: 16, SKIPPED: 1}, p50=1.25, p95=63.0)
OUTCOMES = (DONE, DONE, FAILED, DONE)


def said(width: int, statistics: TaskStatistics = MANY) -> str:
    text = in_a_line(statistics, OUTCOMES, width)
    return "" if text is None else text.plain


def test_everything_is_said_where_there_is_room() -> None:
    assert said(60) == "▂▂█▂  98.6 % of 1,204 runs · p50 1.2s · p95 1m 03s"


def test_the_latest_outcomes_are_those_there_is_room_for() -> None:
    whole = len(said(60))
    assert said(whole - 1) == "▂█▂  98.6 % of 1,204 runs · p50 1.2s · p95 1m 03s"
    assert said(whole - 2) == "98.6 % of 1,204 runs · p50 1.2s · p95 1m 03s"


def test_what_matters_least_goes_first() -> None:
    assert said(34) == "98.6 % of 1,204 runs · p50 1.2s"
    assert said(22) == "98.6 % of 1,204 runs"
    assert said(5) == "98.6 % of 1,204 runs"


def test_a_failure_is_never_rounded_away() -> None:
    assert "99.9 % of" in said(60, TaskStatistics(counts={DONE: 999_999, FAILED: 1}))
    assert "100 % of" in said(60, TaskStatistics(counts={DONE: 3}))


def test_runs_that_say_nothing_of_the_task_are_only_counted() -> None:
    assert said(60, TaskStatistics(counts={SKIPPED: 1})) == "▂▂█▂  1 run"


def test_nothing_is_said_of_a_task_that_never_ran() -> None:
    assert said(60, TaskStatistics()) == ""
