"""The garbage collector during a run."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_FIRST, _SECOND, _THIRD = 50_000, 50, 100


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for garbage seldom: what a run makes mostly stays, and a thousand UEs are much to look at."""
    before = gc.get_threshold()
    gc.set_threshold(_FIRST, _SECOND, _THIRD)
    try:
        yield
    finally:
        gc.set_threshold(*before)
