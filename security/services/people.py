"""Who works here and as what: changes to staff that end their sessions."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.permissions import Role
from core import audit
from security.services import api_tokens, invitations, sessions


def change_role(*, person: Staff, role: str, changed_by: Staff) -> None:
    """Give a person another role and end their sessions.

    Raises ValidationError for one's own role and for the last administrator's.
    """
    if person.pk == changed_by.pk:
        raise ValidationError(_("Nobody changes their own role: ask another administrator."), code="own_role")
    with transaction.atomic():
        locked = _locked(person)
        if locked.role == role:
            return
        if locked.role == Role.ADMIN:
            _refuse_last_administrator(locked)
        Staff.objects.filter(pk=person.pk).update(role=role)
        audit.record(
            "staff.role_changed",
            actor=changed_by.actor,
            obj=("staff", person.public_id),
            fields=["role"],
            detail={"from": locked.role, "to": str(role)},
        )
        sessions.end_all(person=person, reason="role_changed", actor=changed_by.actor)
    person.refresh_from_db(fields=["role", "session_epoch"])


def rename(*, person: Staff, name: str, changed_by: Staff) -> None:
    """Correct the name that customers see."""
    with transaction.atomic():
        Staff.objects.filter(pk=person.pk).update(name=name)
        audit.record("staff.renamed", actor=changed_by.actor, obj=("staff", person.public_id), fields=["name"])
    person.refresh_from_db(fields=["name"])


def deactivate(*, person: Staff, changed_by: Staff) -> None:
    """Shut a person out at once: sessions, sockets, tokens and links end.

    Raises ValidationError for oneself and for the last administrator.
    """
    if person.pk == changed_by.pk:
        raise ValidationError(_("Nobody shuts themselves out: ask another administrator."), code="own_account")
    with transaction.atomic():
        locked = _locked(person)
        if not locked.is_active:
            return
        if locked.role == Role.ADMIN:
            _refuse_last_administrator(locked)
        Staff.objects.filter(pk=person.pk).update(is_active=False)
        audit.record("staff.deactivated", actor=changed_by.actor, obj=("staff", person.public_id), fields=["is_active"])
        sessions.end_all(person=person, reason="deactivated", actor=changed_by.actor)
        api_tokens.revoke_all(person=person, actor=changed_by.actor)
        invitations.revoke_open(person=person)
    person.refresh_from_db(fields=["is_active", "session_epoch"])


def reactivate(*, person: Staff, changed_by: Staff) -> None:
    """Let a person sign in again, with the password and factor they had."""
    with transaction.atomic():
        if Staff.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            audit.record(
                "staff.reactivated", actor=changed_by.actor, obj=("staff", person.public_id), fields=["is_active"]
            )
    person.refresh_from_db(fields=["is_active"])


def _locked(person: Staff) -> Staff:
    """Lock the person and every administrator, in one order, so that two administrators cannot leave at once."""
    rows = Staff.objects.select_for_update(no_key=True).filter(Q(pk=person.pk) | Q(role=Role.ADMIN)).order_by("pk")
    return next(row for row in rows if row.pk == person.pk)


def _refuse_last_administrator(person: Staff) -> None:
    if not Staff.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=person.pk).exists():
        raise ValidationError(_("This is the last administrator."), code="last_administrator")
