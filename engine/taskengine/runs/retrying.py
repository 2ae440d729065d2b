"""Whether another attempt follows one that did not succeed, and what is said about it."""

from taskengine.errors import EngineNotRunning, InvalidPayload, TaskCancelled, TaskCycle
from taskengine.executors.ending import Ending
from taskengine.options import Options
from taskengine.run import Attempt, Run, RunState

_RETRIED = frozenset({RunState.FAILED, RunState.TIMEOUT, RunState.CRASHED})
# What another attempt can't change, or somebody has decided.
_FINAL_ERRORS = (InvalidPayload, TaskCycle, TaskCancelled, EngineNotRunning)
_WORDS = {RunState.TIMEOUT: "timed out", RunState.CRASHED: "crashed"}
_LONGEST_MESSAGE = 200


def is_retried(ending: Ending, run: Run, options: Options) -> bool:
    """Whether another attempt follows the one that ended so."""
    if run.attempt >= run.max_attempts or ending.state not in _RETRIED:
        return False
    if issubclass(type(ending.exception), _FINAL_ERRORS):
        return False
    return not options.retry_on or not set(options.retry_on).isdisjoint(ending.exception_names)


def describe_attempt(attempt: Attempt, max_attempts: int, delay: float) -> str:
    """What the run's output says: which attempt it was, what became of it, and what comes now."""
    return (
        f"attempt {attempt.number} of {max_attempts} {_outcome(attempt)}; the next in {delay:.3g} s"
    )


def _outcome(attempt: Attempt) -> str:
    message = attempt.error.message.partition("\n")[0][:_LONGEST_MESSAGE] if attempt.error else ""
    if attempt.state in _WORDS:
        return f"{_WORDS[attempt.state]}: {message}".removesuffix(": ")
    kind = attempt.error.type if attempt.error else ""
    return ": ".join(filter(None, ("failed", kind, message)))
