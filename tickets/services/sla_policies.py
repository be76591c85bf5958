"""SLA policies and calendars: putting a version into force, and what follows a changed calendar."""

from datetime import UTC, datetime

from django.db import transaction

from accounts.models import Staff
from core import audit
from core.clock import DatabaseNow
from tickets.models import SlaCalendar, SlaClock, SlaPolicyVersion
from tickets.models.sla_clock import OPEN
from tickets.services import errors


def put_into_force(*, version: SlaPolicyVersion, by: Staff, at: datetime | None = None) -> None:
    """Let a draft hold from now on, or from `at` (aware). Raises Refused for what is none any more.

    Cases that are opened, or that something changes about which policies ask, go by it from then on; clocks that run
    keep what was promised. Nobody changes it afterwards, and no moment in the past is taken: the database refuses both.
    """
    with transaction.atomic():
        is_mine = SlaPolicyVersion.objects.filter(pk=version.pk, applies_from__isnull=True).update(
            applies_from=at or DatabaseNow(), published_by=by
        )
        if not is_mine:
            raise errors.Refused
        # Kept here, too: a version that is taken back has no moment any more.
        audit.record(
            "slapolicyversion.put_into_force",
            actor=by.actor,
            obj=("slapolicyversion", version.public_id),
            detail={"from": at.astimezone(UTC).isoformat() if at else "now"},
        )


def take_back(*, version: SlaPolicyVersion, by: Staff) -> None:
    """Make a draft again of a version that does not hold yet. Raises Refused for any other; the database does, too."""
    with transaction.atomic():
        is_mine = SlaPolicyVersion.objects.filter(pk=version.pk, applies_from__gt=DatabaseNow()).update(
            applies_from=None, published_by=None
        )
        if not is_mine:
            raise errors.Refused
        audit.record("slapolicyversion.taken_back", actor=by.actor, obj=("slapolicyversion", version.public_id))


def calendar_changed(*, calendar: SlaCalendar) -> int:
    """Have the clocks that go by a changed calendar reckoned anew by the sweep; returns how many."""
    return SlaClock.objects.filter(OPEN, calendar=calendar).update(is_stale=True)
