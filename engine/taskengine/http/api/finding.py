"""Runs by their number, wherever they are known. All of it may read the history's file."""

from taskengine.engine import Engine
from taskengine.errors import RunNotFound
from taskengine.output import Output
from taskengine.run import Run


def known_run(engine: Engine, run_id: int) -> Run:
    """A run as it stands now. Raises RunNotFound."""
    if run := engine.history.run(run_id):
        return run
    raise RunNotFound(run_id)


def output_of(engine: Engine, run: Run) -> Output:
    """What a run has written. Raises RunNotFound if that is not kept any more."""
    if output := engine.history.output(run.id):
        return output
    raise RunNotFound(run.id)
