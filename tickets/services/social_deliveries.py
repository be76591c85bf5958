"""What became of a message on a social channel: sent, failed, tried again; hands only move the row's state."""

from django.db import transaction

from accounts.models import Staff
from core import audit, doorbell
from core.clock import DatabaseNow
from tickets import effects
from tickets.channels.social.shapes import STOPPED
from tickets.models import SocialPost, Ticket
from tickets.services import errors, sent_fingerprints, social_consent, timeline

DELIVER = "tickets.deliver_post"
State = SocialPost.State
ACTIONS = {State.SENT: "post.sent", State.FAILED: "post.failed"}


def record(*, post_pk: int) -> None:
    """Write the consequences of an end state once: detail, audit, and an event on the case when it failed."""
    with transaction.atomic():
        found = SocialPost.objects.select_related("message", "chat__customer").filter(pk=post_pk, is_reported=False)
        post = found.first()
        if post is None or post.state not in ACTIONS:
            return
        message = post.message
        if post.last_error == STOPPED:
            # The conversation is locked before the ticket.
            social_consent.stop(chat=post.chat)
        ticket = timeline.lock(Ticket.objects.get(pk=message.ticket_id)) if message is not None else None
        is_sent = post.state == State.SENT
        told = SocialPost.objects.filter(pk=post.pk, is_reported=False, state=post.state).update(
            is_reported=True, detail=post.last_error, **({"sent_at": DatabaseNow()} if is_sent else {})
        )
        if not told:
            return
        if message is None or ticket is None:
            audit.record(ACTIONS[State(post.state)], actor=audit.SYSTEM, obj=("customer", post.chat.customer.public_id))
            return
        if is_sent:
            recipients = [ticket.requester_address]
            sent_fingerprints.keep(message=message, channel=message.channel, recipients=recipients, text=message.text)
        else:
            timeline.append_event(ticket, "post_failed", {"seq": message.seq})
        obj = ("ticket", ticket.public_id)
        audit.record(ACTIONS[State(post.state)], actor=audit.SYSTEM, obj=obj, detail={"seq": message.seq})
        effects.message_changed(ticket, message)


def retry(*, post: SocialPost, by: Staff) -> None:
    """Send a failed message again, from the part that did not arrive. Raises Refused when it has not failed."""
    message = post.message
    if message is None:
        raise errors.Refused
    with transaction.atomic():
        ticket = timeline.lock(Ticket.objects.get(pk=message.ticket_id))
        moved = SocialPost.objects.filter(pk=post.pk, state=State.FAILED).update(
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
        audit.record("post.retried", actor=by.actor, obj=("ticket", ticket.public_id), detail={"seq": message.seq})
        effects.message_changed(ticket, message)
        doorbell.ring(DELIVER, post.pk)
