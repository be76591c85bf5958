"""Rows worth looking at: a ticket with every kind of entry, a mail in review."""

from io import BytesIO

from PIL import Image

from accounts.models import Staff
from tests.browser import desk
from tests.factories.tickets import TopicFactory, mail_ticket, requester
from tests.support.letters import letter
from tests.support.system import wait_for
from tickets.models import InboundMail, Mailbox, OutboundMail, Tag, Ticket
from tickets.models.ticket import Status
from tickets.services import properties, raw_mail, replies, status
from tickets.services.senders import NewFile, Sender


def picture() -> bytes:
    """Return a small screenshot."""
    out = BytesIO()
    Image.new("RGB", (80, 50), (31, 92, 214)).save(out, "PNG")
    return out.getvalue()


PNG = picture()
QUOTED = "On Monday, Pharos Support wrote:\n> We are looking into it."
HTML = "<p>It is <b>still</b> missing.</p><table><tr><td>TxID</td><td>9f86</td></tr></table>"


def ticket_with_everything(mailbox: Mailbox, person: Staff) -> Ticket:
    """Return a ticket with messages of every sender, files, notes, events, and mail in every state of delivery."""
    address = desk.unique("elena").replace(" ", "-") + "@example.com"
    ticket = mail_ticket(address=address, subject=desk.unique("Everything at once"), mailbox=mailbox)
    files = [NewFile(name="screenshot.png", content=PNG), NewFile(name="statement.csv", content=b"when,amount\n1,2\n")]
    theirs = requester(ticket.requester, address)
    say(ticket, theirs, words=replies.Words(text="It is still missing.", html=HTML, quoted_text=QUOTED), attached=files)
    say(ticket, requester(ticket.requester, address, is_proven=False), words=replies.Words(text="This is me, really."))
    say(
        ticket,
        Sender(role="third_party", name="Aunt", address="aunt@example.net"),
        words=replies.Words(text="I am her aunt."),
    )
    say(ticket, theirs, words=replies.Words(text="My card is 4111 1111 1111 1111."))
    say(ticket, theirs, words=replies.Words(text="I am away until Monday.", is_automatic=True))
    replies.add_note(ticket=ticket, author=person, text="Checked with the chain team.")
    for state in ("sent", "failed", "bounced", "cancelled", "queued"):
        reply(ticket, person, state)
    change_everything(ticket, person)
    ticket.refresh_from_db()
    return ticket


def say(ticket: Ticket, sender: Sender, **what: object) -> None:
    """Add one message that came in."""
    replies.add(ticket=ticket, sender=sender, channel="email", **what)  # type: ignore[arg-type]


def reply(ticket: Ticket, person: Staff, state: str) -> None:
    """Answer, and let the mail end in `state`."""
    message = replies.add(
        ticket=ticket, sender=Sender.of_staff(person), channel="email", words=replies.Words(text=f"A reply, {state}.")
    )
    if state == "cancelled":
        replies.withdraw(message=message, by=person)
    elif state != "queued":
        OutboundMail.objects.filter(message=message).update(
            state=state, detail="550 5.1.1 No such user", is_reported=True
        )


def change_everything(ticket: Ticket, person: Staff) -> None:
    """Leave an event of each kind in the timeline."""
    tag, _ = Tag.objects.get_or_create(name="phishing")
    properties.assign(ticket=ticket, to=person, by=person)
    properties.set_priority(ticket=ticket, to="urgent", by=person)
    properties.set_tags(ticket=ticket, names=[tag.name], by=person)
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=person)
    status.move(ticket=ticket, to=Status.PENDING, by=person)


def mail_in_review(mailbox: Mailbox) -> InboundMail:
    """Return a mail that the worker could not read."""
    subject = desk.unique("Two senders")
    raw = letter(subject=subject).replace(b"To: ", b"From: B <b@example.net>\r\nTo: ", 1)
    row, _ = raw_mail.store(
        mailbox=mailbox,
        raw=raw,
        source="smtp",
        envelope_from="a@example.com",
        envelope_to=mailbox.address,
        peer_is_trusted=True,
    )
    put_aside = InboundMail.objects.filter(pk=row.pk, state="quarantined")
    wait_for(put_aside.exists, "the mail in review")
    return put_aside.get()
