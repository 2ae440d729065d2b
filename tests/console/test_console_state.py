"""How the console was left, as the text that it is kept as."""

import json

import pytest

from taskconsole.console_state import ConsoleState, read
from taskconsole.widgets.task_list.entry import SortOrder

LEFT = ConsoleState(
    theme="taskconsole-light",
    chosen="db:migrate",
    order=SortOrder.NEXT_FIRE,
    folded=("cms", "db"),
    query="mig",
    tab="Schedule",
    zoomed=True,
)


def test_what_was_left_comes_back() -> None:
    assert read(LEFT.as_text()) == LEFT


@pytest.mark.parametrize("text", [None, "", "nothing", "[]", "7", "{", "[" * 100_000])
def test_a_text_that_says_nothing_is_a_first_start(text: str | None) -> None:
    assert read(text) == ConsoleState()


@pytest.mark.parametrize(
    ("member", "value"),
    [("order", "by luck"), ("folded", "db"), ("folded", [1]), ("zoomed", "no"), ("chosen", None)],
)
def test_a_part_that_is_broken_is_a_first_start_and_the_rest_comes_back(
    member: str, value: object
) -> None:
    text = json.dumps({**json.loads(LEFT.as_text()), member: value})
    before = json.loads(ConsoleState().as_text())[member]
    expected = json.dumps({**json.loads(LEFT.as_text()), member: before})
    assert read(text) == read(expected)
    assert read(text).theme == "taskconsole-light"


def test_what_a_newer_console_kept_besides_does_no_harm() -> None:
    text = json.dumps({**json.loads(LEFT.as_text()), "sound": "on"})
    assert read(text) == LEFT


def test_a_name_that_is_no_text_for_others_can_be_kept() -> None:
    strange = ConsoleState(chosen="a\udcff")
    assert strange.as_text().encode()
    assert read(strange.as_text()) == strange
