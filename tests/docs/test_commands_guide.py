"""The guide to the commands names all there are, as they tell of themselves."""

import shlex
from collections.abc import Iterator
from itertools import takewhile

import click
import pytest
from click.testing import CliRunner

from support import guides
from taskconsole.cli import taskconsole

GUIDE = "commands.md"
ELSEWHERE = {"history"}


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    """The words of each command, without the groups."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield (*above, name)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(one, id=" ".join(one))
        for one in commands(taskconsole)
        if one[0] not in ELSEWHERE
    ],
)
def test_a_command_is_told_as_it_tells_of_itself_with_an_example(words: tuple[str, ...]) -> None:
    asked = CliRunner().invoke(
        taskconsole, [*words, "--help"], prog_name="taskconsole", terminal_width=78
    )
    blocks = guides.blocks(GUIDE)

    assert asked.output in [block.text for block in blocks]
    call = f"$ taskconsole {' '.join(words)}"
    assert any(block.language == "console" and call in block.text for block in blocks)


def test_the_examples_of_help_texts_fit_in_and_are_understood() -> None:
    for words in commands(taskconsole):
        told = CliRunner().invoke(taskconsole, [*words, "--help"], terminal_width=78).output
        for line in told.partition("Examples:\n")[2].splitlines():
            assert len(line) <= 78
            call = list(takewhile(lambda one: one not in {"|", ">"}, shlex.split(line)))
            beginning, rest = call[: len(words) + 1], call[len(words) + 1 :]
            assert beginning == ["taskconsole", *words]
            _command(words).make_context(words[-1], rest)  # refuses what it does not understand


def _command(words: tuple[str, ...]) -> click.Command:
    found: click.Command | None = taskconsole
    for word in words:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), word)
    assert found is not None
    return found
