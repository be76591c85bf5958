"""Freed memory and what looks for it: the C library keeps large blocks, Python's collector looks for cycles."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LARGE_BYTES = 1024 * 1024
# mallopt(3).
_M_MMAP_THRESHOLD = -3


def return_large_blocks() -> None:
    """From now on give large blocks back to the system as soon as they are freed.

    glibc raises its threshold to the largest block it has seen freed: after one mail of 30 MB, every thread would
    keep as much. Setting it holds it. Other C libraries do so anyway, or have no such function.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles away from work that makes hundreds of thousands of small things and no cycle.

    It would look at all of them, and at everything else that the process holds, again and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def trim() -> None:
    """Give what is free back to the system now, the small blocks too."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
