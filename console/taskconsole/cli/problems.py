"""Problems of the project as commands tell them."""

from taskengine.problem import Problem


def in_words(problem: Problem) -> str:
    """A problem with its place first, as an editor understands it, and how to mend it."""
    place = f"{problem.place}: " if problem.place else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{place}{problem.message}{hint}"
