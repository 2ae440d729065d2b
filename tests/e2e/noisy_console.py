"""The console itself, on the terminal it is started in; it runs all tasks of the project at once
when its screen is there, and leaves when they are over. What they wrote goes to RESULT as JSON.
"""

import asyncio
import json
import os
from pathlib import Path

from taskconsole.app import ConsoleApp
from taskconsole.session import TerminalPrograms
from taskconsole.terminal.app_streams import leave_to_capture, report_on
from taskconsole.terminal.driver import driver_class_for
from taskconsole.terminal.tty import Terminal
from taskengine import Engine
from taskengine.client.local import LocalHandle
from taskengine.output import Output, OutputLine


class NoisyConsole(ConsoleApp):
    """Runs everything as soon as the whole screen is there."""

    def on_mount(self) -> None:
        self._look = self.set_interval(0.05, self._begin_when_ready)

    def _begin_when_ready(self) -> None:
        if self.main.workbench:
            self._look.stop()
            self.run_worker(self._run_all())

    async def _run_all(self) -> None:
        names = [view.name for view in self.handle.tasks()]
        runs = await asyncio.gather(*(self.handle.start_run(name, {}) for name in names))
        await asyncio.gather(*(self.handle.wait(run.id) for run in runs))
        written = {run.task: texts(self.handle.output(run.id)) for run in runs}
        written["engine output"] = texts(self.handle.engine_output)
        Path(os.environ["RESULT"]).write_text(json.dumps(written), encoding="utf-8")
        self.exit()


def texts(output: Output | None) -> list[str]:
    assert output is not None
    return [OutputLine.decode(line).text for line in output.read(0, output.extent.total)]


async def run(app: NoisyConsole) -> None:
    try:
        await app.run_async()
    finally:
        await app.handle.stop()


def main() -> None:
    with Terminal.claim() as terminal:
        engine = Engine(Path.cwd(), capture="process")
        with engine.capture:
            app = NoisyConsole(
                LocalHandle(engine),
                programs=TerminalPrograms(terminal),
                driver_class=driver_class_for(terminal),
            )
            leave_to_capture(app)
            report_on(app, terminal)
            asyncio.run(run(app))


main()
