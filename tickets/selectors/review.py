"""Mail that needs review, as the review screen shows it; raw bytes are never shown."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.masking import masked_email
from accounts.models import Staff, Team
from tickets.models import InboundMail
from tickets.selectors import wording

PAGE = 50


def mail(public_id: str, person: Staff) -> InboundMail | None:
    """Return one mail without its raw bytes, if `person` may see its mailbox's team."""
    return _rows(person).filter(public_id=public_id).first()


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
    headers, _, beginning = row.preview.partition("\n\n")
    return {
        "public_id": row.public_id,
        "subject": _header(headers, "subject"),
        "sender": masked_email(row.envelope_from) if row.envelope_from else "",
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
    teams = Team.objects.visible_to(person).values("pk")
    visible = Q(mailbox__team__isnull=True) | Q(mailbox__team__in=teams)
    return InboundMail.objects.filter(visible).select_related("mailbox", "ticket").defer("raw")


def _header(headers: str, name: str) -> str:
    for line in headers.splitlines():
        if line.lower().startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    return ""
