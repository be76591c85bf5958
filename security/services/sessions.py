"""Staff sessions: opening, keeping alive, ending. Every limit is measured by the database's clock."""

from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, login
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import Staff
from accounts.services import push_devices
from core import audit
from core.audit import Actor
from core.clock import DatabaseNow, from_now, seems_older
from core.compiled import Compiled, compiled, stand_in, stand_in_text
from security import client, digests, effects
from security.models import StaffSession

BACKEND = "django.contrib.auth.backends.ModelBackend"
TOUCH_EVERY = timedelta(minutes=1)
SESSION_COLUMNS: Final = tuple(field.attname for field in StaffSession._meta.concrete_fields)
STAFF_COLUMNS: Final = tuple(field.attname for field in Staff._meta.concrete_fields)


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
    limits = (settings.SESSION_IDLE_MIN, settings.SESSION_IDLE_SENSITIVE_MIN, settings.SESSION_ABSOLUTE_MIN)
    statement = _living_of_one(limits)
    digest, staff_pk = digests.of_token(str(stored.session_key)), int(stored[SESSION_KEY])
    rows = statement.run({stand_in_text(0): digest, stand_in(0): staff_pk}) if statement else []
    if not rows:
        return None
    session = _read(rows[0])
    is_same_password = constant_time_compare(stored.get(HASH_SESSION_KEY, ""), session.staff.get_session_auth_hash())
    return session if is_same_password else None


@lru_cache(maxsize=8)
def _living_of_one(_limits: tuple[int, int, int]) -> Compiled | None:
    """Every request asks this: Django's compiling took longer than the statement. Other limits, another statement."""
    found = (
        StaffSession.objects.living()
        .filter(session_digest=stand_in_text(0), staff_id=stand_in(0))
        .annotate(read=DatabaseNow())
    )
    return compiled(found.values_list(*SESSION_COLUMNS, *(f"staff__{name}" for name in STAFF_COLUMNS), "read"))


def _read(values: tuple[Any, ...]) -> StaffSession:
    behind_session = len(SESSION_COLUMNS)
    session = StaffSession.from_db("default", SESSION_COLUMNS, values[:behind_session])
    session.staff = Staff.from_db("default", STAFF_COLUMNS, values[behind_session:-1])
    session.read_at = values[-1]
    return session


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
        push_devices.end_all(person=person, actor=actor)
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
    with transaction.atomic():
        ended = _end(StaffSession.objects.filter(staff=session.staff_id).exclude(pk=session.pk), reason, actor)
        # Also those whose session has come to its end by itself.
        push_devices.end_all(person=session.staff, actor=actor, but_of=session.public_id)
    return ended


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
        push_devices.end_with_sessions(sessions=[public_id for _, public_id in open_ids], actor=actor)
        effects.sessions_ended(public_id for _, public_id in open_ids)
    return len(open_ids)
