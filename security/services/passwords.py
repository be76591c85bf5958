"""Changing one's own password while signed in."""

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Staff
from core import audit
from security.models import StaffSession
from security.services import invitations, sessions, staff_announcements, totp
from security.services.staff_announcements import What
from security.services.totp import Verdict


def prove(*, person: Staff, current: str) -> Verdict:
    """Check the present password, for a change of it.

    A wrong one counts against the same five tries as the authenticator's, so that nobody who holds a
    stolen session can guess on; a right one buys no new tries at a code either.
    """
    if not totp.count_attempt(person=person):
        verdict = Verdict.LOCKED
    elif person.check_password(current):
        totp.take_back(person=person)
        return Verdict.ACCEPTED
    else:
        verdict = Verdict.REFUSED
    audit.record_now(
        "password.change_failed",
        actor=person.actor,
        obj=("staff", person.public_id),
        detail={"is_locked": verdict is Verdict.LOCKED},
    )
    return verdict


def change(*, request: HttpRequest, session: StaffSession, password: str) -> Staff:
    """Set a new password, end every other session and open invitation, and give this browser a new session key.

    The caller has proven the current password. Raises ValidationError when the new one is too weak.
    """
    person = session.staff
    validate_password(password, person)
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        invitations.revoke_open(person=person)
        sessions.end_others(session=session, reason="password_changed", actor=person.actor)
        audit.record("password.changed", actor=person.actor, obj=("staff", person.public_id), fields=["password"])
        staff_announcements.tell(person=person, what=What.PASSWORD_CHANGED)
        update_session_auth_hash(request, person)
        sessions.follow_key(request=request, session=session)
    return person
