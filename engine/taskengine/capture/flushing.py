"""Text that Python's and C's own streams hold back, written out while the right place is open."""

import ctypes
import sys

_C_STDOUT = "__stdoutp" if sys.platform == "darwin" else "stdout"
_IOLBF = 1


def flush_all() -> None:
    """Flush `sys.stdout`, `sys.stderr` and their originals, and every stream of the C library."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None and not stream.closed:
            stream.flush()
    flush_c_streams()


def flush_c_streams() -> None:
    """Flush every stream of the C library."""
    ctypes.CDLL(None).fflush(None)


def buffer_c_output_by_line() -> None:
    """Let `printf` of C code appear when its line ends, as it would on a terminal."""
    library = ctypes.CDLL(None)
    stream = ctypes.c_void_p.in_dll(library, _C_STDOUT)
    library.setvbuf(stream, None, _IOLBF, 0)
