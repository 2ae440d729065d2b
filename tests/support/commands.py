"""Commands called as a user calls them, without a process for each."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from taskconsole.cli import taskconsole


class Told:
    """What a command has told: its exit code, its data and its narration."""

    def __init__(self, code: int, data: str, narration: str) -> None:
        self.code = code
        self.data = data
        self.narration = narration

    @property
    def lines(self) -> list[str]:
        """The data, line by line."""
        return self.data.splitlines()

    @property
    def json(self) -> Any:
        """The data, which have to be one JSON document on one line."""
        assert len(self.lines) == 1
        return json.loads(self.data)


def called(
    root: Path, *arguments: str, env: Mapping[str, str | None] | None = None, given: str = ""
) -> Told:
    """Call `taskconsole --project ROOT` with arguments. What it does not expect is raised."""
    done = CliRunner().invoke(
        taskconsole,
        ["--project", str(root), *arguments],
        env=env,
        input=given,
        catch_exceptions=False,
    )
    return Told(done.exit_code, done.stdout, done.stderr)
