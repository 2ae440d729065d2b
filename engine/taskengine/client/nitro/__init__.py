"""A Nitro dev server as a screen sees it: its list of tasks, read again and again, and its runs."""
