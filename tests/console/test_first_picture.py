"""What the console paints first of all."""

from rich.console import RenderableType
from textual.screen import Screen

from support.console import RecordedPrograms
from support.project import Project
from support.screens import screen_text
from taskconsole.app import ConsoleApp
from taskengine import Engine
from taskengine.client.local import LocalHandle


class Album(ConsoleApp):
    """A console that keeps the first picture that it paints."""

    first = ""

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if not self.first:
            self.first = screen_text(self)


async def test_an_engine_that_is_there_already_is_in_the_first_picture(project: Project) -> None:
    project.write("taskconsole.toml", 'timezone = "Europe/Berlin"')
    project.task("hello.py", "return 1", options="schedule='5 * * * *'")
    handle = LocalHandle(Engine(project.root))
    try:
        await handle.start()
        app = Album(handle, programs=RecordedPrograms(), is_begun=True)
        async with app.run_test(size=(120, 36)):
            rows = [line for line in app.first.splitlines() if " hello " in line]
            assert [" hourly at :05 " in row and " in " in row for row in rows] == [True], app.first
            assert " Europe/Berlin" in app.first.splitlines()[0]
    finally:
        await handle.stop()
