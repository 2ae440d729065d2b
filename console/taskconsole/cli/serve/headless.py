"""An engine with its server and its journal, from the start to the last signal."""

import asyncio
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from taskconsole.claiming import claim
from taskconsole.cli.exits import DONE, FAILED, REFUSED
from taskconsole.cli.printing import count
from taskconsole.cli.refusing import Refusal, in_words
from taskconsole.cli.serve.journal import Journal
from taskconsole.cli.serve.systemd import ServiceManager
from taskengine.engine import Engine
from taskengine.events import CatalogChanged, EngineState, Event
from taskengine.http.server import Server, ServerRefused
from taskengine.run import RunState

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SIGNALLED = 128
_LOOKS_EVERY = 0.5  # seconds between looks whether the engine lives
_TELLS_EVERY = 3_600.0


class Headless:
    """Runs a project's engine until a signal asks it to stop. The process is its own.

    Made and run on the main thread. To make it raises EngineAlreadyRunning and HistoryTooNew.
    """

    def __init__(
        self, root: Path, *, host: str | None, port: int | None, scheduling: bool, as_json: bool
    ) -> None:
        self._engine = Engine(root, capture="process", scheduler=scheduling, history=claim(root))
        self._server = Server(self._engine, host=host, port=port)
        self._journal = Journal(self._engine.history.output, self._engine.output, as_json=as_json)
        self._manager = ServiceManager.of_this_process()
        self._signals: asyncio.Queue[signal.Signals] = asyncio.Queue()
        self._told_places: tuple[Path | None, str] = None, ""

    def run(self) -> int:
        """Be at work; gives back the exit code: 0 after an orderly end, 1 if the engine has died.

        Raises Refusal if it can't listen where it should.
        """
        self._journal.start()
        try:
            return asyncio.run(self._run())
        finally:
            self._journal.close()

    async def _run(self) -> int:
        self._take_signals()
        self._engine.subscribe(self._tell)
        await self._engine.start(load=False)
        code = FAILED
        try:
            await self._listen()
            await self._engine.load()
            code = await self._wait()
        finally:
            code = await self._stop(code)
        return code

    def _tell(self, event: Event) -> None:
        """Tell of an event. While the engine starts, tasks change by being imported, not by anybody
        who has edited them: that is no news.
        """
        if isinstance(event, CatalogChanged) and self._engine.state is EngineState.STARTING:
            event = replace(event, changed=())
        self._journal.take(event)

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for one in _SIGNALS:
            if signal.getsignal(one) is not signal.SIG_IGN:
                loop.add_signal_handler(one, self._signals.put_nowait, one)

    async def _wait(self) -> int:
        """Wait for a signal, or for the engine's death; gives back the exit code so far. Tells how
        the engine is, once it is live and from time to time, and where it listens by then.
        """
        told_at: float | None = None
        loop = asyncio.get_running_loop()
        while self._engine.is_alive and self._engine.state is not EngineState.DEAD:
            self._tell_places()
            is_due = told_at is None or loop.time() - told_at >= _TELLS_EVERY
            if is_due and self._engine.state is EngineState.LIVE:
                tell_manager = self._manager.ready if told_at is None else self._manager.status
                tell_manager(self._tell_health())
                told_at = loop.time()
            with suppress(TimeoutError):
                signalled = await asyncio.wait_for(self._signals.get(), _LOOKS_EVERY)
                self._journal.tell("stopping", f"{signalled.name}: runs that go on may end")
                return DONE
        return FAILED

    def _tell_health(self) -> str:
        """Tell how the engine is; gives back the words."""
        engine = self._engine
        runs = engine.active_runs()
        queued = sum(run.state is RunState.QUEUED for run in runs)
        facts = {
            "task_count": len(engine.catalog.entries),
            "schedule_count": len(engine.catalog.schedules),
            "problem_count": len(engine.problems),
            "running": len(runs) - queued,
            "queued": queued,
        }
        words = [
            count(facts["task_count"], "task"),
            count(facts["schedule_count"], "schedule"),
            count(facts["problem_count"], "problem"),
            f"{facts['running']} running",
            f"{queued} queued",
            *([] if engine.scheduling else ["schedules don't fire"]),
        ]
        told = f"engine well: {', '.join(words)}"
        self._journal.tell("health", told, **facts, scheduling=engine.scheduling)
        return told

    async def _listen(self) -> None:
        try:
            await self._server.start()
        except (OSError, ServerRefused) as error:
            raise Refusal(in_words(error), REFUSED) from error
        self._tell_places()

    def _tell_places(self) -> None:
        """Tell where it listens, if that is elsewhere than was told."""
        socket, url = places = self._server.socket, self._server.url
        if places == self._told_places:
            return
        self._told_places = places
        words = " and ".join(str(one) for one in places if one) or "no place at all"
        facts = {"socket": None if socket is None else str(socket), "url": url or None}
        self._journal.tell("listening", f"listening at {words}", **facts)

    async def _stop(self, code: int) -> int:
        """Stop the engine with its grace, and its server then, unless another signal comes."""
        self._manager.stopping()
        stopping = asyncio.ensure_future(self._engine.stop())
        again = asyncio.ensure_future(self._signals.get())
        await asyncio.wait({stopping, again}, return_when=asyncio.FIRST_COMPLETED)
        if again.done():
            await self._engine.stop(grace=0)
            code = _SIGNALLED + again.result()
        again.cancel()
        await stopping
        return code
