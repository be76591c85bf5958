"""Proactive messages: which one a visitor is shown now, if any, and what they did with it. Caps are the database's."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, QuerySet, Value

from accounts.models import Presence
from core import clock
from core.clock import DatabaseNow, from_now
from livechat import paths
from livechat.models import Chat, ProactiveMessage, ProactiveShow, Visitor
from livechat.selectors.hours import calendar_of
from livechat.selectors.prechat import said
from tickets.models import Ticket
from tickets.services import timeline

# A conversation that begins this long after a message was opened began with it.
BEGINS_WITHIN = timedelta(hours=1)
_DAY = timedelta(days=1)
_CAPPED = "livechat_proactiveshow_capped"
Who, Visits = ProactiveMessage.Who, ProactiveMessage.Visits


def offer(*, visitor: Visitor, path: str, stayed_s: int) -> ProactiveShow | None:
    """Choose what this visitor is shown on this page after so many seconds there, and note that it is shown.

    None when nothing fits, or when they were shown enough: each message once in its days, so many a day in all, never
    again once dismissed, and none while they talk to us. Where the exchange has proven who they are, all of their
    browsers count together.
    """
    for message in _fitting(visitor, path, stayed_s):
        show = ProactiveShow(
            message=message, visitor=visitor, text=said(message.text, message.text_zh_hans, visitor.locale)
        )
        try:
            with transaction.atomic():
                show.save(force_insert=True)
        except IntegrityError as error:
            if _constraint(error) != _CAPPED:
                raise
            continue
        return show
    return None


def open_shown(*, show: ProactiveShow) -> None:
    """Note that the visitor opened the chat on it."""
    ProactiveShow.objects.filter(pk=show.pk, opened_at__isnull=True).update(opened_at=DatabaseNow())


def dismiss(*, show: ProactiveShow) -> None:
    """Note that the visitor does not want to see this message again."""
    ProactiveShow.objects.filter(pk=show.pk, dismissed_at__isnull=True).update(dismissed_at=DatabaseNow())


def begin(*, chat: Chat, ticket: Ticket) -> ProactiveShow | None:
    """Tie a conversation that has just begun to the message its visitor opened it on, and say so on the timeline.

    Inside the caller's transaction, behind the visitor's lock.
    """
    opened = ProactiveShow.objects.filter(
        visitor=chat.visitor_id, opened_at__gt=from_now(-BEGINS_WITHIN), chat__isnull=True
    )
    show = opened.select_related("message").order_by("-opened_at").first()
    if show is None:
        return None
    ProactiveShow.objects.filter(pk=show.pk).update(chat=chat)
    event = timeline.event_row("chat_proactive", {"message": show.message.public_id})
    # What they had read before they wrote.
    event.text = show.text
    timeline.append(timeline.lock(ticket), event, is_public=False)
    return show


def _fitting(visitor: Visitor, path: str, stayed_s: int) -> list[ProactiveMessage]:
    """Return what is for this visitor here and now and not capped, in its order; the database looks at caps again."""
    found = ProactiveMessage.objects.current().filter(
        Q(languages=[]) | Q(languages__contains=[visitor.locale]),
        inbox=visitor.inbox_id,
        after_s__lte=stayed_s,
        who__in=_kinds(visitor),
    )
    here = [one for one in found.order_by("priority", "pk") if any(paths.matches(like, path) for like in one.paths)]
    if not here:
        return []
    browsers = _browsers(visitor)
    talked = Chat.objects.filter(visitor__in=browsers)
    if talked.filter(ended_at__isnull=True).exists():
        return []
    not_for = Visits.NEW if talked.exists() else Visits.RETURNING
    here = [one for one in here if one.visits != not_for]
    if any(one.is_attended_only for one in here) and not _is_attended(visitor):
        here = [one for one in here if not one.is_attended_only]
    return _not_capped(here, browsers, visitor)


def _not_capped(
    messages: list[ProactiveMessage], browsers: QuerySet[Visitor], visitor: Visitor
) -> list[ProactiveMessage]:
    """Leave out what the database would refuse now, so that it is not asked in vain."""
    shows = ProactiveShow.objects.filter(visitor__in=browsers)
    if shows.filter(shown_at__gt=from_now(-_DAY)).count() >= visitor.inbox.proactive_per_day:
        return []
    pause = F("message__every_days") * Value(_DAY, output_field=DurationField())
    lately = Q(shown_at__gt=ExpressionWrapper(DatabaseNow() - pause, output_field=DateTimeField()))
    enough = shows.filter(Q(dismissed_at__isnull=False) | lately, message__in=messages)
    had = set(enough.values_list("message_id", flat=True))
    return [one for one in messages if one.pk not in had]


def _kinds(visitor: Visitor) -> tuple[str, ...]:
    if visitor.session is None:
        return (Who.ANYBODY, Who.ANONYMOUS)
    return (Who.ANYBODY, Who.PROVEN, *(() if "mfa" in visitor.session.amr else (Who.NO_MFA,)))


def _browsers(visitor: Visitor) -> QuerySet[Visitor]:
    if visitor.customer_id is None:
        return Visitor.objects.filter(pk=visitor.pk)
    return Visitor.objects.filter(customer=visitor.customer_id)


def _is_attended(visitor: Visitor) -> bool:
    there = Presence.objects.reachable().serving(team=visitor.inbox.team_id, language=visitor.locale)
    return there.exists() and calendar_of(visitor.inbox).is_open(clock.now())


def _constraint(error: IntegrityError) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", ""))
