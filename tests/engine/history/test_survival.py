"""What a program was told is kept survives its sudden death, and the death of its machine."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from support.power import Disk, small_disk
from support.project import Project
from support.survival import Survival


def kill(program: subprocess.Popen[bytes]) -> None:
    program.send_signal(signal.SIGKILL)


def die_with(disk: Disk, program: subprocess.Popen[bytes]) -> None:
    """Stop the program first: an engine whose disk fails goes on in memory, and says so."""
    program.send_signal(signal.SIGSTOP)
    os.waitpid(program.pid, os.WUNTRACED)
    disk.cut_power()
    kill(program)


def test_what_was_acknowledged_survives_the_engine(project: Project, tmp_path: Path) -> None:
    survival = Survival(project, tmp_path / "slots", seed=1)
    for _ in range(2):
        survival.live_and_die(kill)
        survival.check()
    assert survival.account.ended


@pytest.mark.slow
def test_what_was_acknowledged_survives_sixty_engines(project: Project, tmp_path: Path) -> None:
    survival = Survival(project, tmp_path / "slots", seed=2)
    for _ in range(60):
        survival.live_and_die(kill)
        survival.check()
    assert len(survival.account.ended) > 60  # how many more depends on the machine


@pytest.mark.slow
def test_what_was_acknowledged_survives_a_power_cut_if_that_is_asked_for(tmp_path: Path) -> None:
    disk = small_disk(tmp_path)
    try:
        project = Project(disk.folder)
        project.write("taskconsole.toml", '[history]\ndurability = "power-loss"\n')
        survival = Survival(project, tmp_path / "slots", seed=3)
        _sync()
        for _ in range(15):
            survival.live_and_die(lambda program: die_with(disk, program))
            disk.unmount()
            disk.mount()
            survival.check()
        assert survival.account.ended
    finally:
        disk.unmount()


def test_the_cut_of_power_is_a_real_one(tmp_path: Path) -> None:
    disk = small_disk(tmp_path)
    try:
        (disk.folder / "synced").write_text("kept")
        _sync()
        (disk.folder / "unsynced").write_text("lost")
        disk.cut_power()
        disk.unmount()
        disk.mount()
        assert (disk.folder / "synced").read_text() == "kept"
        assert not (disk.folder / "unsynced").exists()
    finally:
        disk.unmount()


def _sync() -> None:
    subprocess.run(["sync"], check=True)
