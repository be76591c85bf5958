"""The form of a saved view at the desk: conditions row by row, order, columns, and who sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Staff, Team
from accounts.permissions import Permission
from tickets.models import SavedView
from tickets.models.saved_view import Column, Grouping, Sort, usual_columns
from tickets.search.conditions import written
from tickets.search.language import CLOSED, MOST_TERMS, QueryError, read
from tickets.selectors import custom_fields
from tickets.services.saved_views import Wording

OWN, ALL = "own", "all"
# So many rows are there to be filled in beside those that are.
SPARE_ROWS = 3
FIELDS: Final = (
    ("status", _("Status")),
    ("priority", _("Priority")),
    ("assignee", _("Assignee")),
    ("team", _("Team")),
    ("topic", _("Topic")),
    ("tag", _("Tag")),
    ("channel", _("Channel")),
    ("language", _("Language")),
    ("is", pgettext_lazy("condition of a view", "State")),
    ("sla", _("Service level")),
    ("due", pgettext_lazy("condition of a view", "Due within")),
    ("waiting", pgettext_lazy("condition of a view", "Customer waits since")),
    ("created", pgettext_lazy("condition of a view", "Created within")),
    ("updated", pgettext_lazy("condition of a view", "Last activity within")),
    ("domain", _("Domain of the requester")),
    ("has", pgettext_lazy("condition of a view", "Has")),
)
SPANS: Final = ("1h", "4h", "1d", "7d", "30d", ">4h", ">1d", ">7d")


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as the form has it."""

    field: str = ""
    is_negated: bool = False
    value: str = ""
    is_wrong: bool = False


def rows_of(data: QueryDict) -> list[Row]:
    """Return the rows that were filled in."""
    lists = (data.getlist("field"), data.getlist("is"), data.getlist("value"))
    found = [Row(field, how == "not", value.strip()) for field, how, value in zip(*lists, strict=False)]
    return [row for row in found if row.field or row.value][:MOST_TERMS]


def query_of(rows: Sequence[Row]) -> str:
    """Return rows as a query. A row without a field is kept as words, which no view takes: the reader says so."""
    pieces = [written(row.field, row.value, is_negated=row.is_negated) if row.field else row.value for row in rows]
    return " ".join(pieces)


def rows_in(query: str) -> list[Row]:
    """Return a query as rows; none where it cannot be read, what was typed by hand stays in the address."""
    try:
        return [Row(term.operator, term.is_negated, term.value) for term in read(query).terms]
    except QueryError:
        return []


def fields() -> list[tuple[str, object]]:
    """Return what a condition may be about, custom fields among them."""
    return [*FIELDS, *((f"field.{key}", name) for key, name in custom_fields.names())]


def choices() -> list[tuple[str, Sequence[str]]]:
    """Return what may be chosen as a value, by field; other values are typed."""
    known: list[tuple[str, Sequence[str]]] = [
        (name, [value for value in values if (name, value) != ("has", "note")]) for name, values in CLOSED.items()
    ]
    known += [(name, SPANS) for name in ("due", "waiting", "created", "updated")]
    return [*known, ("assignee", ("me", "none")), ("team", ("mine", "none")), ("topic", ("none",)), ("tag", ("none",))]


class ViewForm(forms.Form):
    """Name, order, grouping, columns; whose it is, is said once."""

    name = forms.CharField(label=pgettext_lazy("name of a view", "Name"), max_length=60)
    scope = forms.ChoiceField(label=_("Who sees it"), choices=())
    sort = forms.ChoiceField(label=_("Order"), choices=Sort.choices, initial=Sort.ACTIVE_LAST)
    grouping = forms.ChoiceField(label=_("Grouping"), choices=Grouping.choices, required=False)
    columns = forms.MultipleChoiceField(label=_("Columns"), choices=Column.choices, required=False)

    def __init__(self, *args: object, person: Staff, view: SavedView | None = None, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.fields["columns"].initial = usual_columns()
        if view is not None:
            del self.fields["scope"]
            return
        scopes: list[tuple[str, object]] = [(OWN, _("Only for me"))]
        if person.has(Permission.VIEW_SHARE):
            scopes += [(ALL, _("Everybody"))]
            scopes += [(team.slug, team.name) for team in Team.objects.visible_to(person).order_by("name")]
        self.fields["scope"] = forms.ChoiceField(label=_("Who sees it"), choices=scopes)

    def wording(self, query: str) -> Wording:
        """Return what was filled in, with these conditions."""
        names = ("name", "sort", "grouping", "columns")
        return Wording(query=query, **{name: self.cleaned_data[name] for name in names})

    @property
    def is_shared(self) -> bool:
        """Whether it is for others, too."""
        return bool(self.cleaned_data["scope"] != OWN)

    @property
    def team(self) -> Team | None:
        """Return the team that was chosen, if one was."""
        return Team.objects.filter(slug=self.cleaned_data["scope"]).first() if self.is_shared else None
