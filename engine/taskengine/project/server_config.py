"""The `[server]` table of a config, how HTTP reaches the engine; and who lets schedules fire."""

import re
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from ipaddress import ip_address

import msgspec

from taskengine.hosts import plain_host
from taskengine.project.option_error import OptionError, must_be
from taskengine.project.option_readers import Reader, one_of, read_flag, read_keys, whole
from taskengine.project.tables import Report
from taskengine.project.toml_places import KeyPath

LOOPBACK = "127.0.0.1"
_TOKEN = re.compile(r"[!-~]+")
_HOSTS_HINT = 'such as ["tasks.example.com"]'


class SchedulerKind(StrEnum):
    """Who lets schedules fire: the engine's own clock, or a platform's cron that calls by HTTP."""

    INTERNAL = "internal"
    EXTERNAL = "external"


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `[server]` table. Without a `port` there is no TCP server; 0 lets the system choose one.

    `host` is an address, or `localhost`. `token` is what callers over TCP must show; without one,
    only `host`s that are loopback will do. `allowed_hosts` are names by which callers who show it
    may call, besides those of loopback. `nitro_compat`: note the server where Nitro's own command
    line looks for one. `is_sound` is False if anything in the table is wrong: what was meant to
    keep callers out may be missing then.
    """

    host: str = LOOPBACK
    port: int | None = None
    token: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    nitro_compat: bool = False
    is_sound: bool = True


def _host(value: object) -> str:
    wanted = "an address, or localhost"
    hint = 'such as "127.0.0.1", or "0.0.0.0" for all of this machine'
    if isinstance(value, str):
        if value.lower() == "localhost":
            return "localhost"
        with suppress(ValueError):
            return str(ip_address(plain_host(value)))
    raise must_be(wanted, value, hint)


def check_token(token: str) -> str:
    """The token, if a header can hold it. Raises ValueError, which does not show it."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("must be text of ASCII characters without spaces, as a header can hold it")
    return token


def _token(value: object) -> str:
    if not isinstance(value, str):
        raise must_be("text", value)
    try:
        return check_token(value)
    except ValueError as error:
        raise OptionError(str(error)) from None


def _hosts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise must_be("a list of texts", value, _HOSTS_HINT)
    return tuple(_name(one) for one in value)


def _name(value: object) -> str:
    if isinstance(value, str):
        with suppress(ValueError):
            return plain_host(value)
    raise must_be("a list of hosts' names or addresses, without ports", value, _HOSTS_HINT)


_READERS: Mapping[str, Reader] = {
    "host": _host,
    "port": whole(0, 65_535),
    "token": _token,
    "allowed_hosts": _hosts,
    "nitro_compat": read_flag,
}
_read_kind = one_of(SchedulerKind)


def read_server_config(table: object, report: Report) -> ServerConfig:
    """What the table says. A key that is wrong counts for nothing, and goes to `report`."""
    if not isinstance(table, dict):
        report(("server",), f"`server` {must_be('a table', table)}", "")
        return ServerConfig(is_sound=False)
    faults: list[str] = []

    def report_too(at: KeyPath, message: str, hint: str = "") -> None:
        faults.append(message)
        report(at, message, hint)

    good = read_keys(table, "server", _READERS, report_too)
    return ServerConfig(**good, is_sound=not faults)


def read_scheduler_kind(value: object, report: Report) -> SchedulerKind:
    """Who lets schedules fire. What is wrong goes to `report` and counts for nothing."""
    try:
        kind: SchedulerKind = _read_kind(value)
    except OptionError as error:
        report(("scheduler",), f"`scheduler` {error}", error.hint)
        return SchedulerKind.INTERNAL
    return kind
