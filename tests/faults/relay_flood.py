"""A7: a thousand anonymous mails in the names of a thousand victims; none of them gets a mail of ours."""

from functools import partial

from tests.factories.tickets import MailboxFactory
from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.letters import letter
from tickets.models import InboundMail, Mailbox, Message, OutboundMail

A_ROUND = 50
AT_ONCE = 4
BAIT = "You won 2 BTC at evil.example"


def run(ground: Ground) -> Result:
    """Send fifty a round by SMTP, as our exchanger hands them on: without its word for the sender."""
    recorder = Recorder("A7")
    box: Mailbox = MailboxFactory.create(slug=f"a7-{recorder.run}", address=f"a7-{recorder.run}@pharos.test")
    for _ in range(ground.rounds):
        together(
            *[
                partial(_send, ground, recorder, box, A_ROUND // AT_ONCE + (one < A_ROUND % AT_ONCE))
                for one in range(AT_ONCE)
            ]
        )
    waiting = InboundMail.objects.filter(mailbox=box, state="stored")
    ground.wait(lambda: not waiting.exists(), "every mail to be taken in")
    texts = Message.objects.filter(ticket__mailbox=box, kind="reply").values_list("text", flat=True)
    tally = recorder.tally(recorder.found(texts))
    victims = f"a7-{recorder.run}-"
    owed = OutboundMail.objects.filter(to_address__startswith=victims).count()
    left = sum(victims.encode() in path.read_bytes() for path in ground.system.postbox.glob("*.eml"))
    if owed or left:
        ground.notes.append(f"{owed} mails owed to victims, {left} of them left")
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    return results.judge(ground, recorder, tally, [f"{tally.acknowledged} victims, {owed} mails to them"])


def _send(ground: Ground, recorder: Recorder, box: Mailbox, count: int) -> None:
    for _ in range(count):
        number = recorder.invoke("a mail in a victim's name")
        victim = f"a7-{recorder.run}-{number}@example.com"
        words = f"{BAIT} {recorder.mark(number)}"
        raw = letter(sender=f'"{BAIT}" <{victim}>', to=box.address, subject=BAIT, text=words, proven=False)
        ground.mail(recorder, number, raw, sender=victim, to=box.address)
