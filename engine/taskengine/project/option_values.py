"""The options of a task: what may be written for each, and what then counts."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from taskengine.options import CatchUp, Concurrency, Isolation, OnInterrupt
from taskengine.project.backoff_option import read_backoff
from taskengine.project.option_error import OptionError, must_be
from taskengine.project.option_readers import (
    CENTURY,
    Reader,
    above_zero,
    one_of,
    or_none,
    read_duration,
    read_flag,
    read_number,
    sized,
    whole,
    within,
)
from taskengine.schedule.cron import Cron, CronError
from taskengine.task import is_async

# What compares without running any code of its author's; a partial of something else does so too.
_FUNCTIONS = (FunctionType, MethodType, BuiltinFunctionType)
_SMALLEST_MEMORY = 16_000_000
_SMALLEST_HISTORY = 10_000


def read_option(name: str, value: object) -> Any:
    """The value of the option `name` as it counts.

    Raises OptionError for one that is wrong, whatever the value does when it is looked at.
    """
    try:
        return READERS[name](value)
    except OptionError:
        raise
    except BaseException as error:  # the value is the user's and may raise anything
        raise OptionError(f"can't be read: {type(error).__name__}") from error


def read_timezone(value: object) -> str:
    """The name of a zone that there is. Raises OptionError."""
    if not isinstance(value, str):
        raise must_be('the name of a time zone, such as "Europe/London"', value)
    try:
        return Cron("@daily", str.__str__(value)).timezone
    except CronError as error:
        raise OptionError(f"is wrong: {error}", error.hint) from None


def _read_days(value: object) -> float:
    return within(read_number(value, "a number of days"), 0, CENTURY / 86_400, "a century")


def _read_key(value: object) -> object:
    is_function = isinstance(value, _FUNCTIONS)
    if isinstance(value, str) and value:
        return str.__str__(value)
    if isinstance(value, str) or not callable(value):
        raise must_be("the name of a field of the payload, or a function of it", value)
    if is_async(value):
        raise OptionError("must be a plain function, not an async one")
    return value if is_function else partial(value)


def _read_exceptions(value: object) -> tuple[str, ...]:
    if isinstance(value, Iterator):  # which gives what it has only once
        raise must_be("a list of exceptions", value)
    if isinstance(value, Iterable) and not isinstance(value, str | type):
        return tuple(dict.fromkeys(_exception_name(one) for one in value))
    return (_exception_name(value),)


def _exception_name(value: object) -> str:
    if isinstance(value, type) and issubclass(value, BaseException):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, str) and all(part.isidentifier() for part in value.split(".")):
        return str.__str__(value)
    raise must_be("exception classes, or their names", value)


READERS: Mapping[str, Reader] = {
    "timeout": or_none(above_zero(read_duration)),
    "retries": whole(0, 1000),
    "backoff": read_backoff,
    "retry_on": _read_exceptions,
    "concurrency": one_of(Concurrency),
    "limit": or_none(whole(1, 1_000_000)),
    "key": or_none(_read_key),
    "isolation": one_of(Isolation),
    "memory": or_none(sized(_SMALLEST_MEMORY, "the 16 MB that Python itself takes")),
    "timezone": or_none(read_timezone),
    "catch_up": or_none(one_of(CatchUp)),
    "catch_up_window": read_duration,
    "catch_up_limit": whole(1, 10_000),
    "jitter": read_duration,
    "run_on_startup": read_flag,
    "on_interrupt": one_of(OnInterrupt),
    "keep_runs": or_none(whole(1, 1_000_000_000)),
    "keep_days": or_none(above_zero(_read_days)),
    "max_size": or_none(sized(_SMALLEST_HISTORY, "the 10 kB that a few runs take")),
}
