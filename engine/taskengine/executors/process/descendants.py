"""All processes below the calling one: found by their parents, and killed."""

import contextlib
import os
import signal
from collections import defaultdict
from collections.abc import Set as AbstractSet
from pathlib import Path

_PROC = Path("/proc")


def kill_descendants(leader: int) -> None:
    """SIGKILL to all descendants and to the process group of `leader`.

    Those that fork meanwhile escape: call it again until no child is left. Where there is no
    `/proc`, only the group can be found.
    """
    with contextlib.suppress(OSError):
        os.killpg(leader, signal.SIGKILL)
    for pid in descendants():
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def descendants(without: AbstractSet[int] = frozenset()) -> list[int]:
    """The ids of all processes below the calling one, parents before their children.

    Children in `without` are left out, with all that is below them.
    """
    children = _children_by_parent()
    found = [pid for pid in children[os.getpid()] if pid not in without]
    for pid in found:
        found += children[pid]
    return found


def _children_by_parent() -> defaultdict[int, list[int]]:
    children: defaultdict[int, list[int]] = defaultdict(list)
    with contextlib.suppress(OSError):
        for name in os.listdir(_PROC):  # noqa: PTH208 - hundreds of paths would be made for nothing
            if name.isdigit() and (parent := _parent_of(name)):
                children[parent].append(int(name))
    return children


def _parent_of(pid: str) -> int:
    """The parent's id, or 0 for a process that is gone. proc_pid_stat(5)."""
    try:
        stat = (_PROC / pid / "stat").read_bytes()
    except OSError:
        return 0
    _state, parent, *_ = stat.rpartition(b")")[2].split()
    return int(parent)
