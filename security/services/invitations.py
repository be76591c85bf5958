"""Invitations: a link of one day by which a person sets a first password, and then a second factor."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Staff
from core import audit, notices
from core.audit import SYSTEM
from core.clock import DatabaseNow, from_now
from security import digests
from security.models import Invitation
from security.services import passkeys, recovery_codes, sessions, totp


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation and its link, which can be read only now."""

    invitation: Invitation
    link: str


def add_person(*, email: str, name: str, role: str, invited_by: Staff | None, is_mailed: bool = True) -> Invited:
    """Create a person who can come in by invitation only, and invite them.

    Raises IntegrityError for an address that somebody has.
    """
    actor = invited_by.actor if invited_by else SYSTEM
    with transaction.atomic():
        person = Staff.objects.create_staff(email=email, name=name, role=role)
        audit.record(
            "staff.created",
            actor=actor,
            obj=("staff", person.public_id),
            fields=["email", "name", "role"],
            detail={"role": role},
        )
        return invite(person=person, invited_by=invited_by, is_mailed=is_mailed)


def invite(*, person: Staff, invited_by: Staff | None, is_mailed: bool = True) -> Invited:
    """Send a person a fresh link; earlier ones stop working. Accepting it replaces password and second factor."""
    token = secrets.token_urlsafe(32)
    # From the setting, never from the request's Host (attacks E2).
    link = settings.SITE_URL + reverse("security:invitation", args=[token])
    actor = invited_by.actor if invited_by else SYSTEM
    with transaction.atomic():
        revoke_open(person=person)
        invitation = Invitation.objects.create(
            staff=person,
            invited_by=invited_by,
            digest=digests.of_token(token),
            expires_at=from_now(timedelta(hours=settings.INVITATION_LIFE_H)),
        )
        audit.record("invitation.sent", actor=actor, obj=("staff", person.public_id))
        if is_mailed:
            _mail(person, invited_by, link)
    return Invited(invitation, link)


def find(*, token: str) -> Invitation | None:
    """Return the invitation that this link opens, or None: unknown, used, revoked, expired, or of a former person."""
    return (
        Invitation.objects.filter(
            digest=digests.of_token(token),
            used_at__isnull=True,
            revoked_at__isnull=True,
            expires_at__gt=DatabaseNow(),
            staff__is_active=True,
        )
        .select_related("staff", "invited_by")
        .first()
    )


def accept(*, token: str, name: str, password: str) -> Staff | None:
    """Use the link once: set name and password, forget every former factor, end every session.

    Returns the person, who must enrol a second factor next; None when the link does not open.
    Raises ValidationError when the password is too weak, VerifierAwayError when there are factors to be ended.
    """
    with transaction.atomic():
        invitation = find(token=token)
        if invitation is None:
            return None
        person = invitation.staff
        validate_password(password, person)
        used = Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True, revoked_at__isnull=True).update(
            used_at=DatabaseNow()
        )
        if used != 1:
            return None
        person.name = name
        person.set_password(password)
        person.save(update_fields=["name", "password"])
        revoke_open(person=person)
        passkeys.start_anew(person=person, actor=person.actor)
        totp.remove(person=person)
        recovery_codes.remove(person=person)
        sessions.end_all(person=person, reason="invitation", actor=person.actor)
        audit.record(
            "invitation.accepted", actor=person.actor, obj=("staff", person.public_id), fields=["name", "password"]
        )
    person.refresh_from_db()
    return person


def revoke(*, invitation: Invitation, revoked_by: Staff) -> bool:
    """Close a link that was not used; False when it was closed before."""
    with transaction.atomic():
        closed = _close(invitation.staff_id, pk=invitation.pk) == 1
        if closed:
            audit.record("invitation.revoked", actor=revoked_by.actor, obj=("staff", invitation.staff.public_id))
    return closed


def revoke_open(*, person: Staff) -> int:
    """Close every unused link of a person: there is another way in now, or none any more."""
    return _close(person.pk)


def _close(staff_pk: int, **which: int) -> int:
    still_open = Invitation.objects.filter(staff_id=staff_pk, used_at__isnull=True, revoked_at__isnull=True, **which)
    return still_open.update(revoked_at=DatabaseNow())


def _mail(person: Staff, invited_by: Staff | None, link: str) -> None:
    with translation.override(person.locale):
        body = _(
            "Hello %(name)s,\n\n%(inviter)s invites you to the Pharos support desk. Open this link within "
            "%(hours)d hours to choose a password and set up your authenticator:\n\n%(link)s\n\n"
            "The link works once. If you did not expect this mail, delete it: nothing happens."
        ) % {
            "name": person.name,
            "inviter": invited_by.name if invited_by else "Pharos",
            "hours": settings.INVITATION_LIFE_H,
            "link": link,
        }
        subject = _("Your invitation to Pharos")
    notices.send(kind="invitation", to=person.email, subject=subject, body=body, language=person.locale)
