"""Nitro as npm installs it, version 2 and the beta of version 3: its dev server and its command.

For what is measured or tested beside the real thing. Nothing here knows of taskconsole.
"""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

SOON = 180.0
"""Seconds: a first build takes two, but a minute on a busy machine."""

PACKAGES = {2: "nitropack", 3: "nitro"}
"""What npm calls Nitro, by its major version."""

TASKS = {
    "echo/payload.mjs": """
        export default {
          meta: { name: "echo:payload", description: "Give back the payload" },
          run: ({ payload }) => ({ result: payload }),
        };
    """,
    "db/migrate.mjs": """
        export default {
          meta: { name: "db:migrate", description: "Run database migrations" },
          async run({ name, payload }) {
            console.log("Running DB migration task...");
            return { result: { name, payload } };
          },
        };
    """,
    "db/broken.mjs": """
        export default {
          meta: { description: "Always fails" },
          run() { throw new Error("no such table: users"); },
        };
    """,
    "cms/update.mjs": """
        export default { run: () => ({ result: "updated" }) };
    """,
    "slow.mjs": """
        import { existsSync, writeFileSync } from "node:fs";

        export default {
          meta: { description: "Wait until a file is there" },
          async run({ payload }) {
            writeFileSync(`${payload.until}.awaited`, "");
            while (!existsSync(payload.until)) {
              await new Promise((go) => setTimeout(go, 20));
            }
            return { result: "there" };
          },
        };
    """,
}
"""The tasks of a project, by their paths: plain objects, which both versions take."""

CONFIG = """
    export default {
      compatibilityDate: "2025-01-01",
      %s: "server",
      experimental: { tasks: true },
      tasks: { "db:seed": { description: "Nobody has written this one" } },
      scheduledTasks: { "* * * * *": ["cms:update"], "0 3 * * MON#1": "db:migrate" },
    };
"""
_FOLDER_OPTION = {2: "srcDir", 3: "serverDir"}


class NitroMissing(Exception):
    """Nitro can't be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Nitro:
    """An installed Nitro. Projects below `folder` find its packages as Node looks upwards."""

    major: int
    version: str
    folder: Path

    @property
    def command(self) -> Path:
        """The `nitro` of both versions; version 2 has `nitropack` for a second name."""
        return self.folder / "node_modules" / ".bin" / "nitro"

    def project(self, tasks: Mapping[str, str] = TASKS) -> Path:
        """Write a new project with some tasks, two on schedules, and give back its root."""
        root = Path(tempfile.mkdtemp(prefix="project-", dir=self.folder))
        _write(root / "package.json", '{"private": true, "type": "module"}')
        _write(root / "nitro.config.mjs", CONFIG % _FOLDER_OPTION[self.major])
        for path, code in tasks.items():
            _write(root / "server" / "tasks" / path, code)
        return root

    def run(
        self, *arguments: str, cwd: Path, seconds: float = SOON
    ) -> subprocess.CompletedProcess[str]:
        """Run the `nitro` command in a folder to its end.

        Raises subprocess.TimeoutExpired where that takes longer than `seconds`.
        """
        return subprocess.run(
            [self.command, *arguments],
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )


class NitroDev:
    """A `nitro dev` on a project of `Nitro.project`; it may be stopped and started again."""

    def __init__(self, nitro: Nitro, root: Path, port: int | None = None) -> None:
        self.nitro = nitro
        self.root = root
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Of the process that was started; its group has the same number."""
        assert self._process is not None
        return self._process.pid

    @property
    def words(self) -> str:
        """What it has printed since it was started last."""
        return self._log.read_text(errors="replace")

    @property
    def _log(self) -> Path:
        return self.root / "nitro.log"

    def start(self) -> None:
        """Start it and wait until its list of tasks is there. Raises NitroMissing if it won't."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [self.nitro.command, "dev", "--host", "127.0.0.1", "--port", str(self._port)],
                cwd=self.root,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + SOON
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise NitroMissing(f"nitro dev does not get going:\n{self.words[-2_000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it and all that it has started, and wait until it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
        _signal_group(process.pid, signal.SIGKILL)  # also what outlived the group's leader
        process.wait()

    def _answers(self) -> bool:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)) as connection:
            try:
                connection.request("GET", "/_nitro/tasks")
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False


def install(major: int, folder: Path) -> Nitro:
    """Install the latest Nitro of a major version into a folder. Raises NitroMissing."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise NitroMissing("There is no npm here: it comes with Node.js.")
    version = _latest(major)
    package = PACKAGES[major]
    _write(folder / "package.json", '{"private": true}')
    quiet = ("--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
    _npm("install", *quiet, f"{package}@{version}", cwd=folder)
    return Nitro(major=major, version=version, folder=folder)


@contextmanager
def running(nitro: Nitro, root: Path) -> Iterator[NitroDev]:
    """A `nitro dev` that answers, and is gone at the end. Raises NitroMissing."""
    server = NitroDev(nitro, root)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """A TCP port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _latest(major: int) -> str:
    """The newest version, by npm's own order; of version 3 there are betas, and tags that lag."""
    found = json.loads(_npm("view", PACKAGES[major], "versions", "--json", cwd=Path.home()))
    wanted = [one for one in found if one.startswith(f"{major}.") and "alpha" not in one]
    if not wanted:
        raise NitroMissing(f"npm knows no {PACKAGES[major]} of version {major}.")
    newest: str = wanted[-1]
    return newest


def _npm(*arguments: str, cwd: Path) -> str:
    try:
        done = subprocess.run(
            ["npm", *arguments],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NitroMissing(f"npm {arguments[0]} takes longer than 5 minutes.") from error
    if done.returncode:
        raise NitroMissing(f"npm {arguments[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def _environment() -> dict[str, str]:
    """Without what makes Nitro believe that it is tested: it fires no schedules then."""
    testing = ("NODE_ENV", "TEST", "VITEST", "PORT", "HOST", "NITRO_PORT", "NITRO_HOST")
    kept = {name: value for name, value in os.environ.items() if name not in testing}
    return {**kept, "NO_COLOR": "1", "CI": "1"}


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
