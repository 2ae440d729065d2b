"""Runs in short."""

import json

import pytest

from support.past_runs import past_run
from taskengine.history.summary import error_line, payload_start, summary_of
from taskengine.output import OutputBuffer
from taskengine.run import RunError, RunState


def test_a_summary_tells_what_lists_show() -> None:
    output = OutputBuffer()
    output.append("line")
    run = past_run(3, payload={"a": "ä"}, state=RunState.FAILED, rerun_of=2)

    summary = summary_of(run, output)

    assert (summary.id, summary.state, summary.rerun_of) == (3, RunState.FAILED, 2)
    assert (summary.payload, summary.lines) == ('{"a": "ä"}', 1)
    assert summary_of(run, None).lines == 0


@pytest.mark.parametrize("payload", [{}, {"a": [1, None, "x" * 300]}, {"n": list(range(10_000))}])
def test_the_beginning_of_a_payload_is_that_of_its_json(payload: dict[str, object]) -> None:
    assert payload_start(payload) == json.dumps(payload)[:200]


def test_a_payload_that_is_no_json_is_described() -> None:
    assert payload_start({"type": object}) == json.dumps({"type": repr(object)})


@pytest.mark.parametrize(
    ("message", "line"),
    [("", "E"), (" \n", "E"), ("\nbad\nvery", "E: bad"), ("x" * 300, f"E: {'x' * 197}")],
)
def test_an_error_is_its_type_and_the_first_line_of_its_message(message: str, line: str) -> None:
    run = past_run(1, error=RunError(type="E", message=message))

    assert error_line(run) == line
    assert error_line(past_run(1)) == ""
