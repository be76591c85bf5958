"""Visitors: starting, knowing again, ending."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core import audit
from core.clock import DatabaseNow, from_now, seems_older
from livechat import effects
from livechat.models import ChatInbox, Visitor, VisitorKey
from security import digests
from security.models import CustomerSession
from security.services import customer_sessions

LIFE = timedelta(days=30)
TOUCH_EVERY = timedelta(hours=1)
HERE_EVERY = timedelta(seconds=45)
TOKEN_BYTES = 32


class OriginNotAllowed(Exception):
    """The inbox is not to be embedded there."""


@dataclass(frozen=True, slots=True)
class Started:
    """A new visitor, and the token for their browser, which is kept nowhere else."""

    visitor: Visitor
    token: str


def start(*, inbox: ChatInbox, origin: str, locale: str, session: CustomerSession | None) -> Started:
    """Start a visitor whose token counts in this inbox, embedded by this origin, for 30 days after its last use.

    With a living portal session the visitor is its customer, and ends with it. Raises OriginNotAllowed.
    """
    if not inbox.admits(origin):
        raise OriginNotAllowed
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        visitor = Visitor.objects.create(
            inbox=inbox,
            origin=origin,
            token_digest=digests.of_token(token),
            customer=session.customer if session else None,
            session=session,
            locale=locale[:16],
            here_at=DatabaseNow(),
            expires_at=from_now(LIFE),
        )
        audit.record(
            "visitor.started",
            actor=session.customer.actor if session else audit.ANONYMOUS,
            obj=("visitor", visitor.public_id),
            detail={"inbox": inbox.public_id, "proven": visitor.is_proven},
        )
    return Started(visitor, token)


def replace(*, former: Visitor | None, inbox: ChatInbox, origin: str, locale: str, session: CustomerSession) -> Started:
    """Start a visitor of this session's customer, in the place of who sat there before. Raises OriginNotAllowed."""
    with transaction.atomic():
        if former is not None:
            sign_out(visitor=former)
        return start(inbox=inbox, origin=origin, locale=locale, session=session)


def person_of(visitor: Visitor) -> str:
    """Return who a proven visitor is, in a word that means nothing elsewhere; '' for an anonymous one."""
    return visitor.customer.public_id if visitor.is_proven and visitor.customer else ""


def sign_out(*, visitor: Visitor) -> None:
    """End a visitor for good: the token counts no more, the session behind it ends, open sockets close.

    Their conversation stays with the desk.
    """
    with transaction.atomic():
        ended = Visitor.objects.filter(pk=visitor.pk, ended_at__isnull=True).update(ended_at=DatabaseNow())
        if not ended:
            return
        actor = visitor.customer.actor if visitor.customer else audit.ANONYMOUS
        audit.record("visitor.left", actor=actor, obj=("visitor", visitor.public_id), fields=["ended_at"])
        if visitor.session is not None:
            customer_sessions.end(session=visitor.session, reason="signed_out", actor=actor)
        effects.visitor_left(visitor)


@dataclass(frozen=True, slots=True)
class Shown:
    """A visitor's token as somebody shows it, in an inbox (by slug) and from an origin."""

    token: str
    inbox: str
    origin: str


def of_token(*, token: str, inbox: str, origin: str) -> Visitor | None:
    """Return the living visitor behind a token, if it is shown to its own inbox (by slug) from its own origin."""
    return of_tokens([Shown(token, inbox, origin)])[0]


def of_tokens(shown: Sequence[Shown]) -> list[Visitor | None]:
    """Return the same for each of these, by one statement for all that come from the sites that embed us."""
    digest_of = {one: digests.of_token(one.token) for one in shown if one.token}
    places = {(one.inbox, one.origin) for one in digest_of}
    mine = Visitor.objects.living().filter(token_digest__in=digest_of.values())
    if len(places) == 1:
        inbox, origin = next(iter(places))
        mine = mine.filter(inbox__slug=inbox, origin=origin)
    rows = mine.select_related("inbox", "customer", "session") if digest_of else ()
    found = {(row.token_digest, row.inbox.slug, row.origin): row for row in rows}
    return [found.get((digest_of.get(one, ""), one.inbox, one.origin)) or _of_key(one) for one in shown]


def _of_key(shown: Shown) -> Visitor | None:
    """Return the visitor behind the key of who came back by a mail's link: it counts on our own page alone."""
    if not shown.token or shown.origin != settings.SITE_URL:
        return None
    digest = digests.of_token(shown.token)
    keys = VisitorKey.objects.filter(token_digest=digest, origin=settings.SITE_URL, expires_at__gt=DatabaseNow())
    mine = Visitor.objects.living().filter(inbox__slug=shown.inbox, pk__in=keys.values("visitor"))
    return mine.select_related("inbox", "customer", "session").first()


def heard_from(visitors: Collection[int]) -> None:
    """Note that a page of these visitors (by pk) is open; called by the rounds of their sockets."""
    due = Q(here_at__isnull=True) | Q(here_at__lt=from_now(-HERE_EVERY))
    Visitor.objects.filter(due, pk__in=visitors).update(here_at=DatabaseNow())


def touch(*, visitor: Visitor) -> None:
    """Note that the visitor is there, at most once a minute, and once an hour let the token live on."""
    touch_all(visitors=[visitor])


def touch_all(*, visitors: Collection[Visitor]) -> None:
    """Do the same for several by the same statements."""
    silent = [one.pk for one in visitors if one.here_at is None or seems_older(one.here_at, HERE_EVERY)]
    if silent:
        heard_from(silent)
    # Saves a statement on most requests; that the hour has passed is decided by the database.
    old = [one.pk for one in visitors if seems_older(one.seen_at, TOUCH_EVERY)]
    if old:
        due = Visitor.objects.filter(pk__in=old, seen_at__lt=from_now(-TOUCH_EVERY))
        due.update(seen_at=DatabaseNow(), expires_at=from_now(LIFE))
