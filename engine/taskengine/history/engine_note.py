"""The note by which programs find a project's engine: whose process it is, and where it listens."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from taskengine.history.process_identity import ProcessIdentity

NOTE = "engine.json"
_FILE_MODE = 0o600
_LONGEST = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineNote:
    """An engine that started `since` (aware). `socket` and `url` are where it can be reached, if
    it can be.
    """

    process: ProcessIdentity
    since: datetime
    socket: Path | None = None
    url: str = ""

    def leads_to(self, socket: Path | None, url: str) -> bool:
        """Whether it says that this process is reached there, or else where another engine is that
        may be at work.
        """
        if (self.process.pid, self.socket, self.url) == (os.getpid(), socket, url):
            return True
        may_live = not self.process.is_here or self.process.is_alive()
        return may_live and bool(self.socket or self.url)

    def write(self, path: Path) -> None:
        """Put the note in its place at once: whoever reads it meanwhile finds one or the other.

        Raises OSError.
        """
        process = asdict(self.process)
        note = {
            "pid": process.pop("pid"),
            "started_at": self.since.isoformat(),
            **process,
            "socket": None if self.socket is None else str(self.socket),
            "url": self.url or None,
        }
        new = path.with_name(f"{path.name}.{self.process.pid}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _FILE_MODE)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(note, file, indent=2)
                file.write("\n")
            new.replace(path)
        except OSError:
            new.unlink(missing_ok=True)
            raise

    @classmethod
    def read(cls, path: Path) -> "EngineNote | None":
        """The note at a path; None if there is none, or none that can be understood."""
        try:
            note: dict[str, Any] = json.loads(_beginning_of(path))
            process = ProcessIdentity(note["pid"], note["start"], note["boot"], note["host"])
            socket, url = note.get("socket"), note.get("url")
            if not isinstance(note["pid"], int) or not isinstance(url, str | None):
                return None
            return cls(
                process=process,
                since=datetime.fromisoformat(note["started_at"]),
                socket=Path(socket) if socket else None,
                url=url or "",
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None


def _beginning_of(path: Path) -> bytes:
    """What a note can hold. Whoever made the project's folder may have put anything there: a pipe
    that nobody writes to must keep no one waiting.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(_LONGEST)
