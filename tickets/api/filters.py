"""Filters of the ticket list: these and no others, so that no column can be probed by name."""

import django_filters

from accounts.models import Staff
from tickets.models import Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import Priority, Status


class TicketFilter(django_filters.FilterSet):  # django-filter ships no types
    """`status`, `priority` and `channel` take several values; `assignee` takes an id, `none` or `me`."""

    # Not distinct: these are columns of the row itself, and DISTINCT would read every row before the first.
    status = django_filters.MultipleChoiceFilter(choices=Status.choices, distinct=False)
    priority = django_filters.MultipleChoiceFilter(choices=Priority.choices, distinct=False)
    channel = django_filters.MultipleChoiceFilter(choices=Channel.choices, distinct=False)
    team = django_filters.CharFilter(field_name="team__slug")
    tag = django_filters.CharFilter(field_name="tags__name")
    language = django_filters.CharFilter(field_name="language")
    assignee = django_filters.CharFilter(method="filter_assignee")
    updated_since = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def filter_assignee(
        self, tickets: "django_filters.filterset.QuerySet[Ticket]", _name: str, value: str
    ) -> "django_filters.filterset.QuerySet[Ticket]":
        """Filter by person."""
        if value == "none":
            return tickets.filter(assignee__isnull=True)
        person = self.request.user if self.request else None
        if value == "me" and isinstance(person, Staff):
            return tickets.filter(assignee=person)
        return tickets.filter(assignee__public_id=value)


KNOWN = frozenset({*TicketFilter.base_filters, "cursor", "page_size"})
