"""Where an engine can be reached, as those say who take calls for it."""

from pathlib import Path


class Announcements:
    """What each server of an engine says of itself. There is room for one socket and one URL: of
    several, the first one's are named for as long as it has them, so that nobody has to move.
    """

    def __init__(self) -> None:
        self._said: dict[object, tuple[Path | None, str]] = {}

    @property
    def socket(self) -> Path | None:
        """The unix socket by which programs should come, if there is one."""
        return next((socket for socket, _ in self._said.values() if socket), None)

    @property
    def url(self) -> str:
        """Where the engine is on the network; empty if it is not."""
        return next((url for _, url in self._said.values() if url), "")

    def put(self, of: object, socket: Path | None, url: str) -> None:
        """Take what somebody says in place of what he said before; nothing at all withdraws it."""
        if socket or url:
            self._said[of] = socket, url
        else:
            self._said.pop(of, None)
