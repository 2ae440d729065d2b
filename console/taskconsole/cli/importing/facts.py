"""A catalog as facts that another process can be told."""

from taskconsole.cli.importing.messages import Imported
from taskengine.client.task_views import view_of
from taskengine.clock import SystemClock
from taskengine.history.retention import HistorySettings
from taskengine.project.catalog import Catalog


def facts_of(catalog: Catalog) -> Imported:
    """All of a catalog but the code."""
    now = SystemClock().now()
    options = {name: entry.options for name, entry in catalog.entries.items() if entry.loaded}
    return Imported(
        timezone=catalog.timezone,
        tasks=tuple(view_of(entry, now) for entry in catalog.entries.values()),
        problems=catalog.problems,
        history=HistorySettings.of(catalog.config.history, options),
    )
