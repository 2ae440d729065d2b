"""How a run ended, by what a Nitro server answered to the call that began it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taskengine.client.site import Answer, AnswerTooLong, NotReached
from taskengine.errors import EngineUnreachable
from taskengine.jsonvalue import NotJson, to_json
from taskengine.run import JsonValue, RunError, RunState

_GATEWAY = frozenset({502, 503, 504})
_NO_WORDS = frozenset({"", "HTTPError", "Server Error", "Internal Server Error"})
_LONGEST = 10_000
_FRAMES = 100
_NOT_KNOWN = "Whether the task came to its end is not known; Nitro's terminal may tell"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The final state of a run, with its result or its error."""

    state: RunState
    result: JsonValue = None
    error: RunError | None = None


def outcome_of(answer: Answer) -> Outcome:
    """The outcome of a call that was answered."""
    if answer.status in _GATEWAY and _reported(answer) is None:
        # The part of a dev server that listens answers so while the part that runs tasks is new.
        return _lost(f"The server restarted and answered with status {answer.status}")
    if answer.status >= 400:
        return Outcome(RunState.FAILED, error=_error(answer))
    if 300 <= answer.status < 400:
        return _failed(f"The server sends its callers elsewhere: {answer.location[:200]!r}")
    if answer.is_page:
        return _failed("The server answered with a web page, so that no task has run")
    return _result(answer)


def outcome_without_answer(error: EngineUnreachable) -> Outcome:
    """The outcome of a call that got no answer."""
    if isinstance(error, NotReached):
        return _failed(f"{error}. Nothing has run")
    if isinstance(error, AnswerTooLong):
        return _failed(f"The task has run, but its result was not read: {error}")
    return _lost(str(error))


def outcome_of_leaving() -> Outcome:
    """The outcome of a call that nobody waits for any more."""
    return _lost("The console left the server, which goes on with the task")


def outcome_of_new_beginning(run_id: int) -> Outcome:
    """The outcome of a call without an answer while a later one, of a run, has got its own."""
    return _lost(f"The server has begun anew since: run #{run_id} of this task came to its end")


def outcome_of_failure(error: Exception) -> Outcome:
    """The outcome of a call whose answer was too odd to be read."""
    return _lost(f"The server's answer could not be read: {error!r}")


def _result(answer: Answer) -> Outcome:
    if not answer.body.strip():
        return Outcome(RunState.DONE)  # what h3 makes of a task that gives back nothing
    try:
        given = answer.json()
    except ValueError:
        # A task may give back bare text, against Nitro's own rules; it is sent as it is.
        given = answer.body.decode("utf-8", "replace")
    if isinstance(given, dict) and given.keys() == {"result"}:
        given = given["result"]
    try:
        return Outcome(RunState.DONE, result=to_json(given, "result"))
    except NotJson as error:
        return _failed(f"The task has run, but {error}")


def _error(answer: Answer) -> RunError:
    """The error in the words of h3: version 1 (Nitro 2) has the exception's message; version 2
    (Nitro 3) hides that of what was not foreseen, but begins the stack with it.
    """
    given = _reported(answer) or {}
    stack = _stack(given.get("stack"))
    message = _text(given.get("message"))
    if message in _NO_WORDS:
        message = (stack[0] if stack else "") or message
    kind = "Error" if answer.status == 500 else f"HTTP {answer.status}"
    return RunError(
        type=kind,
        message=message or f"The server answered with status {answer.status}",
        traceback="\n".join(stack),
    )


def _reported(answer: Answer) -> Mapping[str, Any] | None:
    """The body of an error that the tasks' own part of the server tells of."""
    try:
        given = answer.json()
    except ValueError:
        return None
    return given if isinstance(given, dict) and given.get("error") is True else None


def _stack(given: object) -> list[str]:
    lines = given.splitlines() if isinstance(given, str) else given
    if not isinstance(lines, list):
        return []
    first, *frames = [_text(line).strip() for line in lines[:_FRAMES]] or [""]
    return [first, *(f"    {frame}" for frame in frames)]


def _text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text[:_LONGEST].encode("utf-8", "backslashreplace").decode()


def _failed(message: str) -> Outcome:
    return Outcome(RunState.FAILED, error=RunError(type="NitroError", message=message))


def _lost(message: str) -> Outcome:
    error = RunError(type="NitroError", message=f"{message}. {_NOT_KNOWN}")
    return Outcome(RunState.INTERRUPTED, error=error)
