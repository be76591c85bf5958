"""What is kept to begin with, checklists and ticket templates: making, changing and putting them away."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from tickets.models import ChecklistTemplate, TicketTemplate
from tickets.services import errors

MOST = 50
K = TypeVar("K", ChecklistTemplate, TicketTemplate)


class TooManyKept(errors.Refused):
    """The scope is full."""

    code = "too_many_kept"
    message = _("There are as many here as fit. Put one away first.")


def add(
    model: type[K], *, by: Staff, fields: Mapping[str, Any], is_shared: bool = False, team: Team | None = None
) -> K:
    """Keep one: one's own, or shared with a team, or without one with everybody. Raises Refused, TooManyKept."""
    if not by.has(Permission.TICKET_UPDATE) or (is_shared and not _may_share(by, team)):
        raise errors.Refused
    team = team if is_shared else None
    with transaction.atomic():
        # Who makes two at once waits here.
        Staff.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        beside = model.objects.filter(archived_at__isnull=True, is_shared=is_shared)
        if (beside.filter(team=team) if is_shared else beside.filter(owner=by)).count() >= MOST:
            raise TooManyKept
        row = model.objects.create(owner=by, team=team, is_shared=is_shared, **fields)
        audit.record(
            f"{_kind(model)}.created",
            actor=by.actor,
            obj=(_kind(model), row.public_id),
            fields=sorted(fields),
            detail={"scope": row.scope, "team": team.public_id if team else None},
        )
    return row


def change(row: K, *, by: Staff, fields: Mapping[str, Any]) -> K:
    """Change what one says; whose it is, is for good. Raises Refused."""
    model = type(row)
    with transaction.atomic():
        locked = _locked(row, by)
        changed = {name: value for name, value in fields.items() if getattr(locked, name) != value}
        if changed:
            model.objects.filter(pk=locked.pk).update(**changed)
            for name, value in changed.items():
                setattr(locked, name, value)
            audit.record(
                f"{_kind(model)}.changed", actor=by.actor, obj=(_kind(model), row.public_id), fields=sorted(changed)
            )
    return locked


def archive(row: K, *, by: Staff) -> None:
    """Put one away, for all who had it; what was begun with it stays. Raises Refused."""
    model = type(row)
    with transaction.atomic():
        model.objects.filter(pk=_locked(row, by).pk).update(archived_at=DatabaseNow())
        audit.record(
            f"{_kind(model)}.archived", actor=by.actor, obj=(_kind(model), row.public_id), fields=["archived_at"]
        )


def record_values(row: TicketTemplate, *, by: Staff) -> None:
    """Record that what custom fields begin with has changed."""
    kind = _kind(TicketTemplate)
    audit.record(f"{kind}.changed", actor=by.actor, obj=(kind, row.public_id), fields=["values"])


def _locked(row: K, by: Staff) -> K:
    found = type(row).objects.editable_by(by).select_for_update(of=("self",), no_key=True).filter(pk=row.pk).first()
    if found is None:
        raise errors.Refused
    return found


def _may_share(by: Staff, team: Team | None) -> bool:
    is_seen = team is None or Team.objects.visible_to(by).filter(pk=team.pk).exists()
    return by.has(Permission.CANNED_MANAGE) and is_seen


def _kind(model: type[K]) -> str:
    return str(model._meta.model_name)
