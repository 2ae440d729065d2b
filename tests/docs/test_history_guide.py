"""The guide to the history names the commands, files and tables that there are."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from support import guides
from support.past_runs import history_file
from taskconsole.cli import taskconsole
from taskengine.history import memory

GUIDE = "history.md"


@pytest.mark.parametrize("command", ["prune", "export", "import"])
def test_the_commands_are_told_as_they_tell_of_themselves(command: str) -> None:
    arguments = ["history", command, "--help"]
    asked = CliRunner().invoke(taskconsole, arguments, prog_name="taskconsole", terminal_width=78)

    assert asked.output in [block.text for block in guides.blocks(GUIDE)]


def test_the_tables_of_the_file_are_those_that_it_has(tmp_path: Path) -> None:
    with history_file(tmp_path / "history.db") as connection:
        found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        there = {name for (name,) in found}

    told = {row[0] for row in guides.table(GUIDE, "## Reading it with SQLite")}
    assert told <= there
    inner = {name for name in there if name.startswith(("sqlite_", "run_text", "run_spans"))}
    assert there - told - inner == {"engines", "looks", "unindexed"}


def test_what_memory_holds_in_need_is_told() -> None:
    text = " ".join(guides.text_of(GUIDE).split())

    assert f"up to {memory.MAX_RUNS:,} runs or {memory.MAX_CHARS // 10**6} million" in text
