"""What can be done in a JSON tree."""

from taskconsole.actions import Action
from taskconsole.keymap.groups import JSON

TREE = (
    Action(
        id="tree.copy",
        keys=("c",),
        command="copy",
        label="Copy",
        summary="Copy the value under the cursor as JSON",
        group=JSON,
        palette=False,
    ),
    Action(
        id="tree.up",
        keys=("up", "k"),
        command="cursor_up",
        label="Up",
        summary="Go to the value above",
        group=JSON,
        quiet=True,
        palette=False,
    ),
    Action(
        id="tree.down",
        keys=("down", "j"),
        command="cursor_down",
        label="Down",
        summary="Go to the value below",
        group=JSON,
        quiet=True,
        palette=False,
    ),
    Action(
        id="tree.fold",
        keys=("left", "h"),
        command="fold",
        label="Fold",
        summary="Fold the value, or go to the one it is in",
        group=JSON,
        quiet=True,
        palette=False,
    ),
    Action(
        id="tree.unfold",
        keys=("right", "l"),
        command="unfold",
        label="Unfold",
        summary="Unfold the value, or go into it",
        group=JSON,
        quiet=True,
        palette=False,
    ),
    Action(
        id="tree.toggle",
        keys=("space", "enter"),
        command="toggle_node",
        label="Fold or unfold",
        summary="Fold or unfold the value",
        group=JSON,
        quiet=True,
        palette=False,
    ),
)
