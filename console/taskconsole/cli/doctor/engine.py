"""The engine that is at work on the project, if there is one, and whether it can be reached."""

import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

from taskconsole.cli.doctor.finding import Finding
from taskconsole.cli.printing import count
from taskengine import __version__
from taskengine.client.calls import Calls
from taskengine.errors import TaskError
from taskengine.history.engine_note import NOTE, EngineNote
from taskengine.history.folder import HistoryFolder
from taskengine.project.config import read_config

Health: TypeAlias = Mapping[str, Any]
"""What the engine says of itself, as JSON has it."""

_PATIENCE = 5.0
_TRIES = 5
_SLOW = 0.25  # seconds
_OTHERS = 0o077
_MADE_ANEW = "wait for some seconds: the engine makes it anew, or has a problem that says why not"


def look(root: Path) -> Iterator[Finding]:
    """The engine's note, its process, its addresses and its health."""
    try:
        note = EngineNote.read(HistoryFolder.of(root).path / NOTE)
    except OSError:  # told of the history
        note = None
    if note is None:
        yield Finding.ok("engine", "none is at work on this project")
        return
    yield _process(note)
    if not (note.process.is_here and note.process.is_alive()):
        return
    if note.socket:
        yield _folder(note.socket.parent)
    token = read_config(root)[0].server.token
    health = None
    addresses: tuple[Path | str | None, ...] = (note.socket, note.url)
    for address in addresses:
        if not address:
            continue
        with closing(Calls(address, token, timeout=_PATIENCE)) as calls:
            finding, answer = _address(calls)
        yield finding
        health = health or answer
    if health:
        yield from _health(health)


def _process(note: EngineNote) -> Finding:
    who = f"process {note.process.pid}, since {note.since.astimezone():%Y-%m-%d %H:%M:%S}"
    if not note.process.is_here:
        return Finding.warn("engine", f"{who}, on the host {note.process.host}", "look there")
    if not note.process.is_alive():
        advice = "nothing needs to be done: the next engine takes its place"
        return Finding.warn("engine", f"{who}, has died; its note is still there", advice)
    if note.socket or note.url:
        return Finding.ok("engine", who)
    advice = "it is a run of its own, or a program that serves nobody: commands can't reach it"
    return Finding.warn("engine", f"{who}, takes no calls", advice)


def _folder(path: Path) -> Finding:
    try:
        found = path.lstat()
    except OSError as error:
        return Finding.fail("sockets", f"{path}: {error.strerror}", _MADE_ANEW)
    if found.st_uid != os.geteuid():
        return Finding.fail("sockets", f"{path} belongs to another user", "restart the engine")
    if not stat.S_ISDIR(found.st_mode) or found.st_mode & _OTHERS:
        text = f"{path} is open to others ({stat.filemode(found.st_mode)})"
        return Finding.fail("sockets", text, f"chmod 700 {path}")
    return Finding.ok("sockets", f"{path}, for its user alone")


def _address(calls: Calls) -> tuple[Finding, Health | None]:
    """How an address answers, and what it says of the engine's health, if it does."""
    try:
        health: Health = calls.get("health")
        seconds = min(_seconds(calls) for _ in range(_TRIES))
    except TaskError as error:
        is_gone = isinstance(calls.address, Path) and not os.path.lexists(calls.address)
        advice = _MADE_ANEW if is_gone else "look into the engine's console or log; then restart it"
        who = "" if str(calls.address) in str(error) else f"{calls.address}: "
        return Finding.fail("address", f"{who}{error}", advice), None
    text = f"{calls.address} answers in {seconds * 1_000:.1f} ms"
    if seconds > _SLOW:
        return Finding.warn("address", text, "the machine or the engine is very busy"), health
    return Finding.ok("address", text), health


def _seconds(calls: Calls) -> float:
    begun = time.perf_counter()
    calls.get("health")
    return time.perf_counter() - begun


def _health(health: Health) -> Iterator[Finding]:
    status = health["status"]
    yield _state(status, health["running"], health["problems"])
    if status["version"] != __version__:
        text = f"the engine is {status['version']}, and this is {__version__}"
        yield Finding.warn("engine's version", text, "restart the engine")


def _state(status: Health, running: int, problems: int) -> Finding:
    text = f"{status['state']}, {count(running, 'run')} going on, {count(problems, 'problem')}"
    if status["state"] != "live":
        return Finding.fail("health", f"{text}; {status['reason']}".rstrip("; "), "restart it")
    if problems:
        return Finding.warn("health", text, "`taskconsole check` tells those of the files")
    return Finding.ok("health", text)
