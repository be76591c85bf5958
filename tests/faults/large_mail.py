"""F18: mails of 100 MB and of 30 MB, twenty at once by SMTP and HTTP, while others write."""

import http.client
import os
import smtplib
import time
from collections import Counter
from functools import partial

from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory
from tests.faults import peaks, results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.letters import letter
from tickets.models import InboundMail, Mailbox, Message

AT_ONCE, FEW = 20, 3
HUGE_BYTES, LARGE_BYTES = 100_000_000, 30_000_000
LIMIT_MB = 300.0
OTHERS_WITHIN_S = 10.0
# A refused sender comes again; a mail exchanger would wait longer.
PAUSE_S = 2.0
PATIENCE_S = 300.0
DOORS = ("huge by SMTP", "huge by HTTP", "large by SMTP", "large by HTTP")
PIECE = os.urandom(48_000).hex().encode() + b"\r\n"


def run(ground: Ground) -> Result:
    """Use one door a round, all in turn; hurried ground sends few, and judges no time."""
    recorder = Recorder("F18")
    box: Mailbox = MailboxFactory.create(slug=f"f18-{recorder.run}", address=f"f18-{recorder.run}@pharos.test")
    token = ground.token(StaffFactory.create(role="agent", email=f"f18-{recorder.run}@cast.test"), "intake")
    said: Counter[str] = Counter()
    slowest = 0.0
    with peaks.watched(ground.system) as held:
        for round_ in range(ground.rounds):
            door = DOORS[round_ % len(DOORS)]
            # Every fourth round of a kind would be 20 × 30 MB of disk: fewer of those that are kept.
            count = AT_ONCE if "huge" in door else AT_ONCE // 4
            count = count if ground.is_patient else FEW
            waits: list[float] = []
            others = partial(_others, ground, recorder, box, waits)
            together(others, *[partial(_one, ground, recorder, box, door, token, said)] * count)
            slowest = max(slowest, *waits)
        ground.wait(partial(_is_handled, box), "every mail to be taken in", patience_s=PATIENCE_S)
    if ground.is_patient and slowest > OTHERS_WITHIN_S:
        ground.notes.append(f"another's mail waited {slowest:.1f} s")
    ground.notes += held.over(LIMIT_MB)
    tally = recorder.tally(recorder.found(_subjects(box)))
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    answers = ", ".join(f"{what} {count}" for what, count in sorted(said.items()))
    return results.judge(
        ground, recorder, tally, [answers, str(held), f"others' mail was there within {slowest:.1f} s"]
    )


def _others(ground: Ground, recorder: Recorder, box: Mailbox, waits: list[float]) -> None:
    """Write a small mail in the middle of it and see how long it takes to become a case."""
    time.sleep(ground.random.uniform(0, 1))
    number = recorder.invoke("small mail")
    started = time.monotonic()
    sender = f"f18-{recorder.run}-{number}@example.com"
    raw = letter(sender=sender, to=box.address, subject=f"Case {recorder.mark(number)}")
    ground.mail_until_taken(recorder, number, raw, sender=sender, to=box.address)
    ground.wait(lambda: bool(recorder.found(_subjects(box))[number]), "a small mail to be a case")
    waits.append(time.monotonic() - started)


def _one(ground: Ground, recorder: Recorder, box: Mailbox, door: str, token: str, said: Counter[str]) -> None:
    number = recorder.invoke(door)
    sender = f"f18-{recorder.run}-{number}@example.com"
    size = HUGE_BYTES if "huge" in door else LARGE_BYTES
    head = letter(sender=sender, to=box.address, subject=f"Case {recorder.mark(number)}", text="See below.")
    send = partial(_by_http, ground, box, token) if "HTTP" in door else partial(_by_smtp, ground, box, sender)
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        code = send(head, size)
        said[f"{door}: {code}"] += 1
        if code in (200, 202, 250):
            recorder.ok(number)
            return
        if code in (413, 552):
            recorder.fail(number, str(code))
            return
        time.sleep(PAUSE_S)
    recorder.unknown(number, "never taken")


def _by_smtp(ground: Ground, box: Mailbox, sender: str, head: bytes, size: int) -> int:
    """Send in pieces, without saying how large it is; return the answer's code, 0 for none."""
    try:
        with smtplib.SMTP("127.0.0.1", ground.system.smtp_port, local_hostname="mx.pharos.test", timeout=60) as client:
            client.ehlo()
            client.mail(sender)
            client.rcpt(box.address)
            code, _ = client.docmd("DATA")
            if code != 354:
                return code
            client.send(head)
            for _ in range(size // len(PIECE)):
                client.send(PIECE)
            client.send(b"\r\n.\r\n")
            return client.getreply()[0]
    except (OSError, smtplib.SMTPException):
        return 0


def _by_http(ground: Ground, box: Mailbox, token: str, head: bytes, size: int) -> int:
    """Post it with its length; the answer may come before everything is sent. Return its status, 0 for none."""
    pieces = size // len(PIECE)
    client = http.client.HTTPConnection("127.0.0.1", int(ground.system.running.values["PORT"]), timeout=60)
    try:
        client.putrequest("POST", f"/api/v1/intake/email/{box.slug}/")
        for name, value in (
            ("Authorization", f"Bearer {token}"),
            ("Content-Type", "message/rfc822"),
            ("Content-Length", str(len(head) + pieces * len(PIECE))),
        ):
            client.putheader(name, value)
        client.endheaders()
        try:
            client.send(head)
            for _ in range(pieces):
                client.send(PIECE)
        except OSError:
            pass  # refused while sending: the answer is there to read
        return client.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        client.close()


def _subjects(box: Mailbox) -> list[str]:
    found = Message.objects.filter(ticket__mailbox=box, kind="reply").values_list("ticket__subject", flat=True)
    return list(found)


def _is_handled(box: Mailbox) -> bool:
    return not InboundMail.objects.filter(mailbox=box, state="stored").exists()
