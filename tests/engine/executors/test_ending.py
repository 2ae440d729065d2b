"""From what a call came to, to how its run ended."""

import pytest

from taskengine.errors import TaskSkipped
from taskengine.executors.ending import (
    ending_of,
    failed_ending,
    names_of,
    skipped_ending,
    timeout_ending,
)
from taskengine.run import RunState


class Client:
    class Refused(ConnectionRefusedError):
        pass


def test_an_exception_goes_by_its_own_name_and_those_of_its_bases() -> None:
    module = Client.__module__

    assert failed_ending(Client.Refused()).exception_names == (
        "Client.Refused",
        f"{module}.Client.Refused",
        "ConnectionRefusedError",
        "builtins.ConnectionRefusedError",
        "ConnectionError",
        "builtins.ConnectionError",
        "OSError",
        "builtins.OSError",
        "Exception",
        "builtins.Exception",
        "BaseException",
        "builtins.BaseException",
    )


def test_what_succeeds_goes_by_no_name() -> None:
    assert ending_of(1, None).exception_names == ()


def test_a_timeout_is_a_timeout_by_pythons_name_too() -> None:
    ending = timeout_ending(2.5)

    assert ending.state is RunState.TIMEOUT
    assert {"TaskTimeout", "TimeoutError", "builtins.TimeoutError"} <= set(ending.exception_names)


def test_what_was_skipped_says_which_run_went_on() -> None:
    ending = skipped_ending(TaskSkipped("job", 8, 7))

    assert ending.state is RunState.SKIPPED
    assert ending.error is not None
    assert ending.error.message == "Task `job` was skipped: run #7 is going on"


class Rude(type):
    def __getattribute__(cls, name: str) -> object:
        raise SystemExit(3)


def test_a_class_that_tells_nothing_goes_by_no_name() -> None:
    class Nameless(Exception, metaclass=Rude):
        pass

    assert names_of(Nameless) == ()


@pytest.mark.parametrize("code", [None, 0])
def test_a_clean_exit_goes_by_no_name(code: int | None) -> None:
    assert ending_of(None, SystemExit(code)).exception_names == ()
