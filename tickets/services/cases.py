"""Opening cases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import Brand, Customer, Staff, Team
from core import audit
from core.excerpts import cut
from core.storable_text import storable
from security.redaction import redact
from tickets import effects
from tickets.models import Mailbox, Message, Ticket, Topic
from tickets.services import checklists, outbox, replies, sla_clocks, timeline
from tickets.services.senders import NewFile, Sender

MAX_SUBJECT = 400
# No mail can carry these in its subject (RFC 5322, 2.2): a reply to such a case could never leave.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What a case starts with. `requester_address` is where replies go."""

    requester: Customer
    subject: str
    channel: str
    requester_address: str = ""
    is_requester_proven: bool = False
    mailbox: Mailbox | None = None
    team: Team | None = None
    brand: Brand | None = None
    language: str = ""
    priority: str = "normal"
    is_spam: bool = False
    possibly_related: Ticket | None = None
    follow_up_of: Ticket | None = None
    topic: Topic | None = None


def open_case(
    *,
    case: NewCase,
    sender: Sender,
    words: replies.Words,
    attached: Sequence[NewFile] = (),
) -> tuple[Ticket, Message]:
    """Open a case with its first message. Raises EmptyMessage, TooManyFiles."""
    with transaction.atomic():
        return open_within(case=case, sender=sender, words=words, attached=attached)


def open_within(
    *,
    case: NewCase,
    sender: Sender,
    words: replies.Words,
    attached: Sequence[NewFile] = (),
    acknowledgement: Message | None = None,
) -> tuple[Ticket, Message]:
    """Do the same in a transaction of the caller, who lets every error undo all of it.

    The `acknowledgement` is what `acknowledgements.decide` returned; when it is to be sent, its mail is owed.
    """
    mailbox, ticket = case.mailbox, _unwritten(case, words.text)
    _record(ticket, sender.actor)
    is_owed = acknowledgement is not None and acknowledgement.is_automatic and mailbox is not None
    if acknowledgement is not None and mailbox is not None and is_owed:
        acknowledgement.message_id_header = outbox.message_id(mailbox, ticket, acknowledgement)
    is_ours = sender.staff is not None
    clocks = [] if is_ours else sla_clocks.plan(ticket=ticket, sender=sender, is_automatic=words.is_automatic)
    message = replies.add_locked(
        ticket=ticket, sender=sender, channel=case.channel, words=words, attached=attached, event=acknowledgement
    )
    sla_clocks.start(clocks=clocks)
    checklists.put_on_by_topic(ticket=ticket, by=None)
    if is_ours:
        sla_clocks.reconsider(ticket=ticket)
    if acknowledgement is not None and mailbox is not None and is_owed:
        outbox.owe(ticket=ticket, message=acknowledgement, mailbox=mailbox, answered=[message])
    if case.follow_up_of is not None:
        followed = timeline.lock(case.follow_up_of)
        timeline.append_event(followed, "follow_up_opened", {"ticket": ticket.public_id})
    effects.ticket_created(ticket)
    return ticket, message


def open_with_note(*, case: NewCase, author: Staff, note: str, event: Message, asked: Message | None) -> Ticket:
    """Open a case that begins with a note of ours and the `event` that explains it, in a transaction of the caller.

    `asked` is what its customer has said elsewhere and waits for an answer to.
    """
    ticket = _unwritten(case, note)
    if asked is not None:
        ticket.last_line, ticket.last_direction = timeline.first_line(asked.text), asked.direction
    _record(ticket, author.actor)
    replies.add_note_locked(ticket=ticket, author=author, text=note, event=event)
    sla_clocks.reconsider(ticket=ticket)
    effects.ticket_created(ticket)
    return ticket


def _unwritten(case: NewCase, text: str) -> Ticket:
    """Return the case, not written yet: it is born with its first message, and none exists without one."""
    mailbox = case.mailbox
    team_id = mailbox.team_id if mailbox else None
    return Ticket(
        subject=_subject(case.subject, text),
        channel=case.channel,
        requester=case.requester,
        requester_address=case.requester_address,
        is_requester_proven=case.is_requester_proven,
        mailbox=mailbox,
        brand_id=case.brand.pk if case.brand else mailbox.brand_id if mailbox else None,
        team_id=case.team.pk if case.team is not None else team_id,
        language=case.language,
        priority=case.priority,
        is_spam=case.is_spam,
        possibly_related=case.possibly_related,
        follow_up_of=case.follow_up_of,
        topic=case.topic,
    )


def _record(ticket: Ticket, actor: audit.Actor) -> None:
    audit.record(
        "ticket.opened",
        actor=actor,
        obj=("ticket", ticket.public_id),
        detail={"channel": ticket.channel, "proven": ticket.is_requester_proven},
    )


def _subject(given: str, text: str) -> str:
    """Return the redacted subject in one line; without one, the beginning of the text."""
    subject = redact(_in_one_line(given)).text or timeline.first_line(redact(_in_one_line(text)).text)
    return cut(subject, MAX_SUBJECT).strip() or "—"


def _in_one_line(text: str) -> str:
    """Before redaction: taking characters out could otherwise put a secret together."""
    return " ".join(_CONTROLS.sub(" ", storable(text)).split())
