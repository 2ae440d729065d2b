"""From a run that is shown to the one that started it, and to those that it has started."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from textual.screen import Screen

from taskconsole.notices import Notice, Tell
from taskconsole.phrases import plain
from taskconsole.screens.found_runs import FoundRuns
from taskconsole.workers import replace_worker
from taskengine.client.handle import Handle
from taskengine.errors import TaskError
from taskengine.run import Run


class Kin:
    """`watched` says which run is shown on a screen; `show` shows another one there."""

    def __init__(
        self,
        screen: Screen[None],
        handle: Handle,
        tell: Tell,
        watched: Callable[[], Run | None],
        show: Callable[[Run], None],
    ) -> None:
        self._screen = screen
        self._handle = handle
        self._tell = tell
        self._watched = watched
        self._show = show
        self._found = FoundRuns(screen, handle, tell)

    def conditions(self) -> Mapping[str, Callable[[], bool]]:
        """Whether the actions would do something now."""
        return {"show_parent": self._has_parent, "show_child": self._has_children}

    def _has_parent(self) -> bool:
        watched = self._watched()
        return watched is not None and watched.parent_id is not None

    def _has_children(self) -> bool:
        watched = self._watched()
        return watched is not None and bool(watched.children)

    def show_parent(self) -> None:
        """Show the run that started the watched one."""
        watched = self._watched()
        if watched and watched.parent_id is not None:
            self._found.then(watched.parent_id, self._show)

    def show_child(self) -> None:
        """Show the run that the watched one has started; if there are several, ask which."""
        if watched := self._watched():
            replace_worker(self._screen, partial(self._choose_child, watched), "find")

    async def _choose_child(self, watched: Run) -> None:
        try:
            found = await self._found.those_kept(watched.children)
        except TaskError as error:
            self._tell(Notice(str(error), "", "error"))
            return
        if not found:
            words = f"what run #{watched.id} has started is not kept any more"
            self._tell(Notice(words, "", "warning"))
        elif len(found) == 1:
            self._show(*found.values())
        else:
            self._ask_which(watched, found)

    def _ask_which(self, watched: Run, found: Mapping[int, Run]) -> None:
        from taskconsole.screens.run_picker import RunPicker

        title = f"Started by #{watched.id} {plain(watched.task)}"
        children = partial(self._children_of, watched, found)
        picker = RunPicker(title, children, self._handle.now)
        self._screen.app.push_screen(picker, self._show_picked)

    def _children_of(self, watched: Run, found: Mapping[int, Run]) -> Sequence[Run]:
        """The runs that another one has started up to now, as they stand now, newest first."""
        parent = self._handle.run(watched.id) or watched
        runs = (self._handle.run(one) or found.get(one) for one in reversed(parent.children))
        return [run for run in runs if run is not None]

    def _show_picked(self, run_id: int | None) -> None:
        if run_id is not None:
            self._found.then(run_id, self._show)
