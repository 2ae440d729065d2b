"""Payloads of the past, each once."""

import json
from collections.abc import Iterable, Sequence
from itertools import islice

from taskengine.run import Payload, Run, Trigger

LOOKED_AT = 500
"""In how many runs payloads are looked for. Many tasks get the same one in every run."""
_ADDED_BY_SCHEDULE = "scheduledTime"


def distinct_payloads(runs: Iterable[Run], limit: int) -> Sequence[Payload]:
    """The payloads of these runs as they were given, up to `limit` that differ from each other,
    whatever their keys' order. No more than 500 runs are looked at.
    """
    found: dict[str, Payload] = {}
    for payload in map(_as_given, islice(runs, LOOKED_AT)):
        if len(found) >= limit:
            break
        found.setdefault(json.dumps(payload, sort_keys=True, default=repr), payload)
    return list(found.values())


def _as_given(run: Run) -> Payload:
    """A run's payload without what its schedule has added."""
    if run.trigger is not Trigger.SCHEDULE:
        return run.payload
    return {key: value for key, value in run.payload.items() if key != _ADDED_BY_SCHEDULE}
