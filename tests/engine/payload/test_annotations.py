"""Which type a task's function names for its payload, however it is written."""

import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, Any, Optional, TypeAlias

import pytest
from typing_extensions import TypeAliasType

from taskengine import TaskEvent
from taskengine.payload.payload_types import payload_type_of
from taskengine.payload.unsupported import UnsupportedPayload
from taskengine.run import JsonValue, Payload


@dataclass
class Cleanup:
    folder: str


CleanupEvent = TaskEvent[Cleanup]
NamedEvent = TypeAliasType("NamedEvent", TaskEvent[Cleanup])


def named(function: Callable[..., object]) -> str | None:
    found = payload_type_of(function)
    return found.name if found else None


ModuleMaker: TypeAlias = Callable[[str], ModuleType]


@pytest.fixture
def module_with(monkeypatch: pytest.MonkeyPatch) -> ModuleMaker:
    """Makes a module, as text annotations are read where the function was written."""

    def make(text: str) -> ModuleType:
        module = ModuleType("written")
        monkeypatch.setitem(sys.modules, "written", module)
        exec(text, vars(module))
        return module

    return make


def by_type(event: TaskEvent[Cleanup]) -> None: ...
def by_text(event: "TaskEvent[Cleanup]") -> None: ...
def by_forward_reference(event: TaskEvent["Cleanup"]) -> None: ...
def by_alias(event: CleanupEvent) -> None: ...
def by_named_alias(event: NamedEvent) -> None: ...
def with_notes(event: Annotated[TaskEvent[Annotated[Cleanup, "inner"]], "outer"]) -> None: ...
def or_none(event: TaskEvent[Cleanup] | None = None) -> None: ...
def or_none_by_text(event: Optional["TaskEvent[Cleanup]"] = None) -> None: ...
def only_by_position(event: TaskEvent[Cleanup], /, more: int = 3) -> None: ...
async def asynchronous(event: TaskEvent[Cleanup]) -> None: ...
def second(folder: str, event: TaskEvent[Cleanup]) -> None: ...


def wrapping(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def wrapper(*arguments: Any) -> object:
        return function(*arguments)

    return wrapper


class Callables:
    def __call__(self, event: "TaskEvent[Cleanup]") -> None: ...
    def method(self, event: "TaskEvent[Cleanup]") -> None: ...

    @classmethod
    def of_class(cls, event: "TaskEvent[Cleanup]") -> None: ...

    @staticmethod
    def static(event: "TaskEvent[Cleanup]") -> None: ...


@pytest.mark.parametrize(
    "function",
    [
        by_type,
        by_text,
        by_forward_reference,
        by_alias,
        by_named_alias,
        with_notes,
        or_none,
        or_none_by_text,
        only_by_position,
        asynchronous,
        functools.partial(second, "/tmp"),
        wrapping(by_text),
        wrapping(functools.partial(second, "/tmp")),
        functools.partial(Callables().method),
        Callables(),
        Callables().method,
        Callables.of_class,
        Callables.static,
    ],
)
def test_the_type_of_the_payload_is_found(function: Callable[..., object]) -> None:
    assert named(function) == "Cleanup"


def test_annotations_that_the_module_leaves_as_text_are_read_there(
    module_with: ModuleMaker,
) -> None:
    module = module_with(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from taskengine import TaskEvent\n"
        "@dataclass\n"
        "class Report:\n    folder: str\n"
        "def run(event: TaskEvent[Report]) -> NotDefinedAnywhere: ...\n"
    )

    assert named(module.run) == "Report"


def test_a_type_that_only_the_enclosing_function_knows_is_found(module_with: ModuleMaker) -> None:
    module = module_with(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from taskengine import TaskEvent\n"
        "def make():\n"
        "    @dataclass\n"
        "    class Inner:\n        folder: str\n"
        "    def run(event: TaskEvent[Inner]): return Inner\n"
        "    return run\n"
    )

    assert named(module.make()) == "Inner"


def unannotated(event): ...  # type: ignore[no-untyped-def]
def bare(event: TaskEvent) -> None: ...
def bare_text(event: "TaskEvent") -> None: ...
def of_dict(event: TaskEvent[dict]) -> None: ...  # type: ignore[type-arg]
def of_anything(event: TaskEvent[Any]) -> None: ...
def of_payload(event: TaskEvent[Payload]) -> None: ...
def of_objects(event: TaskEvent[Mapping[str, object]]) -> None: ...
def of_json(event: TaskEvent[dict[str, JsonValue]]) -> None: ...
def no_event() -> None: ...
def by_keyword_only(*, event: TaskEvent[Cleanup]) -> None: ...


@pytest.mark.parametrize(
    "function",
    [
        unannotated,
        bare,
        bare_text,
        of_dict,
        of_anything,
        of_payload,
        of_objects,
        of_json,
        no_event,
        by_keyword_only,
        lambda event: None,
        print,
    ],
)
def test_every_other_payload_is_a_plain_dict(function: Callable[..., object]) -> None:
    assert named(function) is None


def test_an_event_that_is_imported_for_type_checkers_only_is_known_all_the_same(
    module_with: ModuleMaker,
) -> None:
    module = module_with(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class Report:\n    folder: str\n"
        "def plain(event: TaskEvent) -> None: ...\n"
        "def typed(event: TaskEvent[Report]) -> None: ...\n"
    )

    assert (named(module.plain), named(module.typed)) == (None, "Report")


def test_a_name_that_is_not_there_is_told_with_what_to_do(module_with: ModuleMaker) -> None:
    module = module_with(
        "from taskengine import TaskEvent\ndef run(event: 'TaskEvent[Missing]') -> None: ...\n"
    )

    with pytest.raises(UnsupportedPayload, match="there is no `Missing`") as caught:
        payload_type_of(module.run)

    assert "outside of `if TYPE_CHECKING:`" in caught.value.hint


@pytest.mark.parametrize("text", ["1 / 0", "exit(3)", "TaskEvent[", "[].missing"])
def test_whatever_an_annotation_raises_is_one_kind_of_error(text: str) -> None:
    def run(event: Any) -> None: ...

    run.__annotations__["event"] = text

    with pytest.raises(UnsupportedPayload, match="the type of the payload can't be used: "):
        payload_type_of(run)


def test_wrappers_that_lead_back_to_themselves_are_no_endless_search() -> None:
    def run(event: "TaskEvent[Cleanup]") -> None: ...

    vars(run)["__wrapped__"] = run

    assert named(run) is None
