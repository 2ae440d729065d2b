"""`taskconsole completion`: what makes a shell complete commands, options and names of tasks."""

import os
import sys
from pathlib import Path

import click

from taskconsole.cli.exits import WRONG_CALL
from taskconsole.cli.printing import narrate
from taskconsole.cli.refusing import refuse

COMMAND = "taskconsole"
VARIABLE = "_TASKCONSOLE_COMPLETE"
"""The variable by which a shell's script asks for completions: the name that click gives it."""

_INSTALL = {
    "bash": """\
    mkdir -p ~/.local/share/bash-completion/completions
    taskconsole completion bash > ~/.local/share/bash-completion/completions/taskconsole
Where the package bash-completion is not installed, put this into ~/.bashrc instead:
    eval "$(taskconsole completion bash)"
""",
    "zsh": """\
    mkdir -p ~/.zfunc
    taskconsole completion zsh > ~/.zfunc/_taskconsole
and this into ~/.zshrc, before the line with `compinit` if there is one:
    fpath+=~/.zfunc; autoload -Uz compinit; compinit
""",
    "fish": """\
    mkdir -p ~/.config/fish/completions
    taskconsole completion fish > ~/.config/fish/completions/taskconsole.fish
""",
}
_FIRST_LINE = "#compdef"  # by it zsh knows whose completions a file holds


@click.command("completion", short_help="Print the script that completes commands in a shell.")
@click.argument("shell", type=click.Choice(tuple(_INSTALL)), required=False)
@click.pass_context
def command(ctx: click.Context, shell: str | None) -> None:
    """Print the script that completes commands and the names of tasks in a SHELL.

    The shell is the one of $SHELL if none is named. The script begins with how to install it.
    """
    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in _INSTALL:
        refuse(ctx, f"name the shell: {', '.join(_INSTALL)}", WRONG_CALL)
    click.echo(_with_head(name, _script(ctx, name)), nl=False)
    if shell is None:
        narrate(f"This is for {name}, the shell of $SHELL; its head says how to install it.")


def prepare() -> None:
    """Get ready to answer a shell, which has no place to show a complaint."""
    _register()
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - to the end


def _with_head(shell: str, script: str) -> str:
    title = f"Completion of {COMMAND} for {shell}. To have it in every new shell:\n"
    head = "".join(f"# {line}\n" for line in (title + _INSTALL[shell]).splitlines())
    if not script.startswith(_FIRST_LINE):
        return f"{head}\n{script}"
    first, _, rest = script.partition("\n")
    return f"{first}\n{head}{rest}"


def _script(ctx: click.Context, shell: str) -> str:
    from click.shell_completion import get_completion_class

    _register()
    completion = get_completion_class(shell)
    assert completion is not None
    return completion(ctx.find_root().command, {}, COMMAND, VARIABLE).source()


def _register() -> None:
    """Have our own completions used where click's take words apart."""
    from taskconsole.cli.completion import bash, fish

    bash.register()
    fish.register()
