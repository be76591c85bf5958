"""How many sockets and frames one network address gets in this process; a flood ends at its own sockets."""

import asyncio
from collections import Counter
from weakref import WeakKeyDictionary

MAX_SOCKETS = 5_000
# Offices and mobile networks put many people behind one address.
MAX_SOCKETS_OF_ADDRESS = 200
FRAMES_PER_MIN = 100
# Each hint leads to reading. What is beyond is read at the door.
READS_PER_MIN = 300
FRAMES_OF_ADDRESS_PER_MIN = 4_000
WINDOW_S = 60.0


class Counted:
    """Frames within the current minute."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self.ends = 0.0

    def is_over(self) -> bool:
        """Count one frame; whether it is one too many."""
        now = asyncio.get_running_loop().time()
        if now >= self.ends:
            self.used, self.ends = 0, now + WINDOW_S
        self.used += 1
        return self.used > self.limit


class Limits:
    """The counts of one event loop. An address is forgotten with its last socket."""

    def __init__(self) -> None:
        self.sockets: Counter[str] = Counter()
        self.frames: dict[str, Counted] = {}

    @property
    def is_full(self) -> bool:
        """Whether this process takes no more sockets at all."""
        return self.sockets.total() >= MAX_SOCKETS

    def join(self, address: str) -> bool:
        """Count a socket of this address; False when it has as many as it gets."""
        if self.sockets[address] >= MAX_SOCKETS_OF_ADDRESS:
            return False
        self.sockets[address] += 1
        self.frames.setdefault(address, Counted(FRAMES_OF_ADDRESS_PER_MIN))
        return True

    def leave(self, address: str) -> None:
        """A socket of this address that was counted is closed."""
        self.sockets[address] -= 1
        if self.sockets[address] <= 0:
            del self.sockets[address]
            self.frames.pop(address, None)


def here() -> Limits:
    """Return the counts of this event loop."""
    return _limits.setdefault(asyncio.get_running_loop(), Limits())


_limits: "WeakKeyDictionary[asyncio.AbstractEventLoop, Limits]" = WeakKeyDictionary()
