"""A new file, as whoever watches its folder sees it appear."""

import errno
import os
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

    expect_written_once(path)


def test_it_is_so_on_file_systems_without_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    expect_written_once(tmp_path / "a.py")

    path = tmp_path / "b.py"
    rename = os.rename

    def lose(whole: Path, name: Path) -> None:
        """Another comes for the same name just before it is given."""
        with pytest.raises(FileExistsError, match=str(path)):
            write_whole(path, "another")
        rename(whole, name)

    monkeypatch.setattr(os, "rename", lose)
    write_whole(path, TEXT)
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_name_that_can_not_be_given_is_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(OSError, match=r"a\.py"):
        write_whole(tmp_path / "a.py", TEXT)
    assert list(tmp_path.iterdir()) == []


def test_what_can_not_be_written_is_named_as_it_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "no folder" / "a.py"
    with pytest.raises(FileNotFoundError) as refused:
        write_whole(path, TEXT)
    assert refused.value.filename == str(path)


def expect_written_once(path: Path) -> None:
    write_whole(path, TEXT)
    with pytest.raises(FileExistsError, match=str(path)):
        write_whole(path, "another")
    there = [(one, one.read_text(encoding="utf-8")) for one in path.parent.iterdir()]
    assert there == [(path, TEXT)]
