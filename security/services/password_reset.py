"""Forgotten passwords: a link of one hour, the same answer and the same work whether or not there is an account."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Staff
from core import audit, notices
from core.audit import ANONYMOUS
from core.clock import from_now
from core.ids import new_public_id
from core.models import Notice
from security.services import invitations, sessions, staff_announcements
from security.services.staff_announcements import What

KIND = "password_reset"
_HOUR = timedelta(hours=1)
MAILS_PER_H = 3


def request(*, email: str, language: str) -> None:
    """Mail a link to the person of this address, if there is one who may sign in by password.

    Otherwise, and above three mails an hour, the same statements run and leave no mail (attacks E4).
    """
    address = email.strip().lower()
    person = Staff.objects.filter(email=address).first()
    recent = Notice.objects.filter(kind=KIND, to_address=address, created_at__gt=from_now(-_HOUR)).count()
    may_reset = person is not None and person.is_active and person.has_usable_password() and recent < MAILS_PER_H
    deliver = notices.send if may_reset else notices.pretend
    # A stand-in without an id: signing a token for it costs what it costs for a person.
    known = person or Staff(email=address, public_id=new_public_id(), locale=language, password="!")  # noqa: S106 -- Django's mark of an unusable one
    with transaction.atomic():
        deliver(kind=KIND, to=address, language=known.locale, **_mail(known))
        audit.record(
            "password_reset.requested",
            actor=ANONYMOUS,
            obj=("staff", person.public_id) if person else None,
            detail={"is_mailed": may_reset},
        )


def person_of(*, public_id: str, token: str) -> Staff | None:
    """Return whose link this is; None when it is forged, older than an hour, or the password changed since."""
    person = Staff.objects.filter(public_id=public_id, is_active=True).first()
    return person if person is not None and default_token_generator.check_token(person, token) else None


def complete(*, public_id: str, token: str, password: str) -> Staff | None:
    """Set the password and end every session; the second factor stays and is still asked for.

    None when the link does not open. Raises ValidationError when the password is too weak.
    """
    with transaction.atomic():
        # Locked first: of two uses of one link at once, the second sees the new password and is refused.
        Staff.objects.select_for_update(no_key=True).filter(public_id=public_id).first()
        person = person_of(public_id=public_id, token=token)
        if person is None:
            return None
        validate_password(password, person)
        person.set_password(password)
        person.save(update_fields=["password"])
        invitations.revoke_open(person=person)
        sessions.end_all(person=person, reason="password_reset", actor=person.actor)
        audit.record(
            "password_reset.completed", actor=person.actor, obj=("staff", person.public_id), fields=["password"]
        )
        staff_announcements.tell(person=person, what=What.PASSWORD_CHANGED)
    return person


def _mail(person: Staff) -> dict[str, str]:
    path = reverse("security:reset", args=[person.public_id, default_token_generator.make_token(person)])
    with translation.override(person.locale):
        return {
            "subject": _("Set a new password for Pharos"),
            "body": _(
                "Somebody asked to set a new password for your Pharos account. If it was you, open this link within "
                "an hour:\n\n%(link)s\n\nYour authenticator will still be asked for. If it was not you, delete this "
                "mail and tell an administrator: your password has not changed."
            )
            % {"link": settings.SITE_URL + path},
        }
