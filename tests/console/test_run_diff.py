"""What is told of two runs that are compared."""

from datetime import UTC, datetime
from typing import Any

from taskconsole.run_diff import COMPARED_LINES, Part, difference
from taskengine.run import Run, RunError, RunState, Trigger

NOW = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)


def run(number: int, **others: Any) -> Run:
    values: dict[str, Any] = {
        "state": RunState.DONE,
        "payload": {},
        "trigger": Trigger.MANUAL,
        "queued_at": NOW,
    }
    return Run(id=number, task="a", **(values | others))


def lines(left: Run, right: Run, part: Part) -> list[str]:
    return list(difference(left, right, part).lines)


def test_the_order_of_keys_is_no_difference() -> None:
    found = difference(
        run(1, payload={"a": 1, "b": 2}), run(2, payload={"b": 2, "a": 1}), Part.PAYLOAD
    )
    assert found.is_none
    assert list(found.lines) == ["The payload is the same:", "", "{", '  "a": 1,', '  "b": 2', "}"]


def test_lines_that_went_and_came_are_coloured() -> None:
    found = lines(run(1, result={"n": 1}), run(2, result={"n": 2}), Part.RESULT)
    assert '\x1b[31m-  "n": 1\x1b[0m' in found
    assert '\x1b[32m+  "n": 2\x1b[0m' in found


def test_one_run_failed_and_the_other_did_not() -> None:
    failed = run(2, state=RunState.FAILED, error=RunError(type="ValueError", message="no"))
    assert any("+ValueError: no" in line for line in lines(run(1), failed, Part.ERROR))
    assert any("-null" in line for line in lines(run(1), failed, Part.RESULT))
    assert lines(run(1), run(3), Part.ERROR) == ["Neither run has an error."]


def test_of_a_huge_result_a_part_is_compared() -> None:
    left = run(1, result=list(range(COMPARED_LINES)))
    right = run(2, result=list(range(1, 2 * COMPARED_LINES)))
    assert any("more of #2 not compared" in line for line in lines(left, right, Part.RESULT))
