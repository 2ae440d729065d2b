"""A new file, as whoever watches its folder sees it appear."""

import resource
from pathlib import Path

import pytest

from taskengine.whole_file import write_whole

TEXT = "a line of a file\n" * 20


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * 252}.py"  # as long as a name may be
    _, most = limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(TEXT) // 2, most))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_whole(path, TEXT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []

    write_whole(path, TEXT)
    assert path.read_text(encoding="utf-8") == TEXT
    with pytest.raises(FileExistsError, match=str(path)):
        write_whole(path, "another")
    assert [(one, one.read_text(encoding="utf-8")) for one in tmp_path.iterdir()] == [(path, TEXT)]
