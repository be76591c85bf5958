"""F29: workers are killed in the middle of steps of escalation, while beat stands still; then beat alone goes on.

Several sweep at once: the rounds, and the worker's children, who are rung for as well.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from core import clock, doorbell
from core.models import AuditEntry, Notice
from tests.factories.accounts import StaffFactory
from tests.factories.escalation import chain
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.faults import nemesis, results
from tests.faults.ground import Ground
from tests.faults.promises import PATIENCE_S
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.faults.soak_copy import kept_up
from tickets.escalation.steps import Marks
from tickets.escalation.vocabulary import Cause
from tickets.models import EscalationChain, EscalationNotice, EscalationRun, Mailbox, Message
from tickets.services import escalations

RUNS = 6
WITHIN_S = 2.0
RINGS = 8
# Every so many rounds it is the parent.
PARENT_EVERY = 3
ROLES = ("worker", "rounds")
ESCALATE = "tickets.escalate"


class Steps:
    """Runs of a chain of their own; each step of each has a number in the record."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.first = StaffFactory.create(role="agent", email=f"f29-{recorder.run}-a@cast.test")
        self.second = StaffFactory.create(role="agent", email=f"f29-{recorder.run}-b@cast.test")
        self.box: Mailbox = MailboxFactory.create(slug=f"f29-{recorder.run}", address=f"f29-{recorder.run}@pharos.test")
        self.chain: EscalationChain = chain(
            {"action": "mail", "staff": self.first, "is_urgent": True},
            {"action": "priority", "priority": "urgent"},
            {"action": "follow", "staff": self.second},
            {"action": "mail", "staff": self.second, "is_urgent": True, "after": "previous"},
            name=f"F29 {recorder.run}",
            is_active=False,
            storm_limit=1000,
        )
        self.numbers: dict[tuple[int, int], int] = {}

    def begin(self) -> None:
        """Begin one run, all of whose steps are due."""
        number = self.recorder.invoke("ticket")
        address = f"f29-{self.recorder.run}-{number}@example.com"
        ticket = mail_ticket(address=address, mailbox=self.box, text=f"Help. {self.recorder.mark(number)}")
        now = clock.now()
        with transaction.atomic():
            run = escalations.begin(
                ticket=ticket, chain=self.chain, cause=Cause.CUSTOMER, marks=Marks(now, now), clock=None
            )
        assert run is not None
        self.recorder.ok(number)
        for position in range(len(run.steps)):
            step = self.recorder.invoke(f"step {position + 1} of {run.public_id}")
            self.recorder.ok(step)
            self.numbers[ticket.pk, position + 1] = step

    def are_taken(self, *, rings: bool) -> bool:
        """Whether all of it is over; `rings` wakes the sweep instead of waiting for beat."""
        if rings:
            doorbell.ring_now(ESCALATE, expires_s=2)
        running = EscalationRun.objects.filter(chain=self.chain, state="running")
        return not running.exists() and not self._notices().filter(state="queued").exists()

    def found(self) -> "Counter[int]":
        """Count what the timelines say of each step, and the tickets themselves."""
        tickets = {ticket for ticket, _position in self.numbers}
        said = Message.objects.filter(ticket__in=tickets, event="escalation_step", event_data__outcome="done")
        rows = said.values_list("ticket", "event_data__step")
        texts = Message.objects.filter(ticket__in=tickets, kind="reply").values_list("text", flat=True)
        return Counter(self.numbers[ticket, step] for ticket, step in rows) + self.recorder.found(texts)

    def faults(self) -> Iterator[str]:
        """Yield what people were told too often, or never."""
        runs = EscalationRun.objects.filter(chain=self.chain).count()
        for person in (self.first, self.second):
            if (mails := Notice.objects.filter(kind="escalation", to_address=person.email).count()) != runs:
                yield f"{mails} mails for {runs} runs"
        ids = list(self._notices().values_list("public_id", flat=True))
        told = AuditEntry.objects.filter(action="ticket.escalation_told", detail__notice__in=ids)
        counts = Counter(told.values_list("detail__notice", flat=True))
        if counts != Counter(ids):
            yield f"of {len(ids)} notices {sum(counts.values())} are recorded as given"

    def _notices(self) -> "QuerySet[EscalationNotice]":
        return EscalationNotice.objects.filter(run__chain=self.chain)


def run(ground: Ground) -> Result:
    """Begin runs while those who take their steps are killed."""
    recorder = Recorder("F29")
    killed: Counter[str] = Counter()
    steps = Steps(recorder)
    with kept_up(ground):
        for number in range(ground.rounds):
            if ground.is_patient:
                ground.wait(partial(_are_up, ground), "somebody to kill", patience_s=PATIENCE_S)
            kills = [
                (ground.random.uniform(0.2, WITHIN_S), partial(_kill_child, role, ground, killed)) for role in ROLES
            ]
            if number % PARENT_EVERY == 0:
                kills.append((ground.random.uniform(0.2, WITHIN_S), partial(_kill_parent, ground, killed)))
            rings = [(WITHIN_S * at / RINGS, _ring) for at in range(RINGS)]
            with _beat_stopped(ground), nemesis.meanwhile(*kills, *rings):
                for _run in range(RUNS):
                    steps.begin()
        taken = partial(steps.are_taken, rings=not ground.is_patient)
        waited_s = ground.wait(taken, "every step to be taken", patience_s=PATIENCE_S)
    ground.notes += steps.faults()
    Mailbox.objects.filter(pk=steps.box.pk).update(is_active=False)
    remarks = [f"killed: {killed['children']} children, {killed['parents']} parents"]
    if ground.is_patient:
        remarks.append(f"all steps were taken {waited_s:.0f} s after the last kill")
    return results.judge(ground, recorder, recorder.tally(steps.found()), remarks)


@contextmanager
def _beat_stopped(ground: Ground) -> Iterator[None]:
    """Let beat stand still until the block ends."""
    beat = ground.system.processes["beat"].pid
    os.kill(beat, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(beat, signal.SIGCONT)


def _ring() -> None:
    """Have the rounds and the worker's children sweep at once."""
    doorbell.ring_now(ESCALATE)
    doorbell.ring_now(ESCALATE, queue="celery")


def _are_up(ground: Ground) -> bool:
    return all(nemesis.children(ground.system.processes[role]) for role in ROLES)


def _kill_child(role: str, ground: Ground, killed: "Counter[str]") -> None:
    killed["children"] += bool(nemesis.kill_a_child(ground.system.processes[role], ground.random))


def _kill_parent(ground: Ground, killed: "Counter[str]") -> None:
    os.kill(ground.system.processes[ground.random.choice(ROLES)].pid, signal.SIGKILL)
    killed["parents"] += 1
