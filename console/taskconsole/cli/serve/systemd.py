"""What systemd wants to know of a service of `Type=notify`, as sd_notify(3) has it."""

import os
import socket
from contextlib import suppress

VARIABLE = "NOTIFY_SOCKET"
_PATIENCE = 1.0
_ABSTRACT = b"@"


class ServiceManager:
    """Whoever has started this process, and has asked in its environment to be told how it is.

    Nobody may have, or somebody who is not there: that is of no consequence.
    """

    def __init__(self, address: str) -> None:
        self._address = os.fsencode(address)

    @classmethod
    def of_this_process(cls) -> "ServiceManager":
        """The environment is relieved of the address: what tasks start is not the service."""
        return cls(os.environ.pop(VARIABLE, ""))

    def ready(self, status: str) -> None:
        """The start is over: what needs this service may begin. `status` is for people."""
        self._tell("READY=1", _line(status))

    def status(self, status: str) -> None:
        """How it is by now, for people."""
        self._tell(_line(status))

    def stopping(self) -> None:
        """The end has begun, which may take its time."""
        self._tell("STOPPING=1", _line("stopping"))

    def _tell(self, *lines: str) -> None:
        if not self._address.startswith((b"/", _ABSTRACT)):
            return  # none at all, or one of the kind that virtual machines have
        address = self._address
        if address.startswith(_ABSTRACT):
            address = b"\0" + address.removeprefix(_ABSTRACT)
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.settimeout(_PATIENCE)
            manager.sendto("\n".join(lines).encode(errors="replace"), address)


def _line(status: str) -> str:
    return f"STATUS={' '.join(status.split())}"
