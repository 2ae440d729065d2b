"""Runs tasks in processes of their own.

    engine ── fork server ── keeper ── the task's process ── whatever the task starts

The fork server is a fresh interpreter with one thread, so that forking is safe and cheap. It forks
a *keeper* for each run, which forks the task's process, adopts what that leaves behind, and sees to
it that nothing is left when the run is over or the engine is gone. One keeper and its process are
started in advance, for the next run.
"""
