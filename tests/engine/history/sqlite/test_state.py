"""What the file keeps of pauses, drafts and presets."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from support.faults import sqlite_error
from support.recording import recording
from taskengine.problem import ProblemKind
from taskengine.records import StateKind


async def test_a_text_is_kept_in_place_of_the_one_before(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        state = store.history.state
        assert state.all(StateKind.DRAFT) == {}
        for text in ("first", "", '{"name": "ä\n\x00"}'):
            await state.keep(StateKind.DRAFT, "job", text)
            assert state.all(StateKind.DRAFT) == {"job": text}

    async with recording(tmp_path) as store:
        assert store.history.state.all(StateKind.DRAFT) == {"job": text}


async def test_what_is_kept_no_more_is_gone(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        state = store.history.state
        await state.keep(StateKind.PAUSE, "job", "")
        await state.keep(StateKind.PAUSE, "other", "why")
        await state.keep(StateKind.PAUSE, "job", None)
        await state.keep(StateKind.PAUSE, "unknown", None)
        assert state.all(StateKind.PAUSE) == {"other": "why"}

    async with recording(tmp_path) as store:
        assert store.history.state.all(StateKind.PAUSE) == {"other": "why"}


async def test_a_name_is_one_in_each_kind(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        for kind in StateKind:
            await store.history.state.keep(kind, "job", f"of {kind.value}")

    async with recording(tmp_path) as store:
        for kind in StateKind:
            assert store.history.state.all(kind) == {"job": f"of {kind.value}"}


async def test_kinds_of_a_later_version_are_left_alone(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        store.change("INSERT INTO state VALUES('from the future', 'job', 'text', 0)")

    async with recording(tmp_path) as store:
        await store.history.state.keep(StateKind.DRAFT, "job", "text")
        assert sorted(store.look("SELECT kind FROM state")) == ["draft", "from the future"]


async def test_it_is_kept_in_memory_while_nothing_can_be_written(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        state = store.history.state
        await state.keep(StateKind.DRAFT, "gone", "text")
        await state.keep(StateKind.DRAFT, "new", "before")
        store.disk.fail("BEGIN", lambda: sqlite_error(sqlite3.SQLITE_FULL))
        await state.keep(StateKind.DRAFT, "gone", None)
        await state.keep(StateKind.DRAFT, "new", "after")
        await store.reports.of(ProblemKind.HISTORY)
        assert state.all(StateKind.DRAFT) == {"new": "after"}

        store.disk.mend()
        await store.reports.no(ProblemKind.HISTORY)
        assert store.look("SELECT name, text FROM state") == [("new", "after")]


@pytest.mark.parametrize("statement", ["\nINSERT INTO state", "COMMIT"], ids=["one", "all"])
async def test_what_was_rolled_back_is_written_again(tmp_path: Path, statement: str) -> None:
    async with recording(tmp_path) as store:
        store.disk.fail(statement, lambda: sqlite_error(sqlite3.SQLITE_IOERR_WRITE))
        await store.history.state.keep(StateKind.DRAFT, "job", "text")
        await store.reports.of(ProblemKind.HISTORY)
        store.disk.mend()
        await store.reports.no(ProblemKind.HISTORY)

        assert store.look("SELECT text FROM state") == ["text"]


async def test_it_outlives_the_file(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        state = store.history.state
        await state.keep(StateKind.PRESET, "job", "{}")
        shutil.rmtree(tmp_path / ".taskconsole")
        await state.keep(StateKind.PRESET, "other", "{}")
        await store.until(store.history.path.exists)

    async with recording(tmp_path) as store:
        assert store.history.state.all(StateKind.PRESET) == {"job": "{}", "other": "{}"}


async def test_text_that_no_file_can_hold_keeps_nobody_from_writing(tmp_path: Path) -> None:
    async with recording(tmp_path) as store:
        await store.history.state.keep(StateKind.DRAFT, "job\udcff", "\ud800")
        await store.history.state.keep(StateKind.DRAFT, "other", "text")

        assert len(store.look("SELECT 1 FROM state")) == 2
        await store.history.state.keep(StateKind.DRAFT, "job\udcff", None)
        assert store.look("SELECT name FROM state") == ["other"]
