"""Putting a run off, and what was missed."""

from datetime import timedelta

from support.console import console_on
from support.project import Project


async def test_a_run_is_put_off_and_begins_when_its_time_comes(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        assert " a Run later " in console.text
        await console.press("a")
        await console.sees("╭─ Run db:migrate later ─", "in 10m · at 14:30")
        await console.type("in 10m")
        await console.sees("today 14:13:21, in 10:00 (Europe/London)")
        await console.press("enter")
        await console.sees("it runs today 14:13:21")
        await console.until(lambda: "in 10:00" in console.row("migrate"))
        console.clock.advance(timedelta(minutes=10).total_seconds())
        await console.until(lambda: console.handle.task_status("db:migrate").last is not None)
        await console.until(lambda: not console.handle.delayed_runs())


async def test_a_run_that_waits_for_the_schedules_is_told_to_do_so(shop: Project) -> None:
    async with console_on(shop, scheduling=False) as console:
        await console.choose("db:migrate")
        await console.press("a", *"10m", "enter")
        await console.sees("it runs today 14:13:21", "schedules are held")


async def test_its_payload_is_the_one_in_the_editor(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("e", *'"n": 1', "escape", "a", *"1h", "enter")
        await console.until(lambda: bool(console.handle.delayed_runs()))
        assert console.handle.delayed_runs()[0].payload == {"n": 1}


async def test_what_is_no_time_is_told_and_puts_nothing_off(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("a")
        await console.type("25:00")
        await console.sees("a day has no 25:00")
        await console.press("enter")
        await console.sees("a day has no 25:00", "Run db:migrate later")
        await console.press("escape")
        await console.until(lambda: "Run db:migrate later" not in console.text)
        assert console.handle.delayed_runs() == ()


async def test_a_run_that_is_put_off_can_be_called_off(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("a", *"1h", "enter")
        await console.until(lambda: bool(console.handle.delayed_runs()))
        await console.press("m")
        await console.sees("» runs once today 15:03:21, in 1 h 0 m")
        await console.press("D")
        await console.sees("called off")
        assert console.handle.delayed_runs() == ()


async def test_missed_fires_are_told_and_the_last_one_is_run_by_a_key(shop: Project) -> None:
    skipping = 'catch_up="skip", schedule="*/5 * * * *"'
    shop.task("skips.py", "return event.context.scheduled_time.isoformat()", options=skipping)
    async with console_on(shop) as console:
        console.clock.advance(timedelta(minutes=17).total_seconds())
        await console.sees("missed", "press m there")
        await console.choose("skips")
        await console.press("m")
        await console.sees("! missed", "*/5 * * * *")
        missed = next(one for one in console.handle.missed_fires() if one.task == "skips")
        await console.press("enter")
        await console.sees(f'✓ result "{missed.last.isoformat()}"')
        assert all(one.task != "skips" for one in console.handle.missed_fires())
