"""Finding the engine of a project by its note."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.programs import running
from taskengine.client.find_engine import find_engine
from taskengine.history import folder
from taskengine.history.engine_note import NOTE, EngineNote
from taskengine.history.process_identity import ProcessIdentity


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the note of a project in `tmp_path` stands."""
    folder = tmp_path / ".taskconsole"
    folder.mkdir()
    return folder / NOTE


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Path]:
    """A socket that somebody listens on."""
    path = tmp_path / "s"
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(str(path))
        server.listen()
        yield path


def note(where: Path | None, url: str = "") -> EngineNote:
    since = datetime(2026, 3, 1, tzinfo=UTC)
    return EngineNote(process=ProcessIdentity.own(), since=since, socket=where, url=url)


def test_a_living_engine_that_listens_is_found(
    tmp_path: Path, place: Path, listening: Path
) -> None:
    assert find_engine(tmp_path) is None

    note(listening).write(place)

    assert find_engine(tmp_path) == note(listening)


def test_one_that_nobody_could_reach_is_not(tmp_path: Path, place: Path, listening: Path) -> None:
    (tmp_path / "file").write_text("")
    for nobody in (None, tmp_path / "gone", tmp_path / "file", tmp_path / ("x" * 200)):
        note(nobody).write(place)
        assert find_engine(tmp_path) is None, nobody


def test_notes_of_other_hosts_and_of_the_dead_say_nothing(
    tmp_path: Path, place: Path, listening: Path
) -> None:
    own = ProcessIdentity.own()
    with running("input()") as program:
        dead = replace(own, pid=program.pid)
    for process in (dead, replace(own, start="1"), replace(own, host="elsewhere")):
        replace(note(listening), process=process).write(place)
        assert find_engine(tmp_path) is None, process
    for text in ("", "{", "[]", "[" * 100_000, json.dumps({"pid": "x"})):
        place.write_text(text)
        assert find_engine(tmp_path) is None, text[:20]


def test_a_note_that_is_no_file_keeps_nobody_waiting(tmp_path: Path, place: Path) -> None:
    os.mkfifo(place)
    assert find_engine(tmp_path) is None
    place.unlink()
    place.symlink_to("/dev/zero")
    assert find_engine(tmp_path) is None


def test_of_two_addresses_the_one_that_answers_is_given(tmp_path: Path, place: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        note(tmp_path / "gone", url).write(place)
        assert find_engine(tmp_path) == note(None, url)
    assert find_engine(tmp_path) is None


def test_it_costs_a_command_hardly_anything_to_look() -> None:
    code = "import sys; import taskengine.client.find_engine; print(*sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"msgspec", "sqlite3", "httpx", "asyncio", "subprocess", "http.client", "platformdirs"}
    assert not heavy & set(printed.stdout.split())


def test_a_project_on_a_network_filesystem_has_its_note_on_this_host(
    tmp_path: Path, listening: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "shared"
    root.mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(
        folder, "network_filesystem", lambda path: "nfs" if path.is_relative_to(root) else None
    )
    place = folder.HistoryFolder.of(root).path
    assert not place.is_relative_to(root)
    place.mkdir(parents=True)
    note(listening).write(place / NOTE)

    assert find_engine(root) == note(listening)
