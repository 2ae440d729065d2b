"""What is typed as payloads, and the way back through earlier ones."""

from taskconsole.drafts import Drafts
from taskengine.run import Payload

PAST: list[Payload] = [{"n": 2}, {"n": 1}]


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


def test_what_was_typed_before_is_there_again() -> None:
    drafts = Drafts({"x": "typed"})
    assert drafts.text("x") == "typed"
    drafts.recall("x", 1, PAST)
    assert drafts.recall("x", -1, PAST) == "typed"
    drafts.start_with("x", '{"n": 1}')
    assert drafts.text("x") == "typed"


def test_what_was_typed_is_told_whatever_stands_there() -> None:
    drafts = Drafts()
    assert drafts.typed("x") is None
    drafts.keep("x", "typed")
    drafts.recall("x", 1, PAST)
    assert drafts.typed("x") == "typed"


def test_what_a_task_begins_with_was_not_typed() -> None:
    drafts = Drafts({"x": "typed"})
    drafts.start_with("x", '{"n": 1}')
    drafts.keep("x", '{"n": 1}')
    assert drafts.typed("x") is None


def test_an_inserted_text_stands_between_what_was_typed_and_earlier_payloads() -> None:
    drafts = Drafts()
    drafts.keep("x", "typed")
    drafts.insert("x", "inserted")
    assert drafts.text("x") == "inserted"
    assert drafts.typed("x") == "typed"
    assert drafts.recall("x", 1, PAST) == '{\n  "n": 2\n}'
    assert drafts.recall("x", -1, PAST) == "inserted"
    assert drafts.recall("x", -1, PAST) == "typed"


def test_an_inserted_text_that_was_changed_becomes_what_was_typed() -> None:
    drafts = Drafts()
    drafts.insert("x", "inserted")
    drafts.keep("x", "changed")
    assert drafts.typed("x") == "changed"
    assert drafts.recall("x", -1, PAST) == "changed"


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
