"""Ringing again for rows whose bell was lost: the rows keep the promises, the broker only hurries them."""

from datetime import timedelta

from django.db import transaction

from core import doorbell, heartbeat
from core.clock import from_now
from tickets.models import OutboundMail, SocialPost
from tickets.selectors import overdue

BATCH = 200
# Younger rows are on their way through the queue.
LATE_S = 4.0
# An end that was to be told and has not been by then is taken again.
TELL_AGAIN_S = 60
# The next rounds ring again: bells that nobody has heard by then must not fill the queue before the rows of others.
RING_LASTS_S = 10.0
# With so many bells before the worker it has enough to do: more would only be one more thing to be thrown away.
ENOUGH = 200


def inbox() -> int:
    """Ring for stored mail and social events; returns how many rows."""
    found = overdue.inbound(late_s=LATE_S, limit=_room())
    _ring("tickets.ingest", found)
    events = overdue.social_events(late_s=LATE_S, limit=_room())
    _ring("tickets.social_ingest", events)
    heartbeat.beat("sweeper", detail=f"inbox: {len(found) + len(events)} late")
    return len(found) + len(events)


def outbox() -> int:
    """Ring for owed mail, system mail, social messages and unreported ends; returns how many rows."""
    room = _room()
    owed = overdue.outbound(late_s=LATE_S, limit=room)
    notices = overdue.notices(late_s=LATE_S, limit=room)
    ended = take_unreported(limit=room)
    _ring("tickets.deliver_email", owed)
    _ring("tickets.deliver_notice", notices)
    _ring("tickets.mail_settled", ended, lasts_s=TELL_AGAIN_S)
    posts = overdue.social_posts(late_s=LATE_S, limit=room)
    posts_ended = take_unreported_posts(limit=room)
    _ring("tickets.deliver_post", posts)
    _ring("tickets.post_settled", posts_ended, lasts_s=TELL_AGAIN_S)
    heartbeat.beat("sweeper", detail=f"outbox: {len(owed) + len(notices) + len(posts)} late")
    return len(owed) + len(notices) + len(ended) + len(posts) + len(posts_ended)


def take_unreported_posts(*, limit: int) -> list[int]:
    """Do for social messages what `take_unreported` does for mail."""
    with transaction.atomic():
        ids = overdue.unreported_posts(limit=limit)
        if ids:
            again = from_now(timedelta(seconds=TELL_AGAIN_S))
            SocialPost.objects.filter(pk__in=ids).update(next_attempt_at=again)
    return ids


def take_unreported(*, limit: int) -> list[int]:
    """Return ids of ends that nobody has been told, and put them back to the end of the line.

    So rows whose telling always fails never keep the others from their turn.
    """
    with transaction.atomic():
        ids = overdue.unreported(limit=limit)
        if ids:
            OutboundMail.objects.filter(pk__in=ids).update(next_attempt_at=from_now(timedelta(seconds=TELL_AGAIN_S)))
    return ids


def _room() -> int:
    """Return for how many rows of a kind there is something to gain by ringing."""
    return BATCH if doorbell.unheard() < ENOUGH else 0


def _ring(task: str, ids: list[int], *, lasts_s: float = RING_LASTS_S) -> None:
    """Ring for each, and stop at the first bell that does not sound: the rest would wait for a time-out each."""
    for pk in ids:
        if not doorbell.ring_now(task, pk, expires_s=lasts_s):
            return
