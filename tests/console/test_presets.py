"""The names that presets are kept by, and those that are proposed."""

import pytest

from taskconsole.presets import LONGEST_NAME, all_presets, preset_name, presets_of, suggestion
from taskengine.run import Payload


def kept(*presets: tuple[str, str]) -> dict[str, str]:
    return {preset_name(task, name): f"{task} {name}" for task, name in presets}


def test_a_tasks_presets_are_its_own_and_in_natural_order() -> None:
    texts = kept(("db", "run 10"), ("db", "run 9"), ("db:x", "other"))
    assert list(presets_of("db", texts).items()) == [("run 9", "db run 9"), ("run 10", "db run 10")]


@pytest.mark.parametrize("name", ['a "quoted" one', "Zürich", "a:b", "line\nbreak", "[]"])
def test_a_preset_may_be_called_anything(name: str) -> None:
    texts = kept(("a:b", name))
    assert presets_of("a:b", texts) == {name: f"a:b {name}"}
    assert all_presets(texts) == [("a:b", name)]


@pytest.mark.parametrize("key", ["db", "[]", '["db"]', '["db", 1]', "{}", "[" * 100_000])
def test_what_is_no_presets_name_is_passed_over(key: str) -> None:
    assert all_presets({key: "text"}) == []
    assert presets_of("db", {key: "text"}) == {}


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({}, "preset"),
        ({"target": "head"}, "head"),
        ({"dryRun": True, "force": False, "target": "head", "more": "no"}, "dryRun head"),
        ({"limit": 10, "ids": [1], "rate": 0.5}, "limit 10 rate 0.5"),
        ({"text": " two\nlines "}, "two lines"),
        ({"rules": {"a": 1}, "none": None}, "preset"),
        ({"text": "\x1b[2Ja\u202e", "\x1b]0;b": True}, "[2Ja ]0;b"),
        ({"text": "\x1b"}, "preset"),
    ],
)
def test_a_payload_is_called_by_what_its_first_fields_say(payload: Payload, name: str) -> None:
    assert suggestion(payload, ()) == name


def test_a_name_that_is_taken_is_not_proposed() -> None:
    assert suggestion({"target": "head"}, {"head"}) == "head 2"
    assert suggestion({"target": "head"}, {"head", "head 2"}) == "head 3"


def test_a_proposed_name_is_never_too_long() -> None:
    long = suggestion({"text": "x" * 100}, ())
    assert len(long) == LONGEST_NAME
    assert len(suggestion({"text": "x" * 100}, {long})) <= LONGEST_NAME
