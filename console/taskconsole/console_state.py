"""How the console was left, as a value, and the text that it is kept as."""

import contextlib
import json
from dataclasses import asdict, dataclass, fields

import msgspec

from taskconsole.widgets.task_list.entry import SortOrder

NAME = "main"
"""What it is kept by, among what the console keeps of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleState:
    """What comes back at the next start. `chosen` is the name of a task or group, `tab` the label
    of a tab about it; an empty `theme` or `tab` is whichever the console begins with.
    """

    theme: str = ""
    chosen: str = ""
    order: SortOrder = SortOrder.NAME
    folded: tuple[str, ...] = ()
    query: str = ""
    tab: str = ""
    zoomed: bool = False

    def as_text(self) -> str:
        """What `read` reads."""
        return json.dumps(asdict(self))


def read(text: str | None) -> ConsoleState:
    """What a text says of how the console was left, as far as it can be understood."""
    values = _members(text or "")
    fitting = {}
    for field in fields(ConsoleState):
        with contextlib.suppress(KeyError, msgspec.ValidationError):
            msgspec.convert({field.name: values[field.name]}, ConsoleState)
            fitting[field.name] = values[field.name]
    return msgspec.convert(fitting, ConsoleState)


def _members(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
