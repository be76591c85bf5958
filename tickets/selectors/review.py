"""Mail that needs review, as the review screen shows it; raw bytes are never shown."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.masking import masked_email
from accounts.models import Staff, Team
from tickets.models import InboundMail, Ticket
from tickets.selectors import wording

PAGE = 50
# What waits for a person, and what a person has let through; all other mail is none of this screen's.
UNDER_REVIEW = Q(state=InboundMail.State.QUARANTINED) | Q(
    state__in=[InboundMail.State.STORED, InboundMail.State.PROCESSED], reason=InboundMail.RELEASED
)
NO_ADDRESS = "<> "


def mail(public_id: str, person: Staff) -> InboundMail | None:
    """Return one mail without its raw bytes, if it is or was under review and `person` may see where it led."""
    return _rows(person).filter(UNDER_REVIEW, public_id=public_id).first()


def is_hidden(public_id: str, person: Staff) -> bool:
    """Whether this mail is or was under review, but not for `person` to see."""
    known = InboundMail.objects.filter(UNDER_REVIEW, public_id=public_id).exists()
    return known and not _rows(person).filter(public_id=public_id).exists()


def page(person: Staff, *, after: str = "") -> tuple[list[dict[str, Any]], str]:
    """Return a page of quarantined mail, newest first, and the next cursor. Raises ValueError for a bad cursor."""
    found = _rows(person).filter(state=InboundMail.State.QUARANTINED).order_by("-id")
    if after:
        found = found.filter(pk__lt=int(after))
    listed = list(found[: PAGE + 1])
    following = str(listed[PAGE - 1].pk) if len(listed) > PAGE else ""
    return [shown(one) for one in listed[:PAGE]], following


def shown(row: InboundMail) -> dict[str, Any]:
    """Shape one mail."""
    headers, _blank, beginning = row.preview.partition("\n\n")
    return {
        "public_id": row.public_id,
        "subject": _header(headers, "subject"),
        "sender": _sender(row.envelope_from),
        "received_at": row.received_at,
        "reason": wording.reason(row.reason, row.explanation),
        "reason_detail": wording.reason_detail(row.reason, row.explanation),
        "state": "retrying" if row.state == InboundMail.State.STORED else row.state,
        "mailbox": row.mailbox.address,
        "size": row.size,
        "attempts": row.attempts,
        "headers": headers,
        "preview": beginning,
    }


def _rows(person: Staff) -> QuerySet[InboundMail]:
    """Mail of visible mailboxes that has not led into a hidden ticket."""
    teams = Team.objects.visible_to(person).values("pk")
    visible = Q(mailbox__team__isnull=True) | Q(mailbox__team__in=teams)
    open_to_see = Q(ticket__isnull=True) | Q(ticket__in=Ticket.objects.visible_to(person).values("pk"))
    return InboundMail.objects.filter(visible, open_to_see).select_related("mailbox", "ticket").defer("raw")


def _sender(envelope_from: str) -> str:
    """Mask the envelope's sender; bounces come with the empty path `<>` (RFC 5321, 4.5.5)."""
    address = envelope_from.strip(NO_ADDRESS)
    if address:
        return masked_email(address)
    return _("No return address") if envelope_from else ""


def _header(headers: str, name: str) -> str:
    for line in headers.splitlines():
        if line.lower().startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    return ""
