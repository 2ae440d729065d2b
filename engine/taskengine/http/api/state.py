"""The whole state of an engine as one message, with the place in the log at which it holds.

What belongs together is taken in one piece on the engine's loop. What is large or may have to be
read from a file is made ready before that, on a helper thread, and what has changed meanwhile is
made anew: the loop is held no longer for ten thousand tasks than for ten.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from taskengine.client.local import LocalHandle
from taskengine.client.views import EngineStatus, TaskView
from taskengine.client.wire.form import to_json
from taskengine.client.wire.messages import LeftOut, Standing
from taskengine.engine import Engine
from taskengine.errors import EngineNotRunning
from taskengine.http.api.event_log import Reading
from taskengine.http.api.lean import lean, lean_payload
from taskengine.http.api.tellings import standing_of
from taskengine.problem import Problem
from taskengine.records import StateKind
from taskengine.run import DelayedRun, MissedFires, Run


@dataclass(frozen=True, slots=True)
class StateText:
    """A `State` as JSON. `place` is that of the log after which events are not in it yet; `active`
    are the numbers of the runs that go on.
    """

    text: bytes
    place: int
    active: tuple[int, ...]


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """A `State`, field by field, with the tasks' views as text that was made before."""

    now: datetime
    status: EngineStatus
    tasks: list[msgspec.Raw]
    standings: Mapping[str, Standing]
    problems: tuple[Problem, ...]
    active: tuple[Run, ...]
    left_out: Mapping[int, LeftOut]
    delayed: tuple[DelayedRun, ...]
    missed: tuple[MissedFires, ...]
    kept: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Taken:
    """What was taken in one piece."""

    place: int
    now: datetime
    status: EngineStatus
    views: tuple[TaskView, ...]
    standings: Mapping[str, Standing]
    problems: tuple[Problem, ...]
    active: tuple[Run, ...]
    delayed: tuple[DelayedRun, ...]
    missed: tuple[MissedFires, ...]
    kept: Mapping[str, Mapping[str, str]]


class States:
    """Takes the engine's state. The text of a task's view is made once, for as long as it holds."""

    def __init__(self, engine: Engine, handle: LocalHandle) -> None:
        self._engine = engine
        self._handle = handle
        self._texts: Mapping[str, tuple[TaskView, msgspec.Raw]] = {}

    async def take(self, log: Reading) -> StateText:
        """The state now. On any loop. Raises EngineNotRunning."""
        place = log.end
        ready = await asyncio.to_thread(self._make_ready)
        taken = await self._on_loop(log, place, ready)
        return await asyncio.to_thread(self._text_of, taken)

    async def _on_loop(self, log: Reading, place: int, ready: Mapping[str, Standing]) -> _Taken:
        if not self._engine.is_alive:
            raise EngineNotRunning(f"The engine is {self._engine.state.value}")
        return await self._engine.on_loop(self._take(log, place, ready))

    def _make_ready(self) -> Mapping[str, Standing]:
        self._view_texts(tuple(self._handle.tasks()))
        return {view.name: standing_of(view.name, self._engine) for view in self._handle.tasks()}

    async def _take(self, log: Reading, place: int, ready: Mapping[str, Standing]) -> _Taken:
        """All facts at one place of the log. Nothing is awaited in here."""
        end, engine, handle = log.end, self._engine, self._handle
        views = tuple(handle.tasks())
        return _Taken(
            place=end,
            now=handle.now(),
            status=handle.status,
            views=views,
            standings={
                view.name: standing_of(view.name, engine)
                if view.name not in ready or log.is_touched(view.name, place)
                else ready[view.name]
                for view in views
            },
            problems=tuple(handle.problems()),
            active=tuple(handle.active_runs()),
            delayed=tuple(handle.delayed_runs()),
            missed=tuple(handle.missed_fires()),
            kept={kind.value: handle.kept(kind) for kind in StateKind},
        )

    def _text_of(self, taken: _Taken) -> StateText:
        runs = [lean(run) for run in taken.active]
        parts = Parts(
            now=taken.now,
            status=taken.status,
            tasks=self._view_texts(taken.views),
            standings=taken.standings,
            problems=taken.problems,
            active=tuple(run for run, _, _ in runs),
            left_out={run.id: left_out for run, left_out, _ in runs if left_out},
            delayed=tuple(lean_payload(one)[0] for one in taken.delayed),
            missed=tuple(lean_payload(one)[0] for one in taken.missed),
            kept=taken.kept,
        )
        return StateText(to_json(parts), taken.place, tuple(run.id for run in taken.active))

    def _view_texts(self, views: tuple[TaskView, ...]) -> list[msgspec.Raw]:
        known = self._texts
        texts = {}
        for view in views:
            at_hand = known.get(view.name)
            if at_hand is None or at_hand[0] is not view:
                at_hand = (view, msgspec.Raw(to_json(view)))
            texts[view.name] = at_hand
        self._texts = texts
        return [text for _, text in texts.values()]
