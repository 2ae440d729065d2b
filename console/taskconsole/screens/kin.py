"""From a run that is shown to the one that started it, and to those that it has started."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from textual.screen import Screen

from taskconsole.phrases import plain
from taskengine.client.handle import Handle
from taskengine.run import Run


class Kin:
    """`watched` says which run is shown on a screen; `show` shows another one there."""

    def __init__(
        self,
        screen: Screen[None],
        handle: Handle,
        watched: Callable[[], Run | None],
        show: Callable[[Run], None],
    ) -> None:
        self._screen = screen
        self._handle = handle
        self._watched = watched
        self._show = show

    def conditions(self) -> Mapping[str, Callable[[], bool]]:
        """Whether the actions would do something now."""
        return {
            "show_parent": lambda: self._parent is not None,
            "show_child": lambda: bool(self._children),
        }

    @property
    def _parent(self) -> Run | None:
        watched = self._watched()
        if watched is None or watched.parent_id is None:
            return None
        return self._handle.run(watched.parent_id)

    @property
    def _children(self) -> Sequence[Run]:
        watched = self._watched()
        return self._children_of(watched.id) if watched else ()

    def _children_of(self, run_id: int) -> Sequence[Run]:
        """The runs that another one has started up to now, newest first."""
        parent = self._handle.run(run_id)
        found = map(self._handle.run, reversed(parent.children)) if parent else ()
        return [run for run in found if run is not None]

    def show_parent(self) -> None:
        """Show the run that started the watched one."""
        if parent := self._parent:
            self._show(parent)

    def show_child(self) -> None:
        """Show the run that the watched one has started; if there are several, ask which."""
        runs, watched = self._children, self._watched()
        if len(runs) == 1:
            self._show(runs[0])
        elif runs and watched:
            from taskconsole.screens.run_picker import RunPicker

            title = f"Started by #{watched.id} {plain(watched.task)}"
            children = partial(self._children_of, watched.id)
            picker = RunPicker(title, children, self._handle.now)
            self._screen.app.push_screen(picker, self._show_picked)

    def _show_picked(self, run_id: int | None) -> None:
        run = self._handle.run(run_id) if run_id is not None else None
        if run:
            self._show(run)
