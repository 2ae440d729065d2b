"""The guide to the commands names all there are, as they tell of themselves."""

from collections.abc import Iterator

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
