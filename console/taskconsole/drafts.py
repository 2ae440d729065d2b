"""What was typed as each task's payload, and the way back through its earlier payloads."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from taskengine.run import Payload

EMPTY = "{}"
_NONE: Mapping[str, str] = MappingProxyType({})


class Drafts:
    """One text per task; `kept` are those that were typed before, by task."""

    def __init__(self, kept: Mapping[str, str] = _NONE) -> None:
        self._starts: dict[str, str] = {}
        self._typed = dict(kept)
        self._inserted: dict[str, str] = {}
        self._places: dict[str, int] = {}
        self._shown = dict(kept)

    def text(self, task: str) -> str:
        """What stands in the task's editor."""
        return self._shown.get(task, self._start(task))

    def typed(self, task: str) -> str | None:
        """What was typed in the task's editor, whatever stands there now; None if nothing was."""
        text = self._typed.get(task)
        return None if text == self._start(task) else text

    def start_with(self, task: str, text: str) -> None:
        """Let a task's editor begin with a text, unless something was typed in it already."""
        if self.text(task) == self._start(task):
            self._shown.pop(task, None)
            self._typed.pop(task, None)
        self._starts[task] = text

    def _start(self, task: str) -> str:
        return self._starts.get(task, EMPTY)

    def keep(self, task: str, text: str) -> None:
        """Remember what stands in the task's editor; what was typed is no recalled payload."""
        if text != self.text(task):
            self._places[task] = 0
        if self.place(task) == 0:
            self._typed[task] = text
        self._shown[task] = text

    def insert(self, task: str, text: str) -> None:
        """Let a text stand in the task's editor, one step back from what was typed."""
        self._inserted[task] = text
        self._places[task] = 1
        self._shown[task] = text

    def place(self, task: str) -> int:
        """How many steps back from what was typed the user is."""
        return self._places.get(task, 0)

    def steps(self, task: str, past: Sequence[Payload]) -> int:
        """How many steps back there are."""
        return len(past) + (task in self._inserted)

    def recall(self, task: str, step: int, past: Sequence[Payload]) -> str:
        """Go `step` payloads back (or forth, if negative) and give what stands there.

        `past` are the task's earlier payloads, the latest first. Before the latest stands what
        was inserted, and before that what the user typed.
        """
        inserted = [self._inserted[task]] if task in self._inserted else []
        place = max(0, min(self.place(task) + step, self.steps(task, past)))
        self._places[task] = place
        if place == 0:
            self._shown[task] = self._typed.get(task, self._start(task))
        elif place <= len(inserted):
            self._shown[task] = inserted[place - 1]
        else:
            self._shown[task] = as_text(past[place - 1 - len(inserted)])
        return self._shown[task]


def as_text(payload: Payload) -> str:
    """A payload as people would write it."""
    return json.dumps(payload, indent=2, ensure_ascii=False)
