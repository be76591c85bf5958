"""API tokens: issue, use, revoke. The secret is shown once and kept as a hash."""

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import Staff
from core import audit
from core.audit import Actor
from core.clock import DatabaseNow, from_now, seems_older
from security import digests
from security.models import ApiToken

PREFIX = "ph_"
SHAPE = re.compile(r"ph_[A-Za-z0-9_-]{43}")
LIFE_DAYS = 90
TOUCH_EVERY = timedelta(minutes=1)


def issue(
    *, person: Staff, name: str, scopes: Iterable[str], actor: Actor, life_days: int = LIFE_DAYS
) -> tuple[ApiToken, str]:
    """Return a new token of `person` and its secret (`ph_` and 43 characters, 256 bits), readable only now."""
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            staff=person,
            name=name,
            digest=digests.of_token(secret),
            scopes=sorted(set(scopes)),
            expires_at=from_now(timedelta(days=life_days)),
        )
        audit.record(
            "api_token.issued",
            actor=actor,
            obj=("api_token", token.public_id),
            detail={"staff": person.public_id, "scopes": " ".join(token.scopes)},
        )
    return token, secret


def use(*, secret: str) -> ApiToken | None:
    """Return the living token of this secret with its person, freshly read; note the use at most once a minute."""
    if not SHAPE.fullmatch(secret):
        return None
    token = (
        ApiToken.objects.filter(
            digest=digests.of_token(secret),
            revoked_at__isnull=True,
            expires_at__gt=DatabaseNow(),
            staff__is_active=True,
        )
        .select_related("staff")
        .first()
    )
    # Saves a statement on most requests; that the minute has passed is decided by the database.
    if token is not None and (token.used_at is None or seems_older(token.used_at, TOUCH_EVERY)):
        ApiToken.objects.filter(Q(used_at__isnull=True) | Q(used_at__lt=from_now(-TOUCH_EVERY)), pk=token.pk).update(
            used_at=DatabaseNow()
        )
    return token


def revoke(*, token: ApiToken, actor: Actor) -> bool:
    """End a token; False when it was revoked before."""
    with transaction.atomic():
        ended = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=DatabaseNow())
        if ended:
            audit.record("api_token.revoked", actor=actor, obj=("api_token", token.public_id))
    return ended == 1


def revoke_all(*, person: Staff, actor: Actor) -> int:
    """End every token of a person who leaves; return how many were open."""
    living = ApiToken.objects.filter(staff=person, revoked_at__isnull=True)
    return sum(revoke(token=token, actor=actor) for token in living)
