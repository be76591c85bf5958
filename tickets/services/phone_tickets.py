"""A call's ticket: opened when the call waits or is missed, and told of every step on its timeline."""

from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Customer, CustomerAddress, Staff
from accounts.services import customers
from core import audit
from tickets.models import Message, PhoneCall, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import DONE, Priority, Status
from tickets.services import cases, properties, replies, sla_clocks, status, timeline
from tickets.services.senders import Sender

MISSED, ANSWERED, VOICEMAIL = PhoneCall.Outcome.MISSED, PhoneCall.Outcome.ANSWERED, PhoneCall.Outcome.VOICEMAIL
ENDS: Final[dict[str, str]] = {
    MISSED: "phone_missed",
    ANSWERED: "phone_ended",
    VOICEMAIL: "phone_ended",
    PhoneCall.Outcome.CALLBACK: "phone_ended",
}


def open_for(call: PhoneCall) -> Ticket:
    """Return the locked call's ticket; the first time it is opened, for whom its number claims to be."""
    if call.ticket is not None:
        return call.ticket
    customer = call.customer or _stranger(call)
    with translation.override(call.language or "en"):
        topic = call.reason.topic if call.reason is not None else None
        text = _("Phone call: %(topic)s") % {"topic": topic.name} if topic is not None else _("Phone call")
    ticket, _message = cases.open_within(
        case=cases.NewCase(
            requester=customer,
            subject=text,
            channel=Channel.PHONE,
            requester_address=call.number,
            is_requester_proven=call.is_pin_proven,
            team=call.line.team,
            language=call.language,
            priority=call.reason.priority if call.reason is not None else Priority.NORMAL,
            topic=topic,
        ),
        sender=sender_of(call, customer),
        words=replies.Words(text=text, language=call.language),
    )
    call.customer, call.ticket = customer, ticket
    PhoneCall.objects.filter(pk=call.pk).update(customer=customer, ticket=ticket)
    audit.record("phone.call_filed", actor=audit.SYSTEM, obj=("phone_call", call.public_id))
    tell(call, "phone_came")
    if call.is_pin_proven:
        tell(call, "phone_proven")
    return ticket


def sender_of(call: PhoneCall, customer: Customer) -> Sender:
    """Name who calls: their number is a claim; the PIN is of a session that the exchange has opened."""
    return Sender(
        role=Message.SenderRole.REQUESTER,
        customer=customer,
        name=customer.name,
        address=call.number,
        is_proven=call.is_pin_proven,
        proof=CustomerAddress.Proof.EXCHANGE if call.is_pin_proven else "",
    )


def tell(call: PhoneCall, event: str, *, to: Staff | None = None, by: Staff | None = None) -> Message | None:
    """Write a step on the timeline of the call's ticket, if it has one yet."""
    if call.ticket is None:
        return None
    ticket = timeline.lock(call.ticket)
    actor = timeline.actor_of(by)
    audit.record(event.replace("_", ".", 1), actor=actor, obj=("ticket", ticket.public_id))
    data: dict[str, str | int | None] = {"call": call.public_id}
    return timeline.append_event(ticket, event, data | ({"to": to.public_id} if to else {}), by=by)


def answered(call: PhoneCall, *, by: Staff) -> None:
    """Somebody of ours has taken the call: the ticket is theirs, and the first response is given."""
    event = tell(call, "phone_answered", by=by)
    if call.ticket is None or event is None:
        return
    properties.assign(ticket=call.ticket, to=by, by=None)
    ticket = timeline.lock(call.ticket)
    sla_clocks.answer(ticket=ticket, message=event)
    if ticket.status != Status.OPEN and ticket.status not in DONE:
        status.move_locked(ticket=ticket, to=Status.OPEN, by=by)


def ended(call: PhoneCall) -> None:
    """The call is over: say how, and open a ticket for one that nobody has taken."""
    is_ours = call.direction == PhoneCall.Direction.OUT
    if call.outcome == MISSED and not is_ours and not _joins_former(call):
        open_for(call)
    tell(call, "phone_not_reached" if call.outcome == MISSED and is_ours else ENDS[call.outcome])


def _joins_former(call: PhoneCall) -> bool:
    """Put a call that was missed in the menu beside an earlier one of its number that nobody has looked at yet.

    Whoever lets it ring a hundred times makes one ticket.
    """
    if call.ticket is not None or call.is_pin_proven or not call.number:
        return call.ticket is not None
    customer = _stranger(call)
    waiting = Ticket.objects.filter(requester=customer, channel=Channel.PHONE, team=call.line.team)
    former = waiting.filter(status=Status.NEW, assignee__isnull=True).order_by("-pk").first()
    if former is None:
        return False
    call.customer, call.ticket = customer, former
    PhoneCall.objects.filter(pk=call.pk).update(customer=customer, ticket=former)
    audit.record("phone.call_filed", actor=audit.SYSTEM, obj=("phone_call", call.public_id))
    tell(call, "phone_came")
    return True


def _stranger(call: PhoneCall) -> Customer:
    """Return whom a number claims to be: never a known customer. A withheld one is nobody's, each time anew."""
    if not call.number:
        return customers.create_stranger(locale=call.language)
    customer, _is_new = customers.resolve(kind=CustomerAddress.Kind.PHONE, value=call.number, name="", proof=None)
    return customer
