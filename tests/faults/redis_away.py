"""F4: Redis is killed while mail comes in and agents answer; the mail process does the workers' work until it is back."""

from functools import partial

from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory
from tests.faults import nemesis, results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.letters import letter
from tickets.models import InboundMail, Mailbox, Message, OutboundMail, Ticket

MAILS, REPLIES = 4, 3
WITHIN_S = 0.6
# After this long the mail process takes for forgotten what nobody has come for, undo window included.
FORGOTTEN_S = 26.0


def run(ground: Ground) -> Result:
    """Let mail and replies go on around the moment of the kill and with Redis gone."""
    recorder = Recorder("F4")
    box: Mailbox = MailboxFactory.create(slug=f"f4-{recorder.run}", address=f"f4-{recorder.run}@pharos.test")
    token = ground.token(StaffFactory.create(role="agent", email=f"f4-{recorder.run}@cast.test"), "write")
    ticket = _case(ground, recorder, box)
    slowest = {"in": 0.0, "out": 0.0}
    for _ in range(ground.rounds):
        ground.stores.ensure_valkey()
        with nemesis.meanwhile((ground.random.uniform(0, WITHIN_S), ground.stores.kill_valkey)):
            _work(ground, recorder, box, ticket, token)
        _work(ground, recorder, box, ticket, token)  # wholly without Redis
        came = ground.wait(partial(_is_handled, box), "mail to be taken in without Redis", lease_s=FORGOTTEN_S)
        # Acknowledgements are owed only now, and have to be forgotten in their turn.
        left = ground.wait(partial(_is_sent, box), "replies to leave without Redis", lease_s=FORGOTTEN_S)
        slowest = {"in": max(slowest["in"], came), "out": max(slowest["out"], left)}
    ground.stores.ensure_valkey()
    ground.wait(lambda: ground.system.readiness().get("status") == "ready", "the system to be ready again")
    texts = Message.objects.filter(ticket__mailbox=box, kind="reply").values_list("text", flat=True)
    tally = recorder.tally(recorder.found(texts))
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    return results.judge(
        ground,
        recorder,
        tally,
        [f"without Redis: in within {slowest['in']:.1f} s, then out within {slowest['out']:.1f} s"],
    )


def _case(ground: Ground, recorder: Recorder, box: Mailbox) -> Ticket:
    _mail(ground, recorder, box)
    ground.wait(lambda: Ticket.objects.filter(mailbox=box).exists(), "the first case")
    return Ticket.objects.filter(mailbox=box).earliest("pk")


def _work(ground: Ground, recorder: Recorder, box: Mailbox, ticket: Ticket, token: str) -> None:
    together(
        *[partial(_mail, ground, recorder, box) for _ in range(MAILS)],
        *[partial(_reply, ground, recorder, ticket, token) for _ in range(REPLIES)],
    )


def _mail(ground: Ground, recorder: Recorder, box: Mailbox) -> None:
    number = recorder.invoke("SMTP mail")
    sender = f"f4-{recorder.run}-{number}@example.com"
    raw = letter(sender=sender, to=box.address, text=f"My deposit is missing. {recorder.mark(number)}")
    ground.mail(recorder, number, raw, sender=sender, to=box.address)


def _reply(ground: Ground, recorder: Recorder, ticket: Ticket, token: str) -> None:
    number = recorder.invoke("POST reply")
    body = {"text": f"We are looking into it. {recorder.mark(number)}"}
    ground.post_until_answered(recorder, number, f"/api/v1/tickets/{ticket.public_id}/messages/", body, token)


def _is_handled(box: Mailbox) -> bool:
    return not InboundMail.objects.filter(mailbox=box, state="stored").exists()


def _is_sent(box: Mailbox) -> bool:
    return not OutboundMail.objects.filter(mailbox=box, state="queued").exists()
