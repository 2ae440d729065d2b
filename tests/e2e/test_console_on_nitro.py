"""The console in a real terminal, on a real `nitro dev`."""

import sys
from pathlib import Path

import pytest

from support.nitro_bed import Nitro, nitro_dev
from support.terminal import PtyProgram

pytestmark = pytest.mark.slow

SAFETY = 60.0


def test_a_task_of_a_nitro_server_is_run_from_the_console(nitro: Nitro, tmp_path: Path) -> None:
    with nitro_dev(nitro) as dev:
        argv = [sys.executable, "-m", "taskconsole", "--attach", dev.url]
        with PtyProgram(argv, cwd=tmp_path) as console:
            console.wait_for("broken", timeout=SAFETY)
            console.wait_for("every minute")
            console.send("/")
            console.wait_for("letters of a name")
            console.send("migrate")
            console.wait_for(r"Tasks \(1/6\)")
            console.send("\r")
            console.wait_for("Run database migrations")
            console.send("r")
            console.wait_for("Nitro's own terminal")
            console.wait_for("done")
            console.send("q")
            assert console.wait_end() == 0
        assert "Running DB migration task..." in dev.words


def test_an_address_without_nitro_is_told_in_a_line(nitro: Nitro, tmp_path: Path) -> None:
    with nitro_dev(nitro) as dev:
        url = f"{dev.url}/nowhere"
        with PtyProgram(
            [sys.executable, "-m", "taskconsole", "--attach", url], cwd=tmp_path
        ) as console:
            assert console.wait_end(timeout=SAFETY) == 4
            console.wait_for("no Nitro serves its tasks: it answers with status 404")
