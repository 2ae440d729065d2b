"""What can be done in the list of tasks and in a table of runs."""

from dataclasses import replace

from taskconsole.actions import Action
from taskconsole.keymap.groups import RUNS, TASKS, VIEW

LIST = (
    Action(
        id="list.down",
        keys=("down", "j"),
        command="move(1)",
        label="Down",
        summary="Go to the next row",
        group=TASKS,
        quiet=True,
        palette=False,
    ),
    Action(
        id="list.up",
        keys=("up", "k"),
        command="move(-1)",
        label="Up",
        summary="Go to the previous row",
        group=TASKS,
        quiet=True,
        palette=False,
    ),
    Action(
        id="list.page_down",
        keys=("pagedown", "ctrl+d"),
        command="move_page(1)",
        label="Page down",
        summary="Go down a page",
        group=TASKS,
        quiet=True,
        palette=False,
    ),
    Action(
        id="list.page_up",
        keys=("pageup", "ctrl+u"),
        command="move_page(-1)",
        label="Page up",
        summary="Go up a page",
        group=TASKS,
        quiet=True,
        palette=False,
    ),
    Action(
        id="list.first",
        keys=("home", "g"),
        command="move_to_end('first')",
        label="First",
        summary="Go to the first row",
        group=TASKS,
        quiet=True,
        palette=False,
    ),
    Action(
        id="list.last",
        keys=("end", "G"),
        command="move_to_end('last')",
        label="Last",
        summary="Go to the last row",
        group=TASKS,
        quiet=True,
        palette=False,
    ),
    Action(
        id="list.fold",
        keys=("left", "h"),
        command="fold",
        label="Fold",
        summary="Fold the group, or go to the group the row is in",
        group=TASKS,
        quiet=True,
        palette=False,
    ),
    Action(
        id="list.unfold",
        keys=("right", "l"),
        command="unfold",
        label="Unfold",
        summary="Unfold the group, or go into it",
        group=TASKS,
        quiet=True,
        palette=False,
    ),
    Action(
        id="list.toggle",
        keys=("space", "enter"),
        command="toggle_fold",
        label="Fold or unfold",
        summary="Fold or unfold the group",
        group=TASKS,
        quiet=True,
        palette=False,
    ),
)

RUN_TABLE = (
    *(
        replace(one, id=one.id.replace("list.", "runs."), group=VIEW)
        for one in LIST
        if one.command.startswith("move")
    ),
    Action(
        id="runs.watch",
        keys=("enter",),
        command="pick",
        label="Watch",
        summary="Show what the run under the cursor wrote, its result and its payload",
        group=RUNS,
        palette=False,
    ),
    Action(
        id="runs.mark",
        keys=("space",),
        command="mark",
        label="Mark",
        summary="Mark the run under the cursor, to compare it with another one",
        group=RUNS,
        palette=False,
    ),
)
