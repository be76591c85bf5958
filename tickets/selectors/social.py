"""Social channels as the desk shows them."""

from dataclasses import dataclass
from datetime import datetime

from tickets.models import SocialTemplate, SocialThread, Ticket
from tickets.models.channel import Channel


@dataclass(frozen=True, slots=True)
class TemplateShown:
    """An approved text, with the numbers of what has to be filled in."""

    pk: int
    name: str
    language: str
    body: str
    variables: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answering:
    """By which channel and account a reply goes, and until when it may; `until` is None where that is always."""

    by: str
    until: datetime | None
    is_over: bool
    is_public: bool
    templates: tuple[TemplateShown, ...]


def answering(ticket: Ticket) -> Answering | None:
    """Return how a reply of this ticket goes, or None when it came by no social channel."""
    if ticket.channel != Channel.SOCIAL:
        return None
    thread = SocialThread.objects.filter(ticket=ticket).select_related("chat__account").first()
    if thread is None:
        return None
    chat = thread.chat
    is_over = not chat.is_answerable()
    return Answering(
        by=f"{chat.account.get_kind_display()} · {chat.account.name}",
        until=chat.answer_until,
        is_over=is_over,
        is_public=chat.is_public,
        templates=_templates(chat.account_id) if is_over else (),
    )


def _templates(account_id: int) -> tuple[TemplateShown, ...]:
    rows = SocialTemplate.objects.filter(account=account_id, is_active=True)
    return tuple(TemplateShown(row.pk, row.name, row.language, row.body, tuple(row.variables)) for row in rows)
