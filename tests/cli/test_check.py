"""`taskconsole check`, for continuous integration."""

from pathlib import Path

import pytest

from support.commands import called
from support.project import Project


def test_a_project_without_a_fault_passes_and_is_left_as_it_is(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    project.task("good.py", 'raise SystemExit("was run")', options='schedule="@daily"')
    project.write("tasks/loud.py", "import os, taskengine\nprint('loud')\nos.write(1, b'raw\\n')\n")
    project.write(
        "tasks/loud.py",
        """
        import os
        from taskengine import task

        print("loud")
        os.write(1, b"raw\\n")

        @task
        def run(event): ...
        """,
    )
    told = called(project.root, "check")
    assert (told.code, told.data) == (0, "")
    assert told.narration == f"{project.root}: 2 tasks, 1 schedule, no problems.\n"
    written = capfd.readouterr()
    assert (written.out, sorted(written.err.splitlines())) == ("", ["loud", "raw"])
    assert not (project.root / ".taskconsole").exists()


def test_every_problem_is_told_with_its_place_and_what_to_do(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "taskconsole.toml",
        """
        timezon = "Europe/London"

        [scheduled_tasks]
        "@daily" = "nobody"
        """,
    )
    project.write("tasks/broken.py", "import taskengine\n\ndef (\n")
    project.write("tasks/missing.py", "import taskengine\nimport no_such_module\n")
    project.task("odd.py", "return 1", options='schedule="0 0 31 2 *", timeout="soon"')
    project.write(
        "tasks/typed.py",
        """
        from taskengine import TaskEvent, task

        @task
        def run(event: TaskEvent[int]): ...
        """,
    )
    monkeypatch.chdir(project.root)
    told = called(project.root, "check")
    assert told.code == 1
    places = [line.split(": ")[0] for line in told.lines if not line.startswith(" ")]
    assert places == [
        "taskconsole.toml:1",
        "taskconsole.toml:4",
        "tasks/broken.py:3:5",
        "tasks/missing.py:2",
        "tasks/odd.py:4",
        "tasks/odd.py:4",
        "tasks/typed.py:4",
    ]
    assert "  did you mean `timezone`?" in told.lines
    assert "there is no task `nobody`" in told.data
    assert told.narration.endswith(": 4 tasks, 0 schedules, 7 problems.\n")

    found = called(project.root, "check", "--json")
    assert found.code == 1
    assert (found.json["task_count"], len(found.json["problems"])) == (4, 7)
    first = found.json["problems"][0]
    assert (first["kind"], first["line"], first["hint"]) == (
        "config",
        1,
        "did you mean `timezone`?",
    )
    assert Path(first["path"]) == project.root / "taskconsole.toml"
    assert "ModuleNotFoundError" in called(project.root, "check", "--traceback").data


def test_what_hangs_or_ends_the_process_is_found_out_and_hides_nothing_else(
    project: Project,
) -> None:
    culprits = {
        "hangs": ("import time; time.sleep(1000)", "its import took more than 1 s and was cut off"),
        "leaves": ("import os; os._exit(0)", "its import ended the process (exit code 0)"),
        "crashes": ("import os; os.kill(os.getpid(), 11)", "(signal 11, SIGSEGV)"),
    }
    for name, (statement, _) in culprits.items():
        project.write(f"tasks/{name}.py", f"import taskengine\n{statement}\n")
    project.write("tasks/a.py", "import taskengine\nimport missing_one\n")
    project.write("tasks/z.py", "import taskengine\nimport missing_other\n")
    project.task("fine.py", "return 1", options='schedule="0 24 * * *"')
    told = called(project.root, "check", "--import-timeout", "1")
    assert told.code == 1
    for name, (_, message) in culprits.items():
        (line,) = (line for line in told.lines if f"/{name}.py" in line)
        assert message in line
    for words in ("'missing_one'", "'missing_other'", "hour '24' is out of range"):
        assert words in told.data
    assert told.narration.endswith("6 problems.\n")


def test_the_file_that_hangs_is_named_and_not_each_task_that_imports_it(project: Project) -> None:
    project.write(
        "tasks/_db.py",
        """
        import threading

        threading.Event().wait()
        """,
    )
    for name in ("a", "b", "c"):
        project.write(f"tasks/{name}.py", "import taskengine\nimport tasks._db\n")
    told = called(project.root, "check", "--import-timeout", "1", "--traceback")
    assert f"{project.root}/tasks/_db.py:3: its import took more than 1 s" in told.data
    assert told.data.count("took more than") == 1
    assert f'File "{project.root}/tasks/_db.py", line 3 in <module>' in told.data
    for name in ("a", "b", "c"):
        words = f"{project.root}/tasks/_db.py comes to no end when it is imported"
        assert f"tasks/{name}.py:2: ImportError: {words}" in told.data


def test_a_crash_is_told_with_its_line(project: Project) -> None:
    project.write("tasks/crashes.py", "import taskengine\n\nimport os\nos.abort()\n")
    told = called(project.root, "check")
    assert "tasks/crashes.py:4: its import ended the process (signal 6, SIGABRT)" in told.data


@pytest.mark.slow
def test_many_modules_that_come_to_no_end_are_all_named_in_a_bounded_time(project: Project) -> None:
    for number in range(10):
        project.write(f"tasks/hangs{number}.py", "import time, taskengine\ntime.sleep(1000)\n")
        project.write(f"tasks/leaves{number}.py", "import os, taskengine\nos._exit(1)\n")
    project.write("tasks/z.py", "import taskengine\nimport missing_one\n")
    told = called(project.root, "check", "--import-timeout", "20")
    assert told.data.count("its import took more than 20 s") == 10
    assert told.data.count("its import ended the process") == 10
    assert "'missing_one'" in told.data
    assert "hangs0.py has been imported for" in told.narration


@pytest.mark.parametrize("time", ["nan", "inf", "0", "2d"])
def test_a_time_for_imports_is_one_that_can_be_waited_for(project: Project, time: str) -> None:
    told = called(project.root, "check", "--import-timeout", time)
    assert told.code == 2
    assert "--import-timeout" in told.narration


def test_threads_and_questions_of_a_module_keep_nobody_waiting(project: Project) -> None:
    project.write(
        "tasks/odd.py",
        """
        import threading
        import taskengine

        threading.Thread(target=threading.Event().wait).start()
        input("what now? ")
        """,
    )
    told = called(project.root, "check")
    assert told.code == 1
    assert "EOFError" in told.data
