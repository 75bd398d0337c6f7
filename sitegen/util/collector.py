"""The cyclic garbage collector during work that creates many values."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Disable the collector: builds and imports create values by the million and hardly any cycle.

    Afterwards all values count as old. Otherwise the next collection would go through all of them, which takes up to
    80 ms, shortly before a command ends.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
            gc.enable()
