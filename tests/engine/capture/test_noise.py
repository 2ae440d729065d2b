"""Eight runs that write at once, in every way, without one line astray."""

import asyncio
import contextlib
import io
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from support.capture import Writer, captured

RUNS = 8
ROUNDS = 20
Tell = Callable[[str], str]


def from_this_thread(line: Tell) -> None:
    print(line("print"))
    print(line("pie"), end="")
    print("ces")
    print(line("stderr"), file=sys.stderr)
    sys.stdout.buffer.write(line("bytes\n").encode())
    logging.getLogger("noise").warning(line("logging"))
    warnings.warn(line("warning"), stacklevel=1)


def from_threads(line: Tell, shared: ThreadPoolExecutor) -> None:
    threads = [
        threading.Thread(target=print, args=(line("thread"),)),
        threading.Timer(0, print, [line("timer")]),
    ]
    for thread in threads:
        thread.start()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(print, [line("pool 1"), line("pool 2")]))
    shared.submit(print, line("shared pool")).result()
    for thread in threads:
        thread.join()


def from_children(line: Tell) -> None:
    subprocess.run(["echo", line("child")], check=True)
    subprocess.run(f"echo {line('child error')} >&2", shell=True, check=True)


def redirected(line: Tell) -> None:
    caught = io.StringIO()
    with contextlib.redirect_stdout(caught):
        print(line("redirected"))
    print(caught.getvalue(), end="")


async def from_asyncio(line: Tell) -> None:
    async def task() -> None:
        await asyncio.sleep(0)
        print(line("task"))

    await asyncio.gather(task(), asyncio.to_thread(print, line("to_thread")))
    asyncio.get_running_loop().call_soon(print, line("call_soon"))
    child = await asyncio.create_subprocess_exec("echo", line("async child"))
    await child.wait()


EXPECTED = [
    *("print", "pieces", "stderr", "bytes", "logging", "warning"),
    *("thread", "timer", "pool 1", "pool 2", "shared pool"),
    *("child", "child error", "redirected"),
    *("task", "to_thread", "call_soon", "async child"),
]


def make_noise(name: str, shared: ThreadPoolExecutor) -> None:
    for number in range(ROUNDS):

        def line(source: str, number: int = number) -> str:
            return f"{name} {number} {source}"

        from_this_thread(line)
        from_threads(line, shared)
        redirected(line)
        if number % 10 == 0:
            from_children(line)
            asyncio.run(from_asyncio(line))


def expected_of(name: str) -> list[str]:
    rare = {"child", "child error", "task", "to_thread", "call_soon", "async child"}
    return sorted(
        f"{name} {number} {source}"
        for number in range(ROUNDS)
        for source in EXPECTED
        if number % 10 == 0 or source not in rare
    )


@captured
def test_eight_noisy_runs_keep_every_line_to_themselves() -> None:
    writers = {f"run{number}": Writer() for number in range(RUNS)}
    with warnings.catch_warnings(), ThreadPoolExecutor(3) as shared:
        warnings.simplefilter("always")
        threads = [
            threading.Thread(target=writer.run, args=(make_noise, name, shared))
            for name, writer in writers.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name, writer in writers.items():
        found = [text.rpartition("UserWarning: ")[2] for text in writer.texts]
        found = [text for text in found if "warnings.warn(" not in text]
        assert sorted(found) == expected_of(name)


@captured
def test_a_flood_of_prints_is_counted_to_the_last_line(writer: Writer) -> None:
    def flood() -> None:
        for number in range(100_000):
            print(number)

    writer.run(flood)
    extent = writer.output.buffer.extent
    assert extent.total == 100_000
    assert writer.texts[-1] == "99999"
