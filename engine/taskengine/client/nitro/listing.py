"""What a Nitro server says of its tasks, as `/_nitro/tasks` gives it in Nitro 2.13 and 3.0.

Nothing of it is trusted: what makes no sense is named as a fault, and the rest goes on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from taskengine.client.site import Answer

TASKS = "/_nitro/tasks"
MAX_TASKS = 20_000
MAX_NAME = 300
MAX_DESCRIPTION = 1_000


class NotNitro(ValueError):
    """An answer that no Nitro server gives; the message says what it is instead."""


@dataclass(frozen=True, slots=True)
class ListedSchedule:
    """An expression and the names of the tasks that it fires."""

    cron: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The tasks by name with their descriptions, the schedules, and what could not be read."""

    tasks: Mapping[str, str]
    schedules: tuple[ListedSchedule, ...] = ()
    faults: tuple[str, ...] = ()


def read_listing(answer: Answer) -> Listing:
    """The listing in an answer. Raises NotNitro."""
    given = _listed(answer)
    faults: list[str] = []
    tasks = dict(_tasks(given["tasks"], faults))
    # Nitro says `false` where there are none.
    schedules = tuple(_schedules(given.get("scheduledTasks") or [], faults))
    return Listing(tasks=tasks, schedules=schedules, faults=tuple(faults))


def _listed(answer: Answer) -> dict[str, Any]:
    if 300 <= answer.status < 400:
        where = f" to {answer.location}" if answer.location else ""
        raise NotNitro(f"it sends its callers elsewhere{where}")
    if answer.is_page:
        raise NotNitro("it answers with a web page")
    if answer.status != 200:
        raise NotNitro(f"it answers with status {answer.status}")
    try:
        given = answer.json()
    except ValueError:
        raise NotNitro("its answer is not JSON") from None
    if not (isinstance(given, dict) and isinstance(given.get("tasks"), dict)):
        raise NotNitro("its answer has no tasks in it")
    return given


def _tasks(given: dict[str, Any], faults: list[str]) -> Iterator[tuple[str, str]]:
    for name, about in list(given.items())[:MAX_TASKS]:
        if 0 < len(name) <= MAX_NAME and _is_text(name):
            yield name, _description(about)
        else:
            faults.append(f"The server lists a task that can't be called: {_short(name)}")
    if len(given) > MAX_TASKS:
        faults.append(f"The server lists {len(given)} tasks; the first {MAX_TASKS} are shown")


def _description(about: object) -> str:
    """Nitro's own, or, as some builds have it, the one of its `meta`."""
    if not isinstance(about, dict):
        return ""
    meta = about.get("meta")
    inner = meta.get("description") if isinstance(meta, dict) else None
    texts = (one for one in (about.get("description"), inner) if one and isinstance(one, str))
    return next(texts, "")[:MAX_DESCRIPTION].encode("utf-8", "backslashreplace").decode()


def _schedules(given: object, faults: list[str]) -> Iterator[ListedSchedule]:
    if not isinstance(given, list):
        faults.append(f"The server's schedules are no list: {_short(given)}")
        return
    for one in given[:MAX_TASKS]:
        cron = one.get("cron") if isinstance(one, dict) else None
        tasks = one.get("tasks") if isinstance(one, dict) else None
        names = [tasks] if isinstance(tasks, str) else tasks
        if isinstance(cron, str) and _is_text(cron) and isinstance(names, list):
            yield ListedSchedule(cron, tuple(name for name in names if isinstance(name, str)))
        else:
            faults.append(f"The server lists a schedule without an expression: {_short(one)}")


def _is_text(text: str) -> bool:
    """Whether it can be sent and shown: JSON can name half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _short(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
