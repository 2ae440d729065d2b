"""How long it takes from the command to a screen with all tasks on it, in a real pseudo-terminal;
beside a Textual app that shows one label, the least that any such program takes.

    python benchmarks/first_paint.py [ROUNDS]
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from support.terminal import PtyProgram

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 7
TASKS = 100
TASK = """
from taskengine import TaskEvent, task


@task(description="Number {n}", schedule="{m} * * * *")
async def run(event: TaskEvent) -> int:
    return {n}
"""
LEAST = """
from textual.app import App
from textual.widgets import Label


class Least(App):
    def compose(self):
        yield Label("all there is")

    def on_key(self):
        self.exit()


Least().run()
"""


def seconds_until(pattern: str, argv: Sequence[str | Path], cwd: Path) -> float:
    began = time.perf_counter()
    with PtyProgram(argv, cwd=cwd) as program:
        program.wait_for(pattern)
        taken = time.perf_counter() - began
        program.send("q")
        program.wait_end()
    return taken


def make_project(root: Path) -> None:
    (root / "tasks").mkdir()
    (root / "taskconsole.toml").touch()
    for number in range(TASKS):
        Path(root, "tasks", f"t{number:03}.py").write_text(TASK.format(n=number, m=number % 60))


def main() -> None:
    python = Path(sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_project(root)
        (root / "least.py").write_text(LEAST)
        rivals = {
            "one label in Textual": ("all there is", [python, root / "least.py"]),
            f"taskconsole, {TASKS} tasks": (r"t000.*hourly", [python.parent / "taskconsole"]),
        }
        taken: dict[str, list[float]] = {name: [] for name in rivals}
        for _ in range(ROUNDS + 1):
            for name, (pattern, argv) in rivals.items():
                taken[name].append(seconds_until(pattern, argv, root))
        for name, all_seconds in taken.items():
            seconds = all_seconds[1:]  # the first round writes bytecode
            print(
                f"{name:24} median {statistics.median(seconds):.3f} s"
                f"   {min(seconds):.3f} to {max(seconds):.3f} s"
            )


main()
