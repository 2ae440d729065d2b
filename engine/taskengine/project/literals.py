"""The options of a `task(...)` call as far as they are literal: read, never evaluated."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from taskengine.task import Schedule

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


def literal_text(expression: ast.expr | None) -> str:
    """The text of a string literal; empty for anything else."""
    value = _literal(expression)
    return value if isinstance(value, str) else ""


def literal_schedules(option: ast.expr | None) -> Iterator[tuple[Schedule, int]]:
    """The schedules of a `schedule=` option, each with its line, without those not literal."""
    items = option.elts if isinstance(option, ast.List | ast.Tuple) else [option]
    for item in items:
        schedule = _call_schedule(item) if isinstance(item, ast.Call) else _text_schedule(item)
        if item is not None and schedule is not None:
            yield schedule, item.lineno


def _literal(expression: ast.expr | None) -> object:
    """The value of a literal, None for everything else."""
    if expression is None:
        return None
    try:
        value: object = ast.literal_eval(expression)
    except _NO_LITERAL:
        return None
    return value


def _text_schedule(item: ast.expr | None) -> Schedule | None:
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
