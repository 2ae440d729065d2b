"""Which command opens a file in the user's editor or pager."""

from pathlib import Path

import pytest

from taskconsole.terminal.editor import (
    EDITORS,
    NoProgram,
    editor_command,
    find_program,
    pager_command,
)

FILE = Path("tasks/a.py")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "vi +3 tasks/a.py"),
        ({"EDITOR": "nano"}, "nano +3 tasks/a.py"),
        ({"EDITOR": "nano", "VISUAL": "/usr/bin/nvim -p"}, "/usr/bin/nvim -p +3 tasks/a.py"),
        ({"EDITOR": "", "VISUAL": " "}, "vi +3 tasks/a.py"),
        ({"EDITOR": "emacsclient -t"}, "emacsclient -t +3 tasks/a.py"),
        ({"EDITOR": "hx"}, "hx tasks/a.py:3"),
        ({"EDITOR": "code"}, "code --wait --goto tasks/a.py:3"),
        ({"EDITOR": "code -w"}, "code -w --goto tasks/a.py:3"),
        ({"EDITOR": "subl"}, "subl --wait tasks/a.py:3"),
        ({"EDITOR": "unheard-of"}, "unheard-of tasks/a.py"),
    ],
)
def test_the_users_editor_opens_at_the_line(environ: dict[str, str], expected: str) -> None:
    assert editor_command(environ, FILE, 3) == expected.split()


@pytest.mark.parametrize(
    ("editor", "expected"), [("vim", "vim tasks/a.py"), ("code", "code --wait tasks/a.py")]
)
def test_without_a_line_the_file_is_opened(editor: str, expected: str) -> None:
    assert editor_command({"EDITOR": editor}, FILE) == expected.split()


def test_a_path_of_the_editor_may_hold_spaces() -> None:
    assert editor_command({"EDITOR": "'/opt/my editor/vim'"}, FILE, 3) == [
        "/opt/my editor/vim",
        "+3",
        "tasks/a.py",
    ]


def test_an_unclosed_quote_is_taken_as_it_is() -> None:
    assert editor_command({"EDITOR": "vim '"}, FILE) == ["vim '", "tasks/a.py"]


def test_the_pager_is_the_users_or_less() -> None:
    assert pager_command({}, FILE) == ["less", "tasks/a.py"]
    assert pager_command({"PAGER": "less -R"}, FILE) == ["less", "-R", "tasks/a.py"]


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"VISUAL": "ed", "EDITOR": "vi"}, "VISUAL is set to ed, which is not installed"),
        ({"VISUAL": " ", "EDITOR": "ed"}, "EDITOR is set to ed, which is not installed"),
        ({}, "ed is not installed; set VISUAL or EDITOR to what you use"),
    ],
)
def test_a_program_that_is_missing_is_told_with_the_variable_that_names_it(
    environ: dict[str, str], told: str
) -> None:
    with pytest.raises(NoProgram, match=f"^{told}$"):
        find_program({**environ, "PATH": ""}, "ed", EDITORS)
