"""The runs that this session has begun on a Nitro server: one call each, kept in memory."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from taskengine.client.nitro import notes
from taskengine.client.nitro.listing import TASKS
from taskengine.client.nitro.outcome import (
    Outcome,
    outcome_of,
    outcome_of_failure,
    outcome_of_leaving,
    outcome_of_new_beginning,
    outcome_without_answer,
)
from taskengine.client.site import Site
from taskengine.clock import Clock
from taskengine.errors import EngineUnreachable, RunNotFound
from taskengine.events import RunEnded, RunQueued, RunStarted
from taskengine.history.memory import MemoryHistory
from taskengine.hub import Hub
from taskengine.output import OutputBuffer
from taskengine.run import Payload, Run, RunState, Trigger

MAX_ANSWER = 32_000_000
"""Bytes."""
SHARED_WITHIN = 2.0
"""Seconds in which calls that share a run get their answers, one after the other."""
_LARGE = 100_000  # bytes; more are read on another thread, for the screen's loop would stutter


@dataclass(eq=False, slots=True)
class _Call:
    """A run that is not over, as it stands. `verdict` ends it without an answer; `over` has it when
    it has ended.
    """

    run: Run
    output: OutputBuffer
    verdict: asyncio.Future[Outcome]
    over: asyncio.Future[Run]
    waiting: asyncio.Task[None] | None = None
    is_doubted: bool = False


class NitroRuns:
    """Begins runs and tells what becomes of them.

    Each is one call. Nitro lets a call of a task that is at work share its run, and does not say
    so: both calls get one answer. Where a call got its answer and an earlier one of the task did
    not, the earlier one never will: a dev server of Nitro 2 that begins anew, as it does after a
    change of a file, leaves its callers hanging (measured on 2.13).
    """

    def __init__(
        self,
        site: Site,
        history: MemoryHistory,
        hub: Hub,
        clock: Clock,
        doubt: Callable[[], None],
    ) -> None:
        """`doubt` is called when a run ends as if its server might not be there any more."""
        self._site = site
        self._history = history
        self._hub = hub
        self._clock = clock
        self._doubt = doubt
        self._calls: dict[int, _Call] = {}

    def active(self, task: str | None = None) -> tuple[Run, ...]:
        """The runs that are not over, of one task or of all, oldest first."""
        runs = (call.run for call in self._calls.values())
        return tuple(run for run in runs if task in (None, run.task))

    async def start(
        self, task: str, payload: Payload, trigger: Trigger, rerun_of: int | None = None
    ) -> Run:
        """Have a task run, and give back the run at once."""
        now = self._clock.now()
        run = Run(
            id=self._history.next_id(),
            task=task,
            payload=payload,
            trigger=trigger,
            state=RunState.QUEUED,
            queued_at=now,
            rerun_of=rerun_of,
        )
        loop, output = asyncio.get_running_loop(), OutputBuffer()
        notes.add(output, now, notes.called(self._site.url, self.active(task)))
        await self._history.keep_queued(run, output, begins=True)
        call = _Call(run, output, loop.create_future(), loop.create_future())
        self._calls[run.id] = call
        self._hub.publish(RunQueued(at=now, run=run))
        self._change(call, state=RunState.RUNNING, started_at=now)
        self._hub.publish(RunStarted(at=now, run=call.run))
        call.waiting = asyncio.create_task(self._carry_out(call), name=f"run {run.id} on Nitro")
        return call.run

    async def wait(self, run_id: int) -> Run:
        """Wait until a run is over. Raises RunNotFound."""
        if call := self._calls.get(run_id):
            return await asyncio.shield(call.over)
        run = self._history.run(run_id)
        if run is None:
            raise RunNotFound(run_id)
        return run

    def note_new_beginning(self) -> None:
        """Say, where runs go on, that their server is another one since they began."""
        for call in self._calls.values():
            if not call.is_doubted:
                call.is_doubted = True
                notes.add(call.output, self._clock.now(), notes.BEGAN_ANEW)

    async def close(self) -> None:
        """Wait for no answer any more. What runs on the server goes on there."""
        calls = tuple(self._calls.values())
        for call in calls:
            self._give_up(call, outcome_of_leaving())
        await asyncio.gather(*(call.waiting for call in calls if call.waiting))

    async def _carry_out(self, call: _Call) -> None:
        asking = asyncio.create_task(self._outcome(call.run))
        await asyncio.wait({asking, call.verdict}, return_when=asyncio.FIRST_COMPLETED)
        if asking.done():
            outcome = asking.result()
        else:
            outcome = call.verdict.result()
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        await self._end(call, outcome)

    async def _outcome(self, run: Run) -> Outcome:
        try:
            return await self._answered(run)
        except EngineUnreachable as error:
            return outcome_without_answer(error)
        except Exception as error:  # noqa: BLE001 - a run has to end, whatever its server sends
            return outcome_of_failure(error)

    async def _answered(self, run: Run) -> Outcome:
        path = f"{TASKS}/{quote(run.task, safe='')}"
        answer = await self._site.post(path, {"payload": run.payload}, limit=MAX_ANSWER)
        is_large = len(answer.body) > _LARGE
        outcome = await asyncio.to_thread(outcome_of, answer) if is_large else outcome_of(answer)
        if outcome.state is not RunState.INTERRUPTED:
            self._doubt_earlier(run)
        return outcome

    def _doubt_earlier(self, answered: Run) -> None:
        """Give up earlier calls of a task that do not get their answers together with this one."""
        for call in self._calls.values():
            if call.run.task == answered.task and call.run.id < answered.id:
                asyncio.get_running_loop().call_later(
                    SHARED_WITHIN, self._give_up, call, outcome_of_new_beginning(answered.id)
                )

    def _give_up(self, call: _Call, outcome: Outcome) -> None:
        if not call.verdict.done():
            call.verdict.set_result(outcome)

    async def _end(self, call: _Call, outcome: Outcome) -> None:
        now = self._clock.now()
        self._change(
            call, state=outcome.state, ended_at=now, result=outcome.result, error=outcome.error
        )
        del self._calls[call.run.id]
        await self._history.keep_ended(call.run)
        self._hub.publish(RunEnded(at=now, run=call.run))
        call.over.set_result(call.run)
        if outcome.state is not RunState.DONE:
            self._doubt()

    def _change(self, call: _Call, **facts: Any) -> None:
        call.run = replace(call.run, **facts)
        self._history.keep_changed(call.run)
