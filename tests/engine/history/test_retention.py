"""How much is to be kept, from the config and the options of tasks."""

from datetime import timedelta

from taskengine.history.retention import Durability, HistorySettings, Retention
from taskengine.options import Options
from taskengine.project.history_config import HistoryConfig


def test_settings_are_what_the_config_and_the_options_ask_for() -> None:
    config = HistoryConfig(durability=Durability.POWER_LOSS, keep_runs=9, max_output=10**7)
    tasks = {"a": Options(keep_days=0.5, max_size=50_000), "b": Options(timeout=3)}

    assert HistorySettings.of(config, tasks) == HistorySettings(
        durability=Durability.POWER_LOSS,
        project=Retention(runs=9, size=10**9),
        tasks={"a": Retention(age=timedelta(hours=12), size=50_000)},
        max_output=10**7,
    )


def test_the_settings_without_a_word_are_those_of_an_empty_config() -> None:
    assert HistorySettings() == HistorySettings.of(HistoryConfig(), {})
