"""F17: bombs by mail: each ends with a reason or as a message, in little time and memory, its picture's preview too."""

import http.client
import time
from functools import partial
from urllib.parse import urlsplit

from tests.cast import open_session
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory
from tests.faults import peaks, results
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.bombs import BOMBS, mail
from tickets import content_links
from tickets.models import Attachment, InboundMail, Mailbox, Message

WITHIN_S = 5.0
LIMIT_MB = 256.0
# On a system that other tests have used before, or whose worker was killed by one: a first mail loads the language model.
SHARED_LIMIT_MB = 320.0
# A round of one kind each; on hurried ground all the small ones at once.
LARGE = "20 MB of noise"


def run(ground: Ground) -> Result:
    """Send one bomb in every round, all kinds in turn; hurried ground sends every small kind in its one round."""
    recorder = Recorder("F17")
    box: Mailbox = MailboxFactory.create(slug=f"f17-{recorder.run}", address=f"f17-{recorder.run}@pharos.test")
    kinds = list(BOMBS)
    chosen = [kinds[round_ % len(kinds)] for round_ in range(ground.rounds)] if ground.is_patient else kinds[:-1]
    sent: dict[int, str] = {}
    slowest = 0.0
    with peaks.watched(ground.system) as held:
        for kind in chosen:
            number = recorder.invoke(kind)
            sent[number] = kind
            _send(ground, recorder, box, number, kind)
            if ground.is_patient:
                slowest = max(slowest, ground.wait(partial(_is_handled, box), kind))
        ground.wait(partial(_is_handled, box), "every bomb to end")
        shown = _look(ground, recorder, box)
        time.sleep(2 * peaks.EVERY_S)
    _check_ends(ground, recorder, box, sent)
    if ground.is_patient and slowest > WITHIN_S:
        ground.notes.append(f"one took {slowest:.1f} s")
    ground.notes += held.over(LIMIT_MB if ground.is_patient else SHARED_LIMIT_MB)
    tally = recorder.tally(recorder.found(_texts(box)))
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    return results.judge(
        ground,
        recorder,
        tally,
        [f"{len(sent)} bombs, the slowest {slowest:.1f} s", str(held), f"{shown} previews asked for"],
    )


def _send(ground: Ground, recorder: Recorder, box: Mailbox, number: int, kind: str) -> None:
    header, body = BOMBS[kind][0]()
    sender = f"f17-{recorder.run}-{number}@example.com"
    raw = mail(recorder.mark(number), sender, box.address, body, header=header)
    ground.mail(recorder, number, raw, sender=sender, to=box.address)


def _check_ends(ground: Ground, recorder: Recorder, box: Mailbox, sent: dict[int, str]) -> None:
    """Note what ended otherwise than listed, or without a sentence for staff."""
    for row in InboundMail.objects.filter(mailbox=box).select_related("ticket"):
        subject = row.ticket.subject if row.ticket else row.preview
        for number in recorder.found([subject]):
            reasons = BOMBS[sent[number]][1]
            is_message = row.state == "processed" and not reasons
            is_aside = row.state == "quarantined" and row.reason in reasons and bool(row.explanation)
            if not (is_message or is_aside):
                ground.notes.append(f"{sent[number]}: {row.state}, {row.reason!r}, {row.explanation!r}")


def _is_handled(box: Mailbox) -> bool:
    return not InboundMail.objects.filter(mailbox=box, state="stored").exists()


def _texts(box: Mailbox) -> list[str]:
    subjects = Message.objects.filter(ticket__mailbox=box, kind="reply").values_list("ticket__subject", flat=True)
    aside = InboundMail.objects.filter(mailbox=box, state="quarantined").values_list("preview", flat=True)
    return [*subjects, *aside]


def _look(ground: Ground, recorder: Recorder, box: Mailbox) -> int:
    """Ask the web process for the preview of every picture, as a desk page does."""
    person = StaffFactory.create(role="agent", email=f"f17-{recorder.run}@cast.test")
    _key, session = open_session(person)
    where = urlsplit(ground.system.content_url)
    pictures = Attachment.objects.filter(message__ticket__mailbox=box, file__is_previewable=True)
    for picture in pictures:
        link = urlsplit(content_links.link(session_pk=session.pk, kind="preview", target=picture.public_id))
        client = http.client.HTTPConnection("127.0.0.1", where.port or 80, timeout=30)
        client.request("GET", link.path, headers={"Host": link.netloc})
        status = client.getresponse().status
        client.close()
        if status not in (200, 404):
            ground.notes.append(f"the preview of {picture.stored.name} answered {status}")
    return len(pictures)
