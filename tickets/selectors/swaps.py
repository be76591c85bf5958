"""Swaps of shifts: those that concern a person, and what of theirs and others' may be swapped."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Shift, ShiftSwap, Staff
from accounts.models.presence import ANSWERING_ROLES
from accounts.permissions import Permission
from core.clock import DatabaseNow, from_now

LISTED = 50
# How long what is over is still shown, and how far ahead shifts are offered in exchange.
SHOWN_FOR, AHEAD = timedelta(days=7), timedelta(days=60)
State = ShiftSwap.State
TONES = {State.APPROVED: "good", State.OFFERED: "warn", State.ACCEPTED: "warn"}


@dataclass(frozen=True, slots=True)
class SwapShown:
    """One swap as its reader sees it."""

    public_id: str
    by: str
    to: str
    offered: Shift
    wanted: Shift | None
    state: str
    tone: str
    decided_by: str
    may_answer: bool
    may_withdraw: bool
    may_decide: bool


def page(person: Staff) -> dict[str, Any]:
    """Return swaps of the person, for leads all of them, and whom and which shifts theirs may be swapped for."""
    leads = person.has(Permission.CHAT_LEAD)
    rows = ShiftSwap.objects.all() if leads else ShiftSwap.objects.filter(Q(by=person) | Q(to=person))
    standing = set(rows.standing().values_list("pk", flat=True)[:LISTED])
    lately = rows.filter(Q(pk__in=standing) | Q(changed_at__gt=from_now(-SHOWN_FOR)))
    listed = lately.select_related("by", "to", "offered", "wanted", "decided_by").order_by("-changed_at", "-pk")
    ahead = Shift.objects.standing().filter(starts_at__gt=DatabaseNow(), starts_at__lt=from_now(AHEAD))
    found: dict[str, Any] = {"swaps": [_shown(row, person, is_over=row.pk not in standing) for row in listed[:LISTED]]}
    if not ahead.filter(staff=person).exists():
        return found | {"colleagues": [], "theirs": []}
    colleagues = Staff.objects.filter(is_active=True, role__in=ANSWERING_ROLES).exclude(pk=person.pk)
    theirs = ahead.filter(staff__in=colleagues).select_related("staff").order_by("staff__name", "starts_at")
    return found | {"colleagues": list(colleagues.order_by("name")), "theirs": list(theirs[:LISTED])}


def of_id(public_id: str) -> ShiftSwap | None:
    """Return a swap by its public id."""
    rows = ShiftSwap.objects.select_related("by", "to", "offered", "wanted")
    return rows.filter(public_id=public_id).first()


def _shown(row: ShiftSwap, person: Staff, *, is_over: bool) -> SwapShown:
    undecided = row.state in {State.OFFERED, State.ACCEPTED}
    is_of_two = person.pk in {row.by_id, row.to_id}
    return SwapShown(
        public_id=row.public_id,
        by=row.by.name,
        to=row.to.name,
        offered=row.offered,
        wanted=row.wanted,
        state=_("Over: a shift has begun or was cancelled") if undecided and is_over else row.get_state_display(),
        tone="" if undecided and is_over else TONES.get(State(row.state), ""),
        decided_by=row.decided_by.name if row.decided_by else "",
        may_answer=not is_over and row.state == State.OFFERED and row.to_id == person.pk,
        may_withdraw=not is_over and row.by_id == person.pk,
        may_decide=not is_over and row.state == State.ACCEPTED and not is_of_two and person.has(Permission.CHAT_LEAD),
    )
