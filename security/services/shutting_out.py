"""Shutting people out at once: one of ours, everybody of a team, or all agents of vendors."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Staff, Team
from accounts.permissions import Role
from core import audit
from security.services import people

# Whom a lead may shut out; an administrator, anybody but themselves and the last of their kind.
BY_LEADS = frozenset({Role.AGENT, Role.LIGHT_AGENT, Role.VENDOR})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who was shut out, and who could not be."""

    out: tuple[Staff, ...]
    kept: tuple[Staff, ...]


def of_team(team: Team) -> list[Staff]:
    """Return the active people of a team."""
    return list(Staff.objects.filter(is_active=True, memberships__team=team).order_by("pk"))


def of_vendors() -> list[Staff]:
    """Return all active agents of vendors."""
    return list(Staff.objects.filter(is_active=True, role=Role.VENDOR).order_by("pk"))


def may(person: Staff, *, by: Staff) -> bool:
    """Whether `by` may shut this person out."""
    return person.pk != by.pk and (by.role == Role.ADMIN or person.role in BY_LEADS)


def shut_out(*, whom: Iterable[Staff], by: Staff, reason: str) -> Outcome:
    """End accounts, sessions, sockets, tokens and links of everybody in `whom` whom `by` may shut out; all or none.

    An administrator lets people in again. Nobody shuts out themselves or the last administrator.
    """
    out, kept = [], []
    with transaction.atomic():
        for person in whom:
            if not may(person, by=by):
                kept.append(person)
                continue
            try:
                people.deactivate(person=person, changed_by=by)
            except ValidationError:
                kept.append(person)
                continue
            audit.record(
                "staff.shut_out", actor=by.actor, obj=("staff", person.public_id), detail={"reason": reason[:300]}
            )
            out.append(person)
    return Outcome(tuple(out), tuple(kept))
