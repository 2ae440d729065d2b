"""A real project in a temporary folder, written file by file."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent


@dataclass(frozen=True)
class Project:
    root: Path

    def write(self, path: str, text: str) -> Path:
        """Write a file below the root; the text may be indented with the code around it."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_name(f".{target.name}")
        half.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return half.replace(target)  # whoever watches never sees a file that is half written

    def task(self, path: str, body: str, *, options: str = "", kind: str = "async def") -> Path:
        """Write `tasks/PATH` with one task whose body is `body`."""
        head = (
            "from taskengine import TaskEvent, task\n\n\n"
            f"@task({options})\n{kind} run(event: TaskEvent):\n"
        )
        lines = dedent(body).strip("\n").splitlines()
        return self.write(f"tasks/{path}", head + "".join(f"    {line}\n" for line in lines))
