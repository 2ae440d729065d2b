"""The options of a `task(...)` call as far as they are literal: read, never evaluated."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from taskengine.task import Schedule

_SHOWN = frozenset({"name", "description", "timezone", "jitter"})
_NO_LITERAL = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)


def dotted_name(expression: ast.expr) -> str:
    """`a.b.c` as text; empty for anything else."""
    if isinstance(expression, ast.Attribute):
        before = dotted_name(expression.value)
        return f"{before}.{expression.attr}" if before else ""
    return expression.id if isinstance(expression, ast.Name) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSyntax:
    """An option as it is written. `value` is what stands there, if that `is_literal`."""

    line: int
    value: object = None
    is_literal: bool = False


def call_keywords(call: ast.expr) -> dict[str, ast.keyword]:
    """The keywords of `task(...)`, also of the inner call of `task(...)(function)`."""
    found: dict[str, ast.keyword] = {}
    while isinstance(call, ast.Call):
        found |= {keyword.arg: keyword for keyword in call.keywords if keyword.arg}
        call = call.func
    return found


def literal_option(keyword: ast.keyword) -> OptionSyntax:
    """An option of the call, its value read if it is a literal."""
    try:
        value: object = ast.literal_eval(keyword.value)
    except _NO_LITERAL:
        return OptionSyntax(line=keyword.lineno)
    return OptionSyntax(line=keyword.lineno, value=value, is_literal=True)


def is_shown_whole(call: ast.expr) -> bool:
    """Whether what lists show of a task is all literal: its name, description and schedules."""
    keywords: list[ast.keyword] = []
    while isinstance(call, ast.Call):
        keywords += call.keywords
        call = call.func
    return all(map(_is_shown_whole, keywords))


def _is_shown_whole(keyword: ast.keyword) -> bool:
    if keyword.arg == "schedule":
        return len(list(literal_schedules(keyword.value))) == len(_items(keyword.value))
    if keyword.arg in _SHOWN:
        return literal_option(keyword).is_literal
    return keyword.arg is not None  # else it is a `**` that may hold anything


def literal_text(expression: ast.expr | None) -> str:
    """The text of a string literal; empty for anything else."""
    value = _literal(expression)
    return value if isinstance(value, str) else ""


def literal_schedules(option: ast.expr | None) -> Iterator[tuple[Schedule, int]]:
    """The schedules of a `schedule=` option, each with its line, without those not literal."""
    for item in _items(option):
        schedule = _call_schedule(item) if isinstance(item, ast.Call) else _text_schedule(item)
        if schedule is not None:
            yield schedule, item.lineno


def _items(option: ast.expr | None) -> list[ast.expr]:
    """The members of a list, or the one thing there is, if it is not None."""
    if isinstance(option, ast.List | ast.Tuple):
        return option.elts
    is_none = isinstance(option, ast.Constant) and option.value is None
    return [] if option is None or is_none else [option]


def _literal(expression: ast.expr | None) -> object:
    """The value of a literal, None for everything else."""
    if expression is None:
        return None
    try:
        value: object = ast.literal_eval(expression)
    except _NO_LITERAL:
        return None
    return value


def _text_schedule(item: ast.expr) -> Schedule | None:
    cron = literal_text(item)
    return Schedule(cron) if cron else None


def _call_schedule(call: ast.Call) -> Schedule | None:
    """`Schedule("...", timezone=..., payload=...)`, if every argument is a literal."""
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    if call.args:
        options["cron"] = call.args[0]
    values = {name: _literal(value) for name, value in options.items()}
    cron, timezone = values.get("cron"), values.get("timezone")
    payload = values.get("payload", {})
    is_schedule = dotted_name(call.func).rpartition(".")[2] == Schedule.__name__
    if not is_schedule or not isinstance(cron, str) or not isinstance(payload, dict):
        return None
    return Schedule(cron, timezone=timezone, payload=payload) if _is_zone(timezone) else None


def _is_zone(value: object) -> TypeGuard[str | None]:
    return isinstance(value, str | None)
