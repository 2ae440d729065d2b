"""The list of tasks: a table of our own on the line API, quick at any number of rows."""
