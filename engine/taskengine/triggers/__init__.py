"""What begins runs besides callers: schedules, instants to come, and the engine's start."""
