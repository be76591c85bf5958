"""Customers' sessions at the portal: opening, keeping alive, ending. They grant nothing at the desk."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Customer
from core import audit
from core.audit import Actor
from core.clock import DatabaseNow, from_now, seems_older
from security import client, digests
from security.models import CustomerSession

TOUCH_EVERY = timedelta(minutes=1)
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just been opened, and the token for its cookie, which is kept nowhere else."""

    session: CustomerSession
    token: str


def open_session(
    *,
    request: HttpRequest,
    customer: Customer,
    auth_time: datetime,
    amr: tuple[str, ...],
    former: CustomerSession | None = None,
) -> Opened:
    """Open a session under a new token; inside the transaction that has used up the hand-off.

    `former`, the session that this browser had until now, ends.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        if former is not None:
            end(session=former, reason="replaced", actor=former.customer.actor)
        session = CustomerSession.objects.create(
            customer=customer,
            token_digest=digests.of_token(token),
            auth_time=auth_time,
            amr=list(amr),
            browser=client.browser(request),
            address=client.address(request),
        )
        audit.record(
            "portal.signed_in",
            actor=customer.actor,
            obj=("customer_session", session.public_id),
            detail={"amr": " ".join(amr)[:80]},
        )
    return Opened(session, token)


def of_token(*, token: str) -> CustomerSession | None:
    """Return the living session behind a cookie, its customer freshly read."""
    if not token:
        return None
    living = CustomerSession.objects.living().select_related("customer")
    return living.filter(token_digest=digests.of_token(token)).first()


def touch(*, session: CustomerSession) -> None:
    """Note that the customer is there, at most once a minute."""
    # Saves a statement on most requests; that the minute has passed is decided by the database.
    if seems_older(session.seen_at, TOUCH_EVERY):
        due = CustomerSession.objects.filter(pk=session.pk, seen_at__lt=from_now(-TOUCH_EVERY))
        due.update(seen_at=DatabaseNow())


def end(*, session: CustomerSession, reason: str, actor: Actor) -> bool:
    """End one session. False when it had ended before."""
    return _end(CustomerSession.objects.filter(pk=session.pk), reason, actor) == 1


def end_all(*, customer: Customer, reason: str, actor: Actor, keep: CustomerSession | None = None) -> int:
    """End every session of a customer but `keep`; return how many were open."""
    sessions = CustomerSession.objects.filter(customer=customer)
    return _end(sessions.exclude(pk=keep.pk) if keep else sessions, reason, actor)


def _end(sessions: QuerySet[CustomerSession], reason: str, actor: Actor) -> int:
    with transaction.atomic():
        open_ids = list(
            sessions.filter(ended_at__isnull=True)
            .order_by("pk")
            .select_for_update(no_key=True)
            .values_list("pk", "public_id")
        )
        CustomerSession.objects.filter(pk__in=[pk for pk, _ in open_ids]).update(
            ended_at=DatabaseNow(), end_reason=reason
        )
        for _, public_id in open_ids:
            audit.record(
                "portal.session_ended", actor=actor, obj=("customer_session", public_id), detail={"reason": reason}
            )
    return len(open_ids)
