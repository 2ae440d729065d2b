"""Runs that a command starts and sees to their end, in whichever engine they go."""
