"""F13: the database's clock jumps on and back by ten minutes, through a leap day and the turns of summer time."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from accounts.models import Staff
from core import heartbeat
from security.services import sessions as staff_sessions
from tests.cast import open_session
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory
from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.promises import Promises
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support import moved_clock
from tests.support.letters import letter
from tickets import content_links
from tickets.models import InboundMail, Mailbox, Message, OutboundMail

MAILS = 3
PROMISED = 2
# Just before a leap day, the day after it, and the turns of summer time in Europe and in America.
DATES = (
    datetime(2028, 2, 28, 23, 59, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 59, 30, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 59, 30, tzinfo=UTC),
    datetime(2027, 3, 14, 6, 59, 30, tzinfo=UTC),
)
JUMPS = (timedelta(minutes=10), timedelta(minutes=-10))
PATIENCE_S = 90.0


def run(ground: Ground) -> Result:
    """Take mail in around every jump; look at ages and ends after it."""
    recorder = Recorder("F13")
    box: Mailbox = MailboxFactory.create(slug=f"f13-{recorder.run}", address=f"f13-{recorder.run}@pharos.test")
    promises = Promises(ground, f"f13-{recorder.run}")
    jumps = 0
    for round_ in range(ground.rounds):
        _set(ground, DATES[round_ % len(DATES)])
        for jump in JUMPS if ground.is_patient else JUMPS[::-1]:
            person = StaffFactory.create(role="agent", email=f"f13-{recorder.run}-{jumps}@cast.test")
            _check_ends(ground, person, jump)
            together(*[partial(_mail, ground, recorder, box) for _ in range(MAILS)])
            promises.give(PROMISED)
            ground.move(jump)
            jumps += 1
            together(*[partial(_mail, ground, recorder, box) for _ in range(MAILS)])
            _check_ages(ground)
            # What was due at a time that has yet to come again waits for it: the jump ends before anybody looks.
            ground.move(abs(jump))
            ground.wait(partial(_is_handled, box), "every mail to be taken in", patience_s=PATIENCE_S)
            # Told ahead of the jump back, or after it: the promise is for five minutes.
            ground.move(abs(jump))
            promises.settle()
            ground.move(-abs(jump))
    clocks = promises.settle()
    ground.move(-ground.ahead)
    _check_orders(ground, box)
    texts = Message.objects.filter(ticket__mailbox=box, kind="reply").values_list("text", flat=True)
    tally = recorder.tally(recorder.found(texts))
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    OutboundMail.objects.filter(mailbox=box, state="queued").update(state="cancelled")
    return results.judge(
        ground, recorder, tally, [f"{jumps} jumps of ten minutes around {len(DATES)} turns of the calendar", clocks]
    )


def _set(ground: Ground, moment: datetime) -> None:
    ground.ahead = moment - datetime.now(UTC)
    moved_clock.set_ahead(ground.owner, ground.ahead)


def _mail(ground: Ground, recorder: Recorder, box: Mailbox) -> None:
    number = recorder.invoke("SMTP mail")
    sender = f"f13-{recorder.run}-{number}@example.com"
    raw = letter(sender=sender, to=box.address, text=f"My deposit is missing. {recorder.mark(number)}")
    ground.mail(recorder, number, raw, sender=sender, to=box.address)


def _check_ages(ground: Ground) -> None:
    """Note ages below zero."""
    for pulse in heartbeat.pulses():
        if pulse.age_s is not None and pulse.age_s < 0:
            ground.notes.append(f"{pulse.name} is {pulse.age_s} s old")
    for name, check in ground.system.readiness().get("checks", {}).items():
        if isinstance(check, dict) and (check.get("age_s") or 0) < 0:
            ground.notes.append(f"/readyz says that {name} is {check['age_s']} s old")


def _check_ends(ground: Ground, person: Staff, jump: timedelta) -> None:
    """Note a link or a session that lives longer than its time of the database."""
    _key, session = open_session(person)
    link = content_links.link(session_pk=session.pk, kind="file", target="abc").rpartition("/")[2]
    before = ground.ahead
    ground.move(jump)
    try:
        content_links.read(link)
        ground.notes.append(f"a content link outlived a jump of {jump}")
    except content_links.BadLinkError:
        pass
    ground.move(timedelta(hours=13))
    if staff_sessions.alive(session.pk):
        ground.notes.append("a session is alive after 13 hours")
    ground.move(before - ground.ahead)


def _check_orders(ground: Ground, box: Mailbox) -> None:
    """Note cases whose numbers do not rise with their messages, whatever the clock said."""
    for ticket in {message.ticket for message in Message.objects.filter(ticket__mailbox=box).select_related("ticket")}:
        seqs = list(ticket.messages.order_by("pk").values_list("seq", flat=True))
        if any(later <= earlier for earlier, later in pairwise(seqs)):
            ground.notes.append(f"ticket {ticket.number} counts {seqs}")


def _is_handled(box: Mailbox) -> bool:
    return not InboundMail.objects.filter(mailbox=box, state="stored").exists()
