"""Abuse in a chat: warn, hand over to a lead, end. Nobody is kept from freezing, refusing or approving by it."""

from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Customer, Staff
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow, from_now
from livechat import effects
from livechat.models import AbuseStep, Chat, Visitor
from livechat.refusals import AlreadyWarned, NotALead, ReasonNeeded, WarningNeeded
from livechat.services import bots, handling, routing
from tickets.models import Message, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import Status
from tickets.services import errors, replies, timeline
from tickets.services.senders import Sender

LEAST_REASON = 10
Kind = AbuseStep.Kind


def warn(*, chat: Chat, by: Staff) -> None:
    """Tell the visitor, in fixed words of their language, that it ends if it goes on. Once in a conversation.

    Raises AlreadyWarned, CaseClosed.
    """
    with transaction.atomic():
        visitor, ticket = _locked(chat)
        if AbuseStep.objects.filter(chat=chat, kind=Kind.WARNED).exists():
            raise AlreadyWarned
        with translation.override(visitor.locale or None):
            words = _("Please stay civil. If this goes on, we end this conversation.")
        _tell(ticket, visitor, by, words)
        _note(chat, ticket, by, AbuseStep(kind=Kind.WARNED))


def hand_over(*, chat: Chat, to: Staff, by: Staff, summary: str) -> None:
    """Hand the chat over to a lead who is there, because of abuse.

    Raises NotALead, SummaryNeeded, NotReachable, CaseClosed, Refused.
    """
    if not to.has(Permission.CHAT_LEAD):
        raise NotALead
    with transaction.atomic():
        _visitor, ticket = _locked(chat)
        handling.transfer(chat=chat, to=to, by=by, summary=summary)
        _note(chat, ticket, by, AbuseStep(kind=Kind.HANDED_OVER))


def end(*, chat: Chat, by: Staff, reason: str) -> AbuseStep:
    """End the conversation, and hold its customer back from beginning another for as long as the inbox says.

    After a warning, or by a lead at once; `reason` becomes a note. Freezing, refusing and approving stay open to them,
    as do mail and the portal. Raises ReasonNeeded, WarningNeeded, CaseClosed.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise ReasonNeeded
    with transaction.atomic():
        visitor, ticket = _locked(chat)
        is_lead = by.has(Permission.CHAT_LEAD)
        if not is_lead and not AbuseStep.objects.filter(chat=chat, kind=Kind.WARNED).exists():
            raise WarningNeeded
        with translation.override(visitor.locale or None):
            words = _("We end this conversation because of how you wrote to us.")
        _tell(ticket, visitor, by, words)
        note = replies.add_note(ticket=ticket, author=by, text=reason.strip())
        hours = visitor.inbox.abuse_hours
        until = from_now(timedelta(hours=hours)) if hours else None
        step = _note(chat, ticket, by, AbuseStep(kind=Kind.ENDED, reason=note, blocked_until=until))
        Chat.objects.filter(pk=chat.pk).update(ended_at=DatabaseNow())
        routing.left_the_queue(chat)
        effects.chat_changed(chat)
        effects.console_changed(by.public_id)
        effects.routing_due()
    return step


def lift(*, chat: Chat, by: Staff) -> bool:
    """Let the customer begin conversations again, as a lead. False when nothing holds them back. Raises Refused."""
    if not by.has(Permission.CHAT_LEAD):
        raise errors.Refused
    with transaction.atomic():
        ticket = timeline.lock(chat.ticket)
        lifted = AbuseStep.objects.blocking().filter(chat=chat).update(lifted_at=DatabaseNow(), lifted_by=by)
        if lifted:
            timeline.append_event(ticket, "chat_abuse_lifted", {}, by=by)
            audit.record("chat.abuse_lifted", actor=by.actor, obj=("chat", chat.public_id), fields=["lifted_at"])
            audit.record("ticket.chat_abuse_lifted", actor=by.actor, obj=("ticket", ticket.public_id))
            effects.chat_changed(chat)
    return bool(lifted)


def _locked(chat: Chat) -> tuple[Visitor, Ticket]:
    """Lock the visitor, then the ticket of a chat that goes on: what they say now comes after. Raises CaseClosed."""
    visitor = Visitor.objects.select_related("inbox", "customer").select_for_update(of=("self",), no_key=True)
    locked = visitor.get(pk=chat.visitor_id)
    ticket = timeline.lock(chat.ticket)
    if ticket.status == Status.CLOSED or not Chat.objects.filter(pk=chat.pk, ended_at__isnull=True).exists():
        raise errors.CaseClosed
    bots.end(chat=chat)
    return locked, ticket


def _tell(ticket: Ticket, visitor: Visitor, by: Staff, words: str) -> Message:
    said = replies.Words(text=words, language=visitor.locale)
    return replies.add(ticket=ticket, sender=Sender.of_staff(by), channel=Channel.CHAT, words=said)


def _note(chat: Chat, ticket: Ticket, by: Staff, step: AbuseStep) -> AbuseStep:
    """Keep the step, and write it on the timeline and into the audit log."""
    visitor = Visitor.objects.select_related("customer").get(pk=chat.visitor_id)
    customer: Customer = visitor.customer or ticket.requester
    step.chat, step.customer, step.staff, step.is_lead = chat, customer, by, by.has(Permission.CHAT_LEAD)
    step.save(force_insert=True)
    timeline.append_event(timeline.lock(ticket), f"chat_abuse_{step.kind}", {}, by=by)
    about: dict[str, audit.Detail] = {"lead": step.is_lead, "blocks": step.blocked_until is not None}
    audit.record(f"chat.abuse_{step.kind}", actor=by.actor, obj=("chat", chat.public_id), detail=about)
    return step
