"""What the engine and a task's process tell each other: JSON, each message after its length."""

import contextlib
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

_LENGTH = struct.Struct("!I")


class Assignment(msgspec.Struct, frozen=True, kw_only=True, tag="assignment"):
    """What a task's process has to do, and the circumstances it has to be done in.

    Names of the file system are bytes, for they need not be text; an empty `folder` is one that is
    not there any more.
    """

    token: str
    root: bytes
    tasks_dir: str
    task: str
    handler: str
    run_id: int
    attempt: int
    trigger: str
    scheduled_time: str | None
    payload: dict[str, Any]
    extra: dict[str, Any]
    memory: int | None
    log_level: str | int
    folder: bytes
    environment: list[tuple[bytes, bytes]]
    sys_path: list[bytes]


class SentError(msgspec.Struct, frozen=True, kw_only=True):
    """An exception as another process can be told of it.

    `names` are those of its class and its bases. `attributes` are only sent of the engine's own.
    """

    type: str
    message: str
    traceback: str = ""
    names: tuple[str, ...] = ()
    attributes: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """What came of the call `id`."""

    id: int
    result: Any = None
    error: SentError | None = None


class Call(msgspec.Struct, frozen=True, kw_only=True, tag="call"):
    """The task wants to run another one and to know what comes of it."""

    id: int
    task: str
    payload: dict[str, Any]


class ProgressReport(msgspec.Struct, frozen=True, kw_only=True, tag="progress"):
    """The task tells how far it is."""

    done: float
    total: float | None = None
    message: str = ""


class End(msgspec.Struct, frozen=True, kw_only=True, tag="end"):
    """The call of the task's function is over."""

    state: str
    result: Any = None
    error: SentError | None = None


FromEngine = Assignment | Answer
FromTask = Call | ProgressReport | End


def encode(message: FromEngine | FromTask) -> bytes:
    """The message as it is sent. Raises OverflowError for one of more than 4 GB."""
    body = msgspec.json.encode(message)
    if len(body) >= 1 << 32:
        raise OverflowError(f"{len(body):,} bytes are too much for one message")
    return _LENGTH.pack(len(body)) + body


def encodable(text: str) -> str:
    """The text with lone surrogates, which JSON can't carry, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


class MessageDecoder:
    """Puts messages together from bytes that were cut anywhere."""

    def __init__(self, kinds: Any) -> None:
        self._decoder = msgspec.json.Decoder(kinds)
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """The messages that are complete now. What is no message comes from code of the task that
        has nothing to say here, and is passed over.
        """
        self._held += data
        while len(self._held) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._held)[0]
            if len(self._held) < end:
                return
            body = bytes(self._held[_LENGTH.size : end])
            del self._held[:end]
            with contextlib.suppress(ValueError):
                yield self._decoder.decode(body)
