"""Child processes that would inherit the standard streams write to the run that starts them."""

import asyncio.subprocess
import inspect
import multiprocessing.util
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any, cast
from weakref import WeakValueDictionary

from taskengine.capture.current import current_sink
from taskengine.capture.flushing import flush_c_streams
from taskengine.capture.patches import Patches
from taskengine.capture.pump import Inlet, Pump
from taskengine.capture.sink import TextSink
from taskengine.capture.streams import RoutedStream
from taskengine.output import OutputKind

_INHERITED = {"stdout": OutputKind.STDOUT, "stderr": OutputKind.STDERR}
_OWN_FDS = {"stdout": 1, "stderr": 2}
_STREAM_FDS = {1: OutputKind.STDOUT, 2: OutputKind.STDERR}


class ChildCapture:
    """Gives children of a run pipes of the run; their text is complete when they are waited for."""

    def __init__(self) -> None:
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._pump = Pump()
        self._users = 0
        # The pump keeps an inlet until its end was read: one that is gone has nothing to wait for.
        self._inlets: WeakValueDictionary[tuple[int, OutputKind], Inlet] = WeakValueDictionary()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the pipes open; when the last user has gone, all that was written has arrived."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if self._users == 0:
                self._pump.stop()

    def continue_in_child(self) -> None:
        """After a fork: the thread that reads is not there, and nobody else uses this any more."""
        self._begin_anew()

    def install(self, patches: Patches) -> None:
        """Give pipes to children from now on, until the patches are undone."""
        popen = subprocess.Popen
        patches.wrap(popen, "__init__", self._piping_init)
        for name in ("wait", "poll"):
            patches.wrap(popen, name, self._draining)
        process = asyncio.subprocess.Process
        patches.wrap(process, "wait", self._draining_async)
        patches.wrap(os, "system", _piped_system)
        self._install_below(patches)

    def _install_below(self, patches: Patches) -> None:
        """The same for the system's own calls, which `multiprocessing` is built on."""
        patches.wrap(os, "fork", self._piping_fork)
        for name in ("posix_spawn", "posix_spawnp"):
            patches.wrap(os, name, self._piping_spawn)
        for name in ("wait", "waitpid", "wait3", "wait4"):
            patches.wrap(os, name, self._draining_wait)
        patches.wrap(multiprocessing.util, "spawnv_passfds", _spawning_in_run)

    def _piping_init(self, init: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(init)

        @wraps(init)  # so that a second capture can read the signature too
        def init_with_pipes(popen: "subprocess.Popen[Any]", *args: Any, **kwargs: Any) -> None:
            output = current_sink.get()
            if output is None:
                init(popen, *args, **kwargs)
                return
            call = signature.bind(popen, *args, **kwargs)
            with self._pipes(call.arguments, output) as inlets:
                init(*call.args, **call.kwargs)
            self._remember(popen.pid, inlets)

        return init_with_pipes

    def _piping_fork(self, fork: Callable[[], int]) -> Callable[[], int]:
        def fork_with_pipes() -> int:
            output = current_sink.get()
            if output is None:
                return fork()
            flush_c_streams()  # or both processes would write what is held back
            writers: dict[str, Any] = {}
            with self._pipes(writers, output) as inlets:
                pid = fork()
                if pid == 0:
                    for name, fd in _OWN_FDS.items():
                        os.dup2(writers[name], fd)
            if pid:
                self._remember(pid, inlets)
            return pid

        return fork_with_pipes

    def _piping_spawn(self, spawn: Callable[..., int]) -> Callable[..., int]:
        def spawn_with_pipes(
            path: Any, argv: Any, env: Any, /, *, file_actions: Iterable[Any] = (), **rest: Any
        ) -> int:
            output = current_sink.get()
            if output is None:
                return spawn(path, argv, env, file_actions=file_actions, **rest)
            writers: dict[str, Any] = {}
            with self._pipes(writers, output) as inlets:
                own = [(os.POSIX_SPAWN_DUP2, writers[name], fd) for name, fd in _OWN_FDS.items()]
                pid = spawn(path, argv, env, file_actions=[*own, *file_actions], **rest)
            self._remember(pid, inlets)
            return pid

        return spawn_with_pipes

    def _remember(self, pid: int, inlets: Iterable[Inlet]) -> None:
        for inlet in inlets:
            self._inlets[pid, inlet.kind] = inlet

    @contextmanager
    def _pipes(self, arguments: dict[str, Any], output: TextSink) -> Iterator[tuple[Inlet, ...]]:
        """Replace what is inherited among the arguments by pipes into the output."""
        with ExitStack() as writers:
            inlets = []
            for name in _INHERITED:
                kind = _inherited_kind(name, arguments.get(name))
                if kind is not None:
                    reader, arguments[name] = os.pipe()
                    writers.callback(os.close, arguments[name])
                    inlets.append(self._pump.attach(reader, output, kind))
            yield tuple(inlets)

    def _draining(self, method: Callable[..., int | None]) -> Callable[..., int | None]:
        def method_and_drain(
            popen: "subprocess.Popen[Any]", *args: Any, **kwargs: Any
        ) -> int | None:
            code = method(popen, *args, **kwargs)
            if code is not None and (inlets := self._inlets_of(popen.pid)):
                self._pump.drain(inlets).result()
            return code

        return method_and_drain

    def _draining_wait(self, wait: Callable[..., tuple[Any, ...]]) -> Callable[..., Any]:
        def wait_and_drain(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
            ended = wait(*args, **kwargs)
            if inlets := self._inlets_of(ended[0]):
                self._pump.drain(inlets).result()
            return ended

        return wait_and_drain

    def arrived(self, output: TextSink) -> "Future[None] | None":
        """Done when what children of a run have written by now is there; None if it has none."""
        if not self._inlets:
            return None
        inlets = [one for one in list(self._inlets.values()) if one.output is output]
        return self._pump.drain(inlets) if inlets else None

    def _draining_async(self, wait: Callable[..., Any]) -> Callable[..., Any]:
        async def wait_and_drain(process: asyncio.subprocess.Process) -> int:
            code: int = await wait(process)
            if inlets := self._inlets_of(process.pid):
                await asyncio.wrap_future(self._pump.drain(inlets))
            return code

        return wait_and_drain

    def _inlets_of(self, pid: int) -> list[Inlet]:
        """The pipes of a child, to be waited for once."""
        found = [self._inlets.pop((pid, kind), None) for kind in _INHERITED.values()]
        return [inlet for inlet in found if inlet is not None]


# A child may outlive the capture under which it was started, if there is another: they share one.
children = ChildCapture()


def _inherited_kind(name: str, given: object) -> OutputKind | None:
    """Which of the run's streams a Popen argument stands for; None if the caller has its own."""
    if given is None:
        return _INHERITED[name]
    if isinstance(given, RoutedStream):
        return given.kind
    try:
        fd = given if isinstance(given, int) else cast("Any", given).fileno()
    except (AttributeError, OSError, ValueError):
        return None  # Popen will say so
    return _STREAM_FDS.get(fd)


def _spawning_in_run(spawn: Callable[..., int]) -> Callable[..., int]:
    """`multiprocessing` starts its workers with this, but also servers that outlive the run."""

    def spawn_in_run(path: bytes, args: list[Any], passfds: Iterable[int]) -> int:
        if current_sink.get() is None or not any("spawn_main" in str(one) for one in args):
            return spawn(path, args, passfds)
        child = subprocess.Popen(  # noqa: S603 - this is what it does itself, with pipes of the run
            args, executable=path, pass_fds=tuple(passfds), restore_signals=False
        )
        child.returncode = 0  # it is for the caller to wait for, and not for this object
        return child.pid

    return spawn_in_run


def _piped_system(system: Callable[[Any], int]) -> Callable[[Any], int]:
    def system_in_run(command: Any) -> int:
        if current_sink.get() is None:
            return system(command)
        code = subprocess.call(command, shell=True)  # noqa: S602 - this is what os.system does
        return -code if code < 0 else code << 8

    return system_in_run
