"""Old runs go, the file shrinks, and nothing else changes."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection, connect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.kept_runs import assert_sound, clear, keep, lines
from support.past_runs import NOW, history_file, past_run
from support.thorough import examples
from taskengine.history.retention import HistorySettings, Retention
from taskengine.history.sqlite import removal
from taskengine.history.sqlite.instants import to_micros
from taskengine.history.sqlite.prune import Pruner
from taskengine.history.sqlite.prune_plan import plan
from taskengine.history.sqlite.transaction import transaction
from taskengine.history.sqlite.vacuum import Vacuum
from taskengine.run import RunState

UNBOUND = Retention()


@dataclass
class SetClock:
    """Stands still."""

    instant: datetime = NOW + timedelta(days=1)

    def now(self) -> datetime:
        return self.instant

    async def sleep_until(self, instant: datetime) -> None:
        raise NotImplementedError


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with history_file(tmp_path / "history.db") as connection:
        yield connection


def bounds(project: Retention = UNBOUND, **tasks: Retention) -> HistorySettings:
    return HistorySettings(project=project, tasks=tasks)


def prune(connection: Connection, asked: HistorySettings, clock: SetClock | None = None) -> int:
    """Prune to the end; says in how many pieces of work."""
    pruner = Pruner(clock or SetClock(), asked)
    return prune_with(pruner, connection)


def prune_with(pruner: Pruner, connection: Connection) -> int:
    pieces = 0
    while True:
        with transaction(connection):
            if not pruner.prune(connection):
                return pieces
        pieces += 1
        assert pieces < 10_000


def kept(connection: Connection, task: str | None = None) -> list[int]:
    query = "SELECT id FROM runs WHERE ? IS NULL OR task = ? ORDER BY id"
    return [one for (one,) in connection.execute(query, (task, task))]


def keep_many(connection: Connection, count: int, **facts: object) -> int:
    """Keep runs 1 to `count`, of one size; gives that."""
    sizes = {keep(connection, past_run(number, **facts)) for number in range(1, count + 1)}
    assert len(sizes) == 1
    return sizes.pop()


def test_the_latest_runs_of_a_task_stay(connection: Connection) -> None:
    for number in range(1, 11):
        keep(connection, past_run(number, task="ab"[number % 2]))

    prune(connection, bounds(a=Retention(runs=2)))

    assert kept(connection, "a") == [8, 10]
    assert kept(connection, "b") == [1, 3, 5, 7, 9]
    assert_sound(connection)


def test_the_latest_runs_of_all_tasks_stay(connection: Connection) -> None:
    for number in range(1, 11):
        keep(connection, past_run(number, task="ab"[number % 2]))

    prune(connection, bounds(Retention(runs=3)))

    assert kept(connection) == [8, 9, 10]


def test_no_run_stays_that_ended_too_long_ago(connection: Connection) -> None:
    keep_many(connection, 5)
    clock = SetClock(NOW + timedelta(days=1, seconds=4))  # run 3 ended a day before

    prune(connection, bounds(job=Retention(age=timedelta(days=1))), clock)

    assert kept(connection) == [3, 4, 5]


def test_age_counts_from_the_end_of_a_run(connection: Connection) -> None:
    keep(connection, past_run(1, ended_at=NOW + timedelta(hours=20)))
    keep(connection, past_run(2))
    keep(connection, past_run(3, queued_at=NOW + timedelta(hours=23)))

    prune(connection, bounds(Retention(age=timedelta(hours=6))))

    assert kept(connection) == [1, 3]


@pytest.mark.parametrize("of", ["project", "task"])
def test_age_counts_whatever_the_clock_said_when_runs_before_and_after_were_queued(
    connection: Connection, of: str
) -> None:
    late = NOW + timedelta(days=400)
    keep(connection, past_run(1, queued_at=late, ended_at=late))  # then the clock was set back
    recent = NOW + timedelta(hours=23)
    keep(connection, past_run(2))
    keep(connection, past_run(3, queued_at=recent, ended_at=recent))
    keep(connection, past_run(4))  # imported, or the clock was wrong
    bound = Retention(age=timedelta(hours=6))

    prune(connection, bounds(bound) if of == "project" else bounds(job=bound))

    assert kept(connection) == [1, 3]
    assert_sound(connection)


def test_an_age_that_began_before_all_calendars_keeps_everything(connection: Connection) -> None:
    keep_many(connection, 2)

    prune(connection, bounds(Retention(age=timedelta.max)))

    assert kept(connection) == [1, 2]


def test_a_run_that_never_began_is_as_old_as_its_place_in_the_queue(
    connection: Connection,
) -> None:
    keep(connection, past_run(1, state=RunState.SKIPPED, started_at=None, ended_at=None))

    prune(connection, bounds(Retention(age=timedelta(hours=6))))

    assert kept(connection) == []


def test_the_runs_of_a_task_take_no_more_room_than_asked_for(connection: Connection) -> None:
    size = keep_many(connection, 10, payload={"text": "x" * 500})

    prune(connection, bounds(job=Retention(size=4 * size + 1)))

    assert kept(connection) == [7, 8, 9, 10]


def test_the_runs_of_a_project_take_no_more_room_than_asked_for(connection: Connection) -> None:
    size = keep_many(connection, 10)

    prune(connection, bounds(Retention(size=3 * size)))

    assert kept(connection) == [8, 9, 10]


def test_the_bounds_of_a_task_count_before_those_of_the_project(connection: Connection) -> None:
    for number in range(1, 7):
        keep(connection, past_run(number, task="a" if number > 3 else "b"))

    prune(connection, bounds(Retention(runs=4), a=Retention(runs=1)))

    assert kept(connection) == [1, 2, 3, 6]


def test_how_a_task_ended_last_stays_known_whatever_its_size(connection: Connection) -> None:
    keep(connection, past_run(1, task="rare"))
    size = keep(connection, past_run(2, task="large"), lines("x" * 5_000))
    keep(connection, past_run(3, task="often"))
    keep(connection, past_run(4, task="often"))

    prune(connection, bounds(Retention(runs=1, size=size // 2)))

    assert kept(connection) == [1, 2, 4]


def test_too_old_is_too_old_also_for_the_last_run(connection: Connection) -> None:
    keep(connection, past_run(1))

    prune(connection, bounds(job=Retention(age=timedelta(hours=1))))

    assert kept(connection) == []


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING, RunState.INTERRUPTED])
def test_a_run_stays_as_long_as_something_is_left_to_do_for_it(
    connection: Connection, state: RunState
) -> None:
    ended_at = NOW if state.is_final else None
    keep(connection, past_run(1, state=state, ended_at=ended_at), is_open=True)
    keep(connection, past_run(2))
    keep(connection, past_run(3))

    prune(connection, bounds(Retention(runs=1, age=timedelta(hours=1), size=1)))

    assert kept(connection) == [1]


def test_nothing_goes_before_it_is_known_how_much_is_to_be_kept(connection: Connection) -> None:
    keep_many(connection, 5)
    pruner = Pruner(SetClock())

    assert prune_with(pruner, connection) == 0
    pruner.configure(bounds(Retention(runs=2)))
    assert prune_with(pruner, connection) > 0

    assert kept(connection) == [4, 5]


def test_many_runs_go_in_small_pieces_of_work(connection: Connection) -> None:
    keep_many(connection, 2 * removal.MOST_RUNS + 2)

    assert prune(connection, bounds(Retention(runs=1))) == 3
    assert len(kept(connection)) == 1
    assert_sound(connection)


def test_what_is_gone_is_found_no_more(connection: Connection) -> None:
    keep(connection, past_run(1, payload={"city": "Málaga"}))
    keep(connection, past_run(2, payload={"city": "Oslo"}))

    prune(connection, bounds(Retention(runs=1)))

    found = "SELECT rowid FROM run_text WHERE run_text MATCH ?"
    assert connection.execute(found, ('"málaga"',)).fetchall() == []
    assert connection.execute(found, ('"oslo"',)).fetchall() == [(2,)]
    assert_sound(connection)


def huge(connection: Connection, number: int, gap: range = range(0)) -> int:
    """A run whose output is many times what one piece of work may delete."""
    return keep(connection, past_run(number), lines(*["x" * 1_000] * 6_000), gap=gap)


def extent(connection: Connection, number: int) -> tuple[int, ...] | None:
    query = "SELECT lines, gap_start, gap_end FROM runs WHERE id = ?"
    found: tuple[int, ...] | None = connection.execute(query, (number,)).fetchone()
    return found


@pytest.mark.parametrize("gap", [range(0), range(5_500, 5_600), range(20, 400)])
def test_a_huge_output_goes_piece_by_piece_and_says_what_is_left(
    connection: Connection, gap: range
) -> None:
    huge(connection, 1, gap)
    keep(connection, past_run(2))
    pruner = Pruner(SetClock(), bounds(Retention(runs=1)))

    with transaction(connection):
        assert pruner.prune(connection)

    total, gap_start, gap_end = extent(connection, 1) or (0, 0, 0)
    first = connection.execute("SELECT min(first) FROM chunks WHERE run = 1").fetchone()[0]
    assert (total, gap_start) == (6_000, 0)
    assert 500 < first <= gap_end < 6_000
    assert_sound(connection)

    assert prune_with(pruner, connection) > 3
    assert kept(connection) == [2]
    assert_sound(connection)


def test_the_file_really_shrinks(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with history_file(path) as connection:
        huge(connection, 1)
        huge(connection, 2)
        keep(connection, past_run(3))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = path.stat().st_size

        prune(connection, bounds(Retention(runs=1)))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        assert before > 12_000_000
        assert path.stat().st_size < 1_000_000
        assert_sound(connection)


def test_a_plan_tells_what_would_go_and_changes_nothing(connection: Connection) -> None:
    sizes = {number: keep(connection, past_run(number, task="ab"[number % 2]))
             for number in range(1, 11)}  # fmt: skip
    asked = bounds(Retention(runs=5), a=Retention(runs=2))
    before = connection.total_changes

    found = plan(connection, asked, SetClock().now())

    assert connection.total_changes == before
    assert found.is_complete
    assert {task: (one.runs, one.size) for task, one in found.tasks.items()} == {
        "a": (3, sizes[2] + sizes[4] + sizes[6]),
        "b": (2, sizes[1] + sizes[3]),
    }


def test_a_plan_that_takes_too_long_says_what_it_knows(connection: Connection) -> None:
    keep_many(connection, 10)
    late = iter([False, False, True])

    found = plan(connection, bounds(Retention(runs=1)), NOW, lambda: next(late))

    assert (found.tasks["job"].runs, found.is_complete) == (3, False)


TASKS = ("a", "b", "c")
BOUND = st.builds(
    Retention,
    runs=st.none() | st.integers(1, 12),
    age=st.none() | st.integers(0, 30).map(lambda seconds: timedelta(seconds=seconds)),
    size=st.none() | st.integers(0, 3_000),
)
RUN = st.tuples(
    st.sampled_from(TASKS),
    st.integers(0, 20),  # seconds that it took
    st.integers(0, 300),  # characters of output
    st.booleans(),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with history_file(tmp_path_factory.mktemp("history") / "history.db") as connection:
        yield connection


@examples(20)
@given(
    made=st.lists(RUN, max_size=25),
    project=BOUND,
    tasks=st.dictionaries(st.sampled_from(TASKS), BOUND),
)
def test_whatever_the_bounds_are_what_stays_is_within_them(
    file: Connection,
    made: list[tuple[str, int, int, bool]],
    project: Retention,
    tasks: dict[str, Retention],
) -> None:
    clear(file)
    asked = HistorySettings(project=project, tasks=tasks)
    clock = SetClock(NOW + timedelta(seconds=40))
    for number, (task, seconds, chars, is_open) in enumerate(made, start=1):
        ended_at = None if is_open else NOW + timedelta(seconds=number + seconds)
        state = RunState.RUNNING if is_open else RunState.DONE
        run = past_run(number, task=task, state=state, ended_at=ended_at)
        keep(file, run, lines("x" * chars), is_open=is_open)
    open_runs = {number for number, one in enumerate(made, start=1) if one[3]}
    before = set(kept(file))

    planned = plan(file, asked, clock.now())
    pruner = Pruner(clock, asked)
    prune_with(pruner, file)

    after = set(kept(file))
    assert open_runs <= after
    assert_sound(file)
    assert pruner.removed == planned.tasks
    assert sum(one.runs for one in planned.tasks.values()) == len(before - after)
    assert plan(file, asked, clock.now()).tasks == {}
    assert_within(file, None, project, clock.now())
    for task, bound in tasks.items():
        assert_within(file, task, bound, clock.now())


def assert_within(
    connection: Connection, task: str | None, bound: Retention, now: datetime
) -> None:
    """What ended of a task, or of all, is within a bound, but for the last run of each task."""
    where = "ended_at IS NOT NULL AND (?1 IS NULL OR task = ?1)"
    ended = connection.execute(
        f"SELECT id, task, ended_at, size FROM runs WHERE {where} ORDER BY ended_at", (task,)
    ).fetchall()
    if bound.age is not None:
        assert all(at >= to_micros(now - bound.age) for _, _, at, _ in ended)
    last = {name for _, name, _, _ in ended}
    if len(ended) > len(last):
        assert bound.runs is None or len(ended) <= bound.runs
        assert bound.size is None or sum(size for *_, size in ended) <= bound.size


def test_a_file_that_can_not_become_smaller_stops_no_prune(tmp_path: Path) -> None:
    path = tmp_path / "made_elsewhere.db"
    with closing(connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA auto_vacuum = NONE")
        other.execute("CREATE TABLE much(data BLOB)")
        other.execute("INSERT INTO much VALUES(zeroblob(100000))")
        other.execute("DROP TABLE much")

        assert not Vacuum(thorough=True).shrink(other)
