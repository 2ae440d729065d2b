"""Draws the pictures of the README: the real console on a made-up project, at a fixed time."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from support.console import Console, console_on
from support.project import Project
from taskconsole.themes import DARK, LIGHT

HERE = Path(__file__).parent
CONFIG = """
timezone = "Europe/London"

[capture]
log_levle = "DEBUG"

[scheduled_tasks]
"* * * * *" = "cms:update"
"0 * * * *" = "db:cleanup"
"0 3 * * *" = "db:vacuum"
"30 8 * * mon-fri" = "mail:digest"
"0 6 1 * *" = "reports:monthly"
"*/15 * * * *" = "search:reindex"
"""

MIGRATE = """
import asyncio
from pathlib import Path

from taskengine import TaskEvent, task

STEPS = ["create table invoice", "backfill invoice.currency", "index invoice(customer, paid_at)"]


@task(description="Run the database migrations up to a revision")
async def run(event: TaskEvent) -> dict[str, object]:
    context = event.context
    print(f"migrating to {event.payload.get('target', 'head')}")
    context.log.warning("no lock table, creating one")
    for number, step in enumerate(STEPS, 1):
        print(f"{number}/{len(STEPS)}  {step}")
        context.progress(number, len(STEPS), step)
    while Path(__file__).parents[2].joinpath("hold").exists():
        await asyncio.sleep(0.01)
    return {"result": {"applied": len(STEPS), "revision": "9f2c"}}
"""

CLEANUP = """
from taskengine import TaskEvent, task

CUTOFF_DAYS = 90


def open_connection(url: str) -> None:
    raise ConnectionRefusedError(f"no database at {url}")


@task(description="Delete carts that nobody came back for")
def run(event: TaskEvent) -> int:
    print(f"looking for carts older than {CUTOFF_DAYS} days")
    open_connection("postgres://10.0.0.7/shop")
    return 0
"""


@dataclass(frozen=True)
class Scene:
    """A picture: what is done before it is taken, how large it is, and in which colours."""

    name: str
    play: Callable[[Console], Awaitable[None]]
    size: tuple[int, int] = (120, 36)
    theme: str = DARK.name


def write_shop(shop: Project) -> None:
    shop.write("taskconsole.toml", CONFIG)
    shop.task("cms/update.py", 'print("12 pages fetched")\nreturn {"result": {"pages": 12}}')
    shop.write("tasks/db/cleanup.py", CLEANUP)
    shop.write("tasks/db/migrate.py", MIGRATE)
    for path in ("db/vacuum.py", "mail/digest.py", "reports/monthly.py", "search/reindex.py"):
        shop.task(path, "return None", kind="def")
    shop.task("search/synonyms.py", "return None", options='schedule="0 25 * * *"')


async def play_day(console: Console) -> None:
    """Some runs have ended well, one badly, a schedule is paused, a migration is going on."""
    for _ in range(3):
        await console.run("cms:update", "✓ done")
    await console.run("search:reindex", "✓ done")
    await console.run("db:cleanup", "✗ failed")
    await console.choose("db:vacuum")
    await console.press("p")
    await console.choose("db:migrate")
    await console.press("e", "enter", *'"dryRun": true,', "enter", *'"target": "head"')
    await console.press("f5")
    await console.sees("3/3")
    console.clock.advance(4.2)
    await console.press("escape")
    await console.sees("14:03:25", "◐ 4.2s")


async def play_failure(console: Console) -> None:
    await console.run("db:cleanup", "✗ failed")


async def play_problems(console: Console) -> None:
    await console.press("4")
    await console.sees("out of range")


async def play_runs(console: Console) -> None:
    """The history, with the output of a run that failed below it."""
    await console.run("cms:update", "✓ done")
    await console.run("db:cleanup", "✗ failed")
    for task, seconds in (("search:reindex", 39), ("mail:digest", 60), ("search:reindex", 60)):
        console.clock.advance(seconds)
        await console.run(task, "✓ done")
    await console.press("2")
    await console.sees("#8")
    await console.press(*["down"] * 6, "enter")
    await console.sees("ConnectionRefusedError")


async def play_schedule(console: Console) -> None:
    await play_failure(console)
    await console.choose("mail:digest")
    await console.press("right_square_bracket", "right_square_bracket")
    await console.sees("tomorrow 08:30")


SCENES = [
    Scene("console", play_day),
    Scene("console-light", play_day, theme=LIGHT.name),
    Scene("failure", play_failure, size=(80, 24)),
    Scene("runs", play_runs),
    Scene("schedule", play_schedule),
    Scene("problems", play_problems),
]


async def draw(scene: Scene, folder: Path) -> None:
    shop = Project(folder / "shop-backend")
    write_shop(shop)
    hold = shop.write("hold", "")
    async with console_on(shop, size=scene.size) as console:
        console.app.theme = scene.theme
        await scene.play(console)
        await console.until(lambda: not console.is_moving)
        picture = console.app.export_screenshot(title="taskconsole")
        (HERE / f"{scene.name}.svg").write_text(picture, encoding="utf-8")
        hold.unlink()


def main() -> None:
    for scene in SCENES:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(draw(scene, Path(folder)))
        print(f"screenshots/{scene.name}.svg")


main()
