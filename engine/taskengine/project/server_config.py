"""The `[server]` table of a config, how HTTP reaches the engine; and who lets schedules fire."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from taskengine.project.option_error import OptionError, must_be
from taskengine.project.option_readers import Reader, one_of, read_keys, whole
from taskengine.project.tables import Report

LOOPBACK = "127.0.0.1"


class SchedulerKind(StrEnum):
    """Who lets schedules fire: the engine's own clock, or a platform's cron that calls by HTTP."""

    INTERNAL = "internal"
    EXTERNAL = "external"


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `[server]` table. Without a `port` there is no TCP server; 0 lets the system choose one.

    `token` is what callers over TCP must show; without one, only `host`s that are loopback will do.
    `allowed_hosts` are names by which callers may call it, besides those of loopback.
    `nitro_compat`: note the server where Nitro's own command line looks for one.
    """

    host: str = LOOPBACK
    port: int | None = None
    token: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    nitro_compat: bool = False


def _text(value: object) -> str:
    if isinstance(value, str) and value and value.isprintable():
        return value
    raise must_be("printable text", value)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_text(one) for one in value)
    raise must_be("a list of texts", value, 'such as ["tasks.example.com"]')


def _yes_or_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise must_be("true or false", value)


_READERS: Mapping[str, Reader] = {
    "host": _text,
    "port": whole(0, 65_535),
    "token": _text,
    "allowed_hosts": _texts,
    "nitro_compat": _yes_or_no,
}
_read_kind = one_of(SchedulerKind)


def read_server_config(table: Mapping[str, object], report: Report) -> ServerConfig:
    """What the table says. A key that is wrong counts for nothing, and goes to `report`."""
    return ServerConfig(**read_keys(table, "server", _READERS, report))


def read_scheduler_kind(value: object, report: Report) -> SchedulerKind:
    """Who lets schedules fire. What is wrong goes to `report` and counts for nothing."""
    try:
        kind: SchedulerKind = _read_kind(value)
    except OptionError as error:
        report(("scheduler",), f"`scheduler` {error}", error.hint)
        return SchedulerKind.INTERNAL
    return kind
