"""The options of a task as they count: the nearest place wins, and each knows its place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from taskengine.options import Concurrency, Isolation, Options
from taskengine.problem import Problem
from taskengine.project.places import place_in
from taskengine.project.written_options import OptionLayer, option_problem

_DEFAULTS = Options()


@dataclass(frozen=True, slots=True)
class EffectiveOptions:
    """What counts, and what is wrong with it: options that mean nothing beside the others."""

    options: Options = field(default_factory=Options)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Need:
    """An option means something only if another, `governor`, is as it needs it."""

    option: str
    governor: str
    is_met: Callable[[object], bool]
    words: str


_NEEDS = (
    _Need(
        "limit",
        "concurrency",
        lambda value: value is Concurrency.PARALLEL,
        '`concurrency` is "parallel"',
    ),
    _Need(
        "memory",
        "isolation",
        lambda value: value is Isolation.PROCESS,
        '`isolation` is "process"',
    ),
    _Need("backoff", "retries", bool, "`retries` is more than 0"),
    _Need("retry_on", "retries", bool, "`retries` is more than 0"),
)


def effective_options(
    task: str, own: Sequence[OptionLayer], defaults: OptionLayer, root: Path
) -> EffectiveOptions:
    """The options that `own` layers, the nearest first, set for the task, over the `defaults`."""
    layers = [*own, defaults]
    chosen = {name: one for layer in reversed(layers) for name, one in layer.items()}
    if not chosen:
        return EffectiveOptions()
    unmet = [need for need in _NEEDS if need.option in chosen and not _is_met(need, chosen)]
    problems = [_problem(task, need, chosen) for need in unmet if _is_fault(need, own)]
    for need in unmet:
        chosen.pop(need.option, None)
    return EffectiveOptions(_options(chosen, root), tuple(problems))


def _is_met(need: _Need, chosen: OptionLayer) -> bool:
    governor = chosen.get(need.governor)
    value = governor.value if governor else getattr(_DEFAULTS, need.governor)
    return need.is_met(value) or not chosen[need.option].value


def _is_fault(need: _Need, own: Sequence[OptionLayer]) -> bool:
    """Whether the option never made sense. It did as a default, for those tasks that it fits, and
    in a place that a nearer one has overruled.
    """
    nearest = next((one for one in own if need.option in one or need.governor in one), {})
    return need.option in nearest


def _problem(task: str, need: _Need, chosen: OptionLayer) -> Problem:
    option = chosen[need.option]
    message = f"`{need.option}` counts only where {need.words}"
    return option_problem(task, message, option.path, option.line, "change that, or leave it out")


def _options(chosen: OptionLayer, root: Path) -> Options:
    values = {name: one.value for name, one in chosen.items()}
    sources = {name: place_in(root, one.path, one.line) for name, one in chosen.items()}
    return Options(**values, sources=MappingProxyType(sources))
