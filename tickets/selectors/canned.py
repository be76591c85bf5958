"""Canned replies as the composer and their own page show them."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import Staff
from accounts.permissions import Permission
from tickets import canned_words
from tickets.models import CannedReply, Ticket
from tickets.selectors import guided

MOST = 300


def for_composer(ticket: Ticket, person: Staff) -> list[dict[str, str]]:
    """Return what `person` may insert on this ticket, filled in and in its language; English where there is no other.

    Of several with the same shortcut, one's own comes first, then a team's.
    """
    rows = list(CannedReply.objects.usable_by(person).select_related("team")[:MOST])
    asks = any("{missing}" in _said(row, ticket.language) for row in rows)
    values = {**_values(ticket, person), "missing": _missing(ticket) if asks else ""}
    return [
        {
            "id": row.public_id,
            "shortcut": row.shortcut,
            "title": row.title,
            "scope": "own" if row.owner_id else row.team.name if row.team else "",
            "text": canned_words.filled(_said(row, ticket.language), values),
        }
        for row in sorted(rows, key=lambda one: (one.shortcut, not one.owner_id, not one.team_id, one.pk))
    ]


def kept_by(person: Staff) -> dict[str, Any]:
    """Return the canned replies of the page: one's own, and shared ones."""
    rows = CannedReply.objects.select_related("team")
    shared = CannedReply.objects.usable_by(person).filter(owner__isnull=True)
    if person.has(Permission.CANNED_MANAGE):
        shared = CannedReply.objects.filter(owner__isnull=True)
    return {
        "own": rows.filter(owner=person)[:MOST],
        "shared": _with_team(shared),
        "can_share": person.has(Permission.CANNED_MANAGE),
        "placeholders": list(canned_words.PLACEHOLDERS.items()),
    }


def editable(person: Staff, public_id: str) -> CannedReply | None:
    """Return one that `person` may change."""
    return CannedReply.objects.editable_by(person).filter(public_id=public_id).select_related("team").first()


def _with_team(rows: QuerySet[CannedReply]) -> QuerySet[CannedReply]:
    return rows.select_related("team")[:MOST]


def _missing(ticket: Ticket) -> str:
    return "\n".join(f"- {label}" for label in guided.missing(ticket))


def _said(row: CannedReply, language: str) -> str:
    return (row.text_zh_hans if language.lower().startswith("zh") else "") or row.text


def _values(ticket: Ticket, person: Staff) -> dict[str, str]:
    return {
        "customer": next(iter(ticket.requester.name.split()), ""),
        "number": str(ticket.number),
        "subject": ticket.subject,
        "agent": next(iter(person.name.split()), ""),
    }
