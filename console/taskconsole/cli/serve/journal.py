"""The journal of an engine without a screen: what happens, and what tasks write, line by line."""

import json
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TextIO

from taskconsole.cli.printing import safe
from taskconsole.cli.running.host import piece_at
from taskconsole.cli.serve.entries import Entry, entry_of
from taskconsole.cli.task_output import instant_of, line_text
from taskengine.events import Event, RunEnded, RunStarted
from taskengine.output import Output, OutputKind, OutputLine

_LOOK_AGAIN = 0.1  # seconds between looks at what runs have written
_MOST_EVENTS = 100_000  # not written yet, while nobody reads the journal
_WRITTEN_WITHIN = 2.0
_STREAMS = {OutputKind.STDOUT: "stdout", OutputKind.STDERR: "stderr", OutputKind.NOTE: "note"}


class Journal:
    """Writes on a thread of its own: neither the engine nor a signal waits for whoever reads it.

    `output_of` gives the output of a run, None if it is not known; `unowned` is what code writes
    that belongs to no run. The standard output is copied before an engine takes it over; if nobody
    reads it any more, nothing more is written, and the engine goes on.
    """

    def __init__(
        self, output_of: Callable[[int], Output | None], unowned: Output, *, as_json: bool
    ) -> None:
        self._stream = _standard_output()
        self._is_terminal = self._stream.isatty()
        self._output_of = output_of
        self._unowned = unowned
        self._as_json = as_json
        self._given: deque[Event | Entry] = deque(maxlen=_MOST_EVENTS)
        self._positions: dict[int, tuple[str, int]] = {}
        self._unowned_at = 0
        self._is_closing = threading.Event()
        self._is_heard = True
        self._thread = threading.Thread(target=self._work, name="taskconsole journal", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def take(self, event: Event) -> None:
        """Take an event, to be written soon; on any thread."""
        self._given.append(event)

    def tell(self, event: str, words: str, **facts: object) -> None:
        """Take something else that is worth a line; on any thread."""
        self._given.append(Entry(at=datetime.now(UTC), event=event, words=words, facts=facts))

    def close(self) -> None:
        """Write what is not written yet, if somebody reads it soon enough."""
        self._is_closing.set()
        self._thread.join(_WRITTEN_WITHIN)

    def _work(self) -> None:
        while not self._is_closing.wait(_LOOK_AGAIN):
            self._write(self._news())
        self._write(self._news())

    def _news(self) -> Iterator[str]:
        while self._given:
            given = self._given.popleft()
            if isinstance(given, RunStarted):
                self._positions.setdefault(given.run.id, (given.run.task, 0))
            if isinstance(given, RunEnded):
                yield from self._output_lines(given.run.id)
                self._positions.pop(given.run.id, None)
            entry = given if isinstance(given, Entry) else entry_of(given)
            if entry:
                yield self._line(entry)
        for run_id in tuple(self._positions):
            yield from self._output_lines(run_id)
        yield from self._unowned_lines()

    def _output_lines(self, run_id: int) -> Iterator[str]:
        """What a run has written since."""
        task, at = self._positions.get(run_id, ("", 0))
        output = self._output_of(run_id) if task else None
        while output:
            piece = piece_at(output, at)
            if piece.dropped:
                facts = {"task": task, "run": run_id, "lines": piece.dropped}
                words = f"{task} #{run_id} | {piece.dropped:,} lines left out"
                now = datetime.now(UTC)
                yield self._line(Entry(at=now, event="output_dropped", words=words, facts=facts))
            yield from (self._output_line(line, task, run_id) for line in piece.lines)
            self._positions[run_id] = task, piece.following
            if piece.following == at:
                return
            at = piece.following

    def _unowned_lines(self) -> Iterator[str]:
        piece = piece_at(self._unowned, self._unowned_at)
        self._unowned_at = piece.following
        yield from (self._output_line(line, None, None) for line in piece.lines)

    def _output_line(self, line: OutputLine, task: str | None, run_id: int | None) -> str:
        where = "engine" if task is None else f"{task} #{run_id}"
        facts = {
            "task": task,
            "run": run_id,
            "stream": _STREAMS.get(line.kind, "log"),
            "level": None if line.kind in _STREAMS else line.kind.name,
            "logger": line.logger or None,
        }
        if self._as_json:
            facts["text"] = line.text
        words = f"{where} | {line_text(line)}"
        return self._line(Entry(at=instant_of(line), event="output", words=words, facts=facts))

    def _line(self, entry: Entry) -> str:
        at = entry.at.astimezone().isoformat(timespec="milliseconds")
        if self._as_json:
            told = {"at": at, "event": entry.event, "message": entry.words, **entry.facts}
            return json.dumps(told, ensure_ascii=False, default=str)
        return f"{at} {' '.join(entry.words.splitlines())}"

    def _write(self, lines: Iterator[str]) -> None:
        for line in lines:
            if not self._is_heard:
                continue
            try:
                self._stream.write(f"{safe(line) if self._is_terminal else line}\n")
            except OSError:
                self._is_heard = False
        self._flush()

    def _flush(self) -> None:
        try:
            if self._is_heard:
                self._stream.flush()
        except OSError:
            self._is_heard = False


def _standard_output() -> TextIO:
    """The standard output as it is now; the null device if it is closed."""
    try:
        descriptor = os.dup(1)
    except OSError:
        descriptor = os.open(os.devnull, os.O_WRONLY)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")
