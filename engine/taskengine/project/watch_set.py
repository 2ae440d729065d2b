"""What is to be watched for changes of a project."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WatchSet:
    """What to watch: the tasks folder with all that is below it, and `folders` without.

    None of them has to exist: the nearest folder above that does is watched in its place.
    """

    tasks_dir: Path
    folders: frozenset[Path] = frozenset()
