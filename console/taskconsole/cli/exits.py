"""The exit codes of every command: what a script may rely on."""

DONE = 0
FAILED = 1
"""A task failed, or a check found a fault."""
WRONG_CALL = 2
NOT_FOUND = 3
"""There is no such task, or no such run."""
REFUSED = 4
"""The engine or the history said no, or can't be reached."""
INTERRUPTED = 130
UNREAD = 141
"""Nobody reads the output any more: what shells see of programs that SIGPIPE ends."""
