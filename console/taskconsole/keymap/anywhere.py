"""What can be done on every screen."""

from taskconsole.actions import Action
from taskconsole.keymap.groups import CONSOLE, VIEW

START_KEY = "f9"
"""What starts an engine here; said where the other one is told to be away."""

GLOBAL = (
    Action(
        id="show.main",
        keys=("1",),
        command="app.show_main",
        label="Tasks",
        summary="Go to the tasks",
        group=VIEW,
    ),
    Action(
        id="show.runs",
        keys=("2",),
        command="app.show_runs",
        label="Runs",
        summary="Go to the runs of all tasks",
        group=VIEW,
    ),
    Action(
        id="show.problems",
        keys=("4",),
        command="app.show_problems",
        label="Problems",
        summary="Show what is wrong with the project, and where",
        group=VIEW,
    ),
    Action(
        id="engine.start",
        keys=(START_KEY,),
        command="app.start_engine",
        label="Start engine",
        summary="Start an engine here, where the one elsewhere has ended",
        group=CONSOLE,
    ),
    Action(
        id="console.theme",
        keys=("f8",),
        command="app.change_theme",
        label="Theme",
        summary="Change between the dark and the light theme",
        group=CONSOLE,
        quiet=True,
    ),
    Action(
        id="console.help",
        keys=("question_mark", "f1"),
        command="app.show_help",
        label="Help",
        summary="Show the keys of this screen",
        group=CONSOLE,
    ),
    Action(
        id="console.palette",
        keys=("ctrl+p",),
        command="app.command_palette",
        label="Commands",
        summary="Find a command or a task by its name",
        group=CONSOLE,
        palette=False,
    ),
    Action(
        id="console.suspend",
        keys=("ctrl+z",),
        command="app.suspend_process",
        label="To the shell",
        summary="Go to the shell for a while; `fg` comes back",
        group=CONSOLE,
        quiet=True,
        palette=False,
    ),
    Action(
        id="console.quit",
        keys=("q", "ctrl+q"),
        command="app.quit",
        label="Quit",
        summary="Leave the console; asks while runs go on",
        group=CONSOLE,
    ),
)
