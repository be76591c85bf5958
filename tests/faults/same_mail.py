"""F8: the same mail twice at once by two doors, another mail under the same Message-ID, the same mail to two boxes."""

from functools import partial

from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory
from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.letters import letter
from tickets.models import InboundMail, Mailbox, Message


def run(ground: Ground) -> Result:
    """Send each kind in every round; once, two, and one a box must come of it."""
    recorder = Recorder("F8")
    boxes = [_mailbox(recorder, name) for name in ("a", "b")]
    token = ground.token(StaffFactory.create(role="agent", email=f"f8-{recorder.run}@cast.test"), "intake")
    expected: dict[int, int] = {}
    for _ in range(ground.rounds):
        _same_twice(ground, recorder, boxes[0], token)
        _same_message_id(ground, recorder, boxes[0])
        expected[_two_boxes(ground, recorder, boxes)] = len(boxes)
    ground.wait(
        lambda: not InboundMail.objects.filter(mailbox__in=boxes, state="stored").exists(), "every mail to be taken in"
    )
    texts = Message.objects.filter(ticket__mailbox__in=boxes, kind="reply").values_list("text", flat=True)
    tally = recorder.tally(recorder.found(texts), expected=expected)
    linked = Message.objects.filter(ticket__mailbox__in=boxes, event="same_mail_elsewhere").count()
    if linked < ground.rounds:
        ground.notes.append(f"{ground.rounds} mails went to two boxes, {linked} cases say so")
    Mailbox.objects.filter(pk__in=[box.pk for box in boxes]).update(is_active=False)
    return results.judge(ground, recorder, tally, [f"{linked} cases linked to their twin"])


def _mailbox(recorder: Recorder, name: str) -> Mailbox:
    slug = f"f8-{name}-{recorder.run}"
    box: Mailbox = MailboxFactory.create(slug=slug, address=f"{slug}@pharos.test")
    return box


def _letter(recorder: Recorder, number: int, to: str, **more: str) -> bytes:
    sender = f"f8-{recorder.run}-{number}@example.com"
    return letter(sender=sender, to=to, text=f"My deposit is missing. {recorder.mark(number)}", **more)  # type: ignore[arg-type]


def _send(ground: Ground, recorder: Recorder, number: int, raw: bytes, to: str) -> None:
    ground.mail(recorder, number, raw, sender=f"f8-{recorder.run}-{number}@example.com", to=to)


def _same_twice(ground: Ground, recorder: Recorder, box: Mailbox, token: str) -> None:
    number = recorder.invoke("the same mail, twice by SMTP and once by HTTP")
    raw = _letter(recorder, number, box.address)
    path = f"/api/v1/intake/email/{box.slug}/"
    by_smtp = partial(_send, ground, recorder, number, raw, box.address)
    together(by_smtp, by_smtp, partial(ground.post_until_answered, recorder, number, path, raw, token))


def _same_message_id(ground: Ground, recorder: Recorder, box: Mailbox) -> None:
    numbers = [recorder.invoke("another mail under the same Message-ID") for _ in range(2)]
    message_id = f"<f8-{recorder.run}-{numbers[0]}@example.com>"
    together(
        *[
            partial(
                _send, ground, recorder, number, _letter(recorder, number, box.address, message_id=message_id), box.address
            )
            for number in numbers
        ]
    )  # fmt: skip


def _two_boxes(ground: Ground, recorder: Recorder, boxes: list[Mailbox]) -> int:
    number = recorder.invoke("the same mail to two boxes")
    raw = _letter(recorder, number, ", ".join(box.address for box in boxes))
    together(*[partial(_send, ground, recorder, number, raw, box.address) for box in boxes])
    return number
