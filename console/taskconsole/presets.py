"""Payloads that go by a name: what they are kept as, and what to call a new one."""

import json
from collections.abc import Collection, Mapping

from taskconsole.widgets.task_list.natural import natural
from taskengine.run import JsonValue, Payload

LONGEST_NAME = 40
_FIELDS_IN_NAME = 2
_UNNAMED = "preset"


def preset_name(task: str, name: str) -> str:
    """What a task's preset is kept by."""
    return json.dumps([task, name])


def presets_of(task: str, kept: Mapping[str, str]) -> dict[str, str]:
    """A task's presets among all that are kept: their texts by their names, in order."""
    read = ((_read(key), text) for key, text in kept.items())
    named = {name[1]: text for name, text in read if name and name[0] == task}
    return dict(sorted(named.items(), key=lambda item: natural(item[0])))


def all_presets(kept: Mapping[str, str]) -> list[tuple[str, str]]:
    """Task and name of every preset that is kept, in order."""
    return sorted(name for name in map(_read, kept) if name)


def _read(key: str) -> tuple[str, str] | None:
    try:
        parts = json.loads(key)
    except (ValueError, RecursionError):
        return None
    match parts:
        case [str(task), str(name)]:
            return task, name
        case _:
            return None


def suggestion(payload: Payload, taken: Collection[str]) -> str:
    """A name for a payload, from what its first fields say; none of those that are taken."""
    words = [word for key, value in payload.items() if (word := _word(key, value))]
    shown = "".join(filter(str.isprintable, " ".join(words[:_FIELDS_IN_NAME])))
    name = shown[:LONGEST_NAME].strip() or _UNNAMED
    if name not in taken:
        return name
    start, number = name[: LONGEST_NAME - 5].rstrip(), 2
    while f"{start} {number}" in taken:
        number += 1
    return f"{start} {number}"


def _word(key: str, value: JsonValue) -> str:
    """`head` of a text, `dryRun` of what is on, `limit 10` of a number; nothing of the rest."""
    match value:
        case bool():
            return key if value else ""
        case str():
            return " ".join(value.split())
        case int() | float():
            return f"{key} {value}"
        case _:
            return ""
