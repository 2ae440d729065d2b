"""`files:cleanup`: what it removes, and above all what it leaves alone."""

import os
import time
from pathlib import Path

import pytest

from support.examples import Examples
from taskengine import InvalidPayload

DAY_SECONDS = 24 * 60 * 60


def make_file(path: Path, *, days: float, size: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    modified = time.time() - days * DAY_SECONDS
    os.utime(path, (modified, modified))
    return path


async def test_a_dry_run_names_old_files_and_removes_none(examples: Examples) -> None:
    old = make_file(examples.scratch / "a" / "old.log", days=40, size=1500)
    make_file(examples.scratch / "new.log", days=20)

    result = await examples.run("files:cleanup", folder=str(examples.scratch))

    assert result == {
        "folder": str(examples.scratch),
        "files": 1,
        "bytes": 1500,
        "dry_run": True,
    }
    assert old.exists()
    _, line, last = examples.output()
    assert line.split() == ["1.5", "kB", "40", "days", str(old)]
    assert last == "Would remove (this is a dry run) 1 files, 1.5 kB"


async def test_only_false_itself_ends_the_dry_run(examples: Examples) -> None:
    doubtful: list[dict[str, object]] = [
        {"dry_run": None},
        {"dry_run": "false"},
        {"dry_run": 0},
        {"dryrun": False},
    ]
    for payload in doubtful:
        with pytest.raises(InvalidPayload, match=r"The payload is no Cleanup: dry_?run: "):
            await examples.run("files:cleanup", folder=str(examples.scratch), **payload)


async def test_every_key_that_is_wrong_is_named(examples: Examples) -> None:
    with pytest.raises(InvalidPayload) as caught:
        await examples.run("files:cleanup", days="30", patern="*.log", allow_dangerous=1)

    assert {fault.path for fault in caught.value.faults} == {"days", "patern", "allow_dangerous"}


async def test_old_files_that_match_go_and_all_others_stay(examples: Examples) -> None:
    gone = make_file(examples.scratch / "a" / "b" / "old.log", days=8)
    stay = [
        make_file(examples.scratch / "a" / "b" / "old.txt", days=8),
        make_file(examples.scratch / "a" / "new.log", days=6),
    ]

    result = await examples.run(
        "files:cleanup", folder=str(examples.scratch), days=7, pattern="*.log", dry_run=False
    )

    assert (result["files"], result["bytes"], result["dry_run"]) == (1, 10, False)
    assert not gone.exists()
    assert all(file.exists() for file in stay)
    assert examples.output()[-1] == "Removed 1 files, 10 B"


async def test_links_are_neither_removed_nor_followed(examples: Examples) -> None:
    outside = make_file(examples.temp / "outside" / "old", days=40)
    file_link, folder_link = examples.scratch / "file", examples.scratch / "folder"
    file_link.symlink_to(outside)
    folder_link.symlink_to(outside.parent)

    result = await examples.run(
        "files:cleanup", folder=str(examples.scratch), days=0, dry_run=False
    )

    assert result["files"] == 0
    assert outside.exists()
    assert file_link.is_symlink()
    assert folder_link.is_symlink()


async def test_a_link_as_the_folder_is_judged_by_where_it_leads(examples: Examples) -> None:
    link = examples.scratch / "home"
    link.symlink_to(Path.home())
    old = make_file(Path.home() / "old", days=40)

    with pytest.raises(ValueError, match="is dangerous to clean"):
        await examples.run("files:cleanup", folder=str(link), dry_run=False)

    assert old.exists()


async def test_a_dangerous_folder_is_refused(examples: Examples) -> None:
    for folder in (".", "~", "..", "/", "/usr"):
        with pytest.raises(ValueError, match="is dangerous to clean; `allow_dangerous` = true"):
            await examples.run(
                "files:cleanup", folder=folder, pattern="no file has this name", dry_run=False
            )


async def test_a_dangerous_folder_is_cleaned_if_that_is_meant(examples: Examples) -> None:
    old = make_file(Path.home() / "old", days=40)

    await examples.run("files:cleanup", folder="~", dry_run=False, allow_dangerous=True)

    assert not old.exists()


async def test_files_are_removed_only_in_a_folder_that_is_named(examples: Examples) -> None:
    old = make_file(examples.temp / "old", days=40)

    with pytest.raises(ValueError, match="name the `folder`"):
        await examples.run("files:cleanup", dry_run=False, allow_dangerous=True)
    result = await examples.run("files:cleanup")

    assert old.exists()
    assert result["files"] == 1


async def test_a_folder_that_is_not_there_is_named(examples: Examples) -> None:
    with pytest.raises(NotADirectoryError, match=f"there is no folder {examples.root}/nowhere"):
        await examples.run("files:cleanup", folder="nowhere")
