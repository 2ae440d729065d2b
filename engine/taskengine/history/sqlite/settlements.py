"""Runs of engines that are gone for which nothing is left to do, until the file says so."""

from sqlite3 import Connection

from taskengine.history.sqlite.kept_values import KeptValues

_SETTLE = "UPDATE runs SET open = 0 WHERE id = ?"


class Settlements:
    """Written with everything else that is in memory only."""

    def __init__(self) -> None:
        self._settled: KeptValues[int, bool] = KeptValues(is_wanted=lambda _: False)

    def add(self, run_id: int) -> None:
        """Have a run settled; from any thread."""
        self._settled.put(run_id, True)

    def write(self, connection: Connection) -> None:
        """Write what is unwritten."""
        if not self._settled.is_saved:
            settled = self._settled.take().values
            connection.executemany(_SETTLE, [(run_id,) for run_id in settled])

    def written(self) -> None:
        """What was written last is committed."""
        self._settled.saved()

    def lost(self) -> None:
        """What was written last was rolled back."""
        self._settled.lost()

    def write_all(self) -> None:
        """Nothing: what was settled is not in a file that was begun anew."""
