"""The `[history]` table of the config."""

import pytest

from support.project import Project as Files
from taskengine.problem import ProblemKind
from taskengine.project.config import read_config
from taskengine.project.history_config import Durability, HistoryConfig


def read(project: Files, text: str) -> tuple[HistoryConfig, list[tuple[int | None, str, str]]]:
    """What the text says of the history, with line, message and hint of each fault."""
    project.write("taskconsole.toml", text)
    config, problems = read_config(project.root)
    assert {one.kind for one in problems} <= {ProblemKind.CONFIG}
    return config.history, [(one.line, one.message, one.hint) for one in problems]


def test_every_key_is_read(project: Files) -> None:
    found = read(
        project,
        """
        [history]
        durability = "power-loss"
        keep_runs = 10_000
        keep_days = 1.5
        max_size = "2GiB"
        max_output = 5_000_000
        """,
    )

    assert found == (
        HistoryConfig(
            durability=Durability.POWER_LOSS,
            keep_runs=10_000,
            keep_days=1.5,
            max_size=2 << 30,
            max_output=5_000_000,
        ),
        [],
    )


def test_without_the_table_there_is_a_bound_on_the_size_alone(project: Files) -> None:
    found, faults = read(project, "")

    assert (found.durability, found.max_size, found.max_output, faults) == (
        Durability.PROCESS,
        10**9,
        256 * 10**6,
        [],
    )
    assert (found.keep_runs, found.keep_days) == (None, None)


def test_none_is_no_bound(project: Files) -> None:
    found, faults = read(project, '[history]\nmax_size = "none"\nkeep_runs = "none"\n')

    assert (found.max_size, found.keep_runs, faults) == (None, None, [])


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            'durability = "powerloss"',
            "`durability` must be process or power-loss, not 'powerloss'",
            "did you mean `power-loss`?",
        ),
        ("durability = true", None, ""),
        ('keep_days = "a week"', "`keep_days` must be a number of days, not 'a week'", ""),
        (
            'max_size = "1 gig"',
            None,
            "",
        ),
        (
            "max_size = 500",
            "`max_size` is 500 bytes, less than the 10 kB that a few runs take",
            'write "500MB" for megabytes',
        ),
        (
            "max_output = 0",
            "`max_output` is 0 bytes, less than 1 MB, which is the least",
            "",
        ),
        ('max_output = "none"', None, ""),
        ("max_sise = 1", "unknown key `max_sise`", "did you mean `max_size`?"),
    ],
)
def test_a_wrong_key_is_a_problem_with_its_line_and_the_others_stand(
    project: Files, line: str, message: str | None, hint: str
) -> None:
    found, [fault] = read(project, f"history.keep_runs = 7\nhistory.{line}\n")

    assert message is None or fault[1] == message
    assert (fault[0], fault[2]) == (2, hint)
    assert found == HistoryConfig(keep_runs=7)


def test_what_is_no_table_is_a_problem(project: Files) -> None:
    assert read(project, "history = 7\n") == (
        HistoryConfig(),
        [(1, "`history` must be a table, not a whole number", "")],
    )
