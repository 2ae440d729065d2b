"""What `taskconsole` and `python -m taskconsole` run."""

from taskconsole import tuning


def main() -> None:
    """Run the command line and end the process with its exit code, whatever threads are stuck."""
    tuning.suspend_collection()
    from taskconsole.cli import taskconsole

    try:
        taskconsole()
    except SystemExit as end:
        from taskconsole.terminal.exit import leave

        leave(end.code if isinstance(end.code, int) else int(end.code is not None))


if __name__ == "__main__":
    main()
