"""The outputs of an engine elsewhere that were looked at lately."""

from collections import OrderedDict
from weakref import WeakSet

from taskengine.client.remote.background import Spawn
from taskengine.client.remote.connection import Part
from taskengine.client.remote.output import Excerpt, RemoteOutput
from taskengine.client.remote.place import Place

MOST = 8  # outputs kept; one that a screen still holds goes on all the same


class RemoteOutputs:
    """Gives the same output for the same run, so that what was fetched is not fetched again."""

    def __init__(self, place: Place, spawn: Spawn) -> None:
        self._place = place
        self._spawn = spawn
        self._of_runs: OrderedDict[int, RemoteOutput] = OrderedDict()
        self._all: WeakSet[RemoteOutput] = WeakSet()
        self._of_engine: RemoteOutput | None = None

    def of_run(self, run_id: int) -> RemoteOutput:
        """What a run has written."""
        output = self._of_runs.get(run_id)
        if output is None:
            output = self._of_runs[run_id] = self._make("runs", run_id, "output")
        self._of_runs.move_to_end(run_id)
        if len(self._of_runs) > MOST:
            self._of_runs.popitem(last=False)
        return output

    @property
    def of_engine(self) -> RemoteOutput:
        """What was written by code that belongs to no run."""
        if self._of_engine is None:
            self._of_engine = self._make("output")
        return self._of_engine

    def begin_anew(self) -> None:
        """Rely on nothing that was fetched."""
        for output in self._all:
            output.begin_anew()

    def _make(self, *path: Part) -> RemoteOutput:
        async def ask(**query: float | str | None) -> Excerpt:
            return await self._place.connection.get(Excerpt, *path, encoded=True, **query)

        output = RemoteOutput(ask, self._spawn)
        self._all.add(output)
        return output
