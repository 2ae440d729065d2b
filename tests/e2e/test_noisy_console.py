"""Eight noisy tasks at once under a console that draws: no line astray, none on the terminal."""

import json
import re
import sys
from collections import Counter
from pathlib import Path

from support.project import Project
from support.terminal import PtyProgram

SCRIPT = Path(__file__).parent / "noisy_console.py"
ROUNDS = 20
SOURCES = ["print", "stderr", "logging", "warning", "thread", "pool", "child", "buffer"]
BODY = """
import logging, subprocess, sys, threading, warnings
from concurrent.futures import ThreadPoolExecutor

for number in range({rounds}):
    def line(source):
        return f"<{{event.name}} {{number}} {{source}}>"

    print(line("print"))
    print(line("stderr"), file=sys.stderr)
    logging.getLogger("lib").info(line("logging"))
    warnings.warn(line("warning"))
    sys.stdout.buffer.write(line("buffer").encode() + b"\\n")
    thread = threading.Thread(target=print, args=(line("thread"),))
    thread.start()
    thread.join()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(print, line("pool")).result()
    subprocess.run(["echo", line("child")], check=True)
{pause}
"""


def test_every_line_is_where_it_belongs(project: Project, tmp_path: Path) -> None:
    for number in range(4):
        project.task(f"s{number}.py", BODY.format(rounds=ROUNDS, pause=""), kind="def")
        pause = "    import asyncio; await asyncio.sleep(0)"
        project.task(f"a{number}.py", BODY.format(rounds=ROUNDS, pause=pause))
    result = tmp_path / "result.json"

    with PtyProgram(
        [sys.executable, SCRIPT], cwd=project.root, env={"RESULT": str(result)}
    ) as program:
        assert program.wait_end(120) == 0
        drawn = program.text

    written = json.loads(result.read_text(encoding="utf-8"))
    assert written.pop("engine output") == []
    assert len(written) == 8
    for task, lines in written.items():
        tagged = [line[line.index("<") : line.index(">") + 1] for line in lines if "<" in line]
        expected = [f"<{task} {number} {source}>" for number in range(ROUNDS) for source in SOURCES]
        # A warning also shows the line of code that raised it.
        assert Counter(one for one in tagged if "{" not in one) == Counter(expected)
    assert "taskconsole" in drawn
    # The chosen task, the list's first, is watched: its lines alone may be drawn, by the console.
    assert not re.search(r"<(?!a0 )\w+ \d+ ", drawn)
