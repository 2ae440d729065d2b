"""A first task, for a project that has none."""

from pathlib import Path

import msgspec
from starlette.exceptions import HTTPException

from taskengine.http.api.context import ApiContext
from taskengine.http.api.operation import Operations

example = Operations("tasks")


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was written."""

    path: Path


@example.post("/example", status=201)
async def create_example(api: ApiContext) -> Written:
    """Write a first task, `hello.py`, into the tasks folder."""
    try:
        return Written(path=await api.handle.create_example())
    except FileExistsError as error:
        raise HTTPException(409, f"{error.filename} is there already") from None
