"""Whatever a task in a process of its own writes belongs to its run, in the order of writing."""

import asyncio

import pytest

from support.isolated import isolated, run_to_end
from support.project import Project
from taskengine import Engine, RunState
from taskengine.output import OutputKind

O, E = OutputKind.STDOUT, OutputKind.STDERR  # noqa: E741 - as in the tables of the guides


async def test_everything_that_writes_is_heard_in_its_order(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "noise.py",
        """
        import ctypes, logging, os, subprocess, sys, threading, warnings
        print("print")
        sys.stderr.write("stderr\\n")
        os.write(1, b"os.write\\n")
        ctypes.CDLL(None).puts(b"puts")
        subprocess.run(["echo", "subprocess"])
        logging.warning("log")
        event.context.log.info("context.log")
        warnings.warn("warning", stacklevel=1)
        thread = threading.Thread(target=print, args=("thread",))
        thread.start()
        thread.join()
        sys.stdout.buffer.write(b"buffer\\n")
        sys.__stdout__.write("original\\n")
        os.system("echo system")
        """,
    )
    await engine.start()

    ended = await run_to_end(engine, "noise")

    heard = [(kind, text.rpartition(": ")[2]) for kind, text in ended.kinds if "warn(" not in text]
    assert heard == [
        (O, "print"),
        (E, "stderr"),
        (O, "os.write"),
        (O, "puts"),
        (O, "subprocess"),
        (OutputKind.WARNING, "log"),
        (OutputKind.INFO, "context.log"),
        (OutputKind.WARNING, "warning"),
        (O, "thread"),
        (O, "buffer"),
        (O, "original"),
        (O, "system"),
    ]


async def test_standard_error_of_c_code_and_subprocesses_is_heard(
    project: Project, engine: Engine
) -> None:
    isolated(project, "c.py", "import os\nos.write(2, b'raw\\n')\nos.system('echo sub >&2')")
    await engine.start()

    assert (await run_to_end(engine, "c")).kinds == [(E, "raw"), (E, "sub")]


async def test_multiprocessing_is_heard_and_works(project: Project, engine: Engine) -> None:
    project.write(
        "work.py",
        """
        import logging, sys

        def work(number):
            print("worker", number, flush=True)
            return number * number
        """,
    )
    isolated(
        project,
        "multi.py",
        """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        from work import work
        context = multiprocessing.get_context(event.payload["method"])
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return list(pool.map(work, [1, 2, 3]))
        """,
    )
    await engine.start()

    for method in ("fork", "spawn"):
        ended = await run_to_end(engine, "multi", {"method": method})

        assert (ended.run.result, ended.texts) == ([1, 4, 9], ["worker 1", "worker 2", "worker 3"])


async def test_a_forked_child_logs_to_the_run(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "forks.py",
        """
        import logging, multiprocessing, sys
        def child():
            logging.error("from below")
            sys.stderr.write("and this\\n")
        process = multiprocessing.get_context("fork").Process(target=child)
        process.start()
        process.join()
        """,
    )
    await engine.start()

    kinds = (await run_to_end(engine, "forks")).kinds
    assert kinds == [(OutputKind.ERROR, "from below"), (E, "and this")]


async def test_a_fork_that_comes_back_from_the_task_ends_no_run(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "twice.py",
        """
        import asyncio, os
        event.context.wait_until(asyncio.sleep(0))  # which the fork has no thread for
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
        print(bool(pid))
        return bool(pid)
        """,
    )
    await engine.start()

    ended = await run_to_end(engine, "twice")

    assert (ended.run.result, ended.texts) == (True, ["False", "True"])


async def test_a_fork_that_fails_says_so_and_ends_no_run(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "fails.py",
        """
        import os
        pid = os.fork()
        if pid == 0:
            raise ValueError("below")
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        """,
    )
    await engine.start()

    ended = await run_to_end(engine, "fails")

    assert (ended.run.result, ended.texts[-1]) == (1, "ValueError: below")


async def test_a_record_is_taken_once_whatever_handlers_there_are(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "logs.py",
        """
        import logging, logging.config
        logging.basicConfig(level="DEBUG", force=True)
        logging.debug("basic")
        logging.config.dictConfig({
            "version": 1,
            "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
            "root": {"handlers": ["out"], "level": "INFO"},
        })
        logging.info("dict")
        """,
    )
    await engine.start()

    kinds = (await run_to_end(engine, "logs")).kinds
    assert kinds == [(OutputKind.DEBUG, "basic"), (OutputKind.INFO, "dict")]


async def test_the_log_level_of_the_config_counts(project: Project, engine: Engine) -> None:
    project.write("taskconsole.toml", '[capture]\nlog_level = "DEBUG"')
    isolated(project, "logs.py", "event.context.log.debug('small talk')")
    await engine.start()

    assert (await run_to_end(engine, "logs")).kinds == [(OutputKind.DEBUG, "small talk")]


@pytest.mark.slow
async def test_junk_and_a_line_without_end_are_taken(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "junk.py",
        """
        import os, sys
        chunk = bytes(range(256)) * 256
        for _ in range(100):
            sys.stdout.buffer.write(chunk)
        for _ in range(800):
            sys.stdout.write("x" * 65_536)
        print()
        os.write(1, b"the last line")
        """,
    )
    await engine.start()

    ended = await run_to_end(engine, "junk")

    assert ended.run.state is RunState.DONE
    assert ended.texts[-1] == "the last line"


async def test_what_a_closed_standard_output_was_is_none_of_the_next_runs_business(
    project: Project, engine: Engine
) -> None:
    isolated(project, "closes.py", "import os\nprint('before')\nos.closerange(0, 3)\nreturn 1")
    await engine.start()

    for _ in range(2):
        ended = await run_to_end(engine, "closes")
        assert (ended.run.result, ended.texts) == (1, ["before"])


async def test_a_task_that_closes_sys_stdout_can_still_print(
    project: Project, engine: Engine
) -> None:
    isolated(project, "closes.py", "import sys\nsys.stdout.close()\nprint('still here')")
    await engine.start()

    assert (await run_to_end(engine, "closes")).texts == ["still here"]


async def test_a_task_that_leads_its_output_into_a_file_finds_it_there(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)
    isolated(
        project,
        "redirects.py",
        """
        import logging, os, sys
        for number in (1, 2):
            fd = os.open(f"caught{number}", os.O_CREAT | os.O_WRONLY)
            os.dup2(fd, number)
        print("out")
        print("err", file=sys.stderr)
        logging.warning("a record")
        return [open(f"caught{number}").read() for number in (1, 2)]
        """,
    )
    await engine.start()

    ended = await run_to_end(engine, "redirects")

    assert ended.run.result == ["out\n", "err\n"]
    assert ended.kinds == [(OutputKind.WARNING, "a record")]


async def test_the_hint_of_a_missing_keyboard_is_given(project: Project, engine: Engine) -> None:
    isolated(project, "asks.py", "input()")
    await engine.start()

    ended = await run_to_end(engine, "asks")

    assert ended.run.error is not None
    assert ended.run.error.type == "EOFError"
    assert "keyboard" in ended.lines[0].text


async def test_twenty_noisy_runs_at_once_are_kept_apart(project: Project, engine: Engine) -> None:
    for number in range(20):
        isolated(
            project,
            f"noisy{number}.py",
            f"""
            import os, subprocess, sys
            for _ in range(50):
                print("{number}")
                sys.stderr.write("{number}\\n")
                os.write(1, b"{number}\\n")
            subprocess.run(["echo", "{number}"])
            """,
        )
    await engine.start()

    ended = await asyncio.gather(*(run_to_end(engine, f"noisy{n}") for n in range(20)))

    assert [set(one.texts) for one in ended] == [{str(number)} for number in range(20)]
    assert {len(one.texts) for one in ended} == {151}


async def test_prints_of_several_threads_do_not_mix_within_a_line(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "threads.py",
        """
        import threading
        def talk(word):
            for _ in range(200):
                print(word, word, word)
        threads = [threading.Thread(target=talk, args=(word,)) for word in ("a", "b", "c")]
        for one in threads: one.start()
        for one in threads: one.join()
        """,
    )
    await engine.start()

    ended = await run_to_end(engine, "threads")

    assert sorted(set(ended.texts)) == ["a a a", "b b b", "c c c"]
