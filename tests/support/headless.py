"""`taskconsole serve` as a process of its own, and what it tells."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("taskconsole")
SOON = 60.0


class Headless:
    """The process. Its journal is read as it comes, a line of JSON at a time."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self.told: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [COMMAND, "--project", root, "serve", "--log-format", "json", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, event: str, **facts: Any) -> dict[str, Any]:
        """Read on until this is told, and give it back."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.told.append(json.loads(line))
            entry = self.told[-1]
            if entry["event"] == event and facts.items() <= entry.items():
                return entry
        raise AssertionError(f"{event} was not told: {self.told}; {self._last_words()}")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for the end of the process, and give back its exit code."""
        assert self.process.stdout
        self.told += map(json.loads, self.process.stdout)
        return self.process.wait(SOON)

    def _last_words(self) -> str:
        assert self.process.stderr
        return self.process.stderr.read()


@contextmanager
def headless(root: Path, *arguments: str) -> Iterator[Headless]:
    """An engine at work on a project, that is gone at the end."""
    engine = Headless(root, *arguments)
    try:
        engine.wait_for("health")
        yield engine
    finally:
        engine.process.kill()
        engine.process.communicate()
