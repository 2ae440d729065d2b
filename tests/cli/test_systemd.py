"""What a service of `Type=notify` tells whoever has started it."""

import os
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from support.service_manager import service_manager
from taskconsole.cli.serve.systemd import VARIABLE, ServiceManager


@pytest.mark.parametrize("is_abstract", [False, True])
def test_it_tells_of_the_beginning_and_of_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_abstract: bool
) -> None:
    address = f"@taskconsole {os.getpid()}" if is_abstract else str(tmp_path / "notify")
    monkeypatch.setenv(VARIABLE, address)
    with service_manager(address) as systemd:
        manager = ServiceManager.of_this_process()
        assert VARIABLE not in os.environ, "what tasks start is not the service"

        manager.ready("12 tasks,\n3 problems")
        manager.status("well")
        manager.stopping()

        assert systemd.hear() == ["READY=1", "STATUS=12 tasks, 3 problems"]
        assert systemd.hear() == ["STATUS=well"]
        assert systemd.hear() == ["STOPPING=1", "STATUS=stopping"]


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "@",
        "relative",
        "/nobody/there",
        "/dev/null",
        "/",
        "/" * 4_000,
        "vsock:2:1",
        "/\udcff",
    ],
)
def test_nothing_that_the_variable_says_is_in_the_way(
    monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    if address is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, address)

    manager = ServiceManager.of_this_process()

    manager.ready("\udcff")
    manager.stopping()
    assert VARIABLE not in os.environ


def test_a_manager_that_does_not_listen_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskconsole.cli.serve.systemd._PATIENCE", 0.01)
    address = str(tmp_path / "notify")
    with service_manager(address):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as crowd:
            crowd.setblocking(False)
            with suppress(BlockingIOError):
                while True:
                    crowd.sendto(b"x", address)

        ServiceManager(address).ready("well")
