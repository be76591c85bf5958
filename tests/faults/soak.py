"""F28: half an hour at five times the demo's load, a random fault every minute, memory watched all the time.

PHAROS_SOAK_MINUTES shortens it; `make test` has the same in seconds. A run of less than ten minutes
measures memory too, but does not judge it: its windows are shorter than a warm-up.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from django.db import connection

from tests.cast import open_session
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory
from tests.faults import memory, results, soak_copy
from tests.faults.ground import Ground
from tests.faults.memory import Sample
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.faults.soak_copy import ACTS, QUICK, Supervised
from tests.faults.soak_load import Agent, Load
from tickets.models import InboundMail, Mailbox, Message, OutboundMail, Ticket

MINUTES_NAME = "PHAROS_SOAK_MINUTES"
FACTOR = 5
AGENTS = 6
# Longer than a lease and the undo window.
LEASE_S = 60.0
JUDGED_FROM_S = 600.0
# Below this it was another, lighter soak.
LEAST_SHARE = 0.9


@dataclass(frozen=True)
class Pace:
    """How long, and how often what happens."""

    length_s: float
    fault_every_s: float
    sample_every_s: float
    acts: tuple[str, ...]


@dataclass
class Watch:
    """Samples memory in a thread until told to stop."""

    copy: Supervised
    every_s: float
    began: float = field(default_factory=time.monotonic)
    samples: list[Sample] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Take one after the other."""
        while not self._done.wait(self.every_s):
            self.samples += memory.sample(round(time.monotonic() - self.began, 1), self.copy.leaders())

    def stop(self) -> None:
        """No more samples."""
        self._done.set()


def run(ground: Ground) -> Result:
    """Soak a copy of its own with patience, the session's running system without."""
    recorder = Recorder("F28")
    if ground.is_patient:
        minutes = float(os.environ.get(MINUTES_NAME) or 30)
        pace = Pace(minutes * 60, 60.0, 5.0, tuple(ACTS))
        place: AbstractContextManager[Supervised] = soak_copy.launched(ground)
    else:
        pace = Pace(3.0, 1.0, 0.3, QUICK)
        place = soak_copy.kept_up(ground)
    with place as copy:
        return _soak(replace(ground, system=copy.system), copy, recorder, pace)


def _soak(ground: Ground, copy: Supervised, recorder: Recorder, pace: Pace) -> Result:
    box: Mailbox = MailboxFactory.create(slug=f"f28-{recorder.run}", address=f"f28-{recorder.run}@pharos.test")
    load = Load(ground, recorder, _agents(ground, recorder), box.address, FACTOR, Random(ground.random.random()))  # noqa: S311 -- repeatable, protects nothing
    load.learn_tickets()
    tabs, watch = load.watch(), Watch(copy, pace.sample_every_s)
    sampling = threading.Thread(target=watch.run)
    sampling.start()
    done: Counter[str] = Counter()
    breaking = threading.Thread(target=_break, args=(copy, pace, ground.random, done))
    breaking.start()
    try:
        load.run(pace.length_s)
        breaking.join()
        ended_s = time.monotonic() - watch.began
        watch.stop()
        # PostgreSQL has been restarted under this process's own connection, too.
        connection.close()
        _settle(ground, box)
        _tabs_catch_up(ground, load)
    finally:
        watch.stop()
        load.leave()
        tabs.join()
        sampling.join()
    measured = _memory(ground, watch.samples, ended_s, copy.leaders())
    tally = recorder.tally(recorder.found(_texts(recorder)))
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    if ground.is_patient:
        # With the copy's own anchors, as an operator does it.
        ground.system.manage("verify_audit")
    judged = results.judge(ground, recorder, tally, [*_remarks(load, done, pace), *measured])
    return replace(judged, rounds=sum(done.values()))


def _agents(ground: Ground, recorder: Recorder) -> list[Agent]:
    found = []
    for number in range(AGENTS):
        person = StaffFactory.create(role="agent", email=f"f28-{recorder.run}-{number}@cast.test")
        key, _session = open_session(person)
        # Each copy's cookies carry its port.
        cookie = f"pharos_session_{ground.system.running.values['PORT']}={key}"
        found.append(Agent(ground.token(person, "read", "write"), cookie))
    return found


def _break(copy: Supervised, pace: Pace, random: Random, done: "Counter[str]") -> None:
    """One fault at a random moment of every interval; kinds are drawn from a bag, so that each has its turn."""
    began, bag = time.monotonic(), list[str]()
    for number in range(max(1, int(pace.length_s / pace.fault_every_s))):
        bag = bag or random.sample(pace.acts, len(pace.acts))
        moment = began + (number + random.uniform(0.1, 0.9)) * pace.fault_every_s
        time.sleep(max(0.0, moment - time.monotonic()))
        what = bag.pop()
        ACTS[what](copy, random)
        done[what] += 1


def _settle(ground: Ground, box: Mailbox) -> None:
    """Wait until the desk is whole again and owes nothing."""
    ground.wait(lambda: ground.system.readiness().get("status") == "ready", "the copy to be ready again")
    ground.wait(
        lambda: not InboundMail.objects.filter(mailbox=box, state="stored").exists(),
        "mail to be taken in",
        lease_s=LEASE_S,
    )
    ground.wait(partial(_is_sent, box), "replies and acknowledgements to leave", lease_s=LEASE_S)


def _is_sent(box: Mailbox) -> bool:
    return not OutboundMail.objects.filter(mailbox=box, state="queued").exists()


def _tabs_catch_up(ground: Ground, load: Load) -> None:
    """Every open tab must come to know of the last message of its ticket."""

    def behind() -> list[str]:
        last = dict(
            Ticket.objects.values_list("public_id", "last_seq").filter(public_id__in=[t.ticket for t in load.tabs])
        )
        return [tab.ticket for tab in load.tabs if tab.ticket and tab.seen < last.get(tab.ticket, 0)]

    ground.wait(lambda: not behind(), "every open tab to know of its ticket's last message")


def _texts(recorder: Recorder) -> list[str]:
    marked = Message.objects.filter(text__contains=f"[{recorder.fault}/{recorder.run}/", kind="reply")
    return list(marked.values_list("text", flat=True))


def _memory(ground: Ground, samples: list[Sample], length_s: float, roles: Iterable[str]) -> list[str]:
    """Return what was measured; growth, and a role that nothing is known of, is noted as a fault."""
    found = memory.verdicts(samples, length_s)
    if length_s >= JUDGED_FROM_S:
        ground.notes.extend(f"memory grew: {verdict}" for verdict in found if not verdict.ok)
        ground.notes.extend(f"memory of {role} could not be judged" for role in memory.unjudged(found, roles))
    return [f"memory of {verdict}" for verdict in found]


def _remarks(load: Load, done: "Counter[str]", pace: Pace) -> list[str]:
    pages = ", ".join(f"{count} × {status}" for status, count in load.pages.most_common())
    fine = {"200", "503"}
    if wrong := {status: count for status, count in load.pages.items() if status.isdecimal() and status not in fine}:
        load.ground.notes.append(f"pages answered {wrong}")
    if load.ground.is_patient and load.share < LEAST_SHARE:
        load.ground.notes.append(
            f"only {load.share:.0%} of the load could be asked: the machine was busy with other things"
        )
    hints, reconnects = sum(tab.hints for tab in load.tabs), sum(tab.reconnects for tab in load.tabs)
    return [
        f"{pace.length_s / 60:g} minutes at {FACTOR} × the demo's load, {load.share:.0%} of it asked in time",
        "faults: " + ", ".join(f"{count} × {what}" for what, count in sorted(done.items())),
        f"pages: {pages}",
        f"{hints} hints to {len(load.tabs)} tabs, which came back {reconnects} times",
    ]
