"""Groups of commands that import a command when it is used, so that none pays for another."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Finds each command as `command` in a module of its own.

    `package` holds the modules, `modules` the name of each by its command's. Commands are listed in
    that order.
    """

    def __init__(
        self,
        *arguments: Any,
        package: str = "",
        modules: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self._package = package
        self._modules = modules or {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All commands, in their order."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now."""
        if cmd_name not in self._modules:
            return None
        command = import_module(f"{self._package}.{self._modules[cmd_name]}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called. One that there is not is refused with what may be meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from taskengine.wording import did_you_mean

            if hint := did_you_mean(args[0], self.list_commands(ctx)):
                raise click.UsageError(f"{error.message} D{hint[1:]}", ctx) from None
            raise
