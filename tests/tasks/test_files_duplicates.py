"""`files:duplicates`: what counts as a copy, and how it is told, from a process of its own."""

import os

import pytest

from support.events import Events
from support.examples import Examples
from taskengine import TaskFailed
from taskengine.events import RunEnded, RunProgressed


async def test_files_with_the_same_contents_are_found_the_most_wasteful_first(
    examples: Examples,
) -> None:
    (examples.scratch / "deep").mkdir()
    for name, contents in {
        "a": b"x" * 2_000,
        "deep/b": b"x" * 2_000,
        "c": b"y" * 5_000,
        "d": b"y" * 5_000,
        "e": b"y" * 5_000,
        "same length as a": b"z" * 2_000,
        "alone": b"x" * 3_000,
    }.items():
        (examples.scratch / name).write_bytes(contents)

    result = await examples.run("files:duplicates", folder=str(examples.scratch))

    assert result == {
        "folder": str(examples.scratch),
        "wasted_bytes": 12_000,
        "groups": 2,
        "largest": [["c", "d", "e"], ["a", "deep/b"]],
    }
    assert examples.output() == [
        f"Files of the same length in {examples.scratch}:",
        "6, with 21.0 kB to read",
        "  10.0 kB  3 x c",
        "   2.0 kB  2 x a",
        "2 files have copies, which take 12.0 kB",
    ]


async def test_small_files_and_other_names_of_one_file_are_no_copies(examples: Examples) -> None:
    for name in ("small", "copy"):
        (examples.scratch / name).write_bytes(b"x" * 99)
    (examples.scratch / "file").write_bytes(b"x" * 200)
    os.link(examples.scratch / "file", examples.scratch / "hard")
    (examples.scratch / "soft").symlink_to("file")

    result = await examples.run("files:duplicates", folder=str(examples.scratch), at_least=100)

    assert result["groups"] == 0


async def test_it_tells_how_many_bytes_are_read(examples: Examples) -> None:
    for name in ("a", "b"):
        (examples.scratch / name).write_bytes(b"x" * 4_000)
    events = Events(examples.engine)

    await examples.engine.start_run("files:duplicates", {"folder": str(examples.scratch)})

    ended = await events.next(RunEnded)
    assert ended.run.progress is not None
    assert (ended.run.progress.done, ended.run.progress.total) == (8_000, 8_000)
    assert any(isinstance(event, RunProgressed) for event in events.seen)


async def test_a_folder_that_is_not_there_fails_the_run(examples: Examples) -> None:
    with pytest.raises(TaskFailed, match=r"NotADirectoryError: there is no folder .*nowhere"):
        await examples.run("files:duplicates", folder="nowhere")
