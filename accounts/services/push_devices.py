"""Devices of staff that show notifications: turning on, turning off, and what ends them with a session."""

import hashlib
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from accounts.models import PushDevice, Staff
from core import audit
from core.audit import Actor

# Of one person; the one that was used longest ago makes room.
MOST = 10


def digest_of(endpoint: str) -> str:
    """Return what a browser is known by: SHA-256 of its address, in hexadecimal."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def turn_on(*, person: Staff, session: str, endpoint: str, browser_key: str, auth: str, name: str) -> PushDevice:
    """Show a person's notifications in this browser, from now on in nobody else's name; `session` is a public id."""
    digest = digest_of(endpoint)
    with transaction.atomic():
        locked = Staff.objects.select_for_update(no_key=True).get(pk=person.pk)
        _end(PushDevice.objects.filter(digest=digest), person.actor, "replaced")
        own = PushDevice.objects.filter(staff=locked).order_by(Coalesce("used_at", "created_at").desc())
        _end(PushDevice.objects.filter(pk__in=list(own.values_list("pk", flat=True)[MOST - 1 :])), person.actor, "room")
        device = PushDevice.objects.create(
            staff=locked,
            epoch=locked.session_epoch,
            session=session,
            endpoint=endpoint,
            digest=digest,
            browser_key=browser_key,
            auth=auth,
            name=name[:80],
        )
        audit.record("pushdevice.turned_on", actor=person.actor, obj=("pushdevice", device.public_id))
    return device


def turn_off(*, person: Staff, public_id: str) -> bool:
    """End one of a person's own; False when it is not there."""
    return _end(PushDevice.objects.filter(staff=person, public_id=public_id), person.actor, "turned_off") == 1


def seen(*, person: Staff, session: str, digest: str) -> bool:
    """Note under which session a browser works now, and return whether it is this person's.

    One that is somebody else's ends: whoever sits there now is not who asked for it.
    """
    with transaction.atomic():
        if PushDevice.objects.living().filter(staff=person, digest=digest).update(session=session):
            return True
        _end(PushDevice.objects.filter(digest=digest), person.actor, "another_person")
    return False


def end_with_sessions(*, sessions: Collection[str], actor: Actor) -> int:
    """End those that were last seen under these sessions, by public id."""
    return _end(PushDevice.objects.filter(session__in=sessions), actor, "session_ended") if sessions else 0


def end_all(*, person: Staff, actor: Actor, but_of: str = "") -> int:
    """End all of a person, but those last seen under one session (its public id)."""
    return _end(PushDevice.objects.filter(staff=person).exclude(session=but_of), actor, "sessions_ended")


def remove_gone() -> int:
    """Remove those whose push service says that they are gone."""
    return _end(PushDevice.objects.gone(), audit.SYSTEM, "gone")


def _end(found: QuerySet[PushDevice], actor: Actor, reason: str) -> int:
    with transaction.atomic():
        rows = list(found.order_by("pk").select_for_update(no_key=False).values_list("pk", "public_id"))
        PushDevice.objects.filter(pk__in=[pk for pk, _public_id in rows]).delete()
        for _pk, public_id in rows:
            told = {"reason": reason}
            audit.record("pushdevice.turned_off", actor=actor, obj=("pushdevice", public_id), detail=told)
    return len(rows)
