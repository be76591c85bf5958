"""F4: Redis is killed, emptied, full or slow while tickets, replies, mail and chats come in and workers die."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import redis

from tests.faults import nemesis, results
from tests.faults.conversations import conversing
from tests.faults.ground import Ground
from tests.faults.load import Load
from tests.faults.promises import Promises
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.faults.soak_copy import kept_up

# How long each condition lasts; `make test` has no time for more than a moment.
LASTS_S, MOMENT_S = (2.0, 6.0), (0.8, 1.2)
PAUSE_MS = 2_000
GAP_S = 0.05
# After this long the mail process takes for forgotten what nobody has come for, undo window included.
FORGOTTEN_S = 26.0
LEASE_S = 56.0
# How many visitors say something in each condition.
TALKING = 20
MISSED = 3
DELAY_S = 60.0


def run(ground: Ground) -> Result:
    """Go through the conditions again and again under load; each kind at least once."""
    recorder = Recorder("F4")
    load = Load(ground, recorder)
    promises = Promises(ground, f"f4-{recorder.run}")
    # Conversations begin while all is well: how many a network address may begin is counted in Redis.
    with conversing(ground, recorder) as talk, kept_up(ground), load:
        for number in range(max(ground.rounds, len(CONDITIONS))):
            condition = list(CONDITIONS.values())[number % len(CONDITIONS)]
            with condition(ground):
                promises.miss(MISSED)
                talk.say([(visitor, 0) for visitor in ground.random.sample(range(len(talk.chats)), TALKING)])
                talk.answer(ground.random.randrange(len(talk.chats)))
                time.sleep(ground.random.uniform(*(LASTS_S if ground.is_patient else MOMENT_S)))
                nemesis.kill_a_child(ground.system.processes["web"], ground.random)
                if number < len(CONDITIONS):
                    # Once in each condition: a mail that it holds waits for the end of its lease.
                    nemesis.kill_a_child(ground.system.processes["worker"], ground.random)
            time.sleep(ground.random.uniform(0, 1))
        talk.settle()
        said = talk.found()
    ground.pass_time(FORGOTTEN_S)
    tally = load.finish(lease_s=LEASE_S, beside=said)
    ground.wait_until_ready()
    clocks = promises.settle()
    slowest = load.slowest()
    if ground.is_patient and max(slowest.values()) > DELAY_S + LEASE_S:
        ground.notes.append(f"a mail was delayed by {max(slowest.values()):.0f} s")
    remarks = [f"conditions: {', '.join(CONDITIONS)}", f"{len(talk.chats)} conversations", load.statuses(), clocks]
    if ground.is_patient:
        remarks.append("slowest mail {in:.0f} s in, {out:.0f} s out".format(**slowest))
    return results.judge(ground, recorder, tally, remarks)


@contextmanager
def _killed(ground: Ground) -> Iterator[None]:
    ground.stores.kill_valkey()
    try:
        yield
    finally:
        ground.stores.ensure_valkey()


@contextmanager
def _emptied(ground: Ground) -> Iterator[None]:
    ground.stores.redis.flushall()
    yield
    ground.stores.redis.flushall()


@contextmanager
def _full(ground: Ground) -> Iterator[None]:
    former: Any = ground.stores.redis.config_get("maxmemory")
    ground.stores.redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        ground.stores.redis.config_set("maxmemory", former["maxmemory"])


@contextmanager
def _slow(ground: Ground) -> Iterator[None]:
    """Let every answer wait for up to two seconds, one pause after the other, until the block ends."""
    done = threading.Event()
    pausing = threading.Thread(target=_pause_again, args=(ground, done))
    pausing.start()
    try:
        yield
    finally:
        done.set()
        pausing.join()


def _pause_again(ground: Ground, done: threading.Event) -> None:
    while not done.is_set():
        with suppress(redis.TimeoutError):  # it was itself told to wait
            ground.stores.redis.client_pause(PAUSE_MS, all=True)
        # What has waited is answered in the moment between two pauses.
        done.wait(PAUSE_MS / 1000 + GAP_S)


CONDITIONS: dict[str, Callable[[Ground], AbstractContextManager[None]]] = {
    "killed": _killed,
    "emptied": _emptied,
    "full": _full,
    "2 s slow": _slow,
}
