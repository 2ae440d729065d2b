"""Runs that were found or have ended lately, as far as there is room for them."""

from collections import OrderedDict

from taskengine.run import Run

MOST_RUNS = 1_000
MOST_BYTES = 32 * 2**20


class FoundRuns:
    """The latest that were added or asked for stay. What is known of a run's end is not replaced by
    what was said before it ended but came later.
    """

    def __init__(self) -> None:
        self._runs: OrderedDict[int, tuple[Run, int]] = OrderedDict()
        self._bytes = 0
        self._partial: set[int] = set()

    def add(self, run: Run, size: int, *, is_whole: bool = True) -> None:
        """Keep a run of about so many bytes; one that is not whole lacks what is large."""
        known = self.get(run.id)
        if known and known.state.is_final and not run.state.is_final:
            return
        self.drop(run.id)
        self._runs[run.id] = (run, size)
        self._bytes += size
        if not is_whole:
            self._partial.add(run.id)
        while len(self._runs) > MOST_RUNS or (self._bytes > MOST_BYTES and len(self._runs) > 1):
            self.drop(next(iter(self._runs)))

    def get(self, run_id: int) -> Run | None:
        """A run, if it is among them."""
        if run_id not in self._runs:
            return None
        self._runs.move_to_end(run_id)
        return self._runs[run_id][0]

    def is_over(self, run_id: int) -> bool:
        """Whether a run is among them and over."""
        run = self.get(run_id)
        return run is not None and run.state.is_final

    def ended(self, run_id: int) -> Run | None:
        """A run that is over, if it is among them and whole."""
        run = self.get(run_id)
        return run if run and run.state.is_final and run_id not in self._partial else None

    def drop(self, run_id: int) -> None:
        """Keep a run no more."""
        self._partial.discard(run_id)
        if found := self._runs.pop(run_id, None):
            self._bytes -= found[1]

    def clear(self) -> None:
        """Keep none."""
        self._runs.clear()
        self._partial.clear()
        self._bytes = 0
