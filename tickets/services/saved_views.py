"""Saved views: making, changing, ordering and putting them away."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from core.storable_text import storable
from tickets.models import SavedView
from tickets.models.saved_view import Column, Grouping, SavedViewQuerySet, Sort, usual_columns
from tickets.search.conditions import read_conditions
from tickets.search.language import QueryError
from tickets.selectors.search_terms import meaning
from tickets.services import errors

MOST_OWN = 20
MOST_SHARED = 20


class BadConditions(errors.Refused):
    """Conditions that cannot be read; says which, and why."""

    code = "bad_conditions"

    def __init__(self, error: QueryError) -> None:
        """Keep what is wrong and where."""
        super().__init__(error.sentence)
        self.error = error


class TooManyViews(errors.Refused):
    """The scope is full."""

    code = "too_many_views"
    message = _("There are as many views here as fit. Put one away first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a view shows, and under which name."""

    name: str
    query: str = ""
    sort: str = Sort.ACTIVE_LAST
    grouping: str = Grouping.NONE
    columns: Sequence[str] = field(default_factory=usual_columns)


def add(*, by: Staff, wording: Wording, is_shared: bool = False, team: Team | None = None) -> SavedView:
    """Make a view: one's own, or shared with a team, or without one with everybody.

    Raises Refused for shared ones of whoever does not keep them, BadConditions, TooManyViews.
    """
    if not by.has(Permission.TICKET_VIEW):
        raise errors.Refused
    if is_shared and not (by.has(Permission.VIEW_SHARE) and _may_name(team, by)):
        raise errors.Refused
    fields = _fields(wording, by)
    team = team if is_shared else None
    with transaction.atomic():
        beside = _beside(is_shared=is_shared, team=team, owner=by)
        rows = beside.select_for_update(of=("self",), no_key=True).order_by("pk")
        taken = list(rows.values_list("position", flat=True))
        if len(taken) >= (MOST_SHARED if is_shared else MOST_OWN):
            raise TooManyViews
        position = max(taken, default=-1) + 1
        view = SavedView.objects.create(owner=by, team=team, is_shared=is_shared, position=position, **fields)
        audit.record(
            "savedview.created", actor=by.actor, obj=("savedview", view.public_id), fields=[*fields],
            detail={"scope": view.scope, "team": team.public_id if team else None},
        )  # fmt: skip
    return view


def change(*, view: SavedView, by: Staff, wording: Wording) -> None:
    """Change what a view shows; whose it is, is for good. Raises as `add`."""
    fields = _fields(wording, by)
    with transaction.atomic():
        locked = _locked(view, by)
        changed = [name for name, value in fields.items() if getattr(locked, name) != value]
        if changed:
            SavedView.objects.filter(pk=locked.pk).update(**fields)
            audit.record("savedview.changed", actor=by.actor, obj=("savedview", view.public_id), fields=changed)


def archive(*, view: SavedView, by: Staff) -> None:
    """Put a view away, for all who had it. Raises Refused."""
    with transaction.atomic():
        SavedView.objects.filter(pk=_locked(view, by).pk).update(archived_at=DatabaseNow())
        audit.record("savedview.archived", actor=by.actor, obj=("savedview", view.public_id), fields=["archived_at"])


def move(*, view: SavedView, by: Staff, is_up: bool) -> None:
    """Let a view and the one before or after it, of the same people, change places. Raises Refused."""
    with transaction.atomic():
        if not SavedView.objects.editable_by(by).filter(pk=view.pk).exists():
            raise errors.Refused
        beside = _beside(is_shared=view.is_shared, team=view.team, owner=view.owner)
        rows = sorted(
            beside.select_for_update(of=("self",), no_key=True).order_by("pk"), key=lambda row: (row.position, row.pk)
        )
        place = next((at for at, row in enumerate(rows) if row.pk == view.pk), None)
        if place is None:
            raise errors.Refused
        other = place + (-1 if is_up else 1)
        if not 0 <= other < len(rows):
            return
        rows[place], rows[other] = rows[other], rows[place]
        for position, row in enumerate(rows):
            if row.position != position:
                SavedView.objects.filter(pk=row.pk).update(position=position)
                audit.record("savedview.moved", actor=by.actor, obj=("savedview", row.public_id), fields=["position"])


def _may_name(team: Team | None, by: Staff) -> bool:
    return team is None or Team.objects.visible_to(by).filter(pk=team.pk).exists()


def _beside(*, is_shared: bool, team: Team | None, owner: Staff) -> SavedViewQuerySet:
    views = SavedView.objects.filter(archived_at__isnull=True, is_shared=is_shared)
    return views.filter(team=team) if is_shared else views.filter(owner=owner)


def _locked(view: SavedView, by: Staff) -> SavedView:
    rows = SavedView.objects.editable_by(by).select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=view.pk).first()
    if found is None:
        raise errors.Refused
    return found


def _fields(wording: Wording, by: Staff) -> dict[str, object]:
    try:
        query = read_conditions(storable(wording.query))
        meaning(query, by)
    except QueryError as error:
        raise BadConditions(error) from error
    is_known = wording.sort in Sort.values and wording.grouping in Grouping.values
    name = " ".join(storable(wording.name).split())
    if not is_known or not name or not set(wording.columns) <= set(Column.values):
        raise errors.Refused
    return {
        "name": name,
        "query": " ".join(term.piece for term in query.terms),
        "sort": wording.sort,
        "grouping": wording.grouping,
        "columns": [one for one in Column.values if one in set(wording.columns)],
    }
