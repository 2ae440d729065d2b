"""Which filesystems several hosts share, by what systems really print."""

from pathlib import Path

import pytest

from taskengine.history.network_folder import (
    linux_mounts,
    mac_mounts,
    mount_of,
    network_filesystem,
)

LINUX = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
60 27 0:45 / /srv/nfs rw,relatime shared:30 - nfs4 files:/export rw,vers=4.2,hard
61 60 7:0 / /srv/nfs/local\040disk rw,relatime - xfs /dev/loop0 rw
62 27 0:50 / /mnt/c rw,noatime - 9p drvfs rw,dirsync,aname=drvfs;path=C:\;uid=1000
63 27 0:51 / /home/ada/remote rw,nosuid,nodev - fuse.sshfs ada@host:/home rw,user_id=1000
64 27 0:52 / /home/ada/crypt rw,nosuid,nodev - fuse.gocryptfs /home/ada/.crypt rw
65 27 0:53 / /mnt/share rw,relatime - cifs //server/share rw,vers=3.1.1
66 27 0:54 / /data rw,relatime - ext4 /dev/sdb rw
67 66 0:55 / /data rw,relatime - smb3 //server/data rw
68 27 0:56 / /work rw,relatime master:3 propagate_from:2 - overlay overlay rw,lowerdir=/a - b
"""
MAC = """
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//ada@server/Team on /Volumes/Team on call (smbfs, nodev, nosuid, mounted by ada)
files:/export on /Volumes/export (nfs, nodev, nosuid)
/dev/disk5s1 on /Volumes/Stick (1) (msdos, local, nodev, nosuid, noowners)
"""


@pytest.mark.parametrize(
    ("path", "kind", "is_network"),
    [
        ("/home/ada/project", "ext4", False),
        ("/srv/nfs", "nfs4", True),
        ("/srv/nfs/team/project", "nfs4", True),
        ("/srv/nfsother", "ext4", False),
        ("/srv/nfs/local disk/project", "xfs", False),
        ("/mnt/c/Users/ada", "9p", True),
        ("/home/ada/remote/x", "fuse.sshfs", True),
        ("/home/ada/crypt/x", "fuse.gocryptfs", False),
        ("/mnt/share", "cifs", True),
        ("/data/x", "smb3", True),
        ("/work", "overlay", False),
    ],
)
def test_linux_tells_what_a_folder_is_on(path: str, kind: str, is_network: bool) -> None:
    mount = mount_of(Path(path), linux_mounts(LINUX))

    assert mount is not None
    assert (mount.kind, mount.is_network) == (kind, is_network)


@pytest.mark.parametrize(
    ("path", "kind", "is_network"),
    [
        ("/Users/ada/project", "apfs", False),
        ("/dev/x", "devfs", False),
        ("/System/Volumes/Data/home/x", "autofs", False),
        ("/Volumes/Team on call/project", "smbfs", True),
        ("/Volumes/export", "nfs", True),
        ("/Volumes/Stick (1)/project", "msdos", False),
    ],
)
def test_macos_tells_what_a_folder_is_on(path: str, kind: str, is_network: bool) -> None:
    mount = mount_of(Path(path), mac_mounts(MAC))

    assert mount is not None
    assert (mount.kind, mount.is_network) == (kind, is_network)


def test_nothing_is_known_where_nothing_is_mounted() -> None:
    assert mount_of(Path("/x"), linux_mounts("")) is None


def test_the_folder_of_a_test_is_local(tmp_path: Path) -> None:
    assert network_filesystem(tmp_path) is None
