"""How many examples the tests that draw some try: few in the quick suite, many in the slow one."""

import os

from hypothesis import settings

TIMES = 20 if os.environ.get("THOROUGH") else 1


def examples(number: int) -> settings:
    """Try so many, and twenty times as many where there is time for it."""
    return settings(max_examples=number * TIMES)
