"""Leaving a dead service alone for a while, so that it does not slow every request by its time-out."""

import time


class Breaker:
    """Per process: after `trip()` it is open for `silence_s` seconds."""

    def __init__(self, silence_s: float = 5.0) -> None:
        self.silence_s = silence_s
        self.closed_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the service should not be asked now."""
        return self.closed_at > time.monotonic()

    def trip(self) -> None:
        """Record a failure."""
        self.closed_at = time.monotonic() + self.silence_s
