"""What became of outgoing mail: sent, failed, bounced, tried again; hands only move the row's state."""

from django.db import transaction

from accounts.models import CustomerAddress, Staff
from accounts.services import customers
from core import audit, doorbell
from core.clock import DatabaseNow
from security.redaction import redact
from tickets import effects
from tickets.channels.email import tokens
from tickets.channels.email.parse import DsnReport
from tickets.mail_keys import mail_keys
from tickets.models import Message, OutboundMail, Ticket
from tickets.services import errors, sent_fingerprints, timeline

State = OutboundMail.State
DELIVER = "tickets.deliver_email"
ENDS = (State.SENT, State.BOUNCED, State.FAILED)
ACTIONS = {State.SENT: "mail.sent", State.BOUNCED: "mail.bounced", State.FAILED: "mail.failed"}


def record(*, outbound_pk: int) -> None:
    """Write the consequences of an end state once: detail, audit, and an event on the case when it failed."""
    with transaction.atomic():
        found = (
            OutboundMail.objects.select_related("message", "mailbox").filter(pk=outbound_pk, is_reported=False).first()
        )
        if found is None or found.state not in ENDS:
            return
        has_failed = found.state != State.SENT
        ticket = _ticket(found, lock=has_failed)
        told = OutboundMail.objects.filter(pk=found.pk, is_reported=False, state=found.state).update(
            is_reported=True,
            detail=found.last_error,
            **({"sent_at": DatabaseNow()} if not has_failed else {}),
        )
        if not told:
            return
        if has_failed:
            timeline.append_event(ticket, "mail_failed", {"seq": found.message.seq})
        else:
            sent_fingerprints.keep_mail(outbound=found)
        _audit(ACTIONS[State(found.state)], ticket, found.message)
        effects.message_changed(ticket, found.message)


def retry(*, outbound: OutboundMail, by: Staff) -> None:
    """Send a failed or bounced mail again, under the same Message-ID. Raises Refused when it is neither."""
    with transaction.atomic():
        ticket = _ticket(outbound, lock=True)
        moved = OutboundMail.objects.filter(pk=outbound.pk, state__in=[State.FAILED, State.BOUNCED]).update(
            state=State.QUEUED,
            attempts=0,
            unanswered=0,
            last_error="",
            detail="",
            is_reported=False,
            next_attempt_at=DatabaseNow(),
        )
        if not moved:
            raise errors.Refused
        audit.record(
            "mail.retried",
            actor=by.actor,
            obj=("ticket", ticket.public_id),
            detail={"seq": outbound.message.seq},
        )
        effects.message_changed(ticket, outbound.message)
        doorbell.ring(DELIVER, outbound.pk)


def of_report(*, report: DsnReport | None, envelope_to: str, recipients: tuple[str, ...]) -> OutboundMail | None:
    """Return the mail that a delivery report speaks of: by our signed bounce address, else by our signed Message-ID."""
    keys = mail_keys()
    found = OutboundMail.objects.select_related("message")
    for address in (envelope_to, *recipients):
        public_id = tokens.message_from_bounce_address(address, keys) if "+" in address else None
        if public_id and (outbound := found.filter(message__public_id=public_id).first()) is not None:
            return outbound
    original = report.original_message_id if report else None
    if original and tokens.read_message_id(original, keys):
        return found.filter(message_id_header=original).first()
    return None


def record_bounce(*, outbound: OutboundMail, report: DsnReport) -> tuple[Ticket, Message]:
    """Thread a failure or delay to the message it is about: state and reason there, an event on the case.

    A permanent failure marks the address, if it is one we wrote to, as bouncing. Returns the ticket
    and the event message; a repeated report adds nothing but itself to the inbox.
    """
    with transaction.atomic():
        ticket = _ticket(outbound, lock=True)
        failed = {address.lower() for address in report.final_recipients}
        ours = {outbound.to_address.lower(), *(address.lower() for address in outbound.cc_addresses)}
        reached = (failed & ours) or ({outbound.to_address.lower()} if not failed else set())
        detail = redact(report.diagnostic).text[:500] or " ".join(report.status_codes)[:500]
        changes: dict[str, object] = {"detail": detail}
        if report.is_permanent and outbound.to_address.lower() in reached:
            changes |= {"state": State.BOUNCED, "is_reported": True}
        OutboundMail.objects.filter(pk=outbound.pk, state__in=[State.SENT, State.BOUNCED]).update(**changes)
        if report.is_permanent:
            for address in sorted(reached):
                customers.mark_bouncing(kind=CustomerAddress.Kind.EMAIL, value=address)
        code = report.status_codes[0] if report.status_codes else ""
        event = timeline.append_event(
            ticket,
            "mail_bounced",
            {"seq": outbound.message.seq, "status": code, "permanent": int(report.is_permanent)},
        )
        _audit("mail.bounced" if report.is_permanent else "mail.delayed", ticket, outbound.message)
        effects.message_changed(ticket, outbound.message)
    return ticket, event


def _ticket(outbound: OutboundMail, *, lock: bool) -> Ticket:
    """The case of a mail; locked before the outbound row, as everywhere."""
    ticket = Ticket.objects.get(pk=outbound.message.ticket_id)
    return timeline.lock(ticket) if lock else ticket


def _audit(action: str, ticket: Ticket, message: Message) -> None:
    audit.record(action, actor=audit.SYSTEM, obj=("ticket", ticket.public_id), detail={"seq": message.seq})
