"""F3: Celery children and the Celery parent are killed in the middle of taking mail in, sending it and sweeping clocks.

A slow mail server widens the middle. Rounds follow each other at once; what a dead worker held is waited for
at the end, by all rounds together.
"""

import os
import signal
import uuid
from collections import Counter
from functools import partial

from core import doorbell
from tests.factories.tickets import MailboxFactory
from tests.faults import nemesis, results
from tests.faults.ground import Ground, together
from tests.faults.load import DRAIN_S, note_what_waits
from tests.faults.promises import Promises
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.faults.soak_copy import kept_up
from tests.support.letters import letter
from tests.support.smtp_server import MailServer, mail_server
from tickets.models import InboundMail, Mailbox, Message, OutboundMail

MAILS = 6
MISSED = 4
WITHIN_S = 1.5
# Every so many rounds it is the parent.
PARENT_EVERY = 3
# Longer than a lease, which is how long a dead worker's row may be held.
LEASE_S = 56.0
RESUMED_S = 60.0
ROLES = ("worker", "rounds")
SWEEPS = ("tickets.sweep_inbox", "tickets.sweep_outbox", "tickets.sweep_clocks", "core.seal_audit")


def run(ground: Ground) -> Result:
    """Take in mail from proven senders, each of whom is owed one acknowledgement, while workers die."""
    recorder = Recorder("F3")
    killed: Counter[str] = Counter()
    promises = Promises(ground, f"f3-{recorder.run}")
    with mail_server("slow") as server, kept_up(ground):
        box = _mailbox(recorder, server)
        for number in range(ground.rounds):
            if ground.is_patient:
                ground.wait(partial(_are_up, ground), "somebody to kill", patience_s=DRAIN_S)
            kills = [(ground.random.uniform(0, WITHIN_S), partial(_kill_child, role, ground, killed)) for role in ROLES]
            if number % PARENT_EVERY == 0:
                kills.append((ground.random.uniform(0, WITHIN_S), partial(_kill_parent, ground, killed)))
            with nemesis.meanwhile(*kills):
                promises.miss(MISSED)
                together(*[partial(_mail, ground, recorder, box) for _ in range(MAILS)])
        clocks = promises.settle()
        held = _held(box)
        resumed_s = ground.wait(lambda: not held & _held(box), "what dead workers held", lease_s=LEASE_S)
        ground.wait(partial(_is_handled, box), "every mail to be taken in", lease_s=LEASE_S, patience_s=DRAIN_S)
        ground.wait(partial(_is_sent, box), "every acknowledgement to leave", lease_s=LEASE_S, patience_s=DRAIN_S)
        note_what_waits(ground, box)
        Mailbox.objects.filter(pk=box.pk).update(is_active=False, smtp_host="")
        texts = Message.objects.filter(ticket__mailbox=box, kind="reply").values_list("text", flat=True)
        stored = recorder.found(texts)
        twice = _sent_twice(ground, recorder, server)
    if ground.is_patient and resumed_s > RESUMED_S:
        ground.notes.append(f"{resumed_s:.0f} s after the last kill dead workers still held something")
    remarks = [
        f"killed: {killed['children']} children, {killed['parents']} parents",
        f"sent twice under one Message-ID: {twice}",
        clocks,
    ]
    if ground.is_patient:
        remarks.append(f"what dead workers held was taken up {resumed_s:.0f} s after the last kill")
    return results.judge(ground, recorder, recorder.tally(stored), remarks)


def _mailbox(recorder: Recorder, server: MailServer) -> Mailbox:
    box: Mailbox = MailboxFactory.create(
        slug=f"f3-{recorder.run}",
        address=f"f3-{recorder.run}@pharos.test",
        smtp_host="127.0.0.1",
        smtp_port=server.port,
        ca_certificate=server.ca_certificate,
    )
    return box


def _mail(ground: Ground, recorder: Recorder, box: Mailbox) -> None:
    number = recorder.invoke("SMTP mail")
    sender = _address(recorder, number)
    raw = letter(sender=sender, to=box.address, text=f"My deposit is missing. {recorder.mark(number)}")
    ground.mail_until_taken(recorder, number, raw, sender=sender, to=box.address)


def _address(recorder: Recorder, number: int) -> str:
    return f"f3-{recorder.run}-{number}@example.com"


def _are_up(ground: Ground) -> bool:
    """Whether every parent has its children: nobody is killed twice before having lived."""
    return all(nemesis.children(ground.system.processes[role]) for role in ROLES)


def _kill_child(role: str, ground: Ground, killed: "Counter[str]") -> None:
    """Kill one child, with sweeps on their way so that one of them may be the victim's work."""
    for sweep in SWEEPS:
        doorbell.ring_now(sweep)
    killed["children"] += bool(nemesis.kill_a_child(ground.system.processes[role], ground.random))


def _kill_parent(ground: Ground, killed: "Counter[str]") -> None:
    os.kill(ground.system.processes[ground.random.choice(ROLES)].pid, signal.SIGKILL)
    killed["parents"] += 1


def _held(box: Mailbox) -> set[uuid.UUID]:
    """Return the leases that somebody, dead or alive, holds on this mailbox's rows."""
    rows = (InboundMail.objects.filter(mailbox=box), OutboundMail.objects.filter(mailbox=box))
    return {token for found in rows for token in found.values_list("lease_token", flat=True) if token}


def _is_handled(box: Mailbox) -> bool:
    return not InboundMail.objects.filter(mailbox=box, state="stored").exists()


def _is_sent(box: Mailbox) -> bool:
    return not OutboundMail.objects.filter(mailbox=box, state="queued").exists()


def _sent_twice(ground: Ground, recorder: Recorder, server: MailServer) -> int:
    """Note what was not sent, or sent as two different mails; return how many were sent twice as the same one."""
    arrived: Counter[str] = Counter(recipient for taken in server.taken for recipient in taken.recipients)
    different: dict[str, set[bytes]] = {}
    for taken in server.taken:
        head = taken.raw.partition(b"\r\n\r\n")[0]
        ids = [line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")]
        for recipient in taken.recipients:
            different.setdefault(recipient, set()).update(ids)
    for number, what in recorder.outcomes().items():
        address = _address(recorder, number)
        if what == "ok" and not arrived[address]:
            ground.notes.append(f"no acknowledgement was sent for number {number}")
        if len(different.get(address, ())) > 1:
            ground.notes.append(f"two different acknowledgements for number {number}")
    return sum(count - 1 for count in arrived.values())
