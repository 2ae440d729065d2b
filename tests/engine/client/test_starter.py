"""The first task of a project, as whoever watches the folder sees it appear."""

import resource
from pathlib import Path

import pytest

from taskengine.client.starter import EXAMPLE, write_example


def test_a_first_task_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    _, most = limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(EXAMPLE) // 2, most))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_example(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []

    path = write_example(tmp_path)
    assert path.read_text(encoding="utf-8") == EXAMPLE
    with pytest.raises(FileExistsError, match=str(path)):
        write_example(tmp_path)
    assert list(tmp_path.iterdir()) == [path]
