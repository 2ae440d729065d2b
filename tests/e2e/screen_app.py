"""A small Textual app on a terminal of its own, for the tests of the terminal to drive."""

import contextvars
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.widgets import Label

from taskconsole.terminal.app_streams import leave_to_capture, report_on
from taskconsole.terminal.driver import driver_class_for
from taskconsole.terminal.editor import NoProgram, edit
from taskconsole.terminal.exit import leave
from taskconsole.terminal.signals import exit_on_signals
from taskconsole.terminal.tty import NoTerminal, Terminal
from taskengine.capture import Capture, RunOutput, current_sink
from taskengine.output import OutputBuffer, OutputLine

RESULT = Path(os.environ.get("RESULT", os.devnull))


def output() -> RunOutput:
    return RunOutput(OutputBuffer(), lambda: datetime.now(UTC))


def texts(run: RunOutput) -> list[str]:
    return [OutputLine.decode(line).text for line in run.buffer.read(0, 1_000_000)]


def main() -> int:
    engine_output, run = output(), output()
    try:
        with Terminal.claim() as terminal, Capture(engine_output, mode="process"):
            app = ScreenApp(terminal, run)
            app.run()
            return app.return_code or 0
    except NoTerminal as missing:
        print(missing, file=sys.stderr)
        return 2
    finally:
        RESULT.write_text("\n".join(["engine:", *texts(engine_output), "run:", *texts(run)]))


def in_run(run: RunOutput, function: Callable[[], object]) -> None:
    context = contextvars.Context()
    context.run(current_sink.set, run)
    thread = threading.Thread(target=context.run, args=(function,))
    thread.start()
    thread.join()


def write_everywhere() -> None:
    for number in range(2_000):
        print(f"STRAY print {number}")
        print(f"STRAY stderr {number}", file=sys.stderr)
        os.write(1, f"STRAY descriptor {number}\n".encode())
    subprocess.run(["echo", "STRAY child"], check=True)


class ScreenApp(App[None]):
    """Says in its only label what has happened; every key does one thing to the terminal."""

    CSS = "Label { width: 100%; }"
    told_size: Size | None = None

    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "quit", "Quit"),
        ("x", "fail", "Fail"),
        ("s", "leave(3)", "SystemExit"),
        ("f", "flood", "Flood"),
        ("e", "edit", "Edit"),
        ("p", "print", "Print"),
        Binding("ctrl+z", "suspend_process", priority=True),
    ]

    def __init__(self, terminal: Terminal, run: RunOutput) -> None:
        super().__init__(driver_class=driver_class_for(terminal))
        self.terminal = terminal
        self.run_output = run
        leave_to_capture(self)
        report_on(self, terminal)

    def compose(self) -> ComposeResult:
        yield Label("starting")

    def on_mount(self) -> None:
        exit_on_signals(self)

    def on_resize(self, event: Resize) -> None:
        """Coming back from the editor sends one of these too, which must not hide what is said."""
        if event.size != self.told_size:
            self.told_size = event.size
            self.say(f"size {event.size.width}x{event.size.height}")

    def say(self, text: str) -> None:
        self.query_one(Label).update(f"<{text}>", layout=False)

    def action_fail(self) -> None:
        raise ValueError("the screen has a fault")

    def action_leave(self, code: int) -> None:
        raise SystemExit(code)

    def action_flood(self) -> None:
        in_run(self.run_output, write_everywhere)
        self.say("flood over")

    def action_print(self) -> None:
        print("STRAY print of the screen itself")
        self.say("printed")

    def action_edit(self) -> None:
        try:
            code = edit(self, self.terminal, Path("notes.txt"), 7)
        except NoProgram as missing:
            self.say(str(missing))
        else:
            self.say(f"editor ended with {code}")


if __name__ == "__main__":
    leave(main())
