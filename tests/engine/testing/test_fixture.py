"""The fixture that a user's own pytest gets with the package."""

import subprocess
import sys

import pytest

from support.project import Project

# None of the other plugins here is needed, and each takes its time to begin.
OTHERS = ("asyncio", "hypothesispytest", "textual-snapshot", "syrupy", "xdist", "anyio")
PLAIN = [argument for name in OTHERS for argument in ("-p", f"no:{name}")]


def run_pytest(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", *PLAIN, *arguments],
        cwd=project.root,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("capture", ["fd", pytest.param("sys", marks=pytest.mark.slow)])
def test_plain_pytest_has_the_fixture_and_keeps_its_own_capture(
    project: Project, capture: str
) -> None:
    project.task("hello.py", "print('of the task')\nreturn 'hello'", kind="def")
    project.write(
        "tests/test_hello.py",
        """
        from tasks.hello import run

        def test_hello(task_bench):
            print("of the test")
            outcome = task_bench.run_blocking(run)
            print("of the test too")
            assert (outcome.result, outcome.text) == ("hello", "of the task")
            assert False, "so that the output is shown"
        """,
    )
    done = run_pytest(project, f"--capture={capture}", "tests")

    assert "so that the output is shown" in done.stdout
    assert "of the test\nof the test too\n" in done.stdout


def test_tests_that_do_not_use_it_do_not_pay_for_it(project: Project) -> None:
    project.write(
        "test_nothing.py",
        """
        import sys

        def test_nothing():
            assert "taskengine.testing.pytest_plugin" in sys.modules
            assert "taskengine.engine" not in sys.modules
            assert "taskengine.testing.bench" not in sys.modules
        """,
    )

    assert "1 passed" in run_pytest(project).stdout
