"""What became of fires, in one list."""

from collections.abc import Iterable, Sequence
from itertools import islice

from taskengine.records import FireOutcome, PastFire
from taskengine.run import MissedFires


def latest_of(
    fires: Iterable[PastFire], missed: Sequence[PastFire], limit: int
) -> Sequence[PastFire]:
    """The latest of both, the latest first.

    A fire that was claimed and began no run is left out where it is among the missed ones, too: it
    came to that when its engine stopped.
    """
    merged = sorted((*fires, *missed), key=lambda one: (one.last, one.at), reverse=True)
    shown = (one for one in merged if not _was_missed(one, missed))
    return list(islice(shown, limit))


def _was_missed(fire: PastFire, missed: Sequence[PastFire]) -> bool:
    if fire.run_id is not None or fire in missed:
        return False
    return any(one.at <= fire.at <= one.last for one in missed)


def past_miss(missed: MissedFires, *, pending: bool, run: int | None) -> PastFire:
    """What became of fires that were missed; `run` was begun for them."""
    if pending:
        outcome = FireOutcome.MISSED
    else:
        outcome = FireOutcome.DISMISSED if run is None else FireOutcome.MADE_UP
    return PastFire(
        task=missed.task,
        at=missed.first,
        last=missed.last,
        count=missed.count,
        outcome=outcome,
        run_id=run,
    )
