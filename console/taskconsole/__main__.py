"""What `taskconsole` and `python -m taskconsole` run."""

import os

from taskconsole import tuning

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and end the process with its exit code, whatever threads are stuck."""
    try:
        _main()
    except KeyboardInterrupt:  # before there was a command that could have heard it
        os._exit(_INTERRUPTED)


def _main() -> None:
    tuning.suspend_collection()
    from taskconsole.cli import taskconsole

    if "_TASKCONSOLE_COMPLETE" in os.environ:  # a shell asks for completions
        from taskconsole.cli.completion import prepare

        prepare()
    try:
        taskconsole()
    except SystemExit as end:
        from taskconsole.terminal.exit import leave

        leave(end.code if isinstance(end.code, int) else int(end.code is not None))


if __name__ == "__main__":
    main()
