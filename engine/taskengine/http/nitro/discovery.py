"""The files by which Nitro's own command lines find a server that runs.

nitropack 2 reads `nitro.json` (its src/core/task.ts), nitro 3 `nitro.dev.json` (src/task.ts), both
in the build folder. That is `.nitro` by default for the one; the other is told by a `.nitrorc`.
"""

import errno
import json
import os
import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from taskengine.http.nitro.folder import Folder, open_folder

FOLDER = ".nitro"
NOTES = ("nitro.json", "nitro.dev.json")
RC = ".nitrorc"

_RC_TEXT = b"# Written by taskconsole for nitro 3's command line, and removed when it stops.\n"
_RC_TEXT += f"buildDir={FOLDER}\n".encode()
_PORTLESS = "`nitro_compat` needs a `port`: Nitro's command line knows no unix socket"
_GUARDED = "`nitro_compat` is of no use with a `token`: Nitro's command line sends none"
_SAYS_FOLDER = re.compile(rb"""^\s*buildDir\s*=\s*["']?(\./)?\.nitro/?["']?\s*$""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is on the network: its URL, such as `http://127.0.0.1:4567`, if it has one."""

    url: str
    asks_for_token: bool = False


class Discovery:
    """Says in a project's root where the project's server listens.

    What is not ours stays as it is: files of another form, and those of a process that lives. No
    symbolic link is followed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._note = b""
        self._changing = threading.Lock()
        self._is_over = False

    def follow(self, place: Place | None) -> Sequence[str]:
        """Name this place from now on, or none, and say in words for people what is in the way.

        It raises nothing: a server is a server without these files.
        """
        with self._changing:
            if self._is_over:
                return []
            if place is None or not place.url:
                self._withdraw()
                return [] if place is None else [_PORTLESS]
            self._note = _note(place.url)
            faults = [_GUARDED] if place.asks_for_token else []
            return [*faults, *self._publish()]

    def close(self) -> None:
        """Remove what was written, unless it was changed since, and write no more. Who is writing
        just now on another thread is waited for.
        """
        with self._changing:
            self._is_over = True
            self._withdraw()

    def _publish(self) -> Sequence[str]:
        try:
            with open_folder(self._root) as root:
                return [*self._put_notes(root), *self._put_rc(root)]
        except OSError as error:
            return [_words(str(self._root), error)]

    def _withdraw(self) -> None:
        if not self._note:
            return
        with suppress(OSError), open_folder(self._root) as root:
            with suppress(OSError), root.below(FOLDER, create=False) as folder:
                for name in NOTES:
                    _remove(folder, name, self._note)
            root.remove_if_empty(FOLDER)
            _remove(root, RC, _RC_TEXT)

    def _put_notes(self, root: Folder) -> Sequence[str]:
        try:
            with root.below(FOLDER, create=True) as folder:
                return [said for name in NOTES if (said := self._put_note(folder, name))]
        except OSError as error:
            return [_words(FOLDER, error)]

    def _put_note(self, folder: Folder, name: str) -> str:
        path = f"{FOLDER}/{name}"
        try:
            there = folder.read(name)
            if there is not None and (reason := _reason_to_keep(there)):
                return f"`{path}` {reason}"
            folder.write(name, self._note)
        except OSError as error:
            return _words(path, error)
        return ""

    def _put_rc(self, root: Folder) -> Sequence[str]:
        try:
            there = root.read(RC)
            if there is None:
                root.write(RC, _RC_TEXT)
        except OSError as error:
            return [_words(RC, error)]
        if there is None or _SAYS_FOLDER.search(there):
            return []
        return [f"`{RC}` is not ours, and lacks `buildDir={FOLDER}`, which nitro 3 needs"]


def _note(url: str) -> bytes:
    """What the command lines make an URL of, and a process that they want to be alive."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    address = {"host": host, "port": int(port)}
    return json.dumps({"dev": {"pid": os.getpid(), "workerAddress": address}}).encode()


def _reason_to_keep(text: bytes) -> str:
    """Why a file that is there already must stay; nothing if it is one of ours, of the past."""
    try:
        pid = _pid_in(json.loads(text))
    except (ValueError, RecursionError):
        pid = None
    if pid is None:
        return "is not ours"
    if pid != os.getpid() and _lives(pid):
        return f"names process {pid}, which lives"
    return ""


def _pid_in(note: object) -> int | None:
    """The process of a note of ours: Nitro's own say more than that."""
    match note:
        case {
            "dev": {"pid": int(pid), "workerAddress": {"host": str(), "port": int()}, **rest}
        } if pid > 0 and not rest and isinstance(note, dict) and len(note) == 1:
            return pid
    return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _remove(folder: Folder, name: str, text: bytes) -> None:
    with suppress(OSError):
        if folder.read(name) == text:
            folder.remove(name)


def _words(path: str, error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return f"`{path}` is a symbolic link"
    return f"`{path}` can't be written: {error.strerror or error}"
