"""Which executor a task's options ask for."""

from taskengine.executors.executor import Execution, Executor, Job
from taskengine.options import Isolation


class ChosenExecutor:
    """Runs a task in this process, or in one of its own if `isolation` says so."""

    def __init__(self, inprocess: Executor, process: Executor) -> None:
        self._inprocess = inprocess
        self._process = process

    def prepare(self, job: Job) -> Execution:
        """A call that is ready to begin, wherever it belongs."""
        if job.task.options.isolation is Isolation.PROCESS:
            return self._process.prepare(job)
        return self._inprocess.prepare(job)
