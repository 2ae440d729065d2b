"""What a shell completes, asked as shells ask, and in a real bash."""

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from support.commands import called
from support.headless import headless
from support.project import Project
from support.terminal import PtyProgram
from taskconsole.cli import taskconsole
from taskconsole.cli.completion import names
from taskconsole.cli.completion.bash import Line, register
from taskengine import Engine
from taskengine.http.server import Server

BIN = Path(sys.executable).parent
INPUTRC = """
set enable-bracketed-paste off
set bell-style none
set show-all-if-ambiguous on
set completion-query-items 0
set page-completions off
"""


ZSH = """
autoload -Uz compinit; compinit -u -d .zcompdump; unsetopt zle_bracketed_paste prompt_sp
PS1='$ '; eval "$(taskconsole completion zsh)"; echo rea""dy
"""
FISH = """
function fish_prompt; echo '$ '; end
taskconsole completion fish | source; echo rea""dy
"""


@pytest.fixture
def tasks(project: Project) -> Project:
    """A project with names that shells find hard."""
    for path in ("db/migrate.py", "db/seed.py", "my report.py", "büro:post.py"):
        project.task(path, "return 1")
    return project


def completed(root: Path, words: str, shell: str = "zsh") -> list[str]:
    """The answers to a line, in the form that click gives a shell."""
    register()
    line = f"taskconsole --project {shlex.quote(str(root))} {words}"
    count = len(line.split()) - (not line.endswith(" "))
    word = "" if line.endswith(" ") else line.rsplit(maxsplit=1)[-1]
    place = {"zsh": str(count), "bash": str(count), "fish": word}[shell]
    done = CliRunner().invoke(
        taskconsole,
        env={
            "_TASKCONSOLE_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": place,
            "COMP_LINE": None,
        },
        prog_name="taskconsole",
    )
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_commands_options_and_tasks_are_completed_in_every_shell(tasks: Project) -> None:
    assert "schedule" in completed(tasks.root, "sched")
    assert "--within" in completed(tasks.root, "schedule next --w")
    assert completed(tasks.root, "schedule next db:m") == ["plain", "db:migrate", "_"]
    assert completed(tasks.root, "schedule next db:", "fish") == [
        "plain,db:migrate",
        "plain,db:seed",
    ]
    assert completed(tasks.root, "schedule next b", "bash") == ["plain,büro:post"]
    assert "plain,Europe/London" in completed(
        tasks.root, "schedule explain --timezone europe/lon", "bash"
    )


def test_a_task_that_was_given_is_not_offered_again(tasks: Project) -> None:
    offered = completed(tasks.root, "schedule next db:seed db:", "fish")
    assert offered == ["plain,db:migrate"]


def test_the_config_names_tasks_too_and_its_faults_are_passed_over(tasks: Project) -> None:
    tasks.write("taskconsole.toml", 'nonsense = 1\n[tasks."far:away"]\nhandler = "a.b:c"\n')
    assert completed(tasks.root, "schedule next f", "fish") == ["plain,far:away"]
    tasks.write("taskconsole.toml", "this is no TOML")
    assert completed(tasks.root, "schedule next db:m", "fish") == ["plain,db:migrate"]


def test_no_code_of_the_project_runs(tasks: Project) -> None:
    tasks.write("tasks/evil.py", "import taskengine\nraise SystemExit('was run')\n")
    assert completed(tasks.root, "schedule next e", "fish") == ["plain,evil"]


async def test_a_description_takes_one_line_and_steers_no_terminal(
    tasks: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "_PATIENCE", 20.0)  # whoever presses Tab has less
    words = '"One, two:\\n\\x1b]0;three\\x07 four"'
    tasks.task("told.py", "return 1", options=f"description={words}")
    async with Engine(tasks.root, scheduler=False) as engine:
        server = Server(engine)
        await server.start()
        offered = await asyncio.to_thread(completed, tasks.root, "task run t", "fish")
        await server.stop()
    (answer,) = offered
    assert answer.startswith("plain,told\tOne, two: ")
    assert answer.endswith(" four")
    assert answer.replace("\t", "").isprintable()


async def test_the_number_of_a_run_is_completed_while_an_engine_works(tasks: Project) -> None:
    async with Engine(tasks.root, scheduler=False) as engine:
        await engine.run_task("db:seed")
        offered = completed(tasks.root, "runs show ", "fish")
    assert offered == ["plain,1\tdb:seed done"]


@pytest.mark.parametrize(
    ("line", "words", "kept", "answer"),
    [
        ("taskconsole task run db:m", ("task", "run", "db:m"), "db:", "x\\ y"),
        ("taskconsole task run ", ("task", "run", ""), "", "db:x\\ y"),
        ('taskconsole task run "db:m', ("task", "run", "db:m"), "", "db:x y"),
        ("taskconsole task run 'db:m", ("task", "run", "db:m"), "", "db:x y"),
        ("taskconsole task run db\\:m", ("task", "run", "db:m"), "", "db:x\\ y"),
        ("taskconsole task run db:'x ", ("task", "run", "db:x "), "db:", "x y"),
        ("taskconsole --a=db:x\\ ", ("--a=db:x ",), "--a=db:", None),
        ("A=1 B='2 3' taskconsole sched", ("sched",), "", None),
        ('taskconsole a "" b', ("a", "", "b"), "", None),
        ('taskconsole "a\\"b\\c', ('a"b\\c',), "", None),
        ("taskconsole", (), "", None),
        ("taskconsole a\\", ("a",), "", None),
    ],
)
def test_a_line_is_read_as_bash_reads_it(
    line: str, words: tuple[str, ...], kept: str, answer: str | None
) -> None:
    read = Line.read(line)
    assert (read.words[1:], read.kept) == (words, kept)
    if answer is not None:
        assert read.answer("db:x y") == answer


def test_what_the_shell_would_take_apart_is_quoted() -> None:
    assert Line.read("taskconsole ").answer("a$b'c*") == "a\\$b\\'c\\*"
    assert Line.read('taskconsole "').answer("a$b'c*") == "a\\$b'c*"
    assert Line.read("taskconsole '").answer("a$b'c*") == "a$b'\\''c*"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_says_how_to_install_it_and_is_one_that_the_shell_takes(
    tmp_path: Path, shell: str
) -> None:
    told = called(tmp_path, "completion", shell)
    assert told.code == 0
    assert f"taskconsole completion {shell}" in told.data
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed, so that its script was not read by it")
    (tmp_path / "script").write_text(told.data)
    subprocess.run([program, "-n", tmp_path / "script"], check=True, timeout=20)


def test_the_shell_is_known_from_the_environment_or_asked_for(tmp_path: Path) -> None:
    assert "fish_complete" in called(tmp_path, "completion", env={"SHELL": "/bin/fish"}).data
    unknown = called(tmp_path, "completion", env={"SHELL": "/bin/sh"})
    assert (unknown.code, unknown.data) == (2, "")
    assert "bash, zsh, fish" in unknown.narration


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_a_real_bash_completes_names_with_colons_blanks_and_quotes(tasks: Project) -> None:
    tasks.write("inputrc", INPUTRC)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    env = {"INPUTRC": str(tasks.root / "inputrc"), "PS1": "$ ", "PATH": path, "LC_ALL": "C.UTF-8"}
    with PtyProgram(["/bin/bash", "--norc", "--noprofile", "-i"], env=env, cwd=tasks.root) as bash:
        bash.send('eval "$(taskconsole completion bash)"; echo rea""dy\n')
        bash.wait_for("\nready")
        assert completed_by(bash, "schedule pause db:m", "igrate ") == "db:migrate"
        assert completed_by(bash, "schedule pause my", "report ") == "my report"
        assert completed_by(bash, 'schedule pause "db:s', 'eed" ') == "db:seed"
        assert completed_by(bash, "schedule pause bü", "post ") == "büro:post"
        assert completed_by(bash, "schedule pause d", r"db:seed\s[^$]*\$ .*db:") == "db:"


def completed_by(bash: PtyProgram, words: str, answer: str) -> str:
    """Type a line and Tab, wait for the answer, and give back what the last argument is then."""
    mark = bash.mark()
    bash.send(f"taskconsole {words}\t")
    bash.wait_for(answer, since=mark)
    mark = bash.mark()
    bash.send("\x01printf '<%s>' \x05\nprintf '%s\\n' en\"\"d\n")
    return bash.wait_for(r"<[^<>]*>(?=[^<>]*\bend)", since=mark)[1:-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "arguments", "script"),
    [("zsh", ("-f", "-i"), ZSH), ("fish", ("--no-config", "-i"), FISH)],
    ids=["zsh", "fish"],
)
def test_a_real_zsh_and_fish_complete_them_too(
    tasks: Project, program: str, arguments: tuple[str, ...], script: str
) -> None:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    for name in ("a,b", "it's $5"):
        tasks.task(f"{name}.py", "return 1", options='description="First, second: third"')
    env = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tasks.root),
        "LC_ALL": "C.UTF-8",
        "SHELL": path,
    }
    with (
        headless(tasks.root, "--no-schedule"),
        PtyProgram([path, *arguments], env=env, cwd=tasks.root) as shell,
    ):
        shell.send(script.strip("\n").replace("\n", "; ") + "\n")
        shell.wait_for("\nready")
        for typed, completed, name in (
            ("db:m", r"migrate ", "db:migrate"),
            ("my", r"my\\ report ", "my report"),
            ("a", r"a,b ", "a,b"),
            ("it", r"it\\'s\\ \\\$5 ", "it's $5"),
            ("bü", r"büro:post ", "büro:post"),
        ):
            mark = shell.mark()
            shell.send(f"taskconsole schedule pause {typed}\t")
            shell.wait_for(completed, since=mark)
            mark = shell.mark()
            shell.send("\x01printf '<%s>' \x05\n")
            shell.wait_for(re.escape(f"<taskconsole><schedule><pause><{name}>"), since=mark)
        mark = shell.mark()
        shell.send("taskconsole task run d\t")
        shell.wait_for(r"db:", since=mark)
        shell.send("\t")
        shell.wait_for(r"db:migrate.*db:seed", since=mark)
