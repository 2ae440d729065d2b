"""Where another process finds a task's code."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOrigin:
    """The task `name` of the project at `root`: its file in the tasks folder, or what `handler`
    names in the config ("./jobs/migrate.py", "package.module:function").
    """

    root: Path
    tasks_dir: str
    name: str
    handler: str = ""
