"""When a process of many open sockets looks for garbage in cycles: seldom and by itself, not in the middle of messages.

Python's own full collection walks every object of the process: with a thousand sockets a quarter of a second in which
nothing else happens, several times a minute. What has lived for some seconds is therefore set aside, so that its passes
stay small; all of it is looked through every ten minutes.
"""

import gc
import itertools
import threading
import time

SET_ASIDE_S = 5.0
LOOKED_THROUGH_EVERY = 120


def start() -> None:
    """Begin, in a thread that ends with the process."""
    threading.Thread(target=_forever, name="garbage", daemon=True).start()


def look(turn: int) -> int:
    """Set aside what has lived until now; every so many turns look through all of it. Returns how much was garbage."""
    found = 0
    if turn % LOOKED_THROUGH_EVERY == 0:
        gc.unfreeze()
        found = gc.collect()
    gc.freeze()
    return found


def _forever() -> None:
    for turn in itertools.count(1):
        time.sleep(SET_ASIDE_S)
        look(turn)
