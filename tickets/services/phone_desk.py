"""What people of ours do with calls: call a customer, transfer, ask a lead to join, and say afterwards what is left."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import CustomerAddress, Staff, Team
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from tickets.models import CallState, PhoneCall, PhoneLeg, PhoneLine, Ticket
from tickets.models.phone import E164
from tickets.models.ticket import Status
from tickets.services import (
    errors,
    phone_numbers,
    phone_orders,
    phone_queue,
    phone_tickets,
    properties,
    replies,
    status,
    timeline,
)
from tickets.services.phone_turns import next_url, record, url_of

Disposition = PhoneCall.Disposition
# What is said to be left → where the ticket goes.
LEADS_TO: Final = {
    Disposition.SOLVED.value: Status.RESOLVED,
    Disposition.WAITS.value: Status.PENDING,
    Disposition.NOTHING.value: Status.RESOLVED,
}
LOCKED: Final = ("line", "ticket", "agent", "team")


def line_for(ticket: Ticket) -> PhoneLine | None:
    """Return by which line a ticket's customer is called: its team's, else the first."""
    lines = list(PhoneLine.objects.filter(is_active=True).exclude(account_sid="").order_by("pk"))
    return next((one for one in lines if one.team_id == ticket.team_id), lines[0] if lines else None)


def number_of(ticket: Ticket) -> str:
    """Return where a ticket's customer is called: a number that is proven to be theirs before one that is claimed."""
    proven = ticket.requester.addresses.filter(kind=CustomerAddress.Kind.PHONE).order_by("proof", "pk")
    known = [one.value for one in proven if one.is_proven] + [ticket.requester_address]
    known += [one.value for one in proven if not one.is_proven]
    return next((number for number in known if E164.match(number)), "")


def call_out(*, ticket: Ticket, by: Staff) -> PhoneCall:
    """Call a ticket's customer: first it rings at one's own number. The number itself is shown to nobody.

    Raises Refused.
    """
    line, number = line_for(ticket), number_of(ticket)
    if line is None or not number:
        raise errors.Refused(_("There is no number to call, or no phone line to call by."))
    own = phone_numbers.of(by)
    if not own:
        raise errors.Refused(_("Have your own number checked first: it rings there."))
    with transaction.atomic(), audit.together():
        locked = timeline.lock(ticket)
        if locked.status == Status.CLOSED:
            raise errors.CaseClosed
        call = PhoneCall.objects.create(
            line=line,
            direction=PhoneCall.Direction.OUT,
            state=CallState.RINGING,
            number=number,
            customer=locked.requester,
            ticket=locked,
            agent=by,
            language=locked.language,
            queued_at=DatabaseNow(),
        )
        record("phone.call_made", call)
        leg = phone_queue.hold(call, by)
        if leg is None:
            raise errors.Refused(_("You are in another call."))
        phone_tickets.tell(call, "phone_called", by=by)
        phone_orders.place(
            line=line,
            number=own,
            url=url_of(line, "bridge", call=call.public_id),
            status_url=url_of(line, "over", call=call.public_id),
            call=call,
        )
    return call


def transfer(*, call: PhoneCall, by: Staff, team: Team | None = None, to: Staff | None = None) -> None:
    """Lead a caller to another team, or to somebody who comes first if they are free. Raises Refused."""
    with transaction.atomic(), audit.together():
        locked = _talking(call, by)
        if (team is None) == (to is None):
            raise errors.Refused(_("Choose a team or a person."))
        if to is not None and not phone_queue.able(locked).filter(staff=to).exists():
            raise errors.Refused(_("This person cannot take a call now."))
        PhoneCall.objects.filter(pk=locked.pk).update(team=team or locked.team, wanted=to)
        record("phone.call_led_on", locked)
        phone_tickets.tell(locked, "phone_transferred", by=by)
        if team is not None and locked.ticket is not None:
            properties.move_to_team(ticket=locked.ticket, to=team, by=by)
        phone_orders.redirect(call=locked, sid=locked.sid, url=next_url(locked, "transferred"))


def ask_lead(*, call: PhoneCall, by: Staff, lead: Staff) -> None:
    """Put a caller and who has them into a room, and ring a lead to join. Raises Refused."""
    with transaction.atomic(), audit.together():
        locked = _talking(call, by)
        mine = locked.legs.filter(state="accepted", role=PhoneLeg.Role.AGENT).first()
        own = phone_numbers.of(lead) if lead.has(Permission.CHAT_LEAD) else ""
        if mine is None or not mine.sid or not own or lead == by:
            raise errors.Refused(_("This person cannot take a call now."))
        leg = phone_queue.hold(locked, lead, PhoneLeg.Role.LEAD)
        if leg is None:
            raise errors.Refused(_("This person cannot take a call now."))
        phone_tickets.tell(locked, "phone_conference", by=by, to=lead)
        if not locked.is_conference:
            PhoneCall.objects.filter(pk=locked.pk).update(is_conference=True)
            phone_orders.redirect(call=locked, sid=mine.sid, url=url_of(locked.line, "join", leg=mine.public_id))
        phone_orders.place(
            line=locked.line,
            number=own,
            url=url_of(locked.line, "whisper", leg=leg.public_id),
            status_url=url_of(locked.line, "over", leg=leg.public_id),
            call=locked,
        )


def wrap_up(*, call: PhoneCall, by: Staff, disposition: str, note: str = "") -> None:
    """Say what is left to do after a call, once, and write it on the ticket.

    Raises Refused, TopicNeeded, IllegalMove; NotToBeSent never: a note is for ourselves.
    """
    with transaction.atomic(), audit.together():
        locked = _locked(call)
        is_theirs = locked.agent_id == by.pk or by.has(Permission.CHAT_LEAD)
        if not is_theirs or locked.outcome != PhoneCall.Outcome.ANSWERED or locked.disposition:
            raise errors.Refused
        if disposition not in Disposition.values:
            raise errors.Refused(_("Choose how the call ended."))
        PhoneCall.objects.filter(pk=locked.pk).update(disposition=disposition, noted_at=DatabaseNow())
        record("phone.call_noted", locked)
        phone_tickets.tell(locked, "phone_noted", by=by)
        if locked.ticket is None:
            return
        if note.strip():
            replies.add_note(ticket=locked.ticket, author=by, text=note)
        wanted = LEADS_TO.get(disposition)
        ticket = timeline.lock(locked.ticket)
        if wanted is not None and ticket.status not in {wanted, Status.CLOSED}:
            status.move_locked(ticket=ticket, to=wanted, by=by)


def _talking(call: PhoneCall, by: Staff) -> PhoneCall:
    """Return a caller's call, locked, if it is with this person now. Raises Refused."""
    locked = _locked(call)
    is_theirs = locked.state == CallState.TALKING and locked.agent_id == by.pk
    if not is_theirs or locked.direction != PhoneCall.Direction.IN:
        raise errors.Refused(_("This call is not with you any more."))
    return locked


def _locked(call: PhoneCall) -> PhoneCall:
    rows = PhoneCall.objects.select_for_update(of=("self",), no_key=True).select_related(*LOCKED)
    return rows.get(pk=call.pk)
