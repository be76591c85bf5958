"""Canned replies and macros as the composer, a case and their own page show them."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import Staff
from accounts.permissions import Permission
from tickets import canned_words
from tickets.models import CannedReply, Ticket
from tickets.selectors import action_words, guided

MOST = 300


def for_composer(ticket: Ticket, person: Staff) -> list[dict[str, Any]]:
    """Return what `person` may insert on this ticket, filled in and in its language; English where there is no other.

    Of several with the same shortcut, one's own comes first, then a team's.
    """
    rows = list(CannedReply.objects.usable_by(person).select_related("team")[:MOST])
    asks = any("{missing}" in _said(row, ticket.language) for row in rows)
    values = {**_values(ticket, person), "missing": _missing(ticket) if asks else ""}
    names = action_words.names_in((row.actions for row in rows), person)
    return [
        {
            "id": row.public_id,
            "shortcut": row.shortcut,
            "title": row.title,
            "scope": "own" if row.owner_id else row.team.name if row.team else "",
            "text": canned_words.filled(_said(row, ticket.language), values),
            "actions": in_words(row, person, names),
        }
        for row in sorted(rows, key=lambda one: (one.shortcut, not one.owner_id, not one.team_id, one.pk))
    ]


def in_words(row: CannedReply, person: Staff, names: action_words.Names) -> list[str]:
    """Return what it does, in words of the reader's language."""
    return action_words.described(row.actions, person, names)


def usable(person: Staff, public_id: str) -> CannedReply | None:
    """Return one that `person` may use."""
    return CannedReply.objects.usable_by(person).filter(public_id=public_id).first()


def macros(person: Staff) -> list[CannedReply]:
    """Return those of `person` that do something, in order; one query."""
    return list(CannedReply.objects.usable_by(person).exclude(actions={}).order_by("title", "pk")[:MOST])


def said(text: str, text_zh_hans: str, ticket: Ticket, person: Staff) -> str:
    """Return a text in the ticket's language with its placeholders filled in."""
    chosen = (text_zh_hans if ticket.language.lower().startswith("zh") else "") or text
    missing = _missing(ticket) if "{missing}" in chosen else ""
    return canned_words.filled(chosen, {**_values(ticket, person), "missing": missing})


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
