"""The registry that keys, footer, palette and help are made from."""

from collections import Counter

import pytest
from textual.dom import DOMNode

from taskconsole.actions import Action
from taskconsole.app import ConsoleApp
from taskconsole.keymap.anywhere import GLOBAL
from taskconsole.keymap.json_tree import TREE
from taskconsole.keymap.lists import LIST, RUN_TABLE
from taskconsole.keymap.main import MAIN
from taskconsole.keymap.output import LOG, PANE
from taskconsole.keymap.payload import PAYLOAD
from taskconsole.keymap.runs import COMPARE, HISTORY
from taskconsole.screens.main import MainScreen
from taskconsole.screens.runs import RunsScreen
from taskconsole.screens.runs_compare import CompareScreen
from taskconsole.widgets.json_tree import JsonTree
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pane import OutputPane
from taskconsole.widgets.payload_tab import PayloadTab
from taskconsole.widgets.run_table.widget import RunTable
from taskconsole.widgets.task_list.widget import TaskList

OWN_OF_TABLE = tuple(action for action in RUN_TABLE if action not in LIST)
ALL = (*MAIN, *GLOBAL, *LIST, *PAYLOAD, *HISTORY, *OWN_OF_TABLE, *COMPARE, *LOG, *PANE, *TREE)
OWNERS: list[tuple[tuple[Action, ...], type[DOMNode]]] = [
    (MAIN, MainScreen),
    (GLOBAL, ConsoleApp),
    (LIST, TaskList),
    (PAYLOAD, PayloadTab),
    (HISTORY, RunsScreen),
    (RUN_TABLE, RunTable),
    (COMPARE, CompareScreen),
    (LOG, LogView),
    (PANE, OutputPane),
    (TREE, JsonTree),
]
OPPOSITES = {"schedule.pause", "schedule.resume"}  # never possible at the same time


def test_ids_are_unique() -> None:
    assert [name for name, times in Counter(action.id for action in ALL).items() if times > 1] == []


@pytest.mark.parametrize(
    "room",
    [
        (MAIN, GLOBAL),
        (LIST, MAIN, GLOBAL),
        (PAYLOAD, MAIN, GLOBAL),
        (RUN_TABLE, MAIN, GLOBAL),
        (RUN_TABLE, HISTORY, GLOBAL),
        (COMPARE, LOG, GLOBAL),
    ],
)
def test_no_action_takes_the_key_of_another(room: tuple[tuple[Action, ...], ...]) -> None:
    actions = [action for part in room for action in part if action.id not in OPPOSITES]
    keys = Counter(key for action in actions for key in action.keys)
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize(("actions", "owner"), OWNERS)
def test_every_action_can_be_done(actions: tuple[Action, ...], owner: type[DOMNode]) -> None:
    names = [action.command.rpartition(".")[2].partition("(")[0] for action in actions]
    assert [name for name in names if not hasattr(owner, f"action_{name}")] == []


def test_every_key_carries_its_words_and_its_group() -> None:
    for action in ALL:
        for binding in action.bindings():
            assert binding.tooltip == action.summary
            assert binding.group is not None


@pytest.mark.parametrize("action", ALL, ids=lambda action: action.id)
def test_what_can_be_lost_needs_a_capital_letter(action: Action) -> None:
    destroys = action.id in {"run.cancel", "history.cancel"}
    assert destroys == ("X" in action.keys)
