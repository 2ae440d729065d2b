"""Where a project begins: the nearest folder with a config, seen from the working directory."""

import os
from pathlib import Path

from taskengine.project.config_file import config_path


def find_root(start: Path) -> Path:
    """The nearest folder with a config, from `start` upwards, else `start` itself; resolved.

    The home folder and a mount point are the last ones looked at, and a folder of another user is
    not looked at: whoever may write there could have their code run here.
    """
    start = start.resolve()
    folder = start
    while config_path(folder) is None:
        if _is_boundary(folder):
            return start
        folder = folder.parent
    return folder


def _is_boundary(folder: Path) -> bool:
    """Whether the search must not go on to the folder's parent."""
    is_top = folder.parent == folder or folder == _home()
    return is_top or _is_on_another_device(folder) or _is_of_another_user(folder.parent)


def _home() -> Path | None:
    try:
        return Path.home().resolve()
    except RuntimeError:
        return None


def _is_on_another_device(folder: Path) -> bool:
    try:
        return folder.stat().st_dev != folder.parent.stat().st_dev
    except OSError:
        return True


def _is_of_another_user(folder: Path) -> bool:
    try:
        return folder.stat().st_uid != os.getuid()
    except OSError:
        return True
