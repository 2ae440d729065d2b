"""`taskconsole doctor`: what it finds well, and what not."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.commands import called
from support.project import Project
from taskengine import Engine
from taskengine.history.engine_note import NOTE, EngineNote
from taskengine.history.folder import HistoryFolder
from taskengine.history.process_identity import ProcessIdentity
from taskengine.http.server import Server


def findings(root: Path, **env: str) -> dict[str, dict[str, str]]:
    """What it finds, by name; each kind of trouble is looked for by one test."""
    told = called(root, "doctor", "--json", env=env)
    found = {one["name"]: one for one in told.json["findings"]}
    fails = any(one["level"] == "fail" for one in found.values())
    assert (told.code, told.json["ok"]) == ((1, False) if fails else (0, True))
    return found


def level(found: dict[str, dict[str, str]], name: str) -> str:
    return found[name]["level"]


async def kept_run(project: Project) -> None:
    """Have a history with a run in it."""
    async with Engine(project.root, scheduler=False) as engine:
        await engine.run_task("hello")


async def test_a_project_in_good_health_has_no_failure_and_is_not_changed(
    project: Project,
) -> None:
    project.task("hello.py", "return 1")
    before = sorted(path.name for path in project.root.iterdir())
    told = called(project.root, "doctor", env={"TZ": "UTC"})
    assert told.code == 0
    assert sorted(path.name for path in project.root.iterdir()) == before
    assert "nothing is kept yet" in told.data
    assert told.narration.startswith("0 failures, ")

    await kept_run(project)
    found = findings(project.root, TZ="UTC")
    for name in ("python", "libraries", "sqlite", "zone data", "clock changes", "tasks"):
        assert level(found, name) == "ok", found[name]
    assert level(found, "history") == level(found, "soundness") == "ok"
    assert level(found, "engine") == "ok"
    assert "form 1 of 1" in found["history"]["text"]


def test_faults_of_the_project_are_told(project: Project) -> None:
    project.write("taskconsole.toml", 'timezone = "Europe/Lodnon"\n')
    found = findings(project.root, TZ="Nowhere")
    assert level(found, "project's zone") == "fail"
    assert "did you mean 'Europe/London'?" in found["project's zone"]["advice"]
    assert level(found, "system's zone") == "warn"
    assert level(found, "tasks") == "warn"

    (project.root / "taskconsole.toml").unlink()
    assert level(findings(project.root), "config") == "warn"


async def test_a_damaged_file_and_open_doors_are_found(project: Project) -> None:
    project.task("hello.py", "return 1")
    await kept_run(project)
    folder = HistoryFolder.of(project.root)
    folder.path.chmod(0o755)
    folder.database.chmod(0o644)
    found = findings(project.root)
    assert level(found, "history folder") == "warn"
    assert found["history folder"]["advice"] == f"chmod 700 {folder.path}"
    assert found["history file"]["advice"] == f"chmod 600 {folder.database}"

    with folder.database.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8192))
    found = findings(project.root)
    assert "fail" in {level(found, "history"), found.get("soundness", {}).get("level")}

    folder.database.write_bytes(b"no database at all" * 100)
    assert level(findings(project.root), "history") == "fail"


async def test_an_engine_is_looked_at_as_it_is_reached(project: Project) -> None:
    project.task("hello.py", "return 1")
    async with Engine(project.root) as engine:
        assert "takes no calls" in findings(project.root)["engine"]["text"]
        server = Server(engine, port=0)
        await server.start()
        try:
            found = await asyncio.to_thread(findings, project.root)
        finally:
            await server.stop()
    assert level(found, "engine") == level(found, "sockets") == level(found, "address") == "ok"
    assert " answers in " in found["address"]["text"]
    assert found["health"]["text"].startswith(("live", "starting"))


def test_an_engine_that_died_or_does_not_answer_is_told(project: Project, tmp_path: Path) -> None:
    folder = HistoryFolder.prepare(project.root)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    own = ProcessIdentity.own()
    dead = ProcessIdentity(ended.pid, "0", own.boot, own.host)
    since = datetime.now(UTC)
    EngineNote(process=dead, since=since).write(folder.path / NOTE)
    assert "has died" in findings(project.root)["engine"]["text"]

    silent = EngineNote(process=own, since=since, socket=tmp_path / "nobody.sock")
    silent.write(folder.path / NOTE)
    found = findings(project.root)
    assert level(found, "address") == "fail"
    assert "does not answer" in found["address"]["text"]
    assert "the engine makes it anew" in found["address"]["advice"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_folder_without_permissions_is_told(project: Project) -> None:
    project.root.chmod(0o500)
    try:
        assert level(findings(project.root), "root") == "warn"
    finally:
        project.root.chmod(0o700)
