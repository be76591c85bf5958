"""Checklists of cases: putting steps on, ticking them, ordering them, taking them off."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit, writes
from core.clock import DatabaseNow
from core.storable_text import storable
from security.redaction import redact
from tickets import effects
from tickets.models import ChecklistItem, ChecklistTemplate, Ticket
from tickets.models.checklist import LONGEST_ITEM, MOST_ITEMS
from tickets.models.ticket import Status
from tickets.services import errors, timeline


class NoSuchItem(errors.Refused):
    """It is not on this case's list any more."""

    code = "no_such_item"
    message = gettext_lazy("This is not on the checklist any more.")


class EmptyItem(errors.Refused):
    """A step says what is to be done."""

    code = "empty_item"
    message = gettext_lazy("Write what is to be done, in at most 200 characters.")


class TooManyItems(errors.Refused):
    """The list is full."""

    code = "too_many_items"
    message = gettext_lazy("A checklist has at most 50 items.")


class NeededItem(errors.Refused):
    """What must be done is not simply taken off."""

    code = "needed_item"
    message = gettext_lazy("This must be done to resolve the ticket: only leads take it off.")


class ItemsOpen(errors.Refused):
    """A case is resolved only when what must be done is done."""

    code = "items_open"
    message = gettext_lazy("Steps of the checklist that are needed to resolve the ticket are open.")

    def __init__(self, names: Sequence[str]) -> None:
        """Name them."""
        super().__init__(_("Still open on the checklist: %(names)s.") % {"names": "; ".join(names)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a template says: as many steps in Chinese as in English, or none."""

    name: str
    items: Sequence[str]
    name_zh_hans: str = ""
    items_zh_hans: Sequence[str] = ()
    is_needed: bool = False

    def fields(self) -> dict[str, object]:
        """Return it as it is kept. Raises EmptyItem, TooManyItems, Refused."""
        items, others = _steps(self.items), _steps(self.items_zh_hans)
        if not items:
            raise EmptyItem
        if others and len(others) != len(items):
            raise errors.Refused(_("Give as many items in Chinese as in English, or none."))
        name = " ".join(storable(self.name).split())
        if not name:
            raise errors.Refused(_("Give it a name."))
        return {
            "name": name,
            "name_zh_hans": " ".join(storable(self.name_zh_hans).split()),
            "items": items,
            "items_zh_hans": others,
            "is_needed": self.is_needed,
        }


def add_item(*, ticket: Ticket, text: str, by: Staff) -> ChecklistItem:
    """Put one step on the list of a case. Raises EmptyItem, TooManyItems, CaseClosed."""
    with transaction.atomic():
        locked = _open(ticket)
        said = _step(text)
        row = ChecklistItem(ticket=locked, text=said, position=_last(locked) + 1, added_by=by)
        _put(locked, [row])
        _tell(locked, "checklist_added", row, said, by)
    return row


def put_on(*, ticket: Ticket, template: ChecklistTemplate, by: Staff) -> None:
    """Put the steps of a template on a case, once.

    Raises Refused for one that they may not begin with, TooManyItems, CaseClosed.
    """
    with transaction.atomic():
        if not ChecklistTemplate.objects.usable_by(by).filter(pk=template.pk).exists():
            raise errors.Refused(_("That choice does not exist any more."))
        put_on_locked(ticket=_open(ticket), template=template, by=by)


def put_on_locked(*, ticket: Ticket, template: ChecklistTemplate, by: Staff | None) -> None:
    """Do the same on a locked case, or one that is being opened; `by` is nobody for what its topic puts there."""
    is_new = ticket.pk is None
    if not is_new and ChecklistItem.objects.filter(ticket=ticket, template=template).exists():
        return
    last = 0 if is_new else _last(ticket)
    others = template.items_zh_hans or [""] * len(template.items)
    rows = [
        ChecklistItem(
            ticket=ticket,
            template=template,
            text=text,
            text_zh_hans=other,
            position=last + place,
            is_needed=template.is_needed,
            added_by=by,
        )
        for place, (text, other) in enumerate(zip(template.items, others, strict=True), start=1)
    ]
    _put(ticket, rows, have=0 if is_new else None)
    event = timeline.event_row("checklist_added", {"template": template.public_id, "items": len(rows)}, by=by)
    event.text = template.name
    timeline.append(ticket, event, is_public=False)
    _record(ticket, "checklist_added", by, {"template": template.public_id, "items": len(rows)})
    if not is_new:
        effects.ticket_changed(ticket, ("checklist",))


def put_on_by_topic(*, ticket: Ticket, by: Staff | None) -> None:
    """Put the list of its topic on a locked case, or one that is being opened; a full list stays as it is."""
    if ticket.topic is None or ticket.topic.checklist_id is None:
        return
    template = ChecklistTemplate.objects.filter(pk=ticket.topic.checklist_id, archived_at__isnull=True).first()
    if template is not None:
        with suppress(TooManyItems):
            put_on_locked(ticket=ticket, template=template, by=by)


def tick(*, ticket: Ticket, item_id: str, is_done: bool, by: Staff) -> ChecklistItem:
    """Tick a step off, or open it again; wishing the same twice changes nothing. Raises NoSuchItem, CaseClosed."""
    with transaction.atomic():
        locked, row = _item(ticket, item_id)
        if (row.done_at is not None) == is_done:
            return row
        done = {"done_at": DatabaseNow(), "done_by": by} if is_done else {"done_at": None, "done_by": None}
        ChecklistItem.objects.filter(pk=row.pk).update(**done)
        _tell(locked, "checklist_ticked" if is_done else "checklist_unticked", row, row.text, by)
        row.refresh_from_db(fields=["done_at", "done_by"])
    return row


def move(*, ticket: Ticket, item_id: str, is_up: bool, by: Staff) -> None:
    """Let a step and the one before or after it change places. Raises NoSuchItem, CaseClosed."""
    with transaction.atomic():
        locked, row = _item(ticket, item_id)
        rows = list(_rows(locked))
        place = next(at for at, one in enumerate(rows) if one.pk == row.pk)
        other = place + (-1 if is_up else 1)
        if not 0 <= other < len(rows):
            return
        rows[place], rows[other] = rows[other], rows[place]
        for position, one in enumerate(rows, start=1):
            if one.position != position:
                ChecklistItem.objects.filter(pk=one.pk).update(position=position)
        _record(locked, "checklist_moved", by, {"item": row.public_id})
        effects.ticket_changed(locked, ("checklist",))


def remove(*, ticket: Ticket, item_id: str, by: Staff) -> None:
    """Take a step off. Raises NoSuchItem, NeededItem, CaseClosed."""
    with transaction.atomic():
        locked, row = _item(ticket, item_id)
        if row.is_needed and not by.has(Permission.CANNED_MANAGE):
            raise NeededItem
        ChecklistItem.objects.filter(pk=row.pk).update(removed_at=DatabaseNow(), removed_by=by)
        _tell(locked, "checklist_removed", row, row.text, by)


def check_resolvable(ticket: Ticket) -> None:
    """Refuse to resolve the locked case while something that must be done is open. Raises ItemsOpen."""
    if ticket.is_spam:
        return
    rows = _rows(ticket).filter(is_needed=True, done_at__isnull=True)
    is_chinese = get_language() == "zh-hans"
    if names := [(one.text_zh_hans if is_chinese else "") or one.text for one in rows]:
        raise ItemsOpen(names)


def _open(ticket: Ticket) -> Ticket:
    locked = timeline.lock(ticket)
    if locked.status == Status.CLOSED:
        raise errors.CaseClosed
    return locked


def _item(ticket: Ticket, item_id: str) -> tuple[Ticket, ChecklistItem]:
    locked = _open(ticket)
    row = _rows(locked).filter(public_id=item_id).first()
    if row is None:
        raise NoSuchItem
    return locked, row


def _rows(ticket: Ticket) -> QuerySet[ChecklistItem]:
    return ChecklistItem.objects.filter(ticket=ticket, removed_at__isnull=True).order_by("position", "pk")


def _last(ticket: Ticket) -> int:
    return max(_rows(ticket).values_list("position", flat=True), default=0)


def _put(ticket: Ticket, rows: Sequence[ChecklistItem], *, have: int | None = None) -> None:
    if (_rows(ticket).count() if have is None else have) + len(rows) > MOST_ITEMS:
        raise TooManyItems
    writes.insert(rows)


def _step(text: str) -> str:
    said = redact(" ".join(storable(text).split())).text
    if not said or len(said) > LONGEST_ITEM:
        raise EmptyItem
    return said


def _steps(texts: Sequence[str]) -> list[str]:
    found = [_step(text) for text in texts if text.strip()]
    if len(found) > MOST_ITEMS:
        raise TooManyItems
    return found


def _tell(ticket: Ticket, event: str, row: ChecklistItem, text: str, by: Staff) -> None:
    told = timeline.event_row(event, {"item": row.public_id}, by=by)
    told.text = text
    timeline.append(ticket, told, is_public=False)
    _record(ticket, event, by, {"item": row.public_id})
    effects.ticket_changed(ticket, ("checklist",))


def _record(ticket: Ticket, what: str, by: Staff | None, detail: dict[str, audit.Detail]) -> None:
    actor = timeline.actor_of(by)
    audit.record(f"ticket.{what}", actor=actor, obj=("ticket", ticket.public_id), fields=["checklist"], detail=detail)
