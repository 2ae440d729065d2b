"""What the detail pane says of a row that is no task, and where there are no tasks yet."""

from taskconsole.phrases import count, plain
from taskconsole.widgets.task_list.rows import Row, RowKind
from taskengine.client.abilities import Ability
from taskengine.client.handle import Handle

_ENGINE_OUTPUT = """\
What is written by code that belongs to no run stands below: C libraries, \
file descriptors, modules while they are imported."""
_ENGINE_NOTES = "When it came and went stands below."
_REMOVED = """\
Its file is gone. The run that it has left can still be watched and cancelled; a new one \
takes the file."""
_WELCOME = """\
A file in the tasks folder is a task, called like the file: db/migrate.py is db:migrate.

event.payload is the JSON object it is run with, typed in this pane. What it prints and logs \
appears below, then its result.

@task(schedule="*/5 * * * *") lets it fire by itself.

Save the file: it is in the list at once, and what is wrong with it too."""


def about(handle: Handle, row: Row) -> tuple[str, str]:
    """A title and a text for a row whose task, if it stands for one, is gone."""
    match row.kind:
        case RowKind.GROUP:
            start = row.path + ":"
            size = sum(task.name.startswith(start) for task in handle.tasks())
            return plain(row.path), f"A group of {count(size, 'task')}."
        case RowKind.TASK:
            return plain(row.path), _REMOVED
        case RowKind.ENGINE_OUTPUT:
            refusal = handle.refusal(Ability.OUTPUT)
            words = plain(f"{refusal}. {_ENGINE_NOTES}") if refusal else _ENGINE_OUTPUT
            return "Engine output", words
        case _:
            return "", ""


def welcome(handle: Handle) -> tuple[str, str]:
    """What a task is, for somebody who has none yet."""
    refusal = handle.refusal(Ability.EXAMPLE)
    return "Tasks", plain(f"{refusal}.") if refusal else _WELCOME
