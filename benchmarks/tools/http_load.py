"""Calls one path of a server over and over, on some connections at a time, and tells how long that
took: a process of its own, as lean as Python can be, so that it is not what is measured.

    python benchmarks/tools/http_load.py ADDRESS PATH CONNECTIONS SECONDS

The address is `host:port`, or the path of a unix socket. What is printed is JSON.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

_PIECE = 65_536
_LONGEST_WAIT = 10.0
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of it: requests a second, latencies in milliseconds, how many answers were not 200,
    and the part of a processor that the calling itself took.
    """

    rate: float
    p50: float
    p99: float
    failures: int
    own_cpu: float


class Caller:
    """One connection, which asks again as soon as it is answered."""

    def __init__(self, address: str, request: bytes) -> None:
        self._address = address
        self._request = request
        self._answer = b""
        self.began = 0.0
        self.connect()

    def connect(self) -> None:
        """Connect, and again after the server has hung up."""
        if self._address.startswith("/"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(self._address)
        else:
            host, _, port = self._address.rpartition(":")
            self.socket = socket.create_connection((host, int(port)))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Send the request, which is small enough for every buffer."""
        self._answer = b""
        self.began = time.perf_counter()
        self.socket.sendall(self._request)

    def hear(self) -> bytes:
        """Take in what has come: the whole answer, or nothing while some of it lacks."""
        piece = self.socket.recv(_PIECE)
        if not piece:
            raise ConnectionError(f"{self._address} has hung up")
        self._answer += piece
        return self._answer if is_whole(self._answer) else b""


def is_whole(answer: bytes) -> bool:
    """Whether all of an answer is there, by its length or its last chunk."""
    head, end, body = answer.partition(_HEAD_END)
    if not end:
        return False
    lower = head.lower()
    _, _, after = lower.partition(b"content-length:")
    if after:
        return len(body) >= int(after.split(b"\r", 1)[0])
    return b"chunked" in lower and body.endswith(b"0\r\n\r\n")


def load(address: str, path: str, connections: int, seconds: float) -> Load:
    """Call a path for so many seconds."""
    host = "localhost" if address.startswith("/") else address
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\r\n".encode()
    callers = [Caller(address, request) for _ in range(connections)]
    waiting = selectors.DefaultSelector()
    for caller in callers:
        waiting.register(caller.socket, selectors.EVENT_READ, caller)
    latencies: list[float] = []
    failures = 0
    began, cpu = time.perf_counter(), time.process_time()
    end = began + seconds
    for caller in callers:
        caller.ask()
    while (now := time.perf_counter()) < end:
        ready = waiting.select(_LONGEST_WAIT)
        if not ready:
            raise TimeoutError(f"{address} has not answered for {_LONGEST_WAIT:g} s")
        for key, _ in ready:
            caller = key.data
            if answer := caller.hear():
                latencies.append(time.perf_counter() - caller.began)
                failures += not answer.startswith(b"HTTP/1.1 200")
                caller.ask()
    taken = now - began
    own = (time.process_time() - cpu) / taken
    return _summary(latencies, failures, taken, own)


def _summary(latencies: Sequence[float], failures: int, taken: float, own: float) -> Load:
    in_order = sorted(one * 1e3 for one in latencies)
    return Load(
        rate=len(in_order) / taken,
        p50=in_order[len(in_order) // 2],
        p99=in_order[int(len(in_order) * 0.99)],
        failures=failures,
        own_cpu=own,
    )


if __name__ == "__main__":
    address, path, connections, seconds = sys.argv[1:]
    found = load(address, path, int(connections), float(seconds))
    print(json.dumps(asdict(found)))
