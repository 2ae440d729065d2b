"""Which tasks there are: the config, the task files, what they define, and what is wrong."""
