"""The feed of one's own shifts: making its secret address, making another, and ending it."""

import secrets

from django.db import transaction

from accounts.models import ShiftFeed, Staff
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from security import digests
from tickets.services import errors

TOKEN_BYTES = 32


def make(*, by: Staff) -> str:
    """Return the token of a new address, shown this once; the one before opens nothing any more. Raises Refused."""
    if not by.has(Permission.TICKET_REPLY):
        raise errors.Refused
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        made = {"digest": digests.of_token(token), "made_at": DatabaseNow()}
        ShiftFeed.objects.update_or_create(staff=by, defaults=made)
        audit.record("shiftfeed.made", actor=by.actor, obj=("shiftfeed", by.public_id), fields=["digest"])
    return token


def end(*, by: Staff) -> bool:
    """End one's own address; False when there was none."""
    with transaction.atomic():
        if not ShiftFeed.objects.filter(staff=by).delete()[0]:
            return False
        audit.record("shiftfeed.ended", actor=by.actor, obj=("shiftfeed", by.public_id))
    return True
