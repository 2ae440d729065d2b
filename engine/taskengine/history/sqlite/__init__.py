"""A history in a SQLite file: one thread writes, any thread reads."""
