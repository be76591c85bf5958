"""Splitting a case: what is about another matter becomes a case of its own; the words stay where they are."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from core import audit
from tickets.models import Mailbox, Message, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import Status
from tickets.services import cases, custom_fields, errors, links, merging, timeline

MOST = 100


class NothingChosen(errors.Refused):
    """A new case is about something that was said."""

    code = "nothing_chosen"
    message = gettext_lazy("Choose at least one message, and at most 100.")


def split(*, ticket: Ticket, seqs: Collection[int], subject: str, by: Staff) -> Ticket:
    """Open a case of the same requester about the messages `seqs` of `ticket`, which are read in it where they stand.

    Raises Refused, CaseClosed for one that is merged, NothingChosen.
    """
    if not merging.may(by):
        raise errors.Refused
    with transaction.atomic():
        source = timeline.lock(ticket)
        if not Ticket.objects.visible_to(by).filter(pk=source.pk).exists():
            raise links.NoSuchTicket
        if source.merged_into_id is not None:
            raise errors.CaseClosed
        said = _said(source, seqs)
        listed = ",".join(str(message.seq) for message in said)
        event = timeline.event_row("ticket_split", {"ticket": source.public_id, "seqs": listed}, by=by)
        asked = next((message for message in reversed(said) if message.direction == Message.Direction.IN), None)
        note = _("Split off another ticket: what it is about is quoted below.")
        case = _case(source, subject)
        new = cases.open_with_note(case=case, author=by, note=note, event=event, asked=asked)
        custom_fields.carry(source=source, into=new, by=by)
        links.add_split(new=new, source=source, by=by)
        timeline.append_event(source, "ticket_split_off", {"ticket": new.public_id, "seqs": listed}, by=by)
        detail: dict[str, audit.Detail] = {"other": new.public_id, "seqs": listed}
        audit.record("ticket.split", actor=by.actor, obj=("ticket", source.public_id), detail=detail)
    return new


def _said(source: Ticket, seqs: Collection[int]) -> list[Message]:
    if not 0 < len(set(seqs)) <= MOST:
        raise NothingChosen
    said = source.messages.filter(seq__in=set(seqs), withdrawn_at__isnull=True).exclude(kind=Message.Kind.EVENT)
    found = list(said.order_by("seq"))
    if not found:
        raise NothingChosen
    return found


def _case(source: Ticket, subject: str) -> cases.NewCase:
    """Of the same requester, reached by mail where they have an address, else at the portal."""
    is_mail = "@" in source.requester_address
    mailbox = source.mailbox or (Mailbox.objects.filter(is_active=True).order_by("pk").first() if is_mail else None)
    return cases.NewCase(
        requester=source.requester,
        subject=subject or source.subject,
        channel=Channel.EMAIL if is_mail and mailbox is not None else Channel.WEB,
        requester_address=source.requester_address if is_mail else "",
        is_requester_proven=source.is_requester_proven,
        mailbox=mailbox if is_mail else None,
        team=source.team,
        brand=source.brand,
        language=source.language,
        priority=source.priority,
        topic=source.topic if source.status != Status.CLOSED else None,
    )
