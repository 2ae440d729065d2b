"""A real browser on a hostile page, which tries every way that it has to run a task."""

import json
from collections import Counter
from pathlib import Path

import pytest

from support.hostile_site import CHROMIUM, EVIL, hostile_site, visitor
from support.project import Project
from support.served import served
from taskengine.http.door import NetworkDoor
from taskengine.http.headers import Headers
from taskengine.records import RunQuery

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"takes Chromium, at {CHROMIUM}"),
]

# Ways of which a browser lets each reach a server that does not look who calls.
REACH = {
    *("img", "img-without-referrer", "img-with-cors", "script", "module", "style", "frame"),
    *("frame-of-nobody", "form-get", "fetch-get", "fetch-get-blind", "fetch-post", "xhr"),
    *("fetch-post-blind", "beacon", "event-source", "web-socket"),
}


async def runs_after_a_visit(project: Project, profile: Path) -> Counter[str]:
    """What came through, as `WHERE/ENGINE/WAY`: where the page was, and whom it called."""
    project.task("mark.py", "return event.payload", options='concurrency="parallel"')
    async with served(project, port=0) as there:
        async with (
            hostile_site(there.server.url) as (site, port),
            visitor(profile, f"http://{EVIL}:{port}/?where=elsewhere"),
        ):
            await site.visited_from("elsewhere")
            await site.visited_from("here")
        page = await there.engine.history.runs(RunQuery(), limit=1_000)
        return Counter(json.loads(run.payload)["by"] for run in page.runs)


async def test_no_page_gets_a_task_to_run(project: Project, tmp_path: Path) -> None:
    assert await runs_after_a_visit(project, tmp_path / "profile") == Counter()


async def test_every_way_leads_to_a_run_where_nobody_looks(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the test above is one that can fail."""
    monkeypatch.setattr(NetworkDoor, "check", lambda door, headers: None)

    ran = await runs_after_a_visit(project, tmp_path / "profile")

    for engine in ("number", "name", "rebound"):
        assert {way for way in REACH if ran[f"elsewhere/{engine}/{way}"]} == REACH, engine


async def test_without_a_look_at_the_host_a_rebound_name_is_let_in(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser takes the engine for the page's own site, and says so."""
    check = NetworkDoor.check

    def check_as_if_listed(door: NetworkDoor, headers: Headers) -> None:
        check(NetworkDoor(token=None, hosts=frozenset({EVIL})), headers)

    monkeypatch.setattr(NetworkDoor, "check", check_as_if_listed)

    ran = await runs_after_a_visit(project, tmp_path / "profile")

    assert {by.split("/")[1] for by in ran} == {"rebound"}
    assert ran["elsewhere/rebound/fetch-post"]
