"""What a task may ask for: its options as authors write them, and as they count."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypedDict

Duration: TypeAlias = float | str
"""Seconds, or text such as "90s", "1h30m" or "500ms"."""
KeyFunction: TypeAlias = Callable[[Any], object]
ExceptionName: TypeAlias = type[BaseException] | str


class Concurrency(StrEnum):
    """What becomes of a call while a run of the same key goes on."""

    JOIN = "join"
    QUEUE = "queue"
    PARALLEL = "parallel"
    SKIP = "skip"


class OnInterrupt(StrEnum):
    """What becomes of a run that was interrupted, because its engine stopped or died."""

    KEEP = "keep"
    RERUN = "rerun"


class Isolation(StrEnum):
    """Where a task's code runs: in the engine's own process, or in one of its own for each run."""

    NONE = "none"
    PROCESS = "process"


class CatchUp(StrEnum):
    """Which of the fires that passed unfired are made up for."""

    LATEST = "latest"
    SKIP = "skip"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait between attempts: `initial` seconds, times `factor` after each, `cap` at the
    most. `jitter` is the part of the wait, from 0 to 1, that is left to chance.
    """

    initial: float = 1.0
    factor: float = 2.0
    cap: float = 300.0
    jitter: float = 0.1


class WrittenOptions(TypedDict, total=False):
    """The options as `@task` takes them. None says "none", where the defaults say otherwise."""

    timeout: Duration | None
    retries: int
    backoff: Duration | Backoff | Mapping[str, Any]
    retry_on: ExceptionName | Iterable[ExceptionName]
    concurrency: Literal["join", "queue", "parallel", "skip"] | Concurrency
    limit: int | None
    key: str | KeyFunction | None
    isolation: Literal["none", "process"] | Isolation
    memory: int | str | None
    timezone: str | None
    catch_up: Literal["latest", "skip", "all"] | CatchUp | None
    catch_up_window: Duration
    catch_up_limit: int
    jitter: Duration
    run_on_startup: bool
    on_interrupt: Literal["keep", "rerun"] | OnInterrupt
    keep_runs: int | None
    keep_days: float | None
    max_size: int | str | None


OPTION_NAMES: frozenset[str] = frozenset(WrittenOptions.__annotations__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one task as they count. Times are seconds, `memory` and `max_size` are bytes.

    `timeout` is for one attempt; None: no limit. `retries` is how many attempts may follow the
    first. `retry_on` holds names of exception classes, bare or with their module; empty: whatever
    failed is tried again. `limit` is how many runs of a key go on at once with `parallel`; None:
    any number. `key` is a field of the payload or a function of it; None: the task's name alone.
    `catch_up` None: the latest in an engine that lives, none over a restart. `timezone` None: the
    project's. `sources` says where each option that is no default was written.
    """

    timeout: float | None = None
    retries: int = 0
    backoff: Backoff = Backoff()
    retry_on: tuple[str, ...] = ()
    concurrency: Concurrency = Concurrency.JOIN
    limit: int | None = None
    key: str | KeyFunction | None = None
    isolation: Isolation = Isolation.NONE
    memory: int | None = None
    timezone: str | None = None
    catch_up: CatchUp | None = None
    catch_up_window: float = 86_400.0
    catch_up_limit: int = 100
    jitter: float = 0.0
    run_on_startup: bool = False
    on_interrupt: OnInterrupt = OnInterrupt.KEEP
    keep_runs: int | None = None
    keep_days: float | None = None
    max_size: int | None = None
    sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
