"""F19: whatever reads certain mails is killed or stopped while it reads; they are put aside and the queue moves on."""

import contextlib
import time
from functools import partial

import psutil  # type: ignore[import-untyped]

from tests.factories.tickets import MailboxFactory
from tests.faults import peaks, results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.letters import letter
from tickets.channels.email import reading
from tickets.models import InboundMail, Mailbox, Message

GOOD = 3
# Large enough to be read in a child at the first try.
POISON_BYTES = reading.ISOLATE_FROM_BYTES + 200_000
LATEST_KILL_S = 0.1
# Stopped ones hold a worker until its patience ends: few, and patient ground only.
STOPS = 2
OTHERS_WITHIN_S = 10.0
# Pauses of 10 and 20 s between the tries, what a stopped reader is waited for, the sweeper.
PATIENCE_S = 300.0
PAUSES_S = (15.0, 30.0)


def run(ground: Ground) -> Result:
    """Send one poisonous mail and some good ones in every round."""
    recorder = Recorder("F19")
    box: Mailbox = MailboxFactory.create(slug=f"f19-{recorder.run}", address=f"f19-{recorder.run}@pharos.test")
    ended: list[str] = []
    poison: list[int] = []
    slowest = 0.0
    with peaks.watched(ground.system, on_reader=partial(_end, ground, ended)):
        for _ in range(ground.rounds):
            poison.append(_send(ground, recorder, box, POISON_BYTES))
            good: list[int] = []
            together(*[partial(_send_good, ground, recorder, box, good)] * GOOD)
            slowest = max(slowest, ground.wait(partial(_are_there, recorder, box, good), "good mail to be taken in"))
        for pause_s in PAUSES_S:
            ground.wait(partial(_nothing_is_due, box), "every poisonous mail to be tried", patience_s=PATIENCE_S)
            ground.pass_time(pause_s)
        ground.wait(partial(_is_handled, box), "every poisonous mail to be put aside", patience_s=PATIENCE_S)
    for row in InboundMail.objects.filter(mailbox=box, size__gt=POISON_BYTES):
        if (row.state, row.reason, row.attempts) != ("quarantined", "reader_died", 3) or not row.raw:
            ground.notes.append(f"a poisonous mail is {row.state} for {row.reason!r} after {row.attempts} tries")
    if ground.is_patient and slowest > OTHERS_WITHIN_S:
        ground.notes.append(f"good mail waited {slowest:.1f} s")
    tally = recorder.tally(recorder.found(_texts(box)))
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    counts = f"{ended.count('kill')} readers killed, {ended.count('stop')} stopped"
    return results.judge(ground, recorder, tally, [counts, f"good mail was there within {slowest:.1f} s"])


def _end(ground: Ground, ended: list[str], reader: psutil.Process) -> None:
    with contextlib.suppress(psutil.Error):
        if ground.is_patient and ended.count("stop") < STOPS and ground.random.random() < 0.2:
            reader.suspend()
            ended.append("stop")
            return
        time.sleep(ground.random.uniform(0, LATEST_KILL_S))
        reader.kill()
        ended.append("kill")


def _send(ground: Ground, recorder: Recorder, box: Mailbox, size: int) -> int:
    number = recorder.invoke("poisonous mail" if size else "SMTP mail")
    sender = f"f19-{recorder.run}-{number}@example.com"
    text = f"My deposit is missing. {recorder.mark(number)}\n" + "0123456789abcde\n" * (size // 15)
    subject = f"Case {recorder.mark(number)}"
    ground.mail(
        recorder,
        number,
        letter(sender=sender, to=box.address, text=text, subject=subject),
        sender=sender,
        to=box.address,
    )
    return number


def _send_good(ground: Ground, recorder: Recorder, box: Mailbox, sent: list[int]) -> None:
    sent.append(_send(ground, recorder, box, 0))


def _texts(box: Mailbox) -> list[str]:
    """What can be found of each mail: the message, or the preview of what was put aside."""
    messages = Message.objects.filter(ticket__mailbox=box, kind="reply").values_list("text", flat=True)
    aside = InboundMail.objects.filter(mailbox=box, state="quarantined").values_list("preview", flat=True)
    return [*messages, *aside]


def _are_there(recorder: Recorder, box: Mailbox, numbers: list[int]) -> bool:
    found = recorder.found(_texts(box))
    return all(found[number] for number in numbers)


def _nothing_is_due(box: Mailbox) -> bool:
    waiting = InboundMail.objects.filter(mailbox=box, state="stored")
    return not waiting.filter(attempts=0).exists() and not waiting.filter(lease_token__isnull=False).exists()


def _is_handled(box: Mailbox) -> bool:
    return not InboundMail.objects.filter(mailbox=box, state="stored").exists()
