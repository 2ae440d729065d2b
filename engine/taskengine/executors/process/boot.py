"""Starts fresh interpreters that go straight into a module's `main`."""

import os
import subprocess
import sys
from collections.abc import Iterable

# A module of the user's that is called like one of Python's must not be found in its place: the
# path is the engine's before anything is imported by it.
_CODE = (
    "import sys; module, numbers, *sys.path = sys.argv[1:]; del sys.argv[1:]; "
    "__import__(module, fromlist=['main']).main(*map(int, numbers.split(',')))"
)


def start_interpreter(
    module: str, fds: Iterable[int], *, stderr: int = subprocess.PIPE
) -> "subprocess.Popen[bytes]":
    """Start an interpreter of the same kind, in a session of its own, that calls
    `module.main(*fds, pid)` with the descriptors and the calling process's id.

    Raises OSError.
    """
    fds = tuple(fds)
    numbers = ",".join(map(str, (*fds, os.getpid())))
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # noqa: SLF001 - as multiprocessing does
    paths = map(os.fspath, sys.path)  # some put a Path there
    return subprocess.Popen(  # noqa: S603 - this interpreter, and nothing else
        [sys.executable, *flags, "-c", _CODE, module, numbers, *paths],
        pass_fds=fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,
    )
