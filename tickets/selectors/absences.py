"""Who is away when: one's own absences, what waits for a lead, and what the rota and its gaps go by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Absence, Staff
from accounts.permissions import Permission
from core.clock import DatabaseNow

LISTED = 100
AHEAD = (Absence.State.REQUESTED, Absence.State.GRANTED)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class AbsenceShown:
    """One absence, not over yet; `kind` is empty for whom it is not to read."""

    public_id: str
    name: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    is_granted: bool
    is_mine: bool
    may_decide: bool
    may_withdraw: bool


def spans(within: Span) -> dict[int, list[Span]]:
    """Return by person what of their absences that hold touches `within`, in order."""
    found: dict[int, list[Span]] = {}
    rows = Absence.objects.granted().filter(starts_at__lt=within[1], ends_at__gt=within[0]).order_by("starts_at")
    for staff, starts_at, ends_at in rows.values_list("staff", "starts_at", "ends_at"):
        found.setdefault(staff, []).append((starts_at, ends_at))
    return found


def page(person: Staff) -> dict[str, Any]:
    """Return what is not over: everybody's absences that hold, one's own requests, and for leads all of them."""
    leads = person.has(Permission.CHAT_LEAD)
    rows = Absence.objects.filter(state__in=AHEAD, ends_at__gt=DatabaseNow())
    if not leads:
        rows = rows.granted() | rows.filter(staff=person)
    listed = rows.select_related("staff").order_by("starts_at", "pk")[:LISTED]
    return {"absences": [_shown(row, person, leads=leads) for row in listed], "kinds": Absence.Kind.choices}


def of_id(public_id: str) -> Absence | None:
    """Return an absence by its public id."""
    return Absence.objects.filter(public_id=public_id).first()


def _shown(row: Absence, person: Staff, *, leads: bool) -> AbsenceShown:
    is_mine = row.staff_id == person.pk
    is_granted = row.state == Absence.State.GRANTED
    return AbsenceShown(
        public_id=row.public_id,
        name=row.staff.name,
        kind=row.get_kind_display() if is_mine or leads else "",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_granted=is_granted,
        is_mine=is_mine,
        may_decide=leads and not is_granted,
        may_withdraw=is_mine or (leads and is_granted),
    )
