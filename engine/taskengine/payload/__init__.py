"""What a payload has to look like: the type that a task names for it, as a schema and a check."""
