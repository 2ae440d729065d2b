"""What can be done in the editor of payloads."""

from taskconsole.actions import Action
from taskconsole.keymap.groups import RUNS

PAYLOAD = (
    Action(
        id="payload.complete",
        keys=("ctrl+@", "ctrl+space"),
        command="complete",
        label="Complete",
        summary="Put in a key or a value that the type has here; again for the next one",
        group=RUNS,
        palette=False,
        display="^space",
    ),
    Action(
        id="payload.older",
        keys=("alt+up",),
        command="recall(1)",
        label="Older payload",
        summary="Put an earlier payload of this task into the editor",
        group=RUNS,
        palette=False,
    ),
    Action(
        id="payload.newer",
        keys=("alt+down",),
        command="recall(-1)",
        label="Newer payload",
        summary="Go back towards what you typed yourself",
        group=RUNS,
        quiet=True,
        palette=False,
    ),
)
