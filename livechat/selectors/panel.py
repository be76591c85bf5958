"""One chat at the desk, beside its timeline: who has it, where the visitor has been, to whom it may go."""

from typing import Any

from accounts.masking import masked_email
from accounts.models import Presence, Staff, Team
from accounts.permissions import Permission, Role
from livechat.models import Chat, PageVisit
from livechat.models.page_visit import KEPT
from livechat.selectors import abuse, by_mail, waiting
from tickets.models.ticket import Status
from tickets.selectors import cases
from tickets.selectors.languages import language_name

THEN = (Status.RESOLVED, Status.PENDING, Status.ON_HOLD)


def shown(chat: Chat, person: Staff) -> dict[str, Any]:
    """Return the panel's context; what `person` may do with it is in `can`."""
    ticket = chat.ticket
    is_closed = ticket.status == Status.CLOSED
    is_open = chat.ended_at is None and not is_closed
    is_mine = ticket.assignee_id == person.pk
    answers = person.has(Permission.TICKET_REPLY)
    address = by_mail.address_of(chat, ticket) if answers else ""
    done, blocked_until = abuse.of_chat(chat)
    is_lead = person.has(Permission.CHAT_LEAD)
    can = {
        "transfer": answers and is_open,
        "wrap_up": answers and chat.wrapped_at is None and not is_closed,
        "take_over": is_open and not is_mine and is_lead,
        "warn": answers and is_open and "warned" not in done,
        "end_for_abuse": answers and is_open and (is_lead or "warned" in done),
        "lift": is_lead and blocked_until is not None,
        "transcript": bool(address),
        "whisper": is_open and not is_mine and person.has(Permission.TICKET_NOTE) and ticket.assignee is not None,
    }
    return {
        "chat": chat,
        "ticket": ticket,
        "is_open": is_open,
        "with_bot": is_open and bool(chat.bot) and chat.bot_ended_at is None and ticket.assignee_id is None,
        "origin": chat.visitor.origin,
        "mail_address": masked_email(address) if address else "",
        "language": language_name(chat.visitor.locale) if chat.visitor.locale else "",
        "queue": waiting.shown(chat),
        "pages": PageVisit.objects.filter(visitor=chat.visitor_id).order_by("-at", "-pk")[:KEPT],
        "can": can,
        "abuse": done,
        "blocked_until": blocked_until,
        "people": _people(chat, person) if can["transfer"] else (),
        "teams": Team.objects.visible_to(person).order_by("name") if can["transfer"] else (),
        "topics": cases.topics() if can["wrap_up"] else (),
        "then": [(status.value, status.label) for status in THEN],
    }


def _people(chat: Chat, person: Staff) -> list[Staff]:
    """Return who is there and may see the ticket's queue; assigning asks again, on the locked row."""
    rows = Presence.objects.reachable().exclude(staff=person).select_related("staff").order_by("staff__name")[:100]
    team = chat.ticket.team
    members = set(team.memberships.values_list("staff_id", flat=True)) if team else set()

    def sees(one: Staff) -> bool:
        if one.pk in members or one.has(Permission.TICKET_VIEW_RESTRICTED):
            return True
        return one.role != Role.VENDOR and not (team and team.is_restricted)

    return [row.staff for row in rows if sees(row.staff)]
