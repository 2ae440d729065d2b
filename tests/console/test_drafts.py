"""What is typed as payloads, and the way back through earlier ones."""

from datetime import UTC, datetime

from taskconsole.drafts import Drafts, past_payloads
from taskengine.run import Payload, Run, RunState, Trigger

PAST: list[Payload] = [{"n": 2}, {"n": 1}]


def a_run(payload: Payload, trigger: Trigger = Trigger.MANUAL) -> Run:
    return Run(
        id=1,
        task="x",
        payload=payload,
        trigger=trigger,
        state=RunState.DONE,
        queued_at=datetime(2026, 3, 10, tzinfo=UTC),
    )


def test_a_task_nobody_typed_for_has_the_empty_payload() -> None:
    assert Drafts().text("x") == "{}"


def test_each_task_keeps_its_own_text() -> None:
    drafts = Drafts()
    drafts.keep("x", "[1")
    drafts.keep("y", "2")
    assert (drafts.text("x"), drafts.text("y")) == ("[1", "2")


def test_before_the_latest_payload_stands_what_was_typed() -> None:
    drafts = Drafts()
    drafts.keep("x", "typed")
    assert drafts.recall("x", 1, PAST) == '{\n  "n": 2\n}'
    assert drafts.recall("x", 1, PAST) == '{\n  "n": 1\n}'
    assert drafts.recall("x", 1, PAST) == '{\n  "n": 1\n}'
    assert drafts.recall("x", -1, PAST) == '{\n  "n": 2\n}'
    assert drafts.recall("x", -1, PAST) == "typed"
    assert drafts.recall("x", -1, PAST) == "typed"


def test_an_earlier_payload_that_was_changed_becomes_what_was_typed() -> None:
    drafts = Drafts()
    drafts.recall("x", 1, PAST)
    drafts.keep("x", "changed")
    drafts.recall("x", 1, PAST)
    assert drafts.recall("x", -1, PAST) == "changed"


def test_a_recalled_payload_is_still_there_after_another_task_was_looked_at() -> None:
    drafts = Drafts()
    text = drafts.recall("x", 1, PAST)
    drafts.keep("x", text)
    assert drafts.text("x") == text
    assert drafts.recall("x", -1, PAST) == "{}"


def test_equal_and_empty_payloads_are_not_offered_twice() -> None:
    runs = [a_run({"n": 1}), a_run({}), a_run({"n": 1}), a_run({"n": 2})]
    assert past_payloads(runs) == [{"n": 1}, {"n": 2}]


def test_the_time_that_a_schedule_adds_is_no_part_of_a_payload() -> None:
    runs = [a_run({"scheduledTime": 1, "n": 1}, Trigger.SCHEDULE), a_run({"scheduledTime": 5})]
    assert past_payloads(runs) == [{"n": 1}, {"scheduledTime": 5}]


def test_a_task_begins_with_what_its_type_wants() -> None:
    drafts = Drafts()
    drafts.keep("x", "{}")
    drafts.start_with("x", '{"n": 1}')
    assert drafts.text("x") == '{"n": 1}'
    assert drafts.recall("x", 1, PAST) == '{\n  "n": 2\n}'
    assert drafts.recall("x", -1, PAST) == '{"n": 1}'


def test_another_type_never_takes_what_was_typed() -> None:
    drafts = Drafts()
    drafts.start_with("x", '{"n": 1}')
    drafts.keep("x", "typed")
    drafts.start_with("x", '{"m": 2}')
    assert drafts.text("x") == "typed"
