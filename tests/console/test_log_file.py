"""A run's output as a file."""

from datetime import UTC
from pathlib import Path

import pytest

from taskconsole.log_file import free_path, write_log
from taskengine.output import OutputBuffer, OutputKind, OutputLine


def written(output: OutputBuffer, folder: Path) -> list[str]:
    write_log(output, folder / "a.log", UTC)
    return (folder / "a.log").read_text(encoding="utf-8").splitlines()


def add(output: OutputBuffer, text: str, kind: OutputKind = OutputKind.STDOUT) -> None:
    output.append(
        OutputLine(1_773_151_401_042, kind, "app" if kind.isupper() else "", text).encode()
    )


def test_lines_have_times_and_levels_and_no_colours(tmp_path: Path) -> None:
    output = OutputBuffer()
    add(output, "\x1b[31mred\x1b[0m")
    add(output, "careful", OutputKind.WARNING)
    assert written(output, tmp_path) == [
        "14:03:21.042  red",
        "14:03:21.042  WARNING app careful",
    ]


def test_a_line_that_is_not_ended_yet_is_written_too(tmp_path: Path) -> None:
    output = OutputBuffer()
    add(output, "ended")
    output.partial = "\x1b[31mPassword: "
    assert written(output, tmp_path) == ["14:03:21.042  ended", "              Password: "]


def test_what_was_dropped_is_told_where_it_was(tmp_path: Path) -> None:
    output = OutputBuffer(max_lines=10, head_lines=3)
    for number in range(12_000):
        add(output, str(number))
    lines = [line.partition("  ")[2] or line for line in written(output, tmp_path)]
    assert lines[:4] == ["0", "1", "2", "-- 11,990 lines dropped"]
    assert lines[4:] == [str(number) for number in range(11_993, 12_000)]


def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = free_path(tmp_path, "db:migrate", 7)
    assert path.name == "db-migrate-7.log"
    path.touch()
    assert free_path(tmp_path, "db:migrate", 7).name == "db-migrate-7-2.log"
    with pytest.raises(FileExistsError):
        write_log(OutputBuffer(), path, UTC)


def test_output_of_no_run_has_a_name_too(tmp_path: Path) -> None:
    assert free_path(tmp_path, "", None).name == "engine-output.log"
