"""What the guide says of typed payloads is what its own example does."""

import json

import pytest

from support import guides
from support.project import Project
from taskengine import Engine, InvalidPayload

EXAMPLE = "tasks/shop/digest.py"
HEADING = "are told at once, in `InvalidPayload.faults`, each with a `path` and a `message`:"


@pytest.mark.parametrize(("payload", "path", "message"), guides.table("tasks.md", HEADING))
async def test_a_payload_is_refused_with_these_words(
    project: Project, payload: str, path: str, message: str
) -> None:
    project.write(EXAMPLE, guides.files("tasks.md")[EXAMPLE])
    async with Engine(project.root, scheduler=False) as engine:
        with pytest.raises(InvalidPayload) as refused:
            await engine.run_task("shop:digest", json.loads(payload))

    [fault] = refused.value.faults
    assert (fault.path, fault.message.replace("`", "")) == (path, message)
