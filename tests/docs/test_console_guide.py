"""The console's guide names the keys, signs and options that there are."""

from collections.abc import Iterable, Iterator

import pytest
from click.testing import CliRunner
from textual.binding import Binding
from textual.dom import DOMNode

from support import guides
from taskconsole import marks
from taskconsole.app import ConsoleApp
from taskconsole.cli import taskconsole
from taskconsole.screens.draining import DrainingScreen
from taskconsole.screens.help import HelpScreen
from taskconsole.screens.main import MainScreen
from taskconsole.screens.problems import ProblemsScreen
from taskconsole.screens.quit import QuitScreen
from taskconsole.screens.run_later import RunLaterScreen
from taskconsole.screens.run_picker import RunPicker
from taskconsole.screens.runs import RunsScreen
from taskconsole.screens.runs_compare import CompareScreen
from taskconsole.screens.runs_picker import SomeList, SomePicker, TaskPicker
from taskconsole.screens.runs_time import TimePicker
from taskconsole.widgets.json_tree import JsonTree
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pane import OutputPane
from taskconsole.widgets.output.search_bar import SearchBar
from taskconsole.widgets.payload_tab import PayloadTab
from taskconsole.widgets.pending_list import PendingList
from taskconsole.widgets.run_table.widget import RunTable
from taskconsole.widgets.task_list.filter_input import FilterInput
from taskconsole.widgets.task_list.widget import TaskList

GUIDE = "console.md"
SIGNS = {
    "slash": "/",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
SECTIONS: list[tuple[str, type[DOMNode]]] = [
    ("### Everywhere", ConsoleApp),
    ("### On the main screen", MainScreen),
    ("### In the task list", TaskList),
    ("### On the runs screen", RunsScreen),
    ("### In a table of runs", RunTable),
    ("### At the payload", PayloadTab),
    ("### In the output", OutputPane),
    ("### In a log", LogView),
    ("### In a result", JsonTree),
]
PLACES: list[tuple[str, type[DOMNode]]] = [
    ("filter", FilterInput),
    ("search", SearchBar),
    ("a task to filter by", TaskPicker),
    ("some to filter by", SomePicker),
    ("some to filter by", SomeList),
    ("since when", TimePicker),
    ("comparing", CompareScreen),
    ("missed, put off", PendingList),
    ("started runs", RunPicker),
    ("run later", RunLaterScreen),
    ("problems", ProblemsScreen),
    ("quitting", QuitScreen),
    ("after a signal", DrainingScreen),
    ("help", HelpScreen),
]


def bindings(kind: type[DOMNode]) -> Iterator[Binding]:
    """The class's own bindings, one for each key, by the names that people know the keys by."""
    for one in Binding.make_bindings(kind.BINDINGS):
        yield one.with_key(SIGNS.get(one.key, one.key))


def rows(found: Iterable[Binding]) -> list[list[str]]:
    """All keys of each action, and what it does."""
    actions: dict[tuple[str | None, str], list[str]] = {}
    for one in found:
        actions.setdefault((one.id, one.tooltip), []).append(one.key)
    return [[" ".join(keys), words.replace("`", "")] for (_, words), keys in actions.items()]


@pytest.mark.parametrize(("heading", "kind"), SECTIONS)
def test_a_section_tells_all_keys_and_no_others(heading: str, kind: type[DOMNode]) -> None:
    assert guides.table(GUIDE, heading) == rows(bindings(kind))


@pytest.mark.parametrize(("place", "kind"), PLACES)
def test_the_keys_of_the_smaller_places_are_told(place: str, kind: type[DOMNode]) -> None:
    table = guides.table(GUIDE, "### Elsewhere")
    told = {key for where, keys, _ in table if where == place for key in keys.split()}

    assert told >= {one.key for one in bindings(kind)}


def test_every_sign_is_told() -> None:
    known = {one.glyph: one.meaning for one in vars(marks).values() if isinstance(one, marks.Mark)}

    assert dict(guides.table(GUIDE, "## The screen")) == known


def test_the_options_are_those_of_the_command_line() -> None:
    asked = CliRunner().invoke(taskconsole, ["--help"], prog_name="taskconsole", terminal_width=78)

    assert guides.blocks(GUIDE)[0].text == asked.output
