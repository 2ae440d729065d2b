"""A year of schedules as it should go: every fire listed beforehand, the rules of late ones applied
to the lists.

It shares nothing with the timetable: no heap, no walk to the next fire, no look at the engine.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from support.cron_model import Expression, model_fires
from taskengine.options import CatchUp
from taskengine.schedule.cron import Cron
from taskengine.schedule.entry import ScheduleEntry
from taskengine.schedule.timed import TimedSchedule

ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
)
MINUTE = timedelta(minutes=1)
THREE_HOURS = timedelta(hours=3)
RULES = (None, None, CatchUp.LATEST, CatchUp.SKIP, CatchUp.ALL)

Fire = tuple[str, datetime]
Miss = tuple[str, datetime, datetime, int]


def draw_expression(random: Random) -> Expression:
    """A few times a day, most of them in the hours in which clocks are changed."""
    hours = frozenset(random.sample((0, 1, 2, 3, 4, 12, 23), random.randint(1, 3)))
    hour_text = ",".join(map(str, sorted(hours)))
    weekday = random.choice((None, None, random.randint(0, 6)))
    weekday_text = "*" if weekday is None else str(weekday)
    if is_interval := random.random() < 0.4:
        step = random.choice((15, 20, 30))
        minute_text, minutes = f"*/{step}", frozenset(range(0, 60, step))
    else:
        minutes = frozenset(random.sample(range(60), random.randint(1, 2)))
        minute_text = ",".join(map(str, sorted(minutes)))
    return Expression(
        text=f"{minute_text} {hour_text} * * {weekday_text}",
        seconds=frozenset({0}),
        minutes=minutes,
        hours=hours,
        is_day=lambda day: weekday is None or day.isoweekday() % 7 == weekday,
        is_interval=is_interval,
    )


@dataclass
class ModelSchedule:
    """A schedule with all its fires of the year; `dealt` is the last one that was dealt with."""

    timed: TimedSchedule
    instants: list[datetime]
    dealt: datetime | None = None

    @property
    def identity(self) -> str:
        return self.timed.entry.identity

    def take(self, until: datetime) -> list[datetime]:
        """The fires that come after what was dealt with and are due by now."""
        assert self.dealt is not None
        due = bisect_right(self.instants, until - self.timed.delay)
        taken = self.instants[bisect_right(self.instants, self.dealt) : due]
        if taken:
            self.dealt = taken[-1]
        return taken


def draw_schedule(random: Random, number: int, start: datetime, end: datetime) -> ModelSchedule:
    expression, zone = draw_expression(random), ZONES[number % len(ZONES)]
    entry = ScheduleEntry(task=f"job {number}", cron=Cron(expression.text, zone))
    timed = TimedSchedule(
        entry=entry,
        delay=random.choice((0, 0, 0, 1)) * timedelta(seconds=random.random() * 7200),
        catch_up=random.choice(RULES),
        window=timedelta(hours=random.choice((1, 24, 100))),
        limit=random.choice((1, 5, 100)),
    )
    return ModelSchedule(timed, model_fires(expression, zone, start, end, 60))


@dataclass
class YearModel:
    """What has to fire and what is missed, told of every look at the clock."""

    schedules: list[ModelSchedule]
    began: datetime
    high_water: datetime
    present: set[str] = field(default_factory=set)
    fires: list[Fire] = field(default_factory=list)
    missed: list[Miss] = field(default_factory=list)
    claimed: set[Fire] = field(default_factory=set)
    is_disturbed: bool = True
    dues: list[tuple[datetime, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.dues = sorted(
            (at + one.timed.delay, number)
            for number, one in enumerate(self.schedules)
            for at in one.instants
        )

    def next_due(self, after: datetime) -> datetime | None:
        """When the next fire of all schedules is due."""
        following = bisect_left(self.dues, (after, len(self.schedules)))
        return self.dues[following][0] if following < len(self.dues) else None

    def restart(self, now: datetime) -> None:
        """An engine begins with what the last one had."""
        self.is_disturbed = True
        self.began = self.high_water = now
        for one in self.schedules:
            if one.identity in self.present and one.dealt and one.dealt > now + THREE_HOURS:
                one.dealt = now

    def replace(self, present: set[str], now: datetime) -> None:
        """Others of the schedules are there from now on."""
        self.is_disturbed = True
        for one in self.schedules:
            if one.identity in present - self.present:
                one.dealt = now
        self.present = present

    def look(self, now: datetime) -> None:
        """The engine looks at the clock."""
        if now < self.high_water - THREE_HOURS:
            self.is_disturbed = True
            self.began = self.high_water = now
            for one in self.schedules:
                one.dealt = now
        for one in self._concerned(now):
            if one.identity in self.present:
                before = min(self.began, now)
                self._settle(one, one.take(before), before, is_restart=True)
                self._settle(one, one.take(now), now, is_restart=False)
        self.high_water = max(now, self.high_water)

    def _concerned(self, now: datetime) -> list[ModelSchedule]:
        """The schedules of which something may be due: all of them after what was no step on."""
        if self.is_disturbed:
            self.is_disturbed = now < self.high_water
            return self.schedules
        first = bisect_left(self.dues, (self.high_water, len(self.schedules)))
        last = bisect_left(self.dues, (now, len(self.schedules)))
        return [self.schedules[one] for one in sorted({n for _, n in self.dues[first:last]})]

    def _settle(
        self, one: ModelSchedule, taken: list[datetime], now: datetime, *, is_restart: bool
    ) -> None:
        on_time = [at for at in taken if now - at - one.timed.delay < MINUTE]
        late = taken[: len(taken) - len(on_time)]
        made_up = [at for at in late if now - at - one.timed.delay < one.timed.window]
        rule = one.timed.catch_up or (CatchUp.SKIP if is_restart else CatchUp.LATEST)
        if rule is CatchUp.SKIP or (rule is CatchUp.LATEST and on_time):
            made_up = []
        made_up = made_up[-1:] if rule is CatchUp.LATEST else made_up[-one.timed.limit :]
        if passed := late[: len(late) - len(made_up)]:
            self.missed.append((one.identity, passed[0], passed[-1], len(passed)))
        for fire in ((one.identity, at) for at in (*made_up, *on_time)):
            if fire not in self.claimed:
                self.claimed.add(fire)
                self.fires.append(fire)
