"""What engines that are gone have left undone."""

from dataclasses import dataclass

from taskengine.run import Run


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Runs of engines that are gone, by ascending number.

    `queued` have not begun and are still to run. `interrupted` had begun, are over now, and may be
    run again; each is given once more until it is settled.
    """

    queued: tuple[Run, ...] = ()
    interrupted: tuple[Run, ...] = ()
