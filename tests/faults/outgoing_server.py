"""F10: the outgoing mail server defers, refuses, hangs, and drops the connection before, during and after its answer."""

from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import pairwise

from django.db.models import Q, QuerySet

from core import clock
from core.clock import DatabaseNow
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.letters import bounce
from tests.support.smtp_server import TAKING, MailServer, mail_server
from tests.support.system import UNDO_SEND_S
from tickets.models import Mailbox, Message, OutboundMail
from tickets.services import sweeps

PLANS = (
    ("defer",),
    ("defer", "defer_data"),
    ("defer_data", "drop_after_data"),
    ("refuse",),
    ("defer", "refuse_data"),
    ("drop_untaken",),
    ("drop_after_data",),
    ("drop_after_data", "drop_after_data"),
    ("drop_untaken", "drop_after_data"),
    ("drop_after_250",),
    ("well",),
)
# Each costs a worker 45 seconds: some, not many.
HANGS = 3
AT_ONCE = 5
# 1 and 2 minutes with a fifth on top, the undo window, the sweeper, and a worker's patience with a server that hangs.
PATIENCE_S = 420.0
SHORTEST_PAUSE_S = 0.8 * 60 - 1
LONGEST_PAUSES_S = (76.0, 150.0)
LATE_S = 5.0
CONFIRMING = ("well", "drop_after_250")
LOSING = ("drop_after_data", "drop_untaken", "hang_after_data")


def run(ground: Ground) -> Result:
    """Answer customers whose server follows a plan each; the waits of all rounds are one."""
    recorder = Recorder("F10")
    plans: dict[int, tuple[str, ...]] = {}
    token = ground.token(StaffFactory.create(role="agent", email=f"f10-{recorder.run}@cast.test"), "write")
    with mail_server() as server:
        box = _mailbox(recorder, server)
        for round_ in range(ground.rounds):
            chosen = [ground.random.choice(PLANS) for _ in range(AT_ONCE)]
            chosen[0] = PLANS[round_ % len(PLANS)]
            if ground.is_patient and round_ < HANGS:
                chosen.append(("hang_after_data",))
            together(*[partial(_reply, ground, recorder, server, box, plan, token, plans) for plan in chosen])
        _pass(ground, UNDO_SEND_S + LATE_S)
        for pause_s in LONGEST_PAUSES_S:
            ground.wait(partial(_nothing_is_due, box), "every reply to be tried", patience_s=PATIENCE_S)
            _check_pauses(ground, box)
            _pass(ground, pause_s + LATE_S)
        ground.wait(lambda: not _queued(box).exists(), "every reply to end", patience_s=PATIENCE_S)
        ground.wait(lambda: not _unreported(box).exists(), "every end to be told")
        arrived = _once_each(recorder.found(taken.raw.decode("utf-8", "replace") for taken in server.taken))
        tally = recorder.tally(arrived, expected={number: _copies(plan) for number, plan in plans.items()})
        _check_ends(ground, recorder, box, plans)
        _check_tries(ground, server)
        bounced = _bounce_one(ground, recorder, server, box)
    Mailbox.objects.filter(pk=box.pk).update(is_active=False, smtp_host="")
    twice = sum(1 for count in arrived.values() if count > 1)
    modes = Counter(mode for plan in plans.values() for mode in plan)
    return results.judge(
        ground,
        recorder,
        tally,
        [
            ", ".join(f"{mode} {count}" for mode, count in sorted(modes.items())),
            f"{twice} arrived twice under one Message-ID after a lost answer, none more often",
            f"{bounced} bounced later and say so",
        ],
    )


def _mailbox(recorder: Recorder, server: MailServer) -> Mailbox:
    box: Mailbox = MailboxFactory.create(
        slug=f"f10-{recorder.run}",
        address=f"f10-{recorder.run}@pharos.test",
        smtp_host="127.0.0.1",
        smtp_port=server.port,
        ca_certificate=server.ca_certificate,
    )
    return box


def _address(recorder: Recorder, number: int) -> str:
    return f"f10-{recorder.run}-{number}@example.com"


def _reply(
    ground: Ground,
    recorder: Recorder,
    server: MailServer,
    box: Mailbox,
    plan: tuple[str, ...],
    token: str,
    plans: dict[int, tuple[str, ...]],
) -> None:
    number = recorder.invoke(f"POST reply, server: {', '.join(plan)}")
    plans[number] = plan
    address = _address(recorder, number)
    server.plans[address] = list(plan)
    ticket = mail_ticket(address=address, mailbox=box)
    body = {"text": f"We are looking into it. {recorder.mark(number)}"}
    ground.post_until_answered(recorder, number, f"/api/v1/tickets/{ticket.public_id}/messages/", body, token)


def _tries(plan: tuple[str, ...]) -> list[str]:
    """Return what is met until the mail ends: after a taking or refusing answer, or the second lost one."""
    met: list[str] = []
    for mode in (*plan, "well"):
        met.append(mode)
        lost = sum(1 for tried in met if tried in LOSING)
        if mode in (*CONFIRMING, "refuse", "refuse_data") or lost == 2:
            break
    return met


def _copies(plan: tuple[str, ...]) -> int:
    return sum(1 for mode in _tries(plan) if mode in TAKING)


def _end(plan: tuple[str, ...]) -> str:
    return "sent" if _tries(plan)[-1] in CONFIRMING else "failed"


def _pass(ground: Ground, seconds: float) -> None:
    """Let time pass; where it is moved, ring at once instead of at the sweeper's next round."""
    ground.pass_time(seconds)
    if not ground.is_patient:
        sweeps.outbox()


def _queued(box: Mailbox) -> QuerySet[OutboundMail]:
    return OutboundMail.objects.filter(mailbox=box, state="queued")


def _unreported(box: Mailbox) -> QuerySet[OutboundMail]:
    return OutboundMail.objects.filter(mailbox=box, is_reported=False).exclude(state="queued")


def _nothing_is_due(box: Mailbox) -> bool:
    return not _queued(box).filter(Q(next_attempt_at__lte=DatabaseNow()) | Q(lease_token__isnull=False)).exists()


def _once_each(arrived: Counter[int]) -> Counter[int]:
    """A letter holds its text twice, plain and as HTML."""
    return Counter({number: count // 2 for number, count in arrived.items()})


def _check_pauses(ground: Ground, box: Mailbox) -> None:
    """Note what is to be tried again sooner than most of a minute from now."""
    soon = clock.now() + timedelta(seconds=SHORTEST_PAUSE_S - 20)
    if not ground.is_patient and _queued(box).filter(attempts__gt=0, next_attempt_at__lt=soon).exists():
        ground.notes.append("a mail is to be tried again at once")


def _check_tries(ground: Ground, server: MailServer) -> None:
    """Note tries that came sooner than a minute, less its spread, after the one before."""
    for address, moments in server.tries.items():
        pauses = [later - earlier for earlier, later in pairwise(moments)]
        if ground.is_patient and any(pause < SHORTEST_PAUSE_S for pause in pauses):
            ground.notes.append(f"{address} was tried again after {min(pauses):.0f} s")


def _check_ends(ground: Ground, recorder: Recorder, box: Mailbox, plans: dict[int, tuple[str, ...]]) -> None:
    """Note replies that do not say what became of them: the state, the reason, an event on the case."""
    rows = {row.to_address: row for row in OutboundMail.objects.filter(mailbox=box).select_related("message")}
    for number, plan in plans.items():
        row = rows[_address(recorder, number)]
        wanted = _end(plan)
        if row.state != wanted:
            ground.notes.append(f"number {number} ({', '.join(plan)}) is {row.state}, not {wanted}: {row.detail}")
        if wanted == "failed":
            said = row.detail.startswith("55") if "refuse" in _tries(plan)[-1] else "may have arrived" in row.detail
            events = Message.objects.filter(ticket=row.message.ticket_id, event="mail_failed").count()
            if not said or events != 1:
                ground.notes.append(f"number {number} failed and says {row.detail!r} with {events} events")


def _bounce_one(ground: Ground, recorder: Recorder, server: MailServer, box: Mailbox) -> int:
    """Return a report about each of some mails that were taken first; the message says so."""
    rows = list(OutboundMail.objects.filter(mailbox=box, state="sent").order_by("pk")[:3])
    for row in rows:
        taken = next(taken for taken in server.taken if row.to_address in taken.recipients)
        report = bounce(to=taken.sender, recipient=row.to_address, original_message_id=row.message_id_header)
        ground.mail(recorder, recorder.invoke("a bounce"), report, sender="", to=taken.sender)
    bounced = OutboundMail.objects.filter(pk__in=[row.pk for row in rows], state="bounced", detail__contains="550")
    ground.wait(lambda: bounced.count() == len(rows), "bounces to be shown")
    return bounced.count()
