"""What a task's function says of its payload: the `Cleanup` of `event: TaskEvent[Cleanup]`."""

import functools
import inspect
from collections.abc import Callable, Mapping, MutableMapping
from types import FunctionType, MethodType, SimpleNamespace, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from taskengine.payload.unsupported import UnsupportedPayload
from taskengine.run import JsonValue, Payload
from taskengine.task import TaskEvent

_MAPPINGS = (dict, Mapping, MutableMapping)
_MOST_WRAPPERS = 100
# Names that an author may have imported for type checkers only.
_KNOWN_NAMES = {"TaskEvent": TaskEvent, "Payload": Payload, "Any": Any}


def payload_annotation(function: Callable[..., object]) -> Any:
    """The type in the annotation of the function's event; None if the payload is a plain dict.

    Evaluates annotations that are text, so it runs users' code. Raises UnsupportedPayload for a
    name that is not there, and what the code raises.
    """
    written = _event_annotation(function)
    is_event = get_origin(_bare(written)) is TaskEvent
    if written is None or (is_event and _payload_in(written) is None):
        return None
    return _payload_in(_evaluated(written, function))


def _event_annotation(function: Callable[..., object]) -> Any:
    """What stands at the first parameter that a call by position fills."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):  # a builtin that doesn't tell
        return None
    positional = (one for one in parameters if one.kind is not one.KEYWORD_ONLY)
    event = next(positional, None)
    return None if event is None or event.annotation is event.empty else event.annotation


def _evaluated(annotation: Any, function: Callable[..., object]) -> Any:
    """The annotation without any text in it, by the names that the function knows."""
    holder = SimpleNamespace(__annotations__={"event": annotation})
    try:
        hints = get_type_hints(holder, *_names_of(function), include_extras=True)
    except NameError as error:
        name = error.name or str(error)
        raise UnsupportedPayload(
            f"the type of the payload can't be found out: there is no `{name}`",
            hint="define it in the module, or import it outside of `if TYPE_CHECKING:`",
        ) from error
    return hints["event"]


def _names_of(function: Callable[..., object]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The names that an annotation of the function may use, global and local."""
    written = _written_function(function)
    if written is None:
        return dict(_KNOWN_NAMES), {}
    parameters = {one.__name__: one for one in getattr(written, "__type_params__", ())}
    cells = inspect.getclosurevars(written).nonlocals
    return {**_KNOWN_NAMES, **written.__globals__}, {**cells, **parameters}


def _written_function(function: Any) -> FunctionType | None:
    """The function below partials, methods, wrappers and callable objects."""
    for _ in range(_MOST_WRAPPERS):
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, MethodType):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif isinstance(function, FunctionType):
            return function
        else:
            function = getattr(type(function), "__call__", None)  # noqa: B004 - to be looked into
    return None


def _payload_in(annotation: Any) -> Any:
    """The X of `TaskEvent[X]`, also within `Annotated`, a union or a named alias."""
    plain = _bare(annotation)
    if get_origin(plain) in (Union, UnionType):
        return next(filter(None, map(_payload_in, get_args(plain))), None)
    if get_origin(plain) is not TaskEvent:
        return None
    payload = _bare(get_args(plain)[0])
    return None if _is_plain_dict(payload) else payload


def _bare(annotation: Any) -> Any:
    """Without `Annotated`, and what a `type` statement stands for."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation


def _is_plain_dict(payload: Any) -> bool:
    if payload in (Any, object) or isinstance(payload, TypeVar):
        return True
    if (get_origin(payload) or payload) not in _MAPPINGS:
        return False
    _, value = get_args(payload) or (str, Any)
    return value in (Any, object, JsonValue)
