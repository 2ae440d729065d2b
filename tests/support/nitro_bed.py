"""Real Nitros for slow tests: version 2 and the beta of version 3, as npm installs them.

They are installed once for all of pytest's workers, and gone when the last of them is done. Tests
that use them are marked slow, and skipped where there is no npm or no network.
"""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peers.nitro_dev import Nitro, NitroDev, NitroMissing, install, running

__all__ = ["Nitro", "NitroDev", "installed", "nitro_dev"]


@contextmanager
def installed(major: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nitro]:
    """A Nitro, installed by whichever worker comes first; the last one removes it."""
    shared = _of_all_workers(tmp_path_factory)
    folder, note = shared / f"nitro-{major}", shared / f"nitro-{major}.version"
    door = shared / f"nitro-{major}.lock"
    with (shared / f"nitro-{major}.users").open("w") as users:
        with _one_at_a_time(door):
            if not note.exists():
                note.write_text(_install(major, folder).version)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield Nitro(major=major, version=note.read_text(), folder=folder)
        finally:
            with _one_at_a_time(door), contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # or another still uses it
                note.unlink()
                shutil.rmtree(folder)


@contextmanager
def nitro_dev(nitro: Nitro) -> Iterator[NitroDev]:
    """A `nitro dev` that answers, on a project of its own; gone at the end."""
    with running(nitro, nitro.project()) as server:
        yield server


def _install(major: int, folder: Path) -> Nitro:
    try:
        return install(major, folder)
    except NitroMissing as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"No Nitro {major} here: {error}")


@contextmanager
def _one_at_a_time(door: Path) -> Iterator[None]:
    """Let one worker after the other in."""
    with door.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of this run of pytest: with several workers each has one in it."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if base.name.startswith("popen-gw") else base
