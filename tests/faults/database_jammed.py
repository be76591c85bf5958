"""F6: all connections of PostgreSQL are taken by others, or somebody holds a lock on a ticket, on all tickets."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial

import psycopg
from django.db import connection
from psycopg import sql

from tests.faults import results
from tests.faults.ground import Attempt, Ground, together
from tests.faults.load import PAGES, QUEUE, Load, Seen
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.faults.soak_copy import kept_up

PROBE = "/healthz"
# Longer than anybody of ours waits for a lock; one in each run lasts as long as the table of faults says.
LASTS_S, LONGEST_S, MOMENT_S = 7.0, 60.0, 1.0
# The longest answer: waiting for a thread, then for the lock, then a busy machine.
BOUND_S = 25.0
# What the jam does not touch is as quick as ever, however many wait: less than one wait for a lock.
QUICK_S = 5.0
UNTOUCHED = {
    "ticket locked": (*PAGES, PROBE),
    "all tickets locked": (PROBE,),
    "connections taken": (PROBE,),
}
# More than there are threads for writing.
CROWD = 12
LEASE_S = 56.0
HOLDERS, GRAB_S = 8, 0.02
# While the places are being taken the product gets none; from then on it is refused as anybody is.
SHUT_OUT = "ALTER ROLE pharos_app CONNECTION LIMIT 0"
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pharos_app'"
LET_IN = "ALTER ROLE pharos_app CONNECTION LIMIT -1"
# Who is still signing in has no name yet, and is refused when only the superuser's places are left.
IS_FULL = """
SELECT count(*) >= current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
FROM pg_stat_activity WHERE usename IS NOT NULL AND backend_type = 'client backend'
"""


def run(ground: Ground) -> Result:
    """Jam the database in each way under load: refusals are clear, waits bounded, the rest goes on, and it heals."""
    recorder = Recorder("F6")
    load = Load(ground, recorder)
    healed = 0.0
    jams: list[tuple[str, float, float]] = []
    with kept_up(ground), load:
        for number in range(max(ground.rounds, len(JAMS))):
            name = list(JAMS)[number % len(JAMS)]
            lasts_s = (LONGEST_S if number < len(JAMS) else LASTS_S) if ground.is_patient else MOMENT_S
            with JAMS[name](ground, load):
                began = time.monotonic()
                _crowd(load, lasts_s)
                jams.append((name, began, time.monotonic()))
            healed = max(healed, ground.wait(lambda: load.get(QUEUE).status == 200, "a page after the jam"))
    connection.close()  # ended with all the others
    tally = load.finish(lease_s=LEASE_S)
    remarks = [load.statuses(), f"served again within {healed:.1f} s"]
    for name in JAMS:
        spans = [(began, ended) for what, began, ended in jams if what == name]
        pages = [one for one in load.seen if _is_within(one.at, spans)]
        posts = [one for one in ground.attempts if _is_within(one.at, spans)]
        if ground.is_patient:
            ground.notes += wrong(name, pages, posts)
            remarks.append(f"{name}: {told(name, pages, posts)}")
    return results.judge(ground, recorder, tally, remarks)


def _is_within(at: float, spans: list[tuple[float, float]]) -> bool:
    return any(began <= at <= ended for began, ended in spans)


def wrong(name: str, pages: list[Seen], posts: list[Attempt]) -> list[str]:
    """Return what of the answers begun during this jam breaks the promise: bounded, clear, and nobody else held up."""
    found = [f"{name}: a POST had no answer: {one.why} after {one.seconds:.0f} s" for one in posts if not one.status]
    waits = [*(one.seconds for one in pages), *(one.seconds for one in posts if one.status)]
    found += [f"{name}: an answer took {seconds:.0f} s" for seconds in waits if seconds > BOUND_S]
    found += [
        f"{name}: {one.path} took {one.seconds:.1f} s beside those who waited"
        for one in pages
        if one.path in UNTOUCHED[name] and one.seconds > QUICK_S
    ]
    if not any(one.status == 503 for one in posts):
        found.append(f"{name}: no POST was refused, so nothing was jammed")
    return found


def told(name: str, pages: list[Seen], posts: list[Attempt]) -> str:
    """Say how long answers took."""
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(Counter(one.status for one in posts).items()))
    slowest = max((one.seconds for one in posts), default=0.0)
    untouched = max((one.seconds for one in pages if one.path in UNTOUCHED[name]), default=0.0)
    return f"POSTs {answers}, slowest {slowest:.1f} s; slowest page that needs nothing of it {untouched:.1f} s"


def _crowd(load: Load, lasts_s: float) -> None:
    """Let many more people answer the same case than there are threads, and probes ask meanwhile, for so long."""
    ends = time.monotonic() + lasts_s

    def probe() -> None:
        while time.monotonic() < ends:
            load.get(PROBE)
            time.sleep(0.3)

    crowd = threading.Thread(target=together, args=(probe, *[load.reply] * CROWD))
    crowd.start()
    time.sleep(lasts_s)
    load.crowds.append(crowd)


@contextmanager
def _taken(ground: Ground, _load: Load) -> Iterator[None]:
    """Take every connection that the server has, those of the product first."""
    assert ground.server is not None
    held: list[psycopg.Connection[tuple[object, ...]]] = []
    done = threading.Event()
    url = ground.server.system.running.values["DATABASE_OWNER_URL"]

    def hold() -> None:
        while not done.is_set():
            try:
                held.append(psycopg.connect(url, connect_timeout=2))
            except psycopg.OperationalError:
                done.wait(GRAB_S)

    with ground.server.admin() as admin:
        holders = [threading.Thread(target=hold) for _ in range(HOLDERS)]
        for holder in holders:
            holder.start()
        try:
            admin.execute(SHUT_OUT)
            ground.wait(partial(_is_full, admin), "every connection to be taken")
            admin.execute(LET_IN)
            yield
        finally:
            done.set()
            admin.execute(LET_IN)
            for holder in holders:
                holder.join()
            for one in held:
                one.close()


def _is_full(admin: "psycopg.Connection[tuple[object, ...]]") -> bool:
    """Whether nothing is left to be had; who had come in just before the product was shut out goes too."""
    if admin.execute(END).fetchall():
        return False
    return admin.execute(IS_FULL).fetchone() == (True,)


@contextmanager
def _ticket_locked(ground: Ground, load: Load) -> Iterator[None]:
    yield from _locked(ground, sql.SQL("SELECT 1 FROM tickets_ticket WHERE id = {} FOR UPDATE").format(load.case.pk))


@contextmanager
def _tickets_locked(ground: Ground, _load: Load) -> Iterator[None]:
    yield from _locked(ground, sql.SQL("LOCK TABLE tickets_ticket IN ACCESS EXCLUSIVE MODE"))


def _locked(ground: Ground, statement: sql.SQL | sql.Composed) -> Iterator[None]:
    assert ground.server is not None
    with ExitStack() as stack:
        owner = stack.enter_context(ground.server.admin())
        owner.autocommit = False
        owner.execute(statement)
        yield
        with suppress(psycopg.Error):
            owner.rollback()


JAMS: dict[str, Callable[[Ground, Load], AbstractContextManager[None]]] = {
    "ticket locked": _ticket_locked,
    "all tickets locked": _tickets_locked,
    "connections taken": _taken,
}
