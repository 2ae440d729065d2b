"""What was typed as each task's payload, and the way back through its earlier payloads."""

import json
from collections.abc import Iterable, Sequence

from taskengine.run import Payload, Run, Trigger

EMPTY = "{}"
_ADDED_BY_SCHEDULE = "scheduledTime"


class Drafts:
    """One text per task, kept as long as the console lives."""

    def __init__(self) -> None:
        self._starts: dict[str, str] = {}
        self._typed: dict[str, str] = {}
        self._places: dict[str, int] = {}
        self._shown: dict[str, str] = {}

    def text(self, task: str) -> str:
        """What stands in the task's editor."""
        return self._shown.get(task, self._start(task))

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
        if self._places.get(task, 0) == 0:
            self._typed[task] = text
        self._shown[task] = text

    def recall(self, task: str, step: int, past: Sequence[Payload]) -> str:
        """Go `step` payloads back (or forth, if negative) and give what stands there.

        `past` are the task's earlier payloads, the latest first. Before the latest stands what
        the user typed.
        """
        place = max(0, min(self._places.get(task, 0) + step, len(past)))
        self._places[task] = place
        self._shown[task] = (
            as_text(past[place - 1]) if place else self._typed.get(task, self._start(task))
        )
        return self._shown[task]


def past_payloads(runs: Iterable[Run]) -> list[Payload]:
    """The payloads of some runs, each once, in their order; empty ones are not worth recalling."""
    payloads: list[Payload] = []
    for run in runs:
        payload = _as_given(run)
        if payload and payload not in payloads:
            payloads.append(payload)
    return payloads


def as_text(payload: Payload) -> str:
    """A payload as people would write it."""
    return json.dumps(payload, indent=2, ensure_ascii=False)


def _as_given(run: Run) -> Payload:
    if run.trigger is not Trigger.SCHEDULE:
        return run.payload
    return {key: value for key, value in run.payload.items() if key != _ADDED_BY_SCHEDULE}
