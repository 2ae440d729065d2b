"""A table of runs of any length: pages of summaries, drawn line by line."""
