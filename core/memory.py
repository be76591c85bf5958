"""What the C library does with freed memory: glibc keeps large blocks for later, once for each thread that had one."""

import ctypes
from contextlib import suppress

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


def trim() -> None:
    """Give what is free back to the system now, the small blocks too."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
