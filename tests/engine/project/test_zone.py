"""The zone of a machine."""

import pytest

from taskengine.project.zone import default_timezone


@pytest.mark.parametrize("value", ["Asia/Kathmandu", ":Asia/Kathmandu"])
def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TZ", value)

    assert default_timezone() == "Asia/Kathmandu"


def test_a_rule_in_place_of_a_name_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    of_the_machine = default_timezone()
    monkeypatch.setenv("TZ", "XYZ-2:30")

    assert default_timezone() == of_the_machine
