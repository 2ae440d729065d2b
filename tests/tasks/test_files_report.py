"""`files:report`: sizes, their chart, and how it stops."""

import logging
import threading
from dataclasses import dataclass, field
from typing import cast

import pytest

from support.examples import Examples
from taskengine import TaskContext, TaskEvent, Trigger
from taskengine.run import Payload, Progress
from taskengine.task import RunControl


@dataclass
class CancelledAtFirst:
    """Controls a run that is cancelled when it first says that something is done."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    messages: list[str] = field(default_factory=list)

    def report_progress(self, progress: Progress) -> None:
        self.messages.append(progress.message)
        if progress.done:
            self.cancelled.set()


def event_for(control: CancelledAtFirst, payload: Payload) -> TaskEvent:
    context = TaskContext(
        run_id=1,
        attempt=1,
        trigger=Trigger.MANUAL,
        scheduled_time=None,
        extra={},
        log=logging.getLogger("test"),
        cancelled=control.cancelled,
        control=cast(RunControl, control),
    )
    return TaskEvent(name="files:report", payload=payload, context=context)


async def test_subfolders_are_listed_largest_first(examples: Examples) -> None:
    for name, size in (("small", 1_000), ("large/deep/er", 3_000), ("large", 1_000)):
        folder = examples.scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "file").write_bytes(b"x" * size)
    (examples.scratch / "empty").mkdir()

    result = await examples.run("files:report", folder=str(examples.scratch))

    assert result == {
        "folder": str(examples.scratch),
        "bytes": 5_000,
        "subfolders": [
            {"name": "large", "files": 2, "bytes": 4_000},
            {"name": "small", "files": 1, "bytes": 1_000},
            {"name": "empty", "files": 0, "bytes": 0},
        ],
    }
    assert examples.output() == [
        "   4.0 kB  " + "█" * 30 + "  large",
        "   1.0 kB  " + "█" * 7 + "▌" + " " * 24 + "small",
        "      0 B  " + " " * 32 + "empty",
        f"5.0 kB in 3 subfolders of {examples.scratch}",
    ]


async def test_links_are_not_followed(examples: Examples) -> None:
    (examples.temp / "file").write_bytes(b"x" * 100_000)
    (examples.scratch / "a").mkdir()
    (examples.scratch / "a" / "inner").symlink_to(examples.temp)
    (examples.scratch / "outer").symlink_to(examples.temp)

    result = await examples.run("files:report", folder=str(examples.scratch))

    assert [folder["name"] for folder in result["subfolders"]] == ["a"]
    assert result["bytes"] < 100_000


async def test_only_the_top_is_listed_but_all_is_in_the_result(examples: Examples) -> None:
    for number in range(5):
        (examples.scratch / str(number)).mkdir()

    result = await examples.run("files:report", folder=str(examples.scratch), top=2)

    assert len(examples.output()) == 3
    assert len(result["subfolders"]) == 5


async def test_a_folder_that_is_not_there_fails_the_run(examples: Examples) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        await examples.run("files:report", folder="nowhere")


async def test_a_cancelled_report_stops_and_has_no_result(
    examples: Examples, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        (examples.scratch / name).mkdir()
    await examples.run("files:report", folder=str(examples.scratch))
    report = examples.engine.catalog.entries["files:report"].function
    assert report is not None
    control = CancelledAtFirst()

    result = report(event_for(control, {"folder": str(examples.scratch)}))

    assert result is None
    assert control.messages == ["a", "b"]
    assert capsys.readouterr().out == "Cancelled at b\n"
