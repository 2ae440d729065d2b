"""What the runs were filtered by, as the text that it is kept as."""

import json
from datetime import UTC, datetime

import pytest

from taskconsole.kept_filter import as_text, read
from taskconsole.widgets.run_filter import RunFilter, Span
from taskengine.run import RunState, Trigger

FRIDAY = datetime(2026, 7, 10, 14, 3, 21, tzinfo=UTC)
WANTED = RunFilter(
    task="db:migrate",
    states=frozenset({RunState.FAILED, RunState.CRASHED}),
    triggers=frozenset({Trigger.CLI}),
    since=Span.WEEK,
    until=FRIDAY,
    text="no luck",
)


@pytest.mark.parametrize(
    "wanted", [WANTED, RunFilter(), RunFilter(since=FRIDAY), RunFilter(task="a\udcff")]
)
def test_what_was_asked_for_comes_back(wanted: RunFilter) -> None:
    assert as_text(wanted).encode()
    assert read(as_text(wanted)) == wanted


@pytest.mark.parametrize("text", [None, "", "nothing", "[]", "7", "{", "[" * 100_000])
def test_a_text_that_says_nothing_lists_all_runs(text: str | None) -> None:
    assert read(text) == RunFilter()


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("states", ["lucky"]),
        ("triggers", 7),
        ("since", "the last century"),
        ("until", "2026-07-10"),
        ("text", None),
    ],
)
def test_half_a_filter_is_none(member: str, value: object) -> None:
    text = json.dumps({**json.loads(as_text(WANTED)), member: value})
    assert read(text) == RunFilter()
