"""Whether a folder is on a filesystem that several hosts may share.

SQLite's write-ahead log needs memory that all its users share, so they must be on one host.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_MOUNT_SECONDS = 5.0
_ESCAPE = re.compile(r"\\([0-7]{3})")
_MAC_LINE = re.compile(r".+? on (?P<point>/.*) \((?P<flags>[^()]*)\)$")
_NETWORK_KINDS = frozenset(
    {
        "9p", "acfs", "afs", "beegfs", "ceph", "cifs", "coda", "gfs", "gfs2", "gpfs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "pvfs2", "smb3", "smbfs",
        # folders of another machine that runs this one, without such memory
        "prl_fs", "vboxsf", "vmhgfs",
    }
)  # fmt: skip
_NETWORK_FUSE = frozenset(
    {
        "afp", "ceph", "cephfs", "davfs", "gcsfuse", "glusterfs", "gvfsd-fuse", "juicefs",
        "moosefs", "mfs", "rclone", "s3fs", "smbnetfs", "sshfs", "vmhgfs-fuse",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mount:
    """What is mounted at `point`, by the name of its filesystem, and whether others share it."""

    point: str
    kind: str
    is_network: bool


def network_filesystem(path: Path) -> str | None:
    """The name of the network filesystem that a folder is on; None: it is on none, as far as the
    system tells.
    """
    mount = mount_of(path.resolve(), _mounts())
    return mount.kind if mount and mount.is_network else None


def mount_of(path: Path, mounts: Iterable[Mount]) -> Mount | None:
    """Where a path, without symlinks in it, is mounted: the innermost; of equals the latest."""
    above = {os.fspath(one) for one in (path, *path.parents)}  # some hosts have 1,000 mounts
    over = [mount for mount in mounts if mount.point in above]
    return max(reversed(over), key=lambda mount: len(mount.point), default=None)


def linux_mounts(mountinfo: str) -> Iterator[Mount]:
    """What the text of /proc/self/mountinfo tells."""
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        if not after:
            continue
        point = _ESCAPE.sub(lambda found: chr(int(found[1], 8)), before.split()[4])
        kind = after.split()[0]
        family, _, member = kind.partition(".")
        is_network = kind in _NETWORK_KINDS or (family == "fuse" and member in _NETWORK_FUSE)
        yield Mount(point, kind, is_network)


def mac_mounts(listing: str) -> Iterator[Mount]:
    """What the `mount` command of macOS tells: it says "local" of what no other host shares."""
    for line in listing.splitlines():
        if found := _MAC_LINE.match(line):
            kind, *flags = found["flags"].split(", ")
            is_network = "local" not in flags and kind != "autofs"
            yield Mount(found["point"], kind, is_network)


def _mounts() -> Iterator[Mount]:
    if sys.platform != "linux":
        return _mac_mounts()
    try:
        return linux_mounts(_MOUNTS.read_text(errors="surrogateescape"))
    except OSError:
        return iter(())


def _mac_mounts() -> Iterator[Mount]:
    import subprocess

    try:
        listing = subprocess.run(
            ["/sbin/mount"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_MOUNT_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return iter(())
    return mac_mounts(listing)
