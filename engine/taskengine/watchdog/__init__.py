"""Notices tasks that keep others from going on, and says which, and where in their code."""
