"""What the user filters the runs by: each part is asked for in a sheet of its own, or typed."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

from textual.screen import Screen
from textual.timer import Timer

from taskconsole import marks
from taskconsole.widgets.run_filter import Part, RunFilter
from taskengine.client.handle import Handle
from taskengine.run import RunState, Trigger

_PAUSE = 0.15  # in typing, before it is looked for


class RunFilters:
    """Holds the filter and asks for changes of it; `changed` is called after each."""

    def __init__(
        self,
        screen: Screen[None],
        handle: Handle,
        wanted: RunFilter,
        changed: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._handle = handle
        self._changed = changed
        self._typing: Timer | None = None
        self.now_set = wanted

    def set(self, new: RunFilter) -> None:
        """List other runs."""
        if new != self.now_set:
            self.now_set = new
            self._changed()

    @property
    def is_set(self) -> bool:
        """Whether some runs are left out."""
        return self.now_set != RunFilter()

    def clear(self) -> None:
        """List all runs again."""
        self._stop_typing()
        self.set(RunFilter())

    def toggle_task(self, task: str) -> None:
        """List the runs of one task only, or of all again."""
        self.set(replace(self.now_set, task=None if self.now_set.task == task else task))

    def type_text(self, text: str) -> None:
        """Look for words after a pause in typing."""
        self._stop_typing()
        self._typing = self._screen.set_timer(_PAUSE, partial(self._set_text, text))

    def _set_text(self, text: str) -> None:
        self.set(replace(self.now_set, text=text))

    def _stop_typing(self) -> None:
        if self._typing:
            self._typing.stop()

    def take_away(self, part: Part) -> None:
        """Filter by that no more."""
        nothing = RunFilter()
        match part:
            case Part.TASK:
                self.set(replace(self.now_set, task=nothing.task))
            case Part.STATE:
                self.set(replace(self.now_set, states=nothing.states))
            case Part.TRIGGER:
                self.set(replace(self.now_set, triggers=nothing.triggers))
            case Part.TIME:
                self.set(replace(self.now_set, since=nothing.since, until=nothing.until))
            case Part.TEXT:
                self._stop_typing()
                self._set_text(nothing.text)

    def ask_for(self, part: Part) -> None:
        """Let a part be chosen in a sheet of its own."""
        match part:
            case Part.TASK:
                self._ask_for_task()
            case Part.STATE:
                self._ask_for_states()
            case Part.TRIGGER:
                self._ask_for_triggers()
            case Part.TIME:
                self._ask_for_time()
            case Part.TEXT:
                pass  # it is typed where it is seen

    def _ask_for_task(self) -> None:
        from taskconsole.screens.runs_picker import TaskPicker

        def choose(name: str | None) -> None:
            if name is not None:
                self.set(replace(self.now_set, task=name))

        names = [view.name for view in self._handle.tasks()]
        self._screen.app.push_screen(TaskPicker(names), choose)

    def _ask_for_states(self) -> None:
        from taskconsole.screens.runs_picker import SomePicker

        choices = [(state, _named(state)) for state in RunState]

        def choose(states: frozenset[RunState]) -> None:
            self.set(replace(self.now_set, states=states))

        picker = SomePicker("Only runs that are", choices, self.now_set.states, choose)
        self._screen.app.push_screen(picker)

    def _ask_for_triggers(self) -> None:
        from taskconsole.screens.runs_picker import SomePicker

        choices = [(trigger, trigger.value) for trigger in Trigger]

        def choose(triggers: frozenset[Trigger]) -> None:
            self.set(replace(self.now_set, triggers=triggers))

        picker = SomePicker("Only runs begun by", choices, self.now_set.triggers, choose)
        self._screen.app.push_screen(picker)

    def _ask_for_time(self) -> None:
        from taskconsole.screens.runs_time import Stretch, TimePicker

        def choose(answer: Stretch | None) -> None:
            if answer is not None:
                since, until = answer
                self.set(replace(self.now_set, since=since, until=until))

        zone = ZoneInfo(self._handle.status.timezone)
        self._screen.app.push_screen(TimePicker(self._handle.now, zone), choose)


def _named(state: RunState) -> str:
    mark = marks.of_state(state)
    return f"{mark.glyph} {mark.meaning}"
