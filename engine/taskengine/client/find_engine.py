"""Finds the engine that is at work on a project, if it can be reached. Brings few imports along:
every call of the command line begins here.
"""

import contextlib
from dataclasses import replace
from pathlib import Path

from taskengine.history.engine_note import NOTE, EngineNote

_INSIDE = ".taskconsole"
_CONNECTED_WITHIN = 1.0


def find_engine(root: Path) -> EngineNote | None:
    """The note of the living engine of a project, with those of its addresses where somebody
    listens; None if there is no engine, or none that can be reached from here.
    """
    root = root.resolve()
    inside = root / _INSIDE
    return _reachable(inside) or _reachable_elsewhere(root, inside)


def _reachable_elsewhere(root: Path, inside: Path) -> EngineNote | None:
    """The same for a project on a network filesystem, whose history is kept on this host."""
    from taskengine.history.folder import HistoryFolder

    try:
        folder = HistoryFolder.of(root).path
    except OSError:
        return None
    return None if folder == inside else _reachable(folder)


def _reachable(folder: Path) -> EngineNote | None:
    note = EngineNote.read(folder / NOTE)
    if note is None or not (note.socket or note.url) or not note.process.is_alive():
        return None
    path = note.socket if note.socket and _listens(note.socket) else None
    url = note.url if note.url and (path or _listens_at(note.url)) else ""
    return replace(note, socket=path, url=url) if path or url else None


def _listens(path: Path) -> bool:
    import socket

    with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe:
        probe.settimeout(_CONNECTED_WITHIN)
        try:
            probe.connect(str(path))
        except (OSError, ValueError):  # a path that is too long, or holds a null, is no address
            return False
        return True


def _listens_at(url: str) -> bool:
    import socket
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        there = (parts.hostname or "", parts.port or 80)
        socket.create_connection(there, _CONNECTED_WITHIN).close()
    except (OSError, ValueError):
        return False
    return True
