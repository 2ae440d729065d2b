"""What is asked of Python's garbage collector; each reason was measured by a benchmark.

While the console starts, nothing becomes garbage, yet every few thousand new objects set off a
search for it: without, the list is on the screen a tenth sooner (`benchmarks/first_paint.py`).
What start-up has made lives as long as the console; frozen, it is not searched again and again
while a task floods its log, when each search would be a pause between a key and its effect.
"""

import gc


def suspend_collection() -> None:
    """Collect nothing while the console starts."""
    gc.disable()


def resume_collection() -> None:
    """Collect again, but for what is there already; nothing if collecting was not suspended."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
