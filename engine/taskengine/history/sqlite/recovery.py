"""What becomes of the runs of engines that are gone, when another opens their file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection

from taskengine.history.leftovers import Leftovers
from taskengine.history.process_identity import ProcessIdentity
from taskengine.history.sqlite import engines, rows, task_stats, unbegun
from taskengine.history.sqlite.indexing import index_ended
from taskengine.history.sqlite.instants import from_micros
from taskengine.history.sqlite.last_signs import last_signs
from taskengine.history.sqlite.rows import Standing
from taskengine.history.sqlite.stored_output import stored_output_of
from taskengine.run import Run, RunError, RunState

_LEFT = """
SELECT runs.id, engine, pid, begun, lines, gap_start, gap_end
FROM runs JOIN engines ON engines.id = engine WHERE open = 1"""


@dataclass(frozen=True, slots=True)
class _Left:
    """What a row says of a run that is open, besides the run."""

    run_id: int
    engine: int
    pid: int
    begun: int
    lines: int
    gap_start: int
    gap_end: int


def recover(
    connection: Connection, engine: int, may_live: Callable[[ProcessIdentity], bool]
) -> Leftovers:
    """Let the engine of that number take over what engines that are gone have left.

    `may_live` says of a process whether its engine may be at work: what belongs to it stays. Runs
    whose code may have begun are interrupted, at the last moment at which their engine is known to
    have lived. To be done in one transaction.
    """
    others = [one for one in engines.unstopped(connection) if one.id != engine]
    dead = {one.id for one in others if not may_live(one.process)}
    living = {engine, *(one.id for one in others)} - dead
    left = {one.run_id: one for one in _open_runs(connection) if one.engine not in living}
    engines.stop_all(connection, last_signs(connection, dead))
    unbegun.bring_back(connection, dead, living)
    return _take_over(connection, engine, left)


def _open_runs(connection: Connection) -> list[_Left]:
    return [_Left(*row) for row in connection.execute(_LEFT)]


def _take_over(connection: Connection, engine: int, left: Mapping[int, _Left]) -> Leftovers:
    if not left:
        return Leftovers()
    runs = rows.load_runs(connection, "WHERE open = 1 ORDER BY id")
    runs = [run for run in runs if run.id in left]
    _give_up(connection, left.keys() - {run.id for run in runs})
    queued = [one for one in runs if one.state is RunState.QUEUED and not left[one.id].begun]
    ended = [one for one in runs if one.state.is_final]
    waiting = {run.id for run in (*queued, *ended)}
    going_on = [run for run in runs if run.id not in waiting]
    _adopt(connection, engine, waiting)
    interrupted = _interrupt(connection, engine, going_on, left)
    return Leftovers(tuple(queued), tuple(sorted((*ended, *interrupted), key=lambda run: run.id)))


def _give_up(connection: Connection, run_ids: set[int]) -> None:
    """Let runs be over whose rows make no sense."""
    connection.executemany(
        "UPDATE runs SET state = 'interrupted', open = 0, packed = 0 WHERE id = ?",
        [(run_id,) for run_id in run_ids],
    )


def _adopt(connection: Connection, engine: int, run_ids: set[int]) -> None:
    connection.executemany(
        "UPDATE runs SET engine = ? WHERE id = ?", [(engine, run_id) for run_id in run_ids]
    )


def _interrupt(
    connection: Connection, engine: int, runs: Sequence[Run], left: Mapping[int, _Left]
) -> list[Run]:
    """Let runs be interrupted, each when its engine ended, and open until they are settled."""
    ends = engines.ends(connection, {left[run.id].engine for run in runs})
    counted: list[tuple[Run, int]] = []
    for run in runs:
        row = left[run.id]
        over = _interrupted(run, row.pid, ends[row.engine])
        standing = Standing(engine=engine, open=True)
        output = stored_output_of(connection, run.id, row.lines, row.gap_start, row.gap_end)
        saved = rows.save_run(connection, over, standing, output)
        counted.append((over, saved.size))
    over_now = [run for run, _ in counted]
    task_stats.count_ended(connection, counted)
    index_ended(connection, over_now)
    return over_now


def _interrupted(run: Run, pid: int, end: int) -> Run:
    message = f"The engine (process {pid}) ended while the run was going on"
    return replace(
        run,
        state=RunState.INTERRUPTED,
        ended_at=max(from_micros(end), run.started_at or run.queued_at),
        error=RunError(type="EngineNotRunning", message=message),
        next_attempt_at=None,
        stopping=False,
    )
