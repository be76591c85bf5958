"""Staff sessions: opening, keeping alive, ending. Every limit is measured by the database's clock."""

from datetime import timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, login
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import Staff
from core import audit
from core.audit import Actor
from core.clock import DatabaseNow, from_now, seems_older
from security import client, digests, effects
from security.models import StaffSession

BACKEND = "django.contrib.auth.backends.ModelBackend"
TOUCH_EVERY = timedelta(minutes=1)


def open_session(*, request: HttpRequest, person: Staff, method: str) -> StaffSession:
    """Sign `person` in on this browser under a new session key and record it; both factors are proven by then."""
    with transaction.atomic():
        login(request, person, backend=BACKEND)
        session = StaffSession.objects.create(
            staff=person,
            session_digest=digests.of_token(str(request.session.session_key)),
            method=method,
            epoch=person.session_epoch,
            browser=client.browser(request),
            address=client.address(request),
        )
        audit.record(
            "sign_in.succeeded", actor=person.actor, obj=("session", session.public_id), detail={"method": method}
        )
    return session


def behind(stored: SessionBase) -> StaffSession | None:
    """Return the living session behind what a browser's cookie stands for, its person freshly read.

    None for anybody else's, half-way sign-ins included. A changed password ends what the old one opened, as
    Django's own get_user() does.
    """
    if stored.get(BACKEND_SESSION_KEY) != BACKEND:
        return None
    session = (
        StaffSession.objects.living()
        .filter(session_digest=digests.of_token(str(stored.session_key)), staff_id=int(stored[SESSION_KEY]))
        .select_related("staff")
        .annotate(read_at=DatabaseNow())  # type: ignore[no-redef]  # the model says what this adds
        .first()
    )
    if session is None:
        return None
    is_same_password = constant_time_compare(stored.get(HASH_SESSION_KEY, ""), session.staff.get_session_auth_hash())
    return session if is_same_password else None


def alive(session_pk: int) -> bool:
    """Whether a session may still be served; asked again by sockets and content links at each use."""
    return StaffSession.objects.living().filter(pk=session_pk).exists()


def touch(session: StaffSession) -> bool:
    """Note that the person is there, at most once a minute; return whether a row was written."""
    # Saves a statement on most requests; that the minute has passed is decided by the database below.
    if not seems_older(session.seen_at, TOUCH_EVERY):
        return False
    seen_before = from_now(-TOUCH_EVERY)
    return StaffSession.objects.filter(pk=session.pk, seen_at__lt=seen_before).update(seen_at=DatabaseNow()) == 1


def end(*, session: StaffSession, reason: str, actor: Actor) -> bool:
    """End one session; its sockets close after commit. False when it had ended before."""
    return _end(StaffSession.objects.filter(pk=session.pk), reason, actor) == 1


def end_all(*, person: Staff, reason: str, actor: Actor) -> int:
    """End every session of a person and return how many were open.

    The epoch is raised, so that a session being opened at this moment is dead on arrival.
    """
    with transaction.atomic():
        Staff.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
        ended = _end(StaffSession.objects.filter(staff=person), reason, actor)
        # Also when none was open: what is being opened right now is shut out too.
        audit.record(
            "staff.sessions_ended",
            actor=actor,
            obj=("staff", person.public_id),
            fields=["session_epoch"],
            detail={"reason": reason, "count": ended},
        )
    return ended


def end_others(*, session: StaffSession, reason: str, actor: Actor) -> int:
    """End every session of this session's person but this one; return how many were open."""
    return _end(StaffSession.objects.filter(staff=session.staff_id).exclude(pk=session.pk), reason, actor)


def renew_key(*, request: HttpRequest, session: StaffSession) -> None:
    """Give the browser a new session key after a step-up (attacks E6)."""
    request.session.cycle_key()
    follow_key(request=request, session=session)


def follow_key(*, request: HttpRequest, session: StaffSession) -> None:
    """Move the session row to the browser's present key."""
    StaffSession.objects.filter(pk=session.pk).update(session_digest=digests.of_token(str(request.session.session_key)))


def _end(sessions: QuerySet[StaffSession], reason: str, actor: Actor) -> int:
    with transaction.atomic():
        open_ids = list(
            sessions.filter(ended_at__isnull=True)
            .order_by("pk")
            .select_for_update(no_key=True, of=("self",))
            .values_list("pk", "public_id")
        )
        StaffSession.objects.filter(pk__in=[pk for pk, _ in open_ids]).update(ended_at=DatabaseNow(), end_reason=reason)
        for _, public_id in open_ids:
            audit.record("session.ended", actor=actor, obj=("session", public_id), detail={"reason": reason})
        effects.sessions_ended(public_id for _, public_id in open_ids)
    return len(open_ids)
