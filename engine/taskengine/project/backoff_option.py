"""The option `backoff`: a first wait, a `Backoff`, or a table of its parts."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from taskengine.options import Backoff
from taskengine.project.option_error import OptionError, must_be
from taskengine.project.option_readers import Reader, read_duration, read_number, within
from taskengine.wording import did_you_mean

_DEFAULT = Backoff()


def read_backoff(value: object) -> Backoff:
    """The backoff that a value stands for. A cap that nobody wrote is never below the first wait.

    Raises OptionError.
    """
    if isinstance(value, bool) or value is None:
        raise must_be("a duration, or a table with `initial`, `factor`, `cap` and `jitter`", value)
    if isinstance(value, Backoff):
        return _checked(_written_parts(value))
    return _checked(value if isinstance(value, Mapping) else {"initial": value})


def _written_parts(backoff: Backoff) -> dict[str, object]:
    """The parts that somebody wrote; one written as it would be anyhow is the same."""
    parts = {one.name: getattr(backoff, one.name) for one in fields(Backoff)}
    return {name: part for name, part in parts.items() if part != getattr(_DEFAULT, name)}


def _checked(written: Mapping[Any, object]) -> Backoff:
    known = {str(key): _read_part(str(key), value) for key, value in written.items()}
    initial = known.get("initial", _DEFAULT.initial)
    cap = known.setdefault("cap", max(initial, _DEFAULT.cap))
    if cap < initial:
        raise OptionError("has a `cap` that is less than its `initial`", inside="cap")
    return Backoff(**known)


def _read_part(key: str, value: object) -> float:
    if key not in _PARTS:
        hint = did_you_mean(key[:40], tuple(_PARTS))
        raise OptionError(f"has no key `{key[:40]}`", hint, inside=key)
    try:
        return float(_PARTS[key](value))
    except OptionError as error:
        raise OptionError(f"is wrong: `{key}` {error}", error.hint, inside=key) from None


_PARTS: Mapping[str, Reader] = {
    "initial": read_duration,
    "factor": lambda value: within(read_number(value), 1, 1000),
    "cap": read_duration,
    "jitter": lambda value: within(read_number(value), 0, 1),
}
