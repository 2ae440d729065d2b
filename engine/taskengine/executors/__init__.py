"""Where a run's code runs: the interface, and the executor in this process."""
