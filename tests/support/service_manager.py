"""Somebody who listens to what a service tells of itself, as systemd does."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

SOON = 60.0


class ServiceManager:
    """`address` is what a service is given as `NOTIFY_SOCKET`."""

    def __init__(self, bound: socket.socket, address: str) -> None:
        self._bound = bound
        self.address = address

    def hear(self) -> list[str]:
        """The lines of the next message."""
        return self._bound.recv(10_000).decode().split("\n")


@contextmanager
def service_manager(address: str) -> Iterator[ServiceManager]:
    """One that listens at a path, or at a name after `@`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        bound.settimeout(SOON)
        yield ServiceManager(bound, address)
