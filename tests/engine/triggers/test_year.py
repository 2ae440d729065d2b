"""A simulated year on a clock that is suspended, set forward and set back, with reloads and
restarts: what fires is what a model says, and nothing fires twice.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest

from support.year_model import YearModel, draw_schedule
from taskengine.events import Event, FireMissed
from taskengine.history.memory_fires import MemoryFires
from taskengine.run import Payload
from taskengine.schedule.scheduler import Scheduler
from taskengine.triggers.fire_runs import FireRuns
from taskengine.triggers.firing import Firing
from taskengine.triggers.missed import MissedLog

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


class EngineStopped(Exception):
    """The engine is stopped while its scheduler sleeps."""


class YearOver(Exception):
    """Nothing happens any more."""


@dataclass
class World:
    """The machine, its clock and its user. All that happens, happens while the scheduler sleeps."""

    random: Random
    model: YearModel
    end: datetime
    trouble: float
    scheduler: Scheduler | None = None
    happened: Counter[str] = field(default_factory=Counter)
    time: datetime = NEW_YEAR

    def now(self) -> datetime:
        return self.time

    async def sleep_until(self, instant: datetime) -> None:
        """Let time go on to the next fire that the model knows of, and now and then do worse."""
        await asyncio.sleep(0)  # what was begun gets its turn
        coming = self.model.next_due(self.time) or self.end
        late = self.random.choice((0.0, 0.0, self.random.random() * 59))
        self.time = max(coming, instant) + timedelta(seconds=late)
        if self.random.random() < self.trouble:
            self._suffer()
        if self.time >= self.end:
            raise YearOver
        self.model.look(self.time)

    def _suffer(self) -> None:
        event = self.random.choice(("forward", "forward", "back", "correction", "reload", "stop"))
        self.happened[event] += 1
        hours = self.random.random() * self.random.choice((1, 10, 60))
        if event == "forward":  # a suspended machine, too, for the clock does not tell
            self.time += timedelta(hours=hours)
        elif event == "back":
            self._set_back(self.random.random() * 2.99)
        elif event == "correction":
            self._set_back(3.01 + hours)
        elif event == "reload":
            self.reload()
        else:
            self._set_back(self.random.choice((0, hours, -hours)))
            raise EngineStopped

    def _set_back(self, hours: float) -> None:
        """The model's lists begin with the year, so the clock does not leave it."""
        self.time = max(NEW_YEAR, self.time - timedelta(hours=hours))

    def reload(self) -> None:
        """Most schedules are there, in another order than before."""
        assert self.scheduler
        there = [one for one in self.model.schedules if self.random.random() < 0.9]
        self.random.shuffle(there)
        self.model.replace({one.identity for one in there}, self.time)
        self.scheduler.replace([one.timed for one in there])


@dataclass
class Year:
    """Engines, one after the other, of a history that they share."""

    world: World
    history: MemoryFires = field(default_factory=MemoryFires)
    fires: list[tuple[str, datetime]] = field(default_factory=list)
    missed: list[tuple[str, datetime, datetime, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    async def begin(self, task: str, payload: Payload, at: datetime) -> SimpleNamespace:
        """Take the place of a runner."""
        self.fires.append((task, at))
        return SimpleNamespace(run=SimpleNamespace(id=len(self.fires)))

    def hear(self, event: Event) -> None:
        assert isinstance(event, FireMissed)
        one = event.missed
        self.missed.append((one.task, one.first, one.last, one.count))

    def engine(self) -> Scheduler:
        runs = cast(FireRuns, self)
        missed = MissedLog(self.history, runs, self.world, self.hear)
        firing = Firing(
            self.history,
            runs,
            missed,
            is_on=lambda: True,
            is_external=lambda: False,
            is_paused=lambda _: False,
            note=self.notes.append,
        )
        return Scheduler(self.world, self.history.looks(), firing.deal, self.history.note_looks)

    async def run(self) -> None:
        world = self.world
        while True:
            world.scheduler = self.engine()
            present = world.model.present
            world.model.restart(world.time)
            world.scheduler.replace(
                [one.timed for one in world.model.schedules if one.identity in present]
            )
            world.model.look(world.time)
            try:
                await world.scheduler.run()
            except EngineStopped:
                continue
            except YearOver:
                return


async def simulate(seed: int, schedules: int, days: int, trouble: float) -> Year:
    random, end = Random(seed), NEW_YEAR + timedelta(days=days)
    drawn = [draw_schedule(random, number, NEW_YEAR, end) for number in range(schedules)]
    model = YearModel(drawn, NEW_YEAR, NEW_YEAR)
    model.replace({one.identity for one in drawn}, NEW_YEAR)
    # Past this, the lists end before the clock does.
    world = World(random, model, end - timedelta(days=4), trouble)
    year = Year(world)
    await year.run()
    return year


async def check(seed: int, *, schedules: int, days: int, trouble: float) -> Year:
    """Compare with the model; `trouble` is how often something happens, per fire that is due."""
    year = await simulate(seed, schedules, days, trouble)
    model = year.world.model
    task_of = {one.identity: one.timed.entry.task for one in model.schedules}
    assert not [fire for fire, count in Counter(year.fires).items() if count > 1]
    for identity, task in task_of.items():
        fired = [at for name, at in year.fires if name == task]
        assert fired == [at for one, at in model.fires if one == identity], task
    expected = sorted((task_of[one], *rest) for one, *rest in model.missed)
    assert sorted(year.missed) == expected
    assert year.notes == []
    return year


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
async def test_a_month_of_schedules_goes_as_the_model_says(seed: int) -> None:
    year = await check(seed, schedules=12, days=34, trouble=0.02)

    assert len(year.fires) > 100


@pytest.mark.slow
async def test_a_year_of_two_hundred_schedules_in_ten_zones_goes_as_the_model_says() -> None:
    year = await check(2026, schedules=200, days=369, trouble=0.005)

    assert len(year.fires) > 120_000
    assert min(year.world.happened.values()) > 20
