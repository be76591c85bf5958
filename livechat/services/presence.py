"""Presence: saying it, a lead setting it, and the signs of life that it needs."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Presence, Staff
from accounts.permissions import Permission
from core import audit
from core.audit import SYSTEM, Actor
from core.clock import DatabaseNow, from_now
from livechat import effects
from livechat.models import Offer
from security.models import StaffSession
from tickets.services import errors

State = Presence.State
# With no desk open for so long one is no longer at work.
OFFLINE_AFTER = timedelta(minutes=15)
ACTIVE_EVERY = timedelta(seconds=30)
BATCH = 100


def say(*, person: Staff, state: str) -> Presence:
    """Set one's own presence; who is not online is rung no more. Raises Refused for whoever may not answer."""
    return _set(person, state, Presence.Reason.OWN, person.actor)


def force(*, person: Staff, state: str, by: Staff) -> Presence:
    """Set a colleague's presence, as a lead; they may change it again. Raises Refused."""
    if not by.has(Permission.CHAT_LEAD):
        raise errors.Refused
    return _set(person, state, Presence.Reason.FORCED if by != person else Presence.Reason.OWN, by.actor)


def active(*, person: Staff) -> None:
    """Note that somebody is at the keyboard, at most every thirty seconds; who was idle can be rung again."""
    is_due = Q(active_at__isnull=True) | Q(active_at__lt=from_now(-ACTIVE_EVERY))
    if Presence.objects.filter(is_due, staff=person).update(active_at=DatabaseNow()):
        effects.routing_due()


def heard_from(sessions: Collection[int]) -> None:
    """Note that these sessions (by pk) have an open socket; called by the rounds of the desk's sockets.

    Of those who are offline too: what they still have in hand stays theirs as long as their desk is open.
    """
    people = StaffSession.objects.filter(pk__in=sessions).values("staff_id")
    Presence.objects.filter(staff__in=people).update(seen_at=DatabaseNow())


def sweep() -> int:
    """Set those offline who have signed out, or had no desk open for 15 minutes; returns how many."""
    there = Presence.objects.exclude(state=State.OFFLINE)
    ended = StaffSession.objects.filter(staff=OuterRef("staff"), ended_at__gte=OuterRef("changed_at"))
    living = StaffSession.objects.living().filter(staff=OuterRef("staff"))
    left = there.filter(Exists(ended)).exclude(Exists(living))
    silent = there.filter(seen_at__lt=from_now(-OFFLINE_AFTER))
    return _set_offline(left, Presence.Reason.LEFT) + _set_offline(silent, Presence.Reason.SILENT)


def _set_offline(gone: QuerySet[Presence], reason: str) -> int:
    count = 0
    for staff in Staff.objects.filter(presence__in=gone).order_by("pk")[:BATCH]:
        with transaction.atomic():
            # Whether it is still so is decided by the row that is locked.
            still = locked(staff, only=gone)
            if still is not None:
                change(row=still, state=State.OFFLINE, reason=reason, actor=SYSTEM)
                count += 1
    return count


def locked(staff: Staff, *, only: QuerySet[Presence] | None = None) -> Presence | None:
    """Lock a person's row FOR NO KEY UPDATE and return it; past one that is held by another when narrowed by `only`.

    Lock order: presence, offer, then what tickets lock, chat.
    """
    rows = Presence.objects.all() if only is None else only
    mine = rows.filter(staff=staff).select_related("staff")
    return mine.select_for_update(of=("self",), no_key=True, skip_locked=only is not None).first()


def change(*, row: Presence, state: str, reason: str, actor: Actor) -> None:
    """Write a locked row's state; rings of whoever is not online end, and the next are rung."""
    before, row.state, row.reason = row.state, state, reason
    now = {"changed_at": DatabaseNow(), "idle_since": DatabaseNow()}
    # Who says it is there; what others say of them is no sign of life.
    signs = {"seen_at": DatabaseNow(), "active_at": DatabaseNow()} if reason == Presence.Reason.OWN else {}
    Presence.objects.filter(pk=row.pk).update(state=state, reason=reason, **now, **signs)
    detail = {"from": before, "to": state, "reason": reason}
    audit.record("presence.changed", actor=actor, obj=("presence", row.public_id), fields=["state"], detail=detail)
    if state != State.ONLINE:
        _withdraw_ring(row, actor)
    effects.console_changed(row.public_id)
    effects.routing_due()
    if state == State.ONLINE:
        effects.somebody_came()


def _set(person: Staff, state: str, reason: str, actor: Actor) -> Presence:
    if state not in State.values or not person.has(Permission.TICKET_REPLY):
        raise errors.Refused
    known = [person.locale] if person.locale in dict(settings.LANGUAGES) else [settings.LANGUAGE_CODE]
    with transaction.atomic():
        row = locked(person)
        if row is None:
            Presence.objects.bulk_create([Presence(staff=person, languages=known)], ignore_conflicts=True)
            row = locked(person)
        if row is None:  # it was there a statement ago, and nobody may delete it
            raise errors.Refused
        if (row.state, row.reason) != (state, reason):
            change(row=row, state=state, reason=reason, actor=actor)
    return row


def _withdraw_ring(row: Presence, actor: Actor) -> None:
    for offer in Offer.objects.open().filter(staff=row.staff).select_related("chat", "staff"):
        over = {"state": Offer.State.WITHDRAWN, "settled_at": DatabaseNow()}
        if Offer.objects.open().filter(pk=offer.pk).update(**over):
            audit.record("chat.ring_withdrawn", actor=actor, obj=("chat", offer.chat.public_id), fields=["state"])
            effects.offer_ended(offer)
