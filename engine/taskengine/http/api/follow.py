"""The output of runs as one stream follows it: which line comes next of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from taskengine.client.wire.form import to_json
from taskengine.client.wire.messages import Lines
from taskengine.engine import Engine
from taskengine.http.api.excerpt import MOST_CHARS, line_of, read_on
from taskengine.http.api.parameters import LARGEST
from taskengine.http.api.place import MOST_SAID, named, said
from taskengine.http.api.trails import Trail, Trails

_MOST_FORGOTTEN = 1_000


@dataclass(slots=True)
class Tail:
    """A run whose lines are told. `place` is the number of the next one; `is_done` once the run is
    over and all are told.
    """

    run: int
    place: int = 0
    partial: str = ""
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class ToldLines:
    """A message with lines, and the places of all runs after it."""

    text: bytes
    places: str


@dataclass(slots=True)
class Following:
    """`named` are the runs whose output was asked for; with `follows_all`, that of every run is
    told that is going on or begins. `places` is where an earlier stream had got to. `trails` keep
    the places where they are too many to be said. `is_behind` says whether the last `pull` left
    something that could have been told.
    """

    engine: Engine
    trails: Trails
    named: frozenset[int]
    follows_all: bool
    places: Mapping[int, int] = field(default_factory=dict)
    is_behind: bool = False
    _tails: dict[int, Tail] = field(default_factory=dict)
    _forgotten: dict[int, None] = field(default_factory=dict)
    _turn: int = 0
    _trail: Trail | None = None

    def __post_init__(self) -> None:
        """Begin with what is known."""
        for run in sorted(self.named | (frozenset(self.places) if self.follows_all else set())):
            self._tails[run] = Tail(run, self.places.get(run, 0))

    @property
    def is_at_work(self) -> bool:
        """Whether there is a run of which more may have to be told."""
        return any(not tail.is_done for tail in self._tails.values())

    @property
    def text(self) -> str:
        """The places as the id of a message has them: `42:128,43:7`, or `@3.1207`."""
        if len(self._tails) <= MOST_SAID:
            return said(self._places())
        if self._trail is None or not self._trail.is_kept:
            self._trail = self.trails.begin(self._places())
        return named(self._trail.number, self._trail.count)

    def _places(self) -> dict[int, int]:
        return {tail.run: tail.place for tail in self._tails.values()}

    def _move(self, run: int, place: int | None) -> None:
        """Note on the trail, if there is one, at which place a run is now; None: at none."""
        if self._trail:
            self._trail.move(run, place)

    def note_active(self, runs: tuple[int, ...]) -> None:
        """Learn which runs go on, at a moment after which no event is missed."""
        if not self.follows_all:
            return
        for run in self._tails.keys() - self.named - set(runs):
            if self._tails[run].is_done:
                self._forget(run)
        for run in runs:
            self.note(run)

    def note(self, run: int) -> None:
        """Learn that there is a run."""
        if self.follows_all and run not in self._tails and run not in self._forgotten:
            self._tails[run] = Tail(run)
            self._move(run, 0)

    def note_ended(self, run: int) -> None:
        """Learn that all is told of a run that has ended."""
        if run not in self.named:
            if self._tails.pop(run, None):
                self._move(run, None)
            self._forgotten.pop(run, None)

    def _forget(self, run: int) -> None:
        """Follow a run no more whose end may yet be told."""
        del self._tails[run]
        self._move(run, None)
        self._forgotten[run] = None
        if len(self._forgotten) > _MOST_FORGOTTEN:
            del self._forgotten[next(iter(self._forgotten))]

    def is_left_of(self, run: int) -> bool:
        """Whether more of a run may have to be told."""
        tail = self._tails.get(run)
        return tail is not None and not tail.is_done

    def pull(self) -> list[ToldLines]:
        """What there is to tell at this moment of all runs, as far as it is bearable in one piece.
        May read files.
        """
        self.is_behind = False
        told, chars = [], 0
        tails = [tail for tail in self._tails.values() if not tail.is_done]
        for turn in range(len(tails)):
            tail = tails[(self._turn + turn) % len(tails)]
            for lines in self._next(tail):
                told.append(lines)
                chars += len(lines.text)
            if chars > MOST_CHARS:
                self._turn += turn + 1
                self.is_behind = True
                break
        return told

    def pull_one(self, run: int) -> list[ToldLines]:
        """The same of one run that is followed."""
        return list(self._next(self._tails[run]))

    def _next(self, tail: Tail) -> Iterator[ToldLines]:
        """The next lines of a run, if there are any, and what it has written of the one after."""
        found = self.engine.history.run(tail.run)
        output = self.engine.history.output(tail.run)
        is_over = found is None or found.state.is_final
        if output is None:  # the run is not kept any more
            tail.is_done = True
            return
        excerpt = read_on(output, tail.place, LARGEST)
        partial = output.partial
        is_new = bool(excerpt.lines) or partial != tail.partial
        if excerpt.end != tail.place:
            tail.place = excerpt.end
            self._move(tail.run, tail.place)
        tail.partial = partial
        is_behind = tail.place < excerpt.extent.total
        tail.is_done = is_over and not is_behind
        self.is_behind = self.is_behind or is_behind
        if is_new:
            lines = Lines(
                run=tail.run,
                start=excerpt.first,
                lines=tuple(map(line_of, excerpt.lines)),
                extent=excerpt.extent,
                partial=partial,
            )
            yield ToldLines(to_json(lines), self.text)
