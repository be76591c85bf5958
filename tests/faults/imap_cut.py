"""F9: the IMAP connection is cut at random bytes, the mail process killed, the folder's UIDVALIDITY changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from signal import SIGKILL

from tests.factories.tickets import MailboxFactory
from tests.faults import results
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.cutting_proxy import CuttingProxy, cutting_proxy
from tests.support.dovecot import Dovecot, serving
from tests.support.letters import letter
from tickets.models import InboundMail, Mailbox, Message

MAILS = 4
CUTS = 2
# TLS, greeting, sign-in, search: cuts before and after the first mail.
LEAST_BYTES, MOST_BYTES = 200, 60_000
PADDING = "0123456789 " * 900
KILL_EVERY = 5
# A poller that was cut off again and again comes back within two minutes.
PATIENCE_S = 150.0
RENUMBER_EVERY = 3


def run(ground: Ground) -> Result:
    """Deliver to a real server behind a proxy that cuts."""
    recorder = Recorder("F9")
    with serving(f"dovecot-{recorder.run}") as server, cutting_proxy(server.imaps_port) as proxy:
        with _polled(ground, recorder, server, proxy) as box:
            maildir = server.maildir(box.imap_user)
            killed = renumbered = 0
            for round_ in range(ground.rounds):
                proxy.cuts += [ground.random.randint(LEAST_BYTES, MOST_BYTES) for _ in range(CUTS)]
                for _ in range(MAILS):
                    _deliver(ground, recorder, server, box)
                if round_ % RENUMBER_EVERY == 0:
                    ground.wait(partial(_has_begun, box, round_), "the first mail of a round")
                    renumbered += _renumber(maildir)
                if round_ % KILL_EVERY == KILL_EVERY - 1:
                    ground.system.stop("mail", number=SIGKILL)
                    ground.system.start("mail")
                    killed += 1
                ground.wait(partial(_is_flagged, maildir), "every mail to be flagged as read", patience_s=PATIENCE_S)
            ground.wait(partial(_is_handled, box), "every mail to be taken in")
        texts = Message.objects.filter(ticket__mailbox=box, kind="reply").values_list("text", flat=True)
        tally = recorder.tally(recorder.found(texts))
        remarks = [f"{proxy.cut} connections cut, {renumbered} times new UIDs, mail process killed {killed} times"]
    return results.judge(ground, recorder, tally, remarks)


@contextmanager
def _polled(ground: Ground, recorder: Recorder, server: Dovecot, proxy: CuttingProxy) -> Iterator[Mailbox]:
    box: Mailbox = MailboxFactory.create(
        slug=f"f9-{recorder.run}",
        address=f"f9-{recorder.run}@pharos.test",
        inbound="imap",
        imap_host="127.0.0.1",
        imap_port=proxy.port,
        imap_user=f"f9-{recorder.run}",
        imap_secret=server.password,
        ca_certificate=server.ca_file.read_text(encoding="ascii"),
    )
    # It reads the mailboxes when it starts, and every half a minute.
    ground.system.stop("mail", number=SIGKILL)
    ground.system.start("mail")
    try:
        yield box
    finally:
        Mailbox.objects.filter(pk=box.pk).update(is_active=False, inbound="listener")


def _deliver(ground: Ground, recorder: Recorder, server: Dovecot, box: Mailbox) -> None:
    number = recorder.invoke("mail on the IMAP server")
    padding = PADDING[: ground.random.randint(0, len(PADDING))]
    sender = f"f9-{recorder.run}-{number}@example.com"
    raw = letter(sender=sender, to=box.address, text=f"My deposit is missing. {recorder.mark(number)}\n{padding}")
    server.deliver(box.imap_user, raw, sender)
    recorder.ok(number)


def _renumber(maildir: Path) -> int:
    """Take away what the server remembers of the folder: all mails get new UIDs under a new UIDVALIDITY."""
    for found in maildir.glob("dovecot*"):
        if found.is_file():
            found.unlink(missing_ok=True)
    return 1


def _has_begun(box: Mailbox, round_: int) -> bool:
    return InboundMail.objects.filter(mailbox=box).count() > round_ * MAILS


def _is_flagged(maildir: Path) -> bool:
    """Whether no mail waits: none is new, and each that is known is flagged seen in its file's name."""
    waiting = [
        *maildir.glob("new/*"),
        *(found for found in maildir.glob("cur/*") if "S" not in found.name.rpartition(",")[2]),
    ]
    return not waiting


def _is_handled(box: Mailbox) -> bool:
    return not InboundMail.objects.filter(mailbox=box, state="stored").exists()
