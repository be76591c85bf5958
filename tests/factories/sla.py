"""SLA policies that hold, for tests."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accounts.models import Staff
from tests.factories.accounts import StaffFactory
from tickets.models import SlaPolicy, SlaPolicyVersion, Ticket
from tickets.services import sla_policies

PRIORITIES = ("low", "normal", "high", "urgent")
MINUTE = timedelta(minutes=1)
# The promises of `policy`, in minutes.
FIRST, NEXT, RESOLUTION, UPDATE = 30, 60, 480, 120


def same_for_all(minutes: Mapping[str, int]) -> dict[str, dict[str, int]]:
    return {metric: dict.fromkeys(PRIORITIES, target) for metric, target in minutes.items()}


def draft(name: str = "Standard", *, targets: dict[str, dict[str, int]] | None = None, **more: Any) -> SlaPolicyVersion:
    owner, _is_new = SlaPolicy.objects.get_or_create(name=name)
    promised = {"first_response": FIRST, "next_response": NEXT, "resolution": RESOLUTION, "update_every": UPDATE}
    values = {"pauses_in": ["pending", "on_hold"], "targets": targets or same_for_all(promised)} | more
    return SlaPolicyVersion.objects.create(policy=owner, **values)


def policy(name: str = "Standard", *, by: Staff | None = None, **more: Any) -> SlaPolicyVersion:
    """Return a version that holds from now on."""
    version = draft(name, **more)
    by = by or Staff.objects.filter(role="admin").first() or StaffFactory.create(role="admin")
    sla_policies.put_into_force(version=version, by=by)
    version.refresh_from_db()
    return version


def told(ticket: Ticket) -> list[tuple[str, str]]:
    """Return what the timeline says of its clocks."""
    found = ticket.messages.filter(event__startswith="sla_").order_by("seq")
    return [(one.event.removeprefix("sla_"), one.event_data["metric"]) for one in found]
