"""What the help sorts keys into."""

RUNS = "Runs"
TASKS = "Tasks"
VIEW = "View"
CONSOLE = "Console"
FILTER = "Filter"
OUTPUT = "Output"
JSON = "JSON"
