"""What the guard process runs: `guard_program.py TERMINAL_FD`.

Its input is a line with the terminal's attributes and the sequences that reset it, then a byte for
each change: "1" when the console begins to draw, "0" when it has stopped. If the last one is "1" at
the end of the input, the console was killed. Few imports, for it starts with every console; none at
the end, for then it has to be quicker than a shell that keeps the attributes which it finds.
"""

import marshal
import os
import signal
import sys
import termios


def main() -> None:
    """Wait for the console's end, and reset the terminal if it needs to be."""
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGTTOU):
        signal.signal(ignored, signal.SIG_IGN)
    told = b""
    while news := os.read(0, 4096):
        told += news
    settings, _, states = told.partition(b"\n")
    if states.endswith(b"1"):
        attributes, sequences = marshal.loads(bytes.fromhex(settings.decode()))  # noqa: S302 - ours
        reset(int(sys.argv[1]), attributes, sequences)


def reset(terminal: int, attributes: "list[int | list[bytes | int]]", sequences: bytes) -> None:
    """Set the attributes that are still the console's, and write the sequences, however long the
    terminal takes to take them.

    A shell that was quicker reads its next line already, by attributes of its own. In those, Ctrl-C
    interrupts; in the console's it is a key.
    """
    _, _, _, local, *_ = termios.tcgetattr(terminal)
    if not local & termios.ISIG:
        termios.tcsetattr(terminal, termios.TCSANOW, attributes)
    os.set_blocking(terminal, True)
    os.write(terminal, sequences)


if __name__ == "__main__":
    main()
