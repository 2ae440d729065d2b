"""Capture of a whole process, tested in processes of their own."""

from collections.abc import Callable

from support.capture import Outcome

ProcessMode = Callable[[str], Outcome]


def test_what_belongs_to_no_run_is_the_engines_output(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        print("print")
        print("original", file=sys.__stdout__)
        print("error", file=sys.stderr)
        logging.getLogger("host").info("info")
        in_run(lambda: print("of the run"))
    """)
    assert outcome.engine == ["print", "original", "error", "info"]
    assert outcome.run == ["of the run"]
    assert outcome.terminal == ""


def test_descriptors_are_captured_below_python(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        import ctypes
        def body():
            os.write(1, b"descriptor\\n")
            ctypes.CDLL(None).puts(b"from C")
            os.write(2, b"descriptor 2")
        in_run(body)
    """)
    assert outcome.engine == ["descriptor", "from C", "descriptor 2"]
    assert outcome.terminal == ""


def test_a_stream_bound_before_is_captured_by_its_descriptor(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        capture.uninstall()
        early = sys.stdout
        early.write("before\\n")
        with capture:
            early.write("during\\n")
            early.flush()
            early.write("held back\\n")
        early.write("after\\n")
    """)
    assert outcome.engine == ["during", "held back"]
    assert outcome.terminal == "before\nafter\n"


def test_standard_input_is_empty_and_the_run_is_told(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        def body():
            try:
                input("name? ")
            except EOFError:
                print("nobody")
            assert sys.stdin.read() == "" and sys.stdin.buffer.read() == b""
            assert os.read(0, 10) == b""
            sys.stdin.close()
        in_run(body)
        in_run(lambda: sys.stdin.readline())
    """)
    assert outcome.run[0].startswith("A task has no keyboard")
    assert outcome.run[1] == "name? nobody"
    assert outcome.run[2].startswith("A task has no keyboard")


def test_the_streams_have_the_numbers_of_the_descriptors(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        assert (sys.stdout.fileno(), sys.stderr.fileno(), sys.stdin.fileno()) == (1, 2, 0)
        assert not sys.stdout.isatty() and not os.isatty(1)
        subprocess.run(["echo", "child of nobody"], stdout=sys.stdout)
        in_run(lambda: subprocess.run(["echo", "child"], stdout=sys.stdout.fileno()))
    """)
    assert (outcome.engine, outcome.run) == (["child of nobody"], ["child"])


def test_a_forked_child_of_a_run_belongs_to_it(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        import multiprocessing
        def child():
            print("forked print")
            logging.getLogger("forked").info("record")
            subprocess.run(["echo", "grandchild"])
        def body():
            process = multiprocessing.get_context("fork").Process(target=child)
            process.start()
            process.join()
            print("parent goes on")
        in_run(body)
        in_run(lambda: subprocess.run(["echo", "after the fork"]))
    """)
    assert sorted(outcome.run[:3]) == ["INFO  forked  record", "forked print", "grandchild"]
    assert outcome.run[3:] == ["parent goes on", "after the fork"]
    assert (outcome.engine, outcome.terminal) == ([], "")


def test_a_forked_child_of_nobody_writes_to_the_engines_output(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        pid = os.fork()
        if pid == 0:
            print("forked print")
            logging.getLogger("forked").info("record")
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(pid, 0)
    """)
    assert sorted(outcome.engine) == ["INFO  forked  record", "forked print"]
    assert outcome.terminal == ""


def test_a_full_pipe_blocks_nobody_and_loses_nothing(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        for number in range(50_000):
            os.write(1, b"x" * 99 + b"\\n")
        subprocess.run(["head", "-c", "3000000", "/dev/zero"])
    """)
    lines = [line for line in outcome.engine if line == "x" * 99]
    assert len(lines) == 50_000
    assert sum(line.count("\0") for line in outcome.engine) == 3_000_000


def test_warnings_are_shown_once_per_run_not_once_per_process(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        import warnings
        def body():
            for _ in range(2):
                warnings.warn("old way")
        for _ in range(2):
            capture.mend()
            in_run(body)
    """)
    assert len([line for line in outcome.run if "UserWarning: old way" in line]) == 2


def test_the_streams_and_the_hint_are_back_for_the_next_run(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        import io
        def body():
            sys.stdout.close()
            sys.stdout = sys.stderr = sys.stdin = io.StringIO()
            print("lost by the run's own wish")
        in_run(body)
        capture.mend()
        in_run(lambda: print("back"))
        in_run(lambda: sys.stdin.readline())
    """)
    assert outcome.run[0] == "back"
    assert outcome.run[1].startswith("A task has no keyboard")


def test_an_exception_in_a_thread_or_a_destructor_is_shown(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        class Bad:
            def __del__(self):
                raise ValueError("in a destructor")
        def body():
            Bad()
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        in_run(body)
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
    """)
    assert "ValueError: in a destructor" in outcome.run
    assert outcome.run[-1] == outcome.engine[-1] == "ZeroDivisionError: division by zero"
    assert outcome.terminal == ""


def test_everything_is_given_back(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        def state():
            streams = (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
            files = {fd: os.stat(fd).st_ino for fd in (0, 1, 2)}
            open_files = len(os.listdir("/proc/self/fd"))
            import warnings
            return streams, files, open_files, threading.enumerate(), logging.root.level, len(
                warnings.filters
            )
        capture.uninstall()
        before = state()
        for _ in range(3):
            with capture:
                capture.mend()
                in_run(lambda: subprocess.run(["echo", "child"]))
                assert state() != before
            assert state() == before
        print("on the terminal again")
    """)
    assert outcome.run == ["child"] * 3
    assert outcome.terminal == "on the terminal again\n"


def test_a_process_that_was_left_behind_holds_nothing_up(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        left = in_run(lambda: subprocess.Popen("echo early; exec sleep 600", shell=True))
        unowned = subprocess.Popen(["sleep", "600"])
        while not run.buffer.extent.total:
            threading.Event().wait(0.01)
        capture.uninstall()
        for child in (left, unowned):
            child.kill()
            child.wait()
    """)
    assert outcome.run == ["early"]


def test_a_descriptor_that_a_task_has_closed_or_replaced_is_back_for_the_next(
    process_mode: ProcessMode,
) -> None:
    outcome = process_mode("""
        def close():
            os.close(1)
        def replace():
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        for harm in (close, replace):
            in_run(harm)
            capture.mend()
            capture.mend()
            os.write(1, b"one\\n")
            os.write(2, b"two\\n")
    """)
    assert sorted(outcome.engine) == [
        "Descriptor 1 was closed or replaced; it is back in place.",
        "Descriptor 2 was closed or replaced; it is back in place.",
        *["one"] * 2,
        *["two"] * 2,
    ]
    assert outcome.terminal == ""


def test_what_a_task_prints_while_a_descriptor_is_closed_is_still_the_runs(
    process_mode: ProcessMode,
) -> None:
    outcome = process_mode("""
        def body():
            os.close(1)
            os.close(2)
            print("print")
            subprocess.run(["echo", "child"])
            logging.getLogger("x").warning("record")
        in_run(body)
        capture.mend()
    """)
    assert outcome.run == ["print", "child", "record"]
    assert outcome.terminal == ""


def test_unusual_places_to_print_from(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        import atexit, faulthandler, gc, signal, traceback
        class Talkative:
            def __str__(self):
                print("from __str__")
                return "talkative"
            def __del__(self):
                print("from __del__")
        def body():
            print(Talkative())
            signal.signal(signal.SIGUSR1, lambda *_: print("from a signal handler"))
            signal.raise_signal(signal.SIGUSR1)
            try:
                1 / 0
            except ZeroDivisionError:
                traceback.print_exc()
            logging.getLogger("nobody.listens").warning("last resort")
            logging.lastResort.handle(logging.makeLogRecord({"msg": "by hand"}))
            faulthandler.dump_traceback()
        atexit.register(lambda: None)
        in_run(body)
    """)
    assert outcome.run[:4] == [
        "from __str__",
        "talkative",
        "from __del__",
        "from a signal handler",
    ]
    assert outcome.run[-3:] == [
        "ZeroDivisionError: division by zero",
        "last resort",
        "by hand",
    ]
    assert any("in body" in line for line in outcome.engine)
    assert outcome.terminal == ""


def test_binary_junk_reaches_the_engines_output_as_text(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        junk = bytes(range(256)) * 100
        os.write(1, junk + b"\\n")
        in_run(lambda: sys.stdout.buffer.write(junk + b"\\n"))
        in_run(lambda: subprocess.run(["head", "-c", "100000", "/dev/urandom"]))
    """)
    assert "\\xff" in "".join(outcome.engine)
    assert "\\xff" in "".join(outcome.run)
    assert outcome.terminal == ""


def test_handlers_bound_before_the_capture_do_not_double_lines(process_mode: ProcessMode) -> None:
    outcome = process_mode("""
        capture.uninstall()
        logging.basicConfig(stream=sys.stderr, level="INFO")
        logging.getLogger("early").addHandler(logging.StreamHandler(sys.__stdout__))
        with capture:
            in_run(lambda: logging.getLogger("early").info("once"))
            logging.getLogger("early").info("of the engine")
    """)
    assert (outcome.run, outcome.engine, outcome.terminal) == (["once"], ["of the engine"], "")
