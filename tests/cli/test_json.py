"""What commands tell in JSON: each as the guide says, and one word of one type in all of them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import pytest

from support import guides
from support.commands import called
from support.kept_runs import keep, lines
from support.past_runs import history_file, past_run
from support.project import Project
from taskengine.history.folder import HistoryFolder
from taskengine.run import RunError, RunState

CALLS = (
    "task list",
    "task show daily",
    "runs list",
    "runs show 1",
    "runs show 2",
    "schedule next --count 3",
    "schedule explain 30 1 * * * --timezone Europe/London",
    "schedule pause daily --reason holidays",
    "schedule resume daily",
    "check",
    "doctor",
    "history prune --dry-run --keep-runs 1",
)
CUSTOM = {"payload", "result", "schema", "counts"}  # the tasks' own, or by states


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What the commands tell of a project with all sorts of things in it, by call."""
    project = Project(tmp_path_factory.mktemp("told"))
    project.write("taskconsole.toml", 'timezone = "Europe/London"\n')
    project.task("daily.py", "return 1", options='schedule="@daily"')
    project.write("tasks/broken.py", "import taskengine\n\ndef (\n")
    error = RunError(type="ValueError", message="no", traceback="no")
    runs = (
        past_run(1, task="daily", result={"a": 1}),
        past_run(2, task="daily", state=RunState.FAILED, error=error),
    )
    with history_file(HistoryFolder.prepare(project.root).database) as connection:
        for run in runs:
            keep(connection, run, lines("one"))
    return {call: called(project.root, *call.split(), "--json").json for call in CALLS}


def test_each_tells_what_the_guide_says(documents: Mapping[str, Any]) -> None:
    told = {
        command: words.split(", ")
        for commands, words in guides.table("commands.md", "### In JSON")
        for command in commands.split(", ")
    }
    found = {" ".join(call.split()[:2]): document for call, document in documents.items()}
    found |= {call.split()[0]: documents[call] for call in ("check", "doctor")}
    run = found.pop("runs show")
    assert {"id", "task", "state", "payload", "result", "error"} < run.keys()
    for command, document in found.items():
        assert list(document) == told[command], command


def test_a_word_is_of_one_type_in_all_of_them(documents: Mapping[str, Any]) -> None:
    types: dict[str, dict[str, str]] = defaultdict(dict)
    for call, document in documents.items():
        of_list = {"payload", "error"} if call in {"runs list", "task show daily"} else set()
        for word, value in words_in(document):
            if word not in of_list:
                types[word][type_of(value)] = call
    for unknown in types.values():
        unknown.pop("null", None)
        unknown.pop("list of nothing", None)
    assert {word: found for word, found in types.items() if len(found) > 1} == {}
    assert {"tasks", "runs", "problems", "fires", "next_fires"} < types.keys()


def words_in(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        yield from chain.from_iterable(map(words_in, value))
    elif isinstance(value, dict):
        for word, inner in value.items():
            yield word, inner
            if word not in CUSTOM:
                yield from words_in(inner)


def type_of(value: object) -> str:
    if isinstance(value, list):
        return f"list of {type_of(value[0]) if value else 'nothing'}"
    kinds = {dict: "object", str: "text", bool: "truth", int: "number", float: "number"}
    return kinds.get(type(value), json.dumps(value))
