"""Cases that staff open for somebody who called or wrote elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import Customer, CustomerAddress, Staff, Team
from accounts.services import customers
from core import audit
from security.redaction import redact
from tickets.models import ChecklistTemplate, Mailbox, Message, Ticket, Topic
from tickets.services import cases, checklists, custom_fields, properties, replies
from tickets.services.senders import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What the person said and how they reached us; the address is a claim until they prove it."""

    channel: str
    address: str
    name: str
    subject: str
    text: str
    priority: str = "normal"
    topic: Topic | None = None
    language: str = ""
    team: Team | None = None
    tags: Sequence[str] = ()
    checklist: ChecklistTemplate | None = None
    # Custom fields by key, as they are typed.
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)


def open_for(*, reported: Reported, by: Staff, assign: bool) -> Ticket:
    """Open a case with the person's words as its first message, assigned to `by` if wished.

    Raises EmptyMessage, BadValues, Refused for a tag that holds a secret.
    """
    is_email = "@" in reported.address
    kind = CustomerAddress.Kind.EMAIL if is_email else CustomerAddress.Kind.PHONE
    address = reported.address.strip().lower() if is_email else reported.address.strip()
    with transaction.atomic():
        customer, _is_new = customers.resolve(kind=kind, value=address, name=redact(reported.name).text, proof=None)
        ticket, _message = cases.open_case(
            case=cases.NewCase(
                requester=customer,
                subject=reported.subject,
                channel=reported.channel,
                requester_address=address,
                mailbox=Mailbox.objects.filter(is_active=True).order_by("pk").first(),
                language=reported.language,
                priority=reported.priority,
            ),
            sender=_claimed(customer, address, reported.name),
            words=replies.Words(text=reported.text),
        )
        if reported.topic is not None:
            ticket = properties.set_topic(ticket=ticket, to=reported.topic, by=by)
        ticket = _begun(ticket, reported, by)
        if assign:
            ticket = properties.assign(ticket=ticket, to=by, by=by)
        audit.record("ticket.opened_by_hand", actor=by.actor, obj=("ticket", ticket.public_id))
    return ticket


def _begun(ticket: Ticket, reported: Reported, by: Staff) -> Ticket:
    """Give the new case what its form, or a template, says beside its first words."""
    if reported.tags:
        ticket = properties.set_tags(ticket=ticket, names=reported.tags, by=by)
    if reported.checklist is not None:
        checklists.put_on(ticket=ticket, template=reported.checklist, by=by)
    if reported.fields:
        ticket = custom_fields.fill_in(ticket=ticket, given=reported.fields, by=by)
    if reported.team is not None:
        ticket = properties.move_to_team(ticket=ticket, to=reported.team, by=by)
    return ticket


def _claimed(customer: Customer, address: str, name: str) -> Sender:
    return Sender(role=Message.SenderRole.REQUESTER, customer=customer, address=address, name=name)
