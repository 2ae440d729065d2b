"""A run's output as a file."""

import asyncio
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from support.events import SOON
from support.late_output import LateOutput
from taskconsole.log_file import free_path, write_log
from taskconsole.notices import Notice
from taskconsole.run_files import RunFiles
from taskengine import Engine
from taskengine.client.local import LocalHandle
from taskengine.client.remote.output import Excerpt, RemoteOutput
from taskengine.errors import EngineUnreachable
from taskengine.http.api.excerpt import read_on
from taskengine.output import OutputBuffer, OutputKind, OutputLine


async def written(output: OutputBuffer, folder: Path) -> list[str]:
    await write_log(output, folder / "a.log", UTC)
    return (folder / "a.log").read_text(encoding="utf-8").splitlines()


def add(output: OutputBuffer, text: str, kind: OutputKind = OutputKind.STDOUT) -> None:
    output.append(
        OutputLine(1_773_151_401_042, kind, "app" if kind.isupper() else "", text).encode()
    )


async def test_lines_have_times_and_levels_and_no_colours(tmp_path: Path) -> None:
    output = OutputBuffer()
    add(output, "\x1b[31mred\x1b[0m")
    add(output, "careful", OutputKind.WARNING)
    assert await written(output, tmp_path) == [
        "14:03:21.042  red",
        "14:03:21.042  WARNING app careful",
    ]


async def test_a_line_that_is_not_ended_yet_is_written_too(tmp_path: Path) -> None:
    output = OutputBuffer()
    add(output, "ended")
    output.partial = "\x1b[31mPassword: "
    assert await written(output, tmp_path) == ["14:03:21.042  ended", "              Password: "]


async def test_what_was_dropped_is_told_where_it_was(tmp_path: Path) -> None:
    output = OutputBuffer(max_lines=10, head_lines=3)
    for number in range(12_000):
        add(output, str(number))
    lines = [line.partition("  ")[2] or line for line in await written(output, tmp_path)]
    assert lines[:4] == ["0", "1", "2", "-- 11,990 lines dropped"]
    assert lines[4:] == [str(number) for number in range(11_993, 12_000)]


async def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = free_path(tmp_path, "db:migrate", 7)
    assert path.name == "db-migrate-7.log"
    path.touch()
    assert free_path(tmp_path, "db:migrate", 7).name == "db-migrate-7-2.log"
    with pytest.raises(FileExistsError):
        await write_log(OutputBuffer(), path, UTC)


async def test_lines_of_an_engine_elsewhere_are_waited_for(tmp_path: Path) -> None:
    output = LateOutput(*(f"line {number}" for number in range(5_000)))
    writing = asyncio.create_task(write_log(output, tmp_path / "a.log", UTC))
    output.let_come()
    await writing
    assert len((tmp_path / "a.log").read_text(encoding="utf-8").splitlines()) == 5_000


async def test_lines_may_be_longer_than_there_is_room_for_at_once(tmp_path: Path) -> None:
    there = OutputBuffer(max_chars=100_000_000)
    for _ in range(1_100):
        add(there, "x" * 60_000)

    async def ask(**query: Any) -> Excerpt:
        found = read_on(there, query.get("start", 0), query.get("stop", 1))
        return Excerpt(extent=found.extent, start=found.first, lines=tuple(found.lines), over=True)

    output = RemoteOutput(ask, asyncio.get_running_loop().create_task)
    await write_log(output, tmp_path / "a.log", UTC)

    with (tmp_path / "a.log").open(encoding="utf-8") as file:
        assert {len(line) for line in file} == {len("14:03:21.042  ") + 60_000 + 1}
        file.seek(0)
        assert sum(1 for _ in file) == 1_100


async def test_it_is_told_that_writing_takes_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskconsole.run_files.SLOW", 0.01)
    told: list[Notice] = []
    came = asyncio.Event()

    def tell(notice: Notice) -> None:
        told.append(notice)
        came.set()

    output = LateOutput(*(f"line {number}" for number in range(1_234)))
    handle = LocalHandle(Engine(tmp_path))
    saving = asyncio.create_task(RunFiles(handle, tell, no_pager).save(None, output))
    async with asyncio.timeout(SOON):
        await came.wait()
        output.let_come()
        await saving
    handle.close()

    assert [notice.title for notice in told] == ["The output is being written", "Saved"]
    assert told[0].text == "1,234 lines: that takes a moment"


def no_pager(_: Path) -> None:
    raise AssertionError("nothing is to be shown")


async def test_half_a_log_is_not_left_behind(tmp_path: Path) -> None:
    output = LateOutput("a line")
    output.break_off()
    with pytest.raises(EngineUnreachable):
        await write_log(output, tmp_path / "a.log", UTC)
    assert list(tmp_path.iterdir()) == []


async def test_it_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    output = LateOutput("a line")
    writing = asyncio.create_task(write_log(output, path, UTC))
    async with asyncio.timeout(SOON):
        await output.was_asked.wait()
    assert [file.name for file in tmp_path.iterdir()] == ["a.log.part"]
    assert free_path(tmp_path, "a", None).name == "a-2.log"
    output.let_come()
    await writing
    assert [file.name for file in tmp_path.iterdir()] == ["a.log"]


async def test_a_file_that_came_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    output = LateOutput("a line")
    writing = asyncio.create_task(write_log(output, path, UTC))
    async with asyncio.timeout(SOON):
        await output.was_asked.wait()
    path.write_text("another's", encoding="utf-8")
    output.let_come()
    with pytest.raises(FileExistsError):
        await writing
    assert path.read_text(encoding="utf-8") == "another's"
    assert [file.name for file in tmp_path.iterdir()] == ["a.log"]


def test_output_of_no_run_has_a_name_too(tmp_path: Path) -> None:
    assert free_path(tmp_path, "", None).name == "engine-output.log"
