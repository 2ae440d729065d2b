"""Exceptions on their way between processes: told as text, the engine's own put together again."""

from typing import Any

import taskengine.errors
from taskengine.errors import FieldFault, InvalidPayload, TaskError, TaskFailed
from taskengine.executors.ending import describe_error, names_of
from taskengine.executors.process.messages import SentError, encodable

_OWN = {
    name: kind
    for name, kind in vars(taskengine.errors).items()
    if isinstance(kind, type) and issubclass(kind, TaskError)
}
_PLAIN = (str, int, float, type(None))


def sent_error(error: BaseException) -> SentError:
    """An exception as it is sent. Runs users' code (`__str__`), and raises nothing."""
    told = describe_error(error)
    return SentError(
        type=encodable(told.type),
        message=encodable(told.message),
        traceback=encodable(told.traceback),
        names=tuple(map(encodable, names_of(type(error)))),
        attributes=_attributes(error) if type(error) in _OWN.values() else {},
    )


def received_error(sent: SentError) -> TaskError:
    """The engine's own exception as it was; any other as a TaskFailed that names it."""
    own = _OWN.get(sent.type)
    if own is None or f"{own.__module__}.{own.__qualname__}" not in sent.names:
        return TaskFailed(f"{sent.type}: {sent.message}" if sent.message else sent.type)
    error = own.__new__(own, sent.message)
    error.args = (sent.message,)
    vars(error).update({name: _revived(value) for name, value in sent.attributes.items()})
    if isinstance(error, InvalidPayload):
        error.faults = tuple(FieldFault(*fault) for fault in error.faults)  # type: ignore[misc]
    return error


def _attributes(error: BaseException) -> dict[str, Any]:
    found = {name: value for name, value in vars(error).items() if _is_plain(value)}
    if isinstance(error, InvalidPayload):
        found["faults"] = [(fault.path, fault.message) for fault in error.faults]
    return found


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(one, _PLAIN) for one in value)
    return isinstance(value, _PLAIN)


def _revived(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
