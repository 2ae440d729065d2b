"""The files by which Nitro's command lines find a server: whose they are, and when they go."""

import json
import os
from pathlib import Path

import pytest

from support.project import Project
from support.served import served
from taskengine.events import ProblemCleared, ProblemRaised
from taskengine.http.nitro.discovery import Discovery, Place
from taskengine.problem import ProblemKind

PLACE = Place("http://127.0.0.1:4567")
NOTES = (".nitro/nitro.json", ".nitro/nitro.dev.json")
GONE = 2**22 + 1  # no process of Linux has such a number, nor one of macOS


def note(pid: int, host: str = "127.0.0.1", port: int = 4567) -> dict[str, object]:
    return {"dev": {"pid": pid, "workerAddress": {"host": host, "port": port}}}


def hidden(root: Path, pattern: str = "**/*") -> list[str]:
    found = (str(path.relative_to(root)) for path in root.glob(pattern))
    return sorted(path for path in found if path != "taskconsole.toml")


def test_both_notes_name_this_process_and_where_it_listens_until_they_are_withdrawn(
    project: Project,
) -> None:
    discovery = Discovery(project.root)
    assert discovery.follow(PLACE) == []

    for name in NOTES:
        assert json.loads((project.root / name).read_text()) == note(os.getpid())
    lines = (project.root / ".nitrorc").read_text().splitlines()
    assert [line for line in lines if "=" in line] == ["buildDir=.nitro"]

    assert discovery.follow(Place("http://[::1]:80")) == []
    assert json.loads((project.root / NOTES[0]).read_text()) == note(os.getpid(), "[::1]", 80)

    discovery.follow(None)
    assert hidden(project.root) == []
    discovery.follow(None)


def test_what_a_dead_engine_has_left_is_replaced(project: Project) -> None:
    for name in NOTES:
        project.write(name, json.dumps(note(GONE)))
    discovery = Discovery(project.root)

    assert discovery.follow(PLACE) == []
    assert json.loads((project.root / NOTES[1]).read_text()) == note(os.getpid())

    discovery.follow(None)
    assert hidden(project.root) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (json.dumps(note(1)), "names process 1, which lives"),
        (json.dumps({"date": "2026-01-01", **note(GONE)}), "is not ours"),
        (json.dumps({"dev": {"pid": GONE}}), "is not ours"),
        ("[" * 100_000, "is not ours"),
        ("", "is not ours"),
    ],
)
def test_a_note_of_somebody_else_stays(project: Project, text: str, reason: str) -> None:
    project.write(NOTES[0], text)
    discovery = Discovery(project.root)

    assert discovery.follow(PLACE) == [f"`{NOTES[0]}` {reason}"]
    discovery.follow(None)

    assert (project.root / NOTES[0]).read_text() == text
    assert hidden(project.root) == [".nitro", NOTES[0]]


def test_a_nitrorc_of_the_user_stays_and_is_enough_if_it_names_the_folder(
    project: Project,
) -> None:
    discovery = Discovery(project.root)
    for text, words in (
        ('preset=bun\nbuildDir = "./.nitro"\n', []),
        (
            "preset=bun\n",
            ["`.nitrorc` is not ours, and lacks `buildDir=.nitro`, which nitro 3 needs"],
        ),
    ):
        rc = project.write(".nitrorc", text)
        assert discovery.follow(PLACE) == words
        discovery.follow(None)
        assert rc.read_text() == text


def test_no_symbolic_link_is_followed(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project.root / ".nitro").symlink_to(elsewhere)
    (project.root / ".nitrorc").symlink_to(elsewhere / "rc")
    discovery = Discovery(project.root)

    assert discovery.follow(PLACE) == [
        "`.nitro` can't be written: Not a directory",
        "`.nitrorc` is a symbolic link",
    ]
    discovery.follow(None)
    assert list(elsewhere.iterdir()) == []

    (project.root / ".nitro").unlink()
    project.write(NOTES[1], json.dumps(note(GONE)))
    target = elsewhere / "target"
    target.write_text(json.dumps(note(GONE)))
    (project.root / NOTES[0]).symlink_to(target)

    assert discovery.follow(PLACE)[0] == f"`{NOTES[0]}` is a symbolic link"
    assert json.loads(target.read_text()) == note(GONE)
    assert json.loads((project.root / NOTES[1]).read_text()) == note(os.getpid())


def test_what_was_changed_since_is_not_removed(project: Project) -> None:
    discovery = Discovery(project.root)
    discovery.follow(PLACE)
    project.write(NOTES[0], "{}")
    project.write(".nitro/types.d.ts", "export {}")

    discovery.follow(None)

    assert hidden(project.root) == [".nitro", NOTES[0], ".nitro/types.d.ts"]


async def test_the_servers_files_come_and_go_with_it_and_with_the_config(project: Project) -> None:
    wanted = "[server]\nport = 0\nnitro_compat = true\n"
    project.write("taskconsole.toml", wanted)
    theirs = project.write(NOTES[0], json.dumps(note(1)))
    async with served(project) as running:
        [problem] = running.engine.problems
        assert problem.kind is ProblemKind.SERVER
        assert problem.message == f"`{NOTES[0]}` names process 1, which lives"
        _, _, port = running.server.url.rpartition(":")
        mine = json.loads((project.root / NOTES[1]).read_text())
        assert mine == note(os.getpid(), port=int(port))

        theirs.unlink()
        project.write("taskconsole.toml", f'{wanted}token = "secret"\n')
        told = await running.events.next(
            ProblemRaised, lambda event: "`token`" in str(event.problem)
        )
        assert told.problem.message.startswith("`nitro_compat` is of no use with a `token`")
        project.write("taskconsole.toml", "[server]\nnitro_compat = true\n")
        told = await running.events.next(
            ProblemRaised, lambda event: "`port`" in str(event.problem)
        )
        assert hidden(project.root, ".nitro*") == []

        project.write("taskconsole.toml", wanted)
        await running.events.next(ProblemCleared)
        assert len(hidden(project.root, ".nitro*")) == 2
    assert hidden(project.root, ".nitro*") == []
