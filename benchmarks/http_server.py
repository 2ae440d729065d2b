"""How long a task's run takes over HTTP, and how many a second there can be, with 1 and with 32
connections; beside `nitro dev` where npm is there. And how long the commands take, beside Nitro's.

    python benchmarks/http_server.py [--rounds N] [--seconds S] [--nitro 2,3 | --nitro none]

Everybody is called on `GET /_nitro/tasks/echo:payload`, in slices of each round, by a process that
does nothing else. "only answers" is a server that parses nothing: what the caller could do at most.
"uvicorn and starlette" is what ours stands on, with one route and no engine. Ours commits each run
to SQLite before it begins and when it ends; Nitro keeps nothing. By default, calls that come while
a run of the task goes on join it, in Nitro as in ours, so that 32 connections share runs; with
`concurrency="parallel"` each call has a run of its own.

Nitro has its routes for tasks in `nitro dev` only: a production build answers 404 to them.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias

from peers.nitro_dev import Nitro, NitroMissing, install, running
from tools.http_load import Load

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
TASK = "echo:payload"
CONNECTIONS = (1, 32)
CALLS_OF_COMMANDS = 7

Command: TypeAlias = tuple[Sequence[str], Path]
"""What is called, and in which folder."""
Commands: TypeAlias = Mapping[str, Command]

TASK_CODE = """
from taskengine import task


@task(description="Give back the payload"{options})
async def run(event):
    return event.payload
"""
SERVED = """
import asyncio, os, sys

told, asked = os.fdopen(os.dup(2), "w"), os.fdopen(os.dup(0))  # the engine takes the others
from taskengine import Engine
from taskengine.http.server import Server

async def main(root):
    async with Engine(root, capture="process") as engine:
        server = Server(engine, port=0)
        await server.start()
        await engine.run_task("echo:payload")
        print(server.url.removeprefix("http://"), server.socket, file=told, flush=True)
        await asyncio.to_thread(asked.read)
        await server.stop()

asyncio.run(main(sys.argv[1]))
"""
ONLY_ANSWERS = """
import asyncio, sys

ANSWER = b'HTTP/1.1 200 OK\\r\\nContent-Length: 13\\r\\n\\r\\n{"result":{}}'

class Answering(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(ANSWER)

async def main():
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print("127.0.0.1:%d" % server.sockets[0].getsockname()[1], file=sys.stderr, flush=True)
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""
BARE = """
import asyncio, socket, sys
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

async def answer(request):
    return Response(b'{"result":{}}', media_type="application/json")

listening = socket.socket(proto=socket.IPPROTO_TCP)
listening.bind(("127.0.0.1", 0))
print("127.0.0.1:%d" % listening.getsockname()[1], file=sys.stderr, flush=True)
app = Starlette(routes=[Route("/_nitro/tasks/{name:path}", answer)])
options = dict(http="httptools", ws="none", lifespan="off", access_log=False, log_level="error")
server = uvicorn.Server(uvicorn.Config(app, **options))

async def main():
    serving = asyncio.create_task(server.serve([listening]))
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call, and where."""

    address: str
    path: str = f"/_nitro/tasks/{TASK}"


@dataclass(slots=True)
class Figures:
    """What came of calling somebody, a slice a round, by the number of connections."""

    loads: defaultdict[int, list[Load]] = field(default_factory=lambda: defaultdict(list))

    def words(self, connections: int) -> str:
        """Medians over the rounds: requests a second, then milliseconds."""
        of_rounds = self.loads[connections]
        rate = statistics.median(one.rate for one in of_rounds)
        p50 = statistics.median(one.p50 for one in of_rounds)
        p99 = statistics.median(one.p99 for one in of_rounds)
        cpu = statistics.median(one.own_cpu for one in of_rounds)
        failed = sum(one.failures for one in of_rounds)
        told = f"  {failed} FAILED" if failed else ""
        return f"{rate:9,.0f} {p50:8.2f} {p99:8.2f} {cpu:7.0%}{told}"


def call(target: Target, connections: int, seconds: float) -> Load:
    """Have somebody called for a while, by another process."""
    done = subprocess.run(
        [
            sys.executable,
            HERE / "tools" / "http_load.py",
            *(target.address, target.path, str(connections), str(seconds)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return Load(**json.loads(done.stdout))


@contextmanager
def python(code: str, *arguments: str) -> Iterator[list[str]]:
    """A Python process that says on its standard error where it listens, word by word."""
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield _stream(process.stderr).readline().split()
        finally:
            _stream(process.stdin).close()  # it takes that for its end
            process.wait(20)


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def write_project(root: Path) -> None:
    """Two tasks that give back their payload."""
    (root / "taskconsole.toml").touch()
    for name, options in {"payload": "", "parallel": ', concurrency="parallel"'}.items():
        path = root / "tasks" / "echo" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TASK_CODE.format(options=options))


@contextmanager
def everybody(
    nitros: Sequence[Nitro], root: Path
) -> Iterator[tuple[Mapping[str, Target], Commands]]:
    """All servers, each with its name, at rest until they are called; and Nitro's commands."""
    commands: dict[str, Command] = {}
    with ExitStack() as stack:
        (answering,) = stack.enter_context(python(ONLY_ANSWERS))
        (bare,) = stack.enter_context(python(BARE))
        address, socket = stack.enter_context(python(SERVED, str(root)))
        parallel = "/_nitro/tasks/echo:parallel"
        targets = {
            "only answers": Target(answering),
            "uvicorn and starlette": Target(bare),
            "taskengine, TCP": Target(address),
            "taskengine, socket": Target(socket),
            "taskengine, parallel, TCP": Target(address, parallel),
            "taskengine, parallel, socket": Target(socket, parallel),
        }
        for nitro in nitros:
            server = stack.enter_context(running(nitro, nitro.project()))
            targets[f"nitro dev {nitro.version}"] = Target(server.url.removeprefix("http://"))
            commands |= _commands(f"nitro {nitro.major}", nitro.command, server.root)
        yield targets, commands


def seconds_of(argv: Sequence[str], cwd: Path) -> float:
    """How long a command takes from its call to its end."""
    began = time.perf_counter()
    subprocess.run(argv, cwd=cwd, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began


def measure_commands(commands: Commands) -> None:
    """Call each command some times, in turn, and tell how long it took."""
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(CALLS_OF_COMMANDS + 1):
        for label, (argv, cwd) in commands.items():
            taken[label].append(seconds_of(argv, cwd))
    print(f"\n{'':48}{'least ms':>10}{'median ms':>11}")
    for label, all_seconds in taken.items():
        later = all_seconds[1:]  # the first call writes bytecode
        print(f"{label:48}{min(later) * 1e3:10.0f}{statistics.median(later) * 1e3:11.0f}")


def _commands(name: str, program: Path, root: Path) -> Commands:
    """What is called in a project, in ours as in Nitro's."""
    return {
        f"{name}: task list": ([str(program), "task", "list"], root),
        f"{name}: task run {TASK}": ([str(program), "task", "run", TASK], root),
    }


def installed(majors: Sequence[int], folder: Path) -> list[Nitro]:
    """The Nitros that can be had; who is missing is told."""
    found = []
    for major in majors:
        place = folder / f"nitro-{major}"
        place.mkdir()
        try:
            found.append(install(major, place))
        except NitroMissing as error:
            print(f"left out: nitro {major}: {error}")
    return found


def wanted() -> argparse.Namespace:
    """What the caller asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each slice")
    parser.add_argument("--nitro", default="2,3", help="major versions, or none")
    return parser.parse_args()


def main() -> None:
    options = wanted()
    majors = [] if options.nitro == "none" else [int(one) for one in options.nitro.split(",")]
    figures: defaultdict[str, Figures] = defaultdict(Figures)
    with tempfile.TemporaryDirectory() as folder:
        root, alone = Path(folder, "served"), Path(folder, "alone")
        for one in (root, alone):
            write_project_in(one)
        nitros = installed(majors, Path(folder))
        with everybody(nitros, root) as (targets, commands):
            for target in targets.values():  # the first calls are not like others
                call(target, max(CONNECTIONS), 0.5)
            for _ in range(options.rounds):
                for label, target in targets.items():
                    for connections in CONNECTIONS:
                        load = call(target, connections, options.seconds)
                        figures[label].loads[connections].append(load)
            tell(figures)
            ours = {
                **_commands("taskconsole, engine at work", BIN / "taskconsole", root),
                **_commands("taskconsole, no engine", BIN / "taskconsole", alone),
            }
            measure_commands({**ours, **commands})


def write_project_in(root: Path) -> None:
    """Make a folder and a project in it."""
    root.mkdir()
    write_project(root)


def tell(figures: Mapping[str, Figures]) -> None:
    """Print the table of servers."""
    head = f"{'calls/s':>9} {'p50 ms':>8} {'p99 ms':>8} {'caller':>7}"
    print(f"{'':30}" + "".join(f"{f'{one} connections':>37}" for one in CONNECTIONS))
    print(f"{'':30}" + f"  {head}" * len(CONNECTIONS))
    for label, found in figures.items():
        print(f"{label:30}" + "".join(f"  {found.words(one)}" for one in CONNECTIONS))


if __name__ == "__main__":
    main()
