"""What a run does to the standard streams must not harm the next run."""

import pytest

from support.project import Project
from taskengine import Engine
from taskengine.output import OutputLine


@pytest.mark.parametrize(
    "harm",
    [
        "sys.stdout = None",
        "del sys.stdout",
        "sys.stdout.close()",
        "sys.stdout = io.StringIO()",
        "sys.stdout = io.StringIO(); sys.stdout.close()",
    ],
)
async def test_the_output_of_the_next_run_is_whole(
    project: Project, engine: Engine, harm: str
) -> None:
    project.task("harm.py", f"import io, sys\n{harm}", kind="def")
    project.task("next.py", "print('still here')", kind="def")
    await engine.start()
    await engine.run_task("harm")

    run = await engine.start_run("next")
    await engine.wait(run.id)

    output = engine.history.output(run.id)
    assert output is not None
    assert [OutputLine.decode(line).text for line in output.read(0, 10)] == ["still here"]
