"""F6: all connections of PostgreSQL are taken by others, or somebody holds a lock on a ticket, on all tickets."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

import psycopg
from django.db import connection
from psycopg import sql

from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.load import QUEUE, Load, Seen
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.faults.soak_copy import kept_up

# Longer than anybody of ours waits for a lock; one in each run lasts as long as the table of faults says.
LASTS_S, LONGEST_S, MOMENT_S = 7.0, 60.0, 1.0
# The longest answer: waiting for a thread, then for the lock, then a busy machine.
BOUND_S = 25.0
# More than there are threads for writing.
CROWD = 12
LEASE_S = 56.0
HOLDER = "holder"
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pharos_app' AND application_name <> %s
"""


def run(ground: Ground) -> Result:
    """Jam the database in each way under load: refusals are clear, waits bounded, the rest goes on, and it heals."""
    recorder = Recorder("F6")
    load = Load(ground, recorder)
    healed = 0.0
    jammed: dict[str, list[Seen]] = {name: [] for name in JAMS}
    with kept_up(ground), load:
        for number in range(max(ground.rounds, len(JAMS))):
            name = list(JAMS)[number % len(JAMS)]
            lasts_s = (LONGEST_S if number < len(JAMS) else LASTS_S) if ground.is_patient else MOMENT_S
            began = len(load.seen)
            with JAMS[name](ground, load):
                _crowd(load, lasts_s)
            jammed[name] += load.seen[began:]
            healed = max(healed, ground.wait(lambda: load.get(QUEUE).status == 200, "a page after the jam"))
    connection.close()  # ended with all the others
    tally = load.finish(lease_s=LEASE_S)
    slowest = {name: max((one.seconds for one in seen), default=0.0) for name, seen in jammed.items()}
    for name, seconds in slowest.items():
        if seconds > BOUND_S:
            ground.notes.append(f"{name}: an answer took {seconds:.0f} s")
    remarks = [load.statuses(), f"served again within {healed:.1f} s"]
    if ground.is_patient:
        remarks += [f"{name}: slowest page {seconds:.1f} s" for name, seconds in slowest.items()]
    return results.judge(ground, recorder, tally, remarks)


def _crowd(load: Load, lasts_s: float) -> None:
    """Let many more people answer the same case than there are threads, and probes ask meanwhile, for so long."""
    ends = time.monotonic() + lasts_s

    def probe() -> None:
        while time.monotonic() < ends:
            load.get("/healthz")
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
    url = ground.server.system.running.values["DATABASE_URL"]

    def hold() -> None:
        while not done.is_set():
            try:
                held.append(psycopg.connect(url, connect_timeout=2, application_name=HOLDER))
            except psycopg.OperationalError:
                done.wait(0.05)

    with ground.server.admin() as admin:
        holder = threading.Thread(target=hold)
        holder.start()
        admin.execute(END_OTHERS, [HOLDER])
        try:
            yield
        finally:
            done.set()
            holder.join()
            for one in held:
                one.close()


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
