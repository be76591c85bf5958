"""Changing a case's properties: assignee, team, priority, topic, tags, language, spam."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core import audit, writes
from core.storable_text import storable
from security.redaction import redact
from tickets import effects
from tickets.models import Message, Tag, Ticket, Topic
from tickets.models.snooze import WokenBy
from tickets.models.ticket import Status
from tickets.services import checklists, errors, sla_clocks, snoozes, tagging, timeline

MOST_TAGS = 20
EventData = dict[str, str | int | None]
# Whoever gets a case finds it awake.
WAKES = frozenset({"assignee_id", "team_id"})
# What the conditions of SLA policies look at.
ASKED_BY_POLICIES = frozenset({"priority", "tags", "team_id", "language", "is_spam"})


def assign(*, ticket: Ticket, to: Staff | None, by: Staff | None, version: int | None = None) -> Ticket:
    """Give the case to `to`, or to nobody; `by` is nobody for what is assigned by itself.

    Raises StaleChange, CaseClosed, Refused for one who may not see it.
    """

    def told(locked: Ticket) -> EventData:
        # On the locked row: a case that has just moved to a restricted team is not given to an outsider.
        if to is not None and not (to.has(Permission.TICKET_REPLY) and _sees(to, locked)):
            raise errors.Refused
        return {"to": to.public_id if to else None}

    return _set(Change(ticket, "assignee_id", by, version), to.pk if to else None, "assignee_changed", told)


def move_to_team(*, ticket: Ticket, to: Team | None, by: Staff | None, version: int | None = None) -> Ticket:
    """Put the case into a team's queue; an assignee who cannot see it there loses it."""
    with timeline.locked(ticket) as mine:
        locked = _set(
            Change(mine, "team_id", by, version),
            to.pk if to else None,
            "team_changed",
            lambda locked: {
                "from": locked.team.public_id if locked.team else None,
                "to": to.public_id if to else None,
            },
        )
        if locked.assignee is not None and not _sees(locked.assignee, locked):
            change = Change(locked, "assignee_id", by, None)
            locked = _set(change, None, "assignee_changed", lambda _locked: {"to": None})
    return locked


def set_priority(*, ticket: Ticket, to: str, by: Staff | None, version: int | None = None) -> Ticket:
    """Change how urgent it is; `by` is nobody for what escalation raises."""
    change = Change(ticket, "priority", by, version)
    return _set(change, to, "priority_changed", lambda locked: {"from": locked.priority, "to": to})


def set_topic(*, ticket: Ticket, to: Topic | None, by: Staff | None, version: int | None = None) -> Ticket:
    """Say why the customer contacted us; headings cannot be chosen. `by` is nobody for what a bot was told."""
    if to is not None and to.parent_id is None:
        raise errors.Refused
    change = Change(ticket, "topic_id", by, version)

    is_new = False

    def told(locked: Ticket) -> EventData:
        nonlocal is_new
        is_new = True
        return {"from": locked.topic.slug if locked.topic else None, "to": to.slug if to else None}

    if to is None or to.checklist_id is None:
        return _set(change, to.pk if to else None, "topic_changed", told)
    with timeline.locked(ticket):
        locked = _set(change, to.pk, "topic_changed", told)
        if is_new:
            checklists.put_on_by_topic(ticket=locked, by=None)
    return locked


def set_language(*, ticket: Ticket, to: str, by: Staff, version: int | None = None) -> Ticket:
    """Correct the language."""
    change = Change(ticket, "language", by, version)
    return _set(change, to, "language_changed", lambda locked: {"from": locked.language, "to": to})


def set_spam(*, ticket: Ticket, is_spam: bool, by: Staff, version: int | None = None) -> Ticket:
    """Put the case aside as spam, or release it; nothing is deleted, and wishing the same twice changes nothing."""
    change = Change(ticket, "is_spam", by, version)
    return _set(change, is_spam, "spam_changed", lambda _locked: {"to": int(is_spam)})


def release_spam(*, tickets: Sequence[Ticket], by: Staff) -> int:
    """Put several cases back into the queues at once; return how many were spam."""
    released = 0
    with transaction.atomic():
        # By primary key: two people releasing at once lock in the same order.
        for ticket in sorted(tickets, key=lambda one: one.pk):
            if ticket.is_spam:
                set_spam(ticket=ticket, is_spam=False, by=by)
                released += 1
    return released


def set_message_language(*, message: Message, to: str, by: Staff) -> None:
    """Correct the language of one message."""
    with transaction.atomic():
        ticket = timeline.lock(message.ticket)
        before = ticket.messages.values_list("language", flat=True).get(pk=message.pk)
        Message.objects.filter(pk=message.pk).update(language=to)
        audit.record(
            "message.language_changed",
            actor=by.actor,
            obj=("ticket", ticket.public_id),
            fields=["language"],
            detail={"seq": message.seq, "from": before, "to": to},
        )
        effects.message_changed(ticket, message)


def set_tags(*, ticket: Ticket, names: Sequence[str], by: Staff, version: int | None = None) -> Ticket:
    """Replace the tags by `names` (lower-cased, at most 20); unknown ones are created. Raises Refused for a secret."""
    wanted = check_tags(names)[:MOST_TAGS]

    def apply(locked: Ticket) -> None:
        present = tagging.names(locked)
        added, removed = sorted(set(wanted) - present), sorted(present - set(wanted))
        tagging.take_off(locked, removed)
        tagging.put_on(locked, _tags(added))
        timeline.change(locked, {})
        data: EventData = {"added": ",".join(added), "removed": ",".join(removed)}
        timeline.append_event(locked, "tags_changed", data, by=by)

    def is_same(locked: Ticket) -> bool:
        return set(wanted) == tagging.names(locked)

    return _locked(Change(ticket, "tags", by, version), apply, skip=is_same)


def add_tags(*, ticket: Ticket, names: Sequence[str], by: Staff) -> Ticket:
    """Put tags beside those that are there. Raises as `set_tags`, Refused where more than 20 came of it."""
    with timeline.locked(ticket) as locked:
        wanted = tagging.names(locked) | set(check_tags(names))
        if len(wanted) > MOST_TAGS:
            raise errors.TooManyTags
        return set_tags(ticket=locked, names=sorted(wanted), by=by)


def remove_tags(*, ticket: Ticket, names: Sequence[str], by: Staff) -> Ticket:
    """Take tags off; those that are not there stay away. Raises as `set_tags`."""
    with timeline.locked(ticket) as locked:
        left = tagging.names(locked) - set(check_tags(names))
        return set_tags(ticket=locked, names=sorted(left), by=by)


def check_tags(names: Sequence[str]) -> list[str]:
    """Return tags as they are kept, in order. Raises Refused for a secret."""
    names = [storable(name) for name in names]
    if any(redact(name).findings for name in names):
        raise errors.Refused(_("A tag must not hold a card number, key or code."))
    return sorted({" ".join(name.lower().split())[:40] for name in names if name.strip()})


@dataclass(frozen=True, slots=True)
class Change:
    """A wish to change one field of one ticket; `version` is the one the person saw, None for whatever it is."""

    ticket: Ticket
    field: str
    by: Staff | None
    version: int | None


def _sees(person: Staff, ticket: Ticket) -> bool:
    """Whether `person` may see the locked ticket: one of a team that they see, which is read once for many alike."""

    def read() -> bool:
        writes.write_now()
        return Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()

    if not writes.are_updates_waiting():
        return Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()
    return writes.once(f"{person.pk} sees {ticket.team_id}", read)


def _tags(names: Sequence[str]) -> Sequence[Tag]:
    """Return the tags of these names; unknown ones are made."""

    def read() -> list[Tag]:
        if not names:
            return []
        Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
        return list(Tag.objects.filter(name__in=names))

    return writes.once(f"tags {','.join(names)}", read) if writes.are_updates_waiting() else read()


def _set(change: Change, value: object, event: str, data: Callable[[Ticket], EventData]) -> Ticket:
    """Set one column; `data` tells the event from the locked row as it was, and may refuse."""

    def apply(locked: Ticket) -> None:
        told = data(locked)
        left = (locked.team_id,) if change.field == "team_id" else ()
        timeline.change(locked, {change.field: value}, left=left)
        timeline.append_event(locked, event, told, by=change.by)
        if change.field in WAKES:
            snoozes.wake_locked(ticket=locked, why=WokenBy.COLLEAGUE, by=change.by)

    return _locked(change, apply, skip=lambda locked: getattr(locked, change.field) == value)


def _locked(change: Change, apply: Callable[[Ticket], None], *, skip: Callable[[Ticket], bool]) -> Ticket:
    """Lock, compare versions, apply, audit. Setting what is already set changes nothing."""
    name = change.field.removesuffix("_id")
    with timeline.locked(change.ticket) as locked:
        if skip(locked):
            return locked
        if locked.status == Status.CLOSED:
            raise errors.CaseClosed
        if change.version is not None and change.version != locked.version:
            raise errors.StaleChange
        apply(locked)
        if change.field in ASKED_BY_POLICIES:
            sla_clocks.reconsider(ticket=locked)
        actor = timeline.actor_of(change.by)
        audit.record(f"ticket.{name}_changed", actor=actor, obj=("ticket", locked.public_id), fields=[name])
    return locked
