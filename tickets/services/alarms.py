"""Alarms: opened when a trouble lasts, told to the administrators by mail, closed when it is over, acknowledged."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Staff
from accounts.permissions import Role
from core import audit, clock, notices
from core.clock import DatabaseNow
from tickets import effects
from tickets.alarm_kinds import KINDS
from tickets.models import Alarm
from tickets.selectors import troubles
from tickets.selectors.troubles import Trouble

# One process looks at a time; the key is of this service alone.
LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('tickets.alarms'))"
# A trouble that nobody looked at for this long begins anew: the whole system may have been off.
UNSEEN_S = 60
TELL_AGAIN_S = 60 * 60
NOTICE = "alarm"


def look(*, judged: frozenset[str], redis: str = "") -> int:
    """Bring the alarms of the kinds `judged` in step with what is wrong; return how many are open.

    Called every few seconds by several processes that watch each other; one at a time does it. `redis`
    is the complaint of a caller who has asked Redis, empty when it answers.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK)
            if not cursor.fetchone()[0]:
                return 0
        now = clock.now()
        going_on = {
            (alarm.kind, alarm.about): alarm
            for alarm in Alarm.objects.going_on().filter(kind__in=judged).select_for_update(no_key=True)
        }
        found = troubles.found(judged=judged, redis=redis)
        opened = [alarm for trouble in found if (alarm := _seen(trouble, going_on, now)) is not None]
        over = [going_on[key] for key in going_on.keys() - {(trouble.kind, trouble.about) for trouble in found}]
        closed = _close(over, now)
        _tell(opened, closed, now)
        if closed or any(alarm.opened_at == now for alarm in opened):
            effects.alarms_changed()
        return len(opened)


def acknowledge(*, alarm: Alarm, by: Staff) -> bool:
    """Say that somebody takes care of it: no more mail about it until it is over. False when it was over or taken."""
    with transaction.atomic():
        taken = (
            Alarm.objects.open()
            .filter(pk=alarm.pk, acknowledged_at__isnull=True)
            .update(acknowledged_at=DatabaseNow(), acknowledged_by=by)
        )
        if taken:
            told = {"kind": alarm.kind}
            audit.record("alarm.acknowledged", actor=by.actor, obj=("alarm", alarm.public_id), detail=told)
            effects.alarms_changed()
    return bool(taken)


def _seen(trouble: Trouble, going_on: dict[tuple[str, str], Alarm], now: datetime) -> Alarm | None:
    """Note that a trouble is there; return its alarm once it has been for long enough."""
    alarm = going_on.get((trouble.kind, trouble.about))
    if alarm is None:
        alarm = Alarm.objects.create(
            kind=trouble.kind, about=trouble.about[:80], detail=trouble.detail[:300], noticed_at=now, seen_at=now
        )
    if alarm.opened_at is None and now - alarm.seen_at > timedelta(seconds=UNSEEN_S):
        alarm.noticed_at = now
    if alarm.opened_at is None and now - alarm.noticed_at >= timedelta(seconds=KINDS[trouble.kind].confirm_s):
        alarm.opened_at = now
    alarm.seen_at, alarm.detail = now, trouble.detail[:300]
    alarm.save(update_fields=["detail", "noticed_at", "seen_at", "opened_at"])
    return alarm if alarm.opened_at else None


def _close(over: Sequence[Alarm], now: datetime) -> list[Alarm]:
    """End what is over; return what had been an alarm. The rest had been too short for one and leaves no row."""
    closed = [alarm for alarm in over if alarm.opened_at]
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in closed]).update(closed_at=now)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in over if not alarm.opened_at]).delete()
    return closed


def _tell(opened: Sequence[Alarm], closed: Sequence[Alarm], now: datetime) -> None:
    """Mail what is new, what still goes on an hour later unless somebody took it, and what is over, all in one mail."""
    due = [alarm for alarm in opened if alarm.acknowledged_at is None and _may_tell(alarm, now)]
    over = [alarm for alarm in closed if alarm.told_at]
    if not due and not over:
        return
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in due]).update(told_at=now)
    with audit.together():
        for alarm in (*due, *over):
            audit.record("alarm.told", actor=audit.SYSTEM, obj=("alarm", alarm.public_id), detail={"kind": alarm.kind})
    for person in Staff.objects.filter(role=Role.ADMIN, is_active=True):
        with translation.override(person.locale):
            notices.send(
                kind=NOTICE, to=person.email, subject=_subject(due, over), body=_body(due, over), language=person.locale
            )


def _may_tell(alarm: Alarm, now: datetime) -> bool:
    """At most once an hour for the same trouble, however often it comes and goes."""
    told = Alarm.objects.filter(kind=alarm.kind, about=alarm.about, told_at__gt=now - timedelta(seconds=TELL_AGAIN_S))
    return not told.exists()


def _subject(due: Sequence[Alarm], over: Sequence[Alarm]) -> str:
    if due:
        more = len(due) - 1
        subject = ngettext("Alarm: %(first)s, and one more", "Alarm: %(first)s, and %(more)d more", more)
        return (subject if more else _("Alarm: %(first)s")) % {"first": _named(due[0]), "more": more}
    return _("All clear: %(first)s") % {"first": _named(over[0])}


def _body(due: Sequence[Alarm], over: Sequence[Alarm]) -> str:
    parts = [f"{_named(alarm)}\n{_detail(alarm)}{KINDS[alarm.kind].meaning}" for alarm in due]
    if over:
        parts.append("\n".join([_("All clear:"), *(f"- {_named(alarm)}" for alarm in over)]))
    address = settings.SITE_URL + reverse("desk:system")
    parts.append(_("State of the system, and acknowledging: %(address)s") % {"address": address})
    if due:
        ids = ", ".join(sorted({alarm.kind for alarm in due}))
        parts.append(_("What to do stands in docs/operations.md under: %(ids)s") % {"ids": ids})
    return "\n\n".join(parts)


def _named(alarm: Alarm) -> str:
    title = str(KINDS[alarm.kind].title)
    return f"{title} ({alarm.about})" if alarm.about else title


def _detail(alarm: Alarm) -> str:
    return f"{alarm.detail}\n" if alarm.detail else ""
