"""Who is at the other end of a unix socket."""

import os
import socket
import struct
import sys

from taskengine.http.turned_away import TurnedAway

_ROOT = 0
_LINUX = struct.Struct("3i")  # struct ucred: pid, uid, gid; see unix(7)
_DARWIN = struct.Struct("=2I")  # struct xucred begins with its version and the uid; see sys/ucred.h
_DARWIN_SIZE = 76
_SOL_LOCAL, _LOCAL_PEERCRED = 0, 1  # sys/un.h


def check_peer(connected: socket.socket) -> None:
    """Let a caller in who is the user of this process, or root, whom nothing keeps out anyway.

    Raises TurnedAway for anybody else, and where the system does not say who it is.
    """
    try:
        uid = peer_uid(connected)
    except OSError as error:
        raise TurnedAway(403, f"Nobody knows who calls: {error}") from error
    if uid not in {os.geteuid(), _ROOT}:
        raise TurnedAway(403, "The engine is another user's")


def peer_uid(connected: socket.socket) -> int:
    """The user who connected. Raises OSError where the system does not say."""
    if sys.platform == "linux":
        raw = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _LINUX.size)
        _, uid, _ = _LINUX.unpack(raw)
    else:
        raw = connected.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _DARWIN_SIZE)
        version, uid = _DARWIN.unpack_from(raw)
        if version != 0:
            raise OSError(f"the system's answer is of a form not known here ({version})")
    return int(uid)
