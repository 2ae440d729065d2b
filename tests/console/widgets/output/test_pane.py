"""The output pane: what it says of a run, and what it asks for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from support.outputs import RUNNING, STARTED, done, failed, mixed_output
from support.widgets import Stage, numbered_lines, staged, write_lines
from taskconsole import marks
from taskconsole.widgets.json_tree import JsonTree
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pane import OutputPane
from taskconsole.widgets.output.search_bar import SearchBar
from taskengine.output import OutputBuffer
from taskengine.run import Attempt, JoinedCaller, Progress, RunError, RunState, Trigger

NOW = STARTED + timedelta(seconds=3.2)


def log(stage: Stage[OutputPane]) -> LogView:
    return stage.widget.query_one("#logs", LogView)


def keys_of(stage: Stage[OutputPane]) -> list[str]:
    """What the keys do that work now."""
    found = stage.app.screen.active_bindings.values()
    return [one.binding.action for one in found if one.enabled]


async def test_without_a_run_the_pane_says_how_to_get_one(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        await stage.sees("Nothing to show yet", "Choose a task and run it")


async def test_a_run_is_told_with_its_number_trigger_state_and_duration(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, mixed_output())
        await stage.sees("#1042 db:migrate  manual  ◐ running 3.2s", "Running DB migration task")
        await stage.sees("Logs", "Result", "Payload", "follow", "17 lines")


async def test_the_title_follows_the_run(pane: OutputPane) -> None:
    turns = (
        (replace(RUNNING, state=RunState.QUEUED, started_at=None), "◌ queued"),
        (replace(RUNNING, stopping=True), "◍ stopping 3.2s"),
        (replace(RUNNING, attempt=3), "attempt 3"),
        (replace(RUNNING, trigger=Trigger.SCHEDULE), "db:migrate  schedule"),
        (done(1), "✓ done 3.1s"),
        (failed(), "✗ failed 3.1s"),
    )
    async with staged(pane) as stage:
        for run, words in turns:
            pane.show_run(RUNNING, OutputBuffer())
            pane.update_run(run)
            await stage.sees(words)


async def test_joined_callers_and_payloads_that_were_not_used_are_told(pane: OutputPane) -> None:
    used = JoinedCaller(at=STARTED, trigger=Trigger.API, payload_used=True)
    unused = replace(used, payload_used=False)
    async with staged(pane) as stage:
        pane.show_run(replace(RUNNING, joined=(used,), joined_count=1), OutputBuffer())
        await stage.sees("+1 joined")
        assert "not used" not in stage.text
        pane.update_run(replace(RUNNING, joined=(used, unused), joined_count=2))
        await stage.sees("+2 joined  its payload not used")


async def test_progress_is_told_with_rate_and_time_left(pane: OutputPane) -> None:
    told = (
        (Progress(done=420, total=1_000, message="users"), "420/1,000  131/s  4.4s left  users"),
        (Progress(done=8), " 8  2.5/s"),
        (Progress(done=0, total=10), "0%  0/10"),
        (Progress(done=10, total=10), "100%  10/10  3.1/s"),
        (Progress(done=30, total=10), "100%  30/10"),
    )
    async with staged(pane) as stage:
        for progress, words in told:
            pane.show_run(replace(RUNNING, progress=progress), OutputBuffer())
            await stage.sees(words)


async def test_progress_goes_when_the_run_ends(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(replace(RUNNING, progress=Progress(done=1, total=2)), OutputBuffer())
        await stage.sees("1/2")
        pane.update_run(replace(done(None), progress=Progress(done=1, total=2)))
        await stage.until(lambda: "1/2" not in stage.text)


async def test_a_result_is_shown_as_it_arrives_below_the_log(pane: OutputPane) -> None:
    output = OutputBuffer()
    write_lines(output, "working")
    async with staged(pane) as stage:
        pane.show_run(RUNNING, output)
        await stage.sees("working")
        pane.update_run(done({"migrated": 3}))
        await stage.sees("working", '✓ result {"migrated": 3}')
        assert pane.tab == "logs"


async def test_a_result_does_not_move_a_log_that_someone_reads(pane: OutputPane) -> None:
    output = OutputBuffer()
    numbered_lines(output, 100)
    async with staged(pane) as stage:
        pane.show_run(RUNNING, output)
        await stage.sees("line 99")
        await stage.press("home")
        await stage.sees("line 0")
        pane.update_run(done("Success"))
        await stage.sees('✓ result "Success"', "line 0")
        assert not log(stage).follow


async def test_a_run_that_printed_nothing_shows_its_result_at_once(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, OutputBuffer())
        pane.update_run(done({"deep": {"value": 1}}))
        await stage.until(lambda: pane.tab == "result")
        await stage.sees('"deep": {1 key}', '"value": 1')


async def test_a_large_result_is_not_written_out_below_the_log(pane: OutputPane) -> None:
    output = OutputBuffer()
    write_lines(output, "working")
    async with staged(pane) as stage:
        pane.show_run(RUNNING, output)
        pane.update_run(done(list(range(100_000))))
        await stage.sees("too large for a line: see the Result tab")


async def test_a_failure_is_told_with_type_and_message_and_its_traceback_can_be_read(
    pane: OutputPane,
) -> None:
    async with staged(pane, size=(110, 24)) as stage:
        pane.show_run(RUNNING, mixed_output())
        pane.focus()
        pane.update_run(failed())
        await stage.sees("✗ OperationalError: connection refused")
        await stage.press("right_square_bracket")
        await stage.sees('File "/project/tasks/db/migrate.py", line 12, in run')


async def test_a_failure_is_told_with_its_traceback_below_the_log(pane: OutputPane) -> None:
    output = OutputBuffer()
    write_lines(output, "looking")
    async with staged(pane, size=(110, 24)) as stage:
        pane.show_run(RUNNING, output)
        await stage.sees("looking")
        pane.update_run(failed())
        await stage.sees("looking", "ERROR    Traceback", 'File "tasks/db/migrate.py"')
        assert pane.tab == "logs"
        assert log(stage).line_count == 7


async def test_a_failure_does_not_move_a_log_that_someone_reads(pane: OutputPane) -> None:
    output = OutputBuffer()
    numbered_lines(output, 100)
    async with staged(pane) as stage:
        pane.show_run(RUNNING, output)
        await stage.sees("line 99")
        await stage.press("home")
        pane.update_run(failed())
        await stage.sees("✗ OperationalError", "line 0")
        await stage.press("end")
        await stage.sees("ERROR    Traceback")


async def test_a_run_that_failed_before_it_was_watched_shows_its_traceback(
    pane: OutputPane,
) -> None:
    async with staged(pane) as stage:
        pane.show_run(failed(), OutputBuffer())
        await stage.sees("ERROR    Traceback", "db.errors.OperationalError: connection refused")


async def test_what_a_thread_writes_after_its_run_is_shown(pane: OutputPane) -> None:
    output = OutputBuffer()
    async with staged(pane) as stage:
        pane.show_run(failed(), output)
        await stage.sees("ERROR    Traceback")
        write_lines(output, "still here")
        await stage.sees("ERROR    Traceback", "still here")


async def test_a_pane_can_be_given_its_run_before_it_is_mounted(pane: OutputPane) -> None:
    pane.show_run(RUNNING, mixed_output())
    async with staged(pane) as stage:
        await stage.sees("#1042 db:migrate", "Running DB migration task")


async def test_an_error_message_never_reaches_the_terminal_raw(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, OutputBuffer())
        pane.update_run(failed("bad \x1b[2J [red]not markup[/red]"))
        await stage.sees("bad  [red]not markup[/red]")


async def test_a_task_name_is_never_taken_for_markup(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(replace(RUNNING, task="[bold]x"), OutputBuffer())
        await stage.sees("#1042 [bold]x")


async def test_other_runs_do_not_change_what_is_watched(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, OutputBuffer())
        pane.update_run(replace(done(1), id=7, task="other"))
        await stage.sees("#1042 db:migrate  manual  ◐ running")


async def test_before_the_end_the_result_tab_says_that_there_is_none(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, OutputBuffer())
        pane.tab = "result"
        await stage.sees("No result yet: the run goes on.")


async def test_a_run_whose_output_is_gone_shows_its_result(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(done("kept"), None)
        await stage.sees('"kept"')


async def test_the_payload_has_a_tab(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, mixed_output())
        await stage.press("left_square_bracket")
        await stage.sees('"dryRun": true', '"target": "head"')


async def test_tabs_can_be_clicked(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, mixed_output())
        await stage.sees("Payload")
        last_row = stage.text.split("\n")[-1]
        await stage.pilot.click(offset=(last_row.index("Payload") + 2, 23))
        await stage.sees('"dryRun": true')


async def test_the_next_run_is_shown_from_its_log(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, OutputBuffer())
        pane.update_run(done("first"))
        await stage.until(lambda: pane.tab == "result")
        pane.show_run(replace(RUNNING, id=1043), mixed_output())
        await stage.sees("#1043", "Running DB migration task")
        assert '"first"' not in stage.text


async def test_engine_output_is_a_log_without_tabs(pane: OutputPane) -> None:
    output = OutputBuffer()
    write_lines(output, "from a C library")
    async with staged(pane) as stage:
        pane.show_run(RUNNING, mixed_output())
        pane.show_engine_output(output)
        await stage.sees("Engine output", "from a C library", "1 line")
        assert "Payload" not in stage.text


async def test_clearing_leaves_nothing_of_the_last_run(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, mixed_output())
        await stage.sees("db:migrate")
        pane.clear()
        await stage.sees("Nothing to show yet")
        assert "db:migrate" not in stage.text


async def test_a_search_is_typed_in_the_pane_and_its_hits_are_counted(pane: OutputPane) -> None:
    output = OutputBuffer()
    numbered_lines(output, 1_000)
    async with staged(pane) as stage:
        pane.show_run(RUNNING, output)
        pane.focus()
        await stage.press("slash", *"99")
        await stage.sees("hit 19 of 19")
        await stage.press("up")
        await stage.sees("hit 18 of 19")
        await stage.press("enter")
        assert log(stage).has_focus
        await stage.press("N")
        await stage.sees("hit 17 of 19")


async def test_escape_ends_a_search(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, mixed_output())
        pane.focus()
        await stage.press("slash", *"run")
        await stage.sees("hit ")
        await stage.press("escape")
        assert log(stage).search is None
        assert not pane.query_one(SearchBar).has_class("-open")
        assert log(stage).has_focus


async def test_the_focus_goes_along_with_the_page(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, mixed_output())
        pane.focus()
        await stage.press("left_square_bracket")
        assert pane.query_one("#payload", JsonTree).has_focus
        await stage.press("right_square_bracket")
        assert log(stage).has_focus


async def test_a_long_name_is_cut_rather_than_how_the_run_stands(pane: OutputPane) -> None:
    pane.show_run(replace(RUNNING, task="x" * 500), mixed_output())
    async with staged(pane, (60, 12)) as stage:
        await stage.sees("…  manual  ◐ running 3.2s ─╮")
        await stage.pilot.resize_terminal(100, 12)
        await stage.sees("x" * 60, "…  manual  ◐ running 3.2s ─╮")


async def test_without_a_log_there_is_nothing_to_save(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(done({}), None)
        pane.focus()
        assert not {"save", "page"} & set(keys_of(stage))
        pane.show_run(RUNNING, mixed_output())
        pane.focus()
        assert {"save", "page"} <= set(keys_of(stage))


async def test_saving_paging_and_zooming_are_asked_for(pane: OutputPane) -> None:
    output = mixed_output()
    async with staged(pane) as stage:
        pane.show_run(RUNNING, output)
        pane.focus()
        await stage.press("S", "P", "z")
        asked = stage.told(OutputPane.SaveRequested)
        assert {type(message).__name__ for message in asked} == {"SaveRequested", "PagerRequested"}
        assert [(message.run, message.output) for message in asked] == [(RUNNING, output)] * 2
        assert len(stage.told(OutputPane.ZoomRequested)) == 1


async def test_a_pane_can_be_given_its_run_before_it_is_seen(pane: OutputPane) -> None:
    pane.styles.display = "none"
    async with staged(pane) as stage:
        pane.show_run(RUNNING, mixed_output())
        await stage.pilot.pause()
        pane.styles.display = "block"
        await stage.sees("Running DB migration task")


async def test_a_run_between_two_attempts_counts_down_to_the_next(pane: OutputPane) -> None:
    error = Attempt(number=1, state=RunState.FAILED, started_at=STARTED, ended_at=STARTED)
    waiting = replace(
        RUNNING,
        state=RunState.WAITING,
        attempts=(error,),
        max_attempts=4,
        next_attempt_at=NOW + timedelta(seconds=5),
    )
    async with staged(pane) as stage:
        pane.show_run(waiting, OutputBuffer())
        await stage.sees("↻ waiting  attempt 2 of 4 in 0:05")
        pane.update_run(replace(RUNNING, attempt=2, max_attempts=4))
        await stage.sees("attempt 2 of 4 ─")


async def test_a_late_start_is_told_and_a_punctual_one_is_not(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(replace(RUNNING, scheduled_time=STARTED), OutputBuffer())
        await stage.sees("running")
        assert "after its time" not in stage.text
        planned = STARTED - timedelta(seconds=90)
        pane.show_run(replace(RUNNING, scheduled_time=planned), OutputBuffer())
        await stage.sees("1m 30s after its time")


async def test_a_run_that_is_stopping_says_what_can_be_done(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(replace(RUNNING, stopping=True), OutputBuffer())
        await stage.sees("it can't be killed here")
        pane.isolated = True
        pane.update_run(replace(RUNNING, stopping=True))
        await stage.sees("X kills it at once")


@pytest.mark.parametrize("state", [RunState.CRASHED, RunState.TIMEOUT])
async def test_whatever_went_wrong_shows_where_it_was(pane: OutputPane, state: RunState) -> None:
    async with staged(pane, size=(110, 24)) as stage:
        pane.show_run(replace(failed(), state=state), mixed_output())
        await stage.sees(marks.of_state(state).meaning, "ERROR    Traceback")


async def test_an_error_without_frames_is_told_once(pane: OutputPane) -> None:
    crash = RunError(type="TaskCrashed", message="killed by signal 11", traceback="TaskCrashed: …")
    async with staged(pane) as stage:
        pane.show_run(replace(failed(), state=RunState.CRASHED, error=crash), mixed_output())
        await stage.sees("✸ TaskCrashed: killed by signal 11", "migration failed")
        assert log(stage).line_count == mixed_output().extent.total


async def test_the_kin_of_a_run_is_named_with_how_it_stands() -> None:
    others = {7: replace(done(None), id=7, task="nightly"), 9: replace(RUNNING, id=9, task="load")}
    pane = OutputPane(now=lambda: NOW, run_of=others.get)
    family = replace(RUNNING, parent_id=7, children=(8, 9), child_count=4)
    async with staged(pane, size=(100, 24)) as stage:
        pane.show_run(family, OutputBuffer())
        await stage.sees("started by #7 nightly ✓ · started #8, #9 load ◐ and 2 more")


async def test_joined_callers_are_told_with_their_times(pane: OutputPane) -> None:
    caller = JoinedCaller(at=STARTED, trigger=Trigger.SCHEDULE, payload_used=True)
    async with staged(pane, size=(100, 24)) as stage:
        pane.show_run(replace(RUNNING, joined=(caller,), joined_count=5), OutputBuffer())
        await stage.sees("+5 joined", "joined by schedule 14:03:18 and 4 more")


async def test_a_run_that_stands_alone_has_no_line_on_its_kin(pane: OutputPane) -> None:
    async with staged(pane) as stage:
        pane.show_run(RUNNING, OutputBuffer())
        await stage.sees("running")
        assert not pane.query_one("#kin").display
