"""The `[server]` table: what it says, and what becomes of a fault in it."""

import pytest

from support.project import Project
from taskengine.project.config import Config, read_config
from taskengine.project.server_config import ServerConfig


def read(project: Project, text: str) -> tuple[ServerConfig, list[str]]:
    project.write("taskconsole.toml", text)
    config, problems = read_config(project.root)
    return config.server, [problem.message for problem in problems]


def test_it_says_where_the_engine_takes_calls_and_from_whom(project: Project) -> None:
    server, problems = read(
        project,
        """
        [server]
        host = "[::0]"
        port = 4567
        token = "abc-._~+/="
        allowed_hosts = ["Tasks.Example.COM.", "10.0.0.7", "::1"]
        nitro_compat = true
        """,
    )

    assert problems == []
    assert server == ServerConfig(
        host="::",
        port=4567,
        token="abc-._~+/=",
        allowed_hosts=("tasks.example.com", "10.0.0.7", "::1"),
        nitro_compat=True,
    )
    assert read(project, "") == (ServerConfig(), [])
    assert read(project, "[server]\nhost = 'LocalHost'")[0].host == "localhost"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('host = "example.com"', "`host` must be an address, or localhost, not 'example.com'"),
        ("host = 1", "`host` must be an address, or localhost, not a whole number"),
        ('host = ""', "`host` must be an address, or localhost, not ''"),
        ("port = 65536", "`port` must be at most 65,535"),
        ('port = "80"', "`port` must be a whole number, not '80'"),
        ("token = 1", "`token` must be text, not a whole number"),
        ('token = ""', "`token` must be text of ASCII characters without spaces"),
        ('token = "my secret"', "`token` must be text of ASCII characters without spaces"),
        ('allowed_hosts = "a.test"', "`allowed_hosts` must be a list of texts, not 'a.test'"),
        ('allowed_hosts = ["a:80"]', "`allowed_hosts` must be a list of hosts' names or addresses"),
        ('allowed_hosts = ["*"]', "`allowed_hosts` must be a list of hosts' names or addresses"),
        ("nitro_compat = 1", "`nitro_compat` must be true or false, not a whole number"),
        ('tokn = "abc"', "unknown key `tokn`"),
    ],
)
def test_a_fault_is_told_and_marks_the_whole_table_as_not_sound(
    project: Project, line: str, problem: str
) -> None:
    server, problems = read(project, f"[server]\n{line}")

    assert len(problems) == 1
    assert problems[0].startswith(problem)
    assert "secret" not in problems[0]
    assert server == ServerConfig(is_sound=False)


@pytest.mark.parametrize("text", ["server = 1", "[[server]]\ntoken = 'abc'", "[server\ntoken"])
def test_a_table_that_can_not_be_read_is_not_sound_either(project: Project, text: str) -> None:
    server, problems = read(project, text)

    assert len(problems) == 1
    assert server == ServerConfig(is_sound=False)


def test_a_file_that_became_unreadable_leaves_the_table_as_it_was(project: Project) -> None:
    sound = Config(server=ServerConfig(port=1, token="abc"))
    project.write("taskconsole.toml", "[server\n")

    config, _ = read_config(project.root, sound)

    assert config.server == sound.server
