"""Any sequence of calls, ends, failures, cancels and passing time leaves every run in the state
that a small model of its life says.
"""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from support.life import ATTEMPTS, DELAY, LIMITS, OVER, SOON, TIMEOUT, Desk, Expected, Model
from support.story import check_story, stories
from taskengine import Engine, RunState, TaskSkipped, task
from taskengine.events import Event
from taskengine.testing import ManualClock


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.engine = Engine(clock=self.clock, scheduler=False)
        self.events: list[Event] = []
        self.told = threading.Condition()
        self.engine.subscribe(self._receive)
        self.desk, self.model = Desk(), Model()
        for mode, limit in LIMITS.items():
            self.engine.add(self._task(mode, limit), mode)
        self.loop.run_until_complete(self.engine.start())

    def _task(self, mode: Any, limit: int) -> Any:
        return task(
            concurrency=mode,
            limit=limit if mode == "parallel" else None,
            key="key",
            timeout=TIMEOUT,
            retries=ATTEMPTS - 1,
            backoff={"initial": DELAY, "jitter": 0},
        )(self.desk.work)

    def _receive(self, event: Event) -> None:
        with self.told:
            self.events.append(event)
            self.told.notify_all()

    def _seen(self) -> dict[int, tuple[RunState, bool, int]]:
        runs = [self.engine.history.run(run_id) for run_id in self.model.runs]
        return {run.id: (run.state, run.stopping, run.attempt) for run in runs if run}

    def _expected(self) -> dict[int, tuple[RunState, bool, int]]:
        return {run.id: run.seen for run in self.model.runs.values()}

    def _going_on(self) -> Iterator[Expected]:
        return (run for run in self.model.runs.values() if run.state not in OVER)

    def _at_work(self) -> list[Expected]:
        return [run for run in self._going_on() if run.state is RunState.RUNNING]

    @rule(mode=st.sampled_from(list(LIMITS)), key=st.sampled_from("ab"))
    def call(self, mode: str, key: str) -> None:
        lane = (mode, key)
        starting = self.engine.start_run(mode, {"key": key})
        if mode == "skip" and self.model.of(lane):
            with pytest.raises(TaskSkipped):
                self.loop.run_until_complete(starting)
            return
        run = self.loop.run_until_complete(starting)
        if mode == "join" and (joined := self.model.joinable(lane)):
            assert run.id == joined.id
        else:
            assert run.id not in self.model.runs
            self.model.add(run.id, lane)

    @precondition(lambda self: self._at_work())
    @rule(data=st.data(), well=st.booleans())
    def body_ends(self, data: st.DataObject, well: bool) -> None:
        run = data.draw(st.sampled_from(self._at_work()), "run")
        self.desk.end(run.id, run.attempt, well=well)
        self.model.body_ends(run, RunState.DONE if well else RunState.FAILED)

    @precondition(lambda self: any(self._going_on()))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(list(self._going_on())), "run")
        assert self.loop.run_until_complete(self.engine.cancel_run(run.id))
        self.model.cancel(run)

    @precondition(lambda self: self.model.runs)
    @rule(data=st.data())
    def cancel_what_is_over(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(list(self.model.runs.values())), "run")
        if run.state in OVER:
            assert not self.loop.run_until_complete(self.engine.cancel_run(run.id))

    @rule(seconds=st.sampled_from([0.5, 1.0, 4.0, 5.0, 10.0, 40.0]))
    def time_passes(self, seconds: float) -> None:
        self.model.advance(seconds)
        self.clock.advance(seconds)

    @invariant()
    def runs_are_as_the_model_says(self) -> None:
        with self.told:
            self.told.wait_for(lambda: self._seen() == self._expected(), SOON)
            assert self._seen() == self._expected()
        for run in self._at_work():
            if run.returning or run.verdict:
                assert self.desk.was_asked_to_return(run.id, run.attempt)

    def teardown(self) -> None:
        try:
            while at_work := self._at_work():
                self.desk.end(at_work[0].id, at_work[0].attempt, well=True)
                self.model.body_ends(at_work[0], RunState.DONE)
            self.loop.run_until_complete(self.engine.stop())
        finally:
            self.loop.close()
        for story in stories(self.events).values():
            check_story(story)


QUICK = settings(
    max_examples=12,
    stateful_step_count=30,
)


def test_runs_live_as_the_model_says() -> None:
    run_state_machine_as_test(Lives, settings=QUICK)


@pytest.mark.slow
def test_runs_live_as_the_model_says_in_many_cases() -> None:
    many = settings(QUICK, max_examples=500, stateful_step_count=60)
    run_state_machine_as_test(Lives, settings=many)
