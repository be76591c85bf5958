"""What waits now and who is there, in numbers alone: nothing about any customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Presence, Staff
from accounts.models.presence import SILENT_AFTER
from core import clock
from core.clock import from_now
from tickets.models import Message, SurveyAnswer, Ticket
from tickets.models.channel import Channel
from tickets.models.survey import SATISFIED
from tickets.reports.shapes import duration, percent
from tickets.selectors import assignment

SOON = timedelta(minutes=15)
# The oldest of what waits: the longest wait is among them.
MOST_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One large figure with its name; `tone` says whether somebody has to do something."""

    slug: str
    name: str
    value: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits in one channel, and for how long the first has."""

    channel: str
    number: int
    longest: str


@dataclass(frozen=True, slots=True)
class Wallboard:
    """One reading of it all."""

    at: datetime
    figures: tuple[Figure, ...]
    channels: tuple[Waiting, ...]


def reading(person: Staff) -> Wallboard:
    """Return how it stands now, for the tickets that `person` may see; six statements."""
    at = clock.now()
    visible = Ticket.objects.visible_to(person)
    channels, longest = _waiting(visible, at)
    due = visible.due().aggregate(
        soon=Count("pk", filter=Q(due_at__gt=at, due_at__lte=at + SOON)),
        missed=Count("pk", filter=Q(due_at__lte=at)),
    )
    people = _people()
    satisfied, answers = _ratings(visible, at)
    share = percent(satisfied, answers)
    figures = (
        Figure("waiting", _("Waiting now"), str(sum(one.number for one in channels))),
        Figure("longest", _("Longest wait"), duration(longest) if longest is not None else "–"),
        Figure("soon", _("Due within 15 minutes"), str(due["soon"]), "warn" if due["soon"] else ""),
        Figure("missed", _("Open and missed"), str(due["missed"]), "bad" if due["missed"] else ""),
        Figure("online", _("Agents online"), str(people["online"])),
        Figure("away", _("Agents away"), str(people["away"])),
        Figure("in-chat", _("Agents in chat"), str(people["in_chat"])),
        Figure("chats", _("Chats in hand"), str(people["chats"])),
        Figure("csat", _("Satisfied today"), "–" if share is None else _("%(number)s %%") % {"number": round(share)}),
    )
    return Wallboard(at, figures, channels)


def _waiting(visible: QuerySet[Ticket], at: datetime) -> tuple[tuple[Waiting, ...], float | None]:
    """Return what waits for us by channel, and how long the first of all has, in seconds."""
    waits = visible.filter(status__in=assignment.WAITING, is_spam=False, last_direction=Message.Direction.IN)
    counts = dict(waits.order_by().values_list("channel").annotate(number=Count("pk")))
    said = Message.objects.filter(ticket=OuterRef("pk"), kind=Message.Kind.REPLY)
    answered = said.filter(direction=Message.Direction.OUT, withdrawn_at__isnull=True).order_by("-seq").values("seq")
    asked = said.filter(direction=Message.Direction.IN, seq__gt=Coalesce(OuterRef("answered"), 0)).order_by("seq")
    oldest = waits.filter(pk__in=waits.order_by("pk").values("pk")[:MOST_LOOKED_AT])
    since = (
        oldest.annotate(answered=Subquery(answered[:1]))
        .annotate(since=Subquery(asked.values("created_at")[:1], output_field=DateTimeField()))
        .order_by()
        .values_list("channel")
        .annotate(first=Min(Coalesce(F("since"), F("created_at"))))
    )
    waited = {channel: max(0.0, (at - first).total_seconds()) for channel, first in since}
    shown = tuple(
        Waiting(str(label), counts.get(value, 0), duration(waited[value]) if value in waited else "–")
        for value, label in Channel.choices
    )
    return shown, max(waited.values(), default=None)


def _people() -> Mapping[str, int]:
    there = Presence.objects.filter(staff__is_active=True, seen_at__gt=from_now(-SILENT_AFTER))
    found: dict[str, Any] = there.aggregate(
        away=Count("pk", filter=Q(state__in=[Presence.State.AWAY, Presence.State.ON_CALL]))
    )
    chats = {"in_chat": 0, "chats": 0}
    if assignment.CHAT in assignment.in_hand:
        taken = assignment.with_taken(Presence.objects.all(), assignment.CHAT)
        chats = taken.aggregate(in_chat=Count("pk", filter=Q(taken__gt=0)), chats=Coalesce(Sum("taken"), 0))
    return {"online": Presence.objects.reachable().count(), **found, **chats}


def _ratings(visible: QuerySet[Ticket], at: datetime) -> tuple[int, int]:
    """Return how many customers were satisfied today, and how many answered, in the reader's time zone."""
    zone = timezone.get_current_timezone()
    today = datetime.combine(at.astimezone(zone).date(), time(), zone)
    rows = SurveyAnswer.objects.filter(answered_at__gte=today, survey__ticket__in=visible.values("pk"))
    found = rows.aggregate(answers=Count("pk"), satisfied=Count("pk", filter=Q(rating__gte=SATISFIED)))
    return int(found["satisfied"]), int(found["answers"])
