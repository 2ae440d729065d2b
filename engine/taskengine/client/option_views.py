"""The options of a task in words, for people."""

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from taskengine.client.views import OptionView
from taskengine.options import Backoff, Options, WrittenOptions
from taskengine.project.durations import duration_in_words
from taskengine.project.sizes import size_in_words

DEFAULT = "default"

_NOTHING: Mapping[str, str] = {
    "timeout": "no limit",
    "limit": "no limit",
    "key": "the task's name",
    "memory": "no limit",
    "timezone": "the project's",
    "catch_up": "the latest, but none over a restart",
    "keep_runs": "as many as there is room for",
    "keep_days": "as long as there is room",
    "max_size": "as much as there is room for",
}


def option_views(options: Options) -> tuple[OptionView, ...]:
    """All options: first those that somebody wrote, then the defaults, as `Options` has them."""
    written = [_view(name, options) for name in _DEFAULTS if name in options.sources]
    defaults = (view for name, view in _DEFAULTS.items() if name not in options.sources)
    return (*written, *defaults)


def _view(name: str, options: Options) -> OptionView:
    value = _in_words(name, getattr(options, name))
    return OptionView(name=name, value=value, source=options.sources.get(name, DEFAULT))


def _in_words(name: str, value: Any) -> str:
    if value is None:
        return _NOTHING[name]
    return _WORDS.get(name, str)(value)


def _backoff(backoff: Backoff) -> str:
    first, cap = duration_in_words(backoff.initial), duration_in_words(backoff.cap)
    jitter = f", up to {backoff.jitter:.0%} less" if backoff.jitter else ""
    if backoff.factor == 1:
        return f"{first}{jitter}"
    return f"{first}, then x {backoff.factor:g} each time up to {cap}{jitter}"


def _retry_on(names: tuple[str, ...]) -> str:
    return ", ".join(name.removeprefix("builtins.") for name in names) or "every exception"


def _key(key: object) -> str:
    """The field, or the function's name where asking for it can't run any of the user's code.

    `isinstance` would: it asks an object for its class.
    """
    if type(key) is str:
        return f"payload.{key}"
    return f"{key.__qualname__}(payload)" if type(key) is FunctionType else "a function"


def _yes_or_no(value: object) -> str:
    return "yes" if value else "no"


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "timeout": duration_in_words,
    "backoff": _backoff,
    "retry_on": _retry_on,
    "key": _key,
    "memory": size_in_words,
    "catch_up_window": duration_in_words,
    "jitter": duration_in_words,
    "run_on_startup": _yes_or_no,
    "keep_days": lambda days: duration_in_words(days * 86_400),
    "max_size": size_in_words,
}

_DEFAULTS = {name: _view(name, Options()) for name in WrittenOptions.__annotations__}
