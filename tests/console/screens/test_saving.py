"""Leaving the console while a log is being saved."""

import re
from pathlib import Path

from support.console import Console, console_on
from support.late_output import LateOutput
from support.project import Project
from taskconsole.screens.help import sections
from taskconsole.widgets.output.pane import OutputPane

TERM = 143


async def save(console: Console, output: LateOutput) -> Path:
    """Begin to save an output, whose lines do not come yet; gives back where it goes."""
    console.app.post_message(OutputPane.SaveRequested(None, output))
    await console.until(lambda: bool(output.asked))
    return console.handle.status.root / "engine-output.log"


def log_keys(console: Console) -> dict[str, bool]:
    """The keys that the help lists about logs as a whole, and whether they work now."""
    listed = [key for section in sections(console.app.screen) for key in section.keys]
    return {key.names[0]: key.works for key in listed if "the log that is shown" in key.words}


async def test_the_log_that_is_shown_is_saved_wherever_the_focus_is(shop: Project) -> None:
    first, second = (shop.root / f"cms-update-1{end}.log" for end in ("", "-2"))
    async with console_on(shop, scheduling=False) as console:
        await console.choose("cms:update")
        assert log_keys(console) == {"S": False, "P": False}
        await console.run("cms:update", "✓ done")
        assert log_keys(console) == {"S": True, "P": True}
        await console.press("S")
        await console.until(first.exists)
        await console.press("P")
        await console.until(lambda: bool(console.programs.paged))
        await console.press("e", "S")
        assert console.app.main.typed_text() == "{S}"
        await console.press("escape", "2")
        await console.sees("Runs (1)")
        assert log_keys(console) == {"S": False, "P": False}
        await console.press("enter")
        await console.until(lambda: log_keys(console)["S"])
        assert not second.exists()
        await console.press("S")
        await console.until(second.exists)
        assert first.read_text(encoding="utf-8") == second.read_text(encoding="utf-8")


def files_beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.glob("engine-output*"))


def parting_words(console: Console) -> str:
    return re.sub(r"\s+", " ", " ".join(console.app.parting_words))


async def test_quitting_waits_until_it_is_saved(shop: Project) -> None:
    output = LateOutput("one", "two", "three")
    async with console_on(shop) as console:
        path = await save(console, output)
        await console.press("q")
        await console.sees("1 log is being saved", "engine-output.log", "0/3 lines")
        assert console.app.return_code is None
        assert files_beside(path) == ["engine-output.log.part"]
        await console.press("escape")
        assert "Tasks (6)" in console.text
        await console.press("q")
        output.let_come()
        await console.until(lambda: console.app.return_code == 0)
    assert path.read_text(encoding="utf-8").count("\n") == 3
    assert files_beside(path) == ["engine-output.log"]
    assert parting_words(console) == f"Saved: {path}"


async def test_quitting_again_leaves_it_and_says_so(shop: Project) -> None:
    async with console_on(shop, size=(80, 24)) as console:
        path = await save(console, LateOutput("one"))
        await console.press("ctrl+q")
        await console.sees("1 log is being saved")
        await console.press("q")
        await console.until(lambda: console.app.return_code == 0)
    assert files_beside(path) == []
    assert f"Not saved: {path}" in parting_words(console)


async def test_a_signal_leaves_it_the_time_of_grace_and_a_second_one_does_not(
    shop: Project,
) -> None:
    output = LateOutput("one")
    async with console_on(shop) as console:
        path = await save(console, output)
        console.app.call_later(console.app.end_in_order, "SIGTERM", TERM)
        await console.sees("SIGTERM: 1 log is being saved", "They get 10.0s more")
        assert console.app.return_code is None
        console.app.call_later(console.app.end_in_order, "SIGTERM", TERM)
        await console.until(lambda: console.app.return_code == TERM)
    assert f"Not saved: {path}" in parting_words(console)


async def test_a_signal_waits_for_runs_and_what_is_saved(shop: Project) -> None:
    output = LateOutput("one")
    async with console_on(shop) as console:
        path = await save(console, output)
        await console.run("wait", "◐ running")
        console.app.call_later(console.app.end_in_order, "SIGTERM", TERM)
        await console.sees("SIGTERM: 1 run goes on, 1 log is being saved", "They get 10.0s more")
        output.let_come()
        await console.until(path.exists)
        await console.handle.cancel_run(1)
        await console.until(lambda: console.app.return_code == TERM)


async def test_the_answer_about_runs_drops_nothing_and_what_fails_after_it_is_told(
    shop: Project,
) -> None:
    output = LateOutput("one")
    async with console_on(shop) as console:
        path = await save(console, output)
        await console.run("wait", "◐ running")
        await console.press("q", "X")
        await console.sees("1 log is being saved")
        assert console.app.return_code is None
        output.break_off()
        await console.until(lambda: console.app.return_code == 0)
    assert files_beside(path) == []
    assert parting_words(console) == f"Not saved: {path}: nobody answers"
