"""F3: a Celery child is killed in the middle of taking mail in and of sending it; a slow mail server widens the middle."""

from collections import Counter
from functools import partial

from tests.factories.tickets import MailboxFactory
from tests.faults import nemesis, results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.letters import letter
from tests.support.smtp_server import MailServer, mail_server
from tickets.models import InboundMail, Mailbox, Message, OutboundMail

MAILS = 6
WITHIN_S = 1.5
# Longer than a lease, which is how long a dead worker's row may be held.
LEASE_S = 56.0


def run(ground: Ground) -> Result:
    """Take in mail from proven senders, each of whom is owed one acknowledgement, while children die."""
    recorder = Recorder("F3")
    killed: list[int] = []
    slowest = 0.0
    with mail_server("slow") as server:
        box = _mailbox(recorder, server)
        for _ in range(ground.rounds):
            kills = [(ground.random.uniform(0, WITHIN_S), partial(_kill, ground, killed)) for _ in range(2)]
            with nemesis.meanwhile(*kills):
                together(*[partial(_mail, ground, recorder, box) for _ in range(MAILS)])
            waited = ground.wait(partial(_is_handled, box), "every mail to be taken in", lease_s=LEASE_S)
            waited += ground.wait(partial(_is_sent, box), "every acknowledgement to leave", lease_s=LEASE_S)
            slowest = max(slowest, waited)
        Mailbox.objects.filter(pk=box.pk).update(is_active=False, smtp_host="")
        texts = Message.objects.filter(ticket__mailbox=box, kind="reply").values_list("text", flat=True)
        stored = recorder.found(texts)
        twice = _sent_twice(ground, recorder, server)
    remarks = [f"{sum(map(bool, killed))} children killed", f"whole again within {slowest:.1f} s"]
    if twice:
        remarks.append(f"sent twice under one Message-ID: {twice}")
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
    ground.mail(recorder, number, raw, sender=sender, to=box.address)


def _address(recorder: Recorder, number: int) -> str:
    return f"f3-{recorder.run}-{number}@example.com"


def _kill(ground: Ground, killed: list[int]) -> None:
    killed.append(nemesis.kill_a_child(ground.system.processes["worker"], ground.random))


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
