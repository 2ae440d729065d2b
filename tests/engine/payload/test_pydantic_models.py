"""Payloads that are pydantic models: their own validation and their own schema."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator

from support.payloads import refused, typed


class Person(BaseModel):
    email: str
    age: int = Field(default=0, ge=0, description="In years.")


class Cleanup(BaseModel):
    """What to clean up."""

    model_config = ConfigDict(strict=True, extra="forbid")

    folder: str
    at: datetime | None = None
    dry_run: bool = True
    people: list[Person] = []
    target: Person | int | None = None

    @field_validator("folder")
    @classmethod
    def check(cls, value: str) -> str:
        if value == "/":
            raise ValueError("the root is no folder to clean")
        return value


class Lax(BaseModel):
    model_config = ConfigDict(extra="allow")

    count: int


class Counts(RootModel[dict[str, int]]):
    pass


class Node(BaseModel):
    below: "Node | None" = None


def test_the_task_gets_the_model() -> None:
    given = {"folder": "/tmp", "at": "2026-01-31T12:00:00Z", "people": [{"email": "a"}]}

    assert typed(Cleanup).convert(given) == Cleanup(
        folder="/tmp", at=datetime(2026, 1, 31, 12, tzinfo=UTC), people=[Person(email="a")]
    )


def test_all_faults_are_told_in_words_at_the_place_in_the_payload() -> None:
    given = {
        "folder": "/",
        "dry_run": "false",
        "dryrun": False,
        "people": [{"email": "a"}, {"age": -1}],
        "target": {"email": 3},
    }

    assert refused(Cleanup, given) == {
        "folder": "the root is no folder to clean",
        "dry_run": "must be a valid boolean",
        "dryrun": "is no field of Cleanup (did you mean `dry_run`?)",
        "people[1].email": "is missing",
        "people[1].age": "must be greater than or equal to 0",
        "target.email": "must be a valid string",
        "target": "must be a valid integer",
    }


def test_the_members_of_a_union_complain_in_one_sentence() -> None:
    found = refused(Cleanup, {"folder": "", "target": []})

    assert list(found) == ["target"]
    assert ", or must be a valid integer" in found["target"]


def test_the_model_itself_says_how_strict_it_is() -> None:
    assert typed(Lax).convert({"count": "3", "more": 1}) == Lax.model_validate(
        {"count": 3, "more": 1}
    )


def test_a_model_may_be_a_map() -> None:
    assert typed(Counts).convert({"a": 1}) == Counts({"a": 1})


def test_the_schema_is_the_models_own_with_the_object_at_its_root() -> None:
    schema: Any = typed(Cleanup).schema

    assert (schema["title"], schema["description"]) == ("Cleanup", "What to clean up.")
    assert schema["$defs"]["Person"]["properties"]["age"]["description"] == "In years."
    assert schema["required"] == ["folder"]


def test_a_model_within_itself_keeps_its_definition() -> None:
    schema: Any = typed(Node).schema

    assert (schema["type"], list(schema["$defs"])) == ("object", ["Node"])


@pytest.mark.parametrize(("kind", "field"), [(Cleanup, "at"), (Lax, "count")])
def test_only_the_fields_of_a_model_are_declared(kind: type, field: str) -> None:
    assert typed(kind).declares(field)
    assert not typed(kind).declares("scheduledTime")


def test_the_engine_never_imports_pydantic() -> None:
    code = (
        "import sys\n"
        "from dataclasses import dataclass\n"
        "from taskengine import TaskEvent\n"
        "from taskengine.payload.payload_types import payload_type_of\n"
        "@dataclass\n"
        "class Cleanup:\n    folder: str\n"
        "def run(event: TaskEvent[Cleanup]) -> None: ...\n"
        "print(payload_type_of(run).convert({'folder': 'a'}), 'pydantic' in sys.modules)\n"
    )

    command = [sys.executable, "-c", code]
    printed = subprocess.run(command, check=False, capture_output=True, text=True)

    assert (printed.stdout, printed.stderr) == ("Cleanup(folder='a') False\n", "")
