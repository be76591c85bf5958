"""To which ticket a mail belongs, and what its sender may be there. Numbers and subjects are hints, never proof."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Customer
from core import writes
from tickets.channels.email import tokens
from tickets.channels.email.parse import ParsedMail
from tickets.mail_keys import mail_keys
from tickets.models import Message, Participant, Ticket
from tickets.services import landing

Role = Message.SenderRole
NUMBER = re.compile(r"#(\d{1,12})\b")
MAX_REFERENCES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who the mail says it is from, and whether our own mail exchanger vouches for that."""

    address: str
    is_proven: bool
    customer: Customer | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the mail goes: `ticket` with `role` on it, or a new case (`ticket` None), perhaps like `related`."""

    ticket: Ticket | None = None
    role: str = Role.REQUESTER
    related: Ticket | None = None
    # Whether it belongs to another ticket, which was merged into this one.
    is_moved: bool = False


def find(*, mail: ParsedMail, envelope_to: str, writer: Writer) -> Place:
    """Decide by a signed token first, then by a proven party's reference to a message that they could know.

    A token without a sender who is allowed on the ticket gives a third-party message: visible to
    staff, never identity, history or a subscription. What belongs to a merged ticket goes on where that does.
    """
    place = _found(mail, envelope_to, writer)
    return place if place.ticket is None else moved(place, to=landing.of(place.ticket), writer=writer)


def moved(place: Place, *, to: Ticket, writer: Writer) -> Place:
    """Return the same place, or that in the ticket `to`, into which the one of this place was merged.

    Who was heard on the merged one is heard there if its requester is the same; else only who is a party there.
    """
    ticket = place.ticket
    if ticket is None or to.pk == ticket.pk:
        return place
    role = role_on(ticket=to, writer=writer)
    is_same = (to.requester_id, to.is_requester_proven) == (ticket.requester_id, ticket.is_requester_proven)
    is_heard = is_same and role == Role.THIRD_PARTY
    return Place(ticket=to, role=place.role if is_heard else role, related=to, is_moved=True)


def _found(mail: ParsedMail, envelope_to: str, writer: Writer) -> Place:
    references = _references(mail)
    ticket = _by_token(mail, envelope_to, references)
    if ticket is not None:
        return Place(ticket=ticket, role=role_on(ticket=ticket, writer=writer), related=ticket)
    referred = _by_reference(references)
    for candidate in referred if writer.is_proven else ():
        role = role_on(ticket=candidate, writer=writer)
        if role == Role.PARTICIPANT or (role == Role.REQUESTER and candidate.is_requester_proven):
            return Place(ticket=candidate, role=role, related=candidate)
    return Place(related=referred[0] if referred else _by_number(mail.subject))


def role_on(*, ticket: Ticket, writer: Writer) -> str:
    """Return the Message.SenderRole of `writer` on `ticket`.

    A requester who never proved their address stays the requester of their own case when they use
    its token from the same address: nothing is gained by it, since no history goes to them.
    """
    if writer.customer is not None and writer.is_proven and ticket.is_requester_proven:
        if writer.customer.pk == ticket.requester_id:
            return Role.REQUESTER
    elif not ticket.is_requester_proven and _is_written_to(ticket, writer.address):
        return Role.REQUESTER
    if writer.is_proven and _is_participant(ticket, writer.address):
        return Role.PARTICIPANT
    return Role.THIRD_PARTY


def _is_written_to(ticket: Ticket, address: str) -> bool:
    """Whether mail of an unproven requester's case goes to this address: their own, or a chat's that was confirmed."""
    return address == ticket.requester_address.lower() or ticket.routes.filter(address=address).exists()


def _is_participant(ticket: Ticket, address: str) -> bool:
    return ticket.participants.filter(address=address, role=Participant.Role.CC, is_proven=True).exists()


def _references(mail: ParsedMail) -> list[str]:
    """Message-IDs the mail answers, the newest first; long threads are cut."""
    newest_first = [*([mail.in_reply_to] if mail.in_reply_to else []), *reversed(mail.references)]
    return list(dict.fromkeys(newest_first))[:MAX_REFERENCES]


def _by_token(mail: ParsedMail, envelope_to: str, references: Sequence[str]) -> Ticket | None:
    keys = mail_keys()
    for address in (envelope_to, *(recipient.address for recipient in mail.recipients)):
        public_id = tokens.ticket_from_address(address, keys) if "+" in address else None
        if public_id and (ticket := _ticket(public_id)) is not None:
            return ticket
    for reference in references:
        ours = tokens.read_message_id(reference, keys)
        if ours and (ticket := _ticket(ours[0])) is not None:
            return ticket
    return None


def _ticket(public_id: str) -> Ticket | None:
    return Ticket.objects.filter(public_id=public_id).first()


def _by_reference(references: Sequence[str]) -> list[Ticket]:
    """Every ticket that holds one of these messages, the newest reference first: a stranger may have used the same."""
    if not references:
        return []
    if any(one.message_id_header in references for one in writes.waiting(Message)):
        writes.write_now()
    rows = Message.objects.filter(message_id_header__in=references).exclude(message_id_header="")
    found = sorted(
        rows.select_related("ticket").order_by("-pk")[:50],
        key=lambda message: references.index(message.message_id_header),
    )
    return list({message.ticket_id: message.ticket for message in found}.values())


def _by_number(subject: str) -> Ticket | None:
    """A number in the subject is a hint for staff and nothing else."""
    found = NUMBER.search(subject)
    return Ticket.objects.filter(number=int(found[1])).first() if found else None
