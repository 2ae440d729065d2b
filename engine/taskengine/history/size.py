"""About how much room a run takes, so that a history can be bounded."""

from collections.abc import Mapping

from taskengine.run import JsonValue, Run

_PLAIN = 8


def chars_of(run: Run) -> int:
    """Characters of the payload, the result and the error of a run, about as many as in JSON."""
    error = run.error
    said = len(error.type) + len(error.message) + len(error.traceback) if error else 0
    return said + _json_chars(run.payload) + _json_chars(run.result)


def _json_chars(value: JsonValue) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(key) + _json_chars(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_json_chars, value))
    return _PLAIN
