"""Options as they were written become options that count, or problems."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from taskengine.options import OPTION_NAMES
from taskengine.problem import Problem, ProblemKind
from taskengine.project.option_error import OptionError
from taskengine.project.option_values import read_option
from taskengine.project.tables import Report
from taskengine.project.toml_places import KeyPath
from taskengine.wording import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOption:
    """An option with the value that counts, and where it was written."""

    value: Any
    path: Path | None = None
    line: int | None = None


OptionLayer: TypeAlias = Mapping[str, CheckedOption]
"""The options, by name, that one place sets: a decorator, or a table of the config."""


@dataclass(frozen=True, slots=True)
class CheckedOptions:
    """Those options of a decorator that are right, and what is wrong with the others."""

    layer: OptionLayer = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_options(
    written: Mapping[str, object], at: KeyPath, report: Report
) -> Iterator[tuple[str, Any]]:
    """The options that are right, with the values that count. The others go to `report`."""
    for name, value in written.items():
        try:
            yield name, read_option(name, value)
        except OptionError as error:
            inside = (error.inside,) if error.inside else ()
            report((*at, name, *inside), f"`{name}` {error}", error.hint)


def check_code_options(
    task: str,
    written: Mapping[str, object],
    path: Path | None,
    lines: Mapping[str, int],
    line: int | None,
) -> CheckedOptions:
    """Check what a decorator says. Options without a line in `lines` stand on `line`."""
    problems: list[Problem] = []

    def report(at: KeyPath, message: str, hint: str) -> None:
        place = lines.get(str(at[0]), line)
        problems.append(option_problem(task, message, path, place, hint))

    for name in written:
        if name not in OPTION_NAMES:
            report(
                (name,), f"there is no option `{name}`", did_you_mean(name, sorted(OPTION_NAMES))
            )
    known = {name: value for name, value in written.items() if name in OPTION_NAMES}
    layer = {
        name: CheckedOption(value=value, path=path, line=lines.get(name, line))
        for name, value in read_options(known, (), report)
    }
    return CheckedOptions(layer, tuple(problems))


def option_problem(
    task: str | None, message: str, path: Path | None, line: int | None, hint: str = ""
) -> Problem:
    """The problem of an option that is wrong, or makes no sense."""
    return Problem(
        kind=ProblemKind.OPTION, message=message, path=path, line=line, task=task, hint=hint
    )
