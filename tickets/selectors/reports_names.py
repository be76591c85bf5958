"""What the groups of reports are called, and how a group leads to its cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Staff, Team
from tickets.models import SlaPolicy, Topic
from tickets.models.channel import Channel
from tickets.models.ticket import Priority
from tickets.reports.asked import NONE
from tickets.sla.vocabulary import Metric


@dataclass(frozen=True, slots=True)
class Named:
    """One group: what it is called, and the value that a question is narrowed by."""

    name: str
    value: str


def teams() -> dict[Any, Named]:
    """Return every team by key, and cases without one as None."""
    rows = Team.objects.order_by("name").values_list("pk", "name", "public_id")
    return {**{pk: Named(name, public_id) for pk, name, public_id in rows}, None: Named(_("No team"), NONE)}


def policies() -> dict[Any, Named]:
    """Return every policy by key."""
    rows = SlaPolicy.objects.order_by("name").values_list("pk", "name", "public_id")
    return {pk: Named(name, public_id) for pk, name, public_id in rows}


def topics() -> dict[Any, Named]:
    """Return every topic by key with its heading, and cases without one as None."""
    rows = Topic.objects.select_related("parent").order_by("parent__name", "name")
    named = {one.pk: Named(f"{one.parent} › {one}" if one.parent else str(one), one.slug) for one in rows}
    return {**named, None: Named(_("No topic"), NONE)}


def chosen(values: type[Channel] | type[Priority] | type[Metric]) -> dict[Any, Named]:
    """Return the values of a closed choice."""
    return {value: Named(str(label), value) for value, label in values.choices}


def groups(name: str) -> Mapping[Any, Named]:
    """Return the groups of a name that a report is broken down by."""
    closed: dict[str, Any] = {"channel": Channel, "priority": Priority, "metric": Metric}
    if name in closed:
        return chosen(closed[name])
    return {"team": teams, "policy": policies, "topic": topics}[name]()


def filters(person: Staff) -> list[dict[str, Any]]:
    """Return what a report can be narrowed by, as the form shows it."""
    seen = set(Team.objects.visible_to(person).values_list("pk", flat=True))
    visible = [named for pk, named in teams().items() if pk is None or pk in seen]
    return [
        {"name": "team", "label": _("Team"), "options": visible},
        {"name": "channel", "label": _("Channel"), "options": list(groups("channel").values())},
        {"name": "policy", "label": _("SLA policy"), "options": list(groups("policy").values())},
        {"name": "priority", "label": _("Priority"), "options": list(groups("priority").values())},
    ]
